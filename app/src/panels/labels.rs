//! Labels of each layer, flags, dimensions and labels moved by hand: what is written on the map and how. It changes
//! nothing itself.

use egui::{ComboBox, DragValue, RichText, Slider, TextEdit, Ui};
use gis_core::ClassIndex;
use gis_core::cartography::Rgba;
use gis_core::cartography::labels::{
    AnnotationId, Annotations, Flag, LabelPosition, LabelSettings, ScaleRange,
};
use gis_core::cartography::layers::{LayerId, MapDocument};
use gis_core::expr::{Scope, Template};
use gis_core::schema::Role;

use super::colour::colour_ui;
use super::{PanelEnv, text, widgets};
use crate::i18n::{lang, tr};
use crate::labels::{AnnotationEdit, LabelAction, Labels};
use crate::shell::action::Action;

/// What is chosen in the panel.
#[derive(Debug, Default)]
pub struct LabelsPanel {
    layer: Option<LayerId>,
}

impl LabelsPanel {
    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, labels: &Labels, document: &MapDocument) {
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                self.layers_ui(ui, env, document);
                let annotations = labels.annotations();
                flags_ui(ui, env, labels, &annotations);
                dimensions_ui(ui, env, labels, &annotations);
                pins_ui(ui, env, &annotations);
            });
    }

    fn layers_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>, document: &MapDocument) {
        let schema = &env.session.schema;
        let offered: Vec<(LayerId, String, ClassIndex)> = document
            .layers()
            .into_iter()
            .filter_map(|l| {
                let class = schema.class_index(l.layer.class()?)?;
                let title = l.layer.title.clone();
                let title = title.unwrap_or_else(|| schema.class(class).label.text(lang()).to_owned());
                Some((l.layer.id.clone(), title, class))
            })
            .collect();
        let has_labels = |id: &LayerId| document.layer(id).is_some_and(|l| l.labels.is_some());
        let chosen = self
            .layer
            .as_ref()
            .and_then(|id| offered.iter().find(|(offered, ..)| offered == id))
            .or_else(|| offered.iter().find(|(id, ..)| has_labels(id)))
            .or_else(|| {
                offered
                    .iter()
                    .find(|(.., class)| schema.class(*class).role == Role::Pipe)
            })
            .or_else(|| offered.first());
        let Some((id, title, class)) = chosen.cloned() else {
            return;
        };
        ui.label(RichText::new(tr("labels.panel.layers")).color(env.theme.text.strong.0));
        ComboBox::from_id_salt("label_layer")
            .selected_text(title)
            .width(ui.available_width() - 8.0)
            .show_ui(ui, |ui| {
                for (offered, title, _) in &offered {
                    if ui.selectable_label(*offered == id, title).clicked() {
                        self.layer = Some(offered.clone());
                    }
                }
            });
        let old = document.layer(&id).and_then(|layer| layer.labels.clone());
        let mut settings = old.clone().unwrap_or_else(unwritten);
        let scope = Scope::of_class(schema, class);
        if settings_ui(ui, &mut settings, &scope, env.theme) && Some(&settings) != old.as_ref() {
            env.push(Action::LabelSettings(id, Box::new(settings)));
        }
        ui.separator();
    }
}

/// What is offered for a layer without labels.
pub fn unwritten() -> LabelSettings {
    LabelSettings {
        is_on: false,
        ..LabelSettings::new("{code}")
    }
}

/// The settings of one layer's labels; whether something was changed. The layer's properties show it too.
pub fn settings_ui(
    ui: &mut Ui,
    settings: &mut LabelSettings,
    scope: &Scope,
    theme: &crate::theme::Theme,
) -> bool {
    let before = settings.clone();
    ui.checkbox(&mut settings.is_on, tr("labels.settings.is_on"));
    ui.add_enabled_ui(settings.is_on, |ui| {
        template_ui(
            ui,
            "labels.settings.template",
            &mut settings.template,
            scope,
            theme,
        );
        egui::Grid::new("label_settings").num_columns(2).show(ui, |ui| {
            looks_ui(ui, settings);
            limit_ui(
                ui,
                "labels.settings.hidden_beyond",
                &mut settings.hidden_beyond,
                2_500.0,
            );
            limit_ui(
                ui,
                "labels.settings.hidden_closer",
                &mut settings.hidden_closer,
                100.0,
            );
        });
        ranges_ui(ui, settings, scope, theme);
    });
    before != *settings
}

