//! Bookmarks of the map document: what the panel asks for is done here.

use gis_core::cartography::layers::{Bookmark, SavedView};

use super::App;
use super::dock::Pane;
use crate::i18n::tr_with;

impl App {
    /// Keeps the present view; its name can be written at once.
    pub(super) fn add_bookmark(&mut self) {
        let (Some(session), Some(map)) = (&mut self.session, &self.map) else {
            return;
        };
        let Some(view) = map.saved_view() else { return };
        let bookmarks = &mut session.document.bookmarks;
        // One more than there are: at least one of these is free.
        let most = 2 * bookmarks.len() + 1;
        let name = (bookmarks.len() + 1..=most)
            .map(|number| tr_with("view.bookmark.name", "number", number))
            .find(|name| bookmarks.iter().all(|known| known.name != *name))
            .unwrap_or_default();
        let at = bookmarks.len();
        bookmarks.push(Bookmark {
            name: name.clone(),
            centre: view.centre,
            scale_denominator: view.scale_denominator,
            rotation_deg: view.rotation_deg,
        });
        self.dock.show(Pane::Bookmarks);
        self.panels.bookmarks.rename(at, &name);
    }

    pub(super) fn rename_bookmark(&mut self, at: usize, name: String) {
        if let Some(bookmark) = self.bookmarks_mut().and_then(|b| b.get_mut(at)) {
            bookmark.name = name;
        }
    }

    pub(super) fn delete_bookmark(&mut self, at: usize) {
        if let Some(bookmarks) = self.bookmarks_mut().filter(|b| at < b.len()) {
            bookmarks.remove(at);
        }
    }

    pub(super) fn go_to_bookmark(&mut self, at: usize) {
        let bookmark = self.session.as_ref().and_then(|s| s.document.bookmarks.get(at));
        if let (Some(bookmark), Some(map)) = (bookmark, &mut self.map) {
            map.show_view(&SavedView {
                centre: bookmark.centre,
                scale_denominator: bookmark.scale_denominator,
                rotation_deg: bookmark.rotation_deg,
            });
        }
    }

    fn bookmarks_mut(&mut self) -> Option<&mut Vec<Bookmark>> {
        self.session.as_mut().map(|s| &mut s.document.bookmarks)
    }
}
