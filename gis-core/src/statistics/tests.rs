use super::*;
use crate::NoProgress;
use crate::chart::ChartKind;
use crate::model::{Feature, Geometry, Links, Value};
use crate::project::{NewProject, Project};
use crate::query::{Group, GroupBy, Query, Summary, ZoneArea, Zones};
use crate::schema::Schema;
use crate::text::Lang;
use crate::{IdSource, io::crs::parse};
use chrono::NaiveDate;

fn group(keys: &[&str], count: usize, length_m: f64) -> Group {
    let value = |key: &&str| {
        if key.is_empty() {
            Value::Null
        } else {
            Value::Text((*key).to_owned())
        }
    };
    Group {
        keys: keys.iter().map(value).collect(),
        count,
        length_m,
        measured: Summary::of(length_m),
    }
}

#[test]
fn a_pivot_has_every_group_in_its_cell_and_totals_that_agree() {
    let groups = [
        group(&["100", "PE"], 2, 20.0),
        group(&["200", "DI"], 3, 30.5),
        group(&["200", "PE"], 1, 5.0),
        group(&["", "DI"], 4, 0.0),
    ];
    let pivot = Pivot::of(&groups, 1);
    let names = |list: &[Vec<Value>]| -> Vec<String> {
        list.iter().map(|keys| pivot::row_name(keys, Lang::En)).collect()
    };
    assert_eq!(names(&pivot.columns), ["DI", "PE"]);
    assert_eq!(names(&pivot.rows), ["100", "200", "(unknown)"]);
    assert_eq!(pivot.cells[0].iter().map(|c| c.count).collect::<Vec<_>>(), [0, 2]);
    let row = pivot.row_total(1);
    assert_eq!((row.count, row.length_m), (4, 35.5));
    assert_eq!(pivot.column_total(0).count, 7);
    let total = pivot.total();
    assert_eq!((total.count, total.length_m), (10, 55.5));
    assert_eq!(amounts(row, Amount::ALL), "4 35.5 35.5 17.75 5 30.5");
    assert!(
        pivot.cells[0][0].amount(Amount::Mean).is_nan(),
        "nothing is known of it"
    );
}

fn amounts<const N: usize>(cell: PivotCell, told: [Amount; N]) -> String {
    told.map(|amount| cell.amount(amount).to_string()).join(" ")
}

/// Without a project behind it.
fn made(pivot: Pivot) -> Statistic {
    let rows = pivot.rows.clone();
    let by = GroupBy {
        measured: Some("cost".to_owned()),
        ..GroupBy::of(&["diameter_mm".to_owned(), "material".to_owned()])
    };
    Statistic::of_pivot(Query::default(), by, pivot, rows)
}

#[test]
fn a_chart_has_the_columns_as_series_and_a_pie_the_whole_rows() {
    let groups = [
        group(&["100", "PE"], 2, 20.0),
        group(&["200", "DI"], 3, 30.5),
        group(&["200", "PE"], 1, 5.0),
        group(&["", "DI"], 4, 0.0),
    ];
    let mut made = made(Pivot::of(&groups, 1));
    made.amount = Amount::Length;
    let chart = made.chart(Lang::En);
    assert_eq!(chart.series.len(), 2);
    assert_eq!(chart.series[1].values, [20.0, 5.0, 0.0]);
    (made.kind, made.amount) = (ChartKind::Pie, Amount::Count);
    let pie = made.chart(Lang::En);
    assert_eq!(pie.series[0].values, [2.0, 4.0, 4.0], "a pie has the whole rows");
    made.amount = Amount::Mean;
    let chart = made.chart(Lang::En);
    assert_eq!(chart.kind, ChartKind::Columns, "means are no parts of a whole");
    assert!(chart.series[0].values[0].is_nan());
    assert!(made.kinds().all(|kind| kind != ChartKind::Pie));
}

#[test]
fn an_empty_pivot_has_nothing_and_a_chart_of_it_is_empty() {
    let pivot = Pivot::of(&[], 1);
    assert_eq!(pivot.total(), PivotCell::default());
    assert!(made(pivot).chart(Lang::En).categories.is_empty());
}

const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();

struct Town {
    schema: Schema,
    ids: IdSource,
    features: Vec<Feature>,
}

impl Town {
    fn new() -> Self {
        Self {
            schema: Schema::builtin().unwrap(),
            ids: IdSource::new(1, 1),
            features: Vec::new(),
        }
    }

