//! How deep things lie: heights of pipes, profiles along a way, sections across a bundle, cover and clearance. Heights
//! are metres above the datum the project's survey used; it knows no drawing and no window.

pub mod clearance;
mod levels;
pub mod profile;
pub mod section;
pub mod sheet;
#[cfg(test)]
mod tests;
pub mod way;

pub use levels::{Carries, Levels, PipeLevels};
