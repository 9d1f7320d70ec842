//! The rules as data: severities, parameters and tables, from `assets/rules/network.toml` and what a project keeps over it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use toml::Spanned;

use super::Rule;
use crate::error::{Error, Result};
use crate::issue::Severity;
use crate::project::Project;
use crate::schema::{GeometryKind, Schema, Source};
use crate::text::Message;

const FILE: &str = "assets/rules/network.toml";
/// The document in which a project keeps its own.
const DOCUMENT: &str = "rules/network.toml";

/// What a check goes by.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSet {
    rules: BTreeMap<Rule, Setting>,
    pub(super) tables: Tables,
}

#[derive(Debug, Clone, PartialEq)]
struct Setting {
    /// `None` where nobody looks for it.
    severity: Option<Severity>,
    parameters: BTreeMap<&'static str, f64>,
}

/// Classes, kinds and fields by their keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tables {
    pub(super) fittings: Vec<Fitting>,
    pub(super) waters: Vec<Water>,
    pub(super) separators: Vec<String>,
    pub(super) ends: Vec<End>,
    pub(super) change: Change,
    pub(super) sizes: Vec<Size>,
    pub(super) ranges: Vec<Range>,
    pub(super) boundaries: Vec<String>,
    /// `[min_x, min_y, max_x, max_y]` of the city.
    pub(super) area: Option<[f64; 4]>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fitting {
    pub(super) class: String,
    pub(super) least: usize,
    pub(super) most: usize,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Water {
    pub(super) kinds: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub(super) class: String,
    pub(super) kinds: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    pub(super) size: Vec<String>,
    pub(super) material: Vec<String>,
    pub(super) material_kinds: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Size {
    pub(super) material: String,
    pub(super) least_mm: f64,
    pub(super) most_mm: f64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    pub(super) field: String,
    pub(super) least: f64,
    pub(super) most: f64,
    pub(super) slip: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    key: Spanned<String>,
    severity: Option<Spanned<String>>,
    #[serde(default)]
    parameters: BTreeMap<Spanned<String>, Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Classes {
    classes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    #[serde(rename = "box")]
    corners: [f64; 4],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    rule: Vec<RawRule>,
    fitting: Option<Vec<Spanned<Fitting>>>,
    water: Option<Vec<Spanned<Water>>>,
    separators: Option<Spanned<Classes>>,
    end: Option<Vec<Spanned<End>>>,
    change: Option<Spanned<Change>>,
    size: Option<Vec<Spanned<Size>>>,
    range: Option<Vec<Spanned<Range>>>,
    boundary: Option<Spanned<Classes>>,
    area: Option<Spanned<Area>>,
}

impl RuleSet {
    /// The rules that come with the program.
    ///
    /// # Errors
    /// As for [`Self::with`].
    pub fn builtin() -> Result<Self> {
        static SET: OnceLock<RuleSet> = OnceLock::new();
        if let Some(set) = SET.get() {
            return Ok(set.clone());
        }
        let set = Self::read_builtin()?;
        Ok(SET.get_or_init(|| set).clone())
    }

    fn read_builtin() -> Result<Self> {
        let empty = Self {
            rules: BTreeMap::new(),
            tables: Tables::default(),
        };
        let text = include_str!("../../../assets/rules/network.toml");
        let set = empty.with(FILE, text, &Schema::builtin()?)?;
        let missing = |rule: &&Rule| {
            let setting = set.rules.get(rule);
            setting.is_none_or(|setting| setting.parameters.len() < rule.parameters().len())
        };
        match Rule::ALL.iter().find(missing) {
            Some(rule) => Err(Error::bad_input(
                Message::new("rules.file.missing")
                    .with("file", FILE)
                    .with("rule", rule.key()),
            )),
            None => Ok(set),
        }
    }

    /// These rules with others over them, from a text that goes by `name` in messages.
    ///
    /// # Errors
    /// `BadInput` naming file and line: bad TOML, a rule, parameter, class, kind or field that is not known, a number out of
    /// range.
    pub fn with(&self, name: &str, text: &str, schema: &Schema) -> Result<Self> {
        let source = Source { name, text };
        let raw: RawFile = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            source.error(
                &span,
                Message::new("schema.syntax").with("reason", error.message()),
            )
        })?;
        let mut set = self.clone();
        for rule in &raw.rule {
            set.set(source, rule)?;
        }
        set.tables.take(&Known { source, schema }, raw)?;
        Ok(set)
    }

    fn set(&mut self, source: Source<'_>, raw: &RawRule) -> Result<()> {
        let unknown = |span: &std::ops::Range<usize>, found: &str, known: Vec<&str>| {
            source.error(
                span,
                Message::new("rules.file.unknown")
                    .with("found", found)
                    .with("known", known.join(", ")),
            )
        };
        let key = raw.key.get_ref();
        let rule = Rule::from_key(key).ok_or_else(|| {
            let known = Rule::ALL.iter().map(|rule| rule.key()).collect();
            unknown(&raw.key.span(), key, known)
        })?;
        let setting = self.rules.entry(rule).or_insert_with(|| Setting {
            severity: None,
            parameters: BTreeMap::new(),
        });
        if let Some(word) = &raw.severity {
            setting.severity = match word.get_ref().as_str() {
                "error" => Some(Severity::Error),
                "warning" => Some(Severity::Warning),
                "info" => Some(Severity::Info),
                "off" => None,
                other => {
                    let known = vec!["error", "warning", "info", "off"];
                    return Err(unknown(&word.span(), other, known));
                }
            };
        }
        for (name, number) in &raw.parameters {
            let Some(parameter) = rule.parameters().iter().find(|p| p.name == name.get_ref()) else {
                let known = rule.parameters().iter().map(|p| p.name).collect();
                return Err(unknown(&name.span(), name.get_ref(), known));
            };
            let value = *number.get_ref();
            if !(parameter.least..=parameter.most).contains(&value) {
                return Err(source.error(
                    &number.span(),
                    Message::new("rules.file.range")
                        .with("parameter", parameter.name)
                        .with("found", value)
                        .with("least", parameter.least)
                        .with("most", parameter.most),
                ));
            }
            setting.parameters.insert(parameter.name, value);
        }
        Ok(())
    }

    /// How grave it is; `None` where nobody looks for it.
    pub fn severity(&self, rule: Rule) -> Option<Severity> {
        self.rules.get(&rule)?.severity
    }

    /// A parameter of a rule, in the unit of its name. `builtin` has seen to it that each is there.
    pub fn parameter(&self, rule: Rule, name: &str) -> f64 {
        let setting = self.rules.get(&rule);
        setting
            .and_then(|setting| setting.parameters.get(name))
            .copied()
            .unwrap_or_default()
    }

    /// Looks for these rules only.
    #[must_use]
    pub fn only(mut self, wanted: &[Rule]) -> Self {
        for (rule, setting) in &mut self.rules {
            if !wanted.contains(rule) {
                setting.severity = None;
            }
        }
        self
    }
}

/// What names in a file may mean.
struct Known<'a> {
    source: Source<'a>,
    schema: &'a Schema,
}