    fn pipe(&mut self, length_m: f64, values: &[(&str, Value)]) {
        let index = self.schema.class_index("pipe").unwrap();
        let class = self.schema.class(index);
        let mut cells = vec![Value::Null; class.fields.len()];
        for (key, value) in values {
            cells[class.field_index(key).unwrap()] = value.clone();
        }
        let y = 10.0 * self.features.len() as f64;
        let at = |x: f64| [463_000.0 + x, 4_870_000.0 + y, f64::NAN];
        self.features.push(Feature {
            id: self.ids.next_id(),
            class: index,
            geometry: Some(Geometry::Line(vec![at(0.0), at(length_m)])),
            links: Links::default(),
            values: cells,
        });
    }

    fn project(&self) -> Project {
        let crs = parse("EPSG:4545").unwrap();
        let mut project = Project::temporary(&NewProject {
            name: "town",
            crs: &crs,
            schema: &self.schema,
            created_unix_ms: 0,
        })
        .unwrap();
        let mut writer = project.begin_bulk().unwrap();
        for feature in &self.features {
            writer.insert(feature).unwrap();
        }
        writer.finish().unwrap();
        project
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn day(year: i32) -> Value {
    Value::Date(NaiveDate::from_ymd_opt(year, 5, 1).unwrap())
}

#[test]
fn standing_reports_count_what_is_in_service() {
    let mut town = Town::new();
    for (i, (size, material, year, state)) in [
        (100.0, "PE", 2020, "operative"),
        (100.0, "DI", 2003, "operative"),
        (200.0, "DI", 1996, "operative"),
        (200.0, "DI", 1996, "obsolete"),
    ]
    .into_iter()
    .enumerate()
    {
        let values = [
            ("code", text(&format!("P{i}"))),
            ("diameter_mm", Value::Real(size)),
            ("material", text(material)),
            ("install_date", day(year)),
            ("state", text(state)),
        ];
        town.pipe(100.0, &values);
    }
    let project = town.project();
    let make = |report: StandingReport| report.make(&project, TODAY, Lang::En, &NoProgress).unwrap();
    let by_size = make(StandingReport::PipesBySize);
    assert_eq!(by_size.amount, Amount::Length);
    assert!(
        (by_size.pivot.total().length_m - 300.0).abs() < 0.1,
        "the abandoned pipe does not count"
    );
    assert_eq!((by_size.pivot.rows.len(), by_size.pivot.columns.len()), (2, 2));

    let by_age = make(StandingReport::PipesByAge);
    let ages: Vec<String> = by_age
        .pivot
        .rows
        .iter()
        .map(|keys| pivot::row_name(keys, Lang::En))
        .collect();
    assert_eq!(
        ages,
        ["0–9 years", "10–19 years", "20–29 years", "30–39 years"],
        "an age that nothing has is a row of its own"
    );

    let by_year = make(StandingReport::PipesByYear);
    assert_eq!(by_year.pivot.rows.len(), 25, "1996 to 2020");
    for report in StandingReport::ALL {
        let made = make(report);
        assert_eq!(
            made.by.len(),
            if report == StandingReport::PipesByYear {
                1
            } else {
                2
            }
        );
        assert!(!made.title.starts_with("statistics."), "{}", made.title);
    }
}

#[test]
fn each_planted_fault_is_counted_once_in_its_dimension_and_takes_points() {
    let sound = |i: usize| {
        vec![
            ("code", text(&format!("P{i}"))),
            ("diameter_mm", Value::Real(100.0)),
            ("material", text("PE")),
            ("install_date", day(2020)),
            ("survey_date", day(2024)),
            ("length_m", Value::Real(100.0)),
        ]
    };
    let with = |i: usize, key: &str, value: Value| {
        let mut values = sound(i);
        values.retain(|(k, _)| *k != key);
        if !value.is_null() {
            let key = match key {
                "code" => "code",
                "material" => "material",
                "install_date" => "install_date",
                "survey_date" => "survey_date",
                "length_m" => "length_m",
                _ => "diameter_mm",
            };
            values.push((key, value));
        }
        values
    };
    let planted = [
        (Dimension::Completeness, with(10, "diameter_mm", Value::Null)),
        (Dimension::Accuracy, with(11, "material", text("cheese"))),
        (Dimension::Accuracy, with(12, "install_date", day(2040))),
        (Dimension::Consistency, with(13, "code", text("P0"))),
        (Dimension::Consistency, with(14, "length_m", Value::Real(70.0))),
        (Dimension::Timeliness, with(15, "survey_date", day(2001))),
    ];
    let mut town = Town::new();
    for i in 0..10 {
        town.pipe(100.0, &sound(i));
    }
    let before = quality(&town.project(), &QualityOptions::new(TODAY), &NoProgress).unwrap();
    assert!(before.faults.is_empty(), "{:?}", before.faults);
    assert_eq!(before.whole().map(Score::points), [Some(100.0); 4]);
    for (_, values) in &planted {
        town.pipe(100.0, values);
    }
    let project = town.project();
    let found = quality(&project, &QualityOptions::new(TODAY), &NoProgress).unwrap();
    assert_eq!(found.faults.len(), planted.len(), "{:#?}", found.faults);
    for dimension in Dimension::ALL {
        let expected = planted.iter().filter(|(d, _)| *d == dimension).count();
        let of_it: Vec<&Fault> = found.faults.iter().filter(|f| f.dimension == dimension).collect();
        assert_eq!(of_it.len(), expected, "{dimension:?}");
        assert!(of_it.iter().all(|fault| fault.features.len() == 1));
        let points = found.whole()[dimension as usize].points().unwrap();
        assert!(points < 100.0 && points > 80.0, "{dimension:?} {points}");
    }
}

/// Pipes of 100 to 400 mm, from north to south.
fn street() -> Project {
    let mut town = Town::new();
    for (i, (size, depth, year)) in [
        (100.0, Value::Real(1.5), 2001),
        (150.0, Value::Real(2.5), 2001),
        (300.0, Value::Null, 2004),
        (400.0, Value::Real(0.5), 2005),
    ]
    .into_iter()
    .enumerate()
    {
        let values = [
            ("code", text(&format!("P{i}"))),
            ("diameter_mm", Value::Real(size)),
            ("depth_from_m", depth),
            ("install_date", day(year)),
            ("material", text("PE")),
        ];
        town.pipe(10.0, &values);
    }
    town.project()
}

fn plan(form: Form) -> Plan {
    Plan {
        query: Query::default(),
        form,
        columns: Vec::new(),
        measured: None,
        zones: None,
    }
}

fn names(list: &[Vec<Value>]) -> Vec<String> {
    list.iter().map(|keys| pivot::row_name(keys, Lang::En)).collect()
}

/// What a query finds must be what its cell counted.
fn found_by(project: &Project, query: Option<Query>) -> usize {
    query.unwrap().run(project, &NoProgress).unwrap().len()
}

#[test]
fn what_is_measured_is_told_of_every_group() {
    let project = street();
    let by_material = Plan {
        measured: Some("depth_from_m".to_owned()),
        ..plan(Form::Table(vec!["material".to_owned()]))
    };
    let made = by_material.make(&project, Lang::En, &NoProgress).unwrap();
    let cell = made.pivot.total();
    assert_eq!(cell.measured.count, 3, "the unknown depth does not count");
    let told = [Amount::Sum, Amount::Mean, Amount::Least, Amount::Greatest];
    assert_eq!(amounts(cell, told), "4.5 1.5 0.5 2.5");
    assert_eq!(made.by[0], "Material");
    assert!(
        made.amount_title(Lang::En).contains("(m)"),
        "{}",
        made.amount_title(Lang::En)
    );
    let of_text = Plan {
        measured: Some("code".to_owned()),
        ..plan(Form::Table(vec!["material".to_owned()]))
    };
    let refused = of_text.make(&project, Lang::En, &NoProgress).unwrap_err();
    assert!(refused.text(Lang::En).contains("code"));
}

#[test]
fn a_histogram_has_classes_of_one_width_and_each_finds_its_features() {
    let project = street();
    let form = Form::Histogram {
        number: "diameter_mm".to_owned(),
        classes: 4,
    };
    let made = plan(form).make(&project, Lang::En, &NoProgress).unwrap();
    assert!(made.is_continuous);
    assert_eq!(
        names(&made.pivot.rows),
        [
            "100\u{2013}200",
            "200\u{2013}300",
            "300\u{2013}400",
            "400\u{2013}500"
        ]
    );
    let counts: Vec<usize> = (0..4).map(|row| made.pivot.row_total(row).count).collect();
    assert_eq!(counts, [2, 0, 1, 1]);
    for (row, count) in counts.into_iter().enumerate() {
        assert_eq!(found_by(&project, made.query_of(row, None).unwrap()), count);
    }
}

#[test]
fn a_time_line_has_every_year_between_the_first_and_the_last() {
    let project = street();
    let form = Form::Years("install_date".to_owned());
    let made = plan(form).make(&project, Lang::En, &NoProgress).unwrap();
    assert_eq!(names(&made.pivot.rows), ["2001", "2002", "2003", "2004", "2005"]);
    let counts: Vec<usize> = (0..5).map(|row| made.pivot.row_total(row).count).collect();
    assert_eq!(counts, [2, 0, 0, 1, 1]);
    assert_eq!(found_by(&project, made.query_of(0, Some(0)).unwrap()), 2);
}

#[test]
fn zones_are_rows_of_tables_and_columns_of_histograms_and_find_their_features() {
    let project = street();
    // The pipes lie at 0, 10, 20 and 30 m north of the corner; the second reaches out of its zone.
    let square = |from: f64, to: f64| {
        let rect = geo::Rect::new((462_990.0, 4_870_000.0 + from), (463_009.0, 4_870_000.0 + to));
        geo::MultiPolygon::from(rect.to_polygon())
    };
    let zone = |name: &str, area| ZoneArea {
        name: name.to_owned(),
        area,
    };
    let zones = Zones::new(vec![
        zone("South", square(-5.0, 15.0)),
        zone("North", square(15.0, 25.0)),
    ]);
    let with_zones = |form: Form| Plan {
        zones: Some(std::sync::Arc::new(zones.clone())),
        ..plan(form)
    };
    let made = with_zones(Form::Table(Vec::new()))
        .make(&project, Lang::En, &NoProgress)
        .unwrap();
    assert_eq!(names(&made.pivot.rows), ["North", "South", "(outside all zones)"]);
    let counts: Vec<usize> = (0..3).map(|row| made.pivot.row_total(row).count).collect();
    assert_eq!(counts, [1, 2, 1]);
    for (row, count) in counts.iter().enumerate().take(2) {
        assert_eq!(found_by(&project, made.query_of(row, None).unwrap()), *count);
    }
    assert!(
        made.query_of(2, None).unwrap().is_none(),
        "nothing finds what is outside"
    );

    let form = Form::Histogram {
        number: "diameter_mm".to_owned(),
        classes: 4,
    };
    let made = with_zones(form).make(&project, Lang::En, &NoProgress).unwrap();
    assert_eq!(
        names(&made.pivot.columns),
        ["North", "South", "(outside all zones)"]
    );
    assert_eq!(
        made.pivot.cells[0].iter().map(|c| c.count).collect::<Vec<_>>(),
        [0, 2, 0]
    );
    assert_eq!(found_by(&project, made.query_of(0, Some(1)).unwrap()), 2);
    assert_eq!(found_by(&project, made.query_of(0, None).unwrap()), 2);
}

#[test]
fn pairs_of_numbers_stand_in_a_plane_and_find_their_features() {
    let project = street();
    let form = Form::Points(["diameter_mm".to_owned(), "year(install_date)".to_owned()]);
    let made = plan(form).make(&project, Lang::En, &NoProgress).unwrap();
    let places = made.places().unwrap();
    assert_eq!(places.len(), made.pivot.rows.len());
    let chart = made.chart(Lang::En);
    assert_eq!(chart.kind, ChartKind::Points);
    assert_eq!(made.kinds().collect::<Vec<_>>(), [ChartKind::Points]);
    assert_eq!(chart.places.unwrap().title, made.axes.as_ref().unwrap()[0].name);
    let mut all = 0;
    for (row, place) in places.iter().enumerate() {
        let query = made.query_of(row, None).unwrap().unwrap();
        let found = query.run(&project, &NoProgress).unwrap();
        assert_eq!(found.len(), made.pivot.row_total(row).count, "{place:?}");
        all += found.len();
    }
    assert_eq!(all, 4);
    let of_text = plan(Form::Points(["diameter_mm".to_owned(), "code".to_owned()]));
    let refused = of_text.make(&project, Lang::En, &NoProgress).unwrap_err();
    assert!(refused.text(Lang::En).contains("code"));
}

#[test]
fn numbers_of_many_values_come_together_in_classes_and_still_find_their_features() {
    let mut town = Town::new();
    for i in 0..300_u32 {
        let values = [
            ("code", text(&format!("P{i}"))),
            ("diameter_mm", Value::Real(f64::from(100 + i % 3 * 100))),
            ("depth_from_m", Value::Real(f64::from(i) * 0.0101)),
        ];
        town.pipe(10.0, &values);
    }
    let project = town.project();
    let form = Form::Points(["diameter_mm".to_owned(), "depth_from_m".to_owned()]);
    let made = plan(form).make(&project, Lang::En, &NoProgress).unwrap();
    let [across, up] = made.axes.as_ref().unwrap();
    assert_eq!((across.width, up.width), (None, Some(0.05)));
    let rows = made.pivot.rows.len();
    assert!((100..300).contains(&rows), "{rows}");
    for row in 0..rows {
        let found = found_by(&project, made.query_of(row, None).unwrap());
        assert_eq!(found, made.pivot.row_total(row).count, "{:?}", made.row_keys[row]);
    }
    let lowest = made.places().unwrap()[0];
    assert!(
        (lowest[0] - 100.0).abs() < 1e-9 && (lowest[1] - 0.025).abs() < 1e-9,
        "{lowest:?}"
    );
}
