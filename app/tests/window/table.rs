//! The attribute table: opened, ordered, filtered, chosen from and edited in.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use gis_core::table::SortKey;
use gis_core::{Lang, Value};
use karez::commands::Command;
use karez::panels::table::Shown;
use karez::session::Target;
use karez::shell::App;
use karez::shell::action::{Action, FilePurpose};
use karez::shell::table::TableAction;

use crate::driver::{open_town, settle, tr};
use crate::view::command;

/// Pipes of the town: the main, and two from most of 8 × 8 corners.
const PIPES: usize = 1 + 2 * 8 * 7;

fn opened(lang: Lang, folder: &std::path::Path) -> Harness<'static, App> {
    let mut window = open_town(lang, folder);
    command(&mut window, Command::PanelTable);
    settle(&mut window);
    window
}

/// Codes of the first rows, as the table has them.
fn codes(window: &Harness<'static, App>, count: usize) -> Vec<String> {
    let app = window.state();
    let (table, schema) = (&app.panels().table, &app.session().unwrap().schema);
    let at = schema.class(table.class.unwrap()).field_index("code").unwrap();
    let ids = table.rows().ids.iter().take(count);
    ids.map(|id| match table.record(*id) {
        Some(Some(feature)) => feature.values[at].as_text().unwrap_or("-").to_owned(),
        _ => "?".to_owned(),
    })
    .collect()
}

/// What the table has of a field of a pipe.
fn value(window: &Harness<'static, App>, code: &str, field: &str) -> Value {
    let app = window.state();
    let session = app.session().unwrap();
    let id = session.find_code(code)[0].id(&session.network);
    let table = &app.panels().table;
    let at = session
        .schema
        .class(table.class.unwrap())
        .field_index(field)
        .unwrap();
    table.record(id).unwrap().as_ref().unwrap().values[at].clone()
}

fn in_file(window: &Harness<'static, App>, code: &str, field: &str) -> Value {
    let session = window.state().session().unwrap();
    let (code, field) = (code.to_owned(), field.to_owned());
    session
        .service
        .call(move |project| {
            let (class, id) = project.find_code(&code)?[0];
            let at = project.schema().class(class).field_index(&field).unwrap();
            Ok(project.record(class, id)?.unwrap().values[at].clone())
        })
        .unwrap()
}

fn click_row(window: &mut Harness<'static, App>, code: &str, modifiers: Modifiers) {
    window
        .get_by_role_and_label(Role::Cell, code)
        .click_modifiers(modifiers);
    settle(window);
}

fn chosen(window: &Harness<'static, App>) -> Vec<String> {
    let app = window.state();
    let network = &app.session().unwrap().network;
    let ids = app.panels().table.selection.ids();
    let mut codes: Vec<String> = ids
        .map(|id| network.pipe_code(network.pipe_of_id(id).unwrap()).to_owned())
        .collect();
    codes.sort();
    codes
}

#[test]
fn the_table_shows_all_pipes_with_labels_units_and_aligned_figures_in_both_languages() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let window = opened(lang, folder.path());
        assert_eq!(window.state().panels().table.rows().ids.len(), PIPES);
        let schema = &window.state().session().unwrap().schema;
        let class = schema.class(schema.class_index("pipe").unwrap());
        let diameter = &class.fields[class.field_index("diameter_mm").unwrap()];
        let heading = gis_core::table::heading(diameter, lang);
        assert!(heading.ends_with("(mm)"), "{heading}");
        window.get_by_role_and_label(Role::ColumnHeader, &heading);
        window.get_by_role_and_label(Role::Cell, "MAIN");
        let iron = lang.pick("球墨铸铁", "Ductile iron");
        assert!(window.query_all_by_role_and_label(Role::Cell, iron).count() > 3);
    }
}

#[test]
fn a_click_on_a_heading_sorts_and_with_shift_adds_to_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(Lang::En, folder.path());
    let heading = |window: &mut Harness<'static, App>, key: &str, modifiers| {
        let schema = window.state().session().unwrap().schema.clone();
        let class = schema.class(schema.class_index("pipe").unwrap());
        let field = &class.fields[class.field_index(key).unwrap()];
        window
            .get_by_role_and_label(Role::ColumnHeader, &gis_core::table::heading(field, Lang::En))
            .click_modifiers(modifiers);
        settle(window);
    };
    heading(&mut window, "diameter_mm", Modifiers::NONE);
    heading(&mut window, "diameter_mm", Modifiers::NONE);
    assert_eq!(codes(&window, 1), ["MAIN"], "600 mm is the greatest");
    heading(&mut window, "code", Modifiers::SHIFT);
    assert_eq!(codes(&window, 3), ["MAIN", "P-0-0-E", "P-0-0-N"]);
    heading(&mut window, "code", Modifiers::SHIFT);
    assert_eq!(codes(&window, 3), ["MAIN", "P-7-0-N", "P-6-0-N"]);
    heading(&mut window, "code", Modifiers::NONE);
    assert_eq!(codes(&window, 2), ["MAIN", "P-0-0-E"], "alone again");
}

