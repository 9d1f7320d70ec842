use super::axes::{nice_steps, step_text};
use super::*;
use crate::layout::surface::svg::SvgWriter;
use proptest::prelude::*;

fn chart(kind: ChartKind) -> Chart {
    let series = |name: &str, values: [f64; 3]| Series {
        name: name.to_owned(),
        values: values.to_vec(),
    };
    Chart {
        is_continuous: false,
        places: Some(Places {
            title: "Diameter".to_owned(),
            at: vec![[100.0, 1.5], [200.0, 1.2], [300.0, f64::NAN]],
        }),
        kind,
        title: "Length of pipes".to_owned(),
        value_title: "km".to_owned(),
        categories: ["DN100", "DN200", "DN300"].map(str::to_owned).to_vec(),
        series: vec![series("PE", [10.0, 20.0, 0.0]), series("DI", [5.0, 10.0, 40.0])],
    }
}

const PAGE: Area = Area::new(0.0, 0.0, 200.0, 120.0);

fn drawn(chart: &Chart) -> (Vec<Piece>, String) {
    let face = TypeFace::embedded().unwrap();
    let mut svg = SvgWriter::new(&face);
    svg.begin_page(PAGE.width, PAGE.height);
    let pieces = chart.draw(&face, &mut svg, PAGE, &ChartLook::default());
    (pieces, svg.finish().concat())
}

fn height(piece: &Piece) -> f64 {
    let ys = piece.ring.iter().map(|p| p[1]);
    ys.clone().fold(f64::MIN, f64::max) - ys.fold(f64::MAX, f64::min)
}

#[test]
fn columns_are_as_high_as_their_values_and_stand_side_by_side() {
    let (pieces, _) = drawn(&chart(ChartKind::Columns));
    assert_eq!(pieces.len(), 5, "nothing stands for 0");
    let of = |category: usize, series: usize| {
        let same = |p: &&Piece| (p.category, p.series) == (category, series);
        pieces.iter().find(same).unwrap()
    };
    let unit = height(of(0, 0)) / 10.0;
    for (category, series, value) in [(0, 1, 5.0), (1, 0, 20.0), (2, 1, 40.0)] {
        assert!((height(of(category, series)) - value * unit).abs() < 1e-9);
    }
    let (first, second) = (of(0, 0), of(0, 1));
    assert!((first.ring[1][0] - second.ring[0][0]).abs() < 1e-9, "they touch");
}

#[test]
fn stacked_columns_begin_where_the_one_below_ends() {
    let (pieces, _) = drawn(&chart(ChartKind::Stacked));
    let of_second: Vec<&Piece> = pieces.iter().filter(|p| p.category == 1).collect();
    assert_eq!(of_second.len(), 2);
    let top_of_first = of_second[0].ring[0][1];
    let foot_of_second = of_second[1].ring[2][1];
    assert!((top_of_first - foot_of_second).abs() < 1e-9);
}

#[test]
fn slices_share_the_circle_and_a_click_finds_its_own() {
    let (pieces, svg) = drawn(&chart(ChartKind::Pie));
    assert_eq!(pieces.len(), 2, "a share of nothing has no slice");
    let area = |ring: &[[f64; 2]]| {
        let edges = ring.iter().zip(ring.iter().cycle().skip(1));
        edges.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>().abs() / 2.0
    };
    let ratio = area(&pieces[1].ring) / area(&pieces[0].ring);
    assert!((ratio - 2.0).abs() < 0.01, "{ratio}");
    let middle = |ring: &[[f64; 2]]| {
        let (a, b) = (ring[0], ring[ring.len() / 2]);
        [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])]
    };
    for (i, piece) in pieces.iter().enumerate() {
        let hit: Vec<usize> = (0..2)
            .filter(|k| pieces[*k].contains(middle(&piece.ring)))
            .collect();
        assert_eq!(hit, [i]);
    }
    assert!(svg.contains("33.3 %") && svg.contains("66.7 %"), "{svg}");
}

