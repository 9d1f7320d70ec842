//! Builds the tree by binding powers (Pratt, 1973), with the precedence SQLite has, and checks names and the kinds of
//! literals on the way.

use chrono::NaiveDate;

use super::ast::{Ast, BinaryOp};
use super::error::ExprError;
use super::eval::arithmetic_number;
use super::functions::Function;
use super::lexer::{Lexer, Token, keyword};
use super::near::nearest;
use super::place::{Place, PlaceAt, Relation};
use super::scope::Scope;
use crate::model::Value;
use crate::schema::FieldType;
use crate::text::Message;

/// More operators than this in one expression are a mistake, and would be a danger to the stack.
const MAX_NODES: usize = 1_000;
/// Brackets and functions within one another.
const MAX_DEPTH: usize = 100;

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const EQUALITY: u8 = 4;
const RELATION: u8 = 5;
const SUM: u8 = 6;
const PRODUCT: u8 = 7;
const CONCAT: u8 = 8;
const SIGN: u8 = 9;

pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    scope: &'a Scope,
    token: Token,
    /// Byte where the present token starts.
    start: usize,
    nodes: usize,
    depth: usize,
    /// What can be evaluated and is likely not meant.
    doubts: Vec<ExprError>,
    places: Vec<PlaceAt>,
}

/// The tree, and what is doubtful and to be found out in it.
pub(super) struct Parsed {
    pub(super) root: Ast,
    pub(super) doubts: Vec<ExprError>,
    pub(super) places: Vec<PlaceAt>,
}

