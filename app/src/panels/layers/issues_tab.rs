//! Issues of a topographic map: which is shown, how two compare, what happened. It copies and switches nothing itself.

use egui::{ComboBox, RichText, Slider, Ui};
use gis_core::Message;
use gis_core::cartography::layers::{ComparedIssue, Comparison, TopoIssue, TopoMap};
use gis_core::io::topographic;

use crate::i18n::{lang, tr};
use crate::panels::PanelEnv;
use crate::shell::action::Action;
use crate::shell::ground::GroundAction;
use crate::theme::Theme;

pub(super) fn issues_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, issue: &mut TopoIssue) {
    let session = env.session;
    let Some(map) = session.topographic.maps.iter().find(|m| m.name == issue.map) else {
        return;
    };
    let mut wanted = None;
    let label = ui.label(tr("imagery.topo.issue"));
    ComboBox::from_id_salt("topographic_issue")
        .selected_text(&map.current)
        .width(200.0)
        .show_ui(ui, |ui| {
            for record in &map.issues {
                let is_current = record.issue == map.current;
                if ui.selectable_label(is_current, &record.issue).clicked() && !is_current {
                    wanted = Some(record.issue.clone());
                }
            }
        })
        .response
        .labelled_by(label.id);
    if let Some(wanted) = wanted {
        env.push(Action::Ground(GroundAction::SwitchIssue(
            map.name.clone(),
            wanted,
        )));
    }
    ui.add_space(6.0);
    other_ui(ui, env, map, &mut issue.compared);
    if let Some(compared) = &mut issue.compared {
        compare_ui(ui, env.theme, &mut compared.how);
    }
    ui.separator();
    ui.label(RichText::new(tr("imagery.topo.history")).strong());
    history_ui(ui, env.theme, map);
}

/// The issue to compare with.
fn other_ui(ui: &mut Ui, env: &PanelEnv<'_>, map: &TopoMap, compared: &mut Option<ComparedIssue>) {
    let folder = topographic::folder_of(&env.session.source);
    let nothing = tr("imagery.topo.nothing");
    let label = ui.label(tr("imagery.topo.compare"));
    ComboBox::from_id_salt("topographic_compare")
        .selected_text(
            compared
                .as_ref()
                .map_or_else(|| nothing.clone(), |c| c.issue.clone()),
        )
        .width(200.0)
        .show_ui(ui, |ui| {
            if ui.selectable_label(compared.is_none(), nothing).clicked() {
                *compared = None;
            }
            for record in map.issues.iter().filter(|r| r.issue != map.current) {
                let is_chosen = compared.as_ref().is_some_and(|c| c.issue == record.issue);
                if ui.selectable_label(is_chosen, &record.issue).clicked() && !is_chosen {
                    *compared = Some(ComparedIssue {
                        issue: record.issue.clone(),
                        path: folder.join(&record.file).display().to_string(),
                        how: compared.as_ref().map(|c| c.how).unwrap_or_default(),
                    });
                }
            }
        })
        .response
        .labelled_by(label.id);
}

fn compare_ui(ui: &mut Ui, theme: &Theme, how: &mut Comparison) {
    ui.horizontal_wrapped(|ui| {
        for (mode, key) in [
            (Comparison::New, "imagery.topo.only_new"),
            (Comparison::Old, "imagery.topo.only_old"),
            (Comparison::Colours, "imagery.topo.colours"),
            (Comparison::Swipe(0.5), "imagery.topo.swipe"),
        ] {
            let is_chosen = std::mem::discriminant(how) == std::mem::discriminant(&mode);
            if ui.selectable_label(is_chosen, tr(key)).clicked() && !is_chosen {
                *how = mode;
            }
        }
    });
    if let Comparison::Swipe(share) = how {
        ui.add(Slider::new(share, 0.0..=1.0).show_value(false));
    }
    if *how == Comparison::Colours {
        for (colour, key) in [
            (theme.status.error.0, "imagery.topo.gone"),
            (theme.status.success.0, "imagery.topo.added"),
        ] {
            ui.label(RichText::new(tr(key)).color(colour).small());
        }
    }
}

fn history_ui(ui: &mut Ui, theme: &Theme, map: &TopoMap) {
    let mut lines: Vec<(u64, Message)> = Vec::new();
    for record in &map.issues {
        let message = Message::new("imagery.topo.was_added")
            .with("issue", &record.issue)
            .with("by", &record.by)
            .with("source", &record.source)
            .with("features", record.features)
            .with("note", &record.note);
        lines.push((record.added_unix_ms, message));
    }
    for event in map.history.iter().filter(|event| !event.from.is_empty()) {
        let message = Message::new("imagery.topo.was_switched")
            .with("from", &event.from)
            .with("to", &event.to)
            .with("by", &event.by);
        lines.push((event.at_unix_ms, message));
    }
    lines.sort_by_key(|(at, _)| *at);
    for (at, message) in lines {
        ui.label(RichText::new(day(at)).small().color(theme.text.weak.0));
        ui.label(RichText::new(message.text(lang())).small());
    }
}

/// Local date and time.
fn day(unix_ms: u64) -> String {
    chrono::DateTime::from_timestamp_millis(unix_ms as i64)
        .map(|t| {
            t.with_timezone(&chrono::Local)
                .format("%Y-%m-%d %H:%M")
                .to_string()
        })
        .unwrap_or_default()
}