#[test]
fn everything_stays_on_the_page_however_many_and_long_the_names_are() {
    for kind in ChartKind::ALL {
        for count in [1, 7, 80, 600] {
            let chart = Chart {
                categories: (0..count)
                    .map(|i| format!("a rather long name of category {i}"))
                    .collect(),
                series: vec![Series {
                    name: "series".to_owned(),
                    values: (0..count).map(|i| f64::from(i) - 3.0).collect(),
                }],
                ..chart(kind)
            };
            let (pieces, _) = drawn(&chart);
            // The place to click on the last point of a line may reach over the edge.
            let inside = |p: &[f64; 2]| PAGE.contains(*p, 1.2);
            assert!(
                pieces.iter().all(|piece| piece.ring.iter().all(inside)),
                "{kind:?} {count}"
            );
        }
    }
}

#[test]
fn an_empty_chart_and_numbers_that_are_none_draw_nothing_and_do_no_harm() {
    let empty = Chart {
        categories: Vec::new(),
        ..chart(ChartKind::Columns)
    };
    assert!(drawn(&empty).0.is_empty());
    for kind in ChartKind::ALL {
        let odd = Chart {
            series: vec![Series {
                name: String::new(),
                values: vec![f64::NAN, f64::INFINITY],
            }],
            ..chart(kind)
        };
        let (pieces, svg) = drawn(&odd);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{kind:?}");
        assert!(
            pieces
                .iter()
                .all(|p| p.ring.iter().flatten().all(|v| v.is_finite()))
        );
    }
}

#[test]
fn it_is_written_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for (ending, begin) in [("svg", &b"<?xml"[..]), ("pdf", b"%PDF"), ("png", b"\x89PNG")] {
        let path = folder.path().join(format!("chart.{ending}"));
        chart(ChartKind::Stacked).write(&path, 96.0).unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(begin), "{ending}");
    }
    assert!(
        chart(ChartKind::Pie)
            .write(&folder.path().join("chart.doc"), 96.0)
            .is_err()
    );
}

#[test]
fn steps_are_written_with_the_decimals_they_need() {
    assert_eq!(step_text(12_500.0, &[0.0, 12_500.0]), "12,500");
    assert_eq!(step_text(0.25, &[0.0, 0.05]), "0.25");
    assert_eq!(step_text(-2_000.0, &[0.0, 500.0]), "-2,000");
}

proptest! {
    #[test]
    fn steps_are_round_few_and_hold_the_range(low in -1e9..=0.0_f64, high in 0.0..1e9_f64, most in 2_usize..10) {
        let steps = nice_steps([low, high], most);
        prop_assert!(steps.len() >= 2 && steps.len() <= most + 3, "{steps:?}");
        prop_assert!(steps[0] <= low + 1e-6 && steps[steps.len() - 1] >= high - 1e-6, "{steps:?}");
        prop_assert!(steps.contains(&0.0), "{steps:?}");
    }
}

#[test]
fn dots_stand_where_their_numbers_say_and_small_ones_lie_on_top() {
    let (pieces, svg) = drawn(&chart(ChartKind::Points));
    // The third has no place.
    let of: Vec<(usize, usize)> = pieces.iter().map(|p| (p.category, p.series)).collect();
    assert_eq!(of.len(), 4, "{of:?}");
    assert_eq!(of[0], (1, 0), "the largest is drawn first");
    let place = |category: usize| {
        let piece = pieces.iter().find(|p| p.category == category).unwrap();
        Area::new(
            piece.ring[0][0],
            piece.ring[0][1],
            piece.ring[2][0] - piece.ring[0][0],
            piece.ring[2][1] - piece.ring[0][1],
        )
        .centre()
    };
    let (first, second) = (place(0), place(1));
    assert!(
        second[0] > first[0] && second[1] > first[1],
        "{first:?} {second:?}"
    );
    assert!(height(&pieces[0]) > height(&pieces[3]));
    assert!(svg.contains("Diameter"));
}
