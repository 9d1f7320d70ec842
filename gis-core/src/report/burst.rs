//! The burst workbook: a cover with map and summary, then valves in closing order, customers, pipes, hydrants.

use chrono::NaiveDateTime;

use super::attributes::Attributes;
use super::cover::Cover;
use super::picture::ResultMap;
use super::sheet::{Book, Cell, Column, column, column_in};
use crate::analysis::burst::{AffectedCustomer, BurstRequest, BurstResult};
use crate::analysis::walk::walk_order;
use crate::cartography::render::{BurstPicture, MapResult};
use crate::error::Result;
use crate::issue::Issues;
use crate::layout::Dressing;
use crate::network::{Network, NodeIndex, PieceIndex, PipeIndex};
use crate::project::Project;
use crate::text::{Lang, Message, translate};

/// Size of the map on the cover.
pub(super) const COVER_PX: [u32; 2] = [1500, 1000];

/// What the workbook is made of.
#[derive(Clone, Copy)]
pub struct BurstReport<'a> {
    pub project: &'a Project,
    pub network: &'a Network,
    /// The project's map, for the picture.
    pub dressing: &'a Dressing,
    pub request: &'a BurstRequest,
    pub result: &'a BurstResult,
    pub lang: Lang,
    /// Local time of the analysis.
    pub created: NaiveDateTime,
}

/// `valves_to_close` in the order of a walk that starts at the burst.
pub fn closing_order(network: &Network, request: &BurstRequest, result: &BurstResult) -> Vec<NodeIndex> {
    let start = places(network, request).first().copied().unwrap_or([0.0; 2]);
    let positions: Vec<[f64; 2]> = result
        .valves_to_close
        .iter()
        .map(|v| network.position(*v))
        .collect();
    walk_order(network.metric(), start, &positions)
        .into_iter()
        .map(|i| result.valves_to_close[i])
        .collect()
}

/// Where it bursts: the middle of each pipe or stretch, the place of each node.
fn places(network: &Network, request: &BurstRequest) -> Vec<[f64; 2]> {
    let middle = |line: &[[f64; 2]]| {
        network
            .metric()
            .point_along(line, network.metric().length_m(line) / 2.0)
    };
    let pipes = request
        .pipes
        .iter()
        .filter_map(|p| middle(network.pipe_vertices(*p)));
    let pieces = request
        .pieces
        .iter()
        .filter_map(|p| middle(&network.piece_vertices(*p)));
    let nodes = request.nodes.iter().map(|n| network.position(*n));
    pipes
        .chain(pieces)
        .chain(nodes)
        .filter(|p| p[0].is_finite())
        .collect()
}

