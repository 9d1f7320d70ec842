//! Repairs done: requests planned one after the other on the project as it then is, as one entry of the journal.

use serde_json::{Map, Value as Json};

use super::Repair;
use crate::edit::ops::Request;
use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::project::{Effects, Project, Stamp};
use crate::text::Message;

/// What came of repairs.
#[derive(Debug)]
pub struct Applied {
    /// As the journal calls it.
    pub name: Message,
    pub effects: Effects,
    pub notes: Vec<Message>,
    /// Which of the repairs were done, by position.
    pub done: Vec<usize>,
    /// Those that were not possible any more after the ones before them, or never were.
    pub refused: Vec<(usize, Error)>,
}

/// Applies repairs in order, for an engineering project where one is given. One that cannot be planned is left out and told; one that the project refuses takes everything
/// back.
///
/// # Errors
/// The project cannot be written or refuses an edit; nothing has changed then.
pub fn apply(
    project: &mut Project,
    engineering: Option<&str>,
    repairs: &[&Repair],
    ids: &mut IdSource,
    stamp: Stamp<'_>,
) -> Result<Applied> {
    let mut session = project.begin_edit()?;
    let mut applied = Applied {
        name: Message::new("rules.repaired"),
        effects: Effects::default(),
        notes: Vec::new(),
        done: Vec::new(),
        refused: Vec::new(),
    };
    let mut name = None;
    let mut marks = Vec::new();
    for (i, repair) in repairs.iter().enumerate() {
        match session.project().plan_for(engineering, &repair.request, ids) {
            Ok(plan) => {
                session.apply(&plan.transaction)?;
                marks.extend(plan.marks);
                applied.notes.extend(plan.notes);
                applied.done.push(i);
                name.get_or_insert(plan.transaction.name);
            }
            Err(error @ (Error::BadInput(_) | Error::Refused(_))) => applied.refused.push((i, error)),
            Err(error) => return Err(error),
        }
    }
    applied.name = match (name, applied.done.len()) {
        (Some(name), 1) => name,
        (_, count) => Message::new("rules.repaired").with("count", count),
    };
    applied.effects = session.commit_for(engineering, &marks, &applied.name, stamp)?;
    Ok(applied)
}

/// The request that sets one attribute.
pub(super) fn set(ids: &[FeatureId], field: &str, value: Json) -> Request {
    Request::Set {
        features: ids.iter().map(ToString::to_string).collect(),
        values: Map::from_iter([(field.to_owned(), value)]),
    }
}
