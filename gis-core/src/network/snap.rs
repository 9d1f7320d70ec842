//! Where a pointer snaps to: nodes, vertices, crossings, middles and stretches of pipes near a place. It knows
//! nothing of pointers and screens; the tolerance comes in metres.
//!
//! A point of the network within the tolerance wins over any stretch of a pipe, as in QGIS, so that ends can be
//! reached although they lie on lines. Of several points the nearest wins; points on the same spot go by the order
//! of [`SnapKind`], then by index. The answer depends on nothing else.

use super::{Metric, Network, NodeIndex, PipeIndex};
use crate::drafting::Lines;

/// Two points closer than this are the same spot.
const SAME_SPOT_M: f64 = 1e-4;
/// Stretches that are tried against each other for crossings; nearest first.
const MOST_CROSSED: usize = 48;

/// What was snapped to. The order decides between points on one spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SnapKind {
    /// A node feature.
    Node,
    /// A vertex of a pipe's line, its ends included.
    Vertex,
    /// Where two pipes cross.
    Intersection,
    /// The middle of a stretch between two vertices.
    Midpoint,
    /// Where a line from the last place of a sketch meets a stretch at a right angle.
    Perpendicular,
    /// The nearest place of a line.
    Segment,
}

impl SnapKind {
    pub const ALL: [Self; 6] = [
        Self::Node,
        Self::Vertex,
        Self::Intersection,
        Self::Midpoint,
        Self::Perpendicular,
        Self::Segment,
    ];

    /// Name in locale files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Vertex => "vertex",
            Self::Intersection => "intersection",
            Self::Midpoint => "midpoint",
            Self::Perpendicular => "perpendicular",
            Self::Segment => "segment",
        }
    }
}

/// A set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapKinds(u8);

impl SnapKinds {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(0b11_1111);

    pub fn has(self, kind: SnapKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    #[must_use]
    pub fn set(self, kind: SnapKind, is_on: bool) -> Self {
        let bit = 1 << kind as u8;
        Self(if is_on { self.0 | bit } else { self.0 & !bit })
    }
}

impl Default for SnapKinds {
    fn default() -> Self {
        Self::ALL
    }
}

/// A place the pointer is drawn to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Snap {
    pub kind: SnapKind,
    /// In the network's coordinates.
    pub point: [f64; 2],
    /// From the place that was asked for.
    pub distance_m: f64,
    /// The node, where `kind` is [`SnapKind::Node`].
    pub node: Option<NodeIndex>,
    /// The pipe snapped to; of two that cross the one with the lower index.
    pub pipe: Option<PipeIndex>,
}

impl Snap {
    fn index(&self) -> u32 {
        self.node
            .map_or_else(|| self.pipe.map_or(u32::MAX, |p| p.0), |n| n.0)
    }

    /// Whether this point is the better one.
    fn beats(&self, other: &Self) -> bool {
        if (self.distance_m - other.distance_m).abs() > SAME_SPOT_M {
            return self.distance_m < other.distance_m;
        }
        (self.kind, self.index()) < (other.kind, other.index())
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct SnapRequest<'a> {
    /// In the network's coordinates.
    pub place: [f64; 2],
    pub tolerance_m: f64,
    pub kinds: SnapKinds,
    /// The last place of a sketch, for right angles.
    pub from: Option<[f64; 2]>,
    /// The network draws the pointer to itself.
    pub is_network: bool,
    /// Lines of other layers.
    pub others: &'a [&'a Lines],
}

impl SnapRequest<'_> {
    /// For the network alone.
    pub fn new(place: [f64; 2], tolerance_m: f64, kinds: SnapKinds) -> Self {
        Self {
            place,
            tolerance_m,
            kinds,
            from: None,
            is_network: true,
            others: &[],
        }
    }
}

