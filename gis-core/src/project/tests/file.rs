//! What goes into a project comes out again, and other programs can work on the file.

use super::*;

/// Some value of every type, different from field to field.
fn sample_value(schema: &Schema, class: &FeatureClass, field: usize) -> Value {
    let salt = field as i64 + i64::from(class.id);
    match &class.fields[field].field_type {
        FieldType::Text => Value::Text(format!("北京路{salt}号 “a”\n'b'")),
        FieldType::Integer => Value::Integer(salt),
        FieldType::Real => Value::Real(salt as f64 + 0.125),
        FieldType::Boolean => Value::Boolean(salt % 2 == 0),
        FieldType::Date => Value::Date(NaiveDate::from_ymd_opt(1987, 3, 1 + salt as u32 % 28).unwrap()),
        FieldType::Code(dictionary) => {
            let entries = &schema.dictionary(dictionary).unwrap().entries;
            Value::Text(entries[salt as usize % entries.len()].code.clone())
        }
    }
}

fn one_of_every_class(project: &Project, ids: &mut IdSource) -> Vec<Feature> {
    let schema = project.schema();
    let mut features = Vec::new();
    for index in schema.class_indices() {
        let class = schema.class(index);
        let (geometry, links) = match class.geometry {
            GeometryKind::Point => (
                Geometry::Point([500_000.0 + f64::from(class.id), 4_850_000.25, 612.5]),
                Links {
                    on_pipe: Some(ids.next_id()),
                    on_pipe_distance_m: Some(12.75),
                    flow_to: Some(ids.next_id()),
                    inlet_pipes: vec![ids.next_id(), ids.next_id()],
                    ..Links::default()
                },
            ),
            GeometryKind::Line => (
                Geometry::Line(vec![
                    [500_000.0, 4_850_000.0, 600.5],
                    [500_100.0, 4_850_010.0, 601.5],
                ]),
                Links {
                    from: Some(ids.next_id()),
                    to: Some(ids.next_id()),
                    ..Links::default()
                },
            ),
        };
        let values = (0..class.fields.len())
            .map(|field| sample_value(schema, class, field))
            .collect();
        features.push(Feature {
            id: ids.next_id(),
            class: index,
            geometry: Some(geometry),
            links,
            values,
        });
        // And one that knows nothing of itself.
        features.push(Feature {
            id: ids.next_id(),
            class: index,
            geometry: None,
            links: Links::default(),
            values: vec![Value::Null; class.fields.len()],
        });
    }
    features
}

#[test]
fn every_class_and_type_of_value_comes_back_as_it_went_in() {
    let folder = folder();
    let path = folder.path().join("城市.gpkg");
    let mut project = new_project(&path);
    let features = one_of_every_class(&project, &mut ids());
    write(&mut project, &features);
    project.close().unwrap();

    let project = Project::open(&path).unwrap();
    assert_eq!(project.name(), "天池示范区");
    assert_eq!(project.crs(), &crs());
    assert_eq!(project.schema(), &Schema::builtin().unwrap());
    for feature in &features {
        assert_eq!(
            project.record(feature.class, feature.id).unwrap().as_ref(),
            Some(feature)
        );
    }
    let mut all = Vec::new();
    for index in project.schema().class_indices() {
        project
            .for_each(index, |f| {
                all.push(f);
                Ok(())
            })
            .unwrap();
    }
    assert_eq!(all, features);
    let wanted: Vec<FeatureId> = features
        .iter()
        .filter(|f| f.class == features[0].class)
        .map(|f| f.id)
        .collect();
    assert_eq!(
        project.records(features[0].class, &wanted).unwrap().len(),
        wanted.len()
    );
    let summary = project.summary().unwrap();
    assert_eq!(summary.feature_count(), features.len() as u64);
    assert_eq!(summary.extent.unwrap()[0], 500_000.0);
    assert_eq!(summary.revision, 1);
}

#[test]
fn the_file_is_a_valid_geopackage_that_other_programs_read() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let features = one_of_every_class(&project, &mut ids());
    write(&mut project, &features);
    project.store_document("curves", "1 2 3").unwrap();
    project.close().unwrap();
    assert!(
        !folder.path().join("city.gpkg-wal").exists(),
        "the project is one file when closed"
    );
    validate(&path);
    let said = ogr("ogrinfo", &["-so", path.to_str().unwrap(), "pipe"]);
    for expected in [
        "3D Line String",
        "Feature Count: 2",
        "4545",
        "diameter_mm: Real",
        "install_date: Date",
    ] {
        assert!(said.contains(expected), "{expected} not in {said}");
    }
    let layers = ogr("ogrinfo", &["-q", path.to_str().unwrap()]);
    assert!(!layers.contains("karez_"), "{layers}");
    assert!(!said.contains("Warning"), "{said}");
}

#[test]
fn an_empty_project_is_a_valid_geopackage() {
    let folder = folder();
    let path = folder.path().join("empty.gpkg");
    new_project(&path).close().unwrap();
    validate(&path);
    let local = folder.path().join("local.gpkg");
    let schema = Schema::builtin().unwrap();
    let crs = Crs::local_metric();
    Project::create(
        &local,
        &NewProject {
            name: "n",
            crs: &crs,
            schema: &schema,
            created_unix_ms: 1,
        },
    )
    .unwrap()
    .close()
    .unwrap();
    validate(&local);
    assert_eq!(Project::open(&local).unwrap().crs(), &crs);
}

