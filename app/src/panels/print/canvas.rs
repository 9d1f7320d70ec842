//! The page on the screen: its picture, the outlines of what stands on it, and the handles that move and resize.

use egui::{CursorIcon, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use gis_core::layout::model::Place;

use super::PrintPanel;
use crate::i18n::{say, tr};
use crate::theme::Theme;

/// Places jump from millimetre to millimetre; with Alt from tenth to tenth.
const SNAP_MM: f64 = 1.0;
const FINE_MM: f64 = 0.1;
const LEAST_MM: f64 = 3.0;
const HANDLE_PX: f32 = 7.0;

/// Which sides of the place follow the pointer: left, top, right, bottom. All four move the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grip {
    sides: [bool; 4],
}

impl Grip {
    const BODY: Self = Self { sides: [true; 4] };

    /// Corners and middles of the sides.
    const HANDLES: [(Self, [f32; 2]); 8] = [
        (Self::new([true, true, false, false]), [0.0, 0.0]),
        (Self::new([false, true, false, false]), [0.5, 0.0]),
        (Self::new([false, true, true, false]), [1.0, 0.0]),
        (Self::new([false, false, true, false]), [1.0, 0.5]),
        (Self::new([false, false, true, true]), [1.0, 1.0]),
        (Self::new([false, false, false, true]), [0.5, 1.0]),
        (Self::new([true, false, false, true]), [0.0, 1.0]),
        (Self::new([true, false, false, false]), [0.0, 0.5]),
    ];

    const fn new(sides: [bool; 4]) -> Self {
        Self { sides }
    }

    fn cursor(self) -> CursorIcon {
        match self.sides {
            [true, true, true, true] => CursorIcon::Move,
            [true, true, false, false] | [false, false, true, true] => CursorIcon::ResizeNwSe,
            [false, true, true, false] | [true, false, false, true] => CursorIcon::ResizeNeSw,
            [_, true, ..] | [.., true] => CursorIcon::ResizeVertical,
            _ => CursorIcon::ResizeHorizontal,
        }
    }
}

/// An item in hand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Drag {
    id: u32,
    grip: Grip,
    from_mm: [f64; 2],
    place: Place,
}

/// The place after the pointer went so far from where the drag began.
pub(super) fn dragged(place: Place, grip: Grip, by_mm: [f64; 2], step_mm: f64) -> Place {
    let snap = |v: f64| (v / step_mm).round() * step_mm;
    let [left, top, right, bottom] = grip.sides;
    if grip == Grip::BODY {
        return Place {
            x_mm: snap(place.x_mm + by_mm[0]),
            y_mm: snap(place.y_mm + by_mm[1]),
            ..place
        };
    }
    let along = |start: f64, size: f64, by: f64, low: bool, high: bool| {
        let (mut a, mut b) = (start, start + size);
        if low {
            a = snap(a + by).min(b - LEAST_MM);
        }
        if high {
            b = snap(b + by).max(a + LEAST_MM);
        }
        (a, b - a)
    };
    let (x_mm, width_mm) = along(place.x_mm, place.width_mm, by_mm[0], left, right);
    let (y_mm, height_mm) = along(place.y_mm, place.height_mm, by_mm[1], top, bottom);
    Place {
        x_mm,
        y_mm,
        width_mm,
        height_mm,
    }
}

/// Between the page in millimetres and the screen.
#[derive(Debug, Clone, Copy)]
struct Sheet {
    rect: Rect,
    px_per_mm: f32,
}

impl Sheet {
    fn fit(room: Rect, [width, height]: [f64; 2]) -> Self {
        let inner = room.shrink(14.0);
        let k = (inner.width() / width as f32)
            .min(inner.height() / height as f32)
            .max(0.01);
        let size = vec2(width as f32 * k, height as f32 * k);
        Self {
            rect: Rect::from_center_size(inner.center(), size),
            px_per_mm: k,
        }
    }

