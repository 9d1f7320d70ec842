//! The standard classification of a map: colour, width and dash of pipes by diameter, material and state; the symbols of
//! nodes by class and kind. It is one for the whole map, whichever layer it is opened from.

use egui::{Checkbox, DragValue, Grid, Response, RichText, Ui};
use gis_core::ClassIndex;
use gis_core::cartography::render::diameter_label;
use gis_core::cartography::thematic::LegendSymbol;
use gis_core::cartography::{ColourBy, NodeSymbol, Shape, StyleSet, Themed};
use gis_core::schema::{GeometryKind, Schema};

use super::properties::limit_ui;
use crate::i18n::{lang, tr};
use crate::panels::colour::colour_ui;
use crate::panels::legend;
use crate::theme::Theme;

/// Dash of a class that gets one.
const USUAL_DASH_PX: [f32; 2] = [8.0, 4.0];

pub(super) fn standard_ui(
    ui: &mut Ui,
    theme: &Theme,
    schema: &Schema,
    class: ClassIndex,
    styles: &mut StyleSet,
) {
    ui.label(RichText::new(tr("layers.standard_style.tip")).small());
    ui.add_space(4.0);
    if schema.class(class).geometry == GeometryKind::Line {
        pipes_ui(ui, schema, styles);
    } else {
        symbols_ui(ui, theme, schema, class, styles);
    }
    ui.add_space(6.0);
    let reset = ui.button(tr("layers.standard_style.reset"));
    if reset
        .on_hover_text(tr("layers.standard_style.reset_tip"))
        .clicked()
    {
        match StyleSet::builtin() {
            Ok(usual) => *styles = usual,
            Err(error) => log::error!("{error}"),
        }
    }
}

fn headings_ui(ui: &mut Ui, keys: &[&str]) {
    for key in keys {
        let text = if key.is_empty() {
            String::new()
        } else {
            tr(&format!("layers.standard_style.{key}"))
        };
        ui.label(RichText::new(text).small().strong());
    }
    ui.end_row();
}

fn pipes_ui(ui: &mut Ui, schema: &Schema, styles: &mut StyleSet) {
    let mut colour_by = styles.colour_by();
    ui.horizontal(|ui| {
        ui.label(tr("layers.standard_style.colour_by"));
        ui.radio_value(
            &mut colour_by,
            ColourBy::Diameter,
            tr("layers.standard_style.diameter"),
        );
        ui.radio_value(
            &mut colour_by,
            ColourBy::Material,
            tr("layers.standard_style.material"),
        );
    });
    styles.set_colour_by(colour_by);
    Grid::new("standard_diameters").striped(true).show(ui, |ui| {
        headings_ui(
            ui,
            &["diameter", "light", "dark", "width", "dash", "hidden_beyond"],
        );
        let count = styles.diameters().len();
        for class in (0..count).map(Some).chain([None]) {
            let title = diameter_label(styles.diameters(), class)
                .unwrap_or_else(|| tr("cartography.legend.unknown_diameter"));
            let name = ui.label(title);
            let style = styles.diameter_style_mut(class);
            themed_ui(ui, &mut style.colour, &name);
            size_ui(ui, &mut style.width_px, &name);
            optional_dash_ui(ui, &mut style.dash_px, &name);
            limit_ui(ui, &mut style.hidden_beyond, 10_000.0);
            ui.end_row();
        }
    });
    if colour_by == ColourBy::Material {
        ui.separator();
        materials_ui(ui, schema, styles);
    }
    ui.separator();
    states_ui(ui, styles);
}

/// Every material of the dictionary; one without a colour of its own takes one when it is given one.
fn materials_ui(ui: &mut Ui, schema: &Schema, styles: &mut StyleSet) {
    let Some(dictionary) = schema.dictionaries.get("material") else {
        return;
    };
    Grid::new("standard_materials").striped(true).show(ui, |ui| {
        headings_ui(ui, &["material", "light", "dark"]);
        for entry in dictionary.offered() {
            let own = styles.material(&entry.code);
            let mut colour = own.unwrap_or(styles.diameter_style(None).colour);
            let before = colour;
            let title = ui.label(entry.label.text(lang()));
            themed_ui(ui, &mut colour, &title);
            if own.is_none() {
                ui.label(RichText::new(tr("layers.standard_style.by_its_diameter")).small());
            }
            if colour != before {
                styles.set_material(&entry.code, colour);
            }
            ui.end_row();
        }
    });
}

fn states_ui(ui: &mut Ui, styles: &mut StyleSet) {
    let [mut planned, mut obsolete] = styles.state_dashes_px();
    let mut colour = styles.obsolete_colour();
    Grid::new("standard_states").striped(true).show(ui, |ui| {
        headings_ui(ui, &["state", "light", "dark", "dash"]);
        let name = ui.label(tr("cartography.legend.planned"));
        // Planned pipes keep the colour of their diameter or material.
        ui.label("");
        ui.label("");
        dash_ui(ui, &mut planned, &name);
        ui.end_row();
        let name = ui.label(tr("cartography.legend.obsolete"));
        themed_ui(ui, &mut colour, &name);
        dash_ui(ui, &mut obsolete, &name);
        ui.end_row();
    });
    styles.set_state_dashes_px([planned, obsolete]);
    styles.set_obsolete_colour(colour);
}

