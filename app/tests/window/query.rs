//! The search box finds places, the query panel finds sets of features (9.2.3.4a–c, 9.2.3.5).

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use gis_core::Lang;
use gis_core::chart::ChartKind;
use karez::commands::Command;
use karez::session::Target;
use karez::shell::App;
use karez::shell::action::Action;
use karez::shell::querying::QueryAction;
use karez::view::{AreaShape, HighlightRole};

use crate::driver::{open_town, settle, tr};
use crate::view::{click, command, corner, screen};

fn search(window: &mut Harness<'static, App>, typed: &str) {
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    settle(window);
    window.event(egui::Event::Text(typed.to_owned()));
    settle(window);
}

fn found(window: &Harness<'static, App>) -> Vec<String> {
    let network = &window.state().session().unwrap().network;
    let found = window.state().panels().query.found().expect("a set");
    let codes = found.targets.iter().map(|target| target.code(network).to_owned());
    codes.collect()
}

fn write(window: &mut Harness<'static, App>, key: &str, lang: Lang, text: &str) {
    let label = tr(key, lang);
    window
        .get_by_role_and_label(Role::MultilineTextInput, &label)
        .focus();
    settle(window);
    window.event(egui::Event::Text(text.to_owned()));
    settle(window);
}

fn press(window: &mut Harness<'static, App>, key: &str, lang: Lang) {
    window
        .get_by_role_and_label(Role::Button, &tr(key, lang))
        .click_accesskit();
    settle(window);
}

#[test]
fn the_search_box_goes_to_an_address_however_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    search(&mut window, "人民路 ３３ 号");
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    let Some(Target::Node(node)) = window.state().panels().identify.target else {
        panic!("nothing is chosen")
    };
    let network = window.state().session().unwrap().network.clone();
    assert!(
        network.node_code(node).starts_with("C-3-3"),
        "{}",
        network.node_code(node)
    );
    let middle = window.state().map().unwrap().view_in_project().unwrap().0;
    let at = network.position(node);
    assert!(
        (middle[0] - at[0]).hypot(middle[1] - at[1]) < 5.0,
        "the map shows it"
    );
}

#[test]
fn a_road_becomes_the_set_of_what_lies_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    search(&mut window, "人民路");
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    let all = found(&window);
    assert!(
        all.len() > 20 && all.iter().all(|code| code.starts_with("P-")),
        "{all:?}"
    );
    let marked = &window.state().highlight().pipes;
    assert_eq!(marked.len(), all.len());
    assert!(marked.iter().all(|(_, role)| *role == HighlightRole::Selected));
}

#[test]
fn sets_are_found_put_together_cut_counted_and_cleared() {
    for lang in [Lang::ZhCn, Lang::En] {
        let folder = tempfile::tempdir().unwrap();
        let mut window = open_town(lang, folder.path());
        command(&mut window, Command::PanelQuery);
        write(
            &mut window,
            "querying.condition",
            lang,
            "diameter_mm = 300 and material is not null",
        );
        // The count comes a moment after the last letter.
        settle(&mut window);
        press(&mut window, "querying.change.replace", lang);
        let large = found(&window).len();
        assert_eq!(large, 28);
        let said = gis_core::Message::new("querying.fits")
            .with("count", large)
            .text(lang);
        window.get_by_label(&said);

        window
            .state_mut()
            .ask(Action::Query(QueryAction::Group(vec!["diameter_mm".to_owned()])));
        settle(&mut window);
        let table = window.state().panels().query.grouping().table().cloned().unwrap();
        assert_eq!(table.groups.len(), 1);
        assert_eq!(table.groups[0].count, large);
        assert_eq!(table.condition(0).unwrap(), "(diameter_mm) = 300");

        press(&mut window, "querying.table", lang);
        let table = &window.state().panels().table;
        assert_eq!(table.rows().ids.len(), large, "the table has what was found");

        write(&mut window, "querying.codes", lang, "P-0-0-E、P-2-2-E");
        window.state_mut().panels_mut().query.clear();
        press(&mut window, "querying.change.replace", lang);
        assert!(found(&window).len() <= 2, "a condition and numbers must both fit");
        press(&mut window, "querying.clear", lang);
        assert!(window.state().panels().query.found().is_none());
        assert!(window.state().highlight().pipes.is_empty());
    }
}

