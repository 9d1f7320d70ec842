//! Engineering projects in the window: written down, edited for, listed and marked on the map, completed, withdrawn.

use calamine::Reader as _;
use egui::{Key, accesskit::Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use gis_core::project::{ChangeKind, Stage};
use karez::commands::Command;
use karez::shell::App;
use karez::shell::action::{Action, FilePurpose};
use karez::shell::editing::EditAction;
use karez::shell::engineering::EngineeringAction;
use karez::view::HighlightRole;
use serde_json::json;

use crate::driver::{open_town, settle, tr};
use crate::view::{click, command, corner};

fn ask(window: &mut Harness<'static, App>, action: Action) {
    window.state_mut().ask(action);
    settle(window);
}

fn press(window: &mut Harness<'static, App>, key: &str, lang: Lang) {
    window.get_by_role_and_label(Role::Button, &tr(key, lang)).click();
    settle(window);
}

fn fill_in(window: &mut Harness<'static, App>, key: &str, lang: Lang, text: &str) {
    window
        .get_by_role_and_label(Role::TextInput, &tr(key, lang))
        .click();
    settle(window);
    window.event(egui::Event::Text(text.to_owned()));
    settle(window);
}

/// Project G1 is written down and active.
fn begin(window: &mut Harness<'static, App>, lang: Lang) {
    command(window, Command::PanelEngineering);
    press(window, "engineering.pane.new", lang);
    fill_in(window, "engineering.word.number", lang, "G1");
    fill_in(window, "engineering.word.name", lang, "Bridge");
    press(window, "app.common.save", lang);
    press(window, "engineering.pane.activate", lang);
    let active = window.state().session().unwrap().engineering.clone();
    assert_eq!(
        active.as_deref(),
        Some("G1"),
        "{:?}",
        window.state().messages().list()
    );
}

/// A pipe from a node of the town to a place beside it.
fn draw_branch(window: &mut Harness<'static, App>) {
    let a = corner(2, 2);
    command(window, Command::EditDrawPipe);
    click(window, a, 1.0);
    click(window, [a[0] + 40.0, a[1] + 40.0], 0.0);
    window.key_press(Key::Enter);
    settle(window);
}

fn state_of_last_pipe(window: &Harness<'static, App>) -> Option<String> {
    let session = window.state().session().unwrap();
    let pipe = session.network.pipes().last()?;
    let (class, id) = (session.network.pipe_class(pipe), session.network.pipe_id(pipe));
    session
        .service
        .call(move |project| {
            let field = project.schema().class(class).field_index("state").unwrap();
            let feature = project.record(class, id)?;
            Ok(feature.and_then(|f| f.values[field].as_text().map(str::to_owned)))
        })
        .unwrap()
}

fn stage(window: &Harness<'static, App>) -> Stage {
    let service = window.state().session().unwrap().service.clone();
    service.call(|project| project.engineering("G1")).unwrap().1
}

fn marked(window: &Harness<'static, App>, role: HighlightRole) -> usize {
    let highlight = window.state().highlight();
    let pipes = highlight.pipes.iter().filter(|(_, r)| *r == role).count();
    pipes + highlight.nodes.iter().filter(|(_, r)| *r == role).count()
}

#[test]
fn a_project_is_written_down_drawn_for_completed_and_taken_back_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        begin(&mut window, lang);
        let status = tr("engineering.pane.status", lang).replace("%{number}", "G1");
        window.get_by_label(&status);
        draw_branch(&mut window);
        assert_eq!(state_of_last_pipe(&window).as_deref(), Some("planned"));
        let details = window.state().panels().engineering.details().unwrap();
        let new: Vec<_> = details
            .changes
            .iter()
            .filter(|c| c.kind == ChangeKind::New)
            .collect();
        assert_eq!(new.len(), 2, "the pipe and its end: {:?}", details.changes);
        assert_eq!(marked(&window, HighlightRole::Added), 2);
        let id = new[0].id;
        let kind = tr("engineering.kind.new", lang);
        let rows = window.query_all_by(|node| node.label().is_some_and(|label| label.ends_with(&kind)));
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows.len(), 2);
        rows[0].click();
        settle(&mut window);
        let target = window.state().panels().identify.target.unwrap();
        assert_eq!(target.id(&window.state().session().unwrap().network), id);

        press(&mut window, "engineering.pane.complete", lang);
        window.get_by_label(&tr("engineering.pane.undoable", lang));
        let label = tr("engineering.pane.complete", lang);
        let buttons = window.query_all_by_role_and_label(Role::Button, &label);
        buttons.last().unwrap().click();
        settle(&mut window);
        assert_eq!(
            stage(&window),
            Stage::Completed,
            "{:?}",
            window.state().messages().list()
        );
        assert_eq!(state_of_last_pipe(&window).as_deref(), Some("operative"));
        assert_eq!(
            window.state().session().unwrap().engineering,
            None,
            "it is closed"
        );
        assert!(window.query_by_label(&status).is_none());

        command(&mut window, Command::Undo);
        assert_eq!(stage(&window), Stage::Open);
        assert_eq!(state_of_last_pipe(&window).as_deref(), Some("planned"));
        command(&mut window, Command::PanelEngineering);
        assert_eq!(marked(&window, HighlightRole::Added), 0, "the panel is closed");
    }
}

