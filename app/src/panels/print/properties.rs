//! The fields of the selected item, or of the page where none is selected.

use egui::{ComboBox, DragValue, Grid, TextEdit, Ui};
use gis_core::layout::model::{GridKind, ItemKind, MapItem, MapPlace, TableItem, TextItem};
use gis_core::layout::sheets::SheetScheme;
use gis_core::layout::surface::Align;

use super::{PanelEnv, PrintAction, PrintPanel, kind_label};
use crate::i18n::{lang, tr};
use crate::shell::action::Action;

/// Words of the title block that stay with the layout.
const VALUES: [(&str, &str); 5] = [
    ("title", "layout.field.title"),
    ("company", "layout.field.company"),
    ("drawn", "layout.field.drawn"),
    ("checked", "layout.field.checked"),
    ("height_datum", "layout.field.height_datum"),
];
const SCALES: [f64; 8] = [200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 25_000.0, 50_000.0];

impl PrintPanel {
    pub(super) fn properties_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let before = self.layout.clone();
        match self.selected.and_then(|id| self.layout.item_mut(id)) {
            None => self.page_ui(ui),
            Some(item) => {
                ui.strong(kind_label(&item.kind));
                Grid::new("print-place").num_columns(2).show(ui, |ui| {
                    text_row(ui, "print.item.name", &mut item.name);
                    let place = &mut item.place;
                    mm_row(ui, "print.item.x", &mut place.x_mm, -2000.0);
                    mm_row(ui, "print.item.y", &mut place.y_mm, -2000.0);
                    mm_row(ui, "print.item.width", &mut place.width_mm, 1.0);
                    mm_row(ui, "print.item.height", &mut place.height_mm, 1.0);
                });
                ui.checkbox(&mut item.is_locked, tr("print.item.locked"));
                ui.separator();
                kind_ui(ui, env, &mut item.kind);
            }
        }
        if self.layout != before {
            self.changed();
        }
    }

    fn page_ui(&mut self, ui: &mut Ui) {
        ui.strong(tr("print.page_words"));
        Grid::new("print-values").num_columns(2).show(ui, |ui| {
            for (key, label) in VALUES {
                let mut text = self.layout.values.get(key).cloned().unwrap_or_default();
                text_row(ui, label, &mut text);
                if text.is_empty() {
                    self.layout.values.remove(key);
                } else {
                    self.layout.values.insert(key.to_owned(), text);
                }
            }
        });
        ui.add_space(6.0);
        ui.weak(tr("print.page_hint"));
    }
}

fn kind_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, kind: &mut ItemKind) {
    match kind {
        ItemKind::Map(map) => map_ui(ui, env, map),
        ItemKind::Text(text) => text_ui(ui, text),
        ItemKind::Legend(legend) => {
            size_ui(ui, &mut legend.size_mm);
            ui.horizontal(|ui| {
                ui.label(tr("print.legend.columns"));
                ui.add(DragValue::new(&mut legend.columns).range(1..=6));
            });
            ui.checkbox(&mut legend.has_frame, tr("print.legend.frame"));
        }
        ItemKind::ScaleBar(bar) => size_ui(ui, &mut bar.size_mm),
        ItemKind::TitleBlock(block) => size_ui(ui, &mut block.size_mm),
        ItemKind::Table(table) => table_ui(ui, env, table),
        ItemKind::Picture(picture) => {
            let label = ui.label(tr("print.picture.path"));
            ui.add(TextEdit::singleline(&mut picture.path).desired_width(f32::INFINITY))
                .labelled_by(label.id);
        }
        ItemKind::Rectangle(rectangle) => {
            ui.horizontal(|ui| {
                ui.label(tr("print.rectangle.line"));
                ui.add(
                    DragValue::new(&mut rectangle.line_mm)
                        .range(0.05..=5.0)
                        .speed(0.05)
                        .suffix(" mm"),
                );
            });
        }
        ItemKind::NorthArrow(_) | ItemKind::Neighbours(_) | ItemKind::Unknown => {}
    }
}

