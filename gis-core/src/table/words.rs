//! Rows of a table as text for the clipboard: a heading, and lines of cells parted by tabs.

use super::rows::values_of;
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::ClassIndex;
use crate::project::Project;
use crate::schema::Field;
use crate::text::Lang;

/// A field with its unit, as it stands above a column.
pub fn heading(field: &Field, lang: Lang) -> String {
    let label = field.label.text(lang);
    match &field.unit {
        Some(unit) => format!("{label} ({unit})"),
        None => label.to_owned(),
    }
}

/// Some fields of some features. Fields that the class lacks are left out; tabs and line breaks within a text become
/// blanks.
///
/// # Errors
/// The project cannot be read.
pub fn tab_separated(
    project: &Project,
    class: ClassIndex,
    ids: &[FeatureId],
    fields: &[String],
    lang: Lang,
) -> Result<String> {
    let schema = project.schema();
    let own = schema.class(class);
    let known: Vec<String> = fields
        .iter()
        .filter(|field| own.field_index(field).is_some())
        .cloned()
        .collect();
    let positions: Vec<usize> = known.iter().filter_map(|field| own.field_index(field)).collect();
    let headings: Vec<String> = positions
        .iter()
        .map(|at| heading(&own.fields[*at], lang))
        .collect();
    let mut text = headings.join("\t");
    text.push('\n');
    for values in values_of(project, class, ids, &known)?.iter().flatten() {
        let cells: Vec<String> = positions
            .iter()
            .zip(values)
            .map(|(at, value)| {
                schema
                    .in_words(class, *at, value, lang)
                    .replace(['\t', '\n', '\r'], " ")
            })
            .collect();
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    Ok(text)
}
