//! How a layer is labelled: what is written, how it looks, at which scales. Where a label goes is `place`.

use serde::{Deserialize, Serialize};

use crate::cartography::Rgba;

/// The labels of one layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LabelSettings {
    pub is_on: bool,
    /// E.g. `DN{diameter_mm} {material} L={length_m:.1}`; see `expr::Template`.
    pub template: String,
    pub position: LabelPosition,
    /// Height of the font in pixels of 1/96 inch.
    pub size_px: f32,
    /// The theme's colour of texts where `None`.
    pub colour: Option<Rgba>,
    /// The colour of the ground where `None`.
    pub halo: Option<Rgba>,
    /// Width of the rim around the letters; none at 0.
    pub halo_px: f32,
    /// Labels of a higher priority are placed first; 0 to 10.
    pub priority: u8,
    /// Not written at scale denominators above this.
    pub hidden_beyond: Option<f64>,
    /// Not written at scale denominators below this.
    pub hidden_closer: Option<f64>,
    /// What is written differently at some scales; the first that fits holds.
    pub ranges: Vec<ScaleRange>,
}

impl Default for LabelSettings {
    fn default() -> Self {
        Self {
            is_on: true,
            template: String::new(),
            position: LabelPosition::default(),
            size_px: 11.0,
            colour: None,
            halo: None,
            halo_px: 2.0,
            priority: 5,
            hidden_beyond: Some(2_500.0),
            hidden_closer: None,
            ranges: Vec::new(),
        }
    }
}

/// Where a label stands to its feature. A point has its label beside it in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelPosition {
    /// Parallel to the line and above it.
    #[default]
    AboveLine,
    /// Upon the line, which its rim interrupts.
    OnLine,
    /// Level, beside the middle of the line.
    Horizontal,
}

impl LabelPosition {
    pub const ALL: [Self; 3] = [Self::AboveLine, Self::OnLine, Self::Horizontal];

    /// Stable name, for locale keys.
    pub fn key(self) -> &'static str {
        match self {
            Self::AboveLine => "above_line",
            Self::OnLine => "on_line",
            Self::Horizontal => "horizontal",
        }
    }
}

/// What holds between two scales instead of the layer's own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScaleRange {
    /// Denominators from here …
    pub from: f64,
    /// … up to here.
    pub to: f64,
    pub template: Option<String>,
    pub size_px: Option<f32>,
}

/// What is written at one scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wording<'a> {
    pub template: &'a str,
    pub size_px: f32,
}

impl LabelSettings {
    /// Smallest and largest font that is drawn; what lies beyond is taken as these.
    const SIZES_PX: [f32; 2] = [4.0, 96.0];

    pub fn new(template: impl Into<String>) -> Self {
        Self {
            template: template.into(),
            ..Self::default()
        }
    }

    /// What is written at a scale; `None` where nothing is.
    pub fn at_scale(&self, denominator: f64) -> Option<Wording<'_>> {
        let is_shown = self.is_on
            && self.hidden_beyond.is_none_or(|limit| denominator <= limit)
            && self.hidden_closer.is_none_or(|limit| denominator >= limit);
        if !is_shown {
            return None;
        }
        let range = self
            .ranges
            .iter()
            .find(|range| range.from <= denominator && denominator <= range.to);
        let template = range
            .and_then(|range| range.template.as_deref())
            .unwrap_or(&self.template);
        let size_px = range.and_then(|range| range.size_px).unwrap_or(self.size_px);
        let size_px = if size_px.is_finite() {
            size_px.clamp(Self::SIZES_PX[0], Self::SIZES_PX[1])
        } else {
            Self::default().size_px
        };
        (!template.trim().is_empty()).then_some(Wording { template, size_px })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_scales_has_its_own_wording_and_the_limits_hide_all() {
        let settings = LabelSettings {
            ranges: vec![ScaleRange {
                from: 1_000.0,
                to: 2_500.0,
                template: Some("DN{diameter_mm}".to_owned()),
                size_px: Some(9.0),
            }],
            hidden_closer: Some(100.0),
            ..LabelSettings::new("DN{diameter_mm} {material}")
        };
        let near = settings.at_scale(500.0).unwrap();
        assert_eq!(
            (near.template, near.size_px),
            ("DN{diameter_mm} {material}", 11.0)
        );
        let far = settings.at_scale(2_000.0).unwrap();
        assert_eq!((far.template, far.size_px), ("DN{diameter_mm}", 9.0));
        assert!(settings.at_scale(2_501.0).is_none() && settings.at_scale(99.0).is_none());
    }

    #[test]
    fn an_empty_template_writes_nothing_and_odd_sizes_are_bounded() {
        assert!(LabelSettings::new("  ").at_scale(500.0).is_none());
        let huge = LabelSettings {
            size_px: 1e9,
            ..LabelSettings::new("x")
        };
        let size_px = |settings: &LabelSettings| settings.at_scale(500.0).unwrap().size_px;
        assert!((size_px(&huge) - 96.0).abs() < f32::EPSILON);
        let none = LabelSettings {
            size_px: f32::NAN,
            ..LabelSettings::new("x")
        };
        assert!((size_px(&none) - 11.0).abs() < f32::EPSILON);
    }

    #[test]
    fn settings_of_an_older_form_are_read() {
        let old: LabelSettings =
            serde_json::from_str(r#"{"is_on":true,"template":"{code}","later":1}"#).unwrap();
        assert_eq!(old, LabelSettings::new("{code}"));
    }
}
