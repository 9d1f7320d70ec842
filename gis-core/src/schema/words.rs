//! Values put into words: dictionary codes and flags as a language calls them.

use super::{FieldType, Schema};
use crate::model::{ClassIndex, Value};
use crate::text::{Lang, translate};

impl Schema {
    /// The value of a field without its unit; nothing where nothing is known. A code that the dictionary lacks is left as it
    /// is.
    pub fn in_words(&self, class: ClassIndex, field: usize, value: &Value, lang: Lang) -> String {
        match value {
            Value::Null => String::new(),
            Value::Boolean(true) => translate("report.value.yes", lang),
            Value::Boolean(false) => translate("report.value.no", lang),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => trimmed(*number),
            Value::Date(date) => date.format("%Y-%m-%d").to_string(),
            Value::Text(text) => self.label_of_code(class, field, text, lang).to_owned(),
        }
    }

    /// What the dictionary of the field calls a code; the code itself where no dictionary has it.
    pub fn label_of_code<'a>(
        &'a self,
        class: ClassIndex,
        field: usize,
        code: &'a str,
        lang: Lang,
    ) -> &'a str {
        let entry = match self.class(class).fields.get(field).map(|f| &f.field_type) {
            Some(FieldType::Code(dictionary)) => self
                .dictionary(dictionary)
                .and_then(|d| d.entries.iter().find(|entry| entry.code == code)),
            _ => None,
        };
        entry.map_or(code, |entry| entry.label.text(lang))
    }
}

/// At most three decimals, without trailing zeros.
fn trimmed(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::trimmed;

    #[test]
    fn numbers_lose_trailing_zeros_and_nothing_else() {
        assert_eq!(
            [300.0, 0.25, 1.0 / 3.0, 0.0].map(trimmed),
            ["300", "0.25", "0.333", "0"]
        );
    }
}
