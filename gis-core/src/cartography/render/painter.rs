//! Draws pipes, nodes and results into the map's window. It places no title and no legend.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use tiny_skia::{PathBuilder, Transform};

use super::canvas::{Align, Canvas};
use super::font::Font;
use super::view::View;
use super::{MapRequest, MapResult, Themes, symbols};
use crate::cartography::{Highlight, PipeLook, Rgba, Shape};
use crate::issue::Issues;
use crate::network::{LifeState, Network, NodeFlags, NodeIndex, PieceIndex, PipeIndex};

/// What appears in the picture, for the legend.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Diameter classes, `None` for unknown ones; only pipes in service.
    pub(super) diameters: BTreeSet<Option<usize>>,
    pub(super) materials: BTreeSet<usize>,
    pub(super) has_planned: bool,
    pub(super) has_obsolete: bool,
    /// Positions in `StyleSet::symbols` with one node of each.
    pub(super) symbols: BTreeMap<usize, NodeIndex>,
    pub(super) has_closed: bool,
    pub(super) highlights: Vec<Highlight>,
    /// What should lie under the network and does not.
    pub(super) missing: Issues,
}

pub(super) struct Painter<'a> {
    pub(super) request: &'a MapRequest<'a>,
    pub(super) themes: Option<Themes<'a>>,
    pub(super) font: &'a Font,
    pub(super) view: View,
    /// Pipes drawn, the largest diameters first; all where `None`.
    pub(super) most_pipes: Option<usize>,
    pub(super) canvas: Canvas,
    pub(super) shown: Shown,
}

/// Pipes stroked as one path: enough to save calls, few enough to keep the rasteriser's edge list short.
const BATCH: usize = 256;

