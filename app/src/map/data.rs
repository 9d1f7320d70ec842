//! A network made ready for the map, off the frame. It draws nothing.

use std::sync::Arc;

use gis_core::cartography::chunks::{self, ChunkOptions, Chunks, DrawnCounts, FeatureRanges, ToMercator};
use gis_core::cartography::thematic::NetworkLook;
use gis_core::cartography::{QuickPlace, StyleSet, WebPlace};
use gis_core::model::ClassIndex;
use gis_core::network::{Network, NodeIndex, PipeIndex};
use gis_core::schema::Schema;
use gis_core::{Crs, Progress, Result};

/// Pipes that edits may add to so many before the numbers of looks are laid out anew.
fn spare(pipes: usize) -> usize {
    1_024 + pipes / 16
}

/// All that [`super::MapView::set_network`] needs. Prepared in a task: a million pipes take seconds.
#[derive(Debug, Clone)]
pub struct MapData {
    pub(super) network: Arc<Network>,
    pub(super) crs: Crs,
    pub(super) extent: Option<[f64; 4]>,
    pub(super) chunks: Arc<Chunks>,
    /// What layers make of features.
    pub(super) look: Arc<NetworkLook>,
    /// Look number of every pipe and after them of every node; empty where none has a look of its own.
    pub(super) look_numbers: Arc<[u16]>,
    /// How many pipes the numbers have room for; those of nodes come behind.
    pub(super) pipe_room: usize,
    /// What of each block the looks let be drawn.
    pub(super) drawn: Arc<DrawnCounts>,
    /// Where a feature is found in `chunks` when it is edited.
    pub(super) ranges: FeatureRanges,
    pub(super) styles: Arc<StyleSet>,
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
        let way = || -> Result<Box<ToMercator<'_>>> {
            let mut place = QuickPlace::new(WebPlace::new(crs, extent)?, crs);
            Ok(Box::new(move |points| place.to_mercator(points)))
        };
        let chunks = chunks::build(&network, &way, &ChunkOptions::default(), progress)?;
        let chunks = Arc::new(chunks);
        let materials = schema.dictionaries.get("material");
        Ok(Self {
            network,
            crs: crs.clone(),
            extent,
            ranges: FeatureRanges::of(&chunks),
            chunks,
            look: Arc::default(),
            look_numbers: Arc::default(),
            pipe_room: 0,
            drawn: Arc::default(),
            styles: Arc::new(StyleSet::builtin()?),
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

    /// The same network with what layers make of its features: the same blocks with another table of looks.
    #[must_use]
    pub fn with_look(&self, look: &Arc<NetworkLook>) -> Self {
        let (slots, nodes) = (self.network.pipe_slots(), self.network.node_slots());
        let pipes = if slots <= self.pipe_room {
            self.pipe_room
        } else {
            slots + spare(slots)
        };
        let mut numbers: Vec<u16> = Vec::new();
        let mut drawn = DrawnCounts::default();
        if look.has_features() {
            numbers.reserve_exact(pipes + nodes);
            numbers.extend_from_slice(&look.pipes);
            numbers.resize(pipes, 0);
            numbers.extend_from_slice(&look.nodes);
            numbers.resize(pipes + nodes, 0);
            drawn = DrawnCounts::of(
                &self.chunks,
                |pipe| !look.pipe(PipeIndex(pipe)).is_hidden,
                |node| !look.node(NodeIndex(node)).is_hidden,
            );
        }
        Self {
            look: Arc::clone(look),
            look_numbers: numbers.into(),
            pipe_room: pipes,
            drawn: Arc::new(drawn),
            ..self.clone()
        }
    }

    /// The same blocks with another state of the network; what differs lies over the blocks.
    #[must_use]
    pub(super) fn following(&self, network: &Arc<Network>) -> Self {
        let next = Self {
            network: Arc::clone(network),
            ..self.clone()
        };
        if self.look_numbers.is_empty() || network.pipe_slots() <= self.pipe_room {
            return next;
        }
        next.with_look(&self.look)
    }

    /// The network with other looks; `None` where they are the same as now.
    pub fn dressed(&self, look: &Arc<NetworkLook>) -> Option<Self> {
        let is_same = (self.look.has_features(), look.has_features()) == (false, false) || self.look == *look;
        (!is_same).then(|| self.with_look(look))
    }

    /// The same blocks and looks drawn in other styles.
    #[must_use]
    pub(super) fn with_styles(&self, styles: &Arc<StyleSet>) -> Self {
        Self {
            styles: Arc::clone(styles),
            ..self.clone()
        }
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
