//! How a layer is drawn: the kind of renderer and its settings, colour ramps, classes with their histogram.

use egui::{DragValue, RichText, Ui};
use egui_plot::{Bar, BarChart, Plot, VLine};
use gis_core::cartography::layers::{
    Category, ClassMethod, DiagramKind, DiagramPart, Layer, Look, PartSum, Renderer, Rule, SizeScaling, Zones,
};
use gis_core::cartography::thematic::{LegendSymbol, Ramps};
use gis_core::cartography::{Rgba, StyleSet};
use gis_core::expr::Scope;
use gis_core::schema::{FieldType, GeometryKind};

use super::properties::{Properties, expression_ui};
use super::standard_tab::standard_ui;
use super::zones::zones_ui;
use crate::i18n::{lang, tr};
use crate::panels::colour::colour_ui;
use crate::panels::{PanelEnv, legend};
use crate::shell::action::Action;

const RED: Rgba = Rgba::opaque(0xd9, 0x2d, 0x20);
const MAX_CATEGORIES: usize = 40;

/// The kinds one can choose, with the names of their texts.
const KINDS: [&str; 9] = [
    "standard",
    "single",
    "categorised",
    "graduated",
    "rules",
    "proportional",
    "heat",
    "dots",
    "diagram",
];

fn kind_of(renderer: &Renderer) -> usize {
    match renderer {
        Renderer::Standard | Renderer::Unknown(_) => 0,
        Renderer::Single { .. } => 1,
        Renderer::Categorised { .. } => 2,
        Renderer::Graduated { .. } => 3,
        Renderer::Rules { .. } => 4,
        Renderer::Proportional { .. } => 5,
        Renderer::Heat { .. } => 6,
        Renderer::Dots { .. } => 7,
        Renderer::Diagram { .. } => 8,
    }
}

/// A renderer of a kind to start from; `number` and `category` are fields that suit the class.
fn fresh(kind: usize, number: &str, category: &str) -> Renderer {
    let value = number.to_owned();
    match kind {
        1 => Renderer::Single {
            look: Look::coloured(RED),
        },
        2 => Renderer::Categorised {
            value: category.to_owned(),
            categories: Vec::new(),
            other: Some(Look::default()),
            ramp: "okabe_ito".to_owned(),
        },
        3 => Renderer::Graduated {
            value,
            method: ClassMethod::Jenks,
            breaks: Vec::new(),
            ramp: "viridis".to_owned(),
            is_reversed: false,
            sizes_px: None,
            missing: Some(Look::default()),
        },
        4 => Renderer::Rules {
            rules: vec![fresh_rule()],
            other: Some(Look::default()),
        },
        5 => Renderer::Proportional {
            value,
            largest: 1_000.0,
            max_size_px: 18.0,
            min_size_px: 2.0,
            scaling: SizeScaling::Area,
            colour: RED,
        },
        6 => Renderer::Heat {
            weight: None,
            radius_m: 150.0,
            ramp: "yl_or_rd".to_owned(),
        },
        7 => Renderer::Dots {
            value,
            per_dot: 100.0,
            size_px: 3.0,
            colour: RED,
        },
        8 => Renderer::Diagram {
            kind: DiagramKind::Pie,
            zones: Zones::Value("dma".to_owned()),
            parts: vec![fresh_part(0)],
            max_size_px: 60.0,
        },
        _ => Renderer::Standard,
    }
}

fn fresh_rule() -> Rule {
    Rule {
        title: String::new(),
        when: String::new(),
        look: Look::coloured(RED),
        is_visible: true,
    }
}

fn fresh_part(number: usize) -> DiagramPart {
    let colour = Ramps::builtin().map_or(RED, |ramps| ramps.get("okabe_ito").of_class(number, 8, false));
    DiagramPart {
        title: format!("{}", number + 1),
        sum: PartSum::Count(String::new()),
        colour,
    }
}

