//! Opens foreign vector data for reading: a file, a file geodatabase, or a folder of such files. It leaves the
//! source as it is, down to the byte and the folder it lies in.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8};
use gdal::vector::{LayerAccess as _, OGRFieldType, OGRwkbGeometryType, geometry_type_flatten};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use tempfile::TempDir;

use super::encoding::{self, EncodingQuestion, Quality, Verdict};
use super::{crs, dbf, quiet, transcode};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::issue::{Issue, Severity};
use crate::project::Project;
use crate::text::Message;

/// Drivers that read files and nothing else: no service, database or script behind the name of a file.
const DRIVERS: [&str; 17] = [
    "ESRI Shapefile",
    "GeoJSON",
    "GeoJSONSeq",
    "TopoJSON",
    "ESRIJSON",
    "GPKG",
    "SQLite",
    "DXF",
    "CAD",
    "OpenFileGDB",
    "CSV",
    "LIBKML",
    "KML",
    "GML",
    "MapInfo File",
    "FlatGeobuf",
    "XLSX",
];

/// What a folder is searched for.
const EXTENSIONS: [&str; 20] = [
    "shp", "dbf", "gpkg", "geojson", "json", "geojsonl", "topojson", "csv", "tsv", "dxf", "dwg", "kml",
    "kmz", "gml", "tab", "mif", "fgb", "xlsx", "sqlite", "gdb",
];

/// How the texts of a dataset come out of GDAL.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Codec {
    Text,
    /// Each byte of the source as one character: to be decoded by us.
    Bytes(&'static Encoding),
}

/// An open file.
pub(super) struct Part {
    pub(super) dataset: Dataset,
    /// The user's file; the dataset may be a copy.
    pub(super) file: PathBuf,
    pub(super) codec: Codec,
    pub(super) driver: String,
    /// An encoding nobody said.
    pub(super) guessed_encoding: Option<&'static str>,
    /// Goes with the dataset that reads from it.
    _copy: Option<TempDir>,
}

/// What a layer holds, as far as its header tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Point,
    Line,
    Polygon,
    /// A table.
    None,
    /// Several kinds, or not said.
    Mixed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Integer,
    Real,
    Date,
    Text,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: ColumnKind,
}

/// A layer of an open source.
#[derive(Debug, Clone)]
pub(super) struct SourceLayer {
    pub(super) part: usize,
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    pub(super) shape: Shape,
    pub(super) crs: Option<Crs>,
    /// Number of rows, where it costs nothing to know.
    pub(super) count: Option<u64>,
    /// Lines before the first row, as the user counts.
    pub(super) header_rows: u64,
}

/// An open source.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) parts: Vec<Part>,
    pub(super) layers: Vec<SourceLayer>,
    pub(super) issues: Vec<Issue>,
}

/// Text of unknown encoding: ask, then open again with the answer.
pub(super) enum Opened {
    Source(Source),
    Question(EncodingQuestion),
}

