//! 属性表: the rows of one class as a user wants them chosen and ordered, a page of values at a time, totals of a column, and
//! what typing over many cells would change. It writes nothing; changes leave as one [`Request`](crate::edit::ops::Request).

mod cells;
mod change;
mod filter;
mod paste;
mod rows;
#[cfg(test)]
mod tests;
mod totals;
mod update;
mod words;

pub use change::{CellChange, Changes, Reject, calculate, replace};
pub use filter::{column_condition, whole_condition};
pub use paste::{fill_down, paste};
pub use rows::{Among, Rows, SortKey, Wanted, page, rows};
pub use totals::Totals;
pub(crate) use update::STATE_SHEET;
pub use update::{Conflict, Update, UpdateOptions, update};
pub use words::{heading, tab_separated};
