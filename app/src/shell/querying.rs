//! What the query panel asks for: looked for by the project's thread within a task, so that it can be watched and stopped.

use std::path::PathBuf;
use std::sync::Arc;

use gis_core::project::Project;
use gis_core::query::{GroupBy, Query, ResultSet, SavedQuery, group, on_sheet};
use gis_core::report::{features_workbook, groups_workbook};
use gis_core::{ClassIndex, Error, Message, Progress, Result};

use super::App;
use super::action::Event;
use super::dock::Pane;
use super::reports::write;
use crate::panels::query::{DrawnArea, FoundSet, GroupTable, SetChange};
use crate::view::{AreaShape, Tool};

#[derive(Debug, Clone)]
pub enum QueryAction {
    /// Looks for what the form asks for.
    Run(SetChange),
    /// Counts what fits the condition.
    Count,
    /// All that lies in a road.
    Road(String),
    /// Takes the tool that draws such a shape.
    Draw(AreaShape),
    /// A shape was drawn.
    Area(Box<DrawnArea>),
    /// Takes what the map shows for the shape.
    InView,
    Samples(ClassIndex, String),
    Group(Vec<String>),
    /// Keeps of the set what fits a condition.
    Narrow(String),
    Clear,
    /// Which queries the project keeps.
    ListKept,
    /// Keeps what is filled in under a name.
    Keep(String),
    TakeKept(String),
    Forget(String),
    TakeRecent(Box<SavedQuery>),
}

pub enum QueryEvent {
    Kept(Vec<String>),
    Taken(Box<SavedQuery>),
    Failed(Error),
    /// With the number of the question.
    Found(u64, Result<FoundSet>),
    Counted(u64, Option<usize>),
    Samples(ClassIndex, String, Vec<String>),
    Grouped(u64, Result<GroupTable>),
}

/// Values of a field that are offered.
const MOST_SAMPLES: usize = 100;

impl App {
    pub(super) fn query_action(&mut self, action: QueryAction) {
        match action {
            QueryAction::Run(change) => match self.panels.query.query() {
                Ok(query) => {
                    self.remember_query();
                    self.run_query(query, self.panels.query.sheet(), change);
                }
                Err(error) => self.panels.query.set_found(Err(error)),
            },
            QueryAction::Narrow(condition) => {
                let query = Query {
                    condition: Some(condition),
                    ..Query::default()
                };
                self.run_query(query, None, SetChange::Keep);
            }
            QueryAction::Road(road) => {
                self.dock.show(Pane::Query);
                let query = Query {
                    condition: Some(format!("road = '{}'", road.replace('\'', "''"))),
                    ..Query::default()
                };
                self.zoom_to_found = true;
                self.run_query(query, None, SetChange::Replace);
            }
            QueryAction::Count => self.count_query(),
            QueryAction::Draw(shape) => self.tools.take(Tool::Area(shape)),
            QueryAction::Area(drawn) => {
                self.panels.query.set_area(*drawn);
                self.dock.show(Pane::Query);
            }
            QueryAction::InView => {
                if let Some(drawn) = self.drawn_view() {
                    self.panels.query.set_area(drawn);
                }
            }
            QueryAction::Samples(class, field) => self.read_samples(class, field),
            QueryAction::Group(by) => self.group_found(by),
            QueryAction::Clear => {
                self.panels.query.clear();
                self.refresh_highlight();
            }
            QueryAction::ListKept => {
                self.panels.query.set_recent(self.settings.recent_queries.clone());
                self.ask_kept(|_| Ok(()));
            }
            QueryAction::Keep(name) => {
                let Some(kept) = self.kept_query() else { return };
                self.ask_kept(move |project| kept.save(project, &name));
            }
            QueryAction::Forget(name) => self.ask_kept(move |project| SavedQuery::delete(project, &name)),
            QueryAction::TakeKept(name) => self.ask_query(move |project| {
                let kept = SavedQuery::load(project, &name)?;
                Ok(QueryEvent::Taken(Box::new(kept)))
            }),
            QueryAction::TakeRecent(kept) => self.take_query(*kept),
        }
    }

    /// Changes what the project keeps, and tells what it keeps then.
    fn ask_kept(&self, change: impl FnOnce(&mut Project) -> Result<()> + Send + 'static) {
        self.ask_query(move |project| {
            change(project)?;
            Ok(QueryEvent::Kept(SavedQuery::names(project)?))
        });
    }

