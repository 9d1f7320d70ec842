//! The key to what the maps of a page show: the layers with themes as the layer tree explains them, foreign layers, then
//! pipes by diameter or material and symbols by class as far as they are on the page. Pictures explain themselves.

use std::collections::BTreeSet;

use super::network::{MM_PER_PX, Shown, SymbolDrawing};
use super::{Dressing, Pen};
use crate::cartography::backdrop::SketchStyle;
use crate::cartography::layers::{Layer, LayerSource, Renderer};
use crate::cartography::thematic::{self, LegendEntry, LegendSymbol, layer_title};
use crate::cartography::{ColourBy, PipeLook, Rgba, Shape};
use crate::layout::model::LegendItem;
use crate::layout::surface::{Affine, Align, Area, Outline, Stroke, Surface};
use crate::network::LifeState;

/// One row of the key.
#[derive(Debug, Clone, PartialEq)]
enum Row {
    Heading(String),
    Line(String, Stroke),
    Symbol(String, Shape, f64, [Rgba; 2]),
    Swatch(String, Rgba),
    /// From little to much.
    Ramp(String, Vec<Rgba>),
}

/// `maps` are the frames of the page: what they show, and their scale denominators.
pub(super) fn draw(pen: &Pen<'_>, item: &LegendItem, maps: &[(&Shown, f64)], surface: &mut dyn Surface) {
    let mut rows = layer_rows(pen, maps);
    rows.extend(usual_rows(pen, &merged(maps.iter().map(|(shown, _)| *shown))));
    let size = item.size_mm.clamp(1.0, 20.0);
    let row_mm = size * 1.7;
    let key_mm = size * 3.2;
    let columns = usize::from(item.columns.clamp(1, 6));
    // The frame is no larger than what stands in it.
    let longest = rows.len().div_ceil(columns) + usize::from(columns > 1);
    let needed_mm = size * 3.2 + longest as f64 * row_mm;
    let area = Area::new(
        pen.area.x,
        pen.area.y,
        pen.area.width,
        pen.area.height.min(needed_mm),
    );
    if item.has_frame {
        surface.fill(&Outline::rectangle(area), pen.scene.paper());
        pen.frame(surface, area, 0.2);
    }
    let inner = area.inset(size * 0.6);
    let title = pen.scene.say("layout.legend.title");
    let mut top = inner.y + size * 1.3;
    pen.fitted(
        surface,
        &title,
        [inner.centre()[0], top],
        size * 1.3,
        (Align::Centre, inner.width),
    );
    top += size * 0.5;
    let column_mm = inner.width / columns as f64;
    let per_column = (((inner.bottom() - top) / row_mm).floor() as usize).max(1);
    let mut at = 0;
    for (i, row) in rows.iter().enumerate() {
        // A heading does not stand alone at the foot of a column.
        let is_last = at % per_column == per_column - 1;
        if is_last && matches!(row, Row::Heading(_)) && i + 1 < rows.len() {
            at += 1;
        }
        let column = at / per_column;
        if column >= columns {
            break;
        }
        let x = inner.x + column as f64 * column_mm;
        let y = top + (at % per_column) as f64 * row_mm;
        let middle = [x + key_mm / 2.0, y + row_mm / 2.0];
        let baseline = y + row_mm / 2.0 + size * 0.36;
        let room = column_mm - key_mm - size * 0.6;
        let text_at = [x + key_mm + size * 0.4, baseline];
        match row {
            Row::Heading(text) => {
                pen.fitted(
                    surface,
                    text,
                    [x, baseline],
                    size * 1.05,
                    (Align::Left, column_mm - size * 0.4),
                );
                let y = y + row_mm;
                pen.line(surface, &[[x, y], [x + column_mm - size * 0.6, y]], 0.1);
            }
            Row::Line(text, stroke) => {
                let ends = [[x + 0.5, middle[1]], [x + key_mm - 0.5, middle[1]]];
                let width_mm = stroke.width_mm.min(row_mm * 0.8);
                surface.stroke(&Outline::line(&ends), &Stroke { width_mm, ..*stroke });
                pen.fitted(surface, text, text_at, size, (Align::Left, room));
            }
            Row::Swatch(text, colour) => {
                let swatch = Area::new(middle[0] - size, middle[1] - size * 0.5, size * 2.0, size);
                surface.fill(&Outline::rectangle(swatch), *colour);
                pen.frame(surface, swatch, 0.1);
                pen.fitted(surface, text, text_at, size, (Align::Left, room));
            }
            Row::Ramp(text, colours) => {
                let bar = Area::new(x + 0.5, middle[1] - size * 0.5, key_mm - 1.0, size);
                let part = bar.width / colours.len().max(1) as f64;
                for (i, colour) in colours.iter().enumerate() {
                    let block = Area::new(bar.x + i as f64 * part, bar.y, part, bar.height);
                    surface.fill(&Outline::rectangle(block), *colour);
                }
                pen.frame(surface, bar, 0.1);
                pen.fitted(surface, text, text_at, size, (Align::Left, room));
            }
            Row::Symbol(text, shape, symbol_mm, colours) => {
                let place = Affine::placed(symbol_mm.min(row_mm * 0.9), 0.0, middle);
                SymbolDrawing::new(*shape).draw(surface, &place, *colours, None);
                pen.fitted(surface, text, text_at, size, (Align::Left, room));
            }
        }
        at += 1;
    }
}

