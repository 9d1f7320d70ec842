//! The workbook or the plain table of a query: its features with their attributes, a sheet for each class, or its groups.

use chrono::NaiveDateTime;

use super::attributes::in_words;
use super::sheet::{Book, Cell, Column, column, column_named};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Value};
use crate::project::Project;
use crate::query::{Group, ResultSet};
use crate::schema::Field;
use crate::table::heading;
use crate::text::{Lang, translate};

/// The features with all attributes as bytes of an .xlsx file; `created` is local time.
///
/// # Errors
/// The project cannot be read, or a text is longer than Excel allows.
pub fn features_workbook(
    project: &Project,
    set: &ResultSet,
    lang: Lang,
    created: NaiveDateTime,
) -> Result<Vec<u8>> {
    let mut book = Book::new(lang, &translate("query.features", lang), created)?;
    let classes = set.classes();
    if classes.is_empty() {
        book.table("query.features", &[column("query.code")], &[])?;
    }
    for class in classes {
        let fields: Vec<(usize, &Field)> = project.schema().class(class).offered().collect();
        let columns = fields.iter().map(|(_, field)| column_named(heading(field, lang)));
        let columns: Vec<Column> = columns.collect();
        let rows = set.of_class(class).filter_map(|id| {
            let feature = project.record(class, id).transpose()?;
            Some(feature.map(|feature| {
                let cells = fields.iter().map(|(at, _)| {
                    let value = feature.values.get(*at).unwrap_or(&Value::Null);
                    in_words(project.schema(), class, *at, value, lang)
                });
                cells.collect()
            }))
        });
        book.stream(project.schema().class(class).label.text(lang), &columns, rows)?;
    }
    book.state(project)?;
    book.finish()
}

/// The features with all attributes as one table: the class, then every field that one of the classes has.
///
/// # Errors
/// The project cannot be read.
pub fn features_csv(project: &Project, set: &ResultSet, lang: Lang) -> Result<Vec<u8>> {
    let schema = project.schema();
    let mut keys: Vec<&str> = Vec::new();
    let mut header = vec![translate("query.class", lang)];
    for class in set.classes() {
        for (_, field) in schema.class(class).offered() {
            if !keys.contains(&field.key.as_str()) {
                keys.push(&field.key);
                header.push(heading(field, lang));
            }
        }
    }
    let row = |class: ClassIndex, feature: &Feature| {
        let own = schema.class(class);
        let mut row = vec![Cell::text(own.label.text(lang))];
        row.extend(keys.iter().map(|key| match own.field_index(key) {
            Some(field) => in_words(schema, class, field, &feature.values[field], lang),
            None => Cell::Empty,
        }));
        row
    };
    let rows = set.features().iter().filter_map(|(class, id)| {
        let feature = project.record(*class, *id).transpose()?;
        Some(feature.map(|feature| row(*class, &feature)))
    });
    super::csv::table(&header, rows)
}

/// Groups under the expressions they were made by, as one table.
///
/// # Errors
/// None of its own: the rows are at hand.
pub fn groups_csv(groups: &[Group], by: &[String], lang: Lang) -> Result<Vec<u8>> {
    let mut header = by.to_vec();
    header.extend(["query.count", "query.length"].map(|key| translate(key, lang)));
    super::csv::table(&header, groups.iter().map(|group| Ok(group_row(group, lang))))
}

fn group_row(group: &Group, lang: Lang) -> Vec<Cell> {
    let mut row: Vec<Cell> = group.keys.iter().map(|key| Cell::of(key, lang)).collect();
    row.push(Cell::Integer(group.count as i64));
    row.push(Cell::number(group.length_m, 2));
    row
}

/// What an attribute table shows: some fields of some features of a class, in their order, as bytes of an .xlsx file.
///
/// # Errors
/// As for [`features_workbook`].
pub fn table_workbook(
    project: &Project,
    class: ClassIndex,
    ids: &[FeatureId],
    fields: &[String],
    lang: Lang,
    created: NaiveDateTime,
) -> Result<Vec<u8>> {
    let schema = project.schema();
    let own = schema.class(class);
    let positions: Vec<usize> = fields.iter().filter_map(|field| own.field_index(field)).collect();
    let mut book = Book::new(lang, own.label.text(lang), created)?;
    let columns: Vec<Column> = positions
        .iter()
        .map(|at| column_named(heading(&own.fields[*at], lang)))
        .collect();
    let rows = ids.iter().filter_map(|id| {
        let feature = project.record(class, *id).transpose()?;
        Some(feature.map(|feature| {
            let cells = positions.iter();
            cells
                .map(|at| in_words(schema, class, *at, &feature.values[*at], lang))
                .collect()
        }))
    });
    book.stream(own.label.text(lang), &columns, rows)?;
    book.state(project)?;
    book.finish()
}

/// Groups under the expressions they were made by.
///
/// # Errors
/// A text is longer than Excel allows.
pub fn groups_workbook(
    groups: &[Group],
    by: &[String],
    lang: Lang,
    created: NaiveDateTime,
) -> Result<Vec<u8>> {
    let mut book = Book::new(lang, &translate("query.groups", lang), created)?;
    let mut columns: Vec<Column> = by.iter().cloned().map(column_named).collect();
    columns.extend([column("query.count"), column("query.length")]);
    let rows: Vec<Vec<Cell>> = groups.iter().map(|group| group_row(group, lang)).collect();
    book.table("query.groups", &columns, &rows)?;
    book.finish()
}
