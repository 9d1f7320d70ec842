//! Colour ramps as data (`assets/styles/ramps.toml`).

use serde::Deserialize;

use crate::cartography::Rgba;
use crate::error::{Error, Result};
use crate::schema::Label;
use crate::text::Message;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RampKind {
    Sequential,
    Diverging,
    /// Colours without an order, for categories.
    Qualitative,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ramp {
    pub key: String,
    pub label: Label,
    pub kind: RampKind,
    pub colours: Vec<Rgba>,
}

/// All ramps; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ramps {
    #[serde(rename = "ramp")]
    list: Vec<Ramp>,
}

const FILE: &str = "assets/styles/ramps.toml";

impl Ramps {
    pub fn builtin() -> Result<Self> {
        Self::parse(FILE, include_str!("../../../../assets/styles/ramps.toml"))
    }

    /// # Errors
    /// `BadInput` for bad TOML, no ramp at all, or one of fewer than two colours.
    pub fn parse(file: &str, text: &str) -> Result<Self> {
        let wrong = |reason: String| {
            Error::bad_input(
                Message::new("thematic.error.ramps")
                    .with("file", file)
                    .with("reason", reason),
            )
        };
        let ramps: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        match ramps.list.iter().find(|ramp| ramp.colours.len() < 2) {
            Some(short) => Err(wrong(short.key.clone())),
            None if ramps.list.is_empty() => Err(wrong("[[ramp]]".to_owned())),
            None => Ok(ramps),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Ramp> {
        self.list.iter()
    }

    /// The ramp of that key; the first where there is none.
    pub fn get(&self, key: &str) -> &Ramp {
        self.list
            .iter()
            .find(|ramp| ramp.key == key)
            .unwrap_or(&self.list[0])
    }
}

impl Ramp {
    /// The colour at `t` from 0 to 1, mixed between the stops.
    pub fn at(&self, t: f64) -> Rgba {
        let t = if t.is_finite() { t.clamp(0.0, 1.0) } else { 0.0 };
        let place = t * (self.colours.len() - 1) as f64;
        let below = (place.floor() as usize).min(self.colours.len() - 1);
        let above = (below + 1).min(self.colours.len() - 1);
        let share = place - below as f64;
        let (a, b) = (self.colours[below].to_array(), self.colours[above].to_array());
        let mix = |i: usize| (f64::from(a[i]) * (1.0 - share) + f64::from(b[i]) * share).round() as u8;
        Rgba {
            r: mix(0),
            g: mix(1),
            b: mix(2),
            a: mix(3),
        }
    }

    /// The colour of class `i` of `count`.
    pub fn of_class(&self, i: usize, count: usize, is_reversed: bool) -> Rgba {
        if self.kind == RampKind::Qualitative {
            return self.colours[i % self.colours.len()];
        }
        let t = if count < 2 {
            0.5
        } else {
            i as f64 / (count - 1) as f64
        };
        self.at(if is_reversed { 1.0 - t } else { t })
    }
}
