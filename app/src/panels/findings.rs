//! How a finding of the rules is shown wherever it stands.

use egui::containers::menu::MenuButton;
use egui::{Button, Ui};
use gis_core::rules::{Finding, Repair, Rule};

use crate::i18n::{say, tr};

pub(super) fn rule_name(rule: Rule) -> String {
    tr(&format!("rules.name.{}", rule.key()))
}

/// The repairs of a finding: the best by its name, the others in a menu. Returns the one that was chosen.
pub fn repairs_ui(ui: &mut Ui, finding: &Finding, is_enabled: bool) -> Option<Repair> {
    let (first, others) = finding.repairs.split_first()?;
    let mut chosen = None;
    let mut others_ui = |ui: &mut Ui| {
        if others.is_empty() {
            return;
        }
        let button = Button::new(tr("checking.other_repairs")).small();
        MenuButton::from_button(button).ui(ui, |ui| {
            for repair in others {
                if ui.button(say(&repair.label)).clicked() {
                    chosen = Some(repair.clone());
                    ui.close();
                }
            }
        });
    };
    let mut is_first_chosen = false;
    ui.add_enabled_ui(is_enabled, |ui| {
        let is_reversed = ui.layout().prefer_right_to_left();
        if is_reversed {
            others_ui(ui);
        }
        is_first_chosen = ui
            .add(Button::new(say(&first.label)).small())
            .on_disabled_hover_text(tr("checking.needs_editing"))
            .clicked();
        if !is_reversed {
            others_ui(ui);
        }
    });
    if is_first_chosen {
        chosen = Some(first.clone());
    }
    chosen
}
