//! Finds out in which encoding text was written, and decodes it. It opens no file.
//!
//! Chinese sources come as UTF-8 or GBK (GB18030 contains it), and what they say about themselves is often
//! wrong. UTF-8 is checked strictly first; where both readings are possible, the one that gives the common
//! characters of GB 2312 or of Chinese in UTF-8 is taken; where that does not decide, the user is asked.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::text::Message;

/// Text whose encoding cannot be told from its bytes: to be asked once, with what each answer would give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EncodingQuestion {
    /// File the text is in.
    pub file: String,
    pub candidates: Vec<EncodingCandidate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EncodingCandidate {
    /// To be given as `ImportOptions::encoding`.
    pub encoding: String,
    /// Some of the texts, read so.
    pub preview: Vec<String>,
}

impl EncodingQuestion {
    pub(super) fn into_error(self) -> Error {
        let candidates: Vec<String> = self
            .candidates
            .iter()
            .map(|c| format!("{}: {}", c.encoding, c.preview.join(" ")))
            .collect();
        Error::bad_input(
            Message::new("io.encoding.undecided")
                .with("file", self.file)
                .with("candidates", candidates.join("; ")),
        )
    }
}

/// What the bytes say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    /// ASCII only: any encoding will do.
    Plain,
    Is(&'static Encoding),
    Undecided,
}

/// An encoding by its name (`GBK`, `cp936`, `utf8`, `65001`); GBK is read as GB18030, which contains it.
pub(super) fn by_name(name: &str) -> Option<&'static Encoding> {
    let plain: String = name
        .trim_start_matches('\u{feff}')
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase();
    let found = match plain.as_str() {
        "936" | "cp936" | "ms936" | "ansi936" | "gbk" | "gb2312" | "gb18030" | "54936" | "cp54936"
        | "euccn" => GB18030,
        "65001" | "cp65001" | "utf8" | "utf8encoding" => UTF_8,
        "950" | "cp950" | "ansi950" | "big5" => encoding_rs::BIG5,
        "932" | "cp932" | "ansi932" => encoding_rs::SHIFT_JIS,
        "1252" | "cp1252" | "ansi1252" | "ansi" | "88591" | "iso88591" | "latin1" => {
            encoding_rs::WINDOWS_1252
        }
        "1251" | "cp1251" | "ansi1251" => encoding_rs::WINDOWS_1251,
        _ => Encoding::for_label(name.trim().as_bytes())?,
    };
    Some(if found == encoding_rs::GBK { GB18030 } else { found })
}

/// # Errors
/// No encoding of that name.
pub(super) fn required(name: &str) -> Result<&'static Encoding> {
    by_name(name).ok_or_else(|| Error::bad_input(Message::new("io.encoding.unknown").with("found", name)))
}

/// Collects texts as bytes and judges them.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    seen: u64,
    utf8_errors: u64,
    utf8_chars: u64,
    utf8_likely: u64,
    gb_errors: u64,
    gb_chars: u64,
    gb_likely: u64,
    preview: Vec<Vec<u8>>,
}

const PREVIEWS: usize = 8;

impl Evidence {
    /// One text; one that fills its field may end in half a character, which proves nothing.
    pub(super) fn add(&mut self, raw: &[u8], may_be_cut: bool) {
        if raw.is_ascii() {
            return;
        }
        self.seen += 1;
        if self.preview.len() < PREVIEWS && !self.preview.iter().any(|p| p == raw) {
            self.preview.push(raw.to_vec());
        }
        let utf8 = decode_strictly(UTF_8, raw, may_be_cut);
        match utf8 {
            None => self.utf8_errors += 1,
            Some(text) => {
                for c in text.chars().filter(|c| !c.is_ascii()) {
                    self.utf8_chars += 1;
                    self.utf8_likely += u64::from(is_chinese(c));
                }
            }
        }
        match decode_strictly(GB18030, raw, may_be_cut) {
            None => self.gb_errors += 1,
            Some(_) => self.count_gb(raw),
        }
    }

    /// Counts double-byte characters, and those of them in the symbols and level 1 of GB 2312: 99 % of what is
    /// written, but hardly ever met when UTF-8 is read as GBK.
    fn count_gb(&mut self, raw: &[u8]) {
        let mut i = 0;
        while i < raw.len() {
            let lead = raw[i];
            if lead < 0x81 {
                i += 1;
                continue;
            }
            let Some(&trail) = raw.get(i + 1) else { break };
            self.gb_chars += 1;
            if (0x30..=0x39).contains(&trail) {
                i += 4;
                continue;
            }
            let is_common = matches!(lead, 0xa1..=0xa3 | 0xb0..=0xd7) && trail >= 0xa1;
            self.gb_likely += u64::from(is_common);
            i += 2;
        }
    }