#[test]
fn what_lies_in_a_drawn_shape_is_found_and_more_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::PanelQuery);
    window
        .state_mut()
        .ask(Action::Query(QueryAction::Draw(AreaShape::Circle)));
    settle(&mut window);
    click(&mut window, corner(2, 2), 0.0);
    let rim = corner(2, 2);
    click(&mut window, [rim[0] + 30.0, rim[1]], 0.0);
    settle(&mut window);
    press(&mut window, "querying.change.replace", Lang::En);
    let around = found(&window);
    for code in ["P-2-2-E", "P-2-2-N", "P-1-2-E", "P-2-1-N"] {
        assert!(around.iter().any(|known| known == code), "{code} of {around:?}");
    }
    assert!(around.iter().all(|code| code != "P-4-4-E"));

    window
        .state_mut()
        .ask(Action::Query(QueryAction::Draw(AreaShape::Polygon)));
    settle(&mut window);
    let far = corner(4, 4);
    for d in [[-40.0, -30.0], [40.0, -30.0], [0.0, 40.0]] {
        click(&mut window, [far[0] + d[0], far[1] + d[1]], 0.0);
    }
    window.key_press(egui::Key::Enter);
    settle(&mut window);
    press(&mut window, "querying.change.add", Lang::En);
    let both = found(&window);
    assert!(
        both.len() > around.len() && both.iter().any(|code| code == "P-4-4-E"),
        "{both:?}"
    );
    press(&mut window, "querying.change.remove", Lang::En);
    assert_eq!(found(&window), around, "what was added is taken out again");
    assert!(screen(&window, far).is_finite());
}

#[test]
fn a_wrong_condition_is_said_where_it_is_wrong_and_cannot_be_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::PanelQuery);
    write(&mut window, "querying.condition", Lang::En, "diametre_mm = 300");
    settle(&mut window);
    let find = tr("querying.change.replace", Lang::En);
    let button = window.get_by_role_and_label(Role::Button, &find);
    assert!(button.accesskit_node().is_disabled());
    assert!(
        window.query_by_label_contains("diameter_mm").is_some(),
        "a near name is offered"
    );
}

#[test]
fn a_report_is_drawn_and_a_click_on_the_chart_finds_its_features() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::PanelStatistics);
    press(&mut window, "statistics.pane.make", Lang::En);
    let statistic = window
        .state()
        .panels()
        .statistics
        .shown()
        .cloned()
        .expect("a report");
    let total = statistic.pivot.total();
    assert_eq!(total.count, 113, "every pipe of the town once");
    // The tallest column is under its middle.
    let chart = window.get_by_role_and_label(Role::Image, &statistic.title).rect();
    let row = (0..statistic.pivot.rows.len())
        .max_by_key(|row| statistic.pivot.row_total(*row).length_m as u64)
        .unwrap();
    let expected = statistic.pivot.row_total(row).count;
    let mut found_any = false;
    for share in 1..40 {
        let at = egui::pos2(
            chart.left() + chart.width() * share as f32 / 40.0,
            chart.bottom() - 40.0,
        );
        crate::view::click_at(&mut window, at);
        if let Some(set) = window.state().panels().query.found() {
            found_any |= set.set.len() == expected;
            let counts: Vec<usize> = statistic
                .pivot
                .cells
                .iter()
                .flatten()
                .map(|cell| cell.count)
                .collect();
            assert!(counts.contains(&set.set.len()), "{} of {counts:?}", set.set.len());
        }
    }
    assert!(found_any, "no click found the largest column");
}

#[test]
fn a_pivot_of_ones_own_counts_what_the_query_asks_for_and_is_saved() {
    use calamine::Reader as _;
    use karez::shell::action::FilePurpose;
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::ZhCn, folder.path());
    command(&mut window, Command::PanelStatistics);
    let xlsx = folder.path().join("report.xlsx");
    let picture = folder.path().join("report.svg");
    press(&mut window, "statistics.pane.make", Lang::ZhCn);
    for (purpose, path) in [
        (FilePurpose::StatisticsExcel, &xlsx),
        (FilePurpose::ChartPicture, &picture),
    ] {
        window.state_mut().ask(Action::FileNamed(purpose, path.clone()));
        settle(&mut window);
    }
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&xlsx).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(
        sheet.get_value((0, 0)).unwrap().to_string(),
        tr("statistics.by.size", Lang::ZhCn)
    );
    let last = sheet.height() as u32 - 1;
    assert_eq!(
        sheet.get_value((last, 0)).unwrap().to_string(),
        tr("statistics.total", Lang::ZhCn)
    );
    assert!(std::fs::read_to_string(&picture).unwrap().contains("<svg"));
}

