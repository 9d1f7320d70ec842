//! How a picture without a place of its own gets one: control points, and the transformation fitted to them by
//! least squares with what is left over at each point. It reads no picture and knows no coordinate system by name.

use serde::{Deserialize, Serialize};

use super::fit::{self, Polynomial};
use crate::error::{Error, Result};
use crate::text::Message;

/// Where the pixels of a picture lie.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Georeference {
    /// EPSG code, WKT or PROJ string of the ground coordinates; the project's own system where `None`.
    pub crs: Option<String>,
    pub method: Method,
    pub points: Vec<ControlPoint>,
}

/// The kind of transformation from pixels to the ground.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// As the file or its world file says; only the coordinate system is said here.
    #[default]
    Own,
    /// Two corners, north up: scale and place along each axis.
    TwoCorners,
    /// Place, turn and one scale: two points at least.
    Similarity,
    /// Place, turn, two scales and shear: three points at least.
    Affine,
    /// Second-order polynomial, for bent paper: six points at least.
    Polynomial2,
}

impl Method {
    pub const ALL: [Self; 5] = [
        Self::Own,
        Self::TwoCorners,
        Self::Similarity,
        Self::Affine,
        Self::Polynomial2,
    ];

    /// Points without which it is not determined.
    pub fn least_points(self) -> usize {
        match self {
            Self::Own => 0,
            Self::TwoCorners | Self::Similarity => 2,
            Self::Affine => 3,
            Self::Polynomial2 => 6,
        }
    }

    /// Name in locale files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::TwoCorners => "two_corners",
            Self::Similarity => "similarity",
            Self::Affine => "affine",
            Self::Polynomial2 => "polynomial2",
        }
    }
}

/// A place known in the picture and on the ground.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ControlPoint {
    /// Pixels from the left and from the top; the first pixel's middle is at 0.5, 0.5.
    pub pixel: [f64; 2],
    pub ground: [f64; 2],
    pub is_used: bool,
}

impl Default for ControlPoint {
    fn default() -> Self {
        Self {
            pixel: [0.0; 2],
            ground: [0.0; 2],
            is_used: true,
        }
    }
}

/// From pixels to ground coordinates and back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Placement {
    /// As GDAL orders it: x = a0 + a1·column + a2·row, y = a3 + a4·column + a5·row.
    Affine([f64; 6]),
    Polynomial {
        to_ground: Polynomial,
        /// Near the answer; the way back is found from there.
        start: [f64; 6],
    },
}

/// What is left over at a control point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Residual {
    /// Fitted minus given, in ground units.
    pub ground: [f64; 2],
    /// Length of `ground`.
    pub distance: f64,
}

/// A fitted transformation.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    pub placement: Placement,
    /// One per control point, also for those not used.
    pub residuals: Vec<Residual>,
    /// Root mean square of the distances at the points used, in ground units.
    pub rms: f64,
    /// Ground units of a pixel, at the middle of the points.
    pub pixel_size: f64,
}

impl Placement {
    /// # Errors
    /// The transformation folds the picture onto a line.
    pub fn affine(coefficients: [f64; 6]) -> Result<Self> {
        let placement = Self::Affine(coefficients);
        if invert(&coefficients).is_none() || !coefficients.iter().all(|c| c.is_finite()) {
            return Err(Error::bad_input(Message::new("raster.place.degenerate")));
        }
        Ok(placement)
    }

