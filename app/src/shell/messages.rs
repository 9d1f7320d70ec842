//! What the program told its user: a bar above the map that goes by itself, and a history. It never stops work.

use std::time::{Duration, Instant};

use chrono::{DateTime, Local};
use gis_core::{Message, Severity};

use crate::i18n::{say, tr};
use crate::icons::Icon;
use crate::theme::Theme;

/// News that need no answer leave the bar after this long.
const SHOWN_FOR: Duration = Duration::from_secs(8);
const KEPT: usize = 500;

#[derive(Debug, Clone)]
pub struct Entry {
    pub at: DateTime<Local>,
    pub severity: Severity,
    pub message: Message,
}

/// Newest last.
#[derive(Debug, Default)]
pub struct Messages {
    list: Vec<Entry>,
    /// When the newest came, while it is in the bar.
    shown_since: Option<Instant>,
}

impl Messages {
    pub fn push(&mut self, severity: Severity, message: Message) {
        if self.list.len() == KEPT {
            self.list.remove(0);
        }
        self.list.push(Entry {
            at: Local::now(),
            severity,
            message,
        });
        self.shown_since = Some(Instant::now());
    }

    pub fn list(&self) -> &[Entry] {
        &self.list
    }

    pub fn last(&self) -> Option<&Entry> {
        self.list.last()
    }

    pub fn clear(&mut self) {
        self.list.clear();
        self.shown_since = None;
    }

    /// The bar with the newest message; nothing where there is none.
    pub fn bar_ui(&mut self, ui: &mut egui::Ui, theme: &Theme) {
        let (Some(since), Some(entry)) = (self.shown_since, self.list.last()) else {
            return;
        };
        let stays = entry.severity != Severity::Info;
        let age = since.elapsed();
        if !stays && age >= SHOWN_FOR {
            self.shown_since = None;
            return;
        }
        if !stays {
            ui.ctx().request_repaint_after(SHOWN_FOR.saturating_sub(age));
        }
        let (ink, ground) = severity_colors(entry.severity, theme);
        let mut is_closed = false;
        egui::Panel::top("message_bar")
            .frame(
                egui::Frame::new()
                    .fill(ground)
                    .inner_margin(egui::Margin::symmetric(10, 5)),
            )
            .show_separator_line(false)
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.add(severity_icon(entry.severity).image(theme.size.icon, ink));
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        let close = egui::Button::image(Icon::Close.image(14.0, ink)).frame(false);
                        is_closed = named(ui.add(close), &tr("app.message.dismiss")).clicked();
                        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                            ui.add(
                                egui::Label::new(egui::RichText::new(say(&entry.message)).color(ink))
                                    .truncate(),
                            );
                        });
                    });
                });
            });
        if is_closed {
            self.shown_since = None;
        }
    }
}

/// Gives an icon-only button its name, for screen readers, tests and the tooltip.
pub fn named(response: egui::Response, name: &str) -> egui::Response {
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, name));
    response.on_hover_text(name)
}

/// Ink and ground.
pub fn severity_colors(severity: Severity, theme: &Theme) -> (egui::Color32, egui::Color32) {
    let s = &theme.status;
    match severity {
        Severity::Info => (s.info.0, s.info_ground.0),
        Severity::Warning => (s.warning.0, s.warning_ground.0),
        Severity::Error => (s.error.0, s.error_ground.0),
    }
}

pub fn severity_icon(severity: Severity) -> Icon {
    match severity {
        Severity::Info => Icon::Info,
        Severity::Warning => Icon::Warning,
        Severity::Error => Icon::Error,
    }
}
