//! Places an assembly of the part library on a pipe or a node, in one go, and makes one of what is there. An arm goes into
//! the pipe that leaves the anchor its way; where none does, a short pipe is drawn to it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::codes::Taken;
use super::split::{Cut, Whole};
use super::{PipeEnd, Work, refuse};
use crate::edit::parts::{ASSEMBLY_FIELD, Arm, Assembly, MATERIALS_FIELD, Piece};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::model::{Feature, Geometry, Value};
use crate::network::Metric;
use crate::project::Project;
use crate::schema::{GeometryKind, Label};
use crate::text::Message;

/// A pipe goes the way of an arm when it leaves within this angle of it.
const SAME_WAY_DEG: f64 = 30.0;
/// Fields of features that belong to the one feature and not to the assembly.
const OWN_FIELDS: [&str; 6] = ["code", "state", "ties", ASSEMBLY_FIELD, MATERIALS_FIELD, "remark"];

/// A pipe that leaves the anchor.
struct Way {
    pipe: usize,
    /// Which way it leaves, anticlockwise from east.
    bearing_deg: f64,
    /// Where on the pipe the anchor is, and whether it leaves towards its end.
    anchor_m: f64,
    is_forward: bool,
}

/// The anchor, and the pipes around it as they are before the assembly comes.
struct Site {
    at: [f64; 3],
    metric: Metric,
    pipes: Vec<Whole>,
    ways: Vec<Way>,
    /// The anchor lies within this pipe, which it cuts.
    within: Option<usize>,
}

