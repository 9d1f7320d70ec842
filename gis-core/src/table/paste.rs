//! A block of cells from the clipboard, and the first row of a block repeated below.

use super::cells::{json, typed};
use super::change::{Cell, Changes, position};
use super::rows::values_of;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::ClassIndex;
use crate::project::Project;
use crate::text::Message;

/// What lines of cells parted by tabs would make of a block: rows from `ids` down, columns from the first of `fields` to the
/// right. One single cell is meant for all of `ids`.
///
/// # Errors
/// There are more rows or columns than the table has from there, the class lacks a field, or the project cannot be read.
pub fn paste(
    project: &Project,
    class: ClassIndex,
    ids: &[FeatureId],
    fields: &[String],
    text: &str,
) -> Result<Changes> {
    let lines: Vec<Vec<&str>> = text
        .strip_suffix('\n')
        .unwrap_or(text)
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line).split('\t').collect())
        .collect();
    let width = lines.iter().map(Vec::len).max().unwrap_or(0);
    let is_one = lines.len() == 1 && width == 1;
    let height = if is_one { ids.len() } else { lines.len() };
    if height > ids.len() || width > fields.len() {
        return Err(Error::bad_input(
            Message::new("table.paste.too_large")
                .with("rows", lines.len())
                .with("columns", width)
                .with("rows_left", ids.len())
                .with("columns_left", fields.len()),
        ));
    }
    put_block(
        project,
        class,
        &ids[..height],
        &fields[..width],
        |schema_field, row, column| {
            let line = if is_one { &lines[0] } else { &lines[row] };
            Some(typed(schema_field, line.get(column)?))
        },
    )
}

/// The values of the first row for all below it.
///
/// # Errors
/// As for [`paste`].
pub fn fill_down(
    project: &Project,
    class: ClassIndex,
    ids: &[FeatureId],
    fields: &[String],
) -> Result<Changes> {
    let Some((first, rest)) = ids.split_first() else {
        return Ok(Changes::none(class));
    };
    let values = values_of(project, class, &[*first], fields)?.swap_remove(0);
    put_block(project, class, rest, fields, |_, _, column| {
        Some(json(values.as_ref()?.get(column)?))
    })
}

fn put_block(
    project: &Project,
    class: ClassIndex,
    ids: &[FeatureId],
    fields: &[String],
    new: impl Fn(&crate::schema::Field, usize, usize) -> Option<serde_json::Value>,
) -> Result<Changes> {
    let schema = project.schema();
    let mut wanted = vec!["code".to_owned()];
    wanted.extend(fields.iter().cloned());
    let positions: Vec<usize> = fields
        .iter()
        .map(|field| position(project, class, field))
        .collect::<Result<_>>()?;
    let rows = values_of(project, class, ids, &wanted)?;
    let mut changes = Changes::none(class);
    for (row, (id, values)) in ids.iter().zip(&rows).enumerate() {
        let Some(values) = values else { continue };
        for (column, at) in positions.iter().enumerate() {
            let Some(new) = new(&schema.class(class).fields[*at], row, column) else {
                continue;
            };
            let cell = Cell {
                feature: *id,
                code: values[0].as_text().unwrap_or_default(),
                field: *at,
                old: &values[column + 1],
            };
            changes.put(schema, cell, &new);
        }
    }
    Ok(changes)
}
