//! Text with expressions in braces: `DN{diameter_mm} {material} L={length_m:.1}`. Dictionary values are written as
//! their labels; behind a colon stands how a value is written. A piece between blanks is left out where all its values
//! are empty, so that a pipe without a diameter is not called `DN`.

use std::fmt::Write as _;

use super::error::ExprError;
use super::eval::Row;
use super::lexer::Token;
use super::parser::Parser;
use super::scope::Scope;
use super::{Expr, plain_text};
use crate::model::Value;
use crate::text::{Lang, Message, translate};

/// A checked template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
    fields: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Value(Expr, Option<Format>),
}

/// How a value is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Format {
    /// `.2`: so many digits behind the point.
    Decimals(u8),
    /// `code`: a dictionary's code in place of its label.
    Code,
    /// `%Y-%m`: parts of a date.
    Date(String),
}

impl Template {
    /// # Errors
    /// Says at which character of the template what was expected.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, ExprError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut position = 0;
        while let Some(c) = text.get(position..).and_then(|rest| rest.chars().next()) {
            let next = position + c.len_utf8();
            let is_doubled = text.get(next..).is_some_and(|rest| rest.starts_with(c));
            match c {
                '{' | '}' if is_doubled => {
                    plain.push(c);
                    position = next + 1;
                }
                '}' => {
                    return Err(ExprError::new(
                        text,
                        position,
                        next,
                        Message::new("expr.error.stray_brace"),
                    ));
                }
                '{' => {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    let (part, end) = value_part(text, next, scope)?;
                    parts.push(part);
                    position = end;
                }
                other => {
                    plain.push(other);
                    position = next;
                }
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        let mut fields: Vec<String> = Vec::new();
        for part in &parts {
            if let Part::Value(expr, _) = part {
                for field in expr.fields() {
                    if !fields.contains(field) {
                        fields.push(field.clone());
                    }
                }
            }
        }
        Ok(Self { parts, fields })
    }

    /// Keys of the fields it reads, each once.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// The text for one row; a piece between blanks all of whose values are unknown is left out with its blanks.
    pub fn render(&self, row: &impl Row, lang: Lang) -> String {
        let mut pieces = Pieces::default();
        for part in &self.parts {
            match part {
                Part::Text(plain) => pieces.add_plain(plain),
                Part::Value(expr, format) => pieces.add_value(&written(expr, format.as_ref(), row, lang)),
            }
        }
        pieces.into_text()
    }
}

/// A value as its dictionary's label, or as people read it.
fn written(expr: &Expr, format: Option<&Format>, row: &impl Row, lang: Lang) -> String {
    let value = expr.eval(row);
    let label = match (expr.as_field(), &value, format) {
        (_, _, Some(Format::Code)) => None,
        (Some(field), Value::Text(code), _) => expr
            .dictionary(field)
            .and_then(|d| d.resolve(code))
            .map(|entry| entry.label.text(lang).to_owned()),
        _ => None,
    };
    label.unwrap_or_else(|| formatted(&value, format, lang))
}

/// Puts a text together piece by piece. Blanks of the template divide pieces, blanks within a value do not.
#[derive(Debug, Default)]
struct Pieces {
    text: String,
    /// Blanks between the text and the piece.
    gap: String,
    piece: String,
    has_value: bool,
    is_filled: bool,
    /// The piece before the gap was left out: further blanks join the gap in place of following it.
    is_after_omission: bool,
}

impl Pieces {
    fn add_plain(&mut self, plain: &str) {
        for c in plain.chars() {
            if c.is_whitespace() {
                self.end_piece();
                self.add_blank(c);
            } else {
                self.piece.push(c);
            }
        }
    }

    fn add_value(&mut self, value: &str) {
        self.has_value = true;
        self.is_filled |= !value.trim().is_empty();
        self.piece.push_str(value);
    }

