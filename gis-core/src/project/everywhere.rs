//! Questions to the tables of all classes at once: one statement instead of one a class, since an edit of thousands of
//! features asks thousands of times.

use std::cell::OnceCell;

use crate::model::ClassIndex;

/// Tables asked by one statement; SQLite's limit, and ours, is greater.
const TOGETHER: usize = 50;

/// The statements, written when they are first wanted.
#[derive(Debug, Default)]
pub(super) struct Everywhere {
    pub by_code: OnceCell<Vec<String>>,
    pub by_id: OnceCell<Vec<String>>,
}

pub(super) fn everywhere(
    classes: impl Iterator<Item = ClassIndex>,
    select: impl Fn(ClassIndex) -> String,
) -> Vec<String> {
    let selects: Vec<String> = classes.map(select).collect();
    selects
        .chunks(TOGETHER)
        .map(|some| some.join(" UNION ALL "))
        .collect()
}
