//! Reads the network out of the project: only the columns that analyses need, without a feature in between. How things
//! are joined is the builder's affair.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use super::records::{boolean, ids, real};
use super::{Project, gpb};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::issue::{Issue, Severity};
use crate::model::ClassIndex;
use crate::network::{LifeState, Network, NetworkBuilder, NodeFlags, NodeInput, PipeInput};
use crate::progress::Progress;
use crate::schema::{Dictionary, FeatureClass, GeometryKind, Role, Schema};
use crate::text::Message;

const PIPE_COLUMNS: [&str; 11] = [
    "uid",
    "fid",
    "geom",
    "from_id",
    "to_id",
    "code",
    "state",
    "diameter_mm",
    "material",
    "length_m",
    "customers",
];
const NODE_COLUMNS: [&str; 18] = [
    "uid",
    "fid",
    "geom",
    "on_pipe_id",
    "on_pipe_distance_m",
    "flow_to_id",
    "inlet_pipe_ids",
    "code",
    "kind",
    "state",
    "diameter_mm",
    "customers",
    "customer_code",
    "is_open",
    "is_operable",
    "is_accessible",
    "is_important",
    "ground_elevation_m",
];
/// Rows between two looks at the user's wish to stop.
const ROWS_PER_REPORT: u64 = 8192;

impl Project {
    /// The network as it is stored now.
    ///
    /// # Errors
    /// `Cancelled`, or that the file cannot be read. Geometries that make no sense become issues of the network.
    pub fn network(&self, progress: &dyn Progress) -> Result<Network> {
        let mut reader = Reader {
            project: self,
            builder: NetworkBuilder::new(self.crs.is_geographic, self.crs.metres_per_unit, self.options()),
            progress,
            stage: Message::new("project.reading"),
            done: 0,
            total: self.feature_count()?,
            states: States::new(&self.schema),
        };
        for index in self.schema.class_indices() {
            match self.schema.class(index).geometry {
                GeometryKind::Line => reader.read_pipes(index)?,
                GeometryKind::Point => reader.read_nodes(index)?,
            }
        }
        reader.builder.build(progress)
    }
}

struct Reader<'a> {
    project: &'a Project,
    builder: NetworkBuilder,
    progress: &'a dyn Progress,
    stage: Message,
    done: u64,
    total: u64,
    states: States<'a>,
}

impl Reader<'_> {
    fn count_row(&mut self) -> Result<()> {
        if self.done.is_multiple_of(ROWS_PER_REPORT) {
            self.progress.check()?;
            self.progress.report(&self.stage, self.done, Some(self.total));
        }
        self.done += 1;
        Ok(())
    }

    fn report_geometry(&mut self, class: &FeatureClass, code: &str) {
        let message = Message::new("project.bad_geometry")
            .with("class", &class.key)
            .with("code", code);
        self.builder.add_issue(
            Issue::new(Severity::Error, message)
                .in_layer(&class.key)
                .on_code(code),
        );
    }

    fn read_pipes(&mut self, index: ClassIndex) -> Result<()> {
        let project = self.project;
        let class = project.schema.class(index);
        let materials = project.schema.dictionary("material");
        let mut statement = project.connection.prepare(&select(class, &PIPE_COLUMNS))?;
        let mut rows = statement.query([])?;
        let mut vertices: Vec<[f64; 2]> = Vec::new();
        let mut last_material = (Vec::new(), None);
        while let Some(row) = rows.next()? {
            self.count_row()?;
            let code = text(row, 5)?;
            vertices.clear();
            if let Some(blob) = blob(row, 2)? {
                let is_read = gpb::read_line(blob, &mut vertices, |p| [p[0], p[1]]).is_ok();
                if !is_read || vertices.iter().flatten().any(|v| !v.is_finite()) {
                    vertices.clear();
                    self.report_geometry(class, code);
                }
            }
            let material = row.get_ref(8)?.as_bytes().unwrap_or_default();
            if material != last_material.0 {
                let position = materials.and_then(|d| d.position(std::str::from_utf8(material).ok()?));
                last_material = (material.to_vec(), position);
            }
            let state = self.states.of(row.get_ref(6)?);
            self.builder.add_pipe(&PipeInput {
                id: project.row_id(class, row, [0, 1, 2])?,
                class: index,
                state,
                code,
                from: id(row, 3)?,
                to: id(row, 4)?,
                length_m: real(row.get_ref(9)?),
                diameter_mm: real(row.get_ref(7)?).unwrap_or(f64::NAN),
                material: last_material.1,
                customers: count(row.get_ref(10)?).unwrap_or(0),
                vertices: &vertices,
            });
        }
        Ok(())
    }

    fn read_nodes(&mut self, index: ClassIndex) -> Result<()> {
        let project = self.project;
        let class = project.schema.class(index);
        let mut statement = project.connection.prepare(&select(class, &NODE_COLUMNS))?;
        let mut rows = statement.query([])?;
        let mut kinds = Kinds {
            schema: &project.schema,
            class: index,
            known: Vec::new(),
        };
        let customers_by_default = u32::from(class.role == Role::Customer);
        let mut inlets: Vec<FeatureId> = Vec::new();
        while let Some(row) = rows.next()? {
            self.count_row()?;
            let code = text(row, 7)?;
            let mut place = [f64::NAN; 3];
            if let Some(blob) = blob(row, 2)? {
                match gpb::read_point(blob) {
                    Ok(Some(point)) if point[0].is_finite() && point[1].is_finite() => place = point,
                    Ok(None) => {}
                    _ => self.report_geometry(class, code),
                }
            }
            if place[2].is_nan() {
                place[2] = real(row.get_ref(17)?).unwrap_or(f64::NAN);
            }
            inlets.clear();
            inlets.extend(ids(row.get_ref(6)?));
            let flag = |column: usize, usual: bool| -> Result<bool> {
                Ok(boolean(row.get_ref(column)?).unwrap_or(usual))
            };
            let (kind, usual_flags) = kinds.of(row.get_ref(8)?.as_bytes().unwrap_or_default());
            let flags = usual_flags
                .set(NodeFlags::OPEN, flag(13, true)?)
                .set(NodeFlags::OPERABLE, flag(14, true)?)
                .set(NodeFlags::ACCESSIBLE, flag(15, true)?)
                .set(NodeFlags::IMPORTANT, flag(16, false)?);
            let state = self.states.of(row.get_ref(9)?);
            self.builder.add_node(&NodeInput {
                id: project.row_id(class, row, [0, 1, 2])?,
                class: index,
                kind,
                flags,
                state,
                code,
                position: [place[0], place[1]],
                z_m: place[2],
                diameter_mm: real(row.get_ref(10)?).unwrap_or(f64::NAN),
                customers: count(row.get_ref(11)?).unwrap_or(customers_by_default),
                account: Some(text(row, 12)?),
                on_pipe: id(row, 3)?,
                on_pipe_distance_m: real(row.get_ref(4)?),
                flow_to: id(row, 5)?,
                inlet_pipes: &inlets,
            });
        }
        Ok(())
    }
}

