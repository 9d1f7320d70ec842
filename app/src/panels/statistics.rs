//! 统计 (9.2.3.4c): the standing reports and pivots of what queries found, as a chart to click and a table. It counts nothing.

use egui::{ComboBox, RichText, ScrollArea, Sense, Ui, vec2};
use egui_extras::{Column, TableBuilder};
use gis_core::Message;
use gis_core::Result;
use gis_core::cartography::layers::LayerId;
use gis_core::chart::{Chart, ChartKind, ChartLook, Piece};
use gis_core::layout::surface::{Area, TypeFace};
use gis_core::query::{Query, expressions_of};
use gis_core::statistics::{Amount, Form, Plan, StandingReport, Statistic, row_name};

use super::chart_surface::{POINTS_PER_MM, ScreenSurface, paper_colour, tip};
use super::{PanelEnv, text, vector_layers, widgets};
use crate::i18n::{lang, say, tr};
use crate::shell::action::{Action, FilePurpose, TemplateOf};
use crate::shell::statistics::StatisticsAction;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Standing(StandingReport),
    /// What the query panel asks for, by expressions of one's own.
    Own,
}

/// What rows of one's own are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Rows {
    #[default]
    Values,
    Histogram,
    Years,
    Points,
}

impl Rows {
    const ALL: [Self; 4] = [Self::Values, Self::Histogram, Self::Years, Self::Points];

    fn title(self) -> String {
        tr(match self {
            Self::Values => "statistics.pane.form_values",
            Self::Histogram => "statistics.pane.form_histogram",
            Self::Years => "statistics.pane.form_years",
            Self::Points => "statistics.pane.form_points",
        })
    }
}

/// Classes of a histogram unless told otherwise.
const CLASSES: usize = 10;

/// A table of one's own as it is filled in.
#[derive(Debug, Clone)]
struct Own {
    form: Rows,
    /// Expressions, separated by commas.
    rows: String,
    /// The number upwards of dots.
    up: String,
    columns: String,
    measured: String,
    classes: usize,
    /// The layer of the map whose areas are zones.
    zones: Option<LayerId>,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            form: Rows::default(),
            rows: String::new(),
            up: String::new(),
            columns: String::new(),
            measured: String::new(),
            classes: CLASSES,
            zones: None,
        }
    }
}

impl Own {
    fn is_complete(&self) -> bool {
        let is_zoned = self.form == Rows::Values && self.zones.is_some();
        let is_up = self.form != Rows::Points || !self.up.trim().is_empty();
        (!expressions_of(&self.rows).is_empty() && is_up) || is_zoned
    }
}

pub struct StatisticsPanel {
    subject: Subject,
    own: Own,
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
            own: Own::default(),
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

    /// What is asked for in the query's features, and the layer of the zones.
    pub fn plan(&self, query: Query) -> (Plan, Option<LayerId>) {
        let own = &self.own;
        let written = || own.rows.trim().to_owned();
        let plan = Plan {
            query,
            form: match own.form {
                Rows::Values => Form::Table(expressions_of(&own.rows)),
                Rows::Histogram => Form::Histogram {
                    number: written(),
                    classes: own.classes,
                },
                Rows::Years => Form::Years(written()),
                Rows::Points => Form::Points([written(), own.up.trim().to_owned()]),
            },
            columns: expressions_of(&own.columns),
            measured: Some(own.measured.trim().to_owned()).filter(|text| !text.is_empty()),
            zones: None,
        };
        (plan, own.zones.clone())
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
        if self.subject == Subject::Own {
            // Each on a line of its own, so that no label is parted from its field.
            ui.horizontal_wrapped(|ui| self.subject_ui(ui));
            ui.horizontal_wrapped(|ui| {
                self.own.ui(ui, env);
                self.make_ui(ui, env);
            });
            ui.horizontal_wrapped(|ui| self.drawn_ui(ui, env));
        } else {
            ui.horizontal_wrapped(|ui| {
                self.subject_ui(ui);
                self.make_ui(ui, env);
                self.drawn_ui(ui, env);
            });
        }
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

    fn subject_ui(&mut self, ui: &mut Ui) {
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
    }

    fn make_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let is_complete = self.subject != Subject::Own || self.own.is_complete();
        let make = widgets::primary_button(env.theme, &tr("statistics.pane.make"));
        if ui.add_enabled(!self.is_waiting && is_complete, make).clicked() {
            env.push(Action::Statistics(StatisticsAction::Make));
        }
    }

    /// What is told, how it is drawn, and where it goes.
    fn drawn_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let Some((statistic, chart)) = &mut self.shown else {
            return;
        };
        let before = (statistic.amount, statistic.kind);
        let measured = statistic.measured.clone();
        for amount in statistic.amounts().collect::<Vec<_>>() {
            let title = amount.title(measured.as_deref(), lang());
            ui.selectable_value(&mut statistic.amount, amount, title);
        }
        ui.separator();
        statistic.kind = statistic.drawn_as();
        for kind in statistic.kinds().collect::<Vec<_>>() {
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
        if ui.button(tr("querying.by_template")).clicked() {
            env.push(Action::ChooseFile(FilePurpose::Template(TemplateOf::Statistic)));
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
            env.push(Action::Statistics(StatisticsAction::Find(piece.category, column)));
        }
    }

