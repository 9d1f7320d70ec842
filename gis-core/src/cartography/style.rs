//! The style set: which colour, width and symbol a feature has. Read from `assets/styles`, never changed by
//! the code; it draws nothing.

use serde::{Deserialize, Serialize};

use super::colour::{Rgba, Theme, Themed};
use super::shape::Shape;
use crate::error::Result;
use crate::network::LifeState;

/// What the style of a pipe depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PipeLook<'a> {
    /// NaN where unknown.
    pub diameter_mm: f64,
    /// Code of the `material` dictionary.
    pub material: Option<&'a str>,
    pub state: LifeState,
}

/// How one pipe is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PipeStyle {
    pub colour: Themed,
    pub width_px: f32,
    /// Drawn length and gap; a solid line where `None`.
    pub dash_px: Option<[f32; 2]>,
    /// Scale denominator beyond which the pipe is not drawn.
    pub hidden_beyond: Option<f64>,
}

/// Pipes of one range of diameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DiameterStyle {
    /// First diameter that is too large for the class; `None` for the last class.
    pub below_mm: Option<f64>,
    pub colour: Themed,
    pub width_px: f32,
    /// Of pipes in service; those of other states have the dashes of their state.
    pub dash_px: Option<[f32; 2]>,
    pub hidden_beyond: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColourBy {
    Diameter,
    Material,
}

/// How nodes of one class, or of one kind of it, are drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeSymbol {
    /// `None` takes every class without a rule of its own.
    pub class: Option<String>,
    /// `None` takes every kind without a rule of its own.
    pub kind: Option<String>,
    pub shape: Shape,
    pub size_px: f32,
    pub fill: Themed,
    pub outline: Themed,
    /// Scale denominator beyond which the node is not drawn.
    pub hidden_beyond: Option<f64>,
}

impl NodeSymbol {
    /// Whether both draw the same.
    pub fn looks_like(&self, other: &Self) -> bool {
        (self.shape, self.fill, self.outline) == (other.shape, other.fill, other.outline)
            && self.size_px.to_bits() == other.size_px.to_bits()
    }
}

/// What the state of a device does to its symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceStyle {
    pub closed_fill: Themed,
    pub inoperable_outline: Themed,
}

/// What a result says about a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Highlight {
    BurstPlace,
    Isolated,
    CutOff,
    DryBefore,
    /// Valve to close.
    Close,
    /// Border valve to check that it is shut.
    Check,
    /// Border valve towards a side no source reaches.
    Optional,
    /// Valve passed over because it cannot be shut.
    Inoperable,
    Hydrant,
    Customer,
    Path,
    Selection,
    Hover,
}

impl Highlight {
    pub const ALL: [Self; 13] = [
        Self::BurstPlace,
        Self::Isolated,
        Self::CutOff,
        Self::DryBefore,
        Self::Close,
        Self::Check,
        Self::Optional,
        Self::Inoperable,
        Self::Hydrant,
        Self::Customer,
        Self::Path,
        Self::Selection,
        Self::Hover,
    ];
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HighlightStyle {
    pub colour: Themed,
    /// Added to the width of the pipe.
    pub widen_px: f32,
}

/// Everything that says how the network looks.
#[derive(Debug, Clone, PartialEq)]
pub struct StyleSet {
    pub(super) ground: Themed,
    pub(super) text: Themed,
    pub(super) colour_by: ColourBy,
    pub(super) unknown_diameter: DiameterStyle,
    pub(super) diameters: Vec<DiameterStyle>,
    pub(super) materials: Vec<(String, Themed)>,
    pub(super) planned_dash_px: [f32; 2],
    pub(super) obsolete_colour: Themed,
    pub(super) obsolete_dash_px: [f32; 2],
    pub(super) symbols: Vec<NodeSymbol>,
    pub(super) device: DeviceStyle,
    /// In the order of `Highlight::ALL`.
    pub(super) highlights: [HighlightStyle; 13],
}

impl StyleSet {
    /// The styles the program comes with.
    pub fn builtin() -> Result<Self> {
        Self::parse(
            "assets/styles/default.toml",
            include_str!("../../../assets/styles/default.toml"),
        )
    }

