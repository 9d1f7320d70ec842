//! Sources into real projects and out again, through every format.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use super::{ExportOptions, ImportOptions, ImportReport, export, import, open_source};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::model::{Feature, Geometry, Value};
use crate::progress::{NoProgress, Progress};
use crate::project::{NewProject, Project};
use crate::schema::Schema;
use crate::text::Message;

const NODES: &str = "code,class,kind,x,y,z,is_open,is_operable,turns,customers,flow_to,inlet_pipes,on_pipe,on_pipe_distance_m,name,address
R1,reservoir,,500000,4800000,700,,,,,,,,,天池水库,
V1,valve,gate,500010,4800000,,1,0,38.5,,,,,,,天池大街 8 号
V2,valve,check,500020,4800000,,1,1,,,P3,,,,,
C1,customer,,500025,4800005,,,,,12,,,P3,4.5,,
T1,tank,,500040,4800000,,,,,,,P3,,,,
";
const PIPES: &str = "code,from,to,diameter_mm,material,length_m,install_date,WKT
P1,R1,V1,300,DI,10.5,2020-05-01,\"LINESTRING (500000 4800000,500005 4800003,500010 4800000)\"
P2,V1,V2,200,DI,10,,\"LINESTRING (500010 4800000,500020 4800000)\"
P3,V2,T1,100,PE,20,,\"LINESTRING (500020 4800000,500040 4800000)\"
";

fn crs() -> Crs {
    super::crs::parse("EPSG:4538").unwrap()
}

fn project() -> Project {
    let schema = Schema::builtin().unwrap();
    Project::temporary(&NewProject {
        name: "t",
        crs: &crs(),
        schema: &schema,
        created_unix_ms: 1,
    })
    .unwrap()
}

fn network_folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("nodes.csv"), NODES).unwrap();
    fs::write(folder.path().join("pipes.csv"), PIPES).unwrap();
    folder
}

fn import_into(project: &mut Project, source: &Path) -> Result<ImportReport> {
    import(
        project,
        source,
        &ImportOptions::default(),
        &mut IdSource::new(1, 7),
        &NoProgress,
    )
}

fn features(project: &Project) -> Vec<Feature> {
    let mut all = Vec::new();
    for class in project.schema().class_indices() {
        project
            .for_each(class, |f| {
                all.push(f);
                Ok(())
            })
            .unwrap();
    }
    all
}

/// Everything that matters of a network, with codes for ids: equal for equal networks.
fn picture(project: &Project, with_z: bool) -> BTreeMap<String, String> {
    let all = features(project);
    let schema = project.schema();
    let code = |f: &Feature| {
        let field = schema.class(f.class).field_index("code").unwrap();
        f.values[field].as_text().unwrap_or_default().to_owned()
    };
    let codes: BTreeMap<FeatureId, String> = all.iter().map(|f| (f.id, code(f))).collect();
    let name = |id: &FeatureId| codes[id].clone();
    all.iter()
        .map(|f| {
            let class = schema.class(f.class);
            let values: Vec<String> = class
                .fields
                .iter()
                .zip(&f.values)
                .filter(|(_, v)| !v.is_null())
                .map(|(field, value)| match value {
                    Value::Real(n) => format!("{}={n:.6}", field.key),
                    other => format!("{}={other:?}", field.key),
                })
                .collect();
            let places = match &f.geometry {
                None => Vec::new(),
                Some(Geometry::Point(p)) => vec![*p],
                Some(Geometry::Line(line)) => line.clone(),
            };
            let places: Vec<String> = places
                .iter()
                .map(|p| {
                    let height = if with_z && p[2].is_finite() {
                        format!(" {:.1}", p[2])
                    } else {
                        String::new()
                    };
                    format!("{:.3} {:.3}{height}", p[0], p[1])
                })
                .collect();
            let l = &f.links;
            let links = format!(
                "{:?} {:?} {:?} {:?} {:?} {:?}",
                l.from.as_ref().map(name),
                l.to.as_ref().map(name),
                l.on_pipe.as_ref().map(name),
                l.on_pipe_distance_m,
                l.flow_to.as_ref().map(name),
                l.inlet_pipes.iter().map(name).collect::<Vec<_>>()
            );
            (code(f), format!("{} {values:?} {places:?} {links}", class.key))
        })
        .collect()
}