/// `SELECT` of the wanted columns; NULL stands for those that the class lacks, so that positions are the same for all.
fn select(class: &FeatureClass, wanted: &[&str]) -> String {
    let links = super::layout::links_of(class.geometry);
    let columns: Vec<&str> = wanted
        .iter()
        .map(|name| {
            let is_there = matches!(*name, "uid" | "fid" | "geom")
                || links.iter().any(|(link, _)| link == name)
                || class.field_index(name).is_some();
            if is_there { name } else { "NULL" }
        })
        .collect();
    format!("SELECT {} FROM \"{}\"", columns.join(", "), class.key)
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a str> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(text) => std::str::from_utf8(text).unwrap_or_default(),
        _ => "",
    })
}

fn blob<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<Option<&'a [u8]>> {
    Ok(match row.get_ref(column)? {
        ValueRef::Blob(blob) if !blob.is_empty() => Some(blob),
        _ => None,
    })
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<FeatureId>> {
    Ok(blob(row, column)?.and_then(FeatureId::from_slice))
}

pub(super) fn count(value: ValueRef<'_>) -> Option<u32> {
    real(value).filter(|v| *v >= 0.0).map(|v| v as u32)
}

/// Life states by stored text.
pub(super) struct States<'a> {
    dictionary: Option<&'a Dictionary>,
}

impl<'a> States<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        Self {
            dictionary: schema.dictionary("life_state"),
        }
    }

    /// Operative where nothing is said.
    pub(super) fn of(&self, value: ValueRef<'_>) -> LifeState {
        let ValueRef::Text(bytes) = value else {
            return LifeState::Operative;
        };
        let by_code = |code: &[u8]| match code {
            b"operative" => Some(LifeState::Operative),
            b"planned" => Some(LifeState::Planned),
            b"obsolete" => Some(LifeState::Obsolete),
            _ => None,
        };
        by_code(bytes)
            .or_else(|| {
                let entry = self.dictionary?.resolve(std::str::from_utf8(bytes).ok()?)?;
                by_code(entry.code.as_bytes())
            })
            .unwrap_or_default()
    }
}

/// Position in the dictionary of kinds, and what such a node does to water.
type Kind = (Option<usize>, NodeFlags);

/// The kinds of a class, looked up once each.
struct Kinds<'a> {
    schema: &'a Schema,
    class: ClassIndex,
    known: Vec<(Vec<u8>, Kind)>,
}

impl Kinds<'_> {
    fn of(&mut self, kind: &[u8]) -> Kind {
        if let Some((_, found)) = self.known.iter().find(|(known, _)| known == kind) {
            return *found;
        }
        let text = std::str::from_utf8(kind).ok().filter(|k| !k.is_empty());
        let position = text.and_then(|text| self.schema.kinds_of(self.class)?.position(text));
        let found = (position, node_flags(self.schema, self.class, text));
        // Free text in the column must not make a list that every row is compared with.
        if self.known.len() < 64 {
            self.known.push((kind.to_vec(), found));
        }
        found
    }
}

/// What a point of a class and kind does to water; open, operable and accessible are a matter of the single feature.
pub(super) fn node_flags(schema: &Schema, class: ClassIndex, kind: Option<&str>) -> NodeFlags {
    let behaviour = schema.behaviour(class, kind);
    let role = schema.class(class).role;
    NodeFlags::default()
        .set(NodeFlags::BOUNDARY, behaviour.boundary.unwrap_or(false))
        .set(NodeFlags::SHUTTABLE, behaviour.shuttable.unwrap_or(false))
        .set(NodeFlags::ONE_WAY, behaviour.one_way.unwrap_or(false))
        .set(NodeFlags::SOURCE, behaviour.source.unwrap_or(false))
        .set(NodeFlags::HYDRANT, role == Role::Hydrant)
        .set(NodeFlags::CUSTOMER, role == Role::Customer)
        .set(NodeFlags::METER, role == Role::Meter)
        .set(NodeFlags::VALVE, role == Role::Valve)
}
