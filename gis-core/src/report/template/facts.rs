//! What a template can name beside the table: title, date, number; and what was not understood of it.

use super::super::sheet::Cell;
use crate::text::Message;

/// How every name of ours begins.
pub(super) const OURS: &str = "karez_";

/// The single values of a result by their names without `karez_`, and what there is to say.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) values: Vec<(&'static str, Cell)>,
    pub(super) notes: Vec<Message>,
}

impl Facts {
    pub(super) fn value(&self, name: &str) -> Option<&Cell> {
        self.values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// All names a template can use.
    pub(super) fn known(&self, columns: &[(String, String)]) -> String {
        let facts = self.values.iter().map(|(name, _)| format!("{OURS}{name}"));
        let table = ["rows", "head"].map(|name| format!("{OURS}{name}"));
        let columns = columns.iter().map(|(key, _)| format!("{OURS}col_{key}"));
        facts.chain(table).chain(columns).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn note(&mut self, note: Message) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// A text with `{{karez_…}}` replaced, where there is any; `quoted` writes a value for where it stands.
    pub(super) fn filled(&mut self, text: &str, quoted: impl Fn(&str) -> String) -> Option<String> {
        let mut rest = text;
        let mut filled = String::new();
        let mut is_any = false;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let Some((name, behind)) = after.split_once("}}") else {
                self.doubt(after, text);
                filled.push_str("{{");
                rest = after;
                continue;
            };
            let found = ours(name).and_then(|own| self.value(&own).map(shown));
            if let Some(value) = found {
                filled.push_str(&quoted(&value));
                is_any = true;
                rest = behind;
            } else {
                self.doubt(name, text);
                filled.push_str("{{");
                rest = after;
            }
        }
        filled.push_str(rest);
        is_any.then_some(filled)
    }

    fn doubt(&mut self, name: &str, text: &str) {
        if name.trim().to_lowercase().starts_with(OURS) {
            let known: Vec<String> = self
                .values
                .iter()
                .map(|(name, _)| format!("{OURS}{name}"))
                .collect();
            let note = Message::new("report.template.note.text").with("text", text.trim());
            self.note(note.with("known", known.join(", ")));
        }
    }
}

/// A name without `karez_`, in small letters.
pub(super) fn ours(name: &str) -> Option<String> {
    let name = name.trim().to_lowercase();
    name.strip_prefix(OURS).map(str::to_owned)
}

/// A value within a text.
fn shown(value: &Cell) -> String {
    match value {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Integer(number) => number.to_string(),
        Cell::Number(number, decimals) => format!("{number:.*}", usize::from(*decimals)),
        Cell::Date(day) => day.to_string(),
    }
}
