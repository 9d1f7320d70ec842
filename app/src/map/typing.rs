//! The field at the foot of the map in which lengths, bearings and coordinates are typed for the tool in hand. Typing a
//! figure while the map is used begins there at once.

use egui::{Event, Key, Modifiers, Rect, Sense, Stroke, TextEdit, Ui, UiBuilder, pos2, vec2};
use gis_core::cartography::chunks::mercator_from_lon_lat;
use gis_core::drafting::{Anchor, Typed};
use gis_core::network::snap::{SnapKind, SnapKinds, SnapRequest, snap};

use super::MapView;
use super::tools::{PointerEvent, PointerKind, ToolBox};
use crate::i18n::{say, tr};
use crate::shell::action::Action;
use crate::theme::Theme;

const WIDTH: f32 = 330.0;
const HEIGHT: f32 = 30.0;
/// Above the scale bar and what the map says of its sources.
const FOOT: f32 = 44.0;
/// Keys that mean the sketch and not the field while the field is empty.
const SKETCH_KEYS: [Key; 2] = [Key::Backspace, Key::Enter];

impl MapView {
    pub(super) fn typing_ui(
        &mut self,
        ui: &mut Ui,
        theme: &Theme,
        tools: &mut ToolBox,
        pointer: Option<[f64; 2]>,
        actions: &mut Vec<Action>,
    ) {
        let map = self.camera.rect;
        if !tools.tool().takes_typed() || map.width() < WIDTH + 40.0 {
            tools.typing.text.clear();
            return;
        }
        begin_typing(ui, tools);
        let left = map.center().x - WIDTH / 2.0;
        let bar = Rect::from_min_size(pos2(left, map.bottom() - FOOT - HEIGHT), vec2(WIDTH, HEIGHT));
        ui.painter().rect(
            bar,
            theme.size.corner,
            theme.surface.raised.0,
            Stroke::new(1.0, theme.surface.border.0),
            egui::StrokeKind::Outside,
        );
        let id = ui.scope_id().with("typed place");
        let is_empty = tools.typing.text.trim().is_empty();
        if ui.memory(|m| m.has_focus(id)) && is_empty {
            self.sketch_keys(ui, tools, actions);
        }
        let inside = bar.shrink2(vec2(8.0, 4.0));
        // The field is on the map, and a press beside its text is none of the map's.
        ui.interact(bar, id.with("ground"), Sense::click_and_drag());
        let mut child = ui.new_child(UiBuilder::new().max_rect(inside).id_salt("typing"));
        let response = child.add(
            TextEdit::singleline(&mut tools.typing.text)
                .id(id)
                .desired_width(inside.width())
                .min_size(inside.size())
                .align(egui::Align2::LEFT_CENTER)
                .frame(egui::Frame::NONE)
                .hint_text(tr("drafting.hint")),
        );
        let response = response.on_hover_text(tr("drafting.tip"));
        if response.changed() {
            tools.typing.refused = None;
        }
        if std::mem::take(&mut tools.typing.is_wanted) {
            response.request_focus();
            let end = egui::text::CCursor::new(tools.typing.text.chars().count());
            let mut state = egui::TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
            let range = egui::text::CCursorRange::one(end);
            state.cursor.set_char_range(Some(range));
            state.store(ui.ctx(), id);
        }
        if let Some(refused) = &tools.typing.refused {
            let at = bar.center_top() - vec2(0.0, 6.0);
            let font = egui::FontId::proportional(theme.size.text_small);
            let galley = ui
                .painter()
                .layout(refused.clone(), font, theme.status.error.0, WIDTH);
            let plate = egui::Align2::CENTER_BOTTOM.anchor_size(at, galley.size());
            ui.painter()
                .rect_filled(plate.expand(4.0), 4.0, theme.surface.raised.0);
            ui.painter().galley(plate.min, galley, theme.status.error.0);
        }
        let (is_entered, is_given_up) = ui.input(|i| (i.key_pressed(Key::Enter), i.key_pressed(Key::Escape)));
        if response.lost_focus() && is_given_up {
            tools.typing.text.clear();
            tools.typing.refused = None;
        }
        if response.lost_focus() && is_entered && !tools.typing.text.trim().is_empty() {
            self.enter_typed(tools, pointer, actions);
            tools.typing.is_wanted = true;
            ui.request_repaint();
        }
    }