#[test]
fn what_is_altered_is_compared_what_is_deleted_is_marked_and_both_are_in_the_workbook() {
    let lang = Lang::ZhCn;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(lang, folder.path());
    begin(&mut window, lang);
    let network = window.state().session().unwrap().network.clone();
    let pipe = network.pipe_id(network.pipes_with_code("P-2-2-E")[0]);
    let set = EditAction::Set {
        feature: pipe,
        field: "diameter_mm".to_owned(),
        value: json!(250),
    };
    ask(&mut window, Action::Edit(set));
    let other = network.pipes_with_code("P-1-1-E")[0];
    ask(
        &mut window,
        Action::Select(Some(karez::session::Target::Pipe(other))),
    );
    command(&mut window, Command::EditDelete);
    let session = window.state().session().unwrap();
    assert_eq!(session.network.pipes_with_code("P-1-1-E").len(), 1, "only marked");
    let details = window.state().panels().engineering.details().unwrap();
    let kinds: Vec<_> = details
        .changes
        .iter()
        .map(|c| (c.kind, c.name.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            (ChangeKind::Altered, "P-2-2-E"),
            (ChangeKind::ToAbandon, "P-1-1-E")
        ]
    );
    assert_eq!(marked(&window, HighlightRole::Altered), 1);
    assert_eq!(marked(&window, HighlightRole::Removed), 1);
    let rows = window.query_all_by(|node| node.label().is_some_and(|l| l.starts_with("P-2-2-E")));
    rows.into_iter().next().unwrap().click();
    settle(&mut window);
    window.get_by_label("200 mm");
    window.get_by_label("250 mm");

    let file = folder.path().join("G1.xlsx");
    ask(
        &mut window,
        Action::FileNamed(FilePurpose::EngineeringExcel, file.clone()),
    );
    let mut book = calamine::open_workbook_auto(&file).unwrap();
    let values = book
        .worksheet_range(&tr("engineering.sheet.values", lang))
        .unwrap();
    let row: Vec<String> = values
        .rows()
        .nth(1)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(row[1..], ["P-2-2-E", "管径", "200 mm", "250 mm"]);
}

#[test]
fn a_project_on_which_others_rest_is_not_withdrawn_and_they_are_listed() {
    let lang = Lang::En;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(lang, folder.path());
    begin(&mut window, lang);
    draw_branch(&mut window);
    ask(
        &mut window,
        Action::Engineering(EngineeringAction::Activate(None)),
    );
    let session = window.state().session().unwrap();
    let pipe = session.network.pipe_id(session.network.pipes().last().unwrap());
    let set = EditAction::Set {
        feature: pipe,
        field: "diameter_mm".to_owned(),
        value: json!(150),
    };
    ask(&mut window, Action::Edit(set));
    let withdraw = |window: &mut Harness<'static, App>| {
        press(window, "engineering.pane.withdraw", lang);
        let label = tr("engineering.pane.withdraw", lang);
        let buttons = window.query_all_by_role_and_label(Role::Button, &label);
        buttons.last().unwrap().click();
        settle(window);
    };
    withdraw(&mut window);
    assert_eq!(stage(&window), Stage::Open);
    let resting = window.state().panels().engineering.resting();
    assert_eq!(resting.len(), 1);
    assert_eq!(resting[0].0, pipe);
    window.get_by_label_contains("Not withdrawn: 1 features");

    command(&mut window, Command::Undo);
    let pipes = window.state().session().unwrap().network.pipe_count();
    withdraw(&mut window);
    assert_eq!(stage(&window), Stage::Withdrawn);
    assert_eq!(window.state().session().unwrap().network.pipe_count(), pipes - 1);
    assert!(window.state().panels().engineering.resting().is_empty());
}
