//! Styles as the shader reads them: one row of numbers per style number, and from which scale on it is drawn.
//! It decides no colour; those come from the style set and the theme.

use egui::Color32;
use gis_core::cartography::chunks::{NodeKey, PipeKey};
use gis_core::cartography::thematic::{ClassLook, FeatureLook};
use gis_core::cartography::{self, NodeSymbol, PipeLook, Rgba, StyleSet};
use gis_core::network::NodeFlags;

use super::data::MapData;
use crate::theme::{Theme, ThemeKind};
use crate::view::LayerVisibility;

/// Five texels of the style texture.
#[derive(Debug, Clone, Copy, PartialEq, Default, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub(super) struct Row {
    /// Line colour, or the symbol's fill; straight alpha.
    pub(super) fill: [f32; 4],
    pub(super) outline: [f32; 4],
    /// Line: width, drawn length and gap of dashes in points, unused. Symbol: size in points, shape number,
    /// flags, width of the outline in points.
    pub(super) form: [f32; 4],
    /// Colour of a symbol's cross.
    pub(super) mark: [f32; 4],
    /// Opacity of the layer, which the colours have in them already; the rest is unused.
    pub(super) layer: [f32; 4],
}

/// Flags of a symbol row.
pub(super) const TURNED: f32 = 1.0;
pub(super) const CROSSED: f32 = 2.0;

/// Shapes beyond those of the style set, for results.
pub(super) const SHAPE_STAR: f32 = 33.0;
pub(super) const SHAPE_PIN: f32 = 34.0;
pub(super) const SHAPE_DISC: f32 = 35.0;

/// Rows of one kind with their scale limits.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    limits: Vec<Limits>,
}

/// Between which scale denominators something is drawn.
#[derive(Debug, Clone, Copy)]
struct Limits {
    is_shown: bool,
    hidden_beyond: f64,
    hidden_closer: f64,
}

impl Limits {
    /// By the style set and the layer of the class.
    fn new(styled: Option<f64>, class: ClassLook, is_visible: bool) -> Self {
        let least = |limits: [Option<f64>; 2]| limits.into_iter().flatten().fold(f64::INFINITY, f64::min);
        Self {
            is_shown: is_visible,
            hidden_beyond: least([styled, class.hidden_beyond]),
            hidden_closer: class.hidden_closer.unwrap_or(0.0),
        }
    }
}

impl Table {
    /// Which styles are drawn at a scale; `shown` is reused.
    pub(super) fn shown_at(&self, scale_denominator: f64, shown: &mut Vec<bool>) {
        shown.clear();
        shown.extend(self.limits.iter().map(|limits| {
            limits.is_shown
                && scale_denominator <= limits.hidden_beyond
                && scale_denominator >= limits.hidden_closer
        }));
    }
}

/// What features differ in as the shader reads it (`look_of` in `map.wgsl`): colour; width, size, shape and whether there
/// is a colour; opacity, scale limits, whether it is hidden.
pub(super) fn look_rows(looks: &[FeatureLook]) -> Vec<Row> {
    const AS_STYLED: f32 = -1.0;
    looks
        .iter()
        .map(|look| Row {
            fill: look.colour.map_or([0.0; 4], Rgba::to_unit),
            outline: [
                look.width_px.unwrap_or(AS_STYLED),
                look.size_px.unwrap_or(AS_STYLED),
                look.shape.map_or(AS_STYLED, |shape| f32::from(shape as u8)),
                f32::from(u8::from(look.colour.is_some())),
            ],
            form: [
                look.opacity,
                look.hidden_beyond.map_or(f32::MAX, |limit| limit as f32),
                look.hidden_closer.map_or(0.0, |limit| limit as f32),
                f32::from(u8::from(look.is_hidden)),
            ],
            ..Row::default()
        })
        .collect()
}

fn faded([r, g, b, a]: [f32; 4], opacity: f32) -> [f32; 4] {
    [r, g, b, a * opacity]
}

pub(super) fn ground(theme: &Theme) -> cartography::Theme {
    match theme.kind {
        ThemeKind::Light => cartography::Theme::Light,
        ThemeKind::Dark => cartography::Theme::Dark,
    }
}

