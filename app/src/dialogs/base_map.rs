//! The dialog for a base map from a server: one of the presets or an address of one's own, and the key for it. It
//! asks no server.

use gis_core::cartography::layers::{TileCrs, TileKind, TileSource};

use super::{Answer, buttons_ui, dialog_ui};
use crate::i18n::{lang, say, tr};
use crate::map::tiles::{Preset, Template, TileKeys, host_of, presets};
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

#[derive(Debug)]
pub struct BaseMapDialog {
    presets: Vec<Preset>,
    /// Position in `presets`; an address of one's own where `None`.
    chosen: Option<usize>,
    with_labels: bool,
    address: String,
    is_geodetic: bool,
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
            is_geodetic: false,
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

    fn own_source(&self) -> TileSource {
        TileSource {
            kind: TileKind::Xyz,
            location: self.address.trim().to_owned(),
            subdomains: ["a", "b", "c"].map(str::to_owned).to_vec(),
            key_name: Some(OWN_KEY.to_owned()),
            attribution: self.attribution.trim().to_owned(),
            max_zoom: 19,
            crs: if self.is_geodetic {
                TileCrs::GeodeticCgcs2000
            } else {
                TileCrs::WebMercator
            },
            ..TileSource::default()
        }
    }

    fn template(&self) -> gis_core::Result<Template> {
        let source = self
            .preset()
            .map_or_else(|| self.own_source(), |preset| preset.source.clone());
        Template::parse(&source.location, &source.subdomains)
    }

    fn plan(&self) -> BaseMapPlan {
        let layers = match self.preset() {
            None => {
                let source = self.own_source();
                vec![(host_of(&source.location), source)]
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
            let checked = self.template();
            let needs_key = checked.as_ref().is_ok_and(Template::needs_key);
            egui::Grid::new("base_map_grid")
                .num_columns(2)
                .spacing([12.0, 8.0])
                .show(ui, |ui| self.fields_ui(ui, needs_key));
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
            let is_ready = checked.is_ok() && (!needs_key || !self.key.trim().is_empty());
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
            row(
                "basemap.dialog.address",
                &mut self.address,
                "http://…/{z}/{x}/{y}.png",
                false,
            );
            row("basemap.dialog.attribution", &mut self.attribution, "", false);
        }
        if needs_key {
            row("basemap.dialog.key", &mut self.key, "", true);
        }
        if self.chosen.is_none() {
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
