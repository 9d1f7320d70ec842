//! The dialog for a base map from a server: one of the presets or an address of one's own, and the key for it. It
//! asks no server.

use gis_core::Message;
use gis_core::cartography::layers::{TileCrs, TileKind, TileSource};
use gis_core::io::wmts::WmtsChoice;

use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::{lang, say, tr};
use crate::map::tiles::{Preset, Template, TileKeys, host_of, presets, subdomains};
use crate::panels::widgets;
use crate::shell::action::Action;
use crate::theme::Theme;

/// What is to be shown, the lowest first, and the key for it.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseMapPlan {
    /// Title and source.
    pub layers: Vec<(String, TileSource)>,
    /// Name and value, to be remembered.
    pub key: Option<(String, String)>,
}

/// How asking a WMTS went.
#[derive(Debug)]
enum Reading {
    Idle,
    Waiting,
    Failed(Message),
}

#[derive(Debug)]
pub struct BaseMapDialog {
    presets: Vec<Preset>,
    /// Position in `presets`; an address of one's own where `None`.
    chosen: Option<usize>,
    with_labels: bool,
    address: String,
    /// As typed: `a, b, c` or `t0-t7`.
    subdomains: String,
    levels: [u8; 2],
    counts_from_south: bool,
    is_geodetic: bool,
    tile_px: u16,
    /// What the WMTS behind the address offers.
    offers: Vec<WmtsChoice>,
    /// Position in `offers`.
    offer: Option<usize>,
    reading: Reading,
    attribution: String,
    key: String,
    known: TileKeys,
}

/// Name under which the key of a self-typed address is remembered.
const OWN_KEY: &str = "own";

impl BaseMapDialog {
    pub fn new(known: TileKeys) -> Self {
        let presets = presets().unwrap_or_else(|error| {
            log::error!("{error}");
            Vec::new()
        });
        let mut dialog = Self {
            chosen: (!presets.is_empty()).then_some(0),
            presets,
            with_labels: true,
            address: String::new(),
            subdomains: "a, b, c".to_owned(),
            levels: [0, 19],
            counts_from_south: false,
            is_geodetic: false,
            tile_px: 256,
            offers: Vec::new(),
            offer: None,
            reading: Reading::Idle,
            attribution: String::new(),
            key: String::new(),
            known,
        };
        dialog.recall_key();
        dialog
    }

    fn preset(&self) -> Option<&Preset> {
        self.presets.get(self.chosen?)
    }

    fn key_name(&self) -> String {
        self.preset()
            .and_then(|preset| preset.source.key_name.clone())
            .unwrap_or_else(|| OWN_KEY.to_owned())
    }

    fn recall_key(&mut self) {
        self.key = self.known.get(&self.key_name()).cloned().unwrap_or_default();
    }

    /// An address rather than a folder.
    fn is_server(&self) -> bool {
        self.chosen.is_some() || self.address.contains("://")
    }

    /// What a WMTS says of itself rather than an address of tiles.
    fn is_capabilities(&self) -> bool {
        let address = self.address.trim().to_lowercase();
        let ending = std::path::Path::new(&address).extension();
        let is_document = ending.is_some_and(|e| e == "xml") || address.contains("getcapabilities");
        self.chosen.is_none()
            && is_document
            && !["{x}", "{tilecol}", "{q}"].iter().any(|p| address.contains(p))
    }

    /// Takes in what the WMTS offers.
    pub fn offered(&mut self, offers: gis_core::Result<Vec<WmtsChoice>>) {
        match offers {
            Ok(offers) => {
                self.reading = Reading::Idle;
                self.offers = offers;
                self.take_offer(0);
            }
            Err(error) => self.reading = Reading::Failed(error.message()),
        }
    }

    fn take_offer(&mut self, number: usize) {
        let Some(choice) = self.offers.get(number) else {
            return;
        };
        let source = &choice.source;
        self.offer = Some(number);
        self.address.clone_from(&source.location);
        self.attribution.clone_from(&source.attribution);
        self.levels = [source.min_zoom, source.max_zoom];
        self.tile_px = source.tile_size;
        self.is_geodetic = source.crs == TileCrs::GeodeticCgcs2000;
        self.counts_from_south = false;
    }

    fn own_source(&self) -> TileSource {
        let mut location = self.address.trim().to_owned();
        if self.counts_from_south {
            location = location.replace("{y}", "{-y}");
        }
        let kind = if self.is_server() {
            TileKind::Xyz
        } else {
            TileKind::Folder
        };
        TileSource {
            kind,
            location,
            subdomains: subdomains(&self.subdomains),
            key_name: self.is_server().then(|| OWN_KEY.to_owned()),
            attribution: self.attribution.trim().to_owned(),
            min_zoom: self.levels[0],
            max_zoom: self.levels[1],
            tile_size: self.tile_px,
            crs: if self.is_geodetic {
                TileCrs::GeodeticCgcs2000
            } else {
                TileCrs::WebMercator
            },
        }
    }

