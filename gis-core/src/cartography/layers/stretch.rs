//! How the values of a picture become brightness. It only names the ways; `io::raster` carries them out.

use serde::{Deserialize, Serialize};

/// From values of any range to black and white.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stretch {
    /// Bytes as they are; anything wider from its 2nd to its 98th percentile.
    #[default]
    Automatic,
    /// The whole range of the type: 0–255, 0–65535.
    None,
    MinMax,
    /// From the 2nd to the 98th percentile.
    Percentile,
}

impl Stretch {
    pub const ALL: [Self; 4] = [Self::Automatic, Self::None, Self::MinMax, Self::Percentile];

    /// Name in locale files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::None => "none",
            Self::MinMax => "min_max",
            Self::Percentile => "percentile",
        }
    }
}
