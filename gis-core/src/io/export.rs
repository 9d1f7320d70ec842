//! Writes a project in the exchange layout: layers `nodes` and `pipes` in any format GDAL writes, so that reading
//! them again gives the same network. It writes to a temporary place first; a failed export leaves no half file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use gdal::Dataset;
use gdal::DatasetCapability;
use gdal::DriverManager;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{
    Feature as Row, FieldDefn, Geometry as OgrGeometry, Layer, LayerAccess as _, LayerOptions, OGRFieldType,
    OGRwkbGeometryType as G,
};

use super::crs::{self, Transform};
use super::quiet;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::issue::{Issue, Issues, Severity};
use crate::model::{ClassIndex, Feature, Geometry, Value};
use crate::progress::Progress;
use crate::project::Project;
use crate::schema::{FieldType, GeometryKind, Schema};
use crate::text::Message;

/// What to export, and how.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// Keys of the classes; all where empty.
    pub classes: Vec<String>,
    /// System of the coordinates; the project's where `None`, always degrees in GeoJSON and KML.
    pub crs: Option<Crs>,
    /// Encoding of a Shapefile's text, as GDAL names it (`GBK`); UTF-8 where `None`. Other formats are always UTF-8.
    pub encoding: Option<String>,
}

/// What was written.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct ExportReport {
    pub files: Vec<PathBuf>,
    pub nodes: u64,
    pub pipes: u64,
    pub issues: Issues,
}

/// How nodes and pipes lie in the files of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileLayout {
    /// Two layers of one file.
    Layers,
    /// One layer a file: two files in a folder.
    Files,
    /// One layer of any geometry: they share it, told apart by `class`.
    Mixed,
    /// Geometry and layer name only.
    Drawing,
}

/// A format by its file name.
struct Format {
    driver: &'static str,
    layout: FileLayout,
    must_be_degrees: bool,
    extension: &'static str,
}

fn format_of(target: &Path) -> Result<Format> {
    let extension = target
        .extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let format = |driver, layout, extension| Format {
        driver,
        layout,
        must_be_degrees: matches!(driver, "GeoJSON" | "LIBKML"),
        extension,
    };
    Ok(match extension.as_str() {
        "gpkg" => format("GPKG", FileLayout::Layers, "gpkg"),
        "geojson" | "json" => format("GeoJSON", FileLayout::Mixed, "geojson"),
        "shp" => format("ESRI Shapefile", FileLayout::Files, "shp"),
        "csv" => format("CSV", FileLayout::Files, "csv"),
        "kml" => format("LIBKML", FileLayout::Layers, "kml"),
        "dxf" => format("DXF", FileLayout::Drawing, "dxf"),
        "sqlite" => format("SQLite", FileLayout::Layers, "sqlite"),
        _ => {
            return Err(Error::bad_input(
                Message::new("io.export.unknown_format")
                    .with("path", target.display())
                    .with("extension", extension),
            ));
        }
    })
}

/// A column of an exported layer.
struct Column {
    name: String,
    kind: ColumnKind,
}

#[derive(Clone, Copy, PartialEq)]
enum ColumnKind {
    Class,
    /// From, to, on_pipe …, by position in `LINK_TARGETS`.
    Link(usize),
    Field,
}

const LINK_NAMES: [&str; 6] = super::mapping::LINK_TARGETS;

