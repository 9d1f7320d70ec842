//! Changing the network in the window: by click, by drag, by typing, back and forth through the history.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::{Lang, NoProgress};
use karez::commands::Command;
use karez::session::Target;
use karez::shell::App;
use karez::shell::action::Action;

use crate::driver::{open_town, settle, tr};
use crate::view::{click, command, corner, screen};

/// Pipes and nodes, and metres of pipe, as the window has them; the same as in the file.
fn figures(window: &Harness<'static, App>) -> (usize, usize, i64) {
    let session = window.state().session().unwrap();
    let read = session
        .service
        .call(|project| project.network(&NoProgress))
        .unwrap();
    let of = |network: &gis_core::network::Network| {
        let length_m: f64 = network.pipes().map(|p| network.pipe_length_m(p)).sum();
        (
            network.pipe_count(),
            network.node_count(),
            (length_m * 1000.0).round() as i64,
        )
    };
    assert_eq!(of(&session.network), of(&read), "the window and the file agree");
    of(&read)
}

fn chosen(window: &Harness<'static, App>) -> Option<Target> {
    window.state().panels().identify.target
}

#[test]
fn a_node_is_placed_a_pipe_drawn_and_all_is_undone_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let (pipes, nodes, length_mm) = figures(&window);
        let bare = Command::EditPlaceNode;
        command(&mut window, bare);
        assert_ne!(
            window.state().tools().id(),
            karez::view::Tool::Edit(karez::view::EditTool::PlaceNode),
            "read only until editing"
        );
        command(&mut window, Command::ToggleEditing);
        window.get_by_label_contains(&tr("editing.new_pipes", lang));

        command(&mut window, Command::EditPlaceNode);
        let [a, b] = [corner(2, 2), corner(3, 2)];
        click(&mut window, [a[0] + 0.3 * (b[0] - a[0]), a[1]], 1.0);
        let said = window.state().messages().list();
        assert_eq!(figures(&window), (pipes + 1, nodes + 1, length_mm), "{said:?}");
        assert!(
            matches!(chosen(&window), Some(Target::Node(_))),
            "what was made is chosen"
        );

        command(&mut window, Command::EditDrawPipe);
        click(&mut window, corner(2, 2), 1.0);
        click(&mut window, [a[0] + 40.0, a[1] + 40.0], 0.0);
        click(&mut window, [a[0] + 80.0, a[1] + 40.0], 0.0);
        window.key_press(Key::Enter);
        settle(&mut window);
        let drawn = figures(&window);
        let said = window.state().messages().list();
        assert_eq!((drawn.0, drawn.1), (pipes + 2, nodes + 2), "{said:?}");
        assert!(
            (drawn.2 - length_mm - 96_569).abs() < 200,
            "{drawn:?} after {length_mm}"
        );

        window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        settle(&mut window);
        assert_eq!(figures(&window), (pipes + 1, nodes + 1, length_mm));
        window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
        settle(&mut window);
        assert_eq!(figures(&window), drawn);

        command(&mut window, Command::PanelHistory);
        window.get_by_label(&tr("editing.beginning", lang)).click();
        settle(&mut window);
        assert_eq!(figures(&window), (pipes, nodes, length_mm));
        assert_eq!(chosen(&window), None, "what is gone is not chosen any more");
        let history = window.state().panels().history.history();
        assert_eq!((history.position, history.entries.len()), (0, 2));
    }
}

#[test]
fn a_node_is_dragged_with_its_pipes_and_a_pipe_cut_where_it_is_clicked() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    let (pipes, nodes, length_mm) = figures(&window);
    command(&mut window, Command::ToggleEditing);
    command(&mut window, Command::EditMoveNode);
    let node = window.state().session().unwrap().network.nodes_with_code("J-3-3")[0];
    let from = screen(&window, corner(3, 3));
    let to_place = [corner(3, 3)[0] + 30.0, corner(3, 3)[1] + 20.0];
    let to = screen(&window, to_place);
    window.hover_at(from);
    window.step();
    window.drag_at(from);
    window.step();
    for i in 1..=4 {
        window.hover_at(from + (to - from) * (i as f32 / 4.0));
        window.step();
    }
    window.drop_at(to);
    window.run_steps(3);
    settle(&mut window);
    let session = window.state().session().unwrap();
    let moved = session.network.position(node);
    assert!(
        (moved[0] - to_place[0]).abs() < 1.0 && (moved[1] - to_place[1]).abs() < 1.0,
        "{moved:?} {:?}",
        window.state().messages().list()
    );
    assert_eq!(session.network.pieces_at(node).len(), 4, "its pipes came along");
    let after = figures(&window);
    assert_eq!((after.0, after.1), (pipes, nodes));
    assert_ne!(after.2, length_mm);

    command(&mut window, Command::EditSplitPipe);
    let [a, b] = [corner(1, 1), corner(2, 1)];
    click(&mut window, [a[0] + 0.3 * (b[0] - a[0]), a[1]], 0.0);
    let cut = figures(&window);
    assert_eq!((cut.0, cut.1, cut.2), (pipes + 1, nodes + 1, after.2));
}