fn extension(path: &Path) -> String {
    path.extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

fn bad(key: &'static str, path: &Path) -> Error {
    Error::bad_input(Message::new(key).with("path", path.display()))
}

impl Source {
    /// # Errors
    /// Not there, empty, truncated, of no format known, without layers.
    pub(super) fn open(path: &Path, wanted_encoding: Option<&str>) -> Result<Opened> {
        quiet::start();
        quiet::take_heard();
        let wanted = wanted_encoding.map(encoding::required).transpose()?;
        let meta = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
        let is_folder = meta.is_dir() && extension(path) != "gdb";
        let files = if is_folder {
            files_in(path)?
        } else {
            vec![path.to_owned()]
        };
        let mut source = Self {
            path: path.to_owned(),
            parts: Vec::new(),
            layers: Vec::new(),
            issues: Vec::new(),
        };
        for file in &files {
            if is_folder && Project::is_project(file).unwrap_or(false) {
                // Not for GDAL, which would read it a second time beside a program that has it open.
                let message = Message::new("io.source.project_in_folder").with("path", file.display());
                source.issues.push(Issue::new(Severity::Warning, message));
                continue;
            }
            match source.add(file, wanted, is_folder) {
                Ok(None) => {}
                Ok(Some(question)) => return Ok(Opened::Question(question)),
                // One stray file in a folder does not stop the others.
                Err(error @ Error::BadInput(_))
                    if is_folder && files.len() > 1 && is_unknown_format(&error) =>
                {
                    source.issues.push(Issue::new(Severity::Warning, error.message()));
                }
                Err(error) => return Err(error),
            }
        }
        if source.layers.is_empty() {
            return Err(bad("io.source.no_layers", path));
        }
        Ok(Opened::Source(source))
    }

    fn add(
        &mut self,
        file: &Path,
        wanted: Option<&'static Encoding>,
        in_folder: bool,
    ) -> Result<Option<EncodingQuestion>> {
        let meta = std::fs::metadata(file).map_err(|e| Error::io(file, e))?;
        if meta.is_file() && meta.len() == 0 {
            return Err(bad("io.source.empty", file));
        }
        let part = match open_part(file, wanted, &mut self.issues)? {
            Ok(part) => part,
            Err(question) => return Ok(Some(question)),
        };
        let number = self.parts.len();
        let layer_count = part.dataset.layer_count();
        for index in 0..layer_count {
            let Ok(mut layer) = part.dataset.layer(index) else {
                continue;
            };
            let stem = file
                .file_stem()
                .map(|s| s.to_string_lossy().into_owned())
                .unwrap_or_default();
            let name = if in_folder && layer_count == 1 {
                stem
            } else {
                layer.name()
            };
            // Styles and the like that QGIS keeps in a GeoPackage.
            if matches!(name.as_str(), "layer_styles" | "qgis_projects") {
                continue;
            }
            let columns = layer
                .defn()
                .fields()
                .map(|field| Column {
                    name: match part.codec {
                        Codec::Text => field.name(),
                        Codec::Bytes(encoding) => decode_latin(&field.name(), encoding).0,
                    },
                    kind: match field.field_type() {
                        OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => ColumnKind::Integer,
                        OGRFieldType::OFTReal => ColumnKind::Real,
                        OGRFieldType::OFTDate | OGRFieldType::OFTDateTime => ColumnKind::Date,
                        _ => ColumnKind::Text,
                    },
                })
                .collect();
            let geometry = if layer.defn().geom_fields().next().is_none() {
                OGRwkbGeometryType::wkbNone
            } else {
                layer.defn().geometry_type()
            };
            self.layers.push(SourceLayer {
                part: number,
                index,
                name,
                columns,
                shape: match shape_of(geometry) {
                    Shape::Mixed => shape_of_rows(&mut layer),
                    shape => shape,
                },
                crs: layer
                    .spatial_ref()
                    .and_then(|s| crs::from_spatial_ref(&s))
                    .filter(|c| !is_undefined(c)),
                count: layer.try_feature_count(),
                header_rows: u64::from(matches!(part.driver.as_str(), "CSV" | "XLSX")),
            });
        }
        self.parts.push(part);
        Ok(None)
    }
}

/// GeoPackage's and GDAL's ways to say that nothing is known.
fn is_undefined(crs: &Crs) -> bool {
    crs.is_local()
        || crs.name.to_lowercase().starts_with("undefined")
        || crs.name.eq_ignore_ascii_case("unknown")
}

fn is_unknown_format(error: &Error) -> bool {
    matches!(
        error.message().key(),
        "io.source.unknown_format" | "io.source.empty"
    )
}

fn shape_of(geometry: OGRwkbGeometryType::Type) -> Shape {
    use OGRwkbGeometryType as G;
    match geometry_type_flatten(geometry) {
        G::wkbPoint | G::wkbMultiPoint => Shape::Point,
        G::wkbLineString
        | G::wkbMultiLineString
        | G::wkbCircularString
        | G::wkbCompoundCurve
        | G::wkbMultiCurve
        | G::wkbCurve => Shape::Line,
        G::wkbPolygon | G::wkbMultiPolygon | G::wkbCurvePolygon | G::wkbMultiSurface | G::wkbSurface => {
            Shape::Polygon
        }
        G::wkbNone => Shape::None,
        _ => Shape::Mixed,
    }
}

/// What the first rows hold, where the header leaves it open: `Mixed` only where they differ.
fn shape_of_rows(layer: &mut gdal::vector::Layer<'_>) -> Shape {
    let mut found: Option<Shape> = None;
    for row in layer.features().take(1_000) {
        let Some(geometry) = super::rows::geometry(&row) else {
            continue;
        };
        let shape = shape_of(geometry.geometry_type());
        if found.is_some_and(|f| f != shape) {
            return Shape::Mixed;
        }
        found = Some(shape);
    }
    found.unwrap_or(Shape::Mixed)
}

/// The readable files of a folder, by name; of a shapefile's set only the `.shp`.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|e| Error::io(folder, e))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|p| EXTENSIONS.contains(&extension(p).as_str()))
        .filter(|p| {
            p.file_name()
                .is_some_and(|n| !n.to_string_lossy().starts_with(['.', '~']))
        })
        .collect();
    files.sort();
    let shapes: Vec<PathBuf> = files
        .iter()
        .filter(|p| matches!(extension(p).as_str(), "shp" | "tab"))
        .map(|p| p.with_extension(""))
        .collect();
    files.retain(|p| extension(p) != "dbf" || !shapes.contains(&p.with_extension("")));
    if files.is_empty() {
        return Err(bad("io.source.empty_folder", folder));
    }
    Ok(files)
}

