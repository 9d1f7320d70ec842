//! What the statistics panel asks for: counted by the project's thread within a task.

use std::path::PathBuf;

use gis_core::Message;
use gis_core::query::{Query, on_sheet};
use gis_core::report::statistics_workbook;
use gis_core::statistics::Statistic;
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

#[derive(Debug, Clone)]
pub enum StatisticsAction {
    Make,
    /// Looks for the features of a part of the chart.
    Find(Box<Query>),
}

/// With the number of the question.
pub struct StatisticsEvent(pub u64, pub Box<Result<Statistic>>);

impl App {
    pub(super) fn statistics_action(&mut self, action: StatisticsAction) {
        match action {
            StatisticsAction::Make => self.make_statistic(),
            StatisticsAction::Find(query) => {
                self.dock.show(Pane::Query);
                self.run_query(*query, None, SetChange::Replace);
            }
        }
    }

    pub(super) fn statistics_event(&mut self, StatisticsEvent(number, made): StatisticsEvent) {
        if number == self.panels.statistics.asked {
            self.panels.statistics.set(*made);
        }
    }

    fn make_statistic(&mut self) {
        let Some(session) = &self.session else { return };
        let panel = &mut self.panels.statistics;
        let (subject, [rows, columns]) = (panel.subject(), panel.own());
        let (query, sheet) = (self.panels.query.query(), self.panels.query.sheet());
        panel.asked += 1;
        panel.is_waiting = true;
        let (number, lang) = (panel.asked, self.lang);
        let service = session.service.clone();
        self.tasks
            .spawn(Message::new("querying.task_groups"), move |progress| {
                let progress = progress.clone();
                let made = service.call(move |project| match subject {
                    Subject::Standing(report) => report.make(project, today(), lang, &progress),
                    Subject::Own => {
                        let down = rows.len();
                        let by = rows.into_iter().chain(columns).collect();
                        let mut query = query?;
                        if let Some(sheet) = sheet {
                            query.area = Some(on_sheet(project, &sheet)?);
                        }
                        Statistic::of_query(project, query, by, down, lang, &progress)
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
