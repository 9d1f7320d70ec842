//! What stands above the rows: the class, which of its features, a condition, and what can be done with them.

use egui::{ComboBox, RichText, TextEdit, Ui};
use gis_core::ClassIndex;
use strum::IntoEnumIterator as _;

use super::change::ChangeKind;
use super::{PanelEnv, Shown, TablePanel};
use crate::i18n::{lang, tr};
use crate::panels::text;
use crate::shell::action::{Action, FilePurpose, TemplateOf};
use crate::shell::table::TableAction;

impl TablePanel {
    pub(super) fn bar_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, class: ClassIndex) {
        ui.horizontal_wrapped(|ui| {
            class_ui(ui, env, class);
            self.shown_ui(ui);
            let condition = TextEdit::singleline(&mut self.condition)
                .hint_text(tr("table.panel.condition_hint"))
                .desired_width(170.0);
            let response = ui.add(condition).on_hover_text(tr("table.panel.condition_tip"));
            let name = tr("table.panel.condition");
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, &name));
            if response.changed() {
                self.is_stale = true;
            }
            let has_filter = !self.filters.is_empty() || !self.condition.is_empty();
            let clear = egui::Button::new(tr("table.panel.clear_filters"));
            if ui.add_enabled(has_filter, clear).clicked() {
                self.filters.clear();
                self.condition.clear();
                self.is_stale = true;
            }
            let own = env.session.schema.clone();
            ui.menu_button(tr("table.panel.columns"), |ui| {
                self.columns_menu_ui(ui, own.class(class));
            });
            ui.menu_button(tr("table.panel.selection"), |ui| self.selection_menu_ui(ui, env));
            if env.session.is_editing {
                ui.menu_button(tr("table.panel.change"), |ui| self.change_menu_ui(ui, env));
            }
            if ui.button(tr("table.panel.excel")).clicked() {
                env.push(Action::ChooseFile(FilePurpose::TableExcel));
            }
            if ui.button(tr("querying.by_template")).clicked() {
                env.push(Action::ChooseFile(FilePurpose::Template(TemplateOf::Table)));
            }
            if self.is_waiting {
                ui.spinner();
            }
        });
        ui.add_space(4.0);
    }

    fn shown_ui(&mut self, ui: &mut Ui) {
        // There is nothing found before anybody has looked.
        let has_found = !self.found.is_empty();
        for shown in Shown::iter().filter(|shown| *shown != Shown::Found || has_found) {
            let name = tr(match shown {
                Shown::All => "table.panel.all",
                Shown::Selected => "table.panel.selected",
                Shown::InView => "table.panel.in_view",
                Shown::Found => "table.panel.found",
            });
            if ui.selectable_label(self.shown == shown, name).clicked() {
                self.show(shown);
            }
        }
    }

    fn selection_menu_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let mut first = self.has_selected_first;
        if ui
            .checkbox(&mut first, tr("table.panel.selected_first"))
            .changed()
        {
            self.has_selected_first = first;
            self.is_stale = true;
        }
        let rows = self.rows.clone();
        if ui.button(tr("table.panel.select_all")).clicked() {
            self.selection.all(&rows.ids);
            self.selected(env);
        }
        if ui.button(tr("table.panel.invert")).clicked() {
            self.selection.invert(&rows.ids);
            self.selected(env);
        }
        if ui.button(tr("table.panel.deselect")).clicked() {
            self.selection.clear();
            self.selected(env);
        }
        let has_any = !self.selection.is_empty();
        if ui
            .add_enabled(has_any, egui::Button::new(tr("table.panel.zoom")))
            .clicked()
        {
            env.push(Action::Table(TableAction::ZoomToSelected));
        }
        let copy = egui::Button::new(tr("table.panel.copy")).shortcut_text("Ctrl+C");
        if ui.add(copy).clicked() {
            self.copy(env);
        }
        ui.label(
            RichText::new(tr("table.panel.selection_tip"))
                .small()
                .color(env.theme.text.weak.0),
        );
    }

    fn change_menu_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        for (key, kind) in [
            ("table.change.calculator", ChangeKind::Calculate),
            ("table.change.replace", ChangeKind::Replace),
            ("table.change.fill_down", ChangeKind::FillDown),
        ] {
            if ui.button(tr(key)).clicked() {
                self.begin_change(kind);
            }
        }
        if ui.button(tr("table.update.menu")).clicked() {
            env.push(Action::ChooseFile(FilePurpose::UpdateExcel));
        }
    }
}

fn class_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, class: ClassIndex) {
    let session = env.session;
    let name = |class: ClassIndex| {
        let count = text::count(session.class_count(class));
        format!("{}  {count}", session.schema.class(class).label.text(lang()))
    };
    let mut chosen = class;
    let label = ui.label(tr("table.panel.class"));
    let list = ComboBox::from_id_salt("table_class")
        .width(120.0)
        .selected_text(name(class))
        .show_ui(ui, |ui| {
            for class in session.schema.class_indices() {
                if session.class_count(class) > 0 {
                    ui.selectable_value(&mut chosen, class, name(class));
                }
            }
        });
    list.response.labelled_by(label.id);
    if chosen != class {
        env.push(Action::Table(TableAction::Open(chosen)));
    }
}
