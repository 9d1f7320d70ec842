//! What only the records say: attributes, kinds and districts of pipes, crossings that are known. All tables in one pass, or
//! the records of a few features.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Rule;
use super::check::{Check, Known, Records, Subject};
use super::repair::set;
use super::scope::Scope;
use super::values::{Fault, FieldRule};
use crate::edit::ops::{Passes, Request};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Value};
use crate::network::Network;
use crate::progress::Progress;
use crate::project::{Column, Columns, Project};
use crate::schema::{GeometryKind, Schema};

/// The dates that must follow one another.
const DATES: [&str; 2] = ["install_date", "survey_date"];

impl Known {
    /// Reads what the check of the network needs to know of records.
    pub(super) fn read(&mut self, subject: &Subject<'_>) -> Result<()> {
        let Some(project) = subject.records.project() else {
            return Ok(());
        };
        if is_all(subject.records, &self.scope) {
            self.passes = project.passes()?;
            for class in subject.schema.class_indices() {
                if subject.schema.class(class).geometry == GeometryKind::Line {
                    let columns = project.columns(class, &["kind", "dma"])?;
                    self.note_words(subject.network, &columns);
                }
            }
            return Ok(());
        }
        for (class, id) in wanted(subject.network, &self.scope) {
            if let Some(feature) = subject.records.get(class, id)? {
                self.note_feature(subject, &feature);
                self.features.push(feature);
            }
        }
        Ok(())
    }

    fn note_words(&mut self, network: &Network, columns: &Columns) {
        let text = |column: Option<&Column>, row: usize| match column {
            Some(Column::Text { numbers, texts }) => {
                let at = numbers[row].checked_sub(1)?;
                texts.get(at as usize).cloned()
            }
            _ => None,
        };
        let (kinds, zones) = (columns.column("kind"), columns.column("dma"));
        for (row, id) in columns.ids().iter().enumerate() {
            if let Some(pipe) = network.pipe_of_id(*id) {
                let (kind, zone) = (text(kinds, row), text(zones, row));
                self.words.put(pipe, kind.as_deref(), zone.as_deref());
            }
        }
    }

    fn note_feature(&mut self, subject: &Subject<'_>, feature: &Feature) {
        let Some(pipe) = subject.network.pipe_of_id(feature.id) else {
            return;
        };
        let text = |key| value(subject.schema, feature, key)?.as_text();
        self.words.put(pipe, text("kind"), text("dma"));
        self.passes.extend(Passes::of_pipe(subject.schema, feature));
    }
}

/// Whether all tables are read, and not the records of a few features.
fn is_all(records: Records<'_>, scope: &Scope) -> bool {
    scope.is_everything && matches!(records, Records::Of(_))
}

fn value<'f>(schema: &Schema, feature: &'f Feature, key: &str) -> Option<&'f Value> {
    let position = schema.class(feature.class).field_index(key)?;
    feature.values.get(position)
}

