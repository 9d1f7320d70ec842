//! An edit that would break rules of the network: what it breaks, and the ways on.

use egui::{Align, Button, Context, Layout, RichText, ScrollArea};
use gis_core::Severity;
use gis_core::edit::ops::Deed;

use super::dialog_ui;
use crate::i18n::{say, tr, tr_with};
use crate::panels::findings::repairs_ui;
use crate::shell::action::Action;
use crate::shell::edit_order::{Job, Order, Refused};
use crate::shell::editing::EditAction;
use crate::shell::messages::{severity_colors, severity_icon};
use crate::theme::Theme;

#[derive(Debug)]
pub struct RefusedDialog {
    refused: Refused,
}

impl RefusedDialog {
    pub fn new(mut refused: Refused) -> Self {
        refused
            .broken
            .sort_by_key(|f| std::cmp::Reverse(f.issue.severity));
        Self { refused }
    }

    /// Returns whether the dialog stays open.
    pub fn ui(&mut self, ctx: &Context, theme: &Theme, actions: &mut Vec<Action>) -> bool {
        let mut again: Option<Order> = None;
        let mut is_given_up = false;
        let stays = dialog_ui(
            ctx,
            theme,
            "refused",
            &tr("checking.refused_title"),
            620.0,
            |ui| {
                let grave = self.refused.broken.iter();
                let count = grave.filter(|f| f.issue.severity == Severity::Error).count();
                ui.label(tr_with("checking.refused_what", "count", count));
                ui.add_space(8.0);
                ScrollArea::vertical().max_height(260.0).show(ui, |ui| {
                    for (i, finding) in self.refused.broken.iter().enumerate() {
                        let (ink, _) = severity_colors(finding.issue.severity, theme);
                        ui.push_id(i, |ui| {
                            ui.horizontal(|ui| {
                                ui.add(severity_icon(finding.issue.severity).image(15.0, ink));
                                ui.add(egui::Label::new(say(&finding.issue.message)).wrap());
                            });
                            ui.horizontal(|ui| {
                                ui.add_space(22.0);
                                if let Some(repair) = repairs_ui(ui, finding, true) {
                                    again = Some(with_repair(&self.refused.order, repair.request));
                                }
                            });
                        });
                        ui.add_space(6.0);
                    }
                });
                ui.add_space(6.0);
                ui.label(
                    RichText::new(tr("checking.refused_ways"))
                        .small()
                        .color(theme.text.weak.0),
                );
                ui.add_space(10.0);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let size = egui::vec2(96.0, 30.0);
                    let give_up = crate::panels::widgets::primary_button(theme, &tr("checking.give_up"));
                    if ui.add(give_up.min_size(size)).clicked() {
                        is_given_up = true;
                    }
                    if ui
                        .add(Button::new(tr("checking.insist")).min_size(size))
                        .clicked()
                    {
                        again = Some(Order {
                            is_forced: true,
                            ..self.refused.order.clone()
                        });
                    }
                });
            },
        );
        let goes_on = again.is_some();
        if let Some(order) = again {
            actions.push(Action::Edit(EditAction::Again(Box::new(order))));
        }
        stays && !goes_on && !is_given_up
    }
}

/// The same edit, and in the same entry of the journal what mends it.
fn with_repair(order: &Order, repair: gis_core::edit::ops::Request) -> Order {
    let mut order = order.clone();
    order.job = match order.job {
        Job::Deed(Deed::Mended(deed, mut repairs)) => {
            repairs.push(repair);
            Job::Deed(Deed::Mended(deed, repairs))
        }
        Job::Deed(deed) => Job::Deed(Deed::Mended(Box::new(deed), vec![repair])),
        other @ (Job::Repairs(_) | Job::Outside | Job::Close(_)) => other,
    };
    order
}
