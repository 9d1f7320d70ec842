//! What the search box finds in the project (定位): asked of the project's thread while one types, shown when it comes.

use gis_core::locate::{Found, Hit, locate};
use gis_core::project::Project;
use gis_core::{Message, Result, Severity};

use super::App;
use super::action::{Action, Event};
use crate::session::Target;
use crate::shell::querying::QueryAction;

/// Hits listed at most.
const MOST_HITS: usize = 12;

/// The answers of a search.
#[derive(Default)]
pub(super) struct Locating {
    hits: Vec<Hit>,
    /// Rises with each question, so that a late answer to an old one is dropped.
    asked: u64,
    is_waiting: bool,
    is_indexing: bool,
}

pub enum LocateEvent {
    Found {
        number: u64,
        hits: Result<Vec<Hit>>,
        /// Whether addresses and names were looked through.
        is_indexed: bool,
    },
    /// Addresses and names can be looked through now.
    Indexed,
}

impl Locating {
    pub(super) fn hits(&self) -> &[Hit] {
        &self.hits
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting || self.is_indexing
    }

    pub(super) fn is_indexing(&self) -> bool {
        self.is_indexing
    }
}

impl App {
    /// Looks for what was typed; what was found before stays until the answer comes.
    pub(super) fn locate_typed(&mut self, typed: &str) {
        let Some(session) = &self.session else { return };
        let locating = &mut self.locating;
        locating.asked += 1;
        if typed.trim().is_empty() {
            locating.hits.clear();
            locating.is_waiting = false;
            return;
        }
        locating.is_waiting = true;
        let (number, typed) = (locating.asked, typed.to_owned());
        let (bookmarks, lang) = (session.document.bookmarks.clone(), self.lang);
        let outbox = self.tasks.outbox();
        session.service.ask(move |project| {
            outbox.send(Event::Located(LocateEvent::Found {
                number,
                hits: locate(project, &bookmarks, &typed, lang, MOST_HITS),
                is_indexed: project.has_places().unwrap_or(false),
            }));
        });
    }

    pub(super) fn locate_event(&mut self, event: LocateEvent) {
        match event {
            LocateEvent::Found {
                number,
                hits,
                is_indexed,
            } => {
                if !is_indexed && !self.locating.is_indexing {
                    self.index_places();
                }
                if number != self.locating.asked {
                    return;
                }
                self.locating.is_waiting = false;
                match hits {
                    Ok(hits) => self.locating.hits = hits,
                    Err(error) => self.fail(&error),
                }
            }
            LocateEvent::Indexed => {
                self.locating.is_indexing = false;
                if self.palette.is_open() {
                    let typed = self.palette.typed().to_owned();
                    self.locate_typed(&typed);
                }
            }
        }
    }

    /// Once for every project; what is edited later is followed.
    fn index_places(&mut self) {
        let Some(session) = &self.session else { return };
        self.locating.is_indexing = true;
        let service = session.service.clone();
        let outbox = self.tasks.outbox();
        self.tasks
            .spawn(Message::new("locate.indexing"), move |progress| {
                let progress = progress.clone();
                let made = service.call(move |project: &mut Project| project.index_places(&progress));
                // Also when it failed or was stopped: the search box does not wait for it any longer.
                outbox.send(Event::Located(LocateEvent::Indexed));
                made.map(|()| Event::Located(LocateEvent::Indexed))
            });
    }

    /// Shows on the map what was found.
    pub(super) fn go_to(&mut self, hit: &Hit) {
        match &hit.found {
            Found::Place(place) => self.actions.push(Action::ZoomToPlace(*place)),
            Found::Sheet(bounds) => self.actions.push(Action::ZoomTo(*bounds)),
            Found::Bookmark(i) => self.actions.push(Action::BookmarkGo(*i)),
            Found::Road(road) => {
                let action = QueryAction::Road(road.clone());
                self.actions.push(Action::Query(action));
            }
            Found::Feature(_, id) => {
                let network = self.session.as_ref().map(|s| &s.network);
                let target = network.and_then(|network| Target::of_id(network, *id));
                if let Some(target) = target {
                    self.actions.push(Action::Select(Some(target)));
                    self.actions.push(Action::ZoomToTarget(target));
                    self.actions.push(Action::ShowAttributes);
                } else {
                    self.say(Severity::Warning, Message::new("locate.not_on_map"));
                }
            }
        }
    }
}
