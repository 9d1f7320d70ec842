//! How the features of a layer are drawn, as data. `thematic` makes looks of it.

use serde::{Deserialize, Serialize};

use super::LayerId;
use crate::cartography::{Rgba, Shape};

/// Values are expressions of the class's fields (see `expr`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Renderer {
    /// As the style set has it.
    #[default]
    Standard,
    /// All alike.
    Single { look: Look },
    /// A look for each value.
    Categorised {
        value: String,
        categories: Vec<Category>,
        /// For values that no category names; not drawn where `None`.
        other: Option<Look>,
        #[serde(default)]
        ramp: String,
    },
    /// A look for each range of a number.
    Graduated {
        value: String,
        method: ClassMethod,
        /// Rising limits between the classes, without the smallest and the largest value: one fewer than classes.
        breaks: Vec<f64>,
        ramp: String,
        #[serde(default)]
        is_reversed: bool,
        /// Line width (symbol size) of the first and last class, in px; as in the style set where `None`.
        #[serde(default)]
        sizes_px: Option<[f32; 2]>,
        /// For features without a value; not drawn where `None`.
        #[serde(default)]
        missing: Option<Look>,
    },
    /// The first rule that holds gives the look.
    Rules { rules: Vec<Rule>, other: Option<Look> },
    /// Symbol size (line width) grows with a number.
    Proportional {
        value: String,
        /// Number that has the largest size.
        largest: f64,
        max_size_px: f32,
        min_size_px: f32,
        #[serde(default)]
        scaling: SizeScaling,
        colour: Rgba,
    },
    /// Density of the features, or of a number they carry.
    Heat {
        /// Every feature counts 1 where `None`.
        weight: Option<String>,
        radius_m: f64,
        ramp: String,
    },
    /// One dot for so many of a number, strewn around the features that carry it.
    Dots {
        value: String,
        per_dot: f64,
        size_px: f32,
        colour: Rgba,
    },
    /// A pie or bar chart per zone.
    Diagram {
        kind: DiagramKind,
        zones: Zones,
        parts: Vec<DiagramPart>,
        /// Diameter of the largest pie, height of the largest bar.
        max_size_px: f32,
    },
    /// Of a later version of the program: kept, drawn as `Standard`.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

/// What differs from the style set; `None` leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    pub colour: Option<Rgba>,
    pub width_px: Option<f32>,
    pub size_px: Option<f32>,
    pub shape: Option<Shape>,
}

impl Look {
    pub fn coloured(colour: Rgba) -> Self {
        Self {
            colour: Some(colour),
            ..Self::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Category {
    /// As the expression yields it, e.g. a dictionary code; empty for "no value".
    pub value: String,
    /// In the legend; the value's own label where `None`.
    pub title: Option<String>,
    pub look: Look,
    pub is_visible: bool,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    pub title: String,
    /// A condition.
    pub when: String,
    pub look: Look,
    pub is_visible: bool,
}

/// How a range is cut into classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassMethod {
    EqualInterval,
    Quantile,
    /// Natural breaks: least variance within the classes.
    #[default]
    Jenks,
    /// Round numbers.
    Pretty,
    /// Set by hand.
    Manual,
}

impl ClassMethod {
    pub const ALL: [Self; 5] = [
        Self::EqualInterval,
        Self::Quantile,
        Self::Jenks,
        Self::Pretty,
        Self::Manual,
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeScaling {
    /// The area of the symbol grows with the number.
    #[default]
    Area,
    /// Its diameter does.
    Diameter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiagramKind {
    #[default]
    Pie,
    Bar,
}

/// What features are summed by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Zones {
    /// By the value of an expression, e.g. `dma`; the diagram stands in the middle of the features.
    Value(String),
    /// By the areas of a foreign layer of the map; a feature belongs where its middle lies, and the diagram stands in the
    /// area.
    Areas(DiagramZones),
}

/// Areas that features are summed by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DiagramZones {
    pub layer: LayerId,
    /// Column with the names of the areas; they are numbered where it is empty.
    pub name: String,
}

impl Renderer {
    /// The areas that its diagrams stand in.
    pub fn zone_areas(&self) -> Option<&DiagramZones> {
        match self {
            Self::Diagram {
                zones: Zones::Areas(areas),
                ..
            } => Some(areas),
            _ => None,
        }
    }
}

impl Default for Zones {
    fn default() -> Self {
        Self::Value(String::new())
    }
}

/// One slice or bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiagramPart {
    pub title: String,
    pub sum: PartSum,
    pub colour: Rgba,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartSum {
    /// Features for which the condition holds; all of them where it is empty.
    Count(String),
    /// The sum of a number.
    Sum(String),
}
