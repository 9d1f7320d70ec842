//! Makes a mapping for a source without one: the Karez exchange layout where the source has it, else a guess
//! from names, geometry and values. Every guess is told; nothing is imported here.

use std::collections::{BTreeMap, HashSet};

use gdal::vector::LayerAccess as _;
use serde::Serialize;

use super::mapping::{Columns, FieldRule, LINK_TARGETS, LayerMapping, Mapping};
use super::plan::{class_kind, class_text};
use super::report::{Guess, GuessSubject};
use super::source::{Shape, Source, SourceLayer};
use super::{names, rows};
use crate::error::{Error, Result};
use crate::schema::{GeometryKind, Role, Schema, normalised};
use crate::text::Message;

/// How the meaning of a source was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Layers `nodes` and `pipes` with our field names: nothing had to be guessed.
    Exchange,
    /// A mapping of the user.
    Mapped,
    /// A format with a meaning of its own: a Karez project, EPANET, survey tables. There is nothing to map.
    Native,
    Guessed,
}

pub(super) struct Proposal {
    pub(super) layout: Layout,
    pub(super) mapping: Mapping,
    pub(super) guesses: Vec<Guess>,
}

/// Rows looked at to learn what a column holds.
const SAMPLE: usize = 3_000;

/// The first rows of a layer as texts.
pub(super) fn sample(source: &Source, layer: &SourceLayer, count: usize) -> Result<Vec<Vec<Option<String>>>> {
    let part = &source.parts[layer.part];
    let mut open = part.dataset.layer(layer.index)?;
    let sampled = open
        .features()
        .take(count)
        .map(|row| {
            let cells = layer.columns.iter().enumerate();
            cells
                .map(|(i, c)| {
                    rows::cell(&row, i, c, part.codec)
                        .0
                        .text()
                        .map(std::borrow::Cow::into_owned)
                })
                .collect()
        })
        .collect();
    super::quiet::take_heard();
    Ok(sampled)
}

pub(super) fn propose(schema: &Schema, source: &Source) -> Result<Proposal> {
    let is_exchange = is_exchange(source);
    let mut proposal = Proposal {
        layout: if is_exchange {
            Layout::Exchange
        } else {
            Layout::Guessed
        },
        mapping: Mapping::default(),
        guesses: Vec::new(),
    };
    for layer in &source.layers {
        let name = normalised(&layer.name);
        if is_exchange && name != "nodes" && name != "pipes" && !is_whole_network(layer) {
            proposal.skip(layer);
            continue;
        }
        let mut proposer = Proposer {
            schema,
            source,
            layer,
            is_exchange,
            guesses: Vec::new(),
        };
        let rules = if is_exchange && is_whole_network(layer) {
            vec![
                proposer.exchange_rule(GeometryKind::Point)?,
                proposer.exchange_rule(GeometryKind::Line)?,
            ]
        } else if is_exchange {
            let kind = if name == "pipes" {
                GeometryKind::Line
            } else {
                GeometryKind::Point
            };
            vec![proposer.exchange_rule(kind)?]
        } else {
            proposer.rules()?
        };
        proposal.guesses.append(&mut proposer.guesses);
        if rules.is_empty() {
            proposal.skip(layer);
        }
        proposal.mapping.layers.extend(rules);
    }
    // Nothing was recognised: better every layer by its geometry than nothing at all.
    if proposal.mapping.layers.iter().all(|l| l.skip) {
        proposal.mapping.layers.clear();
        proposal.guesses.clear();
        for layer in &source.layers {
            let mut proposer = Proposer {
                schema,
                source,
                layer,
                is_exchange,
                guesses: Vec::new(),
            };
            let rules = proposer.rules_by_geometry();
            proposal.guesses.append(&mut proposer.guesses);
            if rules.is_empty() {
                proposal.skip(layer);
            }
            proposal.mapping.layers.extend(rules);
        }
    }
    if proposal.mapping.layers.iter().all(|l| l.skip) {
        return Err(unrecognised(source)?);
    }
    Ok(proposal)
}

