//! An edit on the project's thread: what is to be done, the rules before its commit, the network after it.

use std::sync::Arc;

use gis_core::cartography::chunks::NetworkChange;
use gis_core::edit::ops::{Deed, Done};
use gis_core::network::{Network, Update};
use gis_core::project::{Effects, Project, Stamp};
use gis_core::rules::{EditCheck, Finding, Repair, RuleSet, apply, check_edit, part_accepted};
use gis_core::{Error, IdSource, Message, Result, Severity};

use super::editing::{EditEvent, Edited};
use super::engineering::Closing;
use super::reshaping::moved;
use crate::session::{ProjectService, now_unix_ms, today};
use crate::settings::system_user;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Job {
    Deed(Deed),
    /// As many of them as can be.
    Repairs(Vec<Repair>),
    /// What other programs changed in the file.
    Outside,
    /// The end of an engineering project.
    Close(Closing),
}

/// A job with what makes it come out the same when it is tried again.
#[derive(Debug, Clone)]
pub struct Order {
    pub job: Job,
    /// Number of the engineering project it is made for.
    pub engineering: Option<String>,
    /// Names what comes into being; no two orders share it.
    pub ids_from_unix_ms: u64,
    /// Whatever rules it breaks.
    pub is_forced: bool,
}

/// An edit that was not made because of what it would break.
#[derive(Debug, Clone)]
pub struct Refused {
    pub order: Order,
    pub broken: Vec<Finding>,
}

impl Order {
    /// Does it, or says why not.
    pub(super) fn run(self, project: &mut Project, service: &ProjectService) -> EditEvent {
        match self.try_run(project, service) {
            Ok(Outcome::Done(edited)) => EditEvent::Done(edited),
            Ok(Outcome::Refused(broken)) => EditEvent::Refused(Box::new(Refused { order: self, broken })),
            Ok(Outcome::Reshaped(effects)) => moved(project, service, effects),
            Ok(Outcome::Nothing) => EditEvent::Nothing,
            Err(error) => {
                let rested = match &self.job {
                    Job::Close(closing) => closing.rested(project, error.message()),
                    _ => None,
                };
                rested.map_or_else(
                    || EditEvent::Failed(error.message()),
                    |rested| EditEvent::Rested(Box::new(rested)),
                )
            }
        }
    }

    fn try_run(&self, project: &mut Project, service: &ProjectService) -> Result<Outcome> {
        let who = system_user();
        let stamp = Stamp {
            who: &who,
            at_unix_ms: now_unix_ms(),
        };
        let mut ids = IdSource::new(self.ids_from_unix_ms, u64::from(std::process::id()));
        let mut watch = Watch {
            before: service.newest(),
            rules: project.rules()?,
            seen: None,
        };
        let engineering = self.engineering.as_deref();
        let done = match &self.job {
            Job::Deed(deed) => {
                let mut guard =
                    |project: &Project, effects: &Effects| watch.look(project, effects, self.is_forced);
                deed.carry_out(project, engineering, &mut ids, stamp, &mut guard)
            }
            Job::Close(closing) => closing.carry_out(project, stamp),
            Job::Outside => {
                let Some(effects) = project.take_in_outside()? else {
                    return Ok(Outcome::Nothing);
                };
                Ok(Done {
                    name: Some(Message::new("checking.outside").with("count", effects.changed.len())),
                    effects,
                    notes: Vec::new(),
                })
            }
            Job::Repairs(repairs) => {
                let repairs: Vec<&Repair> = repairs.iter().collect();
                apply(project, engineering, &repairs, &mut ids, stamp).map(|applied| Done {
                    name: Some(applied.name),
                    effects: applied.effects,
                    notes: applied
                        .notes
                        .into_iter()
                        .chain(applied.refused.iter().map(|(_, error)| error.message()))
                        .collect(),
                })
            }
        };
        let done = match (done, watch.refused(self.is_forced)) {
            (Ok(done), _) => done,
            (Err(Error::Refused(_)), Some(broken)) => return Ok(Outcome::Refused(broken)),
            (Err(error), _) => return Err(error),
        };
        if done.effects.is_schema_changed {
            return Ok(Outcome::Reshaped(done.effects));
        }
        let (update, check) = match watch.seen.take() {
            Some(seen) => seen,
            // A state that was there before, or repairs: nothing to refuse.
            None => watch.see(project, &done.effects)?,
        };
        let change = NetworkChange::of(&update);
        let network = Arc::new(update.network);
        service.set_newest(&network);
        let (broken, _) = part_accepted(check.broken, &project.acceptances()?);
        Ok(Outcome::Done(Box::new(Edited {
            name: done.name,
            network,
            change,
            effects: done.effects,
            notes: done.notes,
            broken,
            mended: check.mended,
        })))
    }
}

enum Outcome {
    Done(Box<Edited>),
    Refused(Vec<Finding>),
    /// Dictionaries or fields are other ones.
    Reshaped(Effects),
    /// There was nothing to be done.
    Nothing,
}

/// Brings the network in step with an edit, and looks what it breaks.
struct Watch {
    before: Arc<Network>,
    rules: RuleSet,
    seen: Option<(Update, EditCheck)>,
}

impl Watch {
    fn look(&mut self, project: &Project, effects: &Effects, is_forced: bool) -> Result<()> {
        self.seen = Some(self.see(project, effects)?);
        match self.refused(is_forced) {
            Some(_) => Err(Error::Refused(Message::new("checking.refused"))),
            None => Ok(()),
        }
    }

    fn see(&self, project: &Project, effects: &Effects) -> Result<(Update, EditCheck)> {
        let update = project.updated_network(&self.before, effects);
        let networks = [&*self.before, &update.network];
        let check = check_edit(project, &self.rules, networks, effects, Some(today()))?;
        Ok((update, check))
    }

    /// What stands against the edit that was looked at.
    fn refused(&self, is_forced: bool) -> Option<Vec<Finding>> {
        let (_, check) = self.seen.as_ref()?;
        (!is_forced && check.count(Severity::Error) > 0).then(|| check.broken.clone())
    }
}
