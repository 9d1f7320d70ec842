//! Where a feature must lie. Distances are metres on the ground, measured in the plane of the project at the area's middle.

use gdal::vector::{Geometry as OgrGeometry, ToGdal as _};
use geo::{
    BoundingRect as _, Centroid as _, Distance as _, Euclidean, Intersects as _, MapCoords as _, Relate as _,
};

use super::zones::middle;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::model::Geometry;
use crate::network::Metric;
use crate::text::Message;

/// A shape in the project's coordinates, and how far from it a feature may be; one that touches it is at 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    shape: geo::Geometry<f64>,
    within_m: f64,
    is_box: bool,
    manner: Manner,
    /// In which a feature must lie, too.
    other: Option<Box<Self>>,
}

/// How a feature must lie to the shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Near enough.
    Near,
    /// All of it in the shape, the edge included.
    Inside,
    /// On both sides of an edge, or across a line.
    Across,
    /// The place halfway along it in the shape.
    Middle,
}

impl Area {
    /// `[min_x, min_y, max_x, max_y]`.
    ///
    /// # Errors
    /// `BadInput` for numbers that are none.
    pub fn of_box(b: [f64; 4]) -> Result<Self> {
        let rect = geo::Rect::new((b[0], b[1]), (b[2], b[3]));
        let area = Self::new(geo::Geometry::Polygon(rect.to_polygon()), 0.0)?;
        Ok(Self { is_box: true, ..area })
    }

    /// A circle.
    ///
    /// # Errors
    /// `BadInput` for numbers that are none, and a radius that is not positive.
    pub fn around(place: [f64; 2], radius_m: f64) -> Result<Self> {
        if radius_m.is_nan() || radius_m <= 0.0 {
            return Err(bad(radius_m));
        }
        Self::new(
            geo::Geometry::Point(geo::Point::new(place[0], place[1])),
            radius_m,
        )
    }

    /// A point, line or polygon as WKT, with room around it.
    ///
    /// # Errors
    /// `BadInput` for text that is no WKT, an empty shape, and a buffer below 0.
    pub fn of_wkt(wkt: &str, within_m: f64) -> Result<Self> {
        let unreadable = || Error::bad_input(Message::new("query.error.wkt").with("found", wkt));
        let read = OgrGeometry::from_wkt(wkt.trim()).map_err(|_| unreadable())?;
        let shape = geo::Geometry::<f64>::try_from(&read).map_err(|_| unreadable())?;
        // What GDAL took out of the text must go back into it; an empty shape does not.
        if shape.bounding_rect().is_none() || shape.to_gdal().is_err() {
            return Err(unreadable());
        }
        Self::new(shape, within_m)
    }

    /// What is near one of some features.
    ///
    /// # Errors
    /// `BadInput` where none of them has a place, or the distance is none.
    pub fn around_features<'a>(
        geometries: impl IntoIterator<Item = &'a Geometry>,
        within_m: f64,
    ) -> Result<Self> {
        let shapes: Vec<geo::Geometry<f64>> = geometries.into_iter().filter_map(as_shape).collect();
        if shapes.is_empty() {
            return Err(Error::bad_input(Message::new("query.error.no_place")));
        }
        let shapes = geo::GeometryCollection::from(shapes);
        Self::new(geo::Geometry::GeometryCollection(shapes), within_m)
    }

    /// What has its middle in a shape.
    ///
    /// # Errors
    /// `BadInput` for coordinates that are no numbers.
    pub(super) fn around_middles(shape: geo::MultiPolygon<f64>) -> Result<Self> {
        let area = Self::new(geo::Geometry::MultiPolygon(shape), 0.0)?;
        Ok(Self {
            manner: Manner::Middle,
            ..area
        })
    }

    /// What lies in both areas.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            is_box: false,
            other: Some(Box::new(match self.other {
                Some(own) => own.and(other),
                None => other,
            })),
            ..self
        }
    }

    /// What must lie in the shape as a whole, its edge included.
    #[must_use]
    pub(super) fn inside(self) -> Self {
        Self {
            manner: Manner::Inside,
            ..self
        }
    }

    /// What must cross the shape.
    #[must_use]
    pub(super) fn across(self) -> Self {
        Self {
            manner: Manner::Across,
            ..self
        }
    }

    fn new(shape: geo::Geometry<f64>, within_m: f64) -> Result<Self> {
        if !within_m.is_finite() || within_m < 0.0 {
            return Err(bad(within_m));
        }
        let corners = shape
            .bounding_rect()
            .map(|r| [r.min().x, r.min().y, r.max().x, r.max().y]);
        match corners.iter().flatten().find(|v| !v.is_finite()) {
            Some(number) => Err(bad(*number)),
            None => Ok(Self {
                shape,
                within_m,
                is_box: false,
                manner: Manner::Near,
                other: None,
            }),
        }
    }

    /// For many features.
    pub(super) fn measured(&self, crs: &Crs) -> Measured {
        let middle = self.shape.centroid().map_or([0.0; 2], |c| [c.x(), c.y()]);
        let metric = Metric::of(crs, middle);
        let (dx, dy) = (self.within_m / metric.x_m, self.within_m / metric.y_m);
        let extent = self.shape.bounding_rect().map_or([0.0; 4], |r| {
            [r.min().x - dx, r.min().y - dy, r.max().x + dx, r.max().y + dy]
        });
        Measured {
            metric,
            shape_m: self.shape.map_coords(|c| in_metres(metric, c)),
            within_m: self.within_m,
            extent,
            is_box: self.is_box,
            manner: self.manner,
            other: self.other.as_ref().map(|other| Box::new(other.measured(crs))),
        }
    }
}

