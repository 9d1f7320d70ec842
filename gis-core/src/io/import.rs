//! Brings any source into a project, or opens it as one. It picks the reader by what the source is; how a format
//! is read is that reader's business.

use std::path::Path;

use serde::Serialize;

use super::crs;
use super::dispatch;
use super::encoding::EncodingQuestion;
use super::mapping::Mapping;
use super::options::ImportOptions;
use super::placing;
use super::plan::{self, LayerPlan};
use super::propose::{self, Layout};
use super::report::{Guess, GuessSubject, ImportReport};
use super::source::{Opened, Shape, Source};
use super::vector::{self, Context, Sink};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::IdSource;
use crate::issue::{Issue, Issues, Severity};
use crate::progress::Progress;
use crate::schema::{GeometryKind, Schema};
use crate::text::Message;

/// What a source holds and how it would be read; to be shown and corrected before the import.
#[derive(Debug, Clone, Serialize)]
pub struct Inspection {
    pub layout: Layout,
    pub layers: Vec<LayerInspection>,
    /// What would be carried out; corrected, it goes back as `ImportOptions::mapping`.
    pub mapping: Mapping,
    pub guesses: Vec<Guess>,
    /// Text whose encoding must be asked; layers and mapping are empty until it is answered.
    pub encoding_question: Option<EncodingQuestion>,
    pub issues: Issues,
}

#[derive(Debug, Clone, Serialize)]
pub struct LayerInspection {
    pub name: String,
    pub shape: Shape,
    /// What the source says about its coordinates.
    pub crs: Option<Crs>,
    /// Number of rows, where it costs nothing to know.
    pub count: Option<u64>,
    pub columns: Vec<String>,
    /// The first rows as text, a cell per column.
    pub sample: Vec<Vec<Option<String>>>,
}

/// Rows shown of each layer.
const SHOWN: usize = 20;