    /// Enter and Backspace in the empty field are the sketch's.
    fn sketch_keys(&self, ui: &Ui, tools: &mut ToolBox, actions: &mut Vec<Action>) {
        for key in SKETCH_KEYS {
            if tools.tool().is_busy() && ui.input_mut(|i| i.consume_key(Modifiers::NONE, key)) {
                self.tool_key(key, tools, actions);
            }
        }
    }

    /// Hands the typed place to the tool as a click, or says what is wrong with it.
    fn enter_typed(&mut self, tools: &mut ToolBox, pointer: Option<[f64; 2]>, actions: &mut Vec<Action>) {
        let anchor = tools.tool().anchor();
        let pointer = pointer.or(anchor.map(|a| a.last)).unwrap_or_default();
        let text = tools.typing.text.clone();
        match self.typed_place(&text, anchor, pointer) {
            Ok(place) => {
                self.enter_place(place, tools, actions);
                tools.typing.text.clear();
            }
            Err(said) => tools.typing.refused = Some(said),
        }
    }

    fn typed_place(&self, text: &str, anchor: Option<Anchor>, pointer: [f64; 2]) -> Result<[f64; 2], String> {
        let (Some(place), Some(layer)) = (&self.place, &self.layer) else {
            return Err(tr("drafting.error.no_place"));
        };
        let metric = layer.data().network().metric();
        let typed = Typed::parse(text).map_err(|e| say(&e.message()))?;
        if let Typed::LonLat(lon_lat) = typed {
            let world = mercator_from_lon_lat(lon_lat);
            let found = place.from_mercator(world).filter(|_| place.is_on_earth());
            return found.ok_or_else(|| tr("drafting.error.no_place"));
        }
        let found = typed
            .place(anchor, pointer, metric)
            .map_err(|e| say(&e.message()))?;
        found.ok_or_else(|| tr("drafting.error.no_place"))
    }

    /// A place given in figures, as a click exactly there: on what stands there, else on bare ground.
    fn enter_place(&mut self, at: [f64; 2], tools: &mut ToolBox, actions: &mut Vec<Action>) {
        let (Some(place), Some(layer)) = (&self.place, &self.layer) else {
            return;
        };
        let lines = super::pointer::keeping_lines(&self.under, tools);
        let ctx = super::pointer::context(&self.camera, place, layer, &lines, tools.aids);
        let network = ctx.network();
        let kinds = SnapKinds::NONE
            .set(SnapKind::Node, true)
            .set(SnapKind::Segment, true);
        let request = SnapRequest::new(at, network.options().end_tolerance_m, kinds);
        let found = snap(network, &request, |_| true, |pipe| ctx.is_pipe_shown(pipe));
        let event = PointerEvent {
            kind: PointerKind::Clicked,
            screen: self.screen_from_project(at).unwrap_or(self.camera.rect.center()),
            project: at,
            snap: found,
            aided: None,
            modifiers: Modifiers::NONE,
            tolerance_m: network.options().end_tolerance_m,
        };
        actions.extend(tools.tool_mut().pointer(&event, &ctx).actions);
        // What was typed may lie beyond the view.
        if !self.camera.rect.contains(event.screen) {
            self.centre_on(at);
        }
    }
}

/// A figure that is typed over the map goes into the field.
fn begin_typing(ui: &Ui, tools: &mut ToolBox) {
    if ui.memory(|m| m.focused().is_some()) {
        return;
    }
    let begun: String = ui.input(|i| {
        let texts = i.events.iter().filter_map(|event| match event {
            Event::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts
            .filter(|text| text.starts_with(|c: char| c.is_ascii_digit() || "@<.".contains(c)))
            .collect()
    });
    if !begun.is_empty() {
        tools.typing.text.push_str(&begun);
        tools.typing.is_wanted = true;
    }
}
