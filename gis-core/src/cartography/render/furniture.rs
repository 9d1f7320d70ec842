//! What stands around a map: title, legend, scale bar, north arrow, overview. It draws no network of its own.

use tiny_skia::PathBuilder;

use super::canvas::{Align, Canvas};
use super::font::Font;
use super::painter::{Shown, bubble};
use super::view::View;
use super::{MapRequest, MapResult, symbols};
use crate::cartography::style::ColourBy;
use crate::cartography::thematic::{LegendEntry, LegendSymbol};
use crate::cartography::{Highlight, PipeLook, Rgba};
use crate::network::LifeState;
use crate::text::{Message, translate};

const ROW: f32 = 16.0;
const TEXT: f32 = 10.5;
const KEY: f32 = 26.0;

pub(super) struct Furniture<'a> {
    pub(super) request: &'a MapRequest<'a>,
    pub(super) font: &'a Font,
}

impl Furniture<'_> {
    fn ink(&self) -> Rgba {
        self.request.styles.text(self.request.theme)
    }

    fn faint(&self) -> Rgba {
        self.ink().with_alpha(150)
    }

    fn say(&self, key: &'static str) -> String {
        translate(key, self.request.lang)
    }

    /// Title and subtitle across the top; returns the height used.
    pub(super) fn title(&self, canvas: &mut Canvas) -> f32 {
        let room = canvas.width() - 32.0;
        let title = self.font.fitted(&self.request.title, 17.0, room);
        canvas.text(self.font, &title, [16.0, 27.0], 17.0, self.ink(), Align::Left);
        if self.request.subtitle.is_empty() {
            return 40.0;
        }
        let subtitle = self.font.fitted(&self.request.subtitle, 10.5, room);
        canvas.text(
            self.font,
            &subtitle,
            [16.0, 43.0],
            10.5,
            self.faint(),
            Align::Left,
        );
        52.0
    }

    /// A bar of a round length in the lower left corner of the map.
    pub(super) fn scale_bar(&self, canvas: &mut Canvas, view: &View, x: f32, bottom: f32) {
        let longest_m = view.metres_per_px() * 130.0;
        let length_m = round_down_to_125(longest_m);
        let width = (length_m / view.metres_per_px()) as f32;
        let label = if length_m >= 1000.0 {
            format!("{} km", length_m / 1000.0)
        } else {
            format!("{length_m} m")
        };
        let scale = format!("1 : {}", grouped(round_to_two_digits(view.denominator())));
        let (ink, ground) = (self.ink(), self.request.styles.ground(self.request.theme));
        let box_width = width.max(self.font.width(&scale, 9.5) + self.font.width(&label, 9.5) + 14.0) + 16.0;
        canvas.rectangle(x, bottom - 34.0, box_width, 34.0, ground.with_alpha(225));
        let y = bottom - 12.0;
        let half = width / 2.0;
        canvas.rectangle(x + 8.0, y, half, 4.0, ink);
        canvas.frame(x + 8.0, y, width, 4.0, ink, 0.8);
        canvas.text(self.font, &label, [x + 8.0, y - 5.0], 9.5, ink, Align::Left);
        canvas.text(
            self.font,
            &scale,
            [x + box_width - 8.0, y - 5.0],
            9.5,
            self.faint(),
            Align::Right,
        );
    }

    /// North arrow with its letter, its upper right corner at (`right`, `top`).
    pub(super) fn north_arrow(&self, canvas: &mut Canvas, right: f32, top: f32) {
        let (ink, ground) = (self.ink(), self.request.styles.ground(self.request.theme));
        let centre = [right - 17.0, top + 24.0];
        canvas.disc(centre, 22.0, ground.with_alpha(225));
        let [x, y] = [centre[0], centre[1] + 4.0];
        for (side, colour) in [(-1.0, ink), (1.0, ground)] {
            let mut path = PathBuilder::new();
            path.move_to(x, y - 13.0);
            path.line_to(x + side * 7.0, y + 11.0);
            path.line_to(x, y + 6.0);
            path.close();
            if let Some(path) = path.finish() {
                canvas.fill(&path, colour);
                canvas.stroke(&path, ink, 0.9, None);
            }
        }
        let letter = self.say("cartography.render.north");
        canvas.text_with_halo(
            self.font,
            &letter,
            [x, y - 15.0],
            9.5,
            [ink, ground],
            Align::Centre,
        );
    }

    /// The column beside the map, from `top` to `bottom`.
    pub(super) fn legend(
        &self,
        canvas: &mut Canvas,
        shown: &Shown,
        themes: &[LegendEntry],
        [x, top, width, bottom]: [f32; 4],
    ) {
        let mut column = Column {
            furniture: self,
            canvas,
            x,
            y: top,
            width,
            bottom,
        };
        column.results(shown);
        column.valves();
        column.themes(themes);
        column.pipes(shown);
        column.nodes(shown);
    }
}

