//! What one engineering project changes: the list, old and new values of an altered feature, the bill of materials.

use egui::{Grid, RichText, ScrollArea, Ui, vec2};
use gis_core::project::{ChangeKind, Engineering, Material};

use super::{ChangeRow, kind_name, role};
use crate::i18n::{tr, tr_with};
use crate::panels::widgets::{self, Row, row_ui};
use crate::panels::{PanelEnv, text};
use crate::theme::Theme;

/// `Institute 2 · Site 4 · 2026-03-01 – 2026-05-01 · S-101`
pub(super) fn particulars(of: &Engineering) -> String {
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(|| "…".to_owned(), |d| d.to_string());
    let time = match (of.begins, of.ends) {
        (None, None) => String::new(),
        (begins, ends) => format!("{} – {}", day(begins), day(ends)),
    };
    let parts = [
        of.name.clone(),
        of.designer.clone(),
        of.builder.clone(),
        time,
        of.drawings.join(", "),
    ];
    let known = parts.into_iter().filter(|part| !part.is_empty());
    known.collect::<Vec<_>>().join(" · ")
}

/// What the colours on the map say.
pub(super) fn legend_ui(ui: &mut Ui, theme: &Theme) {
    for kind in [ChangeKind::New, ChangeKind::Altered, ChangeKind::ToAbandon] {
        let Some(role) = role(kind) else { continue };
        // In one piece, so that a line breaks between two of them.
        let font = egui::TextStyle::Small.resolve(ui.style());
        let galley = ui
            .painter()
            .layout_no_wrap(kind_name(kind), font, theme.text.primary.0);
        let size = vec2(20.0 + galley.size().x, theme.size.row);
        let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
        let middle = rect.center().y;
        let line = egui::Stroke::new(4.0, theme.highlight_color(role));
        let painter = ui.painter();
        painter.hline(rect.left()..=rect.left() + 14.0, middle, line);
        let at = egui::pos2(rect.left() + 19.0, middle - galley.size().y / 2.0);
        painter.galley(at, galley, theme.text.primary.0);
    }
}

/// The list, and beside it what was picked was and is. Returns the change that was clicked.
pub(super) fn changes_ui(
    ui: &mut Ui,
    env: &PanelEnv<'_>,
    changes: &[ChangeRow],
    picked: Option<usize>,
) -> Option<usize> {
    if changes.is_empty() {
        widgets::empty_ui(ui, env.theme, &tr("engineering.pane.no_changes"));
        return None;
    }
    let compared = picked
        .and_then(|i| changes.get(i))
        .filter(|change| !change.cells.is_empty());
    let width = ui.available_width() * if compared.is_some() { 0.45 } else { 1.0 };
    let height = ui.available_height().max(120.0);
    let mut clicked = None;
    ui.horizontal_top(|ui| {
        ui.allocate_ui(vec2(width, height), |ui| {
            ui.set_min_width(width);
            ui.vertical(|ui| clicked = list_ui(ui, env, changes, picked, height));
        });
        if let Some(change) = compared {
            ui.separator();
            ui.vertical(|ui| compare_ui(ui, env.theme, change));
        }
    });
    clicked
}

fn list_ui(
    ui: &mut Ui,
    env: &PanelEnv<'_>,
    changes: &[ChangeRow],
    picked: Option<usize>,
    height: f32,
) -> Option<usize> {
    let theme = env.theme;
    let mut clicked = None;
    ui.spacing_mut().item_spacing.y = 1.0;
    ScrollArea::vertical()
        .id_salt("changes")
        .max_height(height)
        .auto_shrink([false, false])
        .show_rows(ui, theme.size.row, changes.len(), |ui, range| {
            for i in range {
                let change = &changes[i];
                let row = Row {
                    color: role(change.kind).map(|role| theme.highlight_color(role)),
                    code: change.name.clone(),
                    detail: change.class.clone(),
                    figure: kind_name(change.kind),
                    is_selected: picked == Some(i),
                };
                if row_ui(ui, theme, &row, 0.0).clicked() {
                    clicked = Some(i);
                }
            }
        });
    clicked
}

fn compare_ui(ui: &mut Ui, theme: &Theme, change: &ChangeRow) {
    ui.strong(tr_with("engineering.pane.compared", "feature", &change.name));
    ScrollArea::both()
        .id_salt("compared")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            Grid::new("compared")
                .num_columns(3)
                .striped(true)
                .spacing([14.0, 4.0])
                .show(ui, |ui| {
                    heads_ui(ui, theme, &["field", "old", "new"]);
                    for cell in &change.cells {
                        ui.label(&cell.field);
                        ui.label(RichText::new(or_dash(&cell.old)).color(theme.text.weak.0));
                        ui.label(or_dash(&cell.new));
                        ui.end_row();
                    }
                });
        });
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

fn heads_ui(ui: &mut Ui, theme: &Theme, keys: &[&str]) {
    for key in keys {
        let word = tr(&format!("engineering.word.{key}"));
        ui.label(RichText::new(word).small().color(theme.text.weak.0));
    }
    ui.end_row();
}

pub(super) fn materials_ui(ui: &mut Ui, theme: &Theme, materials: &[Material]) {
    if materials.is_empty() {
        return widgets::empty_ui(ui, theme, &tr("engineering.pane.no_materials"));
    }
    ScrollArea::both()
        .id_salt("materials")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            Grid::new("materials")
                .num_columns(6)
                .striped(true)
                .spacing([18.0, 4.0])
                .show(ui, |ui| {
                    heads_ui(
                        ui,
                        theme,
                        &["class", "kind", "material", "diameter_mm", "count", "length_m"],
                    );
                    for m in materials {
                        let diameter = m.diameter_mm.map(|d| format!("{d:.0}")).unwrap_or_default();
                        let length = m.length_m.map(|l| format!("{l:.2}")).unwrap_or_default();
                        let count = text::count(m.count as u64);
                        for cell in [&m.class, &m.kind, &m.material, &diameter, &count, &length] {
                            ui.label(cell.as_str());
                        }
                        ui.end_row();
                    }
                });
        });
}
