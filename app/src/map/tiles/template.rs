//! Addresses of tiles: a template with places for level, column and row. It sends nothing.

use gis_core::{Error, Message, Result};
use walkers::TileId;

/// A checked template. The key is filled in only for the request and is never part of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
    subdomains: Vec<String>,
    needs_key: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Level,
    Column,
    Row,
    /// Counted from the south, as TMS does.
    RowFromSouth,
    Quadkey,
    Subdomain,
    Key,
}

impl Template {
    /// Takes `http` and `https` addresses with `{z}`, `{x}` and `{y}` (or `{-y}`, or `{q}` for all three), `{s}`
    /// and `{key}`; the names of WMTS (`{TileMatrix}`, `{TileCol}`, `{TileRow}`) mean the same.
    ///
    /// # Errors
    /// It is no such address; the message says what is missing or unknown.
    pub fn parse(text: &str, subdomains: &[String]) -> Result<Self> {
        let text = text.trim();
        let bad = |key: &'static str| Error::bad_input(Message::new(key).with("template", text));
        if !(text.starts_with("http://") || text.starts_with("https://")) {
            return Err(bad("basemap.template.no_http"));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let Some((name, after)) = after.split_once('}') else {
                return Err(bad("basemap.template.no_end"));
            };
            parts.push(match name.to_ascii_lowercase().as_str() {
                "z" | "tilematrix" => Part::Level,
                "x" | "tilecol" => Part::Column,
                "y" | "tilerow" => Part::Row,
                "-y" => Part::RowFromSouth,
                "q" => Part::Quadkey,
                "s" => Part::Subdomain,
                "key" | "tk" | "token" => Part::Key,
                _ => {
                    return Err(Error::bad_input(
                        Message::new("basemap.template.unknown")
                            .with("template", text)
                            .with("name", name),
                    ));
                }
            });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let has = |part: &Part| parts.contains(part);
        let has_row = has(&Part::Row) || has(&Part::RowFromSouth);
        if !(has(&Part::Quadkey) || has(&Part::Level) && has(&Part::Column) && has_row) {
            return Err(bad("basemap.template.incomplete"));
        }
        if has(&Part::Subdomain) && subdomains.is_empty() {
            return Err(bad("basemap.template.no_subdomains"));
        }
        Ok(Self {
            needs_key: has(&Part::Key),
            parts,
            subdomains: subdomains.to_vec(),
        })
    }

    pub fn needs_key(&self) -> bool {
        self.needs_key
    }

    /// The address of one tile; `rows` is how many its level has.
    pub(super) fn url(&self, id: TileId, rows: u32, key: &str) -> String {
        use std::fmt::Write as _;
        let mut url = String::new();
        for part in &self.parts {
            let written = match part {
                Part::Text(text) => write!(url, "{text}"),
                Part::Level => write!(url, "{}", id.zoom),
                Part::Column => write!(url, "{}", id.x),
                Part::Row => write!(url, "{}", id.y),
                Part::RowFromSouth => write!(url, "{}", rows.saturating_sub(1 + id.y)),
                Part::Quadkey => write!(url, "{}", quadkey(id)),
                Part::Subdomain => {
                    let one = (id.x + id.y) as usize % self.subdomains.len().max(1);
                    write!(url, "{}", self.subdomains.get(one).map_or("", String::as_str))
                }
                Part::Key => write!(url, "{}", key.trim()),
            };
            debug_assert!(written.is_ok(), "a string takes all that is written");
        }
        url
    }
}

/// The names for `{s}` as one types them: separated by commas or blanks, `t0-t7` for all between.
pub fn subdomains(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c == ',' || c == '\u{ff0c}' || c.is_whitespace());
    parts
        .filter(|part| !part.is_empty())
        .flat_map(|part| range(part).unwrap_or_else(|| vec![part.to_owned()]))
        .collect()
}

/// `t0-t7` and the like; `None` for anything else.
fn range(part: &str) -> Option<Vec<String>> {
    const MOST: u32 = 64;
    let stem = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let (first, last) = part.split_once('-')?;
    let name = stem(first);
    let number = |text: &str| text.strip_prefix(name.as_str())?.parse::<u32>().ok();
    let (first, last) = (number(first)?, number(last)?);
    let is_range = stem(part.split_once('-')?.1) == name && first <= last && last - first < MOST;
    is_range.then(|| (first..=last).map(|i| format!("{name}{i}")).collect())
}

fn quadkey(id: TileId) -> String {
    (0..id.zoom)
        .rev()
        .map(|bit| char::from(b'0' + (id.x >> bit & 1) as u8 + 2 * (id.y >> bit & 1) as u8))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: TileId = TileId { x: 3, y: 5, zoom: 3 };

    fn url(template: &str) -> String {
        let subdomains = ["a".to_owned(), "b".to_owned()];
        Template::parse(template, &subdomains).unwrap().url(ID, 8, " K ")
    }

    #[test]
    fn every_placeholder_is_filled_in() {
        assert_eq!(url("http://{s}.x/{z}/{x}/{y}.png"), "http://a.x/3/3/5.png");
        assert_eq!(url("https://x/{z}/{x}/{-y}?tk={key}"), "https://x/3/3/2?tk=K");
        assert_eq!(
            url("http://x/wmts/{TileMatrix}/{TileRow}/{TileCol}"),
            "http://x/wmts/3/5/3"
        );
        assert_eq!(url("http://x/{q}"), "http://x/213");
    }

    #[test]
    fn names_of_servers_are_listed_or_counted() {
        assert_eq!(subdomains("a, b，c"), ["a", "b", "c"]);
        assert_eq!(subdomains("t0-t3 x"), ["t0", "t1", "t2", "t3", "x"]);
        assert_eq!(subdomains("1-2"), ["1", "2"]);
        assert_eq!(subdomains("east-1 t3-t0 t0-u4"), ["east-1", "t3-t0", "t0-u4"]);
        assert!(subdomains(" , ").is_empty());
    }

    #[test]
    fn a_template_that_cannot_work_is_refused_with_the_reason() {
        for (template, key) in [
            ("x/{z}/{x}/{y}", "basemap.template.no_http"),
            ("http://x/{z}/{x}", "basemap.template.incomplete"),
            ("http://x/{z}/{x}/{y}/{w}", "basemap.template.unknown"),
            ("http://x/{z}/{x}/{y", "basemap.template.no_end"),
            ("http://{s}/{z}/{x}/{y}", "basemap.template.no_subdomains"),
        ] {
            let Err(Error::BadInput(message)) = Template::parse(template, &[]) else {
                panic!("{template} was taken");
            };
            assert_eq!(message.key(), key);
        }
    }
}