    fn table_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        let Some((statistic, _)) = &self.shown else { return };
        let (pivot, amount) = (&statistic.pivot, statistic.amount);
        let figure = |value: f64| figure(statistic, value);
        let has_columns = pivot.columns.iter().any(|keys| !keys.is_empty());
        let shown: Vec<usize> = if has_columns {
            (0..pivot.columns.len()).collect()
        } else {
            Vec::new()
        };
        // Means are no parts of a whole.
        let tails: &[&str] = if amount.adds_up() {
            &["statistics.total", "statistics.share"]
        } else {
            &["statistics.total"]
        };
        let strong = env.theme.text.strong.0;
        let mut picked = None;
        ScrollArea::horizontal().id_salt("pivot").show(ui, |ui| {
            TableBuilder::new(ui)
                .id_salt("pivot table")
                .striped(true)
                .column(Column::auto().at_least(90.0))
                .columns(Column::auto().at_least(64.0), shown.len() + tails.len())
                .header(22.0, |mut header| {
                    header.col(|ui| {
                        ui.strong(statistic.by.first().cloned().unwrap_or_default());
                    });
                    for column in &shown {
                        header.col(|ui| {
                            ui.strong(row_name(&pivot.columns[*column], lang()));
                        });
                    }
                    for key in tails {
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
                        if !amount.adds_up() {
                            return;
                        }
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
            env.push(Action::Statistics(StatisticsAction::Find(row, None)));
        }
    }
}

impl Own {
    fn ui(&mut self, ui: &mut Ui, env: &PanelEnv<'_>) {
        let combo = |ui: &mut Ui, key: &str, shown: String, list: &mut dyn FnMut(&mut Ui)| {
            let label = ui.label(tr(key));
            ComboBox::from_id_salt(key)
                .selected_text(shown)
                .show_ui(ui, |ui| list(ui))
                .response
                .labelled_by(label.id);
        };
        combo(ui, "statistics.pane.form", self.form.title(), &mut |ui| {
            for form in Rows::ALL {
                ui.selectable_value(&mut self.form, form, form.title());
            }
        });
        let (rows, hint) = match self.form {
            Rows::Values => ("statistics.pane.rows", "statistics.pane.fields_hint"),
            Rows::Histogram => ("statistics.pane.number", "statistics.pane.number_hint"),
            Rows::Years => ("statistics.pane.date", "statistics.pane.date_hint"),
            Rows::Points => ("statistics.pane.across", "statistics.pane.number_hint"),
        };
        field_ui(ui, rows, hint, &mut self.rows);
        if self.form == Rows::Points {
            field_ui(ui, "statistics.pane.up", "statistics.pane.up_hint", &mut self.up);
        }
        if self.form == Rows::Histogram {
            let label = ui.label(tr("statistics.pane.classes"));
            ui.add(egui::DragValue::new(&mut self.classes).range(1..=200))
                .labelled_by(label.id);
        }
        field_ui(
            ui,
            "statistics.pane.columns",
            "statistics.pane.columns_hint",
            &mut self.columns,
        );
        ui.end_row();
        field_ui(
            ui,
            "statistics.pane.measured",
            "statistics.pane.measured_hint",
            &mut self.measured,
        );
        let layers = vector_layers(env);
        let chosen = layers.iter().find(|(id, _)| Some(id) == self.zones.as_ref());
        let shown = chosen.map_or_else(|| tr("statistics.pane.no_zones"), |(_, title)| title.clone());
        combo(ui, "statistics.pane.zones", shown, &mut |ui| {
            ui.selectable_value(&mut self.zones, None, tr("statistics.pane.no_zones"));
            for (id, title) in &layers {
                ui.selectable_value(&mut self.zones, Some(id.clone()), title);
            }
            if layers.is_empty() {
                ui.weak(tr("statistics.pane.zones_tip"));
            }
        });
    }
}

fn field_ui(ui: &mut Ui, key: &str, hint: &str, written: &mut String) {
    let label = ui.label(tr(key));
    ui.add(
        egui::TextEdit::singleline(written)
            .hint_text(tr(hint))
            .desired_width(150.0),
    )
    .labelled_by(label.id);
}

/// Its title stands above it already.
fn chart_of(statistic: &Statistic) -> Chart {
    Chart {
        title: String::new(),
        ..statistic.chart(lang())
    }
}

/// What a piece stands for, and its value in words.
fn said_of(statistic: &Statistic, chart: &Chart, piece: &Piece) -> String {
    let series = &chart.series[piece.series];
    let value = figure(statistic, series.values[piece.category]);
    let unit = if statistic.amount == Amount::Length {
        " m"
    } else {
        ""
    };
    let by = statistic.by.iter().map(String::as_str).chain([""; 2]);
    let names = [chart.categories[piece.category].as_str(), &series.name];
    let named = by.zip(names).filter(|(_, name)| !name.is_empty());
    let said: Vec<String> = named
        .map(|(by, name)| format!("{by} {name}").trim().to_owned())
        .collect();
    format!("{}  {value}{unit}", said.join("  "))
}

/// As cells show it.
fn figure(statistic: &Statistic, value: f64) -> String {
    match statistic.amount {
        Amount::Count => text::count(value as u64),
        Amount::Length => text::number(value, 1),
        _ if value.is_nan() => "\u{2013}".to_owned(),
        _ => text::number(value, 2),
    }
}
