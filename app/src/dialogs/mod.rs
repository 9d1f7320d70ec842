//! Dialogs over the window: what they ask for becomes actions; none does anything itself.

pub mod accept;
pub mod base_map;
pub mod closing;
pub mod crs_picker;
pub mod dictionaries;
pub mod encoding;
pub mod engineering;
pub mod imagery;
pub mod import;
pub mod issue;
pub mod new_project;
pub mod path_prompt;
pub mod refused;
pub mod unsaved;

use std::path::Path;

use egui::{Align, Align2, Context, Layout, RichText, Ui};

use crate::i18n::tr;
use crate::shell::action::{Action, FilePurpose};
use crate::theme::Theme;
use accept::AcceptDialog;
use base_map::BaseMapDialog;
use closing::ClosingDialog;
use crs_picker::CrsPicker;
use dictionaries::DictionariesDialog;
use encoding::EncodingDialog;
use engineering::EngineeringDialog;
use imagery::ImageryDialog;
use import::ImportDialog;
use issue::IssueDialog;
use new_project::NewProjectDialog;
use path_prompt::PathPrompt;
use refused::RefusedDialog;

/// The dialogs and what was filled in so far.
#[derive(Default)]
pub struct Dialogs {
    pub prompt: Option<PathPrompt>,
    pub new_project: Option<NewProjectDialog>,
    pub import: Option<ImportDialog>,
    pub base_map: Option<BaseMapDialog>,
    pub imagery: Option<ImageryDialog>,
    pub issue: Option<IssueDialog>,
    pub encoding: Option<EncodingDialog>,
    pub accept: Option<AcceptDialog>,
    pub refused: Option<RefusedDialog>,
    pub engineering: Option<EngineeringDialog>,
    pub closing: Option<ClosingDialog>,
    pub dictionaries: Option<Box<DictionariesDialog>>,
    pub crs: CrsPicker,
    pub shows_about: bool,
}

impl Dialogs {
    pub fn is_open(&self) -> bool {
        self.prompt.is_some()
            || self.new_project.is_some()
            || self.import.is_some()
            || self.base_map.is_some()
            || self.issue.is_some()
            || self.encoding.is_some()
            || self.accept.is_some()
            || self.refused.is_some()
            || self.engineering.is_some()
            || self.closing.is_some()
            || self
                .dictionaries
                .as_ref()
                .is_some_and(|dialog| !dialog.is_hidden())
            || self.shows_about
    }

    /// Asks for a path in the window, where the system has no dialog for it.
    pub fn ask_path(&mut self, purpose: FilePurpose, folder: Option<&Path>, name: Option<&str>) {
        self.prompt = Some(PathPrompt::new(purpose, folder, name));
    }

    pub fn set_project_path(&mut self, path: &Path) {
        if let Some(dialog) = &mut self.new_project {
            dialog.set_path(path);
        }
    }

    pub fn ui(
        &mut self,
        ctx: &Context,
        theme: &Theme,
        schema: &gis_core::schema::Schema,
        actions: &mut Vec<Action>,
    ) {
        if let Some(dialog) = &mut self.new_project
            && !dialog.ui(ctx, theme, &mut self.crs, actions)
        {
            self.new_project = None;
        }
        if let Some(dialog) = &mut self.import
            && !dialog.ui(ctx, theme, schema, &mut self.crs, actions)
        {
            self.import = None;
        }
        if let Some(dialog) = &mut self.base_map
            && !dialog.ui(ctx, theme, actions)
        {
            self.base_map = None;
        }
        if let Some(dialog) = &mut self.imagery
            && !dialog.ui(ctx, theme, &mut self.crs, actions)
        {
            self.imagery = None;
        }
        if let Some(dialog) = &mut self.issue
            && !dialog.ui(ctx, theme, actions)
        {
            self.issue = None;
        }
        if let Some(dialog) = &mut self.encoding
            && !dialog.ui(ctx, theme, actions)
        {
            self.encoding = None;
        }
        if let Some(dialog) = &mut self.accept
            && !dialog.ui(ctx, theme, actions)
        {
            self.accept = None;
        }
        if let Some(dialog) = &mut self.refused
            && !dialog.ui(ctx, theme, actions)
        {
            self.refused = None;
        }
        if let Some(dialog) = &mut self.engineering
            && !dialog.ui(ctx, theme, actions)
        {
            self.engineering = None;
        }
        if let Some(dialog) = &mut self.closing
            && !dialog.ui(ctx, theme, actions)
        {
            self.closing = None;
        }
        if let Some(dialog) = &mut self.dictionaries
            && !dialog.ui(ctx, theme, actions)
        {
            self.dictionaries = None;
        }
        // The question for a path may come from one of the others and lies above it.
        if let Some(prompt) = &mut self.prompt
            && !prompt.ui(ctx, theme, actions)
        {
            self.prompt = None;
        }
        if self.shows_about {
            self.shows_about = about_ui(ctx, theme);
        }
    }
}

/// A dialog in the middle of the window. Returns whether it stays open.
pub fn dialog_ui(
    ctx: &Context,
    theme: &Theme,
    id: &str,
    title: &str,
    width: f32,
    body: impl FnOnce(&mut Ui),
) -> bool {
    let screen = ctx.content_rect();
    let area =
        egui::Modal::default_area(egui::Id::unique(id)).anchor(Align2::CENTER_CENTER, egui::Vec2::ZERO);
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(egui::Margin::same(20));
    let modal = egui::Modal::new(egui::Id::unique(id))
        .area(area)
        .frame(frame)
        .show(ctx, |ui| {
            ui.set_width(width.min(screen.width() - 80.0));
            ui.label(RichText::new(title).heading().color(theme.text.strong.0));
            ui.add_space(8.0);
            body(ui);
        });
    // A click beside the dialog must not throw away what was filled in; Escape may.
    !(modal.is_top_modal && ctx.input(|i| i.key_pressed(egui::Key::Escape)))
}

/// The buttons at the foot of a dialog, the one that goes on at the right end.
pub fn buttons_ui(ui: &mut Ui, theme: &Theme, go: &str, is_ready: bool) -> Option<Answer> {
    ui.add_space(10.0);
    let mut answer = None;
    // As high as the buttons: all the room there is would keep a dialog that was higher once as high as it was.
    let room = egui::vec2(ui.available_width(), 30.0);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        let primary = crate::panels::widgets::primary_button(theme, go).min_size(egui::vec2(96.0, 30.0));
        if ui.add_enabled(is_ready, primary).clicked() {
            answer = Some(Answer::Go);
        }
        let cancel = egui::Button::new(tr("app.common.cancel")).min_size(egui::vec2(84.0, 30.0));
        if ui.add(cancel).clicked() {
            answer = Some(Answer::Cancel);
        }
    });
    answer
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Go,
    Cancel,
}

fn about_ui(ctx: &Context, theme: &Theme) -> bool {
    let mut is_open = true;
    let stays = dialog_ui(ctx, theme, "about", &tr("app.name"), 440.0, |ui| {
        ui.label(crate::i18n::tr_with(
            "app.about.version",
            "version",
            env!("CARGO_PKG_VERSION"),
        ));
        ui.label(tr("app.about.what"));
        ui.add_space(6.0);
        ui.label(
            RichText::new(tr("app.about.licence"))
                .small()
                .color(theme.text.weak.0),
        );
        ui.add_space(10.0);
        if ui.button(tr("app.common.close")).clicked() {
            is_open = false;
        }
    });
    is_open && stays
}