#[test]
fn an_attribute_is_typed_and_what_others_depend_on_is_not_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    let (pipes, nodes, length_mm) = figures(&window);
    command(&mut window, Command::ToggleEditing);
    let network = window.state().session().unwrap().network.clone();
    let pipe = network.pipes_with_code("P-2-2-E")[0];
    // Room for the attributes.
    command(&mut window, Command::PanelEdit);
    for action in [Action::Select(Some(Target::Pipe(pipe))), Action::ShowAttributes] {
        window.state_mut().ask(action);
        settle(&mut window);
    }
    let schema = window.state().session().unwrap().schema.clone();
    let class = schema.class(network.pipe_class(pipe));
    let field = &class.fields[class.field_index("diameter_mm").unwrap()];
    window
        .get_by_role_and_label(egui::accesskit::Role::TextInput, field.label.text(Lang::En))
        .click();
    settle(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.event(egui::Event::Text("250".to_owned()));
    settle(&mut window);
    window.key_press(Key::Enter);
    settle(&mut window);
    let session = window.state().session().unwrap();
    assert!((session.network.pipe_diameter_mm(pipe) - 250.0).abs() < 1e-6);
    assert_eq!(figures(&window), (pipes, nodes, length_mm));

    // A tee in the middle of the grid: three pipes and more hang on it.
    let node = session.network.nodes_with_code("J-2-2")[0];
    window.state_mut().ask(Action::Select(Some(Target::Node(node))));
    settle(&mut window);
    command(&mut window, Command::EditReverse);
    command(&mut window, Command::EditDelete);
    command(&mut window, Command::EditDeleteAll);
    let after = figures(&window);
    assert!(after.1 < nodes, "{after:?}");
    command(&mut window, Command::Undo);
    assert_eq!(figures(&window), (pipes, nodes, length_mm));
    command(&mut window, Command::Undo);
    let session = window.state().session().unwrap();
    assert!((session.network.pipe_diameter_mm(pipe) - 200.0).abs() < 1e-6);
}

#[test]
fn what_happened_to_a_feature_is_told_with_old_and_new_values() {
    let lang = Lang::En;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(lang, folder.path());
    command(&mut window, Command::ToggleEditing);
    let network = window.state().session().unwrap().network.clone();
    let pipe = network.pipes_with_code("P-2-2-E")[0];
    let set = karez::shell::editing::EditAction::Set {
        feature: network.pipe_id(pipe),
        field: "diameter_mm".to_owned(),
        value: serde_json::json!(250),
    };
    for action in [
        Action::Edit(set),
        Action::Select(Some(Target::Pipe(pipe))),
        Action::ShowAttributes,
    ] {
        window.state_mut().ask(action);
        settle(&mut window);
    }
    window.get_by_label(&tr("trace.title", lang)).click();
    settle(&mut window);
    let rows = window.state().panels().identify.trace.rows();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].entry.is_in_force);
    window.get_by_label("Diameter: 200 mm → 250 mm");
    window.get_by_label(&tr("trace.restore", lang)).click_accesskit();
    settle(&mut window);
    let session = window.state().session().unwrap();
    assert!((session.network.pipe_diameter_mm(pipe) - 200.0).abs() < 1e-6);
    window.get_by_label("Diameter: 250 mm → 200 mm");
}

#[test]
fn a_project_opened_twice_stays_writable_here_and_can_only_be_read_elsewhere() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        let path = folder.path().join("town.gpkg");
        window.state_mut().ask(Action::OpenPath(path.clone()));
        settle(&mut window);
        let said = window.state().messages().last().unwrap().message.clone();
        assert_eq!(said.key(), "app.message.open_already");
        assert!(!window.state().session().unwrap().is_read_only);
        let elsewhere = gis_core::project::Project::open(&path).unwrap_err().message();
        assert_eq!(elsewhere.key(), "project.error.busy");
        assert!(gis_core::project::Project::open_read_only(&path).is_ok());
        drop(window);
        let again = gis_core::project::Project::open(&path).unwrap();
        again.close().unwrap();
        let left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["town.gpkg"], "the file alone again");
    }
}
