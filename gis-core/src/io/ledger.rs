//! Takes down what was rejected, repaired or doubtful while rows stream by. It keeps the first of each sort
//! with its row and counts the rest, so that ten million bad rows do not fill the memory.

use std::collections::HashMap;

use crate::issue::{Issue, Issues, Severity};
use crate::text::Message;

/// Issues of one sort (message key, layer, field) that are listed row by row.
const LISTED: u64 = 200;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    issues: Issues,
    counts: HashMap<(String, String, String), u64>,
    /// In the order of first appearance.
    order: Vec<((String, String, String), Severity)>,
}

impl Ledger {
    pub(super) fn push(&mut self, issue: Issue) {
        let sort = (
            issue.message.key().to_owned(),
            issue.layer.clone().unwrap_or_default(),
            issue.field.clone().unwrap_or_default(),
        );
        let count = self.counts.entry(sort.clone()).or_insert_with(|| {
            self.order.push((sort, issue.severity));
            0
        });
        *count += 1;
        if *count <= LISTED {
            self.issues.push(issue);
        }
    }

    /// All that is listed, and a closing issue for each sort of which more were met.
    pub(super) fn finish(mut self) -> Issues {
        for (sort, severity) in self.order {
            let count = self.counts.get(&sort).copied().unwrap_or_default();
            if count > LISTED {
                let (key, layer, field) = sort;
                let example = self
                    .issues
                    .iter()
                    .find(|i| i.message.key() == key)
                    .map(|i| i.message.to_string());
                let mut issue = Issue::new(
                    severity,
                    Message::new("io.issue.more")
                        .with("count", count - LISTED)
                        .with("listed", LISTED)
                        .with("example", example.unwrap_or_default()),
                );
                if !layer.is_empty() {
                    issue = issue.in_layer(layer);
                }
                if !field.is_empty() {
                    issue = issue.on_field(field);
                }
                self.issues.push(issue);
            }
        }
        self.issues
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_of_one_sort_are_some_and_a_count() {
        let mut ledger = Ledger::default();
        for row in 0..1_000_000 {
            ledger.push(
                Issue::new(Severity::Error, Message::new("io.issue.not_finite"))
                    .in_layer("a")
                    .at_row(row),
            );
        }
        ledger.push(Issue::new(Severity::Error, Message::new("io.issue.not_finite")).in_layer("b"));
        let issues = ledger.finish();
        assert_eq!(issues.len() as u64, LISTED + 2);
        assert!(
            issues
                .as_slice()
                .last()
                .unwrap()
                .message
                .to_string()
                .contains(&(1_000_000 - LISTED).to_string())
        );
    }
}