#[test]
fn a_feature_added_by_another_program_gets_an_id_and_an_index_entry() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let pipe = feature(
        &project,
        ids().next_id(),
        "pipe",
        line(&[[0.0, 0.0], [9.0, 0.0]]),
        &[("code", text("P1"))],
    );
    write(&mut project, &[pipe]);
    project.close().unwrap();

    let source = folder.path().join("new.geojson");
    std::fs::write(
        &source,
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"V-新","is_open":0},
            "geometry":{"type":"Point","coordinates":[109.0,43.8]}}]}"#,
    )
    .unwrap();
    let arguments = [
        "-update",
        "-append",
        "-t_srs",
        "EPSG:4545",
        "-nln",
        "valve",
        path.to_str().unwrap(),
    ];
    ogr("ogr2ogr", &[&arguments[..], &[source.to_str().unwrap()]].concat());

    let read_only = Project::open_read_only(&path).unwrap();
    let seen = read_only.find_code("V-新").unwrap();
    assert_eq!(seen.len(), 1);
    assert!(read_only.record(seen[0].0, seen[0].1).unwrap().is_some());
    drop(read_only);

    let project = Project::open(&path).unwrap();
    let found = project.find_code("V-新").unwrap();
    assert_eq!(
        found, seen,
        "the id is the same before and after it is written down"
    );
    let valve = project.record(found[0].0, found[0].1).unwrap().unwrap();
    assert!(matches!(valve.geometry, Some(Geometry::Point(p)) if (p[0] - 580_000.0).abs() < 10_000.0));
    let boxes: i64 = project
        .connection
        .query_row("SELECT count(*) FROM rtree_valve_geom", [], |row| row.get(0))
        .unwrap();
    assert_eq!(boxes, 1);
    let network = project.network(&NoProgress).unwrap();
    assert!(
        !network
            .node_flags(network.nodes_with_code("V-新")[0])
            .has(NodeFlags::OPEN)
    );
    project.close().unwrap();
    validate(&path);
    assert!(Project::open_read_only(&path).unwrap().foreign_rows.is_empty());
}

#[test]
fn a_dropped_spatial_index_comes_back_at_open() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    let pipe = feature(
        &project,
        ids().next_id(),
        "pipe",
        line(&[[0.0, 0.0], [9.0, 0.0]]),
        &[],
    );
    write(&mut project, &[pipe]);
    project.close().unwrap();
    ogr(
        "ogrinfo",
        &[
            path.to_str().unwrap(),
            "-sql",
            "SELECT DisableSpatialIndex('pipe', 'geom')",
        ],
    );
    let project = Project::open(&path).unwrap();
    let boxes: i64 = project
        .connection
        .query_row("SELECT count(*) FROM rtree_pipe_geom", [], |row| row.get(0))
        .unwrap();
    assert_eq!(boxes, 1);
    project.close().unwrap();
    validate(&path);
}

#[test]
fn settings_documents_and_findings_are_kept() {
    let folder = folder();
    let path = folder.path().join("city.gpkg");
    let mut project = new_project(&path);
    assert_eq!(project.setting("network.snap_tolerance_m").unwrap(), None);
    project.set_setting("network.snap_tolerance_m", "2.5").unwrap();
    project.set_setting("network.snap_tolerance_m", "3.5").unwrap();
    project.store_document("epanet", "[CURVES]\n泵 1").unwrap();
    let mut issues = Issues::default();
    issues.push(
        Issue::new(
            Severity::Warning,
            Message::new("project.bad_geometry")
                .with("class", "valve")
                .with("code", "阀1"),
        )
        .in_layer("阀门")
        .at_row(17)
        .at_place([1.5, 2.5]),
    );
    project.save_issues(&issues).unwrap();
    project.close().unwrap();
    let project = Project::open(&path).unwrap();
    assert_eq!(project.options().snap_tolerance_m, 3.5);
    assert_eq!(
        project.document("epanet").unwrap().as_deref(),
        Some("[CURVES]\n泵 1")
    );
    assert_eq!(project.document("none").unwrap(), None);
    assert_eq!(project.issues().unwrap().as_slice(), issues.as_slice());
    assert!(
        project.issues().unwrap().as_slice()[0]
            .message
            .text(Lang::ZhCn)
            .contains("阀1")
    );
}

#[test]
fn a_backup_is_a_project_of_its_own() {
    let folder = folder();
    let mut project = new_project(&folder.path().join("city.gpkg"));
    let valve = feature(
        &project,
        ids().next_id(),
        "valve",
        Some(Geometry::Point([1.0, 1.0, 1.0])),
        &[("code", text("V1"))],
    );
    write(&mut project, std::slice::from_ref(&valve));
    let copy = folder.path().join("copy.gpkg");
    project.backup_to(&copy).unwrap();
    assert!(project.backup_to(&copy).is_err(), "a backup overwrites nothing");
    assert!(!folder.path().join("copy.gpkg-wal").exists());
    validate(&copy);
    assert_eq!(
        Project::open(&copy)
            .unwrap()
            .record(valve.class, valve.id)
            .unwrap(),
        Some(valve)
    );
}

#[test]
fn a_temporary_project_is_gone_when_dropped() {
    let (schema, crs) = (Schema::builtin().unwrap(), crs());
    let mut project = Project::temporary(&NewProject {
        name: "n",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 0,
    })
    .unwrap();
    let valve = feature(&project, ids().next_id(), "valve", point(1.0, 1.0), &[]);
    let bulk = project.begin_bulk().map(|mut bulk| bulk.insert(&valve).unwrap());
    bulk.unwrap();
    assert_eq!(
        project.summary().unwrap().feature_count(),
        0,
        "dropped without finish"
    );
    write(&mut project, &[valve]);
    assert_eq!(project.summary().unwrap().feature_count(), 1);
    let path = project.path().to_owned();
    assert!(path.exists());
    project.close().unwrap();
    assert!(!path.exists() && !path.parent().unwrap().exists());
}
