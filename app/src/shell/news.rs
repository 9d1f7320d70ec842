//! Takes in what tasks and other threads bring: a project that was opened, an answer, a chosen file.

use std::collections::HashMap;
use std::sync::Arc;

use gis_core::analysis::path::PathOutcome;
use gis_core::cartography::overview::silhouette;
use gis_core::{Issue, Message, Severity};

use super::App;
use super::action::{Action, BurstDone, Event, PathDone, Reloaded};
use super::dock::Pane;
use crate::map::MapData;
use crate::panels::identify::Attributes;
use crate::panels::layers::LayersPanel;
use crate::panels::overview::SIZE_PX;
use crate::panels::templates::Templates;
use crate::panels::text;
use crate::panels::{burst, path};
use crate::session::{Opened, Session};

impl App {
    pub(super) fn take_in(&mut self, event: Event) {
        match event {
            Event::Opened(opened) => self.opened(*opened),
            Event::Reloaded(reloaded) => self.reloaded(*reloaded),
            Event::Burst(done) => self.burst_done(*done),
            Event::BurstBook(number, book) => {
                if number == self.panels.burst.asked {
                    self.panels.burst.book = *book;
                }
            }
            Event::Path(done) => self.path_done(*done),
            Event::Attachments(target, shown, warning) => self.attachments_came(target, shown, warning),
            Event::AttachedTo(target) => self.attached_to(target),
            Event::HandedOver(path) => {
                self.inform(Message::new("app.media.handed_over").with("path", path.display()));
            }
            Event::Record(target, record) => {
                if self.panels.identify.target == Some(target) {
                    self.panels.identify.attributes = match *record {
                        Ok(Some(feature)) => Attributes::Loaded(Box::new(feature)),
                        Ok(None) => Attributes::Gone,
                        Err(error) => Attributes::Failed(error.message()),
                    };
                }
            }
            Event::FileChosen(purpose, Some(path)) => self.actions.push(Action::FileNamed(purpose, path)),
            Event::FileChosen(_, None) => self.saving_given_up(),
            Event::NoFileDialog(purpose) => {
                let name = self.proposed_name(purpose);
                self.dialogs
                    .ask_path(purpose, self.settings.folder.as_deref(), name.as_deref());
            }
            Event::NotKept(message) | Event::Warned(message) => self.say(Severity::Warning, message),
            Event::Saved(path) => {
                self.inform(Message::new("app.file.saved").with("path", path.display()));
            }
            Event::BaseMaps(opened) => self.base_maps_opened(opened),
            Event::Wmts(offered) => {
                if let Some(dialog) = &mut self.dialogs.base_map {
                    dialog.offered(*offered);
                }
            }
            Event::Inspected(inspected) => self.inspected(*inspected),
            Event::MappingLoaded(mapping) => self.mapping_loaded(*mapping),
            Event::CrsOffered(choices) => self.dialogs.crs.offered(choices),
            Event::CrsParsed(typed, crs) => self.dialogs.crs.parsed(&typed, *crs),
            Event::Print(news) => self.print_news(*news),
            Event::Themed(revision, themed, data) => self.themed(revision, *themed, data),
            Event::Styles(path, text) => self.apply_styles(&path, &text),
            Event::Classified(classified) => self.classified(*classified),
            Event::Screenshot(image) => self.picture_taken(&image),
            Event::Overview(picture) => self.panels.overview.set(picture),
            Event::WorkspaceSaved(plain, result) => self.workspace_saved(plain, result),
            Event::Ground(event) => self.ground_event(event),
            Event::Edit(event) => self.edit_event(event),
            Event::Operation(event) => self.operation_event(event),
            Event::Rules(event) => self.rules_event(event),
            Event::Engineering(event) => self.engineering_event(event),
            Event::Located(event) => self.locate_event(event),
            Event::Query(event) => self.query_event(event),
            Event::Statistics(event) => self.statistics_event(event),
            Event::Parts(library) => self.parts_event(library),
            Event::Depth(event) => self.depth_event(event),
            Event::Table(event) => self.table_event(event),
            Event::Reshape(event) => self.reshape_event(event),
        }
    }