fn in_metres(metric: Metric, c: geo::Coord<f64>) -> geo::Coord<f64> {
    geo::Coord {
        x: c.x * metric.x_m,
        y: c.y * metric.y_m,
    }
}

/// An area in metres.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    metric: Metric,
    shape_m: geo::Geometry<f64>,
    within_m: f64,
    /// What holds all features that can fit: `[min_x, min_y, max_x, max_y]`, in the project's coordinates.
    pub(super) extent: [f64; 4],
    /// Whether a box that lies in the extent lies in the area.
    pub(super) is_box: bool,
    manner: Manner,
    other: Option<Box<Self>>,
}

impl Measured {
    pub(super) fn holds(&self, geometry: &Geometry) -> bool {
        self.holds_alone(geometry) && self.other.as_ref().is_none_or(|other| other.holds(geometry))
    }

    fn holds_alone(&self, geometry: &Geometry) -> bool {
        if self.manner == Manner::Middle {
            let place = middle(geometry).map(|[x, y]| in_metres(self.metric, geo::Coord { x, y }));
            return place.is_some_and(|place| self.shape_m.intersects(&place));
        }
        let Some(own) = as_shape(geometry) else {
            return false;
        };
        let own_m = own.map_coords(|c| in_metres(self.metric, c));
        match self.manner {
            Manner::Middle | Manner::Near => self.is_near(&own_m, &self.shape_m),
            Manner::Inside => own_m.relate(&self.shape_m).is_coveredby(),
            Manner::Across => own_m.relate(&self.shape_m).is_crosses(),
        }
    }

    /// Of many shapes one after the other, so that the first that is near enough decides.
    fn is_near(&self, own_m: &geo::Geometry<f64>, shape_m: &geo::Geometry<f64>) -> bool {
        if let geo::Geometry::GeometryCollection(shapes) = shape_m {
            return shapes.iter().any(|shape| self.is_near(own_m, shape));
        }
        Euclidean.distance(own_m, shape_m) <= self.within_m
    }
}

/// `None` where a coordinate is no number.
fn as_shape(geometry: &Geometry) -> Option<geo::Geometry<f64>> {
    let is_finite = |p: &[f64; 3]| p[0].is_finite() && p[1].is_finite();
    match geometry {
        Geometry::Point(p) => is_finite(p).then(|| geo::Point::new(p[0], p[1]).into()),
        Geometry::Line(line) => (line.len() >= 2 && line.iter().all(is_finite)).then(|| {
            let line: geo::LineString<f64> = line.iter().map(|p| (p[0], p[1])).collect();
            line.into()
        }),
    }
}

fn bad(number: f64) -> Error {
    Error::bad_input(Message::new("query.error.number").with("found", number))
}
