//! Which names an expression may use.

use crate::model::ClassIndex;
use crate::schema::{Dictionary, Field, FieldType, Schema, normalised};

/// One field by all its names.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopeField {
    pub key: String,
    pub zh: String,
    pub en: String,
    pub aliases: Vec<String>,
    pub field_type: FieldType,
    /// Of a coded field.
    pub dictionary: Option<Dictionary>,
    /// What was written with it goes on meaning it; it is not offered.
    pub is_retired: bool,
}

/// The fields of one class, or of any row of values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scope {
    fields: Vec<ScopeField>,
    has_places: bool,
}

impl Scope {
    pub fn of_class(schema: &Schema, class: ClassIndex) -> Self {
        Self {
            fields: {
                let class = schema.class(class);
                let fields = class.in_order().into_iter().map(|at| &class.fields[at]);
                fields.map(|field| scope_field(schema, field)).collect()
            },
            has_places: false,
        }
    }

    pub fn of_fields(fields: Vec<ScopeField>) -> Self {
        Self {
            fields,
            has_places: false,
        }
    }

    /// With conditions on places and the network ([`super::Relation`]), for who can find out what they mean.
    #[must_use]
    pub fn with_places(mut self) -> Self {
        self.has_places = true;
        self
    }

    pub(super) fn has_places(&self) -> bool {
        self.has_places
    }

    /// The fields that are offered, in the order in which they are shown.
    pub fn offered(&self) -> impl Iterator<Item = &ScopeField> {
        self.fields.iter().filter(|field| !field.is_retired)
    }

    /// By key.
    pub fn field(&self, key: &str) -> Option<&ScopeField> {
        self.fields.iter().find(|f| f.key == key)
    }

    /// By key or label, else by an alias; case, spaces and underscores do not matter.
    pub fn resolve(&self, name: &str) -> Option<&ScopeField> {
        let wanted = normalised(name);
        if wanted.is_empty() {
            return None;
        }
        self.field(name)
            .or_else(|| {
                self.fields.iter().find(|f| {
                    [&f.key, &f.zh, &f.en]
                        .into_iter()
                        .any(|n| normalised(n) == wanted)
                })
            })
            .or_else(|| {
                self.fields
                    .iter()
                    .find(|f| f.aliases.iter().any(|n| normalised(n) == wanted))
            })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().flat_map(|f| [f.key.as_str(), &f.zh, &f.en])
    }
}

fn scope_field(schema: &Schema, field: &Field) -> ScopeField {
    let dictionary = match &field.field_type {
        FieldType::Code(key) => schema.dictionary(key).cloned(),
        _ => None,
    };
    ScopeField {
        key: field.key.clone(),
        zh: field.label.zh.clone(),
        en: field.label.en.clone(),
        aliases: field.aliases.clone(),
        field_type: field.field_type.clone(),
        dictionary,
        is_retired: field.is_retired,
    }
}