    pub fn ground(&self, pixel: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Affine(a) => apply(a, pixel),
            Self::Polynomial { to_ground, .. } => to_ground.at(pixel),
        }
    }

    /// NaN where a bent picture has no such place.
    pub fn pixel(&self, ground: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Affine(a) => invert(a).map_or([f64::NAN; 2], |inverse| apply(&inverse, ground)),
            Self::Polynomial { to_ground, start } => {
                let first = invert(start).map_or([f64::NAN; 2], |inverse| apply(&inverse, ground));
                to_ground.solve(ground, first)
            }
        }
    }

    /// Many at once.
    pub fn pixels(&self, ground: &mut [[f64; 2]]) {
        if let Self::Affine(a) = self {
            let Some(inverse) = invert(a) else {
                return ground.fill([f64::NAN; 2]);
            };
            for place in ground {
                *place = apply(&inverse, *place);
            }
        } else {
            for place in ground {
                *place = self.pixel(*place);
            }
        }
    }

    /// The six numbers of a world file or GeoTIFF; `None` where six do not suffice.
    pub fn as_affine(&self) -> Option<[f64; 6]> {
        match self {
            Self::Affine(a) => Some(*a),
            Self::Polynomial { .. } => None,
        }
    }

    /// Ground units of a pixel there.
    pub fn pixel_size(&self, pixel: [f64; 2]) -> f64 {
        let here = self.ground(pixel);
        let right = self.ground([pixel[0] + 1.0, pixel[1]]);
        let below = self.ground([pixel[0], pixel[1] + 1.0]);
        let area = (right[0] - here[0]) * (below[1] - here[1]) - (right[1] - here[1]) * (below[0] - here[0]);
        area.abs().sqrt()
    }
}

fn apply(a: &[f64; 6], p: [f64; 2]) -> [f64; 2] {
    [a[0] + a[1] * p[0] + a[2] * p[1], a[3] + a[4] * p[0] + a[5] * p[1]]
}

fn invert(a: &[f64; 6]) -> Option<[f64; 6]> {
    let determinant = a[1] * a[5] - a[2] * a[4];
    let size = (a[1].abs() + a[2].abs()) * (a[4].abs() + a[5].abs());
    if !determinant.is_finite() || determinant.abs() <= size * 1e-12 {
        return None;
    }
    let (c, r) = (a[5] / determinant, -a[2] / determinant);
    let (s, t) = (-a[4] / determinant, a[1] / determinant);
    Some([-a[0] * c - a[3] * r, c, r, -a[0] * s - a[3] * t, s, t])
}

impl Georeference {
    /// Fits the transformation to the points that are used.
    ///
    /// # Errors
    /// Too few points, two of them in one place, all of them on one line (on one conic for the polynomial), or
    /// `Method::Own`, which has nothing to fit.
    pub fn fit(&self) -> Result<Fit> {
        let used: Vec<ControlPoint> = self.points.iter().copied().filter(|p| p.is_used).collect();
        self.check(&used)?;
        let placement = match self.method {
            Method::Own => return Err(Error::bad_input(Message::new("raster.place.nothing_to_fit"))),
            Method::TwoCorners => two_corners(&used)?,
            Method::Similarity => Placement::affine(fit::similarity(&used).ok_or_else(one_place)?)?,
            Method::Affine => Placement::affine(fit::affine(&used).ok_or_else(|| self.on_a_line())?)?,
            Method::Polynomial2 => {
                let start = fit::affine(&used).ok_or_else(|| self.on_a_line())?;
                Placement::affine(start)?;
                Placement::Polynomial {
                    to_ground: fit::polynomial(&used).ok_or_else(|| self.on_a_line())?,
                    start,
                }
            }
        };
        let residuals: Vec<Residual> = self
            .points
            .iter()
            .map(|p| {
                let fitted = placement.ground(p.pixel);
                let ground = [fitted[0] - p.ground[0], fitted[1] - p.ground[1]];
                Residual {
                    ground,
                    distance: ground[0].hypot(ground[1]),
                }
            })
            .collect();
        let squares: f64 = (self.points.iter().zip(&residuals))
            .filter(|(p, _)| p.is_used)
            .map(|(_, r)| r.distance * r.distance)
            .sum();
        let middle = [0, 1].map(|axis| used.iter().map(|p| p.pixel[axis]).sum::<f64>() / used.len() as f64);
        Ok(Fit {
            rms: (squares / used.len() as f64).sqrt(),
            pixel_size: placement.pixel_size(middle),
            placement,
            residuals,
        })
    }

    fn check(&self, used: &[ControlPoint]) -> Result<()> {
        let least = self.method.least_points();
        if used.len() < least {
            return Err(Error::bad_input(
                Message::new("raster.place.too_few")
                    .with("found", used.len())
                    .with("expected", least),
            ));
        }
        let is_finite = used
            .iter()
            .all(|p| p.pixel.iter().chain(&p.ground).all(|v| v.is_finite()));
        if is_finite {
            Ok(())
        } else {
            Err(Error::bad_input(Message::new("raster.place.not_finite")))
        }
    }

