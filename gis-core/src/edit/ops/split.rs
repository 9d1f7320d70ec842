//! 切分管段: cuts a pipe at a place, at distances, into parts. The first part stays the pipe it was, with its id and the
//! files attached to it; what the others were follows from the transaction. Attributes are carried, recorded length and
//! customers shared out, and whatever names the pipe names the right part afterwards.

use super::codes::Taken;
use super::delete::let_go;
use super::{Work, flat, position, refuse, vertices};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Geometry, Value};
use crate::network::Metric;
use crate::schema::GeometryKind;
use crate::text::Message;

/// A node that a pipe is cut at.
pub(super) struct Cut {
    /// Along the drawn line, from its start.
    pub along_m: f64,
    pub node: Feature,
    /// Whether the node is already part of the project.
    pub is_there: bool,
}

/// One part of a pipe that is being cut.
struct Part {
    feature: Feature,
    start_m: f64,
    end_m: f64,
}

/// The pipe that is being cut, measured.
pub(super) struct Whole {
    pub pipe: Feature,
    pub line: Vec<[f64; 3]>,
    pub metric: Metric,
    pub drawn_m: f64,
    /// As devices on it are placed: the recorded length, else the drawn one.
    pub length_m: f64,
    is_named: bool,
}

impl Work<'_> {
    /// Cuts a pipe at distances from its start, each with a plain joint of its own.
    pub(super) fn split_at(&mut self, name: &str, distances_m: &[f64]) -> Result<Transaction> {
        let pipe = self.find_kind(name, GeometryKind::Line)?;
        let whole = self.whole(pipe)?;
        let mut distances = distances_m.to_vec();
        distances.sort_by(f64::total_cmp);
        let mut cuts = Vec::new();
        let mut codes = Taken::new();
        for along_m in distances {
            let at = whole.point_at(along_m);
            let node = self.joint(&whole.pipe, at, &mut codes)?;
            cuts.push(Cut {
                along_m,
                node,
                is_there: false,
            });
        }
        let mut transaction = Self::begin("edit.name.split", &self.project.name_of(&whole.pipe));
        self.cut(&whole, &cuts, &mut transaction)?;
        Ok(transaction)
    }

    /// Cuts a pipe into equal parts.
    pub(super) fn split_into(&mut self, name: &str, parts: usize) -> Result<Transaction> {
        let pipe = self.find_kind(name, GeometryKind::Line)?;
        let whole = self.whole(pipe)?;
        if !(2..=1000).contains(&parts) {
            return Err(refuse("edit.error.parts", &parts.to_string()));
        }
        let distances: Vec<f64> = (1..parts)
            .map(|i| whole.drawn_m * i as f64 / parts as f64)
            .collect();
        self.split_at(name, &distances)
    }

    /// A plain joint for a cut, named after the pipe.
    pub(super) fn joint(&mut self, pipe: &Feature, at: [f64; 3], codes: &mut Taken) -> Result<Feature> {
        let class = self
            .schema()
            .class_index("junction")
            .ok_or_else(|| refuse("edit.error.no_class", "junction"))?;
        let mut node = self.new_feature(class, &serde_json::Map::new())?;
        node.geometry = Some(Geometry::Point(at));
        let code = self.project.code_of(pipe).unwrap_or_default().to_owned();
        if let Some(field) = self.field(&node, "code")
            && !code.is_empty()
        {
            let code = self.joint_code(&code, codes)?;
            codes.insert(code.clone());
            node.values[field] = Value::Text(code);
        }
        Ok(node)
    }

    /// Cuts the pipe that a node lies on, at its foot; the node must have a place.
    pub(super) fn cut_under(
        &mut self,
        pipe: Feature,
        mut node: Feature,
        is_there: bool,
        transaction: &mut Transaction,
    ) -> Result<()> {
        let Some(at) = position(&node) else {
            return Err(self.refuse("edit.error.no_place", &node));
        };
        let whole = self.whole(pipe)?;
        let foot = whole
            .metric
            .foot_point(&flat(&whole.line), [at[0], at[1]])
            .ok_or_else(|| self.refuse("edit.error.no_place", &whole.pipe))?;
        node.geometry = Some(Geometry::Point([foot.point[0], foot.point[1], at[2]]));
        let cut = Cut {
            along_m: foot.along_m,
            node,
            is_there,
        };
        self.cut(&whole, &[cut], transaction)
    }

    pub(super) fn whole(&self, pipe: Feature) -> Result<Whole> {
        let line = vertices(&pipe).to_vec();
        let Some(first) = line.first() else {
            return Err(self.refuse("edit.error.no_place", &pipe));
        };
        let metric = self.metric([first[0], first[1]]);
        let drawn_m = metric.length_m(&flat(&line));
        let recorded_m = self.number(&pipe, "length_m").filter(|m| *m > 0.0);
        Ok(Whole {
            metric,
            drawn_m,
            length_m: recorded_m.unwrap_or(drawn_m),
            is_named: pipe.links.from.is_some() && pipe.links.to.is_some(),
            line,
            pipe,
        })
    }

    pub(super) fn cut(&mut self, whole: &Whole, cuts: &[Cut], transaction: &mut Transaction) -> Result<()> {
        let least_m = self.options.end_tolerance_m;
        let mut last_m = 0.0;
        for along_m in cuts.iter().map(|c| c.along_m).chain([whole.drawn_m]) {
            if along_m.is_nan() || along_m - last_m <= least_m {
                return Err(Error::bad_input(
                    Message::new("edit.error.too_short")
                        .with("feature", self.project.name_of(&whole.pipe))
                        .with("distance", format!("{along_m:.3}"))
                        .with("length", format!("{:.3}", whole.drawn_m)),
                ));
            }
            last_m = along_m;
        }
        let parts = self.parts(whole, cuts)?;
        for cut in cuts {
            if !cut.is_there {
                transaction.edits.push(Edit::Insert(cut.node.clone()));
            }
        }
        for part in &parts[1..] {
            transaction.edits.push(Edit::Insert(part.feature.clone()));
        }
        transaction.change(self.schema(), &whole.pipe, &parts[0].feature);
        self.relink(whole, cuts, &parts, transaction)
    }

    fn parts(&mut self, whole: &Whole, cuts: &[Cut]) -> Result<Vec<Part>> {
        let mut parts = Vec::with_capacity(cuts.len() + 1);
        let mut codes = Taken::new();
        let code = self.project.code_of(&whole.pipe).map(str::to_owned);
        for i in 0..=cuts.len() {
            let mut feature = whole.pipe.clone();
            let start_m = if i == 0 { 0.0 } else { cuts[i - 1].along_m };
            let end_m = cuts.get(i).map_or(whole.drawn_m, |c| c.along_m);
            if i > 0 {
                feature.id = self.ids.next_id();
                if let (Some(code), Some(field)) = (&code, self.field(&feature, "code")) {
                    let code = self.free_code(code, &codes)?;
                    codes.insert(code.clone());
                    feature.values[field] = Value::Text(code);
                }
                feature.links.from = whole.is_named.then(|| cuts[i - 1].node.id);
            }
            if let Some(cut) = cuts.get(i) {
                feature.links.to = whole.is_named.then_some(cut.node.id);
            }
            let mut line = whole.stretch(start_m, end_m);
            // To the last bit where the nodes are, so that they are joined by place as well.
            if i > 0
                && let (Some(first), Some(at)) = (line.first_mut(), position(&cuts[i - 1].node))
            {
                (first[0], first[1]) = (at[0], at[1]);
            }
            if let (Some(cut), Some(last)) = (cuts.get(i), line.last_mut())
                && let Some(at) = position(&cut.node)
            {
                (last[0], last[1]) = (at[0], at[1]);
            }
            feature.geometry = Some(Geometry::Line(line));
            self.ramp(
                whole,
                &mut feature,
                [start_m / whole.drawn_m, end_m / whole.drawn_m],
            );
            parts.push(Part {
                feature,
                start_m,
                end_m,
            });
        }
        self.share_out(whole, &mut parts);
        Ok(parts)
    }

    /// What is recorded at both ends lies between them in proportion.
    fn ramp(&self, whole: &Whole, part: &mut Feature, [start, end]: [f64; 2]) {
        for (from, to) in [
            ("depth_from_m", "depth_to_m"),
            ("elevation_from_m", "elevation_to_m"),
        ] {
            let (Some(from_field), Some(to_field)) = (self.field(part, from), self.field(part, to)) else {
                continue;
            };
            let ends = (self.number(&whole.pipe, from), self.number(&whole.pipe, to));
            let at = |share: f64| match ends {
                (Some(a), Some(b)) => Value::Real(a + (b - a) * share),
                _ => Value::Null,
            };
            if start > 0.0 {
                part.values[from_field] = at(start);
            }
            if end < 1.0 {
                part.values[to_field] = at(end);
            }
        }
    }

    /// Recorded length and customers in proportion; the last part takes the rest, so that the sum stays.
    fn share_out(&self, whole: &Whole, parts: &mut [Part]) {
        let share = |part: &Part| part.end_m / whole.drawn_m;
        if let (Some(field), Some(recorded_m)) = (
            self.field(&whole.pipe, "length_m"),
            self.number(&whole.pipe, "length_m"),
        ) {
            let mut given_m = 0.0;
            for part in parts.iter_mut() {
                let end_m = recorded_m * share(part);
                part.feature.values[field] = Value::Real(end_m - given_m);
                given_m = end_m;
            }
        }
        if let Some(field) = self.field(&whole.pipe, "customers")
            && let Some(customers) = whole.pipe.values[field].as_integer()
        {
            let mut given = 0;
            for part in parts.iter_mut() {
                let end = (customers as f64 * share(part)).round() as i64;
                part.feature.values[field] = Value::Integer(end - given);
                given = end;
            }
        }
    }

    /// Devices, one-way directions and inlets that name the pipe, or its far end from somewhere on it.
    fn relink(
        &self,
        whole: &Whole,
        cuts: &[Cut],
        parts: &[Part],
        transaction: &mut Transaction,
    ) -> Result<()> {
        let per_drawn = whole.length_m / whole.drawn_m;
        for old in self.concerned(whole)? {
            let mut new = old.clone();
            if cuts.iter().any(|cut| cut.node.id == old.id) {
                // It sat on the pipe and is an end of its parts now.
                let_go(&mut new, whole.pipe.id);
                transaction.change(self.schema(), &old, &new);
                continue;
            }
            let on_pipe = old.links.on_pipe == Some(whole.pipe.id);
            let along_m = match old.links.on_pipe_distance_m.filter(|_| on_pipe) {
                Some(recorded_m) => recorded_m / per_drawn,
                None => match position(&old) {
                    Some(at) => whole.foot(at).map_or(0.0, |foot| foot.along_m),
                    None => 0.0,
                },
            };
            let part = parts
                .iter()
                .position(|p| along_m <= p.end_m)
                .unwrap_or(parts.len() - 1);
            if on_pipe {
                new.links.on_pipe = Some(parts[part].feature.id);
                if let Some(distance) = &mut new.links.on_pipe_distance_m {
                    *distance = (*distance - parts[part].start_m * per_drawn).max(0.0);
                }
            }
            let end_part = parts[part].feature.id;
            for inlet in &mut new.links.inlet_pipes {
                if *inlet == whole.pipe.id {
                    *inlet = end_part;
                }
            }
            let before = part.checked_sub(1).map(|i| cuts[i].node.id);
            let behind = cuts.get(part).map(|c| c.node.id);
            new.links.flow_to = match old.links.flow_to {
                Some(target) if target == whole.pipe.id => Some(end_part),
                Some(target) => Some(self.nearer(whole, target, before, behind)?),
                None => None,
            };
            transaction.change(self.schema(), &old, &new);
        }
        Ok(())
    }

    /// Where water that flows to an end of the whole pipe flows to within a part.
    fn nearer(
        &self,
        whole: &Whole,
        target: FeatureId,
        before: Option<FeatureId>,
        behind: Option<FeatureId>,
    ) -> Result<FeatureId> {
        let [is_start, is_end] = self.is_end(whole, target)?;
        Ok(match (is_start, is_end) {
            (true, false) => before.unwrap_or(target),
            (false, true) => behind.unwrap_or(target),
            _ => target,
        })
    }

    fn is_end(&self, whole: &Whole, node: FeatureId) -> Result<[bool; 2]> {
        let named = [whole.pipe.links.from, whole.pipe.links.to].map(|end| end == Some(node));
        if named != [false; 2] {
            return Ok(named);
        }
        let at = self.project.feature(node)?.as_ref().and_then(position);
        let ends = [whole.line.first(), whole.line.last()];
        Ok(ends.map(|end| match (end, at) {
            (Some(end), Some(at)) => {
                whole.metric.distance_m([end[0], end[1]], [at[0], at[1]]) <= self.options.end_tolerance_m
            }
            _ => false,
        }))
    }

    /// Points that name the pipe, and one-way devices on it that may name its ends.
    pub(super) fn concerned(&self, whole: &Whole) -> Result<Vec<Feature>> {
        let mut found = Vec::new();
        for (class, id) in self.project.referrers(whole.pipe.id)? {
            found.extend(self.project.record(class, id)?);
        }
        for node in self.points_along(&whole.line, self.options.snap_tolerance_m)? {
            let is_on = node.links.on_pipe.is_none_or(|pipe| pipe == whole.pipe.id);
            let is_near = position(&node)
                .and_then(|at| whole.foot(at))
                .is_some_and(|foot| foot.distance_m <= self.options.snap_tolerance_m);
            if node.links.flow_to.is_some() && is_on && is_near && found.iter().all(|f| f.id != node.id) {
                found.push(node);
            }
        }
        Ok(found)
    }
}