    /// Colour of the empty map.
    pub fn ground(&self, theme: Theme) -> Rgba {
        self.ground.on(theme)
    }

    pub fn text(&self, theme: Theme) -> Rgba {
        self.text.on(theme)
    }

    pub fn colour_by(&self) -> ColourBy {
        self.colour_by
    }

    #[must_use]
    pub fn coloured_by(mut self, colour_by: ColourBy) -> Self {
        self.colour_by = colour_by;
        self
    }

    /// The diameter classes in rising order. `diameter_class` returns positions in it.
    pub fn diameters(&self) -> &[DiameterStyle] {
        &self.diameters
    }

    /// Position in `diameters`; `None` for an unknown diameter.
    pub fn diameter_class(&self, diameter_mm: f64) -> Option<usize> {
        if !diameter_mm.is_finite() || diameter_mm <= 0.0 {
            return None;
        }
        self.diameters
            .iter()
            .position(|d| d.below_mm.is_none_or(|limit| diameter_mm < limit))
    }

    /// Style of a diameter class as returned by `diameter_class`.
    pub fn diameter_style(&self, class: Option<usize>) -> DiameterStyle {
        class
            .and_then(|i| self.diameters.get(i))
            .copied()
            .unwrap_or(self.unknown_diameter)
    }

    /// Codes of the `material` dictionary that have a colour of their own, in the file's order.
    pub fn materials(&self) -> &[(String, Themed)] {
        &self.materials
    }

    pub fn pipe_style(&self, pipe: PipeLook<'_>) -> PipeStyle {
        let base = self.diameter_style(self.diameter_class(pipe.diameter_mm));
        let by_material = pipe
            .material
            .filter(|_| self.colour_by == ColourBy::Material)
            .and_then(|code| self.material(code));
        let colour = by_material.unwrap_or(base.colour);
        let (colour, dash_px) = match pipe.state {
            LifeState::Operative => (colour, base.dash_px),
            LifeState::Planned => (colour, Some(self.planned_dash_px)),
            LifeState::Obsolete => (self.obsolete_colour, Some(self.obsolete_dash_px)),
        };
        PipeStyle {
            colour,
            width_px: base.width_px,
            dash_px,
            hidden_beyond: base.hidden_beyond,
        }
    }

    /// Of the diameter class, to be changed.
    pub fn diameter_style_mut(&mut self, class: Option<usize>) -> &mut DiameterStyle {
        class
            .and_then(|i| self.diameters.get_mut(i))
            .unwrap_or(&mut self.unknown_diameter)
    }

    /// The diameter classes and after them that of unknown diameters.
    pub(super) fn diameter_styles(&self) -> impl Iterator<Item = &DiameterStyle> {
        self.diameters.iter().chain([&self.unknown_diameter])
    }

    pub(super) fn diameter_styles_mut(&mut self) -> impl Iterator<Item = &mut DiameterStyle> {
        self.diameters.iter_mut().chain([&mut self.unknown_diameter])
    }

    /// Colour of a material; `None` where its diameter decides.
    pub fn material(&self, code: &str) -> Option<Themed> {
        let entry = self.materials.iter().find(|(known, _)| known == code);
        entry.map(|(_, colour)| *colour)
    }

    pub fn set_material(&mut self, code: &str, colour: Themed) {
        match self.materials.iter_mut().find(|(known, _)| known == code) {
            Some((_, known)) => *known = colour,
            None => self.materials.push((code.to_owned(), colour)),
        }
    }

    pub fn set_colour_by(&mut self, colour_by: ColourBy) {
        self.colour_by = colour_by;
    }

    /// Dashes of pipes that are planned, then of those out of service.
    pub fn state_dashes_px(&self) -> [[f32; 2]; 2] {
        [self.planned_dash_px, self.obsolete_dash_px]
    }

