//! Results on the map: turns what the shell highlights into an overlay and its style rows. It chooses nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use gis_core::cartography::chunks::{Overlay, OverlayLine, OverlaySymbol};
use gis_core::cartography::{self, NodeSymbol, PipeLook, WebPlace};
use gis_core::network::{NodeIndex, PipeIndex};

use super::data::MapData;
use super::style_table::{Row, SHAPE_DISC, SHAPE_PIN, SHAPE_STAR, ground, symbol_row, unit};
use crate::theme::{Theme, ThemeKind};
use crate::view::{Highlight, HighlightRole};

/// The overlay of one highlight.
#[derive(Debug, Default)]
pub(super) struct Highlighted {
    pub(super) overlay: Overlay,
    pub(super) lines: Vec<Row>,
    pub(super) symbols: Vec<Row>,
}

/// More pipes than this are made ready by a thread: every vertex goes through the projection.
const MOST_IN_A_FRAME: usize = 1_500;

/// Keeps the overlay in step with what the shell highlights.
#[derive(Debug, Default)]
pub(super) struct Highlights {
    shown: Highlighted,
    basis: Option<Basis>,
    coming: Option<(Basis, Receiver<Highlighted>)>,
}

/// What an overlay was made from.
type Basis = (ThemeKind, u64);

impl Highlights {
    pub(super) fn shown(&self) -> &Highlighted {
        &self.shown
    }

    /// Makes the next [`Self::update`] make all anew.
    pub(super) fn forget(&mut self) {
        self.basis = None;
        self.coming = None;
    }

    /// Whether `shown` has changed.
    pub(super) fn update(
        &mut self,
        data: &Arc<MapData>,
        highlight: &Highlight,
        theme: &Theme,
        place: &WebPlace,
        ctx: &egui::Context,
    ) -> bool {
        let wanted = (theme.kind, highlight.revision);
        if let Some((basis, arrived)) = &self.coming
            && *basis == wanted
        {
            let Ok(highlighted) = arrived.try_recv() else {
                return false;
            };
            self.shown = highlighted;
            self.basis = Some(wanted);
            self.coming = None;
            return true;
        }
        if self.basis == Some(wanted) {
            return false;
        }
        if highlight.pipes.len() + highlight.pieces.len() > MOST_IN_A_FRAME {
            self.coming = spawn(data, highlight, theme, ctx).map(|arrived| (wanted, arrived));
            if self.coming.is_some() {
                return false;
            }
        }
        self.shown = Highlighted::build(data, highlight, theme, place);
        self.basis = Some(wanted);
        self.coming = None;
        true
    }
}

/// `None` when there is no thread to be had.
fn spawn(
    data: &Arc<MapData>,
    highlight: &Highlight,
    theme: &Theme,
    ctx: &egui::Context,
) -> Option<Receiver<Highlighted>> {
    let (made, arrived) = channel();
    let (data, highlight, theme, ctx) = (Arc::clone(data), highlight.clone(), theme.clone(), ctx.clone());
    std::thread::Builder::new()
        .name("map highlight".to_owned())
        .spawn(move || {
            // The projection cannot change threads, so this one makes its own.
            let highlighted = WebPlace::new(&data.crs, data.extent)
                .map(|place| Highlighted::build(&data, &highlight, &theme, &place))
                .inspect_err(|error| log::error!("the result cannot be placed on the map: {error}"))
                .unwrap_or_default();
            // Nobody waits for it any more when the network was closed meanwhile.
            if made.send(highlighted).is_ok() {
                ctx.request_repaint();
            }
        })
        .ok()?;
    Some(arrived)
}

/// Style rows by what they show, numbered in order of appearance: later ones lie on top.
struct Rows<K> {
    rows: Vec<Row>,
    number: HashMap<K, u16>,
}

impl<K: std::hash::Hash + Eq> Rows<K> {
    fn new() -> Self {
        Self {
            rows: Vec::new(),
            number: HashMap::new(),
        }
    }

    fn get(&mut self, key: K, make: impl FnOnce() -> Row) -> u16 {
        *self.number.entry(key).or_insert_with(|| {
            self.rows.push(make());
            (self.rows.len() - 1) as u16
        })
    }
}

impl Highlighted {
    pub(super) fn build(data: &MapData, highlight: &Highlight, theme: &Theme, place: &WebPlace) -> Self {
        let mut to_mercator = |points: &mut [[f64; 2]]| place.to_mercator(points);
        let mut line_rows = Rows::new();
        let mut lines = Vec::new();
        let mut add_line = |pipe: PipeIndex, vertices: Vec<[f64; 2]>, role: HighlightRole| {
            // To the tenth of a point, so that widths of a whole city make few rows.
            let width = pipe_width(data, pipe) + data.styles.highlight(style_of(role)).widen_px;
            let style = line_rows.get((role, (width * 10.0) as u16), || Row {
                fill: unit(theme.highlight_color(role)),
                form: [width, 0.0, 0.0, 0.0],
                ..Row::default()
            });
            lines.push(OverlayLine { style, vertices });
        };
        for (pipe, role) in &highlight.pipes {
            add_line(*pipe, data.network.pipe_vertices(*pipe).to_vec(), *role);
        }
        for (piece, role) in &highlight.pieces {
            add_line(
                data.network.piece_pipe(*piece),
                data.network.piece_vertices(*piece),
                *role,
            );
        }
        let (symbols, symbol_rows) = symbols(data, highlight, theme);
        Self {
            overlay: Overlay::build(&lines, &symbols, &mut to_mercator),
            lines: line_rows.rows,
            symbols: symbol_rows,
        }
    }
}

