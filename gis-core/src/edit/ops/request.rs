//! What can be asked for, as one JSON object a request: the form of scripts, and of whoever gathers requests elsewhere.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{AtCrossing, BadRows, Change, Hanging, Measured, PipeEnd, Reading, Row, Scope, Work};
use crate::edit::{Tie, Transaction};
use crate::error::{Error, Result};
use crate::ids::IdSource;
use crate::project::Project;
use crate::text::Message;

/// One operation. Features go by code, by class and code, or by id.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    AddNode {
        class: String,
        at: [f64; 2],
        z: Option<f64>,
        /// The pipe it goes into, at the place nearest to `at`.
        pipe: Option<String>,
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// A node from what was measured to things on the map.
    TieNode {
        class: String,
        tie: Tie,
        /// The place that is meant is the one nearest to this, where several fit.
        near: Option<[f64; 2]>,
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// Another measurement to a node that is on the map.
    RecordTie {
        node: String,
        tie: Tie,
    },
    DrawPipe {
        #[serde(default = "pipe")]
        class: String,
        /// Nodes, in order.
        through: Vec<String>,
        /// Vertices between two nodes.
        #[serde(default)]
        via: Vec<[f64; 2]>,
        #[serde(default)]
        values: Map<String, Json>,
    },
    MoveNode {
        node: String,
        to: [f64; 2],
    },
    /// 量距建点: a node where a measurement leads; on the pipe it was measured along it cuts that pipe.
    MeasureNode {
        class: String,
        by: Measured,
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// 量距移点. A joint of two pipes that is moved along one of them slides: what one loses the other gains.
    MeasureMove {
        node: String,
        by: Measured,
    },
    /// The same node as something else: fields that both classes have are carried.
    ChangeClass {
        node: String,
        class: String,
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// Another node in the place of this one, with an id of its own; what was joined to the old one is joined to it.
    ReplaceNode {
        node: String,
        class: String,
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// 地面高程, 埋深, 管顶高程: of the three, two give the third.
    SetLevels {
        node: String,
        ground_elevation_m: Option<f64>,
        buried_depth_m: Option<f64>,
        pipe_elevation_m: Option<f64>,
    },
    /// Other vertices between the ends of a pipe.
    Reshape {
        pipe: String,
        via: Vec<[f64; 2]>,
    },
    InsertVertex {
        pipe: String,
        at: [f64; 2],
        /// The vertex it follows; the nearest stretch gets it unless given.
        after: Option<usize>,
    },
    /// Vertices are counted from the start of the pipe, which is 0.
    MoveVertex {
        pipe: String,
        vertex: usize,
        to: [f64; 2],
    },
    DeleteVertex {
        pipe: String,
        vertex: usize,
    },
    /// An end of a pipe goes to another node.
    AttachEnd {
        pipe: String,
        end: PipeEnd,
        node: String,
    },
    Set {
        features: Vec<String>,
        values: Map<String, Json>,
    },
    /// Each feature its own attributes, as one change.
    SetRows {
        rows: Vec<Row>,
    },
    /// The attributes of a feature, and where wanted its place and what it was joined to, as they were before an entry
    /// of the journal that changed it.
    Restore {
        feature: String,
        before: i64,
        #[serde(default)]
        with_place: bool,
    },
    Reverse {
        pipe: String,
    },
    /// An assembly of the part library, placed and turned in one go.
    PlaceAssembly {
        part: String,
        /// A node, which becomes its anchor, or a pipe.
        on: String,
        /// Where on the pipe.
        at: Option<[f64; 2]>,
        /// Anticlockwise from the direction of the pipe.
        #[serde(default)]
        rotation_deg: f64,
        /// Of the anchor.
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// 属性更新 from a workbook: a column of codes and columns of fields.
    SetTable {
        file: PathBuf,
        /// The first one unless given.
        sheet: Option<String>,
        /// For codes that features of several classes have.
        class: Option<String>,
        #[serde(default)]
        bad_rows: BadRows,
    },
    /// Moves, turns, scales, mirrors or aligns a selection as a whole; pipes take their nodes along.
    Transform {
        features: Vec<String>,
        change: Change,
    },
    /// A copy of features, with ids and codes of its own, somewhere else.
    Copy {
        features: Vec<String>,
        by: [f64; 2],
    },
    /// Copies of pipes beside them, right of their direction where positive; they meet where the pipes do.
    CopyBeside {
        pipes: Vec<String>,
        offset_m: f64,
        /// The class of the nodes they end in.
        #[serde(default = "junction")]
        class: String,
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// The features of a file, as one change.
    Import {
        file: PathBuf,
        #[serde(default)]
        reading: Reading,
    },
    /// Puts what was copied somewhere else, with ids and codes of its own.
    Paste {
        /// As [`super::copied`] gives it.
        features: Json,
        by: [f64; 2],
    },
    /// Customers name the nearest pipe in service.
    ConnectCustomers {
        features: Vec<String>,
        #[serde(default = "reach_m")]
        within_m: f64,
    },
    /// 接户管: a pipe from the nearest main, or a named one, to a customer.
    ServicePipe {
        customer: String,
        main: Option<String>,
        #[serde(default = "reach_m")]
        within_m: f64,
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// The same for many; those that cannot be served are told.
    ServicePipes {
        customers: Vec<String>,
        #[serde(default = "reach_m")]
        within_m: f64,
        #[serde(default)]
        values: Map<String, Json>,
    },
    SplitAt {
        pipe: String,
        /// From the start of the pipe along its drawn line, in metres.
        distances_m: Vec<f64>,
    },
    SplitInto {
        pipe: String,
        parts: usize,
    },
    /// 交点分割: what becomes of crossings of pipes that are not joined.
    SplitCrossings {
        #[serde(rename = "in")]
        scope: Scope,
        choice: AtCrossing,
        /// The pipe that lies higher; found from heights where it is not said.
        upper: Option<String>,
        /// The class of new joints.
        #[serde(default = "junction")]
        class: String,
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// 移动点到线上: a node goes to the nearest place of a pipe, which is cut there.
    NodeOntoPipe {
        node: String,
        pipe: String,
    },
    Merge {
        /// A chain. The first stays and takes in the others.
        pipes: Vec<String>,
        /// What the merged pipe holds where they differ.
        #[serde(default)]
        values: Map<String, Json>,
        /// Fields that are taken from another pipe of the chain, by its name.
        #[serde(default)]
        take: BTreeMap<String, String>,
        /// Takes the first pipe's attributes where they differ and nothing is chosen; what is lost is told.
        #[serde(default)]
        keep_first: bool,
    },
    /// An end of a pipe goes to the nearest place of another pipe and is joined to it there.
    JoinEnd {
        pipe: String,
        end: PipeEnd,
        into: String,
    },
    /// 延伸 or 修剪: an end goes on straight to another pipe, or back to where it crosses it, and is joined to it there.
    Reach {
        pipe: String,
        end: PipeEnd,
        into: String,
    },
    /// Two nodes become the first of them.
    MergeNodes {
        keep: String,
        gone: String,
    },
    /// An end of a pipe names the node that stands where it is drawn, or none.
    SettleEnd {
        pipe: String,
        end: PipeEnd,
    },
    /// A new pipe from a node to the nearest place of another pipe.
    Bridge {
        node: String,
        pipe: String,
        #[serde(default)]
        values: Map<String, Json>,
    },
    /// A pipe that lies on another one from end to end goes.
    FoldPipe {
        gone: String,
        keep: String,
    },
    /// Pipes that run together for a stretch are cut where they part.
    CutOverlap {
        first: String,
        second: String,
    },
    /// The recorded length becomes the drawn one.
    RecordLength {
        pipe: String,
    },
    /// Which way water leaves a one-way device.
    SetFlow {
        node: String,
        /// A pipe, or a node at the end of the pipe it sits on.
        to: String,
    },
    /// Which pipes only fill a source.
    SetInlets {
        node: String,
        pipes: Vec<String>,
    },
    /// A device names no pipe any more.
    LetGo {
        node: String,
    },
    /// A feature that shares its id with one of another class gets one of its own.
    Renumber {
        class: String,
        feature: String,
    },
    Delete {
        features: Vec<String>,
        #[serde(default)]
        hanging: Hanging,
    },
    Abandon {
        features: Vec<String>,
    },
}

/// What is to be done for a request, and what the user should know about it.
#[derive(Debug, Clone)]
pub struct Plan {
    pub transaction: Transaction,
    pub notes: Vec<Message>,
}

fn pipe() -> String {
    "pipe".to_owned()
}

/// How far a customer may be from its main unless said otherwise.
fn reach_m() -> f64 {
    50.0
}

fn junction() -> String {
    "junction".to_owned()
}

impl Request {
    /// # Errors
    /// The text is no request; the message says what is wrong with it.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|e| Error::bad_input(Message::new("edit.error.bad_request").with("reason", e)))
    }

    /// The request as one line of a script.
    ///
    /// # Errors
    /// A number in it is none that JSON has.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|e| Error::bad_input(Message::new("edit.error.bad_request").with("reason", e)))
    }

    /// The requests that this one stands for, to be carried out one after the other; none where it is one itself.
    pub(super) fn each(&self) -> Vec<Self> {
        let Self::ServicePipes {
            customers,
            within_m,
            values,
        } = self
        else {
            return Vec::new();
        };
        let one = |customer: &String| Self::ServicePipe {
            customer: customer.clone(),
            main: None,
            within_m: *within_m,
            values: values.clone(),
        };
        customers.iter().map(one).collect()
    }

    /// What is to be done for it, with the project as it is. `ids` names what comes into being.
    ///
    /// # Errors
    /// `BadInput` that says what stands in the way. A request that would change nothing gives an empty transaction.
    pub fn plan(&self, project: &Project, ids: &mut IdSource) -> Result<Transaction> {
        Ok(self.plan_told(project, ids)?.transaction)
    }

    /// The same with what the user should know: values that get lost, pipes that differ.
    ///
    /// # Errors
    /// As for [`Request::plan`].
    pub fn plan_told(&self, project: &Project, ids: &mut IdSource) -> Result<Plan> {
        let mut work = Work::new(project, ids);
        let mut transaction = self.planned(&mut work)?;
        work.keep_passes(&mut transaction)?;
        Ok(Plan {
            transaction,
            notes: work.notes,
        })
    }

    fn planned(&self, work: &mut Work<'_>) -> Result<Transaction> {
        match self {
            Self::AddNode {
                class,
                at,
                z,
                pipe,
                values,
            } => work.add_node(class, *at, *z, pipe.as_deref(), values),
            Self::TieNode {
                class,
                tie,
                near,
                values,
            } => work.tie_node(class, tie, *near, values),
            Self::RecordTie { node, tie } => work.record_tie(node, tie),
            Self::DrawPipe {
                class,
                through,
                via,
                values,
            } => work.draw_pipe(class, through, via, values),
            Self::MoveNode { node, to } => work.move_node(node, *to),
            Self::MeasureNode { class, by, values } => work.measure_node(class, by, values),
            Self::MeasureMove { node, by } => work.measure_move(node, by),
            Self::ChangeClass { node, class, values } => work.change_class(node, class, values),
            Self::ReplaceNode { node, class, values } => work.replace_node(node, class, values),
            Self::SetLevels {
                node,
                ground_elevation_m,
                buried_depth_m,
                pipe_elevation_m,
            } => work.set_levels(node, [*ground_elevation_m, *buried_depth_m, *pipe_elevation_m]),
            Self::Reshape { pipe, via } => work.reshape(pipe, via),
            Self::InsertVertex { pipe, at, after } => work.insert_vertex(pipe, *at, *after),
            Self::MoveVertex { pipe, vertex, to } => work.move_vertex(pipe, *vertex, *to),
            Self::DeleteVertex { pipe, vertex } => work.delete_vertex(pipe, *vertex),
            Self::AttachEnd { pipe, end, node } => work.attach_end(pipe, *end, node),
            Self::Set { features, values } => work.set(features, values),
            Self::SetRows { rows } => work.set_rows(rows),
            Self::Restore {
                feature,
                before,
                with_place,
            } => work.restore(feature, *before, *with_place),
            Self::Reverse { pipe } => work.reverse(pipe),
            Self::PlaceAssembly {
                part,
                on,
                at,
                rotation_deg,
                values,
            } => work.place_assembly(part, on, *at, *rotation_deg, values),
            Self::SetTable {
                file,
                sheet,
                class,
                bad_rows,
            } => work.set_table(file, sheet.as_deref(), class.as_deref(), *bad_rows),
            Self::Transform { features, change } => work.transform(features, *change),
            Self::Copy { features, by } => work.copy(features, *by),
            Self::CopyBeside {
                pipes,
                offset_m,
                class,
                values,
            } => work.copy_beside(pipes, *offset_m, class, values),
            Self::Import { file, reading } => work.bring(file, reading),
            Self::Paste { features, by } => work.paste(features, *by),
            Self::ConnectCustomers { features, within_m } => work.connect_customers(features, *within_m),
            Self::ServicePipe {
                customer,
                main,
                within_m,
                values,
            } => work.service_pipe(customer, main.as_deref(), *within_m, values),
            // Each cuts the main that the next one may want: [`Deed::carry_out`] takes them one by one.
            Self::ServicePipes { .. } => Err(Error::bad_input(Message::new("edit.error.one_by_one"))),
            Self::SplitAt { pipe, distances_m } => work.split_at(pipe, distances_m),
            Self::SplitInto { pipe, parts } => work.split_into(pipe, *parts),
            Self::Merge {
                pipes,
                values,
                take,
                keep_first,
            } => work.merge(pipes, values, take, *keep_first),
            Self::SplitCrossings {
                scope,
                choice,
                upper,
                class,
                values,
            } => work.split_crossings(scope, *choice, upper.as_deref(), class, values),
            Self::NodeOntoPipe { node, pipe } => work.node_onto_pipe(node, pipe),
            Self::JoinEnd { pipe, end, into } => work.join_end(pipe, *end, into),
            Self::Reach { pipe, end, into } => work.reach(pipe, *end, into),
            Self::MergeNodes { keep, gone } => work.merge_nodes(keep, gone),
            Self::SettleEnd { pipe, end } => work.settle_end(pipe, *end),
            Self::Bridge { node, pipe, values } => work.bridge(node, pipe, values),
            Self::FoldPipe { gone, keep } => work.fold_pipe(gone, keep),
            Self::CutOverlap { first, second } => work.cut_overlap(first, second),
            Self::RecordLength { pipe } => work.record_length(pipe),
            Self::SetFlow { node, to } => work.set_flow(node, to),
            Self::SetInlets { node, pipes } => work.set_inlets(node, pipes),
            Self::LetGo { node } => work.let_go_of_pipe(node),
            Self::Renumber { class, feature } => work.renumber(class, feature),
            Self::Delete { features, hanging } => work.delete(features, *hanging),
            Self::Abandon { features } => work.abandon(features),
        }
    }
}
