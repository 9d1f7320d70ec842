//! What a measurement says: named figures, each in the plane and, where the project has a place on earth, on the
//! ellipsoid. How they are written is not decided here.

use serde::{Deserialize, Serialize};

use super::pipes::PipesLength;
use super::slope::Slope;
use super::{earth, plane};
use crate::network::Metric;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// Between two points.
    #[default]
    Distance,
    /// Along a line of any number of points.
    Path,
    /// Of pipes that are pointed at.
    Pipes,
    /// Of a ring, with its perimeter.
    Area,
    /// At the second of three points.
    Angle,
    /// From one point to another.
    Azimuth,
    /// Of one point.
    Coordinates,
    /// Between two nodes.
    Slope,
}

impl MeasureKind {
    pub const ALL: [Self; 8] = [
        Self::Distance,
        Self::Path,
        Self::Pipes,
        Self::Area,
        Self::Angle,
        Self::Azimuth,
        Self::Coordinates,
        Self::Slope,
    ];

    /// Name in locale files and documents.
    pub fn key(self) -> &'static str {
        match self {
            Self::Distance => "distance",
            Self::Path => "path",
            Self::Pipes => "pipes",
            Self::Area => "area",
            Self::Angle => "angle",
            Self::Azimuth => "azimuth",
            Self::Coordinates => "coordinates",
            Self::Slope => "slope",
        }
    }

    /// Points after which it is complete; `None` where the user says so.
    pub fn points_needed(self) -> Option<usize> {
        match self {
            Self::Coordinates => Some(1),
            Self::Distance | Self::Azimuth | Self::Slope => Some(2),
            Self::Angle => Some(3),
            Self::Path | Self::Area | Self::Pipes => None,
        }
    }

    /// Points without which it says nothing.
    pub fn points_least(self) -> usize {
        match self {
            Self::Pipes => 0,
            Self::Path => 2,
            Self::Area => 3,
            _ => self.points_needed().unwrap_or(1),
        }
    }
}

/// A figure's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    Length,
    LastStretch,
    Perimeter,
    Area,
    Angle,
    /// Clockwise from the first direction to the second.
    Turn,
    Azimuth,
    /// Difference of eastings and of northings.
    East,
    North,
    X,
    Y,
    Longitude,
    Latitude,
    PipeCount,
    RecordedLength,
    DrawnLength,
    Rise,
    /// Length a slope is taken over, along the pipe or straight.
    RunPipe,
    RunStraight,
    Slope,
    SlopeAngle,
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Metre,
    SquareMetre,
    /// Of angles and azimuths.
    Degree,
    /// Of longitude and latitude, which are written to the tenth of a second.
    Position,
    Permille,
    /// A coordinate in the project's unit.
    Coordinate,
    Count,
}

impl Quantity {
    /// Name in locale files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::LastStretch => "last_stretch",
            Self::Perimeter => "perimeter",
            Self::Area => "area",
            Self::Angle => "angle",
            Self::Turn => "turn",
            Self::Azimuth => "azimuth",
            Self::East => "east",
            Self::North => "north",
            Self::X => "x",
            Self::Y => "y",
            Self::Longitude => "longitude",
            Self::Latitude => "latitude",
            Self::PipeCount => "pipe_count",
            Self::RecordedLength => "recorded_length",
            Self::DrawnLength => "drawn_length",
            Self::Rise => "rise",
            Self::RunPipe => "run_pipe",
            Self::RunStraight => "run_straight",
            Self::Slope => "slope",
            Self::SlopeAngle => "slope_angle",
        }
    }

    pub fn unit(self) -> Unit {
        match self {
            Self::Length
            | Self::LastStretch
            | Self::Perimeter
            | Self::East
            | Self::North
            | Self::RecordedLength
            | Self::DrawnLength
            | Self::Rise
            | Self::RunPipe
            | Self::RunStraight => Unit::Metre,
            Self::Area => Unit::SquareMetre,
            Self::Angle | Self::Turn | Self::Azimuth | Self::SlopeAngle => Unit::Degree,
            Self::X | Self::Y => Unit::Coordinate,
            Self::Longitude | Self::Latitude => Unit::Position,
            Self::PipeCount => Unit::Count,
            Self::Slope => Unit::Permille,
        }
    }
}

