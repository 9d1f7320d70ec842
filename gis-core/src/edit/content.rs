//! The cells of a feature and what they hold: its geometry, its links and its values behind one door, so that all are
//! compared, journaled and taken back in the same way.

use crate::ids::FeatureId;
use crate::model::{Feature, Geometry, Value};
use crate::schema::{FeatureClass, GeometryKind};

/// One column of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Geometry,
    From,
    To,
    OnPipe,
    OnPipeDistance,
    FlowTo,
    InletPipes,
    /// By its position in the class.
    Field(usize),
}

/// What a cell holds; `Value::Null` where it holds nothing.
#[derive(Debug, Clone)]
pub enum Content {
    Value(Value),
    Id(FeatureId),
    Ids(Vec<FeatureId>),
    Geometry(Geometry),
}

impl Cell {
    /// The cells of a class, in the order of its columns.
    pub fn all(class: &FeatureClass) -> impl Iterator<Item = Self> + use<> {
        let links: &[Self] = match class.geometry {
            GeometryKind::Line => &[Self::Geometry, Self::From, Self::To],
            GeometryKind::Point => &[
                Self::Geometry,
                Self::OnPipe,
                Self::OnPipeDistance,
                Self::FlowTo,
                Self::InletPipes,
            ],
        };
        links
            .iter()
            .copied()
            .chain((0..class.fields.len()).map(Self::Field))
    }

    /// The name of the column.
    pub fn column(self, class: &FeatureClass) -> Option<&str> {
        Some(match self {
            Self::Geometry => "geom",
            Self::From => "from_id",
            Self::To => "to_id",
            Self::OnPipe => "on_pipe_id",
            Self::OnPipeDistance => "on_pipe_distance_m",
            Self::FlowTo => "flow_to_id",
            Self::InletPipes => "inlet_pipe_ids",
            Self::Field(position) => &class.fields.get(position)?.key,
        })
    }

    pub fn by_column(class: &FeatureClass, name: &str) -> Option<Self> {
        Self::all(class).find(|cell| cell.column(class) == Some(name))
    }

    /// What a feature holds there.
    pub fn of(self, feature: &Feature) -> Content {
        let links = &feature.links;
        let id = |id: Option<FeatureId>| id.map(Content::Id);
        let held = match self {
            Self::Geometry => feature.geometry.clone().map(Content::Geometry),
            Self::From => id(links.from),
            Self::To => id(links.to),
            Self::OnPipe => id(links.on_pipe),
            Self::OnPipeDistance => links.on_pipe_distance_m.map(|m| Content::Value(Value::Real(m))),
            Self::FlowTo => id(links.flow_to),
            Self::InletPipes => {
                (!links.inlet_pipes.is_empty()).then(|| Content::Ids(links.inlet_pipes.clone()))
            }
            Self::Field(position) => feature.values.get(position).cloned().map(Content::Value),
        };
        held.unwrap_or(Content::Value(Value::Null))
    }

    /// Puts content into a feature; content of another kind than the cell's counts as none.
    pub fn put(self, feature: &mut Feature, content: &Content) {
        let links = &mut feature.links;
        let id = match content {
            Content::Id(id) => Some(*id),
            _ => None,
        };
        match self {
            Self::Geometry => {
                feature.geometry = match content {
                    Content::Geometry(geometry) => Some(geometry.clone()),
                    _ => None,
                }
            }
            Self::From => links.from = id,
            Self::To => links.to = id,
            Self::OnPipe => links.on_pipe = id,
            Self::OnPipeDistance => {
                links.on_pipe_distance_m = match content {
                    Content::Value(value) => value.as_real(),
                    _ => None,
                }
            }
            Self::FlowTo => links.flow_to = id,
            Self::InletPipes => {
                links.inlet_pipes = match content {
                    Content::Ids(ids) => ids.clone(),
                    _ => Vec::new(),
                }
            }
            Self::Field(position) => {
                if let Some(value) = feature.values.get_mut(position) {
                    *value = match content {
                        Content::Value(value) => value.clone(),
                        _ => Value::Null,
                    }
                }
            }
        }
    }
}

impl Content {
    /// For messages: the value, or where a geometry begins.
    pub fn short(&self) -> String {
        match self {
            Self::Value(Value::Null) => "-".to_owned(),
            Self::Value(Value::Boolean(flag)) => flag.to_string(),
            Self::Value(Value::Integer(number)) => number.to_string(),
            Self::Value(Value::Real(number)) => number.to_string(),
            Self::Value(Value::Date(date)) => date.to_string(),
            Self::Value(Value::Text(text)) => text.clone(),
            Self::Id(id) => id.to_string(),
            Self::Ids(ids) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            Self::Geometry(Geometry::Point(p)) => format!("{:.3}, {:.3}", p[0], p[1]),
            Self::Geometry(Geometry::Line(line)) => match (line.first(), line.last()) {
                (Some(a), Some(b)) => {
                    format!(
                        "{:.3}, {:.3} … {:.3}, {:.3} ({})",
                        a[0],
                        a[1],
                        b[0],
                        b[1],
                        line.len()
                    )
                }
                _ => "-".to_owned(),
            },
        }
    }

    /// The same to the last bit; a height nobody knows is the same as another that nobody knows.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value(Value::Real(a)), Self::Value(Value::Real(b))) => same_number(*a, *b),
            (Self::Value(a), Self::Value(b)) => a == b,
            (Self::Id(a), Self::Id(b)) => a == b,
            (Self::Ids(a), Self::Ids(b)) => a == b,
            (Self::Geometry(a), Self::Geometry(b)) => same_geometry(a, b),
            _ => false,
        }
    }
}

fn same_number(a: f64, b: f64) -> bool {
    // Bits, not a margin: what is taken back must be what was. 0 and -0 are the same place.
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()) || (a.abs().to_bits() | b.abs().to_bits()) == 0
}

fn same_geometry(a: &Geometry, b: &Geometry) -> bool {
    let same_point = |a: &[f64; 3], b: &[f64; 3]| a.iter().zip(b).all(|(a, b)| same_number(*a, *b));
    match (a, b) {
        (Geometry::Point(a), Geometry::Point(b)) => same_point(a, b),
        (Geometry::Line(a), Geometry::Line(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_point(a, b))
        }
        _ => false,
    }
}
