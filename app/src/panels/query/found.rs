//! What queries found: one set that the map marks, the panel counts and files are made of (9.2.3.4c).

use gis_core::network::Network;
use gis_core::project::Project;
use gis_core::query::{GroupBy, ResultSet, group};
use gis_core::{ClassIndex, Lang, Progress, Result};

use crate::session::{Target, union};
use crate::view::{Highlight, HighlightRole};

/// A result set with what is told of it.
#[derive(Debug, Clone, Default)]
pub struct FoundSet {
    pub set: ResultSet,
    pub targets: Vec<Target>,
    pub counts: Vec<(ClassIndex, usize)>,
    pub length_m: f64,
    /// `[min_x, min_y, max_x, max_y]` in project coordinates.
    pub extent: Option<[f64; 4]>,
}

impl FoundSet {
    /// # Errors
    /// `Cancelled`, or the project cannot be read.
    pub fn new(
        project: &Project,
        network: &Network,
        set: ResultSet,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let length_m = group(project, &set, &GroupBy::default(), Lang::En, progress)?
            .iter()
            .map(|g| g.length_m)
            .sum();
        let found = set.features().iter();
        let targets: Vec<Target> = found.filter_map(|(_, id)| Target::of_id(network, *id)).collect();
        let counts = set
            .classes()
            .into_iter()
            .map(|class| (class, set.of_class(class).count()));
        Ok(Self {
            counts: counts.collect(),
            length_m,
            extent: union(targets.iter().filter_map(|target| target.extent(network))),
            targets,
            set,
        })
    }

    pub(super) fn highlight(&self, highlight: &mut Highlight) {
        for target in &self.targets {
            match target {
                Target::Pipe(pipe) => highlight.pipes.push((*pipe, HighlightRole::Selected)),
                Target::Node(node) => highlight.nodes.push((*node, HighlightRole::Selected)),
            }
        }
    }
}

/// What becomes of the set that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum SetChange {
    Replace,
    Add,
    Remove,
    Keep,
}

impl SetChange {
    /// `before` with what was found now.
    #[must_use]
    pub fn of(self, before: ResultSet, found: &ResultSet) -> ResultSet {
        match self {
            Self::Replace => found.clone(),
            Self::Add => before.with(found),
            Self::Remove => before.without(found),
            Self::Keep => before.within(found),
        }
    }
}
