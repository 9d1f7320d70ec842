//! 查询 (9.2.3.4): features by class, condition, place and number, as one result set that tables, reports and statistics are
//! made of. It reads the project as it is now and changes nothing.

mod area;
mod group;
mod keys;
mod places;
mod program;
mod saved;
mod search;
#[cfg(test)]
mod tests;
mod trace;
mod ways;
mod zones;

use std::collections::{BTreeMap, HashSet};

pub use area::Area;
pub(crate) use group::order;
pub use group::{Group, GroupBy, Summary, group};
pub use keys::{condition_of, expressions_of};
pub use saved::SavedQuery;
pub use ways::{codes_of, of_completion, of_diameter, of_material, on_sheet};
pub(crate) use zones::Locator;
pub use zones::{ZoneArea, Zones};

use crate::error::{Error, Result};
use crate::expr::{Expr, ExprError, Scope};
use crate::ids::FeatureId;
use crate::model::ClassIndex;
use crate::network::Network;
use crate::progress::Progress;
use crate::project::Project;
use crate::text::{Lang, Message};

/// What is asked for; a feature must fit all that is said.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// All classes where empty.
    pub classes: Vec<ClassIndex>,
    /// In the language of [`crate::expr`]. Classes that lack a field it names have no feature that fits.
    pub condition: Option<String>,
    /// More conditions that must hold.
    pub also: Vec<String>,
    /// Where it stands by the records: in the address or the road, however it is spaced.
    pub address: Option<String>,
    pub area: Option<Area>,
    /// Object numbers; one that ends in `*` stands for all that begin so.
    pub codes: Vec<String>,
}

/// Features in the order of their classes and of the file, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultSet {
    features: Vec<(ClassIndex, FeatureId)>,
}

impl ResultSet {
    /// These features, in this order.
    pub fn of(features: impl IntoIterator<Item = (ClassIndex, FeatureId)>) -> Self {
        let features = features.into_iter().collect();
        Self { features }
    }

    pub fn features(&self) -> &[(ClassIndex, FeatureId)] {
        &self.features
    }

    pub fn len(&self) -> usize {
        self.features.len()
    }

    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// Those of one class.
    pub fn of_class(&self, class: ClassIndex) -> impl Iterator<Item = FeatureId> {
        let all = self.features.iter().filter(move |(c, _)| *c == class);
        all.map(|(_, id)| *id)
    }

    /// The classes it has features of.
    pub fn classes(&self) -> Vec<ClassIndex> {
        let mut classes: Vec<ClassIndex> = self.features.iter().map(|(class, _)| *class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    /// Together with another; what only the other has comes behind.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        let known: HashSet<FeatureId> = self.features.iter().map(|(_, id)| *id).collect();
        let new = other.features.iter().filter(|(_, id)| !known.contains(id));
        self.features.extend(new);
        self
    }

    /// Without those of another.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        let gone: HashSet<FeatureId> = other.features.iter().map(|(_, id)| *id).collect();
        self.features.retain(|(_, id)| !gone.contains(id));
        self
    }

    /// Those that another has, too.
    #[must_use]
    pub fn within(mut self, other: &Self) -> Self {
        let kept: HashSet<FeatureId> = other.features.iter().map(|(_, id)| *id).collect();
        self.features.retain(|(_, id)| kept.contains(id));
        self
    }
}

/// The condition of every class that can fit.
type Conditions = BTreeMap<ClassIndex, Option<Expr>>;

impl Query {
    /// Looks into the project.
    ///
    /// # Errors
    /// The condition cannot be read for any of the classes (the error names the place and near names), `Cancelled`, or the
    /// project cannot be read.
    pub fn run(&self, project: &Project, progress: &dyn Progress) -> Result<ResultSet> {
        self.run_in(project, None, progress)
    }

    /// As `run`, with a network of the project as it is now where there is one; else it is read where a condition asks
    /// for it.
    pub fn run_in(
        &self,
        project: &Project,
        network: Option<&Network>,
        progress: &dyn Progress,
    ) -> Result<ResultSet> {
        let conditions = self.conditions(project)?;
        let any = conditions.values().flatten().next();
        let places = any.map(|condition| places::resolve(condition, project, network, progress));
        let places = places.transpose()?.unwrap_or_default();
        let mut found = ResultSet::default();
        for (class, condition) in &conditions {
            progress.check()?;
            let ids = search::of_class(
                self,
                project,
                *class,
                condition.as_ref().map(|expr| search::Condition {
                    expr,
                    places: &places,
                }),
                progress,
            )?;
            found.features.extend(ids.into_iter().map(|id| (*class, id)));
        }
        Ok(found)
    }

    /// What can be asked and is likely not meant, such as labels that no dictionary knows.
    ///
    /// # Errors
    /// As for [`Self::run`].
    pub fn doubts(&self, project: &Project) -> Result<Vec<ExprError>> {
        let mut doubts: Vec<ExprError> = Vec::new();
        for condition in self.conditions(project)?.values().flatten() {
            for doubt in condition.doubts() {
                if !doubts.contains(doubt) {
                    doubts.push(doubt.clone());
                }
            }
        }
        Ok(doubts)
    }

    fn conditions(&self, project: &Project) -> Result<Conditions> {
        let schema = project.schema();
        let classes: Vec<ClassIndex> = if self.classes.is_empty() {
            schema.class_indices().collect()
        } else {
            self.classes.clone()
        };
        let mut conditions = Conditions::new();
        let mut failed: Option<ExprError> = None;
        for class in classes {
            let scope = Scope::of_class(schema, class).with_places();
            let texts = self.condition.iter().chain(&self.also);
            let parsed: Result<Vec<Expr>, ExprError> = texts.map(|text| Expr::parse(text, &scope)).collect();
            match parsed {
                Ok(parts) => drop(conditions.insert(class, Expr::all(parts))),
                Err(error) => drop(failed.get_or_insert(error)),
            }
        }
        match failed {
            Some(error) if conditions.is_empty() => Err(unreadable(&error)),
            _ => Ok(conditions),
        }
    }
}

/// With the place of the fault and the names that are near, in both languages.
fn unreadable(error: &ExprError) -> Error {
    let [zh, en] = [Lang::ZhCn, Lang::En].map(|lang| error.text(lang));
    Error::bad_input(Message::new("query.error.expression").with_each("said", &zh, &en))
}

/// A class by any of its names.
///
/// # Errors
/// `BadInput` where the schema has no such class.
pub fn class_named(project: &Project, name: &str) -> Result<ClassIndex> {
    let found = project.schema().resolve_class(name).map(|(class, _)| class);
    found.ok_or_else(|| Error::bad_input(Message::new("query.error.class").with("found", name)))
}
