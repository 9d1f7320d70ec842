//! The head of the table: names of the columns, which order rows when they are clicked and move when they are dragged, and
//! below each what its values are filtered by.

use egui::{Align2, Rect, Sense, TextEdit, TextStyle, Ui};
use gis_core::schema::{FeatureClass, FieldType};
use gis_core::table::{SortKey, heading};

use super::change::ChangeKind;
use crate::i18n::{lang, tr};
use crate::theme::Theme;

/// What was done to a heading in this frame.
#[derive(Debug)]
pub(super) enum Asked {
    Sort {
        field: usize,
        is_added: bool,
    },
    /// Put in the place of another one.
    Move {
        field: usize,
        onto: usize,
    },
    Hide(usize),
    /// Columns up to this one stay.
    Freeze(usize),
    Sum(usize),
    Change(usize, ChangeKind),
    Filter(usize, String),
}

pub(super) struct Head<'a> {
    pub(super) class: &'a FeatureClass,
    pub(super) theme: &'a Theme,
    pub(super) sort: &'a [SortKey],
    pub(super) is_editing: bool,
    /// Where the headings lie, as far as they were drawn.
    pub(super) rects: Vec<(usize, Rect)>,
    pub(super) dropped: Option<(usize, egui::Pos2)>,
    pub(super) asked: Vec<Asked>,
}

impl Head<'_> {
    pub(super) fn name_ui(&mut self, ui: &mut Ui, at: usize, column: usize) {
        let field = &self.class.fields[at];
        let rect = ui.max_rect();
        self.rects.push((at, rect));
        let response = ui.interact(rect, ui.scope_id().with("name"), Sense::click_and_drag());
        let name = heading(field, lang());
        let order = self.sort.iter().position(|key| key.field == field.key);
        response.widget_info(|| {
            let is_sorted = order.is_some();
            egui::WidgetInfo::selected(
                egui::accesskit::Role::ColumnHeader,
                ui.is_enabled(),
                is_sorted,
                &name,
            )
        });
        if response.hovered() {
            ui.painter().rect_filled(rect, 0.0, self.theme.widget.hovered.0);
        }
        let mut shown = name.clone();
        if let Some(order) = order {
            let sign = if self.sort[order].is_descending {
                "▼"
            } else {
                "▲"
            };
            shown = if self.sort.len() > 1 {
                format!("{sign}{} {name}", order + 1)
            } else {
                format!("{sign} {name}")
            };
        }
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        let font = TextStyle::Body.resolve(ui.style());
        let ink = self.theme.text.strong.0;
        painter.text(
            rect.left_center() + egui::vec2(6.0, 0.0),
            Align2::LEFT_CENTER,
            shown,
            font,
            ink,
        );
        if response.clicked() {
            let is_added = ui.input(|i| i.modifiers.shift);
            self.asked.push(Asked::Sort { field: at, is_added });
        }
        if let Some(place) = response
            .interact_pointer_pos()
            .filter(|_| response.drag_stopped())
        {
            self.dropped = Some((at, place));
        }
        let response = response.on_hover_text(format!("{name}\n{}", tr("table.panel.heading_tip")));
        response.context_menu(|ui| self.menu_ui(ui, at, column));
    }

    fn menu_ui(&mut self, ui: &mut Ui, at: usize, column: usize) {
        let is_number = matches!(
            self.class.fields[at].field_type,
            FieldType::Integer | FieldType::Real
        );
        if ui.button(tr("table.panel.hide")).clicked() {
            self.asked.push(Asked::Hide(at));
        }
        if ui.button(tr("table.panel.freeze")).clicked() {
            self.asked.push(Asked::Freeze(column));
        }
        if is_number && ui.button(tr("table.panel.sum")).clicked() {
            self.asked.push(Asked::Sum(at));
        }
        if self.is_editing {
            ui.separator();
            if ui.button(tr("table.change.calculator")).clicked() {
                self.asked.push(Asked::Change(at, ChangeKind::Calculate));
            }
            if ui.button(tr("table.change.replace")).clicked() {
                self.asked.push(Asked::Change(at, ChangeKind::Replace));
            }
        }
    }

    pub(super) fn filter_ui(&mut self, ui: &mut Ui, at: usize, text: &str) {
        let field = &self.class.fields[at];
        let mut typed = text.to_owned();
        let edit = TextEdit::singleline(&mut typed)
            .id_salt(("filter", &field.key))
            .desired_width(f32::INFINITY);
        let response = ui
            .add_sized(ui.available_size() - egui::vec2(2.0, 2.0), edit)
            .on_hover_text(tr("table.panel.filter_tip"));
        let name = format!("{} {}", tr("table.panel.filter"), field.label.text(lang()));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, &name));
        if response.changed() {
            self.asked.push(Asked::Filter(at, typed));
        }
    }

    /// The column that one was dropped upon.
    pub(super) fn settle_drop(&mut self) {
        let Some((field, place)) = self.dropped.take() else {
            return;
        };
        let onto = self
            .rects
            .iter()
            .find(|(_, rect)| rect.x_range().contains(place.x));
        if let Some((onto, _)) = onto.filter(|(onto, _)| *onto != field) {
            self.asked.push(Asked::Move { field, onto: *onto });
        }
    }
}
