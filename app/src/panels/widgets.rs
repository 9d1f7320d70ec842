//! Pieces that several panels are made of: rows that are clicked, key figures, sections with a count.

use egui::{Align2, Color32, FontId, Rect, Response, RichText, Sense, TextStyle, Ui, pos2, vec2};

use crate::i18n::tr;
use crate::theme::Theme;

/// Lists are shown whole up to this.
pub const LIST_HEIGHT: f32 = 420.0;
/// Encodings one may choose where a file does not say its own.
const ENCODINGS: [&str; 3] = ["UTF-8", "GB18030", "Big5"];

/// One line of a result list.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub color: Option<Color32>,
    pub code: String,
    /// Follows the code, in weaker ink; cut where it does not fit.
    pub detail: String,
    /// At the right end.
    pub figure: String,
    pub is_selected: bool,
}

/// A row across the whole width. What is cut off is in the tooltip.
pub fn row_ui(ui: &mut Ui, theme: &Theme, row: &Row, reserved_right: f32) -> Response {
    let size = vec2(ui.available_width() - reserved_right, theme.size.row);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let name = [row.code.as_str(), &row.detail, &row.figure]
        .iter()
        .filter(|s| !s.is_empty())
        .fold(String::new(), |mut all, part| {
            if !all.is_empty() {
                all.push_str("  ");
            }
            all.push_str(part);
            all
        });
    response.widget_info(|| {
        egui::WidgetInfo::selected(
            egui::accesskit::Role::ListItem,
            ui.is_enabled(),
            row.is_selected,
            &name,
        )
    });
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let (ground, ink) = if row.is_selected {
        (Some(theme.accent.selection.0), theme.accent.selection_text.0)
    } else if response.hovered() {
        (Some(theme.widget.hovered.0), theme.text.primary.0)
    } else {
        (None, theme.text.primary.0)
    };
    if let Some(ground) = ground {
        painter.rect_filled(rect, theme.size.corner, ground);
    }
    let weak = if row.is_selected { ink } else { theme.text.weak.0 };
    let font = TextStyle::Body.resolve(ui.style());
    let small = FontId::new(theme.size.text_small + 0.5, font.family.clone());
    let middle = rect.center().y;
    let mut x = rect.left() + 6.0;
    if let Some(color) = row.color {
        painter.circle_filled(pos2(x + 4.0, middle), 4.0, color);
        x += 16.0;
    }
    let right = rect.right() - 6.0;
    let figure = painter.layout_no_wrap(row.figure.clone(), small.clone(), weak);
    let end = if row.figure.is_empty() {
        right
    } else {
        right - figure.size().x - 8.0
    };
    painter.galley(
        pos2(right - figure.size().x, middle - figure.size().y / 2.0),
        figure,
        weak,
    );
    let code = painter.layout_no_wrap(row.code.clone(), font, ink);
    let mut is_cut = code.size().x > end - x;
    let left = painter.with_clip_rect(Rect::from_min_max(rect.min, pos2(end, rect.max.y)));
    let code_width = code.size().x;
    left.galley(pos2(x, middle - code.size().y / 2.0), code, ink);
    x += code_width + 8.0;
    if !row.detail.is_empty() && x < end {
        let mut job = egui::text::LayoutJob::simple_singleline(row.detail.clone(), small, weak);
        job.wrap = egui::text::TextWrapping::truncate_at_width(end - x);
        let detail = painter.layout_job(job);
        is_cut |= detail.elided;
        left.galley(pos2(x, middle - detail.size().y / 2.0), detail, weak);
    }
    if is_cut {
        response.on_hover_text(name)
    } else {
        response
    }
}

/// A row of the list and, at its end, a small button; tells which of the two was clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clicked {
    Row,
    Button,
}

/// A list of rows. Long ones scroll in a window of their own and lay out only what is seen.
pub fn list_ui(
    ui: &mut Ui,
    theme: &Theme,
    id: &str,
    count: usize,
    button: Option<&str>,
    mut row: impl FnMut(usize) -> Row,
) -> Option<(usize, Clicked)> {
    const WITHOUT_SCROLLING: usize = 12;
    let mut clicked = None;
    let reserved = button.map_or(0.0, |text| {
        let font = TextStyle::Small.resolve(ui.style());
        let width = ui.fonts_mut(|f| {
            f.layout_no_wrap(text.to_owned(), font, theme.text.weak.0)
                .size()
                .x
        });
        width + 28.0
    });
    let mut one = |ui: &mut Ui, i: usize| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let shown = row(i);
            if row_ui(ui, theme, &shown, reserved).clicked() {
                clicked = Some((i, Clicked::Row));
            }
            if let Some(text) = button {
                let small = egui::Button::new(RichText::new(text).small()).small();
                if ui.add(small).clicked() {
                    clicked = Some((i, Clicked::Button));
                }
            }
        });
    };
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        if count <= WITHOUT_SCROLLING {
            for i in 0..count {
                one(ui, i);
            }
        } else {
            egui::ScrollArea::vertical()
                .id_salt(id)
                .max_height((theme.size.row + 1.0) * WITHOUT_SCROLLING as f32)
                .auto_shrink([false, true])
                .show_rows(ui, theme.size.row, count, |ui, range| {
                    for i in range {
                        one(ui, i);
                    }
                });
        }
    });
    clicked
}

