//! Edits of the network from the window: an operation is handed to the project's thread, which commits it and brings
//! the network in step; the window takes over the new network and draws what has changed. Nothing waits for the file.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gis_core::cartography::chunks::NetworkChange;
use gis_core::edit::Edit;
use gis_core::edit::ops::{Deed, Hanging, Request, Sketch, SketchPoint};
use gis_core::model::Feature;
use gis_core::project::{Effects, History, Project};
use gis_core::rules::{Finding, Repair};
use gis_core::{FeatureId, Lang, Message, Result, Severity};
use serde_json::{Map, Value as Json};

use super::App;
use super::action::{Action, Event};
use super::dock::Pane;
use super::edit_order::{Job, Order, Refused};
use super::engineering::Rested;
use super::reshaping::Reshaped;
use crate::commands::Command;
use crate::dialogs::refused::RefusedDialog;
use crate::panels::templates;
use crate::panels::trace::TraceRow;
use crate::session::{Target, now_unix_ms};
use crate::view::{EditTool, Tool};

/// What tools and panels ask for.
#[derive(Debug, Clone)]
pub enum EditAction {
    /// As the template of nodes says.
    PlaceNode {
        at: [f64; 2],
        pipe: Option<FeatureId>,
    },
    /// As the template of pipes says.
    Draw(Vec<SketchPoint>),
    /// What needs no template.
    Do(Request),
    Set {
        feature: FeatureId,
        field: String,
        value: Json,
    },
    /// To the state after an entry of the journal.
    Jump(i64),
    Repair(Vec<Repair>),
    /// What was refused, otherwise than before.
    Again(Box<Order>),
    /// The templates shall be there again when the project is opened next.
    KeepTemplates,
    /// The panel wants the journal.
    ReadHistory,
}

/// A change of the network that is in the project.
pub struct Edited {
    /// As the journal calls it; nothing for a move through the journal.
    pub name: Option<Message>,
    pub network: Arc<gis_core::network::Network>,
    pub change: NetworkChange,
    pub effects: Effects,
    pub notes: Vec<Message>,
    /// What it newly breaks, less what somebody let stand.
    pub broken: Vec<Finding>,
    /// Names of findings that are gone.
    pub mended: Vec<String>,
}

/// Brought by the project's thread.
pub enum EditEvent {
    Done(Box<Edited>),
    /// The journal was moved over a change of dictionaries or fields.
    Reshaped(Box<Reshaped>),
    /// Nothing was changed.
    Failed(Message),
    /// There was nothing to be done.
    Nothing,
    /// Nothing was changed, since it would break rules.
    Refused(Box<Refused>),
    /// A project was not withdrawn, since features rest on it.
    Rested(Box<Rested>),
    History(Box<History>),
    Trace(FeatureId, Vec<TraceRow>),
}

impl App {
    pub(super) fn edit_action(&mut self, action: EditAction) {
        let templates = &self.panels.edit.templates;
        let deed = match action {
            EditAction::ReadHistory => return self.read_history(),
            EditAction::KeepTemplates => return self.keep_templates(),
            EditAction::Repair(repairs) => return self.run_edit(Job::Repairs(repairs), false),
            EditAction::Again(order) => return self.run_order(*order),
            EditAction::Jump(entry) => Deed::Jump(entry),
            EditAction::PlaceNode { at, pipe } => Deed::Requests(vec![Request::AddNode {
                class: templates.node.now.class.clone(),
                at,
                z: None,
                pipe: pipe.map(|id| id.to_string()),
                values: templates.node.now.values(),
            }]),
            EditAction::Draw(points) => Deed::Sketch(Sketch {
                pipe_class: templates.pipe.now.class.clone(),
                node_class: "junction".to_owned(),
                points,
                values: templates.pipe.now.values(),
            }),
            EditAction::Do(request) => Deed::Requests(vec![request]),
            EditAction::Set {
                feature,
                field,
                value,
            } => Deed::Requests(vec![Request::Set {
                features: vec![feature.to_string()],
                values: Map::from_iter([(field, value)]),
            }]),
        };
        self.carry_out_deed(deed);
    }

