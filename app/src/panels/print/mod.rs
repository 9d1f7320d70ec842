//! The page layout editor: a page as it will be printed, what stands on it, and where it goes. Drawing and writing are
//! `gis_core::layout`; the work runs in tasks (`shell::printing`).

mod canvas;
mod properties;

use std::path::PathBuf;

use egui::{ComboBox, Key, Ui};
use gis_core::Message;
use gis_core::layout::model::{ItemKind, Orientation, Page, Paper, Place};
use gis_core::layout::output::OutputFormat;
use gis_core::layout::surface::Bitmap;
use gis_core::layout::{Layout, template};

use super::{PanelEnv, widgets};
use crate::i18n::{lang, say, tr};
use crate::session::Target;
use crate::shell::action::{Action, FilePurpose};
use canvas::Drag;

/// What the editor asks the window for.
#[derive(Debug, Clone, PartialEq)]
pub enum PrintAction {
    /// A new picture of the page.
    Preview,
    /// The names of the layouts in the project.
    List,
    Load(String),
    Save(String),
    Export(OutputFormat, PathBuf),
    /// Shows in the main map frame what the map of the window shows.
    TakeView,
}

/// What comes back.
#[derive(Debug)]
pub enum PrintNews {
    /// Of the page as it was at that revision.
    Preview(u64, gis_core::Result<Bitmap>),
    Listed(Vec<String>),
    Loaded(String, Box<Layout>),
    Saved(String),
    /// The first file of a print, and what should be in it and is not.
    Printed(std::path::PathBuf, gis_core::Issues),
}

/// How many pages are made of the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageSet {
    #[default]
    One,
    /// Every national sheet with pipes.
    Sheets,
    /// Along the selected pipe.
    Strip,
}

impl PageSet {
    const ALL: [Self; 3] = [Self::One, Self::Sheets, Self::Strip];

    fn label(self) -> String {
        tr(match self {
            Self::One => "print.pages.one",
            Self::Sheets => "print.pages.sheets",
            Self::Strip => "print.pages.strip",
        })
    }
}

/// The page being laid out.
pub struct PrintPanel {
    pub layout: Layout,
    pub name: String,
    pub selected: Option<u32>,
    pub pages: PageSet,
    pub dpi: f64,
    pub saved: Vec<String>,
    /// Pixels of the longer side of the page on the screen.
    pub page_px: f32,
    /// Rises with every change of the page.
    pub revision: u64,
    /// Revision of the picture that was asked for last, and of the one that came.
    pub asked: Option<u64>,
    shown: Option<(u64, egui::TextureHandle)>,
    failure: Option<Message>,
    drag: Option<Drag>,
    is_started: bool,
}

impl std::fmt::Debug for PrintPanel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrintPanel")
            .field("name", &self.name)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

impl Default for PrintPanel {
    fn default() -> Self {
        Self {
            layout: template::find("a3-map").unwrap_or_default(),
            name: String::new(),
            selected: None,
            pages: PageSet::One,
            dpi: 200.0,
            saved: Vec::new(),
            page_px: 0.0,
            revision: 1,
            asked: None,
            shown: None,
            failure: None,
            drag: None,
            is_started: false,
        }
    }
}

impl PrintPanel {
    /// Whether a picture of the page is on its way.
    pub fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether the page on show is the page as it is.
    pub fn is_up_to_date(&self) -> bool {
        self.shown.as_ref().is_some_and(|(r, _)| *r == self.revision) || self.failure.is_some()
    }

    pub fn changed(&mut self) {
        self.revision += 1;
    }

    /// The next picture will be of another network.
    pub fn network_changed(&mut self) {
        self.changed();
    }

