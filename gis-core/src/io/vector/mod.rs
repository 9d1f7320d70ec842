//! Carries out a plan: streams the rows of a source, makes features of them and hands them on one by one. It
//! keeps no feature; where they go is the caller's business.

mod join;
mod row;

use std::collections::{BTreeMap, HashMap};

use gdal::vector::{Feature as Row, LayerAccess as _};

use self::join::Waiting;
pub(super) use self::row::reproject;
use super::crs::Transform;
use super::ledger::Ledger;
use super::links::CodeBook;
use super::plan::{self, FLOW_TO, FROM, INLET_PIPES, LayerPlan, ON_PIPE, TO};
use super::report::{Guess, GuessSubject, ImportReport, LayerReport};
use super::shape::{self, Finding};
use super::source::{Shape, Source};
use super::{placing, quiet, rows};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::issue::{Issue, Severity};
use crate::model::{ClassIndex, Feature};
use crate::progress::Progress;
use crate::schema::{GeometryKind, Schema, normalised};
use crate::text::Message;

/// Rows between two looks at the progress.
const STEP: u64 = 1_024;

/// Where the features go.
pub(super) type Sink<'s> = dyn FnMut(&Feature) -> Result<()> + 's;

/// What reading needs beside the source.
pub(super) struct Context<'a> {
    pub(super) schema: &'a Schema,
    /// System the features shall be in.
    pub(super) target: &'a Crs,
    /// What the user said about the source's system.
    pub(super) said_crs: Option<Crs>,
    pub(super) progress: &'a dyn Progress,
}

pub(super) struct Reader<'a> {
    context: Context<'a>,
    source: &'a Source,
    ids: &'a mut IdSource,
    ledger: Ledger,
    report: ImportReport,
    nodes: CodeBook,
    pipes: CodeBook,
    pipe_ids: HashMap<Box<str>, (FeatureId, bool)>,
    keeps_nodes: bool,
    keeps_placeless: bool,
    waiting: Vec<Waiting>,
}

/// Reads everything the plans name.
///
/// # Errors
/// The source breaks off, its coordinates cannot be in the system it says, the sink fails, or it was cancelled.
pub(super) fn read(
    context: Context<'_>,
    source: &Source,
    mut plans: Vec<LayerPlan>,
    ids: &mut IdSource,
    sink: &mut Sink<'_>,
) -> Result<ImportReport> {
    let is_line = |p: &&LayerPlan| p.kind == GeometryKind::Line;
    let names_pipes = plans
        .iter()
        .any(|p| [ON_PIPE, FLOW_TO, INLET_PIPES].into_iter().any(|l| p.has_link(l)));
    let pipes_name_nodes = plans
        .iter()
        .filter(is_line)
        .any(|p| p.has_link(FROM) || p.has_link(TO));
    let flows = plans.iter().any(|p| p.has_link(FLOW_TO));
    let mut reader = Reader {
        context,
        source,
        ids,
        ledger: Ledger::default(),
        report: ImportReport::default(),
        nodes: CodeBook::default(),
        pipes: CodeBook::default(),
        pipe_ids: HashMap::new(),
        keeps_nodes: pipes_name_nodes || flows,
        keeps_placeless: pipes_name_nodes,
        waiting: Vec::new(),
    };
    for issue in &source.issues {
        reader.ledger.push(issue.clone());
    }
    if names_pipes {
        for plan in plans.iter().filter(is_line) {
            reader.read_codes(plan)?;
        }
    }
    let mut lines_begun = false;
    for plan in &mut plans {
        if plan.kind == GeometryKind::Line && !lines_begun {
            lines_begun = true;
            reader.release_waiting(sink)?;
        }
        reader.read_layer(plan, sink)?;
    }
    reader.release_waiting(sink)?;
    let Reader {
        mut report, ledger, ..
    } = reader;
    report.issues.extend(ledger.finish());
    Ok(report)
}

/// One row on its way to a feature.
struct Current<'p> {
    layer: &'p str,
    number: u64,
    code: Option<String>,
    place: Option<[f64; 2]>,
}

