//! Excel workbooks of analyses that a dispatcher hands on (9.2.3.4c, 9.2.3.5). They lay out what was found; they
//! find nothing.

mod attributes;
mod bill;
mod burst;
mod cover;
mod csv;
mod depth;
mod dictionaries;
mod engineering;
mod path;
mod picture;
mod query;
mod sheet;
mod statistics;
mod template;

pub use bill::bill_workbook;
pub use burst::{BurstReport, closing_order};
pub use dictionaries::dictionaries_workbook;
pub use engineering::EngineeringReport;
pub use path::PathReport;
pub use query::{features_csv, features_workbook, groups_csv, groups_workbook, table_workbook};
pub use statistics::{quality_workbook, statistics_workbook};
pub use template::{Filled, Occasion, Template};

#[cfg(test)]
mod tests;
