//! What is asked of the layers under the network, and how it is done: pictures and foreign files looked into, put into
//! the map document, given pyramids; topographic maps brought in and switched.

use std::path::{Path, PathBuf};

use gis_core::cartography::layers::{
    Layer, LayerId, LayerSource, MapDocument, Placement, RasterSource, TopoRecord, TreeNode, VectorSource,
};
use gis_core::io::foreign::{self, ForeignFile};
use gis_core::io::raster::{self, OverviewOptions, OverviewReport};
use gis_core::io::topographic::{self, NewIssue};
use gis_core::{Message, Progress as _, Result, Severity};

use super::App;
use super::action::Event;
use super::carry_out::file_name;
use super::dock::Pane;
use crate::dialogs::encoding::EncodingDialog;
use crate::dialogs::imagery::{ImageryDialog, InspectedImage};
use crate::dialogs::issue::{IssueDialog, IssuePlan};
use crate::session::now_unix_ms;

/// Longest side of a preview in pixels.
const PREVIEW_PX: usize = 600;

/// Asked for by the panel and the dialogs.
#[derive(Debug, Clone)]
pub enum GroundAction {
    PutImagery {
        /// The layer to change; a new one where `None`.
        layer: Option<LayerId>,
        source: RasterSource,
    },
    /// Web Mercator metres.
    ZoomTo([f64; 4]),
    /// Opens the dialog for a layer that is there.
    Place(LayerId),
    BuildPyramids(PathBuf),
    WriteWorldFile(PathBuf, Placement),
    AddIssue(IssuePlan),
    /// Map and issue.
    SwitchIssue(String, String),
    /// A file to show, with the encoding of its text where that is known.
    LookInto(PathBuf, Option<String>),
}

/// Brought by tasks.
pub enum GroundEvent {
    Image(Box<InspectedImage>),
    /// The file, the encoding it was looked into with, what it holds.
    Foreign(PathBuf, Option<String>, Box<Result<ForeignFile>>),
    Pyramids(Box<OverviewReport>),
    WorldFile(PathBuf),
    /// An issue was copied: map, record, shown at once.
    Issue(String, Box<TopoRecord>, bool),
    Failed(Message),
}

impl App {
    pub(super) fn ground(&mut self, action: GroundAction) {
        match action {
            GroundAction::PutImagery { layer, source } => self.put_imagery(layer, source),
            GroundAction::ZoomTo(web_box) => {
                if let Some(map) = &mut self.map {
                    map.zoom_to_web(web_box);
                }
            }
            GroundAction::Place(id) => self.place_again(&id),
            GroundAction::BuildPyramids(path) => self.build_pyramids(path),
            GroundAction::WriteWorldFile(path, placement) => {
                let label = Message::new("imagery.task.world_file").with("name", file_name(&path));
                self.tasks.spawn(label, move |_| {
                    let file = raster::world_file::write_beside(&path, &placement)?;
                    Ok(Event::Ground(GroundEvent::WorldFile(file)))
                });
            }
            GroundAction::AddIssue(plan) => self.add_issue(plan),
            GroundAction::SwitchIssue(map, issue) => self.switch_issue(&map, &issue),
            GroundAction::LookInto(path, encoding) => self.look_into_foreign(path, encoding),
        }
    }

    pub(super) fn ground_event(&mut self, event: GroundEvent) {
        match event {
            GroundEvent::Image(inspected) => {
                if let Some(dialog) = &mut self.dialogs.imagery {
                    dialog.inspected(*inspected, &self.ctx);
                }
            }
            GroundEvent::Foreign(path, encoding, found) => match *found {
                Ok(ForeignFile::Layers(layers)) => {
                    let names = layers.into_iter().map(|l| l.name).collect();
                    self.put_foreign(&path, names, encoding.as_ref());
                }
                Ok(ForeignFile::Question(question)) => {
                    self.dialogs.encoding = Some(EncodingDialog::new(path, question));
                }
                Err(error) => self.fail(&error),
            },
            GroundEvent::Pyramids(report) => {
                for map in [&mut self.map, &mut self.second.map].into_iter().flatten() {
                    map.under.tiles.reopen(&report.path);
                }
                let said = Message::new("imagery.done.pyramids").with("path", report.file.display());
                self.say(Severity::Info, said);
            }
            GroundEvent::WorldFile(path) => {
                self.say(
                    Severity::Info,
                    Message::new("app.file.saved").with("path", path.display()),
                );
            }
            GroundEvent::Issue(map, record, is_shown) => self.issue_added(&map, *record, is_shown),
            GroundEvent::Failed(message) => self.say(Severity::Error, message),
        }
    }

    pub(super) fn open_imagery_dialog(&mut self, path: PathBuf) {
        self.start_crs_picker();
        self.dialogs.imagery = Some(ImageryDialog::new(path.clone()));
        self.inspect_image(path);
    }

    fn place_again(&mut self, id: &LayerId) {
        let Some(layer) = self.session.as_ref().and_then(|s| s.document.layer(id)) else {
            return;
        };
        if let LayerSource::Raster(source) = &layer.source {
            let dialog = ImageryDialog::for_layer(id.clone(), source.clone());
            let path = dialog.path().to_owned();
            self.start_crs_picker();
            self.dialogs.imagery = Some(dialog);
            self.inspect_image(path);
        }
    }

    fn inspect_image(&mut self, path: PathBuf) {
        let label = Message::new("imagery.task.looking").with("name", file_name(&path));
        self.tasks.spawn(label, move |_| {
            let source = RasterSource {
                path: path.display().to_string(),
                ..RasterSource::default()
            };
            let found = raster::describe(&path)
                .and_then(|info| raster::preview(&source, PREVIEW_PX).map(|picture| (info, picture)));
            Ok(Event::Ground(GroundEvent::Image(Box::new(InspectedImage {
                path,
                found,
            }))))
        });
    }

