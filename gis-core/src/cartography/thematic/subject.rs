//! The features of one class with their attribute values, in the order of the network.

use std::collections::HashMap;

use crate::cartography::layers::DiagramZones;
use crate::expr::Expr;
use crate::ids::FeatureId;
use crate::model::ClassIndex;
use crate::network::{Network, NodeIndex, PipeIndex};
use crate::project::Columns;
use crate::query::ZoneArea;

/// What themes need beside the network: attribute values of classes, areas of zones.
#[derive(Debug, Clone, Default)]
pub struct ClassColumns {
    list: Vec<(ClassIndex, Columns)>,
    zones: Vec<(DiagramZones, Vec<ZoneArea>)>,
}

impl ClassColumns {
    pub fn insert(&mut self, class: ClassIndex, columns: Columns) {
        self.list.retain(|(known, _)| *known != class);
        self.list.push((class, columns));
    }

    pub fn get(&self, class: ClassIndex) -> Option<&Columns> {
        self.list
            .iter()
            .find(|(known, _)| *known == class)
            .map(|(_, c)| c)
    }

    /// Areas that diagrams ask for, as `io::zones` reads them.
    pub fn insert_zones(&mut self, wanted: DiagramZones, areas: Vec<ZoneArea>) {
        self.zones.retain(|(known, _)| *known != wanted);
        self.zones.push((wanted, areas));
    }

    pub(super) fn zones(&self, wanted: &DiagramZones) -> &[ZoneArea] {
        self.zones
            .iter()
            .find(|(known, _)| known == wanted)
            .map_or(&[], |(_, areas)| areas)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    Pipe(PipeIndex),
    Node(NodeIndex),
}

/// Members of a class with the row of each in its columns.
pub(super) struct Subject<'a> {
    pub(super) network: &'a Network,
    pub(super) columns: &'a Columns,
    /// Rows are `None` for features that the columns lack.
    pub(super) members: Vec<(Member, Option<usize>)>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(network: &'a Network, class: ClassIndex, columns: &'a Columns) -> Self {
        let row_of: HashMap<FeatureId, usize> =
            columns.ids().iter().enumerate().map(|(i, id)| (*id, i)).collect();
        let pipes = network
            .pipes()
            .filter(|p| network.pipe_class(*p) == class)
            .map(|p| (Member::Pipe(p), row_of.get(&network.pipe_id(p)).copied()));
        let nodes = network
            .nodes()
            .filter(|n| network.node_class(*n) == class)
            .map(|n| (Member::Node(n), row_of.get(&network.node_id(n)).copied()));
        Self {
            network,
            columns,
            members: pipes.chain(nodes).collect(),
        }
    }

    /// Middle of a pipe, place of a node; `None` where it has none.
    pub(super) fn place(&self, member: Member) -> Option<[f64; 2]> {
        let place = match member {
            Member::Node(node) => self.network.position(node),
            Member::Pipe(pipe) => self.along(pipe, 0.5)?,
        };
        place.iter().all(|v| v.is_finite()).then_some(place)
    }

    /// The place at a share of a pipe's length.
    pub(super) fn along(&self, pipe: PipeIndex, share: f64) -> Option<[f64; 2]> {
        let line = self.network.pipe_vertices(pipe);
        let metric = self.network.metric();
        metric.point_along(line, metric.length_m(line) * share)
    }
}

/// The numbers an expression yields for every feature of some columns, NaN where it yields none; for breaks and
/// histograms.
pub fn numbers_of(expr: &Expr, filter: Option<&Expr>, columns: &Columns) -> Vec<f64> {
    (0..columns.len())
        .map(|i| columns.row(i))
        .filter(|row| filter.is_none_or(|f| f.holds(row)))
        .map(|row| number(expr, &row))
        .collect()
}

/// NaN where it is none.
pub(super) fn number(expr: &Expr, row: &impl crate::expr::Row) -> f64 {
    use crate::model::Value;
    match expr.eval(row) {
        Value::Boolean(flag) => f64::from(u8::from(flag)),
        Value::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
        other => other.as_real().unwrap_or(f64::NAN),
    }
}
