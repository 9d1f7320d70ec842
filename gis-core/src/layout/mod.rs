//! The printed map: page layouts as data, national map sheets, and pages drawn as PDF, SVG, DXF and pictures. It knows no
//! window and changes no feature; what it draws is handed in.

pub mod atlas;
pub mod draw;
pub mod drawing;
mod dressing;
pub mod frame;
pub mod model;
pub mod output;
mod picture;
pub mod sheets;
pub mod surface;
pub mod template;
pub mod tie_sketch;

#[cfg(test)]
mod map_tests;
#[cfg(test)]
mod tests;

pub use atlas::Atlas;
pub use draw::Scene;
pub use dressing::{Dressing, Ground, MapMaterial};
pub use model::Layout;
pub use output::{OutputFormat, Written};
