//! The network as it is read from a project.

use super::*;

#[test]
fn the_network_is_read_with_what_analyses_need() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let mut ids = ids();
    let codes = ["S", "J", "V", "C", "K", "M", "P1", "P2", "P3"];
    let id: Vec<FeatureId> = codes.iter().map(|_| ids.next_id()).collect();
    let of = |code: &str| id[codes.iter().position(|c| *c == code).unwrap()];
    let mut features = vec![
        feature(
            &project,
            of("S"),
            "reservoir",
            Some(Geometry::Point([0.0, 0.0, 55.0])),
            &[("code", text("S"))],
        ),
        feature(
            &project,
            of("J"),
            "tee",
            point(100.0, 0.0),
            &[("code", text("J"))],
        ),
        feature(
            &project,
            of("V"),
            "valve",
            None,
            &[
                ("code", text("V")),
                ("kind", text("gate")),
                ("is_operable", Value::Boolean(false)),
                ("diameter_mm", Value::Real(300.0)),
            ],
        ),
        feature(
            &project,
            of("C"),
            "valve",
            point(150.0, 0.0),
            &[
                ("code", text("C")),
                ("kind", text("check")),
                ("is_open", Value::Boolean(false)),
            ],
        ),
        feature(
            &project,
            of("K"),
            "customer",
            point(200.0, 0.0),
            &[
                ("code", text("K")),
                ("is_important", Value::Boolean(true)),
                ("customer_code", text("0001")),
            ],
        ),
        feature(
            &project,
            of("M"),
            "meter",
            point(100.0, 100.0),
            &[
                ("code", text("M")),
                ("kind", text("import")),
                ("customers", Value::Integer(7)),
            ],
        ),
        feature(
            &project,
            of("P1"),
            "pipe",
            None,
            &[
                ("code", text("P1")),
                ("diameter_mm", Value::Real(300.0)),
                ("material", text("球墨铸铁")),
                ("length_m", Value::Real(120.0)),
            ],
        ),
        feature(
            &project,
            of("P2"),
            "pipe",
            line(&[[100.0, 0.0], [150.0, 0.0], [200.0, 0.0]]),
            &[
                ("code", text("P2")),
                ("customers", Value::Integer(3)),
                ("material", text("PE")),
            ],
        ),
        feature(
            &project,
            of("P3"),
            "pipe",
            line(&[[100.0, 0.0], [100.0, 100.0]]),
            &[("code", text("P3")), ("state", text("planned"))],
        ),
    ];
    features[6].links = Links {
        from: Some(of("S")),
        to: Some(of("J")),
        ..Links::default()
    };
    features[2].links = Links {
        on_pipe: Some(of("P1")),
        on_pipe_distance_m: Some(30.0),
        ..Links::default()
    };
    features[3].links = Links {
        on_pipe: Some(of("P2")),
        flow_to: Some(of("K")),
        ..Links::default()
    };
    write(&mut project, &features);

    let network = project.network(&NoProgress).unwrap();
    assert_eq!((network.node_count(), network.pipe_count()), (6, 3));
    let node = |code: &str| network.nodes_with_code(code)[0];
    let pipe = |code: &str| network.pipes_with_code(code)[0];
    let flags = |code: &str| network.node_flags(node(code));
    assert_eq!(network.node_id(node("V")), of("V"));
    assert!(flags("S").has(NodeFlags::SOURCE));
    assert_eq!(network.node_z_m(node("S")), 55.0);
    let shuttable = NodeFlags::BOUNDARY
        .with(NodeFlags::SHUTTABLE)
        .with(NodeFlags::VALVE)
        .with(NodeFlags::OPEN);
    assert!(flags("V").has(shuttable) && !flags("V").has(NodeFlags::OPERABLE));
    assert!(flags("C").has(NodeFlags::ONE_WAY.with(NodeFlags::BOUNDARY)));
    assert!(!flags("C").has(NodeFlags::SHUTTABLE) && !flags("C").has(NodeFlags::OPEN));
    assert!(flags("K").has(NodeFlags::CUSTOMER.with(NodeFlags::IMPORTANT)));
    assert_eq!(
        network.node_customers(node("K")),
        1,
        "a connection is one customer unless it says otherwise"
    );
    assert!(flags("M").has(NodeFlags::METER.with(NodeFlags::SOURCE)));
    assert_eq!(network.node_customers(node("M")), 7);
    assert_eq!(network.node_diameter_mm(node("V")), 300.0);
    assert_eq!(network.pipe_length_m(pipe("P1")), 120.0);
    assert_eq!(network.pipe_length_m(pipe("P2")), 100.0);
    assert_eq!(network.pipe_ends(pipe("P1")), [node("S"), node("J")]);
    assert_eq!(network.pipes_with_code("P1").len(), 1);
    assert_eq!(
        network.pieces_of(pipe("P1")).count(),
        2,
        "the valve cuts its pipe"
    );
    assert_eq!(network.pipe_customers(pipe("P2")), 3);
    assert_eq!(network.pipe_state(pipe("P3")), LifeState::Planned);
    let material = |code: &str| {
        let position = network.pipe_material(pipe(code))?;
        Some(
            project.schema().dictionary("material").unwrap().entries[position]
                .code
                .clone(),
        )
    };
    assert_eq!(material("P1").as_deref(), Some("DI"));
    assert_eq!(material("P2").as_deref(), Some("PE"));
    assert_eq!(material("P3"), None);
    assert_eq!(project.summary().unwrap().pipe_length_m, 320.0);
    assert!(network.extent().is_some());
    let kind = |code: &str| {
        let node = node(code);
        project
            .schema()
            .kind_code(network.node_class(node), network.node_kind(node))
    };
    assert_eq!(
        ["V", "C", "M", "J", "S"].map(kind),
        [Some("gate"), Some("check"), Some("import"), None, None]
    );
}