impl Work<'_> {
    pub(super) fn place_assembly(
        &mut self,
        part: &str,
        on: &str,
        at: Option<[f64; 2]>,
        rotation_deg: f64,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        if !rotation_deg.is_finite() {
            return Err(Error::bad_input(Message::new("edit.tie.bad_number")));
        }
        let (key, assembly) = self.project.assembly(part)?;
        let base = self.find(on)?;
        let mut transaction = Transaction::new(
            Message::new("edit.name.place_assembly")
                .with("part", &key)
                .with("feature", self.project.name_of(&base)),
        );
        let (site, anchor, is_there) = match self.schema().class(base.class).geometry {
            GeometryKind::Point => {
                let anchor = self.turned_into(&base, &assembly.anchor, &mut transaction)?;
                (self.site_at(&base)?, anchor, true)
            }
            GeometryKind::Line => {
                let Some(at) = at else {
                    return Err(self.refuse("edit.part.where", &base));
                };
                self.check_place(at)?;
                let site = self.site_on(base, at)?;
                let mut anchor = self.new_node(&assembly.anchor.class, &assembly.anchor.values)?;
                anchor.geometry = Some(Geometry::Point(site.at));
                self.take_diameter(&mut anchor, &site.pipes[0].pipe);
                (site, anchor, false)
            }
        };
        let tag = format!("{key}:{}", anchor.id);
        let anchor = self.dressed(anchor, &tag, given, &assembly)?;
        self.build(
            &site,
            &assembly,
            (anchor, is_there),
            (&tag, rotation_deg),
            &mut transaction,
        )?;
        Ok(transaction)
    }

    /// A node that stands there already becomes the anchor and keeps its id.
    fn turned_into(
        &mut self,
        node: &Feature,
        piece: &Piece,
        transaction: &mut Transaction,
    ) -> Result<Feature> {
        let change = self.change_class(&node.id.to_string(), &piece.class, &piece.values)?;
        let mut anchor = node.clone();
        for edit in &change.edits {
            match edit {
                Edit::Insert(new) => anchor = new.clone(),
                Edit::Update(update) => {
                    for cell in &update.cells {
                        cell.cell.put(&mut anchor, &cell.new);
                    }
                }
                Edit::Delete(_) => {}
            }
        }
        transaction.edits.extend(change.edits);
        Ok(anchor)
    }

    /// The anchor with what the user gave, the name of the assembly and its materials.
    fn dressed(
        &self,
        mut anchor: Feature,
        tag: &str,
        given: &Map<String, Json>,
        assembly: &Assembly,
    ) -> Result<Feature> {
        self.fill(&mut anchor, given)?;
        self.give_code(&mut anchor)?;
        self.label(&mut anchor, tag)?;
        let field = self
            .field(&anchor, MATERIALS_FIELD)
            .ok_or_else(|| refuse("edit.error.no_record", MATERIALS_FIELD))?;
        let text = serde_json::to_string(&assembly.materials)
            .map_err(|e| Error::bad_input(Message::new("edit.error.bad_request").with("reason", e)))?;
        anchor.values[field] = Value::Text(text);
        Ok(anchor)
    }

    fn label(&self, node: &mut Feature, tag: &str) -> Result<()> {
        let field = self
            .field(node, ASSEMBLY_FIELD)
            .ok_or_else(|| refuse("edit.error.no_record", ASSEMBLY_FIELD))?;
        node.values[field] = Value::Text(tag.to_owned());
        Ok(())
    }

    fn site_on(&self, pipe: Feature, at: [f64; 2]) -> Result<Site> {
        let whole = self.whole(pipe)?;
        let foot = whole
            .foot([at[0], at[1], f64::NAN])
            .ok_or_else(|| self.refuse("edit.error.no_place", &whole.pipe))?;
        let way = |is_forward| Way {
            pipe: 0,
            bearing_deg: bearing(&whole, foot.along_m, is_forward),
            anchor_m: foot.along_m,
            is_forward,
        };
        Ok(Site {
            at: whole.point_at(foot.along_m),
            metric: whole.metric,
            ways: vec![way(true), way(false)],
            within: Some(0),
            pipes: vec![whole],
        })
    }

    fn site_at(&self, node: &Feature) -> Result<Site> {
        let at = self.place_of(node)?;
        let mut found = self.pipes_at(node)?;
        found.sort_by(|a, b| {
            let size = |pipe: &Feature| self.number(pipe, "diameter_mm").unwrap_or(0.0);
            size(&b.0).total_cmp(&size(&a.0)).then(a.0.id.cmp(&b.0.id))
        });
        let (mut pipes, mut ways) = (Vec::new(), Vec::new());
        for (pipe, ends) in found {
            let whole = self.whole(pipe)?;
            for (side, end) in [(0, PipeEnd::From), (1, PipeEnd::To)] {
                if ends[side] {
                    let is_forward = end == PipeEnd::From;
                    let anchor_m = if is_forward { 0.0 } else { whole.drawn_m };
                    ways.push(Way {
                        pipe: pipes.len(),
                        bearing_deg: bearing(&whole, anchor_m, is_forward),
                        anchor_m,
                        is_forward,
                    });
                }
            }
            pipes.push(whole);
        }
        Ok(Site {
            at,
            metric: self.metric([at[0], at[1]]),
            pipes,
            ways,
            within: None,
        })
    }

    fn build(
        &mut self,
        site: &Site,
        assembly: &Assembly,
        (anchor, is_there): (Feature, bool),
        (tag, rotation_deg): (&str, f64),
        transaction: &mut Transaction,
    ) -> Result<()> {
        let zero_deg = site.ways.first().map_or(0.0, |way| way.bearing_deg) + rotation_deg;
        let mut cuts: BTreeMap<usize, Vec<Cut>> = BTreeMap::new();
        let mut drawn: Vec<(f64, f64, Feature)> = Vec::new();
        let mut codes = Taken::new();
        if let (Some(pipe), Some(way)) = (site.within, site.ways.first()) {
            cuts.entry(pipe).or_default().push(Cut {
                along_m: way.anchor_m,
                node: anchor.clone(),
                is_there: false,
            });
        }
        for arm in &assembly.arms {
            let towards_deg = zero_deg + arm.angle_deg;
            let mut node = self.arm_node(arm, tag, &anchor, &mut codes)?;
            let way = site
                .ways
                .iter()
                .find(|way| turn(way.bearing_deg, towards_deg) <= SAME_WAY_DEG);
            if let Some(way) = way {
                let whole = &site.pipes[way.pipe];
                let along_m = if way.is_forward {
                    way.anchor_m + arm.distance_m
                } else {
                    way.anchor_m - arm.distance_m
                };
                node.geometry = Some(Geometry::Point(whole.point_at(along_m)));
                self.take_diameter(&mut node, &whole.pipe);
                cuts.entry(way.pipe).or_default().push(Cut {
                    along_m,
                    node,
                    is_there: false,
                });
            } else {
                let (sin, cos) = towards_deg.to_radians().sin_cos();
                let place = [
                    site.at[0] + arm.distance_m * cos / site.metric.x_m,
                    site.at[1] + arm.distance_m * sin / site.metric.y_m,
                ];
                node.geometry = Some(Geometry::Point([place[0], place[1], site.at[2]]));
                drawn.push((towards_deg.rem_euclid(360.0), arm.distance_m, node));
            }
        }
        for (pipe, mut cuts) in cuts {
            cuts.sort_by(|a, b| a.along_m.total_cmp(&b.along_m));
            self.cut(&site.pipes[pipe], &cuts, transaction)?;
        }
        self.branches(site, &anchor, drawn, &mut codes, transaction)?;
        if is_there {
            self.settle_anchor(&anchor, transaction)?;
        }
        Ok(())
    }

    /// What the anchor got since it was turned into its class.
    fn settle_anchor(&self, anchor: &Feature, transaction: &mut Transaction) -> Result<()> {
        for edit in &mut transaction.edits {
            if let Edit::Insert(new) = edit
                && new.id == anchor.id
            {
                *new = anchor.clone();
                return Ok(());
            }
        }
        if let Some(old) = self.project.feature(anchor.id)? {
            transaction.edits.retain(|edit| edit.id() != anchor.id);
            transaction.change(self.schema(), &old, anchor);
        }
        Ok(())
    }

    fn arm_node(&mut self, arm: &Arm, tag: &str, anchor: &Feature, codes: &mut Taken) -> Result<Feature> {
        let mut node = self.new_node(&arm.class, &arm.values)?;
        self.label(&mut node, tag)?;
        let code = self.project.code_of(anchor).map(str::to_owned);
        if let (Some(code), Some(field)) = (code, self.field(&node, "code"))
            && node.values[field].is_null()
        {
            let code = self.joint_code(&code, codes)?;
            codes.insert(code.clone());
            node.values[field] = Value::Text(code);
        }
        Ok(node)
    }

    /// Arms that no pipe leads to: short pipes, one after the other where several lie the same way.
    fn branches(
        &mut self,
        site: &Site,
        anchor: &Feature,
        mut drawn: Vec<(f64, f64, Feature)>,
        codes: &mut Taken,
        transaction: &mut Transaction,
    ) -> Result<()> {
        drawn.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let class = self
            .schema()
            .class_index("pipe")
            .ok_or_else(|| refuse("edit.error.no_class", "pipe"))?;
        let mut before: Option<(f64, Feature)> = None;
        for (angle_deg, _, mut node) in drawn {
            let from = match &before {
                Some((angle, node)) if (angle - angle_deg).abs() < 1e-9 => node.clone(),
                _ => anchor.clone(),
            };
            let mut pipe = self.new_feature(class, &Map::new())?;
            self.give_code_apart(&mut pipe, codes)?;
            for key in ["diameter_mm", "material"] {
                let main = site.pipes.first().and_then(|whole| {
                    let field = self.field(&whole.pipe, key)?;
                    whole.pipe.values.get(field).cloned()
                });
                let own = self.field(&node, key).map(|field| node.values[field].clone());
                let value = own.filter(|v| !v.is_null()).or(main).unwrap_or_default();
                if let Some(field) = self.field(&pipe, key) {
                    pipe.values[field] = value;
                }
            }
            let place = self.place_of(&node)?;
            if let Some((there, _)) = self
                .nodes_near([place[0], place[1]], self.options.end_tolerance_m)?
                .first()
            {
                return Err(self.refuse("edit.error.occupied", there));
            }
            pipe.geometry = Some(Geometry::Line(vec![self.place_of(&from)?, place]));
            (pipe.links.from, pipe.links.to) = (Some(from.id), Some(node.id));
            self.take_diameter(&mut node, &pipe);
            transaction.edits.push(Edit::Insert(node.clone()));
            transaction.edits.push(Edit::Insert(pipe));
            before = Some((angle_deg, node));
        }
        Ok(())
    }
}

