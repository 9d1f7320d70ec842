//! What may join what: how many pipes a fitting takes, where size and material may change, which waters, kinds, states and
//! districts may meet.

use super::Rule;
use super::check::Check;
use super::repair::set;
use crate::edit::ops::Request;
use crate::network::{LifeState, NodeIndex, PipeIndex};
use crate::schema::{Label, Role};
use crate::text::Lang;

impl Check<'_> {
    pub(super) fn joint(&mut self, node: NodeIndex) {
        let pipes = self.pipes_at(node);
        if pipes.is_empty() {
            return;
        }
        self.arity(node);
        if let [a, b] = pipes[..]
            && self.network.pieces_at(node).len() == 2
            && self.role(node) == Some(Role::Junction)
        {
            self.size_changes(node, a, b);
            self.material_changes(node, a, b);
        }
        self.waters(node, &pipes);
        self.zones(node, &pipes);
    }

    fn arity(&mut self, node: NodeIndex) {
        let class = self.class_key(node);
        let Some(fitting) = self.rules.tables.fittings.iter().find(|f| f.class == class) else {
            return;
        };
        let is_fit = |arms: usize| (fitting.least..=fitting.most).contains(&arms);
        let arms = self.network.pieces_at(node).len();
        // A branch that is only planned, or was left in the ground, is an arm as well.
        if !self.is_on(Rule::FittingArity) || is_fit(arms) || is_fit(arms + self.dry_arms(node)) {
            return;
        }
        let Some(finding) = self.begin(Rule::FittingArity, &self.node_name(node)) else {
            return;
        };
        let instead = match arms {
            1 => "cap",
            2 => "junction",
            3 => "tee",
            _ => "cross",
        };
        let finding = finding
            .with_label("class", &self.class_label(class))
            .with("count", arms)
            .at(Some(self.network.position(node)))
            .on(&[self.network.node_id(node)])
            .mend(
                "change_class",
                self.class_label(instead),
                self.change_class(node, instead, None),
            );
        self.found.push(finding);
    }

    fn dry_arms(&self, node: NodeIndex) -> usize {
        let at = self.network.position(node);
        if !(at[0].is_finite() && at[1].is_finite()) {
            return 0;
        }
        let around = self.network.metric().box_around(at, self.end_tolerance_m());
        let pipes = self.network.pipes_in_box(around);
        pipes
            .into_iter()
            .filter(|pipe| self.network.pipe_state(*pipe) != LifeState::Operative)
            .map(|pipe| {
                self.network
                    .pipe_ends(pipe)
                    .iter()
                    .filter(|end| **end == node)
                    .count()
            })
            .sum()
    }

    fn change_class(&self, node: NodeIndex, class: &str, kind: Option<&str>) -> Request {
        let values = kind.map(|kind| ("kind".to_owned(), kind.into()));
        Request::ChangeClass {
            node: self.node_key(node),
            class: class.to_owned(),
            values: values.into_iter().collect(),
        }
    }

    fn size_changes(&mut self, node: NodeIndex, a: PipeIndex, b: PipeIndex) {
        let sizes = [a, b].map(|pipe| f64::from(self.network.pipe_diameter_mm(pipe)));
        let least_mm = self.number(Rule::DiameterJump, "least_mm");
        let is_known = sizes.iter().all(|size| *size > 0.0);
        let may = &self.rules.tables.change.size;
        let class = self.class_key(node);
        if !is_known || (sizes[0] - sizes[1]).abs() < least_mm || may.iter().any(|key| key == class) {
            return;
        }
        let Some(finding) = self.begin(Rule::DiameterJump, &self.node_name(node)) else {
            return;
        };
        let (shorter, size) = if self.network.pipe_length_m(a) < self.network.pipe_length_m(b) {
            (a, sizes[1])
        } else {
            (b, sizes[0])
        };
        let id = self.network.pipe_id(shorter);
        let mut finding = finding
            .with("first", sizes[0])
            .with("second", sizes[1])
            .at(Some(self.network.position(node)))
            .on(&[self.network.node_id(node)]);
        if let Some(class) = may.first() {
            finding = finding.mend(
                "change_class",
                self.class_label(class),
                self.change_class(node, class, None),
            );
        }
        let about = format!("{} {size}", self.pipe_name(shorter));
        let finding = finding.mend("set_diameter", &about, set(&[id], "diameter_mm", size.into()));
        self.found.push(finding);
    }

    fn material_changes(&mut self, node: NodeIndex, a: PipeIndex, b: PipeIndex) {
        let materials = [a, b].map(|pipe| self.network.pipe_material(pipe));
        let (Some(first), Some(second)) = (materials[0], materials[1]) else {
            return;
        };
        let change = &self.rules.tables.change;
        let (class, schema_class) = (self.class_key(node), self.network.node_class(node));
        let kind = self.schema.kind_code(schema_class, self.network.node_kind(node));
        let is_marked = change.material.iter().any(|key| key == class)
            || kind.is_some_and(|kind| change.material_kinds.iter().any(|key| key == kind));
        if first == second || is_marked {
            return;
        }
        let Some(dictionary) = self.schema.dictionary("material") else {
            return;
        };
        let Some(finding) = self.begin(Rule::MaterialChange, &self.node_name(node)) else {
            return;
        };
        let mut finding = finding
            .with_label("first", &dictionary.entries[first].label)
            .with_label("second", &dictionary.entries[second].label)
            .at(Some(self.network.position(node)))
            .on(&[self.network.node_id(node)]);
        if let Some(kind) = change.material_kinds.first() {
            let request = self.change_class(node, "junction", Some(kind));
            finding = finding.mend(
                "change_class",
                self.kind_label(self.network.node_class(node), kind),
                request,
            );
        }
        self.found.push(finding);
    }

    /// Which of the waters of the rules a pipe of a kind carries.
    fn water(&self, kind: &str) -> Option<usize> {
        let waters = &self.rules.tables.waters;
        waters
            .iter()
            .position(|water| water.kinds.iter().any(|k| k == kind))
    }

    fn separates(&self, node: NodeIndex) -> bool {
        !self.network.is_anonymous(node) && {
            let class = self.class_key(node);
            self.rules.tables.separators.iter().any(|key| key == class)
        }
    }

    /// Whether a pipe could be of a kind and meet no other water than its own.
    fn takes(&self, pipe: PipeIndex, kind: &str) -> bool {
        let water = self.water(kind);
        let ends = self
            .network
            .pipe_ends(pipe)
            .into_iter()
            .filter(|end| !self.separates(*end));
        ends.flat_map(|end| self.pipes_at(end))
            .filter(|other| *other != pipe)
            .filter_map(|other| self.water(self.words.kind(other)?))
            .all(|other| Some(other) == water)
    }

    fn waters(&mut self, node: NodeIndex, pipes: &[PipeIndex]) {
        if pipes.len() < 2 || !self.is_on(Rule::WatersMeet) || self.words.is_empty() || self.separates(node) {
            return;
        }
        let carried: Vec<(PipeIndex, usize)> = pipes
            .iter()
            .filter_map(|pipe| Some((*pipe, self.water(self.words.kind(*pipe)?)?)))
            .collect();
        let Some(&(first, own)) = carried.first() else {
            return;
        };
        let Some(&(other, _)) = carried.iter().find(|(_, water)| *water != own) else {
            return;
        };
        let Some(finding) = self.begin(Rule::WatersMeet, &self.node_name(node)) else {
            return;
        };
        let kinds = [first, other].map(|pipe| self.words.kind(pipe).unwrap_or_default().to_owned());
        let ids = [first, other].map(|pipe| self.network.pipe_id(pipe));
        let mut finding = finding
            .with_label("first", &self.pipe_kind_label(first, &kinds[0]))
            .with_label("second", &self.pipe_kind_label(other, &kinds[1]))
            .at(Some(self.network.position(node)))
            .on(&[self.network.node_id(node), ids[0], ids[1]]);
        for (pipe, id, kind) in [(other, ids[1], &kinds[0]), (first, ids[0], &kinds[1])] {
            let about = self.pipe_kind_label(pipe, kind).after(&self.pipe_name(pipe));
            finding = finding.mend_if(self.takes(pipe, kind), "set_kind", &about, || {
                set(&[id], "kind", kind.as_str().into())
            });
        }
        self.found.push(finding);
    }

    fn pipe_kind_label(&self, pipe: PipeIndex, kind: &str) -> Label {
        self.kind_label(self.network.pipe_class(pipe), kind)
    }

    fn any_of(&self, pipe: PipeIndex, kinds: &[String]) -> Label {
        let labels: Vec<Label> = kinds
            .iter()
            .map(|kind| self.pipe_kind_label(pipe, kind))
            .collect();
        let all = |lang| labels.iter().map(|label| label.text(lang)).collect::<Vec<_>>();
        Label {
            zh: all(Lang::ZhCn).join(", "),
            en: all(Lang::En).join(", "),
        }
    }

    /// A customer at the end of a transmission main.
    pub(super) fn ends_of_kind(&mut self, pipe: PipeIndex) {
        let Some(kind) = self.words.kind(pipe) else { return };
        for end in self.network.pipe_ends(pipe) {
            if self.network.is_anonymous(end) {
                continue;
            }
            let class = self.class_key(end);
            let table = self.rules.tables.ends.iter().find(|entry| entry.class == class);
            let Some(entry) = table.filter(|entry| entry.kinds.iter().all(|k| k != kind)) else {
                continue;
            };
            let Some(finding) = self.begin(Rule::EndOfWrongPipe, &self.node_name(end)) else {
                return;
            };
            let id = self.network.pipe_id(pipe);
            let mut finding = finding
                .with("other", self.pipe_name(pipe))
                .with_label("kind", &self.pipe_kind_label(pipe, kind))
                .with_label("known", &self.any_of(pipe, &entry.kinds))
                .at(Some(self.network.position(end)))
                .on(&[self.network.node_id(end), id]);
            if let Some(usual) = entry.kinds.first() {
                let about = self.pipe_kind_label(pipe, usual).after(&self.pipe_name(pipe));
                finding = finding.mend("set_kind", &about, set(&[id], "kind", usual.as_str().into()));
            }
            self.found.push(finding);
        }
    }

    fn zones(&mut self, node: NodeIndex, pipes: &[PipeIndex]) {
        if pipes.len() < 2 || !self.is_on(Rule::ZoneOpen) || self.words.is_empty() {
            return;
        }
        let class = self.class_key(node);
        if self.rules.tables.boundaries.iter().any(|key| key == class) {
            return;
        }
        let zones: Vec<(PipeIndex, &str)> = pipes
            .iter()
            .filter_map(|pipe| Some((*pipe, self.words.zone(*pipe)?)))
            .collect();
        let Some(&(first, own)) = zones.first() else {
            return;
        };
        let Some(&(other, foreign)) = zones.iter().find(|(_, zone)| *zone != own) else {
            return;
        };
        let Some(finding) = self.begin(Rule::ZoneOpen, &self.node_name(node)) else {
            return;
        };
        let ids = [first, other].map(|pipe| self.network.pipe_id(pipe));
        let mut finding = finding
            .with("first", own)
            .with("second", foreign)
            .at(Some(self.network.position(node)))
            .on(&[self.network.node_id(node), ids[0], ids[1]]);
        for (pipe, id, zone) in [(other, ids[1], own), (first, ids[0], foreign)] {
            let about = format!("{} {zone}", self.pipe_name(pipe));
            finding = finding.mend("set_zone", &about, set(&[id], "dma", zone.into()));
        }
        self.found.push(finding);
    }

    /// A pipe in service whose node is planned or abandoned.
    pub(super) fn ends_in_service(&mut self, pipe: PipeIndex) {
        for end in self.network.pipe_ends(pipe) {
            if self.network.is_anonymous(end) || self.network.node_state(end) == LifeState::Operative {
                continue;
            }
            let Some(finding) = self.begin(Rule::EndOutOfService, &self.pipe_name(pipe)) else {
                return;
            };
            let ids = [self.network.pipe_id(pipe), self.network.node_id(end)];
            let finding = finding
                .with("other", self.node_name(end))
                .at(Some(self.network.position(end)))
                .on(&ids)
                .mend(
                    "into_service",
                    &self.node_name(end),
                    set(&ids[1..], "state", "operative".into()),
                )
                .mend(
                    "abandon",
                    &self.pipe_name(pipe),
                    Request::Abandon {
                        features: vec![self.pipe_key(pipe)],
                    },
                );
            self.found.push(finding);
        }
    }
}