impl Whole {
    pub(super) fn foot(&self, at: [f64; 3]) -> Option<crate::network::FootPoint> {
        self.metric.foot_point(&flat(&self.line), [at[0], at[1]])
    }

    pub(super) fn point_at(&self, along_m: f64) -> [f64; 3] {
        let line = &self.line;
        let mut rest = along_m.max(0.0);
        for w in line.windows(2) {
            let length_m = self.metric.distance_m([w[0][0], w[0][1]], [w[1][0], w[1][1]]);
            if rest <= length_m && length_m > 0.0 {
                let t = rest / length_m;
                return [0, 1, 2].map(|i| w[0][i] + t * (w[1][i] - w[0][i]));
            }
            rest -= length_m;
        }
        line.last().copied().unwrap_or([f64::NAN; 3])
    }

    pub(super) fn stretch(&self, start_m: f64, end_m: f64) -> Vec<[f64; 3]> {
        let last = self.line.len() - 1;
        let mut out = vec![if start_m > 0.0 {
            self.point_at(start_m)
        } else {
            self.line[0]
        }];
        let mut along_m = 0.0;
        for w in self.line.windows(2) {
            along_m += self.metric.distance_m([w[0][0], w[0][1]], [w[1][0], w[1][1]]);
            if along_m > start_m && along_m < end_m {
                out.push(w[1]);
            }
        }
        out.push(if end_m < self.drawn_m {
            self.point_at(end_m)
        } else {
            self.line[last]
        });
        out.dedup_by(|b, a| [0, 1].map(|i| a[i].to_bits()) == [0, 1].map(|i| b[i].to_bits()));
        out
    }
}
