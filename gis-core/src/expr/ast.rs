//! An expression as a tree, and how it is written. Public and plain, so that it can be compiled to SQL elsewhere.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

use super::functions::Function;
use super::lexer::{is_word, keyword};
use super::place::Place;
use crate::model::Value;

#[derive(Debug, Clone, PartialEq)]
pub enum Ast {
    /// Numbers in it are never negative; a minus is `Negate`.
    Literal(Value),
    /// By key.
    Field(String),
    Negate(Box<Self>),
    Not(Box<Self>),
    Binary(BinaryOp, Box<Self>, Box<Self>),
    Between {
        value: Box<Self>,
        low: Box<Self>,
        high: Box<Self>,
        is_negated: bool,
    },
    In {
        value: Box<Self>,
        list: Vec<Self>,
        is_negated: bool,
    },
    /// `%` stands for any text, `_` for any character. On a coded field the labels count as well as the code.
    Like {
        value: Box<Self>,
        pattern: Box<Self>,
        is_negated: bool,
    },
    IsNull {
        value: Box<Self>,
        is_negated: bool,
    },
    Call(Function, Vec<Self>),
    Place(Place),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    /// Never cuts to whole numbers: 7 / 2 is 3.5.
    Divide,
    Remainder,
    Concat,
}

impl BinaryOp {
    pub const ALL: [Self; 14] = [
        Self::Or,
        Self::And,
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessEqual,
        Self::Greater,
        Self::GreaterEqual,
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Remainder,
        Self::Concat,
    ];

    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Concat => "||",
        }
    }

    /// Whether a comparison holds of two values in that order.
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            _ => order != Ordering::Less,
        }
    }

    pub fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal | Self::NotEqual | Self::Less | Self::LessEqual | Self::Greater | Self::GreaterEqual
        )
    }
}

impl Ast {
    pub(super) fn collect_fields(&self, fields: &mut Vec<String>) {
        let mut visit = |nodes: &[&Self]| {
            for node in nodes {
                node.collect_fields(fields);
            }
        };
        match self {
            Self::Literal(_) => {}
            Self::Field(key) | Self::Place(Place { key, .. }) => {
                if !fields.contains(key) {
                    fields.push(key.clone());
                }
            }
            Self::Negate(a) | Self::Not(a) | Self::IsNull { value: a, .. } => visit(&[a]),
            Self::Binary(_, a, b) => visit(&[a, b]),
            Self::Between { value, low, high, .. } => visit(&[value, low, high]),
            Self::Like { value, pattern, .. } => visit(&[value, pattern]),
            Self::In { value, list, .. } => {
                visit(&[value]);
                visit(&list.iter().collect::<Vec<_>>());
            }
            Self::Call(_, arguments) => visit(&arguments.iter().collect::<Vec<_>>()),
        }
    }

    fn is_atom(&self) -> bool {
        matches!(
            self,
            Self::Literal(_) | Self::Field(_) | Self::Call(..) | Self::Place(_)
        )
    }
}

/// A part, in brackets where it is made of parts itself.
struct Part<'a>(&'a Ast);

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_atom() {
            write!(f, "{}", self.0)
        } else {
            write!(f, "({})", self.0)
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, items: &[Ast]) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

fn quoted(f: &mut fmt::Formatter<'_>, mark: char, text: &str) -> fmt::Result {
    f.write_char(mark)?;
    for c in text.chars() {
        if c == mark {
            f.write_char(mark)?;
        }
        f.write_char(c)?;
    }
    f.write_char(mark)
}

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |is_negated: bool| if is_negated { "not " } else { "" };
        match self {
            Self::Literal(value) => match value {
                Value::Null => f.write_str("null"),
                Value::Boolean(flag) => write!(f, "{flag}"),
                Value::Integer(number) => write!(f, "{number}"),
                Value::Real(number) => write!(f, "{number:?}"),
                Value::Date(date) => write!(f, "date '{date}'"),
                Value::Text(text) => quoted(f, '\'', text),
            },
            Self::Field(key) if is_word(key) && keyword(key).is_none() => f.write_str(key),
            Self::Field(key) => quoted(f, '"', key),
            Self::Negate(a) => write!(f, "-{}", Part(a)),
            Self::Not(a) => write!(f, "not {}", Part(a)),
            Self::Binary(op, a, b) => write!(f, "{} {} {}", Part(a), op.symbol(), Part(b)),
            Self::Between {
                value,
                low,
                high,
                is_negated,
            } => write!(
                f,
                "{} {}between {} and {}",
                Part(value),
                not(*is_negated),
                Part(low),
                Part(high)
            ),
            Self::In {
                value,
                list: items,
                is_negated,
            } => {
                write!(f, "{} {}in (", Part(value), not(*is_negated))?;
                list(f, items)?;
                f.write_str(")")
            }
            Self::Like {
                value,
                pattern,
                is_negated,
            } => write!(f, "{} {}like {}", Part(value), not(*is_negated), Part(pattern)),
            Self::IsNull { value, is_negated } => {
                write!(f, "{} is {}null", Part(value), not(*is_negated))
            }
            Self::Place(place) => f.write_str(&place.key),
            Self::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                list(f, arguments)?;
                f.write_str(")")
            }
        }
    }
}
