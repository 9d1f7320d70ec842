//! Clicks and keys on rows: choosing, zooming, editing, copying and pasting.

use egui::{Event, EventFilter, Key, Modifiers, Ui};
use gis_core::table::Rows;

use super::change::{ChangeKind, ChangePlan};
use super::edit::CellEdit;
use super::grid::{Hit, focus_id};
use super::{PanelEnv, TablePanel};
use crate::session::Target;
use crate::shell::action::Action;
use crate::shell::table::TableAction;

impl TablePanel {
    /// Row and column of the cell that keys mean.
    pub(super) fn cursor(&self, rows: &Rows) -> Option<(usize, usize)> {
        let (id, column) = (self.selection.primary()?, self.selection.column);
        let row = self.selection.row.filter(|row| rows.ids.get(*row) == Some(&id));
        Some((row?, column))
    }

    pub(super) fn hit(&mut self, env: &mut PanelEnv<'_>, rows: &Rows, fields: &[usize], hit: Hit) {
        match hit {
            Hit::Click {
                row,
                column,
                modifiers,
            } => {
                self.editing = None;
                self.choose(env, rows, row, column, modifiers);
            }
            Hit::Zoom { row } => {
                let id = rows.ids.get(row);
                if let Some(target) = id.and_then(|id| Target::of_id(&env.session.network, *id)) {
                    env.push(Action::ZoomToTarget(target));
                }
            }
            Hit::Edit { row, column } => self.edit_cell(rows, fields, row, column),
        }
    }

    /// As a click on a row does.
    pub fn choose(
        &mut self,
        env: &mut PanelEnv<'_>,
        rows: &Rows,
        row: usize,
        column: usize,
        modifiers: Modifiers,
    ) {
        let Some(id) = rows.ids.get(row).copied() else {
            return;
        };
        if modifiers.shift {
            self.selection.extend(&rows.ids, row);
        } else if modifiers.command {
            self.selection.toggle(id);
        } else {
            self.selection.only(id);
        }
        self.selection.row = Some(row);
        self.selection.column = column;
        self.selected(env);
    }

    /// Tells the map and the other panels.
    pub(super) fn selected(&mut self, env: &mut PanelEnv<'_>) {
        let network = &env.session.network;
        let target = self.selection.primary().and_then(|id| Target::of_id(network, id));
        env.push(Action::Select(target));
        self.selected_totals = None;
        if let (Some(field), Some(class)) = (&self.totals_of, self.class)
            && self.selection.len() > 1
        {
            let ids = self.selection.ids().collect();
            let number = self.selection.revision();
            env.push(Action::Table(TableAction::Sum(number, class, ids, field.clone())));
        }
    }

    fn edit_cell(&mut self, rows: &Rows, fields: &[usize], row: usize, column: usize) {
        let (Some(id), Some(at)) = (rows.ids.get(row), fields.get(column)) else {
            return;
        };
        self.editing = Some(CellEdit::new(*id, *at));
    }

    /// Rows as they are shown, columns as they are shown.
    pub(super) fn copy(&self, env: &mut PanelEnv<'_>) {
        let Some(class) = self.class else { return };
        env.push(Action::Table(TableAction::Copy {
            class,
            ids: self.chosen_in_order(),
            fields: self.shown_fields(env),
        }));
    }

    /// The chosen rows from the top; all that are shown where none is chosen.
    pub(super) fn chosen_in_order(&self) -> Vec<gis_core::FeatureId> {
        let chosen = self.rows.ids.iter().filter(|id| self.selection.contains(**id));
        let chosen: Vec<_> = chosen.copied().collect();
        if chosen.is_empty() {
            self.rows.ids.clone()
        } else {
            chosen
        }
    }

    /// Keys of the columns that are shown.
    pub fn shown_fields(&self, env: &PanelEnv<'_>) -> Vec<String> {
        let own = self.class.map(|class| env.session.schema.class(class));
        let Some((own, layout)) = own.and_then(|own| Some((own, self.layouts.get(&own.key)?))) else {
            return Vec::new();
        };
        let fields = layout.shown(own).into_iter();
        fields.map(|at| own.fields[at].key.clone()).collect()
    }

    pub(super) fn keys_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, rows: &Rows, fields: &[usize]) {
        let focus = focus_id();
        if self.editing.is_some() || !ui.memory(|memory| memory.has_focus(focus)) {
            return;
        }
        let filter = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(focus, filter));
        let events = ui.input(|input| input.filtered_events(&filter));
        for event in events {
            match event {
                Event::Copy => self.copy(env),
                Event::Paste(text) if env.session.is_editing => self.paste(env, rows, text),
                Event::Key {
                    key,
                    pressed: true,
                    modifiers,
                    ..
                } => self.key(env, rows, fields, key, modifiers),
                _ => {}
            }
        }
    }

    fn key(&mut self, env: &mut PanelEnv<'_>, rows: &Rows, fields: &[usize], key: Key, modifiers: Modifiers) {
        const PAGE: usize = 20;
        let last = rows.ids.len().saturating_sub(1);
        let (row, column) = self.cursor(rows).unwrap_or_default();
        let to = match key {
            Key::ArrowDown => (row + 1).min(last),
            Key::ArrowUp => row.saturating_sub(1),
            Key::PageDown => (row + PAGE).min(last),
            Key::PageUp => row.saturating_sub(PAGE),
            Key::Home if modifiers.command => 0,
            Key::End if modifiers.command => last,
            Key::ArrowRight => {
                self.selection.column = (column + 1).min(fields.len().saturating_sub(1));
                return;
            }
            Key::ArrowLeft => {
                self.selection.column = column.saturating_sub(1);
                return;
            }
            Key::F2 | Key::Enter if env.session.is_editing => {
                return self.edit_cell(rows, fields, row, column);
            }
            Key::A if modifiers.command => {
                self.selection.all(&rows.ids);
                return self.selected(env);
            }
            _ => return,
        };
        let range = if modifiers.shift {
            Modifiers::SHIFT
        } else {
            Modifiers::NONE
        };
        self.choose(env, rows, to, column, range);
        self.scroll_to = Some(to as u64);
    }

    /// A block from the cell of the cursor down and to the right; one cell goes into all chosen rows.
    fn paste(&mut self, env: &mut PanelEnv<'_>, rows: &Rows, text: String) {
        let (Some((row, column)), Some(class)) = (self.cursor(rows), self.class) else {
            return;
        };
        let fields = self.shown_fields(env);
        let is_one = !text.trim_end().contains(['\t', '\n']);
        let ids = if is_one {
            self.chosen_in_order()
        } else {
            rows.ids[row..].to_vec()
        };
        self.begin_change(ChangeKind::Paste);
        self.ask_change(
            env,
            ChangePlan::Paste {
                class,
                ids,
                fields: fields.get(column..).unwrap_or_default().to_vec(),
                text,
            },
        );
    }
}
