//! 分区 given by areas: which of them holds a place or the middle of a feature, and where a diagram stands in it. Where the
//! areas come from does not concern it.

use geo::{BoundingRect as _, InteriorPoint as _, Intersects as _, MultiPolygon, Point};

use super::Area;
use crate::error::Result;
use crate::model::Geometry;
use crate::network::PackedTree;

/// A zone with its ground, in project coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneArea {
    pub name: String,
    pub area: MultiPolygon<f64>,
}

/// Finds the zone of a place.
pub(crate) struct Locator<'a> {
    zones: &'a [ZoneArea],
    tree: PackedTree,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(zones: &'a [ZoneArea]) -> Self {
        let boxes = zones.iter().map(|zone| {
            zone.area
                .bounding_rect()
                .map_or([f64::NAN; 4], |b| [b.min().x, b.min().y, b.max().x, b.max().y])
        });
        Self {
            zones,
            tree: PackedTree::build(zones.len(), boxes),
        }
    }

    /// The first zone that holds a place; borders belong to both sides, so to the first.
    pub(crate) fn zone_at(&self, [x, y]: [f64; 2]) -> Option<usize> {
        let mut found: Vec<u32> = self.tree.search([x, y, x, y]);
        found.sort_unstable();
        found
            .into_iter()
            .map(|i| i as usize)
            .find(|i| self.zones[*i].area.intersects(&Point::new(x, y)))
    }

    pub(crate) fn name(&self, zone: usize) -> &str {
        &self.zones[zone].name
    }

    /// A place within a zone, as near its middle as its shape allows; `None` for one without ground.
    pub(crate) fn place(&self, zone: usize) -> Option<[f64; 2]> {
        let point = self.zones[zone].area.interior_point()?;
        Some([point.x(), point.y()])
    }
}

/// Zones to count in. Where they lie over each other, the first holds what lies there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Zones {
    areas: Vec<ZoneArea>,
}

impl Zones {
    pub fn new(areas: Vec<ZoneArea>) -> Self {
        Self { areas }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.areas.iter().map(|zone| zone.name.as_str())
    }

    pub(super) fn locator(&self) -> Locator<'_> {
        Locator::new(&self.areas)
    }

    /// What has its middle in the zone of a name.
    ///
    /// # Errors
    /// The zone has coordinates that are no numbers.
    pub(crate) fn area_of(&self, name: &str) -> Result<Option<Area>> {
        let zone = self.areas.iter().find(|zone| zone.name == name);
        zone.map(|zone| Area::around_middles(zone.area.clone()))
            .transpose()
    }
}

/// A point itself, and the place halfway along a line; none where a coordinate is no number.
pub(super) fn middle(geometry: &Geometry) -> Option<[f64; 2]> {
    let found = match geometry {
        Geometry::Point(p) => [p[0], p[1]],
        Geometry::Line(line) => halfway(line)?,
    };
    found.iter().all(|v| v.is_finite()).then_some(found)
}

fn halfway(line: &[[f64; 3]]) -> Option<[f64; 2]> {
    let length = |pair: &[[f64; 3]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    let mut left = line.windows(2).map(length).sum::<f64>() / 2.0;
    for pair in line.windows(2) {
        let own = length(pair);
        if own >= left && own > 0.0 {
            let part = left / own;
            return Some([0, 1].map(|i| pair[0][i] + (pair[1][i] - pair[0][i]) * part));
        }
        left -= own;
    }
    line.first().map(|p| [p[0], p[1]])
}

#[cfg(test)]
mod tests {
    use geo::{LineString, Polygon};

    use super::*;

    /// The letter C, open to the east: its middle lies outside.
    fn bent() -> ZoneArea {
        let ring = [
            [0.0, 0.0],
            [30.0, 0.0],
            [30.0, 10.0],
            [10.0, 10.0],
            [10.0, 20.0],
            [30.0, 20.0],
            [30.0, 30.0],
            [0.0, 30.0],
        ];
        ZoneArea {
            name: "C".to_owned(),
            area: Polygon::new(LineString::from(ring.to_vec()), Vec::new()).into(),
        }
    }

    #[test]
    fn a_diagram_stands_within_its_zone_however_bent_that_is() {
        let zones = [bent()];
        let locator = Locator::new(&zones);
        let place = locator.place(0).unwrap();
        assert_eq!(locator.zone_at(place), Some(0), "{place:?}");
        assert_eq!(locator.zone_at([20.0, 15.0]), None, "in the mouth of the letter");
        assert_eq!(locator.zone_at([40.0, 5.0]), None);
        assert_eq!(locator.zone_at([20.0, 5.0]).map(|i| locator.name(i)), Some("C"));
        assert_eq!(Locator::new(&[]).zone_at([0.0, 0.0]), None);
    }

    #[test]
    fn the_middle_of_a_line_is_halfway_along_it() {
        let line = Geometry::Line(vec![[0.0, 0.0, 1.0], [10.0, 0.0, 1.0], [10.0, 30.0, 1.0]]);
        assert_eq!(middle(&line), Some([10.0, 10.0]));
        let dot = Geometry::Line(vec![[5.0, 5.0, 0.0], [5.0, 5.0, 0.0]]);
        assert_eq!(middle(&dot), Some([5.0, 5.0]));
        assert_eq!(middle(&Geometry::Point([f64::NAN, 1.0, 0.0])), None);
    }
}
