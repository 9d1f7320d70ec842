//! Files attached to the chosen feature: asking the project for them, adding, opening, saving, taking away. How they are
//! kept is `gis_core`'s affair.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gis_core::io::media::{nearest, place_in, read_file, safe_name, save};
use gis_core::project::Project;
use gis_core::{ClassIndex, Error, FeatureId, IdSource, Message, Result, Severity};

use super::App;
use super::action::{Action, Event};
use super::carry_out::file_name;
use crate::panels::media::Shown;
use crate::session::{Target, now_unix_ms};

/// Endings of files that are dropped onto a chosen feature rather than opened.
const ENDINGS: [&str; 16] = [
    "jpg", "jpeg", "heic", "pdf", "doc", "docx", "mp4", "mov", "avi", "mp3", "wav", "m4a", "amr", "txt",
    "webp", "gif",
];

/// Whether a file is one to attach when a feature is chosen.
pub(super) fn is_attachable(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| ENDINGS.contains(&e.to_string_lossy().to_lowercase().as_str()))
}

impl App {
    pub(super) fn ask_attachments(&mut self, target: Target) {
        let Some(session) = &self.session else { return };
        let feature = target.id(&session.network);
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| match shown(project, feature) {
            Ok(shown) => outbox.send(Event::Attachments(target, shown, None)),
            Err(error) => log::warn!("attachments: {error}"),
        });
    }

    pub(super) fn attachments_came(&mut self, target: Target, shown: Vec<Shown>, warning: Option<Message>) {
        if self.panels.identify.target == Some(target) {
            self.panels.identify.media.set(shown);
        }
        if let Some(warning) = warning {
            self.say(Severity::Warning, warning);
        }
    }

    /// Attaches files to the chosen feature.
    pub(super) fn attach(&mut self, paths: Vec<PathBuf>) {
        let (Some(session), Some(target)) = (&self.session, self.panels.identify.target) else {
            self.refuse("app.media.no_selection");
            return;
        };
        let feature = (target.class(&session.network), target.id(&session.network));
        let service = session.service.clone();
        self.tasks.spawn(task_label(&paths), move |_| {
            let mut warning = None;
            let mut media = Vec::new();
            for path in &paths {
                let read = read_file(path)?;
                warning = read.warning.clone().or(warning);
                media.push(read);
            }
            let shown = service.call(move |project| {
                let mut ids = IdSource::new(now_unix_ms(), u64::from(std::process::id()));
                for media in &media {
                    project.attach(feature, media, ids.next_id(), now_unix_ms())?;
                }
                shown(project, feature.1)
            })?;
            Ok(Event::Attachments(target, shown, warning))
        });
    }

    /// Attaches a photograph to the feature nearest to where it was taken, and chooses that feature.
    pub(super) fn attach_nearest(&mut self, path: PathBuf) {
        const REACH_M: f64 = 30.0;
        let Some(session) = &self.session else { return };
        let (service, network, crs) = (
            session.service.clone(),
            Arc::clone(&session.network),
            session.crs.clone(),
        );
        self.tasks
            .spawn(task_label(std::slice::from_ref(&path)), move |_| {
                let media = read_file(&path)?;
                let place = media
                    .info
                    .position
                    .and_then(|p| place_in(&crs, p))
                    .ok_or_else(|| {
                        Error::bad_input(Message::new("media.error.no_position").with("name", &media.name))
                    })?;
                let (class, id, _) = nearest(&network, place, REACH_M)?;
                let nodes = network.nodes().map(Target::Node);
                let target = nodes
                    .chain(network.pipes().map(Target::Pipe))
                    .find(|target| target.id(&network) == id)
                    .ok_or_else(|| Error::bad_input(Message::new("media.error.no_feature").with("id", id)))?;
                let feature: (ClassIndex, FeatureId) = (class, id);
                service.call(move |project| {
                    let mut ids = IdSource::new(now_unix_ms(), u64::from(std::process::id()));
                    project.attach(feature, &media, ids.next_id(), now_unix_ms())
                })?;
                Ok(Event::AttachedTo(target))
            });
    }

    pub(super) fn detach(&mut self, id: FeatureId) {
        let (Some(session), Some(target)) = (&self.session, self.panels.identify.target) else {
            return;
        };
        let feature = target.id(&session.network);
        let service = session.service.clone();
        self.tasks.spawn(Message::new("app.task.detaching"), move |_| {
            let shown = service.call(move |project| {
                project.detach(id)?;
                shown(project, feature)
            })?;
            Ok(Event::Attachments(target, shown, None))
        });
    }

    pub(super) fn save_attachment(&mut self, id: FeatureId, path: PathBuf) {
        let Some(session) = &self.session else { return };
        let service = session.service.clone();
        let label = Message::new("app.task.saving").with("name", file_name(&path));
        self.tasks.spawn(label, move |_| {
            let target = path.clone();
            service.call(move |project| save(project, id, &target))?;
            Ok(Event::Saved(path))
        });
    }

    /// Writes the file out for this run of the program and hands it to the system.
    pub(super) fn open_attachment(&mut self, id: FeatureId) {
        let Some(session) = &self.session else { return };
        let name = safe_name(self.panels.identify.media.name(id).unwrap_or_default());
        let service = session.service.clone();
        let label = Message::new("app.task.opening").with("name", &name);
        self.tasks.spawn(label, move |_| {
            // Kept behind: the program that shows the file may outlive this one.
            let folder = tempfile::Builder::new().prefix("karez-").tempdir();
            let path = folder.map_err(|e| Error::io("tmp", e))?.keep().join(name);
            let target = path.clone();
            service.call(move |project| save(project, id, &target))?;
            hand_over(&path)?;
            Ok(Event::HandedOver(path))
        });
    }

    pub(super) fn attached_to(&mut self, target: Target) {
        self.actions.push(Action::Select(Some(target)));
        self.actions.push(Action::ShowAttributes);
        self.actions.push(Action::ZoomToTarget(target));
    }
}

fn task_label(paths: &[PathBuf]) -> Message {
    let name = paths.first().map(|p| file_name(p)).unwrap_or_default();
    Message::new("app.task.attaching").with("name", name)
}

/// What is attached to a feature, with the small pictures decoded.
fn shown(project: &Project, feature: FeatureId) -> Result<Vec<Shown>> {
    let attachments = project.attachments(feature)?;
    attachments
        .into_iter()
        .map(|attachment| {
            let thumbnail = if attachment.has_thumbnail {
                project.attached_thumbnail(attachment.id)?
            } else {
                None
            };
            let picture = thumbnail
                .and_then(|jpeg| image::load_from_memory(&jpeg).ok())
                .map(|image| {
                    let image = image.to_rgba8();
                    let size = [image.width() as usize, image.height() as usize];
                    Arc::new(egui::ColorImage::from_rgba_unmultiplied(size, image.as_raw()))
                });
            let place = attachment.info.position.and_then(|p| place_in(project.crs(), p));
            Ok(Shown {
                attachment,
                place,
                picture,
            })
        })
        .collect()
}

/// Opens a file with the program the system has for it.
fn hand_over(path: &Path) -> Result<()> {
    let program = if cfg!(target_os = "windows") {
        "explorer"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    std::process::Command::new(program)
        .arg(path)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .map(drop)
        .map_err(|error| {
            Error::bad_input(
                Message::new("app.media.no_opener")
                    .with("path", path.display())
                    .with("reason", error),
            )
        })
}
