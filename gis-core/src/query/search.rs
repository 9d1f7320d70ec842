//! The features of one class that fit a query. By place, by number and when asked for the first time it reads the file;
//! asked again, it looks into columns that stay in memory ([`program`]). Both come to the same.

use std::collections::HashSet;
use std::sync::Arc;

use super::area::Measured;
use super::places::{Meaning, Places};
use super::{Query, program};
use crate::error::Result;
use crate::expr::{Ast, Expr, Scope, conjuncts};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Geometry, Value};
use crate::progress::Progress;
use crate::project::{CodedColumn, Project, Selected, Selection};

/// Rows between two looks at whether the user has enough of it.
const OFTEN: usize = 4_096;
/// Up to so many features are looked up one by one.
const MOST_LOOKED_UP: usize = 5_000;

/// In one statement; beginnings are pairs of comparisons that SQLite nests.
const MOST_CODES: usize = 100;

/// A condition, and what the places in it mean.
#[derive(Clone, Copy)]
pub(super) struct Condition<'a> {
    pub(super) expr: &'a Expr,
    pub(super) places: &'a Places,
}

/// In the order of the file.
pub(super) fn of_class(
    query: &Query,
    project: &Project,
    class: ClassIndex,
    condition: Option<Condition<'_>>,
    progress: &dyn Progress,
) -> Result<Vec<FeatureId>> {
    let has_codes = !query.codes.is_empty();
    let lacks = |field: &str| project.schema().class(class).field_index(field).is_none();
    if (has_codes && lacks("code")) || (query.address.is_some() && (lacks("address") || lacks("road"))) {
        return Ok(Vec::new());
    }
    let is_narrow = has_codes
        || query.address.is_some()
        || query.area.is_some()
        || condition.is_some_and(|c| c.bound().is_some());
    if !is_narrow && project.is_asked_again(class)? {
        return in_memory(project, class, condition, progress);
    }
    in_file(query, project, class, condition, progress)
}

pub(super) fn in_memory(
    project: &Project,
    class: ClassIndex,
    condition: Option<Condition<'_>>,
    progress: &dyn Progress,
) -> Result<Vec<FeatureId>> {
    let fields = condition.map_or(&[][..], |c| c.expr.fields());
    let mut columns = project.kept_columns(class, fields)?;
    let Some(condition) = condition else {
        return Ok(columns.ids.to_vec());
    };
    for (field, column) in fields.iter().zip(&mut columns.columns) {
        if let Some(meaning) = condition.places.get(field) {
            let own;
            let holding = match meaning {
                Meaning::Features(ids) => ids,
                Meaning::Shape(shape) => {
                    own = lying(project, class, shape)?;
                    &own
                }
            };
            *column = Some(Arc::new(CodedColumn {
                codes: columns
                    .ids
                    .iter()
                    .map(|id| u32::from(holding.contains(id)))
                    .collect(),
                values: vec![Value::Boolean(false), Value::Boolean(true)],
            }));
        }
    }
    let rows = program::rows_that_hold(condition.expr, &columns, progress)?;
    Ok(rows.into_iter().map(|row| columns.ids[row as usize]).collect())
}

