//! What the values of a field are, for lists to choose from.

use rusqlite::types::Value as Sql;

use super::Project;
use super::records::value;
use crate::error::Result;
use crate::expr::plain_text;
use crate::model::{ClassIndex, Value};
use crate::schema::FieldType;
use crate::text::Lang;

impl Project {
    /// At most `limit` values of a field as one would write them in an expression, codes as their labels, the commonest
    /// first; nothing for a field that the class lacks.
    ///
    /// # Errors
    /// The project cannot be read.
    pub fn sample_values(
        &self,
        class: ClassIndex,
        field: &str,
        lang: Lang,
        limit: usize,
    ) -> Result<Vec<String>> {
        let feature_class = self.schema.class(class);
        let Some(field) = feature_class.fields.iter().find(|f| f.key == field) else {
            return Ok(Vec::new());
        };
        let sql = format!(
            "SELECT \"{0}\" FROM \"{1}\" WHERE \"{0}\" IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?1",
            field.key, feature_class.key
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([limit as i64])?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            let stored: Sql = row.get(0)?;
            let read = value(&field.field_type, (&stored).into());
            let dictionary = match &field.field_type {
                FieldType::Code(key) => self.schema.dictionary(key),
                _ => None,
            };
            let entry = dictionary
                .zip(read.as_text())
                .and_then(|(d, code)| d.resolve(code));
            values.push(match (entry, &read) {
                (Some(entry), _) => entry.label.text(lang).to_owned(),
                (None, Value::Boolean(flag)) => flag.to_string(),
                (None, read) => plain_text(read),
            });
        }
        values.retain(|value| !value.is_empty());
        Ok(values)
    }
}
