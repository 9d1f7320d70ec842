//! Statements that an edit of thousands of features runs thousands of times, written once: questions to the tables of all
//! classes at once instead of one a class, and rows of each class.

use std::cell::OnceCell;

use super::{layout, records};
use crate::model::ClassIndex;
use crate::schema::Schema;

/// Questions in one statement; SQLite's limit, and ours, is greater.
const TOGETHER: usize = 50;

/// The statements, written when they are first wanted.
#[derive(Debug, Default)]
pub(super) struct Everywhere {
    pub by_code: OnceCell<Vec<String>>,
    pub by_id: OnceCell<Vec<String>>,
    pub by_link: OnceCell<Vec<String>>,
    pub points_in_box: OnceCell<Vec<String>>,
    pub lines_in_box: OnceCell<Vec<String>>,
    rows: OnceCell<Vec<RowStatements>>,
}

/// What is asked of and done to one row of a class.
#[derive(Debug)]
pub(super) struct RowStatements {
    pub insert: String,
    /// By `uid`; the columns of `records::selected`.
    pub select: String,
}

impl Everywhere {
    /// Of a class that the schema has.
    pub(super) fn row(&self, schema: &Schema, class: ClassIndex) -> &RowStatements {
        let all = self.rows.get_or_init(|| {
            let classes = schema.classes.iter();
            classes
                .map(|class| RowStatements {
                    insert: layout::insert_row(class),
                    select: format!(
                        "SELECT {} FROM \"{}\" WHERE uid = ?1",
                        records::selected(class),
                        class.key
                    ),
                })
                .collect()
        });
        &all[usize::from(class.0)]
    }
}

/// Questions as few statements.
pub(super) fn everywhere(selects: impl Iterator<Item = String>) -> Vec<String> {
    let selects: Vec<String> = selects.collect();
    selects
        .chunks(TOGETHER)
        .map(|some| some.join(" UNION ALL "))
        .collect()
}