pub(super) fn in_file(
    query: &Query,
    project: &Project,
    class: ClassIndex,
    condition: Option<Condition<'_>>,
    progress: &dyn Progress,
) -> Result<Vec<FeatureId>> {
    let said = condition.map(|c| c.expr.to_sql(&Scope::of_class(project.schema(), class)));
    let rest = said.as_ref().and_then(|said| said.rest.clone());
    let bound = condition.and_then(Condition::bound);
    let area = query.area.as_ref().map(|area| area.measured(project.crs()));
    let near = match (&area, bound) {
        (Some(area), _) => Some(area.extent),
        (None, Some(Meaning::Shape(shape))) => Some(shape.extent),
        _ => None,
    };
    let ids = match bound {
        Some(Meaning::Features(ids)) if area.is_none() => Some(ids.iter().copied().collect()),
        _ => None,
    };
    let has_shape = condition.is_some_and(|c| c.places.values().any(|m| matches!(m, Meaning::Shape(_))));
    let selection = Selection {
        condition: said,
        near,
        ids,
        with_geometry: area.is_some() || has_shape,
        fields: rest.as_ref().map_or_else(Vec::new, |rest| rest.fields().to_vec()),
        address: query.address.clone(),
        ..Selection::default()
    };
    let fits = |row: &Selected<'_>| {
        let value = |field: &str| {
            if let Some(meaning) = condition.and_then(|c| c.places.get(field)) {
                return Value::Boolean(meaning.holds(row.id, row.geometry.as_ref()));
            }
            let at = selection.fields.iter().position(|key| key == field);
            at.map_or(Value::Null, |i| row.values[i].clone())
        };
        let is_there = area.as_ref().is_none_or(|area| {
            (area.is_box && row.is_inside) || row.geometry.as_ref().is_some_and(|own| area.holds(own))
        });
        is_there && rest.as_ref().is_none_or(|rest| rest.holds(&value))
    };
    let mut found: Vec<(i64, FeatureId)> = Vec::new();
    let mut seen = 0;
    for numbers in numbered(query) {
        let selection = Selection {
            codes: numbers.codes,
            code_starts: numbers.code_starts,
            ..selection.clone()
        };
        project.select_rows(class, &selection, |row| {
            seen += 1;
            if seen % OFTEN == 0 {
                progress.check()?;
            }
            if fits(row) {
                found.push((row.fid, row.id));
            }
            Ok(())
        })?;
    }
    found.sort_unstable_by_key(|(fid, _)| *fid);
    found.dedup_by_key(|(fid, _)| *fid);
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

/// Codes in portions that a statement can hold: whole ones, and how they begin. One portion of nothing where none are
/// asked for.
fn numbered(query: &Query) -> Vec<Selection> {
    let portion = |codes: &[String]| {
        let (starts, codes): (Vec<&str>, Vec<&str>) = codes
            .iter()
            .map(|code| code.trim())
            .partition(|code| code.ends_with('*'));
        Selection {
            codes: codes.into_iter().map(str::to_owned).collect(),
            code_starts: starts
                .into_iter()
                .map(|start| start.strip_suffix('*').unwrap_or(start).to_owned())
                .collect(),
            ..Selection::default()
        }
    };
    if query.codes.is_empty() {
        return vec![Selection::default()];
    }
    query.codes.chunks(MOST_CODES).map(portion).collect()
}

fn lying(project: &Project, class: ClassIndex, shape: &Measured) -> Result<HashSet<FeatureId>> {
    let selection = Selection {
        near: Some(shape.extent),
        with_geometry: true,
        ..Selection::default()
    };
    let mut found = HashSet::new();
    project.select_rows(class, &selection, |row| {
        if row.geometry.as_ref().is_some_and(|own| shape.holds(own)) {
            found.insert(row.id);
        }
        Ok(())
    })?;
    Ok(found)
}

impl Meaning {
    fn holds(&self, id: FeatureId, geometry: Option<&Geometry>) -> bool {
        match self {
            Self::Features(ids) => ids.contains(&id),
            Self::Shape(shape) => geometry.is_some_and(|own| shape.holds(own)),
        }
    }
}

impl<'a> Condition<'a> {
    /// A place that every feature must fit, and by which few are found at once.
    fn bound(self) -> Option<&'a Meaning> {
        conjuncts(self.expr.root())
            .into_iter()
            .find_map(|part| match part {
                Ast::Place(place) => self.places.get(&place.key).filter(|meaning| match meaning {
                    Meaning::Shape(_) => true,
                    Meaning::Features(ids) => ids.len() <= MOST_LOOKED_UP,
                }),
                _ => None,
            })
    }
}
