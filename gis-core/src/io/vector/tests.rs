//! Real files of every kind, written by GDAL or byte by byte, read through the whole vector road.

use std::fs;
use std::path::{Path, PathBuf};

use encoding_rs::{GB18030, UTF_8};
use tempfile::TempDir;

use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::IdSource;
use crate::io::import::prepare;
use crate::io::{FieldRule, GuessSubject, ImportOptions, ImportReport, Mapping, inspect};
use crate::model::{Feature, Geometry, Value};
use crate::progress::NoProgress;
use crate::schema::Schema;

struct Read {
    schema: Schema,
    features: Vec<Feature>,
    report: ImportReport,
}

impl Read {
    fn by_code(&self, code: &str) -> &Feature {
        self.features
            .iter()
            .find(|f| self.value(f, "code").as_text() == Some(code))
            .unwrap_or_else(|| panic!("no {code}"))
    }

    fn value(&self, feature: &Feature, field: &str) -> Value {
        let class = self.schema.class(feature.class);
        class
            .field_index(field)
            .map_or(Value::Null, |i| feature.values[i].clone())
    }

    fn class(&self, code: &str) -> &str {
        &self.schema.class(self.by_code(code).class).key
    }

    fn has_issue(&self, key: &str) -> bool {
        self.report.issues.iter().any(|i| i.message.key() == key)
    }
}

fn read_in(path: &Path, options: &ImportOptions, target: Option<&Crs>) -> Result<Read> {
    let schema = Schema::builtin()?;
    let mut features = Vec::new();
    let mut prepared = prepare(path, options, &schema)?;
    let target = match target {
        Some(target) => target.clone(),
        None => prepared.own_crs()?,
    };
    let mut ids = IdSource::new(1, 1);
    let report = prepared.read(&schema, &target, &mut ids, &NoProgress, &mut |f| {
        features.push(f.clone());
        Ok(())
    })?;
    Ok(Read {
        schema,
        features,
        report,
    })
}

