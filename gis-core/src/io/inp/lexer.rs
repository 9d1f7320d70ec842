//! Cuts the text of an EPANET input file into sections, lines and tokens. It knows no section's meaning.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// What EPANET calls a section; it compares only the first letters, so `[JUNC]` and `[JUNCTION]` are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Section {
    Title,
    Junctions,
    Reservoirs,
    Tanks,
    Pipes,
    Pumps,
    Valves,
    Controls,
    Rules,
    Demands,
    Sources,
    Emitters,
    Patterns,
    Curves,
    Quality,
    Status,
    Roughness,
    Energy,
    Reactions,
    Mixing,
    Report,
    Times,
    Options,
    Coordinates,
    Vertices,
    Labels,
    Backdrop,
    Tags,
    Leakage,
    End,
}

impl Section {
    const ALL: [(&'static str, Self); 30] = [
        ("titl", Self::Title),
        ("junc", Self::Junctions),
        ("rese", Self::Reservoirs),
        ("tank", Self::Tanks),
        ("pipe", Self::Pipes),
        ("pump", Self::Pumps),
        ("valv", Self::Valves),
        ("cont", Self::Controls),
        ("rule", Self::Rules),
        ("dema", Self::Demands),
        ("sour", Self::Sources),
        ("emit", Self::Emitters),
        ("patt", Self::Patterns),
        ("curv", Self::Curves),
        ("qual", Self::Quality),
        ("stat", Self::Status),
        ("roug", Self::Roughness),
        ("ener", Self::Energy),
        ("reac", Self::Reactions),
        ("mixi", Self::Mixing),
        ("repo", Self::Report),
        ("time", Self::Times),
        ("opti", Self::Options),
        ("coor", Self::Coordinates),
        ("vert", Self::Vertices),
        ("labe", Self::Labels),
        ("back", Self::Backdrop),
        ("tags", Self::Tags),
        ("leak", Self::Leakage),
        ("end", Self::End),
    ];

    fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        Self::ALL
            .iter()
            .find(|(start, _)| name.starts_with(start))
            .map(|(_, section)| *section)
    }
}

/// One line with something on it.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    /// Counted from 1 in the file.
    pub(super) number: u64,
    /// Split at blanks; a quoted text is one token without its quotes.
    pub(super) tokens: Vec<&'a str>,
    /// After the first `;`, trimmed.
    pub(super) comment: &'a str,
}

/// The lines between one heading and the next.
#[derive(Debug, Clone)]
pub(super) struct Block<'a> {
    /// `None` where EPANET has no such section.
    pub(super) section: Option<Section>,
    /// As written between the brackets.
    pub(super) name: &'a str,
    /// Line of the heading.
    pub(super) number: u64,
    /// Lines with tokens.
    pub(super) lines: Vec<Line<'a>>,
    /// All lines as they stand, comments and empty ones included, heading not.
    pub(super) text: String,
}

/// A file cut up.
#[derive(Debug, Clone, Default)]
pub(super) struct Blocks<'a> {
    pub(super) list: Vec<Block<'a>>,
    /// First line with tokens that stands before any heading.
    pub(super) before_first: Option<Line<'a>>,
    /// First line with tokens after `[END]`, where EPANET stops reading.
    pub(super) after_end: Option<Line<'a>>,
    /// Characters that could not be decoded were replaced.
    pub(super) is_damaged: bool,
}

