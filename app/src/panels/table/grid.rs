//! The rows: pages of values as they come, drawn cell by cell.

use std::sync::Arc;

use egui::{Align2, Id, Sense, TextStyle, Ui};
use egui_table::{
    CellInfo, Column, HeaderCellInfo, HeaderRow, PrefetchInfo, Table, TableDelegate, TableState,
};
use gis_core::schema::{FeatureClass, FieldType, Schema};
use gis_core::table::Rows;
use gis_core::{ClassIndex, FeatureId};

use super::edit::CellEdit;
use super::headings::{Asked, Head};
use super::records::Records;
use super::{Layout, PanelEnv, Selection, TablePanel};
use crate::i18n::lang;
use crate::panels::text;
use crate::shell::action::Action;
use crate::shell::table::TableAction;
use crate::theme::Theme;

const NUMBER_WIDTH: f32 = 64.0;
const PADDING: f32 = 6.0;

/// A click or a key on a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Hit {
    Click {
        row: usize,
        column: usize,
        modifiers: egui::Modifiers,
    },
    /// On the number of a row, or on any cell while nothing is edited.
    Zoom {
        row: usize,
    },
    Edit {
        row: usize,
        column: usize,
    },
}

struct Grid<'a> {
    head: Head<'a>,
    schema: &'a Schema,
    class: ClassIndex,
    own: &'a FeatureClass,
    /// Fields by column.
    fields: &'a [usize],
    filters: &'a std::collections::BTreeMap<String, String>,
    rows: &'a Rows,
    records: &'a mut Records,
    selection: &'a Selection,
    cursor: Option<(usize, usize)>,
    editing: &'a mut Option<CellEdit>,
    theme: &'a Theme,
    lacking: Vec<FeatureId>,
    hits: Vec<Hit>,
    /// What was typed into a cell, once it is left.
    typed: Option<(FeatureId, usize, serde_json::Value)>,
}

impl TableDelegate for Grid<'_> {
    fn prepare(&mut self, info: &PrefetchInfo) {
        // A little more than is seen, so that slow scrolling shows no gaps.
        const MARGIN: u64 = 40;
        let first = info.visible_rows.start.saturating_sub(MARGIN) as usize;
        let last = (info.visible_rows.end + MARGIN).min(self.rows.ids.len() as u64) as usize;
        let ids = self.rows.ids.get(first..last).unwrap_or_default();
        self.lacking = self.records.lacking(ids);
    }

    fn header_cell_ui(&mut self, ui: &mut Ui, cell: &HeaderCellInfo) {
        let Some(column) = cell.col_range.start.checked_sub(1) else {
            return;
        };
        let Some(at) = self.fields.get(column).copied() else {
            return;
        };
        if cell.row_nr == 0 {
            self.head.name_ui(ui, at, column);
        } else {
            let text = self.filters.get(&self.own.fields[at].key);
            self.head.filter_ui(ui, at, text.map_or("", String::as_str));
        }
    }

    fn row_ui(&mut self, ui: &mut Ui, row: u64) {
        let rect = ui.max_rect();
        let id = self.rows.ids.get(row as usize);
        let ground = if id.is_some_and(|id| self.selection.contains(*id)) {
            self.theme.accent.selection.0
        } else if row % 2 == 1 {
            self.theme.widget.hovered.0.gamma_multiply(0.35)
        } else {
            return;
        };
        ui.painter().rect_filled(rect, 0.0, ground);
    }

    fn cell_ui(&mut self, ui: &mut Ui, cell: &CellInfo) {
        let row = cell.row_nr as usize;
        let Some(id) = self.rows.ids.get(row).copied() else {
            return;
        };
        match cell.col_nr.checked_sub(1) {
            None => self.number_ui(ui, row, id),
            Some(column) => self.value_ui(ui, row, column, id),
        }
    }

    fn default_row_height(&self) -> f32 {
        self.theme.size.row
    }
}

