//! The check before a commit: what an edit newly breaks, told apart from what was broken before it; and what other
//! programs broke.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::{Finding, Records, RuleSet, Selection, Subject, check, part_accepted};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::issue::Severity;
use crate::model::{Feature, Geometry};
use crate::network::Network;
use crate::progress::{NoProgress, Progress};
use crate::project::{Changed, Effects, Project};

/// What an edit does to the rules.
#[derive(Debug, Default)]
pub struct EditCheck {
    /// What it newly breaks.
    pub broken: Vec<Finding>,
    /// How many faults around it were there before and still are.
    pub old: usize,
    /// Names of faults that were there before and are gone, one for each.
    pub mended: Vec<String>,
}

impl EditCheck {
    /// How many of what it breaks are as grave as that.
    pub fn count(&self, severity: Severity) -> usize {
        self.broken
            .iter()
            .filter(|f| f.issue.severity == severity)
            .count()
    }
}

/// Checks an edit that has been applied and is not committed yet, around what it touched. `project` reads as after it.
///
/// # Errors
/// The project cannot be read.
pub fn check_edit(
    project: &Project,
    rules: &RuleSet,
    networks: [&Network; 2],
    effects: &Effects,
    today: Option<NaiveDate>,
) -> Result<EditCheck> {
    let [before, after] = networks;
    let mut touched: BTreeSet<FeatureId> = effects.changed.iter().filter_map(id_of).collect();
    for changed in &effects.changed {
        for feature in [&changed.before, &changed.after].into_iter().flatten() {
            for network in networks {
                around(network, feature, &mut touched);
            }
        }
    }
    let subject = Subject {
        network: after,
        schema: project.schema(),
        rules,
        records: Records::Of(project),
        today,
    };
    let selection = Selection::Features(touched.iter().copied().collect());
    let found = check(&subject, &selection, &NoProgress)?;
    touched.extend(found.iter().flat_map(|finding| &finding.features));
    let were: HashMap<FeatureId, Option<Feature>> = effects
        .changed
        .iter()
        .filter_map(|changed| Some((id_of(changed)?, changed.before.clone())))
        .collect();
    let earlier = Subject {
        network: before,
        records: Records::Before(project, &were),
        ..subject
    };
    let selection = Selection::Features(touched.into_iter().collect());
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for finding in check(&earlier, &selection, &NoProgress)? {
        *known.entry(finding.id()).or_default() += 1;
    }
    let mut result = EditCheck::default();
    for finding in found {
        match known.get_mut(&finding.id()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                result.old += 1;
            }
            _ => result.broken.push(finding),
        }
    }
    for (name, count) in known {
        result.mended.extend(std::iter::repeat_n(name, count));
    }
    Ok(result)
}

fn id_of(changed: &Changed) -> Option<FeatureId> {
    changed.before.as_ref().or(changed.after.as_ref()).map(|f| f.id)
}

/// What lies at the vertices of a feature, as it is or was: it may have lost or won something.
fn around(network: &Network, feature: &Feature, touched: &mut BTreeSet<FeatureId>) {
    let reach_m = network.options().snap_tolerance_m;
    let places: &[[f64; 3]] = match &feature.geometry {
        Some(Geometry::Point(p)) => std::slice::from_ref(p),
        Some(Geometry::Line(line)) => line,
        None => &[],
    };
    for p in places.iter().filter(|p| p[0].is_finite() && p[1].is_finite()) {
        let at = [p[0], p[1]];
        let nodes = network.nodes_near(at, reach_m);
        touched.extend(nodes.into_iter().map(|(node, _)| network.node_id(node)));
        let pipes = network.pipes_near(at, network.options().end_tolerance_m);
        touched.extend(pipes.into_iter().map(|hit| network.pipe_id(hit.pipe)));
    }
    // What hung on a pipe that is gone, or hangs on one that came.
    if let Some(pipe) = network.pipe_of_id(feature.id) {
        for piece in network.pieces_of(pipe) {
            let hanging = network.nodes_hanging_on(piece).iter().copied();
            let ends = network.piece_ends(piece).into_iter();
            let nodes = hanging.chain(ends).filter(|node| !network.is_anonymous(*node));
            touched.extend(nodes.map(|node| network.node_id(node)));
        }
    }
}

/// How many features other programs had changed when the project was opened, and what breaks rules around them.
///
/// # Errors
/// `Cancelled`, or the project cannot be read.
pub fn check_outside(
    project: &Project,
    network: &Network,
    today: Option<NaiveDate>,
    progress: &dyn Progress,
) -> Result<(usize, Vec<Finding>)> {
    let changed = &project.outside_on_opening().changed;
    if changed.is_empty() {
        return Ok((0, Vec::new()));
    }
    let rules = project.rules()?;
    let subject = Subject {
        network,
        schema: project.schema(),
        rules: &rules,
        records: Records::Of(project),
        today,
    };
    let around = Selection::Features(changed.iter().filter_map(id_of).collect());
    let found = check(&subject, &around, progress)?;
    Ok((changed.len(), part_accepted(found, &project.acceptances()?).0))
}
