//! Tasks with their progress and a button to stop them.

use std::time::Duration;

use gis_core::Severity;

use super::widgets;
use crate::i18n::{say, tr};
use crate::shell::action::{Action, Event};
use crate::shell::messages::severity_colors;
use crate::tasks::{Task, TaskState, Tasks};
use crate::theme::Theme;

pub fn tasks_ui(ui: &mut egui::Ui, tasks: &Tasks<Event>, theme: &Theme, actions: &mut Vec<Action>) {
    if tasks.list().is_empty() {
        widgets::empty_ui(ui, theme, &tr("app.task.none"));
        return;
    }
    ui.horizontal(|ui| {
        let has_finished = tasks.list().iter().any(|t| !t.is_running());
        if ui
            .add_enabled(has_finished, egui::Button::new(tr("app.task.forget_finished")))
            .clicked()
        {
            actions.push(Action::ForgetTasks);
        }
    });
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            for task in tasks.list().iter().rev() {
                task_ui(ui, task, theme, actions);
            }
        });
}

/// One task on one line; the status bar uses it too.
pub fn task_ui(ui: &mut egui::Ui, task: &Task, theme: &Theme, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.label(say(&task.label));
        match &task.state {
            TaskState::Running => running_ui(ui, task, theme, actions),
            TaskState::Done => {
                ui.label(egui::RichText::new(took(task)).color(theme.status.success.0));
            }
            TaskState::Cancelled => {
                ui.label(egui::RichText::new(tr("app.task.cancelled")).color(theme.text.weak.0));
            }
            TaskState::Failed(message) => {
                let (ink, _) = severity_colors(Severity::Error, theme);
                ui.add(egui::Label::new(egui::RichText::new(say(message)).color(ink)).truncate());
            }
        }
    });
}

fn running_ui(ui: &mut egui::Ui, task: &Task, theme: &Theme, actions: &mut Vec<Action>) {
    let advance = task.advance();
    let stop = ui.add_enabled(
        !task.is_stopping(),
        egui::Button::new(tr("app.common.cancel")).small(),
    );
    if stop.clicked() {
        actions.push(Action::CancelTask(task.id));
    }
    if let Some(total) = advance.total.filter(|t| *t > 0) {
        let share = advance.done as f32 / total as f32;
        ui.add(
            egui::ProgressBar::new(share)
                .desired_width(140.0)
                .desired_height(10.0)
                .fill(theme.accent.fill.0)
                .corner_radius(3),
        );
        ui.label(egui::RichText::new(format!("{:.0} %", share * 100.0)).small());
    } else {
        // A spinner repaints by itself for as long as the task runs, and no longer.
        ui.add(egui::Spinner::new().size(14.0).color(theme.accent.fill.0));
    }
    if let Some(stage) = &advance.stage {
        ui.label(egui::RichText::new(say(stage)).small().color(theme.text.weak.0));
    }
}

fn took(task: &Task) -> String {
    let took = task.took.unwrap_or(Duration::ZERO);
    crate::i18n::tr_with(
        "app.task.done_in",
        "seconds",
        format!("{:.1}", took.as_secs_f64()),
    )
}
