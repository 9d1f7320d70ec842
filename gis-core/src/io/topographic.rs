//! Brings a new issue of a topographic map beside the project: every layer with its attributes, copied into a
//! GeoPackage of its own with a spatial index and its text in UTF-8.
//!
//! The copies lie in a folder beside the project and not in the project file: they are large, never edited, and GDAL
//! may open them at any time, which it must not do with a project that is open. Coordinates stay as they were.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use gdal::vector::{
    Feature as Row, FieldDefn, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType as G,
};
use gdal::{Dataset, DriverManager};

use super::source::{ColumnKind, Opened, Shape, Source, SourceLayer};
use super::values::Cell;
use super::{crs, foreign, quiet, rows};
use crate::cartography::layers::{TopoBook, TopoRecord};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::text::Message;

/// What to bring in, and what is written down about it.
#[derive(Debug, Clone, Default)]
pub struct NewIssue {
    pub map: String,
    pub issue: String,
    pub source: PathBuf,
    /// Text encoding, where the file does not say or says it wrongly.
    pub encoding: Option<String>,
    /// Coordinate system of layers that name none; the project's where `None`.
    pub crs: Option<Crs>,
    pub by: String,
    pub note: String,
    pub added_unix_ms: u64,
}

/// The folder beside a project where its topographic maps lie.
pub fn folder_of(project: &Path) -> PathBuf {
    project.with_extension("basemaps")
}

/// Copies the source into the folder. The record goes into the project's [`crate::cartography::layers::TopoBook`].
///
/// # Errors
/// The source cannot be read, its encoding must be asked, the folder not written; `Cancelled`. No half copy stays.
pub fn bring_in(
    new: &NewIssue,
    project: &Path,
    project_crs: &Crs,
    progress: &dyn Progress,
) -> Result<TopoRecord> {
    let source = match foreign::open(&new.source, new.encoding.as_deref())? {
        Opened::Source(source) => source,
        Opened::Question(question) => {
            let names: Vec<&str> = question.candidates.iter().map(|c| c.encoding.as_str()).collect();
            return Err(Error::bad_input(
                Message::new("io.encoding.undecided")
                    .with("file", &question.file)
                    .with("candidates", names.join(", ")),
            ));
        }
    };
    if foreign::drawn_layers(&source).next().is_none() {
        return Err(Error::bad_input(
            Message::new("foreign.no_geometry").with("path", new.source.display()),
        ));
    }
    let folder = folder_of(project);
    std::fs::create_dir_all(&folder).map_err(|e| Error::io(&folder, e))?;
    let name = file_name(&folder, &new.map, &new.issue);
    let workshop = tempfile::Builder::new()
        .prefix(".karez-issue")
        .tempdir_in(&folder)
        .map_err(|e| Error::io(&folder, e))?;
    let made = workshop.path().join(&name);
    let target = folder.join(&name);
    let mut copy = Copy {
        target: &target,
        default_crs: new.crs.as_ref().unwrap_or(project_crs),
        progress,
        features: 0,
        layers: Vec::new(),
    };
    copy.all(&source, &made)?;
    std::fs::rename(&made, &target).map_err(|e| Error::io(&target, e))?;
    Ok(TopoRecord {
        issue: new.issue.clone(),
        source: new.source.display().to_string(),
        added_unix_ms: new.added_unix_ms,
        by: new.by.clone(),
        note: new.note.clone(),
        features: copy.features,
        layers: copy.layers,
        bytes: std::fs::metadata(&target).map_or(0, |m| m.len()),
        file: name,
    })
}