/// Name, size and contents of everything in a folder.
fn fingerprint(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap())
        .map(|e| {
            (
                e.file_name().to_string_lossy().into_owned(),
                fs::read(e.path()).unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn what_is_exported_comes_back_as_the_same_network_from_every_format() {
    let folder = network_folder();
    let mut original = project();
    let report = import_into(&mut original, folder.path()).unwrap();
    assert_eq!(report.written(), 8, "{report:?}");
    let expected = picture(&original, false);
    for name in [
        "net.gpkg",
        "net.shp",
        "net.csv",
        "net.geojson",
        "net.kml",
        "net.sqlite",
    ] {
        let out = TempDir::new().unwrap();
        let target = out.path().join(name);
        let written = export(&original, &target, &ExportOptions::default(), &NoProgress).unwrap();
        assert_eq!((written.nodes, written.pipes), (5, 3), "{name}");
        assert!(
            written.files.iter().all(|f| f.exists()),
            "{name}: {:?}",
            written.files
        );
        let source = if target.exists() {
            target.clone()
        } else {
            target.with_extension("")
        };
        let left: Vec<_> = fs::read_dir(out.path())
            .unwrap()
            .filter_map(|e| Some(e.ok()?.file_name()))
            .collect();
        assert_eq!(left.len(), 1, "{name} left {left:?}");
        let mut again = project();
        let before = fingerprint(if source.is_dir() { &source } else { out.path() });
        let report = import_into(&mut again, &source).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(
            fingerprint(if source.is_dir() { &source } else { out.path() }),
            before,
            "{name} was touched"
        );
        let found = picture(&again, false);
        // Degrees cost a tenth of a millimetre.
        for (code, picture) in &expected {
            assert_eq!(
                found.get(code),
                Some(picture),
                "{name} {code}: {:?}",
                report.issues
            );
        }
        assert_eq!(found.len(), expected.len(), "{name}");
    }
}

#[test]
fn a_drawing_is_written_and_its_lines_can_be_read() {
    let folder = network_folder();
    let mut original = project();
    import_into(&mut original, folder.path()).unwrap();
    let out = TempDir::new().unwrap();
    let target = out.path().join("net.dxf");
    export(&original, &target, &ExportOptions::default(), &NoProgress).unwrap();
    let mut again = project();
    let report = import_into(&mut again, &target).unwrap();
    assert_eq!(
        report.layers.iter().find(|l| l.class == "pipe").unwrap().written,
        3,
        "{report:?}"
    );
}

#[test]
fn a_drawing_without_a_header_is_imported_with_its_names_in_either_encoding() {
    let dxf = "0\nSECTION\n2\nENTITIES\n\
        0\nLINE\n8\n给水管线\n10\n500000\n20\n4850000\n11\n500080\n21\n4850000\n\
        0\nTEXT\n8\n注记\n10\n500080\n20\n4850000\n40\n2.5\n1\n人民路消防栓\n\
        0\nENDSEC\n0\nEOF\n";
    let mapping = "[[layer]]\nname = '*'\nclass = 'pipe'\nonly = { Layer = ['给水管线'] }\n\
        fields = { remark = 'Layer' }\n";
    for encoding in [encoding_rs::UTF_8, encoding_rs::GB18030] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("管线图.dxf");
        fs::write(&path, encoding.encode(dxf).0).unwrap();
        let options = ImportOptions {
            mapping: Some(toml::from_str(mapping).unwrap()),
            ..ImportOptions::default()
        };
        let mut project = project();
        let report = import(
            &mut project,
            &path,
            &options,
            &mut IdSource::new(1, 7),
            &NoProgress,
        )
        .unwrap();
        let class = project.schema().class_index("pipe").unwrap();
        let fields = &project.schema().class(class).fields;
        let remark = fields.iter().position(|field| field.key == "remark").unwrap();
        let found = features(&project);
        let pipes: Vec<_> = found.iter().filter(|f| f.class == class).collect();
        assert_eq!(pipes.len(), 1, "{} {report:?}", encoding.name());
        assert_eq!(pipes[0].values[remark], Value::Text("给水管线".to_owned()));
    }
}

#[test]
fn only_the_wanted_classes_are_exported() {
    let folder = network_folder();
    let mut original = project();
    import_into(&mut original, folder.path()).unwrap();
    let out = TempDir::new().unwrap();
    let target = out.path().join("valves.shp");
    let options = ExportOptions {
        classes: vec!["valve".into()],
        ..ExportOptions::default()
    };
    let written = export(&original, &target, &options, &NoProgress).unwrap();
    assert_eq!((written.nodes, written.pipes), (2, 0));
    assert!(target.is_file());
    assert_eq!(
        fs::read_to_string(target.with_extension("cpg")).unwrap().trim(),
        "UTF-8"
    );
    let options = ExportOptions {
        classes: vec!["ufo".into()],
        ..ExportOptions::default()
    };
    assert!(export(&original, &target, &options, &NoProgress).is_err());
    assert!(
        export(
            &original,
            &out.path().join("a.xyz"),
            &ExportOptions::default(),
            &NoProgress
        )
        .is_err()
    );
}

#[test]
fn any_source_opens_as_a_project_in_its_own_system_and_stays_untouched() {
    let folder = network_folder();
    let mut original = project();
    import_into(&mut original, folder.path()).unwrap();
    let out = TempDir::new().unwrap();
    for name in ["a.gpkg", "b.geojson", "c.kml"] {
        export(
            &original,
            &out.path().join(name),
            &ExportOptions::default(),
            &NoProgress,
        )
        .unwrap();
    }
    let before = fingerprint(out.path());
    let open = |name: &str| {
        open_source(
            &out.path().join(name),
            &ImportOptions::default(),
            &mut IdSource::new(1, 1),
            1,
            &NoProgress,
        )
        .unwrap()
    };
    let (metric, _) = open("a.gpkg");
    assert_eq!(metric.crs().epsg, Some(4538));
    let (degrees, _) = open("b.geojson");
    assert!(degrees.crs().is_geographic);
    open("c.kml");
    assert_eq!(fingerprint(out.path()), before);
    let network = degrees.network(&NoProgress).unwrap();
    assert_eq!((network.pipe_count(), network.sources().len()), (3, 2));
}

#[test]
fn a_geopackage_in_wal_mode_is_read_without_writing_beside_it() {
    let folder = network_folder();
    let mut original = project();
    import_into(&mut original, folder.path()).unwrap();
    let out = TempDir::new().unwrap();
    let target = out.path().join("a.gpkg");
    export(&original, &target, &ExportOptions::default(), &NoProgress).unwrap();
    {
        let connection = rusqlite::Connection::open(&target).unwrap();
        let _mode: String = connection
            .query_row("PRAGMA journal_mode = WAL", [], |r| r.get(0))
            .unwrap();
    }
    let before = fingerprint(out.path());
    assert_eq!(before["a.gpkg"][18], 2);
    let mut again = project();
    assert_eq!(import_into(&mut again, &target).unwrap().written(), 8);
    assert_eq!(fingerprint(out.path()), before);
}

#[test]
fn a_format_with_a_meaning_of_its_own_needs_no_mapping() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-data/Net3.inp");
    let schema = Schema::builtin().unwrap();
    let inspection = super::inspect(&sample, &ImportOptions::default(), &schema).unwrap();
    assert_eq!(
        (inspection.layout, inspection.layers.len()),
        (super::Layout::Native, 0)
    );
    let (opened, report) = open_source(
        &sample,
        &ImportOptions::default(),
        &mut IdSource::new(1, 1),
        1,
        &NoProgress,
    )
    .unwrap();
    assert!(opened.crs().is_local() && report.written() > 100, "{report:?}");
}

#[test]
fn a_workbook_with_sheets_of_the_exchange_layout_is_no_survey() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("net.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, text) in [
        ("nodes", "code,class,x,y\nR1,reservoir,0,0\nV1,valve,10,0"),
        ("pipes", "code,from,to,diameter_mm\nP1,R1,V1,300"),
    ] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (row, line) in text.lines().enumerate() {
            for (column, cell) in line.split(',').enumerate() {
                let place = (row as u32, column as u16);
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write_number(place.0, place.1, number).unwrap(),
                    Err(_) => sheet.write_string(place.0, place.1, cell).unwrap(),
                };
            }
        }
    }
    book.save(&path).unwrap();
    let (project, report) = open_source(
        &path,
        &ImportOptions::default(),
        &mut IdSource::new(1, 1),
        1,
        &NoProgress,
    )
    .unwrap();
    let network = project.network(&NoProgress).unwrap();
    assert_eq!((network.node_count(), network.pipe_count()), (2, 1), "{report:?}");
    assert_eq!(network.sources().len(), 1);
    assert!(report.guesses.iter().all(|g| g.taken_for != "tee"));
}

