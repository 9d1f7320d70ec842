//! What changes of the schema mean for the data, counted before they are made.

use super::{Project, columns_of};
use crate::error::Result;
use crate::model::ClassIndex;
use crate::schema::{FieldSetting, SchemaChange};
use crate::text::Message;

/// What happens to features of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaEffectKind {
    /// They get another code.
    Replaced,
    /// They have what is retired, and keep it.
    Kept,
    /// They break the new rule; the check of quality will list them.
    Broken,
    /// Water goes through them in another way.
    Behaviour,
}

/// One effect of one change; never of no feature, but for [`SchemaEffectKind::Behaviour`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaEffect {
    /// Position in the list of changes.
    pub change: usize,
    pub kind: SchemaEffectKind,
    pub class: Option<ClassIndex>,
    pub count: u64,
}

impl SchemaEffectKind {
    /// As JSON names it, and the locale files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::Behaviour => "behaviour",
        }
    }
}

impl SchemaEffect {
    pub fn message(&self, schema: &crate::schema::Schema) -> Message {
        let key = format!("schema.effect.{}", self.kind.key());
        let message = Message::new(key).with("count", self.count);
        match self.class {
            Some(class) => {
                let label = &schema.class(class).label;
                message.with_each("class", &label.zh, &label.en)
            }
            None => message,
        }
    }
}

impl Project {
    /// What changes would do to the features of the project. Nothing is changed; the counts are of the data as they are,
    /// change by change.
    ///
    /// # Errors
    /// As for [`crate::schema::Schema::changed`].
    pub fn schema_effects(&self, changes: &[SchemaChange]) -> Result<Vec<SchemaEffect>> {
        self.schema.changed(changes)?;
        let mut effects = Vec::new();
        for (at, change) in changes.iter().enumerate() {
            self.effects_of(at, change, &mut effects)?;
        }
        Ok(effects)
    }

    fn effects_of(&self, change: usize, of: &SchemaChange, effects: &mut Vec<SchemaEffect>) -> Result<()> {
        match of {
            SchemaChange::MergeEntry {
                dictionary,
                code,
                into,
            } => {
                self.effects_on_code(change, SchemaEffectKind::Replaced, [dictionary, code], effects)?;
                let of_code = |code: &str| self.schema.dictionary(dictionary)?.entry(code);
                if let (Some(old), Some(new)) = (of_code(code), of_code(into))
                    && old.behaviour != new.behaviour
                {
                    effects.push(SchemaEffect {
                        change,
                        kind: SchemaEffectKind::Behaviour,
                        class: None,
                        count: 0,
                    });
                }
            }
            SchemaChange::RetireEntry { dictionary, code } => {
                self.effects_on_code(change, SchemaEffectKind::Kept, [dictionary, code], effects)?;
            }
            SchemaChange::RetireField { class, field } => {
                let kept = (
                    SchemaEffectKind::Kept,
                    format!("\"{field}\" IS NOT NULL AND \"{field}\" <> ''"),
                );
                self.effect_on_field(change, [class, field], kept, effects)?;
            }
            SchemaChange::SetField {
                class,
                field,
                setting,
            } => {
                if let Some(broken) = broken(field, setting) {
                    let broken = (SchemaEffectKind::Broken, broken);
                    self.effect_on_field(change, [class, field], broken, effects)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn effects_on_code(
        &self,
        change: usize,
        kind: SchemaEffectKind,
        [dictionary, code]: [&str; 2],
        effects: &mut Vec<SchemaEffect>,
    ) -> Result<()> {
        for (class, field) in columns_of(&self.schema, dictionary) {
            let sql = format!("SELECT count(*) FROM \"{}\" WHERE \"{field}\" = ?1", class.key);
            let count: i64 = self
                .connection
                .prepare(&sql)?
                .query_row([code], |row| row.get(0))?;
            if count > 0 {
                effects.push(SchemaEffect {
                    change,
                    kind,
                    class: self.schema.class_index(&class.key),
                    count: count.unsigned_abs(),
                });
            }
        }
        Ok(())
    }

    fn effect_on_field(
        &self,
        change: usize,
        [class, field]: [&str; 2],
        (kind, condition): (SchemaEffectKind, String),
        effects: &mut Vec<SchemaEffect>,
    ) -> Result<()> {
        let index = self.schema.class_index(class);
        let is_stored = index.is_some_and(|index| self.schema.class(index).field_index(field).is_some());
        if !is_stored {
            // Added by the same list: no feature has it yet.
            return Ok(());
        }
        let sql = format!("SELECT count(*) FROM \"{class}\" WHERE {condition}");
        let count: i64 = self.connection.query_row(&sql, [], |row| row.get(0))?;
        if count > 0 {
            effects.push(SchemaEffect {
                change,
                kind,
                class: index,
                count: count.unsigned_abs(),
            });
        }
        Ok(())
    }
}

/// The condition of SQL that features fulfil which break a rule.
fn broken(field: &str, setting: &FieldSetting) -> Option<String> {
    match setting {
        FieldSetting::Required(true) => Some(format!("\"{field}\" IS NULL OR trim(\"{field}\") = ''")),
        FieldSetting::Domain { minimum, maximum } => {
            let low = minimum.map(|low| format!("\"{field}\" < {low:?}"));
            let high = maximum.map(|high| format!("\"{field}\" > {high:?}"));
            let conditions: Vec<String> = low.into_iter().chain(high).collect();
            (!conditions.is_empty()).then(|| {
                // A text is greater than any number to SQLite.
                format!(
                    "typeof(\"{field}\") IN ('integer', 'real') AND ({})",
                    conditions.join(" OR ")
                )
            })
        }
        _ => None,
    }
}
