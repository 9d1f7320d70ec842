//! Puts the tokens into egui's style. Nothing is drawn here.

use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, FontFamily, FontId, Shadow, Stroke, TextStyle, Visuals, vec2};

use super::{Theme, ThemeKind};

/// Makes `theme` the look of everything drawn from the next frame on.
pub fn apply(ctx: &egui::Context, theme: &Theme) {
    let egui_theme = match theme.kind {
        ThemeKind::Light => egui::Theme::Light,
        ThemeKind::Dark => egui::Theme::Dark,
    };
    ctx.set_theme(egui_theme);
    let visuals = visuals(theme);
    let size = theme.size.clone();
    ctx.style_mut_of(egui_theme, |style| {
        style.visuals = visuals;
        style.text_styles = [
            (TextStyle::Small, size.text_small, FontFamily::Proportional),
            (TextStyle::Body, size.text, FontFamily::Proportional),
            (TextStyle::Button, size.text, FontFamily::Proportional),
            (TextStyle::Heading, size.text_heading, FontFamily::Proportional),
            (TextStyle::Monospace, size.text, FontFamily::Monospace),
        ]
        .into_iter()
        .map(|(name, points, family)| (name, FontId::new(points, family)))
        .collect();
        style.spacing.item_spacing = vec2(size.spacing, size.spacing);
        style.spacing.button_padding = vec2(size.spacing + 2.0, 3.0);
        style.spacing.interact_size.y = size.row;
        style.spacing.icon_width = 16.0;
        style.spacing.menu_margin = egui::Margin::same(6);
        style.spacing.scroll = egui::style::ScrollStyle::thin();
        style.interaction.tooltip_delay = 0.4;
        // Text in panels is read, not copied; a selection cursor over every label is in the way.
        style.interaction.selectable_labels = false;
    });
}

fn visuals(theme: &Theme) -> Visuals {
    let base = match theme.kind {
        ThemeKind::Light => Visuals::light(),
        ThemeKind::Dark => Visuals::dark(),
    };
    let corner = CornerRadius::same(theme.size.corner as u8);
    let shadow = |blur| Shadow {
        offset: [0, 4],
        blur,
        spread: 0,
        color: theme.surface.shadow.0,
    };
    Visuals {
        widgets: widgets(theme, corner),
        selection: Selection {
            bg_fill: theme.accent.selection.0,
            stroke: Stroke::new(1.0, theme.accent.selection_text.0),
        },
        hyperlink_color: theme.text.link.0,
        weak_text_color: Some(theme.text.weak.0),
        faint_bg_color: theme.surface.stripe.0,
        extreme_bg_color: theme.surface.input.0,
        text_edit_bg_color: Some(theme.surface.input.0),
        code_bg_color: theme.surface.stripe.0,
        warn_fg_color: theme.status.warning.0,
        error_fg_color: theme.status.error.0,
        window_corner_radius: CornerRadius::same(8),
        window_shadow: shadow(18),
        popup_shadow: shadow(10),
        window_fill: theme.surface.raised.0,
        window_stroke: Stroke::new(1.0, theme.surface.border.0),
        menu_corner_radius: CornerRadius::same(6),
        panel_fill: theme.surface.panel.0,
        indent_has_left_vline: false,
        ..base
    }
}

fn widgets(theme: &Theme, corner_radius: CornerRadius) -> Widgets {
    let widget = |fill: Color32, outline: Color32, ink: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        fg_stroke: Stroke::new(1.0, ink),
        corner_radius,
        expansion: 0.0,
    };
    let (w, s, t) = (&theme.widget, &theme.surface, &theme.text);
    Widgets {
        noninteractive: widget(s.panel.0, s.border.0, t.primary.0),
        inactive: widget(w.idle.0, w.outline.0, t.primary.0),
        hovered: widget(w.hovered.0, w.outline_hovered.0, t.strong.0),
        active: widget(w.pressed.0, theme.accent.fill.0, t.strong.0),
        open: widget(w.hovered.0, w.outline_hovered.0, t.strong.0),
    }
}
