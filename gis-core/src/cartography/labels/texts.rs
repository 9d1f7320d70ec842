//! What a label says, as placing and flags see it: a template and a feature go in, a text comes out.

use crate::ids::FeatureId;
use crate::model::ClassIndex;

/// Makes texts from attributes.
pub trait LabelTexts {
    /// `None` where there is nothing to say: no such feature, or a template that makes no sense.
    fn text(&self, class: ClassIndex, feature: FeatureId, template: &str) -> Option<String>;

    /// Whether a layer's filter lets a feature be shown.
    fn is_shown(&self, _class: ClassIndex, _feature: FeatureId, _filter: &str) -> bool {
        true
    }
}

impl<F: Fn(ClassIndex, FeatureId, &str) -> Option<String>> LabelTexts for F {
    fn text(&self, class: ClassIndex, feature: FeatureId, template: &str) -> Option<String> {
        self(class, feature, template)
    }
}
