//! How a layer is labelled.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LabelSettings {
    pub is_on: bool,
    /// E.g. `DN{diameter_mm} {material} L={length_m:.1}`; see `expr::Template`.
    pub template: String,
}

impl Default for LabelSettings {
    fn default() -> Self {
        Self {
            is_on: true,
            template: String::new(),
        }
    }
}