/// Writes the project, or some of its classes. Formats of one layer a file (Shapefile, CSV …) become a
/// folder named like the target without its extension when there are both nodes and pipes.
///
/// # Errors
/// Unknown format, a place that cannot be written to, a class that does not exist.
pub fn export(
    project: &Project,
    target: &Path,
    options: &ExportOptions,
    progress: &dyn Progress,
) -> Result<ExportReport> {
    quiet::start();
    quiet::take_heard();
    let format = format_of(target)?;
    // A project is no export: writing over one would destroy it, and one that is open twice over.
    if target.is_file() && Project::is_project(target)? {
        return Err(Error::bad_input(
            Message::new("io.export.project").with("path", target.display()),
        ));
    }
    let driver =
        DriverManager::get_driver_by_name(format.driver).map_err(|e| failed(target, &quiet::reason(&e)))?;
    let schema = project.schema();
    let classes = wanted_classes(schema, options)?;
    let parent = target
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let workshop = tempfile::Builder::new()
        .prefix(".karez-export")
        .tempdir_in(parent)
        .map_err(|e| Error::io(parent, e))?;
    let own = project.crs();
    let wanted = match (&options.crs, format.must_be_degrees && !own.is_local()) {
        (_, true) => crs::parse("EPSG:4326")?,
        (Some(crs), false) => crs.clone(),
        (None, false) => own.clone(),
    };
    let codes = codes(project, progress)?;
    let mut writer = Writer {
        project,
        codes: &codes,
        transform: Transform::new(own, &wanted)?,
        system: (!wanted.is_local())
            .then(|| crs::spatial_ref(&wanted.wkt))
            .transpose()?,
        format: &format,
        encoding: options.encoding.as_deref().unwrap_or("UTF-8"),
        progress,
        report: ExportReport::default(),
    };
    let sides: Vec<(GeometryKind, &str, Vec<ClassIndex>)> =
        [(GeometryKind::Point, "nodes"), (GeometryKind::Line, "pipes")]
            .into_iter()
            .map(|(kind, name)| {
                (
                    kind,
                    name,
                    classes
                        .iter()
                        .copied()
                        .filter(|c| schema.class(*c).geometry == kind)
                        .collect(),
                )
            })
            .filter(|(_, _, classes): &(_, _, Vec<ClassIndex>)| !classes.is_empty())
            .collect();
    let is_folder = format.layout == FileLayout::Files && sides.len() > 1;
    if is_folder {
        for (kind, name, classes) in &sides {
            let path = workshop.path().join(name).with_extension(format.extension);
            let mut dataset = driver
                .create_vector_only(&path)
                .map_err(|e| failed(target, &quiet::reason(&e)))?;
            writer.write_all(&mut dataset, &[(*kind, name, classes.as_slice())], target)?;
            dataset.close().map_err(|e| failed(target, &quiet::reason(&e)))?;
        }
    } else {
        let path = workshop.path().join(target.file_name().unwrap_or_default());
        let mut dataset = driver
            .create_vector_only(&path)
            .map_err(|e| failed(target, &quiet::reason(&e)))?;
        let sides: Vec<(GeometryKind, &str, &[ClassIndex])> = sides
            .iter()
            .map(|(kind, name, classes)| (*kind, *name, classes.as_slice()))
            .collect();
        writer.write_all(&mut dataset, &sides, target)?;
        dataset.close().map_err(|e| failed(target, &quiet::reason(&e)))?;
    }
    let mut report = writer.report;
    for heard in quiet::take_heard() {
        if heard.is_failure {
            return Err(failed(target, &heard.text));
        }
        report.issues.push(Issue::new(
            Severity::Info,
            Message::new("core.error.gdal").with("reason", heard.text),
        ));
    }
    report.files = put_in_place(workshop.path(), target, is_folder)?;
    Ok(report)
}

fn failed(target: &Path, reason: &str) -> Error {
    Error::bad_input(
        Message::new("io.export.failed")
            .with("path", target.display())
            .with("reason", reason),
    )
}

fn wanted_classes(schema: &Schema, options: &ExportOptions) -> Result<Vec<ClassIndex>> {
    if options.classes.is_empty() {
        return Ok(schema.class_indices().collect());
    }
    options
        .classes
        .iter()
        .map(|name| {
            schema.resolve_class(name).map(|(class, _)| class).ok_or_else(|| {
                let known: Vec<&str> = schema.classes.iter().map(|c| c.key.as_str()).collect();
                Error::bad_input(
                    Message::new("io.export.unknown_class")
                        .with("class", name)
                        .with("known", known.join(", ")),
                )
            })
        })
        .collect()
}

