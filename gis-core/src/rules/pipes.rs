//! Pipes by themselves: no length, a doubtful one, a line that crosses itself, a size its material does not come in.

use super::Rule;
use super::check::Check;
use super::repair::set;
use crate::edit::ops::{Hanging, Request};
use crate::network::meeting::meeting;
use crate::network::{LifeState, PipeIndex};

impl Check<'_> {
    /// Length and line.
    pub(super) fn shape(&mut self, pipe: PipeIndex) {
        let line = self.network.pipe_vertices(pipe);
        let drawn_m = self.network.metric().length_m(line);
        let length_m = self.network.pipe_length_m(pipe);
        let shortest_m = self.number(Rule::ZeroLength, "shortest_m");
        if length_m < shortest_m || (line.len() > 1 && drawn_m < shortest_m) {
            self.zero_length(pipe, drawn_m);
            return;
        }
        let share = self.number(Rule::LengthDiffers, "share");
        let slack_m = self.number(Rule::LengthDiffers, "slack_m");
        if drawn_m > 0.0
            && (drawn_m - length_m).abs() > (share * length_m).max(slack_m)
            && let Some(finding) = self.begin(Rule::LengthDiffers, &self.pipe_name(pipe))
        {
            let finding = finding
                .with("recorded", format!("{length_m:.1}"))
                .with("drawn", format!("{drawn_m:.1}"))
                .at(self.middle(pipe))
                .on(&[self.network.pipe_id(pipe)])
                .field("length_m")
                .mend(
                    "record_length",
                    &format!("{drawn_m:.2}"),
                    self.record_length(pipe),
                );
            self.found.push(finding);
        }
        let ends = self.network.pipe_ends(pipe);
        if ends[0] == ends[1] {
            self.closed_loop(pipe);
        }
        self.self_crossing(pipe);
    }

    fn record_length(&self, pipe: PipeIndex) -> Request {
        Request::RecordLength {
            pipe: self.pipe_key(pipe),
        }
    }

    fn zero_length(&mut self, pipe: PipeIndex, drawn_m: f64) {
        let Some(finding) = self.begin(Rule::ZeroLength, &self.pipe_name(pipe)) else {
            return;
        };
        let finding = finding.at(self.middle(pipe)).on(&[self.network.pipe_id(pipe)]);
        let ends = self.network.pipe_ends(pipe);
        let shortest_m = self.number(Rule::ZeroLength, "shortest_m");
        let are_nodes = ends.iter().all(|end| !self.network.is_anonymous(*end));
        let finding = if drawn_m >= shortest_m {
            finding.mend(
                "record_length",
                &format!("{drawn_m:.2}"),
                self.record_length(pipe),
            )
        } else if are_nodes && ends[0] != ends[1] {
            let (keep, gone) = self.better(ends[0], ends[1]);
            finding.mend(
                "merge_nodes",
                &self.node_name(keep),
                Request::MergeNodes {
                    keep: self.node_key(keep),
                    gone: self.node_key(gone),
                },
            )
        } else {
            finding.mend(
                "delete",
                &self.pipe_name(pipe),
                Request::Delete {
                    features: vec![self.pipe_key(pipe)],
                    hanging: Hanging::Release,
                },
            )
        };
        self.found.push(finding);
    }

    /// 闭合管段: it begins where it ends.
    fn closed_loop(&mut self, pipe: PipeIndex) {
        let Some(finding) = self.begin(Rule::ClosedLoop, &self.pipe_name(pipe)) else {
            return;
        };
        let finding = finding
            .at(self.middle(pipe))
            .on(&[self.network.pipe_id(pipe)])
            .mend(
                "split",
                "2",
                Request::SplitInto {
                    pipe: self.pipe_key(pipe),
                    parts: 2,
                },
            );
        self.found.push(finding);
    }

    fn self_crossing(&mut self, pipe: PipeIndex) {
        let line = self.network.pipe_vertices(pipe);
        let Some((i, j, place)) = crossing_itself(line) else {
            return;
        };
        let Some(finding) = self.begin(Rule::SelfCrossing, &self.pipe_name(pipe)) else {
            return;
        };
        let mut via: Vec<[f64; 2]> = line[1..=i].to_vec();
        via.push(place);
        via.extend(&line[j + 1..line.len() - 1]);
        let finding = finding.at(Some(place)).on(&[self.network.pipe_id(pipe)]).mend(
            "cut_loop",
            "",
            Request::Reshape {
                pipe: self.pipe_key(pipe),
                via,
            },
        );
        self.found.push(finding);
    }

    /// DN 600 in a material that comes up to 200.
    pub(super) fn size_of_material(&mut self, pipe: PipeIndex) {
        if !self.is_on(Rule::MaterialSize) {
            return;
        }
        let diameter_mm = f64::from(self.network.pipe_diameter_mm(pipe));
        let dictionary = self.schema.dictionary("material");
        let material = self.network.pipe_material(pipe).zip(dictionary);
        let Some(entry) = material.and_then(|(at, d)| d.entries.get(at)) else {
            return;
        };
        let sizes = &self.rules.tables.sizes;
        let Some(size) = sizes.iter().find(|size| size.material == entry.code) else {
            return;
        };
        if diameter_mm.is_nan() || diameter_mm <= 0.0 || (size.least_mm..=size.most_mm).contains(&diameter_mm)
        {
            return;
        }
        let (id, class) = (self.network.pipe_id(pipe), self.network.pipe_class(pipe));
        let Some(finding) = self.begin(Rule::MaterialSize, &self.pipe_name(pipe)) else {
            return;
        };
        let finding = finding
            .with_label("material", &entry.label)
            .with("diameter", diameter_mm)
            .with("least", size.least_mm)
            .with("most", size.most_mm)
            .at(self.middle(pipe))
            .on(&[id])
            .field("material")
            .mend(
                "clear_value",
                self.field_label(class, "material"),
                set(&[id], "material", serde_json::Value::Null),
            )
            .mend(
                "clear_value",
                self.field_label(class, "diameter_mm"),
                set(&[id], "diameter_mm", serde_json::Value::Null),
            );
        self.found.push(finding);
    }

    /// A pipe that is planned or out of service and ends where water is.
    pub(super) fn joins_live(&mut self, pipe: PipeIndex) {
        if self.network.pipe_state(pipe) != LifeState::Planned || !self.is_on(Rule::PlannedJoinsLive) {
            return;
        }
        let ends = self.network.pipe_ends(pipe);
        let live = ends
            .into_iter()
            .find(|end| !self.network.pieces_at(*end).is_empty());
        let Some(live) = live else { return };
        let Some(finding) = self.begin(Rule::PlannedJoinsLive, &self.pipe_name(pipe)) else {
            return;
        };
        let id = self.network.pipe_id(pipe);
        let mut features = vec![id];
        let mut in_service = vec![id];
        for end in ends.into_iter().filter(|end| !self.network.is_anonymous(*end)) {
            if end == live {
                features.push(self.network.node_id(end));
            }
            if self.network.node_state(end) != LifeState::Operative {
                in_service.push(self.network.node_id(end));
            }
        }
        let finding = finding
            .with("other", self.node_name(live))
            .at(Some(self.network.position(live)))
            .on(&features)
            .mend(
                "into_service",
                &self.pipe_name(pipe),
                set(&in_service, "state", "operative".into()),
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

/// The first two stretches of a line that cross away from their common vertex, and where.
fn crossing_itself(line: &[[f64; 2]]) -> Option<(usize, usize, [f64; 2])> {
    let stretches = line.len().checked_sub(1)?;
    let is_closed = line.first() == line.last();
    for i in 0..stretches {
        for j in i + 2..stretches {
            if is_closed && i == 0 && j + 1 == stretches {
                continue;
            }
            if let Some(place) = meeting([line[i], line[i + 1]], [line[j], line[j + 1]]) {
                return Some((i, j, place));
            }
        }
    }
    None
}