#[test]
fn a_histogram_of_ones_own_is_made_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::PanelQuery);
    write(
        &mut window,
        "querying.condition",
        Lang::En,
        "length_m is null or length_m > 0",
    );
    command(&mut window, Command::PanelStatistics);
    choose(&mut window, "statistics.pane.report", "statistics.pane.own");
    choose(
        &mut window,
        "statistics.pane.form",
        "statistics.pane.form_histogram",
    );
    fill_in(&mut window, "statistics.pane.number", "diameter_mm");
    fill_in(&mut window, "statistics.pane.measured", "diameter_mm");
    press(&mut window, "statistics.pane.make", Lang::En);
    let made = window
        .state()
        .panels()
        .statistics
        .shown()
        .cloned()
        .expect("a histogram");
    assert!(made.is_continuous);
    assert_eq!(made.pivot.total().count, 113);
    let of_all = made.pivot.total();
    assert_eq!(of_all.measured.count, 113, "{of_all:?}");
    let row = (0..made.pivot.rows.len())
        .max_by_key(|row| made.pivot.row_total(*row).count)
        .unwrap();
    let name = gis_core::statistics::row_name(&made.pivot.rows[row], Lang::En);
    window.get_by_label(&name).click_accesskit();
    settle(&mut window);
    let found = window
        .state()
        .panels()
        .query
        .found()
        .expect("the features of a class");
    assert_eq!(found.set.len(), made.pivot.row_total(row).count);
}

#[test]
fn dots_of_two_numbers_are_made_in_the_window_and_find_their_features() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::PanelQuery);
    write(
        &mut window,
        "querying.condition",
        Lang::En,
        "length_m is null or length_m > 0",
    );
    command(&mut window, Command::PanelStatistics);
    choose(&mut window, "statistics.pane.report", "statistics.pane.own");
    choose(&mut window, "statistics.pane.form", "statistics.pane.form_points");
    fill_in(&mut window, "statistics.pane.across", "diameter_mm");
    fill_in(&mut window, "statistics.pane.up", "diameter_mm / 2");
    press(&mut window, "statistics.pane.make", Lang::En);
    let made = window.state().panels().statistics.shown().cloned();
    let made = made.expect("dots");
    assert_eq!(made.drawn_as(), ChartKind::Points);
    let name = gis_core::statistics::row_name(&made.pivot.rows[0], Lang::En);
    window.get_by_label(&name).click_accesskit();
    settle(&mut window);
    let found = window.state().panels().query.found().expect("its features");
    assert_eq!(found.set.len(), made.pivot.row_total(0).count);
}

/// Writes into a field of one line, in place of what is there.
fn fill_in(window: &mut Harness<'static, App>, key: &str, text: &str) {
    let label = tr(key, Lang::En);
    window.get_by_role_and_label(Role::TextInput, &label).focus();
    settle(window);
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.event(egui::Event::Text(text.to_owned()));
    settle(window);
}

/// Opens a list and takes one of it.
fn choose(window: &mut Harness<'static, App>, list: &str, item: &str) {
    let list = tr(list, Lang::En);
    window
        .get_by_role_and_label(Role::ComboBox, &list)
        .click_accesskit();
    settle(window);
    window.get_by_label(&tr(item, Lang::En)).click_accesskit();
    settle(window);
}

