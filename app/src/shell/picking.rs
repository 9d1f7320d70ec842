//! What a click on the map means: which feature it hits, and what the tool in hand does with it.

use gis_core::cartography::pick::Picked;

use super::App;
use super::action::Action;
use super::chooser::Chooser;
use crate::map::PICK_RADIUS_POINTS;
use crate::panels::path::PathEnd;
use crate::session::Target;
use crate::view::{Click, Tool};

/// Features closer to each other than this on the screen are told apart by asking.
const ALIKE_PX: f64 = 3.0;
const MOST_CHOICES: usize = 12;

impl App {
    pub(super) fn map_clicked(&mut self, click: Click) {
        if let Some(dialog) = self.dialogs.imagery.as_mut().filter(|d| d.takes_from_map()) {
            return dialog.take_place(click.project);
        }
        if self.tools.id() == Tool::Identify {
            // The best of what lies there; clicking again takes the next.
            let action = match self.stack.click(self.all_hits(&click), click.screen) {
                Some((target, _)) => Action::Pick(target, click),
                None => Action::Select(None),
            };
            return self.actions.push(action);
        }
        let candidates = self.candidates(&click);
        match candidates[..] {
            [] => {}
            [target] => self.actions.push(Action::Pick(target, click)),
            _ => self.chooser = Some(Chooser::new(candidates, click)),
        }
    }

    /// Everything within reach of the click, the best first.
    fn all_hits(&self, click: &Click) -> Vec<Target> {
        let Some(map) = &self.map else { return Vec::new() };
        let mut targets: Vec<Target> = Vec::new();
        for hit in map.pick(click.project, click.tolerance_m) {
            let target = Target::from(hit);
            // A pipe is hit once for each of its pieces.
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        targets.truncate(MOST_CHOICES);
        targets
    }

    /// The feature that was hit, or several where the click does not tell them apart. Nodes come before the
    /// pipes they sit on; what the map does not show cannot be hit.
    fn candidates(&self, click: &Click) -> Vec<Target> {
        let Some(map) = &self.map else { return Vec::new() };
        let hits = map.pick(click.project, click.tolerance_m);
        let Some(first) = hits.first() else {
            return Vec::new();
        };
        let alike_m = click.tolerance_m * ALIKE_PX / PICK_RADIUS_POINTS;
        let is_node = |hit: &Picked| matches!(hit, Picked::Node { .. });
        let limit_m = first.distance_m() + alike_m;
        let mut targets: Vec<Target> = hits
            .iter()
            .filter(|hit| is_node(hit) == is_node(first) && hit.distance_m() <= limit_m)
            .map(|hit| Target::from(*hit))
            .collect();
        targets.truncate(MOST_CHOICES);
        targets
    }

    /// The tool in hand takes a feature.
    pub(super) fn picked(&mut self, target: Target, click: Click) {
        match self.tools.id() {
            Tool::Identify => {
                self.actions.push(Action::Select(Some(target)));
                self.actions.push(Action::ShowAttributes);
            }
            Tool::Burst => {
                let is_added = click.modifiers.shift || click.modifiers.command;
                self.actions.push(Action::BurstAt {
                    target,
                    click: Some(click),
                    is_added,
                });
            }
            Tool::Path => self.path_end_picked(target, click),
            // These take no features.
            Tool::Pan
            | Tool::ZoomBox
            | Tool::Measure(_)
            | Tool::Flag
            | Tool::Section
            | Tool::Dimension
            | Tool::MoveLabel
            | Tool::Area(_)
            | Tool::Edit(_) => {}
        }
    }

    fn path_end_picked(&mut self, target: Target, click: Click) {
        let Some(session) = &self.session else { return };
        let end = match target {
            Target::Node(_) => PathEnd::of_target(&session.network, target),
            Target::Pipe(_) => match PathEnd::at(&session.network, click.project, click.tolerance_m) {
                Ok(end) => end,
                Err(error) => {
                    self.fail(&error);
                    return;
                }
            },
        };
        let path = &self.panels.path;
        // The third click starts anew.
        let is_start = path.from.is_none() || path.to.is_some();
        self.actions.push(if is_start {
            Action::PathFrom(end)
        } else {
            Action::PathTo(end)
        });
    }
}