/// Copies the topographic maps of a project beside another file, as when it is saved under a new name. A drawing that
/// is missing is left out: its layer says so wherever it is shown.
///
/// # Errors
/// A file cannot be read or written; `Cancelled`. No half copy of a drawing stays.
pub fn copy_beside(book: &TopoBook, from: &Path, to: &Path, progress: &dyn Progress) -> Result<()> {
    let (from, to) = (folder_of(from), folder_of(to));
    let drawings: Vec<&TopoRecord> = book
        .maps
        .iter()
        .flat_map(|map| &map.issues)
        .filter(|record| from.join(&record.file).is_file())
        .collect();
    if from == to || drawings.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(&to).map_err(|e| Error::io(&to, e))?;
    let sizes = drawings.iter().map(|record| record.bytes).sum();
    let mut copied = 0;
    for record in drawings {
        let stage = Message::new("topographic.copying").with("name", &record.file);
        let mut half = tempfile::NamedTempFile::new_in(&to).map_err(|e| Error::io(&to, e))?;
        let source = from.join(&record.file);
        let mut drawing = File::open(&source).map_err(|e| Error::io(&source, e))?;
        let mut buffer = vec![0_u8; 1 << 20];
        loop {
            progress.check()?;
            progress.report(&stage, copied, Some(sizes));
            let read = drawing.read(&mut buffer).map_err(|e| Error::io(&source, e))?;
            if read == 0 {
                break;
            }
            half.write_all(&buffer[..read]).map_err(|e| Error::io(&to, e))?;
            copied += read as u64;
        }
        let target = to.join(&record.file);
        half.persist(&target).map_err(|e| Error::io(&target, e.error))?;
    }
    Ok(())
}

/// A name of letters and digits that no file of the folder has.
fn file_name(folder: &Path, map: &str, issue: &str) -> String {
    let plain: String = format!("{map}-{issue}")
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' })
        .take(60)
        .collect();
    (1..10_000)
        .map(|i| {
            if i == 1 {
                format!("{plain}.gpkg")
            } else {
                format!("{plain}-{i}.gpkg")
            }
        })
        .find(|name| !folder.join(name).exists())
        .unwrap_or(plain)
}

struct Copy<'a> {
    target: &'a Path,
    default_crs: &'a Crs,
    progress: &'a dyn Progress,
    features: u64,
    layers: Vec<String>,
}

