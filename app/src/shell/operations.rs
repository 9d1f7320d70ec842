//! Operations by form: begun from the menu, filled in on the map and in the panel, handed to the project's thread.

use gis_core::edit::ops::Deed;
use gis_core::schema::{GeometryKind, Label};
use gis_core::{Feature, FeatureId, Message, Result, Severity};

use super::App;
use super::action::Event;
use super::dock::Pane;
use crate::operations::{Draft, Form, Hit, Kind};
use crate::view::{EditTool, Tool};

/// What the menu, the panel and the tool ask for.
#[derive(Debug, Clone, Copy)]
pub enum OperationAction {
    /// Opens the form of that name.
    Begin(&'static str),
    /// Clicks fill in this input from now on.
    Fill(usize),
    Click(Hit),
    /// The corners of a box, in order; it may stand askew.
    Boxed([[f64; 2]; 4]),
    /// On to the next input; what is filled in stays.
    Next,
    TakeBack,
    /// What was clicked is forgotten.
    GiveUp,
    Do,
}

/// Brought by the project's thread.
pub enum OperationEvent {
    Parts(Result<Vec<(String, Label)>>),
    /// The records of the pipes that a form names.
    Compared(Vec<Feature>),
}

impl App {
    pub(super) fn operation_action(&mut self, action: OperationAction) {
        match action {
            OperationAction::Begin(key) => return self.begin_operation(key),
            OperationAction::Do => return self.do_operation(),
            _ => {}
        }
        let (Some(session), Some(draft)) = (&self.session, &mut self.panels.operations.draft) else {
            return;
        };
        let network = &session.network;
        match action {
            OperationAction::Fill(i) => draft.active = Some(i),
            OperationAction::Click(hit) => draft.click(&hit, network),
            OperationAction::Boxed(corners) => {
                let wants_nodes = draft.kind() == Some(Kind::Features);
                draft.add(within(network, corners, wants_nodes).into_iter());
            }
            OperationAction::Next => draft.next(),
            OperationAction::TakeBack => draft.take_back(),
            OperationAction::GiveUp => draft.again(),
            OperationAction::Begin(_) | OperationAction::Do => {}
        }
        self.panels.operations.is_touched = true;
        self.compare();
    }

    fn begin_operation(&mut self, key: &str) {
        let (Some(session), Some(form)) = (&self.session, Form::named(key)) else {
            return;
        };
        if session.is_read_only || !session.is_editing {
            return self.say(Severity::Warning, Message::new("checking.needs_editing"));
        }
        let mut draft = Draft::new(form, &self.panels.edit.templates.node.now.class);
        if let Some(target) = self.panels.identify.target {
            draft.start_with(target.id(&session.network), &session.network);
        }
        if form.inputs.iter().any(|input| input.kind == Kind::Part) {
            let outbox = self.tasks.outbox();
            session.service.ask(move |project| {
                let parts = project.assemblies();
                let named = parts.map(|all| {
                    all.into_iter()
                        .map(|(name, _, part)| (name, part.label))
                        .collect()
                });
                outbox.send(Event::Operation(OperationEvent::Parts(named)));
            });
        }
        self.panels.operations.begin(draft);
        self.tools.take(Tool::Edit(EditTool::Gather));
        self.dock.show(Pane::Operations);
        self.compare();
    }

    /// Reads the records of pipes whose attributes are to be chosen from.
    fn compare(&mut self) {
        let Some(session) = &self.session else { return };
        let Some(pipes) = self.panels.operations.wants_compared() else {
            return;
        };
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            let read = |id: &FeatureId| project.feature(*id).ok().flatten();
            let records = pipes.iter().filter_map(read).collect();
            outbox.send(Event::Operation(OperationEvent::Compared(records)));
        });
    }

    pub(super) fn operation_event(&mut self, event: OperationEvent) {
        match event {
            OperationEvent::Parts(Ok(parts)) => self.panels.operations.parts = parts,
            OperationEvent::Parts(Err(error)) => self.fail(&error),
            OperationEvent::Compared(records) => self.panels.operations.compared = records,
        }
    }

    fn do_operation(&mut self) {
        let Some(draft) = &self.panels.operations.draft else {
            return;
        };
        let template = match draft.form.makes {
            Some(GeometryKind::Point) => self.panels.edit.templates.node.now.values(),
            Some(GeometryKind::Line) => self.panels.edit.templates.pipe.now.values(),
            None => serde_json::Map::new(),
        };
        match draft.request(&template) {
            Ok(request) => {
                self.panels.operations.is_sent = true;
                self.carry_out_deed(Deed::Requests(vec![request]));
            }
            Err(error) => self.say(Severity::Warning, error.message()),
        }
    }

    /// After an edit: a form that was sent is ready for the next; what is gone is no longer chosen.
    pub(super) fn operation_edited(&mut self) {
        let panel = &mut self.panels.operations;
        let (Some(session), Some(draft)) = (&self.session, &mut panel.draft) else {
            return;
        };
        if std::mem::take(&mut panel.is_sent) {
            draft.again();
        }
        draft.forget_gone(&session.network);
        panel.is_touched = true;
    }

    /// Once a frame: the map shows what the form holds.
    pub(super) fn follow_operation(&mut self) {
        if self.tools.id() != Tool::Edit(EditTool::Gather)
            || !std::mem::take(&mut self.panels.operations.is_touched)
        {
            return;
        }
        if let (Some(session), Some(draft)) = (&self.session, &self.panels.operations.draft) {
            let marks = draft.marks(&session.network);
            self.tools.tool_mut().show(&marks);
        }
    }
}

/// Pipes, and nodes if they are wanted, that lie wholly in a box.
fn within(network: &gis_core::network::Network, corners: [[f64; 2]; 4], wants_nodes: bool) -> Vec<FeatureId> {
    let mut around = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for p in corners {
        around = [
            around[0].min(p[0]),
            around[1].min(p[1]),
            around[2].max(p[0]),
            around[3].max(p[1]),
        ];
    }
    // On the same side of all four edges.
    let is_in = |p: &[f64; 2]| {
        let turns = (0..4).map(|i| {
            let (a, b) = (corners[i], corners[(i + 1) % 4]);
            (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
        });
        let turns: Vec<f64> = turns.collect();
        turns.iter().all(|turn| *turn >= 0.0) || turns.iter().all(|turn| *turn <= 0.0)
    };
    let pipes = network.pipes_in_box(around).into_iter();
    let pipes = pipes.filter(|pipe| network.pipe_vertices(*pipe).iter().all(is_in));
    let mut found: Vec<FeatureId> = pipes.map(|pipe| network.pipe_id(pipe)).collect();
    if wants_nodes {
        let nodes = network.nodes_in_box(around).into_iter();
        let nodes = nodes.filter(|node| !network.is_anonymous(*node) && is_in(&network.position(*node)));
        found.extend(nodes.map(|node| network.node_id(node)));
    }
    found
}