pub(super) fn parse_all(text: &str, scope: &Scope) -> Result<Parsed, ExprError> {
    let mut parser = Parser::new(text, 0, scope)?;
    let root = parser.expression(0)?;
    if parser.token == Token::End {
        Ok(Parsed {
            root,
            doubts: parser.doubts,
            places: parser.places,
        })
    } else {
        Err(parser.unexpected("expr.error.expected_operator"))
    }
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, position: usize, scope: &'a Scope) -> Result<Self, ExprError> {
        let mut lexer = Lexer::new(text, position);
        let (token, start) = lexer.next()?;
        Ok(Self {
            lexer,
            scope,
            token,
            start,
            nodes: 0,
            depth: 0,
            doubts: Vec::new(),
            places: Vec::new(),
        })
    }

    pub(super) fn token(&self) -> &Token {
        &self.token
    }

    /// Byte behind the present token.
    pub(super) fn end(&self) -> usize {
        self.lexer.position
    }

    fn advance(&mut self) -> Result<Token, ExprError> {
        let (token, start) = self.lexer.next()?;
        self.start = start;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn error(&self, start: usize, end: usize, message: Message) -> ExprError {
        ExprError::new(self.lexer.text, start, end, message)
    }

    /// That the present token is not what was expected.
    pub(super) fn unexpected(&self, key: &'static str) -> ExprError {
        let found = match self.lexer.text.get(self.start..self.lexer.position) {
            Some(found) if !found.is_empty() => found,
            _ => "…",
        };
        self.error(
            self.start,
            self.lexer.position,
            Message::new(key).with("found", found),
        )
    }

    fn keyword(&self) -> Option<&'static str> {
        match &self.token {
            Token::Word(word) => keyword(word),
            _ => None,
        }
    }

    fn take_sign(&mut self, sign: &str, key: &'static str) -> Result<(), ExprError> {
        if matches!(self.token, Token::Sign(found) if found == sign) {
            self.advance()?;
            Ok(())
        } else {
            Err(self.unexpected(key))
        }
    }

    fn count_node(&mut self) -> Result<(), ExprError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || self.depth > MAX_DEPTH {
            return Err(self.error(self.start, self.start, Message::new("expr.error.too_long")));
        }
        Ok(())
    }

    /// An expression whose operators bind tighter than `floor`.
    pub(super) fn expression(&mut self, floor: u8) -> Result<Ast, ExprError> {
        self.depth += 1;
        self.count_node()?;
        let mut left = self.prefix()?;
        while let Some((op, power)) = self.infix().filter(|(_, power)| *power > floor) {
            self.count_node()?;
            left = self.continued(left, op, power)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn infix(&self) -> Option<(Infix, u8)> {
        let op = match &self.token {
            Token::Sign(sign) => BinaryOp::ALL.into_iter().find(|op| op.symbol() == *sign)?,
            Token::Word(_) => match self.keyword()? {
                "and" => BinaryOp::And,
                "or" => BinaryOp::Or,
                "not" => return Some((Infix::Not, EQUALITY)),
                "between" => return Some((Infix::Between, EQUALITY)),
                "in" => return Some((Infix::In, EQUALITY)),
                "like" => return Some((Infix::Like, EQUALITY)),
                "is" => return Some((Infix::Is, EQUALITY)),
                _ => return None,
            },
            _ => return None,
        };
        let power = match op {
            BinaryOp::Or => OR,
            BinaryOp::And => AND,
            BinaryOp::Equal | BinaryOp::NotEqual => EQUALITY,
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => RELATION,
            BinaryOp::Add | BinaryOp::Subtract => SUM,
            BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder => PRODUCT,
            BinaryOp::Concat => CONCAT,
        };
        Some((Infix::Binary(op), power))
    }

    fn continued(&mut self, left: Ast, infix: Infix, power: u8) -> Result<Ast, ExprError> {
        self.advance()?;
        match infix {
            Infix::Binary(op) => {
                let start = self.start;
                let right = self.expression(power)?;
                let end = self.start;
                self.binary(op, left, right, start, end)
            }
            Infix::Is => {
                let is_negated = self.keyword() == Some("not");
                if is_negated {
                    self.advance()?;
                }
                if self.keyword() != Some("null") {
                    return Err(self.unexpected("expr.error.expected_null"));
                }
                self.advance()?;
                Ok(Ast::IsNull {
                    value: Box::new(left),
                    is_negated,
                })
            }
            Infix::Not => {
                let infix = match self.keyword() {
                    Some("between") => Infix::Between,
                    Some("in") => Infix::In,
                    Some("like") => Infix::Like,
                    _ => return Err(self.unexpected("expr.error.expected_after_not")),
                };
                self.advance()?;
                self.membership(left, infix, true)
            }
            other => self.membership(left, other, false),
        }
    }

    fn membership(&mut self, left: Ast, infix: Infix, is_negated: bool) -> Result<Ast, ExprError> {
        let value = Box::new(left);
        Ok(match infix {
            Infix::Between => {
                let low = self.operand_of(&value, EQUALITY)?;
                if self.keyword() != Some("and") {
                    return Err(self.unexpected("expr.error.expected_and"));
                }
                self.advance()?;
                let high = self.operand_of(&value, EQUALITY)?;
                Ast::Between {
                    value,
                    low: Box::new(low),
                    high: Box::new(high),
                    is_negated,
                }
            }
            Infix::Like => Ast::Like {
                value,
                pattern: Box::new(self.expression(EQUALITY)?),
                is_negated,
            },
            _ => {
                self.take_sign("(", "expr.error.expected_list")?;
                let mut list = vec![self.operand_of(&value, 0)?];
                while matches!(self.token, Token::Sign(",")) {
                    self.advance()?;
                    // A list may be long; only what is in brackets itself counts.
                    self.nodes -= 1;
                    list.push(self.operand_of(&value, 0)?);
                }
                self.take_sign(")", "expr.error.expected_closing")?;
                Ast::In {
                    value,
                    list,
                    is_negated,
                }
            }
        })
    }

    /// What `value` is compared with.
    fn operand_of(&mut self, value: &Ast, floor: u8) -> Result<Ast, ExprError> {
        let start = self.start;
        let operand = self.expression(floor)?;
        let end = self.start;
        self.fitted(value, operand, start, end)
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        left: Ast,
        right: Ast,
        start: usize,
        end: usize,
    ) -> Result<Ast, ExprError> {
        let (left, right) = if op.is_comparison() {
            let right = self.fitted(&left, right, start, end)?;
            let left = self.fitted(&right, left, start, end)?;
            (left, right)
        } else {
            (left, right)
        };
        Ok(Ast::Binary(op, Box::new(left), Box::new(right)))
    }

    /// A text compared with a field, as that field stores it: a label becomes its code, a date a date.
    fn fitted(&mut self, field: &Ast, operand: Ast, start: usize, end: usize) -> Result<Ast, ExprError> {
        let (Ast::Field(key), Ast::Literal(Value::Text(text))) = (field, &operand) else {
            return Ok(operand);
        };
        let scope = self.scope;
        let Some(field) = scope.field(key) else {
            return Ok(operand);
        };
        let told = |key: &'static str| {
            let end = self
                .lexer
                .text
                .get(start..end)
                .map_or(end, |t| start + t.trim_end().len());
            let message = Message::new(key).with("field", &field.key).with("found", text);
            self.error(start, end, message)
        };
        match (&field.field_type, &field.dictionary) {
            (FieldType::Code(_), Some(dictionary)) => {
                if let Some(entry) = dictionary.resolve(text) {
                    return Ok(Ast::Literal(Value::Text(entry.code.clone())));
                }
                // Values may be older than their dictionary, so it is no error.
                if !text.trim().is_empty() {
                    let mut doubt = told("expr.warning.unknown_label");
                    let names = dictionary
                        .entries
                        .iter()
                        .flat_map(|e| [e.label.zh.as_str(), &e.label.en, &e.code]);
                    doubt.near = nearest(text, names);
                    self.doubts.push(doubt);
                }
                Ok(operand)
            }
            (FieldType::Date, _) => match NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d") {
                Ok(date) => Ok(Ast::Literal(Value::Date(date))),
                Err(_) => Err(told("expr.error.expected_date")),
            },
            (FieldType::Real | FieldType::Integer, _) => arithmetic_number(&Value::Text(text.clone()))
                .map(signed)
                .ok_or_else(|| told("expr.error.expected_number")),
            _ => Ok(operand),
        }
    }

    fn prefix(&mut self) -> Result<Ast, ExprError> {
        let start = self.start;
        match self.token.clone() {
            Token::Number(value) => {
                self.advance()?;
                Ok(Ast::Literal(value))
            }
            Token::Text(text) => {
                self.advance()?;
                Ok(Ast::Literal(Value::Text(text)))
            }
            Token::Name(name) => {
                let end = self.end();
                self.advance()?;
                self.field(&name, start, end)
            }
            Token::Sign("(") => {
                self.advance()?;
                let inner = self.expression(0)?;
                self.take_sign(")", "expr.error.expected_closing")?;
                Ok(inner)
            }
            Token::Sign("-") => {
                self.advance()?;
                Ok(Ast::Negate(Box::new(self.expression(SIGN)?)))
            }
            Token::Sign("+") => {
                self.advance()?;
                self.expression(SIGN)
            }
            Token::Word(word) => self.word(&word),
            Token::Sign(_) | Token::End => Err(self.unexpected("expr.error.expected_value")),
        }
    }

    fn word(&mut self, word: &str) -> Result<Ast, ExprError> {
        let (start, end) = (self.start, self.end());
        match keyword(word) {
            Some("not") => {
                self.advance()?;
                return Ok(Ast::Not(Box::new(self.expression(NOT)?)));
            }
            Some("null") => {
                self.advance()?;
                return Ok(Ast::Literal(Value::Null));
            }
            Some(flag @ ("true" | "false")) => {
                self.advance()?;
                return Ok(Ast::Literal(Value::Boolean(flag == "true")));
            }
            Some(_) => return Err(self.unexpected("expr.error.expected_value")),
            None => {}
        }
        self.advance()?;
        if matches!(self.token, Token::Sign("(")) {
            return self.call(word, start, end);
        }
        if let (true, Token::Text(text)) = (word.eq_ignore_ascii_case("date"), self.token.clone()) {
            let date = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| {
                self.error(
                    self.start,
                    self.end(),
                    Message::new("expr.error.expected_date")
                        .with("field", "date")
                        .with("found", &text),
                )
            })?;
            self.advance()?;
            return Ok(Ast::Literal(Value::Date(date)));
        }
        self.field(word, start, end)
    }

    fn field(&self, name: &str, start: usize, end: usize) -> Result<Ast, ExprError> {
        if let Some(field) = self.scope.resolve(name) {
            return Ok(Ast::Field(field.key.clone()));
        }
        let mut error = self.error(
            start,
            end,
            Message::new("expr.error.unknown_field").with("found", name),
        );
        error.near = nearest(name, self.scope.names());
        Err(error)
    }

    fn call(&mut self, name: &str, start: usize, end: usize) -> Result<Ast, ExprError> {
        let Some(function) = Function::by_name(name) else {
            if let Some(relation) = Relation::by_name(name) {
                return self.place(relation, start, end);
            }
            let mut error = self.error(
                start,
                end,
                Message::new("expr.error.unknown_function").with("found", name),
            );
            let mut names: Vec<String> = Function::ALL.into_iter().map(|f| f.name().to_owned()).collect();
            if self.scope.has_places() {
                names.extend(Relation::ALL.into_iter().flat_map(Relation::names));
            }
            error.near = nearest(name, names.iter().map(String::as_str));
            return Err(error);
        };
        self.advance()?;
        let mut arguments = Vec::new();
        if !matches!(self.token, Token::Sign(")")) {
            arguments.push(self.expression(0)?);
            while matches!(self.token, Token::Sign(",")) {
                self.advance()?;
                arguments.push(self.expression(0)?);
            }
        }
        let close = self.end();
        self.take_sign(")", "expr.error.expected_closing")?;
        let (least, most) = function.argument_count();
        if arguments.len() < least || arguments.len() > most {
            return Err(self.error(
                start,
                close,
                Message::new("expr.error.arguments")
                    .with("function", function.usage())
                    .with("found", arguments.len()),
            ));
        }
        Ok(Ast::Call(function, arguments))
    }
}