/// An assembly made of a node and the nodes around it, for the project's library. Its zero is the first pipe's way, the
/// widest one's, as when it is placed on a node.
///
/// # Errors
/// `BadInput` where a name is no node, or none has a place.
pub fn assembly_of(project: &Project, label: Label, anchor: &str, around: &[String]) -> Result<Assembly> {
    let mut ids = crate::IdSource::new(0, 0);
    let work = Work::new(project, &mut ids);
    let node = work.find_kind(anchor, GeometryKind::Point)?;
    let site = work.site_at(&node)?;
    let zero_deg = site.ways.first().map_or(0.0, |way| way.bearing_deg);
    let piece = |node: &Feature| Piece {
        class: work.schema().class(node.class).key.clone(),
        values: work.shared_values(node),
    };
    let mut arms = Vec::with_capacity(around.len());
    for name in around {
        let arm = work.find_kind(name, GeometryKind::Point)?;
        let at = work.place_of(&arm)?;
        let (dx, dy) = (
            (at[0] - site.at[0]) * site.metric.x_m,
            (at[1] - site.at[1]) * site.metric.y_m,
        );
        let Piece { class, values } = piece(&arm);
        arms.push(Arm {
            angle_deg: (dy.atan2(dx).to_degrees() - zero_deg).rem_euclid(360.0),
            distance_m: dx.hypot(dy),
            class,
            values,
        });
    }
    Ok(Assembly {
        label,
        anchor: piece(&node),
        arms,
        materials: Vec::new(),
    })
}