/// The file beside `path` with another extension, in whatever case.
pub(super) fn beside(path: &Path, wanted: &str) -> Option<PathBuf> {
    [wanted.to_lowercase(), wanted.to_uppercase()]
        .iter()
        .map(|e| path.with_extension(e))
        .find(|p| p.is_file())
        .or_else(|| {
            let stem = path.file_stem()?.to_string_lossy().to_lowercase();
            std::fs::read_dir(path.parent()?)
                .ok()?
                .filter_map(|e| Some(e.ok()?.path()))
                .find(|p| {
                    extension(p) == wanted
                        && p.file_stem()
                            .is_some_and(|s| s.to_string_lossy().to_lowercase() == stem)
                })
        })
}

fn open_part(
    file: &Path,
    wanted: Option<&'static Encoding>,
    issues: &mut Vec<Issue>,
) -> Result<Result<Part, EncodingQuestion>> {
    let open = |path: &Path, options: &[&str]| open_dataset(file, path, options);
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let part = |dataset: Dataset, codec, guessed_encoding, copy| {
        let driver = dataset.driver().short_name();
        Part {
            dataset,
            file: file.to_owned(),
            codec,
            driver,
            guessed_encoding,
            _copy: copy,
        }
    };
    match extension(file).as_str() {
        "shp" | "dbf" => {
            if extension(file) == "shp" {
                dbf::check_shp(file)?;
            }
            let table = if extension(file) == "dbf" {
                Some(file.to_owned())
            } else {
                beside(file, "dbf")
            };
            let (codec, guessed) = match table {
                None => {
                    issues.push(Issue::new(
                        Severity::Warning,
                        Message::new("io.source.no_attributes").with("path", file.display()),
                    ));
                    (UTF_8, None)
                }
                Some(table) => match table_encoding(file, &table, wanted, &name)? {
                    Ok(found) => found,
                    Err(question) => return Ok(Err(question)),
                },
            };
            // Latin 1 lets every byte through GDAL unharmed.
            let options = ["ENCODING=ISO-8859-1"];
            let is_indexed = extension(file) == "dbf" || beside(file, "shx").is_some();
            let (dataset, copy) = if is_indexed {
                (open(file, &options)?, None)
            } else {
                issues.push(Issue::new(
                    Severity::Warning,
                    Message::new("io.source.no_index").with("path", file.display()),
                ));
                let copy = copied(&[Some(file.to_owned()), beside(file, "dbf"), beside(file, "prj")])?;
                gdal::config::set_thread_local_config_option("SHAPE_RESTORE_SHX", "YES")?;
                let opened = open(&copy.path().join(&name), &options);
                gdal::config::clear_thread_local_config_option("SHAPE_RESTORE_SHX")?;
                (opened?, Some(copy))
            };
            Ok(Ok(part(dataset, Codec::Bytes(codec), guessed, copy)))
        }
        "gpkg" | "sqlite" | "db" => {
            check_sqlite(file)?;
            let with_suffix = |suffix: &str| {
                let mut name = file.as_os_str().to_owned();
                name.push(suffix);
                Some(PathBuf::from(name)).filter(|p| p.metadata().is_ok_and(|m| m.len() > 0))
            };
            let (wal, journal) = (with_suffix("-wal"), with_suffix("-journal"));
            // Reading a database in WAL mode writes beside it; what is not yet in the file needs a copy.
            if wal.is_some() || journal.is_some() || (is_wal_mode(file)? && extension(file) != "gpkg") {
                let copy = copied(&[Some(file.to_owned()), wal, journal])?;
                let dataset = open(&copy.path().join(&name), &[])?;
                return Ok(Ok(part(dataset, Codec::Text, None, Some(copy))));
            }
            let options: &[&str] = if is_wal_mode(file)? {
                &["IMMUTABLE=YES"]
            } else {
                &[]
            };
            Ok(Ok(part(open(file, options)?, Codec::Text, None, None)))
        }
        kind @ ("csv" | "tsv" | "txt" | "geojson" | "json" | "geojsonl" | "topojson" | "kml" | "gml"
        | "dxf" | "mif") => {
            let text = match transcode::as_utf8(file, wanted)? {
                Ok(text) => text,
                Err(question) => return Ok(Err(question)),
            };
            if text.broken_lines > 0 {
                issues.push(Issue::new(
                    Severity::Warning,
                    Message::new("io.encoding.broken_lines")
                        .with("path", file.display())
                        .with("count", text.broken_lines)
                        .with("encoding", transcode::label(text.encoding)),
                ));
            }
            let options: &[&str] = match kind {
                "csv" | "tsv" | "txt" => &["HEADERS=YES", "AUTODETECT_TYPE=NO", "EMPTY_STRING_AS_NULL=YES"],
                "gml" => &["WRITE_GFS=NO"],
                _ => &[],
            };
            // What is read is UTF-8 by now, whatever code page the drawing says.
            let is_recoded = kind == "dxf" || (text.copy.is_some() && kind == "mif");
            if is_recoded {
                gdal::config::set_thread_local_config_option("DXF_ENCODING", "UTF-8")?;
            }
            let opened = open(&text.path, options);
            if is_recoded {
                gdal::config::clear_thread_local_config_option("DXF_ENCODING")?;
            }
            let guessed = text.is_guessed.then(|| transcode::label(text.encoding));
            // A drawing without a header is read as Latin 1, whatever GDAL is told.
            let codec = if kind == "dxf" && !transcode::has_dxf_header(&text.path)? {
                Codec::Bytes(UTF_8)
            } else {
                Codec::Text
            };
            Ok(Ok(part(opened?, codec, guessed, text.copy)))
        }
        "xlsx" => Ok(Ok(part(open(file, &["HEADERS=FORCE"])?, Codec::Text, None, None))),
        _ => Ok(Ok(part(open(file, &[])?, Codec::Text, None, None))),
    }
}

