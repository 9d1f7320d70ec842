//! The status bar: what runs, what was found, what the tool waits for; coordinate, scale and turn of the map, which
//! one may also type; the CRS.

use egui::{Align, Layout, Response, RichText, TextEdit, TextStyle, Ui};
use gis_core::cartography::layers::{LayerId, LayerSource};
use gis_core::measure::typed::{self, CoordinateKind};
use gis_core::network::snap::SnapKind;
use gis_core::{Message, Severity};

use super::App;
use super::action::Action;
use super::messages::{severity_colors, severity_icon};
use crate::commands::Command;
use crate::i18n::{say, tr, tr_with};
use crate::map::tools::{Aids, Snapping};
use crate::panels::text;

/// Scales of plans and maps, as denominators.
const SCALES: [u32; 10] = [
    500, 1_000, 2_000, 2_500, 5_000, 10_000, 20_000, 25_000, 50_000, 100_000,
];

/// A box that shows a value until somebody writes into it.
#[derive(Debug, Default)]
struct EditBox {
    text: String,
    is_editing: bool,
    wants_focus: bool,
}

impl EditBox {
    /// Returns what was typed once Enter is pressed.
    fn ui(&mut self, ui: &mut Ui, shown: &str, width: f32, label: &str, tip: &str) -> Option<String> {
        if !self.is_editing {
            shown.clone_into(&mut self.text);
        }
        let edit = TextEdit::singleline(&mut self.text)
            .desired_width(width)
            .font(TextStyle::Small)
            .margin(egui::Margin::symmetric(4, 1));
        let response: Response = ui.add(edit);
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::accesskit::Role::TextInput, ui.is_enabled(), label)
        });
        let response = response.on_hover_text(tip);
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        if response.gained_focus() {
            self.is_editing = true;
            select_all(ui, &response, self.text.chars().count());
        }
        if !response.lost_focus() {
            return None;
        }
        self.is_editing = false;
        ui.input(|i| i.key_pressed(egui::Key::Enter))
            .then(|| std::mem::take(&mut self.text))
    }
}

/// So that typing replaces what is shown.
fn select_all(ui: &Ui, response: &Response, length: usize) {
    if let Some(mut state) = TextEdit::load_state(ui.ctx(), response.id) {
        let all =
            egui::text::CCursorRange::two(egui::text::CCursor::new(0), egui::text::CCursor::new(length));
        state.cursor.set_char_range(Some(all));
        state.store(ui.ctx(), response.id);
    }
}

/// What is being written into the boxes.
#[derive(Debug, Default)]
pub(super) struct StatusBoxes {
    coordinate: EditBox,
    scale: EditBox,
    rotation: EditBox,
    pub(super) kind: CoordinateKind,
}

impl StatusBoxes {
    /// The next frame puts the cursor into the coordinate.
    pub(super) fn focus_coordinate(&mut self) {
        self.coordinate.wants_focus = true;
    }
}