    pub(super) fn has_enough(&self) -> bool {
        self.seen >= 2_000
    }

    /// `declared` is what the source says of itself.
    pub(super) fn verdict(&self, declared: Option<&'static Encoding>) -> Verdict {
        if self.seen == 0 {
            return Verdict::Plain;
        }
        let share = |part: u64, whole: u64| {
            if whole == 0 {
                0.0
            } else {
                part as f64 / whole as f64
            }
        };
        // A stray broken value in thousands does not decide; that value becomes an issue.
        let bearable = self.seen / 200;
        let utf8_fits = self.utf8_errors <= bearable;
        let gb_fits = self.gb_errors <= bearable;
        let utf8_likely = share(self.utf8_likely, self.utf8_chars);
        let gb_likely = share(self.gb_likely, self.gb_chars);
        match (utf8_fits, gb_fits) {
            (true, false) => Verdict::Is(UTF_8),
            (true, true) if utf8_likely >= 0.5 && gb_likely < 0.7 => Verdict::Is(UTF_8),
            (true, true) if utf8_likely < 0.5 && gb_likely >= 0.7 && declared != Some(UTF_8) => {
                Verdict::Is(GB18030)
            }
            (true, true) if utf8_likely < 0.5 && gb_likely < 0.5 => {
                // Neither reads as Chinese: another language. Strict UTF-8 is no accident.
                Verdict::Is(UTF_8)
            }
            (true, true) => Verdict::Undecided,
            (false, true) if gb_likely >= 0.6 => Verdict::Is(GB18030),
            (false, _) => match declared {
                Some(other) if other != UTF_8 && other != GB18030 && self.fits(other) => Verdict::Is(other),
                Some(other) if other == GB18030 && gb_fits => Verdict::Is(GB18030),
                _ => self.outsider().map_or(Verdict::Undecided, Verdict::Is),
            },
        }
    }

    fn fits(&self, encoding: &'static Encoding) -> bool {
        self.preview
            .iter()
            .all(|raw| decode_strictly(encoding, raw, true).is_some())
    }

    /// Neither UTF-8 nor GB18030: only a mixture of the two is settled here, by the greater part.
    fn outsider(&self) -> Option<&'static Encoding> {
        if self.utf8_errors * 10 < self.seen {
            Some(UTF_8)
        } else if self.gb_errors * 10 < self.seen && self.gb_likely * 10 > self.gb_chars * 6 {
            Some(GB18030)
        } else {
            None
        }
    }

    pub(super) fn question(&self, file: &str, declared: Option<&'static Encoding>) -> EncodingQuestion {
        let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
        for raw in &self.preview {
            detector.feed(raw, false);
        }
        detector.feed(b"", true);
        let guess = detector.guess(None, chardetng::Utf8Detection::Allow);
        let mut encodings = vec![UTF_8, GB18030];
        for other in declared.into_iter().chain([guess, encoding_rs::BIG5]) {
            let other = if other == encoding_rs::GBK { GB18030 } else { other };
            if !encodings.contains(&other) {
                encodings.push(other);
            }
        }
        let candidates = encodings
            .into_iter()
            .map(|encoding| EncodingCandidate {
                encoding: encoding.name().to_owned(),
                preview: self
                    .preview
                    .iter()
                    .map(|raw| encoding.decode_without_bom_handling(raw).0.into_owned())
                    .collect(),
            })
            .collect();
        EncodingQuestion {
            file: file.to_owned(),
            candidates,
        }
    }
}

/// Whether a character is one that Chinese text is made of.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{3000}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}'
        | '\u{2010}'..='\u{206f}' | '\u{2100}'..='\u{22ff}' | '\u{2460}'..='\u{25ff}'
        | '\u{b0}' | '\u{b1}' | '\u{b2}' | '\u{b3}' | '\u{b7}' | '\u{d7}' | '\u{d8}' | '\u{f7}' | '\u{3a6}' | '\u{3c6}')
}