fn read(path: &Path) -> Read {
    read_in(path, &ImportOptions::default(), None).unwrap()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const NODES: &str =
    "code,class,kind,x,y,is_open,is_operable,customers,flow_to,inlet_pipes,on_pipe,on_pipe_distance_m
R1,reservoir,,0,0,,,,,,,
V1,valve,gate,10,0,1,是,,,,,
V2,check_valve,,20,0,maybe,0,,P3,,,
C1,customer,,30,5,,,12,,,P3,4.5
T1,tank,,40,0,,,,,P3,,
X1,飞碟,,50,0,,,,,,,
";
const PIPES: &str = "code,from,to,diameter_mm,material,length_m,install_date
P1,R1,V1,DN300,球墨铸铁,10.5,2020-05-01
P2,V1,V2,200,DI,10,2020年5月
P3,V2,T1,100,PE,20,不详
P4,T1,NOWHERE,100,PE,20,
P5,T1,X1,100,PE,20,
";

#[test]
fn the_exchange_layout_is_read_from_a_folder_of_tables() {
    let folder = folder(&[("nodes.csv", NODES), ("pipes.csv", PIPES)]);
    let read = read(folder.path());
    assert_eq!(read.class("R1"), "reservoir");
    assert_eq!(read.class("V2"), "valve");
    assert_eq!(
        read.value(read.by_code("V2"), "kind"),
        Value::Text("check".into())
    );
    assert_eq!(
        read.value(read.by_code("V1"), "is_operable"),
        Value::Boolean(true)
    );
    assert_eq!(
        read.value(read.by_code("V2"), "is_operable"),
        Value::Boolean(false)
    );
    assert_eq!(read.class("X1"), "junction");
    let (p1, p3) = (read.by_code("P1"), read.by_code("P3"));
    assert_eq!(p1.links.from, Some(read.by_code("R1").id));
    assert_eq!(p1.links.to, Some(read.by_code("V1").id));
    assert_eq!(read.value(p1, "diameter_mm"), Value::Real(300.0));
    assert_eq!(read.value(p1, "material"), Value::Text("DI".into()));
    assert_eq!(read.by_code("V2").links.flow_to, Some(p3.id));
    assert_eq!(read.by_code("T1").links.inlet_pipes, [p3.id]);
    assert_eq!(read.by_code("C1").links.on_pipe, Some(p3.id));
    assert_eq!(read.by_code("C1").links.on_pipe_distance_m, Some(4.5));
    assert!(
        matches!(read.by_code("C1").geometry, Some(Geometry::Point([x, y, _])) if (x - 30.0).hypot(y - 5.0) < 1e-9)
    );
    for key in [
        "io.issue.unknown_class",
        "io.issue.unknown_node",
        "io.issue.not_a_date",
        "io.issue.not_yes_or_no",
    ] {
        assert!(read.has_issue(key), "{key}: {:?}", read.report.issues);
    }
    let unknown = read
        .report
        .issues
        .iter()
        .find(|i| i.message.key() == "io.issue.unknown_node")
        .unwrap();
    assert_eq!(
        (unknown.layer.as_deref(), unknown.row, unknown.field.as_deref()),
        (Some("pipes"), Some(5), Some("to"))
    );
    // P4 has neither geometry nor both ends by name, but both are given.
    assert_eq!(read.report.rejected(), 0);
}

/// A shapefile of one point, written byte by byte, so that no library can mend its encoding.
fn shapefile(folder: &Path, stem: &str, fields: &[(&[u8], u8)], rows: &[Vec<Vec<u8>>]) -> PathBuf {
    let count = rows.len();
    let header = |bytes: usize| {
        let mut h = vec![0_u8; 100];
        h[..4].copy_from_slice(&9994_u32.to_be_bytes());
        h[24..28].copy_from_slice(&((bytes / 2) as u32).to_be_bytes());
        h[28..32].copy_from_slice(&1000_u32.to_le_bytes());
        h[32..36].copy_from_slice(&1_u32.to_le_bytes());
        for (i, v) in [500_000.0_f64, 4_800_000.0, 500_000.0 + count as f64, 4_800_000.0]
            .iter()
            .enumerate()
        {
            h[36 + 8 * i..44 + 8 * i].copy_from_slice(&v.to_le_bytes());
        }
        h
    };
    let (mut shp, mut shx) = (header(100 + count * 28), header(100 + count * 8));
    for i in 0..count {
        shx.extend(((50 + i * 14) as u32).to_be_bytes());
        shx.extend(10_u32.to_be_bytes());
        shp.extend((i as u32 + 1).to_be_bytes());
        shp.extend(10_u32.to_be_bytes());
        shp.extend(1_u32.to_le_bytes());
        shp.extend((500_000.0 + i as f64).to_le_bytes());
        shp.extend(4_800_000.0_f64.to_le_bytes());
    }
    let row_bytes = 1 + fields.iter().map(|f| usize::from(f.1)).sum::<usize>();
    let mut dbf = vec![3, 126, 1, 1];
    dbf.extend((count as u32).to_le_bytes());
    dbf.extend(((33 + 32 * fields.len()) as u16).to_le_bytes());
    dbf.extend((row_bytes as u16).to_le_bytes());
    dbf.resize(32, 0);
    for (name, width) in fields {
        let mut descriptor = [0_u8; 32];
        let kept = name.len().min(10);
        descriptor[..kept].copy_from_slice(&name[..kept]);
        descriptor[11] = b'C';
        descriptor[16] = *width;
        dbf.extend(descriptor);
    }
    dbf.push(0x0d);
    for row in rows {
        dbf.push(b' ');
        for ((_, width), value) in fields.iter().zip(row) {
            let mut cell = value.clone();
            cell.resize(usize::from(*width), b' ');
            dbf.extend(cell);
        }
    }
    dbf.push(0x1a);
    let path = folder.join(format!("{stem}.shp"));
    fs::write(&path, shp).unwrap();
    fs::write(path.with_extension("shx"), shx).unwrap();
    fs::write(path.with_extension("dbf"), dbf).unwrap();
    path
}

#[test]
fn chinese_text_arrives_right_in_every_case_of_the_matrix() {
    for (encoding_name, encoding, road, expected_guess) in [
        ("GBK", GB18030, "天池大街", "GB18030"),
        // 㐱 is in GB18030 alone, in four bytes.
        ("GB18030", GB18030, "天池大街㐱巷", "GB18030"),
        ("UTF-8", UTF_8, "天池大街", "UTF-8"),
    ] {
        for cpg in [Some("right"), Some("wrong"), Some("nonsense"), None] {
            for stem in ["valves", "阀门_天池"] {
                let temp = TempDir::new().unwrap();
                let folder = temp.path().join("天池 管网");
                fs::create_dir(&folder).unwrap();
                let encode = |text: &str| encoding.encode(text).0.into_owned();
                // 道路名称与所在 is cut in the middle of a character in both encodings.
                let fields: Vec<(Vec<u8>, u8)> = vec![
                    (encode("编号"), 10),
                    (encode("所在道路"), 30),
                    (encode("A所属分区编号"), 20),
                    (encode("使用状态名称"), 6),
                ];
                let fields: Vec<(&[u8], u8)> = fields.iter().map(|(n, w)| (n.as_slice(), *w)).collect();
                let rows = vec![
                    vec![b"V1".to_vec(), encode(road), encode("一区"), b"x".to_vec()],
                    vec![b"V2".to_vec(), encode("人民路"), encode("二区"), b"x".to_vec()],
                ];
                let path = shapefile(&folder, stem, &fields, &rows);
                let said = match (cpg, encoding_name) {
                    (Some("right"), name) => Some(name),
                    (Some("wrong"), "UTF-8") => Some("GBK"),
                    (Some("wrong"), _) => Some("UTF-8"),
                    (Some(_), _) => Some("ISO-8859-1"),
                    (None, _) => None,
                };
                if let Some(said) = said {
                    fs::write(path.with_extension("cpg"), said).unwrap();
                }
                let case = format!("{encoding_name} cpg {cpg:?} {stem}");
                let mut options = ImportOptions::default();
                let inspection = inspect(&path, &options, &Schema::builtin().unwrap()).unwrap();
                if let Some(question) = inspection.encoding_question {
                    // Asked once, with a preview that shows the right text among its answers.
                    let answer = question
                        .candidates
                        .iter()
                        .find(|c| c.encoding.to_lowercase() == expected_guess.to_lowercase());
                    assert!(
                        answer.unwrap().preview.iter().any(|p| p.contains("天池")),
                        "{case}"
                    );
                    options.encoding = Some(expected_guess.to_owned());
                }
                let read = read_in(&path, &options, None).unwrap();
                assert_eq!(
                    read.value(read.by_code("V1"), "road"),
                    Value::Text(road.into()),
                    "{case}"
                );
                assert_eq!(
                    read.value(read.by_code("V2"), "road"),
                    Value::Text("人民路".into()),
                    "{case}"
                );
                assert_eq!(read.features.len(), 2, "{case}");
                assert_eq!(read.class("V1"), "valve", "{case}");
            }
        }
    }
}

#[test]
fn a_field_name_cut_in_mid_character_is_still_found() {
    let temp = TempDir::new().unwrap();
    // 地面高程 in UTF-8 is 12 bytes: DBF keeps 10, three characters and a third of the fourth.
    let fields: [(&[u8], u8); 2] = [("编号".as_bytes(), 10), ("地面高程".as_bytes(), 10)];
    let path = shapefile(
        temp.path(),
        "valve",
        &fields,
        &[vec![b"V1".to_vec(), b"12.5".to_vec()]],
    );
    let read = read(&path);
    assert_eq!(
        read.value(read.by_code("V1"), "ground_elevation_m"),
        Value::Real(12.5)
    );
}

#[test]
fn tables_in_gbk_are_read_as_well() {
    let temp = TempDir::new().unwrap();
    let text =
        "点号,附属物,X,Y,所在道路\n1,闸阀,100,200,天池大街\n2,消防栓,110,200,人民路\n3,水厂,120,200,人民路\n";
    let path = temp.path().join("管点.csv");
    fs::write(&path, GB18030.encode(text).0).unwrap();
    let read = read(&path);
    assert_eq!(
        (read.class("1"), read.class("2"), read.class("3")),
        ("valve", "hydrant", "plant")
    );
    assert_eq!(read.value(read.by_code("1"), "kind"), Value::Text("gate".into()));
    assert_eq!(
        read.value(read.by_code("1"), "road"),
        Value::Text("天池大街".into())
    );
    for subject in [
        GuessSubject::Encoding,
        GuessSubject::ValueClass,
        GuessSubject::ClassColumn,
        GuessSubject::Crs,
    ] {
        assert!(
            read.report.guesses.iter().any(|g| g.subject == subject),
            "{subject:?}"
        );
    }
}

const LINES: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"管线编号":"L1","管径":300,"材质":"球墨铸铁"},"geometry":{"type":"LineString","coordinates":[[87.6,43.8],[87.61,43.8]]}},
{"type":"Feature","properties":{"管线编号":"L2","管径":100},"geometry":{"type":"MultiLineString","coordinates":[[[87.6,43.8],[87.6,43.81]],[[87.7,43.8],[87.7,43.81]]]}},
{"type":"Feature","properties":{"管线编号":"L3"},"geometry":{"type":"Point","coordinates":[87.6,43.8]}},
{"type":"Feature","properties":{"管线编号":"L4","管径":"很粗"},"geometry":null}
]}"#;

