//! How an edit is planned for an engineering project: what it draws is planned, and what it takes away stays in service until
//! the project is completed.

use std::collections::HashSet;

use super::{Entries, OBSOLETE, PLANNED};
use crate::edit::ops::{Request, Work};
use crate::edit::{Cell, Content, Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::model::{Feature, Geometry, Value};
use crate::network::Metric;
use crate::project::Project;
use crate::schema::Role;
use crate::text::Message;

/// What is to be done for a request within a project.
#[derive(Debug, Clone)]
pub struct EngineeringPlan {
    pub transaction: Transaction,
    /// Features in service that the project will abandon.
    pub marks: Vec<FeatureId>,
    pub notes: Vec<Message>,
}

/// A part of a pipe lies on it.
const ON_PIPE_M: f64 = 0.01;

impl Project {
    /// What is to be done for a request: for an engineering project, or for the network in service.
    ///
    /// # Errors
    /// As for [`Request::plan`] and [`Project::plan_engineering`].
    pub fn plan_for(
        &self,
        engineering: Option<&str>,
        request: &Request,
        ids: &mut IdSource,
    ) -> Result<EngineeringPlan> {
        if let Some(number) = engineering {
            return self.plan_engineering(number, request, ids);
        }
        let plan = request.plan_told(self, ids)?;
        Ok(EngineeringPlan {
            transaction: plan.transaction,
            marks: Vec::new(),
            notes: plan.notes,
        })
    }

    /// What is to be done for a request that is made for an engineering project.
    ///
    /// # Errors
    /// As for [`Request::plan`]; the project is unknown or closed; a request would take away features of the project and
    /// features in service at once.
    pub fn plan_engineering(
        &self,
        number: &str,
        request: &Request,
        ids: &mut IdSource,
    ) -> Result<EngineeringPlan> {
        let entries = self.open_engineering(number)?;
        if let Request::Delete { features, .. } | Request::Abandon { features } = request {
            let work = Work::new(self, ids);
            let found = features
                .iter()
                .map(|name| work.find(name))
                .collect::<Result<Vec<Feature>>>()?;
            let own = found.iter().filter(|f| is_own(&entries, f.id)).count();
            if own == 0 {
                return Ok(self.to_mark(&found));
            }
            if own < found.len() {
                return Err(Error::bad_input(
                    Message::new("engineering.error.mixed").with("number", number),
                ));
            }
        }
        let plan = request.plan_told(self, ids)?;
        Ok(EngineeringPlan {
            transaction: self.as_planned(plan.transaction),
            marks: Vec::new(),
            notes: plan.notes,
        })
    }

    fn to_mark(&self, features: &[Feature]) -> EngineeringPlan {
        let names: Vec<String> = features.iter().map(|f| self.name_of(f)).collect();
        let name = Message::new("engineering.name.mark").with("feature", names.join(", "));
        EngineeringPlan {
            transaction: Transaction::new(name),
            marks: features
                .iter()
                .filter(|f| self.life_state(f) != Some(OBSOLETE))
                .map(|f| f.id)
                .collect(),
            notes: Vec::new(),
        }
    }

    /// New features become planned, but for the parts of pipes that were there: water runs in them as before.
    fn as_planned(&self, mut transaction: Transaction) -> Transaction {
        let cut: Vec<Feature> = transaction
            .edits
            .iter()
            .filter_map(|edit| self.line_before(edit))
            .filter(|feature| self.life_state(feature) != Some(PLANNED))
            .collect();
        let is_part = |feature: &Feature| cut.iter().any(|whole| self.is_part(feature, whole));
        let joints = self.ends_in_service(&transaction, is_part);
        for edit in &mut transaction.edits {
            let Edit::Insert(feature) = edit else { continue };
            let class = self.schema.class(feature.class);
            let Some(field) = class.field_index("state") else {
                continue;
            };
            let stays = is_part(feature) || (class.role == Role::Junction && joints.contains(&feature.id));
            if !stays {
                feature.values[field] = Value::Text(PLANNED.to_owned());
            }
        }
        transaction
    }

    /// Nodes in which parts of pipes end that are in service.
    fn ends_in_service(
        &self,
        transaction: &Transaction,
        is_part: impl Fn(&Feature) -> bool,
    ) -> HashSet<FeatureId> {
        let mut ends = HashSet::new();
        for edit in &transaction.edits {
            match edit {
                Edit::Insert(feature) if is_part(feature) => {
                    ends.extend([feature.links.from, feature.links.to].into_iter().flatten());
                }
                Edit::Update(update) if self.line_before(edit).is_some() => {
                    ends.extend(update.cells.iter().filter_map(|change| match change.new {
                        Content::Id(id) => Some(id),
                        _ => None,
                    }));
                }
                _ => {}
            }
        }
        ends
    }

    /// The line that an edit takes away or reshapes.
    fn line_before(&self, edit: &Edit) -> Option<Feature> {
        match edit {
            Edit::Delete(feature) if matches!(feature.geometry, Some(Geometry::Line(_))) => {
                Some(feature.clone())
            }
            Edit::Update(update) => {
                let shape = update.cells.iter().find(|c| c.cell == Cell::Geometry)?;
                let Content::Geometry(Geometry::Line(_)) = &shape.old else {
                    return None;
                };
                self.record(update.class, update.id).ok().flatten()
            }
            _ => None,
        }
    }

    fn is_part(&self, part: &Feature, whole: &Feature) -> bool {
        let (Some(Geometry::Line(part)), Some(Geometry::Line(whole))) = (&part.geometry, &whole.geometry)
        else {
            return false;
        };
        let metric = self.metric(whole[0]);
        let whole: Vec<[f64; 2]> = whole.iter().map(|p| [p[0], p[1]]).collect();
        part.iter().all(|p| {
            let at = [p[0], p[1]];
            let foot = metric.foot_point(&whole, at);
            foot.is_some_and(|foot| foot.distance_m <= ON_PIPE_M)
        })
    }

    pub(crate) fn metric(&self, at: [f64; 3]) -> Metric {
        if self.crs.is_geographic {
            Metric::geographic(at[1])
        } else {
            Metric::projected(self.crs.metres_per_unit)
        }
    }
}

fn is_own(entries: &Entries, id: FeatureId) -> bool {
    let mut edits = entries.edits.iter().flat_map(|(_, t)| &t.edits);
    edits.any(|edit| matches!(edit, Edit::Insert(feature) if feature.id == id))
}