fn looks_ui(ui: &mut Ui, settings: &mut LabelSettings) {
    let position = |position: LabelPosition| tr(&format!("labels.position.{}", position.key()));
    ui.label(tr("labels.settings.position"));
    ComboBox::from_id_salt("label_position")
        .selected_text(position(settings.position))
        .show_ui(ui, |ui| {
            for one in LabelPosition::ALL {
                ui.selectable_value(&mut settings.position, one, position(one));
            }
        });
    ui.end_row();
    ui.label(tr("labels.settings.size"));
    ui.add(
        Slider::new(&mut settings.size_px, 6.0..=32.0)
            .step_by(0.5)
            .suffix(" px"),
    );
    ui.end_row();
    ui.label(tr("labels.settings.halo"));
    ui.add(
        Slider::new(&mut settings.halo_px, 0.0..=6.0)
            .step_by(0.5)
            .suffix(" px"),
    );
    ui.end_row();
    ui.label(tr("labels.settings.priority"));
    ui.add(Slider::new(&mut settings.priority, 0..=10));
    ui.end_row();
    for (key, colour) in [
        ("labels.settings.colour", &mut settings.colour),
        ("labels.settings.halo_colour", &mut settings.halo),
    ] {
        ui.label(tr(key));
        ui.horizontal(|ui| {
            let mut is_own = colour.is_some();
            ui.checkbox(&mut is_own, tr("labels.settings.own_colour"));
            if is_own {
                let mut own = colour.unwrap_or(Rgba::BLACK);
                colour_ui(ui, &mut own);
                *colour = Some(own);
            } else {
                *colour = None;
            }
        });
        ui.end_row();
    }
}

/// A limit of scale that may be off.
fn limit_ui(ui: &mut Ui, key: &str, limit: &mut Option<f64>, usual: f64) {
    let mut is_on = limit.is_some();
    ui.checkbox(&mut is_on, tr(key));
    if is_on {
        let mut value = limit.unwrap_or(usual);
        ui.add(
            DragValue::new(&mut value)
                .speed(10.0)
                .range(1.0..=1e8)
                .prefix("1:")
                .max_decimals(0),
        );
        *limit = Some(value);
    } else {
        ui.label("");
        *limit = None;
    }
    ui.end_row();
}

/// How far out a flag or a dimension is drawn.
fn scale_ui(ui: &mut Ui, hidden_beyond: &mut Option<f64>) {
    egui::Grid::new("annotation_scale").num_columns(2).show(ui, |ui| {
        limit_ui(ui, "labels.settings.hidden_beyond", hidden_beyond, 2_500.0);
    });
}

fn ranges_ui(ui: &mut Ui, settings: &mut LabelSettings, scope: &Scope, theme: &crate::theme::Theme) {
    let mut removed = None;
    for (i, range) in settings.ranges.iter_mut().enumerate() {
        ui.push_id(("label_range", i), |ui| {
            ui.horizontal(|ui| {
                for value in [&mut range.from, &mut range.to] {
                    ui.add(
                        DragValue::new(value)
                            .speed(10.0)
                            .range(0.0..=1e8)
                            .prefix("1:")
                            .max_decimals(0),
                    );
                }
                if ui.small_button(tr("labels.settings.remove_range")).clicked() {
                    removed = Some(i);
                }
            });
            let mut template = range.template.clone().unwrap_or_default();
            template_ui(ui, "labels.settings.range_template", &mut template, scope, theme);
            range.template = (!template.is_empty()).then_some(template);
        });
    }
    if let Some(i) = removed {
        settings.ranges.remove(i);
    }
    if ui
        .button(tr("labels.settings.add_range"))
        .on_hover_text(tr("labels.settings.add_range_tip"))
        .clicked()
    {
        settings.ranges.push(ScaleRange {
            from: 1_000.0,
            to: 2_500.0,
            template: Some(settings.template.clone()),
            size_px: None,
        });
    }
}

/// A line to write a template in, with what is wrong with it below.
fn template_ui(ui: &mut Ui, key: &str, template: &mut String, scope: &Scope, theme: &crate::theme::Theme) {
    let label = ui.label(tr(key));
    ui.add(
        TextEdit::singleline(template)
            .desired_width(f32::INFINITY)
            .hint_text("DN{diameter_mm} {material}"),
    )
    .labelled_by(label.id)
    .on_hover_text(tr("labels.settings.template_tip"));
    if let Err(error) = Template::parse(template, scope) {
        widgets::notice_ui(
            ui,
            theme.status.error.0,
            theme.status.error_ground.0,
            &crate::i18n::say(&error.message()),
        );
    }
}

