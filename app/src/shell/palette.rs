//! The command palette: type to find a command, or a feature by its code.

use egui::{Align2, Key, RichText};

use gis_core::locate::{Found, Hit};

use super::App;
use super::action::Action;
use super::operations::OperationAction;
use crate::commands::{Command, search};
use crate::i18n::tr;
use crate::icons::Icon;
use crate::operations::{FORMS, Form};
use crate::panels::operations::title;
use crate::panels::text;
use crate::session::Target;
use crate::theme::Theme;

/// Points of the list at most.
const LIST_HEIGHT: f32 = 380.0;

#[derive(Debug, Default)]
pub(super) struct Palette {
    is_open: bool,
    typed: String,
    /// What was looked for in the project last.
    asked: Option<String>,
    chosen: usize,
    has_focus: bool,
}

/// One line of the list.
enum Entry {
    Feature(Target),
    Hit(Hit),
    Command(Command),
    Operation(&'static Form),
}

impl Palette {
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(super) fn typed(&self) -> &str {
        &self.typed
    }

    pub(super) fn open(&mut self, typed: &str) {
        *self = Self {
            is_open: true,
            typed: typed.to_owned(),
            ..Self::default()
        };
    }
}

impl App {
    pub(super) fn palette_ui(&mut self, ctx: &egui::Context) {
        if !self.palette.is_open {
            return;
        }
        let entries = self.palette_entries();
        let before = self.palette.asked.replace(self.palette.typed.clone());
        if before.as_deref() != Some(self.palette.typed.as_str()) {
            let typed = self.palette.typed.clone();
            self.locate_typed(&typed);
        }
        let (up, down, enter, escape) = ctx.input_mut(|i| {
            (
                i.consume_key(egui::Modifiers::NONE, Key::ArrowUp),
                i.consume_key(egui::Modifiers::NONE, Key::ArrowDown),
                i.key_pressed(Key::Enter),
                i.consume_key(egui::Modifiers::NONE, Key::Escape),
            )
        });
        let last = entries.len().saturating_sub(1);
        let palette = &mut self.palette;
        if down {
            palette.chosen = (palette.chosen + 1).min(last);
        }
        if up {
            palette.chosen = palette.chosen.saturating_sub(1);
        }
        let mut taken = enter.then_some(palette.chosen);
        let screen = ctx.content_rect();
        let width = (screen.width() * 0.5).clamp(360.0, 620.0);
        let backdrop = egui::Modal::new(egui::Id::unique("palette"))
            .area(
                egui::Modal::default_area(egui::Id::unique("palette"))
                    .anchor(Align2::CENTER_TOP, egui::vec2(0.0, screen.height() * 0.12)),
            )
            .show(ctx, |ui| {
                ui.set_width(width);
                let edit = egui::TextEdit::singleline(&mut self.palette.typed)
                    .hint_text(tr("app.palette.hint"))
                    .font(egui::TextStyle::Heading)
                    .desired_width(f32::INFINITY);
                let response = ui.add(edit);
                if !self.palette.has_focus {
                    response.request_focus();
                    self.palette.has_focus = true;
                }
                if response.changed() {
                    self.palette.chosen = 0;
                }
                ui.add_space(4.0);
                egui::ScrollArea::vertical()
                    .max_height(LIST_HEIGHT)
                    // The list grows again when more is found.
                    .min_scrolled_height(LIST_HEIGHT)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        ui.spacing_mut().item_spacing.y = 1.0;
                        if self.locating.is_indexing() {
                            let said = RichText::new(tr("locate.wait_for_index"));
                            ui.label(said.small().color(self.theme.text.weak.0));
                        }
                        if entries.is_empty() && !self.locating.is_waiting() {
                            crate::panels::widgets::empty_ui(ui, &self.theme, &tr("app.palette.nothing"));
                        }
                        for (i, entry) in entries.iter().enumerate() {
                            let response = self.palette_entry_ui(ui, entry, i == self.palette.chosen);
                            if i == self.palette.chosen && (up || down) {
                                response.scroll_to_me(None);
                            }
                            if response.clicked() {
                                taken = Some(i);
                            }
                        }
                    });
            })
            .should_close();
        if let Some(entry) = taken.and_then(|i| entries.get(i)) {
            match entry {
                Entry::Command(command) if command.is_enabled(self.env()) => {
                    self.actions.push(Action::Command(*command));
                }
                Entry::Operation(form) if self.env().is_editing => {
                    self.actions
                        .push(Action::Operation(OperationAction::Begin(form.key)));
                }
                Entry::Command(_) | Entry::Operation(_) => return,
                Entry::Hit(hit) => self.go_to(hit),
                Entry::Feature(target) => {
                    self.actions.push(Action::Select(Some(*target)));
                    self.actions.push(Action::ZoomToTarget(*target));
                    self.actions.push(Action::ShowAttributes);
                }
            }
            self.palette.is_open = false;
        } else if escape || backdrop {
            self.palette.is_open = false;
        }
    }

    fn palette_entries(&self) -> Vec<Entry> {
        let session = self.session.as_ref();
        let targets = session.map_or_else(Vec::new, |s| s.find_code(&self.palette.typed));
        // Numbers are known at once; the rest comes a moment later.
        let is_new = |hit: &&Hit| match hit.found {
            Found::Feature(_, id) => {
                let network = session.map(|s| &s.network);
                let target = network.and_then(|network| Target::of_id(network, id));
                target.is_none_or(|target| !targets.contains(&target))
            }
            _ => true,
        };
        let hits: Vec<Hit> = self.locating.hits().iter().filter(is_new).cloned().collect();
        let found = targets
            .into_iter()
            .map(Entry::Feature)
            .chain(hits.into_iter().map(Entry::Hit));
        let env = self.env();
        let mut commands = search(&self.palette.typed);
        // What can be done now comes first; the sort is stable.
        commands.sort_by_key(|c| !c.is_enabled(env));
        let typed = self.palette.typed.trim().to_lowercase();
        let is_meant = |form: &&Form| {
            !typed.is_empty() && (title(form).to_lowercase().contains(&typed) || form.key.contains(&typed))
        };
        let operations = FORMS.iter().filter(is_meant).map(Entry::Operation);
        found
            .chain(
                commands
                    .into_iter()
                    .filter(|c| *c != Command::Palette)
                    .map(Entry::Command),
            )
            .chain(operations)
            .collect()
    }

    fn palette_entry_ui(&self, ui: &mut egui::Ui, entry: &Entry, is_chosen: bool) -> egui::Response {
        let theme: &Theme = &self.theme;
        let (label, tip, keys, icon, is_enabled) = match entry {
            Entry::Command(command) => (
                command.label(),
                command.tooltip(),
                command.shortcut_text(ui.ctx()).unwrap_or_default(),
                command.icon(),
                command.is_enabled(self.env()),
            ),
            Entry::Operation(form) => (
                title(form),
                tr(&format!("operations.about.{}", form.key)),
                String::new(),
                Some(Icon::Edit),
                self.env().is_editing,
            ),
            Entry::Hit(hit) => {
                let detail = match hit.found {
                    Found::Feature(..) => hit.detail.clone(),
                    _ => format!("{}  {}", tr(hit.found.name_key()), hit.detail),
                };
                (
                    hit.title.clone(),
                    detail,
                    String::new(),
                    Some(hit_icon(&hit.found)),
                    true,
                )
            }
            Entry::Feature(target) => {
                let session = self.session.as_ref();
                let title = session.map(|s| text::title(s, *target)).unwrap_or_default();
                (
                    title,
                    tr("app.palette.go_to"),
                    String::new(),
                    Some(Icon::ZoomSelection),
                    true,
                )
            }
        };
        let ink = match (is_chosen, is_enabled) {
            (true, true) => theme.accent.selection_text.0,
            (false, true) => theme.text.primary.0,
            (_, false) => theme.text.weak.0,
        };
        let ground = if is_chosen {
            theme.accent.selection.0
        } else {
            egui::Color32::TRANSPARENT
        };
        let inner = egui::Frame::new()
            .fill(ground)
            .corner_radius(theme.size.corner)
            .inner_margin(egui::Margin::symmetric(8, 5))
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.set_width(ui.available_width());
                    match icon {
                        Some(icon) => ui.add(icon.image(16.0, ink)),
                        None => ui.allocate_response(egui::vec2(16.0, 16.0), egui::Sense::hover()),
                    };
                    ui.label(RichText::new(&label).color(ink));
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        ui.label(RichText::new(keys).small().color(theme.text.weak.0));
                        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                            let tip = RichText::new(&tip).small().color(theme.text.weak.0);
                            ui.add(egui::Label::new(tip).truncate());
                        });
                    });
                });
            });
        let response = inner.response.interact(egui::Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::selected(
                egui::accesskit::Role::ListBoxOption,
                is_enabled,
                is_chosen,
                &label,
            )
        });
        response
    }
}

fn hit_icon(found: &Found) -> Icon {
    match found {
        Found::Bookmark(_) => Icon::Bookmark,
        Found::Road(_) => Icon::Path,
        Found::Place(_) | Found::Sheet(_) | Found::Feature(..) => Icon::ZoomSelection,
    }
}
