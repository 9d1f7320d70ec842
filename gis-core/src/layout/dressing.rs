//! What a project lays over the plain network: which layers are shown and what is written on them. Read once, then handed
//! to as many pages as wanted.

use std::sync::Arc;

use crate::cartography::labels::{Annotations, ColumnTexts, LabelTexts};
use crate::cartography::layers::MapDocument;
use crate::error::Result;
use crate::model::ClassIndex;
use crate::project::Project;
use crate::schema::Schema;
use crate::text::Lang;

/// The map of a project as pages draw it.
#[derive(Clone)]
pub struct Dressing {
    pub document: MapDocument,
    pub annotations: Annotations,
    pub texts: Arc<dyn LabelTexts + Send + Sync>,
}

impl std::fmt::Debug for Dressing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dressing").finish_non_exhaustive()
    }
}

impl Dressing {
    /// The map kept with the project, and its annotations.
    ///
    /// # Errors
    /// The project file cannot be read.
    pub fn load(project: &Project, lang: Lang) -> Result<Self> {
        Self::with_document(project, MapDocument::load(project)?.document, lang)
    }

    /// A map that is not kept yet, as on the screen.
    ///
    /// # Errors
    /// The project file cannot be read.
    pub fn with_document(project: &Project, document: MapDocument, lang: Lang) -> Result<Self> {
        let annotations = Annotations::load(project)?;
        let texts = ColumnTexts::read(project, &document, &annotations, lang)?;
        Ok(Self {
            document,
            annotations,
            texts: Arc::new(texts),
        })
    }

    /// Classes that no visible layer shows.
    pub(super) fn hidden_classes(&self, schema: &Schema) -> Vec<ClassIndex> {
        let shown = self.document.layers();
        schema
            .class_indices()
            .filter(|class| {
                let key = &schema.class(*class).key;
                let mut layers = shown.iter().filter(|l| l.layer.class() == Some(key));
                !layers.any(|l| l.is_visible)
            })
            .collect()
    }
}