    /// Whether the service wants a key; an error where the address cannot work. A folder is looked for when it is
    /// opened.
    fn check(&self) -> gis_core::Result<bool> {
        if self.is_capabilities() {
            return Ok(self.address.contains("{key}"));
        }
        if !self.is_server() {
            return Ok(false);
        }
        let source = self
            .preset()
            .map_or_else(|| self.own_source(), |preset| preset.source.clone());
        Template::parse(&source.location, &source.subdomains).map(|template| template.needs_key())
    }

    fn plan(&self) -> BaseMapPlan {
        let layers = match self.preset() {
            None => {
                let source = self.own_source();
                let offer = self.offer.and_then(|i| self.offers.get(i));
                let title = match (offer, source.kind) {
                    (Some(offer), _) => offer.title.clone(),
                    (None, TileKind::Folder) => source.location.clone(),
                    _ => host_of(&source.location),
                };
                vec![(title, source)]
            }
            Some(preset) => {
                let labels = preset
                    .above
                    .as_ref()
                    .filter(|_| self.with_labels)
                    .and_then(|id| self.presets.iter().find(|p| p.id == *id));
                std::iter::once(preset)
                    .chain(labels)
                    .map(|p| (p.title(lang()).to_owned(), p.source.clone()))
                    .collect()
            }
        };
        let key = self.key.trim();
        BaseMapPlan {
            layers,
            key: (!key.is_empty()).then(|| (self.key_name(), key.to_owned())),
        }
    }

    /// Returns whether the dialog stays open.
    pub fn ui(&mut self, ctx: &egui::Context, theme: &Theme, actions: &mut Vec<Action>) -> bool {
        let mut answer = None;
        let title = tr("basemap.dialog.title");
        let stays = dialog_ui(ctx, theme, "base_map", &title, 600.0, |ui| {
            self.choice_ui(ui);
            ui.add_space(6.0);
            let checked = self.check();
            let needs_key = checked.as_ref().is_ok_and(|needs_key| *needs_key);
            egui::Grid::new("base_map_grid")
                .num_columns(2)
                .spacing([12.0, 8.0])
                .show(ui, |ui| self.fields_ui(ui, needs_key));
            self.wmts_ui(ui, theme, actions);
            let is_typed = self.chosen.is_some() || !self.address.trim().is_empty();
            match &checked {
                Err(error) if is_typed => {
                    ui.label(egui::RichText::new(say(&error.message())).color(theme.status.error.0));
                }
                _ => {
                    let hint = tr(if needs_key {
                        "basemap.dialog.key_hint"
                    } else {
                        "basemap.dialog.hint"
                    });
                    ui.label(egui::RichText::new(hint).small().color(theme.text.weak.0));
                }
            }
            let is_ready = is_typed
                && !self.is_capabilities()
                && checked.is_ok()
                && (!needs_key || !self.key.trim().is_empty());
            answer = buttons_ui(ui, theme, &tr("basemap.dialog.add"), is_ready);
        });
        if answer == Some(Answer::Go) {
            actions.push(Action::AddBaseMap(self.plan()));
        }
        stays && answer.is_none()
    }

    fn choice_ui(&mut self, ui: &mut egui::Ui) {
        let own = tr("basemap.dialog.own");
        let shown = self
            .preset()
            .map_or_else(|| own.clone(), |preset| preset.title(lang()).to_owned());
        let before = self.chosen;
        ui.horizontal(|ui| {
            let label = ui.label(tr("basemap.dialog.source"));
            egui::ComboBox::from_id_salt("base_map_source")
                .selected_text(shown)
                .width(320.0)
                .height(widgets::LIST_HEIGHT)
                .show_ui(ui, |ui| {
                    for (i, preset) in self.presets.iter().enumerate() {
                        ui.selectable_value(&mut self.chosen, Some(i), preset.title(lang()));
                    }
                    ui.selectable_value(&mut self.chosen, None, own);
                })
                .response
                .labelled_by(label.id);
        });
        if self.chosen != before {
            self.recall_key();
        }
    }

    /// Reads what a WMTS offers, and lets one choose of it.
    fn wmts_ui(&mut self, ui: &mut egui::Ui, theme: &Theme, actions: &mut Vec<Action>) {
        if self.is_capabilities() {
            ui.horizontal(|ui| {
                let read = egui::Button::new(tr("basemap.wmts.read"));
                let is_free = !matches!(self.reading, Reading::Waiting);
                if ui.add_enabled(is_free, read).clicked() {
                    self.reading = Reading::Waiting;
                    self.offers.clear();
                    self.offer = None;
                    let address = self.address.trim().to_owned();
                    actions.push(Action::ReadWmts(address, self.key.clone()));
                }
                if matches!(self.reading, Reading::Waiting) {
                    ui.spinner();
                }
            });
            if let Reading::Failed(trouble) = &self.reading {
                ui.label(egui::RichText::new(say(trouble)).color(theme.status.error.0));
            }
        }
        let Some(offer) = self.offer.filter(|_| self.chosen.is_none()) else {
            return;
        };
        let name = |choice: &WmtsChoice| format!("{} ({})", choice.title, choice.matrix_set);
        let mut wanted = offer;
        ui.horizontal(|ui| {
            let label = ui.label(tr("basemap.wmts.layer"));
            egui::ComboBox::from_id_salt("wmts_layer")
                .selected_text(self.offers.get(offer).map(name).unwrap_or_default())
                .width(420.0)
                .show_ui(ui, |ui| {
                    for (i, choice) in self.offers.iter().enumerate() {
                        ui.selectable_value(&mut wanted, i, name(choice));
                    }
                })
                .response
                .labelled_by(label.id);
        });
        if wanted != offer {
            self.take_offer(wanted);
        }
    }

