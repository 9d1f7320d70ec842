//! Features as they travel between files, the project and the network. Field names and classes are data
//! (`schema`), so a feature is an id, a class, a geometry, its links and one value per field of its class.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::FeatureId;

/// Position of a feature class in `Schema::classes`. Valid within one loaded schema only; files store the
/// class's own stable id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassIndex(pub u16);

/// One attribute value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    #[default]
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    Date(NaiveDate),
    Text(String),
}

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_real(&self) -> Option<f64> {
        match self {
            Self::Real(number) => Some(*number),
            Self::Integer(number) => Some(*number as f64),
            _ => None,
        }
    }

    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(flag) => Some(*flag),
            _ => None,
        }
    }
}

/// Coordinates in the project's CRS; the third is the height in metres, NaN where unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Geometry {
    Point([f64; 3]),
    /// At least two vertices.
    Line(Vec<[f64; 3]>),
}

/// How a feature hangs on others, by stable id. All empty where the connection follows from the geometry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Links {
    /// A pipe's start and end node.
    pub from: Option<FeatureId>,
    pub to: Option<FeatureId>,
    /// The pipe a device or customer sits on without being one of its ends.
    pub on_pipe: Option<FeatureId>,
    /// Distance from that pipe's start along it, in metres; the foot point of the geometry where `None`.
    pub on_pipe_distance_m: Option<f64>,
    /// One-way devices: the pipe that water leaves through.
    pub flow_to: Option<FeatureId>,
    /// Sources (tanks): the pipes that only fill it and are no supply.
    pub inlet_pipes: Vec<FeatureId>,
}

/// One feature. `values` runs parallel to the fields of its class.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    pub id: FeatureId,
    pub class: ClassIndex,
    /// `None` where the source had none; such a feature still takes part in the topology by its links.
    pub geometry: Option<Geometry>,
    pub links: Links,
    pub values: Vec<Value>,
}
