//! Nearest pipe, nearest node, what lies in a box: a packed R-tree over what was read at once, and cells over what was
//! edited since.

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree, RTreeBuilder, RTreeIndex as _};

use super::patch::{bounding_box, point_box};
use super::{Network, NodeIndex, PieceIndex, PipeIndex};

/// Boxes by insertion index; `None` inside where there is nothing to index.
#[derive(Debug, Default)]
pub(crate) struct PackedTree(Option<RTree<f64>>);

impl PackedTree {
    /// `boxes` are `[min_x, min_y, max_x, max_y]`; those without finite numbers are never found.
    pub(crate) fn build(count: usize, boxes: impl Iterator<Item = [f64; 4]>) -> Self {
        if count == 0 {
            return Self(None);
        }
        let mut builder = RTreeBuilder::<f64>::new(count as u32);
        for b in boxes {
            if b.iter().all(|v| v.is_finite()) {
                builder.add(b[0], b[1], b[2], b[3]);
            } else {
                // A box at the far end keeps positions aligned without widening the tree's useful part.
                builder.add(f64::MAX, f64::MAX, f64::MAX, f64::MAX);
            }
        }
        Self(Some(builder.finish::<HilbertSort>()))
    }

    pub(crate) fn search(&self, b: [f64; 4]) -> Vec<u32> {
        self.0
            .as_ref()
            .map_or_else(Vec::new, |tree| tree.search(b[0], b[1], b[2], b[3]))
    }
}

/// A pipe found near a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PipeHit {
    pub pipe: PipeIndex,
    /// The piece under the place; `None` for a pipe that is not in service.
    pub piece: Option<PieceIndex>,
    /// From the pipe's start along its geometry, in metres.
    pub along_m: f64,
    pub distance_m: f64,
    pub point: [f64; 2],
}

impl Network {
    /// Pipes within `radius_m` of a place, nearest first; ties by index.
    pub fn pipes_near(&self, place: [f64; 2], radius_m: f64) -> Vec<PipeHit> {
        let mut hits: Vec<PipeHit> = self
            .search_pipes(self.metric.box_around(place, radius_m))
            .into_iter()
            .filter_map(|i| {
                let pipe = PipeIndex(i);
                let foot = self.metric.foot_point(self.pipe_vertices(pipe), place)?;
                (foot.distance_m <= radius_m).then(|| PipeHit {
                    pipe,
                    piece: self.piece_at(pipe, foot.along_m),
                    along_m: foot.along_m,
                    distance_m: foot.distance_m,
                    point: foot.point,
                })
            })
            .collect();
        hits.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.pipe.cmp(&b.pipe)));
        hits
    }

    /// Node features within `radius_m` of a place with their distance in metres, nearest first.
    pub fn nodes_near(&self, place: [f64; 2], radius_m: f64) -> Vec<(NodeIndex, f64)> {
        let mut hits: Vec<(NodeIndex, f64)> = self
            .search_nodes(self.metric.box_around(place, radius_m))
            .into_iter()
            .map(|i| {
                let node = NodeIndex(i);
                (node, self.metric.distance_m(self.position(node), place))
            })
            .filter(|(_, distance_m)| *distance_m <= radius_m)
            .collect();
        hits.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        hits
    }

    /// Pipes whose bounding box meets `[min_x, min_y, max_x, max_y]`, in index order.
    pub fn pipes_in_box(&self, b: [f64; 4]) -> Vec<PipeIndex> {
        let mut found = self.search_pipes(b);
        found.sort_unstable();
        found.into_iter().map(PipeIndex).collect()
    }

    /// Node features in `[min_x, min_y, max_x, max_y]`, in index order.
    pub fn nodes_in_box(&self, b: [f64; 4]) -> Vec<NodeIndex> {
        let mut found = self.search_nodes(b);
        found.sort_unstable();
        found.into_iter().map(NodeIndex).collect()
    }

    /// Pipes whose box meets another, in no order.
    pub(super) fn search_pipes(&self, b: [f64; 4]) -> Vec<u32> {
        let mut found = self.columns.pipe_tree.search(b);
        if self.patch.is_used {
            found.retain(|i| !self.patch.pipes.has(*i));
            let later = self.patch.pipe_cells.search(b).into_iter();
            found.extend(later.filter(|i| meets(bounding_box(self.pipe_vertices(PipeIndex(*i))), b)));
        }
        found
    }

    /// Node features in a box, in no order.
    pub(super) fn search_nodes(&self, b: [f64; 4]) -> Vec<u32> {
        let mut found = self.columns.node_tree.search(b);
        if self.patch.is_used {
            found.retain(|i| !self.patch.nodes.has(*i));
            let later = self.patch.node_cells.search(b).into_iter();
            found.extend(later.filter(|i| meets(point_box(self.position(NodeIndex(*i))), b)));
        }
        found
    }
}

fn meets(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1]
}
