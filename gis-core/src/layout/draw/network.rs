//! The network inside a map frame: pipes and symbols in the styles of the map and as its layers have them, one named
//! layer a class. It draws no grid and no legend.

use std::collections::{BTreeMap, BTreeSet};

use super::{Scene, arrows};
use crate::cartography::chunks::direction;
use crate::cartography::render::symbols;
use crate::cartography::thematic::NetworkLook;
use crate::cartography::{NodeSymbol, PipeLook, PipeStyle, Rgba, Shape};
use crate::layout::frame::FrameView;
use crate::layout::model::MapItem;
use crate::layout::surface::{Affine, LayerName, Outline, Stroke, Surface};
use crate::model::ClassIndex;
use crate::network::{LifeState, NodeFlags, NodeIndex, PipeIndex};

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

/// Drawing order of pipes: the layers of the map from below, out of service below, then thin below thick.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PipeOrder {
    rank: usize,
    class: u16,
    in_service: bool,
    diameter: Option<usize>,
    state: LifeState,
    material: Option<usize>,
    look: u16,
}

/// Drawing order of nodes: the layers of the map from below, then as the style set has it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct NodeOrder {
    rank: usize,
    symbol: usize,
    class: u16,
    look: u16,
}

/// The features in a map frame by how they are drawn.
#[derive(Debug, Default)]
pub(super) struct MapContent {
    pipes: BTreeMap<PipeOrder, Vec<PipeIndex>>,
    nodes: BTreeMap<NodeOrder, Vec<NodeIndex>>,
    pub(super) shown: Shown,
}

/// What decides whether and in which order features are drawn.
struct Choice<'a> {
    scene: &'a Scene<'a>,
    view: &'a FrameView,
    hidden: Vec<ClassIndex>,
    look: Option<&'a NetworkLook>,
    ranks: Vec<usize>,
}

impl Choice<'_> {
    fn rank(&self, class: ClassIndex) -> usize {
        self.ranks.get(usize::from(class.0)).copied().unwrap_or(0)
    }
}

/// Number of the look of a feature, where features have looks.
fn number(numbers: &[u16], i: u32) -> u16 {
    numbers.get(i as usize).copied().unwrap_or(0)
}

impl MapContent {
    pub(super) fn gather(scene: &Scene<'_>, view: &FrameView, map: &MapItem) -> Self {
        let mut out = Self::default();
        let choice = Choice {
            scene,
            view,
            hidden: map
                .hidden_classes
                .iter()
                .filter_map(|key| scene.schema.class_index(key))
                .collect(),
            look: scene.look(),
            ranks: scene
                .dressing
                .map_or_else(Vec::new, |dressing| dressing.ranks(scene.schema)),
        };
        out.gather_pipes(&choice);
        out.gather_nodes(&choice);
        out
    }

