//! Plans requests one after the other, each on what those before it did, and commits them as one entry of the journal.

use serde_json::{Map, Value as Json};

use super::Request;
use crate::edit::Edit;
use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::project::{EditSession, Effects, Project, Stamp};
use crate::text::Message;

/// What the user did, as one entry of the journal.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Operations that happen together.
    Requests(Vec<Request>),
    /// A line drawn by hand.
    Sketch(Sketch),
    /// Something, and in the same entry what mends it.
    Mended(Box<Self>, Vec<Request>),
    Undo,
    Redo,
    /// To the state after an entry of the journal.
    Jump(i64),
}

/// Pipes drawn as one line: through nodes that are there, and with new ones at its free ends.
#[derive(Debug, Clone)]
pub struct Sketch {
    pub pipe_class: String,
    /// Class of the nodes that come into being at free ends.
    pub node_class: String,
    pub points: Vec<SketchPoint>,
    /// Attributes of every pipe.
    pub values: Map<String, Json>,
}

/// One click of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SketchPoint {
    /// A node that the line passes through or ends in.
    Node(FeatureId),
    /// A place: a bend, or an end that a node is made for.
    Place([f64; 2]),
    /// A place on a pipe: as an end it cuts that pipe, as a bend it passes over it.
    OnPipe(FeatureId, [f64; 2]),
}

/// What was done.
#[derive(Debug)]
pub struct Done {
    /// As the journal calls it; of a move through the journal, nothing.
    pub name: Option<Message>,
    pub effects: Effects,
    /// What the user should know about it.
    pub notes: Vec<Message>,
}

/// Asked before a commit, with the project as it would be and what was done to it: an error takes everything back.
pub type Guard<'g> = dyn FnMut(&Project, &Effects) -> Result<()> + 'g;

impl Deed {
    /// Does it, for an engineering project where one is given. `ids` names what comes into being: the same ids give the same names when it is tried again. The guard is
    /// not asked about moves through the journal, which only lead to states that were there before.
    ///
    /// # Errors
    /// What [`Request::plan`], [`Project::commit`], [`Project::undo`] and the guard refuse; nothing is changed then.
    pub fn carry_out(
        &self,
        project: &mut Project,
        engineering: Option<&str>,
        ids: &mut IdSource,
        stamp: Stamp<'_>,
        guard: &mut Guard<'_>,
    ) -> Result<Done> {
        let moved = |effects| Done {
            name: None,
            effects,
            notes: Vec::new(),
        };
        match self {
            Self::Undo => return project.undo(stamp).map(moved),
            Self::Redo => return project.redo(stamp).map(moved),
            Self::Jump(entry) => return project.jump_to(*entry, stamp).map(moved),
            Self::Requests(_) | Self::Sketch(_) | Self::Mended(..) => {}
        }
        let mut work = Steps {
            edits: project.begin_edit()?,
            engineering,
            ids,
            marks: Vec::new(),
            notes: Vec::new(),
        };
        let name = work.steps(self)?;
        guard(work.edits.project(), &work.edits.effects())?;
        Ok(Done {
            effects: work.edits.commit_for(engineering, &work.marks, &name, stamp)?,
            name: Some(name),
            notes: work.notes,
        })
    }
}

/// Requests one after the other.
struct Steps<'a> {
    edits: EditSession<'a>,
    engineering: Option<&'a str>,
    ids: &'a mut IdSource,
    /// Features in service that the engineering project will abandon.
    marks: Vec<FeatureId>,
    notes: Vec<Message>,
}

impl Steps<'_> {
    /// All of a deed, and what the journal calls it.
    fn steps(&mut self, deed: &Deed) -> Result<Message> {
        match deed {
            Deed::Requests(requests) => {
                let mut names = Vec::new();
                for request in requests {
                    names.push(self.step(request)?.0);
                }
                Ok(match &names[..] {
                    [only] => only.clone(),
                    _ => Message::new("edit.name.script").with("count", names.len()),
                })
            }
            Deed::Sketch(sketch) => sketch.draw(self),
            Deed::Mended(deed, repairs) => {
                let name = self.steps(deed)?;
                for repair in repairs {
                    self.step(repair)?;
                }
                Ok(name)
            }
            Deed::Undo | Deed::Redo | Deed::Jump(_) => {
                Err(Error::bad_input(Message::new("edit.error.no_move")))
            }
        }
    }

    /// Requests that are done as far as they can be; what stands in the way of the others is told.
    fn each(&mut self, parts: &[Request]) -> Result<(Message, Option<FeatureId>)> {
        let mut done = 0;
        let mut made = None;
        let mut first_error = None;
        for part in parts {
            match self.step(part) {
                Ok((_, one)) => {
                    done += 1;
                    made = made.or(one);
                }
                Err(error @ Error::BadInput(_)) => {
                    self.notes.push(error.message());
                    first_error = first_error.or(Some(error));
                }
                Err(error) => return Err(error),
            }
        }
        match first_error {
            Some(error) if done == 0 => Err(error),
            _ => Ok((Message::new("edit.name.service_pipes").with("count", done), made)),
        }
    }

    /// One request: its name, and the first feature that it made.
    fn step(&mut self, request: &Request) -> Result<(Message, Option<FeatureId>)> {
        let parts = request.each();
        if !parts.is_empty() {
            return self.each(&parts);
        }
        let plan = self
            .edits
            .project()
            .plan_for(self.engineering, request, self.ids)?;
        self.marks.extend(plan.marks);
        self.edits.apply(&plan.transaction)?;
        self.notes.extend(plan.notes);
        let made = plan.transaction.edits.iter().find_map(|edit| match edit {
            Edit::Insert(feature) => Some(feature.id),
            Edit::Delete(_) | Edit::Update(_) => None,
        });
        Ok((plan.transaction.name, made))
    }
}

impl Sketch {
    fn draw(&self, work: &mut Steps<'_>) -> Result<Message> {
        let last = self.points.len().saturating_sub(1);
        let mut from: Option<FeatureId> = None;
        let mut via = Vec::new();
        let mut name = None;
        for (i, point) in self.points.iter().enumerate() {
            let node = match *point {
                SketchPoint::Node(id) => Some(id),
                SketchPoint::Place(at) if i == 0 || i == last => self.node(work, at, None)?,
                SketchPoint::OnPipe(pipe, at) if i == 0 || i == last => self.node(work, at, Some(pipe))?,
                SketchPoint::Place(at) | SketchPoint::OnPipe(_, at) => {
                    via.push(at);
                    None
                }
            };
            let Some(to) = node else { continue };
            if let Some(from) = from {
                let request = Request::DrawPipe {
                    class: self.pipe_class.clone(),
                    through: vec![from.to_string(), to.to_string()],
                    via: std::mem::take(&mut via),
                    values: self.values.clone(),
                };
                name = Some(work.step(&request)?.0);
            }
            from = Some(to);
        }
        Ok(name.unwrap_or_else(|| Message::new("edit.name.script").with("count", 0)))
    }

    fn node(&self, work: &mut Steps<'_>, at: [f64; 2], pipe: Option<FeatureId>) -> Result<Option<FeatureId>> {
        let request = Request::AddNode {
            class: self.node_class.clone(),
            at,
            z: None,
            pipe: pipe.map(|id| id.to_string()),
            values: Map::new(),
        };
        work.step(&request).map(|(_, made)| made)
    }
}