fn symbols_ui(ui: &mut Ui, theme: &Theme, schema: &Schema, class: ClassIndex, styles: &mut StyleSet) {
    let key = &schema.class(class).key;
    let has_own = styles.symbols().iter().any(|s| s.class.as_ref() == Some(key));
    let headings = [
        "kind",
        "shape",
        "size",
        "light",
        "dark",
        "outline_light",
        "outline_dark",
        "hidden_beyond",
    ];
    Grid::new("standard_symbols").striped(true).show(ui, |ui| {
        headings_ui(ui, &headings);
        for symbol in styles.symbols_mut() {
            // Classes without a symbol of their own share the general one.
            let is_of_class = if has_own {
                symbol.class.as_ref() == Some(key)
            } else {
                symbol.class.is_none()
            };
            if !is_of_class {
                continue;
            }
            let name = ui.label(symbol_title(schema, class, symbol));
            shape_ui(ui, theme, symbol, &name);
            size_ui(ui, &mut symbol.size_px, &name);
            themed_ui(ui, &mut symbol.fill, &name);
            themed_ui(ui, &mut symbol.outline, &name);
            limit_ui(ui, &mut symbol.hidden_beyond, 2_500.0);
            ui.end_row();
        }
    });
}

fn symbol_title(schema: &Schema, class: ClassIndex, symbol: &NodeSymbol) -> String {
    let entry = symbol
        .kind
        .as_deref()
        .and_then(|kind| schema.kinds_of(class)?.resolve(kind));
    match (entry, &symbol.kind) {
        (Some(entry), _) => entry.label.text(lang()).to_owned(),
        (None, Some(kind)) => kind.clone(),
        (None, None) if symbol.class.is_none() => tr("layers.standard_style.shared"),
        (None, None) => tr("layers.standard_style.any_kind"),
    }
}

fn shape_ui(ui: &mut Ui, theme: &Theme, symbol: &mut NodeSymbol, name: &Response) {
    let mut shape = symbol.shape;
    egui::ComboBox::from_id_salt(("shape", &symbol.class, &symbol.kind))
        .selected_text(shape_title(shape))
        .width(110.0)
        .show_ui(ui, |ui| {
            for other in Shape::ALL {
                ui.horizontal(|ui| {
                    picture_ui(ui, theme, symbol, other);
                    ui.selectable_value(&mut shape, other, shape_title(other));
                });
            }
        })
        .response
        .labelled_by(name.id);
    symbol.shape = shape;
}

/// A shape in the colours of the symbol.
fn picture_ui(ui: &mut Ui, theme: &Theme, symbol: &NodeSymbol, shape: Shape) {
    let (rect, _) = ui.allocate_exact_size(egui::vec2(20.0, 18.0), egui::Sense::hover());
    let on = theme.kind.map_theme();
    let picture = LegendSymbol::Point {
        shape,
        size_px: 12.0,
        fill: symbol.fill.on(on),
        outline: symbol.outline.on(on),
    };
    legend::entry(ui.painter(), rect, &picture, theme);
}

fn shape_title(shape: Shape) -> String {
    // The name that the style file has for it.
    let name = serde_json::to_value(shape).ok();
    let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or_default();
    tr(&format!("layers.shape.{name}"))
}

/// On light ground and on dark.
fn themed_ui(ui: &mut Ui, colour: &mut Themed, name: &Response) {
    colour_ui(ui, &mut colour.light).labelled_by(name.id);
    colour_ui(ui, &mut colour.dark).labelled_by(name.id);
}

fn size_ui(ui: &mut Ui, size: &mut f32, name: &Response) {
    ui.add(DragValue::new(size).range(0.2..=80.0).speed(0.1).suffix(" px"))
        .labelled_by(name.id);
}

fn optional_dash_ui(ui: &mut Ui, dash: &mut Option<[f32; 2]>, name: &Response) {
    ui.horizontal(|ui| {
        let mut is_dashed = dash.is_some();
        if ui
            .add(Checkbox::without_text(&mut is_dashed))
            .labelled_by(name.id)
            .changed()
        {
            *dash = is_dashed.then_some(USUAL_DASH_PX);
        }
        if let Some(dash) = dash {
            dash_ui(ui, dash, name);
        }
    });
}

/// Drawn length and gap.
fn dash_ui(ui: &mut Ui, dash: &mut [f32; 2], name: &Response) {
    ui.horizontal(|ui| {
        for length in dash {
            ui.add(DragValue::new(length).range(0.5..=80.0).speed(0.1).suffix(" px"))
                .labelled_by(name.id);
        }
    });
}
