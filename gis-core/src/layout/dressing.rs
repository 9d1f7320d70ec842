//! What a project lays over and under the plain network: layers with their filters and themes, pictures, what is written.
//! Read once, then handed to as many pages as wanted.

use std::sync::Arc;

use crate::cartography::backdrop::{Backdrop, TileShelf};
use crate::cartography::labels::{Annotations, ColumnTexts, LabelTexts};
use crate::cartography::layers::{LoadedMap, MapDocument, TopoBook};
use crate::cartography::thematic::{self, ClassColumns, Ramps, ThemedMap, wanted_fields};
use crate::crs::Crs;
use crate::error::Result;
use crate::io::topographic::folder_of;
use crate::io::zones::read_zones;
use crate::issue::{Issue, Issues, Severity};
use crate::model::ClassIndex;
use crate::network::Network;
use crate::progress::Progress;
use crate::project::Project;
use crate::schema::Schema;
use crate::text::Lang;

/// What is read of a project for its map, before it is applied to a network.
#[derive(Clone)]
pub struct MapMaterial {
    pub document: MapDocument,
    pub annotations: Annotations,
    pub texts: Arc<dyn LabelTexts + Send + Sync>,
    pub columns: ClassColumns,
    /// What was wrong with the document.
    pub issues: Issues,
}

impl std::fmt::Debug for MapMaterial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MapMaterial").finish_non_exhaustive()
    }
}

impl MapMaterial {
    /// The map kept with the project with the topographic maps beside it, and its annotations.
    ///
    /// # Errors
    /// The project file cannot be read.
    pub fn load(project: &Project, lang: Lang) -> Result<Self> {
        let mut map = MapDocument::load(project)?;
        TopoBook::load(project)?.show_in(&mut map.document, &folder_of(project.path()));
        Self::of(project, map, lang)
    }

    /// A map that is not kept yet, as on the screen or in a file.
    ///
    /// # Errors
    /// The project file cannot be read.
    pub fn of(project: &Project, map: LoadedMap, lang: Lang) -> Result<Self> {
        let LoadedMap { document, issues } = map;
        let annotations = Annotations::load(project)?;
        let texts = ColumnTexts::read(project, &document, &annotations, lang)?;
        let mut columns = ClassColumns::default();
        for (class, fields) in wanted_fields(&document, project.schema()) {
            columns.insert(class, project.columns(class, &fields)?);
        }
        Ok(Self {
            document,
            annotations,
            texts: Arc::new(texts),
            columns,
            issues,
        })
    }
}

/// The ground that a map lies on.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub network: &'a Network,
    pub schema: &'a Schema,
    pub crs: &'a Crs,
    /// Where tiles come from; without it base maps of tiles are left out, with an issue.
    pub tiles: Option<&'a Arc<dyn TileShelf>>,
}

/// The map of a project as pages draw it.
#[derive(Clone)]
pub struct Dressing {
    pub document: MapDocument,
    pub annotations: Annotations,
    pub texts: Arc<dyn LabelTexts + Send + Sync>,
    pub themed: ThemedMap,
    pub ramps: Ramps,
    pub backdrop: Backdrop,
    /// What is wrong with layers wherever they are drawn.
    pub issues: Issues,
}

impl std::fmt::Debug for Dressing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dressing").finish_non_exhaustive()
    }
}

impl Dressing {
    /// Applies filters and themes to a network and opens what lies under it. A layer that makes no sense becomes an issue
    /// and is drawn as usual.
    ///
    /// # Errors
    /// Cancelled.
    pub fn new(
        material: MapMaterial,
        ground: Ground<'_>,
        lang: Lang,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let MapMaterial {
            document,
            annotations,
            texts,
            mut columns,
            mut issues,
        } = material;
        let Ground { network, schema, .. } = ground;
        let ramps = Ramps::builtin()?;
        issues.extend(read_zones(
            &document,
            ground.crs,
            network.extent(),
            &mut columns,
            progress,
        )?);
        let themed = thematic::apply(&document, schema, network, &columns, &ramps, progress)?;
        for found in &themed.issues {
            issues.push(Issue::new(Severity::Warning, found.message(lang)).in_layer(found.layer.0.clone()));
        }
        let backdrop = Backdrop::open(
            &document,
            ground.crs,
            network.extent(),
            ground.tiles.cloned(),
            progress,
        )?;
        issues.extend(backdrop.issues.clone());
        Ok(Self {
            document,
            annotations,
            texts,
            themed,
            ramps,
            backdrop,
            issues,
        })
    }

    /// Where the topmost visible layer of every class stands among all layers, counted from the lowest; by
    /// `ClassIndex`.
    pub(super) fn ranks(&self, schema: &Schema) -> Vec<usize> {
        let shown = self.document.layers();
        schema
            .class_indices()
            .map(|class: ClassIndex| {
                let key = &schema.class(class).key;
                shown
                    .iter()
                    .position(|l| l.is_visible && l.layer.class() == Some(key))
                    .map_or(0, |from_top| shown.len() - from_top)
            })
            .collect()
    }
}
