//! 量距建点 and 量距移点: places that follow from a distance measured along a pipe or a way of pipes, off to a side, or at a
//! bearing from a point.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::split::Whole;
use super::{PipeEnd, Work, flat, vertices};
use crate::edit::Transaction;
use crate::error::{Error, Result};
use crate::model::{Feature, Geometry, Value};
use crate::schema::GeometryKind;
use crate::text::Message;

/// Where a measurement leads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case", deny_unknown_fields)]
pub enum Measured {
    /// Along a pipe from one of its ends, and off to its side: right of its direction where positive.
    Pipe {
        pipe: String,
        distance_m: f64,
        #[serde(default = "start")]
        end: PipeEnd,
        #[serde(default)]
        offset_m: f64,
        #[serde(default)]
        scale: Scale,
    },
    /// From the free end of the first pipe along all of them, one after the other.
    Path {
        pipes: Vec<String>,
        distance_m: f64,
        #[serde(default)]
        offset_m: f64,
        #[serde(default)]
        scale: Scale,
    },
    /// Clockwise from grid north.
    Bearing {
        from: Origin,
        bearing_deg: f64,
        distance_m: f64,
    },
}

/// What lengths along a pipe are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The line on the map.
    #[default]
    Drawn,
    /// The recorded length, to which the line is stretched.
    Recorded,
}

/// A place, or the node that stands there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Origin {
    Place([f64; 2]),
    Node(String),
}

/// A place, and where on which pipe it is if it is on one.
pub(super) struct Found {
    at: [f64; 2],
    on: Option<(Whole, f64)>,
}

fn start() -> PipeEnd {
    PipeEnd::From
}

