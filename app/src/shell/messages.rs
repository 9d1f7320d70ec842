//! What the program told its user: a bar over the map that goes by itself, and a history. It never stops work.

use std::time::{Duration, Instant};

use chrono::{DateTime, Local};
use gis_core::{Message, Severity};

use crate::i18n::{say, tr};
use crate::icons::Icon;
use crate::theme::Theme;

/// News that need no answer leave the bar after this long.
const SHOWN_FOR: Duration = Duration::from_secs(8);
const KEPT: usize = 500;
/// Text of the bar, in points; longer text gets more lines.
const WIDEST: f32 = 640.0;

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
        // Over the map and not above it: a map that jumps while one draws on it is no help.
        let room = ui.available_rect_before_wrap();
        egui::Area::new(egui::Id::unique("message_bar"))
            .order(egui::Order::Middle)
            .pivot(egui::Align2::CENTER_TOP)
            .fixed_pos(room.center_top() + egui::vec2(0.0, 8.0))
            .show(ui.ctx(), |ui| {
                egui::Frame::new()
                    .fill(ground)
                    .stroke(egui::Stroke::new(1.0, ink.gamma_multiply(0.4)))
                    .corner_radius(theme.size.corner)
                    .inner_margin(egui::Margin::symmetric(10, 6))
                    .show(ui, |ui| {
                        ui.horizontal(|ui| {
                            ui.add(severity_icon(entry.severity).image(theme.size.icon, ink));
                            let text = egui::RichText::new(say(&entry.message)).color(ink);
                            ui.scope(|ui| {
                                ui.set_max_width(WIDEST.min(room.width() * 0.5));
                                ui.add(egui::Label::new(text).wrap());
                            });
                            let close = egui::Button::image(Icon::Close.image(14.0, ink)).frame(false);
                            is_closed = named(ui.add(close), &tr("app.message.dismiss")).clicked();
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
