//! 统计 (9.2.3.4c): the standing reports and pivots of what queries found, as a chart to click and a table. It counts nothing.

use egui::{ComboBox, RichText, ScrollArea, Sense, Ui, vec2};
use egui_extras::{Column, TableBuilder};
use gis_core::Message;
use gis_core::Result;
use gis_core::chart::{Chart, ChartKind, ChartLook, Piece};
use gis_core::layout::surface::{Area, TypeFace};
use gis_core::query::expressions_of;
use gis_core::statistics::{Amount, StandingReport, Statistic, row_name};

use super::chart_surface::{POINTS_PER_MM, ScreenSurface, paper_colour, tip};
use super::{PanelEnv, text, widgets};
use crate::i18n::{lang, say, tr};
use crate::shell::action::{Action, FilePurpose};
use crate::shell::statistics::StatisticsAction;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Standing(StandingReport),
    /// What the query panel asks for, by expressions of one's own.
    Own,
}

pub struct StatisticsPanel {
    subject: Subject,
    /// Expressions of one's own, separated by commas.
    rows: String,
    columns: String,
    shown: Option<(Statistic, Chart)>,
    refused: Option<Message>,
    pub is_waiting: bool,
    /// Rises with each question, so that a late answer to an old one is dropped.
    pub asked: u64,
    face: Option<TypeFace>,
}

impl Default for StatisticsPanel {
    fn default() -> Self {
        Self {
            subject: Subject::Standing(StandingReport::PipesBySize),
            rows: String::new(),
            columns: String::new(),
            shown: None,
            refused: None,
            is_waiting: false,
            asked: 0,
            face: TypeFace::embedded().ok(),
        }
    }
}

impl StatisticsPanel {
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// Expressions of rows and of columns.
    pub fn own(&self) -> [Vec<String>; 2] {
        [expressions_of(&self.rows), expressions_of(&self.columns)]
    }

    pub fn shown(&self) -> Option<&Statistic> {
        self.shown.as_ref().map(|(statistic, _)| statistic)
    }

    pub fn set(&mut self, made: Result<Statistic>) {
        self.is_waiting = false;
        match made {
            Ok(statistic) => {
                self.refused = None;
                let chart = chart_of(&statistic);
                self.shown = Some((statistic, chart));
            }
            Err(error) => self.refused = Some(error.message()),
        }
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        ui.horizontal_wrapped(|ui| self.choice_ui(ui, env));
        if let Some(refused) = &self.refused {
            let status = &env.theme.status;
            widgets::notice_ui(ui, status.error.0, status.error_ground.0, &say(refused));
        }
        if self.is_waiting {
            ui.spinner();
        }
        if self.shown.is_none() {
            if !self.is_waiting {
                widgets::empty_ui(ui, env.theme, &tr("statistics.pane.nothing"));
            }
            return;
        }
        let height = ui.available_height().max(120.0);
        ui.horizontal(|ui| {
            let width = (ui.available_width() * 0.55).max(260.0);
            let down = egui::Layout::top_down(egui::Align::Min);
            ui.allocate_ui_with_layout(vec2(width, height), down, |ui| self.chart_ui(ui, env));
            let rest = vec2(ui.available_width(), height);
            ui.allocate_ui_with_layout(rest, down, |ui| self.table_ui(ui, env));
        });
    }

