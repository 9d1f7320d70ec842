//! The attribute table's questions to the project: rows and totals in tasks, records and previews on the project's thread,
//! changes on the way of all edits.

use std::path::PathBuf;
use std::sync::Arc;

use gis_core::edit::ops::Deed;
use gis_core::project::Project;
use gis_core::report::table_workbook;
use gis_core::table::{
    Rows, Totals, Wanted, calculate, fill_down, page, paste, replace, rows, tab_separated, update,
};
use gis_core::{ClassIndex, Error, FeatureId, Message, Progress, Result};

use super::App;
use super::action::Event;
use super::dock::{Pane, TABLE_ROOM};
use super::reports::write;
use crate::panels::PanelEnv;
use crate::panels::table::{ChangePlan, Planned, Record};
use crate::session::{Target, union};
use crate::tasks::TaskProgress;

/// What the panel and menus ask for.
#[derive(Debug, Clone)]
pub enum TableAction {
    /// Shows the table of a class.
    Open(ClassIndex),
    /// Shows what queries found of a class.
    OpenFound(ClassIndex, Vec<FeatureId>),
    /// The rows that are wanted, with the number of the question.
    Read(u64, Box<Wanted>),
    ReadRecords(ClassIndex, Vec<FeatureId>),
    /// Totals of a field over the chosen rows, for a revision of the choice.
    Sum(u64, ClassIndex, Vec<FeatureId>, String),
    Copy {
        class: ClassIndex,
        ids: Vec<FeatureId>,
        fields: Vec<String>,
    },
    ZoomToSelected,
    /// What would change.
    Plan(u64, Box<ChangePlan>),
    CarryOut(Arc<Planned>),
}

/// Brought by tasks and the project's thread.
pub enum TableEvent {
    /// None where it was broken off.
    Rows(u64, Box<std::result::Result<Option<Rows>, Message>>),
    Records(Vec<(FeatureId, Record)>),
    Summed(u64, Totals),
    Copied(String, usize),
    Planned(u64, Box<std::result::Result<Planned, Message>>),
    /// Said already.
    Failed(Message),
}

impl App {
    pub(super) fn table_action(&mut self, action: TableAction) {
        match action {
            TableAction::Open(class) => {
                self.panels.table.open(class);
                self.dock.show_tall(Pane::Table, TABLE_ROOM);
            }
            TableAction::OpenFound(class, found) => {
                self.panels.table.open_found(class, found);
                self.dock.show_tall(Pane::Table, TABLE_ROOM);
            }
            TableAction::Read(number, wanted) => {
                self.table_task("table.task.rows", move |project, progress| {
                    let found = told(rows(project, &wanted, progress));
                    Ok(TableEvent::Rows(number, Box::new(found)))
                });
            }
            TableAction::ReadRecords(class, ids) => self.ask_table(move |project| {
                let records = page(project, class, &ids)?;
                Ok(TableEvent::Records(ids.into_iter().zip(records).collect()))
            }),
            TableAction::Sum(number, class, ids, field) => self.ask_table(move |project| {
                let totals = Totals::of(project, class, &ids, &field)?;
                Ok(TableEvent::Summed(number, totals))
            }),
            TableAction::Copy { class, ids, fields } => {
                let lang = self.lang;
                self.ask_table(move |project| {
                    let text = tab_separated(project, class, &ids, &fields, lang)?;
                    Ok(TableEvent::Copied(text, ids.len()))
                });
            }
            TableAction::ZoomToSelected => self.zoom_to_rows(),
            TableAction::Plan(number, plan) => {
                self.table_task("table.task.changes", move |project, progress| {
                    let planned = told(planned(project, &plan, progress))
                        .map(|planned| planned.ok_or_else(|| Error::Cancelled.message()));
                    Ok(TableEvent::Planned(number, Box::new(planned.and_then(|p| p))))
                });
            }
            TableAction::CarryOut(planned) => {
                self.carry_out_deed(Deed::Requests(vec![planned.request.clone()]));
            }
        }
    }

