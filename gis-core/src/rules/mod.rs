//! 检查: what is wrong in a network by rules that are data (`assets/rules/network.toml`), each finding with its place, its
//! features and repairs that can be applied. It changes nothing: a repair is a list of requests to `edit`.
//!
//! One check serves all: the whole city, a box, the features an edit touched. What can be told from the snapshot is told from
//! it; what is in the records only is read from the project, in one pass over the tables or for the touched features alone.

mod accept;
mod check;
mod devices;
mod edited;
mod ends;
mod finding;
mod joints;
mod nodes;
mod pairs;
mod parts;
mod pipes;
mod repair;
mod rows;
mod rule;
mod scope;
mod set;
#[cfg(test)]
mod tests;
mod values;
mod words;

pub use accept::{Acceptance, part_accepted};
pub use check::{Records, Subject, check};
pub use edited::{EditCheck, check_edit, check_outside};
pub use finding::{Finding, Repair};
pub use repair::{Applied, apply};
pub use rule::Rule;
pub use scope::Selection;
pub use set::RuleSet;
