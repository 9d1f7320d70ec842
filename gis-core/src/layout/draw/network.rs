//! The network inside a map frame: pipes and symbols in the styles of the map, one named layer a class. It draws no grid
//! and no legend.

use std::collections::{BTreeMap, BTreeSet};

use super::Scene;
use crate::cartography::render::symbols;
use crate::cartography::{PipeLook, Rgba, Shape};
use crate::layout::frame::FrameView;
use crate::layout::model::MapItem;
use crate::layout::surface::{Affine, LayerName, Outline, Stroke, Surface};
use crate::model::ClassIndex;
use crate::network::{LifeState, NodeFlags, NodeIndex, PieceIndex, PipeIndex};

/// Millimetres of a logical pixel (1/96 inch), the unit of the style files.
pub(super) const MM_PER_PX: f64 = 25.4 / 96.0;
/// Lines stroked as one path: enough to save words, few enough for viewers to draw quickly.
const BATCH: usize = 256;
/// Vertices closer together than this cannot be told apart on paper.
const LEAST_MM: f64 = 0.02;

/// What appears on a page, for the legend.
#[derive(Debug, Default, Clone)]
pub(super) struct Shown {
    /// Diameter classes, `None` for unknown ones; only pipes in service.
    pub(super) diameters: BTreeSet<Option<usize>>,
    pub(super) materials: BTreeSet<usize>,
    pub(super) has_planned: bool,
    pub(super) has_obsolete: bool,
    /// Positions in `StyleSet::symbols` with one node of each.
    pub(super) symbols: BTreeMap<usize, NodeIndex>,
    pub(super) has_closed: bool,
}

/// Drawing order of pipes: out of service below, then thin below thick.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PipeOrder {
    class: ClassIndexOrder,
    in_service: bool,
    diameter: Option<usize>,
    state: LifeState,
    material: Option<usize>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ClassIndexOrder(u16);

/// The features in a map frame by how they are drawn.
#[derive(Debug, Default)]
pub(super) struct MapContent {
    pipes: BTreeMap<PipeOrder, Vec<PipeIndex>>,
    nodes: BTreeMap<usize, Vec<NodeIndex>>,
    pub(super) shown: Shown,
}

impl MapContent {
    pub(super) fn gather(scene: &Scene<'_>, view: &FrameView, map: &MapItem) -> Self {
        let mut out = Self::default();
        let mut hidden: Vec<ClassIndex> = map
            .hidden_classes
            .iter()
            .filter_map(|key| scene.schema.class_index(key))
            .collect();
        if let Some(dressing) = scene.dressing {
            hidden.extend(dressing.hidden_classes(scene.schema));
        }
        out.gather_pipes(scene, view, &hidden);
        out.gather_nodes(scene, view, &hidden);
        out
    }

    fn gather_pipes(&mut self, scene: &Scene<'_>, view: &FrameView, hidden: &[ClassIndex]) {
        let Scene { network, styles, .. } = *scene;
        for pipe in network.pipes_in_box(view.bounds(2.0)) {
            let class = network.pipe_class(pipe);
            let diameter = styles.diameter_class(f64::from(network.pipe_diameter_mm(pipe)));
            let is_hidden = styles
                .diameter_style(diameter)
                .hidden_beyond
                .is_some_and(|d| view.denominator > d);
            if is_hidden || hidden.contains(&class) {
                continue;
            }
            let state = network.pipe_state(pipe);
            let order = PipeOrder {
                class: ClassIndexOrder(class.0),
                in_service: state == LifeState::Operative,
                diameter,
                state,
                material: network.pipe_material(pipe),
            };
            self.pipes.entry(order).or_default().push(pipe);
        }
        for order in self.pipes.keys() {
            match order.state {
                LifeState::Operative => {
                    self.shown.diameters.insert(order.diameter);
                    self.shown.materials.extend(order.material);
                }
                LifeState::Planned => self.shown.has_planned = true,
                LifeState::Obsolete => self.shown.has_obsolete = true,
            }
        }
    }

    fn gather_nodes(&mut self, scene: &Scene<'_>, view: &FrameView, hidden: &[ClassIndex]) {
        let Scene {
            network,
            styles,
            schema,
            ..
        } = *scene;
        let mut cache: BTreeMap<(u16, Option<usize>), usize> = BTreeMap::new();
        for node in network.nodes_in_box(view.bounds(0.0)) {
            let class = network.node_class(node);
            let kind = network.node_kind(node);
            let index = *cache.entry((class.0, kind)).or_insert_with(|| {
                styles.symbol_index(&schema.class(class).key, schema.kind_code(class, kind))
            });
            let is_hidden = styles.symbols()[index]
                .hidden_beyond
                .is_some_and(|d| view.denominator > d);
            if is_hidden
                || hidden.contains(&class)
                || !view.area.contains(view.page(network.position(node)), 0.0)
            {
                continue;
            }
            let flags = network.node_flags(node);
            self.shown.has_closed |= flags.has(NodeFlags::VALVE) && !flags.has(NodeFlags::OPEN);
            self.shown.symbols.entry(index).or_insert(node);
            self.nodes.entry(index).or_default().push(node);
        }
    }

    pub(super) fn draw(&self, scene: &Scene<'_>, view: &FrameView, map: &MapItem, surface: &mut dyn Surface) {
        let scale = MM_PER_PX * symbol_scale(map);
        surface.push_clip(view.area);
        self.draw_pipes(scene, view, scale, surface);
        self.draw_nodes(scene, view, scale, surface);
        surface.pop_clip();
    }