    pub fn take_in(&mut self, news: PrintNews, ctx: &egui::Context) {
        match news {
            PrintNews::Preview(revision, result) => {
                self.asked = None;
                match result {
                    Ok(bitmap) => {
                        let size = [bitmap.width as usize, bitmap.height as usize];
                        let image = egui::ColorImage::from_rgba_unmultiplied(size, &bitmap.rgba);
                        let texture = ctx.load_texture("print-page", image, egui::TextureOptions::LINEAR);
                        self.shown = Some((revision, texture));
                        self.failure = None;
                    }
                    Err(error) => {
                        self.shown = None;
                        self.failure = (revision == self.revision).then(|| error.message());
                    }
                }
            }
            PrintNews::Printed(..) => {}
            PrintNews::Listed(names) => self.saved = names,
            PrintNews::Loaded(name, layout) => {
                self.layout = *layout;
                self.name = name;
                self.selected = None;
                self.changed();
            }
            PrintNews::Saved(name) => {
                if !self.saved.contains(&name) {
                    self.saved.push(name.clone());
                    self.saved.sort();
                }
                self.name = name;
            }
        }
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, selected: Option<Target>) {
        if !self.is_started {
            self.is_started = true;
            env.push(Action::Print(PrintAction::List));
        }
        self.bar_ui(ui, env, selected);
        ui.separator();
        let height = ui.available_height();
        ui.horizontal_top(|ui| {
            const SIDE: f32 = 190.0;
            const PROPERTIES: f32 = 250.0;
            ui.allocate_ui(egui::vec2(SIDE, height), |ui| {
                ui.set_min_size(egui::vec2(SIDE, height));
                ui.vertical(|ui| self.items_ui(ui, env));
            });
            let middle = (ui.available_width() - PROPERTIES - ui.spacing().item_spacing.x).max(120.0);
            ui.allocate_ui(egui::vec2(middle, height), |ui| {
                ui.set_min_size(egui::vec2(middle, height));
                self.canvas_ui(ui, env.theme);
            });
            ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
                egui::ScrollArea::vertical()
                    .id_salt("print-properties")
                    .show(ui, |ui| ui.vertical(|ui| self.properties_ui(ui, env)));
            });
        });
        self.keys(ui);
        if self.asked.is_none() && self.drag.is_none() && !self.is_up_to_date() {
            self.asked = Some(self.revision);
            self.failure = None;
            env.push(Action::Print(PrintAction::Preview));
        }
    }

    /// Where the layout comes from, its paper, and where it goes.
    fn bar_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, selected: Option<Target>) {
        ui.horizontal_wrapped(|ui| {
            ui.menu_button(tr("print.template"), |ui| {
                for template in template::builtin().unwrap_or_default() {
                    if ui.button(template.title.text(lang())).clicked() {
                        let values = std::mem::take(&mut self.layout.values);
                        self.layout = template.layout;
                        self.layout.values = values;
                        self.selected = None;
                        self.changed();
                        ui.close();
                    }
                }
            });
            ui.menu_button(tr("print.open"), |ui| {
                if self.saved.is_empty() {
                    ui.label(tr("print.none_saved"));
                }
                for name in &self.saved {
                    if ui.button(name).clicked() {
                        env.push(Action::Print(PrintAction::Load(name.clone())));
                        ui.close();
                    }
                }
            });
            let name_label = ui.label(tr("print.name"));
            ui.add(egui::TextEdit::singleline(&mut self.name).desired_width(130.0))
                .labelled_by(name_label.id);
            let can_save = !self.name.trim().is_empty();
            if ui
                .add_enabled(can_save, egui::Button::new(tr("print.save")))
                .on_hover_text(tr("print.save_tip"))
                .clicked()
            {
                env.push(Action::Print(PrintAction::Save(self.name.trim().to_owned())));
            }
            ui.separator();
            self.paper_ui(ui);
            ui.separator();
            ComboBox::from_id_salt("print-pages")
                .selected_text(self.pages.label())
                .width(120.0)
                .show_ui(ui, |ui| {
                    for pages in PageSet::ALL {
                        ui.selectable_value(&mut self.pages, pages, pages.label());
                    }
                });
            let lacks_pipe = self.pages == PageSet::Strip && !matches!(selected, Some(Target::Pipe(_)));
            ui.add(
                egui::DragValue::new(&mut self.dpi)
                    .range(50.0..=1200.0)
                    .suffix(" dpi")
                    .max_decimals(0),
            )
            .on_hover_text(tr("print.dpi_tip"));
            for format in OutputFormat::ALL {
                let button = if format == OutputFormat::Pdf {
                    widgets::primary_button(env.theme, &format.extension().to_uppercase())
                } else {
                    egui::Button::new(format.extension().to_uppercase())
                };
                let response = ui
                    .add_enabled(!lacks_pipe, button)
                    .on_hover_text(tr("print.export_tip"))
                    .on_disabled_hover_text(tr("print.select_pipe"));
                if response.clicked() {
                    env.push(Action::ChooseFile(FilePurpose::Print(format)));
                }
            }
        });
    }

    fn paper_ui(&mut self, ui: &mut Ui) {
        let mut page = self.layout.page;
        let name = match page.paper {
            Paper::Custom { .. } => {
                let [w, h] = page.size_mm();
                format!("{w:.0} × {h:.0} mm")
            }
            paper => paper.name().to_owned(),
        };
        ComboBox::from_id_salt("print-paper")
            .selected_text(name)
            .width(70.0)
            .show_ui(ui, |ui| {
                for paper in Paper::STANDARD {
                    ui.selectable_value(&mut page.paper, paper, paper.name());
                }
            });
        ui.selectable_value(
            &mut page.orientation,
            Orientation::Landscape,
            tr("print.landscape"),
        );
        ui.selectable_value(&mut page.orientation, Orientation::Portrait, tr("print.portrait"));
        self.set_page(page);
    }

    pub fn set_page(&mut self, page: Page) {
        if page != self.layout.page {
            self.layout.change_page(page);
            self.changed();
        }
    }

    /// What stands on the page, topmost first.
    fn items_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        ui.horizontal(|ui| {
            ui.menu_button(tr("print.add"), |ui| {
                for kind in ItemKind::all() {
                    if ui.button(kind_label(&kind)).clicked() {
                        self.add(kind);
                        ui.close();
                    }
                }
            });
            let has_selection = self.selected.is_some();
            if ui
                .add_enabled(has_selection, egui::Button::new(tr("print.remove")))
                .clicked()
            {
                self.remove_selected();
            }
            if ui
                .add_enabled(has_selection, egui::Button::new("↑"))
                .on_hover_text(tr("print.raise"))
                .clicked()
            {
                self.restack(1);
            }
            if ui
                .add_enabled(has_selection, egui::Button::new("↓"))
                .on_hover_text(tr("print.lower"))
                .clicked()
            {
                self.restack(-1);
            }
        });
        ui.separator();
        egui::ScrollArea::vertical()
            .id_salt("print-items")
            .show(ui, |ui| {
                let mut is_changed = false;
                for item in self.layout.items.iter_mut().rev() {
                    ui.horizontal(|ui| {
                        let mut is_visible = !item.is_hidden;
                        let tip = tr("print.visible");
                        if ui.checkbox(&mut is_visible, "").on_hover_text(tip).changed() {
                            item.is_hidden = !is_visible;
                            is_changed = true;
                        }
                        let text = if item.name.is_empty() {
                            kind_label(&item.kind)
                        } else {
                            item.name.clone()
                        };
                        let is_selected = self.selected == Some(item.id);
                        if ui.selectable_label(is_selected, text).clicked() {
                            self.selected = Some(item.id);
                        }
                    });
                }
                if is_changed {
                    self.changed();
                }
            });
        if let Some(message) = &self.failure {
            widgets::notice_ui(
                ui,
                env.theme.status.error.0,
                env.theme.status.error_ground.0,
                &say(message),
            );
        }
    }

    /// Adds an item in the middle of the page and selects it.
    pub fn add(&mut self, kind: ItemKind) {
        let [page_w, page_h] = self.layout.page.size_mm();
        let [w, h] = kind.usual_size_mm();
        let (w, h) = (w.min(page_w), h.min(page_h));
        let place = Place::new(((page_w - w) / 2.0).round(), ((page_h - h) / 2.0).round(), w, h);
        self.selected = Some(self.layout.add(place, kind));
        self.changed();
    }

    pub fn remove_selected(&mut self) {
        if let Some(id) = self.selected.take() {
            self.layout.items.retain(|item| item.id != id);
            self.changed();
        }
    }

    /// Moves the selected item above or below its neighbour.
    fn restack(&mut self, by: isize) {
        let at = self
            .layout
            .items
            .iter()
            .position(|item| Some(item.id) == self.selected);
        let Some(at) = at else { return };
        let Some(to) = at
            .checked_add_signed(by)
            .filter(|to| *to < self.layout.items.len())
        else {
            return;
        };
        self.layout.items.swap(at, to);
        self.changed();
    }

    /// Arrow keys move the selected item by a millimetre, Delete removes it; not while something is typed.
    fn keys(&mut self, ui: &Ui) {
        if ui.ctx().egui_wants_keyboard_input() || self.selected.is_none() || !ui.ui_contains_pointer() {
            return;
        }
        if ui.input(|i| i.key_pressed(Key::Delete)) {
            self.remove_selected();
            return;
        }
        let pressed = |key| f64::from(u8::from(ui.input(|i| i.key_pressed(key))));
        let dx = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        let dy = pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
        if (dx, dy) == (0.0, 0.0) {
            return;
        }
        if let Some(item) = self.selected.and_then(|id| self.layout.item_mut(id))
            && !item.is_locked
        {
            item.place.x_mm += dx;
            item.place.y_mm += dy;
            self.changed();
        }
    }
}

fn kind_label(kind: &ItemKind) -> String {
    tr(&format!("print.kind.{}", kind.key()))
}