/// The best place to snap to within the tolerance; `None` where there is none or the place is no number. What is
/// not shown draws nothing to itself.
pub fn snap(
    network: &Network,
    request: &SnapRequest<'_>,
    is_node_shown: impl Fn(NodeIndex) -> bool,
    is_pipe_shown: impl Fn(PipeIndex) -> bool,
) -> Option<Snap> {
    let SnapRequest {
        place, tolerance_m, ..
    } = *request;
    if !(place[0].is_finite() && place[1].is_finite() && tolerance_m >= 0.0) {
        return None;
    }
    let mut best = Best {
        metric: network.metric(),
        request,
        point: None,
        segment: None,
        stretches: Vec::new(),
        line_count: 0,
    };
    if request.is_network {
        if request.kinds.has(SnapKind::Node) {
            for (node, _) in network.nodes_near(place, tolerance_m) {
                if is_node_shown(node) {
                    best.offer(SnapKind::Node, network.position(node), Some(node), None);
                }
            }
        }
        for hit in network.pipes_near(place, tolerance_m) {
            if is_pipe_shown(hit.pipe) {
                best.of_line(network.pipe_vertices(hit.pipe), Some(hit.pipe));
            }
        }
    }
    let around = best.metric.box_around(place, tolerance_m);
    for lines in request.others {
        for line in lines.meeting(around) {
            best.of_line(line, None);
        }
    }
    if request.kinds.has(SnapKind::Intersection) {
        best.crossings();
    }
    best.point.or(best.segment)
}

/// A stretch of a line within reach.
struct Stretch {
    line: usize,
    pipe: Option<PipeIndex>,
    ends: [[f64; 2]; 2],
    distance_m: f64,
}

struct Best<'a> {
    metric: Metric,
    request: &'a SnapRequest<'a>,
    point: Option<Snap>,
    segment: Option<Snap>,
    stretches: Vec<Stretch>,
    line_count: usize,
}

impl Best<'_> {
    fn offer(&mut self, kind: SnapKind, point: [f64; 2], node: Option<NodeIndex>, pipe: Option<PipeIndex>) {
        let distance_m = self.metric.distance_m(point, self.request.place);
        let snap = Snap {
            kind,
            point,
            distance_m,
            node,
            pipe,
        };
        let best = if kind == SnapKind::Segment {
            &mut self.segment
        } else {
            &mut self.point
        };
        if distance_m <= self.request.tolerance_m && best.as_ref().is_none_or(|best| snap.beats(best)) {
            *best = Some(snap);
        }
    }

    /// Vertices, middles and feet of a line; its stretches within reach are noted for crossings.
    fn of_line(&mut self, line: &[[f64; 2]], pipe: Option<PipeIndex>) {
        let SnapRequest {
            place,
            tolerance_m,
            kinds,
            from,
            ..
        } = *self.request;
        self.line_count += 1;
        if kinds.has(SnapKind::Vertex) {
            for vertex in line {
                self.offer(SnapKind::Vertex, *vertex, None, pipe);
            }
        }
        for w in line.windows(2) {
            if kinds.has(SnapKind::Midpoint) {
                let middle = [0, 1].map(|axis| f64::midpoint(w[0][axis], w[1][axis]));
                self.offer(SnapKind::Midpoint, middle, None, pipe);
            }
            let foot = self.metric.foot_point(w, place);
            let Some(foot) = foot.filter(|foot| foot.distance_m <= tolerance_m) else {
                continue;
            };
            if kinds.has(SnapKind::Segment) {
                self.offer(SnapKind::Segment, foot.point, None, pipe);
            }
            if kinds.has(SnapKind::Perpendicular)
                && let Some(from) = from
            {
                self.square(from, [w[0], w[1]], pipe);
            }
            self.stretches.push(Stretch {
                line: self.line_count,
                pipe,
                ends: [w[0], w[1]],
                distance_m: foot.distance_m,
            });
        }
    }

    /// The foot of the last place on a stretch; its ends are none, and neither is the place itself.
    fn square(&mut self, from: [f64; 2], stretch: [[f64; 2]; 2], pipe: Option<PipeIndex>) {
        let Some(foot) = self.metric.foot_point(&stretch, from) else {
            return;
        };
        let is_end = stretch
            .iter()
            .any(|end| self.metric.distance_m(*end, foot.point) <= SAME_SPOT_M);
        if !is_end && foot.distance_m > SAME_SPOT_M {
            self.offer(SnapKind::Perpendicular, foot.point, None, pipe);
        }
    }

    fn crossings(&mut self) {
        let mut stretches = std::mem::take(&mut self.stretches);
        stretches.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.line.cmp(&b.line)));
        stretches.truncate(MOST_CROSSED);
        for (i, a) in stretches.iter().enumerate() {
            for b in &stretches[i + 1..] {
                if a.line == b.line {
                    continue;
                }
                if let Some(point) = crossing(a.ends, b.ends) {
                    let pipe = [a.pipe, b.pipe].into_iter().flatten().min();
                    self.offer(SnapKind::Intersection, point, None, pipe);
                }
            }
        }
    }
}