impl BurstReport<'_> {
    /// The map of the cover, also wanted as a picture of its own, and what is missing of it.
    ///
    /// # Errors
    /// `BadInput` for a size that cannot be drawn.
    pub fn picture_png(&self, size_px: [u32; 2]) -> Result<(Vec<u8>, Issues)> {
        let pieces: Vec<PieceIndex> = self
            .request
            .pieces
            .iter()
            .copied()
            .chain(self.request.pipes.iter().flat_map(|p| self.network.pieces_of(*p)))
            .collect();
        let map = ResultMap {
            project: self.project,
            network: self.network,
            dressing: self.dressing,
            lang: self.lang,
            created: self.created,
            title: self.title(),
            result: MapResult::Burst(BurstPicture {
                result: self.result,
                places: &places(self.network, self.request),
                pieces: &pieces,
                closing_order: &closing_order(self.network, self.request, self.result),
            }),
        };
        map.png(size_px)
    }

    fn title(&self) -> String {
        translate("report.burst.title", self.lang)
    }

    /// The workbook as bytes of an .xlsx file, and what is missing of its map.
    ///
    /// # Errors
    /// The project cannot be read, or the text of a cell is longer than Excel allows.
    pub fn workbook(&self) -> Result<(Vec<u8>, Issues)> {
        let mut book = Book::new(self.lang, &self.title(), self.created)?;
        let mut attributes = Attributes::new(self.project, self.network, self.lang);
        let issues = self.cover(&mut book, &mut attributes)?;
        self.valves(&mut book, &mut attributes)?;
        self.customers(&mut book, &mut attributes)?;
        self.pipes(&mut book, &mut attributes)?;
        self.hydrants(&mut book, &mut attributes)?;
        Ok((book.finish()?, issues))
    }

    fn cover(&self, book: &mut Book, attributes: &mut Attributes<'_>) -> Result<Issues> {
        let (picture, issues) = self.picture_png(COVER_PX)?;
        let warnings: Vec<String> = self.result.notices.iter().map(|n| n.text(self.lang)).collect();
        Cover {
            title: &self.title(),
            summary: &self.summary(attributes)?,
            created: self.created,
            warnings: &warnings,
            picture_png: &picture,
        }
        .add_to(book)?;
        Ok(issues)
    }

    fn summary(&self, attributes: &mut Attributes<'_>) -> Result<Vec<(&'static str, Cell)>> {
        let network = self.network;
        let mut burst: Vec<String> = self
            .request
            .pipes
            .iter()
            .map(|p| network.pipe_code(*p).to_owned())
            .collect();
        burst.extend(
            self.request
                .pieces
                .iter()
                .map(|p| network.pipe_code(network.piece_pipe(*p)).to_owned()),
        );
        burst.extend(
            self.request
                .nodes
                .iter()
                .map(|n| network.node_code(*n).to_owned()),
        );
        let first_pipe = self.request.pipes.first().copied();
        let first_pipe = first_pipe.or(self.request.pieces.first().map(|p| network.piece_pipe(*p)));
        let address = match (first_pipe, self.request.nodes.first()) {
            (Some(pipe), _) => place_of_pipe(attributes, pipe)?,
            (None, Some(node)) => attributes.of_node(*node, "address")?,
            (None, None) => Cell::Empty,
        };
        let place = places(network, self.request)
            .first()
            .map(|[x, y]| format!("{x:.2}, {y:.2}"));
        let r = self.result;
        let count = |n: usize| Cell::Integer(n as i64);
        Ok(vec![
            ("report.summary.project", Cell::text(self.project.name())),
            ("report.summary.burst", Cell::text(burst.join(", "))),
            ("report.summary.address", address),
            ("report.summary.place", Cell::text(place.unwrap_or_default())),
            ("report.summary.crs", Cell::text(self.project.crs().name.clone())),
            ("report.summary.close", count(r.valves_to_close.len())),
            ("report.summary.check", count(r.valves_to_check.len())),
            (
                "report.summary.customers",
                Cell::Integer(r.customers_affected as i64),
            ),
            (
                "report.summary.important",
                count(r.customers.iter().filter(|c| c.is_important).count()),
            ),
            ("report.summary.isolated", count(r.isolated_pipes.len())),
            (
                "report.summary.isolated_length",
                Cell::number(r.isolated_length_m, 1),
            ),
            ("report.summary.cut_off", count(r.cut_off_pipes.len())),
            (
                "report.summary.cut_off_length",
                Cell::number(r.cut_off_length_m, 1),
            ),
            ("report.summary.volume", Cell::number(r.volume_to_drain_m3, 1)),
            ("report.summary.hydrants", count(r.hydrants_lost.len())),
        ])
    }

    fn valves(&self, book: &mut Book, attributes: &mut Attributes<'_>) -> Result<()> {
        const COLUMNS: [Column; 15] = [
            column("report.column.number"),
            column("report.column.task"),
            column("report.column.code"),
            column("report.column.class"),
            column_in("report.column.diameter", "mm"),
            column("report.column.turns"),
            column("report.column.state"),
            column("report.column.operable"),
            column("report.column.address"),
            column("report.column.road"),
            column_in("report.column.depth", "m"),
            column_in("report.column.walk", "m"),
            column("report.column.x"),
            column("report.column.y"),
            column("report.column.remark"),
        ];
        let network = self.network;
        let order = closing_order(network, self.request, self.result);
        let r = self.result;
        let lists: [(&str, &[NodeIndex]); 4] = [
            ("report.task.close", &order),
            ("report.task.check", &r.valves_to_check),
            ("report.task.optional", &r.valves_optional),
            ("report.task.passed", &r.inoperable_passed),
        ];
        let mut rows = Vec::new();
        let mut before = places(network, self.request).first().copied();
        for (task, list) in lists {
            for (i, &valve) in list.iter().enumerate() {
                let is_tour = task == "report.task.close";
                let position = network.position(valve);
                let walk_m = before
                    .filter(|_| is_tour)
                    .map_or(f64::NAN, |b| network.metric().distance_m(b, position));
                before = Some(position);
                let flags = network.node_flags(valve);
                let state = if flags.has(crate::network::NodeFlags::OPEN) {
                    "report.value.open"
                } else {
                    "report.value.closed"
                };
                let operable = flags.has(crate::network::NodeFlags::OPERABLE);
                rows.push(vec![
                    if is_tour {
                        Cell::Integer(i as i64 + 1)
                    } else {
                        Cell::Empty
                    },
                    Cell::text(translate(task, self.lang)),
                    Cell::text(network.node_code(valve)),
                    attributes.class_of(valve)?,
                    Cell::number(f64::from(network.node_diameter_mm(valve)), 0),
                    attributes.of_node(valve, "turns")?,
                    Cell::text(translate(state, self.lang)),
                    Cell::text(translate(
                        if operable {
                            "report.value.yes"
                        } else {
                            "report.value.no"
                        },
                        self.lang,
                    )),
                    attributes.of_node(valve, "address")?,
                    attributes.of_node(valve, "road")?,
                    attributes.of_node(valve, "buried_depth_m")?,
                    Cell::number(walk_m, 0),
                    Cell::number(position[0], 2),
                    Cell::number(position[1], 2),
                    attributes.of_node(valve, "remark")?,
                ]);
            }
        }
        book.table("report.sheet.valves", &COLUMNS, &rows)
    }

    fn customers(&self, book: &mut Book, attributes: &mut Attributes<'_>) -> Result<()> {
        const COLUMNS: [Column; 8] = [
            column("report.column.important"),
            column("report.column.code"),
            column("report.column.account"),
            column("report.column.name"),
            column("report.column.phone"),
            column("report.column.address"),
            column("report.column.customers"),
            column("report.column.pipe"),
        ];
        let mut rows = Vec::new();
        for customer in &self.result.customers {
            rows.push(self.customer_row(customer, attributes)?);
        }
        book.table("report.sheet.customers", &COLUMNS, &rows)
    }

    fn customer_row(
        &self,
        customer: &AffectedCustomer,
        attributes: &mut Attributes<'_>,
    ) -> Result<Vec<Cell>> {
        let network = self.network;
        let mut of = |field: &str| {
            customer
                .node
                .map_or(Ok(Cell::Empty), |n| attributes.of_node(n, field))
        };
        let important = if customer.is_important {
            translate("report.value.yes", self.lang)
        } else {
            String::new()
        };
        Ok(vec![
            Cell::text(important),
            Cell::text(customer.node.map_or("", |n| network.node_code(n))),
            of("customer_code")?,
            of("name")?,
            of("phone")?,
            of("address")?,
            Cell::Integer(i64::from(customer.customers)),
            Cell::text(customer.pipe.map_or("", |p| network.pipe_code(p))),
        ])
    }

    fn pipes(&self, book: &mut Book, attributes: &mut Attributes<'_>) -> Result<()> {
        let mut columns = vec![column("report.column.effect")];
        columns.extend(PIPE_COLUMNS);
        let r = self.result;
        let mut rows = Vec::new();
        for (effect, list) in [
            ("report.effect.isolated", &r.isolated_pipes),
            ("report.effect.cut_off", &r.cut_off_pipes),
            ("report.effect.dry_before", &r.dry_before_pipes),
        ] {
            for &pipe in list {
                let mut row = vec![Cell::text(translate(effect, self.lang))];
                row.extend(pipe_cells(self.network, attributes, pipe)?);
                rows.push(row);
            }
        }
        book.table("report.sheet.pipes", &columns, &rows)
    }

    fn hydrants(&self, book: &mut Book, attributes: &mut Attributes<'_>) -> Result<()> {
        const COLUMNS: [Column; 5] = [
            column("report.column.code"),
            column("report.column.address"),
            column("report.column.road"),
            column("report.column.x"),
            column("report.column.y"),
        ];
        let mut rows = Vec::new();
        for &hydrant in &self.result.hydrants_lost {
            let [x, y] = self.network.position(hydrant);
            rows.push(vec![
                Cell::text(self.network.node_code(hydrant)),
                attributes.of_node(hydrant, "address")?,
                attributes.of_node(hydrant, "road")?,
                Cell::number(x, 2),
                Cell::number(y, 2),
            ]);
        }
        book.table("report.sheet.hydrants", &COLUMNS, &rows)
    }
}

