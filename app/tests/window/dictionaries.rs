//! Dictionaries and fields in the window: changes are collected, made as one step, shown everywhere, and taken back.

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::schema::Schema;
use karez::commands::Command;
use karez::session::Target;
use karez::shell::App;
use karez::shell::action::{Action, FilePurpose};

use crate::driver::{open_town, settle, tr};
use crate::view::command;

const LANG: Lang = Lang::En;

fn press(window: &mut Harness<'static, App>, label: &str) {
    window
        .get_by_role_and_label(Role::Button, label)
        .click_accesskit();
    settle(window);
}

fn press_key(window: &mut Harness<'static, App>, key: &str) {
    press(window, &tr(key, LANG));
}

fn fill_in(window: &mut Harness<'static, App>, key: &str, text: &str) {
    let label = tr(&format!("dictionaries.word.{key}"), LANG);
    window.get_by_role_and_label(Role::TextInput, &label).click();
    settle(window);
    window.event(egui::Event::Text(text.to_owned()));
    settle(window);
}

fn schema(window: &Harness<'static, App>) -> Schema {
    (*window.state().session().unwrap().schema).clone()
}

/// How many pipes the project finds.
fn found(window: &Harness<'static, App>, condition: &str) -> usize {
    let service = window.state().session().unwrap().service.clone();
    let condition = condition.to_owned();
    service
        .call(move |project| {
            let query = gis_core::query::Query {
                condition: Some(condition),
                ..gis_core::query::Query::default()
            };
            Ok(query.run(project, &gis_core::NoProgress)?.len())
        })
        .unwrap()
}

fn apply(window: &mut Harness<'static, App>) {
    press_key(window, "dictionaries.pane.apply");
    settle(window);
}

#[test]
fn a_code_is_merged_into_a_new_one_and_ctrl_z_brings_all_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(LANG, folder.path());
    let pipes = found(&window, "material = 'DI'");
    assert!(pipes > 0);
    let pipe = window.state().session().unwrap().network.pipes().next().unwrap();
    let id = window.state().session().unwrap().network.pipe_id(pipe);
    window.state_mut().ask(Action::Select(Some(Target::Pipe(pipe))));
    settle(&mut window);
    command(&mut window, Command::Dictionaries);
    press_key(&mut window, "dictionaries.pane.add");
    fill_in(&mut window, "code", "DIX");
    fill_in(&mut window, "en", "Spun iron");
    press_key(&mut window, "dictionaries.pane.note");
    assert!(
        schema(&window)
            .dictionary("material")
            .unwrap()
            .entry("DIX")
            .is_none(),
        "not yet"
    );
    press(&mut window, "DI");
    press_key(&mut window, "dictionaries.pane.merge");
    press(&mut window, "Spun iron  DIX");
    window.get_by_label("Changes: 2");
    window.get_by_label(&format!("Pipe: {pipes} features get the other code"));
    apply(&mut window);
    let merged = schema(&window);
    assert!(
        merged
            .dictionary("material")
            .unwrap()
            .entry("DI")
            .unwrap()
            .is_retired
    );
    assert_eq!(found(&window, "material = 'DIX'"), pipes);
    let session = window.state().session().unwrap();
    assert!(Target::of_id(&session.network, id).is_some());
    let selected = window
        .state()
        .panels()
        .identify
        .target
        .map(|target| target.id(&session.network));
    assert_eq!(selected, Some(id), "what was chosen stays chosen");
    window.key_press(egui::Key::Escape);
    settle(&mut window);
    command(&mut window, Command::Undo);
    settle(&mut window);
    assert_eq!(schema(&window), Schema::builtin().unwrap());
    let shown = &window.state().session().unwrap().network;
    assert_eq!(
        shown.pipe_count(),
        window.state().session().unwrap().service.newest().pipe_count()
    );
}

#[test]
fn a_new_field_is_filled_in_at_once_in_the_attribute_panel() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(LANG, folder.path());
    command(&mut window, Command::Dictionaries);
    press_key(&mut window, "dictionaries.pane.tab_fields");
    press_key(&mut window, "dictionaries.pane.add_field");
    fill_in(&mut window, "key", "lining");
    fill_in(&mut window, "en", "Lining");
    press_key(&mut window, "dictionaries.pane.note");
    apply(&mut window);
    window.key_press(egui::Key::Escape);
    settle(&mut window);
    let session = window.state().session().unwrap();
    let pipe = session.network.pipes().next().unwrap();
    let (class, code) = (
        session.network.pipe_class(pipe),
        session.network.pipe_code(pipe).to_owned(),
    );
    assert_eq!(session.schema.class(class).fields.last().unwrap().key, "lining");
    window.state_mut().ask(Action::Select(Some(Target::Pipe(pipe))));
    command(&mut window, Command::ToggleEditing);
    command(&mut window, Command::PanelTable);
    settle(&mut window);
    let set = karez::shell::editing::EditAction::Do(
        serde_json::from_value(serde_json::json!({
            "op": "set", "features": [code], "values": { "Lining": "epoxy" },
        }))
        .unwrap(),
    );
    window.state_mut().ask(Action::Edit(set));
    settle(&mut window);
    assert_eq!(
        found(&window, "lining = 'epoxy'"),
        1,
        "{:?}",
        window.state().messages().list()
    );
}

#[test]
fn a_name_that_means_two_things_is_refused_in_the_form_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(LANG, folder.path());
    command(&mut window, Command::Dictionaries);
    press_key(&mut window, "dictionaries.pane.add");
    fill_in(&mut window, "code", "X1");
    fill_in(&mut window, "en", "Steel");
    press_key(&mut window, "dictionaries.pane.note");
    let told = "The name `Steel` of `X1` already means `ST`";
    assert!(window.query_by_label_contains(told).is_some());
    window.get_by_label(&tr("dictionaries.pane.no_changes", LANG));
    // The form is still there.
    window.get_by_role_and_label(Role::TextInput, &tr("dictionaries.word.code", LANG));
}

#[test]
fn a_set_is_exported_and_what_another_one_says_is_shown_before_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(LANG, folder.path());
    command(&mut window, Command::Dictionaries);
    let file = folder.path().join("set.toml");
    window
        .state_mut()
        .ask(Action::FileNamed(FilePurpose::SaveDictionaries, file.clone()));
    settle(&mut window);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"Ductile iron\"", "\"Nodular iron\"")).unwrap();
    window
        .state_mut()
        .ask(Action::FileNamed(FilePurpose::LoadDictionaries, file));
    settle(&mut window);
    window.get_by_label("Changes: 1");
    apply(&mut window);
    let dictionary = schema(&window);
    let entry = dictionary.dictionary("material").unwrap().entry("DI").unwrap();
    assert_eq!(entry.label.en, "Nodular iron");
}
