//! The check itself: what it is told, in what order it looks, and what all rules share.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::nodes::usual_area;
use super::scope::Scope;
use super::words::Words;
use super::{Finding, Rule, RuleSet, Selection};
use crate::edit::ops::{Passes, PipeEnd};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature};
use crate::network::{LifeState, Network, NodeIndex, PipeIndex};
use crate::progress::Progress;
use crate::project::Project;
use crate::schema::{FieldType, Label, Role, Schema};
use crate::text::Message;

/// Features between two looks at the cancel button.
const STRIDE: usize = 4096;

/// What is checked, and by what.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub network: &'a Network,
    pub schema: &'a Schema,
    pub rules: &'a RuleSet,
    pub records: Records<'a>,
    /// Later dates are impossible; nobody asks where it is not said.
    pub today: Option<NaiveDate>,
}

/// Where attributes come from that a network does not hold.
#[derive(Debug, Clone, Copy)]
pub enum Records<'a> {
    /// From nowhere: what needs them is not checked.
    None,
    Of(&'a Project),
    /// As they were before an edit of these features; `None` for those that were not there. Not for a check of everything.
    Before(&'a Project, &'a HashMap<FeatureId, Option<Feature>>),
}

impl<'a> Records<'a> {
    pub(super) fn project(self) -> Option<&'a Project> {
        match self {
            Self::None => None,
            Self::Of(project) | Self::Before(project, _) => Some(project),
        }
    }

    pub(super) fn get(self, class: ClassIndex, id: FeatureId) -> Result<Option<Feature>> {
        match self {
            Self::None => Ok(None),
            Self::Of(project) => project.record(class, id),
            Self::Before(project, before) => match before.get(&id) {
                Some(feature) => Ok(feature.clone()),
                None => project.record(class, id),
            },
        }
    }
}

/// What a check needs to know before it looks.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) scope: Scope,
    pub(super) passes: Passes,
    pub(super) words: Words,
    /// The records of a few features; of everything, the tables are read instead.
    pub(super) features: Vec<Feature>,
    /// Where features may lie; `None` where nobody can tell.
    area: Option<[f64; 4]>,
}

/// A check on its way. Two may look at different things at the same time.
pub(super) struct Check<'a> {
    pub(super) network: &'a Network,
    pub(super) schema: &'a Schema,
    pub(super) rules: &'a RuleSet,
    pub(super) today: Option<NaiveDate>,
    pub(super) scope: &'a Scope,
    pub(super) passes: &'a Passes,
    pub(super) words: &'a Words,
    pub(super) area: Option<[f64; 4]>,
    pub(super) found: Vec<Finding>,
}

/// Checks a selection by all rules that are on.
///
/// # Errors
/// `Cancelled`, or the project cannot be read.
pub fn check(subject: &Subject<'_>, selection: &Selection, progress: &dyn Progress) -> Result<Vec<Finding>> {
    let mut known = Known {
        scope: Scope::new(subject.network, selection, reach_m(subject.rules)),
        passes: Passes::default(),
        words: Words::default(),
        features: Vec::new(),
        area: usual_area(subject.network, subject.rules),
    };
    known.read(subject)?;
    let known = &known;
    let (network, schema, rules, today) = (subject.network, subject.schema, subject.rules, subject.today);
    let begin = move || Check {
        network,
        schema,
        rules,
        today,
        scope: &known.scope,
        passes: &known.passes,
        words: &known.words,
        area: known.area,
        found: Vec::new(),
    };
    let of_records = || -> Result<Vec<Finding>> {
        let mut check = begin();
        check.records(subject.records, &known.features, progress)?;
        Ok(check.found)
    };
    let of_network = move || -> Result<Vec<Finding>> {
        let mut check = begin();
        check.unreadable();
        check.shapes(progress)?;
        Ok(check.found)
    };
    if !known.scope.is_everything {
        let mut found = of_records()?;
        found.extend(of_network()?);
        return Ok(found);
    }
    // The records come from the disk, the network is in memory: neither waits for the other.
    std::thread::scope(|threads| {
        let seen = threads.spawn(of_network);
        let told = of_records();
        let seen = seen
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let mut found = told?;
        found.extend(seen?);
        Ok(found)
    })
}

/// How far rules look around a feature.
fn reach_m(rules: &RuleSet) -> f64 {
    [
        Rule::DanglingEnd,
        Rule::EndNearPipe,
        Rule::NearNodes,
        Rule::OrphanNode,
    ]
    .into_iter()
    .map(|rule| rules.parameter(rule, "reach_m"))
    .fold(0.0, f64::max)
}

struct Count<'a> {
    progress: &'a dyn Progress,
    stage: Message,
    done: usize,
    total: u64,
}

impl Count<'_> {
    fn one(&mut self) -> Result<()> {
        if self.done.is_multiple_of(STRIDE) {
            self.progress.check()?;
            self.progress
                .report(&self.stage, self.done as u64, Some(self.total));
        }
        self.done += 1;
        Ok(())
    }
}