/// A section with a count in its head; closed while it is empty. Returns whether its body was shown.
pub fn section_ui(
    ui: &mut Ui,
    theme: &Theme,
    id: &str,
    title: &str,
    count: usize,
    is_open: bool,
    body: impl FnOnce(&mut Ui),
) {
    if count == 0 {
        return;
    }
    ui.add_space(2.0);
    let head =
        RichText::new(format!("{title}  ({})", super::text::count(count as u64))).color(theme.text.strong.0);
    egui::CollapsingHeader::new(head)
        .id_salt(id)
        .default_open(is_open)
        .show_unindented(ui, |ui| {
            body(ui);
        });
}

/// A figure with its name below, side by side with others.
pub fn figures_ui(ui: &mut Ui, theme: &Theme, figures: &[(String, String, Color32)]) {
    /// Narrower than this, three names side by side would be cut.
    const NARROW: f32 = 310.0;
    let per_line = if ui.available_width() < NARROW { 2 } else { 3 };
    let gap = theme.size.spacing;
    let width = (ui.available_width() - gap * (per_line - 1) as f32) / per_line as f32;
    for line in figures.chunks(per_line) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for (value, name, ink) in line {
                figure_ui(ui, theme, width, value, name, *ink);
            }
        });
    }
}

fn figure_ui(ui: &mut Ui, theme: &Theme, width: f32, value: &str, name: &str, ink: Color32) {
    let (rect, response) = ui.allocate_exact_size(vec2(width, 48.0), Sense::hover());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, format!("{name} {value}"))
    });
    let painter = ui.painter();
    painter.rect_filled(rect, theme.size.corner, theme.surface.stripe.0);
    let family = egui::FontFamily::Proportional;
    let inner = rect.shrink2(vec2(8.0, 5.0));
    painter.text(
        inner.left_top(),
        Align2::LEFT_TOP,
        value,
        FontId::new(theme.size.text_heading - 1.0, family.clone()),
        ink,
    );
    let small = FontId::new(theme.size.text_small, family);
    let mut job = egui::text::LayoutJob::simple_singleline(name.to_owned(), small, theme.text.weak.0);
    job.wrap = egui::text::TextWrapping::truncate_at_width(inner.width());
    let galley = painter.layout_job(job);
    let is_cut = galley.elided;
    painter.galley(
        inner.left_bottom() - vec2(0.0, galley.size().y),
        galley,
        theme.text.weak.0,
    );
    if is_cut {
        response.on_hover_text(name);
    }
}

/// A box with a coloured ground for a sentence that matters.
pub fn notice_ui(ui: &mut Ui, ink: Color32, ground: Color32, text: &str) {
    egui::Frame::new()
        .fill(ground)
        .corner_radius(5)
        .inner_margin(egui::Margin::symmetric(8, 6))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(text).color(ink));
        });
}

/// What a panel says while it has nothing to show.
pub fn empty_ui(ui: &mut Ui, theme: &Theme, text: &str) {
    ui.add_space(18.0);
    ui.vertical_centered(|ui| {
        ui.label(RichText::new(text).color(theme.text.weak.0));
    });
}

/// A list to choose from, behind its name.
pub fn choice_ui(ui: &mut Ui, key: &str, shown: &str, entries: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        let label = ui.label(tr(key));
        egui::ComboBox::from_id_salt(key)
            .selected_text(shown)
            .height(LIST_HEIGHT)
            .show_ui(ui, entries)
            .response
            .labelled_by(label.id);
    });
}

/// In which encoding the text of a file is read; `None` leaves it to the file.
pub fn encoding_ui(ui: &mut Ui, salt: &str, chosen: &mut Option<String>) -> Response {
    let auto = tr("app.import.automatic");
    egui::ComboBox::from_id_salt(salt)
        .selected_text(chosen.as_ref().unwrap_or(&auto))
        .width(200.0)
        .show_ui(ui, |ui| {
            ui.selectable_value(chosen, None, &auto);
            for encoding in ENCODINGS {
                ui.selectable_value(chosen, Some(encoding.to_owned()), encoding);
            }
        })
        .response
}

/// The button that matters most in its place.
pub fn primary_button(theme: &Theme, text: &str) -> egui::Button<'static> {
    egui::Button::new(RichText::new(text).color(theme.text.on_accent.0)).fill(theme.accent.fill.0)
}
