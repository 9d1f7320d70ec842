//! What only the records say: attributes, kinds and districts of pipes, crossings that are known. All tables in one pass, or
//! the records of a few features.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Rule;
use super::check::{Check, Records};
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
use crate::schema::GeometryKind;

/// The dates that must follow one another.
const DATES: [&str; 2] = ["install_date", "survey_date"];

impl Check<'_> {
    pub(super) fn read_records(&mut self, progress: &dyn Progress) -> Result<()> {
        let Some(project) = self.subject.records.project() else {
            return Ok(());
        };
        if self.scope.is_everything && matches!(self.subject.records, Records::Of(_)) {
            self.read_tables(project, progress)
        } else {
            self.read_features(project)
        }
    }

    fn read_tables(&mut self, project: &Project, progress: &dyn Progress) -> Result<()> {
        self.passes = project.passes()?;
        let mut seen: HashMap<FeatureId, ClassIndex> = HashMap::new();
        for class in self.schema.class_indices() {
            progress.check()?;
            let rules = self.field_rules(class);
            let mut wanted: Vec<&str> = rules.iter().map(|rule| rule.field.key.as_str()).collect();
            wanted.extend(
                ["dma", "state", "kind"]
                    .iter()
                    .filter(|key| !rules.iter().any(|r| r.field.key == **key)),
            );
            let columns = project.columns(class, &wanted)?;
            let is_kept = self.in_use(&columns);
            for rule in &rules {
                self.column(class, rule, &columns, &is_kept);
            }
            self.dates(class, &columns, &is_kept);
            if self.schema.class(class).geometry == GeometryKind::Line {
                self.note_words(&columns);
            }
            for id in columns.ids() {
                if let Some(other) = seen.insert(*id, class)
                    && other != class
                {
                    self.duplicate_id(*id, other, class);
                }
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

    fn note_words(&mut self, columns: &Columns) {
        let text = |column: Option<&Column>, row: usize| match column {
            Some(Column::Text { numbers, texts }) => {
                let at = numbers[row].checked_sub(1)?;
                texts.get(at as usize).cloned()
            }
            _ => None,
        };
        let (kinds, zones) = (columns.column("kind"), columns.column("dma"));
        for (row, id) in columns.ids().iter().enumerate() {
            if let Some(pipe) = self.network.pipe_of_id(*id) {
                let (kind, zone) = (text(kinds, row), text(zones, row));
                self.words.put(pipe, kind.as_deref(), zone.as_deref());
            }
        }
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

    fn read_features(&mut self, project: &Project) -> Result<()> {
        let network = self.network;
        let pipes = self
            .scope
            .pipes
            .iter()
            .map(|p| (network.pipe_class(*p), network.pipe_id(*p)));
        let nodes = self
            .scope
            .nodes
            .iter()
            .map(|n| (network.node_class(*n), network.node_id(*n)));
        let mut wanted: Vec<(ClassIndex, FeatureId)> = pipes.chain(nodes).collect();
        let judged = wanted.len();
        wanted.extend(beside(network, &self.scope).map(|p| (network.pipe_class(p), network.pipe_id(p))));
        let mut rules: HashMap<ClassIndex, Vec<FieldRule<'_>>> = HashMap::new();
        for (i, (class, id)) in wanted.into_iter().enumerate() {
            let Some(feature) = self.subject.records.get(class, id)? else {
                continue;
            };
            self.note_feature(&feature);
            if i >= judged
                || self
                    .text(&feature, "state")
                    .is_some_and(|state| self.is_obsolete(state))
            {
                continue;
            }
            let rules = match rules.entry(class) {
                std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::hash_map::Entry::Vacant(entry) => entry.insert(self.field_rules(class)),
            };
            for rule in rules.iter() {
                let value = feature.values.get(rule.position).cloned().unwrap_or_default();
                if let Some(fault) = self.fault(rule, &value) {
                    self.tell(class, id, rule, &fault);
                }
            }
            let dates = DATES.map(|key| self.value(&feature, key));
            if let [Some(Value::Date(a)), Some(Value::Date(b))] = dates
                && a > b
            {
                let (a, b) = (*a, *b);
                self.out_of_order(class, id, a, b);
            }
            self.other_class(project, class, id)?;
        }
        Ok(())
    }

    /// Whether a table further on has the same id.
    fn other_class(&mut self, project: &Project, class: ClassIndex, id: FeatureId) -> Result<()> {
        if !self.is_on(Rule::DuplicateId) || !matches!(self.subject.records, Records::Of(_)) {
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

    fn value<'f>(&self, feature: &'f Feature, key: &str) -> Option<&'f Value> {
        let position = self.schema.class(feature.class).field_index(key)?;
        feature.values.get(position)
    }

    fn text<'f>(&self, feature: &'f Feature, key: &str) -> Option<&'f str> {
        self.value(feature, key)?.as_text()
    }

    fn note_feature(&mut self, feature: &Feature) {
        let Some(pipe) = self.network.pipe_of_id(feature.id) else {
            return;
        };
        let (kind, zone) = (self.text(feature, "kind"), self.text(feature, "dma"));
        self.words.put(pipe, kind, zone);
        self.passes.extend(Passes::of_pipe(self.schema, feature));
    }

    /// Geometries that could not be read, as reading the network has told.
    pub(super) fn unreadable(&mut self, scope: &Scope) {
        if !scope.is_everything {
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

/// Pipes that meet a pipe that is checked, or a node that is, without being checked themselves.
fn beside<'a>(network: &'a Network, scope: &'a Scope) -> impl Iterator<Item = crate::network::PipeIndex> {
    let mut pipes: Vec<crate::network::PipeIndex> = scope
        .nodes
        .iter()
        .flat_map(|node| network.pieces_at(*node))
        .map(|piece| network.piece_pipe(*piece))
        .collect();
    pipes.sort_unstable();
    pipes.dedup();
    pipes.retain(|pipe| scope.pipes.binary_search(pipe).is_err());
    pipes.into_iter()
}
