//! A mapping made ready for one source: columns by position, fields by class. It reads no rows.

use std::collections::{BTreeMap, HashMap};

use super::mapping::{FieldRule, LINK_TARGETS, LayerMapping, Mapping, ValueRule};
use super::source::{Shape, Source, SourceLayer};
use crate::error::{Error, Result};
use crate::issue::{Issue, Severity};
use crate::model::ClassIndex;
use crate::schema::{GeometryKind, Schema, normalised};
use crate::text::Message;

/// A class, and the kind where its name says one.
pub(super) type ClassKind = (ClassIndex, Option<String>);

/// Where the value of one target comes from.
#[derive(Debug)]
pub(super) struct Binding {
    pub(super) target: String,
    pub(super) column: Option<usize>,
    pub(super) rule: ValueRule,
}

/// How the rows of one source layer become features.
#[derive(Debug)]
pub(super) struct LayerPlan {
    /// Position in `Source::layers`.
    pub(super) layer: usize,
    pub(super) name: String,
    pub(super) kind: GeometryKind,
    /// Class of rows that no class column says anything about.
    pub(super) base: ClassKind,
    pub(super) class_columns: Vec<usize>,
    pub(super) classes: HashMap<String, ClassKind>,
    pub(super) only: Vec<(usize, Vec<String>)>,
    pub(super) place_columns: [Option<usize>; 3],
    pub(super) bindings: Vec<Binding>,
    /// Position in `bindings` of each of `LINK_TARGETS`.
    pub(super) links: [Option<usize>; LINK_TARGETS.len()],
    /// Position in `bindings` of the code.
    pub(super) code: Option<usize>,
    /// Another plan reads the other kind of geometry of this layer.
    pub(super) shares_layer: bool,
    /// Field of the class for each binding, by class; filled while rows are read.
    pub(super) slots: HashMap<ClassIndex, Vec<Option<usize>>>,
}

pub(super) const FROM: usize = 0;
pub(super) const TO: usize = 1;
pub(super) const ON_PIPE: usize = 2;
pub(super) const ON_PIPE_DISTANCE: usize = 3;
pub(super) const FLOW_TO: usize = 4;
pub(super) const INLET_PIPES: usize = 5;

impl LayerPlan {
    pub(super) fn has_link(&self, link: usize) -> bool {
        self.links[link].is_some()
    }

    /// The fields of `class` that the bindings fill.
    pub(super) fn slots_of(&mut self, schema: &Schema, class: ClassIndex) -> &[Option<usize>] {
        self.slots.entry(class).or_insert_with(|| {
            let feature_class = schema.class(class);
            self.bindings
                .iter()
                .map(|b| {
                    if LINK_TARGETS.contains(&b.target.as_str()) {
                        return None;
                    }
                    feature_class
                        .field_index(&b.target)
                        .or_else(|| feature_class.resolve_field(&b.target))
                })
                .collect()
        })
    }
}

/// `valve` or `valve/check`, by key, label or alias.
pub(super) fn class_kind(schema: &Schema, text: &str) -> Option<ClassKind> {
    let (class, kind) = match text.split_once('/') {
        Some((class, kind)) => (class, Some(kind.trim())),
        None => (text, None),
    };
    let (index, implied) = schema.resolve_class(class)?;
    let kind = match kind {
        None | Some("") => implied.map(str::to_owned),
        Some(kind) => Some(kind_of(schema, index, kind)?),
    };
    Some((index, kind))
}

/// The kind of a class that goes by a name, also by one that names class and kind at once (止回阀, `check_valve`).
pub(super) fn kind_of(schema: &Schema, class: ClassIndex, name: &str) -> Option<String> {
    let feature_class = schema.class(class);
    let by_dictionary = feature_class
        .field_index("kind")
        .and_then(|field| schema.dictionary_of(class, field))
        .and_then(|dictionary| dictionary.resolve(name))
        .map(|entry| entry.code.clone());
    by_dictionary.or_else(|| match schema.resolve_class(name) {
        Some((found, Some(kind))) if found == class => Some(kind.to_owned()),
        _ => None,
    })
}

/// `valve` or `valve/check`.
pub(super) fn class_text(schema: &Schema, (class, kind): &ClassKind) -> String {
    let key = &schema.class(*class).key;
    kind.as_ref()
        .map_or_else(|| key.clone(), |kind| format!("{key}/{kind}"))
}

/// The column of that name: as it is, without case and separators, or cut to the ten bytes of DBF.
pub(super) fn column_of(layer: &SourceLayer, name: &str) -> Option<usize> {
    let wanted = normalised(name);
    let names = || layer.columns.iter().enumerate();
    names()
        .find(|(_, c)| c.name == name)
        .or_else(|| names().find(|(_, c)| normalised(&c.name) == wanted))
        .or_else(|| {
            let mut cut = names().filter(|(_, c)| {
                let gbk_bytes: usize = c.name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
                let may_be_cut = (8..=10).contains(&c.name.len()) || (9..=10).contains(&gbk_bytes);
                may_be_cut && wanted.starts_with(&normalised(&c.name))
            });
            match (cut.next(), cut.next()) {
                (Some(only), None) => Some(only),
                _ => None,
            }
        })
        .map(|(i, _)| i)
}