impl Known<'_> {
    fn check(&self, span: &std::ops::Range<usize>, name: &str, is_known: bool) -> Result<()> {
        if is_known {
            return Ok(());
        }
        Err(self
            .source
            .error(span, Message::new("rules.file.no_such").with("found", name)))
    }

    fn classes(&self, span: &std::ops::Range<usize>, keys: &[String]) -> Result<()> {
        keys.iter()
            .try_for_each(|key| self.check(span, key, self.schema.class_index(key).is_some()))
    }

    /// Kinds of pipes or of points.
    fn kinds(&self, span: &std::ops::Range<usize>, codes: &[String], of: GeometryKind) -> Result<()> {
        let schema = self.schema;
        codes.iter().try_for_each(|code| {
            let is_known = schema
                .class_indices()
                .filter(|class| schema.class(*class).geometry == of)
                .any(|class| schema.kinds_of(class).is_some_and(|d| d.position(code).is_some()));
            self.check(span, code, is_known)
        })
    }

    fn is_field(&self, key: &str) -> bool {
        self.schema
            .classes
            .iter()
            .any(|class| class.field_index(key).is_some())
    }

    fn order(&self, span: &std::ops::Range<usize>, name: &str, least: f64, most: f64) -> Result<()> {
        if least <= most {
            return Ok(());
        }
        let message = Message::new("rules.file.order")
            .with("name", name)
            .with("least", least)
            .with("most", most);
        Err(self.source.error(span, message))
    }
}

