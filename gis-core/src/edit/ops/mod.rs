//! The operations of editing, one file a family: each reads the project as it is and a request, and returns what is to be
//! done. Nothing is written here, and a refused request has changed nothing.
//!
//! They read through the indexes of the file, not from a snapshot in memory: so an operation sees those before it in the
//! same session, and there is no second picture of the network that could be wrong.
//!
//! What joins what is either named by links or found by place (`network`). An operation keeps to the way a pipe is joined:
//! the parts of a pipe that names both ends name theirs, those of any other pipe are joined by place as before.

mod add;
mod assembly;
mod beside;
mod bring;
mod carry_out;
mod class;
mod codes;
mod crossing;
mod delete;
mod join;
mod measured;
mod mend;
mod merge;
mod onto;
mod passes;
mod paste;
mod place;
mod reach;
mod request;
mod restore;
mod service;
mod shape;
mod split;
mod table;
mod tied;
mod transform;
mod values;

#[cfg(test)]
mod tests;

pub use assembly::assembly_of;
pub use bring::Reading;
pub use carry_out::{Deed, Done, Guard, Sketch, SketchPoint};
pub use crossing::{AtCrossing, Scope};
pub use delete::Hanging;
pub use measured::{Measured, Origin, Scale};
pub use merge::merging_asks;
pub use passes::Passes;
pub use paste::copied;
pub use request::{Plan, Request};
pub use shape::PipeEnd;
pub use table::BadRows;
pub use transform::Change;
pub use values::Row;
pub(crate) use values::checked_value;

use crate::edit::Transaction;
use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::model::{Feature, Geometry};
use crate::network::{Metric, NetworkOptions};
use crate::project::Project;
use crate::schema::{GeometryKind, Schema};
use crate::text::Message;

/// What an operation works with.
pub(crate) struct Work<'a> {
    project: &'a Project,
    ids: &'a mut IdSource,
    options: NetworkOptions,
    /// What the user should know about what will be done.
    notes: Vec<Message>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(project: &'a Project, ids: &'a mut IdSource) -> Self {
        Self {
            project,
            ids,
            options: project.options(),
            notes: Vec::new(),
        }
    }

    fn schema(&self) -> &'a Schema {
        self.project.schema()
    }

    /// Metres around a place.
    fn metric(&self, at: [f64; 2]) -> Metric {
        Metric::of(self.project.crs(), at)
    }

    /// The feature a user means: by id, by code, or by class and code where several have that code.
    pub(crate) fn find(&self, name: &str) -> Result<Feature> {
        if let Some(id) = FeatureId::parse(name.trim())
            && let Some(feature) = self.project.feature(id)?
        {
            return Ok(feature);
        }
        let mut found = self.project.find_code(name.trim())?;
        if found.is_empty()
            && let Some((class, code)) = name.trim().split_once(' ')
            && let Some((class, _)) = self.schema().resolve_class(class)
        {
            found = self.project.find_code(code.trim())?;
            found.retain(|(c, _)| *c == class);
        }
        match found[..] {
            [(class, id)] => self
                .project
                .record(class, id)?
                .ok_or_else(|| refuse("edit.error.unknown", name)),
            [] => Err(refuse("edit.error.unknown", name)),
            _ => {
                let classes: Vec<&str> = found
                    .iter()
                    .map(|(class, _)| self.schema().class(*class).key.as_str())
                    .collect();
                Err(Error::bad_input(
                    Message::new("edit.error.ambiguous")
                        .with("feature", name)
                        .with("classes", classes.join(", ")),
                ))
            }
        }
    }

    fn find_kind(&self, name: &str, kind: GeometryKind) -> Result<Feature> {
        let feature = self.find(name)?;
        if self.schema().class(feature.class).geometry == kind {
            return Ok(feature);
        }
        let key = match kind {
            GeometryKind::Line => "edit.error.no_pipe",
            GeometryKind::Point => "edit.error.no_node",
        };
        Err(self.refuse(key, &feature))
    }

    fn refuse(&self, key: &'static str, feature: &Feature) -> Error {
        refuse(key, &self.project.name_of(feature))
    }

    /// What people call several features, in a line of readable length.
    fn called(&self, names: &[String], between: &str) -> Result<String> {
        const MOST: usize = 5;
        let mut called = Vec::with_capacity(MOST);
        for name in names.iter().take(MOST) {
            called.push(self.project.name_of(&self.find(name)?));
        }
        let rest = names.len().saturating_sub(MOST);
        let more = if rest > 0 {
            format!(" +{rest}")
        } else {
            String::new()
        };
        Ok(format!("{}{more}", called.join(between)))
    }

    fn begin(key: &'static str, about: &str) -> Transaction {
        Transaction::new(Message::new(key).with("feature", about))
    }

    fn field(&self, feature: &Feature, key: &str) -> Option<usize> {
        self.schema().class(feature.class).field_index(key)
    }

    fn text<'f>(&self, feature: &'f Feature, key: &str) -> Option<&'f str> {
        feature.values.get(self.field(feature, key)?)?.as_text()
    }

    fn is_obsolete(&self, feature: &Feature) -> bool {
        self.text(feature, "state") == Some("obsolete")
    }

    fn number(&self, feature: &Feature, key: &str) -> Option<f64> {
        feature.values.get(self.field(feature, key)?)?.as_real()
    }
}

fn refuse(key: &'static str, feature: &str) -> Error {
    Error::bad_input(Message::new(key).with("feature", feature))
}

/// The vertices of a line feature; empty for any other.
fn vertices(feature: &Feature) -> &[[f64; 3]] {
    match &feature.geometry {
        Some(Geometry::Line(line)) => line,
        _ => &[],
    }
}

fn flat(line: &[[f64; 3]]) -> Vec<[f64; 2]> {
    line.iter().map(|p| [p[0], p[1]]).collect()
}

fn position(feature: &Feature) -> Option<[f64; 3]> {
    match feature.geometry {
        Some(Geometry::Point(p)) => Some(p),
        _ => None,
    }
}
