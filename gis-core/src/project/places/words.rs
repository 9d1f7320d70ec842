//! Texts as words for the index: every Chinese sign is a word, and so is every run of letters or of digits, so that
//! spaces, full-width forms, capitals and punctuation do not matter.

/// The words of a text in their order.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = Kind::Gap;
    for sign in text.chars().flat_map(folded) {
        let kind = kind(sign);
        match kind {
            Kind::Gap => {}
            Kind::Sign => words.push(sign.to_string()),
            Kind::Letter | Kind::Digit => match words.last_mut() {
                Some(word) if kind == last => word.push(sign),
                _ => words.push(sign.to_string()),
            },
        }
        last = kind;
    }
    words
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gap,
    /// Stands for a word of its own.
    Sign,
    Letter,
    Digit,
}

fn kind(sign: char) -> Kind {
    match sign {
        // Ideographs, kana and hangul, with their extensions.
        '\u{3040}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => {
            if sign.is_alphanumeric() {
                Kind::Sign
            } else {
                Kind::Gap
            }
        }
        _ if sign.is_numeric() => Kind::Digit,
        _ if sign.is_alphabetic() => Kind::Letter,
        _ => Kind::Gap,
    }
}

/// Half-width, in small letters.
fn folded(sign: char) -> impl Iterator<Item = char> {
    let half = match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
        '\u{3000}' => ' ',
        other => other,
    };
    half.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_widths_capitals_and_punctuation_do_not_matter() {
        let plain = words("友好北路12号");
        assert_eq!(plain, ["友", "好", "北", "路", "12", "号"]);
        assert_eq!(words("友好北路 １２ 号"), plain);
        assert_eq!(words("友好 北路，12号。"), plain);
        assert_eq!(words("DN300-A"), ["dn", "300", "a"]);
        assert_eq!(words("ＤＮ300 a"), ["dn", "300", "a"]);
        assert_eq!(words("3-2-101室"), ["3", "2", "101", "室"]);
        assert!(words(" －、 ").is_empty());
    }
}
