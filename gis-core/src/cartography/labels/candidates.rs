//! What might be written: texts with their widths and anchors, in the order of their importance. It is made in the
//! background for a part of the map somewhat larger than the picture; placing looks at nothing else.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::marks::{Mark, Symbols};
use super::ruler::TextRuler;
use super::settings::LabelPosition;
use super::stretches::{Stretch, straight_stretches};
use super::{Annotations, LabelTexts};
use crate::cartography::layers::MapDocument;
use crate::cartography::thematic::NetworkLook;
use crate::cartography::{Rgba, StyleSet};
use crate::ids::FeatureId;
use crate::model::ClassIndex;
use crate::network::{Network, NodeIndex, PipeIndex};
use crate::schema::{GeometryKind, Schema};

/// Features considered for one picture.
pub const MOST_CANDIDATES: usize = 20_000;

/// One feature may be labelled by several layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelKey {
    pub feature: FeatureId,
    /// Position of the layer in `MapDocument::layers`.
    pub layer: u16,
}

/// How the labels of one layer look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelLook {
    pub size_px: f32,
    pub position: LabelPosition,
    pub colour: Option<Rgba>,
    pub halo: Option<Rgba>,
    pub halo_px: f32,
}

/// A label's place by hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pin {
    /// On the plane.
    pub(super) at: [f64; 2],
    /// To the map, clockwise on a map with north up.
    pub(super) angle_rad: f64,
}

/// Where a label may stand, on the plane of the view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Anchor {
    Point([f64; 2]),
    /// Start and number in the list of stretches.
    Line([u32; 2]),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) key: LabelKey,
    pub(super) text: Arc<str>,
    pub(super) width_em: f32,
    pub(super) look: u16,
    pub(super) priority: u8,
    pub(super) anchor: Anchor,
    pub(super) pin: Option<Pin>,
    /// How far the symbol of a point reaches from its middle.
    pub(super) clear_px: f32,
}

/// Labels that might be written, the most important first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Candidates {
    pub(super) list: Vec<Candidate>,
    pub(super) looks: Vec<LabelLook>,
    pub(super) stretches: Vec<Stretch>,
    pub(super) by_key: HashMap<LabelKey, u32>,
    /// Positions of those with a pin.
    pub(super) pinned: Vec<u32>,
    pub(super) marks: Vec<Mark>,
}

/// What candidates are made of.
pub struct GatherRequest<'a> {
    pub network: &'a Network,
    pub schema: &'a Schema,
    /// For the symbols that labels keep off.
    pub styles: &'a StyleSet,
    pub document: &'a MapDocument,
    /// What layers and themes make of every feature.
    pub look: &'a NetworkLook,
    pub annotations: &'a Annotations,
    pub texts: &'a dyn LabelTexts,
    pub ruler: &'a TextRuler,
    pub scale_denominator: f64,
    /// `[min_x, min_y, max_x, max_y]` in the project's CRS.
    pub extent: [f64; 4],
    /// Features considered, the most important first; usually [`MOST_CANDIDATES`].
    pub most: usize,
}

/// Finds all features that might be labelled. `to_plane` takes project coordinates to the plane of the view, in place.
pub fn gather(request: &GatherRequest<'_>, to_plane: &mut dyn FnMut(&mut [[f64; 2]])) -> Candidates {
    let mut found = Candidates::default();
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    for (position, in_tree) in request.document.layers().into_iter().enumerate() {
        let layer = in_tree.layer;
        let class = layer.class().and_then(|key| request.schema.class_index(key));
        let (Some(class), Some(settings)) = (class, &layer.labels) else {
            continue;
        };
        if !in_tree.is_visible || !layer.is_drawn_at(request.scale_denominator) {
            continue;
        }
        let Some(wording) = settings.at_scale(request.scale_denominator) else {
            continue;
        };
        let look = found.looks.len() as u16;
        found.looks.push(LabelLook {
            size_px: wording.size_px,
            position: settings.position,
            colour: settings.colour,
            halo: settings.halo,
            halo_px: settings.halo_px.clamp(0.0, 12.0),
        });
        let draft = Draft {
            template: wording.template,
            filter: layer.filter.as_deref(),
            layer: position as u16,
            look,
            priority: settings.priority,
            class,
            target: Target::Pipe(PipeIndex(0)),
            weight: [0.0; 2],
        };
        request.drafts(&draft, settings.position, wording.size_px, &mut drafts);
    }
    drafts.sort_by(|a, b| {
        let id = |d: &Draft<'_>| d.target.id(request.network);
        (b.priority.cmp(&a.priority))
            .then(b.weight[0].total_cmp(&a.weight[0]))
            .then(b.weight[1].total_cmp(&a.weight[1]))
            .then_with(|| id(a).cmp(&id(b)))
            .then(a.layer.cmp(&b.layer))
    });
    drafts.truncate(request.most);
    let symbols = Symbols::new(request);
    if !drafts.is_empty() {
        found.marks = symbols.marks(to_plane);
    }
    let pins: HashMap<FeatureId, Pin> = request
        .annotations
        .pins
        .iter()
        .map(|pin| {
            let mut at = [pin.at];
            to_plane(&mut at);
            let angle_rad = pin.angle_deg.to_radians();
            (pin.feature, Pin { at: at[0], angle_rad })
        })
        .collect();
    for draft in drafts {
        let feature = draft.target.id(request.network);
        let is_in_layer = draft
            .filter
            .is_none_or(|filter| request.texts.is_shown(draft.class, feature, filter));
        if !is_in_layer || draft.target.is_hidden(request.look) {
            continue;
        }
        let text = request.texts.text(draft.class, feature, draft.template);
        let Some(text) = text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()) else {
            continue;
        };
        found.add_draft(
            &draft,
            feature,
            text,
            pins.get(&feature).copied(),
            request,
            to_plane,
        );
        if let (Target::Node(node), Some(added)) = (draft.target, found.list.last_mut()) {
            added.clear_px = symbols.reach_px(node);
        }
    }
    found
}