/// The text of a file and whether something in it could not be decoded. UTF-8 where it is valid, UTF-16 by its
/// mark, GB 18030 (GBK) or another legacy encoding by its bytes.
pub(super) fn decode(bytes: &[u8]) -> (String, bool) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        let (text, _, damaged) = encoding.decode(bytes);
        return (text.into_owned(), damaged);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), false);
    }
    // A UTF-16 file without a mark is half zeros.
    let zeros = |odd: usize| {
        bytes
            .iter()
            .take(512)
            .skip(odd)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    for (odd, encoding) in [(1, UTF_16LE), (0, UTF_16BE)] {
        if zeros(odd) * 4 > bytes.len().min(512) {
            let (text, _, damaged) = encoding.decode(bytes);
            return (text.into_owned(), damaged);
        }
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    for encoding in [guessed, GB18030] {
        let (text, _, damaged) = encoding.decode(bytes);
        if !damaged {
            return (text.into_owned(), false);
        }
    }
    (UTF_8.decode(bytes).0.into_owned(), true)
}

/// Cuts `text` at its headings.
pub(super) fn split(text: &str) -> Blocks<'_> {
    let mut out = Blocks::default();
    let mut has_ended = false;
    for (i, raw) in text.lines().enumerate() {
        let number = i as u64 + 1;
        let (content, comment) = raw.split_once(';').unwrap_or((raw, ""));
        let tokens = tokens(content);
        let heading = tokens.first().filter(|t| !has_ended && t.starts_with('['));
        if heading.is_some() {
            // The name may hold blanks and lack its closing bracket.
            let name = content
                .trim()
                .trim_start_matches('[')
                .split(']')
                .next()
                .unwrap_or_default()
                .trim();
            let section = Section::from_name(name);
            if section == Some(Section::End) {
                has_ended = true;
            } else {
                out.list.push(Block {
                    section,
                    name,
                    number,
                    lines: Vec::new(),
                    text: String::new(),
                });
            }
            continue;
        }
        let line = || Line {
            number,
            tokens: tokens.clone(),
            comment: comment.trim_matches(is_filler),
        };
        if has_ended {
            if !tokens.is_empty() && out.after_end.is_none() {
                out.after_end = Some(line());
            }
            continue;
        }
        match out.list.last_mut() {
            Some(block) => {
                block.text.push_str(raw);
                block.text.push('\n');
                if !tokens.is_empty() {
                    block.lines.push(line());
                }
            }
            None if !tokens.is_empty() && out.before_first.is_none() => out.before_first = Some(line()),
            None => {}
        }
    }
    out
}

fn is_filler(c: char) -> bool {
    c.is_whitespace() || c == ';'
}

fn tokens(content: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = content.trim_start();
    while !rest.is_empty() {
        let (token, after) = if let Some(quoted) = rest.strip_prefix('"') {
            quoted.split_once('"').unwrap_or((quoted, ""))
        } else {
            rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()))
        };
        out.push(token.trim());
        rest = after.trim_start();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_by_their_first_letters_in_any_case() {
        let blocks = split("[junc]\n a 1\n[ Pipes ]\n[STATUS\n[SWIRLS] ; what?\n[END]\nlate").list;
        let sections: Vec<_> = blocks.iter().map(|b| (b.section, b.name, b.number)).collect();
        assert_eq!(
            sections,
            [
                (Some(Section::Junctions), "junc", 1),
                (Some(Section::Pipes), "Pipes", 3),
                (Some(Section::Status), "STATUS", 4),
                (None, "SWIRLS", 5),
            ]
        );
    }

    #[test]
    fn lines_keep_their_number_comment_and_quoted_tokens() {
        let out = split("[LABELS]\n;head\n\n 1\t2  \"两个 词\" \"open ; 说明;\n");
        let line = &out.list[0].lines[0];
        assert_eq!(line.number, 4);
        assert_eq!(line.tokens, ["1", "2", "两个 词", "open"]);
        assert_eq!(line.comment, "说明");
        assert_eq!(out.list[0].text, ";head\n\n 1\t2  \"两个 词\" \"open ; 说明;\n");
    }

    #[test]
    fn text_before_a_heading_and_after_the_end_is_told() {
        let out = split("stray 1\n[TITLE]\nx\n[END]\n\nlate 2\n[PIPES]\n");
        assert_eq!(out.before_first.unwrap().number, 1);
        assert_eq!(out.after_end.unwrap().number, 6);
        assert_eq!(out.list.len(), 1);
    }

    #[test]
    fn every_usual_encoding_gives_the_same_text() {
        let text = "[TITLE]\n天池示范区供水管网模型\n[JUNCTIONS]\n 节点一 12.5 ; 阀门井旁的三通\n";
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let with_mark = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &with_mark, &utf16, &GB18030.encode(text).0] {
            assert_eq!(decode(bytes), (text.to_owned(), false));
        }
        let (latin, damaged) = decode(b"[TITLE]\nR\xe9seau d'eau de la ville de Gen\xe8ve\n");
        assert!(!damaged, "{latin}");
        assert!(decode(b"\x00\xff\xfe\x80\x81").1 || !decode(b"\x00\xff\xfe\x80\x81").0.is_empty());
    }
}
