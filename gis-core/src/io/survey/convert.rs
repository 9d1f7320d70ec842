//! Turns a cell into the value of a schema field, in the field's unit. It says what is wrong with a cell; whom to
//! tell is the caller's business.

use super::columns::Unit;
use super::value::{Diameter, date, diameter, flag, number};
use super::workbook::Cell;
use crate::model::Value;
use crate::schema::{Field, FieldType, Schema};

/// A value, with the locale key of what is doubtful about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Converted {
    pub(super) value: Value,
    pub(super) doubt: Option<&'static str>,
}

impl Converted {
    fn sure(value: Value) -> Self {
        Self { value, doubt: None }
    }

    /// Nothing could be read.
    fn bad(key: &'static str) -> Self {
        Self {
            value: Value::Null,
            doubt: Some(key),
        }
    }
}

/// `unit` is the column's; where its heading names none, the field's is meant.
pub(super) fn convert(schema: &Schema, field: &Field, unit: Option<Unit>, cell: &Cell) -> Converted {
    if matches!(cell, Cell::Error(_)) {
        return Converted::bad("survey.formula_error");
    }
    let converted = match &field.field_type {
        FieldType::Text => Converted::sure(Value::Text(cell.text())),
        FieldType::Real if field.unit.as_deref() == Some("mm") => size(unit, cell),
        FieldType::Real => match number(cell) {
            Some(number) => Converted::sure(Value::Real(number * factor(field, unit))),
            None => Converted::bad("survey.bad_number"),
        },
        FieldType::Integer => match number(cell) {
            Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Converted::sure(Value::Integer(number as i64))
            }
            _ => Converted::bad("survey.bad_number"),
        },
        FieldType::Boolean => match flag(cell) {
            Some(flag) => Converted::sure(Value::Boolean(flag)),
            None => Converted::bad("survey.bad_flag"),
        },
        FieldType::Date => match date(cell) {
            Some(date) => Converted::sure(Value::Date(date)),
            None => Converted::bad("survey.bad_date"),
        },
        FieldType::Code(key) => {
            let text = cell.text();
            match schema.dictionaries.get(key).map(|d| d.resolve(&text)) {
                Some(Some(entry)) => Converted::sure(Value::Text(entry.code.clone())),
                // What the crew wrote is kept: it says more than nothing.
                Some(None) => Converted {
                    value: Value::Text(text),
                    doubt: Some("survey.not_in_dictionary"),
                },
                None => Converted::sure(Value::Text(text)),
            }
        }
    };
    let is_outside = converted.value.as_real().is_some_and(|v| {
        field.minimum.is_some_and(|least| v < least) || field.maximum.is_some_and(|most| v > most)
    });
    if is_outside {
        Converted::bad("survey.out_of_range")
    } else {
        converted
    }
}

fn size(unit: Option<Unit>, cell: &Cell) -> Converted {
    let Some(size) = size_mm(unit, cell) else {
        return Converted::bad("survey.bad_diameter");
    };
    let doubt = if unit.is_none() && number(cell).is_some_and(is_in_metres) {
        Some("survey.size_in_metres")
    } else if size.is_simplified {
        Some("survey.section_simplified")
    } else {
        None
    };
    Converted {
        value: Value::Real(size.millimetres),
        doubt,
    }
}

/// No pipe is thinner than 5 mm: where the heading names no unit, 0.3 is 300 mm.
fn is_in_metres(bare: f64) -> bool {
    bare > 0.0 && bare < 5.0
}

/// The pipe size of a cell in a column of that unit.
pub(super) fn size_mm(unit: Option<Unit>, cell: &Cell) -> Option<Diameter> {
    let size = diameter(cell)?;
    // A text such as DN300 is in millimetres whatever the heading says.
    let is_bare = number(cell).is_some_and(|n| (n - size.millimetres).abs() < 1e-9);
    let factor = match unit.filter(|_| is_bare) {
        Some(unit) => unit.metres * 1000.0,
        None if is_bare && is_in_metres(size.millimetres) => 1000.0,
        None => 1.0,
    };
    Some(Diameter {
        millimetres: size.millimetres * factor,
        ..size
    })
}

fn factor(field: &Field, unit: Option<Unit>) -> f64 {
    match (field.unit.as_deref(), unit) {
        (Some("m"), Some(unit)) => unit.metres,
        _ => 1.0,
    }
}
