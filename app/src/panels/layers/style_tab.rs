//! How a layer is drawn: the kind of renderer and its settings, colour ramps, classes with their histogram.

use std::collections::BTreeMap;

use egui::{DragValue, Ui};
use gis_core::cartography::StyleSet;
use gis_core::cartography::layers::{
    Category, ClassMethod, DiagramKind, DiagramPart, Layer, LayerId, Look, PartSum, Renderer, Rule,
    SizeScaling, Zones,
};
use gis_core::cartography::thematic::{LegendSymbol, Ramps};
use gis_core::expr::{Expr, Scope};
use gis_core::schema::{FieldType, GeometryKind};

use super::classes::{categories_ui, classify, histogram_ui, method_name};
use super::looks::{USUAL, look_row_ui, look_ui, number_ui, size_ui};
use super::properties::{Properties, expression_ui};
use super::standard_tab::standard_ui;
use super::zones::zones_ui;
use crate::i18n::{lang, tr};
use crate::map::under::UnderState;
use crate::panels::colour::colour_ui;
use crate::panels::{PanelEnv, legend, widgets};

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
            look: Look::coloured(USUAL),
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
            colour: USUAL,
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
            colour: USUAL,
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
        look: Look::coloured(USUAL),
        is_visible: true,
    }
}

fn fresh_part(number: usize) -> DiagramPart {
    let colour = Ramps::builtin().map_or(USUAL, |ramps| ramps.get("okabe_ito").of_class(number, 8, false));
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
    (states, styles): (&BTreeMap<LayerId, UnderState>, &mut StyleSet),
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
    let name = |i: usize| tr(&format!("layers.style.{}", KINDS[i]));
    widgets::choice_ui(ui, "layers.style.kind", &name(kind), |ui| {
        for i in 0..KINDS.len() {
            ui.selectable_value(&mut chosen, i, name(i));
        }
    });
    if chosen != kind {
        let field = |accept: fn(&FieldType) -> bool, wanted: &str| {
            scope
                .field(wanted)
                .or_else(|| scope.offered().find(|f| accept(&f.field_type)))
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
            let expr = Expr::parse(value, &scope).ok();
            categories_ui(ui, env, expr.as_ref(), categories, is_line);
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
            zones_ui(ui, env, &scope, states, zones);
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

fn value_ui(ui: &mut Ui, env: &PanelEnv<'_>, scope: &Scope, properties: &mut Properties, value: &mut String) {
    let label = ui.label(tr("layers.style.value"));
    let mut typed = properties.value.clone().unwrap_or_else(|| value.clone());
    ui.horizontal(|ui| {
        egui::ComboBox::from_id_salt("value_field")
            .width(20.0)
            .selected_text("")
            .show_ui(ui, |ui| {
                for field in scope.offered() {
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
        widgets::choice_ui(ui, "layers.style.ramp", shown.label.text(lang()), |ui| {
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

fn rules_ui(ui: &mut Ui, env: &PanelEnv<'_>, scope: &Scope, rules: &mut Vec<Rule>, is_line: bool) {
    let mut removed = None;
    for (i, rule) in rules.iter_mut().enumerate() {
        ui.group(|ui| {
            ui.horizontal(|ui| {
                ui.checkbox(&mut rule.is_visible, "");
                look_row_ui(ui, &mut rule.look, is_line);
                ui.add(
                    egui::TextEdit::singleline(&mut rule.title)
                        .hint_text(tr("layers.general.title"))
                        .desired_width(180.0),
                );
                if ui.small_button("×").clicked() {
                    removed = Some(i);
                }
            });
            let label = ui.label(tr("layers.style.when"));
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
