//! Operations by form: filled in by clicks on the map and by typing, done, and undone.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use karez::commands::Command;
use karez::shell::App;
use karez::shell::action::Action;
use karez::shell::operations::OperationAction;

use crate::driver::{open_town, settle, tr};
use crate::view::{click, command, corner};

fn begin(window: &mut Harness<'static, App>, form: &'static str) {
    window
        .state_mut()
        .ask(Action::Operation(OperationAction::Begin(form)));
    settle(window);
}

fn type_into(window: &mut Harness<'static, App>, label: &str, text: &str) {
    window
        .get_by_role_and_label(egui::accesskit::Role::TextInput, label)
        .click();
    settle(window);
    window.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    window.event(egui::Event::Text(text.to_owned()));
    settle(window);
}

fn do_it(window: &mut Harness<'static, App>, lang: Lang) {
    window.get_by_label(&tr("operations.do", lang)).click();
    settle(window);
}

fn counts(window: &Harness<'static, App>) -> (usize, usize) {
    let network = &window.state().session().unwrap().network;
    (network.pipe_count(), network.node_count())
}

fn last_entry(window: &Harness<'static, App>, lang: Lang) -> String {
    let service = &window.state().session().unwrap().service;
    let history = service.call(|project| project.history()).unwrap();
    let entry = history.entries.iter().find(|e| e.number == history.position);
    entry.map_or_else(String::new, |entry| entry.name.text(lang))
}

#[test]
fn a_point_is_tied_to_two_places_and_the_one_that_is_meant_is_clicked_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        command(&mut window, Command::ToggleEditing);
        let before = counts(&window);
        begin(&mut window, "tie_two_points");
        window.get_by_label(&tr("operations.form.tie_two_points", lang));
        let [a, b] = [corner(1, 1), corner(2, 1)];
        click(&mut window, a, 0.0);
        click(&mut window, b, 0.0);
        let half_m = (b[0] - a[0]) / 2.0;
        let apart_m = half_m.hypot(30.0);
        for input in ["distance_1", "distance_2"] {
            let label = format!("{} (m)", tr(&format!("operations.input.{input}"), lang));
            type_into(&mut window, &label, &format!("{apart_m:.4}"));
        }
        window.get_by_label_contains(&tr("operations.which", lang));
        do_it(&mut window, lang);
        assert_eq!(counts(&window), before, "which of two is not said");
        // Of the two places above and below the middle, the lower one.
        window
            .get_by_role_and_label(egui::accesskit::Role::Button, &tr("operations.input.near", lang))
            .click();
        settle(&mut window);
        let below = [a[0] + half_m, a[1] - 30.0];
        click(&mut window, [below[0] + 2.0, below[1] - 1.0], 0.0);
        do_it(&mut window, lang);
        let said = window.state().messages().list();
        assert_eq!(counts(&window).1, before.1 + 1, "{said:?}");
        let network = &window.state().session().unwrap().network;
        let near = network.nodes_near(below, 0.01);
        assert_eq!(near.len(), 1, "where the tapes meet");
        command(&mut window, Command::Undo);
        assert_eq!(counts(&window), before);
    }
}

#[test]
fn pipes_are_chosen_by_clicks_and_merged_with_the_attribute_that_is_picked() {
    let lang = Lang::En;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(lang, folder.path());
    command(&mut window, Command::ToggleEditing);
    // Thirds of one pipe, since a customer stands in its middle; one of another size.
    begin(&mut window, "split_into");
    let [a, b] = [corner(1, 1), corner(2, 1)];
    let on = |share: f64| [a[0] + share * (b[0] - a[0]), a[1]];
    click(&mut window, on(0.2), 0.0);
    type_into(&mut window, &tr("operations.input.parts", lang), "3");
    do_it(&mut window, lang);
    let cut = counts(&window);
    begin(&mut window, "set_many");
    click(&mut window, on(0.45), 0.0);
    let panel = &mut window.state_mut().panels_mut().operations;
    let draft = panel.draft.as_mut().unwrap();
    draft.cells[1].rows = vec![("diameter_mm".to_owned(), "450".to_owned())];
    settle(&mut window);
    do_it(&mut window, lang);
    begin(&mut window, "merge");
    click(&mut window, on(0.2), 0.0);
    click(&mut window, on(0.45), 0.0);
    let panel = &window.state().panels().operations;
    assert_eq!(
        panel.compared.len(),
        2,
        "their records are read: {:?}",
        panel.draft
    );
    let second = panel.compared[1].id.to_string();
    let rows = &mut window
        .state_mut()
        .panels_mut()
        .operations
        .draft
        .as_mut()
        .unwrap()
        .cells[1]
        .rows;
    let row = rows.iter_mut().find(|(name, _)| name == "diameter_mm");
    row.expect("they differ in size").1 = second;
    do_it(&mut window, lang);
    let said = window.state().messages().list();
    assert_eq!(counts(&window), (cut.0 - 1, cut.1 - 1), "{said:?}");
    let network = &window.state().session().unwrap().network;
    let merged = network.pipes_near(on(0.4), 0.5)[0].pipe;
    assert!((network.pipe_diameter_mm(merged) - 450.0).abs() < 1e-6);
}

#[test]
fn what_lies_in_a_box_is_chosen_and_copied_with_its_attributes() {
    let lang = Lang::ZhCn;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(lang, folder.path());
    command(&mut window, Command::ToggleEditing);
    let before = counts(&window);
    begin(&mut window, "copy_many");
    let [a, b] = [corner(1, 1), corner(2, 1)];
    let boxed = [
        [a[0] - 5.0, a[1] - 5.0],
        [b[0] + 5.0, a[1] - 5.0],
        [b[0] + 5.0, a[1] + 5.0],
        [a[0] - 5.0, a[1] + 5.0],
    ];
    window
        .state_mut()
        .ask(Action::Operation(OperationAction::Boxed(boxed)));
    window.state_mut().ask(Action::Operation(OperationAction::Next));
    settle(&mut window);
    let chosen = window.state().panels().operations.draft.as_ref().unwrap().cells[0]
        .features
        .len();
    assert!(chosen >= 3, "{chosen}");
    click(&mut window, a, 0.0);
    click(&mut window, [a[0] + 17.0, a[1] + 31.0], 0.0);
    do_it(&mut window, lang);
    let after = counts(&window);
    let said = window.state().messages().list();
    assert_eq!(after.0 + after.1 - before.0 - before.1, chosen, "{said:?}");
    assert!(!last_entry(&window, lang).is_empty());
    command(&mut window, Command::Undo);
    assert_eq!(counts(&window), before);
}

#[test]
fn a_text_goes_letter_by_letter_into_its_field_and_to_no_tool() {
    let lang = Lang::En;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(lang, folder.path());
    command(&mut window, Command::ToggleEditing);
    begin(&mut window, "import_here");
    let label = tr("operations.input.source", lang);
    window
        .get_by_role_and_label(egui::accesskit::Role::TextInput, &label)
        .focus();
    window.run_steps(2);
    let was_snapping = window.state().tools().snapping.is_on;
    for letter in "street.xlsx".chars() {
        window.event(egui::Event::Text(letter.to_string()));
        if let Some(key) = egui::Key::from_name(&letter.to_uppercase().to_string()) {
            window.key_press(key);
        }
        window.run_steps(2);
    }
    let field = window.get_by_role_and_label(egui::accesskit::Role::TextInput, &label);
    assert_eq!(field.value().as_deref(), Some("street.xlsx"));
    assert_eq!(window.state().tools().snapping.is_on, was_snapping);
}