    fn gather_pipes(&mut self, choice: &Choice<'_>) {
        let Scene { network, styles, .. } = *choice.scene;
        let view = choice.view;
        for pipe in network.pipes_in_box(view.bounds(2.0)) {
            let class = network.pipe_class(pipe);
            let diameter = styles.diameter_class(f64::from(network.pipe_diameter_mm(pipe)));
            let is_hidden = styles
                .diameter_style(diameter)
                .hidden_beyond
                .is_some_and(|d| view.denominator > d);
            let is_left_out = choice
                .look
                .is_some_and(|look| !look.is_pipe_drawn(class, pipe, view.denominator));
            if is_hidden || is_left_out || choice.hidden.contains(&class) {
                continue;
            }
            let state = network.pipe_state(pipe);
            let order = PipeOrder {
                rank: choice.rank(class),
                class: class.0,
                in_service: state == LifeState::Operative,
                diameter,
                state,
                material: network.pipe_material(pipe),
                look: choice.look.map_or(0, |look| number(&look.pipes, pipe.0)),
            };
            self.pipes.entry(order).or_default().push(pipe);
        }
        for (order, pipes) in &self.pipes {
            let look = choice
                .look
                .zip(pipes.first())
                .map(|(look, pipe)| look.pipe(*pipe));
            if look.as_ref().is_some_and(|look| !look.is_usual()) {
                continue;
            }
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

    fn gather_nodes(&mut self, choice: &Choice<'_>) {
        let Scene {
            network,
            styles,
            schema,
            ..
        } = *choice.scene;
        let view = choice.view;
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
            let is_left_out = choice
                .look
                .is_some_and(|look| !look.is_node_drawn(class, node, view.denominator));
            if is_hidden
                || is_left_out
                || choice.hidden.contains(&class)
                || !view.area.contains(view.page(network.position(node)), 0.0)
            {
                continue;
            }
            let flags = network.node_flags(node);
            self.shown.has_closed |= flags.has(NodeFlags::VALVE) && !flags.has(NodeFlags::OPEN);
            if choice.look.is_none_or(|look| look.node(node).is_usual()) {
                self.shown.symbols.entry(index).or_insert(node);
            }
            let order = NodeOrder {
                rank: choice.rank(class),
                symbol: index,
                class: class.0,
                look: choice.look.map_or(0, |look| number(&look.nodes, node.0)),
            };
            self.nodes.entry(order).or_default().push(node);
        }
    }

    pub(super) fn draw_pipes(
        &self,
        scene: &Scene<'_>,
        view: &FrameView,
        map: &MapItem,
        surface: &mut dyn Surface,
    ) {
        surface.push_clip(view.area);
        let mm = MM_PER_PX * symbol_scale(map);
        for (order, pipes) in &self.pipes {
            Self::pipe_layer(scene, view, mm, (order, pipes), surface);
        }
        if map.has_flow_arrows {
            arrows::draw(scene, view, mm, &self.styled_pipes(scene, view), surface);
        }
        surface.pop_clip();
    }

    /// The style of pipes drawn alike; `None` where their layer does not draw them.
    fn pipe_style(
        scene: &Scene<'_>,
        view: &FrameView,
        order: &PipeOrder,
        first: PipeIndex,
    ) -> Option<PipeStyle> {
        let network = scene.network;
        let facts = PipeLook {
            diameter_mm: f64::from(network.pipe_diameter_mm(first)),
            material: order
                .material
                .and_then(|m| scene.material(m))
                .map(|e| e.code.as_str()),
            state: order.state,
        };
        match scene.look() {
            Some(look) => {
                let class = network.pipe_class(first);
                look.pipe_style(scene.styles, class, first, facts, view.denominator)
            }
            None => Some(scene.styles.pipe_style(facts)),
        }
    }

    fn styled_pipes(&self, scene: &Scene<'_>, view: &FrameView) -> Vec<(PipeStyle, &[PipeIndex])> {
        self.pipes
            .iter()
            .filter_map(|(order, pipes)| {
                let style = Self::pipe_style(scene, view, order, *pipes.first()?)?;
                Some((style, pipes.as_slice()))
            })
            .collect()
    }

    fn pipe_layer(
        scene: &Scene<'_>,
        view: &FrameView,
        scale: f64,
        (order, pipes): (&PipeOrder, &[PipeIndex]),
        surface: &mut dyn Surface,
    ) {
        let Scene {
            network,
            schema,
            lang,
            ..
        } = *scene;
        let Some(&first) = pipes.first() else { return };
        let Some(style) = Self::pipe_style(scene, view, order, first) else {
            return;
        };
        let least = if surface.is_exact() { 0.0 } else { LEAST_MM };
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

    pub(super) fn draw_nodes(
        &self,
        scene: &Scene<'_>,
        view: &FrameView,
        map: &MapItem,
        surface: &mut dyn Surface,
    ) {
        let scale = MM_PER_PX * symbol_scale(map);
        surface.push_clip(view.area);
        for (order, nodes) in &self.nodes {
            let Some(&first) = nodes.first() else { continue };
            let usual = &scene.styles.symbols()[order.symbol];
            let class = scene.network.node_class(first);
            let symbol = match scene.look() {
                Some(look) => look.node_symbol(usual, class, first, view.denominator),
                None => Some(usual.clone()),
            };
            let Some(symbol) = symbol else { continue };
            let class = scene.schema.class(class);
            surface.begin_layer(LayerName {
                key: &class.key,
                title: class.label.text(scene.lang),
            });
            let drawing = SymbolDrawing::new(symbol.shape);
            for &node in nodes {
                let place = Affine::placed(
                    f64::from(symbol.size_px) * scale,
                    angle(scene, view, node, symbol.shape),
                    view.page(scene.network.position(node)),
                );
                let colours = node_colours(scene, node, &symbol);
                let rim = scene.paper().with_alpha(colours[0].a);
                drawing.draw(surface, &place, colours, Some(rim));
            }
            surface.end_layer();
        }
        surface.pop_clip();
    }
}

/// Fill and outline of a node's symbol, with what its state does to them.
fn node_colours(scene: &Scene<'_>, node: NodeIndex, symbol: &NodeSymbol) -> [Rgba; 2] {
    let flags = scene.network.node_flags(node);
    let device = scene.styles.device();
    let mut colours = [symbol.fill.on(scene.theme), symbol.outline.on(scene.theme)];
    if flags.has(NodeFlags::VALVE) && !flags.has(NodeFlags::OPEN) {
        colours[0] = device.closed_fill.on(scene.theme).with_alpha(colours[0].a);
    }
    if flags.has(NodeFlags::SHUTTABLE)
        && !(flags.has(NodeFlags::OPERABLE) && flags.has(NodeFlags::ACCESSIBLE))
    {
        colours[1] = device.inoperable_outline.on(scene.theme).with_alpha(colours[1].a);
    }
    colours
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

/// Turn of a symbol on the page: along the pipe at the node as in the window, or towards the outlet of a one-way device.
fn angle(scene: &Scene<'_>, view: &FrameView, node: NodeIndex, shape: Shape) -> f64 {
    if !shape.follows_pipe() {
        return 0.0;
    }
    let network = scene.network;
    let outlet = network.outlet(node).and_then(|piece| {
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
    });
    match outlet {
        Some(d) => d[1].atan2(d[0]),
        None => view.rotation_rad - direction(network, node),
    }
}