struct Column<'a, 'b> {
    furniture: &'a Furniture<'a>,
    canvas: &'b mut Canvas,
    x: f32,
    y: f32,
    width: f32,
    bottom: f32,
}

impl Column<'_, '_> {
    fn has_room(&self, rows: f32) -> bool {
        self.y + rows * ROW <= self.bottom
    }

    /// Leaves out the whole group where not even one entry would fit below its heading.
    fn heading(&mut self, key: &'static str) -> bool {
        if !self.has_room(2.5) {
            return false;
        }
        let f = self.furniture;
        self.y += ROW + 2.0;
        self.canvas.text(
            f.font,
            &f.say(key),
            [self.x, self.y - 5.0],
            11.0,
            f.ink(),
            Align::Left,
        );
        let line = f.ink().with_alpha(60);
        self.canvas
            .segment([self.x, self.y], [self.x + self.width, self.y], line, 0.8, None);
        self.y += 3.0;
        true
    }

    /// One entry; `draw` puts its key around the point it gets.
    fn entry(&mut self, text: &str, draw: impl FnOnce(&mut Canvas, [f32; 2])) {
        if !self.has_room(1.0) {
            return;
        }
        draw(self.canvas, [self.x + KEY / 2.0, self.y + ROW / 2.0]);
        let f = self.furniture;
        let text = f.font.fitted(text, TEXT, self.width - KEY - 6.0);
        self.canvas.text(
            f.font,
            &text,
            [self.x + KEY + 6.0, self.y + ROW - 4.5],
            TEXT,
            f.ink(),
            Align::Left,
        );
        self.y += ROW;
    }

    fn line_entry(&mut self, text: &str, colour: Rgba, width: f32, dash: Option<[f32; 2]>) {
        self.entry(text, |canvas, [x, y]| {
            canvas.segment(
                [x - KEY / 2.0 + 2.0, y],
                [x + KEY / 2.0 - 2.0, y],
                colour,
                width,
                dash,
            );
        });
    }

    fn results(&mut self, shown: &Shown) {
        let MapRequest { styles, theme, .. } = *self.furniture.request;
        if shown.highlights.is_empty() || !self.heading("cartography.legend.result") {
            return;
        }
        for highlight in Highlight::ALL
            .into_iter()
            .filter(|h| shown.highlights.contains(h))
        {
            let text = self.furniture.say(highlight_key(highlight));
            let style = styles.highlight(highlight);
            let colour = style.colour.on(theme);
            match highlight {
                Highlight::BurstPlace => self.entry(&text, |canvas, [x, y]| {
                    if let Some(star) = symbols::star() {
                        let place = tiny_skia::Transform::from_scale(7.0, 7.0).post_translate(x, y);
                        canvas.fill_placed(&star, colour, place);
                    }
                }),
                Highlight::Close | Highlight::Check | Highlight::Optional | Highlight::Inoperable => {
                    self.symbol_entry(&text, "valve", 11.0, colour);
                }
                Highlight::Hydrant => self.symbol_entry(&text, "hydrant", 9.0, colour),
                Highlight::Customer => self.symbol_entry(&text, "customer", 10.0, colour),
                _ => self.line_entry(&text, colour, style.widen_px + 1.6, None),
            }
        }
    }

