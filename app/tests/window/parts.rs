//! The part library in the window: kept from what stands there, renamed, deleted; the bill of what was placed.

use calamine::Reader as _;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::edit::ops::{Deed, Request};
use gis_core::edit::parts::Shelf;
use karez::commands::Command;
use karez::session::Target;
use karez::shell::App;
use karez::shell::action::{Action, FilePurpose};
use karez::shell::editing::EditAction;

use crate::driver::{open_town, settle, tr};
use crate::view::{command, corner};

fn ask(window: &mut Harness<'static, App>, action: Action) {
    window.state_mut().ask(action);
    settle(window);
}

fn press(window: &mut Harness<'static, App>, key: &str, lang: Lang) {
    window.get_by_role_and_label(Role::Button, &tr(key, lang)).click();
    settle(window);
}

fn type_name(window: &mut Harness<'static, App>, lang: Lang, name: &str) {
    window
        .get_by_role_and_label(Role::TextInput, &tr("parts.name", lang))
        .click();
    settle(window);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.event(egui::Event::Text(name.to_owned()));
    settle(window);
}

/// Names of the project's own parts, with how many nodes each has.
fn own(window: &Harness<'static, App>) -> Vec<(String, usize)> {
    let library = window.state().panels().parts.library();
    let own = library.parts.iter().filter(|part| part.1 == Shelf::Project);
    own.map(|(name, _, assembly)| (name.clone(), assembly.arms.len() + 1))
        .collect()
}

#[test]
fn an_assembly_is_kept_from_the_selection_renamed_and_deleted_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        command(&mut window, Command::ToggleEditing);
        let network = window.state().session().unwrap().network.clone();
        let a = corner(2, 2);
        let place = EditAction::PlaceNode {
            at: [a[0] + 3.0, a[1]],
            pipe: Some(network.pipe_id(network.pipes_with_code("P-2-2-E")[0])),
        };
        ask(&mut window, Action::Edit(place));
        command(&mut window, Command::PanelParts);
        let node = window.state().session().unwrap().network.nodes_with_code("J-2-2")[0];
        ask(&mut window, Action::Select(Some(Target::Node(node))));
        type_name(&mut window, lang, "Tee A");
        press(&mut window, "parts.keep", lang);
        assert_eq!(
            own(&window),
            [("Tee A".to_owned(), 2)],
            "{:?}",
            window.state().messages().list()
        );
        let rows = window.query_all_by(|node| node.label().is_some_and(|l| l.starts_with("Tee A  ")));
        rows.into_iter().next().unwrap().click();
        settle(&mut window);
        type_name(&mut window, lang, "Tee B");
        press(&mut window, "parts.rename", lang);
        assert_eq!(own(&window), [("Tee B".to_owned(), 2)]);
        let rows = window.query_all_by(|node| node.label().is_some_and(|l| l.starts_with("Tee B  ")));
        rows.into_iter().next().unwrap().click();
        settle(&mut window);
        press(&mut window, "parts.delete", lang);
        assert_eq!(own(&window), []);
    }
}

#[test]
fn what_was_placed_is_in_the_bill_and_in_the_workbook() {
    let lang = Lang::En;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(lang, folder.path());
    command(&mut window, Command::PanelParts);
    window.get_by_label(&tr("parts.nothing_placed", lang));
    let name = window.state().panels().parts.library().parts[0].0.clone();
    let [x, y] = corner(2, 2);
    let at = format!("[{},{y}]", x + 40.0);
    let request = format!(r#"{{"op":"place_assembly","part":"{name}","on":"P-2-2-E","at":{at}}}"#);
    let request = Request::from_json(&request).unwrap();
    let service = window.state().session().unwrap().service.clone();
    service
        .call(move |project| {
            let mut ids = gis_core::IdSource::new(1, 1);
            let stamp = gis_core::project::Stamp {
                who: "li",
                at_unix_ms: 1,
            };
            let deed = Deed::Requests(vec![request]);
            deed.carry_out(project, None, &mut ids, stamp, &mut |_, _| Ok(()))
                .map(drop)
        })
        .unwrap();
    ask(&mut window, Action::Parts(karez::shell::parts::PartsAction::Read));
    let lines = window.state().panels().parts.library().bill.len();
    assert!(lines > 0, "the assembly is in the bill");
    let file = folder.path().join("bill.xlsx");
    ask(
        &mut window,
        Action::FileNamed(FilePurpose::PartsExcel, file.clone()),
    );
    let mut book = calamine::open_workbook_auto(&file).unwrap();
    let sheet = book.worksheet_range(&tr("edit.part.bill", lang)).unwrap();
    assert_eq!(sheet.rows().count(), lines + 1);
}