/// `edited` are the keys of edited pipes that the network did not have.
pub(super) fn pipe_table(
    data: &MapData,
    edited: &[PipeKey],
    theme: &Theme,
    visibility: &LayerVisibility,
) -> Table {
    let on = ground(theme);
    let mut table = Table::default();
    for key in data.chunks.pipe_keys.iter().chain(edited) {
        let style = data.styles.pipe_style(pipe_look(data, key));
        let class = visibility.look(key.class);
        let [dash, gap] = style.dash_px.unwrap_or([0.0, 0.0]);
        table.rows.push(Row {
            fill: faded(style.colour.on(on).to_unit(), class.opacity),
            form: [style.width_px, dash, gap, 0.0],
            layer: [class.opacity, 0.0, 0.0, 0.0],
            ..Row::default()
        });
        table.limits.push(Limits::new(
            style.hidden_beyond,
            class,
            visibility.is_visible(key.class),
        ));
    }
    table
}

pub(super) fn node_table(
    data: &MapData,
    edited: &[NodeKey],
    theme: &Theme,
    visibility: &LayerVisibility,
) -> Table {
    let on = ground(theme);
    let mut table = Table::default();
    for key in data.chunks.node_keys.iter().chain(edited) {
        let symbol = symbol_of_key(data, *key);
        let class = visibility.look(key.class);
        let mut row = symbol_row(&data.styles, symbol, key.flags, on);
        row.fill = faded(row.fill, class.opacity);
        row.outline = faded(row.outline, class.opacity);
        row.mark = faded(row.mark, class.opacity);
        row.layer[0] = class.opacity;
        table.rows.push(row);
        table.limits.push(Limits::new(
            symbol.hidden_beyond,
            class,
            visibility.is_visible(key.class),
        ));
    }
    table
}

fn pipe_look<'a>(data: &'a MapData, key: &PipeKey) -> PipeLook<'a> {
    PipeLook {
        diameter_mm: key.diameter_mm.map_or(f64::NAN, f64::from),
        material: key
            .material
            .and_then(|m| data.material_codes.get(usize::from(m)))
            .map(String::as_str),
        state: key.state,
    }
}

fn symbol_of_key(data: &MapData, key: NodeKey) -> &NodeSymbol {
    let class = data
        .class_keys
        .get(usize::from(key.class.0))
        .map_or("", String::as_str);
    data.styles
        .symbol(class, data.kind_code(key.class, key.kind.map(usize::from)))
}

/// A closed valve is filled, one that cannot be worked is crossed.
pub(super) fn symbol_row(
    styles: &StyleSet,
    symbol: &NodeSymbol,
    flags: NodeFlags,
    on: cartography::Theme,
) -> Row {
    const OUTLINE_POINTS: f32 = 1.25;
    let device = styles.device();
    let steers = flags.has(NodeFlags::BOUNDARY) && flags.has(NodeFlags::VALVE);
    let is_closed = steers && !flags.has(NodeFlags::OPEN);
    let is_stuck = steers && !(flags.has(NodeFlags::OPERABLE) && flags.has(NodeFlags::ACCESSIBLE));
    let fill = if is_closed {
        device.closed_fill
    } else {
        symbol.fill
    };
    let outline = match (is_stuck, is_closed) {
        (true, _) => device.inoperable_outline,
        (false, true) => device.closed_fill,
        (false, false) => symbol.outline,
    };
    Row {
        fill: fill.on(on).to_unit(),
        outline: outline.on(on).to_unit(),
        form: [
            symbol.size_px,
            f32::from(symbol.shape as u8),
            if symbol.shape.follows_pipe() { TURNED } else { 0.0 } + if is_stuck { CROSSED } else { 0.0 },
            OUTLINE_POINTS,
        ],
        mark: device.inoperable_outline.on(on).to_unit(),
        ..Row::default()
    }
}

/// Straight components from 0 to 1.
pub(super) fn unit(colour: Color32) -> [f32; 4] {
    let [r, g, b, a] = colour.to_srgba_unmultiplied();
    Rgba { r, g, b, a }.to_unit()
}
