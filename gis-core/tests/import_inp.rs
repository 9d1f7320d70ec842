//! The benchmark networks of sample-data, imported and counted as EPANET counts them.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by it, as tests do")]

use std::path::PathBuf;

use gis_core::analysis::path::{PathOutcome, Place, shortest_path};
use gis_core::io::inp;
use gis_core::network::{LifeState, Network, NodeFlags};
use gis_core::project::{NewProject, Project};
use gis_core::schema::Schema;
use gis_core::{Crs, IdSource, NoProgress, Severity, Value};

fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../sample-data")
        .join(name)
}

fn import(name: &str) -> (Project, gis_core::io::ImportReport) {
    let schema = Schema::builtin().unwrap();
    let crs = Crs::local_metric();
    let new = NewProject {
        name,
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    };
    let mut project = Project::temporary(&new).unwrap();
    let mut ids = IdSource::new(0, 1);
    let report = inp::import(&mut project, &sample(name), &mut ids, &NoProgress).unwrap();
    (project, report)
}

fn count(project: &Project, class: &str) -> u64 {
    project
        .summary()
        .unwrap()
        .count(project.schema().class_index(class).unwrap())
}

fn pipe_length_m(network: &Network) -> f64 {
    network.pipes().map(|p| network.pipe_length_m(p)).sum()
}

#[test]
fn net3_has_the_counts_and_lengths_that_epanet_reports() {
    let (project, report) = import("Net3.inp");
    assert_eq!(report.issues.count(Severity::Error), 0, "{:?}", report.issues);
    assert_eq!(report.issues.count(Severity::Warning), 0, "{:?}", report.issues);
    // 117 pipes and 2 pumps are links; one pipe is closed.
    for (class, expected) in [
        ("junction", 92),
        ("reservoir", 2),
        ("tank", 3),
        ("pipe", 119),
        ("pump", 2),
        ("valve", 1),
    ] {
        assert_eq!(count(&project, class), expected, "{class}");
    }
    let network = project.network(&NoProgress).unwrap();
    assert!(network.issues().is_empty(), "{:?}", network.issues());
    assert!((pipe_length_m(&network) - 65_748.957).abs() < 0.1);
    let bypass = network.nodes_with_code("330");
    assert!(
        bypass
            .iter()
            .any(|n| !network.node_flags(*n).has(NodeFlags::OPEN))
    );
    assert_eq!(network.sources().len(), 5);

    let demand: f64 = {
        let class = project.schema().class_index("junction").unwrap();
        let field = project.schema().class(class).field_index("demand_lps").unwrap();
        let mut sum = 0.0;
        project
            .for_each(class, |f| {
                sum += f.values[field].as_real().unwrap_or(0.0);
                Ok(())
            })
            .unwrap();
        sum
    };
    assert!((demand - 192.558_219).abs() < 1e-3, "{demand}");
}

#[test]
fn ky4_has_the_counts_and_lengths_that_epanet_reports() {
    let (project, report) = import("ky4.inp");
    assert_eq!(report.issues.count(Severity::Error), 0, "{:?}", report.issues);
    for (class, expected) in [
        ("junction", 959),
        ("reservoir", 1),
        ("tank", 4),
        ("pipe", 1158),
        ("pump", 2),
    ] {
        assert_eq!(count(&project, class), expected, "{class}");
    }
    let network = project.network(&NoProgress).unwrap();
    assert!((pipe_length_m(&network) - 260_241.035).abs() < 0.1);
    assert!(
        network
            .pipes()
            .all(|p| network.pipe_state(p) == LifeState::Operative)
    );
    let off = network.nodes_with_code("~@Pump-1");
    assert_eq!(off.len(), 1);
}

#[test]
fn what_the_hydraulic_model_needs_can_be_read_back_from_the_project() {
    let (project, _) = import("Net3.inp");
    let curves = project.document("epanet/curves").unwrap().unwrap();
    assert!(curves.contains("4000."), "{curves}");
    let controls = project.document("epanet/controls").unwrap().unwrap();
    assert!(controls.contains("Link 335 OPEN IF Node 1 BELOW 17.1"));
    assert!(
        project
            .document("epanet/title")
            .unwrap()
            .unwrap()
            .contains("Example Network 3")
    );
    let pump = project.schema().class_index("pump").unwrap();
    let curve = project.schema().class(pump).field_index("curve").unwrap();
    let mut found = Vec::new();
    project
        .for_each(pump, |f| {
            found.push(f.values[curve].clone());
            Ok(())
        })
        .unwrap();
    found.sort_by_key(|v| v.as_text().map(str::to_owned));
    assert_eq!(found, [Value::Text("1".into()), Value::Text("2".into())]);
}

#[test]
fn water_finds_its_way_through_pumps_and_around_closed_pipes() {
    let (project, _) = import("Net3.inp");
    let network = project.network(&NoProgress).unwrap();
    // A device has the code of its link, which may be that of a node as well.
    let at = |code: &str| {
        let is_device = |n: &gis_core::network::NodeIndex| network.node_flags(*n).has(NodeFlags::BOUNDARY);
        Place::Node(
            network
                .nodes_with_code(code)
                .into_iter()
                .find(|n| !is_device(n))
                .unwrap(),
        )
    };
    let PathOutcome::Found(path) = shortest_path(&network, at("River"), at("61")).unwrap() else {
        panic!("no way")
    };
    let codes: Vec<&str> = path.pipes.iter().map(|p| network.pipe_code(*p)).collect();
    assert_eq!(codes, ["60", "335"], "through the pump, not the closed bypass");
    assert!(
        (path.length_m - 1231.0 * 0.3048 - 0.01).abs() < 1e-6,
        "a pump has next to no length"
    );
}
