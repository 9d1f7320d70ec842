//! A condition as a WHERE clause over the table of a class, with exactly the truth that [`Expr::holds`] has. It runs
//! nothing.
//!
//! SQLite and the evaluator agree on well-kept values only: to SQLite text is greater than every number, and a date is
//! the text it was stored as. So a comparison is written for the values that a column should hold, guarded against all
//! others, which go through the functions that the project registers (`project::functions`). Parts of a chain of `and`
//! that cannot be said so stay behind as an expression.
//!
//! A condition that is not known to hold and one that is known not to are two things: each part is compiled either way,
//! `not` changes the way, and null never matters.

use super::ast::{Ast, BinaryOp};
use super::eval::{arithmetic_number, eval};
use super::like::like;
use super::{Dictionaries, Expr, Scope};
use crate::model::Value;
use crate::schema::{Dictionary, DictionaryEntry, FieldType};

/// The name of the class's table in the clause.
pub(crate) const TABLE: &str = "f";
/// Below SQLite's limit for one statement, and ours for its text.
const MOST_PARAMETERS: usize = 20_000;
/// Whole numbers from here on are not all exact as reals, and would compare otherwise than in SQLite.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A condition in two parts; a feature fits where both hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Where {
    /// For a table called [`TABLE`]; parameters are numbered from 1.
    pub sql: String,
    pub parameters: Vec<Value>,
    /// What SQL cannot say, to be evaluated for the rows that are left.
    pub rest: Option<Expr>,
}

impl Expr {
    /// `scope` is that it was parsed with.
    pub fn to_sql(&self, scope: &Scope) -> Where {
        let mut compiler = Compiler {
            scope,
            dictionaries: &self.dictionaries,
            parameters: Vec::new(),
            is_costly: false,
        };
        let mut cheap = Vec::new();
        let mut costly = Vec::new();
        let mut rest: Option<Ast> = None;
        for part in flat(&self.root, BinaryOp::And) {
            let before = compiler.parameters.len();
            compiler.is_costly = false;
            match compiler.condition(part, true) {
                Some(sql) if compiler.parameters.len() <= MOST_PARAMETERS => {
                    if compiler.is_costly {
                        costly.push(sql);
                    } else {
                        cheap.push(sql);
                    }
                }
                _ => {
                    compiler.parameters.truncate(before);
                    rest = Some(match rest {
                        Some(rest) => Ast::Binary(BinaryOp::And, Box::new(rest), Box::new(part.clone())),
                        None => part.clone(),
                    });
                }
            }
        }
        // SQLite goes from left to right and stops at the first that fails.
        cheap.append(&mut costly);
        Where {
            sql: joined(&cheap, "AND"),
            parameters: compiler.parameters,
            rest: rest.map(|root| self.part(root)),
        }
    }
}

/// What must hold all together for an expression to hold.
pub(crate) fn conjuncts(ast: &Ast) -> Vec<&Ast> {
    flat(ast, BinaryOp::And)
}

/// What is joined by one operator, as deep as it goes, without recursion over the length of a chain.
fn flat(ast: &Ast, op: BinaryOp) -> Vec<&Ast> {
    let mut parts = Vec::new();
    let mut open = vec![ast];
    while let Some(ast) = open.pop() {
        match ast {
            Ast::Binary(own, a, b) if *own == op => open.extend([b.as_ref(), a.as_ref()]),
            other => parts.push(other),
        }
    }
    parts
}

/// In brackets by halves: SQLite refuses trees as deep as a long chain is.
fn joined(parts: &[String], op: &str) -> String {
    match parts {
        [] => if op == "AND" { "1" } else { "0" }.to_owned(),
        [only] => only.clone(),
        _ => {
            let (a, b) = parts.split_at(parts.len() / 2);
            format!("({} {op} {})", joined(a, op), joined(b, op))
        }
    }
}

struct Compiler<'a> {
    scope: &'a Scope,
    dictionaries: &'a Dictionaries,
    parameters: Vec<Value>,
    /// Whether what was compiled last calls a function for every row.
    is_costly: bool,
}

/// A column as something that compares as the evaluator compares it.
#[derive(PartialEq, Eq)]
enum Side {
    Number(String),
    Text(String),
    /// A call that gives a number or null, to be compared as it is.
    Call(String),
}

