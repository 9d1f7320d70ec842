//! Features that lie on one another: clicking the same place again takes the next one. It finds none itself.

use egui::Pos2;

use crate::session::Target;

/// A click farther than this from the one before is in another place, in points.
const SAME_PLACE: f32 = 4.0;

#[derive(Debug, Default)]
pub(super) struct ClickStack {
    at: Option<Pos2>,
    targets: Vec<Target>,
    taken: usize,
}

impl ClickStack {
    /// The feature this click means, and how many lie there: the best, or the next after the one taken before.
    pub(super) fn click(&mut self, targets: Vec<Target>, at: Pos2) -> Option<(Target, [usize; 2])> {
        let is_same =
            self.at.is_some_and(|before| before.distance(at) <= SAME_PLACE) && self.targets == targets;
        self.taken = if is_same {
            (self.taken + 1) % targets.len().max(1)
        } else {
            0
        };
        self.targets = targets;
        self.at = Some(if is_same { self.at.unwrap_or(at) } else { at });
        let target = *self.targets.get(self.taken)?;
        Some((target, [self.taken + 1, self.targets.len()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;
    use gis_core::network::{NodeIndex, PipeIndex};

    #[test]
    fn clicking_again_walks_through_what_lies_there_and_begins_anew_elsewhere() {
        let there = vec![
            Target::Node(NodeIndex(1)),
            Target::Pipe(PipeIndex(2)),
            Target::Pipe(PipeIndex(3)),
        ];
        let mut stack = ClickStack::default();
        let mut click = |x: f32, targets: &[Target]| stack.click(targets.to_vec(), pos2(x, 5.0)).map(|t| t.0);
        assert_eq!(click(10.0, &there), Some(there[0]));
        assert_eq!(click(12.0, &there), Some(there[1]));
        assert_eq!(click(10.0, &there), Some(there[2]));
        assert_eq!(click(10.0, &there), Some(there[0]));
        assert_eq!(click(30.0, &there), Some(there[0]), "another place");
        assert_eq!(
            click(30.0, &there[1..]),
            Some(there[1]),
            "something else lies there now"
        );
        assert_eq!(click(30.0, &[]), None);
    }
}