impl Reader<'_> {
    fn issue(&mut self, severity: Severity, message: Message, at: &Current<'_>, field: Option<&str>) {
        let mut issue = Issue::new(severity, message).in_layer(at.layer).at_row(at.number);
        issue.field = field.map(str::to_owned);
        issue.code.clone_from(&at.code);
        issue.place = at.place;
        self.ledger.push(issue);
    }

    /// Gives every pipe that has a code its id beforehand, so that nodes can name pipes.
    fn read_codes(&mut self, plan: &LayerPlan) -> Result<()> {
        let layer = &self.source.layers[plan.layer];
        let part = &self.source.parts[layer.part];
        let Some(code) = plan.code.map(|b| &plan.bindings[b]) else {
            return Ok(());
        };
        let Some(column) = code.column else { return Ok(()) };
        let mut open = part.dataset.layer(layer.index)?;
        for (done, row) in open.features().enumerate() {
            if (done as u64).is_multiple_of(STEP) {
                self.context.progress.check()?;
            }
            let (cell, _) = rows::cell(&row, column, &layer.columns[column], part.codec);
            if let Some(code) = cell.text()
                && !self.pipe_ids.contains_key(&*code)
            {
                let id = self.ids.next_id();
                self.pipe_ids.insert((*code).into(), (id, false));
                self.pipes.add(&code, id, [f64::NAN; 2]);
            }
        }
        Ok(())
    }

    fn read_layer(&mut self, plan: &mut LayerPlan, sink: &mut Sink<'_>) -> Result<()> {
        let source = self.source;
        let layer = &source.layers[plan.layer];
        let part = &source.parts[layer.part];
        let transform = self.transform(plan)?;
        let stage = Message::new("io.stage.reading").with("layer", &plan.name);
        let mut report = LayerReport {
            layer: plan.name.clone(),
            ..LayerReport::default()
        };
        let mut classes: BTreeMap<ClassIndex, u64> = BTreeMap::new();
        let mut tally = Tally::default();
        quiet::take_heard();
        let mut open = part.dataset.layer(layer.index)?;
        let mut number = 0_u64;
        for row in open.features() {
            number += 1;
            if number.is_multiple_of(STEP) {
                self.context.progress.check()?;
                self.context.progress.report(&stage, number, layer.count);
            }
            let cell = |column: usize| rows::cell(&row, column, &layer.columns[column], part.codec);
            let is_wanted = plan.only.iter().all(|(column, values)| {
                let found = cell(*column).0;
                found.text().is_some_and(|found| {
                    values
                        .iter()
                        .any(|v| v == "*" || normalised(v) == normalised(&found))
                })
            });
            if !is_wanted {
                tally.left_out += 1;
                continue;
            }
            if plan.shares_layer && self.is_for_sibling(&row, plan) {
                continue;
            }
            report.read += 1;
            let mut current = Current {
                layer: &layer.name,
                number: number + layer.header_rows,
                code: None,
                place: None,
            };
            let Some(made) = self.features(&row, plan, transform.as_ref(), &mut current, &mut tally) else {
                report.rejected += 1;
                continue;
            };
            report.written += made.features.len() as u64;
            for feature in made.features {
                *classes.entry(feature.class).or_default() += 1;
                self.note(&feature, &current);
                match &made.flow_to {
                    Some(code) => self.waiting.push(Waiting::new(feature, code, &current)),
                    None => sink(&feature)?,
                }
            }
        }
        if let Some(reason) = quiet::words(&quiet::take_heard()) {
            return Err(Error::bad_input(
                Message::new("io.source.breaks_off")
                    .with("path", part.file.display())
                    .with("layer", &plan.name)
                    .with("row", number)
                    .with("reason", reason),
            ));
        }
        self.context.progress.report(&stage, number, Some(number));
        if number == 0 {
            self.ledger.push(
                Issue::new(
                    Severity::Warning,
                    Message::new("io.issue.no_rows").with("layer", &plan.name),
                )
                .in_layer(&plan.name),
            );
        }
        if let Some((class, _)) = classes.iter().next().filter(|_| classes.len() == 1) {
            report.class.clone_from(&self.context.schema.class(*class).key);
        }
        self.settle(plan, &tally);
        self.report.layers.push(report);
        Ok(())
    }

    /// Tells what was found over all rows of a layer.
    fn settle(&mut self, plan: &LayerPlan, tally: &Tally) {
        let schema = self.context.schema;
        let columns: Vec<&str> = {
            let layer = &self.source.layers[plan.layer];
            plan.class_columns
                .iter()
                .map(|c| layer.columns[*c].name.as_str())
                .collect()
        };
        let mut push = |severity, message: Message, field: Option<&str>, row: Option<u64>| {
            let mut issue = Issue::new(severity, message).in_layer(&plan.name);
            issue.field = field.map(str::to_owned);
            issue.row = row;
            self.ledger.push(issue);
        };
        for (value, (count, row)) in &tally.unknown_classes {
            let message = Message::new("io.issue.unknown_class")
                .with("found", value)
                .with("count", count)
                .with("taken_for", plan::class_text(schema, &plan.base));
            push(Severity::Warning, message, Some(&columns.join(", ")), Some(*row));
        }
        for ((binding, class), count) in &tally.homeless {
            let target = &plan.bindings[*binding].target;
            let class = &schema.class(*class).key;
            let message = Message::new("io.issue.no_such_field")
                .with("count", count)
                .with("field", target)
                .with("class", class);
            push(Severity::Info, message, Some(target), None);
        }
        if tally.uncoded > 0 {
            push(
                Severity::Info,
                Message::new("io.issue.made_up_codes").with("count", tally.uncoded),
                Some("code"),
                None,
            );
        }
        if tally.left_out > 0 {
            push(
                Severity::Info,
                Message::new("io.issue.left_out").with("count", tally.left_out),
                None,
                None,
            );
        }
        let unused: Vec<&str> = {
            let layer = &self.source.layers[plan.layer];
            let is_used = |i: usize| {
                plan.bindings.iter().any(|b| b.column == Some(i))
                    || plan.class_columns.contains(&i)
                    || plan.place_columns.contains(&Some(i))
                    || plan.only.iter().any(|(c, _)| *c == i)
            };
            layer
                .columns
                .iter()
                .enumerate()
                .filter(|(i, _)| !is_used(*i))
                .map(|(_, c)| c.name.as_str())
                .collect()
        };
        if !unused.is_empty() {
            let message = Message::new("io.issue.unused_columns").with("columns", unused.join(", "));
            push(Severity::Info, message, None, None);
        }
    }

    /// Whether a row is for the plan that reads the other kind of geometry of the same layer.
    fn is_for_sibling(&self, row: &Row<'_>, plan: &LayerPlan) -> bool {
        if let Some(geometry) = rows::geometry(row) {
            let found = shape::parts(geometry, plan.kind);
            return found.geometries.is_empty() && found.findings.contains(&Finding::WrongKind);
        }
        let layer = &self.source.layers[plan.layer];
        let codec = self.source.parts[layer.part].codec;
        let named = plan.class_columns.iter().find_map(|c| {
            let cell = rows::cell(row, *c, &layer.columns[*c], codec).0;
            plan::class_kind(self.context.schema, &cell.text()?)
        });
        match named {
            Some((class, _)) => self.context.schema.class(class).geometry != plan.kind,
            None => plan.kind == GeometryKind::Line,
        }
    }

    /// From the layer's system to the target's; `None` for a table without coordinates.
    fn transform(&mut self, plan: &LayerPlan) -> Result<Option<Transform>> {
        let source = self.source;
        let layer = &source.layers[plan.layer];
        if layer.shape == Shape::None && plan.place_columns[0].is_none() {
            return Ok(None);
        }
        let points = sample_places(source, plan)?;
        if points.is_empty() {
            return Ok(None);
        }
        // A table's coordinates are in no system that the file could name.
        let said = self.context.said_crs.clone().or_else(|| layer.crs.clone());
        let placed = placing::place(&plan.name, said.as_ref(), &points, Some(self.context.target))?;
        if placed.is_guessed {
            let name = placing::named(&placed.crs);
            let message = placed.issue.as_ref().map(|i| i.message.clone());
            self.report.guesses.push(Guess {
                subject: GuessSubject::Crs,
                layer: plan.name.clone(),
                column: None,
                found: String::new(),
                taken_for: placed.crs.epsg.map_or(name, |epsg| format!("EPSG:{epsg}")),
                message: message.unwrap_or_else(|| Message::new("io.place.guessed_crs")),
            });
        }
        if let Some(issue) = placed.issue {
            self.ledger.push(issue);
        }
        Transform::new(&placed.crs, self.context.target).map(Some)
    }
}