impl Painter<'_> {
    /// The network, with the result's lines between its pipes and its symbols, so that no valve is painted over.
    pub(super) fn paint(&mut self) {
        let has_result = !matches!(self.request.result, MapResult::None);
        self.backdrop();
        self.densities();
        self.pipes();
        if self.most_pipes.is_some() {
            // A survey of pipes; symbols would hide them.
            return;
        }
        if has_result {
            self.result_lines();
        }
        self.nodes();
        self.dots_and_charts();
        self.writing();
        if has_result {
            self.result_marks();
        }
    }

    fn pipes(&mut self) {
        let MapRequest {
            network,
            styles,
            theme,
            ..
        } = *self.request;
        let denominator = self.view.denominator();
        let mut by_style: BTreeMap<PipeOrder, Vec<PipeIndex>> = BTreeMap::new();
        for pipe in self.pipes_to_draw() {
            let diameter = styles.diameter_class(f64::from(network.pipe_diameter_mm(pipe)));
            let hidden = styles
                .diameter_style(diameter)
                .hidden_beyond
                .is_some_and(|d| denominator > d);
            let class = network.pipe_class(pipe);
            let look = self.themes.map(|themes| &themes.map.look);
            if hidden || look.is_some_and(|look| !look.is_pipe_drawn(class, pipe, denominator)) {
                continue;
            }
            let state = network.pipe_state(pipe);
            let is_usual = look.is_none_or(|look| look.pipe(pipe).is_usual());
            match state {
                _ if !is_usual => {}
                LifeState::Operative => {
                    self.shown.diameters.insert(diameter);
                    self.shown.materials.extend(network.pipe_material(pipe));
                }
                LifeState::Planned => self.shown.has_planned = true,
                LifeState::Obsolete => self.shown.has_obsolete = true,
            }
            let order = PipeOrder {
                in_service: state == LifeState::Operative,
                diameter,
                state,
                material: network.pipe_material(pipe),
                class: class.0,
                look: look
                    .and_then(|look| look.pipes.get(pipe.0 as usize).copied())
                    .unwrap_or(0),
            };
            by_style.entry(order).or_default().push(pipe);
        }
        for (order, pipes) in by_style {
            let Some(&first) = pipes.first() else { continue };
            let facts = PipeLook {
                diameter_mm: f64::from(network.pipe_diameter_mm(first)),
                material: order.material.and_then(|m| self.request.material_code(m)),
                state: order.state,
            };
            let style = self
                .themes
                .and_then(|themes| {
                    let look = &themes.map.look;
                    look.pipe_style(styles, network.pipe_class(first), first, facts, denominator)
                })
                .unwrap_or_else(|| styles.pipe_style(facts));
            for batch in pipes.chunks(BATCH) {
                let mut path = PathBuilder::new();
                for pipe in batch {
                    self.add_line(&mut path, network.pipe_vertices(*pipe));
                }
                if let Some(path) = path.finish() {
                    self.canvas
                        .stroke(&path, style.colour.on(theme), style.width_px, style.dash_px);
                }
            }
        }
    }

    fn pipes_to_draw(&self) -> Vec<PipeIndex> {
        let network = self.request.network;
        let pipes = network.pipes_in_box(self.view.ground(8.0));
        match self.most_pipes {
            Some(most) => largest(network, pipes, most),
            None => pipes,
        }
    }

    /// Adds a line in pixels, without vertices that lie closer than can be seen.
    fn add_line(&self, path: &mut PathBuilder, line: &[[f64; 2]]) {
        let Some((first, rest)) = line.split_first() else {
            return;
        };
        let mut from = self.view.px(*first);
        let mut pen: Option<[f32; 2]> = None;
        for (i, vertex) in rest.iter().enumerate() {
            let to = self.view.px(*vertex);
            let is_last = i + 1 == rest.len();
            if !is_last && (to[0] - from[0]).hypot(to[1] - from[1]) < 0.4 {
                continue;
            }
            if let Some([a, b]) = self.view.clip(from, to) {
                if pen != Some(a) {
                    path.move_to(a[0], a[1]);
                }
                path.line_to(b[0], b[1]);
                pen = Some(b);
            }
            from = to;
        }
    }

    fn nodes(&mut self) {
        let MapRequest {
            network,
            schema,
            styles,
            theme,
            ..
        } = *self.request;
        let denominator = self.view.denominator();
        if styles
            .symbols()
            .iter()
            .all(|s| s.hidden_beyond.is_some_and(|d| denominator > d))
        {
            return;
        }
        let device = styles.device();
        let mut by_symbol: BTreeMap<usize, Vec<NodeIndex>> = BTreeMap::new();
        let mut cache: BTreeMap<(u16, Option<usize>), usize> = BTreeMap::new();
        for node in network.nodes_in_box(self.view.ground(16.0)) {
            let (class, kind) = (network.node_class(node), network.node_kind(node));
            let index = *cache.entry((class.0, kind)).or_insert_with(|| {
                styles.symbol_index(&schema.class(class).key, schema.kind_code(class, kind))
            });
            if !styles.symbols()[index]
                .hidden_beyond
                .is_some_and(|d| denominator > d)
            {
                by_symbol.entry(index).or_default().push(node);
            }
        }
        let ground = styles.ground(theme);
        for (index, nodes) in by_symbol {
            let styled = &styles.symbols()[index];
            for node in nodes {
                let themed = self.themes.map(|themes| {
                    let class = network.node_class(node);
                    themes.map.look.node_symbol(styled, class, node, denominator)
                });
                let symbol = match &themed {
                    None => styled,
                    Some(Some(symbol)) => symbol,
                    Some(None) => continue,
                };
                let at = self.view.px(network.position(node));
                if !self.view.contains(at, symbol.size_px) {
                    continue;
                }
                if self
                    .themes
                    .is_none_or(|themes| themes.map.look.node(node).is_usual())
                {
                    self.shown.symbols.entry(index).or_insert(node);
                }
                let flags = network.node_flags(node);
                let mut colours = [symbol.fill.on(theme), symbol.outline.on(theme)];
                if flags.has(NodeFlags::VALVE) && !flags.has(NodeFlags::OPEN) {
                    colours[0] = device.closed_fill.on(theme);
                    self.shown.has_closed = true;
                }
                if flags.has(NodeFlags::SHUTTABLE)
                    && !(flags.has(NodeFlags::OPERABLE) && flags.has(NodeFlags::ACCESSIBLE))
                {
                    colours[1] = device.inoperable_outline.on(theme);
                }
                let angle = self.angle(node, symbol.shape);
                if symbol.shape != Shape::Dot {
                    symbols::draw_halo(
                        &mut self.canvas,
                        symbol.shape,
                        at,
                        symbol.size_px,
                        angle,
                        ground.with_alpha(200),
                    );
                }
                symbols::draw(&mut self.canvas, symbol.shape, at, symbol.size_px, angle, colours);
            }
        }
    }

    /// Direction of the pipe at a node, towards the outlet of a one-way device.
    fn angle(&self, node: NodeIndex, shape: Shape) -> f32 {
        if !shape.follows_pipe() {
            return 0.0;
        }
        let network = self.request.network;
        let outlet = network.outlet(node);
        let around = network.pieces_at(node);
        let piece = outlet
            .filter(|p| around.contains(p))
            .or_else(|| around.first().copied());
        let Some(piece) = piece else { return 0.0 };
        let mut line = network.piece_vertices(piece);
        if network.piece_ends(piece)[0] != node {
            line.reverse();
        }
        let at = self.view.px(network.position(node));
        // The first vertex that is far enough to tell a direction.
        line.iter()
            .map(|v| self.view.px(*v))
            .map(|v| [v[0] - at[0], v[1] - at[1]])
            .find(|d| d[0].hypot(d[1]) > 0.5)
            .map_or(0.0, |d| d[1].atan2(d[0]))
    }

    /// The result over the network.
    fn result_lines(&mut self) {
        match &self.request.result {
            MapResult::None => {}
            MapResult::Burst(burst) => {
                let result = burst.result;
                self.pieces(&result.dry_before_pieces, Highlight::DryBefore);
                self.pieces(&result.cut_off_pieces, Highlight::CutOff);
                let place: HashSet<PieceIndex> = burst.pieces.iter().copied().collect();
                let isolated: Vec<PieceIndex> = result
                    .isolated_pieces
                    .iter()
                    .copied()
                    .filter(|p| !place.contains(p))
                    .collect();
                self.pieces(&isolated, Highlight::Isolated);
                self.pieces(burst.pieces, Highlight::BurstPlace);
            }
            MapResult::Path(path) => {
                let mut builder = PathBuilder::new();
                self.add_line(&mut builder, &path.line);
                let style = self.request.styles.highlight(Highlight::Path);
                if let Some(line) = builder.finish() {
                    let colour = style.colour.on(self.request.theme);
                    let halo = self.request.styles.ground(self.request.theme);
                    self.canvas.stroke(&line, halo, style.widen_px + 5.0, None);
                    self.canvas.stroke(&line, colour, style.widen_px + 1.5, None);
                }
                self.shown.highlights.push(Highlight::Path);
            }
        }
    }

    fn result_marks(&mut self) {
        match &self.request.result {
            MapResult::None => {}
            MapResult::Burst(burst) => {
                let result = burst.result;
                self.marks(&result.hydrants_lost, Highlight::Hydrant, 9.0, "hydrant");
                let important: Vec<NodeIndex> = result
                    .customers
                    .iter()
                    .filter(|c| c.is_important)
                    .filter_map(|c| c.node)
                    .collect();
                self.marks(&important, Highlight::Customer, 11.0, "customer");
                self.marks(&result.inoperable_passed, Highlight::Inoperable, 11.0, "valve");
                self.marks(&result.valves_optional, Highlight::Optional, 12.0, "valve");
                self.marks(&result.valves_to_check, Highlight::Check, 12.0, "valve");
                self.marks(burst.closing_order, Highlight::Close, 14.0, "valve");
                self.burst_places(burst.places);
                self.numbers(burst.closing_order, burst.places);
            }
            MapResult::Path(path) => {
                for (end, letter) in [(path.line.first(), "A"), (path.line.last(), "B")] {
                    if let Some(end) = end {
                        self.bubble(self.view.px(*end), letter, Highlight::Path);
                    }
                }
            }
        }
    }

    fn pieces(&mut self, pieces: &[PieceIndex], highlight: Highlight) {
        let MapRequest {
            network,
            styles,
            theme,
            ..
        } = *self.request;
        if pieces.is_empty() {
            return;
        }
        let style = styles.highlight(highlight);
        let ground = self.view.ground(8.0);
        let mut by_width: BTreeMap<Option<usize>, Vec<PieceIndex>> = BTreeMap::new();
        for piece in pieces {
            let line = network.pipe_vertices(network.piece_pipe(*piece));
            if super::view::extent_of(line.iter().copied()).is_some_and(|b| meets(b, ground)) {
                let diameter = network.pipe_diameter_mm(network.piece_pipe(*piece));
                by_width
                    .entry(styles.diameter_class(f64::from(diameter)))
                    .or_default()
                    .push(*piece);
            }
        }
        for (diameter, pieces) in by_width {
            // Small pipes stay finer than the mains in the result too, but never thinner than can be seen.
            let width = (styles.diameter_style(diameter).width_px + style.widen_px).max(2.2);
            for batch in pieces.chunks(BATCH) {
                let mut path = PathBuilder::new();
                for piece in batch {
                    self.add_line(&mut path, &network.piece_vertices(*piece));
                }
                if let Some(path) = path.finish() {
                    self.canvas.stroke(&path, style.colour.on(theme), width, None);
                }
            }
        }
        self.shown.highlights.push(highlight);
    }

    fn marks(&mut self, nodes: &[NodeIndex], highlight: Highlight, size: f32, class: &str) {
        let MapRequest {
            network,
            styles,
            schema,
            theme,
            ..
        } = *self.request;
        let fill = styles.highlight(highlight).colour.on(theme);
        let ground = styles.ground(theme);
        if nodes.is_empty() {
            return;
        }
        for &node in nodes {
            let at = self.view.px(network.position(node));
            if !self.view.contains(at, size) {
                continue;
            }
            let (class, kind) = if network.is_anonymous(node) {
                (class, None)
            } else {
                let class = network.node_class(node);
                (
                    schema.class(class).key.as_str(),
                    schema.kind_code(class, network.node_kind(node)),
                )
            };
            let shape = styles.symbol(class, kind).shape;
            let angle = self.angle(node, shape);
            symbols::draw_halo(&mut self.canvas, shape, at, size, angle, ground);
            symbols::draw(&mut self.canvas, shape, at, size, angle, [fill, fill]);
        }
        self.shown.highlights.push(highlight);
    }

    fn burst_places(&mut self, places: &[[f64; 2]]) {
        let theme = self.request.theme;
        let styles = self.request.styles;
        let colour = styles.highlight(Highlight::BurstPlace).colour.on(theme);
        for place in places {
            let at = self.view.px(*place);
            if !self.view.contains(at, 12.0) {
                continue;
            }
            if let Some(star) = symbols::star() {
                let placed = |size: f32| Transform::from_scale(size, size).post_translate(at[0], at[1]);
                self.canvas.fill_placed(&star, styles.ground(theme), placed(13.0));
                self.canvas.fill_placed(&star, colour, placed(10.5));
                self.canvas.disc(at, 2.6, styles.ground(theme));
            }
        }
        if !places.is_empty() && !self.shown.highlights.contains(&Highlight::BurstPlace) {
            self.shown.highlights.push(Highlight::BurstPlace);
        }
    }

    /// Numbers of the valves to close beside them, where they hide least.
    fn numbers(&mut self, valves: &[NodeIndex], places: &[[f64; 2]]) {
        const RADIUS: f32 = 8.0;
        let network = self.request.network;
        let spots: Vec<[f32; 2]> = valves
            .iter()
            .map(|v| self.view.px(network.position(*v)))
            .collect();
        let mut taken: Vec<([f32; 2], f32)> = spots.iter().map(|s| (*s, 7.0)).collect();
        taken.extend(places.iter().map(|p| (self.view.px(*p), 12.0)));
        for (i, spot) in spots.iter().enumerate() {
            if !self.view.contains(*spot, 0.0) {
                continue;
            }
            let crowding = |at: &[f32; 2]| -> f32 {
                let hidden = taken
                    .iter()
                    .map(|(t, r)| (RADIUS + r + 1.0 - (t[0] - at[0]).hypot(t[1] - at[1])).max(0.0));
                let outside = if self.view.contains(*at, -RADIUS - 1.0) {
                    0.0
                } else {
                    100.0
                };
                hidden.sum::<f32>() + outside
            };
            let around = [17.0_f32, 26.0, 38.0, 52.0].into_iter().flat_map(|distance| {
                // North-east first, as cartographers place names.
                (0..12_u8).map(move |k| {
                    let angle = (f32::from(k) * 30.0 - 45.0).to_radians();
                    [spot[0] + distance * angle.cos(), spot[1] + distance * angle.sin()]
                })
            });
            // The first spot that hides least; `min_by` keeps the earliest of equals.
            let Some(at) = around.min_by(|a, b| crowding(a).total_cmp(&crowding(b))) else {
                continue;
            };
            taken.push((at, RADIUS));
            let line = self
                .request
                .styles
                .highlight(Highlight::Close)
                .colour
                .on(self.request.theme);
            self.canvas.segment(*spot, at, line, 1.0, None);
            self.bubble(at, &(i + 1).to_string(), Highlight::Close);
        }
    }

    fn bubble(&mut self, at: [f32; 2], text: &str, highlight: Highlight) {
        let styles = self.request.styles;
        let fill = styles.highlight(highlight).colour.on(self.request.theme);
        bubble(
            &mut self.canvas,
            self.font,
            at,
            text,
            [fill, styles.ground(self.request.theme)],
        );
    }
}