/// A figure of a measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    pub quantity: Quantity,
    /// In the plane of the project's CRS; `None` for what exists on the ellipsoid only.
    pub plane: Option<f64>,
    /// On the CGCS2000 ellipsoid; `None` without a place on earth, or for what does not depend on it.
    pub earth: Option<f64>,
}

impl Reading {
    fn plain(quantity: Quantity, value: f64) -> Self {
        Self {
            quantity,
            plane: Some(value),
            earth: None,
        }
    }
}

/// What points say, in the project's coordinates and, where they have a place on earth, as longitudes and latitudes.
/// Fewer points than the kind needs say what they can; slopes and pipes are read by [`of_slope`] and [`of_pipes`].
pub fn of_points(
    kind: MeasureKind,
    metric: Metric,
    points: &[[f64; 2]],
    lon_lats: Option<&[[f64; 2]]>,
) -> Vec<Reading> {
    let on_earth = |measure: &dyn Fn(&[[f64; 2]]) -> f64| lon_lats.map(measure);
    let both = |quantity, plane: f64, earth: Option<f64>| Reading {
        quantity,
        plane: Some(plane),
        earth,
    };
    let length = || {
        both(
            Quantity::Length,
            plane::length_m(metric, points),
            on_earth(&earth::length_m),
        )
    };
    let azimuth = || {
        let [from, to] = *points else { return None };
        Some(Reading {
            quantity: Quantity::Azimuth,
            plane: Some(plane::azimuth_deg(metric, from, to)?),
            earth: lon_lats.and_then(|l| earth::azimuth_deg(*l.first()?, *l.get(1)?)),
        })
    };
    match (kind, points) {
        (MeasureKind::Distance, [from, to]) => {
            let mut readings = vec![length()];
            readings.extend(azimuth());
            readings.push(Reading::plain(Quantity::East, (to[0] - from[0]) * metric.x_m));
            readings.push(Reading::plain(Quantity::North, (to[1] - from[1]) * metric.y_m));
            readings
        }
        (MeasureKind::Azimuth, [_, _]) => azimuth().into_iter().chain([length()]).collect(),
        (MeasureKind::Path, [.., from, to]) => {
            let mut readings = vec![length()];
            if points.len() > 2 {
                readings.push(both(
                    Quantity::LastStretch,
                    metric.distance_m(*from, *to),
                    on_earth(&|l| earth::length_m(l.get(l.len().saturating_sub(2)..).unwrap_or_default())),
                ));
            }
            readings
        }
        (MeasureKind::Area, [_, _, _, ..]) => vec![
            both(
                Quantity::Area,
                plane::area_m2(metric, points),
                on_earth(&earth::area_m2),
            ),
            both(
                Quantity::Perimeter,
                plane::perimeter_m(metric, points),
                on_earth(&earth::perimeter_m),
            ),
        ],
        (MeasureKind::Area, [_, _]) => vec![length()],
        (MeasureKind::Angle, [from, corner, to]) => {
            let turn_on_earth = lon_lats.and_then(|l| match l {
                [from, corner, to] => Some(plane::positive(
                    earth::azimuth_deg(*corner, *to)? - earth::azimuth_deg(*corner, *from)?,
                )),
                _ => None,
            });
            let Some(turn) = plane::turn_deg(metric, *from, *corner, *to) else {
                return Vec::new();
            };
            let inner = |turn: f64| turn.min(360.0 - turn);
            vec![
                both(Quantity::Angle, inner(turn), turn_on_earth.map(inner)),
                both(Quantity::Turn, turn, turn_on_earth),
            ]
        }
        (MeasureKind::Coordinates, [at, ..]) => {
            let mut readings = vec![
                Reading::plain(Quantity::X, at[0]),
                Reading::plain(Quantity::Y, at[1]),
            ];
            if let Some([lon_lat, ..]) = lon_lats {
                for (quantity, value) in [
                    (Quantity::Longitude, lon_lat[0]),
                    (Quantity::Latitude, lon_lat[1]),
                ] {
                    readings.push(Reading {
                        quantity,
                        plane: None,
                        earth: Some(value),
                    });
                }
            }
            readings
        }
        _ => Vec::new(),
    }
}