pub(super) fn style_ui(
    ui: &mut Ui,
    env: &mut PanelEnv<'_>,
    properties: &mut Properties,
    layer: &mut Layer,
    styles: &mut StyleSet,
) {
    let Some(class) = layer.class().and_then(|key| env.session.schema.class_index(key)) else {
        ui.label(tr("layers.style.no_class"));
        return;
    };
    let scope = Scope::of_class(&env.session.schema, class);
    let is_line = env.session.schema.class(class).geometry == GeometryKind::Line;
    let Ok(ramps) = Ramps::builtin() else { return };
    let kind = kind_of(&layer.renderer);
    let mut chosen = kind;
    egui::ComboBox::from_label(tr("layers.style.kind"))
        .selected_text(tr(&format!("layers.style.{}", KINDS[kind])))
        .show_ui(ui, |ui| {
            for (i, key) in KINDS.iter().enumerate() {
                ui.selectable_value(&mut chosen, i, tr(&format!("layers.style.{key}")));
            }
        });
    if chosen != kind {
        let field = |accept: fn(&FieldType) -> bool, wanted: &str| {
            scope
                .field(wanted)
                .or_else(|| scope.fields().iter().find(|f| accept(&f.field_type)))
                .map_or("", |f| f.key.as_str())
        };
        let number = field(
            |t| matches!(t, FieldType::Real | FieldType::Integer),
            "diameter_mm",
        );
        let category = field(|t| matches!(t, FieldType::Code(_)), "material");
        layer.renderer = fresh(chosen, number, category);
        properties.value = None;
        properties.classified = None;
        classify(env, properties, layer);
    }
    ui.add_space(6.0);
    let before = layer.renderer.clone();
    let mut wants_classes = false;
    match &mut layer.renderer {
        Renderer::Standard | Renderer::Unknown(_) => {
            ui.label(tr("layers.style.standard_tip"));
            standard_ui(ui, env.theme, &env.session.schema, class, styles);
        }
        Renderer::Single { look } => look_ui(ui, look, is_line),
        Renderer::Categorised {
            value,
            categories,
            other,
            ramp,
        } => {
            value_ui(ui, env, &scope, properties, value);
            ramp_ui(ui, env, &ramps, ramp);
            wants_classes = ui.button(tr("layers.style.classify")).clicked();
            categories_ui(ui, env, categories, is_line);
            let mut has_other = other.is_some();
            if ui.checkbox(&mut has_other, tr("layers.style.other")).changed() {
                *other = has_other.then(Look::default);
            }
        }
        Renderer::Graduated {
            value,
            method,
            breaks,
            ramp,
            is_reversed,
            sizes_px,
            missing,
        } => {
            value_ui(ui, env, &scope, properties, value);
            ramp_ui(ui, env, &ramps, ramp);
            ui.checkbox(is_reversed, tr("layers.style.reversed"));
            ui.horizontal(|ui| {
                let mut has_sizes = sizes_px.is_some();
                if ui.checkbox(&mut has_sizes, tr("layers.style.sizes")).changed() {
                    *sizes_px = has_sizes.then_some([1.5, 5.0]);
                }
                for size in sizes_px.iter_mut().flatten() {
                    ui.add(DragValue::new(size).range(0.2..=60.0).speed(0.1));
                }
            });
            ui.horizontal(|ui| {
                egui::ComboBox::from_id_salt("class_method")
                    .selected_text(method_name(*method))
                    .show_ui(ui, |ui| {
                        for other in ClassMethod::ALL {
                            ui.selectable_value(method, other, method_name(other));
                        }
                    });
                let label = ui.label(tr("layers.style.classes"));
                let count = DragValue::new(&mut properties.count).range(2..=20);
                let is_counted = ui.add(count).labelled_by(label.id).changed();
                wants_classes = ui.button(tr("layers.style.classify")).clicked()
                    || (is_counted || properties.method != *method) && *method != ClassMethod::Manual;
                properties.method = *method;
            });
            histogram_ui(ui, env, properties, breaks, method);
            let mut has_missing = missing.is_some();
            if ui
                .checkbox(&mut has_missing, tr("layers.style.missing"))
                .changed()
            {
                *missing = has_missing.then(Look::default);
            }
        }
        Renderer::Rules { rules, other } => {
            rules_ui(ui, env, &scope, rules, is_line);
            let mut has_other = other.is_some();
            if ui.checkbox(&mut has_other, tr("layers.style.other")).changed() {
                *other = has_other.then(Look::default);
            }
        }
        Renderer::Proportional {
            value,
            largest,
            max_size_px,
            min_size_px,
            scaling,
            colour,
        } => {
            value_ui(ui, env, &scope, properties, value);
            number_ui(ui, "layers.style.largest", largest);
            size_ui(ui, "layers.style.min_size", min_size_px);
            size_ui(ui, "layers.style.max_size", max_size_px);
            ui.horizontal(|ui| {
                ui.radio_value(scaling, SizeScaling::Area, tr("layers.style.by_area"));
                ui.radio_value(scaling, SizeScaling::Diameter, tr("layers.style.by_diameter"));
            });
            colour_ui(ui, colour);
        }
        Renderer::Heat {
            weight,
            radius_m,
            ramp,
        } => {
            let label = ui.label(tr("layers.style.weight"));
            let mut typed = properties
                .value
                .clone()
                .or_else(|| weight.clone())
                .unwrap_or_default();
            if expression_ui(ui, env.theme, &mut typed, &scope, "", &label).is_none() {
                *weight = (!typed.trim().is_empty()).then(|| typed.clone());
            }
            properties.value = Some(typed);
            number_ui(ui, "layers.style.radius", radius_m);
            ramp_ui(ui, env, &ramps, ramp);
        }
        Renderer::Dots {
            value,
            per_dot,
            size_px,
            colour,
        } => {
            value_ui(ui, env, &scope, properties, value);
            number_ui(ui, "layers.style.per_dot", per_dot);
            size_ui(ui, "layers.style.dot_size", size_px);
            colour_ui(ui, colour);
        }
        Renderer::Diagram {
            kind,
            zones,
            parts,
            max_size_px,
        } => {
            ui.horizontal(|ui| {
                ui.radio_value(kind, DiagramKind::Pie, tr("layers.style.pie"));
                ui.radio_value(kind, DiagramKind::Bar, tr("layers.style.bar"));
            });
            zones_ui(ui, env, &scope, zones);
            size_ui(ui, "layers.style.max_size", max_size_px);
            parts_ui(ui, env, &scope, parts);
        }
    }
    if wants_classes {
        classify(env, properties, layer);
    }
    // What came back for this very question is put in once.
    if let Some(classified) = &mut properties.classified
        && classified.layer == layer.id
    {
        match &mut layer.renderer {
            Renderer::Graduated { value, breaks, .. }
                if *value == classified.value && !classified.breaks.is_empty() =>
            {
                *breaks = std::mem::take(&mut classified.breaks);
            }
            Renderer::Categorised {
                value,
                categories,
                ramp,
                ..
            } if *value == classified.value && !classified.categories.is_empty() => {
                let ramp = ramps.get(ramp);
                let found = std::mem::take(&mut classified.categories);
                *categories = found
                    .into_iter()
                    .take(MAX_CATEGORIES)
                    .enumerate()
                    .map(|(i, (value, _))| Category {
                        value,
                        title: None,
                        look: Look::coloured(ramp.of_class(i, MAX_CATEGORIES.min(8), false)),
                        is_visible: true,
                    })
                    .collect();
            }
            _ => {}
        }
    }
    if layer.renderer != before {
        ui.ctx().request_repaint();
    }
}