    fn opened(&mut self, opened: Opened) {
        let source = opened.source.clone();
        let is_sample = opened.is_sample;
        let prepared = opened.map.clone();
        let hindrance = opened.hindrance.clone();
        let workspace = opened.workspace.clone();
        let templates = opened.templates.clone();
        let (changed_outside, broken_outside) = opened.outside.clone();
        match Session::new(opened) {
            Ok((session, report, issues)) => {
                self.panels = crate::panels::Panels::default();
                self.panels.edit.templates = Templates::read(templates.as_deref(), &session.schema);
                self.panels.layers = LayersPanel::open(session.document.clone(), &session.schema);
                let said = Message::new("app.message.opened")
                    .with("name", &session.name)
                    .with("pipes", text::count(session.network.pipe_count() as u64))
                    .with("nodes", text::count(session.network.node_count() as u64));
                self.show_network(&prepared);
                self.labels.open(&session);
                self.session = Some(session);
                self.tools.take(crate::view::Tool::Identify);
                self.tools.reset();
                self.say(Severity::Info, said);
                if let Some(reason) = hindrance {
                    let reason = reason.text(crate::i18n::lang());
                    self.say(
                        Severity::Warning,
                        Message::new("project.read_only").with("reason", reason),
                    );
                }
                if let Some(report) = report {
                    self.show_report(&report);
                }
                self.panels.issues.set(issues);
                if changed_outside > 0 {
                    self.say(
                        Severity::Warning,
                        Message::new("checking.outside").with("count", changed_outside),
                    );
                    self.panels.issues.follow(&broken_outside, &[]);
                }
                if !is_sample {
                    self.settings.remember(&source);
                    self.save_settings();
                }
                self.refresh_highlight();
                self.arrange(workspace.as_deref());
                self.go_on_after_saving();
            }
            Err(error) => self.fail(&error),
        }
    }

    /// All views get the network, and the overview its picture.
    pub(super) fn show_network(&mut self, prepared: &Arc<MapData>) {
        for map in [&mut self.map, &mut self.second.map].into_iter().flatten() {
            map.under.clear();
            map.set_network(Arc::clone(prepared));
        }
        let data = Arc::clone(prepared);
        self.tasks.spawn(Message::new("view.overview.task"), move |_| {
            Ok(Event::Overview(silhouette(data.chunks(), SIZE_PX)))
        });
    }

    fn reloaded(&mut self, reloaded: Reloaded) {
        let Reloaded {
            network,
            summary,
            report,
            issues,
            map: prepared,
        } = reloaded;
        let Some(session) = &mut self.session else { return };
        session.network = network;
        session.summary = summary;
        self.labels.refresh(session);
        // Answers about the network as it was would point at the wrong pipes.
        self.panels.burst.clear();
        self.panels.path.clear();
        self.panels.query.clear();
        self.panels.identify = crate::panels::identify::IdentifyPanel::default();
        self.show_network(&prepared);
        self.panels.print.network_changed();
        self.panels.layers.forget_looks();
        self.say(
            Severity::Info,
            Message::new("app.message.imported")
                .with("written", text::count(report.written()))
                .with("rejected", text::count(report.rejected())),
        );
        self.show_report(&report);
        if !issues.is_empty() {
            self.show_issues(issues);
        }
        self.refresh_highlight();
    }

    fn show_issues(&mut self, issues: Vec<Issue>) {
        let is_empty = issues.is_empty();
        self.panels.issues.set(issues);
        if !is_empty {
            self.dock.show(Pane::Issues);
        }
    }

    fn burst_done(&mut self, done: BurstDone) {
        let panel = &mut self.panels.burst;
        if done.number != panel.asked {
            return;
        }
        panel.is_waiting = false;
        panel.elapsed_us = done.elapsed_us;
        panel.answer = Some(match done.result {
            Ok(result) => burst::Answer::Found(Box::new(result)),
            Err(error) => burst::Answer::Refused(error.message()),
        });
        self.fetch_burst_book(done.number);
        self.refresh_highlight();
    }

    /// Reads the attributes of the valves and customers of the result.
    fn fetch_burst_book(&self, number: u64) {
        let Some(session) = &self.session else { return };
        let network = &session.network;
        let mut wanted: HashMap<_, Vec<_>> = HashMap::new();
        for node in self.panels.burst.wanted() {
            wanted
                .entry(network.node_class(node))
                .or_default()
                .push(network.node_id(node));
        }
        let mut wanted: Vec<_> = wanted.into_iter().collect();
        wanted.sort_by_key(|(class, _)| *class);
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            let mut book = burst::FeatureBook::new();
            for (class, ids) in wanted {
                match project.records(class, &ids) {
                    Ok(records) => book.extend(records),
                    Err(error) => log::warn!("attributes of the result: {error}"),
                }
            }
            outbox.send(Event::BurstBook(number, Box::new(book)));
        });
    }

    fn path_done(&mut self, done: PathDone) {
        let panel = &mut self.panels.path;
        if done.number != panel.asked {
            return;
        }
        panel.is_waiting = false;
        panel.elapsed_us = done.elapsed_us;
        panel.answer = Some(match done.outcome {
            Ok(PathOutcome::Found(result)) => path::Answer::Found(Box::new(result)),
            Ok(PathOutcome::Unreachable { separating }) => path::Answer::Unreachable(separating),
            Err(error) => path::Answer::Refused(error.message()),
        });
        self.refresh_highlight();
    }
}
