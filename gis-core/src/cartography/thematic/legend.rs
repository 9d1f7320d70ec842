//! What a legend of the map says, entry by entry: the window, pictures and printed sheets set it in their own way.

use super::apply::graduated_size;
use super::ramp::Ramps;
use crate::cartography::layers::{Layer, LayerId, LayerSource, Look, MapDocument, Renderer, SizeScaling};
use crate::cartography::{Rgba, Shape, StyleSet, Theme};
use crate::expr::{Expr, Scope};
use crate::model::ClassIndex;
use crate::schema::{GeometryKind, Schema};
use crate::text::{Lang, Message};

#[derive(Debug, Clone, PartialEq)]
pub struct LegendEntry {
    pub layer: LayerId,
    pub title: String,
    /// 0 for a layer, 1 for a class within it.
    pub level: u8,
    pub symbol: LegendSymbol,
}

#[derive(Debug, Clone, PartialEq)]
pub enum LegendSymbol {
    /// A heading.
    None,
    Line {
        colour: Rgba,
        width_px: f32,
        dash_px: Option<[f32; 2]>,
    },
    Point {
        shape: Shape,
        size_px: f32,
        fill: Rgba,
        outline: Rgba,
    },
    /// From little to much.
    Ramp(Vec<Rgba>),
    /// A slice, a bar, a dot.
    Swatch(Rgba),
}

/// The legend of all visible layers, topmost first.
pub fn legend(
    document: &MapDocument,
    schema: &Schema,
    styles: &StyleSet,
    ramps: &Ramps,
    theme: Theme,
    lang: Lang,
) -> Vec<LegendEntry> {
    let writer = Writer {
        schema,
        styles,
        ramps,
        theme,
        lang,
    };
    document
        .layers()
        .iter()
        .filter(|shown| shown.is_visible)
        .flat_map(|shown| writer.layer(shown.layer))
        .collect()
}

/// What a layer is called: by the user, else by its class, file or address.
pub fn layer_title(layer: &Layer, schema: &Schema, lang: Lang) -> String {
    if let Some(title) = layer.title.as_ref().filter(|t| !t.trim().is_empty()) {
        return title.clone();
    }
    let file = |path: &str| {
        path.rsplit(['/', '\\'])
            .find(|part| !part.is_empty())
            .unwrap_or(path)
            .to_owned()
    };
    match &layer.source {
        LayerSource::Class { class } => schema.class_index(class).map_or_else(
            || class.clone(),
            |index| schema.class(index).label.text(lang).to_owned(),
        ),
        LayerSource::Tiles(tiles) if tiles.location.contains("://") => {
            let rest = tiles.location.split("://").nth(1).unwrap_or_default();
            rest.split('/').next().unwrap_or(rest).to_owned()
        }
        LayerSource::Tiles(tiles) => file(&tiles.location),
        LayerSource::Raster(raster) => file(&raster.path),
        LayerSource::Vector(vector) => file(&vector.path),
        LayerSource::Unknown(_) => layer.id.0.clone(),
    }
}

struct Writer<'a> {
    schema: &'a Schema,
    styles: &'a StyleSet,
    ramps: &'a Ramps,
    theme: Theme,
    lang: Lang,
}