impl Check<'_> {
    pub(super) fn records(
        &mut self,
        records: Records<'_>,
        features: &[Feature],
        progress: &dyn Progress,
    ) -> Result<()> {
        match records.project() {
            None => Ok(()),
            Some(project) if is_all(records, self.scope) => self.read_tables(project, progress),
            Some(project) => {
                let may_share_ids = matches!(records, Records::Of(_));
                self.judge(features, may_share_ids.then_some(project))
            }
        }
    }

    fn read_tables(&mut self, project: &Project, progress: &dyn Progress) -> Result<()> {
        let mut ids: Vec<(FeatureId, ClassIndex)> = Vec::new();
        for class in self.schema.class_indices() {
            progress.check()?;
            let rules = self.field_rules(class);
            let mut wanted: Vec<&str> = rules.iter().map(|rule| rule.field.key.as_str()).collect();
            if !wanted.contains(&"state") {
                wanted.push("state");
            }
            let columns = project.columns(class, &wanted)?;
            let is_kept = self.in_use(&columns);
            for rule in &rules {
                self.column(class, rule, &columns, &is_kept);
            }
            self.dates(class, &columns, &is_kept);
            ids.extend(columns.ids().iter().map(|id| (*id, class)));
        }
        ids.sort_unstable();
        for pair in ids.windows(2) {
            let [(id, first), (other, second)] = [pair[0], pair[1]];
            if id == other && first != second {
                self.duplicate_id(id, first, second);
            }
        }
        Ok(())
    }

    /// Which rows are not obsolete.
    fn in_use(&self, columns: &Columns) -> Vec<bool> {
        let Some(Column::Text { numbers, texts }) = columns.column("state") else {
            return vec![true; columns.len()];
        };
        let is_kept: Vec<bool> = texts.iter().map(|text| !self.is_obsolete(text)).collect();
        numbers
            .iter()
            .map(|number| number.checked_sub(1).is_none_or(|at| is_kept[at as usize]))
            .collect()
    }

    fn is_obsolete(&self, state: &str) -> bool {
        let dictionary = self.schema.dictionary("life_state");
        dictionary
            .and_then(|d| d.resolve(state))
            .is_some_and(|entry| entry.code == "obsolete")
    }

    fn column(&mut self, class: ClassIndex, rule: &FieldRule<'_>, columns: &Columns, is_kept: &[bool]) {
        let Some(column) = columns.column(&rule.field.key) else {
            return;
        };
        let ids = columns.ids();
        let mut told: Vec<(usize, Fault)> = Vec::new();
        match column {
            Column::Text { numbers, texts } => {
                // Each text is judged once, however often it stands there.
                let missing = self.fault(rule, &Value::Null);
                let judged: Vec<Option<Fault>> = texts
                    .iter()
                    .map(|text| self.fault(rule, &Value::Text(text.clone())))
                    .collect();
                for (row, number) in numbers.iter().enumerate() {
                    let fault = match number.checked_sub(1) {
                        Some(at) => &judged[at as usize],
                        None => &missing,
                    };
                    told.extend(fault.clone().map(|fault| (row, fault)));
                }
            }
            Column::Real(numbers) => {
                for (row, number) in numbers.iter().enumerate() {
                    let value = if number.is_nan() {
                        Value::Null
                    } else {
                        Value::Real(*number)
                    };
                    told.extend(self.fault(rule, &value).map(|fault| (row, fault)));
                }
            }
            Column::Other(values) => {
                for (row, value) in values.iter().enumerate() {
                    told.extend(self.fault(rule, value).map(|fault| (row, fault)));
                }
            }
        }
        for (row, fault) in told {
            if is_kept[row] {
                self.tell(class, ids[row], rule, &fault);
            }
        }
    }

    fn dates(&mut self, class: ClassIndex, columns: &Columns, is_kept: &[bool]) {
        let [Some(Column::Other(first)), Some(Column::Other(second))] = DATES.map(|key| columns.column(key))
        else {
            return;
        };
        for (row, (a, b)) in first.iter().zip(second).enumerate() {
            if let (Value::Date(a), Value::Date(b)) = (a, b)
                && a > b
                && is_kept[row]
            {
                self.out_of_order(class, columns.ids()[row], *a, *b);
            }
        }
    }

    /// Surveyed before it was laid.
    fn out_of_order(&mut self, class: ClassIndex, id: FeatureId, first: NaiveDate, second: NaiveDate) {
        let name = match self.schema.class(class).geometry {
            GeometryKind::Line => self
                .network
                .pipe_of_id(id)
                .map(|pipe| (self.pipe_name(pipe), self.middle(pipe))),
            GeometryKind::Point => {
                let node = self.network.node_of_id(id);
                node.map(|node| (self.node_name(node), Some(self.network.position(node))))
            }
        };
        let (name, place) = name.unwrap_or_else(|| (id.to_string(), None));
        let Some(finding) = self.begin(Rule::DateImpossible, &name) else {
            return;
        };
        let labels = DATES.map(|key| self.field_label(class, key));
        let finding = finding
            .with_label("class", &self.schema.class(class).label)
            .with_label("field", &labels[0])
            .with("found", format!("{first} > {second}"))
            .at(place)
            .on(&[id])
            .field(DATES[1])
            .mend(
                "clear_value",
                &labels[1],
                set(&[id], DATES[1], serde_json::Value::Null),
            )
            .mend(
                "clear_value",
                &labels[0],
                set(&[id], DATES[0], serde_json::Value::Null),
            );
        self.found.push(finding);
    }

    fn duplicate_id(&mut self, id: FeatureId, first: ClassIndex, second: ClassIndex) {
        let Some(finding) = self.begin(Rule::DuplicateId, &id.to_string()) else {
            return;
        };
        let [first, second] = [first, second].map(|class| self.schema.class(class));
        let place = self
            .network
            .node_of_id(id)
            .map(|node| self.network.position(node))
            .or_else(|| self.middle(self.network.pipe_of_id(id)?));
        let finding = finding
            .with_label("first", &first.label)
            .with_label("second", &second.label)
            .at(place)
            .on(&[id])
            .mend(
                "new_id",
                &second.label,
                Request::Renumber {
                    class: second.key.clone(),
                    feature: id.to_string(),
                },
            );
        self.found.push(finding);
    }

    /// Judges the records of those features that are checked; with a project to look into, their ids as well.
    fn judge(&mut self, features: &[Feature], project: Option<&Project>) -> Result<()> {
        let mut rules: HashMap<ClassIndex, Vec<FieldRule<'_>>> = HashMap::new();
        for feature in features {
            let state = value(self.schema, feature, "state").and_then(Value::as_text);
            if !self.is_checked(feature.id) || state.is_some_and(|state| self.is_obsolete(state)) {
                continue;
            }
            let (class, id) = (feature.class, feature.id);
            let rules = rules.entry(class).or_insert_with(|| self.field_rules(class));
            for rule in rules.iter() {
                let value = feature.values.get(rule.position).cloned().unwrap_or_default();
                if let Some(fault) = self.fault(rule, &value) {
                    self.tell(class, id, rule, &fault);
                }
            }
            if let [Some(Value::Date(a)), Some(Value::Date(b))] =
                DATES.map(|key| value(self.schema, feature, key))
                && a > b
            {
                self.out_of_order(class, id, *a, *b);
            }
            if let Some(project) = project {
                self.other_class(project, class, id)?;
            }
        }
        Ok(())
    }

    fn is_checked(&self, id: FeatureId) -> bool {
        let pipe = self.network.pipe_of_id(id);
        let node = self.network.node_of_id(id);
        pipe.is_some_and(|pipe| self.scope.pipes.binary_search(&pipe).is_ok())
            || node.is_some_and(|node| self.scope.nodes.binary_search(&node).is_ok())
    }

    /// Whether a table further on has the same id.
    fn other_class(&mut self, project: &Project, class: ClassIndex, id: FeatureId) -> Result<()> {
        if !self.is_on(Rule::DuplicateId) {
            return Ok(());
        }
        let classes = project.classes_of(id)?;
        if let [first, second, ..] = classes[..]
            && first == class
        {
            self.duplicate_id(id, first, second);
        }
        Ok(())
    }

    /// Geometries that could not be read, as reading the network has told.
    pub(super) fn unreadable(&mut self) {
        if !self.scope.is_everything {
            return;
        }
        for issue in self.network.issues().iter() {
            if issue.message.key() != "project.bad_geometry" {
                continue;
            }
            let code = issue.code.clone().unwrap_or_default();
            if let Some(mut finding) = self.begin(Rule::UnreadableGeometry, &code) {
                let class = issue.layer.clone().unwrap_or_default();
                finding = finding.with_label("class", &self.class_label(&class));
                finding.issue.layer.clone_from(&issue.layer);
                self.found.push(finding);
            }
        }
    }
}

/// What is checked, and the pipes that meet it.
fn wanted(network: &Network, scope: &Scope) -> Vec<(ClassIndex, FeatureId)> {
    let mut pipes = scope.pipes.clone();
    let around = scope.nodes.iter().flat_map(|node| network.pieces_at(*node));
    pipes.extend(around.map(|piece| network.piece_pipe(*piece)));
    pipes.sort_unstable();
    pipes.dedup();
    let pipes = pipes
        .into_iter()
        .map(|pipe| (network.pipe_class(pipe), network.pipe_id(pipe)));
    let nodes = scope
        .nodes
        .iter()
        .map(|node| (network.node_class(*node), network.node_id(*node)));
    pipes.chain(nodes).collect()
}