impl Compiler<'_> {
    /// SQL that is true where `ast` is known to be `wanted`, and false or null elsewhere.
    fn condition(&mut self, ast: &Ast, wanted: bool) -> Option<String> {
        if let Some(value) = constant(ast) {
            let holds = super::truth(&value) == Some(wanted);
            return Some(i32::from(holds).to_string());
        }
        match ast {
            Ast::Not(a) => self.condition(a, !wanted),
            Ast::Binary(op @ (BinaryOp::And | BinaryOp::Or), ..) => {
                let parts = flat(ast, *op)
                    .into_iter()
                    .map(|part| self.condition(part, wanted))
                    .collect::<Option<Vec<String>>>()?;
                let is_and = (*op == BinaryOp::And) == wanted;
                Some(joined(&parts, if is_and { "AND" } else { "OR" }))
            }
            Ast::Binary(op, a, b) if op.is_comparison() => {
                let (field, value, op) = match (constant(a), constant(b)) {
                    (None, Some(value)) => (a, value, *op),
                    (Some(value), None) => (b, value, turned(*op)),
                    _ => return None,
                };
                self.comparison(field, if wanted { op } else { opposite(op) }, &value)
            }
            Ast::Between {
                value,
                low,
                high,
                is_negated,
            } => {
                let (low, high) = (constant(low)?, constant(high)?);
                let is_within = wanted != *is_negated;
                let ops = if is_within {
                    [BinaryOp::GreaterEqual, BinaryOp::LessEqual]
                } else {
                    [BinaryOp::Less, BinaryOp::Greater]
                };
                let ends = [
                    self.comparison(value, ops[0], &low)?,
                    self.comparison(value, ops[1], &high)?,
                ];
                Some(joined(&ends, if is_within { "AND" } else { "OR" }))
            }
            Ast::In {
                value,
                list,
                is_negated,
            } => self.membership(value, list, wanted != *is_negated),
            Ast::Like {
                value,
                pattern,
                is_negated,
            } => self.likeness(value, &constant(pattern)?, wanted != *is_negated),
            Ast::IsNull { value, is_negated } => {
                let key = field_of(value)?;
                self.scope.field(key)?;
                let column = column(key);
                // A blob is nothing that a field can hold.
                Some(if wanted == *is_negated {
                    format!("{column} < x''")
                } else {
                    format!("({column} IS NULL OR {column} >= x'')")
                })
            }
            _ => None,
        }
    }

    fn parameter(&mut self, value: Value) -> String {
        self.parameters.push(value);
        format!("?{}", self.parameters.len())
    }

    /// The column beside a value, and the value as SQLite must see it. `None` where they do not go together.
    fn side(&mut self, field: &Ast, value: &Value) -> Option<(Side, Value)> {
        let key = field_of(field)?;
        let column = column(key);
        let number = || arithmetic_number(value).filter(|n| n.as_real().is_some_and(|n| n.abs() < EXACT));
        Some(match (&self.scope.field(key)?.field_type, value) {
            // Two texts compare as texts, whatever the field is.
            (FieldType::Real | FieldType::Integer | FieldType::Boolean, Value::Text(_)) => return None,
            (FieldType::Real | FieldType::Integer, _) => (Side::Number(column), number()?),
            (FieldType::Text | FieldType::Code(_), Value::Text(text)) => {
                (Side::Text(column), Value::Text(text.clone()))
            }
            (FieldType::Text | FieldType::Code(_), Value::Integer(_) | Value::Real(_)) => {
                (Side::Call(format!("karez_number({column})")), number()?)
            }
            (FieldType::Date, Value::Date(day)) => {
                let day = i64::from(chrono::Datelike::num_days_from_ce(day));
                (Side::Call(format!("karez_day({column})")), Value::Integer(day))
            }
            (FieldType::Boolean, _) => (Side::Call(format!("karez_flag({column})")), number()?),
            _ => return None,
        })
    }

    fn comparison(&mut self, field: &Ast, op: BinaryOp, value: &Value) -> Option<String> {
        if value.is_null() {
            field_of(field)?;
            return Some("0".to_owned());
        }
        let (side, value) = self.side(field, value)?;
        let right = format!("{} {}", op.symbol(), self.parameter(value));
        Some(self.tested(&side, &right, op))
    }

    /// `op` tells to which sides the test is open.
    fn tested(&mut self, side: &Side, right: &str, op: BinaryOp) -> String {
        use BinaryOp::{Equal, Greater, GreaterEqual, Less, LessEqual};
        let is_open_above = !matches!(op, Equal | Less | LessEqual);
        let is_open_below = !matches!(op, Equal | Greater | GreaterEqual);
        match side {
            Side::Number(column) => {
                let mut sql = format!("{column} {right}");
                // Infinities are no numbers to the evaluator; text and blobs are greater than any.
                if is_open_above {
                    sql = format!("{sql} AND {column} < 9e999");
                }
                if is_open_below {
                    sql = format!("{sql} AND {column} > -9e999");
                }
                format!("({sql} OR {column} >= '' AND karez_number({column}) {right})")
            }
            Side::Text(column) if is_open_above => format!("({column} {right} AND {column} < x'')"),
            Side::Text(column) => format!("{column} {right}"),
            Side::Call(call) => {
                self.is_costly = true;
                format!("{call} {right}")
            }
        }
    }

    fn membership(&mut self, field: &Ast, list: &[Ast], is_in: bool) -> Option<String> {
        let items = list.iter().map(constant).collect::<Option<Vec<Value>>>()?;
        field_of(field)?;
        if !is_in && items.iter().any(Value::is_null) {
            return Some("0".to_owned());
        }
        let mut fitting = items
            .iter()
            .filter(|item| !item.is_null())
            .map(|item| self.side(field, item))
            .collect::<Option<Vec<_>>>()?
            .into_iter();
        let Some((side, first)) = fitting.next() else {
            return Some("0".to_owned());
        };
        let mut marks = self.parameter(first);
        for (other, value) in fitting {
            // Text and numbers in one list would need the column as two things.
            if other != side {
                return None;
            }
            marks.push_str(", ");
            marks.push_str(&self.parameter(value));
        }
        let (word, op) = if is_in {
            ("IN", BinaryOp::Equal)
        } else {
            ("NOT IN", BinaryOp::NotEqual)
        };
        Some(self.tested(&side, &format!("{word} ({marks})"), op))
    }

    /// Whether a text, or a label of the entry it stands for, is like a pattern.
    fn likeness(&mut self, field: &Ast, pattern: &Value, is_like: bool) -> Option<String> {
        let key = field_of(field)?;
        if !matches!(
            self.scope.field(key)?.field_type,
            FieldType::Text | FieldType::Code(_)
        ) {
            return None;
        }
        let column = column(key);
        if pattern.is_null() {
            return Some("0".to_owned());
        }
        let pattern = super::plain_text(pattern);
        self.is_costly = true;
        let mark = self.parameter(Value::Text(pattern.clone()));
        let mut ways = vec![format!("karez_like({column}, {mark})")];
        if let Some(dictionary) = self.dictionaries.get(key) {
            ways.extend(self.labelled(&column, dictionary, &pattern));
        }
        if is_like {
            return Some(joined(&ways, "OR"));
        }
        let not: Vec<String> = ways.iter().map(|way| format!("NOT {way}")).collect();
        Some(joined(&not, "AND"))
    }

    /// Whether a text stands for an entry with a label like the pattern; a text that is a name as it stands is no other
    /// name in disguise.
    fn labelled(&mut self, column: &str, dictionary: &Dictionary, pattern: &str) -> Option<String> {
        let is_meant =
            |entry: &DictionaryEntry| like(&entry.label.zh, pattern) || like(&entry.label.en, pattern);
        let meant: Vec<&str> = dictionary
            .names()
            .filter(|(_, entry)| is_meant(entry))
            .map(|(name, _)| name)
            .collect();
        if meant.is_empty() {
            return None;
        }
        let all: Vec<&str> = dictionary.names().map(|(name, _)| name).collect();
        let [meant, all] = [meant, all].map(|names| {
            let marks: Vec<String> = names
                .into_iter()
                .map(|name| self.parameter(Value::Text(name.to_owned())))
                .collect();
            marks.join(", ")
        });
        Some(format!(
            "({column} IN ({meant}) OR {column} NOT IN ({all}) AND karez_name({column}) IN ({meant}))"
        ))
    }
}

fn field_of(ast: &Ast) -> Option<&str> {
    match ast {
        Ast::Field(key) => Some(key),
        _ => None,
    }
}

fn column(key: &str) -> String {
    format!("{TABLE}.\"{}\"", key.replace('"', "\"\""))
}

/// The value of what reads no field.
fn constant(ast: &Ast) -> Option<Value> {
    if let Ast::Literal(value) = ast {
        return Some(value.clone());
    }
    let mut fields = Vec::new();
    ast.collect_fields(&mut fields);
    let nothing = |_: &str| Value::Null;
    fields
        .is_empty()
        .then(|| eval(ast, &nothing, &Dictionaries::new()))
}

/// The operator with its sides exchanged.
fn turned(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        same => same,
    }
}

/// What holds of two comparable values exactly where `op` does not.
fn opposite(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        BinaryOp::Less => BinaryOp::GreaterEqual,
        BinaryOp::LessEqual => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::LessEqual,
        BinaryOp::GreaterEqual => BinaryOp::Less,
        other => other,
    }
}
