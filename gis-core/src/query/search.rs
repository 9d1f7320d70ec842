//! The features of one class that fit a query. By place, by number and when asked for the first time it reads the file;
//! asked again, it looks into columns that stay in memory ([`program`]). Both come to the same.

use super::{Query, program};
use crate::error::Result;
use crate::expr::{Expr, Scope};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Value};
use crate::progress::Progress;
use crate::project::{Project, Selected, Selection};

/// Rows between two looks at whether the user has enough of it.
const OFTEN: usize = 4_096;

/// In the order of the file.
pub(super) fn of_class(
    query: &Query,
    project: &Project,
    class: ClassIndex,
    condition: Option<&Expr>,
    progress: &dyn Progress,
) -> Result<Vec<FeatureId>> {
    let has_codes = !query.codes.is_empty();
    if has_codes && project.schema().class(class).field_index("code").is_none() {
        return Ok(Vec::new());
    }
    if query.area.is_none() && !has_codes && project.is_asked_again(class)? {
        return in_memory(project, class, condition, progress);
    }
    in_file(query, project, class, condition, progress)
}

pub(super) fn in_memory(
    project: &Project,
    class: ClassIndex,
    condition: Option<&Expr>,
    progress: &dyn Progress,
) -> Result<Vec<FeatureId>> {
    let fields = condition.map_or(&[][..], Expr::fields);
    let columns = project.kept_columns(class, fields)?;
    let Some(condition) = condition else {
        return Ok(columns.ids.to_vec());
    };
    let rows = program::rows_that_hold(condition, &columns, progress)?;
    Ok(rows.into_iter().map(|row| columns.ids[row as usize]).collect())
}

pub(super) fn in_file(
    query: &Query,
    project: &Project,
    class: ClassIndex,
    condition: Option<&Expr>,
    progress: &dyn Progress,
) -> Result<Vec<FeatureId>> {
    let condition = condition.map(|c| c.to_sql(&Scope::of_class(project.schema(), class)));
    let rest = condition.as_ref().and_then(|c| c.rest.clone());
    let area = query.area.as_ref().map(|area| area.measured(project.crs()));
    let (starts, codes): (Vec<&str>, Vec<&str>) = query
        .codes
        .iter()
        .map(|code| code.trim())
        .partition(|code| code.ends_with('*'));
    let selection = Selection {
        condition,
        near: area.as_ref().map(|area| area.extent),
        codes: codes.into_iter().map(str::to_owned).collect(),
        code_starts: starts
            .into_iter()
            .map(|start| start.strip_suffix('*').unwrap_or(start).to_owned())
            .collect(),
        fields: rest.as_ref().map_or_else(Vec::new, |rest| rest.fields().to_vec()),
        with_geometry: area.is_some(),
    };
    let fits = |row: &Selected<'_>| {
        let is_there = area.as_ref().is_none_or(|area| {
            (area.is_box && row.is_inside) || row.geometry.as_ref().is_some_and(|own| area.holds(own))
        });
        let value = |field: &str| {
            let at = selection.fields.iter().position(|key| key == field);
            at.map_or(Value::Null, |i| row.values[i].clone())
        };
        is_there && rest.as_ref().is_none_or(|rest| rest.holds(&value))
    };
    let mut found: Vec<(i64, FeatureId)> = Vec::new();
    let mut seen = 0;
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
    found.sort_unstable_by_key(|(fid, _)| *fid);
    Ok(found.into_iter().map(|(_, id)| id).collect())
}