    fn add_blank(&mut self, blank: char) {
        if !self.is_after_omission {
            self.gap.push(blank);
        } else if blank == '\n' && !self.gap.contains('\n') {
            // Of the gaps on either side of what is left out, the one that begins a line stays.
            "\n".clone_into(&mut self.gap);
        }
    }

    fn end_piece(&mut self) {
        if self.has_value && !self.is_filled {
            self.is_after_omission = true;
        } else if !self.piece.is_empty() {
            if !(self.is_after_omission && self.text.is_empty()) {
                self.text.push_str(&self.gap);
            }
            self.text.push_str(&self.piece);
            self.gap.clear();
            self.is_after_omission = false;
        }
        self.piece.clear();
        self.has_value = false;
        self.is_filled = false;
    }

    fn into_text(mut self) -> String {
        self.end_piece();
        if !self.is_after_omission {
            self.text.push_str(&self.gap);
        }
        self.text
    }
}

/// The part behind `{`, and the byte behind its `}`.
fn value_part(text: &str, start: usize, scope: &Scope) -> Result<(Part, usize), ExprError> {
    let mut parser = Parser::new(text, start, scope)?;
    let root = parser.expression(0)?;
    let expr = Expr::checked(root, scope);
    match parser.token() {
        Token::Sign("}") => Ok((Part::Value(expr, None), parser.end())),
        Token::Sign(":") => {
            let from = parser.end();
            let rest = text.get(from..).unwrap_or_default();
            let Some(length) = rest.find('}') else {
                return Err(ExprError::new(
                    text,
                    text.len(),
                    text.len(),
                    Message::new("expr.error.expected_brace").with("found", "…"),
                ));
            };
            let written = rest.get(..length).unwrap_or_default().trim();
            let format = Format::parse(written).ok_or_else(|| {
                ExprError::new(
                    text,
                    from,
                    from + length,
                    Message::new("expr.error.format").with("found", written),
                )
            })?;
            Ok((Part::Value(expr, Some(format)), from + length + 1))
        }
        _ => Err(parser.unexpected("expr.error.expected_brace")),
    }
}

impl Format {
    fn parse(written: &str) -> Option<Self> {
        if let Some(digits) = written.strip_prefix('.') {
            let decimals: u8 = digits.parse().ok()?;
            return (decimals <= 12).then_some(Self::Decimals(decimals));
        }
        if written == "code" {
            return Some(Self::Code);
        }
        let is_date = written.contains('%') && is_of_a_date(written);
        is_date.then(|| Self::Date(written.to_owned()))
    }
}

/// Whether a pattern asks for nothing but parts of a date.
fn is_of_a_date(pattern: &str) -> bool {
    let mut written = String::new();
    write!(written, "{}", chrono::NaiveDate::default().format(pattern)).is_ok()
}

/// A value as people read it: no needless decimals, flags as words.
pub(super) fn formatted(value: &Value, format: Option<&Format>, lang: Lang) -> String {
    match (value, format) {
        (Value::Date(date), Some(Format::Date(pattern))) => {
            let mut text = String::new();
            match write!(text, "{}", date.format(pattern)) {
                Ok(()) => text,
                Err(_) => date.to_string(),
            }
        }
        (Value::Integer(_) | Value::Real(_), Some(Format::Decimals(decimals))) => {
            let number = value.as_real().unwrap_or_default();
            let text = format!("{number:.*}", usize::from(*decimals));
            // No minus before a zero.
            match text.strip_prefix('-') {
                Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_owned(),
                _ => text,
            }
        }
        (Value::Real(number), _) => {
            let text = format!("{number:.3}");
            let short = text.trim_end_matches('0').trim_end_matches('.');
            if short == "-0" {
                "0".to_owned()
            } else {
                short.to_owned()
            }
        }
        (Value::Boolean(flag), _) => {
            if *flag {
                translate("expr.word.yes", lang)
            } else {
                translate("expr.word.no", lang)
            }
        }
        _ => plain_text(value),
    }
}