fn unrecognised(source: &Source) -> Result<Error> {
    let mut is_empty = true;
    let mut found = Vec::new();
    for layer in &source.layers {
        is_empty &= sample(source, layer, 1)?.is_empty();
        let columns: Vec<&str> = layer.columns.iter().map(|c| c.name.as_str()).collect();
        found.push(format!("{} ({})", layer.name, columns.join(", ")));
    }
    let key = if is_empty {
        "io.source.no_rows"
    } else {
        "io.source.unrecognised"
    };
    Ok(Error::bad_input(
        Message::new(key)
            .with("path", source.path.display())
            .with("found", found.join("; ")),
    ))
}

/// A source has the exchange layout when a layer is called `pipes` or `nodes` and has a column of ours.
pub(super) fn is_exchange(source: &Source) -> bool {
    source.layers.iter().any(|layer| {
        if is_whole_network(layer) {
            return true;
        }
        let has = |names: &[&str]| {
            layer
                .columns
                .iter()
                .any(|c| names.contains(&normalised(&c.name).as_str()))
        };
        match normalised(&layer.name).as_str() {
            "pipes" => has(&["code", "from", "to", "diametermm"]),
            "nodes" => has(&["code", "class"]),
            _ => false,
        }
    })
}

/// Nodes and pipes in one layer, as GeoJSON has but one: told apart by geometry and `class`.
fn is_whole_network(layer: &SourceLayer) -> bool {
    let has = |name: &str| layer.columns.iter().any(|c| normalised(&c.name) == name);
    layer.shape == Shape::Mixed && ["code", "class", "from", "to"].into_iter().all(has)
}

impl Proposal {
    fn skip(&mut self, layer: &SourceLayer) {
        self.mapping.layers.push(LayerMapping {
            name: layer.name.clone(),
            skip: true,
            ..LayerMapping::default()
        });
        self.guesses.push(Guess {
            subject: GuessSubject::Skipped,
            layer: layer.name.clone(),
            column: None,
            found: layer.name.clone(),
            taken_for: String::new(),
            message: Message::new("io.guess.skipped").with("layer", &layer.name),
        });
    }
}

struct Proposer<'a> {
    schema: &'a Schema,
    source: &'a Source,
    layer: &'a SourceLayer,
    is_exchange: bool,
    guesses: Vec<Guess>,
}

