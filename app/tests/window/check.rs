//! The rules in the window: checked on demand, mended or let stand in the list, and looked at with every edit.

use egui::{Key, accesskit::Role};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::rules::Rule;
use gis_core::{Lang, NoProgress};
use karez::commands::Command;
use karez::shell::App;
use karez::shell::action::Action;
use karez::shell::editing::EditAction;
use serde_json::json;

use crate::driver::{open_town, settle, tr};
use crate::view::{command, corner};

fn ask(window: &mut Harness<'static, App>, action: Action) {
    window.state_mut().ask(action);
    settle(window);
}

fn set_state(window: &mut Harness<'static, App>, code: &str, state: &str) {
    let network = window.state().session().unwrap().network.clone();
    let feature = network.node_id(network.nodes_with_code(code)[0]);
    let set = EditAction::Set {
        feature,
        field: "state".to_owned(),
        value: json!(state),
    };
    ask(window, Action::Edit(set));
}

/// Rules that the file breaks, each once.
fn in_file(window: &Harness<'static, App>, rule: Rule) -> usize {
    let network = window.state().session().unwrap().network.clone();
    let service = window.state().session().unwrap().service.clone();
    service
        .call(move |project| {
            let rules = project.rules()?;
            let subject = gis_core::rules::Subject {
                network: &project.network(&NoProgress)?,
                schema: project.schema(),
                rules: &rules,
                records: gis_core::rules::Records::Of(project),
                today: None,
            };
            assert_eq!(network.pipe_count(), subject.network.pipe_count());
            let everything = gis_core::rules::Selection::Everything;
            let found = gis_core::rules::check(&subject, &everything, &NoProgress)?;
            Ok(found.iter().filter(|finding| finding.rule == rule).count())
        })
        .unwrap()
}

#[test]
fn an_edit_that_breaks_a_rule_is_refused_unless_it_is_mended_or_insisted_on_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        command(&mut window, Command::ToggleEditing);

        set_state(&mut window, "J-2-2", "planned");
        window.get_by_label(&tr("checking.refused_title", lang));
        assert_eq!(in_file(&window, Rule::EndOutOfService), 0);
        window.get_by_label(&tr("checking.give_up", lang)).click();
        settle(&mut window);
        assert!(
            window
                .query_by_label(&tr("checking.refused_title", lang))
                .is_none()
        );
        assert_eq!(in_file(&window, Rule::EndOutOfService), 0);

        set_state(&mut window, "J-2-2", "planned");
        window.get_by_label(&tr("checking.insist", lang)).click();
        settle(&mut window);
        let broken = in_file(&window, Rule::EndOutOfService);
        assert!(broken > 0, "insisted on");
        let told = window.state().panels().edit.told().len();
        assert!(told >= broken, "{told}");
        window.get_by_label(&tr("checking.seen_all", lang));
        assert!(window.state().panels().issues.len() >= broken);

        command(&mut window, Command::Undo);
        assert_eq!(window.state().panels().edit.told().len(), 0);
        assert_eq!(window.state().panels().issues.len(), 0);
        assert_eq!(in_file(&window, Rule::EndOutOfService), 0);
    }
}

#[test]
fn a_repair_goes_with_the_edit_that_needs_it_and_is_undone_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::ToggleEditing);
    set_state(&mut window, "J-2-2", "planned");
    let repairs = window.query_all_by(|node| {
        node.label()
            .is_some_and(|label| label.starts_with("Put J-2-2 into service"))
    });
    repairs.into_iter().next().unwrap().click();
    settle(&mut window);
    let history = window
        .state()
        .session()
        .unwrap()
        .service
        .call(|p| p.history())
        .unwrap();
    assert_eq!(history.entries.len(), 1, "{:?}", window.state().messages().list());
    assert_eq!(in_file(&window, Rule::EndOutOfService), 0);
}

