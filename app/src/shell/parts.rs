//! The part library in the window: read, kept, renamed and deleted on the project's thread.

use std::path::PathBuf;

use gis_core::edit::ops::assembly_of;
use gis_core::project::Project;
use gis_core::report::bill_workbook;
use gis_core::schema::Label;
use gis_core::{Message, Result};

use super::App;
use super::action::Event;
use super::reports::write;
use crate::panels::parts::Library;

/// What the panel asks for.
#[derive(Debug, Clone)]
pub enum PartsAction {
    Read,
    /// An assembly made of a node and those around it.
    Keep {
        name: String,
        anchor: String,
        around: Vec<String>,
    },
    /// From its old to a new name.
    Rename(String, String),
    Delete(String),
}

impl App {
    pub(super) fn parts_action(&mut self, action: PartsAction) {
        let Some(session) = &self.session else { return };
        let outbox = self.tasks.outbox();
        self.panels.parts.is_asked = true;
        session.service.ask(move |project| {
            let library = carry_out(project, action).and_then(|()| read(project));
            outbox.send(Event::Parts(library));
        });
    }

    pub(super) fn parts_event(&mut self, library: Result<Library>) {
        self.panels.parts.is_asked = false;
        match library {
            Ok(library) => self.panels.parts.set(library),
            Err(error) => self.fail(&error),
        }
    }

    pub(super) fn save_parts_excel(&mut self, path: PathBuf) {
        let Some(session) = &self.session else { return };
        let (service, lang) = (session.service.clone(), self.lang);
        let created = chrono::Local::now().naive_local();
        self.tasks.spawn(Message::new("app.task.report"), move |_| {
            service.call(move |project| write(&path, &bill_workbook(project, lang, created)?))
        });
    }
}

fn carry_out(project: &mut Project, action: PartsAction) -> Result<()> {
    match action {
        PartsAction::Read => Ok(()),
        PartsAction::Keep { name, anchor, around } => {
            let assembly = assembly_of(project, label(&name), &anchor, &around)?;
            project.save_assembly(&name, &assembly)
        }
        PartsAction::Rename(old, new) => project.rename_assembly(&old, &new),
        PartsAction::Delete(name) => project.delete_assembly(&name),
    }
}

fn label(name: &str) -> Label {
    Label {
        zh: name.to_owned(),
        en: name.to_owned(),
    }
}

fn read(project: &Project) -> Result<Library> {
    Ok(Library {
        parts: project.assemblies()?,
        bill: project.bill_of_materials()?,
    })
}
