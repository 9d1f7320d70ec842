//! The graphics card's side of the map: buffers kept between frames and the few commands a frame needs. It knows
//! blocks and style rows, not pipes or valves.

mod atlas;
mod layer;
mod looks;
mod pipelines;

pub use layer::Paint;
pub(super) use layer::{Batch, Frame, Layers, Place, Tables};
pub(super) use looks::LookTable;
pub use pipelines::Gpu;