#[test]
fn a_guess_is_told_and_can_be_corrected() {
    let folder = folder(&[("供水管线2020.geojson", LINES)]);
    let path = folder.path().join("供水管线2020.geojson");
    let schema = Schema::builtin().unwrap();
    let mut inspection = inspect(&path, &ImportOptions::default(), &schema).unwrap();
    assert!(
        inspection
            .guesses
            .iter()
            .any(|g| g.subject == GuessSubject::Field && g.taken_for == "diameter_mm")
    );
    assert_eq!(inspection.layers[0].sample[0].iter().flatten().count(), 3);
    let rule = inspection
        .mapping
        .layers
        .iter_mut()
        .find(|l| l.class.as_deref() == Some("pipe"))
        .unwrap();
    rule.fields
        .insert("remark".into(), FieldRule::Column("材质".into()));
    let options = ImportOptions {
        mapping: Some(inspection.mapping),
        ..ImportOptions::default()
    };
    let read = read_in(&path, &options, None).unwrap();
    assert_eq!(
        read.value(read.by_code("L1"), "remark"),
        Value::Text("球墨铸铁".into())
    );
}

#[test]
fn no_row_is_dropped_in_silence() {
    let folder = folder(&[("供水管线2020.geojson", LINES)]);
    let target = crate::io::crs::parse("EPSG:4538").unwrap();
    let read = read_in(folder.path(), &ImportOptions::default(), Some(&target)).unwrap();
    let report = &read.report.layers[0];
    assert_eq!(read.features.len(), 3, "{:?}", read.report);
    assert_eq!(report.read, 4);
    assert!(read.has_issue("io.issue.split"));
    let Some(Geometry::Line(line)) = &read.by_code("L1").geometry else {
        panic!()
    };
    assert!(
        (line[0][0] - 548_000.0).abs() < 2_000.0 && (line[0][1] - 4_851_000.0).abs() < 2_000.0,
        "{line:?}"
    );
    assert_eq!(read.by_code("L2-2").class, read.by_code("L2").class);
}