impl Work<'_> {
    pub(super) fn measured(&self, by: &Measured) -> Result<Found> {
        match by {
            Measured::Pipe {
                pipe,
                distance_m,
                end,
                offset_m,
                scale,
            } => {
                let whole = self.whole(self.find_kind(pipe, GeometryKind::Line)?)?;
                self.off(whole, *end, *distance_m, *offset_m, *scale)
            }
            Measured::Path {
                pipes,
                distance_m,
                offset_m,
                scale,
            } => self.on_path(pipes, *distance_m, *offset_m, *scale),
            Measured::Bearing {
                from,
                bearing_deg,
                distance_m,
            } => {
                let origin = match from {
                    Origin::Place(at) => *at,
                    Origin::Node(name) => {
                        let at = self.place_of(&self.find_kind(name, GeometryKind::Point)?)?;
                        [at[0], at[1]]
                    }
                };
                self.check_place(origin)?;
                if !bearing_deg.is_finite() || !distance_m.is_finite() || *distance_m < 0.0 {
                    return Err(Error::bad_input(Message::new("edit.tie.bad_number")));
                }
                let (sin, cos) = bearing_deg.to_radians().sin_cos();
                let metric = self.metric(origin);
                let at = [
                    origin[0] + distance_m * sin / metric.x_m,
                    origin[1] + distance_m * cos / metric.y_m,
                ];
                Ok(Found { at, on: None })
            }
        }
    }

    fn off(&self, whole: Whole, end: PipeEnd, distance_m: f64, offset_m: f64, scale: Scale) -> Result<Found> {
        let length_m = scale.length_m(&whole);
        if !(0.0..=length_m + 1e-6).contains(&distance_m) || !offset_m.is_finite() {
            return Err(Error::bad_input(
                Message::new("edit.error.beyond")
                    .with("feature", self.project.name_of(&whole.pipe))
                    .with("distance", format!("{distance_m:.3}"))
                    .with("length", format!("{length_m:.3}")),
            ));
        }
        let drawn_m = (distance_m * whole.drawn_m / length_m).min(whole.drawn_m);
        let along_m = match end {
            PipeEnd::From => drawn_m,
            PipeEnd::To => whole.drawn_m - drawn_m,
        };
        let at = whole.point_at(along_m);
        let [dx, dy] = whole.direction_at(along_m);
        let place = [
            at[0] + offset_m * dy / whole.metric.x_m,
            at[1] - offset_m * dx / whole.metric.y_m,
        ];
        let on = (offset_m.abs() <= self.options.end_tolerance_m).then_some((whole, along_m));
        Ok(Found { at: place, on })
    }

    fn on_path(&self, pipes: &[String], distance_m: f64, offset_m: f64, scale: Scale) -> Result<Found> {
        let mut wholes = Vec::with_capacity(pipes.len());
        for name in pipes {
            wholes.push(self.whole(self.find_kind(name, GeometryKind::Line)?)?);
        }
        let ends = self.directions(&wholes)?;
        let total_m: f64 = wholes.iter().map(|whole| scale.length_m(whole)).sum();
        let mut rest_m = distance_m;
        let last = wholes.len().saturating_sub(1);
        for (i, (whole, end)) in wholes.into_iter().zip(ends).enumerate() {
            let length_m = scale.length_m(&whole);
            if rest_m <= length_m || (i == last && rest_m <= length_m + 1e-6) {
                // Right of the way, which may run against the pipe.
                let offset_m = if end == PipeEnd::From { offset_m } else { -offset_m };
                return self.off(whole, end, rest_m, offset_m, scale);
            }
            rest_m -= length_m;
        }
        Err(Error::bad_input(
            Message::new("edit.error.beyond")
                .with("feature", pipes.join(", "))
                .with("distance", format!("{distance_m:.3}"))
                .with("length", format!("{total_m:.3}")),
        ))
    }

    /// From which of its ends each pipe of a way is walked.
    fn directions(&self, wholes: &[Whole]) -> Result<Vec<PipeEnd>> {
        let mut ends = Vec::with_capacity(wholes.len());
        let both = |whole: &Whole| -> Result<[Option<_>; 2]> {
            Ok([
                self.end_node(&whole.pipe, PipeEnd::From)?,
                self.end_node(&whole.pipe, PipeEnd::To)?,
            ])
        };
        let mut at = None;
        for (i, whole) in wholes.iter().enumerate() {
            let [from, to] = both(whole)?;
            if i > 0 && wholes[i - 1].pipe.id == whole.pipe.id {
                return Err(self.do_not_meet(&wholes[i - 1], whole));
            }
            let entered_at_start = match (i, wholes.get(i + 1)) {
                (0, None) => true,
                (0, Some(next)) => {
                    let next = both(next)?;
                    if to.is_some() && next.contains(&to) {
                        true
                    } else if from.is_some() && next.contains(&from) {
                        false
                    } else {
                        return Err(self.do_not_meet(whole, &wholes[1]));
                    }
                }
                _ if from.is_some() && from == at => true,
                _ if to.is_some() && to == at => false,
                _ => return Err(self.do_not_meet(&wholes[i - 1], whole)),
            };
            at = if entered_at_start { to } else { from };
            ends.push(if entered_at_start {
                PipeEnd::From
            } else {
                PipeEnd::To
            });
        }
        Ok(ends)
    }

    fn do_not_meet(&self, first: &Whole, second: &Whole) -> Error {
        Error::bad_input(
            Message::new("edit.error.apart")
                .with("first", self.project.name_of(&first.pipe))
                .with("second", self.project.name_of(&second.pipe)),
        )
    }

    pub(super) fn measure_node(
        &mut self,
        class: &str,
        by: &Measured,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        let found = self.measured(by)?;
        let pipe = found.on.map(|(whole, _)| whole.pipe.id.to_string());
        self.add_node(class, found.at, None, pipe.as_deref(), given)
    }

    pub(super) fn measure_move(&mut self, name: &str, by: &Measured) -> Result<Transaction> {
        let found = self.measured(by)?;
        let node = self.find_kind(name, GeometryKind::Point)?;
        if let Some((whole, along_m)) = &found.on {
            let pipes = self.pipes_at(&node)?;
            let is_joint_of_two = pipes.len() == 2 && pipes.iter().all(|(_, ends)| ends[0] != ends[1]);
            if is_joint_of_two && let Some(own) = pipes.iter().position(|(pipe, _)| pipe.id == whole.pipe.id)
            {
                let (other, other_ends) = &pipes[1 - own];
                return self.slide(&node, whole, pipes[own].1, *along_m, (other, *other_ends));
            }
        }
        self.move_node(name, found.at)
    }

    /// A joint of two pipes moves along one of them: what it passes belongs to the other one afterwards.
    fn slide(
        &mut self,
        node: &Feature,
        whole: &Whole,
        ends: [bool; 2],
        along_m: f64,
        (other, other_ends): (&Feature, [bool; 2]),
    ) -> Result<Transaction> {
        let at = whole.point_at(along_m);
        let tolerance_m = self.options.end_tolerance_m;
        if let Some((there, _)) = self
            .nodes_near([at[0], at[1]], tolerance_m)?
            .iter()
            .find(|(near, _)| near.id != node.id)
        {
            return Err(self.refuse("edit.error.occupied", there));
        }
        let (kept, passed) = if ends[1] {
            (whole.stretch(0.0, along_m), whole.stretch(along_m, whole.drawn_m))
        } else {
            (whole.stretch(along_m, whole.drawn_m), whole.stretch(0.0, along_m))
        };
        let mut added = vertices(other).to_vec();
        // `passed` runs with the pipe; it has to run on from the end of the other one that is at the node.
        let mut passed = passed;
        if ends[1] == other_ends[1] {
            passed.reverse();
        }
        if other_ends[1] {
            added.extend(passed.into_iter().skip(1));
        } else {
            passed.pop();
            passed.extend(added);
            added = passed;
        }
        let mut transaction = Self::begin("edit.name.move_node", &self.project.name_of(node));
        let mut moved = node.clone();
        moved.geometry = Some(Geometry::Point([at[0], at[1], self.place_of(node)?[2]]));
        transaction.change(self.schema(), node, &moved);
        let passed_share = if ends[1] {
            1.0 - along_m / whole.drawn_m
        } else {
            along_m / whole.drawn_m
        };
        self.check_slide(whole, kept.as_slice())?;
        let passed_m = whole.length_m * passed_share;
        let other_whole = self.whole(other.clone())?;
        let short = self.with_length(whole, kept, -passed_m);
        let long = self.with_length(&other_whole, added, passed_m);
        transaction.change(self.schema(), &whole.pipe, &short);
        transaction.change(self.schema(), other, &long);
        self.slide_devices(
            whole,
            ends,
            passed_m,
            (&other_whole, other_ends),
            &mut transaction,
        )?;
        Ok(transaction)
    }

    fn check_slide(&self, whole: &Whole, kept: &[[f64; 3]]) -> Result<()> {
        if whole.metric.length_m(&flat(kept)) > self.options.end_tolerance_m {
            return Ok(());
        }
        Err(self.refuse("edit.error.collapses", &whole.pipe))
    }

    /// A pipe with another line, longer by so much; a pipe without a recorded length gets one where the measured stretch
    /// it takes over is not as long as it is drawn.
    fn with_length(&self, pipe: &Whole, line: Vec<[f64; 3]>, more_m: f64) -> Feature {
        let mut new = pipe.pipe.clone();
        let drawn_m = pipe.metric.length_m(&flat(&line));
        let length_m = (pipe.length_m + more_m).max(0.0);
        new.geometry = Some(Geometry::Line(line));
        let is_recorded = self.number(&new, "length_m").is_some();
        if let Some(field) = self.field(&new, "length_m")
            && (is_recorded || (length_m - drawn_m).abs() > 1e-6)
        {
            new.values[field] = Value::Real(length_m);
        }
        new
    }

    /// Devices measured along either pipe: those on the stretch that changed hands change pipes.
    fn slide_devices(
        &self,
        whole: &Whole,
        ends: [bool; 2],
        passed_m: f64,
        (other, other_ends): (&Whole, [bool; 2]),
        transaction: &mut Transaction,
    ) -> Result<()> {
        for pipe in [whole, other] {
            for (class, id) in self.project.referrers(pipe.pipe.id)? {
                let Some(old) = self.project.record(class, id)? else {
                    continue;
                };
                let Some(distance_m) = old
                    .links
                    .on_pipe_distance_m
                    .filter(|_| old.links.on_pipe == Some(pipe.pipe.id))
                else {
                    continue;
                };
                let mut new = old.clone();
                let (on, now_m) = if pipe.pipe.id == other.pipe.id {
                    (other, distance_m + if other_ends[0] { passed_m } else { 0.0 })
                } else {
                    // From the node's old place towards the far end of the pipe.
                    let from_joint_m = if ends[1] {
                        whole.length_m - distance_m
                    } else {
                        distance_m
                    };
                    match (from_joint_m >= passed_m, other_ends[1]) {
                        (true, _) => (
                            whole,
                            if ends[1] {
                                distance_m
                            } else {
                                distance_m - passed_m
                            },
                        ),
                        (false, true) => (other, other.length_m + from_joint_m),
                        (false, false) => (other, passed_m - from_joint_m),
                    }
                };
                new.links.on_pipe = Some(on.pipe.id);
                new.links.on_pipe_distance_m = Some(now_m);
                transaction.change(self.schema(), &old, &new);
            }
        }
        Ok(())
    }
}

impl Scale {
    fn length_m(self, whole: &Whole) -> f64 {
        match self {
            Self::Drawn => whole.drawn_m,
            Self::Recorded => whole.length_m,
        }
    }
}

impl Whole {
    /// Unit vector, in metres, in which the pipe runs there.
    pub(super) fn direction_at(&self, along_m: f64) -> [f64; 2] {
        let mut rest = along_m.max(0.0);
        let mut direction = [f64::NAN; 2];
        for w in self.line.windows(2) {
            let (dx, dy) = (
                (w[1][0] - w[0][0]) * self.metric.x_m,
                (w[1][1] - w[0][1]) * self.metric.y_m,
            );
            let length_m = dx.hypot(dy);
            if length_m > 0.0 {
                direction = [dx / length_m, dy / length_m];
                if rest <= length_m {
                    break;
                }
            }
            rest -= length_m;
        }
        direction
    }
}
