//! A network made ready for the map, off the frame. It draws nothing.

use std::sync::Arc;

use gis_core::cartography::chunks::{self, ChunkOptions, Chunks, FeatureRanges};
use gis_core::cartography::thematic::NetworkLook;
use gis_core::cartography::{StyleSet, WebPlace};
use gis_core::model::ClassIndex;
use gis_core::network::Network;
use gis_core::schema::Schema;
use gis_core::{Crs, Progress, Result};

/// All that [`super::MapView::set_network`] needs. Prepared in a task: a million pipes take seconds.
#[derive(Debug)]
pub struct MapData {
    pub(super) network: Arc<Network>,
    pub(super) crs: Crs,
    pub(super) extent: Option<[f64; 4]>,
    pub(super) chunks: Arc<Chunks>,
    /// The blocks without looks, which others are made from.
    plain: Arc<Chunks>,
    /// What layers make of features.
    pub(super) look: Arc<NetworkLook>,
    /// Where a feature is found in `chunks` when it is edited.
    pub(super) ranges: FeatureRanges,
    pub(super) styles: StyleSet,
    /// Key of every class, by `ClassIndex`.
    pub(super) class_keys: Vec<String>,
    /// Codes of every class's kinds, by `ClassIndex`.
    pub(super) kind_codes: Vec<Vec<String>>,
    /// Codes of the `material` dictionary.
    pub(super) material_codes: Vec<String>,
}

impl MapData {
    /// # Errors
    /// Cancelled, or PROJ knows no way from the project's CRS to the web map.
    pub fn prepare(
        network: Arc<Network>,
        crs: &Crs,
        schema: &Schema,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let extent = network.extent();
        let place = WebPlace::new(crs, extent)?;
        let mut to_mercator = |points: &mut [[f64; 2]]| place.to_mercator(points);
        let chunks = chunks::build(&network, &mut to_mercator, &ChunkOptions::default(), progress)?;
        let chunks = Arc::new(chunks);
        let materials = schema.dictionaries.get("material");
        Ok(Self {
            network,
            crs: crs.clone(),
            extent,
            ranges: FeatureRanges::of(&chunks),
            plain: Arc::clone(&chunks),
            chunks,
            look: Arc::default(),
            styles: StyleSet::builtin()?,
            class_keys: schema.classes.iter().map(|class| class.key.clone()).collect(),
            kind_codes: schema
                .class_indices()
                .map(|class| {
                    let kinds = schema.kinds_of(class).into_iter().flat_map(|d| &d.entries);
                    kinds.map(|entry| entry.code.clone()).collect()
                })
                .collect(),
            material_codes: materials
                .map(|dictionary| {
                    dictionary
                        .entries
                        .iter()
                        .map(|entry| entry.code.clone())
                        .collect()
                })
                .unwrap_or_default(),
        })
    }

    /// The same network with what layers make of its features. Takes as long as copying the blocks.
    #[must_use]
    pub fn with_look(&self, look: &Arc<NetworkLook>) -> Self {
        let chunks = if look.has_features() {
            Arc::new(self.plain.with_looks(&look.pipes, &look.nodes))
        } else {
            Arc::clone(&self.plain)
        };
        Self {
            network: Arc::clone(&self.network),
            crs: self.crs.clone(),
            extent: self.extent,
            ranges: FeatureRanges::of(&chunks),
            chunks,
            plain: Arc::clone(&self.plain),
            look: Arc::clone(look),
            styles: self.styles.clone(),
            class_keys: self.class_keys.clone(),
            kind_codes: self.kind_codes.clone(),
            material_codes: self.material_codes.clone(),
        }
    }

    /// The network with other looks; `None` where they are the same as now.
    pub fn dressed(&self, look: &Arc<NetworkLook>) -> Option<Self> {
        let is_same = (self.look.has_features(), look.has_features()) == (false, false) || self.look == *look;
        (!is_same).then(|| self.with_look(look))
    }

    /// Code of a kind as the network keeps it.
    pub(super) fn kind_code(&self, class: ClassIndex, kind: Option<usize>) -> Option<&str> {
        let kinds = self.kind_codes.get(usize::from(class.0))?;
        kinds.get(kind?).map(String::as_str)
    }

    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    pub fn chunks(&self) -> &Chunks {
        &self.chunks
    }

    pub fn styles(&self) -> &StyleSet {
        &self.styles
    }
}
