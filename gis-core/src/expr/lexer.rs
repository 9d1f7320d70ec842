//! Cuts the text into words, numbers and signs. Full-width signs of Chinese input methods count as the plain ones.

use std::sync::OnceLock;

use super::error::ExprError;
use crate::model::Value;
use crate::text::{Lang, Message, translate};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Word(String),
    /// A name in double quotes.
    Name(String),
    /// Text in single quotes.
    Text(String),
    Number(Value),
    Sign(&'static str),
    End,
}

/// Longer ones first.
const SIGNS: [&str; 19] = [
    "<>", "!=", "<=", ">=", "==", "||", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", ":", "}",
];

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    /// Byte position of what comes next.
    pub(super) position: usize,
}

/// A letter of a name: letters of any script, digits, underscore.
fn is_word_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a name needs no quotes.
pub(super) fn is_word(name: &str) -> bool {
    name.chars().all(is_word_letter) && name.chars().next().is_some_and(|c| !c.is_numeric())
}

/// The keyword a word stands for.
pub(super) fn keyword(word: &str) -> Option<&'static str> {
    let lower = word.to_ascii_lowercase();
    Some(match lower.as_str() {
        "and" => "and",
        "or" => "or",
        "not" => "not",
        "between" => "between",
        "in" => "in",
        "like" => "like",
        "is" => "is",
        "null" => "null",
        "true" => "true",
        "false" => "false",
        _ => return chinese_keyword(word),
    })
}

/// The keyword a Chinese word stands for, whatever the language of the window.
fn chinese_keyword(word: &str) -> Option<&'static str> {
    static WORDS: OnceLock<[(String, &'static str); 5]> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        [
            (translate("expr.word.and", Lang::ZhCn), "and"),
            (translate("expr.word.or", Lang::ZhCn), "or"),
            (translate("expr.word.not", Lang::ZhCn), "not"),
            (translate("expr.word.yes", Lang::ZhCn), "true"),
            (translate("expr.word.no", Lang::ZhCn), "false"),
        ]
    });
    words
        .iter()
        .find(|(said, _)| said == word)
        .map(|(_, meant)| *meant)
}

fn narrowed(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '‘' | '’' | '“' | '”' => '\'',
        '≥' | '≤' | '≠' => c,
        other => other,
    }
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, position: usize) -> Self {
        Self { text, position }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.position += end;
        rest.get(..end).unwrap_or_default()
    }

    /// The next token with the byte position where it starts.
    pub(super) fn next(&mut self) -> Result<(Token, usize), ExprError> {
        self.take_while(char::is_whitespace);
        let start = self.position;
        let Some(c) = self.peek() else {
            return Ok((Token::End, start));
        };
        let token = match narrowed(c) {
            '\'' => Token::Text(self.quoted(c)?),
            '"' => Token::Name(self.quoted(c)?),
            digit if digit.is_ascii_digit() => Token::Number(self.number()?),
            letter if is_word_letter(letter) => Token::Word(self.take_while(is_word_letter).to_owned()),
            _ => Token::Sign(self.sign()?),
        };
        Ok((token, start))
    }

    fn sign(&mut self) -> Result<&'static str, ExprError> {
        for (single, sign) in [('≥', ">="), ('≤', "<="), ('≠', "<>")] {
            if self.peek() == Some(single) {
                self.position += single.len_utf8();
                return Ok(sign);
            }
        }
        for sign in SIGNS {
            let mut ahead = self.rest().chars();
            if sign.chars().all(|s| ahead.next().map(narrowed) == Some(s)) {
                self.position = self.text.len() - ahead.as_str().len();
                return Ok(match sign {
                    "!=" => "<>",
                    "==" => "=",
                    other => other,
                });
            }
        }
        let c = self.peek().unwrap_or(' ');
        Err(ExprError::new(
            self.text,
            self.position,
            self.position + c.len_utf8(),
            Message::new("expr.error.character").with("found", c),
        ))
    }

    /// Text up to the closing mark; a doubled mark stands for itself.
    fn quoted(&mut self, opening: char) -> Result<String, ExprError> {
        let start = self.position;
        let closing = match opening {
            '‘' | '’' => '’',
            '“' | '”' => '”',
            other => other,
        };
        let mut inside = String::new();
        let mut letters = self.rest().char_indices().skip(1).peekable();
        while let Some((i, c)) = letters.next() {
            if c != closing {
                inside.push(c);
            } else if letters.peek().is_some_and(|(_, next)| *next == closing) {
                inside.push(c);
                letters.next();
            } else {
                self.position += i + c.len_utf8();
                return Ok(inside);
            }
        }
        Err(ExprError::new(
            self.text,
            start,
            self.text.len(),
            Message::new("expr.error.unclosed").with("mark", closing),
        ))
    }

    fn number(&mut self) -> Result<Value, ExprError> {
        let start = self.position;
        self.take_while(|c| c.is_ascii_digit());
        let mut is_real = false;
        let mut ahead = self.rest().chars();
        if ahead.next() == Some('.') && ahead.next().is_some_and(|c| c.is_ascii_digit()) {
            is_real = true;
            self.position += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let exponent = self.rest();
        let mut ahead = exponent.chars();
        if matches!(ahead.next(), Some('e' | 'E')) {
            let digits = ahead.as_str().trim_start_matches(['+', '-']);
            if ahead.as_str().len() - digits.len() <= 1 && digits.starts_with(|c: char| c.is_ascii_digit()) {
                is_real = true;
                self.position += exponent.len() - digits.len();
                self.take_while(|c| c.is_ascii_digit());
            }
        }
        let written = self.text.get(start..self.position).unwrap_or_default();
        if !is_real && let Ok(whole) = written.parse() {
            return Ok(Value::Integer(whole));
        }
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::Real(number)),
            _ => Err(ExprError::new(
                self.text,
                start,
                self.position,
                Message::new("expr.error.number").with("found", written),
            )),
        }
    }
}