/// Where two stretches meet, ends included; `None` for parallel ones.
pub fn crossing(a: [[f64; 2]; 2], b: [[f64; 2]; 2]) -> Option<[f64; 2]> {
    // About the first end, so that large coordinates lose no digits.
    let o = a[0];
    let d = [a[1][0] - o[0], a[1][1] - o[1]];
    let e = [b[1][0] - b[0][0], b[1][1] - b[0][1]];
    let to_b = [b[0][0] - o[0], b[0][1] - o[1]];
    let cross = d[0] * e[1] - d[1] * e[0];
    let size = (d[0].hypot(d[1])) * (e[0].hypot(e[1]));
    if cross.abs() <= size * 1e-12 || size <= 0.0 {
        return None;
    }
    let t = (to_b[0] * e[1] - to_b[1] * e[0]) / cross;
    let u = (to_b[0] * d[1] - to_b[1] * d[0]) / cross;
    let on = -1e-9..=1.0 + 1e-9;
    (on.contains(&t) && on.contains(&u)).then(|| [o[0] + t * d[0], o[1] + t * d[1]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{NetworkBuilder, NetworkOptions, NodeFlags, NodeInput, PipeInput};
    use crate::{ClassIndex, IdSource, NoProgress};

    /// A bent main, a pipe crossing it without a joint, a valve on the main.
    fn network() -> Network {
        let mut ids = IdSource::new(0, 1);
        let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
        let lines: [(&str, &[[f64; 2]]); 2] = [
            ("MAIN", &[[0.0, 0.0], [100.0, 0.0], [100.0, 80.0]]),
            ("CROSS", &[[20.0, -50.0], [20.0, 30.0]]),
        ];
        for (code, vertices) in lines {
            builder.add_pipe(&PipeInput {
                code,
                diameter_mm: 100.0,
                vertices,
                ..PipeInput::new(ids.next_id(), ClassIndex(0))
            });
        }
        builder.add_node(&NodeInput {
            flags: NodeFlags::VALVE,
            code: "V",
            position: [0.0, 0.0],
            diameter_mm: 100.0,
            ..NodeInput::new(ids.next_id(), ClassIndex(1))
        });
        builder.build(&NoProgress).unwrap()
    }

    fn at(network: &Network, place: [f64; 2], tolerance_m: f64, kinds: SnapKinds) -> Option<Snap> {
        let request = SnapRequest::new(place, tolerance_m, kinds);
        snap(network, &request, |_| true, |_| true)
    }

    #[test]
    fn each_kind_is_found_at_its_place() {
        let net = network();
        for (place, kind, point) in [
            ([1.0, 1.0], SnapKind::Node, [0.0, 0.0]),
            ([99.0, 1.0], SnapKind::Vertex, [100.0, 0.0]),
            ([20.5, 0.8], SnapKind::Intersection, [20.0, 0.0]),
            ([100.5, 40.4], SnapKind::Midpoint, [100.0, 40.0]),
            ([70.0, 1.5], SnapKind::Segment, [70.0, 0.0]),
        ] {
            let found = at(&net, place, 2.0, SnapKinds::ALL).unwrap();
            assert_eq!(found.kind, kind, "{place:?}");
            assert!(
                net.metric().distance_m(found.point, point) < 1e-9,
                "{place:?}: {:?}",
                found.point
            );
        }
        assert_eq!(at(&net, [70.0, 2.5], 2.0, SnapKinds::ALL), None);
        assert_eq!(at(&net, [f64::NAN, 0.0], 2.0, SnapKinds::ALL), None);
    }

    #[test]
    fn a_point_wins_over_a_nearer_stretch_and_the_nearest_point_over_the_others() {
        let net = network();
        // On the line, three metres from its bend.
        let found = at(&net, [97.0, 0.0], 4.0, SnapKinds::ALL).unwrap();
        assert_eq!(found.kind, SnapKind::Vertex);
        // Between the crossing (20, 0) and the middle (20, -10).
        assert_eq!(
            at(&net, [20.0, -6.0], 7.0, SnapKinds::ALL).unwrap().kind,
            SnapKind::Midpoint
        );
        assert_eq!(
            at(&net, [20.0, -4.0], 7.0, SnapKinds::ALL).unwrap().kind,
            SnapKind::Intersection
        );
    }

    #[test]
    fn on_one_spot_the_node_comes_before_the_vertex() {
        let net = network();
        let node = at(&net, [0.0, 0.5], 2.0, SnapKinds::ALL).unwrap();
        assert!(node.node.is_some());
        let without = SnapKinds::ALL.set(SnapKind::Node, false);
        let vertex = at(&net, [0.0, 0.5], 2.0, without).unwrap();
        assert_eq!((vertex.kind, vertex.node), (SnapKind::Vertex, None));
        assert_eq!(at(&net, [0.0, 0.5], 2.0, SnapKinds::NONE), None);
    }

    #[test]
    fn what_is_not_shown_is_not_snapped_to() {
        let net = network();
        let request = SnapRequest::new([0.0, 0.5], 2.0, SnapKinds::ALL);
        assert_eq!(snap(&net, &request, |_| false, |_| false), None);
        let pipe_only = snap(&net, &request, |_| false, |_| true).unwrap();
        assert_eq!(pipe_only.kind, SnapKind::Vertex);
    }

    #[test]
    fn right_angles_are_found_from_the_last_place() {
        let net = network();
        let request = SnapRequest {
            from: Some([66.0, 30.0]),
            ..SnapRequest::new([67.0, 0.3], 2.0, SnapKinds::ALL)
        };
        let found = snap(&net, &request, |_| true, |_| true).unwrap();
        assert_eq!((found.kind, found.point), (SnapKind::Perpendicular, [66.0, 0.0]));
        assert!(found.pipe.is_some());
        // The last place lies on the line: there is no angle to make.
        let on = SnapRequest {
            from: Some([66.0, 0.0]),
            ..request
        };
        assert_eq!(
            snap(&net, &on, |_| true, |_| true).unwrap().kind,
            SnapKind::Segment
        );
    }

    #[test]
    fn lines_of_other_layers_draw_the_pointer_to_themselves_and_cross_pipes() {
        let net = network();
        let road = Lines::new(vec![vec![[60.0, -40.0], [60.0, 40.0]]]);
        let others = [&road];
        let at = |place, is_network| {
            let request = SnapRequest {
                others: &others,
                is_network,
                ..SnapRequest::new(place, 2.0, SnapKinds::ALL)
            };
            snap(&net, &request, |_| true, |_| true)
        };
        let crossed = at([60.5, 0.5], true).unwrap();
        assert_eq!(
            (crossed.kind, crossed.point),
            (SnapKind::Intersection, [60.0, 0.0])
        );
        assert!(crossed.pipe.is_some(), "a joint there goes into the pipe");
        let on_road = at([60.5, 20.0], true).unwrap();
        assert_eq!((on_road.kind, on_road.pipe), (SnapKind::Segment, None));
        assert_eq!(at([60.5, 0.5], false).unwrap().kind, SnapKind::Midpoint);
        assert_eq!(at([20.5, 0.8], false), None);
    }

    #[test]
    fn stretches_cross_within_their_ends_only() {
        let a = [[0.0, 0.0], [10.0, 0.0]];
        assert_eq!(crossing(a, [[5.0, -1.0], [5.0, 1.0]]), Some([5.0, 0.0]));
        assert_eq!(crossing(a, [[10.0, 0.0], [10.0, 5.0]]), Some([10.0, 0.0]));
        assert_eq!(crossing(a, [[11.0, -1.0], [11.0, 1.0]]), None);
        assert_eq!(crossing(a, [[0.0, 1.0], [10.0, 1.0]]), None);
        assert_eq!(crossing(a, [[3.0, 3.0], [3.0, 3.0]]), None);
        // Gauss-Krüger coordinates.
        let far = |p: [f64; 2]| [p[0] + 39_500_000.0, p[1] + 4_850_000.0];
        let found = crossing(a.map(far), [far([5.0, -1.0]), far([5.5, 1.0])]).unwrap();
        assert!((found[0] - 39_500_005.25).abs() < 1e-6 && (found[1] - 4_850_000.0).abs() < 1e-6);
    }
}
