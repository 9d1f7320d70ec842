//! Questions to a `Network` snapshot, answered by pure functions: no file, no clock, no window.

pub mod answer;
pub mod burst;
pub mod path;
pub mod walk;
