//! Reads Rust source just far enough to tell code, literals, comments and tests apart.
//!
//! It is no parser: it knows nothing of items or types.

/// A string or character literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal {
    /// Between the quotes, escapes as they stand.
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) is_in_test: bool,
}

/// A Rust file taken apart.
pub(crate) struct RustSource {
    pub(crate) literals: Vec<Literal>,
    /// The source line by line, literals and comments blanked out; lines of test modules are empty.
    pub(crate) code: Vec<String>,
}

impl RustSource {
    pub(crate) fn read(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut scanner = Scanner {
            chars: &chars,
            at: 0,
            blanked: chars.clone(),
            literals: Vec::new(),
        };
        scanner.scan();
        let Scanner {
            mut blanked,
            literals,
            ..
        } = scanner;
        let tests = test_ranges(&blanked);
        let is_in_test = |at: usize| tests.iter().any(|range| range.contains(&at));
        let mut line_of = Vec::with_capacity(chars.len() + 1);
        let mut line = 1;
        for c in &chars {
            line_of.push(line);
            line += usize::from(*c == '\n');
        }
        line_of.push(line);
        let literals = literals
            .into_iter()
            .map(|(start, end)| Literal {
                text: chars[start..end].iter().collect(),
                line: line_of[start],
                is_in_test: is_in_test(start),
            })
            .collect();
        for (at, c) in blanked.iter_mut().enumerate() {
            if *c != '\n' && is_in_test(at) {
                *c = ' ';
            }
        }
        let code = blanked
            .iter()
            .collect::<String>()
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        Self { literals, code }
    }
}

struct Scanner<'a> {
    chars: &'a [char],
    at: usize,
    blanked: Vec<char>,
    /// Start and end of the text between the quotes.
    literals: Vec<(usize, usize)>,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn scan(&mut self) {
        while let Some(c) = self.peek(0) {
            match c {
                '/' if self.peek(1) == Some('/') => self.line_comment(),
                '/' if self.peek(1) == Some('*') => self.block_comment(),
                '"' => self.string(),
                'r' if self.begins_raw_string() => self.raw_string(),
                '\'' => self.character_or_lifetime(),
                _ => self.at += 1,
            }
        }
    }

    fn blank(&mut self, from: usize, to: usize) {
        let to = to.min(self.blanked.len());
        for c in &mut self.blanked[from..to] {
            if *c != '\n' {
                *c = ' ';
            }
        }
    }

    fn line_comment(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.at += 1;
        }
        self.blank(start, self.at);
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0;
        while let Some(c) = self.peek(0) {
            if c == '/' && self.peek(1) == Some('*') {
                depth += 1;
                self.at += 2;
            } else if c == '*' && self.peek(1) == Some('/') {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    break;
                }
            } else {
                self.at += 1;
            }
        }
        self.blank(start, self.at);
    }

    fn string(&mut self) {
        let start = self.at + 1;
        self.at = start;
        while let Some(c) = self.peek(0) {
            match c {
                '\\' => self.at += 2,
                '"' => break,
                _ => self.at += 1,
            }
        }
        let end = self.at.min(self.chars.len());
        self.literals.push((start, end));
        self.blank(start, end);
        self.at = end + 1;
    }

    fn hashes_after_r(&self) -> usize {
        self.chars
            .iter()
            .skip(self.at + 1)
            .take_while(|c| **c == '#')
            .count()
    }

    /// `r"`, `r#"`, `br##"`; not the `r` at the end of a name.
    fn begins_raw_string(&self) -> bool {
        let before = self
            .at
            .checked_sub(1)
            .and_then(|at| self.chars.get(at))
            .copied()
            .unwrap_or(' ');
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let is_start = !is_name(before) || before == 'b' || before == 'c';
        let hashes = self.hashes_after_r();
        is_start && self.peek(1 + hashes) == Some('"')
    }

    fn raw_string(&mut self) {
        let hashes = self.hashes_after_r();
        let start = self.at + hashes + 2;
        let mut end = start;
        let closes = |at: usize| {
            self.chars.get(at) == Some(&'"') && (1..=hashes).all(|n| self.chars.get(at + n) == Some(&'#'))
        };
        while end < self.chars.len() && !closes(end) {
            end += 1;
        }
        let end = end.min(self.chars.len());
        self.literals.push((start.min(end), end));
        self.blank(start.min(end), end);
        self.at = end + hashes + 1;
    }

    fn character_or_lifetime(&mut self) {
        let start = self.at + 1;
        let end = match (self.peek(1), self.peek(2)) {
            (Some('\\'), Some(_)) => (start + 2..self.chars.len()).find(|at| self.chars[*at] == '\''),
            (Some(_), Some('\'')) => Some(start + 1),
            _ => None,
        };
        let Some(end) = end else {
            self.at += 1;
            return;
        };
        self.literals.push((start, end));
        self.blank(start, end);
        self.at = end + 1;
    }
}

/// Where the items under `#[cfg(test)]` lie, in source whose literals and comments are blanked out.
fn test_ranges(blanked: &[char]) -> Vec<std::ops::Range<usize>> {
    const MARK: &str = "#[cfg(test)]";
    let mark: Vec<char> = MARK.chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at + mark.len() <= blanked.len() {
        if blanked[at..at + mark.len()] != mark[..] {
            at += 1;
            continue;
        }
        let start = at;
        let mut depth = 0_usize;
        at += mark.len();
        while at < blanked.len() {
            match blanked[at] {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
            if depth == 0 && ['}', ';'].contains(&blanked[at - 1]) {
                break;
            }
        }
        ranges.push(start..at);
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(source: &str) -> Vec<String> {
        RustSource::read(source)
            .literals
            .into_iter()
            .map(|literal| literal.text)
            .collect()
    }

    #[test]
    fn literals_of_every_kind_are_found_and_comments_are_not() {
        let source = [
            "// \"a comment\"",
            "/* \"a /* nested */ comment\" */",
            "let a = \"plain\"; let b = r#\"raw \"quoted\"\"#; let c = 'c'; let d = '\\''; let e = b\"bytes\";",
            "let f = \"say \\\"hi\\\"\"; fn g<'a>(x: &'a str) -> &'a str { x }",
        ]
        .join("\n");
        assert_eq!(
            literals(&source),
            ["plain", "raw \"quoted\"", "c", "\\'", "bytes", "say \\\"hi\\\""]
        );
    }

    #[test]
    fn a_name_that_ends_in_r_begins_no_raw_string() {
        assert_eq!(literals(r#"macro_for!("x"); for"y";"#), ["x", "y"]);
    }

    #[test]
    fn what_stands_under_cfg_test_is_told_apart() {
        let source = "const A: &str = \"a\";\n#[cfg(test)]\nmod tests {\n  fn f() { let b = \"}\"; }\n}\nconst C: char = 'c';\n";
        let read = RustSource::read(source);
        let flags: Vec<(&str, bool)> = read
            .literals
            .iter()
            .map(|l| (l.text.as_str(), l.is_in_test))
            .collect();
        assert_eq!(flags, [("a", false), ("}", true), ("c", false)]);
        assert_eq!(read.code[3], "");
        assert_eq!(read.code[5], "const C: char = ' ';");
    }

    #[test]
    fn source_that_breaks_off_is_read_to_its_end() {
        for source in [
            "\"open",
            "r#\"open",
            "'",
            "'\\",
            "/* open",
            "#[cfg(test)]",
            "#[cfg(test)] mod a {",
        ] {
            RustSource::read(source);
        }
    }
}