#[test]
fn a_project_opens_as_itself_and_can_be_imported_into_another() {
    let folder = network_folder();
    let out = TempDir::new().unwrap();
    let path = out.path().join("p.gpkg");
    let schema = Schema::builtin().unwrap();
    let mut original = Project::create(
        &path,
        &NewProject {
            name: "p",
            crs: &crs(),
            schema: &schema,
            created_unix_ms: 1,
        },
    )
    .unwrap();
    import_into(&mut original, folder.path()).unwrap();
    let expected = picture(&original, true);
    assert!(import_into(&mut original, &path).is_err());
    original.close().unwrap();
    let (opened, report) = open_source(
        &path,
        &ImportOptions::default(),
        &mut IdSource::new(1, 1),
        1,
        &NoProgress,
    )
    .unwrap();
    assert_eq!((opened.path(), report.written()), (path.as_path(), 0));
    drop(opened);
    let mut again = project();
    assert_eq!(import_into(&mut again, &path).unwrap().written(), 8);
    assert_eq!(picture(&again, true), expected);
}

/// Cancels after some reports.
struct Impatient(AtomicU64);

impl Progress for Impatient {
    fn report(&self, _stage: &Message, _done: u64, _total: Option<u64>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 1
    }
}

#[test]
fn a_cancelled_import_leaves_the_project_as_it_was() {
    let folder = TempDir::new().unwrap();
    let rows: Vec<String> = (0..10_000)
        .map(|i| format!("V{i},valve,{},4800000\n", 500_000 + i))
        .collect();
    let text = format!("code,class,x,y\n{}", rows.concat());
    fs::write(folder.path().join("nodes.csv"), text).unwrap();
    let mut project = project();
    let options = ImportOptions::default();
    let cancelled = import(
        &mut project,
        folder.path(),
        &options,
        &mut IdSource::new(1, 1),
        &Impatient(AtomicU64::new(0)),
    );
    assert!(matches!(cancelled, Err(Error::Cancelled)));
    assert!(features(&project).is_empty());
    assert_eq!(
        import_into(&mut project, folder.path()).unwrap().written(),
        10_000
    );
}