/// A feature before its text is made.
struct Draft<'a> {
    template: &'a str,
    filter: Option<&'a str>,
    layer: u16,
    look: u16,
    priority: u8,
    class: ClassIndex,
    target: Target,
    /// Diameter, then length.
    weight: [f64; 2],
}

#[derive(Clone, Copy)]
enum Target {
    Pipe(PipeIndex),
    Node(NodeIndex),
}

impl Target {
    fn id(self, network: &Network) -> FeatureId {
        match self {
            Self::Pipe(pipe) => network.pipe_id(pipe),
            Self::Node(node) => network.node_id(node),
        }
    }

    fn is_hidden(self, look: &NetworkLook) -> bool {
        match self {
            Self::Pipe(pipe) => look.pipe(pipe).is_hidden,
            Self::Node(node) => look.node(node).is_hidden,
        }
    }
}

impl GatherRequest<'_> {
    fn drafts<'a>(
        &self,
        draft: &Draft<'a>,
        position: LabelPosition,
        size_px: f32,
        drafts: &mut Vec<Draft<'a>>,
    ) {
        let network = self.network;
        match self.schema.class(draft.class).geometry {
            GeometryKind::Line => {
                // Two letters and a digit along the line, and half a zoom level to come.
                let metres_per_px = self.scale_denominator * 0.0254 / 96.0;
                let shortest_m = match position {
                    LabelPosition::Horizontal => 0.0,
                    _ => f64::from(size_px) * 1.8 * metres_per_px / 1.5,
                };
                for pipe in network.pipes_in_box(self.extent) {
                    if network.pipe_class(pipe) != draft.class {
                        continue;
                    }
                    let length_m = network.metric().length_m(network.pipe_vertices(pipe));
                    if length_m >= shortest_m {
                        let diameter = f64::from(network.pipe_diameter_mm(pipe));
                        drafts.push(Draft {
                            target: Target::Pipe(pipe),
                            weight: [if diameter.is_nan() { 0.0 } else { diameter }, length_m],
                            ..*draft
                        });
                    }
                }
            }
            GeometryKind::Point => {
                for node in network.nodes_in_box(self.extent) {
                    if network.node_class(node) == draft.class {
                        let diameter = f64::from(network.node_diameter_mm(node));
                        drafts.push(Draft {
                            target: Target::Node(node),
                            weight: [if diameter.is_nan() { 0.0 } else { diameter }, 0.0],
                            ..*draft
                        });
                    }
                }
            }
        }
    }
}

impl Candidates {
    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn add_draft(
        &mut self,
        draft: &Draft<'_>,
        feature: FeatureId,
        text: String,
        pin: Option<Pin>,
        request: &GatherRequest<'_>,
        to_plane: &mut dyn FnMut(&mut [[f64; 2]]),
    ) {
        let mut line = match draft.target {
            Target::Pipe(pipe) => request.network.pipe_vertices(pipe).to_vec(),
            Target::Node(node) => vec![request.network.position(node)],
        };
        to_plane(&mut line);
        let key = LabelKey {
            feature,
            layer: draft.layer,
        };
        let width_em = request.ruler.width_em(&text);
        self.add(
            key,
            text.into(),
            width_em,
            [draft.look, u16::from(draft.priority)],
            &line,
            pin,
        );
    }

    /// Adds a candidate less important than those before it. A line of one vertex is a point.
    pub(super) fn add(
        &mut self,
        key: LabelKey,
        text: Arc<str>,
        width_em: f32,
        [look, priority]: [u16; 2],
        line: &[[f64; 2]],
        pin: Option<Pin>,
    ) {
        let anchor = match line {
            [] => return,
            [point] if point.iter().all(|v| v.is_finite()) => Anchor::Point(*point),
            line => {
                let stretches = straight_stretches(line);
                if stretches.is_empty() {
                    return;
                }
                let range = [self.stretches.len() as u32, stretches.len() as u32];
                self.stretches.extend(stretches);
                Anchor::Line(range)
            }
        };
        if pin.is_some() {
            self.pinned.push(self.list.len() as u32);
        }
        self.by_key.insert(key, self.list.len() as u32);
        self.list.push(Candidate {
            key,
            text,
            width_em,
            look,
            priority: priority as u8,
            anchor,
            pin,
            clear_px: 0.0,
        });
    }

    pub(super) fn index_of(&self, key: &LabelKey) -> Option<usize> {
        self.by_key.get(key).map(|i| *i as usize)
    }

    pub(super) fn look(&self, candidate: &Candidate) -> &LabelLook {
        &self.looks[usize::from(candidate.look)]
    }

    pub(super) fn stretches(&self, [start, count]: [u32; 2]) -> &[Stretch] {
        self.stretches
            .get(start as usize..(start + count) as usize)
            .unwrap_or_default()
    }

    /// The place on the feature that a label moved away points to.
    pub(super) fn anchor_point(&self, candidate: &Candidate) -> Option<[f64; 2]> {
        match candidate.anchor {
            Anchor::Point(p) => Some(p),
            Anchor::Line(range) => self.stretches(range).first().map(|s| s.at(0.5)),
        }
    }

    /// Runs of candidates of the same priority.
    pub(super) fn groups(&self) -> Vec<Range<usize>> {
        let mut groups = Vec::new();
        let mut start = 0;
        for run in self.list.chunk_by(|a, b| a.priority == b.priority) {
            groups.push(start..start + run.len());
            start += run.len();
        }
        groups
    }
}