    /// The legend of the map's layers.
    fn themes(&mut self, entries: &[LegendEntry]) {
        if entries.is_empty() || !self.heading("cartography.legend.layers") {
            return;
        }
        for item in entries {
            match &item.symbol {
                LegendSymbol::None => self.entry(&item.title, |_, _| {}),
                LegendSymbol::Line {
                    colour,
                    width_px,
                    dash_px,
                } => self.line_entry(&item.title, *colour, width_px.min(9.0), *dash_px),
                LegendSymbol::Point {
                    shape,
                    size_px,
                    fill,
                    outline,
                } => {
                    let (shape, size, colours) = (*shape, size_px.min(ROW), [*fill, *outline]);
                    self.entry(&item.title, |canvas, at| {
                        symbols::draw(canvas, shape, at, size, 0.0, colours);
                    });
                }
                LegendSymbol::Swatch(colour) => {
                    let colour = *colour;
                    self.entry(&item.title, |canvas, [x, y]| {
                        canvas.rectangle(x - 8.0, y - 5.0, 16.0, 10.0, colour);
                    });
                }
                LegendSymbol::Ramp(colours) => self.entry(&item.title, |canvas, [x, y]| {
                    let step = KEY / colours.len().max(1) as f32;
                    for (i, colour) in colours.iter().enumerate() {
                        let left = x - KEY / 2.0 + step * i as f32;
                        canvas.rectangle(left, y - 5.0, step, 10.0, *colour);
                    }
                }),
            }
        }
    }

    fn symbol_entry(&mut self, text: &str, class: &str, size: f32, colour: Rgba) {
        let shape = self.furniture.request.styles.symbol(class, None).shape;
        self.entry(text, |canvas, at| {
            symbols::draw(canvas, shape, at, size, 0.0, [colour, colour]);
        });
    }

    /// The valves to close by number, as many as fit.
    fn valves(&mut self) {
        let f = self.furniture;
        let MapResult::Burst(burst) = &f.request.result else {
            return;
        };
        let order = burst.closing_order;
        if order.is_empty() || !self.heading("cartography.legend.closing_order") {
            return;
        }
        // Half of what is left: the key to the lines must fit below.
        let fits = (((self.bottom - self.y) * 0.5 / ROW) as usize).max(1);
        let listed = if order.len() > fits {
            fits.saturating_sub(1)
        } else {
            order.len()
        };
        let colours = [
            f.request
                .styles
                .highlight(Highlight::Close)
                .colour
                .on(f.request.theme),
            f.request.styles.ground(f.request.theme),
        ];
        for (i, valve) in order.iter().take(listed).enumerate() {
            let mut text = f.request.network.node_code(*valve).to_owned();
            let diameter_mm = f.request.network.node_diameter_mm(*valve);
            if diameter_mm.is_finite() && diameter_mm > 0.0 {
                text = format!("{text}  DN{diameter_mm:.0}");
            }
            self.entry(&text, |canvas, at| {
                bubble(canvas, f.font, at, &(i + 1).to_string(), colours);
            });
        }
        if listed < order.len() {
            let more = Message::new("cartography.legend.more").with("count", order.len() - listed);
            self.entry(&more.text(f.request.lang), |_, _| {});
        }
    }

    fn pipes(&mut self, shown: &Shown) {
        let f = self.furniture;
        let MapRequest {
            styles, theme, lang, ..
        } = *f.request;
        let is_empty = shown.diameters.is_empty() && !shown.has_planned && !shown.has_obsolete;
        if is_empty || !self.heading("cartography.legend.pipes") {
            return;
        }
        if styles.colour_by() == ColourBy::Material {
            for &material in &shown.materials {
                let look = PipeLook {
                    diameter_mm: 250.0,
                    material: f.request.material_code(material),
                    state: LifeState::Operative,
                };
                let style = styles.pipe_style(look);
                let text = f.request.material_label(material).unwrap_or_default();
                self.line_entry(&text, style.colour.on(theme), 2.4, None);
            }
        } else {
            for &class in shown.diameters.iter().rev() {
                let style = styles.diameter_style(class);
                let text = diameter_label(styles.diameters(), class)
                    .unwrap_or_else(|| translate("cartography.legend.unknown_diameter", lang));
                self.line_entry(&text, style.colour.on(theme), style.width_px, None);
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
                self.line_entry(
                    &translate(key, lang),
                    style.colour.on(theme),
                    style.width_px,
                    style.dash_px,
                );
            }
        }
    }

