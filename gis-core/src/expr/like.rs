//! `like` as SQLite has it: `%` any text, `_` any character, ASCII letters without case.

pub(crate) fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut t, mut p) = (0, 0);
    // Where the last `%` stands, and how much of the text it has swallowed.
    let mut last: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('%') => {
                last = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '_' || c.eq_ignore_ascii_case(&text[t]) => {
                t += 1;
                p += 1;
            }
            _ => match last {
                Some((percent, swallowed)) => {
                    last = Some((percent, swallowed + 1));
                    t = swallowed + 1;
                    p = percent + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == '%')
}