/// What a slope says.
pub fn of_slope(slope: &Slope) -> Vec<Reading> {
    let run = match slope.run {
        super::slope::Run::Pipe => Quantity::RunPipe,
        super::slope::Run::Straight => Quantity::RunStraight,
    };
    let mut readings = Vec::new();
    readings.extend(slope.permille().map(|v| Reading::plain(Quantity::Slope, v)));
    readings.push(Reading::plain(Quantity::Rise, slope.rise_m));
    readings.push(Reading::plain(run, slope.run_m));
    readings.extend(slope.angle_deg().map(|v| Reading::plain(Quantity::SlopeAngle, v)));
    readings
}

/// What pipes say; `earth_m` is their drawn length on the ellipsoid.
pub fn of_pipes(sum: &PipesLength, earth_m: Option<f64>) -> Vec<Reading> {
    vec![
        Reading::plain(Quantity::PipeCount, sum.count as f64),
        Reading::plain(Quantity::RecordedLength, sum.recorded_m),
        Reading {
            quantity: Quantity::DrawnLength,
            plane: Some(sum.drawn_m),
            earth: earth_m,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const M: Metric = Metric { x_m: 1.0, y_m: 1.0 };

    fn read(kind: MeasureKind, points: &[[f64; 2]]) -> Vec<(Quantity, f64)> {
        of_points(kind, M, points, None)
            .into_iter()
            .map(|r| {
                assert_eq!(r.earth, None);
                (r.quantity, (r.plane.unwrap() * 1e6).round() / 1e6)
            })
            .collect()
    }

    #[test]
    fn each_kind_reads_its_figures_from_its_points() {
        let l = [[0.0, 0.0], [30.0, 0.0], [30.0, 40.0]];
        assert_eq!(
            read(MeasureKind::Distance, &[l[0], l[2]]),
            [
                (Quantity::Length, 50.0),
                (Quantity::Azimuth, 36.869_898),
                (Quantity::East, 30.0),
                (Quantity::North, 40.0)
            ]
        );
        assert_eq!(
            read(MeasureKind::Path, &l),
            [(Quantity::Length, 70.0), (Quantity::LastStretch, 40.0)]
        );
        assert_eq!(
            read(MeasureKind::Area, &l),
            [(Quantity::Area, 600.0), (Quantity::Perimeter, 120.0)]
        );
        assert_eq!(
            read(MeasureKind::Angle, &l),
            [(Quantity::Angle, 90.0), (Quantity::Turn, 90.0)]
        );
        assert_eq!(
            read(MeasureKind::Coordinates, &l[1..2]),
            [(Quantity::X, 30.0), (Quantity::Y, 0.0)]
        );
    }

    #[test]
    fn too_few_points_say_less_and_never_panic() {
        for kind in MeasureKind::ALL {
            assert!(read(kind, &[]).is_empty(), "{kind:?}");
            let one = read(kind, &[[1.0, 1.0]]);
            assert_eq!(one.is_empty(), kind != MeasureKind::Coordinates, "{kind:?}");
            for n in 2..4 {
                read(kind, &vec![[1.0, 1.0]; n]);
            }
        }
    }

    #[test]
    fn on_earth_both_figures_are_there() {
        let degrees = [[87.0, 43.0], [87.001, 43.0]];
        let metric = Metric::geographic(43.0);
        let readings = of_points(MeasureKind::Distance, metric, &degrees, Some(&degrees));
        let length = readings[0];
        assert!((length.plane.unwrap() - length.earth.unwrap()).abs() < 0.01);
        let place = of_points(
            MeasureKind::Coordinates,
            metric,
            &degrees[..1],
            Some(&degrees[..1]),
        );
        assert_eq!(place.len(), 4);
        assert_eq!(place[2].earth, Some(87.0));
    }
}