fn merged<'a>(maps: impl Iterator<Item = &'a Shown>) -> Shown {
    maps.fold(Shown::default(), |mut all, shown| {
        all.diameters.extend(&shown.diameters);
        all.materials.extend(&shown.materials);
        all.has_planned |= shown.has_planned;
        all.has_obsolete |= shown.has_obsolete;
        all.has_closed |= shown.has_closed;
        for (index, node) in &shown.symbols {
            all.symbols.entry(*index).or_insert(*node);
        }
        all
    })
}

/// Layers that differ from the style set, from the top.
fn layer_rows(pen: &Pen<'_>, maps: &[(&Shown, f64)]) -> Vec<Row> {
    let scene = pen.scene;
    let Some(dressing) = scene.dressing else {
        return Vec::new();
    };
    let Dressing { document, ramps, .. } = dressing;
    let entries = thematic::legend(
        document,
        scene.schema,
        scene.styles,
        ramps,
        scene.theme,
        scene.lang,
    );
    let (mut out, mut foreign) = (Vec::new(), Vec::new());
    let is_drawn = |layer: &Layer| maps.iter().any(|(_, scale)| layer.is_drawn_at(*scale));
    let layers = document.layers();
    for layer in layers.iter().filter(|l| l.is_visible).map(|l| l.layer) {
        if !is_drawn(layer) {
            continue;
        }
        match &layer.source {
            LayerSource::Class { .. }
                if !matches!(layer.renderer, Renderer::Standard | Renderer::Unknown(_)) =>
            {
                let own = entries.iter().filter(|entry| entry.layer == layer.id);
                out.extend(own.map(|entry| themed_row(entry, layer.opacity)));
            }
            LayerSource::Vector(_) => {
                let style = SketchStyle::of(layer);
                let colour = style.colour.unwrap_or(scene.ink().with_alpha(150));
                let line = Stroke::solid(colour, f64::from(style.look.width_px) * MM_PER_PX);
                foreign.push(Row::Line(layer_title(layer, scene.schema, scene.lang), line));
            }
            _ => {}
        }
    }
    if !foreign.is_empty() {
        out.push(Row::Heading(scene.say("layout.legend.foreign")));
        out.extend(foreign);
    }
    out
}

fn themed_row(entry: &LegendEntry, opacity: f32) -> Row {
    let title = entry.title.clone();
    let mm = |px: f32| f64::from(px) * MM_PER_PX;
    let fade = |colour: Rgba| super::themes::faded(colour, opacity);
    match &entry.symbol {
        LegendSymbol::None => Row::Heading(title),
        LegendSymbol::Line {
            colour,
            width_px,
            dash_px,
        } => Row::Line(
            title,
            Stroke {
                colour: fade(*colour),
                width_mm: mm(*width_px),
                dash_mm: dash_px.map(|dash| dash.map(mm)),
            },
        ),
        LegendSymbol::Point {
            shape,
            size_px,
            fill,
            outline,
        } => Row::Symbol(title, *shape, mm(*size_px), [fade(*fill), fade(*outline)]),
        LegendSymbol::Ramp(colours) => Row::Ramp(title, colours.clone()),
        LegendSymbol::Swatch(colour) => Row::Swatch(title, fade(*colour)),
    }
}

