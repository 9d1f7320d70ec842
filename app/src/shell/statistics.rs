//! What the statistics panel asks for: counted by the project's thread within a task.

use std::path::PathBuf;
use std::sync::Arc;

use gis_core::cartography::layers::LayerSource;
use gis_core::io::zones::areas_in;
use gis_core::query::{Query, Zones, on_sheet};
use gis_core::report::statistics_workbook;
use gis_core::statistics::{Plan, Statistic};
use gis_core::{Message, Severity};
use gis_core::{Progress, Result};

use super::App;
use super::action::Event;
use super::dock::Pane;
use super::reports::write;
use crate::panels::query::SetChange;
use crate::panels::statistics::Subject;
use crate::session::today;

/// Dots per inch of charts as pictures.
const DPI: f64 = 150.0;

#[derive(Debug, Clone, Copy)]
pub enum StatisticsAction {
    Make,
    /// Looks for the features of a row, or of a cell with its column.
    Find(usize, Option<usize>),
}

/// With the number of the question.
pub struct StatisticsEvent(pub u64, pub Box<Result<Statistic>>);

impl App {
    pub(super) fn statistics_action(&mut self, action: StatisticsAction) {
        match action {
            StatisticsAction::Make => self.make_statistic(),
            StatisticsAction::Find(row, column) => self.find_counted(row, column),
        }
    }

    pub(super) fn statistics_event(&mut self, StatisticsEvent(number, made): StatisticsEvent) {
        if number == self.panels.statistics.asked {
            self.panels.statistics.set(*made);
        }
    }

    fn find_counted(&mut self, row: usize, column: Option<usize>) {
        let Some(statistic) = self.panels.statistics.shown() else {
            return;
        };
        match statistic.query_of(row, column) {
            Ok(Some(query)) => {
                self.dock.show(Pane::Query);
                self.run_query(query, None, SetChange::Replace);
            }
            Ok(None) => self.inform(Message::new("statistics.pane.not_found")),
            Err(error) => self.say(Severity::Error, error.message()),
        }
    }

    fn make_statistic(&mut self) {
        let Some(session) = &self.session else { return };
        let panel = &mut self.panels.statistics;
        let subject = panel.subject();
        let (query, sheet) = (self.panels.query.query(), self.panels.query.sheet());
        let (plan, zones) = panel.plan(Query::default());
        let source = zones.and_then(|id| match &session.document.layer(&id)?.source {
            LayerSource::Vector(source) => Some(source.clone()),
            _ => None,
        });
        let place = (session.crs.clone(), session.network.extent());
        panel.asked += 1;
        panel.is_waiting = true;
        let (number, lang) = (panel.asked, self.lang);
        let service = session.service.clone();
        self.tasks
            .spawn(Message::new("querying.task_groups"), move |progress| {
                let progress = progress.clone();
                let zones = source.map(|source| -> Result<_> {
                    let column = source.label_column.clone();
                    let areas = areas_in(&source, column.as_deref(), (&place.0, place.1), &progress)?;
                    Ok(Arc::new(Zones::new(areas)))
                });
                let zones = zones.transpose();
                let made = service.call(move |project| match subject {
                    Subject::Standing(report) => report.make(project, today(), lang, &progress),
                    Subject::Own => {
                        let mut query = query?;
                        if let Some(sheet) = sheet {
                            query.area = Some(on_sheet(project, &sheet)?);
                        }
                        Plan {
                            query,
                            zones: zones?,
                            ..plan
                        }
                        .make(project, lang, &progress)
                    }
                });
                Ok(Event::Statistics(StatisticsEvent(number, Box::new(made))))
            });
    }

    pub(super) fn save_statistics_excel(&mut self, path: PathBuf) {
        let Some(statistic) = self.panels.statistics.shown().cloned() else {
            return;
        };
        let (lang, created) = (self.lang, chrono::Local::now().naive_local());
        self.tasks
            .spawn(Message::new("app.task.report"), move |progress| {
                let bytes = statistics_workbook(&[statistic], lang, created)?;
                progress.check()?;
                write(&path, &bytes)
            });
    }

    pub(super) fn save_chart(&mut self, path: PathBuf) {
        let Some(statistic) = self.panels.statistics.shown() else {
            return;
        };
        let chart = statistic.chart(self.lang);
        self.tasks.spawn(Message::new("app.task.image"), move |_| {
            chart.write(&path, DPI)?;
            Ok(Event::Saved(path))
        });
    }
}