/// Moves what was written to where it shall be.
fn put_in_place(workshop: &Path, target: &Path, is_folder: bool) -> Result<Vec<PathBuf>> {
    let into = if is_folder {
        target.with_extension("")
    } else {
        target.parent().unwrap_or(Path::new("")).to_owned()
    };
    if is_folder {
        std::fs::create_dir_all(&into).map_err(|e| Error::io(&into, e))?;
    }
    let mut files = Vec::new();
    let mut written: Vec<PathBuf> = std::fs::read_dir(workshop)
        .and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect())
        .map_err(|e| Error::io(workshop, e))?;
    written.sort();
    for path in written {
        let place = into.join(path.file_name().unwrap_or_default());
        std::fs::rename(&path, &place).map_err(|e| Error::io(&place, e))?;
        files.push(place);
    }
    Ok(files)
}

/// The code of every feature, by which links are written.
fn codes(project: &Project, progress: &dyn Progress) -> Result<HashMap<FeatureId, String>> {
    let schema = project.schema();
    let mut codes = HashMap::new();
    for class in schema.class_indices() {
        progress.check()?;
        let Some(field) = schema.class(class).field_index("code") else {
            continue;
        };
        project.for_each(class, |feature| {
            if let Some(code) = feature.values[field].as_text() {
                codes.insert(feature.id, code.to_owned());
            }
            Ok(())
        })?;
    }
    Ok(codes)
}

struct Writer<'a> {
    project: &'a Project,
    codes: &'a HashMap<FeatureId, String>,
    transform: Transform,
    system: Option<SpatialRef>,
    format: &'a Format,
    encoding: &'a str,
    progress: &'a dyn Progress,
    report: ExportReport,
}

type Side<'s> = (GeometryKind, &'s str, &'s [ClassIndex]);

