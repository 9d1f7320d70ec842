//! Measuring on the map (9.2.3.2d): lengths, areas, angles, azimuths, slopes, in the plane of the project's CRS and
//! on the ellipsoid. Pure functions of coordinates; it knows no pointer and draws nothing.
//!
//! The plane is what surveyors and drawings use; it carries the projection's distortion (in a 3° Gauss-Krüger zone
//! up to some 0.3 ‰ at its rim). The ellipsoid gives what lies on the ground at height zero. Both are always shown.

pub mod earth;
pub mod pipes;
pub mod plane;
mod reading;
pub mod slope;
pub mod typed;

pub use reading::{MeasureKind, Quantity, Reading, Unit, of_pipes, of_points, of_slope};
