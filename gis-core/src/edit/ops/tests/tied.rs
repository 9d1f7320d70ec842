//! What was measured stays with the point.

use super::{CLERK, Town, dump};
use crate::cartography::StyleSet;
use crate::edit::{TIES_FIELD, TieRecord};
use crate::layout::tie_sketch::Sketch;
use crate::{Lang, Value};

fn ties(town: &Town, code: &str) -> Vec<TieRecord> {
    let node = town.get(code);
    let field = town
        .project
        .schema()
        .class(node.class)
        .field_index(TIES_FIELD)
        .unwrap();
    TieRecord::read(&node.values[field]).unwrap()
}

#[test]
fn a_point_keeps_its_ties_with_what_they_are_off_by() {
    let mut town = Town::new();
    // Three distances, the last of them 0.3 m too long.
    town.act(
        r#"{"op":"tie_node","class":"valve","tie":{"mode":"distances","points":[[0,0],[100,0],[100,50]],"distances_m":[50,80.6225774829855,94.6]},"values":{"code":"T"}}"#,
    );
    let before = dump(&town.project);
    let [record] = &ties(&town, "T")[..] else {
        panic!("one tie was kept")
    };
    assert_eq!(record.residuals_m.len(), 3);
    assert!(record.residuals_m.iter().any(|m| m.abs() > 0.01), "{record:?}");
    // The corner of a house 5 m to the east of B, and its wall.
    town.act(
        r#"{"op":"record_tie","node":"B","tie":{"mode":"edge_point","edge":[[0,-10],[10,-10]],"offset_m":10.2,"point":[105,0],"distance_m":5}}"#,
    );
    let [record] = &ties(&town, "B")[..] else {
        panic!("one tie was kept")
    };
    let [wall, corner] = record.residuals_m[..] else {
        panic!("two residuals")
    };
    assert!((wall - 0.2).abs() < 1e-9 && corner.abs() < 1e-9, "{record:?}");
    town.project.undo(CLERK).unwrap();
    assert_eq!(dump(&town.project), before);
    let entry = town.project.history().unwrap().position;
    let journaled = town.project.journaled(entry).unwrap();
    let text = journaled.to_json(town.project.schema()).unwrap();
    assert!(
        text.contains("distances_m"),
        "the history tells the measurement: {text}"
    );
}

#[test]
fn the_sketch_of_a_point_is_drawn_again_from_what_was_kept() {
    let mut town = Town::new();
    town.act(
        r#"{"op":"tie_node","class":"valve","tie":{"mode":"edge_point","edge":[[0,-10],[10,-10]],"offset_m":7,"point":[25,-3],"distance_m":5.25},"near":[30,-3],"values":{"code":"T"}}"#,
    );
    let network = town.network();
    let records = ties(&town, "T");
    let sketch = Sketch {
        network: &network,
        name: "T",
        at: network.position(super::node(&network, "T")),
        records: &records,
        styles: &StyleSet::builtin().unwrap(),
        lang: Lang::En,
    };
    let folder = tempfile::tempdir().unwrap();
    for (ending, start) in [
        ("pdf", &b"%PDF"[..]),
        ("svg", b"<?xml"),
        ("dxf", b"0\n"),
        ("png", b"\x89PNG"),
    ] {
        let file = folder.path().join(format!("t.{ending}"));
        sketch.write(&file, 100.0).unwrap();
        let bytes = std::fs::read(&file).unwrap();
        let head = String::from_utf8_lossy(&bytes[..12.min(bytes.len())])
            .trim_start()
            .to_owned();
        assert!(
            bytes.starts_with(start) || head.starts_with("<svg") || head.starts_with("0\r\n"),
            "{ending}: {head}"
        );
        assert!(bytes.len() > 500);
    }
    let dxf = std::fs::read_to_string(folder.path().join("t.dxf")).unwrap();
    for text in ["5.25", "7.00", "Ties of T"] {
        assert!(dxf.contains(text), "{text}");
    }
    let none = Sketch {
        records: &[],
        ..sketch
    };
    assert_eq!(
        none.write(&folder.path().join("n.pdf"), 100.0)
            .unwrap_err()
            .message()
            .key(),
        "edit.tie.none"
    );
    let bad = Value::Text("no record".to_owned());
    assert_eq!(
        TieRecord::read(&bad).unwrap_err().message().key(),
        "edit.tie.unreadable"
    );
}