impl Writer<'_> {
    fn write_all(&mut self, dataset: &mut Dataset, sides: &[Side<'_>], target: &Path) -> Result<()> {
        let written = if dataset.has_capability(DatasetCapability::TRANSACTIONS) {
            let mut transaction = dataset.start_transaction()?;
            self.write_sides(&mut transaction, sides)
                .and_then(|()| Ok(transaction.commit()?))
        } else {
            self.write_sides(dataset, sides)
        };
        written.map_err(|error| match error {
            Error::Gdal(error) => failed(target, &quiet::reason(&error)),
            other => other,
        })
    }

    fn write_sides(&mut self, dataset: &mut Dataset, sides: &[Side<'_>]) -> Result<()> {
        if self.format.layout == FileLayout::Drawing {
            let layer = dataset.create_layer(LayerOptions {
                name: "entities",
                ..LayerOptions::default()
            })?;
            for (_, name, classes) in sides {
                self.write_rows(&layer, name, classes, &[])?;
            }
            return Ok(());
        }
        if self.format.layout == FileLayout::Mixed {
            let classes: Vec<ClassIndex> = sides
                .iter()
                .flat_map(|(_, _, classes)| *classes)
                .copied()
                .collect();
            let columns = self.columns(&[0, 1, 2, 3, 4, 5], &classes);
            let options: &[&str] = &["COORDINATE_PRECISION=9", "RFC7946=NO"];
            let layer = dataset.create_layer(LayerOptions {
                name: "network",
                srs: self.system.as_ref(),
                ty: G::wkbUnknown,
                options: Some(options),
            })?;
            for column in &columns {
                self.create_column(&layer, column, &classes)?;
            }
            return self.write_rows(&layer, "network", &classes, &columns);
        }
        for (kind, name, classes) in sides {
            let links: &[usize] = if *kind == GeometryKind::Line {
                &[0, 1]
            } else {
                &[2, 3, 4, 5]
            };
            let columns = self.columns(links, classes);
            let layer = self.create_layer(dataset, *kind, name)?;
            for column in &columns {
                self.create_column(&layer, column, classes)?;
            }
            self.write_rows(&layer, name, classes, &columns)?;
        }
        Ok(())
    }

    fn create_layer<'d>(
        &self,
        dataset: &'d mut Dataset,
        kind: GeometryKind,
        name: &str,
    ) -> Result<Layer<'d>> {
        let has_height = self.format.driver != "CSV";
        let ty = match (kind, has_height) {
            (GeometryKind::Point, true) => G::wkbPoint25D,
            (GeometryKind::Point, false) => G::wkbPoint,
            (GeometryKind::Line, true) => G::wkbLineString25D,
            (GeometryKind::Line, false) => G::wkbLineString,
        };
        let encoding = format!("ENCODING={}", self.encoding);
        let options: &[&str] = match self.format.driver {
            "ESRI Shapefile" => &[&encoding],
            "CSV" => &["GEOMETRY=AS_WKT", "STRING_QUOTING=IF_AMBIGUOUS"],
            "GPKG" => &["GEOMETRY_NAME=geom", "SPATIAL_INDEX=YES"],
            _ => &[],
        };
        Ok(dataset.create_layer(LayerOptions {
            name,
            srs: self.system.as_ref(),
            ty,
            options: Some(options),
        })?)
    }

    /// Class, links, then the fields of all classes in the order in which they first come.
    fn columns(&self, links: &[usize], classes: &[ClassIndex]) -> Vec<Column> {
        let schema = self.project.schema();
        let mut columns = vec![Column {
            name: "code".to_owned(),
            kind: ColumnKind::Field,
        }];
        columns.push(Column {
            name: "class".to_owned(),
            kind: ColumnKind::Class,
        });
        columns.extend(links.iter().map(|l| Column {
            name: LINK_NAMES[*l].to_owned(),
            kind: ColumnKind::Link(*l),
        }));
        for field in classes.iter().flat_map(|c| &schema.class(*c).fields) {
            if !columns.iter().any(|c| c.name == field.key) {
                columns.push(Column {
                    name: field.key.clone(),
                    kind: ColumnKind::Field,
                });
            }
        }
        columns
    }

    fn create_column(&self, layer: &Layer<'_>, column: &Column, classes: &[ClassIndex]) -> Result<()> {
        let schema = self.project.schema();
        let field = classes
            .iter()
            .find_map(|c| schema.class(*c).fields.iter().find(|f| f.key == column.name));
        let ty = match (column.kind, field.map(|f| &f.field_type)) {
            (ColumnKind::Link(super::plan::ON_PIPE_DISTANCE), _)
            | (ColumnKind::Field, Some(FieldType::Real)) => OGRFieldType::OFTReal,
            (ColumnKind::Field, Some(FieldType::Integer)) => OGRFieldType::OFTInteger64,
            (ColumnKind::Field, Some(FieldType::Boolean)) => OGRFieldType::OFTInteger,
            // KML has no dates but those of its own time line.
            (ColumnKind::Field, Some(FieldType::Date)) if self.format.driver != "LIBKML" => {
                OGRFieldType::OFTDate
            }
            _ => OGRFieldType::OFTString,
        };
        let name = match self.format.driver {
            "ESRI Shapefile" => dbf_name(&column.name),
            _ => column.name.clone(),
        };
        let definition = FieldDefn::new(&name, ty)?;
        if self.format.driver == "ESRI Shapefile" && ty == OGRFieldType::OFTString {
            definition.set_width(200);
        }
        definition.add_to_layer(layer)?;
        Ok(())
    }

    fn write_rows(
        &mut self,
        layer: &Layer<'_>,
        name: &str,
        classes: &[ClassIndex],
        columns: &[Column],
    ) -> Result<()> {
        let project = self.project;
        let schema = project.schema();
        let stage = Message::new("io.stage.writing").with("layer", name);
        let mut done = 0_u64;
        let is_drawing = self.format.layout == FileLayout::Drawing;
        let drawing_layer = if is_drawing {
            layer.defn().field_index("Layer").ok()
        } else {
            None
        };
        for class in classes {
            let feature_class = schema.class(*class);
            let slots: Vec<Option<usize>> = columns
                .iter()
                .map(|c| feature_class.field_index(&c.name))
                .collect();
            project.for_each(*class, |feature| {
                done += 1;
                if done.is_multiple_of(1_024) {
                    self.progress.check()?;
                    self.progress.report(&stage, done, None);
                }
                let mut row = Row::new(layer.defn())?;
                if let Some(index) = drawing_layer {
                    row.set_field_string(index, &feature_class.key)?;
                }
                for (i, column) in columns.iter().enumerate() {
                    match column.kind {
                        ColumnKind::Class => row.set_field_string(i, &feature_class.key)?,
                        ColumnKind::Link(link) => self.set_link(&mut row, i, link, &feature)?,
                        ColumnKind::Field => {
                            if let Some(slot) = slots[i] {
                                set_value(&mut row, i, &feature.values[slot])?;
                            }
                        }
                    }
                }
                match self.geometry(&feature)? {
                    Some(geometry) => row.set_geometry(geometry)?,
                    None if is_drawing => return Ok(()),
                    _ => {}
                }
                row.create(layer)?;
                if feature_class.geometry == GeometryKind::Line {
                    self.report.pipes += 1;
                } else {
                    self.report.nodes += 1;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn set_link(&self, row: &mut Row<'_>, column: usize, link: usize, feature: &Feature) -> Result<()> {
        use super::plan::{FLOW_TO, FROM, INLET_PIPES, ON_PIPE, ON_PIPE_DISTANCE, TO};
        let links = &feature.links;
        let one = |id: Option<FeatureId>| id.and_then(|id| self.codes.get(&id)).cloned();
        let text = match link {
            FROM => one(links.from),
            TO => one(links.to),
            ON_PIPE => one(links.on_pipe),
            FLOW_TO => one(links.flow_to),
            INLET_PIPES => {
                let codes: Vec<&str> = links
                    .inlet_pipes
                    .iter()
                    .filter_map(|id| self.codes.get(id))
                    .map(String::as_str)
                    .collect();
                (!codes.is_empty()).then(|| codes.join(","))
            }
            ON_PIPE_DISTANCE => {
                if let Some(distance_m) = links.on_pipe_distance_m {
                    row.set_field_double(column, distance_m)?;
                }
                return Ok(());
            }
            _ => None,
        };
        if let Some(text) = text {
            row.set_field_string(column, &text)?;
        }
        Ok(())
    }

    fn geometry(&self, feature: &Feature) -> Result<Option<OgrGeometry>> {
        let (points, ty) = match &feature.geometry {
            None => return Ok(None),
            Some(Geometry::Point(p)) => (std::slice::from_ref(p), [G::wkbPoint, G::wkbPoint25D]),
            Some(Geometry::Line(line)) => (line.as_slice(), [G::wkbLineString, G::wkbLineString25D]),
        };
        let mut places: Vec<[f64; 2]> = points.iter().map(|p| [p[0], p[1]]).collect();
        self.transform.points(&mut places)?;
        let has_height = points.iter().any(|p| p[2].is_finite());
        let mut geometry = OgrGeometry::empty(ty[usize::from(has_height)])?;
        for (place, point) in places.iter().zip(points) {
            if has_height {
                geometry.add_point((
                    place[0],
                    place[1],
                    if point[2].is_finite() { point[2] } else { 0.0 },
                ));
            } else {
                geometry.add_point_2d((place[0], place[1]));
            }
        }
        Ok(Some(geometry))
    }
}

/// Ten bytes that still lead to one field when read again.
fn dbf_name(name: &str) -> String {
    match name {
        "on_pipe_distance_m" => "on_pipe_m".to_owned(),
        "depth_from_m" => "depth_from".to_owned(),
        other => other.chars().take(10).collect(),
    }
}

fn set_value(row: &mut Row<'_>, column: usize, value: &Value) -> Result<()> {
    match value {
        Value::Null => {}
        Value::Boolean(flag) => row.set_field_integer(column, i32::from(*flag))?,
        Value::Integer(number) => row.set_field_integer64(column, *number)?,
        Value::Real(number) => row.set_field_double(column, *number)?,
        Value::Date(date) => row.set_field_string(column, &date.format("%Y/%m/%d").to_string())?,
        // A NUL would end the text in GDAL.
        Value::Text(text) => row.set_field_string(column, &text.replace('\0', ""))?,
    }
    Ok(())
}