#[test]
fn what_is_typed_above_a_column_filters_and_what_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(Lang::ZhCn, folder.path());
    window
        .state_mut()
        .panels_mut()
        .table
        .set_filter("diameter_mm", ">=300");
    settle(&mut window);
    assert_eq!(
        window.state().panels().table.rows().ids.len(),
        29,
        "the main and two sides of the town"
    );
    window
        .state_mut()
        .panels_mut()
        .table
        .set_condition("编号 like 'P-0%'");
    settle(&mut window);
    assert_eq!(window.state().panels().table.rows().ids.len(), 15);
    window
        .state_mut()
        .panels_mut()
        .table
        .set_filter("diameter_mm", "粗");
    settle(&mut window);
    let table = &window.state().panels().table;
    assert_eq!(table.rows().ids.len(), 15, "what was shown stays");
    assert!(table.error().unwrap().text(Lang::ZhCn).contains("粗"));
    window
        .state_mut()
        .panels_mut()
        .table
        .set_filter("diameter_mm", "");
    settle(&mut window);
    assert!(window.state().panels().table.error().is_none());
}

#[test]
fn rows_are_chosen_on_the_map_and_what_the_map_chooses_is_scrolled_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(Lang::ZhCn, folder.path());
    click_row(&mut window, "P-0-0-E", Modifiers::NONE);
    let pipe = window.state().session().unwrap().find_code("P-0-0-E")[0];
    assert_eq!(window.state().panels().identify.target, Some(pipe));
    let fourth = codes(&window, 4).remove(3);
    click_row(&mut window, &fourth, Modifiers::SHIFT);
    assert_eq!(chosen(&window).len(), 3, "from the second row to the fourth");
    assert!(
        window.state().highlight().pipes.len() >= 3,
        "all of them are marked on the map"
    );
    click_row(&mut window, "P-0-0-E", Modifiers::COMMAND);
    assert_eq!(chosen(&window).len(), 2);

    let far = window.state().session().unwrap().find_code("P-7-6-N")[0];
    assert!(window.query_by_role_and_label(Role::Cell, "P-7-6-N").is_none());
    window.state_mut().ask(Action::Select(Some(far)));
    settle(&mut window);
    assert_eq!(chosen(&window), ["P-7-6-N"]);
    window.get_by_role_and_label(Role::Cell, "P-7-6-N");

    window.state_mut().panels_mut().table.show(Shown::Selected);
    settle(&mut window);
    assert_eq!(codes(&window, 2), ["P-7-6-N"]);
}

#[test]
fn only_what_is_in_view_follows_the_map() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(Lang::ZhCn, folder.path());
    let target = window.state().session().unwrap().find_code("P-3-3-E")[0];
    window.state_mut().ask(Action::ZoomToTarget(target));
    window.state_mut().panels_mut().table.show(Shown::InView);
    settle(&mut window);
    let near = window.state().panels().table.rows().ids.len();
    assert!((1..PIPES).contains(&near), "{near}");
    command(&mut window, Command::ZoomFull);
    settle(&mut window);
    assert_eq!(window.state().panels().table.rows().ids.len(), PIPES);
}

#[test]
fn a_cell_is_typed_into_only_while_editing_and_undo_shows_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(Lang::ZhCn, folder.path());
    let before = value(&window, "P-0-0-E", "road");
    let edit = |window: &mut Harness<'static, App>| {
        click_row(window, "P-0-0-E", Modifiers::NONE);
        window.key_press(Key::F2);
        settle(window);
    };
    edit(&mut window);
    let cell = tr("table.panel.cell", Lang::ZhCn);
    assert!(window.query_by_label(&cell).is_none(), "read only until editing");
    command(&mut window, Command::ToggleEditing);
    settle(&mut window);
    edit(&mut window);
    window.get_by_label(&cell).type_text("-new");
    window.step();
    window.key_press(Key::Enter);
    settle(&mut window);
    let new = window.state().session().unwrap().find_code("P-0-0-E-new");
    let said = window.state().messages().list();
    assert!(matches!(new[..], [Target::Pipe(_)]), "{said:?}");
    assert!(codes(&window, 3).contains(&"P-0-0-E-new".to_owned()));
    command(&mut window, Command::Undo);
    settle(&mut window);
    assert!(codes(&window, 3).contains(&"P-0-0-E".to_owned()));
    assert_eq!(value(&window, "P-0-0-E", "road"), before);
}

