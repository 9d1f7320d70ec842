//! 统计 (9.2.3.4c): pivots of groups, the standing reports of a water company, and the quality of the data (GB/T 36344). It
//! reads the project and changes nothing.

mod own;
mod pivot;
mod quality;
mod standing;
#[cfg(test)]
mod tests;

pub use own::{Axis, Form, Plan, Statistic};
pub use pivot::{Amount, Pivot, PivotCell, row_name};
pub use quality::{Dimension, Fault, Quality, QualityOptions, Score, quality};
pub use standing::StandingReport;