fn open_dataset(shown: &Path, path: &Path, options: &[&str]) -> Result<Dataset> {
    let known: Vec<&str> = DRIVERS
        .iter()
        .copied()
        .filter(|d| gdal::DriverManager::get_driver_by_name(d).is_ok())
        .collect();
    quiet::take_heard();
    let opened = Dataset::open_ex(
        path,
        DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_VECTOR
                | GdalOpenFlags::GDAL_OF_READONLY
                | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            allowed_drivers: Some(&known),
            open_options: Some(options),
            sibling_files: None,
        },
    );
    match opened {
        Ok(dataset) => {
            quiet::take_heard();
            Ok(dataset)
        }
        Err(error) => {
            let reason = quiet::reason(&error).replace(&*path.to_string_lossy(), &shown.to_string_lossy());
            let key = if reason.contains("not recognized") {
                "io.source.unknown_format"
            } else {
                "io.source.broken"
            };
            Err(Error::bad_input(
                Message::new(key)
                    .with("path", shown.display())
                    .with("reason", reason),
            ))
        }
    }
}

type TableEncoding = (&'static Encoding, Option<&'static str>);

/// Encoding of a shapefile's table, and its name where it was found out against or without what the file says.
fn table_encoding(
    file: &Path,
    table: &Path,
    wanted: Option<&'static Encoding>,
    name: &str,
) -> Result<Result<TableEncoding, EncodingQuestion>> {
    let (evidence, language) = dbf::evidence(table)?;
    if let Some(wanted) = wanted {
        return Ok(Ok((wanted, None)));
    }
    let said = beside(file, "cpg").and_then(|cpg| std::fs::read(cpg).ok());
    let said = said.and_then(|text| encoding::by_name(String::from_utf8_lossy(&text).trim()));
    let declared = said.or(language);
    Ok(match evidence.verdict(declared) {
        Verdict::Plain => Ok((declared.unwrap_or(UTF_8), None)),
        Verdict::Is(found) => Ok((found, (declared != Some(found)).then(|| transcode::label(found)))),
        Verdict::Undecided => Err(evidence.question(name, declared)),
    })
}