impl Grid<'_> {
    fn number_ui(&mut self, ui: &mut Ui, row: usize, id: FeatureId) {
        let number = text::count(row as u64 + 1);
        let response = text_ui(ui, &number, true, self.ink(id, true));
        if response.double_clicked() {
            self.hits.push(Hit::Zoom { row });
        } else if response.clicked() {
            self.click(ui, row, 0);
        }
    }

    fn value_ui(&mut self, ui: &mut Ui, row: usize, column: usize, id: FeatureId) {
        let Some(at) = self.fields.get(column).copied() else {
            return;
        };
        let Some(Some(feature)) = self.records.get(id) else {
            text_ui(ui, "…", false, self.theme.text.weak.0);
            return;
        };
        if let Some(editing) = self.editing.as_mut().filter(|e| e.feature == id && e.field == at) {
            match editing.ui(ui, self.schema, feature) {
                super::edit::Outcome::Still => {}
                super::edit::Outcome::GivenUp => *self.editing = None,
                super::edit::Outcome::Typed(value) => {
                    *self.editing = None;
                    self.typed = Some((id, at, value));
                }
            }
            return;
        }
        let words = match &feature.values[at] {
            gis_core::Value::Null => String::new(),
            value => self.schema.in_words(self.class, at, value, lang()),
        };
        let is_number = matches!(
            self.own.fields[at].field_type,
            FieldType::Integer | FieldType::Real
        );
        let response = text_ui(ui, &words, is_number, self.ink(id, false));
        if self.cursor == Some((row, column)) {
            let stroke = egui::Stroke::new(1.5, self.theme.accent.fill.0);
            ui.painter()
                .rect_stroke(response.rect, 0.0, stroke, egui::StrokeKind::Inside);
        }
        if response.double_clicked() {
            self.hits.push(if self.head.is_editing {
                Hit::Edit { row, column }
            } else {
                Hit::Zoom { row }
            });
        } else if response.clicked() {
            self.click(ui, row, column);
        }
    }

    fn click(&mut self, ui: &Ui, row: usize, column: usize) {
        let modifiers = ui.input(|i| i.modifiers);
        self.hits.push(Hit::Click {
            row,
            column,
            modifiers,
        });
    }

    fn ink(&self, id: FeatureId, is_weak: bool) -> egui::Color32 {
        if self.selection.contains(id) {
            self.theme.accent.selection_text.0
        } else if is_weak {
            self.theme.text.weak.0
        } else {
            self.theme.text.primary.0
        }
    }
}

fn text_ui(ui: &mut Ui, text: &str, is_right: bool, ink: egui::Color32) -> egui::Response {
    let rect = ui.max_rect();
    let response = ui.interact(rect, ui.scope_id().with("cell"), Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::accesskit::Role::Cell, ui.is_enabled(), false, text)
    });
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let font = TextStyle::Body.resolve(ui.style());
    let (place, align) = if is_right {
        (
            rect.right_center() - egui::vec2(PADDING, 0.0),
            Align2::RIGHT_CENTER,
        )
    } else {
        (rect.left_center() + egui::vec2(PADDING, 0.0), Align2::LEFT_CENTER)
    };
    painter.text(place, align, text, font, ink);
    response
}