impl App {
    pub(super) fn status_bar_ui(&mut self, ui: &mut Ui) {
        let frame = egui::Frame::new()
            .fill(self.theme.surface.bar.0)
            .inner_margin(egui::Margin::symmetric(10, 3));
        egui::Panel::bottom("status_bar")
            .frame(frame)
            .show_separator_line(false)
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        self.status_right_ui(ui);
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| self.status_left_ui(ui));
                    });
                });
            });
    }

    /// Right to left: what the screen is drawn with, CRS, turn, scale, coordinate.
    fn status_right_ui(&mut self, ui: &mut Ui) {
        let theme = &self.theme;
        let weak = |text: String| RichText::new(text).small().color(theme.text.weak.0);
        if self.is_software_rendering {
            let badge = RichText::new(tr("app.status.software"))
                .small()
                .color(theme.status.warning.0);
            ui.label(badge).on_hover_text(tr("app.status.software_tip"));
            ui.separator();
        }
        let Some(session) = &self.session else { return };
        let crs = &session.crs;
        let epsg = crs.epsg.map(|code| format!("EPSG:{code}")).unwrap_or_default();
        ui.label(weak(if epsg.is_empty() { crs.name.clone() } else { epsg }))
            .on_hover_text(&crs.name);
        ui.separator();
        if self.map.is_none() {
            return;
        }
        self.rotation_ui(ui);
        self.scale_ui(ui);
        self.coordinate_ui(ui);
        self.snapping_ui(ui);
    }

    /// For tools that snap: whether, and to what.
    fn snapping_ui(&mut self, ui: &mut Ui) {
        if !self.tools.tool().snaps() {
            return;
        }
        let foreign = self.foreign_layers();
        let aids = &mut self.tools.aids;
        let snapping = &mut self.tools.snapping;
        let command = Command::ToggleSnapping;
        let ink = if snapping.is_on {
            self.theme.text.link.0
        } else {
            self.theme.text.weak.0
        };
        let title = RichText::new(command.label()).small().color(ink);
        ui.menu_button(title, |ui| {
            ui.checkbox(&mut snapping.is_on, command.label())
                .on_hover_text(command.tooltip());
            ui.separator();
            snap_sources_ui(ui, snapping, &foreign);
            ui.separator();
            for kind in SnapKind::ALL {
                let mut is_on = snapping.kinds.has(kind);
                let text = tr(&format!("view.snap.{}", kind.key()));
                if ui.checkbox(&mut is_on, text).clicked() {
                    snapping.kinds = snapping.kinds.set(kind, is_on);
                }
            }
            ui.separator();
            aids_ui(ui, aids);
        });
        ui.separator();
    }

    /// Names of the foreign layers of the map, by id.
    fn foreign_layers(&self) -> Vec<(LayerId, String)> {
        let Some(session) = &self.session else {
            return Vec::new();
        };
        let panel = &self.panels.layers;
        let layers = panel.document().layers();
        let foreign = layers.iter().map(|shown| shown.layer);
        let foreign = foreign.filter(|layer| matches!(layer.source, LayerSource::Vector(_)));
        foreign
            .map(|layer| (layer.id.clone(), panel.title_of(&layer.id, &session.schema)))
            .collect()
    }

    fn rotation_ui(&mut self, ui: &mut Ui) {
        let Some(map) = &mut self.map else { return };
        let degrees = map.rotation_deg();
        let shown = format!("{:.1}°", if degrees.abs() < 0.05 { 0.0 } else { degrees });
        let label = tr("view.box.rotation");
        let typed = self
            .boxes
            .rotation
            .ui(ui, &shown, 46.0, &label, &tr("view.box.rotation_tip"));
        if let Some(typed) = typed {
            match typed::parse_angle(&typed) {
                Some(degrees) => map.set_rotation_deg(degrees),
                None => self.refuse_typed("view.not_an_angle", &typed),
            }
        }
        ui.label(RichText::new(label).small().color(self.theme.text.weak.0));
        ui.separator();
    }

    fn scale_ui(&mut self, ui: &mut Ui) {
        let Some(map) = &mut self.map else { return };
        let scale = map.scale_denominator();
        let mut chosen = None;
        egui::ComboBox::from_id_salt("scales")
            .width(16.0)
            .selected_text("")
            .show_ui(ui, |ui| {
                for denominator in SCALES {
                    let text = format!("1:{}", text::count(u64::from(denominator)));
                    if ui.selectable_label(false, text).clicked() {
                        chosen = Some(f64::from(denominator));
                    }
                }
            })
            .response
            .on_hover_text(tr("view.box.scales_tip"));
        let shown = format!("1:{}", text::count(scale.round() as u64));
        let label = tr("app.status.scale");
        let typed = self
            .boxes
            .scale
            .ui(ui, &shown, 74.0, &label, &tr("view.box.scale_tip"));
        let typed_scale = typed.as_deref().map(typed::parse_scale);
        if let Some(denominator) = chosen.or(typed_scale.flatten()) {
            map.set_scale(denominator);
        } else if let Some(typed) = typed {
            self.refuse_typed("view.not_a_scale", &typed);
        }
        ui.label(RichText::new(label).small().color(self.theme.text.weak.0));
        ui.separator();
    }

    fn coordinate_ui(&mut self, ui: &mut Ui) {
        let (Some(session), Some(map)) = (&self.session, &self.map) else {
            return;
        };
        let is_on_earth = !session.crs.is_local();
        let kind = if is_on_earth {
            self.boxes.kind
        } else {
            CoordinateKind::Project
        };
        let output = &self.map_output;
        let (shown, width, tip) = match kind {
            CoordinateKind::Project => (
                output
                    .hover
                    .or_else(|| map.centre())
                    .map(|place| text::coordinates(place, &session.crs)),
                150.0,
                "view.box.coordinate_tip",
            ),
            CoordinateKind::Degrees => (
                output
                    .hover_lon_lat
                    .or_else(|| map.centre_lon_lat())
                    .map(text::degrees),
                190.0,
                "view.box.degrees_tip",
            ),
        };
        let shown = shown.unwrap_or_default();
        let label = tr("view.box.coordinate");
        let typed = self.boxes.coordinate.ui(ui, &shown, width, &label, &tr(tip));
        if let Some(typed) = typed {
            self.go_to_typed(&typed, kind);
        }
        let name = tr(match kind {
            CoordinateKind::Project => "view.box.project",
            CoordinateKind::Degrees => "view.box.lon_lat",
        });
        let button = egui::Button::new(RichText::new(name).small()).small();
        if ui
            .add_enabled(is_on_earth, button)
            .on_hover_text(tr("view.box.kind_tip"))
            .clicked()
        {
            self.boxes.kind = match kind {
                CoordinateKind::Project => CoordinateKind::Degrees,
                CoordinateKind::Degrees => CoordinateKind::Project,
            };
        }
        ui.separator();
    }

    /// What was typed is read as the kind shown, and as the other where that makes no sense.
    fn go_to_typed(&mut self, typed: &str, kind: CoordinateKind) {
        let Some(map) = &mut self.map else { return };
        let as_degrees = || typed::parse_lon_lat(typed);
        let went = match kind {
            CoordinateKind::Degrees => as_degrees().is_some_and(|lon_lat| map.centre_on_lon_lat(lon_lat)),
            CoordinateKind::Project => match typed::parse_pair(typed) {
                Some(place) => map.centre_on(place),
                None => as_degrees().is_some_and(|lon_lat| map.centre_on_lon_lat(lon_lat)),
            },
        };
        if !went {
            self.refuse_typed("view.not_a_place", typed);
        }
    }

    fn refuse_typed(&mut self, key: &'static str, typed: &str) {
        self.say(Severity::Warning, Message::new(key).with("typed", typed));
    }

    /// The engineering project that edits are made for.
    fn engineering_ui(&mut self, ui: &mut Ui) {
        let active = self.session.as_ref().and_then(|s| s.engineering.as_ref());
        let Some(number) = active else { return };
        let said = tr_with("engineering.pane.status", "number", number);
        let button = RichText::new(said).small().color(self.theme.text.link.0);
        let response = ui.add(egui::Button::new(button).frame(false));
        let command = Command::PanelEngineering;
        if response.on_hover_text(command.tooltip()).clicked() {
            self.actions.push(Action::Command(command));
        }
        ui.separator();
    }

    /// What runs, what was found wrong, what was said last or what the tool waits for.
    fn status_left_ui(&mut self, ui: &mut Ui) {
        self.engineering_ui(ui);
        let theme = self.theme.clone();
        let running: Vec<_> = self.tasks.running().collect();
        if let Some(task) = running.first() {
            crate::panels::tasks::task_ui(ui, task, &theme, &mut self.actions);
            if running.len() > 1 {
                ui.label(RichText::new(format!("+{}", running.len() - 1)).small());
            }
            ui.separator();
        }
        if self.session.is_some() {
            for severity in [Severity::Error, Severity::Warning] {
                let count = self.panels.issues.count(severity);
                if count == 0 {
                    continue;
                }
                let (ink, _) = severity_colors(severity, &theme);
                let button = egui::Button::image_and_text(
                    severity_icon(severity).image(13.0, ink),
                    RichText::new(text::count(count as u64)).small(),
                )
                .frame(false);
                if ui
                    .add(button)
                    .on_hover_text(Command::PanelIssues.label())
                    .clicked()
                {
                    self.actions.push(Action::Command(Command::PanelIssues));
                }
            }
        }
        if !running.is_empty() {
            return;
        }
        // A tool at work tells what it waits for; otherwise the last message stays legible.
        let said = self.messages.last().map(|entry| say(&entry.message));
        let is_at_work = self.tools.id() != crate::view::Tool::Identify;
        let shown = match said {
            Some(said) if !is_at_work || self.session.is_none() => said,
            _ if self.session.is_some() => self.tools.tool().hint(),
            _ => return,
        };
        let shown = RichText::new(shown).small().color(theme.text.weak.0);
        ui.add(egui::Label::new(shown).truncate());
    }
}