/// # Errors
/// Shorter than its header says, or no SQLite file.
fn check_sqlite(path: &Path) -> Result<()> {
    let mut head = [0_u8; 100];
    let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
    let found = file.metadata().map_err(|e| Error::io(path, e))?.len();
    if file.read_exact(&mut head).is_err() || !head.starts_with(b"SQLite format 3\0") {
        return Err(bad("io.source.no_database", path));
    }
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let number = |i: usize| u32::from_be_bytes([head[i], head[i + 1], head[i + 2], head[i + 3]]);
    let expected = page * u64::from(number(28));
    // The page count counts only where the last writer kept it.
    if number(24) == number(92) && found < expected {
        return Err(dbf::truncated(path, found, expected));
    }
    Ok(())
}

fn is_wal_mode(path: &Path) -> Result<bool> {
    let mut head = [0_u8; 20];
    let read = File::open(path).and_then(|mut f| f.read_exact(&mut head));
    read.map_err(|e| Error::io(path, e))?;
    Ok(head[18] == 2 || head[19] == 2)
}

/// Copies of files in a folder of their own.
fn copied(files: &[Option<PathBuf>]) -> Result<TempDir> {
    let folder = TempDir::with_prefix("karez").map_err(|e| Error::io("temporary folder", e))?;
    for file in files.iter().flatten() {
        let target = folder.path().join(file.file_name().unwrap_or_default());
        let mut from = File::open(file).map_err(|e| Error::io(file, e))?;
        let mut to = File::create(&target).map_err(|e| Error::io(&target, e))?;
        std::io::copy(&mut from, &mut to).map_err(|e| Error::io(&target, e))?;
    }
    Ok(folder)
}

/// A text that came through GDAL as one character per byte.
pub(super) fn decode_latin(text: &str, encoding: &'static Encoding) -> (String, Quality) {
    if text.is_ascii() {
        return (text.to_owned(), Quality::Exact);
    }
    let raw: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    match raw {
        Some(raw) => {
            let (text, quality) = encoding::decode(encoding, &raw);
            (text.into_owned(), quality)
        }
        None => (text.to_owned(), Quality::Broken),
    }
}
