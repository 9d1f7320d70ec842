//! Survey workbooks imported into a project: a table of points and one of lines, together and one after the other,
//! and a workbook in the old binary format.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by it, as tests do")]

use std::path::{Path, PathBuf};

use gis_core::io::{ImportOptions, ImportReport, crs, survey};
use gis_core::network::NodeFlags;
use gis_core::project::{NewProject, Project};
use gis_core::schema::Schema;
use gis_core::{Crs, IdSource, NoProgress, Severity};
use rust_xlsxwriter::Workbook;

fn project(crs: &Crs) -> Project {
    let schema = Schema::builtin().unwrap();
    Project::temporary(&NewProject {
        name: "survey",
        crs,
        schema: &schema,
        created_unix_ms: 0,
    })
    .unwrap()
}

fn import(project: &mut Project, path: &Path, seed: u64) -> ImportReport {
    assert!(survey::is_survey(path, project.schema()), "{}", path.display());
    let mut ids = IdSource::new(0, seed);
    survey::import(project, path, &ImportOptions::default(), &mut ids, &NoProgress).unwrap()
}

fn write(path: &Path, rows: &[&[&str]]) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (r, row) in rows.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            sheet.write_string(r as u32, c as u16, *cell).unwrap();
        }
    }
    workbook.save(path).unwrap();
}

#[test]
fn an_old_binary_workbook_becomes_a_network_that_can_be_analysed() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/survey.xls");
    let mut project = project(&crs::parse("EPSG:4538").unwrap());
    let report = import(&mut project, &path, 1);
    assert_eq!(report.issues.count(Severity::Error), 0, "{:?}", report.issues);
    assert_eq!(report.issues.count(Severity::Warning), 0, "{:?}", report.issues);
    let network = project.network(&NoProgress).unwrap();
    assert_eq!((network.node_count(), network.pipe_count()), (4, 3));
    let valve = network.nodes_with_code("JS2")[0];
    assert!(network.node_flags(valve).has(NodeFlags::SHUTTABLE));
    assert!(
        network
            .node_flags(network.nodes_with_code("4")[0])
            .has(NodeFlags::HYDRANT)
    );
    let pipe = network.pipes_with_code("JS1-JS2")[0];
    assert!((network.pipe_length_m(pipe) - 100.0).abs() < 1e-6);
    assert!((network.pipe_diameter_mm(pipe) - 300.0).abs() < 1e-6);
    assert!((network.position(valve)[0] - 548_276.98).abs() < 1e-6);
}

#[test]
fn lines_find_points_that_an_earlier_workbook_brought() {
    let folder = tempfile::tempdir().unwrap();
    let (points, lines) = (
        folder.path().join("管线点成果表.xlsx"),
        folder.path().join("管线成果表.xlsx"),
    );
    write(
        &points,
        &[
            &["点号", "X", "Y", "附属物", "地面高程"],
            &["A", "4851567", "548276", "阀门", "612.1"],
            &["B", "4851667", "548276", "消火栓", "612.2"],
        ],
    );
    write(
        &lines,
        &[
            &["点号", "连接点号", "管径", "材质"],
            &["A", "B", "DN200", "PE"],
            &["B", "A", "DN200", "PE"],
            &["B", "C", "DN200", "PE"],
        ],
    );
    let mut project = project(&crs::parse("EPSG:4538").unwrap());
    assert_eq!(import(&mut project, &points, 1).written(), 2);
    let report = import(&mut project, &lines, 2);
    assert_eq!(
        (report.written(), report.rejected()),
        (1, 1),
        "{:?}",
        report.issues
    );
    let network = project.network(&NoProgress).unwrap();
    let pipe = network.pipes_with_code("A-B")[0];
    assert_eq!(network.pipe_ends(pipe).map(|n| network.node_code(n)), ["A", "B"]);
    assert!((network.pipe_length_m(pipe) - 100.0).abs() < 1e-6);
}

#[test]
fn an_import_that_fails_or_is_cancelled_leaves_the_project_as_it_was() {
    struct Cancelled;
    impl gis_core::Progress for Cancelled {
        fn report(&self, _: &gis_core::Message, _: u64, _: Option<u64>) {}
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/survey.xls");
    let mut project = project(&Crs::local_metric());
    let mut ids = IdSource::new(0, 1);
    let error = survey::import(
        &mut project,
        &path,
        &ImportOptions::default(),
        &mut ids,
        &Cancelled,
    )
    .unwrap_err();
    assert!(matches!(error, gis_core::Error::Cancelled));
    assert_eq!(project.summary().unwrap().feature_count(), 0);
}
