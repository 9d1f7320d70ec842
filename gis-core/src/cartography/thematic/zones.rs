//! Zones given by areas: which of them holds a place, and where a diagram stands in it. Where the areas come from does not
//! concern it.

use geo::{BoundingRect as _, InteriorPoint as _, Intersects as _, MultiPolygon, Point};

use crate::network::PackedTree;

/// A zone with its ground, in project coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneArea {
    pub name: String,
    pub area: MultiPolygon<f64>,
}

/// Finds the zone of a place.
pub(super) struct Locator<'a> {
    zones: &'a [ZoneArea],
    tree: PackedTree,
}

impl<'a> Locator<'a> {
    pub(super) fn new(zones: &'a [ZoneArea]) -> Self {
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
    pub(super) fn zone_at(&self, [x, y]: [f64; 2]) -> Option<usize> {
        let mut found: Vec<u32> = self.tree.search([x, y, x, y]);
        found.sort_unstable();
        found
            .into_iter()
            .map(|i| i as usize)
            .find(|i| self.zones[*i].area.intersects(&Point::new(x, y)))
    }

    pub(super) fn name(&self, zone: usize) -> &str {
        &self.zones[zone].name
    }

    /// A place within a zone, as near its middle as its shape allows; `None` for one without ground.
    pub(super) fn place(&self, zone: usize) -> Option<[f64; 2]> {
        let point = self.zones[zone].area.interior_point()?;
        Some([point.x(), point.y()])
    }
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
}
