//! Pictures of the ground: any raster GDAL reads, described, placed, drawn into the web map's projection, and given
//! pyramids. It keeps no layer list and knows no window; a worker holds a [`Reader`] of its own.

mod colour;
mod describe;
mod files;
mod imagery;
mod overviews;
mod plan;
mod warp;
pub mod world_file;

#[cfg(test)]
mod tests;

pub use describe::{BandInfo, Meaning, Placing, RasterInfo, describe};
pub use imagery::{Imagery, Picture, Reader, preview};
pub use overviews::{OverviewOptions, OverviewPlace, OverviewReport, Resampling, build_overviews};
pub(crate) use warp::Mesh;