#[test]
fn a_mapping_reads_one_layer_of_a_mixed_survey() {
    let folder = folder(&[(
        "survey.csv",
        "号,种类,类,东,北,径\n1,给水,闸阀,1,2,0.2\n2,污水,窨井,1,2,0.3\n3,给水,飞碟,3,2,0.1\n",
    )]);
    let mapping = Mapping::from_toml(
        r#"
[[layer]]
name = "survey"
class = "junction"
class_column = "类"
x_column = "东"
y_column = "北"
only = { "种类" = ["给水"] }
classes = { "飞碟" = "hydrant" }
[layer.fields]
code = "号"
diameter_mm = { column = "径", factor = 1000.0 }
owner = { constant = "水务集团" }
"#,
        Path::new("m.toml"),
    )
    .unwrap();
    let options = ImportOptions {
        mapping: Some(mapping),
        ..ImportOptions::default()
    };
    let read = read_in(folder.path(), &options, None).unwrap();
    assert_eq!(read.features.len(), 2);
    assert_eq!((read.class("1"), read.class("3")), ("valve", "hydrant"));
    assert_eq!(read.value(read.by_code("1"), "diameter_mm"), Value::Real(200.0));
    assert_eq!(
        read.value(read.by_code("3"), "owner"),
        Value::Text("水务集团".into())
    );
    assert!(read.has_issue("io.issue.left_out"));
}