    pub(super) fn edit_command(&mut self, command: Command) {
        let take = |tool| Tool::Edit(tool);
        match command {
            Command::ToggleEditing => self.toggle_editing(),
            Command::Undo => self.carry_out_deed(Deed::Undo),
            Command::Redo => self.carry_out_deed(Deed::Redo),
            Command::EditPlaceNode => self.take_edit_tool(take(EditTool::PlaceNode)),
            Command::EditDrawPipe => self.take_edit_tool(take(EditTool::DrawPipe)),
            Command::EditMoveNode => self.take_edit_tool(take(EditTool::MoveNode)),
            Command::EditVertices => self.take_edit_tool(take(EditTool::Vertices)),
            Command::EditSplitPipe => self.take_edit_tool(take(EditTool::SplitPipe)),
            Command::EditDelete => self.edit_selection(|feature| Request::Delete {
                features: vec![feature],
                hanging: Hanging::Refuse,
            }),
            Command::EditDeleteAll => self.edit_selection(|feature| Request::Delete {
                features: vec![feature],
                hanging: Hanging::Delete,
            }),
            Command::EditDeleteRelease => self.edit_selection(|feature| Request::Delete {
                features: vec![feature],
                hanging: Hanging::Release,
            }),
            Command::EditAbandon => self.edit_selection(|feature| Request::Abandon {
                features: vec![feature],
            }),
            Command::EditReverse => self.edit_selection(|pipe| Request::Reverse { pipe }),
            _ => {}
        }
    }

    pub(super) fn toggle_editing(&mut self) {
        let Some(session) = &mut self.session else { return };
        session.is_editing = !session.is_editing;
        if session.is_editing {
            let service = session.service.clone();
            // So that the first edit is as quick as those after it.
            session.service.ask(move |_| service.newest().prepare_updates());
            self.dock.show(Pane::Edit);
        } else if matches!(self.tools.id(), Tool::Edit(_)) {
            self.tools.take(Tool::Identify);
        }
    }

    fn take_edit_tool(&mut self, tool: Tool) {
        self.tools.take(tool);
        self.dock.show(Pane::Edit);
    }

    fn edit_selection(&mut self, request: impl FnOnce(String) -> Request) {
        let (Some(session), Some(target)) = (&self.session, self.panels.identify.target) else {
            return;
        };
        let id = target.id(&session.network).to_string();
        self.carry_out_deed(Deed::Requests(vec![request(id)]));
    }

    pub(super) fn carry_out_deed(&mut self, deed: Deed) {
        self.run_edit(Job::Deed(deed), false);
    }

    /// Takes over what other programs have changed in the file.
    pub(super) fn take_in_outside(&mut self) {
        if self.session.as_ref().is_some_and(|session| !session.is_read_only) {
            self.run_edit(Job::Outside, false);
        }
    }

    pub(super) fn run_edit(&mut self, job: Job, is_forced: bool) {
        let Some(session) = &mut self.session else { return };
        // Two within one millisecond must not name the same things.
        session.last_order_unix_ms = now_unix_ms().max(session.last_order_unix_ms + 1);
        let ids_from_unix_ms = session.last_order_unix_ms;
        let engineering = session.engineering.clone();
        self.run_order(Order {
            job,
            engineering,
            ids_from_unix_ms,
            is_forced,
        });
    }

    fn run_order(&mut self, order: Order) {
        let Some(session) = &self.session else { return };
        let service = session.service.clone();
        let outbox = self.tasks.outbox();
        self.panels.edit.under_way += 1;
        session.service.ask(move |project| {
            outbox.send(Event::Edit(order.run(project, &service)));
        });
    }

    pub(super) fn edit_event(&mut self, event: EditEvent) {
        match event {
            EditEvent::Done(edited) => {
                self.panels.edit.done();
                self.edited(*edited);
            }
            EditEvent::Reshaped(reshaped) => {
                self.panels.edit.done();
                self.reshaped(*reshaped);
            }
            EditEvent::Failed(message) => {
                self.panels.edit.done();
                self.panels.operations.is_sent = false;
                self.say(Severity::Warning, message);
            }
            EditEvent::Nothing => self.panels.edit.done(),
            EditEvent::Refused(refused) => {
                self.panels.edit.done();
                self.dialogs.refused = Some(RefusedDialog::new(*refused));
            }
            EditEvent::Rested(rested) => {
                self.panels.edit.done();
                self.rested(*rested);
            }
            EditEvent::Trace(feature, rows) => self.panels.identify.trace.set(feature, rows),
            EditEvent::History(history) => self.panels.history.set(*history),
        }
    }