fn map_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, map: &mut MapItem) {
    Grid::new("print-map").num_columns(2).show(ui, |ui| {
        ui.label(tr("print.map.scale"));
        ui.horizontal(|ui| {
            let mut is_fitted = map.denominator.is_none();
            if ui.checkbox(&mut is_fitted, tr("print.map.fit")).changed() {
                map.denominator = (!is_fitted).then_some(1000.0);
            }
            if let Some(denominator) = &mut map.denominator {
                ui.add(
                    DragValue::new(denominator)
                        .range(10.0..=1e7)
                        .prefix("1:")
                        .speed(10.0)
                        .max_decimals(0),
                );
                ComboBox::from_id_salt("print-scales")
                    .selected_text("")
                    .width(20.0)
                    .show_ui(ui, |ui| {
                        for scale in SCALES {
                            ui.selectable_value(denominator, scale, format!("1:{scale}"));
                        }
                    });
            }
        });
        ui.end_row();
        ui.label(tr("print.map.rotation"));
        ui.add(
            DragValue::new(&mut map.rotation_deg)
                .range(-360.0..=360.0)
                .suffix("°"),
        );
        ui.end_row();
        ui.label(tr("print.map.scheme"));
        ComboBox::from_id_salt("print-scheme")
            .selected_text(scheme_label(map.scheme))
            .show_ui(ui, |ui| {
                for scheme in SheetScheme::ALL {
                    ui.selectable_value(&mut map.scheme, scheme, scheme_label(scheme));
                }
            });
        ui.end_row();
        let mut sheet = match &map.at {
            MapPlace::Sheet(number) => number.clone(),
            _ => String::new(),
        };
        let was = sheet.clone();
        text_row(ui, "print.map.sheet", &mut sheet);
        if sheet != was {
            map.at = if sheet.trim().is_empty() {
                MapPlace::Whole
            } else {
                MapPlace::Sheet(sheet)
            };
        }
        ui.label(tr("print.map.grid"));
        ComboBox::from_id_salt("print-grid")
            .selected_text(grid_label(map.grid.kind))
            .show_ui(ui, |ui| {
                for kind in [
                    GridKind::None,
                    GridKind::Crosses,
                    GridKind::Lines,
                    GridKind::Ticks,
                ] {
                    ui.selectable_value(&mut map.grid.kind, kind, grid_label(kind));
                }
            });
        ui.end_row();
        ui.label(tr("print.map.symbols"));
        ui.add(
            DragValue::new(&mut map.symbol_scale)
                .range(0.2..=5.0)
                .speed(0.02)
                .suffix(" ×"),
        );
        ui.end_row();
    });
    ui.checkbox(&mut map.grid.has_coordinates, tr("print.map.coordinates"));
    ui.checkbox(&mut map.has_sheet_border, tr("print.map.border"));
    ui.checkbox(&mut map.has_labels, tr("print.map.labels"));
    ui.checkbox(&mut map.has_flow_arrows, tr("print.map.arrows"));
    ui.horizontal(|ui| {
        if ui
            .button(tr("print.map.take_view"))
            .on_hover_text(tr("print.map.take_view_tip"))
            .clicked()
        {
            env.push(Action::Print(PrintAction::TakeView));
        }
        if ui.button(tr("print.map.whole")).clicked() {
            map.at = MapPlace::Whole;
            map.denominator = None;
        }
    });
    ui.separator();
    ui.label(tr("print.map.classes"));
    for class in &env.session.schema.classes {
        let mut is_shown = !map.hidden_classes.contains(&class.key);
        if ui.checkbox(&mut is_shown, class.label.text(lang())).changed() {
            map.hidden_classes.retain(|key| *key != class.key);
            if !is_shown {
                map.hidden_classes.push(class.key.clone());
            }
        }
    }
}

fn text_ui(ui: &mut Ui, item: &mut TextItem) {
    let label = ui.label(tr("print.text.text"));
    ui.add(
        TextEdit::multiline(&mut item.text)
            .desired_rows(3)
            .desired_width(f32::INFINITY),
    )
    .labelled_by(label.id);
    ui.weak(tr("print.text.hint"));
    size_ui(ui, &mut item.size_mm);
    ui.horizontal(|ui| {
        for (align, key) in [
            (Align::Left, "print.text.left"),
            (Align::Centre, "print.text.centre"),
            (Align::Right, "print.text.right"),
        ] {
            ui.selectable_value(&mut item.align, align, tr(key));
        }
    });
}

fn table_ui(ui: &mut Ui, env: &PanelEnv<'_>, table: &mut TableItem) {
    let label = |key: &str| {
        let schema = &env.session.schema;
        schema.class_index(key).map_or_else(
            || key.to_owned(),
            |i| schema.class(i).label.text(lang()).to_owned(),
        )
    };
    ui.horizontal(|ui| {
        ui.label(tr("print.table.class"));
        ComboBox::from_id_salt("print-table-class")
            .selected_text(label(&table.class))
            .show_ui(ui, |ui| {
                for class in &env.session.schema.classes {
                    ui.selectable_value(&mut table.class, class.key.clone(), label(&class.key));
                }
            });
    });
    size_ui(ui, &mut table.size_mm);
}

fn size_ui(ui: &mut Ui, size_mm: &mut f64) {
    ui.horizontal(|ui| {
        let label = ui.label(tr("print.item.size"));
        ui.add(
            DragValue::new(size_mm)
                .range(0.5..=100.0)
                .speed(0.1)
                .suffix(" mm"),
        )
        .labelled_by(label.id);
    });
}

fn mm_row(ui: &mut Ui, key: &str, value: &mut f64, least: f64) {
    let label = ui.label(tr(key));
    ui.add(
        DragValue::new(value)
            .range(least..=5000.0)
            .max_decimals(1)
            .suffix(" mm"),
    )
    .labelled_by(label.id);
    ui.end_row();
}

fn text_row(ui: &mut Ui, key: &str, text: &mut String) {
    let label = ui.label(tr(key));
    ui.add(TextEdit::singleline(text).desired_width(150.0))
        .labelled_by(label.id);
    ui.end_row();
}

fn scheme_label(scheme: SheetScheme) -> String {
    tr(match scheme {
        SheetScheme::Square => "print.scheme.square",
        SheetScheme::Rectangle => "print.scheme.rectangle",
        SheetScheme::Graticule => "print.scheme.graticule",
    })
}

fn grid_label(kind: GridKind) -> String {
    tr(match kind {
        GridKind::None => "print.grid.none",
        GridKind::Crosses => "print.grid.crosses",
        GridKind::Lines => "print.grid.lines",
        GridKind::Ticks => "print.grid.ticks",
    })
}