impl Copy<'_> {
    fn failed(&self, error: Error) -> Error {
        match error {
            Error::Gdal(source) => Error::bad_input(
                Message::new("io.export.failed")
                    .with("path", self.target.display())
                    .with("reason", quiet::reason(&source)),
            ),
            other => other,
        }
    }

    fn all(&mut self, source: &Source, made: &Path) -> Result<()> {
        let copied = self.copy_layers(source, made);
        copied.map_err(|error| self.failed(error))
    }

    fn copy_layers(&mut self, source: &Source, made: &Path) -> Result<()> {
        let mut dataset = DriverManager::get_driver_by_name("GPKG")?.create_vector_only(made)?;
        for layer in foreign::drawn_layers(source) {
            let mut transaction = dataset.start_transaction()?;
            self.copy_layer(source, layer, &mut transaction)?;
            transaction.commit()?;
        }
        dataset.close()?;
        quiet::take_heard();
        Ok(())
    }

    fn copy_layer(&mut self, source: &Source, layer: &SourceLayer, dataset: &mut Dataset) -> Result<()> {
        let crs = layer.crs.as_ref().unwrap_or(self.default_crs);
        let system = (!crs.is_local())
            .then(|| crs::spatial_ref(&crs.wkt))
            .transpose()?;
        let name = self.free_name(&layer.name);
        let target = dataset.create_layer(LayerOptions {
            name: &name,
            srs: system.as_ref(),
            ty: match layer.shape {
                Shape::Point => G::wkbPoint,
                // Single and multiple geometries may be mixed.
                _ => G::wkbUnknown,
            },
            options: Some(&["GEOMETRY_NAME=geom", "FID=karez_fid", "SPATIAL_INDEX=YES"]),
        })?;
        let mut columns = Vec::new();
        for (i, column) in layer.columns.iter().enumerate() {
            let kind = match column.kind {
                ColumnKind::Integer => OGRFieldType::OFTInteger64,
                ColumnKind::Real => OGRFieldType::OFTReal,
                ColumnKind::Date | ColumnKind::Text => OGRFieldType::OFTString,
            };
            if ["geom", "karez_fid"].contains(&column.name.to_lowercase().as_str()) {
                continue;
            }
            let field = FieldDefn::new(&column.name, kind)?;
            if field.add_to_layer(&target).is_ok() {
                columns.push(i);
            }
        }
        let part = &source.parts[layer.part];
        let stage = Message::new("io.stage.writing").with("layer", &layer.name);
        let mut rows_of = part.dataset.layer(layer.index)?;
        for row in rows_of.features() {
            if self.features.is_multiple_of(1_024) {
                self.progress.check()?;
                self.progress.report(&stage, self.features, layer.count);
            }
            let mut copy = Row::new(target.defn())?;
            for (slot, i) in columns.iter().enumerate() {
                match rows::cell(&row, *i, &layer.columns[*i], part.codec).0 {
                    Cell::Null => {}
                    Cell::Integer(number) => copy.set_field_integer64(slot, number)?,
                    Cell::Real(number) => copy.set_field_double(slot, number)?,
                    Cell::Date(date) => copy.set_field_string(slot, &date.to_string())?,
                    Cell::Text(text) => copy.set_field_string(slot, &text.replace('\0', ""))?,
                }
            }
            let Some(geometry) = rows::geometry(&row) else {
                continue;
            };
            copy.set_geometry(geometry.clone())?;
            copy.create(&target)?;
            self.features += 1;
        }
        self.layers.push(name);
        Ok(())
    }

    /// Layers of a folder may share a name.
    fn free_name(&self, name: &str) -> String {
        (1..10_000)
            .map(|i| {
                if i == 1 {
                    name.to_owned()
                } else {
                    format!("{name}_{i}")
                }
            })
            .find(|n| !self.layers.contains(n))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cartography::layers::{TopoIssue, VectorSource};
    use crate::io::foreign::{ForeignFile, ForeignReader, MOST_VERTICES, look};
    use crate::io::sketch::{Piece, Sketch};
    use crate::progress::NoProgress;

    const CENTRE: [f64; 2] = [548_000.0, 4_852_000.0];

    /// Houses as a GBK shapefile with one more than `houses` where `is_new`.
    fn shapefile(folder: &Path, name: &str, is_new: bool) -> PathBuf {
        quiet::start();
        let path = folder.join(name);
        let driver = DriverManager::get_driver_by_name("ESRI Shapefile").unwrap();
        let mut dataset = driver.create_vector_only(&path).unwrap();
        let system = crs::spatial_ref("4538").unwrap();
        let layer = dataset
            .create_layer(LayerOptions {
                name: "houses",
                srs: Some(&system),
                ty: G::wkbPolygon,
                options: Some(&["ENCODING=CP936"]),
            })
            .unwrap();
        FieldDefn::new("名称", OGRFieldType::OFTString)
            .unwrap()
            .add_to_layer(&layer)
            .unwrap();
        let mut houses = vec![0.0, 40.0, 80.0];
        if is_new {
            houses[1] = 300.0;
            houses.push(120.0);
        }
        for x in houses {
            let [x, y] = [CENTRE[0] + x, CENTRE[1]];
            let wkt = format!(
                "POLYGON (({x} {y},{} {y},{} {},{x} {},{x} {y}))",
                x + 20.0,
                x + 20.0,
                y + 10.0,
                y + 10.0
            );
            let mut row = Row::new(layer.defn()).unwrap();
            row.set_field_string(0, "自来水公司办公楼").unwrap();
            row.set_geometry(gdal::vector::Geometry::from_wkt(&wkt).unwrap())
                .unwrap();
            row.create(&layer).unwrap();
        }
        dataset.close().unwrap();
        path
    }

    fn project_crs() -> Crs {
        crs::parse("EPSG:4538").unwrap()
    }

    fn whole(path: &Path) -> Sketch {
        let source = VectorSource {
            path: path.display().to_string(),
            topographic: Some(TopoIssue::default()),
            ..VectorSource::default()
        };
        let reader = ForeignReader::open(&source, &project_crs(), None).unwrap();
        reader
            .view(reader.facts().web_box.unwrap(), 0.0, MOST_VERTICES, &NoProgress)
            .unwrap()
    }

    #[test]
    fn two_issues_lie_beside_the_project_and_show_what_changed() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("天池.gpkg");
        let mut book = TopoBook::default();
        let mut files = Vec::new();
        for (issue, is_new) in [("2022", false), ("2024", true)] {
            let new = NewIssue {
                map: "1:500 地形图".to_owned(),
                issue: issue.to_owned(),
                source: shapefile(folder.path(), &format!("s{issue}"), is_new),
                by: "张三".to_owned(),
                ..NewIssue::default()
            };
            let record = bring_in(&new, &project, &project_crs(), &NoProgress).unwrap();
            assert_eq!(record.layers, ["houses"]);
            assert_eq!(record.features, if is_new { 4 } else { 3 });
            assert_eq!(record.file, format!("1_500_地形图-{issue}.gpkg"));
            files.push(folder_of(&project).join(&record.file));
            book.add(&new.map, record).unwrap();
        }
        let renamed = folder.path().join("elsewhere").join("q.gpkg");
        copy_beside(&book, &project, &renamed, &NoProgress).unwrap();
        for file in &files {
            let copy = folder_of(&renamed).join(file.file_name().unwrap());
            assert_eq!(std::fs::read(copy).unwrap(), std::fs::read(file).unwrap());
        }
        assert_eq!(std::fs::read_dir(folder_of(&renamed)).unwrap().count(), 2);
        let compared = Sketch::compare(whole(&files[0]), whole(&files[1]));
        let counts = [&compared.both, &compared.only_old, &compared.only_new].map(|s| s.pieces.len());
        assert_eq!(counts, [2, 1, 2]);
        let copied = Source::open(&files[1], None).unwrap();
        let Opened::Source(copied) = copied else { panic!() };
        assert_eq!(copied.layers[0].crs.as_ref().and_then(|c| c.epsg), Some(4538));
        let mut layer = copied.parts[0].dataset.layer(0).unwrap();
        let row = layer.features().next().unwrap();
        let cell = rows::cell(&row, 0, &copied.layers[0].columns[0], copied.parts[0].codec).0;
        assert_eq!(copied.layers[0].columns[0].name, "名称");
        assert_eq!(cell, Cell::Text("自来水公司办公楼".into()), "GBK became UTF-8");
    }

    #[test]
    fn a_foreign_layer_is_read_within_the_view_and_up_to_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = shapefile(folder.path(), "s", true).join("houses.shp");
        let ForeignFile::Layers(layers) = look(&path, None).unwrap() else {
            panic!()
        };
        assert_eq!(
            (layers[0].name.as_str(), layers[0].shape),
            ("houses", Shape::Polygon)
        );
        let source = VectorSource {
            path: path.display().to_string(),
            ..VectorSource::default()
        };
        let reader = ForeignReader::open(&source, &project_crs(), None).unwrap();
        let place = crate::cartography::WebPlace::new(&project_crs(), None).unwrap();
        let around = |x: f64, half: f64| {
            let [x, y] = [CENTRE[0] + x, CENTRE[1]];
            place
                .box_to_mercator([x - half, y - half, x + half, y + half])
                .unwrap()
        };
        let near = reader
            .view(around(10.0, 9.0), 0.0, MOST_VERTICES, &NoProgress)
            .unwrap();
        assert_eq!(near.pieces.len(), 1);
        assert!(matches!(&near.pieces[0], Piece::Area(rings) if rings[0].len() == 5));
        let all = reader
            .view(around(100.0, 900.0), 0.0, MOST_VERTICES, &NoProgress)
            .unwrap();
        assert_eq!((all.pieces.len(), all.is_cut), (4, false));
        let few = reader.view(around(100.0, 900.0), 0.0, 8, &NoProgress).unwrap();
        assert!(few.is_cut && few.pieces.len() == 2);
        let missing = VectorSource {
            layer: Some("roads".to_owned()),
            ..source
        };
        let refused = ForeignReader::open(&missing, &project_crs(), None).err().unwrap();
        assert_eq!(refused.message().key(), "foreign.no_layer");
    }

    #[test]
    fn a_drawing_shows_its_lines_and_its_lettering() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("地形.dxf");
        let [x, y] = CENTRE;
        let dxf = format!(
            "0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1015\n9\n$DWGCODEPAGE\n3\nANSI_936\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n0\nLINE\n8\n道路\n10\n{x}\n20\n{y}\n11\n{}\n21\n{y}\n0\nTEXT\n8\n注记\n10\n{x}\n20\n{y}\n40\n2.5\n1\n人民路\n0\nENDSEC\n0\nEOF\n",
            x + 50.0
        );
        std::fs::write(&path, dxf).unwrap();
        let source = VectorSource {
            path: path.display().to_string(),
            encoding: Some("UTF-8".to_owned()),
            ..VectorSource::default()
        };
        let reader = ForeignReader::open(&source, &project_crs(), None).unwrap();
        let b = reader.facts().web_box.unwrap();
        let sketch = reader
            .view(
                [b[0] - 9.0, b[1] - 9.0, b[2] + 9.0, b[3] + 9.0],
                0.0,
                100,
                &NoProgress,
            )
            .unwrap();
        assert!(
            sketch
                .pieces
                .iter()
                .any(|p| matches!(p, Piece::Line(l) if l.len() == 2))
        );
        assert!(
            sketch
                .pieces
                .iter()
                .any(|p| matches!(p, Piece::Text(_, t) if t == "人民路")),
            "{sketch:?}"
        );
    }

    #[test]
    fn a_drawing_without_a_header_is_lettered_rightly_in_either_encoding() {
        let [x, y] = CENTRE;
        let dxf = format!(
            "999\nmade by hand\n0\nSECTION\n2\nENTITIES\n0\nTEXT\n8\n注记\n10\n{x}\n20\n{y}\n40\n2.5\n1\n人民路消防栓\n0\nENDSEC\n0\nEOF\n"
        );
        for encoding in [encoding_rs::UTF_8, encoding_rs::GB18030] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("地形.dxf");
            std::fs::write(&path, encoding.encode(&dxf).0).unwrap();
            let source = VectorSource {
                path: path.display().to_string(),
                ..VectorSource::default()
            };
            let reader = ForeignReader::open(&source, &project_crs(), None).unwrap();
            let facts = reader.facts();
            assert!(
                facts.samples.iter().any(|text| text == "人民路消防栓"),
                "{} {facts:?}",
                encoding.name()
            );
        }
    }

    #[test]
    fn a_column_is_written_beside_each_feature_of_a_layer() {
        let folder = tempfile::tempdir().unwrap();
        let path = shapefile(folder.path(), "s", true).join("houses.shp");
        let mut source = VectorSource {
            path: path.display().to_string(),
            ..VectorSource::default()
        };
        let facts = ForeignReader::open(&source, &project_crs(), None)
            .unwrap()
            .facts();
        assert_eq!(facts.samples, ["自来水公司办公楼"]);
        source.label_column = facts.columns.first().cloned();
        let reader = ForeignReader::open(&source, &project_crs(), None).unwrap();
        let b = facts.web_box.unwrap();
        let all = [b[0] - 9.0, b[1] - 9.0, b[2] + 9.0, b[3] + 9.0];
        let sketch = reader.view(all, 0.0, MOST_VERTICES, &NoProgress).unwrap();
        let texts = sketch.pieces.iter().filter(|p| matches!(p, Piece::Text(..)));
        let areas = sketch.pieces.iter().filter(|p| matches!(p, Piece::Area(_)));
        assert_eq!((texts.count(), areas.count()), (4, 4));
        assert!(sketch.pieces.iter().any(|p| matches!(p,
            Piece::Text(at, text) if text == "自来水公司办公楼" && b[0] < at[0] && at[0] < b[2])));
    }

    #[test]
    fn the_project_file_itself_is_never_opened_as_a_foreign_layer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.gpkg");
        let schema = crate::schema::Schema::builtin().unwrap();
        let new = crate::project::NewProject {
            name: "p",
            crs: &project_crs(),
            schema: &schema,
            created_unix_ms: 0,
        };
        let project = crate::project::Project::create(&path, &new).unwrap();
        assert_eq!(look(&path, None).unwrap_err().message().key(), "foreign.project");
        drop(project);
    }
}