impl Check<'_> {
    /// What the network shows by itself.
    fn shapes(&mut self, progress: &dyn Progress) -> Result<()> {
        let scope = self.scope;
        let total = (scope.pipes.len() + scope.nodes.len()) as u64;
        let mut count = Count {
            progress,
            stage: Message::new("rules.stage"),
            done: 0,
            total,
        };
        for pipe in &scope.pipes {
            count.one()?;
            self.pipe(*pipe);
        }
        for pipe in &scope.fringe {
            if self.network.pipe_state(*pipe) == LifeState::Operative {
                self.ends(*pipe);
            }
        }
        for node in &scope.nodes {
            count.one()?;
            self.node(*node);
        }
        self.parts();
        progress.report(&count.stage, total, Some(total));
        Ok(())
    }

    fn pipe(&mut self, pipe: PipeIndex) {
        let state = self.network.pipe_state(pipe);
        if state == LifeState::Obsolete {
            return;
        }
        self.shape(pipe);
        self.code_of_pipe(pipe);
        self.size_of_material(pipe);
        if state == LifeState::Operative {
            self.ends(pipe);
            self.neighbours(pipe);
            self.ends_in_service(pipe);
            self.ends_of_kind(pipe);
        } else {
            self.joins_live(pipe);
        }
    }

    fn node(&mut self, node: NodeIndex) {
        self.code_of_node(node);
        if self.network.node_state(node) != LifeState::Operative {
            return;
        }
        self.named_pipe(node);
        self.device(node);
        let place = self.network.position(node);
        if place[0].is_finite() && place[1].is_finite() {
            self.close_nodes(node);
            self.outside(node);
        }
        self.orphan(node);
        self.joint(node);
    }

    /// A finding to be filled; `None` where nobody looks for it.
    pub(super) fn begin(&self, rule: Rule, code: &str) -> Option<Finding> {
        let severity = self.rules.severity(rule)?;
        Some(Finding::new(rule, severity, code))
    }

    pub(super) fn is_on(&self, rule: Rule) -> bool {
        self.rules.severity(rule).is_some()
    }

    pub(super) fn number(&self, rule: Rule, parameter: &str) -> f64 {
        self.rules.parameter(rule, parameter)
    }

    pub(super) fn end_tolerance_m(&self) -> f64 {
        self.network.options().end_tolerance_m
    }

    pub(super) fn role(&self, node: NodeIndex) -> Option<Role> {
        (!self.network.is_anonymous(node)).then(|| self.schema.class(self.network.node_class(node)).role)
    }

    pub(super) fn class_key(&self, node: NodeIndex) -> &str {
        &self.schema.class(self.network.node_class(node)).key
    }

    pub(super) fn class_label(&self, key: &str) -> Label {
        let class = self.schema.class_index(key);
        class.map_or_else(
            || Label::same(key),
            |class| self.schema.class(class).label.clone(),
        )
    }

    pub(super) fn field_label(&self, class: ClassIndex, key: &str) -> Label {
        let class = self.schema.class(class);
        let field = class.field_index(key).map(|i| &class.fields[i]);
        field.map_or_else(|| Label::same(key), |field| field.label.clone())
    }

    /// How a dictionary calls a code.
    pub(super) fn entry_label(&self, dictionary: &str, code: &str) -> Label {
        let entry = self.schema.dictionary(dictionary).and_then(|d| d.resolve(code));
        entry.map_or_else(|| Label::same(code), |entry| entry.label.clone())
    }

    /// How a class calls one of its kinds.
    pub(super) fn kind_label(&self, class: ClassIndex, code: &str) -> Label {
        let class = self.schema.class(class);
        let field = class.field_index("kind").map(|i| &class.fields[i].field_type);
        match field {
            Some(FieldType::Code(dictionary)) => self.entry_label(dictionary, code),
            _ => Label::same(code),
        }
    }

    /// What people call a pipe: its code, or its id where it has none.
    pub(super) fn pipe_name(&self, pipe: PipeIndex) -> String {
        match self.network.pipe_code(pipe) {
            "" => self.network.pipe_id(pipe).to_string(),
            code => code.to_owned(),
        }
    }

    /// The same of a node; nothing for an anonymous end.
    pub(super) fn node_name(&self, node: NodeIndex) -> String {
        match self.network.node_code(node) {
            "" if self.network.is_anonymous(node) => String::new(),
            "" => self.network.node_id(node).to_string(),
            code => code.to_owned(),
        }
    }

    /// The id of a pipe, as requests name it.
    pub(super) fn pipe_key(&self, pipe: PipeIndex) -> String {
        self.network.pipe_id(pipe).to_string()
    }

    pub(super) fn node_key(&self, node: NodeIndex) -> String {
        self.network.node_id(node).to_string()
    }

    pub(super) fn middle(&self, pipe: PipeIndex) -> Option<[f64; 2]> {
        let (line, metric) = (self.network.pipe_vertices(pipe), self.network.metric());
        metric.point_along(line, metric.length_m(line) / 2.0)
    }

    /// The pipes in service that have an end or a cut in a node, each once, in order.
    pub(super) fn pipes_at(&self, node: NodeIndex) -> Vec<PipeIndex> {
        let pieces = self.network.pieces_at(node).iter();
        let mut pipes: Vec<PipeIndex> = pieces.map(|piece| self.network.piece_pipe(*piece)).collect();
        pipes.sort_unstable();
        pipes.dedup();
        pipes
    }
}

pub(super) fn side(i: usize) -> PipeEnd {
    if i == 0 { PipeEnd::From } else { PipeEnd::To }
}