    pub fn set_state_dashes_px(&mut self, [planned, obsolete]: [[f32; 2]; 2]) {
        self.planned_dash_px = planned;
        self.obsolete_dash_px = obsolete;
    }

    pub fn obsolete_colour(&self) -> Themed {
        self.obsolete_colour
    }

    pub fn set_obsolete_colour(&mut self, colour: Themed) {
        self.obsolete_colour = colour;
    }

    /// Symbols to be changed; class and kind say what they are of.
    pub fn symbols_mut(&mut self) -> &mut [NodeSymbol] {
        &mut self.symbols
    }

    /// All symbols in drawing order, later ones on top. `symbol_index` returns positions in it.
    pub fn symbols(&self) -> &[NodeSymbol] {
        &self.symbols
    }

    /// The symbol of a class and kind: the rule for both, else the one for the class, else the general one.
    pub fn symbol_index(&self, class: &str, kind: Option<&str>) -> usize {
        let exact = |c: Option<&str>, k: Option<&str>| {
            self.symbols
                .iter()
                .position(|s| s.class.as_deref() == c && s.kind.as_deref() == k)
        };
        kind.and_then(|kind| exact(Some(class), Some(kind)))
            .or_else(|| exact(Some(class), None))
            .or_else(|| exact(None, None))
            .unwrap_or(0)
    }

    pub fn symbol(&self, class: &str, kind: Option<&str>) -> &NodeSymbol {
        &self.symbols[self.symbol_index(class, kind)]
    }

    pub fn device(&self) -> DeviceStyle {
        self.device
    }