impl Parser<'_> {
    /// A condition on a place, from its opening bracket on.
    fn place(&mut self, relation: Relation, start: usize, end: usize) -> Result<Ast, ExprError> {
        if !self.scope.has_places() {
            let message = Message::new("expr.error.place_not_here").with("found", relation.name());
            return Err(self.error(start, end, message));
        }
        self.advance()?;
        let (at, behind) = (self.start, self.end());
        let Token::Text(subject) = self.token.clone() else {
            return Err(self.unfit_place(relation));
        };
        self.advance()?;
        let mut metres = 0.0;
        if relation.has_distance() {
            self.take_sign(",", "expr.error.expected_distance")?;
            metres = match &self.token {
                Token::Number(number) => number.as_real().unwrap_or(0.0),
                Token::Text(text) => match text.trim().parse::<f64>() {
                    Ok(metres) if metres.is_finite() && metres >= 0.0 => metres,
                    _ => return Err(self.unexpected("expr.error.expected_distance")),
                },
                _ => return Err(self.unexpected("expr.error.expected_distance")),
            };
            self.advance()?;
        }
        if !matches!(self.token, Token::Sign(")")) {
            return Err(self.unfit_place(relation));
        }
        self.advance()?;
        let place = Place::new(relation, subject, metres);
        let pointed = self.error(at, behind, Message::new("expr.error.place"));
        self.places.push(PlaceAt {
            place: place.clone(),
            at: pointed.at,
            length: pointed.length,
        });
        Ok(Ast::Place(place))
    }

    fn unfit_place(&self, relation: Relation) -> ExprError {
        let mut error = self.unexpected("expr.error.place");
        error.expected = error.expected.with("expected", relation.usage());
        error
    }
}

/// A number as it would be written.
fn signed(number: Value) -> Ast {
    let opposite = match number {
        Value::Integer(whole) if whole < 0 => whole.checked_neg().map(Value::Integer),
        Value::Real(number) if number < 0.0 => Some(Value::Real(-number)),
        _ => None,
    };
    match opposite {
        Some(opposite) => Ast::Negate(Box::new(Ast::Literal(opposite))),
        None => Ast::Literal(number),
    }
}

#[derive(Debug, Clone, Copy)]
enum Infix {
    Binary(BinaryOp),
    Not,
    Between,
    In,
    Like,
    Is,
}
