//! The check by the rules of the network: asked for, taken in, and what is let stand.

use std::sync::Arc;

use gis_core::project::{Project, Stamp};
use gis_core::rules::{Acceptance, Finding, Records, Selection, Subject, check};
use gis_core::{Message, Result, Severity};

use super::App;
use super::action::Event;
use super::dock::Pane;
use crate::dialogs::accept::AcceptDialog;
use crate::session::{now_unix_ms, today};
use crate::settings::system_user;

/// What panels and dialogs ask for.
#[derive(Debug, Clone)]
pub enum RulesAction {
    /// Asks for the reason to let them stand.
    AskReason(Vec<Finding>),
    Accept(Vec<Finding>, String),
    /// A finding, by its name, is let stand no longer.
    Withdraw(String),
}

/// Brought by tasks and the project's thread.
pub enum RulesEvent {
    Checked(Vec<Finding>, Vec<Acceptance>),
    Accepted(Result<Vec<Acceptance>>),
}

impl App {
    /// Checks the whole network.
    pub(super) fn check_rules(&mut self) {
        let Some(session) = &self.session else { return };
        let network = Arc::clone(&session.network);
        let service = session.service.clone();
        self.tasks.spawn(Message::new("app.task.check"), move |progress| {
            let progress = progress.clone();
            service.call(move |project| {
                let rules = project.rules()?;
                let subject = Subject {
                    network: &network,
                    schema: project.schema(),
                    rules: &rules,
                    records: Records::Of(project),
                    today: Some(today()),
                };
                let found = check(&subject, &Selection::Everything, &progress)?;
                let accepted = project.acceptances()?;
                Ok(Event::Rules(RulesEvent::Checked(found, accepted)))
            })
        });
    }

    /// Once a frame: who comes back from another program sees what that one has changed.
    pub(super) fn watch_outside(&mut self, ctx: &egui::Context) {
        let is_focused = ctx.input(|i| i.focused);
        if is_focused && !std::mem::replace(&mut self.was_focused, is_focused) {
            self.take_in_outside();
        }
        self.was_focused = is_focused;
    }

    pub(super) fn rules_action(&mut self, action: RulesAction) {
        match action {
            RulesAction::AskReason(findings) => self.dialogs.accept = Some(AcceptDialog::new(findings)),
            RulesAction::Accept(findings, reason) => self.change_acceptances(move |project| {
                let who = system_user();
                let stamp = Stamp {
                    who: &who,
                    at_unix_ms: now_unix_ms(),
                };
                let findings: Vec<&Finding> = findings.iter().collect();
                project.accept(&findings, &reason, stamp)
            }),
            RulesAction::Withdraw(finding) => {
                self.change_acceptances(move |project| project.withdraw(&finding));
            }
        }
    }

    fn change_acceptances(&self, change: impl FnOnce(&mut Project) -> Result<()> + Send + 'static) {
        let Some(session) = &self.session else { return };
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            let accepted = change(project).and_then(|()| project.acceptances());
            outbox.send(Event::Rules(RulesEvent::Accepted(accepted)));
        });
    }

    pub(super) fn rules_event(&mut self, event: RulesEvent) {
        match event {
            RulesEvent::Checked(found, accepted) => {
                let count = found.len();
                self.panels.issues.set_findings(found, &accepted);
                let left = self.panels.issues.len();
                let (severity, key) = if left == 0 {
                    (Severity::Info, "checking.sound")
                } else {
                    self.dock.show(Pane::Issues);
                    (Severity::Warning, "checking.checked")
                };
                let said = Message::new(key)
                    .with("count", left)
                    .with("accepted", count - left);
                self.say(severity, said);
            }
            RulesEvent::Accepted(Ok(accepted)) => {
                self.panels.edit.forget(&accepted);
                self.panels.issues.set_acceptances(&accepted);
            }
            RulesEvent::Accepted(Err(error)) => self.fail(&error),
        }
    }
}
