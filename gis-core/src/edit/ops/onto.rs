//! 移动点到线上: a node that belongs on a pipe and lies beside it.

use super::Work;
use super::split::Cut;
use crate::edit::Transaction;
use crate::error::Result;
use crate::model::Geometry;
use crate::network::Metric;
use crate::schema::GeometryKind;

impl Work<'_> {
    /// Moves a node, with the pipes that end in it, to the nearest place of another pipe, which it cuts.
    pub(super) fn node_onto_pipe(&mut self, node: &str, pipe: &str) -> Result<Transaction> {
        let node = self.find_kind(node, GeometryKind::Point)?;
        let pipe = self.find_kind(pipe, GeometryKind::Line)?;
        let at = self.place_of(&node)?;
        let whole = self.whole(pipe)?;
        if self
            .pipes_at(&node)?
            .iter()
            .any(|(own, _)| own.id == whole.pipe.id)
        {
            return Err(self.refuse("edit.error.own_end", &node));
        }
        let foot = whole
            .foot(at)
            .ok_or_else(|| self.refuse("edit.error.no_place", &whole.pipe))?;
        let is_there = {
            let metric: Metric = whole.metric;
            metric.distance_m([at[0], at[1]], foot.point) == 0.0
        };
        let mut transaction = if is_there {
            Self::begin("edit.name.move_node", "")
        } else {
            self.move_node(&node.id.to_string(), foot.point)?
        };
        transaction.name = crate::text::Message::new("edit.name.node_onto_pipe")
            .with("feature", self.project.name_of(&node))
            .with("pipe", self.project.name_of(&whole.pipe));
        let mut moved = node;
        moved.geometry = Some(Geometry::Point([foot.point[0], foot.point[1], at[2]]));
        let cut = Cut {
            along_m: foot.along_m,
            node: moved,
            is_there: true,
        };
        self.cut(&whole, &[cut], &mut transaction)?;
        Ok(transaction)
    }
}