/// A disc with a number or letter in it.
pub(super) fn bubble(canvas: &mut Canvas, font: &Font, at: [f32; 2], text: &str, [fill, rim]: [Rgba; 2]) {
    let size = if text.chars().count() > 2 { 7.5 } else { 10.0 };
    canvas.disc(at, 9.2, rim);
    canvas.disc(at, 8.0, fill);
    let ink = if fill.is_light() { Rgba::BLACK } else { Rgba::WHITE };
    canvas.text(font, text, [at[0], at[1] + size * 0.36], size, ink, Align::Centre);
}

/// At most so many of the pipes, those of the largest diameters. An unknown diameter counts as the smallest.
pub(super) fn largest(network: &Network, mut pipes: Vec<PipeIndex>, most: usize) -> Vec<PipeIndex> {
    if pipes.len() <= most || most == 0 {
        pipes.truncate(most);
        return pipes;
    }
    let diameter = |pipe: PipeIndex| {
        let mm = network.pipe_diameter_mm(pipe);
        if mm.is_nan() { 0.0 } else { mm }
    };
    pipes.select_nth_unstable_by(most - 1, |a, b| {
        diameter(*b).total_cmp(&diameter(*a)).then(a.0.cmp(&b.0))
    });
    pipes.truncate(most);
    pipes
}

fn meets(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

/// Drawing order of pipes: out of service below, then thin below thick.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PipeOrder {
    in_service: bool,
    diameter: Option<usize>,
    state: LifeState,
    material: Option<usize>,
    class: u16,
    look: u16,
}