    fn draw_pipes(&self, scene: &Scene<'_>, view: &FrameView, scale: f64, surface: &mut dyn Surface) {
        let Scene {
            network,
            styles,
            schema,
            lang,
            ..
        } = *scene;
        let least = if surface.is_exact() { 0.0 } else { LEAST_MM };
        for (order, pipes) in &self.pipes {
            let Some(&first) = pipes.first() else { continue };
            let style = styles.pipe_style(PipeLook {
                diameter_mm: f64::from(network.pipe_diameter_mm(first)),
                material: order
                    .material
                    .and_then(|m| scene.material(m))
                    .map(|e| e.code.as_str()),
                state: order.state,
            });
            let stroke = Stroke {
                colour: style.colour.on(scene.theme),
                width_mm: f64::from(style.width_px) * scale,
                dash_mm: style.dash_px.map(|d| d.map(|px| f64::from(px) * scale)),
            };
            let class = schema.class(network.pipe_class(first));
            surface.begin_layer(LayerName {
                key: &class.key,
                title: class.label.text(lang),
            });
            for batch in pipes.chunks(BATCH) {
                let mut outline = Outline::default();
                for pipe in batch {
                    view.clipped(network.pipe_vertices(*pipe), least, |line| outline.add_line(line));
                }
                surface.stroke(&outline, &stroke);
            }
            surface.end_layer();
        }
    }

    fn draw_nodes(&self, scene: &Scene<'_>, view: &FrameView, scale: f64, surface: &mut dyn Surface) {
        let Scene {
            network,
            styles,
            schema,
            lang,
            ..
        } = *scene;
        let device = styles.device();
        for (index, nodes) in &self.nodes {
            let symbol = &styles.symbols()[*index];
            let Some(first) = nodes.first() else { continue };
            let class = schema.class(network.node_class(*first));
            surface.begin_layer(LayerName {
                key: &class.key,
                title: class.label.text(lang),
            });
            let drawing = SymbolDrawing::new(symbol.shape);
            for &node in nodes {
                let flags = network.node_flags(node);
                let mut colours = [symbol.fill.on(scene.theme), symbol.outline.on(scene.theme)];
                if flags.has(NodeFlags::VALVE) && !flags.has(NodeFlags::OPEN) {
                    colours[0] = device.closed_fill.on(scene.theme);
                }
                if flags.has(NodeFlags::SHUTTABLE)
                    && !(flags.has(NodeFlags::OPERABLE) && flags.has(NodeFlags::ACCESSIBLE))
                {
                    colours[1] = device.inoperable_outline.on(scene.theme);
                }
                let place = Affine::placed(
                    f64::from(symbol.size_px) * scale,
                    angle(scene, view, node, symbol.shape),
                    view.page(network.position(node)),
                );
                drawing.draw(surface, &place, colours, Some(scene.paper()));
            }
            surface.end_layer();
        }
    }
}

/// Widths and symbols against their size on the screen.
pub(super) fn symbol_scale(map: &MapItem) -> f64 {
    if map.symbol_scale.is_finite() {
        map.symbol_scale.clamp(0.1, 10.0)
    } else {
        1.0
    }
}

/// A symbol in a square of side 1 around the origin.
pub(super) struct SymbolDrawing {
    shape: Shape,
    body: Outline,
    lines: Outline,
    solid: Outline,
}

impl SymbolDrawing {
    pub(super) fn new(shape: Shape) -> Self {
        let parts = symbols::parts(shape);
        let outline =
            |path: tiny_skia::PathBuilder| path.finish().as_ref().map(Outline::from).unwrap_or_default();
        Self {
            shape,
            body: outline(parts.body),
            lines: outline(parts.lines),
            solid: outline(parts.solid),
        }
    }

    pub(super) fn draw(
        &self,
        surface: &mut dyn Surface,
        place: &Affine,
        [fill, outline]: [Rgba; 2],
        rim: Option<Rgba>,
    ) {
        let size = place.scale();
        let [body, lines, solid] = [&self.body, &self.lines, &self.solid].map(|part| part.at(place));
        // As on the screen: an outline of about a pixel whatever the size.
        let pen = Stroke::solid(outline, (size / 9.0).clamp(0.9 * MM_PER_PX, 1.8 * MM_PER_PX));
        if let Some(rim) = rim.filter(|_| self.shape != Shape::Dot) {
            let rim = Stroke::solid(rim, size * 0.45);
            for part in [&body, &lines, &solid] {
                surface.stroke(part, &rim);
            }
        }
        if !body.is_empty() {
            surface.fill(&body, fill);
            if self.shape != Shape::Dot {
                surface.stroke(&body, &pen);
            }
        }
        surface.stroke(&lines, &pen);
        if !solid.is_empty() {
            surface.fill(&solid, outline);
        }
    }
}

/// Direction of the pipe at a node on the page, towards the outlet of a one-way device.
fn angle(scene: &Scene<'_>, view: &FrameView, node: NodeIndex, shape: Shape) -> f64 {
    if !shape.follows_pipe() {
        return 0.0;
    }
    let network = scene.network;
    let around = network.pieces_at(node);
    let outlet = network
        .flow_to_piece
        .get(node.0 as usize)
        .copied()
        .map(PieceIndex);
    let piece = outlet
        .filter(|p| around.contains(p))
        .or_else(|| around.first().copied());
    let Some(piece) = piece else { return 0.0 };
    let mut line = network.piece_vertices(piece);
    if network.piece_ends(piece)[0] != node {
        line.reverse();
    }
    let at = view.page(network.position(node));
    // The first vertex that is far enough to tell a direction.
    line.iter()
        .map(|v| view.page(*v))
        .map(|v| [v[0] - at[0], v[1] - at[1]])
        .find(|d| d[0].hypot(d[1]) > 0.1)
        .map_or(0.0, |d| d[1].atan2(d[0]))
}
