//! Dimensions: lines beside the way from point to point, with ends and the distance written on them. Distances are
//! plane ones of the project's CRS in metres; the lines here are pixels of the view.

use super::annotations::Dimension;
use super::place::upright;
use super::ruler::{LINE_EM, TextRuler};
use super::shape::TextBox;
use super::view::LabelView;
use crate::network::Metric;

/// How far the lines from the points go beyond the dimension line.
const BEYOND_PX: f64 = 3.0;
/// Half the length of the slanted strokes at its ends.
const TICK_PX: f64 = 4.0;
/// From the dimension line to its text.
const ABOVE_PX: f64 = 2.0;

/// One distance.
#[derive(Debug, Clone, PartialEq)]
pub struct DimensionPart {
    pub length_m: f64,
    pub text: String,
    pub text_box: TextBox,
    /// The dimension line.
    pub line: [[f64; 2]; 2],
    /// From the points to the dimension line, and the strokes at its ends.
    pub details: Vec<[[f64; 2]; 2]>,
}

/// The distances of a dimension, in metres.
pub fn lengths_m(dimension: &Dimension, metric: Metric) -> Vec<f64> {
    let pairs = dimension.points.windows(2);
    pairs.map(|w| metric.distance_m(w[0], w[1])).collect()
}

/// A length as it is written: metres, without a unit where `decimals` say how exact it is meant to be.
pub fn length_text(length_m: f64, decimals: u8) -> String {
    format!("{length_m:.*} m", usize::from(decimals.min(4)))
}

/// The offset (see [`Dimension::offset_m`]) that brings the line of the last two points through a place.
pub fn offset_through(points: &[[f64; 2]], place: [f64; 2], metric: Metric) -> f64 {
    let [.., a, b] = points else { return 0.0 };
    let scaled = |p: [f64; 2], q: [f64; 2]| [(q[0] - p[0]) * metric.x_m, (q[1] - p[1]) * metric.y_m];
    let (d, p) = (scaled(*a, *b), scaled(*a, place));
    let length = d[0].hypot(d[1]);
    if length > 0.0 {
        (d[0] * p[1] - d[1] * p[0]) / length
    } else {
        0.0
    }
}

/// Lays a dimension out. `to_plane` takes project coordinates to the plane of the view. Points that coincide make no
/// part.
pub fn layout(
    dimension: &Dimension,
    metric: Metric,
    view: &LabelView,
    ruler: &TextRuler,
    to_plane: &mut dyn FnMut(&mut [[f64; 2]]),
) -> Vec<DimensionPart> {
    let pairs = dimension.points.windows(2);
    pairs
        .filter_map(|w| part(dimension, [w[0], w[1]], metric, view, ruler, to_plane))
        .collect()
}