    pub fn highlight(&self, highlight: Highlight) -> HighlightStyle {
        self.highlights[highlight as usize]
    }
}

/// Whether something of that size can be drawn.
pub(super) fn is_size(size_px: f32) -> bool {
    size_px.is_finite() && size_px > 0.0 && size_px <= 200.0
}

pub(super) fn is_dash(dash_px: [f32; 2]) -> bool {
    dash_px.iter().all(|length| length.is_finite() && *length > 0.0)
}

pub(super) fn is_scale_limit(denominator: Option<f64>) -> bool {
    denominator.is_none_or(|v| v.is_finite() && v >= 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(diameter_mm: f64, state: LifeState) -> PipeLook<'static> {
        PipeLook {
            diameter_mm,
            material: Some("PE"),
            state,
        }
    }

    #[test]
    fn every_diameter_has_its_class() {
        let styles = StyleSet::builtin().unwrap();
        for (mm, class) in [
            (25.0, Some(0)),
            (99.9, Some(0)),
            (100.0, Some(1)),
            (200.0, Some(2)),
            (300.0, Some(3)),
            (599.0, Some(3)),
            (600.0, Some(4)),
            (2400.0, Some(4)),
            (0.0, None),
            (-5.0, None),
            (f64::NAN, None),
        ] {
            assert_eq!(styles.diameter_class(mm), class, "DN{mm}");
        }
        let widths: Vec<f32> = styles.diameters().iter().map(|d| d.width_px).collect();
        assert!(widths.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn pipes_out_of_service_look_different() {
        let styles = StyleSet::builtin().unwrap();
        let in_use = styles.pipe_style(look(150.0, LifeState::Operative));
        let planned = styles.pipe_style(look(150.0, LifeState::Planned));
        let obsolete = styles.pipe_style(look(150.0, LifeState::Obsolete));
        assert_eq!((in_use.dash_px, planned.colour), (None, in_use.colour));
        assert!(planned.dash_px.is_some() && obsolete.dash_px.is_some());
        assert_ne!(obsolete.colour, in_use.colour);
        let by_material = styles
            .coloured_by(ColourBy::Material)
            .pipe_style(look(150.0, LifeState::Operative));
        assert_ne!(by_material.colour, in_use.colour);
    }

    #[test]
    fn the_kind_wins_over_the_class_and_the_rest_has_a_symbol() {
        let styles = StyleSet::builtin().unwrap();
        assert_eq!(styles.symbol("valve", Some("check")).shape, Shape::CheckValve);
        assert_eq!(styles.symbol("valve", Some("gate")).shape, Shape::BowTie);
        assert_eq!(styles.symbol("valve", None).shape, Shape::BowTie);
        assert_eq!(
            styles.symbol("hydrant", Some("underground")).shape,
            Shape::Hydrant
        );
        assert_eq!(styles.symbol("no_such_class", None).shape, Shape::Dot);
    }

    #[test]
    fn every_kind_of_the_schema_has_a_rule() {
        let schema = crate::schema::Schema::builtin().unwrap();
        let styles = StyleSet::builtin().unwrap();
        let mut missing = Vec::new();
        for index in schema.class_indices() {
            let class = schema.class(index);
            if class.geometry == crate::schema::GeometryKind::Line {
                continue;
            }
            for entry in schema.kinds_of(index).into_iter().flat_map(|d| &d.entries) {
                if styles.symbol(&class.key, Some(&entry.code)).kind.as_deref() != Some(&entry.code) {
                    missing.push(format!("{}.{}", class.key, entry.code));
                }
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn rules_name_kinds_of_the_schema() {
        let schema = crate::schema::Schema::builtin().unwrap();
        for symbol in StyleSet::builtin().unwrap().symbols() {
            let Some(class) = &symbol.class else { continue };
            let index = schema.class_index(class).expect(class);
            if let Some(kind) = &symbol.kind {
                let kinds = schema.kinds_of(index).expect(class);
                assert!(kinds.entries.iter().any(|e| e.code == *kind), "{class}.{kind}");
            }
        }
    }

    #[test]
    fn valves_of_different_kinds_look_different() {
        let styles = StyleSet::builtin().unwrap();
        let kinds = [
            "gate",
            "butterfly",
            "ball",
            "plug_valve",
            "globe",
            "check",
            "prv",
            "psv",
            "fcv",
            "pbv",
            "tcv",
            "gpv",
            "relief",
            "float",
            "service_stop",
        ];
        for (i, a) in kinds.iter().enumerate() {
            for b in &kinds[i + 1..] {
                let [a, b] = [a, b].map(|kind| styles.symbol("valve", Some(kind)));
                assert!(!a.looks_like(b), "{:?} and {:?}", a.kind, b.kind);
            }
        }
    }

    #[test]
    fn every_kind_of_valve_that_works_differently_has_a_drawing_of_its_own() {
        let styles = StyleSet::builtin().unwrap();
        let kinds = [
            "gate",
            "butterfly",
            "ball",
            "plug_valve",
            "globe",
            "check",
            "prv",
            "psv",
            "fcv",
            "pbv",
            "tcv",
            "gpv",
            "relief",
            "float",
        ];
        let mut shapes: Vec<Shape> = kinds
            .iter()
            .map(|kind| styles.symbol("valve", Some(kind)).shape)
            .collect();
        assert!(
            shapes
                .iter()
                .all(|s| s.follows_pipe() != (*s == Shape::ReliefValve)),
            "only what stands beside the pipe is not turned along it: {shapes:?}"
        );
        shapes.extend(["air_valve", "blow_off"].map(|class| styles.symbol(class, None).shape));
        let distinct: std::collections::HashSet<Shape> = shapes.iter().copied().collect();
        assert_eq!(distinct.len(), shapes.len(), "{shapes:?}");
    }

    #[test]
    fn materials_are_named_as_the_schema_names_them() {
        let schema = crate::schema::Schema::builtin().unwrap();
        for (code, _) in StyleSet::builtin().unwrap().materials() {
            let dictionary = &schema.dictionaries["material"];
            assert!(dictionary.entries.iter().any(|e| e.code == *code), "{code}");
        }
    }

    #[test]
    fn highlights_stand_in_the_order_of_their_numbers() {
        for (i, highlight) in Highlight::ALL.into_iter().enumerate() {
            assert_eq!(highlight as usize, i);
        }
        for (i, shape) in Shape::ALL.into_iter().enumerate() {
            assert_eq!(shape as usize, i);
        }
    }
}