#[test]
fn the_calculator_shows_what_would_change_carries_it_out_and_is_undone_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(Lang::En, folder.path());
    command(&mut window, Command::ToggleEditing);
    let table = &mut window.state_mut().panels_mut().table;
    table.begin_calculation("road", "code || ' road'");
    settle(&mut window);
    window.get_by_label(&tr("table.change.preview", Lang::En)).click();
    settle(&mut window);
    let planned = window
        .state()
        .panels()
        .table
        .planned()
        .unwrap()
        .as_ref()
        .unwrap()
        .clone();
    assert_eq!(
        (planned.changes.cells.len(), planned.changes.rejects.len()),
        (PIPES, 0)
    );
    window.get_by_label("→ MAIN road");
    assert_eq!(
        in_file(&window, "P-1-1-E", "road"),
        Value::Text("人民路".to_owned()),
        "not yet"
    );
    window
        .get_by_label(&tr("table.change.carry_out", Lang::En))
        .click();
    settle(&mut window);
    let said = window.state().messages().list();
    assert_eq!(
        in_file(&window, "P-1-1-E", "road"),
        Value::Text("P-1-1-E road".to_owned()),
        "{said:?}"
    );
    assert_eq!(
        value(&window, "MAIN", "road"),
        Value::Text("MAIN road".to_owned())
    );
    command(&mut window, Command::Undo);
    settle(&mut window);
    assert_eq!(
        in_file(&window, "P-1-1-E", "road"),
        Value::Text("人民路".to_owned())
    );
    assert_eq!(
        in_file(&window, "MAIN", "road"),
        Value::Null,
        "one step back undoes all"
    );
}

#[test]
fn a_block_of_the_clipboard_is_shown_before_it_goes_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(Lang::En, folder.path());
    command(&mut window, Command::ToggleEditing);
    settle(&mut window);
    click_row(&mut window, "P-0-0-E", Modifiers::NONE);
    window.event(egui::Event::Paste("X-1\nX-2\n".to_owned()));
    settle(&mut window);
    let planned = window
        .state()
        .panels()
        .table
        .planned()
        .unwrap()
        .as_ref()
        .unwrap()
        .clone();
    assert_eq!(planned.changes.cells.len(), 2);
    assert!(
        window.state().session().unwrap().find_code("X-1").is_empty(),
        "not yet"
    );
    window
        .get_by_label(&tr("table.change.carry_out", Lang::En))
        .click();
    settle(&mut window);
    let said = window.state().messages().list();
    assert_eq!(
        window.state().session().unwrap().find_code("X-2").len(),
        1,
        "{said:?}"
    );
}

#[test]
fn totals_follow_the_filter_and_another_class_has_a_table_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(Lang::En, folder.path());
    window
        .state_mut()
        .panels_mut()
        .table
        .sum_up(Some("diameter_mm".to_owned()));
    settle(&mut window);
    let totals = window.state().panels().table.rows().totals.unwrap();
    assert_eq!(
        (totals.count, totals.least, totals.greatest),
        (PIPES, 100.0, 600.0)
    );
    let valve = window
        .state()
        .session()
        .unwrap()
        .schema
        .class_index("valve")
        .unwrap();
    window.state_mut().ask(Action::Table(TableAction::Open(valve)));
    settle(&mut window);
    assert_eq!(window.state().panels().table.rows().ids.len(), PIPES - 1);
    window.get_by_role_and_label(Role::Cell, "V-0-0-E");
    let key = SortKey {
        field: "code".to_owned(),
        is_descending: false,
    };
    window.state_mut().panels_mut().table.sort_by(&key.field, false);
    settle(&mut window);
    assert_eq!(codes(&window, 1), ["V-0-0-E"]);
}

#[test]
fn a_workbook_is_shown_before_it_changes_anything_and_is_undone_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(Lang::En, folder.path());
    let path = folder.path().join("new.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows = [["code", "diameter_mm"], ["P-3-3-E", "450"], ["P-3-3-N", "wide"]];
    for (r, row) in rows.iter().enumerate() {
        for (c, text) in row.iter().enumerate() {
            sheet.write(r as u32, c as u16, *text).unwrap();
        }
    }
    book.save(&path).unwrap();
    let before = in_file(&window, "P-3-3-E", "diameter_mm");
    window
        .state_mut()
        .ask(Action::FileNamed(FilePurpose::UpdateExcel, path));
    settle(&mut window);
    let planned = window.state().panels().table.planned().unwrap().as_ref().unwrap();
    assert_eq!(
        (planned.changes.cells.len(), planned.changes.rejects.len()),
        (1, 1)
    );
    assert!(
        window.query_by_label_contains("wide").is_some(),
        "what cannot be used is shown"
    );
    assert_eq!(in_file(&window, "P-3-3-E", "diameter_mm"), before);
    window
        .get_by_role_and_label(Role::Button, &tr("table.change.carry_out", Lang::En))
        .click_accesskit();
    settle(&mut window);
    assert_eq!(in_file(&window, "P-3-3-E", "diameter_mm"), Value::Real(450.0));
    command(&mut window, Command::Undo);
    settle(&mut window);
    assert_eq!(in_file(&window, "P-3-3-E", "diameter_mm"), before);
}