impl Work<'_> {
    /// What a feature of an assembly brings along.
    fn shared_values(&self, node: &Feature) -> Map<String, Json> {
        let class = self.schema().class(node.class);
        class
            .fields
            .iter()
            .zip(&node.values)
            .filter(|(field, value)| !value.is_null() && !OWN_FIELDS.contains(&field.key.as_str()))
            .filter(|(field, _)| {
                ["kind", "diameter_mm", "manufacturer", "model", "turns"].contains(&field.key.as_str())
            })
            .filter_map(|(field, value)| Some((field.key.clone(), serde_json::to_value(value).ok()?)))
            .collect()
    }
}

/// Which way a pipe leaves a place on it, anticlockwise from east.
fn bearing(whole: &Whole, along_m: f64, is_forward: bool) -> f64 {
    // Just beside the place, so that a bend there does not count.
    let step_m = (whole.drawn_m * 0.01).min(0.1);
    let at_m = if is_forward {
        along_m + step_m
    } else {
        along_m - step_m
    };
    let [dx, dy] = whole.direction_at(at_m.clamp(0.0, whole.drawn_m));
    let angle = dy.atan2(dx).to_degrees();
    (if is_forward { angle } else { angle + 180.0 }).rem_euclid(360.0)
}

/// How far apart two angles are, 0 to 180.
fn turn(a_deg: f64, b_deg: f64) -> f64 {
    let d = (a_deg - b_deg).rem_euclid(360.0);
    d.min(360.0 - d)
}