/// Looks into a source without importing it. A format with a meaning of its own has no layers to map.
///
/// # Errors
/// As for the import itself: the source is not there, empty, truncated, of no known format.
pub fn inspect(path: &Path, options: &ImportOptions, schema: &Schema) -> Result<Inspection> {
    let without_layers = |layout, encoding_question| Inspection {
        layout,
        layers: Vec::new(),
        mapping: Mapping::default(),
        guesses: Vec::new(),
        encoding_question,
        issues: Issues::default(),
    };
    if !dispatch::is_vector(path, schema)? {
        return Ok(without_layers(Layout::Native, None));
    }
    let source = match Source::open(path, encoding_of(options))? {
        Opened::Source(source) => source,
        Opened::Question(question) => return Ok(without_layers(Layout::Guessed, Some(question))),
    };
    let mut issues = Issues::default();
    let meaning = meaning(schema, &source, options)?;
    let mut found = source.issues.clone();
    plan::plans(schema, &source, &meaning.mapping, &options.layers, &mut found)?;
    for issue in found {
        issues.push(issue);
    }
    let layers = source
        .layers
        .iter()
        .map(|layer| {
            Ok(LayerInspection {
                name: layer.name.clone(),
                shape: layer.shape,
                crs: layer.crs.clone(),
                count: layer.count,
                columns: layer.columns.iter().map(|c| c.name.clone()).collect(),
                sample: propose::sample(&source, layer, SHOWN)?,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Inspection {
        layout: meaning.layout,
        layers,
        mapping: meaning.mapping,
        guesses: meaning.guesses,
        encoding_question: None,
        issues,
    })
}

fn encoding_of(options: &ImportOptions) -> Option<&str> {
    options
        .encoding
        .as_deref()
        .or_else(|| options.mapping.as_ref()?.encoding.as_deref())
}

/// What the source means: by the user's mapping, the exchange layout or a guess; with the encodings that were
/// found out.
fn meaning(schema: &Schema, source: &Source, options: &ImportOptions) -> Result<propose::Proposal> {
    let mut proposal = match &options.mapping {
        Some(mapping) => propose::Proposal {
            layout: Layout::Mapped,
            mapping: mapping.clone(),
            guesses: Vec::new(),
        },
        None => propose::propose(schema, source)?,
    };
    for part in &source.parts {
        if let Some(encoding) = part.guessed_encoding {
            let file = part
                .file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            proposal.guesses.push(Guess {
                subject: GuessSubject::Encoding,
                layer: String::new(),
                column: None,
                found: file.clone(),
                taken_for: encoding.to_owned(),
                message: Message::new("io.guess.encoding")
                    .with("file", file)
                    .with("encoding", encoding),
            });
        }
    }
    Ok(proposal)
}

fn open(path: &Path, options: &ImportOptions) -> Result<Source> {
    match Source::open(path, encoding_of(options))? {
        Opened::Source(source) => Ok(source),
        Opened::Question(question) => Err(question.into_error()),
    }
}

/// A vector source that is open and whose meaning is settled.
pub(super) struct Prepared {
    source: Source,
    layout: Layout,
    guesses: Vec<Guess>,
    plans: Vec<LayerPlan>,
    said_crs: Option<Crs>,
    issues: Vec<Issue>,
}

pub(super) fn prepare(path: &Path, options: &ImportOptions, schema: &Schema) -> Result<Prepared> {
    let source = open(path, options)?;
    let meaning = meaning(schema, &source, options)?;
    let mut issues = Vec::new();
    let plans = plan::plans(schema, &source, &meaning.mapping, &options.layers, &mut issues)?;
    let said_crs = match (&options.source_crs, &meaning.mapping.crs) {
        (Some(crs), _) => Some(crs.clone()),
        (None, Some(definition)) => Some(crs::parse(definition)?),
        (None, None) => None,
    };
    Ok(Prepared {
        source,
        layout: meaning.layout,
        guesses: meaning.guesses,
        plans,
        said_crs,
        issues,
    })
}

impl Prepared {
    /// The system a project of this source alone would have. Where nobody said it, it is guessed once for all
    /// layers, and the guess is told.
    pub(super) fn own_crs(&mut self) -> Result<Crs> {
        if let Some(crs) = &self.said_crs {
            return Ok(crs.clone());
        }
        let layer_of = |plan: &LayerPlan| &self.source.layers[plan.layer];
        // Pipes decide: points may be a table beside them.
        let said = self.plans.iter().rev().find_map(|p| layer_of(p).crs.clone());
        if let Some(crs) = said {
            return Ok(crs);
        }
        let mut places = Vec::new();
        for plan in self.plans.iter().rev() {
            places = vector::sample_places(&self.source, plan)?;
            if !places.is_empty() {
                break;
            }
        }
        let name = self.plans.last().map(|p| p.name.clone()).unwrap_or_default();
        let placed = placing::place(&name, None, &places, None)?;
        let message = placed
            .issue
            .map_or_else(|| Message::new("io.place.local_crs"), |i| i.message);
        self.guesses.push(Guess {
            subject: GuessSubject::Crs,
            layer: String::new(),
            column: None,
            found: String::new(),
            taken_for: placed
                .crs
                .epsg
                .map_or_else(|| placed.crs.name.clone(), |epsg| format!("EPSG:{epsg}")),
            message: message.clone(),
        });
        self.issues.push(Issue::new(Severity::Warning, message));
        self.said_crs = Some(placed.crs.clone());
        Ok(placed.crs)
    }

    /// Reads everything into the sink.
    pub(super) fn read(
        self,
        schema: &Schema,
        target: &Crs,
        ids: &mut IdSource,
        progress: &dyn Progress,
        sink: &mut Sink<'_>,
    ) -> Result<ImportReport> {
        let context = Context {
            schema,
            target,
            said_crs: self.said_crs,
            progress,
        };
        let has_lines = self.plans.iter().any(|p| p.kind == GeometryKind::Line);
        let mut sources = 0_u64;
        let mut counting = |feature: &crate::model::Feature| {
            let kind = schema
                .class(feature.class)
                .field_index("kind")
                .and_then(|f| feature.values[f].as_text());
            sources += u64::from(schema.behaviour(feature.class, kind).source == Some(true));
            sink(feature)
        };
        let read = vector::read(context, &self.source, self.plans, ids, &mut counting)?;
        let mut report = ImportReport {
            guesses: self.guesses,
            ..ImportReport::default()
        };
        for issue in self.issues {
            report.issues.push(issue);
        }
        report.extend(read);
        if sources == 0 && has_lines && self.layout != Layout::Exchange {
            report
                .issues
                .push(Issue::new(Severity::Warning, Message::new("io.guess.no_source")));
        }
        if report.written() == 0 {
            let issues = report.issues.iter().filter(|i| i.severity != Severity::Info);
            let reasons: Vec<String> = issues.take(5).map(|i| i.message.to_string()).collect();
            return Err(Error::bad_input(
                Message::new("io.source.nothing_read")
                    .with("path", self.source.path.display())
                    .with("reasons", reasons.join("; ")),
            ));
        }
        Ok(report)
    }
}