/// The text, or `None` where the bytes are no text in that encoding. Half a character at the end is left out
/// where the text may have been cut.
fn decode_strictly<'a>(encoding: &'static Encoding, raw: &'a [u8], may_be_cut: bool) -> Option<Cow<'a, str>> {
    let whole = encoding.decode_without_bom_handling_and_without_replacement(raw);
    if whole.is_some() || !may_be_cut {
        return whole;
    }
    (1..=3.min(raw.len())).find_map(|tail| {
        let (kept, cut) = raw.split_at(raw.len() - tail);
        is_half_character(encoding, cut)
            .then(|| encoding.decode_without_bom_handling_and_without_replacement(kept))
            .flatten()
    })
}

/// Whether bytes are the beginning of a character and no more.
fn is_half_character(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    if encoding == UTF_8 {
        return std::str::from_utf8(bytes).is_err_and(|e| e.valid_up_to() == 0 && e.error_len().is_none());
    }
    match bytes {
        [lead] => *lead >= 0x81,
        [lead, second] | [lead, second, _] => *lead >= 0x81 && second.is_ascii_digit(),
        _ => false,
    }
}

/// How a text came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quality {
    Exact,
    /// Ended in half a character, which was left out.
    Cut,
    /// In the other of UTF-8 and GB18030 than the rest.
    Other,
    /// Characters were replaced by U+FFFD.
    Broken,
}

/// The text of raw bytes in `encoding`, as well as it can be had.
pub(super) fn decode<'a>(encoding: &'static Encoding, raw: &'a [u8]) -> (Cow<'a, str>, Quality) {
    if let Some(text) = decode_strictly(encoding, raw, false) {
        return (text, Quality::Exact);
    }
    if let Some(text) = decode_strictly(encoding, raw, true) {
        return (text, Quality::Cut);
    }
    let other = if encoding == UTF_8 { GB18030 } else { UTF_8 };
    if let Some(text) = decode_strictly(other, raw, false)
        && (other == UTF_8 || text.chars().all(|c| c.is_ascii() || is_chinese(c)))
    {
        return (text, Quality::Other);
    }
    (encoding.decode_without_bom_handling(raw).0, Quality::Broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    fn verdict(texts: &[Vec<u8>], declared: Option<&str>) -> Verdict {
        let mut evidence = Evidence::default();
        for text in texts {
            evidence.add(text, false);
        }
        evidence.verdict(declared.and_then(by_name))
    }

    #[test]
    fn the_bytes_decide_whatever_the_source_says() {
        for declared in [None, Some("UTF-8"), Some("GBK"), Some("ISO-8859-1"), Some("Big5")] {
            for text in [
                "闸阀",
                "球墨铸铁",
                "天池大街",
                "消防栓",
                "DN200 阀门",
                "联通",
                "一号水厂",
            ] {
                let as_gbk = verdict(&[gbk(text)], declared);
                let as_utf8 = verdict(&[text.as_bytes().to_vec()], declared);
                assert!(
                    as_gbk == Verdict::Is(GB18030)
                        || (declared == Some("UTF-8") && as_gbk == Verdict::Undecided),
                    "GBK {text} {declared:?}: {as_gbk:?}"
                );
                assert_eq!(as_utf8, Verdict::Is(UTF_8), "UTF-8 {text} {declared:?}");
            }
        }
    }

    #[test]
    fn a_character_only_gb18030_has_is_read() {
        assert_eq!(
            verdict(&[gbk("㐱㐲 闸阀 球阀 蝶阀 水表")], None),
            Verdict::Is(GB18030)
        );
        assert_eq!(decode(GB18030, &gbk("㐱")).0, "㐱");
    }

    #[test]
    fn half_a_character_at_the_end_is_left_out() {
        let raw = gbk("天池阀门");
        assert_eq!(decode(GB18030, &raw[..7]), (Cow::from("天池阀"), Quality::Cut));
        assert_eq!(
            decode(UTF_8, &"天池阀门".as_bytes()[..11]),
            (Cow::from("天池阀"), Quality::Cut)
        );
    }

    #[test]
    fn what_reads_well_both_ways_is_asked() {
        // 一 in GBK is U+04BB in UTF-8, a letter of Kazakh and Bashkir.
        let mut evidence = Evidence::default();
        evidence.add(&gbk("一"), false);
        assert_eq!(evidence.verdict(Some(UTF_8)), Verdict::Undecided);
        let question = evidence.question("a.dbf", None);
        assert!(question.candidates.iter().any(|c| c.preview == ["一"]));
        assert!(question.candidates.iter().any(|c| c.preview == ["һ"]));
    }

    #[test]
    fn plain_ascii_needs_no_verdict() {
        assert_eq!(verdict(&[b"DN200".to_vec()], Some("GBK")), Verdict::Plain);
    }
}