impl Proposer<'_> {
    fn guess(
        &mut self,
        subject: GuessSubject,
        column: Option<usize>,
        found: &str,
        taken_for: &str,
        key: &'static str,
    ) {
        if self.is_exchange {
            return;
        }
        let column = column.map(|c| self.layer.columns[c].name.clone());
        let message = Message::new(key)
            .with("layer", &self.layer.name)
            .with("column", column.as_deref().unwrap_or_default())
            .with("found", found)
            .with("taken_for", taken_for);
        self.guesses.push(Guess {
            subject,
            layer: self.layer.name.clone(),
            column,
            found: found.to_owned(),
            taken_for: taken_for.to_owned(),
            message,
        });
    }

    fn exchange_rule(&mut self, kind: GeometryKind) -> Result<LayerMapping> {
        let mut rule = self.rule(if kind == GeometryKind::Line {
            "pipe"
        } else {
            "junction"
        });
        let mut taken = HashSet::new();
        if kind == GeometryKind::Point || is_whole_network(self.layer) {
            let named = self
                .layer
                .columns
                .iter()
                .position(|c| normalised(&c.name) == "class");
            if let Some(column) = named {
                rule.class_column = Columns(vec![self.layer.columns[column].name.clone()]);
                taken.insert(column);
            } else {
                self.is_exchange = false;
                self.class_columns(&mut rule, &mut taken)?;
                self.is_exchange = true;
            }
        }
        self.places(&mut rule, &mut taken);
        self.fields(&mut rule, kind, taken);
        Ok(rule)
    }

    fn rules(&mut self) -> Result<Vec<LayerMapping>> {
        let named = class_of_name(self.schema, &self.layer.name);
        let fits = |kind: GeometryKind| {
            named
                .as_ref()
                .filter(|(class, _)| self.schema.class(*class).geometry == kind)
                .cloned()
        };
        if self.layer.shape == Shape::Mixed && fits(GeometryKind::Line).is_none() {
            return self.mixed_rules();
        }
        let links =
            names::link_column(self.layer, 0).is_some() && names::link_column(self.layer, 1).is_some();
        let is_table_of_lines =
            self.layer.shape == Shape::None && (links || fits(GeometryKind::Line).is_some());
        let is_of_lines = matches!(self.layer.shape, Shape::Line | Shape::Mixed);
        let kind = if is_of_lines || is_table_of_lines {
            GeometryKind::Line
        } else {
            GeometryKind::Point
        };
        let named = fits(kind);
        let mut rule = self.rule(if kind == GeometryKind::Line {
            "pipe"
        } else {
            "junction"
        });
        let mut taken = HashSet::new();
        let mut is_known = named.is_some();
        if let Some(class) = &named {
            let text = class_text(self.schema, class);
            self.guess(
                GuessSubject::LayerClass,
                None,
                &self.layer.name,
                &text,
                "io.guess.layer_class",
            );
            rule.class = Some(text);
        }
        let is_general = named
            .as_ref()
            .is_none_or(|(class, kind)| self.schema.class(*class).role == Role::Junction && kind.is_none());
        if kind == GeometryKind::Point && is_general {
            is_known |= self.class_columns(&mut rule, &mut taken)?;
        }
        self.places(&mut rule, &mut taken);
        self.fields(&mut rule, kind, taken);
        is_known |= ["diameter_mm", "material", "from", "to", "buried_depth_m"]
            .iter()
            .any(|f| rule.fields.contains_key(*f));
        // A polygon may be a customer's house; a table says nothing without a name or columns of ours.
        let is_usable = match self.layer.shape {
            Shape::Polygon => named.is_some(),
            _ => is_known,
        };
        if !is_usable {
            self.guesses.clear();
            return Ok(Vec::new());
        }
        if named.is_none() {
            let text = rule.class.clone().unwrap_or_default();
            self.guess(
                GuessSubject::LayerClass,
                None,
                &self.layer.name,
                &text,
                "io.guess.geometry_class",
            );
        }
        Ok(vec![rule])
    }

    /// Lines are pipes, points junctions, whatever they are called.
    fn rules_by_geometry(&mut self) -> Vec<LayerMapping> {
        let kinds: &[GeometryKind] = match self.layer.shape {
            Shape::Line => &[GeometryKind::Line],
            Shape::Point => &[GeometryKind::Point],
            Shape::Mixed => &[GeometryKind::Line, GeometryKind::Point],
            Shape::Polygon | Shape::None => &[],
        };
        let mut rules = Vec::new();
        for kind in kinds {
            let class = if *kind == GeometryKind::Line {
                "pipe"
            } else {
                "junction"
            };
            let mut rule = self.rule(class);
            self.fields(&mut rule, *kind, HashSet::new());
            self.guess(
                GuessSubject::LayerClass,
                None,
                &self.layer.name,
                class,
                "io.guess.geometry_class",
            );
            rules.push(rule);
        }
        rules
    }

    /// Drawings: lines and block symbols in one layer, told apart by the drawing's layers and block names.
    fn mixed_rules(&mut self) -> Result<Vec<LayerMapping>> {
        let mut pipes = self.rule("pipe");
        let mut points = self.rule("junction");
        let rows = sample(self.source, self.layer, SAMPLE)?;
        let column = |name: &str| {
            self.layer
                .columns
                .iter()
                .position(|c| normalised(&c.name) == name)
        };
        if let Some(layer_column) = column("layer") {
            let mut of_pipes: Vec<String> = Vec::new();
            for value in distinct(&rows, layer_column).into_keys() {
                let class = class_of_name(self.schema, &value);
                if class.is_some_and(|(class, _)| self.schema.class(class).geometry == GeometryKind::Line) {
                    self.guess(
                        GuessSubject::ValueClass,
                        Some(layer_column),
                        &value,
                        "pipe",
                        "io.guess.value_class",
                    );
                    of_pipes.push(value);
                }
            }
            if !of_pipes.is_empty() {
                pipes
                    .only
                    .insert(self.layer.columns[layer_column].name.clone(), of_pipes);
            }
        }
        if let Some(block) = column("blockname") {
            points
                .only
                .insert(self.layer.columns[block].name.clone(), vec!["*".to_owned()]);
        }
        let mut taken = HashSet::new();
        self.class_columns(&mut points, &mut taken)?;
        self.fields(&mut points, GeometryKind::Point, taken);
        self.fields(&mut pipes, GeometryKind::Line, HashSet::new());
        self.guess(
            GuessSubject::LayerClass,
            None,
            &self.layer.name,
            "pipe, junction",
            "io.guess.geometry_class",
        );
        Ok(vec![pipes, points])
    }

    fn rule(&self, class: &str) -> LayerMapping {
        LayerMapping {
            name: self.layer.name.clone(),
            class: Some(class.to_owned()),
            ..LayerMapping::default()
        }
    }

    /// Finds the columns whose values name classes, and records what each value was taken for.
    fn class_columns(&mut self, rule: &mut LayerMapping, taken: &mut HashSet<usize>) -> Result<bool> {
        let rows = sample(self.source, self.layer, SAMPLE)?;
        let preferred = names::class_columns(self.layer);
        let mut found: Vec<usize> = Vec::new();
        for column in preferred
            .iter()
            .copied()
            .chain((0..self.layer.columns.len()).filter(|c| !preferred.contains(c)))
        {
            let values = distinct(&rows, column);
            let total: usize = values.values().sum();
            let known: usize = values
                .iter()
                .filter(|(v, _)| self.point_class(v).is_some())
                .map(|(_, n)| n)
                .sum();
            let is_preferred = preferred.contains(&column);
            // By its name a few known values are enough; without, most must be.
            let enough = if is_preferred {
                known > 0
            } else {
                known * 10 >= total * 8 && known > 0 && values.len() < 200
            };
            if !enough || (!is_preferred && !found.is_empty()) {
                continue;
            }
            for value in values.keys() {
                if let Some(class) = self.point_class(value) {
                    self.guess(
                        GuessSubject::ValueClass,
                        Some(column),
                        value,
                        &class,
                        "io.guess.value_class",
                    );
                    rule.classes.entry(value.clone()).or_insert(class);
                }
            }
            let name = self.layer.columns[column].name.clone();
            self.guess(
                GuessSubject::ClassColumn,
                Some(column),
                &name,
                "class",
                "io.guess.class_column",
            );
            found.push(column);
            // A column that is also the kind stays free for it.
            if !names::is_kind_column(&name) {
                taken.insert(column);
            }
        }
        rule.class_column = Columns(
            found
                .iter()
                .map(|c| self.layer.columns[*c].name.clone())
                .collect(),
        );
        Ok(!found.is_empty())
    }

    fn point_class(&self, value: &str) -> Option<String> {
        let class = class_kind(self.schema, value).or_else(|| {
            // Block names and drawing layers carry more than the class: FM-01, 给水_阀门.
            (self.layer.shape == Shape::Mixed)
                .then(|| class_of_name(self.schema, value))
                .flatten()
        })?;
        (self.schema.class(class.0).geometry == GeometryKind::Point).then(|| class_text(self.schema, &class))
    }

    fn places(&mut self, rule: &mut LayerMapping, taken: &mut HashSet<usize>) {
        let Some((x, y, z)) = names::place_columns(self.layer).filter(|_| self.layer.shape == Shape::None)
        else {
            return;
        };
        let name = |c: usize| self.layer.columns[c].name.clone();
        rule.x_column = Some(name(x));
        rule.y_column = Some(name(y));
        rule.z_column = z.map(name);
        taken.extend([x, y].into_iter().chain(z));
        self.guess(GuessSubject::Field, Some(x), &name(x), "x", "io.guess.field");
        self.guess(GuessSubject::Field, Some(y), &name(y), "y", "io.guess.field");
    }

    /// Binds the columns that go by the name of a link or a field.
    fn fields(&mut self, rule: &mut LayerMapping, kind: GeometryKind, mut taken: HashSet<usize>) {
        let links: &[usize] = if kind == GeometryKind::Line {
            &[0, 1]
        } else {
            &[2, 3, 4, 5]
        };
        let mut bound: BTreeMap<String, usize> = BTreeMap::new();
        let has_both = links
            .iter()
            .take(2)
            .all(|l| names::link_column(self.layer, *l).is_some());
        for link in links {
            // One end alone may as well be the code of the point itself.
            if kind == GeometryKind::Line && !has_both {
                continue;
            }
            if let Some(column) = names::link_column(self.layer, *link).filter(|c| !taken.contains(c)) {
                bound.insert(LINK_TARGETS[*link].to_owned(), column);
                taken.insert(column);
            }
        }
        // Our own names first, then the words of practice.
        let first = rule
            .class
            .as_deref()
            .and_then(|c| class_kind(self.schema, c))
            .map(|(class, _)| class);
        let mut classes: Vec<_> = first.into_iter().collect();
        for text in rule.classes.values() {
            classes.extend(
                class_kind(self.schema, text)
                    .map(|(class, _)| class)
                    .filter(|c| !classes.contains(c)),
            );
        }
        classes.extend(
            self.schema
                .class_indices()
                .filter(|c| self.schema.class(*c).geometry == kind && !classes.contains(c))
                .collect::<Vec<_>>(),
        );
        for is_exact in [true, false] {
            for (column, source) in self
                .layer
                .columns
                .iter()
                .enumerate()
                .filter(|(c, _)| !taken.contains(c))
            {
                let field = classes.iter().find_map(|class| {
                    let feature_class = self.schema.class(*class);
                    let field = if is_exact {
                        feature_class
                            .fields
                            .iter()
                            .position(|f| !f.is_retired && normalised(&f.key) == normalised(&source.name))
                    } else {
                        feature_class.resolve_field(&source.name)
                    };
                    field.map(|i| feature_class.fields[i].key.clone())
                });
                if let Some(key) = field.filter(|key| !bound.contains_key(key)) {
                    bound.insert(key, column);
                }
            }
            taken.extend(bound.values());
        }
        for (target, column) in bound {
            let name = self.layer.columns[column].name.clone();
            self.guess(
                GuessSubject::Field,
                Some(column),
                &name,
                &target,
                "io.guess.field",
            );
            rule.fields.insert(target, FieldRule::Column(name));
        }
    }
}

/// Values of a column with their number.
fn distinct(rows: &[Vec<Option<String>>], column: usize) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for value in rows.iter().filter_map(|row| row.get(column)?.as_ref()) {
        *counts.entry(value.clone()).or_insert(0) += 1;
    }
    counts
}

/// The class in a layer's name: the whole name, one of its words (`GS_GX`, `water-valves-2020`), or the longest
/// class name within it (天池区供水管线2020).
fn class_of_name(schema: &Schema, name: &str) -> Option<super::plan::ClassKind> {
    if let Some(found) = class_kind(schema, name) {
        return Some(found);
    }
    let words = || {
        name.split(|c: char| !c.is_alphanumeric())
            .filter(|w| w.chars().count() > 1)
    };
    if let Some(found) = words()
        .rev()
        .find_map(|w| class_kind(schema, w.trim_matches(|c: char| c.is_ascii_digit())))
    {
        return Some(found);
    }
    let characters: Vec<char> = name.chars().filter(|c| !c.is_ascii()).collect();
    (2..=characters.len())
        .rev()
        .flat_map(|length| characters.windows(length))
        .find_map(|window| class_kind(schema, &window.iter().collect::<String>()))
}