    fn mm(&self, at: Pos2) -> [f64; 2] {
        let d = (at - self.rect.min) / self.px_per_mm;
        [f64::from(d.x), f64::from(d.y)]
    }

    fn rect_of(&self, place: &Place) -> Rect {
        let k = self.px_per_mm;
        let min = self.rect.min + vec2(place.x_mm as f32, place.y_mm as f32) * k;
        Rect::from_min_size(min, vec2(place.width_mm as f32, place.height_mm as f32) * k)
    }
}

impl PrintPanel {
    pub(super) fn canvas_ui(&mut self, ui: &mut Ui, theme: &Theme) {
        let (room, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let page_name = tr("print.page");
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, &page_name));
        let sheet = Sheet::fit(room, self.layout.page.size_mm());
        self.size_picture(sheet.rect.size().max_elem() * ui.ctx().pixels_per_point());
        self.pointer(ui, &response, &sheet);
        let painter = ui.painter_at(room);
        painter.rect_filled(room, 0.0, theme.surface.window.0);
        painter.rect_filled(sheet.rect.translate(vec2(3.0, 3.0)), 0.0, theme.surface.shadow.0);
        if let Some((_, texture)) = &self.shown {
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), sheet.rect, all, egui::Color32::WHITE);
        } else {
            painter.rect_filled(sheet.rect, 0.0, egui::Color32::WHITE);
        }
        painter.rect_stroke(
            sheet.rect,
            0.0,
            Stroke::new(1.0, theme.surface.border.0),
            StrokeKind::Outside,
        );
        let hovered = response.hover_pos().and_then(|at| self.item_at(sheet.mm(at)));
        for item in self.layout.items.iter().filter(|item| !item.is_hidden) {
            let rect = sheet.rect_of(&item.place);
            if self.selected == Some(item.id) {
                let line = Stroke::new(1.5, theme.accent.fill.0);
                painter.rect_stroke(rect, 0.0, line, StrokeKind::Middle);
                if !item.is_locked {
                    for (_, [x, y]) in Grip::HANDLES {
                        let at = rect.lerp_inside(vec2(x, y));
                        let handle = Rect::from_center_size(at, vec2(HANDLE_PX, HANDLE_PX));
                        painter.rect(handle, 1.0, theme.surface.raised.0, line, StrokeKind::Middle);
                    }
                }
            } else if hovered == Some(item.id) {
                let line = Stroke::new(1.0, theme.accent.hovered.0);
                painter.rect_stroke(rect, 0.0, line, StrokeKind::Middle);
            }
        }
        if !self.is_up_to_date() {
            painter.text(
                room.left_bottom() + vec2(8.0, -6.0),
                egui::Align2::LEFT_BOTTOM,
                tr("print.drawing"),
                egui::FontId::proportional(theme.size.text_small),
                theme.text.weak.0,
            );
        } else if let Some(message) = &self.failure {
            painter.text(
                sheet.rect.center(),
                egui::Align2::CENTER_CENTER,
                say(message),
                egui::FontId::proportional(theme.size.text),
                theme.status.error.0,
            );
        }
    }

    /// A picture made for a page of another size would look coarse or thin.
    fn size_picture(&mut self, side_px: f32) {
        const STEP_PX: f32 = 200.0;
        let side_px = ((side_px / STEP_PX).round() * STEP_PX).clamp(STEP_PX, 3000.0);
        if (side_px - self.page_px).abs() > 1.0 {
            self.page_px = side_px;
            self.changed();
        }
    }

    /// The topmost item at a place on the page; large ones only where no small one lies.
    fn item_at(&self, mm: [f64; 2]) -> Option<u32> {
        self.layout
            .items
            .iter()
            .filter(|item| !item.is_hidden && item.place.area().contains(mm, 0.0))
            .min_by(|a, b| {
                let size = |p: &Place| p.width_mm * p.height_mm;
                size(&a.place).total_cmp(&size(&b.place))
            })
            .map(|item| item.id)
    }

    fn grip_at(&self, at: Pos2, sheet: &Sheet) -> Option<(u32, Grip)> {
        let selected = self
            .selected
            .and_then(|id| self.layout.item(id))
            .filter(|item| !item.is_hidden && !item.is_locked);
        if let Some(item) = selected {
            let rect = sheet.rect_of(&item.place);
            let handle = Grip::HANDLES.iter().find(|(_, [x, y])| {
                let corner = rect.lerp_inside(vec2(*x, *y));
                Rect::from_center_size(corner, vec2(HANDLE_PX, HANDLE_PX) * 1.8).contains(at)
            });
            if let Some((grip, _)) = handle {
                return Some((item.id, *grip));
            }
            // What is selected is what is moved, even where something smaller lies on it.
            if rect.contains(at) {
                return Some((item.id, Grip::BODY));
            }
        }
        let id = self.item_at(sheet.mm(at))?;
        (!self.layout.item(id)?.is_locked).then_some((id, Grip::BODY))
    }

    fn pointer(&mut self, ui: &Ui, response: &egui::Response, sheet: &Sheet) {
        if let Some(at) = response.hover_pos()
            && let Some((_, grip)) = self.grip_at(at, sheet)
        {
            ui.ctx().set_cursor_icon(grip.cursor());
        }
        if response.clicked() {
            self.selected = response
                .interact_pointer_pos()
                .and_then(|at| self.item_at(sheet.mm(at)));
        }
        if response.drag_started() {
            let from = ui.input(|i| i.pointer.press_origin());
            self.drag = from.and_then(|at| {
                let (id, grip) = self.grip_at(at, sheet)?;
                let place = self.layout.item(id)?.place;
                Some(Drag {
                    id,
                    grip,
                    from_mm: sheet.mm(at),
                    place,
                })
            });
            self.selected = self.drag.map(|drag| drag.id).or(self.selected);
        }
        if let (Some(drag), Some(at)) = (self.drag, response.interact_pointer_pos()) {
            let to = sheet.mm(at);
            let by = [to[0] - drag.from_mm[0], to[1] - drag.from_mm[1]];
            let step = if ui.input(|i| i.modifiers.alt) {
                FINE_MM
            } else {
                SNAP_MM
            };
            let place = dragged(drag.place, drag.grip, by, step);
            if let Some(item) = self.layout.item_mut(drag.id)
                && item.place != place
            {
                item.place = place;
                self.changed();
            }
        }
        if response.drag_stopped() {
            self.drag = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_move_and_grow_in_whole_millimetres() {
        let place = Place::new(10.0, 20.0, 50.0, 30.0);
        let right_bottom = Grip::HANDLES[4].0;
        let left = Grip::HANDLES[7].0;
        for (grip, by, expected) in [
            (Grip::BODY, [3.4, -2.6], Place::new(13.0, 17.0, 50.0, 30.0)),
            (right_bottom, [3.4, 1.6], Place::new(10.0, 20.0, 53.0, 32.0)),
            (left, [5.2, 99.0], Place::new(15.0, 20.0, 45.0, 30.0)),
            // Never inside out.
            (left, [500.0, 0.0], Place::new(57.0, 20.0, 3.0, 30.0)),
            (right_bottom, [-500.0, -500.0], Place::new(10.0, 20.0, 3.0, 3.0)),
        ] {
            assert_eq!(dragged(place, grip, by, SNAP_MM), expected, "{grip:?} {by:?}");
        }
        assert!((dragged(place, Grip::BODY, [0.234, 0.0], FINE_MM).x_mm - 10.2).abs() < 1e-9);
    }

    #[test]
    fn the_page_fits_its_room() {
        let room = Rect::from_min_size(pos2(0.0, 0.0), vec2(428.0, 828.0));
        let sheet = Sheet::fit(room, [400.0, 297.0]);
        assert!((sheet.px_per_mm - 1.0).abs() < 1e-3);
        let [x, y] = sheet.mm(sheet.rect.center());
        assert!((x - 200.0).abs() < 1e-3 && (y - 148.5).abs() < 1e-3);
    }
}