    fn choice_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let name = |subject: Subject| match subject {
            Subject::Standing(report) => report.title(lang()),
            Subject::Own => tr("statistics.pane.own"),
        };
        let label = ui.label(tr("statistics.pane.report"));
        ComboBox::from_id_salt("statistics report")
            .selected_text(name(self.subject))
            .width(260.0)
            .show_ui(ui, |ui| {
                for report in StandingReport::ALL {
                    let subject = Subject::Standing(report);
                    ui.selectable_value(&mut self.subject, subject, name(subject));
                }
                ui.selectable_value(&mut self.subject, Subject::Own, name(Subject::Own));
            })
            .response
            .labelled_by(label.id);
        if self.subject == Subject::Own {
            for (key, written) in [
                ("statistics.pane.rows", &mut self.rows),
                ("statistics.pane.columns", &mut self.columns),
            ] {
                let label = ui.label(tr(key));
                ui.add(
                    egui::TextEdit::singleline(written)
                        .hint_text(tr("statistics.pane.fields_hint"))
                        .desired_width(150.0),
                )
                .labelled_by(label.id);
            }
        }
        let is_complete = self.subject != Subject::Own || !expressions_of(&self.rows).is_empty();
        let make = widgets::primary_button(env.theme, &tr("statistics.pane.make"));
        if ui.add_enabled(!self.is_waiting && is_complete, make).clicked() {
            env.push(Action::Statistics(StatisticsAction::Make));
        }
        let Some((statistic, chart)) = &mut self.shown else {
            return;
        };
        ui.separator();
        let before = (statistic.amount, statistic.kind);
        for amount in Amount::ALL {
            ui.selectable_value(&mut statistic.amount, amount, amount.title(lang()));
        }
        ui.separator();
        for kind in ChartKind::ALL {
            let name = tr(&format!("statistics.kind.{}", kind.key()));
            ui.selectable_value(&mut statistic.kind, kind, name);
        }
        if before != (statistic.amount, statistic.kind) {
            *chart = chart_of(statistic);
        }
        ui.separator();
        if ui.button(tr("querying.excel")).clicked() {
            env.push(Action::ChooseFile(FilePurpose::StatisticsExcel));
        }
        if ui.button(tr("statistics.pane.picture")).clicked() {
            env.push(Action::ChooseFile(FilePurpose::ChartPicture));
        }
    }

    /// The chart; a click on a piece looks for its features.
    fn chart_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let (Some((statistic, chart)), Some(face)) = (&self.shown, &self.face) else {
            return;
        };
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
        let theme = env.theme;
        let painter = ui.painter_at(rect);
        let look = ChartLook {
            ink: paper_colour(theme.text.primary.0),
            grid: paper_colour(theme.surface.border.0),
            ground: paper_colour(theme.surface.panel.0),
            text_mm: f64::from(theme.size.text_small / POINTS_PER_MM),
        };
        let size = rect.size() / POINTS_PER_MM;
        let area = Area::new(0.0, 0.0, f64::from(size.x), f64::from(size.y)).inset(1.5);
        let mut surface = ScreenSurface::new(painter.clone(), rect.min, theme.text.weak.0);
        let pieces = chart.draw(face, &mut surface, area, &look);
        response
            .widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Image, true, &statistic.title));
        let Some(pointer) = response.hover_pos() else {
            return;
        };
        let at = (pointer - rect.min) / POINTS_PER_MM;
        let at = [f64::from(at.x), f64::from(at.y)];
        let Some(piece) = pieces.iter().rev().find(|piece| piece.contains(at)) else {
            return;
        };
        let said = said_of(statistic, chart, piece);
        tip(
            &painter,
            pointer,
            &said,
            theme.text.primary.0,
            theme.surface.raised.0,
        );
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        if response.clicked() {
            let column = (statistic.kind != ChartKind::Pie).then_some(piece.series);
            let query = statistic.query_of(piece.category, column);
            env.push(Action::Statistics(StatisticsAction::Find(Box::new(query))));
        }
    }

    fn table_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let Some((statistic, _)) = &self.shown else { return };
        let (pivot, amount) = (&statistic.pivot, statistic.amount);
        let figure = |value: f64| match amount {
            Amount::Count => text::count(value as u64),
            Amount::Length => format!("{value:.1}"),
        };
        let has_columns = pivot.columns.iter().any(|keys| !keys.is_empty());
        let shown: Vec<usize> = if has_columns {
            (0..pivot.columns.len()).collect()
        } else {
            Vec::new()
        };
        let strong = env.theme.text.strong.0;
        let mut picked = None;
        ScrollArea::horizontal().id_salt("pivot").show(ui, |ui| {
            TableBuilder::new(ui)
                .id_salt("pivot table")
                .striped(true)
                .column(Column::auto().at_least(90.0))
                .columns(Column::auto().at_least(64.0), shown.len() + 2)
                .header(22.0, |mut header| {
                    header.col(|ui| {
                        ui.strong(statistic.by.first().cloned().unwrap_or_default());
                    });
                    for column in &shown {
                        header.col(|ui| {
                            ui.strong(row_name(&pivot.columns[*column], lang()));
                        });
                    }
                    for key in ["statistics.total", "statistics.share"] {
                        header.col(|ui| {
                            ui.strong(tr(key));
                        });
                    }
                })
                .body(|body| {
                    let count = pivot.rows.len() + 1;
                    let whole = pivot.total().amount(amount);
                    body.rows(env.theme.size.row, count, |mut row| {
                        let i = row.index();
                        let is_total = i == pivot.rows.len();
                        let total = if is_total {
                            pivot.total()
                        } else {
                            pivot.row_total(i)
                        };
                        row.col(|ui| {
                            if is_total {
                                ui.strong(tr("statistics.total"));
                            } else if ui.link(row_name(&pivot.rows[i], lang())).clicked() {
                                picked = Some(i);
                            }
                        });
                        let number = |ui: &mut Ui, text: String| {
                            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                                let text = RichText::new(text);
                                ui.label(if is_total { text.color(strong) } else { text });
                            });
                        };
                        for column in &shown {
                            let cell = if is_total {
                                pivot.column_total(*column)
                            } else {
                                pivot.cells[i][*column]
                            };
                            row.col(|ui| number(ui, figure(cell.amount(amount))));
                        }
                        row.col(|ui| number(ui, figure(total.amount(amount))));
                        let share = if whole > 0.0 {
                            100.0 * total.amount(amount) / whole
                        } else {
                            0.0
                        };
                        row.col(|ui| number(ui, format!("{share:.1} %")));
                    });
                });
        });
        if let Some(row) = picked {
            let query = statistic.query_of(row, None);
            env.push(Action::Statistics(StatisticsAction::Find(Box::new(query))));
        }
    }
}

/// Its title stands above it already.
fn chart_of(statistic: &Statistic) -> Chart {
    Chart {
        title: String::new(),
        ..statistic.chart(lang())
    }
}

fn said_of(statistic: &Statistic, chart: &Chart, piece: &Piece) -> String {
    let series = &chart.series[piece.series];
    let value = series.values[piece.category];
    let value = match statistic.amount {
        Amount::Count => text::count(value as u64),
        Amount::Length => text::length(value),
    };
    let names = [chart.categories[piece.category].as_str(), &series.name];
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    format!("{}  {value}", names.join("  "))
}