#[test]
fn address_sheet_diameter_and_completion_are_asked_for_without_a_condition() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::PanelQuery);
    let fill = |window: &mut Harness<'static, App>, key: &str, text: &str| {
        fill_in(window, key, text);
        press(window, "querying.change.replace", Lang::En);
    };
    fill(&mut window, "querying.address", "人民路 33 号");
    let at_33 = found(&window);
    assert!(
        !at_33.is_empty() && at_33.iter().all(|code| code.contains("3-3")),
        "{at_33:?}"
    );
    fill(&mut window, "querying.address", " ");
    fill(&mut window, "querying.diameter", "300");
    let large = found(&window).len();
    assert!(large >= 28);
    // 250 m of ground; the town is 840 m wide.
    fill(&mut window, "querying.sheet", "4870.00-463.00");
    let on_sheet = found(&window).len();
    assert!(on_sheet > 0 && on_sheet < large, "{on_sheet} of {large}");
    fill(&mut window, "querying.completed", "once upon a time");
    let refused = tr("querying.change.replace", Lang::En);
    window.get_by_role_and_label(Role::Button, &refused);
    assert!(
        window.query_by_label_contains("once upon a time").is_some(),
        "the error says what was found"
    );
}

#[test]
fn a_query_is_kept_taken_up_again_and_asks_for_what_it_leaves_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::PanelQuery);
    write(
        &mut window,
        "querying.condition",
        Lang::En,
        "diameter_mm >= :least",
    );
    settle(&mut window);
    let find = tr("querying.change.replace", Lang::En);
    let button = window.get_by_role_and_label(Role::Button, &find);
    assert!(button.accesskit_node().is_disabled(), "a value is lacking");
    let ask = |window: &mut Harness<'static, App>, action: QueryAction| {
        window.state_mut().ask(Action::Query(action));
        settle(window);
    };
    ask(&mut window, QueryAction::Keep("large pipes".to_owned()));
    window.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    window.event(egui::Event::Text("diameter_mm = 100".to_owned()));
    settle(&mut window);
    press(&mut window, "querying.change.replace", Lang::En);
    let small = found(&window);
    assert!(!small.is_empty());

    window
        .get_by_label(&tr("querying.kept", Lang::En))
        .click_accesskit();
    settle(&mut window);
    window.get_by_label("large pipes").click_accesskit();
    settle(&mut window);
    window.get_by_role_and_label(Role::TextInput, "least").focus();
    settle(&mut window);
    window.event(egui::Event::Text("300".to_owned()));
    settle(&mut window);
    press(&mut window, "querying.change.replace", Lang::En);
    let large = found(&window);
    assert!(!large.is_empty() && large.iter().all(|code| !small.contains(code)));

    // What was asked before is offered, newest first; what is forgotten is not.
    let recent = window.state().settings().recent_queries.clone();
    let conditions: Vec<&str> = recent.iter().filter_map(|q| q.condition.as_deref()).collect();
    assert_eq!(conditions, ["diameter_mm >= :least", "diameter_mm = 100"]);
    ask(&mut window, QueryAction::TakeRecent(Box::new(recent[1].clone())));
    press(&mut window, "querying.change.replace", Lang::En);
    assert_eq!(found(&window), small);
    ask(&mut window, QueryAction::Forget("large pipes".to_owned()));
    let left = window
        .state()
        .session()
        .unwrap()
        .service
        .call(|project| gis_core::query::SavedQuery::names(project))
        .unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_template_is_filled_from_the_window() {
    use calamine::Reader as _;
    use karez::shell::action::{FilePurpose, TemplateOf};
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_town(Lang::En, folder.path());
    command(&mut window, Command::PanelStatistics);
    press(&mut window, "statistics.pane.make", Lang::En);
    let template = folder.path().join("template.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet()
        .set_name("S")
        .unwrap()
        .write(0, 0, "x")
        .unwrap();
    for (name, cell) in [
        ("karez_rows", "=S!$A$3"),
        ("karez_title", "=S!$A$1"),
        ("karez_x", "=S!$B$1"),
    ] {
        book.define_name(name, cell).unwrap();
    }
    book.save(&template).unwrap();
    let filled = folder.path().join("filled.xlsx");
    let wanted = [
        (FilePurpose::Template(TemplateOf::Statistic), &template),
        (FilePurpose::FromTemplate(TemplateOf::Statistic), &filled),
    ];
    for (purpose, path) in wanted {
        window.state_mut().ask(Action::FileNamed(purpose, path.clone()));
        settle(&mut window);
    }
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&filled).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let shown = window
        .state()
        .panels()
        .statistics
        .shown()
        .cloned()
        .expect("a statistic");
    assert_eq!(sheet.get_value((0, 0)).unwrap().to_string(), shown.title);
    assert_eq!(sheet.height(), 2 + shown.pivot.rows.len());
}