fn part(
    dimension: &Dimension,
    [a, b]: [[f64; 2]; 2],
    metric: Metric,
    view: &LabelView,
    ruler: &TextRuler,
    to_plane: &mut dyn FnMut(&mut [[f64; 2]]),
) -> Option<DimensionPart> {
    let length_m = metric.distance_m(a, b);
    if !length_m.is_finite() || length_m <= 0.0 {
        return None;
    }
    // To the left of the way, in metres, then back to units of the project.
    let d = [
        (b[0] - a[0]) * metric.x_m / length_m,
        (b[1] - a[1]) * metric.y_m / length_m,
    ];
    let shift = [
        -d[1] * dimension.offset_m / metric.x_m,
        d[0] * dimension.offset_m / metric.y_m,
    ];
    let moved = |p: [f64; 2]| [p[0] + shift[0], p[1] + shift[1]];
    let mut points = [a, b, moved(a), moved(b)];
    to_plane(&mut points);
    let [a, b, from, to] = points.map(|p| view.px(p));
    if [a, b, from, to].iter().flatten().any(|v| !v.is_finite()) {
        return None;
    }
    let along = [to[0] - from[0], to[1] - from[1]];
    let length = along[0].hypot(along[1]).max(f64::MIN_POSITIVE);
    let u = along.map(|v| v / length);
    let mut details = Vec::new();
    for (point, end) in [(a, from), (b, to)] {
        let out = [end[0] - point[0], end[1] - point[1]];
        let distance = out[0].hypot(out[1]);
        if distance > 1.0 {
            let reach = 1.0 + BEYOND_PX / distance;
            details.push([point, [point[0] + out[0] * reach, point[1] + out[1] * reach]]);
        }
        // 45° to the line, as on drawings.
        let t =
            [(u[0] - u[1]) * TICK_PX, (u[0] + u[1]) * TICK_PX].map(|v| v * std::f64::consts::FRAC_1_SQRT_2);
        details.push([[end[0] - t[0], end[1] - t[1]], [end[0] + t[0], end[1] + t[1]]]);
    }
    let text = length_text(length_m, dimension.decimals);
    let size = dimension.size_px.clamp(4.0, 96.0);
    let angle_rad = upright(along[1].atan2(along[0]));
    let half = [ruler.width_em(&text) * size / 2.0, size * LINE_EM / 2.0];
    let up = f64::from(half[1]) + ABOVE_PX;
    let (sin, cos) = f64::from(angle_rad).sin_cos();
    let middle = [f64::midpoint(from[0], to[0]), f64::midpoint(from[1], to[1])];
    Some(DimensionPart {
        length_m,
        text,
        text_box: TextBox::turned(
            [(middle[0] + sin * up) as f32, (middle[1] - cos * up) as f32],
            half,
            angle_rad,
        ),
        line: [from, to],
        details,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(points: &[[f64; 2]], offset_m: f64, rotation: f64) -> Vec<DimensionPart> {
        let dimension = Dimension {
            id: 1,
            points: points.to_vec(),
            offset_m,
            decimals: 2,
            size_px: 11.0,
            hidden_beyond: None,
        };
        let metric = Metric::projected(1.0);
        let view = LabelView::of_scale([0.0, 0.0], metric, 500.0, rotation, [800.0, 600.0]);
        layout(
            &dimension,
            metric,
            &view,
            &TextRuler::embedded().unwrap(),
            &mut |_| {},
        )
    }

    #[test]
    fn every_pair_of_points_gets_its_distance_in_metres() {
        let parts = laid_out(
            &[[0.0, 0.0], [30.0, 40.0], [30.0, 40.0], [30.0, 52.346]],
            2.0,
            0.0,
        );
        let texts: Vec<_> = parts.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(texts, ["50.00 m", "12.35 m"], "points that coincide make no part");
    }

    #[test]
    fn the_line_lies_at_its_offset_to_the_left_of_the_way() {
        let [part] = &laid_out(&[[0.0, 0.0], [10.0, 0.0]], 5.0, 0.0)[..] else {
            panic!("one part");
        };
        let px_per_m = 96.0 / 0.0254 / 500.0;
        assert!(
            (part.line[0][1] - (300.0 - 5.0 * px_per_m)).abs() < 1e-6,
            "{part:?}"
        );
        assert!((part.line[1][0] - part.line[0][0] - 10.0 * px_per_m).abs() < 1e-6);
        assert_eq!(
            part.details.len(),
            4,
            "two lines from the points, two strokes at the ends"
        );
    }

    #[test]
    fn its_text_stands_upright_however_the_map_is_turned() {
        for degrees in (0..360).step_by(15) {
            let parts = laid_out(&[[0.0, 0.0], [10.0, 3.0]], 0.0, f64::from(degrees).to_radians());
            let angle = parts[0].text_box.angle_rad().to_degrees();
            assert!((-90.1..90.0).contains(&angle), "{degrees}: {angle}");
        }
    }

    #[test]
    fn the_offset_follows_the_pointer() {
        let metric = Metric::projected(1.0);
        let points = [[0.0, 0.0], [10.0, 0.0]];
        assert!((offset_through(&points, [4.0, 3.0], metric) - 3.0).abs() < 1e-12);
        assert!((offset_through(&points, [4.0, -2.0], metric) + 2.0).abs() < 1e-12);
        assert!(offset_through(&points[..1], [4.0, 3.0], metric).abs() < 1e-12);
    }
}
