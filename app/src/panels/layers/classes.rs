//! Values cut into classes: how, how many, their histogram with limits to drag, and the values of a unique value map.

use egui::{DragValue, RichText, Ui};
use egui_plot::{Bar, BarChart, Plot, VLine};
use gis_core::cartography::layers::{Category, ClassMethod, Layer, Renderer};
use gis_core::cartography::thematic::value_title;
use gis_core::expr::Expr;

use super::looks::look_row_ui;
use super::properties::Properties;
use crate::i18n::{lang, tr};
use crate::panels::PanelEnv;
use crate::shell::action::Action;

/// Asks for the classes of the layer's value.
pub(super) fn classify(env: &mut PanelEnv<'_>, properties: &mut Properties, layer: &Layer) {
    let (Renderer::Graduated { value, .. } | Renderer::Categorised { value, .. }) = &layer.renderer else {
        return;
    };
    let method = match &layer.renderer {
        Renderer::Graduated { method, .. } => *method,
        _ => ClassMethod::Jenks,
    };
    properties.is_waiting = true;
    env.push(Action::Classify {
        layer: layer.id.clone(),
        value: value.clone(),
        method,
        count: properties.count,
    });
}

pub(super) fn method_name(method: ClassMethod) -> String {
    tr(match method {
        ClassMethod::EqualInterval => "layers.style.method.equal_interval",
        ClassMethod::Quantile => "layers.style.method.quantile",
        ClassMethod::Jenks => "layers.style.method.jenks",
        ClassMethod::Pretty => "layers.style.method.pretty",
        ClassMethod::Manual => "layers.style.method.manual",
    })
}

/// How often values occur, with the limits of the classes to drag.
pub(super) fn histogram_ui(
    ui: &mut Ui,
    env: &PanelEnv<'_>,
    properties: &mut Properties,
    breaks: &mut [f64],
    method: &mut ClassMethod,
) {
    let Some(classified) = &properties.classified else {
        if properties.is_waiting {
            ui.spinner();
        }
        return;
    };
    let histogram = &classified.histogram;
    let width = histogram.bar_width();
    let bars: Vec<Bar> = histogram
        .counts
        .iter()
        .enumerate()
        .map(|(i, count)| {
            let middle = histogram.smallest + (i as f64 + 0.5) * width;
            Bar::new(middle, *count as f64)
                .width(width.max(1e-9))
                .fill(env.theme.accent.fill.0)
        })
        .collect();
    let limits = breaks.to_vec();
    let ink = env.theme.status.error.0;
    let shown = Plot::new("class_histogram")
        .height(120.0)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_axes([true, false])
        .show(ui, |plot| {
            plot.bar_chart(BarChart::new("", bars));
            for limit in &limits {
                plot.vline(VLine::new("", *limit).color(ink).width(2.0));
            }
            (plot.pointer_coordinate(), plot.response().dragged())
        });
    if let (Some(at), true) = shown.inner
        && let Some(nearest) = (0..breaks.len()).min_by(|a, b| {
            let away = |i: &usize| (breaks[*i] - at.x).abs();
            away(a).total_cmp(&away(b))
        })
    {
        let below = nearest.checked_sub(1).map_or(f64::NEG_INFINITY, |i| breaks[i]);
        let above = breaks.get(nearest + 1).copied().unwrap_or(f64::INFINITY);
        if at.x > below && at.x < above {
            breaks[nearest] = at.x;
            *method = ClassMethod::Manual;
            properties.method = ClassMethod::Manual;
        }
    }
    let said = gis_core::Message::new("layers.style.counted")
        .with("total", histogram.total)
        .with("missing", histogram.missing);
    ui.label(RichText::new(crate::i18n::say(&said)).small());
    ui.horizontal_wrapped(|ui| {
        for i in 0..breaks.len() {
            let from = i.checked_sub(1).map_or(f64::NEG_INFINITY, |b| breaks[b]);
            let to = breaks.get(i + 1).copied().unwrap_or(f64::INFINITY);
            let field = DragValue::new(&mut breaks[i])
                .speed(width.max(1e-3))
                .range(from..=to)
                .max_decimals(3);
            if ui.add(field).changed() {
                *method = ClassMethod::Manual;
                properties.method = ClassMethod::Manual;
            }
        }
    });
}

pub(super) fn categories_ui(
    ui: &mut Ui,
    env: &PanelEnv<'_>,
    expr: Option<&Expr>,
    categories: &mut Vec<Category>,
    is_line: bool,
) {
    let mut removed = None;
    for (i, category) in categories.iter_mut().enumerate() {
        ui.horizontal(|ui| {
            ui.checkbox(&mut category.is_visible, "");
            look_row_ui(ui, &mut category.look, is_line);
            let mut title = category.title.clone().unwrap_or_default();
            let field = egui::TextEdit::singleline(&mut title)
                .hint_text(value_title(expr, &category.value, lang()))
                .desired_width(180.0);
            if ui.add(field).changed() {
                category.title = (!title.trim().is_empty()).then_some(title);
            }
            ui.label(
                RichText::new(&category.value)
                    .small()
                    .color(env.theme.text.weak.0),
            );
            if ui.small_button("×").clicked() {
                removed = Some(i);
            }
        });
    }
    if let Some(i) = removed {
        categories.remove(i);
    }
}