/// Asks for the classes of the layer's value.
fn classify(env: &mut PanelEnv<'_>, properties: &mut Properties, layer: &Layer) {
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

fn method_name(method: ClassMethod) -> String {
    tr(match method {
        ClassMethod::EqualInterval => "layers.style.method.equal_interval",
        ClassMethod::Quantile => "layers.style.method.quantile",
        ClassMethod::Jenks => "layers.style.method.jenks",
        ClassMethod::Pretty => "layers.style.method.pretty",
        ClassMethod::Manual => "layers.style.method.manual",
    })
}

fn value_ui(ui: &mut Ui, env: &PanelEnv<'_>, scope: &Scope, properties: &mut Properties, value: &mut String) {
    let label = ui.label(tr("layers.style.value"));
    let mut typed = properties.value.clone().unwrap_or_else(|| value.clone());
    ui.horizontal(|ui| {
        egui::ComboBox::from_id_salt("value_field")
            .width(20.0)
            .selected_text("")
            .show_ui(ui, |ui| {
                for field in scope.fields() {
                    if ui
                        .selectable_label(false, lang().pick(&field.zh, &field.en))
                        .clicked()
                    {
                        typed.clone_from(&field.key);
                    }
                }
            });
        ui.vertical(|ui| {
            if expression_ui(ui, env.theme, &mut typed, scope, "diameter_mm", &label).is_none()
                && !typed.trim().is_empty()
            {
                value.clone_from(&typed);
            }
        });
    });
    properties.value = Some(typed);
}

fn ramp_ui(ui: &mut Ui, env: &PanelEnv<'_>, ramps: &Ramps, chosen: &mut String) {
    let shown = ramps.get(chosen).clone();
    ui.horizontal(|ui| {
        egui::ComboBox::from_label(tr("layers.style.ramp"))
            .selected_text(shown.label.text(lang()))
            .show_ui(ui, |ui| {
                for ramp in ramps.iter() {
                    ui.horizontal(|ui| {
                        let (rect, _) = ui.allocate_exact_size(egui::vec2(60.0, 14.0), egui::Sense::hover());
                        let symbol = LegendSymbol::Ramp(ramp.colours.clone());
                        legend::entry(ui.painter(), rect, &symbol, env.theme);
                        ui.selectable_value(chosen, ramp.key.clone(), ramp.label.text(lang()));
                    });
                }
            });
        let (rect, _) = ui.allocate_exact_size(egui::vec2(80.0, 14.0), egui::Sense::hover());
        legend::entry(ui.painter(), rect, &LegendSymbol::Ramp(shown.colours), env.theme);
    });
}

/// How often values occur, with the limits of the classes to drag.
fn histogram_ui(
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

fn categories_ui(ui: &mut Ui, env: &PanelEnv<'_>, categories: &mut Vec<Category>, is_line: bool) {
    let mut removed = None;
    for (i, category) in categories.iter_mut().enumerate() {
        ui.horizontal(|ui| {
            ui.checkbox(&mut category.is_visible, "");
            look_row_ui(ui, &mut category.look, is_line);
            let mut title = category.title.clone().unwrap_or_else(|| category.value.clone());
            if ui
                .add(egui::TextEdit::singleline(&mut title).desired_width(140.0))
                .changed()
            {
                category.title = Some(title);
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

fn rules_ui(ui: &mut Ui, env: &PanelEnv<'_>, scope: &Scope, rules: &mut Vec<Rule>, is_line: bool) {
    let mut removed = None;
    for (i, rule) in rules.iter_mut().enumerate() {
        ui.group(|ui| {
            let label = ui
                .horizontal(|ui| {
                    ui.checkbox(&mut rule.is_visible, "");
                    look_row_ui(ui, &mut rule.look, is_line);
                    ui.add(
                        egui::TextEdit::singleline(&mut rule.title)
                            .hint_text(tr("layers.general.title"))
                            .desired_width(140.0),
                    );
                    if ui.small_button("×").clicked() {
                        removed = Some(i);
                    }
                    ui.label(tr("layers.style.when"))
                })
                .inner;
            expression_ui(ui, env.theme, &mut rule.when, scope, "diameter_mm >= 300", &label);
        });
    }
    if let Some(i) = removed {
        rules.remove(i);
    }
    if ui.button(tr("layers.style.add_rule")).clicked() {
        rules.push(fresh_rule());
    }
}

fn parts_ui(ui: &mut Ui, env: &PanelEnv<'_>, scope: &Scope, parts: &mut Vec<DiagramPart>) {
    let mut removed = None;
    for (i, part) in parts.iter_mut().enumerate() {
        ui.group(|ui| {
            let label = ui
                .horizontal(|ui| {
                    colour_ui(ui, &mut part.colour);
                    ui.add(egui::TextEdit::singleline(&mut part.title).desired_width(100.0));
                    let mut is_sum = matches!(part.sum, PartSum::Sum(_));
                    let (PartSum::Count(text) | PartSum::Sum(text)) = &part.sum;
                    let text = text.clone();
                    let label = ui.checkbox(&mut is_sum, tr("layers.style.sum"));
                    if label.changed() {
                        part.sum = if is_sum {
                            PartSum::Sum(text)
                        } else {
                            PartSum::Count(text)
                        };
                    }
                    if ui.small_button("×").clicked() {
                        removed = Some(i);
                    }
                    label
                })
                .inner;
            let (PartSum::Count(text) | PartSum::Sum(text)) = &mut part.sum;
            expression_ui(ui, env.theme, text, scope, "material = 'PE'", &label);
        });
    }
    if let Some(i) = removed {
        parts.remove(i);
    }
    if ui.button(tr("layers.style.add_part")).clicked() {
        parts.push(fresh_part(parts.len()));
    }
}

fn look_ui(ui: &mut Ui, look: &mut Look, is_line: bool) {
    ui.horizontal(|ui| look_row_ui(ui, look, is_line));
}

fn look_row_ui(ui: &mut Ui, look: &mut Look, is_line: bool) {
    let mut colour = look.colour.unwrap_or(RED);
    let before = colour;
    colour_ui(ui, &mut colour);
    if colour != before {
        look.colour = Some(colour);
    }
    let size = if is_line {
        &mut look.width_px
    } else {
        &mut look.size_px
    };
    let mut shown = size.unwrap_or(if is_line { 2.0 } else { 8.0 });
    if ui
        .add(
            DragValue::new(&mut shown)
                .range(0.2..=80.0)
                .speed(0.1)
                .suffix(" px"),
        )
        .changed()
    {
        *size = Some(shown);
    }
}

fn number_ui(ui: &mut Ui, key: &str, number: &mut f64) {
    ui.horizontal(|ui| {
        let label = ui.label(tr(key));
        ui.add(DragValue::new(number).range(0.000_1..=1e12).speed(1.0))
            .labelled_by(label.id);
    });
}

fn size_ui(ui: &mut Ui, key: &str, size: &mut f32) {
    ui.horizontal(|ui| {
        let label = ui.label(tr(key));
        ui.add(DragValue::new(size).range(0.2..=200.0).speed(0.2).suffix(" px"))
            .labelled_by(label.id);
    });
}