/// What is drawn as the style set has it.
fn usual_rows(pen: &Pen<'_>, shown: &Shown) -> Vec<Row> {
    let scene = pen.scene;
    let styles = scene.styles;
    let stroke = |style: crate::cartography::PipeStyle| Stroke {
        colour: style.colour.on(scene.theme),
        width_mm: f64::from(style.width_px) * MM_PER_PX,
        dash_mm: style.dash_px.map(|d| d.map(|px| f64::from(px) * MM_PER_PX)),
    };
    let mut out = Vec::new();
    let has_pipes = !shown.diameters.is_empty() || shown.has_planned || shown.has_obsolete;
    if has_pipes {
        out.push(Row::Heading(scene.say("layout.legend.pipes")));
    }
    if styles.colour_by() == ColourBy::Material {
        for &material in &shown.materials {
            let Some(entry) = scene.material(material) else {
                continue;
            };
            let style = styles.pipe_style(PipeLook {
                diameter_mm: 250.0,
                material: Some(&entry.code),
                state: LifeState::Operative,
            });
            out.push(Row::Line(entry.label.text(scene.lang).to_owned(), stroke(style)));
        }
    } else {
        for &class in shown.diameters.iter().rev() {
            let base = styles.diameter_style(class);
            let text = crate::cartography::render::diameter_label(styles.diameters(), class)
                .unwrap_or_else(|| scene.say("cartography.legend.unknown_diameter"));
            let line = Stroke::solid(base.colour.on(scene.theme), f64::from(base.width_px) * MM_PER_PX);
            out.push(Row::Line(text, line));
        }
    }
    for (is_shown, state, key) in [
        (
            shown.has_planned,
            LifeState::Planned,
            "cartography.legend.planned",
        ),
        (
            shown.has_obsolete,
            LifeState::Obsolete,
            "cartography.legend.obsolete",
        ),
    ] {
        if is_shown {
            let style = styles.pipe_style(PipeLook {
                diameter_mm: 200.0,
                material: None,
                state,
            });
            out.push(Row::Line(scene.say(key), stroke(style)));
        }
    }
    if !shown.symbols.is_empty() {
        out.push(Row::Heading(scene.say("layout.legend.nodes")));
    }
    let mut told = BTreeSet::new();
    for (index, node) in shown.symbols.iter().rev() {
        let symbol = &styles.symbols()[*index];
        let class = scene.schema.class(scene.network.node_class(*node));
        // Kinds that look like the rest of their class stand under its name.
        let kind = symbol
            .kind
            .as_deref()
            .filter(|_| !symbol.looks_like(styles.symbol(&class.key, None)))
            .and_then(|kind| {
                scene
                    .schema
                    .kinds_of(scene.network.node_class(*node))?
                    .resolve(kind)
            });
        let text = kind
            .map_or(&class.label, |kind| &kind.label)
            .text(scene.lang)
            .to_owned();
        if told.insert(text.clone()) {
            let colours = [symbol.fill.on(scene.theme), symbol.outline.on(scene.theme)];
            let size = f64::from(symbol.size_px) * MM_PER_PX;
            out.push(Row::Symbol(text, symbol.shape, size, colours));
        }
    }
    if shown.has_closed {
        let symbol = styles.symbol("valve", None);
        let colours = [
            styles.device().closed_fill.on(scene.theme),
            symbol.outline.on(scene.theme),
        ];
        out.push(Row::Symbol(
            scene.say("cartography.legend.closed_valve"),
            symbol.shape,
            f64::from(symbol.size_px) * MM_PER_PX,
            colours,
        ));
    }
    out
}