    fn nodes(&mut self, shown: &Shown) {
        let f = self.furniture;
        let MapRequest {
            styles,
            theme,
            lang,
            schema,
            network,
            ..
        } = *f.request;
        if shown.symbols.is_empty() || !self.heading("cartography.legend.nodes") {
            return;
        }
        let mut listed: Vec<&str> = Vec::new();
        for (index, node) in shown.symbols.iter().rev() {
            let symbol = &styles.symbols()[*index];
            let class = schema.class(network.node_class(*node));
            // Kinds that look like the rest of their class stand under its name.
            let kind = symbol
                .kind
                .as_deref()
                .filter(|_| !symbol.looks_like(styles.symbol(&class.key, None)))
                .and_then(|kind| schema.kinds_of(network.node_class(*node))?.resolve(kind));
            let text = kind.map_or(&class.label, |kind| &kind.label).text(lang);
            if listed.contains(&text) {
                continue;
            }
            listed.push(text);
            let colours = [symbol.fill.on(theme), symbol.outline.on(theme)];
            let size = symbol.size_px.clamp(6.0, 13.0);
            self.entry(text, |canvas, at| {
                symbols::draw(canvas, symbol.shape, at, size, 0.0, colours);
            });
        }
        if shown.has_closed {
            let symbol = styles.symbol("valve", None);
            let colours = [styles.device().closed_fill.on(theme), symbol.outline.on(theme)];
            self.entry(
                &translate("cartography.legend.closed_valve", lang),
                |canvas, at| {
                    symbols::draw(canvas, symbol.shape, at, 10.0, 0.0, colours);
                },
            );
        }
    }
}

fn highlight_key(highlight: Highlight) -> &'static str {
    match highlight {
        Highlight::BurstPlace => "cartography.highlight.burst_place",
        Highlight::Isolated => "cartography.highlight.isolated",
        Highlight::CutOff => "cartography.highlight.cut_off",
        Highlight::DryBefore => "cartography.highlight.dry_before",
        Highlight::Close => "cartography.highlight.close",
        Highlight::Check => "cartography.highlight.check",
        Highlight::Optional => "cartography.highlight.optional",
        Highlight::Inoperable => "cartography.highlight.inoperable",
        Highlight::Hydrant => "cartography.highlight.hydrant",
        Highlight::Customer => "cartography.highlight.customer",
        Highlight::Path => "cartography.highlight.path",
        Highlight::Selection => "cartography.highlight.selection",
        Highlight::Hover => "cartography.highlight.hover",
    }
}

/// `DN 100–200`, `< DN 100`, `≥ DN 600`; `None` for the class of unknown diameters.
pub fn diameter_label(classes: &[crate::cartography::DiameterStyle], class: Option<usize>) -> Option<String> {
    let class = class?;
    let below = classes.get(class)?.below_mm;
    let from = class.checked_sub(1).and_then(|i| classes[i].below_mm);
    Some(match (from, below) {
        (Some(from), Some(below)) => format!("DN {from}–{below}"),
        (None, Some(below)) => format!("< DN {below}"),
        (Some(from), None) => format!("≥ DN {from}"),
        (None, None) => "DN".to_owned(),
    })
}

/// The largest of 1, 2, 5 times a power of ten that is not above `value`.
pub(crate) fn round_down_to_125(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let digit = value / power;
    power
        * if digit >= 5.0 {
            5.0
        } else if digit >= 2.0 {
            2.0
        } else {
            1.0
        }
}

fn round_to_two_digits(value: f64) -> f64 {
    if !value.is_finite() || value < 1.0 {
        return 1.0;
    }
    let power = 10_f64.powf((value.log10().floor() - 1.0).max(0.0));
    (value / power).round() * power
}

/// Thousands apart by thin gaps: 12 500.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cartography::StyleSet;

    #[test]
    fn the_bar_has_a_round_length() {
        for (value, expected) in [
            (130.0, 100.0),
            (260.0, 200.0),
            (999.0, 500.0),
            (0.7, 0.5),
            (1000.0, 1000.0),
        ] {
            assert!((round_down_to_125(value) - expected).abs() < 1e-9, "{value}");
        }
        assert!((round_down_to_125(f64::NAN) - 1.0).abs() < 1e-9);
        assert_eq!(grouped(round_to_two_digits(12_345.0)), "12 000");
        assert_eq!(grouped(1_234_567.0), "1 234 567");
    }

    #[test]
    fn diameter_classes_are_named_by_their_limits() {
        let styles = StyleSet::builtin().unwrap();
        let name = |i| diameter_label(styles.diameters(), i);
        assert_eq!(name(Some(0)).as_deref(), Some("< DN 100"));
        assert_eq!(name(Some(1)).as_deref(), Some("DN 100–200"));
        assert_eq!(name(Some(4)).as_deref(), Some("≥ DN 600"));
        assert_eq!(name(None), None);
    }
}
