//! 分组统计: the set in groups of one or several fields, as a table with bars. A click on a group looks for its features.

use egui::{RichText, Ui, vec2};
use gis_core::ClassIndex;
use gis_core::query::{Group, condition_of, expressions_of};
use gis_core::statistics::row_name;

use super::super::{PanelEnv, text, widgets};
use super::FoundSet;
use crate::i18n::{lang, tr};
use crate::shell::action::{Action, FilePurpose, TemplateOf};
use crate::shell::querying::QueryAction;
use crate::theme::Theme;

/// Height of the bar under a group.
const BAR: f32 = 3.0;

/// Groups with what they were made by.
#[derive(Debug, Clone, Default)]
pub struct GroupTable {
    pub by: Vec<String>,
    pub groups: Vec<Group>,
}

impl GroupTable {
    /// A condition that the features of a group fit, and no others.
    pub fn condition(&self, group: usize) -> Option<String> {
        Some(condition_of(&self.by, &self.groups.get(group)?.keys))
    }
}

#[derive(Debug, Default)]
pub struct Grouping {
    /// Expressions, separated by commas.
    written: String,
    pub is_waiting: bool,
    table: Option<GroupTable>,
    by_length: bool,
}

impl Grouping {
    pub fn table(&self) -> Option<&GroupTable> {
        self.table.as_ref()
    }

    pub fn set(&mut self, table: GroupTable) {
        self.is_waiting = false;
        // Nodes have no length; pipes are compared by theirs.
        self.by_length = table.groups.iter().any(|group| group.length_m > 0.0);
        self.table = Some(table);
    }

    /// The set is another, or the answer was an error.
    pub fn forget(&mut self) {
        self.is_waiting = false;
        self.table = None;
    }

    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        env: &mut PanelEnv<'_>,
        class: Option<ClassIndex>,
        found: &FoundSet,
    ) {
        if found.set.is_empty() {
            return;
        }
        ui.separator();
        let class = class.or_else(|| {
            found
                .counts
                .iter()
                .max_by_key(|(_, count)| *count)
                .map(|(c, _)| *c)
        });
        ui.horizontal(|ui| {
            let label = ui.label(tr("querying.group_by"));
            let room = (ui.available_width() - 130.0).max(80.0);
            ui.add(
                egui::TextEdit::singleline(&mut self.written)
                    .hint_text(tr("querying.group_hint"))
                    .desired_width(room),
            )
            .labelled_by(label.id);
            if let Some(class) = class {
                self.field_menu_ui(ui, env, class);
            }
            let can = !self.is_waiting && !self.by().is_empty();
            if ui
                .add_enabled(can, egui::Button::new(tr("querying.group")))
                .clicked()
            {
                self.is_waiting = true;
                env.push(Action::Query(QueryAction::Group(self.by())));
            }
        });
        self.table_ui(ui, env);
    }

    fn by(&self) -> Vec<String> {
        expressions_of(&self.written)
    }

    fn field_menu_ui(&mut self, ui: &mut Ui, env: &PanelEnv<'_>, class: ClassIndex) {
        ui.menu_button("+", |ui| {
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for (_, field) in env.session.schema.class(class).offered() {
                    if ui.button(field.label.text(lang())).clicked() {
                        if !self.written.trim().is_empty() {
                            self.written.push_str(", ");
                        }
                        self.written.push_str(&field.key);
                        ui.close();
                    }
                }
            });
        })
        .response
        .on_hover_text(tr("querying.add_field"));
    }

    fn table_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let Some(table) = &self.table else { return };
        ui.horizontal(|ui| {
            ui.selectable_value(&mut self.by_length, false, tr("querying.by_count"));
            ui.selectable_value(&mut self.by_length, true, tr("querying.by_length"));
            if ui.button(tr("querying.excel")).clicked() {
                env.push(Action::ChooseFile(FilePurpose::GroupsExcel));
            }
            if ui.button(tr("querying.by_template")).clicked() {
                env.push(Action::ChooseFile(FilePurpose::Template(TemplateOf::Groups)));
            }
        });
        let size = |group: &Group| {
            if self.by_length {
                group.length_m
            } else {
                group.count as f64
            }
        };
        let (largest, whole) = table
            .groups
            .iter()
            .map(size)
            .fold((0.0_f64, 0.0), |(m, s), v| (m.max(v), s + v));
        let mut picked = None;
        egui::ScrollArea::vertical()
            .id_salt("groups")
            .max_height(320.0)
            .auto_shrink([false, true])
            .show_rows(ui, env.theme.size.row + BAR, table.groups.len(), |ui, range| {
                for i in range {
                    let group = &table.groups[i];
                    let share = if whole > 0.0 { size(group) / whole } else { 0.0 };
                    let said = if self.by_length {
                        text::length(group.length_m)
                    } else {
                        text::count(group.count as u64)
                    };
                    let row = widgets::Row {
                        code: row_name(&group.keys, lang()),
                        figure: format!("{said}  {:.1} %", share * 100.0),
                        ..widgets::Row::default()
                    };
                    let part = if largest > 0.0 { size(group) / largest } else { 0.0 };
                    let response = bar_ui(ui, env.theme, &row, part as f32);
                    if response.on_hover_text(tr("querying.group_tip")).clicked() {
                        picked = Some(i);
                    }
                }
            });
        ui.label(
            RichText::new(crate::i18n::tr_with(
                "querying.groups",
                "count",
                table.groups.len(),
            ))
            .small()
            .color(env.theme.text.weak.0),
        );
        if let Some(condition) = picked.and_then(|i| table.condition(i)) {
            env.push(Action::Query(QueryAction::Narrow(condition)));
        }
    }
}

/// A row with a bar under it, `part` of its width.
fn bar_ui(ui: &mut Ui, theme: &Theme, row: &widgets::Row, part: f32) -> egui::Response {
    let shown = ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let response = widgets::row_ui(ui, theme, row, 0.0);
        let (room, _) = ui.allocate_exact_size(vec2(response.rect.width(), BAR), egui::Sense::hover());
        let bar = room.with_max_x(room.left() + room.width() * part);
        ui.painter().rect_filled(bar, 1.0, theme.accent.fill.0);
        response
    });
    shown.inner
}