fn pipe_width(data: &MapData, pipe: PipeIndex) -> f32 {
    data.styles.pipe_style(pipe_look(data, pipe)).width_px
}

/// Without the material, which changes neither width nor visibility.
pub(super) fn pipe_look(data: &MapData, pipe: PipeIndex) -> PipeLook<'static> {
    PipeLook {
        diameter_mm: f64::from(data.network.pipe_diameter_mm(pipe)),
        material: None,
        state: data.network.pipe_state(pipe),
    }
}

/// How much a role stands out; its colour is the theme's.
fn style_of(role: HighlightRole) -> cartography::Highlight {
    use cartography::Highlight as Style;
    match role {
        HighlightRole::Selected | HighlightRole::Issue => Style::Selection,
        HighlightRole::Burst => Style::BurstPlace,
        HighlightRole::Isolated | HighlightRole::Added | HighlightRole::Altered | HighlightRole::Removed => {
            Style::Isolated
        }
        HighlightRole::CutOff => Style::CutOff,
        HighlightRole::DryBefore => Style::DryBefore,
        HighlightRole::CloseValve | HighlightRole::SourceToStop => Style::Close,
        HighlightRole::CheckValve => Style::Check,
        HighlightRole::OptionalValve => Style::Optional,
        HighlightRole::InoperableValve => Style::Inoperable,
        HighlightRole::Hydrant => Style::Hydrant,
        HighlightRole::Customer | HighlightRole::ImportantCustomer => Style::Customer,
        HighlightRole::Path | HighlightRole::PathEnd => Style::Path,
    }
}

/// Roles of single features that must be found at a glance get a ring; the many of an area only a dot.
fn has_ring(role: HighlightRole) -> bool {
    !matches!(
        role,
        HighlightRole::Isolated
            | HighlightRole::CutOff
            | HighlightRole::DryBefore
            | HighlightRole::Path
            | HighlightRole::Customer
            | HighlightRole::Hydrant
    )
}

#[derive(PartialEq, Eq, Hash)]
enum SymbolKey {
    Ring(HighlightRole, u16),
    Dot(HighlightRole),
    Own(HighlightRole, usize, u16),
    Place(HighlightRole),
}

fn symbols(data: &MapData, highlight: &Highlight, theme: &Theme) -> (Vec<OverlaySymbol>, Vec<Row>) {
    let network = &data.network;
    let mut rows = Rows::new();
    let mut out = Vec::new();
    let is_node = |node: NodeIndex| !network.is_anonymous(node);
    // First all rings, then what stands in them.
    for (node, role) in highlight.nodes.iter().filter(|(node, _)| is_node(*node)) {
        let symbol = node_symbol(data, *node);
        let style = if has_ring(*role) {
            let size = symbol.size_px + 11.0;
            rows.get(SymbolKey::Ring(*role, size as u16), || Row {
                fill: unit(theme.map.background.0),
                outline: unit(theme.highlight_color(*role)),
                form: [size, SHAPE_DISC, 0.0, 2.5],
                ..Row::default()
            })
        } else {
            rows.get(SymbolKey::Dot(*role), || Row {
                fill: unit(theme.highlight_color(*role)),
                outline: unit(theme.map.background.0),
                form: [6.0, SHAPE_DISC, 0.0, 1.0],
                ..Row::default()
            })
        };
        out.push(OverlaySymbol {
            style,
            position: network.position(*node),
            angle: 0.0,
        });
    }
    for (node, role) in highlight
        .nodes
        .iter()
        .filter(|(node, role)| is_node(*node) && has_ring(*role))
    {
        let class = class_key(data, *node);
        let flags = network.node_flags(*node);
        let index = data.styles.symbol_index(class, kind_code(data, *node));
        let style = rows.get(SymbolKey::Own(*role, index, flags.0), || {
            let mut row = symbol_row(&data.styles, node_symbol(data, *node), flags, ground(theme));
            if *role != HighlightRole::Selected {
                row.fill = unit(theme.highlight_color(*role));
                row.outline = row.fill;
            }
            row
        });
        let angle = gis_core::cartography::chunks::direction(network, *node);
        out.push(OverlaySymbol {
            style,
            position: network.position(*node),
            angle,
        });
    }
    for (position, role) in &highlight.places {
        let style = rows.get(SymbolKey::Place(*role), || {
            let (size, shape) = match role {
                HighlightRole::Burst => (26.0, SHAPE_STAR),
                HighlightRole::PathEnd => (16.0, SHAPE_PIN),
                _ => (13.0, SHAPE_PIN),
            };
            Row {
                fill: unit(theme.highlight_color(*role)),
                outline: unit(theme.map.background.0),
                form: [size, shape, 0.0, 2.0],
                ..Row::default()
            }
        });
        out.push(OverlaySymbol {
            style,
            position: *position,
            angle: 0.0,
        });
    }
    (out, rows.rows)
}

pub(super) fn class_key(data: &MapData, node: NodeIndex) -> &str {
    data.class_keys
        .get(usize::from(data.network.node_class(node).0))
        .map_or("", String::as_str)
}

fn kind_code(data: &MapData, node: NodeIndex) -> Option<&str> {
    data.kind_code(data.network.node_class(node), data.network.node_kind(node))
}

/// The node must not be anonymous.
pub(super) fn node_symbol(data: &MapData, node: NodeIndex) -> &NodeSymbol {
    data.styles.symbol(class_key(data, node), kind_code(data, node))
}