/// The entries of a table, each checked; the table before it where the file has none.
fn take<T>(
    table: &mut Vec<T>,
    raw: Option<Vec<Spanned<T>>>,
    check: impl Fn(&std::ops::Range<usize>, &T) -> Result<()>,
) -> Result<()> {
    let Some(raw) = raw else { return Ok(()) };
    for entry in &raw {
        check(&entry.span(), entry.get_ref())?;
    }
    *table = raw.into_iter().map(Spanned::into_inner).collect();
    Ok(())
}

impl Tables {
    fn take(&mut self, known: &Known<'_>, raw: RawFile) -> Result<()> {
        let schema = known.schema;
        take(&mut self.fittings, raw.fitting, |span, fitting| {
            known.classes(span, std::slice::from_ref(&fitting.class))?;
            known.order(span, &fitting.class, fitting.least as f64, fitting.most as f64)
        })?;
        take(&mut self.waters, raw.water, |span, water| {
            known.kinds(span, &water.kinds, GeometryKind::Line)
        })?;
        take(&mut self.ends, raw.end, |span, end| {
            known.classes(span, std::slice::from_ref(&end.class))?;
            known.kinds(span, &end.kinds, GeometryKind::Line)
        })?;
        take(&mut self.sizes, raw.size, |span, size| {
            let dictionary = schema.dictionary("material");
            let is_known = dictionary.is_some_and(|d| d.position(&size.material).is_some());
            known.check(span, &size.material, is_known)?;
            known.order(span, &size.material, size.least_mm, size.most_mm)
        })?;
        take(&mut self.ranges, raw.range, |span, range| {
            known.check(span, &range.field, known.is_field(&range.field))?;
            known.order(span, &range.field, range.least, range.most)
        })?;
        for (table, raw) in [
            (&mut self.separators, raw.separators),
            (&mut self.boundaries, raw.boundary),
        ] {
            if let Some(raw) = raw {
                known.classes(&raw.span(), &raw.get_ref().classes)?;
                *table = raw.into_inner().classes;
            }
        }
        if let Some(raw) = raw.change {
            let change = raw.get_ref();
            known.classes(&raw.span(), &change.size)?;
            known.classes(&raw.span(), &change.material)?;
            known.kinds(&raw.span(), &change.material_kinds, GeometryKind::Point)?;
            self.change = raw.into_inner();
        }
        if let Some(raw) = raw.area {
            let b = raw.get_ref().corners;
            known.order(&raw.span(), "x", b[0], b[2])?;
            known.order(&raw.span(), "y", b[1], b[3])?;
            self.area = Some(b);
        }
        Ok(())
    }
}

impl Project {
    /// The rules of this project: those that come with the program, and its own over them.
    ///
    /// # Errors
    /// Its own are not well-formed, with the line.
    pub fn rules(&self) -> Result<RuleSet> {
        let builtin = RuleSet::builtin()?;
        match self.document(DOCUMENT)? {
            Some(text) => builtin.with(DOCUMENT, &text, self.schema()),
            None => Ok(builtin),
        }
    }

    /// Keeps rules of its own, from the text of a file that goes by `name` in messages. An empty text removes them.
    ///
    /// # Errors
    /// They are not well-formed, with the line; the project then keeps those it had.
    pub fn keep_rules(&mut self, name: &str, text: &str) -> Result<RuleSet> {
        let rules = RuleSet::builtin()?.with(name, text, self.schema())?;
        self.store_document(DOCUMENT, text)?;
        Ok(rules)
    }
}
