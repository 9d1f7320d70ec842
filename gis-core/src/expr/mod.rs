//! The expression language of filters, labels and thematic maps: `diameter_mm >= 300 and material = '球墨铸铁'`.
//! It reads no project; a caller hands the values over.
//!
//! Fields go by key or by their Chinese or English label, dictionary values by code or label. Unknown values follow
//! SQL: whatever is compared with null is unknown, and only what is certainly true passes a filter.

mod ast;
mod error;
mod eval;
mod functions;
mod lexer;
mod like;
mod near;
mod parser;
mod place;
mod scope;
mod sql;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use ast::{Ast, BinaryOp};
pub use error::ExprError;
pub use eval::{Row, compare, plain_text, truth};
pub(crate) use eval::{arithmetic_number, date};
pub use functions::Function;
pub(crate) use like::like;
pub(crate) use near::nearest;
pub use place::{Place, PlaceAt, Relation};
pub use scope::{Scope, ScopeField};
pub use sql::Where;
pub(crate) use sql::{TABLE, conjuncts};
pub use template::Template;

use crate::model::Value;
use crate::schema::Dictionary;

type Dictionaries = BTreeMap<String, Dictionary>;

/// A checked expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    root: Ast,
    fields: Vec<String>,
    /// Of the coded fields among them, by field.
    dictionaries: Dictionaries,
    doubts: Vec<ExprError>,
    places: Vec<PlaceAt>,
}

impl Expr {
    /// # Errors
    /// Says at which character what was expected, and which names are near.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, ExprError> {
        let parser::Parsed { root, doubts, places } = parser::parse_all(text, scope)?;
        let mut expr = Self::checked(root, scope);
        expr.doubts = doubts;
        expr.places = places;
        Ok(expr)
    }

    fn checked(root: Ast, scope: &Scope) -> Self {
        let mut fields = Vec::new();
        root.collect_fields(&mut fields);
        let dictionaries = fields
            .iter()
            .filter_map(|key| Some((key.clone(), scope.field(key)?.dictionary.clone()?)))
            .collect();
        Self {
            root,
            fields,
            dictionaries,
            doubts: Vec::new(),
            places: Vec::new(),
        }
    }

    /// All together; `None` of none.
    pub(crate) fn all(parts: Vec<Self>) -> Option<Self> {
        parts.into_iter().reduce(|mut all, part| {
            let root = Ast::Binary(BinaryOp::And, Box::new(all.root), Box::new(part.root));
            all.dictionaries.extend(part.dictionaries);
            all.doubts.extend(part.doubts);
            all.places.extend(part.places);
            let mut fields = Vec::new();
            root.collect_fields(&mut fields);
            Self { root, fields, ..all }
        })
    }

    /// A part of this expression.
    pub(crate) fn part(&self, root: Ast) -> Self {
        let mut fields = Vec::new();
        root.collect_fields(&mut fields);
        Self {
            root,
            fields,
            dictionaries: self.dictionaries.clone(),
            doubts: Vec::new(),
            places: Vec::new(),
        }
    }

    /// What can be evaluated and is likely not meant: labels that no dictionary knows, with those most like them.
    pub fn doubts(&self) -> &[ExprError] {
        &self.doubts
    }

    /// The conditions on places in it. Where there are any, their keys are among the fields.
    pub fn places(&self) -> &[PlaceAt] {
        &self.places
    }

    pub fn root(&self) -> &Ast {
        &self.root
    }

    /// Keys of the fields it reads, each once, in the order they come.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The field, where the expression is nothing but a field.
    pub fn as_field(&self) -> Option<&str> {
        match &self.root {
            Ast::Field(key) => Some(key),
            _ => None,
        }
    }

    /// Dictionary of a coded field that it reads.
    pub fn dictionary(&self, field: &str) -> Option<&Dictionary> {
        self.dictionaries.get(field)
    }

    pub fn eval(&self, row: &impl Row) -> Value {
        eval::eval(&self.root, row, &self.dictionaries)
    }

    /// Whether it certainly holds; what is unknown does not.
    pub fn holds(&self, row: &impl Row) -> bool {
        truth(&self.eval(row)) == Some(true)
    }
}

impl std::fmt::Display for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.root)
    }
}
