//! Reads a style file and checks it; every complaint names file and line. It decides nothing about drawing.

use std::collections::HashMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::colour::{Rgba, Themed};
use super::shape::Shape;
use super::style::{
    ColourBy, DeviceStyle, DiameterStyle, Highlight, HighlightStyle, NodeSymbol, StyleSet, is_dash,
    is_scale_limit, is_size,
};
use crate::error::{Error, Result};
use crate::text::Message;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StyleFile {
    ground: Themed,
    text: Themed,
    pipe: PipeTable,
    symbol: Vec<Spanned<SymbolEntry>>,
    device: DeviceStyle,
    highlight: Spanned<HashMap<String, Spanned<HighlightEntry>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PipeTable {
    colour_by: ColourBy,
    unknown: Spanned<DiameterEntry>,
    diameter: Spanned<Vec<Spanned<DiameterEntry>>>,
    #[serde(default)]
    material: Vec<Spanned<MaterialEntry>>,
    planned: Spanned<DashEntry>,
    obsolete: Spanned<ObsoleteEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DiameterEntry {
    below_mm: Option<f64>,
    light: Rgba,
    dark: Rgba,
    width_px: f32,
    dash_px: Option<[f32; 2]>,
    hidden_beyond: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MaterialEntry {
    code: String,
    light: Rgba,
    dark: Rgba,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DashEntry {
    dash_px: [f32; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObsoleteEntry {
    light: Rgba,
    dark: Rgba,
    dash_px: [f32; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SymbolEntry {
    class: Option<String>,
    kind: Option<String>,
    /// Several kinds that look the same.
    #[serde(default)]
    kinds: Vec<String>,
    shape: Shape,
    size_px: f32,
    fill: Themed,
    outline: Themed,
    hidden_beyond: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HighlightEntry {
    light: Rgba,
    dark: Rgba,
    widen_px: f32,
}

/// Where in the file a complaint belongs.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn error(&self, span: Option<Range<usize>>, reason: &str) -> Error {
        let start = span.map_or(0, |s| s.start).min(self.text.len());
        let line = self.text.bytes().take(start).filter(|b| *b == b'\n').count() + 1;
        let message = Message::new("cartography.style.wrong");
        Error::bad_input(
            message
                .with("file", self.file)
                .with("line", line)
                .with("reason", reason),
        )
    }

    fn positive<T>(&self, at: &Spanned<T>, name: &str, value: f32) -> Result<f32> {
        if is_size(value) {
            return Ok(value);
        }
        Err(self.error(
            Some(at.span()),
            &format!("{name} is {value}; expected a number above 0 and up to 200"),
        ))
    }

    fn scale<T>(&self, at: &Spanned<T>, value: Option<f64>) -> Result<Option<f64>> {
        if is_scale_limit(value) {
            return Ok(value);
        }
        Err(self.error(
            Some(at.span()),
            "hidden_beyond is a scale denominator; expected a number of 1 or more",
        ))
    }
}

impl StyleSet {
    /// Reads a style file; `file` is the name that errors give.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let source = Source { file, text };
        let read: StyleFile = toml::from_str(text).map_err(|e| source.error(e.span(), e.message().trim()))?;
        let pipe = read.pipe;
        let unknown = diameter_style(&source, &pipe.unknown)?;
        for dash in [
            (pipe.planned.span(), pipe.planned.get_ref().dash_px),
            (pipe.obsolete.span(), pipe.obsolete.get_ref().dash_px),
        ] {
            if !is_dash(dash.1) {
                return Err(source.error(Some(dash.0), "dash_px: expected two numbers above 0"));
            }
        }
        Ok(Self {
            ground: read.ground,
            text: read.text,
            colour_by: pipe.colour_by,
            unknown_diameter: unknown,
            diameters: diameters(&source, &pipe.diameter)?,
            materials: materials(&source, &pipe.material)?,
            planned_dash_px: pipe.planned.get_ref().dash_px,
            obsolete_colour: Themed {
                light: pipe.obsolete.get_ref().light,
                dark: pipe.obsolete.get_ref().dark,
            },
            obsolete_dash_px: pipe.obsolete.get_ref().dash_px,
            symbols: symbols(&source, read.symbol)?,
            device: read.device,
            highlights: highlights(&source, &read.highlight)?,
        })
    }
}

fn diameter_style(source: &Source<'_>, entry: &Spanned<DiameterEntry>) -> Result<DiameterStyle> {
    let e = entry.get_ref();
    if e.dash_px.is_some_and(|dash| !is_dash(dash)) {
        return Err(source.error(Some(entry.span()), "dash_px: expected two numbers above 0"));
    }
    Ok(DiameterStyle {
        below_mm: e.below_mm,
        colour: Themed {
            light: e.light,
            dark: e.dark,
        },
        width_px: source.positive(entry, "width_px", e.width_px)?,
        dash_px: e.dash_px,
        hidden_beyond: source.scale(entry, e.hidden_beyond)?,
    })
}

fn diameters(
    source: &Source<'_>,
    entries: &Spanned<Vec<Spanned<DiameterEntry>>>,
) -> Result<Vec<DiameterStyle>> {
    let list = entries.get_ref();
    let mut previous_mm = 0.0;
    for (i, entry) in list.iter().enumerate() {
        match (entry.get_ref().below_mm, i + 1 == list.len()) {
            (Some(mm), false) if mm > previous_mm => previous_mm = mm,
            (None, true) => {}
            (None, false) => {
                return Err(source.error(
                    Some(entry.span()),
                    "only the last diameter class may lack below_mm",
                ));
            }
            (Some(_), true) => {
                return Err(source.error(
                    Some(entry.span()),
                    "the last diameter class must not have below_mm",
                ));
            }
            (Some(mm), false) => {
                let reason =
                    format!("below_mm is {mm}; expected more than {previous_mm}, the classes must rise");
                return Err(source.error(Some(entry.span()), &reason));
            }
        }
    }
    if list.is_empty() {
        return Err(source.error(Some(entries.span()), "no diameter class"));
    }
    list.iter().map(|entry| diameter_style(source, entry)).collect()
}

fn materials(source: &Source<'_>, entries: &[Spanned<MaterialEntry>]) -> Result<Vec<(String, Themed)>> {
    let mut out: Vec<(String, Themed)> = Vec::new();
    for entry in entries {
        let e = entry.get_ref();
        if out.iter().any(|(code, _)| *code == e.code) {
            return Err(source.error(
                Some(entry.span()),
                &format!("material {} stands here twice", e.code),
            ));
        }
        out.push((
            e.code.clone(),
            Themed {
                light: e.light,
                dark: e.dark,
            },
        ));
    }
    Ok(out)
}

fn symbols(source: &Source<'_>, entries: Vec<Spanned<SymbolEntry>>) -> Result<Vec<NodeSymbol>> {
    let mut out: Vec<NodeSymbol> = Vec::with_capacity(entries.len());
    for entry in entries {
        let size_px = source.positive(&entry, "size_px", entry.get_ref().size_px)?;
        let hidden_beyond = source.scale(&entry, entry.get_ref().hidden_beyond)?;
        let span = entry.span();
        let SymbolEntry {
            class,
            kind,
            mut kinds,
            shape,
            fill,
            outline,
            ..
        } = entry.into_inner();
        if kind.is_some() && !kinds.is_empty() {
            return Err(source.error(Some(span), "either kind or kinds, not both"));
        }
        kinds.extend(kind);
        if class.is_none() && !kinds.is_empty() {
            return Err(source.error(
                Some(span),
                "a symbol with a kind needs the class the kind belongs to",
            ));
        }
        let of_kinds = if kinds.is_empty() {
            vec![None]
        } else {
            kinds.into_iter().map(Some).collect()
        };
        for kind in of_kinds {
            if out.iter().any(|s| s.class == class && s.kind == kind) {
                let of = [
                    class.as_deref().unwrap_or("every class"),
                    kind.as_deref().unwrap_or("every kind"),
                ]
                .join(", ");
                return Err(source.error(Some(span), &format!("a second symbol for {of}")));
            }
            out.push(NodeSymbol {
                class: class.clone(),
                kind,
                shape,
                size_px,
                fill,
                outline,
                hidden_beyond,
            });
        }
    }
    if !out.iter().any(|s| s.class.is_none()) {
        return Err(source.error(
            None,
            "a symbol without class is missing, for classes without a rule",
        ));
    }
    Ok(out)
}

fn highlights(
    source: &Source<'_>,
    entries: &Spanned<HashMap<String, Spanned<HighlightEntry>>>,
) -> Result<[HighlightStyle; Highlight::ALL.len()]> {
    let table = entries.get_ref();
    let names = HIGHLIGHT_NAMES;
    if let Some((name, entry)) = table
        .iter()
        .filter(|(name, _)| !names.contains(&name.as_str()))
        .min_by_key(|e| e.0)
    {
        let reason = format!("{name} is no highlight; known are {}", names.join(", "));
        return Err(source.error(Some(entry.span()), &reason));
    }
    let mut out = [HighlightStyle {
        colour: Themed {
            light: Rgba::BLACK,
            dark: Rgba::WHITE,
        },
        widen_px: 0.0,
    }; Highlight::ALL.len()];
    for (slot, name) in out.iter_mut().zip(names) {
        let entry = table
            .get(name)
            .ok_or_else(|| source.error(Some(entries.span()), &format!("highlight.{name} is missing")))?;
        let e = entry.get_ref();
        if !e.widen_px.is_finite() || !(0.0..=50.0).contains(&e.widen_px) {
            return Err(source.error(Some(entry.span()), "widen_px: expected a number from 0 to 50"));
        }
        *slot = HighlightStyle {
            colour: Themed {
                light: e.light,
                dark: e.dark,
            },
            widen_px: e.widen_px,
        };
    }
    Ok(out)
}

/// Names in the file, in the order of `Highlight::ALL`.
const HIGHLIGHT_NAMES: [&str; Highlight::ALL.len()] = [
    "burst_place",
    "isolated",
    "cut_off",
    "dry_before",
    "close",
    "check",
    "optional",
    "inoperable",
    "hydrant",
    "customer",
    "path",
    "selection",
    "hover",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Lang;

    const DEFAULT: &str = include_str!("../../../assets/styles/default.toml");

    fn complaint(text: &str) -> String {
        StyleSet::parse("my.toml", text).unwrap_err().text(Lang::En)
    }

    /// The complaint after the first `from` of the built-in file became `to`, and the line that stands on.
    fn check(from: &str, to: &str, expected: &str) {
        let at = DEFAULT.find(from).unwrap();
        let before = DEFAULT.get(..at).unwrap();
        let line = before.lines().count() + usize::from(before.ends_with('\n'));
        let text = complaint(&DEFAULT.replacen(from, to, 1));
        assert!(text.starts_with("my.toml, line "), "{text}");
        assert!(text.contains(expected), "{text}");
        let after = text.strip_prefix("my.toml, line ").unwrap();
        let named: usize = after.split(':').next().unwrap().parse().unwrap();
        assert!(line.abs_diff(named) <= 8, "line {line} expected near: {text}");
    }

    #[test]
    fn the_styles_the_program_comes_with_are_right() {
        StyleSet::builtin().unwrap();
    }

    #[test]
    fn complaints_name_file_and_line() {
        check("\"#79b4ea\"", "\"blue\"", "\"blue\" is no colour");
        check("below_mm = 200", "below_mm = 90", "expected more than 100");
        check("below_mm = 100\n", "", "only the last diameter class");
        check("shape = \"tee\"", "shape = \"tea\"", "tea");
        check("size_px = 6.0", "size_px = -6.0", "size_px is -6");
        check("size_px = 6.0", "size_px = nan", "size_px is NaN");
        check("size_px = 6.0", "sise_px = 6.0", "sise_px");
        check(
            "class = \"elbow\"",
            "class = \"junction\"",
            "second symbol for junction",
        );
        check(
            "kind = \"butterfly\"",
            "kind = \"gate\"",
            "second symbol for valve, gate",
        );
        check(
            "kind = \"butterfly\"",
            "kind = \"butterfly\"\nkinds = [\"ball\"]",
            "not both",
        );
        check("dash_px = [7.0, 4.0]", "dash_px = [0.0, 4.0]", "dash_px");
        check("hidden_beyond = 12500", "hidden_beyond = 0", "scale denominator");
        check("[highlight.path]", "[highlight.route]", "route is no highlight");
        check("code = \"PVC\"", "code = \"PE\"", "stands here twice");
    }

    #[test]
    fn an_empty_or_broken_file_is_refused() {
        assert!(complaint("").contains("my.toml"));
        assert!(complaint("[pipe").contains("line 1"));
    }
}
