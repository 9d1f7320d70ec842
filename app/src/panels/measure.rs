//! What was measured, as a list to copy from. The figures stand in the plane of the project and on the ellipsoid.

use egui::{Grid, RichText, ScrollArea, Ui};
use gis_core::measure::{MeasureKind, Unit};

use super::{PanelEnv, text, widgets};
use crate::commands::Command;
use crate::i18n::tr;
use crate::map::measurement::{Measurement, Measurements, name};
use crate::shell::action::Action;

#[derive(Debug, Default)]
pub struct MeasurePanel {
    pub done: Measurements,
}

impl MeasurePanel {
    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if self.done.0.is_empty() {
            widgets::empty_ui(ui, env.theme, &tr("measure.empty"));
            return;
        }
        ui.horizontal_wrapped(|ui| {
            for command in [Command::CopyMeasurements, Command::ClearMeasurements] {
                if ui
                    .button(command.label())
                    .on_hover_text(command.tooltip())
                    .clicked()
                {
                    env.push(Action::Command(command));
                }
            }
        });
        ui.label(
            RichText::new(tr("measure.two_figures"))
                .small()
                .color(env.theme.text.weak.0),
        );
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            for (i, measurement) in self.done.0.iter().enumerate().rev() {
                measurement_ui(ui, env, i, measurement);
            }
        });
    }
}

fn measurement_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, i: usize, measurement: &Measurement) {
    ui.separator();
    ui.horizontal(|ui| {
        let title = format!("{}  {}", i + 1, kind_name(measurement.kind));
        ui.label(RichText::new(title).color(env.theme.text.strong.0));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.small_button(tr("measure.remove")).clicked() {
                env.push(Action::MeasureRemove(i));
            }
            if ui.small_button(tr("app.common.zoom_to")).clicked()
                && let Some(extent) = extent(measurement)
            {
                env.push(Action::ZoomTo(extent));
            }
        });
    });
    Grid::new(("measurement", i))
        .num_columns(3)
        .spacing([12.0, 2.0])
        .show(ui, |ui| {
            for reading in &measurement.readings {
                let unit = reading.quantity.unit();
                ui.label(RichText::new(name(reading.quantity)).color(env.theme.text.weak.0));
                for value in [reading.plane, reading.earth] {
                    let text = value.map(|v| text::measure(v, unit)).unwrap_or_default();
                    ui.add(egui::Label::new(text).selectable(true));
                }
                ui.end_row();
            }
            for (diameter, length_m) in &measurement.by_diameter {
                let diameter = diameter.map_or_else(|| "–".to_owned(), |d| format!("DN{d}"));
                ui.label(RichText::new(diameter).color(env.theme.text.weak.0));
                ui.label(text::measure(*length_m, Unit::Metre));
                ui.end_row();
            }
        });
}

fn extent(measurement: &Measurement) -> Option<[f64; 4]> {
    crate::session::union(measurement.points.iter().map(|p| [p[0], p[1], p[0], p[1]]))
}

pub fn kind_name(kind: MeasureKind) -> String {
    tr(&format!("measure.kind.{}", kind.key()))
}

/// Tab-separated, for spreadsheets: one line a figure, numbers with a point and no thousands marks.
pub fn tsv(measurements: &[Measurement]) -> String {
    let mut lines = vec![
        [
            "number",
            "kind",
            "quantity",
            "plane",
            "ellipsoid",
            "unit",
            "points",
        ]
        .map(|key| tr(&format!("measure.column.{key}")))
        .join("\t"),
    ];
    for (i, measurement) in measurements.iter().enumerate() {
        let points: Vec<String> = measurement
            .points
            .iter()
            .map(|p| format!("{:.4} {:.4}", p[0], p[1]))
            .collect();
        for (row, reading) in measurement.readings.iter().enumerate() {
            let unit = reading.quantity.unit();
            let number = |value: Option<f64>| value.map(|v| plain_number(v, unit)).unwrap_or_default();
            let points = if row == 0 {
                points.join("; ")
            } else {
                String::new()
            };
            lines.push(
                [
                    (i + 1).to_string(),
                    kind_name(measurement.kind),
                    name(reading.quantity),
                    number(reading.plane),
                    number(reading.earth),
                    unit_text(unit).to_owned(),
                    points,
                ]
                .join("\t"),
            );
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn plain_number(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Count => format!("{value:.0}"),
        Unit::Position => format!("{value:.8}"),
        Unit::Degree => format!("{value:.6}"),
        Unit::Metre | Unit::SquareMetre | Unit::Permille | Unit::Coordinate => format!("{value:.4}"),
    }
}

fn unit_text(unit: Unit) -> &'static str {
    match unit {
        Unit::Metre => "m",
        Unit::SquareMetre => "m²",
        Unit::Degree | Unit::Position => "°",
        Unit::Permille => "‰",
        Unit::Coordinate | Unit::Count => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gis_core::measure::{Quantity, Reading};

    #[test]
    fn the_copied_table_has_a_line_a_figure_and_as_many_columns_everywhere() {
        for lang in gis_core::Lang::ALL {
            crate::i18n::set_lang(lang);
            let reading = |quantity, earth| Reading {
                quantity,
                plane: Some(12.5),
                earth,
            };
            let measured = Measurement {
                kind: MeasureKind::Distance,
                points: vec![[463_000.0, 4_870_000.0], [463_012.5, 4_870_000.0]],
                readings: vec![
                    reading(Quantity::Length, Some(12.4997)),
                    reading(Quantity::East, None),
                ],
                ..Measurement::default()
            };
            let text = tsv(&[measured.clone(), measured]);
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines.len(), 5, "{text}");
            for line in &lines {
                assert_eq!(line.split('\t').count(), 7, "{line}");
            }
            let cells: Vec<&str> = lines[1].split('\t').collect();
            assert_eq!(cells[3..5], ["12.5000", "12.4997"]);
            assert_eq!(cells[6], "463000.0000 4870000.0000; 463012.5000 4870000.0000");
            assert!(lines[2].ends_with("\tm\t"), "{}", lines[2]);
        }
    }
}