fn flags_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, labels: &Labels, annotations: &Annotations) {
    let theme = env.theme;
    let count = annotations.flags.len();
    widgets::section_ui(ui, theme, "flags", &tr("labels.panel.flags"), count, true, |ui| {
        let clicked = widgets::list_ui(
            ui,
            theme,
            "flag_list",
            count,
            Some(&tr("labels.panel.delete")),
            |i| {
                let flag = &annotations.flags[i];
                let rows = labels.flag_rows(flag.id);
                widgets::Row {
                    code: format!("{} {}", tr("labels.panel.flag"), flag.id),
                    detail: rows.first().cloned().unwrap_or_default(),
                    figure: text::count(rows.len() as u64),
                    is_selected: labels.selected() == Some(AnnotationId::Flag(flag.id)),
                    ..widgets::Row::default()
                }
            },
        );
        if let Some((i, part)) = clicked {
            let flag = &annotations.flags[i];
            choose(
                env,
                AnnotationId::Flag(flag.id),
                part,
                &[flag.stroke[0], flag.stroke[1], flag.foot],
            );
        }
        if let Some(AnnotationId::Flag(id)) = labels.selected()
            && let Some(flag) = annotations.flags.iter().find(|flag| flag.id == id)
        {
            flag_ui(ui, env, flag);
        }
    });
}

/// The flag that is selected.
fn flag_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, flag: &Flag) {
    let schema = &env.session.schema;
    let Some(class) = schema.class_index("pipe") else {
        return;
    };
    let mut changed = flag.clone();
    template_ui(
        ui,
        "labels.panel.flag_template",
        &mut changed.template,
        &Scope::of_class(schema, class),
        env.theme,
    );
    ui.horizontal(|ui| {
        ui.label(tr("labels.settings.size"));
        ui.add(
            Slider::new(&mut changed.size_px, 6.0..=32.0)
                .step_by(0.5)
                .suffix(" px"),
        );
    });
    scale_ui(ui, &mut changed.hidden_beyond);
    if changed != *flag {
        // New flags say what the last one was made to say.
        env.push(Action::Label(LabelAction::FlagTemplate(changed.template.clone())));
        env.push(Action::Label(LabelAction::Edit(AnnotationEdit::Flag(changed))));
    }
}

fn dimensions_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, labels: &Labels, annotations: &Annotations) {
    let theme = env.theme;
    let metric = env.session.network.metric();
    let count = annotations.dimensions.len();
    let title = tr("labels.panel.dimensions");
    widgets::section_ui(ui, theme, "dimensions", &title, count, true, |ui| {
        let delete = tr("labels.panel.delete");
        let clicked = widgets::list_ui(ui, theme, "dimension_list", count, Some(&delete), |i| {
            let one = &annotations.dimensions[i];
            let length_m = metric.length_m(&one.points);
            widgets::Row {
                code: format!("{} {}", tr("labels.panel.dimension"), one.id),
                figure: gis_core::cartography::labels::dimension::length_text(length_m, one.decimals),
                is_selected: labels.selected() == Some(AnnotationId::Dimension(one.id)),
                ..widgets::Row::default()
            }
        });
        if let Some((i, part)) = clicked {
            let one = &annotations.dimensions[i];
            choose(env, AnnotationId::Dimension(one.id), part, &one.points);
        }
        let selected = labels.selected();
        for one in &annotations.dimensions {
            if selected == Some(AnnotationId::Dimension(one.id)) {
                let mut changed = one.clone();
                ui.horizontal(|ui| {
                    ui.label(tr("labels.panel.offset"));
                    ui.add(DragValue::new(&mut changed.offset_m).speed(0.05).suffix(" m"));
                    ui.label(tr("labels.panel.decimals"));
                    ui.add(DragValue::new(&mut changed.decimals).range(0..=4));
                });
                scale_ui(ui, &mut changed.hidden_beyond);
                if changed != *one {
                    env.push(Action::Label(LabelAction::Edit(AnnotationEdit::Dimension(
                        changed,
                    ))));
                }
            }
        }
    });
}

fn pins_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, annotations: &Annotations) {
    if annotations.pins.is_empty() {
        return;
    }
    ui.horizontal(|ui| {
        let count = text::count(annotations.pins.len() as u64);
        ui.label(format!("{}  ({count})", tr("labels.panel.pins")));
        if ui
            .button(tr("labels.panel.reset_pins"))
            .on_hover_text(tr("labels.panel.reset_pins_tip"))
            .clicked()
        {
            env.push(Action::Label(LabelAction::Edit(AnnotationEdit::RemovePins)));
        }
    });
}

/// A row was clicked: selects and shows it, or deletes it.
fn choose(env: &mut PanelEnv<'_>, id: AnnotationId, part: widgets::Clicked, around: &[[f64; 2]]) {
    if part == widgets::Clicked::Button {
        return env.push(Action::Label(LabelAction::Edit(AnnotationEdit::Remove(id))));
    }
    env.push(Action::Label(LabelAction::Select(Some(id))));
    let metric = env.session.network.metric();
    if let Some(extent) = crate::session::union(around.iter().map(|p| metric.box_around(*p, 30.0))) {
        env.push(Action::ZoomTo(extent));
    }
}
