//! A line drawn by hand, as one entry of the journal.
#![expect(clippy::float_cmp, reason = "values must be exactly what was said")]

use super::{CLERK, Town, dump, node};
use crate::edit::ops::{Deed, Sketch, SketchPoint};
use crate::network::describe::differences;

#[test]
fn a_line_drawn_by_hand_joins_nodes_cuts_the_pipe_it_ends_on_and_is_one_entry() {
    let mut town = Town::new();
    let whole = dump(&town.project);
    let start = town.project.history().unwrap().position;
    let network = town.network();
    let id = |code: &str| network.node_id(node(&network, code));
    let main = network.pipe_id(network.pipes_with_code("AB")[0]);
    let sketch = Sketch {
        pipe_class: "pipe".to_owned(),
        node_class: "junction".to_owned(),
        points: vec![
            SketchPoint::OnPipe(main, [30.0, 0.0]),
            SketchPoint::Place([30.0, 20.0]),
            SketchPoint::Node(id("C")),
            SketchPoint::Place([150.0, 80.0]),
        ],
        values: serde_json::from_str(r#"{"diameter_mm":100}"#).unwrap(),
    };
    let done = Deed::Sketch(sketch)
        .carry_out(&mut town.project, None, &mut town.ids, CLERK, &mut |_, _| Ok(()))
        .unwrap();
    assert_eq!(done.name.unwrap().key(), "edit.name.draw_pipe");
    let after = town.project.updated_network(&network, &done.effects).network;
    assert_eq!(differences(&after, &town.network()), [""; 0]);
    assert_eq!(
        after.pipe_count(),
        network.pipe_count() + 3,
        "two drawn, one cut in two"
    );
    let c = node(&after, "C");
    assert_eq!(after.pieces_at(c).len(), 3);
    let drawn = after
        .pieces_at(c)
        .iter()
        .map(|p| after.piece_pipe(*p))
        .find(|p| after.pipe_vertices(*p).len() == 3)
        .unwrap();
    assert_eq!(after.pipe_vertices(drawn)[1], [30.0, 20.0]);
    assert_eq!(after.pipe_diameter_mm(drawn), 100.0);
    assert_eq!(town.project.history().unwrap().position, start + 1);
    Deed::Undo
        .carry_out(&mut town.project, None, &mut town.ids, CLERK, &mut |_, _| Ok(()))
        .unwrap();
    assert_eq!(dump(&town.project), whole);
}