    fn zoom_to_rows(&mut self) {
        let Some(session) = &self.session else { return };
        let network = &session.network;
        let ids = self.panels.table.selection.ids();
        let extents = ids.filter_map(|id| Target::of_id(network, id)?.extent(network));
        if let (Some(map), Some(extent)) = (&mut self.map, union(extents)) {
            map.zoom_to(extent);
        }
    }

    fn table_task(
        &mut self,
        label: &'static str,
        work: impl FnOnce(&Project, &TaskProgress) -> Result<TableEvent> + Send + 'static,
    ) {
        let Some(session) = &self.session else { return };
        let service = session.service.clone();
        self.tasks.spawn(Message::new(label), move |progress| {
            let progress = progress.clone();
            service.call(move |project| work(project, &progress).map(Event::Table))
        });
    }

    /// On the project's thread: too short for a task.
    fn ask_table(&self, work: impl FnOnce(&Project) -> Result<TableEvent> + Send + 'static) {
        let Some(session) = &self.session else { return };
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            let event = work(project).unwrap_or_else(|error| TableEvent::Failed(error.message()));
            outbox.send(Event::Table(event));
        });
    }

    pub(super) fn table_event(&mut self, event: TableEvent) {
        let table = &mut self.panels.table;
        match event {
            TableEvent::Rows(number, found) => table.set_rows(number, *found),
            TableEvent::Records(records) => table.set_records(records),
            TableEvent::Summed(number, totals) => table.set_selected_totals(number, totals),
            TableEvent::Planned(number, planned) => table.set_planned(number, *planned),
            TableEvent::Copied(text, count) => {
                self.ctx.copy_text(text);
                self.inform(Message::new("table.panel.copied").with("count", count));
            }
            TableEvent::Failed(message) => {
                table.forget_asked();
                self.say(gis_core::Severity::Warning, message);
            }
        }
    }

    /// Shows what a workbook would change in the class of the table.
    pub(super) fn update_from_excel(&mut self, path: PathBuf) {
        if let Some((number, plan)) = self.panels.table.begin_update(path) {
            self.table_action(TableAction::Plan(number, Box::new(plan)));
        }
    }

    /// What the table shows, as a workbook.
    pub(super) fn save_table_excel(&mut self, path: PathBuf) {
        let Some(session) = &self.session else { return };
        let table = &self.panels.table;
        let Some(class) = table.class else { return };
        let env = PanelEnv {
            session,
            theme: &self.theme,
            actions: &mut Vec::new(),
        };
        let (ids, fields) = (table.rows().ids.clone(), table.shown_fields(&env));
        let (service, lang) = (session.service.clone(), self.lang);
        let created = chrono::Local::now().naive_local();
        self.tasks.spawn(Message::new("table.task.export"), move |_| {
            service.call(move |project| {
                write(
                    &path,
                    &table_workbook(project, class, &ids, &fields, lang, created)?,
                )
            })
        });
    }
}

/// Broken off is no failure.
fn told<T>(result: Result<T>) -> std::result::Result<Option<T>, Message> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Error::Cancelled) => Ok(None),
        Err(error) => Err(error.message()),
    }
}

fn planned(project: &Project, plan: &ChangePlan, progress: &dyn Progress) -> Result<Planned> {
    let (mut conflicts, mut notes) = (Vec::new(), Vec::new());
    let changes = match plan {
        ChangePlan::Workbook { class, path, options } => update(project, *class, path, options, progress)
            .map(|found| {
                notes = found.notes();
                conflicts = found.conflicts;
                found.changes
            }),
        ChangePlan::Calculate {
            class,
            ids,
            field,
            expression,
        } => calculate(project, *class, ids, field, expression, progress),
        ChangePlan::Replace {
            class,
            ids,
            field,
            find,
            with,
            is_whole,
        } => replace(project, *class, ids, field, [find, with], *is_whole),
        ChangePlan::FillDown { class, ids, fields } => fill_down(project, *class, ids, fields),
        ChangePlan::Paste {
            class,
            ids,
            fields,
            text,
        } => paste(project, *class, ids, fields, text),
    }?;
    let request = changes.request(project.schema());
    Ok(Planned {
        changes,
        request,
        conflicts,
        notes,
    })
}