    fn edited(&mut self, edited: Edited) {
        let Some(session) = &mut self.session else { return };
        session.network = Arc::clone(&edited.network);
        session.summary.follow(&edited.effects);
        for map in [&mut self.map, &mut self.second.map].into_iter().flatten() {
            map.follow_network(&edited.network, &edited.change);
        }
        self.panels.history.is_stale = true;
        self.panels.engineering.is_stale = true;
        self.panels.parts.is_stale = true;
        self.panels.issues.follow(&edited.broken, &edited.mended);
        self.panels.edit.follow(edited.broken, &edited.mended);
        self.panels.print.network_changed();
        self.panels.table.edited(&edited.effects);
        session.edited_at = Some(Instant::now());
        // Answers about the network as it was would point at the wrong pipes.
        self.panels.burst.clear();
        self.panels.path.clear();
        self.panels.depth.clear();
        self.operation_edited();
        let target = self.target_after(&edited.effects);
        self.actions.push(Action::Select(target));
        if let Some(name) = edited.name {
            self.inform(name);
        }
        for note in edited.notes {
            self.say(Severity::Warning, note);
        }
    }

    /// What was made is chosen, so that its attributes can be filled in; else what was chosen stays, if it is still there.
    fn target_after(&self, effects: &Effects) -> Option<Target> {
        let network = &self.session.as_ref()?.network;
        let target_of = |feature: &Feature| {
            let pipe = network.pipe_of_id(feature.id).map(Target::Pipe);
            pipe.or_else(|| network.node_of_id(feature.id).map(Target::Node))
        };
        let new = effects.changed.iter().filter(|changed| changed.before.is_none());
        let mut made = new.filter_map(|changed| target_of(changed.after.as_ref()?));
        let chosen = match self.tools.id() {
            Tool::Edit(EditTool::DrawPipe) => made.rfind(|t| matches!(t, Target::Pipe(_))),
            Tool::Edit(EditTool::PlaceNode) => made.find(|t| matches!(t, Target::Node(_))),
            _ => None,
        };
        if chosen.is_some() {
            return chosen;
        }
        self.panels.identify.target.filter(|target| match target {
            Target::Pipe(pipe) => network.has_pipe(*pipe),
            Target::Node(node) => network.has_node(*node),
        })
    }

    /// Once a frame: labels, filters and themes follow the edits; in a large network not before the user pauses, since
    /// they read attributes of all features.
    pub(super) fn follow_edits(&mut self) {
        const LARGE: usize = 100_000;
        const PAUSE: Duration = Duration::from_millis(1_500);
        let Some(session) = &mut self.session else { return };
        let Some(edited_at) = session.edited_at else {
            return;
        };
        let left = PAUSE.saturating_sub(edited_at.elapsed());
        if session.network.pipe_count() > LARGE && !left.is_zero() {
            self.ctx.request_repaint_after(left);
            return;
        }
        session.edited_at = None;
        self.panels.layers.network_changed();
        self.labels.network_changed(session);
    }

    fn keep_templates(&mut self) {
        let (Some(session), Some(text)) = (&self.session, self.panels.edit.templates.to_text()) else {
            return;
        };
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            if let Err(error) = project.store_document(templates::DOCUMENT, &text) {
                outbox.send(Event::Edit(EditEvent::Failed(error.message())));
            }
        });
    }

    pub(super) fn read_trace(&mut self, feature: FeatureId) {
        let Some(session) = &self.session else { return };
        let (outbox, lang) = (self.tasks.outbox(), self.lang);
        session.service.ask(move |project| {
            let rows = trace_of(project, feature, lang);
            let rows = rows.inspect_err(|error| outbox.send(Event::Warned(error.message())));
            outbox.send(Event::Edit(EditEvent::Trace(feature, rows.unwrap_or_default())));
        });
    }

    fn read_history(&mut self) {
        let Some(session) = &self.session else { return };
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            outbox.send(Event::Edit(match project.history() {
                Ok(history) => EditEvent::History(Box::new(history)),
                Err(error) => EditEvent::Failed(error.message()),
            }));
        });
    }
}

/// Every entry that touched a feature, with the cells it changed in words.
fn trace_of(project: &Project, feature: FeatureId, lang: Lang) -> Result<Vec<TraceRow>> {
    let traces = project.history_of(feature)?.into_iter();
    let rows = traces.map(|trace| {
        let mut cells = Vec::new();
        for edit in &trace.edits.edits {
            if let Edit::Update(update) = edit {
                for change in &update.cells {
                    cells.push(change.in_words(project, update.class, lang)?);
                }
            }
        }
        Ok(TraceRow {
            entry: trace.entry,
            cells,
        })
    });
    rows.collect()
}