impl Writer<'_> {
    fn layer(&self, layer: &Layer) -> Vec<LegendEntry> {
        let class = layer.class().and_then(|key| self.schema.class_index(key));
        let title = layer_title(layer, self.schema, self.lang);
        let entry = |level: u8, title: String, symbol: LegendSymbol| LegendEntry {
            layer: layer.id.clone(),
            title,
            level,
            symbol,
        };
        let Some(class) = class else {
            return match &layer.source {
                LayerSource::Class { .. } | LayerSource::Unknown(_) => Vec::new(),
                _ => vec![entry(0, title, LegendSymbol::None)],
            };
        };
        let said = |key: &'static str| Message::new(key).text(self.lang);
        let rows: Vec<(String, LegendSymbol)> = match &layer.renderer {
            Renderer::Standard | Renderer::Unknown(_) => {
                if self.schema.class(class).geometry == GeometryKind::Point {
                    return vec![entry(0, title, self.symbol(class, &Look::default()))];
                }
                self.diameters()
            }
            Renderer::Single { look } => return vec![entry(0, title, self.symbol(class, look))],
            Renderer::Categorised {
                value,
                categories,
                other,
                ..
            } => {
                let expr = Expr::parse(value, &Scope::of_class(self.schema, class)).ok();
                let name = |value: &str| value_title(expr.as_ref(), value, self.lang);
                let mut rows: Vec<_> = categories
                    .iter()
                    .filter(|c| c.is_visible)
                    .map(|c| {
                        let title = c.title.clone().unwrap_or_else(|| name(&c.value));
                        (title, self.symbol(class, &c.look))
                    })
                    .collect();
                rows.extend(
                    other
                        .iter()
                        .map(|look| (said("thematic.legend.other"), self.symbol(class, look))),
                );
                rows
            }
            Renderer::Graduated {
                breaks,
                ramp,
                is_reversed,
                sizes_px,
                missing,
                ..
            } => {
                let (ramp, count) = (self.ramps.get(ramp), breaks.len() + 1);
                let mut rows: Vec<_> = (0..count)
                    .map(|i| {
                        let size = sizes_px.map(|sizes| graduated_size(sizes, i, count));
                        let look = Look {
                            colour: Some(ramp.of_class(i, count, *is_reversed)),
                            width_px: size,
                            size_px: size,
                            shape: None,
                        };
                        (range_title(breaks, i), self.symbol(class, &look))
                    })
                    .collect();
                rows.extend(
                    missing
                        .iter()
                        .map(|look| (said("thematic.legend.missing"), self.symbol(class, look))),
                );
                rows
            }
            Renderer::Rules { rules, other } => {
                let mut rows: Vec<_> = rules
                    .iter()
                    .filter(|rule| rule.is_visible)
                    .map(|rule| {
                        let title = if rule.title.is_empty() {
                            &rule.when
                        } else {
                            &rule.title
                        };
                        (title.clone(), self.symbol(class, &rule.look))
                    })
                    .collect();
                rows.extend(
                    other
                        .iter()
                        .map(|look| (said("thematic.legend.other"), self.symbol(class, look))),
                );
                rows
            }
            Renderer::Proportional {
                largest,
                max_size_px,
                min_size_px,
                scaling,
                colour,
                ..
            } => [0.25, 0.5, 1.0]
                .map(|share: f64| {
                    let grown = match scaling {
                        SizeScaling::Area => share.sqrt(),
                        SizeScaling::Diameter => share,
                    };
                    let size = min_size_px + (max_size_px - min_size_px) * grown as f32;
                    let look = Look {
                        colour: Some(*colour),
                        width_px: Some(size),
                        size_px: Some(size),
                        shape: None,
                    };
                    (number_text(largest * share), self.symbol(class, &look))
                })
                .to_vec(),
            Renderer::Heat { ramp, .. } => vec![(
                said("thematic.legend.density"),
                LegendSymbol::Ramp(self.ramps.get(ramp).colours.clone()),
            )],
            Renderer::Dots {
                value,
                per_dot,
                colour,
                ..
            } => vec![(
                Message::new("thematic.legend.per_dot")
                    .with("number", number_text(*per_dot))
                    .with("value", value)
                    .text(self.lang),
                LegendSymbol::Swatch(*colour),
            )],
            Renderer::Diagram { parts, .. } => parts
                .iter()
                .map(|part| (part.title.clone(), LegendSymbol::Swatch(part.colour)))
                .collect(),
        };
        let mut entries = vec![entry(0, title, LegendSymbol::None)];
        entries.extend(rows.into_iter().map(|(title, symbol)| entry(1, title, symbol)));
        entries
    }

    fn diameters(&self) -> Vec<(String, LegendSymbol)> {
        let classes = self.styles.diameters();
        let limits: Vec<f64> = classes.iter().filter_map(|d| d.below_mm).collect();
        classes
            .iter()
            .enumerate()
            .map(|(i, style)| {
                let symbol = LegendSymbol::Line {
                    colour: style.colour.on(self.theme),
                    width_px: style.width_px,
                    dash_px: None,
                };
                (diameter_title(&limits, i), symbol)
            })
            .collect()
    }

    fn symbol(&self, class: ClassIndex, look: &Look) -> LegendSymbol {
        let class = self.schema.class(class);
        match class.geometry {
            GeometryKind::Line => {
                let middle = self
                    .styles
                    .diameter_style(Some(self.styles.diameters().len() / 2));
                LegendSymbol::Line {
                    colour: look.colour.unwrap_or(middle.colour.on(self.theme)),
                    width_px: look.width_px.unwrap_or(middle.width_px),
                    dash_px: None,
                }
            }
            GeometryKind::Point => {
                let symbol = self.styles.symbol(&class.key, None);
                LegendSymbol::Point {
                    shape: look.shape.unwrap_or(symbol.shape),
                    size_px: look.size_px.unwrap_or(symbol.size_px),
                    fill: look.colour.unwrap_or(symbol.fill.on(self.theme)),
                    outline: symbol.outline.on(self.theme),
                }
            }
        }
    }
}

/// What a value of an expression is called: a dictionary's label for a code, else the value itself.
pub fn value_title(expr: Option<&Expr>, value: &str, lang: Lang) -> String {
    if value.is_empty() {
        return Message::new("thematic.legend.missing").text(lang);
    }
    expr.and_then(|e| e.dictionary(e.as_field()?)?.resolve(value))
        .map_or_else(|| value.to_owned(), |entry| entry.label.text(lang).to_owned())
}

fn range_title(limits: &[f64], i: usize) -> String {
    let from = i.checked_sub(1).and_then(|below| limits.get(below));
    match (from, limits.get(i)) {
        (Some(from), Some(to)) => format!("{} – {}", number_text(*from), number_text(*to)),
        (Some(from), None) => format!("≥ {}", number_text(*from)),
        (None, Some(to)) => format!("< {}", number_text(*to)),
        (None, None) => "–".to_owned(),
    }
}

fn diameter_title(limits: &[f64], i: usize) -> String {
    let from = i.checked_sub(1).and_then(|below| limits.get(below));
    match (from, limits.get(i)) {
        (Some(from), Some(to)) => format!("DN{from} – DN{to}"),
        (Some(from), None) => format!("≥ DN{from}"),
        (None, Some(to)) => format!("< DN{to}"),
        (None, None) => "DN".to_owned(),
    }
}

/// Up to four digits behind the point.
pub(super) fn number_text(number: f64) -> String {
    let text = format!("{number:.4}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" {
        "0".to_owned()
    } else {
        short.to_owned()
    }
}