/// What is counted over a layer rather than told row by row.
#[derive(Default)]
struct Tally {
    left_out: u64,
    uncoded: u64,
    /// Value of a class column that is no class, with its number and first row.
    unknown_classes: BTreeMap<String, (u64, u64)>,
    /// Values of a binding for which the class has no field.
    homeless: BTreeMap<(usize, ClassIndex), u64>,
}

/// Some of a layer's coordinates as they stand in the source.
pub(super) fn sample_places(source: &Source, plan: &LayerPlan) -> Result<Vec<[f64; 2]>> {
    let layer = &source.layers[plan.layer];
    let part = &source.parts[layer.part];
    let mut open = part.dataset.layer(layer.index)?;
    let mut places = Vec::new();
    for row in open.features().take(300) {
        let place = match (rows::geometry(&row).filter(|g| !g.is_empty()), plan.place_columns) {
            (Some(geometry), _) => {
                let box_ = geometry.envelope();
                Some([
                    f64::midpoint(box_.MinX, box_.MaxX),
                    f64::midpoint(box_.MinY, box_.MaxY),
                ])
            }
            (None, [Some(x), Some(y), _]) => {
                let number = |c: usize| rows::cell(&row, c, &layer.columns[c], part.codec).0.number();
                number(x).zip(number(y)).map(|(x, y)| [x, y])
            }
            _ => None,
        };
        places.extend(place.filter(|p| p[0].is_finite() && p[1].is_finite()));
    }
    quiet::take_heard();
    Ok(places)
}

#[cfg(test)]
mod tests;
