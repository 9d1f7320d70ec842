//! What a map says otherwise than the style set: the difference of two sets as data, to be kept with the map and in files
//! of styles. Which classes of diameters and which symbols there are is not a matter of a map.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::colour::Themed;
use super::shape::Shape;
use super::style::{ColourBy, DiameterStyle, NodeSymbol, StyleSet, is_dash, is_scale_limit, is_size};
use crate::text::Message;

/// Only what differs is in it; an empty one is the style set as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StyleChanges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour_by: Option<ColourBy>,
    /// By `below_mm` of the class; `above` is the last class, `unknown` pipes of no known diameter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub diameter: BTreeMap<String, PipeChange>,
    /// By code of the dictionary.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub material: BTreeMap<String, Themed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_dash_px: Option<[f32; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obsolete_dash_px: Option<[f32; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obsolete: Option<Themed>,
    /// By class, or class and kind as `valve.gate`; `*` is that of classes without one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub symbol: BTreeMap<String, SymbolChange>,
}

/// All that a class of diameters can be drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipeChange {
    pub width_px: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dash_px: Option<[f32; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_beyond: Option<f64>,
    pub colour: Themed,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SymbolChange {
    pub shape: Shape,
    pub size_px: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_beyond: Option<f64>,
    pub fill: Themed,
    pub outline: Themed,
}

impl StyleChanges {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes out what cannot be drawn or names nothing of `base`, and says what that was. `file` is what it was read of.
    pub fn take_faults(&mut self, base: &StyleSet, file: &str) -> Vec<Message> {
        let mut faults = Vec::new();
        let mut wrong = |entry: &str, key: &str, found: String| {
            let message = Message::new(format!("cartography.style.change.{key}"));
            faults.push(
                message
                    .with("file", file)
                    .with("entry", entry)
                    .with("found", found),
            );
            false
        };
        let known: Vec<String> = diameter_keys(base);
        self.diameter.retain(|key, change| {
            let size = change.width_px;
            match change {
                _ if !known.contains(key) => wrong(key, "diameter", known.join(", ")),
                _ if !is_size(size) => wrong(key, "width", size.to_string()),
                PipeChange {
                    dash_px: Some(dash), ..
                } if !is_dash(*dash) => wrong(key, "dash", format!("{dash:?}")),
                PipeChange { hidden_beyond, .. } if !is_scale_limit(*hidden_beyond) => {
                    wrong(key, "scale", format!("{hidden_beyond:?}"))
                }
                _ => true,
            }
        });
        self.symbol.retain(|key, change| {
            if !base.symbols().iter().any(|symbol| symbol_key(symbol) == *key) {
                wrong(key, "symbol", key.clone())
            } else if !is_size(change.size_px) {
                wrong(key, "size", change.size_px.to_string())
            } else {
                is_scale_limit(change.hidden_beyond)
                    || wrong(key, "scale", format!("{:?}", change.hidden_beyond))
            }
        });
        for (key, dash_px) in [
            ("planned", &mut self.planned_dash_px),
            ("obsolete", &mut self.obsolete_dash_px),
        ] {
            if let Some(dash) = dash_px.filter(|dash| !is_dash(*dash)) {
                wrong(key, "dash", format!("{dash:?}"));
                *dash_px = None;
            }
        }
        faults
    }
}

impl StyleSet {
    /// With what a map says otherwise. What cannot be drawn is left out; see [`StyleChanges::take_faults`].
    #[must_use]
    pub fn with_changes(&self, changes: &StyleChanges) -> Self {
        let mut changes = changes.clone();
        changes.take_faults(self, "");
        let mut styles = self.clone();
        styles.colour_by = changes.colour_by.unwrap_or(styles.colour_by);
        for (key, style) in diameter_keys(self).iter().zip(styles.diameter_styles_mut()) {
            if let Some(change) = changes.diameter.get(key) {
                *style = DiameterStyle {
                    colour: change.colour,
                    width_px: change.width_px,
                    dash_px: change.dash_px,
                    hidden_beyond: change.hidden_beyond,
                    ..*style
                };
            }
        }
        for (code, colour) in &changes.material {
            styles.set_material(code, *colour);
        }
        styles.planned_dash_px = changes.planned_dash_px.unwrap_or(styles.planned_dash_px);
        styles.obsolete_dash_px = changes.obsolete_dash_px.unwrap_or(styles.obsolete_dash_px);
        styles.obsolete_colour = changes.obsolete.unwrap_or(styles.obsolete_colour);
        for symbol in &mut styles.symbols {
            if let Some(change) = changes.symbol.get(&symbol_key(symbol)) {
                let SymbolChange {
                    shape,
                    size_px,
                    hidden_beyond,
                    fill,
                    outline,
                } = *change;
                *symbol = NodeSymbol {
                    class: symbol.class.take(),
                    kind: symbol.kind.take(),
                    shape,
                    size_px,
                    fill,
                    outline,
                    hidden_beyond,
                };
            }
        }
        styles
    }

    /// What makes this set of `base`.
    pub fn changes_from(&self, base: &Self) -> StyleChanges {
        let mut changes = StyleChanges {
            colour_by: (self.colour_by != base.colour_by).then_some(self.colour_by),
            planned_dash_px: differing(self.planned_dash_px, &base.planned_dash_px),
            obsolete_dash_px: differing(self.obsolete_dash_px, &base.obsolete_dash_px),
            obsolete: differing(self.obsolete_colour, &base.obsolete_colour),
            ..StyleChanges::default()
        };
        let keys = diameter_keys(base);
        for ((key, style), before) in keys
            .into_iter()
            .zip(self.diameter_styles())
            .zip(base.diameter_styles())
        {
            if style != before {
                let change = PipeChange {
                    width_px: style.width_px,
                    dash_px: style.dash_px,
                    hidden_beyond: style.hidden_beyond,
                    colour: style.colour,
                };
                changes.diameter.insert(key, change);
            }
        }
        for (code, colour) in &self.materials {
            if base.material(code) != Some(*colour) {
                changes.material.insert(code.clone(), *colour);
            }
        }
        for (symbol, before) in self.symbols.iter().zip(&base.symbols) {
            if symbol != before {
                let change = SymbolChange {
                    shape: symbol.shape,
                    size_px: symbol.size_px,
                    hidden_beyond: symbol.hidden_beyond,
                    fill: symbol.fill,
                    outline: symbol.outline,
                };
                changes.symbol.insert(symbol_key(symbol), change);
            }
        }
        changes
    }
}

fn differing<T: PartialEq + Copy>(value: T, base: &T) -> Option<T> {
    (value != *base).then_some(value)
}

/// Names of the classes of diameters, in the order of `StyleSet::diameter_styles`.
fn diameter_keys(styles: &StyleSet) -> Vec<String> {
    let classes = styles.diameters().iter();
    classes
        .map(|class| {
            class
                .below_mm
                .map_or_else(|| "above".to_owned(), |mm| mm.to_string())
        })
        .chain(["unknown".to_owned()])
        .collect()
}

fn symbol_key(symbol: &NodeSymbol) -> String {
    match (&symbol.class, &symbol.kind) {
        (None, _) => "*".to_owned(),
        (Some(class), None) => class.clone(),
        (Some(class), Some(kind)) => format!("{class}.{kind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cartography::{PipeLook, Rgba};
    use crate::network::LifeState;
    use crate::text::Lang;

    fn red() -> Themed {
        let red = Rgba::opaque(200, 0, 0);
        Themed {
            light: red,
            dark: red,
        }
    }

    fn edited() -> (StyleSet, StyleSet) {
        let base = StyleSet::builtin().unwrap();
        let mut styles = base.clone();
        let class = styles.diameter_class(150.0);
        let style = styles.diameter_style_mut(class);
        (style.colour, style.width_px, style.dash_px) = (red(), 4.5, Some([6.0, 2.0]));
        let symbol = styles.symbols_mut().iter_mut();
        let gate = symbol
            .into_iter()
            .find(|s| s.class.as_deref() == Some("valve") && s.kind.as_deref() == Some("gate"));
        let gate = gate.unwrap();
        (gate.size_px, gate.shape, gate.hidden_beyond) = (21.0, Shape::House, None);
        styles.set_material("WOOD", red());
        styles.planned_dash_px = [3.0, 1.0];
        (base, styles)
    }

    #[test]
    fn the_difference_of_two_sets_makes_one_of_the_other_also_through_both_file_formats() {
        let (base, styles) = edited();
        let changes = styles.changes_from(&base);
        assert_eq!(changes.diameter.keys().collect::<Vec<_>>(), ["200"]);
        assert_eq!(changes.symbol.keys().collect::<Vec<_>>(), ["valve.gate"]);
        let from_json: StyleChanges =
            serde_json::from_str(&serde_json::to_string(&changes).unwrap()).unwrap();
        let from_toml: StyleChanges = toml::from_str(&toml::to_string(&changes).unwrap()).unwrap();
        for read in [changes, from_json, from_toml] {
            assert_eq!(base.with_changes(&read), styles);
        }
        assert!(base.changes_from(&base).is_empty());
    }

    #[test]
    fn a_pipe_in_service_takes_the_dash_of_its_diameter() {
        let (_, styles) = edited();
        let style = styles.pipe_style(PipeLook {
            diameter_mm: 150.0,
            material: None,
            state: LifeState::Operative,
        });
        assert_eq!((style.width_px, style.dash_px), (4.5, Some([6.0, 2.0])));
        assert_eq!(style.colour, red());
    }

    #[test]
    fn what_cannot_be_drawn_is_taken_out_and_named() {
        let (base, styles) = edited();
        let good = styles.changes_from(&base);
        let check = |spoil: fn(&mut StyleChanges), expected: &str| {
            let mut changes = good.clone();
            spoil(&mut changes);
            let unspoilt = base.with_changes(&changes);
            let faults = changes.take_faults(&base, "a.toml");
            let texts: Vec<String> = faults.iter().map(|fault| fault.text(Lang::En)).collect();
            assert!(texts.len() == 1 && texts[0].contains(expected), "{texts:?}");
            assert!(changes.take_faults(&base, "a.toml").is_empty(), "taken out");
            assert_eq!(base.with_changes(&changes), unspoilt);
        };
        let width = |c: &mut StyleChanges| c.diameter.get_mut("200").unwrap().width_px = f32::NAN;
        check(width, "NaN");
        check(
            |c| c.diameter.get_mut("200").unwrap().dash_px = Some([0.0, 1.0]),
            "200",
        );
        check(|c| c.symbol.get_mut("valve.gate").unwrap().size_px = -3.0, "-3");
        check(
            |c| c.symbol.get_mut("valve.gate").unwrap().hidden_beyond = Some(0.0),
            "valve.gate",
        );
        check(|c| c.planned_dash_px = Some([-1.0, 1.0]), "planned");
        let unknown = |c: &mut StyleChanges| {
            let change = c.diameter["200"];
            c.diameter.insert("123".to_owned(), change);
        };
        check(unknown, "123");
        let no_symbol = |c: &mut StyleChanges| {
            let change = c.symbol["valve.gate"];
            c.symbol.insert("valve.door".to_owned(), change);
        };
        check(no_symbol, "valve.door");
    }
}