    fn fields_ui(&mut self, ui: &mut egui::Ui, needs_key: bool) {
        let mut row = |key: &str, text: &mut String, hint: &str, is_secret: bool| {
            let label = ui.label(tr(key));
            let edit = egui::TextEdit::singleline(text)
                .desired_width(430.0)
                .password(is_secret)
                .hint_text(hint);
            ui.add(edit).labelled_by(label.id);
            ui.end_row();
        };
        if self.chosen.is_none() {
            let hint = tr("basemap.dialog.address_hint");
            row("basemap.dialog.address", &mut self.address, &hint, false);
            if self.address.contains("{s}") {
                row("basemap.dialog.subdomains", &mut self.subdomains, "t0-t7", false);
            }
            row("basemap.dialog.attribution", &mut self.attribution, "", false);
        }
        if needs_key {
            row("basemap.dialog.key", &mut self.key, "", true);
        }
        if self.chosen.is_none() {
            ui.label(tr("basemap.dialog.levels"));
            ui.horizontal(|ui| {
                let [first, last] = &mut self.levels;
                ui.add(egui::DragValue::new(first).range(0..=*last));
                ui.label("–");
                ui.add(egui::DragValue::new(last).range(*first..=24));
            });
            ui.end_row();
            ui.label("");
            ui.checkbox(&mut self.counts_from_south, tr("basemap.dialog.south"));
            ui.end_row();
            ui.label("");
            ui.checkbox(&mut self.is_geodetic, tr("basemap.dialog.geodetic"));
            ui.end_row();
        } else if self.preset().is_some_and(|preset| preset.above.is_some()) {
            ui.label("");
            ui.checkbox(&mut self.with_labels, tr("basemap.dialog.labels"));
            ui.end_row();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::{NodeT as _, Queryable as _};
    use gis_core::Lang;

    #[test]
    fn an_address_of_ones_own_is_a_server_with_subdomains_or_a_folder() {
        let mut dialog = BaseMapDialog::new(TileKeys::new());
        dialog.chosen = None;
        dialog.address = "http://{s}.tiles.local/{z}/{x}/{y}.png".to_owned();
        dialog.subdomains = "t0-t2, old".to_owned();
        dialog.counts_from_south = true;
        assert!(!dialog.check().unwrap(), "no key");
        let (title, source) = dialog.plan().layers.remove(0);
        assert_eq!(title, "{s}.tiles.local");
        assert_eq!(source.kind, TileKind::Xyz);
        assert_eq!(source.location, "http://{s}.tiles.local/{z}/{x}/{-y}.png");
        assert_eq!(source.subdomains, ["t0", "t1", "t2", "old"]);
        dialog.subdomains = " ".to_owned();
        let refused = dialog.check().unwrap_err();
        assert_eq!(refused.message().key(), "basemap.template.no_subdomains");
        dialog.address = "/data/tiles".to_owned();
        dialog.counts_from_south = false;
        assert!(dialog.check().is_ok());
        let (title, source) = dialog.plan().layers.remove(0);
        assert_eq!((title.as_str(), source.kind), ("/data/tiles", TileKind::Folder));
        assert_eq!(source.key_name, None);
    }

    #[test]
    fn a_preset_wants_its_key_and_brings_its_labels() {
        struct State {
            dialog: BaseMapDialog,
            theme: Theme,
            actions: Vec<Action>,
        }
        let state = State {
            dialog: BaseMapDialog::new(TileKeys::new()),
            theme: Theme::load(crate::theme::ThemeKind::Light).unwrap(),
            actions: Vec::new(),
        };
        crate::i18n::set_lang(Lang::En);
        let mut harness = Harness::builder()
            .with_context_setup(crate::fonts::install)
            .build_ui_state(
                |ui, state: &mut State| {
                    let ctx = ui.ctx().clone();
                    state.dialog.ui(&ctx, &state.theme, &mut state.actions);
                },
                state,
            );
        harness.run();
        assert!(harness.get_by_label("Add").accesskit_node().is_disabled());
        harness.state_mut().dialog.key = "secret".to_owned();
        harness.run();
        harness.get_by_label("Add").click();
        harness.run();
        crate::i18n::set_lang(Lang::default());
        let [Action::AddBaseMap(plan)] = &harness.state().actions[..] else {
            panic!("nothing was asked for")
        };
        assert_eq!(plan.layers.len(), 2);
        assert_eq!(plan.key, Some(("tianditu".to_owned(), "secret".to_owned())));
        assert!(
            plan.layers
                .iter()
                .all(|(_, source)| !source.location.contains("secret"))
        );
    }
}