    /// Changes the map document, which is saved with the workspace.
    fn edit_document(&mut self, change: impl FnOnce(&mut MapDocument)) {
        if let Some(session) = &mut self.session {
            change(&mut session.document);
        }
    }

    fn put_imagery(&mut self, layer: Option<LayerId>, source: RasterSource) {
        self.edit_document(|document| {
            let source = LayerSource::Raster(source);
            if let Some(known) = layer.and_then(|id| document.layer_mut(&id)) {
                known.source = source;
            } else {
                let node = TreeNode::Layer(Layer::new(document.fresh_id("imagery"), source));
                document.insert(node, None, usize::MAX);
            }
        });
        self.dock.show(Pane::Layers);
    }

    pub(super) fn look_into_foreign(&mut self, path: PathBuf, encoding: Option<String>) {
        let label = Message::new("imagery.task.looking").with("name", file_name(&path));
        self.tasks.spawn(label, move |_| {
            let found = foreign::look(&path, encoding.as_deref());
            Ok(Event::Ground(GroundEvent::Foreign(
                path,
                encoding,
                Box::new(found),
            )))
        });
    }

    fn put_foreign(&mut self, path: &Path, names: Vec<String>, encoding: Option<&String>) {
        self.edit_document(|document| put_foreign(document, path, names, encoding));
        self.dock.show(Pane::Layers);
    }

    fn build_pyramids(&mut self, path: PathBuf) {
        let label = Message::new("imagery.task.pyramids").with("name", file_name(&path));
        self.tasks.spawn(label, move |progress| {
            progress.check()?;
            let report = raster::build_overviews(&path, &OverviewOptions::default(), progress)?;
            Ok(Event::Ground(GroundEvent::Pyramids(Box::new(report))))
        });
    }

    pub(super) fn open_issue_dialog(&mut self, path: PathBuf) {
        let Some(session) = &self.session else { return };
        if session.is_temporary {
            return self.refuse("imagery.issue.temporary");
        }
        let today = chrono::Local::now().format("%Y-%m").to_string();
        self.dialogs.issue = Some(IssueDialog::new(path, &session.topographic, &today));
    }

    fn add_issue(&mut self, plan: IssuePlan) {
        let Some(session) = &self.session else { return };
        if let Err(error) = session.topographic.check_new(&plan.map, &plan.issue) {
            return self.fail(&error);
        }
        let label = Message::new("imagery.task.issue").with("name", file_name(&plan.path));
        let (project, crs) = (session.source.clone(), session.crs.clone());
        self.tasks.spawn(label, move |progress| {
            let new = NewIssue {
                map: plan.map.clone(),
                issue: plan.issue,
                source: plan.path,
                encoding: plan.encoding,
                crs: None,
                by: crate::settings::system_user(),
                note: plan.note,
                added_unix_ms: now_unix_ms(),
            };
            let record = topographic::bring_in(&new, &project, &crs, progress)?;
            let event = GroundEvent::Issue(plan.map, Box::new(record), plan.is_shown_at_once);
            Ok(Event::Ground(event))
        });
    }

    fn issue_added(&mut self, map: &str, record: TopoRecord, is_shown: bool) {
        let Some(session) = &mut self.session else { return };
        let said = Message::new("imagery.done.issue")
            .with("map", map)
            .with("issue", &record.issue)
            .with("features", record.features);
        let (issue, by, at) = (record.issue.clone(), record.by.clone(), record.added_unix_ms);
        let added = session.topographic.add(map, record);
        let added = added.and_then(|()| {
            if is_shown {
                session.topographic.switch(map, &issue, &by, at)
            } else {
                Ok(())
            }
        });
        match added {
            Ok(()) => {
                self.keep_topographic();
                self.say(Severity::Info, said);
                self.dock.show(Pane::Layers);
            }
            Err(error) => self.fail(&error),
        }
    }

    fn switch_issue(&mut self, map: &str, issue: &str) {
        let Some(session) = &mut self.session else { return };
        let by = crate::settings::system_user();
        match session.topographic.switch(map, issue, &by, now_unix_ms()) {
            Ok(()) => self.keep_topographic(),
            Err(error) => self.fail(&error),
        }
    }

    /// Keeps the history with the project, and shows the present issues.
    fn keep_topographic(&mut self) {
        let Some(session) = &mut self.session else { return };
        let folder = topographic::folder_of(&session.source);
        session.topographic.show_in(&mut session.document, &folder);
        let book = session.topographic.clone();
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            if let Err(error) = book.save(project) {
                outbox.send(Event::Ground(GroundEvent::Failed(error.message())));
            }
        });
    }
}

/// A layer of the tree for each layer of the file, above the pictures.
fn put_foreign(document: &mut MapDocument, path: &Path, names: Vec<String>, encoding: Option<&String>) {
    let is_one = names.len() == 1;
    for name in names {
        let is_picture = |node: &&TreeNode| matches!(node, TreeNode::Layer(l) if matches!(l.source, LayerSource::Raster(_)));
        let pictures = document.tree.iter().rev().take_while(is_picture).count();
        let file = file_name(path);
        let title = if is_one { file } else { format!("{file}: {name}") };
        let source = LayerSource::Vector(VectorSource {
            path: path.display().to_string(),
            layer: Some(name),
            encoding: encoding.cloned(),
            ..VectorSource::default()
        });
        let layer = Layer {
            title: Some(title),
            ..Layer::new(document.fresh_id("foreign"), source)
        };
        let position = document.tree.len() - pictures;
        document.insert(TreeNode::Layer(layer), None, position);
    }
}