#[test]
fn a_kind_is_known_by_its_code_label_or_alias_and_unknown_otherwise() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let mut ids = ids();
    let cases = [
        ("prv", Some("prv")),
        ("减压阀", Some("prv")),
        ("PSV", Some("psv")),
        ("蝶阀", Some("butterfly")),
        ("Butterfly valve", Some("butterfly")),
        ("no such valve", None),
        ("", None),
    ];
    let valves: Vec<Feature> = cases
        .iter()
        .enumerate()
        .map(|(i, (kind, _))| {
            let code = text(&format!("V{i}"));
            let place = point(100.0 * i as f64, 0.0);
            feature(
                &project,
                ids.next_id(),
                "valve",
                place,
                &[("code", code), ("kind", text(kind))],
            )
        })
        .collect();
    write(&mut project, &valves);
    let network = project.network(&NoProgress).unwrap();
    for (i, (kind, expected)) in cases.into_iter().enumerate() {
        let node = network.nodes_with_code(&format!("V{i}"))[0];
        let found = project
            .schema()
            .kind_code(network.node_class(node), network.node_kind(node));
        assert_eq!(found, expected, "{kind}");
    }
}

#[test]
fn geometries_that_make_no_sense_are_findings_of_the_network() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let mut ids = ids();
    let features = [
        feature(
            &project,
            ids.next_id(),
            "pipe",
            line(&[[0.0, 0.0], [9.0, 0.0]]),
            &[("code", text("P1"))],
        ),
        feature(
            &project,
            ids.next_id(),
            "valve",
            point(0.0, 0.0),
            &[("code", text("V1"))],
        ),
    ];
    write(&mut project, &features);
    project
        .connection
        .execute_batch("UPDATE pipe SET geom = x'4750ff'; UPDATE valve SET geom = 'text'")
        .unwrap();
    let network = project.network(&NoProgress).unwrap();
    let issues = network.issues();
    let said: Vec<&str> = issues.iter().filter_map(|i| i.code.as_deref()).collect();
    assert!(said.contains(&"P1"), "{said:?}");
    assert!(network.pipe_vertices(network.pipes_with_code("P1")[0]).is_empty());
}