impl TablePanel {
    pub(super) fn grid_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, class: ClassIndex) {
        let schema = Arc::clone(&env.session.schema);
        let own = schema.class(class);
        let rows = Arc::clone(&self.rows);
        let cursor = self.cursor(&rows);
        let Some(layout) = self.layouts.get_mut(&own.key) else {
            return;
        };
        layout.complete(own);
        let fields = layout.shown(own);
        let frozen = layout.frozen.min(fields.len());
        let (table, table_id) = table(ui, own, layout, &fields, self.rows.ids.len());
        let table = match self.scroll_to.take() {
            Some(row) => table.scroll_to_row(row, Some(egui::Align::Center)),
            None => table,
        };
        let mut grid = Grid {
            head: Head {
                class: own,
                theme: env.theme,
                sort: &self.sort,
                is_editing: env.session.is_editing,
                rects: Vec::new(),
                dropped: None,
                asked: Vec::new(),
            },
            schema: &schema,
            class,
            own,
            fields: &fields,
            filters: &self.filters,
            rows: &rows,
            records: &mut self.records,
            selection: &self.selection,
            cursor,
            editing: &mut self.editing,
            theme: env.theme,
            lacking: Vec::new(),
            hits: Vec::new(),
            typed: None,
        };
        let focus = focus_id();
        let rect = ui.available_rect_before_wrap();
        ui.interact(rect, focus, Sense::focusable_noninteractive());
        table.num_sticky_cols(1 + frozen).show(ui, &mut grid);
        grid.head.settle_drop();
        let Grid {
            head,
            lacking,
            hits,
            typed,
            ..
        } = grid;
        let asked = head.asked;
        if !lacking.is_empty() {
            env.push(Action::Table(TableAction::ReadRecords(class, lacking)));
        }
        keep_widths(ui, table_id, own, layout);
        if let Some((feature, at, value)) = typed {
            super::edit::hand_over(env, own, feature, at, value);
        }
        for asked in asked {
            self.carry_out(asked, own);
        }
        for hit in hits {
            ui.memory_mut(|memory| memory.request_focus(focus));
            self.hit(env, &rows, &fields, hit);
        }
        self.keys_ui(ui, env, &rows, &fields);
    }

    fn carry_out(&mut self, asked: Asked, class: &FeatureClass) {
        let key = |at: usize| class.fields[at].key.clone();
        match asked {
            Asked::Sort { field, is_added } => self.sort_by(&key(field), is_added),
            Asked::Filter(field, text) => self.set_filter(&key(field), &text),
            Asked::Sum(field) => self.sum_up(Some(key(field))),
            Asked::Change(field, kind) => {
                self.begin_change(kind);
                self.change_field(&key(field));
            }
            Asked::Move { field, onto } => {
                if let Some(layout) = self.layouts.get_mut(&class.key) {
                    layout.put(&key(field), &key(onto));
                }
            }
            Asked::Hide(field) => {
                if let Some(layout) = self.layouts.get_mut(&class.key)
                    && let Some(column) = layout.column_mut(&key(field))
                {
                    column.is_hidden = true;
                }
            }
            Asked::Freeze(column) => {
                if let Some(layout) = self.layouts.get_mut(&class.key) {
                    layout.frozen = column + 1;
                }
            }
        }
    }
}

/// Has the keys while the table is used.
pub(super) fn focus_id() -> Id {
    Id::unique("attribute_table_keys")
}

fn column_id(class: &FeatureClass, field: &str) -> Id {
    Id::unique(("attribute_table", &class.key, field))
}

fn table(ui: &Ui, class: &FeatureClass, layout: &Layout, fields: &[usize], rows: usize) -> (Table, Id) {
    const NARROWEST: f32 = 40.0;
    const WIDEST: f32 = 800.0;
    let mut columns = vec![
        Column::new(NUMBER_WIDTH)
            .resizable(false)
            .id(column_id(class, "")),
    ];
    let mut state = TableState::default();
    state.col_widths.insert(column_id(class, ""), NUMBER_WIDTH);
    for at in fields {
        let key = &class.fields[*at].key;
        let own = layout.columns.iter().find(|column| column.field == *key);
        let width = own.map_or(NARROWEST, |column| column.width);
        let id = column_id(class, key);
        columns.push(Column::new(width).range(NARROWEST..=WIDEST).id(id));
        state.col_widths.insert(id, width);
    }
    let table = Table::new()
        .id_salt(("attributes", &class.key))
        .num_rows(rows as u64)
        .columns(columns)
        .headers(vec![HeaderRow::new(26.0), HeaderRow::new(26.0)]);
    let id = table.get_id(ui);
    if TableState::load(ui.ctx(), id).is_none() {
        // Else all columns would be measured by what happens to be in view.
        state.store(ui.ctx(), id);
    }
    (table, id)
}

/// Widths that were pulled go into the layout.
fn keep_widths(ui: &Ui, id: Id, class: &FeatureClass, layout: &mut Layout) {
    let Some(state) = TableState::load(ui.ctx(), id) else {
        return;
    };
    for column in &mut layout.columns {
        if let Some(width) = state.col_widths.get(&column_id(class, &column.field)) {
            column.width = *width;
        }
    }
}
