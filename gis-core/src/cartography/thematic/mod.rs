//! Thematic maps: classes of numbers, colours for them, densities, dots and diagrams, as values ready to be drawn. It
//! draws nothing and reads no project.

mod apply;
mod breaks;
mod diagram;
mod dots;
mod heat;
mod histogram;
mod legend;
mod look;
mod ramp;
mod subject;
#[cfg(test)]
pub(crate) mod tests;

pub use apply::{LayerCount, LayerIssue, ThemedMap, apply, class_looks, wanted_fields};
pub use breaks::{breaks, class_of};
pub use diagram::{Diagram, DiagramMap, PartColour};
pub use dots::DotMap;
pub use heat::HeatMap;
pub use histogram::Histogram;
pub use legend::{LegendEntry, LegendSymbol, layer_title, legend, value_title};
pub use look::{ClassLook, FeatureLook, NetworkLook};
pub use ramp::{Ramp, RampKind, Ramps};
pub use subject::{ClassColumns, numbers_of};