    fn on_a_line(&self) -> Error {
        Error::bad_input(Message::new(if self.method == Method::Polynomial2 {
            "raster.place.on_a_curve"
        } else {
            "raster.place.on_a_line"
        }))
    }
}

fn one_place() -> Error {
    Error::bad_input(Message::new("raster.place.one_place"))
}

/// North up; the first and last used point span the box.
fn two_corners(used: &[ControlPoint]) -> Result<Placement> {
    let [first, .., last] = used else {
        return Err(one_place());
    };
    let scale = [0, 1].map(|axis| {
        let pixels = last.pixel[axis] - first.pixel[axis];
        let ground = last.ground[axis] - first.ground[axis];
        (pixels != 0.0 && ground != 0.0).then(|| ground / pixels)
    });
    let [Some(sx), Some(sy)] = scale else {
        return Err(Error::bad_input(Message::new("raster.place.flat_box")));
    };
    Placement::affine([
        first.ground[0] - sx * first.pixel[0],
        sx,
        0.0,
        first.ground[1] - sy * first.pixel[1],
        0.0,
        sy,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(truth: impl Fn([f64; 2]) -> [f64; 2], pixels: &[[f64; 2]]) -> Vec<ControlPoint> {
        pixels
            .iter()
            .map(|&pixel| ControlPoint {
                pixel,
                ground: truth(pixel),
                is_used: true,
            })
            .collect()
    }

    fn georeference(method: Method, points: Vec<ControlPoint>) -> Georeference {
        Georeference {
            crs: None,
            method,
            points,
        }
    }

    const SPREAD: [[f64; 2]; 8] = [
        [12.5, 30.0],
        [980.0, 15.0],
        [970.0, 770.5],
        [25.0, 740.0],
        [500.0, 400.0],
        [260.0, 610.0],
        [720.0, 205.0],
        [505.0, 60.0],
    ];

    fn near(a: [f64; 2], b: [f64; 2], tolerance: f64) -> bool {
        (a[0] - b[0]).abs() <= tolerance && (a[1] - b[1]).abs() <= tolerance
    }

    type Case<'a> = (Method, Vec<ControlPoint>, &'a dyn Fn([f64; 2]) -> [f64; 2]);

    /// Turned by 20°, 0.25 m a pixel, at Gauss-Krüger coordinates.
    fn turned(p: [f64; 2]) -> [f64; 2] {
        let (s, c) = 20_f64.to_radians().sin_cos();
        [
            540_000.0 + 0.25 * (c * p[0] + s * p[1]),
            4_850_000.0 + 0.25 * (s * p[0] - c * p[1]),
        ]
    }

    #[test]
    fn two_corners_place_a_picture_north_up() {
        let two = points(
            |p| [1_000.0 + p[0] * 2.0, 9_000.0 - p[1] * 3.0],
            &[[0.0, 0.0], [400.0, 300.0]],
        );
        let fit = georeference(Method::TwoCorners, two).fit().unwrap();
        assert_eq!(
            fit.placement.as_affine(),
            Some([1_000.0, 2.0, 0.0, 9_000.0, 0.0, -3.0])
        );
        assert!(fit.rms < 1e-9);
        let flat = points(|p| [p[0], 5.0], &[[0.0, 0.0], [400.0, 300.0]]);
        assert!(georeference(Method::TwoCorners, flat).fit().is_err());
    }

    #[test]
    fn each_method_finds_the_transformation_the_points_were_made_with() {
        let sheared = |p: [f64; 2]| {
            let t = turned(p);
            [t[0] + 0.02 * p[1], t[1] + 0.05 * p[0]]
        };
        let bent = |p: [f64; 2]| {
            let t = turned(p);
            [
                t[0] + 1e-5 * p[0] * p[0] - 2e-5 * p[0] * p[1],
                t[1] + 3e-5 * p[1] * p[1] + 1e-5 * p[0] * p[1],
            ]
        };
        let cases: [Case<'_>; 4] = [
            (Method::Similarity, points(turned, &SPREAD[..2]), &turned),
            (Method::Similarity, points(turned, &SPREAD), &turned),
            (Method::Affine, points(sheared, &SPREAD), &sheared),
            (Method::Polynomial2, points(bent, &SPREAD), &bent),
        ];
        for (method, points, truth) in cases {
            let fit = georeference(method, points).fit().unwrap();
            assert!(fit.rms < 1e-6, "{method:?}: {}", fit.rms);
            for pixel in [[0.0, 0.0], [640.0, 480.0], [999.0, 799.0]] {
                let ground = fit.placement.ground(pixel);
                assert!(near(ground, truth(pixel), 1e-5), "{method:?} {ground:?}");
                let back = fit.placement.pixel(ground);
                assert!(
                    near(back, pixel, 1e-4),
                    "{method:?} {pixel:?} came back as {back:?}"
                );
            }
        }
    }

    #[test]
    fn noise_stays_in_the_residuals_and_a_gross_error_stands_out() {
        // Half a metre to and fro, a fixed pattern.
        let noise = [0.4, -0.3, 0.1, -0.5, 0.2, 0.3, -0.2, 0.0];
        let mut noisy = points(turned, &SPREAD);
        for (i, point) in noisy.iter_mut().enumerate() {
            point.ground[0] += noise[i];
            point.ground[1] += noise[(i + 3) % 8];
        }
        for method in [Method::Similarity, Method::Affine] {
            let fit = georeference(method, noisy.clone()).fit().unwrap();
            assert!(fit.rms > 0.05 && fit.rms < 0.5, "{method:?}: {}", fit.rms);
            assert!(near(
                fit.placement.ground([500.0, 400.0]),
                turned([500.0, 400.0]),
                0.5
            ));
            assert!((fit.pixel_size - 0.25).abs() < 0.005);
        }
        noisy[4].ground[0] += 40.0;
        let fit = georeference(Method::Similarity, noisy.clone()).fit().unwrap();
        let worst = (0..8).max_by(|a, b| fit.residuals[*a].distance.total_cmp(&fit.residuals[*b].distance));
        assert_eq!(worst, Some(4));
        noisy[4].is_used = false;
        let fit = georeference(Method::Similarity, noisy).fit().unwrap();
        assert!(fit.rms < 0.5 && fit.residuals[4].distance > 39.0);
    }

    #[test]
    fn points_that_determine_nothing_are_refused_with_the_reason() {
        let line: Vec<[f64; 2]> = (0..7)
            .map(|i| [f64::from(i) * 50.0, f64::from(i) * 20.0])
            .collect();
        let almost: Vec<[f64; 2]> = line
            .iter()
            .enumerate()
            .map(|(i, p)| [p[0], p[1] + 1e-4 * (i % 2) as f64])
            .collect();
        let circle: Vec<[f64; 2]> = (0..8)
            .map(|i| {
                let (s, c) = (f64::from(i) * 0.7).sin_cos();
                [500.0 + 300.0 * c, 400.0 + 300.0 * s]
            })
            .collect();
        let cases = [
            (Method::Similarity, &SPREAD[..1], "raster.place.too_few"),
            (
                Method::Similarity,
                &[[5.0, 5.0], [5.0, 5.0]][..],
                "raster.place.one_place",
            ),
            (Method::Affine, &SPREAD[..2], "raster.place.too_few"),
            (Method::Affine, &line[..], "raster.place.on_a_line"),
            (Method::Affine, &almost[..], "raster.place.on_a_line"),
            (Method::Polynomial2, &SPREAD[..5], "raster.place.too_few"),
            (Method::Polynomial2, &line[..], "raster.place.on_a_curve"),
            (Method::Polynomial2, &circle[..], "raster.place.on_a_curve"),
        ];
        for (method, pixels, key) in cases {
            let refused = georeference(method, points(turned, pixels)).fit();
            let found = refused.map(|f| f.rms).unwrap_err().message();
            assert_eq!(found.key(), key, "{method:?}");
        }
    }

    #[test]
    fn a_georeference_survives_the_map_document() {
        let one = georeference(Method::Affine, points(turned, &SPREAD[..3]));
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Georeference>(&text).unwrap(), one);
        assert_eq!(
            serde_json::from_str::<Georeference>("{}").unwrap(),
            Georeference::default()
        );
    }
}