#[test]
fn hostile_sources_are_refused_with_a_message() {
    let temp = folder(&[
        ("empty.geojson", ""),
        ("cut.geojson", &LINES.chars().take(300).collect::<String>()),
        ("noise.shp", "no shapefile"),
        ("noise.gpkg", "no database"),
        ("picture.png", "\u{89}PNG"),
        ("nan.csv", "code,class,x,y\nA,valve,nan,1\nB,valve,1,inf\n"),
        ("header.csv", "code,class,x,y\n"),
        ("letter.csv", "dear,sir\nhow,are\n"),
    ]);
    fs::create_dir(temp.path().join("folder")).unwrap();
    for (name, key) in [
        ("missing.shp", "core.error.io"),
        ("empty.geojson", "io.source.empty"),
        ("cut.geojson", "io.source.broken"),
        ("noise.shp", "io.source.truncated"),
        ("noise.gpkg", "io.source.no_database"),
        ("picture.png", "io.source.unknown_format"),
        ("folder", "io.source.empty_folder"),
        ("nan.csv", "io.source.nothing_read"),
        ("header.csv", "io.source.no_rows"),
        ("letter.csv", "io.source.unrecognised"),
    ] {
        match read_in(&temp.path().join(name), &ImportOptions::default(), None) {
            Err(error) => {
                assert_eq!(error.message().key(), key, "{name}: {error}");
                assert!(!error.to_string().contains("%{"), "{error}");
            }
            Ok(_) => panic!("{name} was read"),
        }
    }
}

#[test]
fn a_truncated_shapefile_is_refused() {
    for cut in ["shp", "dbf"] {
        let temp = TempDir::new().unwrap();
        let rows: Vec<_> = (0..50).map(|i| vec![format!("V{i}").into_bytes()]).collect();
        let path = shapefile(temp.path(), "valve", &[(b"code", 10)], &rows);
        assert_eq!(read(&path).features.len(), 50);
        let file = path.with_extension(cut);
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() * 2 / 3]).unwrap();
        let error = read_in(&path, &ImportOptions::default(), None).err().unwrap();
        assert_eq!(error.message().key(), "io.source.truncated");
    }
}

#[test]
fn a_shapefile_without_index_is_read_from_a_copy_and_stays_as_it_is() {
    let temp = TempDir::new().unwrap();
    let path = shapefile(temp.path(), "valve", &[(b"code", 10)], &[vec![b"V1".to_vec()]]);
    fs::remove_file(path.with_extension("shx")).unwrap();
    let read = read(&path);
    assert_eq!(read.features.len(), 1);
    assert!(read.has_issue("io.source.no_index"));
    assert!(!path.with_extension("shx").exists());
}

#[test]
fn an_explicit_wrong_system_is_refused() {
    let folder = folder(&[("pipes.geojson", LINES)]);
    let options = ImportOptions {
        source_crs: Some(crate::io::crs::parse("EPSG:4538").unwrap()),
        ..ImportOptions::default()
    };
    let error = read_in(folder.path(), &options, None).err().unwrap();
    assert!(
        matches!(&error, Error::BadInput(m) if m.key() == "io.place.degrees"),
        "{error}"
    );
}

#[test]
fn same_code_in_two_classes_means_the_one_at_the_pipes_end() {
    let folder = folder(&[
        (
            "nodes.csv",
            "code,class,x,y\n1,valve,0,0\n1,hydrant,10,0\n2,junction,20,0\n",
        ),
        (
            "pipes.geojson",
            r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4538"}},"features":[
{"type":"Feature","properties":{"code":"A","from":"1","to":"2"},"geometry":{"type":"LineString","coordinates":[[500010,4800000],[500020,4800000]]}}]}"#,
        ),
    ]);
    fs::write(
        folder.path().join("nodes.csv"),
        "code,class,x,y\n1,valve,500000,4800000\n1,hydrant,500010,4800000\n2,junction,500020,4800000\n",
    )
    .unwrap();
    let read = read(folder.path());
    let hydrant = read
        .features
        .iter()
        .find(|f| read.schema.class(f.class).key == "hydrant")
        .unwrap();
    assert_eq!(read.by_code("A").links.from, Some(hydrant.id));
}
