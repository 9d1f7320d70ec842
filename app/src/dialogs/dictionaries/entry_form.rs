//! What is filled in for an entry, of a new one or of one that is there.

use egui::{ComboBox, Ui};
use gis_core::Result;
use gis_core::schema::{Behaviour, Dictionary, DictionaryEntry, EntrySetting, Label, Schema, SchemaChange};

use super::{label_ui, line_ui, names_of, titled};
use crate::i18n::tr;

#[derive(Debug, Default)]
pub(super) struct EntryForm {
    /// None for a new entry.
    known: Option<DictionaryEntry>,
    code: String,
    label: Label,
    aliases: String,
    /// Code of the entry that this one acts on water like.
    like: Option<String>,
}

impl EntryForm {
    pub(super) fn of(entry: &DictionaryEntry) -> Self {
        Self {
            code: entry.code.clone(),
            label: entry.label.clone(),
            aliases: entry.aliases.join("; "),
            like: None,
            known: Some(entry.clone()),
        }
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, dictionary: Option<&Dictionary>) {
        ui.horizontal(|ui| {
            ui.add_enabled_ui(self.known.is_none(), |ui| {
                line_ui(ui, "code", &mut self.code, 110.0);
            });
            label_ui(ui, &mut self.label);
        });
        ui.horizontal(|ui| {
            line_ui(ui, "aliases", &mut self.aliases, 320.0);
            let entries = dictionary.into_iter().flat_map(Dictionary::offered);
            let acting: Vec<&DictionaryEntry> = entries.collect();
            // Only where entries differ in it.
            if acting.iter().any(|entry| entry.behaviour != Behaviour::default()) {
                self.like_ui(ui, &acting);
            }
        });
    }

    fn like_ui(&mut self, ui: &mut Ui, entries: &[&DictionaryEntry]) {
        let label = ui.label(tr("dictionaries.pane.like"));
        let chosen = entries
            .iter()
            .find(|entry| Some(&entry.code) == self.like.as_ref());
        ComboBox::from_id_salt("like")
            .width(150.0)
            .selected_text(chosen.map_or_else(|| "\u{2013}".to_owned(), |e| titled(&e.label, &e.code)))
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut self.like, None, "\u{2013}");
                for entry in entries {
                    let name = titled(&entry.label, &entry.code);
                    ui.selectable_value(&mut self.like, Some(entry.code.clone()), name);
                }
            })
            .response
            .labelled_by(label.id);
    }

    pub(super) fn changes(&self, now: &Schema, dictionary: &str) -> Result<Vec<SchemaChange>> {
        let own = now.required_dictionary(dictionary)?;
        let like = self
            .like
            .as_ref()
            .map(|code| own.required_entry(code))
            .transpose()?;
        let behaviour = like.map(|entry| entry.behaviour);
        let Some(known) = &self.known else {
            return Ok(vec![SchemaChange::AddEntry {
                dictionary: dictionary.to_owned(),
                entry: DictionaryEntry {
                    code: self.code.trim().to_owned(),
                    label: self.label.clone(),
                    aliases: names_of(&self.aliases),
                    behaviour: behaviour.unwrap_or_default(),
                    is_retired: false,
                    replaced_by: None,
                },
                before: None,
            }]);
        };
        let mut settings = Vec::new();
        if self.label != known.label {
            settings.push(EntrySetting::Label(self.label.clone()));
        }
        let aliases = names_of(&self.aliases);
        if aliases != names_of(&known.aliases.join("; ")) {
            settings.push(EntrySetting::Aliases(aliases));
        }
        settings.extend(
            behaviour
                .filter(|b| *b != known.behaviour)
                .map(EntrySetting::Behaviour),
        );
        let set = |setting| SchemaChange::SetEntry {
            dictionary: dictionary.to_owned(),
            code: known.code.clone(),
            setting,
        };
        Ok(settings.into_iter().map(set).collect())
    }
}
