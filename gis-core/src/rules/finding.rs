//! What a check has found: an issue with the rule it breaks, the features concerned and what would mend it.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::Rule;
use crate::edit::ops::Request;
use crate::ids::FeatureId;
use crate::issue::{Issue, Severity};
use crate::schema::Label;
use crate::text::Message;

/// One breach of one rule.
#[derive(Debug, Clone)]
pub struct Finding {
    pub rule: Rule,
    pub issue: Issue,
    /// Those it is about, the first foremost.
    pub features: Vec<FeatureId>,
    /// The best first.
    pub repairs: Vec<Repair>,
}

/// Something that makes a finding go away.
#[derive(Debug, Clone)]
pub struct Repair {
    /// Stable, such as `merge_nodes`; several repairs of a finding may share it.
    pub key: &'static str,
    pub label: Message,
    pub request: Request,
}

/// What a repair is about: a code, or a name of the schema.
pub(super) enum About<'a> {
    Text(&'a str),
    Label(Cow<'a, Label>),
}

impl About<'_> {
    fn of(&self, message: Message) -> Message {
        match self {
            Self::Text(text) => message.with("about", text),
            Self::Label(label) => message.with_each("about", &label.zh, &label.en),
        }
    }
}

impl<'a> From<&'a str> for About<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for About<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Label> for About<'a> {
    fn from(label: &'a Label) -> Self {
        Self::Label(Cow::Borrowed(label))
    }
}

impl From<Label> for About<'_> {
    fn from(label: Label) -> Self {
        Self::Label(Cow::Owned(label))
    }
}

impl Finding {
    pub(super) fn new(rule: Rule, severity: Severity, code: &str) -> Self {
        let message = Message::new(format!("rules.said.{}", rule.key())).with("code", code);
        Self {
            rule,
            issue: Issue::new(severity, message).on_code(code),
            features: Vec::new(),
            repairs: Vec::new(),
        }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.issue.message = self.issue.message.with(name, value);
        self
    }

    /// A name that the schema knows in each language.
    #[must_use]
    pub(super) fn with_label(mut self, name: &'static str, label: &Label) -> Self {
        self.issue.message = self.issue.message.with_each(name, &label.zh, &label.en);
        self
    }

    #[must_use]
    pub(super) fn at(mut self, place: Option<[f64; 2]>) -> Self {
        self.issue.place = place.filter(|p| p[0].is_finite() && p[1].is_finite());
        self
    }

    #[must_use]
    pub(super) fn on(mut self, features: &[FeatureId]) -> Self {
        self.features.extend_from_slice(features);
        self
    }

    #[must_use]
    pub(super) fn field(mut self, key: &str) -> Self {
        self.issue = self.issue.on_field(key);
        self
    }

    #[must_use]
    pub(super) fn mend<'a>(self, key: &'static str, about: impl Into<About<'a>>, request: Request) -> Self {
        self.mend_if(true, key, about, || request)
    }

    #[must_use]
    pub(super) fn mend_if<'a>(
        mut self,
        is_possible: bool,
        key: &'static str,
        about: impl Into<About<'a>>,
        request: impl FnOnce() -> Request,
    ) -> Self {
        if is_possible {
            self.repairs.push(Repair {
                key,
                label: about.into().of(Message::new(format!("rules.repair.{key}"))),
                request: request(),
            });
        }
        self
    }

    /// Names the finding for as long as its features are there: the rule with a hash of them.
    pub fn id(&self) -> String {
        let mut features = self.features.clone();
        features.sort_unstable();
        let mut hash = Sha256::new();
        for id in &features {
            hash.update(id.as_bytes());
        }
        hash.update(self.issue.field.as_deref().unwrap_or_default());
        let digest = hash.finalize();
        let mut name = format!("{}:", self.rule.key());
        for byte in &digest[..6] {
            name.extend(
                [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default()),
            );
        }
        name
    }
}