#[test]
fn findings_are_listed_mended_one_and_all_and_let_stand_with_a_reason() {
    let lang = Lang::ZhCn;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(lang, folder.path());
    command(&mut window, Command::ToggleEditing);
    // Three joints of nothing.
    for i in 0..3 {
        let at = [
            corner(0, 0)[0] - 40.0 - 10.0 * f64::from(i),
            corner(0, 0)[1] - 40.0,
        ];
        ask(
            &mut window,
            Action::Edit(EditAction::PlaceNode { at, pipe: None }),
        );
    }
    command(&mut window, Command::CheckTopology);
    let of = |window: &Harness<'static, App>| window.state().panels().issues.len();
    let before = of(&window);
    assert_eq!(in_file(&window, Rule::OrphanNode), 3);
    assert!(before >= 3);

    // One is let stand.
    window
        .query_all_by_label(&tr("checking.accept", lang))
        .next()
        .unwrap()
        .click();
    settle(&mut window);
    window.get_by_label(&tr("checking.accept_title", lang));
    window.event(egui::Event::Text("将来接管".to_owned()));
    settle(&mut window);
    window.key_press(Key::Enter);
    settle(&mut window);
    assert_eq!(of(&window), before - 1);
    let accepted = window
        .state()
        .session()
        .unwrap()
        .service
        .call(|p| p.acceptances());
    assert_eq!(accepted.unwrap()[0].reason, "将来接管");
    assert!(
        window.query_by_label(&tr("checking.withdraw", lang)).is_none(),
        "it is not listed"
    );
    window
        .get_by_role_and_label(
            Role::CheckBox,
            &gis_core::Message::new("checking.show_accepted")
                .with("count", 1)
                .text(lang),
        )
        .click();
    settle(&mut window);
    window.get_by_label(&tr("checking.withdraw", lang)).click();
    settle(&mut window);
    assert_eq!(of(&window), before);

    // One is mended, the others follow by undo and all at once.
    let mend = |window: &mut Harness<'static, App>| {
        let found = window.query_all_by(|node| {
            node.label().is_some_and(|label| label.starts_with("删除 ")) && node.role() == Role::Button
        });
        found.into_iter().next().unwrap().click();
        settle(window);
    };
    mend(&mut window);
    assert_eq!((of(&window), in_file(&window, Rule::OrphanNode)), (before - 1, 2));
    command(&mut window, Command::Undo);
    assert_eq!((of(&window), in_file(&window, Rule::OrphanNode)), (before, 3));

    window
        .get_by_role_and_label(Role::ComboBox, &tr("checking.rule", lang))
        .click();
    settle(&mut window);
    let rule = tr("rules.name.orphan_node", lang);
    window.get_by_label_contains(&format!("{rule}  3")).click();
    settle(&mut window);
    window
        .get_by_label(
            &gis_core::Message::new("checking.mend_all")
                .with("count", 3)
                .text(lang),
        )
        .click();
    settle(&mut window);
    assert_eq!((of(&window), in_file(&window, Rule::OrphanNode)), (before - 3, 0));
    command(&mut window, Command::Undo);
    assert_eq!(in_file(&window, Rule::OrphanNode), 3, "all of them as one entry");
}

/// As any program does that knows GeoPackage, whose triggers name functions of geometry.
fn change_outside(file: &std::path::Path, sql: &str) {
    let script = "import sqlite3, sys
c = sqlite3.connect(sys.argv[1], timeout=20)
for name in ('ST_IsEmpty', 'ST_MinX', 'ST_MaxX', 'ST_MinY', 'ST_MaxY'):
    c.create_function(name, 1, lambda geometry: 0)
c.execute(sys.argv[2])
c.commit()";
    let status = std::process::Command::new("/usr/bin/python3")
        .args(["-c", script])
        .arg(file)
        .arg(sql)
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn what_another_program_changes_comes_in_by_refresh_and_on_opening_with_what_it_broke() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    let file = window.state().session().unwrap().source.clone();
    change_outside(
        &file,
        "UPDATE pipe SET diameter_mm = 777, material = 'straw' WHERE code = 'P-2-2-E'",
    );
    command(&mut window, Command::Refresh);
    let diameter_mm = |window: &Harness<'static, App>| {
        let network = &window.state().session().unwrap().network;
        network.pipe_diameter_mm(network.pipes_with_code("P-2-2-E")[0])
    };
    assert!((diameter_mm(&window) - 777.0).abs() < 1e-6);
    let told = window.state().panels().edit.told();
    assert!(told.iter().any(|f| f.rule == Rule::CodeUnknown), "{told:?}");
    command(&mut window, Command::Undo);
    assert!((diameter_mm(&window) - 200.0).abs() < 1e-6);
    assert_eq!(window.state().panels().edit.told().len(), 0);
    drop(window);

    change_outside(
        &file,
        "UPDATE junction SET state = 'planned' WHERE code = 'J-2-2'",
    );
    let window = crate::driver::open(&file, Lang::En);
    assert!(window.state().panels().issues.count(gis_core::Severity::Error) > 0);
    let history = window
        .state()
        .session()
        .unwrap()
        .service
        .call(|p| p.history())
        .unwrap();
    assert_eq!(history.entries.len(), 2);
}