/// What draws the pointer to itself.
fn snap_sources_ui(ui: &mut Ui, snapping: &mut Snapping, foreign: &[(LayerId, String)]) {
    ui.checkbox(&mut snapping.is_network, tr("view.snap.network"));
    for (id, name) in foreign {
        let mut is_on = !snapping.left_out.contains(id);
        if ui
            .checkbox(&mut is_on, name)
            .on_hover_text(tr("view.snap.foreign_tip"))
            .clicked()
        {
            if is_on {
                snapping.left_out.remove(id);
            } else {
                snapping.left_out.insert(id.clone());
            }
        }
    }
}

fn aids_ui(ui: &mut Ui, aids: &mut Aids) {
    for (is_on, command) in [
        (&mut aids.is_square, Command::ToggleSquare),
        (&mut aids.is_tracing, Command::ToggleTracing),
    ] {
        ui.checkbox(is_on, command.label())
            .on_hover_text(command.tooltip());
    }
    ui.add_enabled_ui(aids.is_tracing, |ui| {
        ui.horizontal(|ui| {
            ui.label(tr("drafting.trace_offset"));
            ui.add(
                egui::DragValue::new(&mut aids.trace_offset_m)
                    .speed(0.1)
                    .range(-1_000.0..=1_000.0)
                    .max_decimals(2)
                    .suffix(" m"),
            )
            .on_hover_text(tr("drafting.trace_offset_tip"));
        });
    });
}