    fn ask_query(&self, work: impl FnOnce(&mut Project) -> Result<QueryEvent> + Send + 'static) {
        let Some(session) = &self.session else { return };
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            outbox.send(Event::Query(work(project).unwrap_or_else(QueryEvent::Failed)));
        });
    }

    fn kept_query(&self) -> Option<SavedQuery> {
        let schema = &self.session.as_ref()?.schema;
        let key = |class: ClassIndex| schema.class(class).key.clone();
        Some(self.panels.query.as_kept(key))
    }

    fn take_query(&mut self, kept: SavedQuery) {
        let Some(session) = &self.session else { return };
        let schema = Arc::clone(&session.schema);
        let class = |name: &str| schema.resolve_class(name).map(|(class, _)| class);
        self.panels.query.take_kept(kept, class);
    }

    fn remember_query(&mut self) {
        let Some(kept) = self.kept_query() else { return };
        if kept.condition.is_some() || kept.address.is_some() || kept.sheet.is_some() {
            self.settings.remember_query(kept);
            self.save_settings();
        }
    }

    pub(super) fn query_event(&mut self, event: QueryEvent) {
        let asked = self.panels.query.asked;
        match event {
            QueryEvent::Found(number, found) if number == asked => {
                let extent = found.as_ref().ok().and_then(|found| found.extent);
                self.panels.query.set_found(found);
                if std::mem::take(&mut self.zoom_to_found) {
                    self.zoom_to(extent);
                }
                self.refresh_highlight();
            }
            QueryEvent::Counted(number, count) if number == asked => self.panels.query.set_count(count),
            QueryEvent::Grouped(number, table) if number == asked => match table {
                Ok(table) => self.panels.query.grouping_mut().set(table),
                Err(error) => {
                    self.panels.query.grouping_mut().forget();
                    self.fail(&error);
                }
            },
            QueryEvent::Kept(names) => self.panels.query.set_kept(names),
            QueryEvent::Taken(kept) => self.take_query(*kept),
            QueryEvent::Failed(error) => self.fail(&error),
            QueryEvent::Samples(class, field, values) => self.panels.query.set_samples(class, field, values),
            QueryEvent::Found(..) | QueryEvent::Counted(..) | QueryEvent::Grouped(..) => {}
        }
    }

    pub(super) fn run_query(&mut self, mut query: Query, sheet: Option<String>, change: SetChange) {
        let Some(session) = &self.session else { return };
        let panel = &mut self.panels.query;
        panel.asked += 1;
        panel.is_waiting = true;
        let number = panel.asked;
        let before = panel
            .found()
            .map_or_else(ResultSet::default, |found| found.set.clone());
        let service = session.service.clone();
        let newest = session.service.clone();
        self.tasks.spawn(Message::new("querying.task"), move |progress| {
            let progress = progress.clone();
            let found = service.call(move |project| {
                let network = newest.newest();
                if let Some(sheet) = sheet {
                    query.area = Some(on_sheet(project, &sheet)?);
                }
                let found = query.run_in(project, Some(&network), &progress)?;
                let set = change.of(before, &found);
                FoundSet::new(project, &network, set, &progress)
            });
            Ok(Event::Query(QueryEvent::Found(number, found)))
        });
    }

    fn count_query(&self) {
        let Some(session) = &self.session else { return };
        let (query, number) = (self.panels.query.counted(), self.panels.query.asked);
        let outbox = self.tasks.outbox();
        let newest = session.service.clone();
        session.service.ask(move |project| {
            let found = query.run_in(project, Some(&newest.newest()), &gis_core::NoProgress);
            // What is wrong with the condition is said under it.
            outbox.send(Event::Query(QueryEvent::Counted(
                number,
                found.ok().map(|set| set.len()),
            )));
        });
    }

    fn read_samples(&self, class: ClassIndex, field: String) {
        let Some(session) = &self.session else { return };
        let (outbox, lang) = (self.tasks.outbox(), self.lang);
        session.service.ask(move |project| {
            let values = project.sample_values(class, &field, lang, MOST_SAMPLES);
            let values = values.unwrap_or_else(|error| {
                log::warn!("values of {field}: {error}");
                Vec::new()
            });
            outbox.send(Event::Query(QueryEvent::Samples(class, field, values)));
        });
    }

    fn group_found(&mut self, by: Vec<String>) {
        let (Some(session), Some(found)) = (&self.session, self.panels.query.found()) else {
            return;
        };
        let (set, number, lang) = (found.set.clone(), self.panels.query.asked, self.lang);
        let service = session.service.clone();
        self.tasks
            .spawn(Message::new("querying.task_groups"), move |progress| {
                let progress = progress.clone();
                let table = service.call(move |project| {
                    let groups = group(project, &set, &GroupBy::of(&by), lang, &progress)?;
                    Ok(GroupTable { by, groups })
                });
                Ok(Event::Query(QueryEvent::Grouped(number, table)))
            });
    }

    /// The corners of the map as a shape.
    fn drawn_view(&self) -> Option<DrawnArea> {
        Some(DrawnArea {
            shape: AreaShape::Box,
            points: self.map.as_ref()?.corners()?.to_vec(),
            radius_m: 0.0,
        })
    }

    pub(super) fn save_found_excel(&mut self, path: PathBuf) {
        let (Some(session), Some(found)) = (&self.session, self.panels.query.found()) else {
            return;
        };
        let (service, set, lang) = (session.service.clone(), found.set.clone(), self.lang);
        let created = chrono::Local::now().naive_local();
        self.tasks
            .spawn(Message::new("app.task.report"), move |progress| {
                let bytes = service.call(move |project| features_workbook(project, &set, lang, created))?;
                progress.check()?;
                write(&path, &bytes)
            });
    }

    pub(super) fn save_groups_excel(&mut self, path: PathBuf) {
        let Some(table) = self.panels.query.grouping().table().cloned() else {
            return;
        };
        let (lang, created) = (self.lang, chrono::Local::now().naive_local());
        self.tasks
            .spawn(Message::new("app.task.report"), move |progress| {
                let bytes = groups_workbook(&table.groups, &table.by, lang, created)?;
                progress.check()?;
                write(&path, &bytes)
            });
    }
}