/// What `pipe_cells` fills.
pub(super) const PIPE_COLUMNS: [Column; 8] = [
    column("report.column.code"),
    column_in("report.column.diameter", "mm"),
    column("report.column.material"),
    column_in("report.column.length", "m"),
    column("report.column.installed"),
    column("report.column.road"),
    column("report.column.address"),
    column("report.column.dma"),
];

/// The cells of `PIPE_COLUMNS`.
pub(super) fn pipe_cells(
    network: &Network,
    attributes: &mut Attributes<'_>,
    pipe: PipeIndex,
) -> Result<Vec<Cell>> {
    Ok(vec![
        Cell::text(network.pipe_code(pipe)),
        Cell::number(f64::from(network.pipe_diameter_mm(pipe)), 0),
        attributes.of_pipe(pipe, "material")?,
        Cell::number(network.pipe_length_m(pipe), 1),
        attributes.of_pipe(pipe, "install_date")?,
        attributes.of_pipe(pipe, "road")?,
        attributes.of_pipe(pipe, "address")?,
        attributes.of_pipe(pipe, "dma")?,
    ])
}

/// Address of a pipe, or the road it lies in.
fn place_of_pipe(attributes: &mut Attributes<'_>, pipe: PipeIndex) -> Result<Cell> {
    match attributes.of_pipe(pipe, "address")? {
        Cell::Empty => attributes.of_pipe(pipe, "road"),
        address => Ok(address),
    }
}

/// What the file may be called: the burst and the minute.
impl BurstReport<'_> {
    pub fn file_name(&self) -> String {
        let minute = self.created.format("%Y%m%d-%H%M").to_string();
        Message::new("report.burst.file")
            .with("time", minute)
            .text(self.lang)
    }
}