/// The plans of all layers the mapping names, points before lines.
///
/// # Errors
/// The mapping names none of the source's layers, a class or field that does not exist, or columns without
/// which nothing can be read.
pub(super) fn plans(
    schema: &Schema,
    source: &Source,
    mapping: &Mapping,
    only_layers: &[String],
    issues: &mut Vec<Issue>,
) -> Result<Vec<LayerPlan>> {
    let mut plans = Vec::new();
    for (number, layer) in source.layers.iter().enumerate() {
        let is_wanted = only_layers.is_empty()
            || only_layers
                .iter()
                .any(|l| l.to_lowercase() == layer.name.to_lowercase());
        let rules = if is_wanted {
            mapping.rules_for(&layer.name)
        } else {
            Vec::new()
        };
        let shares_layer = rules.iter().filter(|r| !r.skip).count() > 1;
        for rule in rules.into_iter().filter(|r| !r.skip) {
            plans.push(plan(schema, number, layer, rule, shares_layer, issues)?);
        }
    }
    for rule in mapping.layers.iter().filter(|r| r.name != "*" && !r.skip) {
        if !source
            .layers
            .iter()
            .any(|l| l.name.to_lowercase() == rule.name.to_lowercase())
        {
            issues.push(Issue::new(
                Severity::Warning,
                Message::new("io.mapping.no_layer").with("layer", &rule.name),
            ));
        }
    }
    if plans.is_empty() {
        let found: Vec<&str> = source.layers.iter().map(|l| l.name.as_str()).collect();
        let wanted: Vec<&str> = mapping
            .layers
            .iter()
            .map(|l| l.name.as_str())
            .chain(only_layers.iter().map(String::as_str))
            .collect();
        return Err(Error::bad_input(
            Message::new("io.mapping.no_layers")
                .with("found", found.join(", "))
                .with("wanted", wanted.join(", ")),
        ));
    }
    plans.sort_by_key(|p| p.kind == GeometryKind::Line);
    Ok(plans)
}

fn plan(
    schema: &Schema,
    number: usize,
    layer: &SourceLayer,
    rule: &LayerMapping,
    shares_layer: bool,
    issues: &mut Vec<Issue>,
) -> Result<LayerPlan> {
    let class = |text: &str| {
        class_kind(schema, text).ok_or_else(|| {
            Error::bad_input(
                Message::new("io.mapping.unknown_class")
                    .with("layer", &layer.name)
                    .with("class", text),
            )
        })
    };
    let columns: Vec<&str> = layer.columns.iter().map(|c| c.name.as_str()).collect();
    let missing = |column: &str| {
        Message::new("io.mapping.no_column")
            .with("layer", &layer.name)
            .with("column", column)
            .with("found", columns.join(", "))
    };
    let required = |column: &str| column_of(layer, column).ok_or_else(|| Error::bad_input(missing(column)));
    let default = if layer.shape == Shape::Line {
        "pipe"
    } else {
        "junction"
    };
    let base = class(rule.class.as_deref().unwrap_or(default))?;
    let kind = schema.class(base.0).geometry;
    let class_columns = rule
        .class_column
        .0
        .iter()
        .map(|c| required(c))
        .collect::<Result<_>>()?;
    let classes = rule
        .classes
        .iter()
        .map(|(value, text)| Ok((normalised(value), class(text)?)))
        .collect::<Result<_>>()?;
    let only = rule
        .only
        .iter()
        .map(|(column, values)| Ok((required(column)?, values.clone())))
        .collect::<Result<_>>()?;
    let place = |column: &Option<String>| column.as_ref().map(|c| required(c)).transpose();
    let place_columns = [
        place(&rule.x_column)?,
        place(&rule.y_column)?,
        place(&rule.z_column)?,
    ];
    let bindings = bindings(schema, layer, &rule.fields, kind, |column| {
        issues.push(
            Issue::new(Severity::Warning, missing(column))
                .in_layer(&layer.name)
                .on_field(column),
        );
    })?;
    let position = |target: &str| bindings.iter().position(|b: &Binding| b.target == target);
    Ok(LayerPlan {
        layer: number,
        name: layer.name.clone(),
        kind,
        base,
        class_columns,
        classes,
        only,
        place_columns,
        links: LINK_TARGETS.map(position),
        code: position("code"),
        bindings,
        shares_layer,
        slots: HashMap::new(),
    })
}

fn bindings(
    schema: &Schema,
    layer: &SourceLayer,
    fields: &BTreeMap<String, FieldRule>,
    kind: GeometryKind,
    mut report_missing: impl FnMut(&str),
) -> Result<Vec<Binding>> {
    let mut bindings = Vec::new();
    for (target, field) in fields {
        let is_link = LINK_TARGETS.contains(&target.as_str());
        let key = if is_link {
            Some(target.clone())
        } else {
            field_key(schema, kind, target)
        };
        let Some(key) = key else {
            return Err(Error::bad_input(
                Message::new("io.mapping.unknown_field")
                    .with("layer", &layer.name)
                    .with("field", target),
            ));
        };
        let rule = match field {
            FieldRule::Column(column) => ValueRule {
                column: Some(column.clone()),
                ..ValueRule::default()
            },
            FieldRule::Rule(rule) => rule.clone(),
        };
        let column = rule.column.as_deref().and_then(|c| column_of(layer, c));
        if let (Some(wanted), None) = (&rule.column, column) {
            report_missing(wanted);
            if rule.constant.is_none() {
                continue;
            }
        }
        bindings.push(Binding {
            target: key,
            column,
            rule,
        });
    }
    Ok(bindings)
}

/// The key of a field that some class of that geometry has, by key, label or alias.
fn field_key(schema: &Schema, kind: GeometryKind, name: &str) -> Option<String> {
    let classes = || schema.classes.iter().filter(|c| c.geometry == kind);
    classes()
        .find_map(|c| c.field_index(name).map(|i| &c.fields[i]))
        .or_else(|| classes().find_map(|c| c.resolve_field(name).map(|i| &c.fields[i])))
        .map(|field| field.key.clone())
}
