//! Named views: add, go, rename, delete. They are kept in the map document, which goes with the project.

use egui::{Key, RichText, ScrollArea, TextEdit, Ui};
use gis_core::cartography::layers::Bookmark;

use super::{text, widgets};
use crate::commands::Command;
use crate::i18n::tr;
use crate::shell::action::Action;
use crate::theme::Theme;

#[derive(Debug, Default)]
pub struct BookmarksPanel {
    /// The bookmark whose name is being written, and the name so far.
    renaming: Option<(usize, String)>,
}

impl BookmarksPanel {
    /// Begins to name the bookmark that was just added.
    pub fn rename(&mut self, i: usize, name: &str) {
        self.renaming = Some((i, name.to_owned()));
    }

    pub fn ui(&mut self, ui: &mut Ui, theme: &Theme, bookmarks: &[Bookmark], actions: &mut Vec<Action>) {
        let add = Command::BookmarkAdd;
        if ui.button(add.label()).on_hover_text(add.tooltip()).clicked() {
            actions.push(Action::Command(add));
        }
        if bookmarks.is_empty() {
            widgets::empty_ui(ui, theme, &tr("view.bookmark.none"));
            return;
        }
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            for (i, bookmark) in bookmarks.iter().enumerate() {
                self.bookmark_ui(ui, theme, i, bookmark, actions);
            }
        });
    }

    fn bookmark_ui(
        &mut self,
        ui: &mut Ui,
        theme: &Theme,
        i: usize,
        bookmark: &Bookmark,
        actions: &mut Vec<Action>,
    ) {
        if let Some((_, name)) = self.renaming.as_mut().filter(|(at, _)| *at == i) {
            let response = ui.add(TextEdit::singleline(name).desired_width(f32::INFINITY));
            if !response.has_focus() && !response.lost_focus() {
                response.request_focus();
            }
            if response.lost_focus() {
                let is_given_up = ui.input(|input| input.key_pressed(Key::Escape));
                let name = name.trim().to_owned();
                if !is_given_up && !name.is_empty() {
                    actions.push(Action::BookmarkRename(i, name));
                }
                self.renaming = None;
            }
            return;
        }
        ui.horizontal(|ui| {
            let scale = text::count(bookmark.scale_denominator.round().max(0.0) as u64);
            let row = widgets::Row {
                code: bookmark.name.clone(),
                figure: format!("1:{scale}"),
                ..widgets::Row::default()
            };
            if widgets::row_ui(ui, theme, &row, 122.0)
                .on_hover_text(tr("view.bookmark.go"))
                .clicked()
            {
                actions.push(Action::BookmarkGo(i));
            }
            let small = |key: &str| egui::Button::new(RichText::new(tr(key)).small()).small();
            if ui.add(small("view.bookmark.rename")).clicked() {
                self.rename(i, &bookmark.name);
            }
            if ui.add(small("view.bookmark.delete")).clicked() {
                actions.push(Action::BookmarkDelete(i));
            }
        });
    }
}
