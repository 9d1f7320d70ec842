//! What is typed while a line is drawn: `12.5`, `12.5<45`, `<45°30'`, `12.5<@90`, `@3,-4`, `463120.5, 4870250.2`.

use super::Anchor;
use crate::error::{Error, Result};
use crate::measure::plane::azimuth_deg;
use crate::measure::typed::{parse_lon_lat, parse_one_angle, parse_pair, plain};
use crate::network::Metric;
use crate::text::Message;

/// A typed place, or what is typed of one. Bearings are clockwise from grid north, as surveyors have them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Typed {
    /// Towards the pointer.
    Length(f64),
    /// Along this bearing, as far as the pointer.
    Bearing(Direction),
    Polar(f64, Direction),
    /// East and north of the last place, in metres.
    Relative([f64; 2]),
    /// In the project's CRS.
    Absolute([f64; 2]),
    /// Degrees.
    LonLat([f64; 2]),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Direction {
    /// From grid north.
    North(f64),
    /// From the last stretch, to the right.
    Turn(f64),
}

impl Typed {
    /// # Errors
    /// The text is none of the forms above; the message lists them.
    pub fn parse(text: &str) -> Result<Self> {
        let text = plain(text);
        read(text.trim())
            .ok_or_else(|| Error::bad_input(Message::new("drafting.error.text").with("found", text)))
    }

    /// The place that is meant, with the pointer where it is; `None` for degrees, which only the map can place.
    ///
    /// # Errors
    /// There is nothing yet that a length or direction could count from, or the pointer gives no direction.
    pub fn place(
        self,
        anchor: Option<Anchor>,
        pointer: [f64; 2],
        metric: Metric,
    ) -> Result<Option<[f64; 2]>> {
        let error = |key: &'static str| Error::bad_input(Message::new(key));
        match self {
            Self::Absolute(at) => return Ok(Some(at)),
            Self::LonLat(_) => return Ok(None),
            _ => {}
        }
        let anchor = anchor.ok_or_else(|| error("drafting.error.no_anchor"))?;
        let bearing = |direction| match direction {
            Direction::North(deg) => Ok(deg),
            Direction::Turn(deg) => anchor
                .bearing_deg(metric)
                .map(|last| last + deg)
                .ok_or_else(|| error("drafting.error.no_stretch")),
        };
        Ok(Some(match self {
            Self::Length(length_m) => {
                let towards = azimuth_deg(metric, anchor.last, pointer);
                anchor.at(
                    metric,
                    towards.ok_or_else(|| error("drafting.error.no_direction"))?,
                    length_m,
                )
            }
            Self::Bearing(direction) => anchor.on_bearing(metric, bearing(direction)?, pointer),
            Self::Polar(length_m, direction) => anchor.at(metric, bearing(direction)?, length_m),
            Self::Relative([east_m, north_m]) => [
                anchor.last[0] + east_m / metric.x_m,
                anchor.last[1] + north_m / metric.y_m,
            ],
            Self::Absolute(at) | Self::LonLat(at) => at,
        }))
    }
}

fn read(text: &str) -> Option<Typed> {
    if let Some((length, direction)) = text.split_once('<') {
        let direction = match direction.trim().strip_prefix('@') {
            Some(turn) => Direction::Turn(parse_one_angle(turn)?),
            None => Direction::North(parse_one_angle(direction)?),
        };
        return Some(match length.trim().trim_start_matches('@') {
            "" => Typed::Bearing(direction),
            length => Typed::Polar(length_m(length)?, direction),
        });
    }
    if let Some(by) = text.strip_prefix('@') {
        return parse_pair(by).map(Typed::Relative);
    }
    if let Some(length) = length_m(text) {
        return Some(Typed::Length(length));
    }
    if text.contains(['°', '\u{5ea6}', 'E', 'e', 'W', 'w', 'N', 'n', 'S', 's']) {
        return parse_lon_lat(text).map(Typed::LonLat);
    }
    parse_pair(text).map(Typed::Absolute)
}

fn length_m(text: &str) -> Option<f64> {
    let length: f64 = text.trim().trim_end_matches('m').trim_end().parse().ok()?;
    length.is_finite().then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{North, Turn};

    const METRIC: Metric = Metric { x_m: 1.0, y_m: 1.0 };

    #[test]
    fn every_form_is_read() {
        for (text, wanted) in [
            ("12.5", Typed::Length(12.5)),
            ("12.5 m", Typed::Length(12.5)),
            ("１２．５", Typed::Length(12.5)),
            ("<45", Typed::Bearing(North(45.0))),
            ("12.5<45°30'", Typed::Polar(12.5, North(45.5))),
            ("12.5 < @-90", Typed::Polar(12.5, Turn(-90.0))),
            ("@3,-4", Typed::Relative([3.0, -4.0])),
            ("463120.5，4870250.2", Typed::Absolute([463_120.5, 4_870_250.2])),
            ("87.5°, 43.75°", Typed::LonLat([87.5, 43.75])),
        ] {
            assert_eq!(Typed::parse(text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_none_of_the_forms_is_refused() {
        for text in [
            "", "abc", "<", "12<", "12<north", "@", "@3", "1,2,3", "nan", "inf", "1e999", "@1,inf", "12<<4",
        ] {
            let error = Typed::parse(text).unwrap_err().message();
            assert_eq!(error.key(), "drafting.error.text", "{text}");
        }
    }

    #[test]
    fn places_are_counted_from_the_last_one() {
        let anchor = Anchor::of(&[[0.0, 0.0], [0.0, 10.0]]);
        let place = |text: &str| {
            let typed = Typed::parse(text).unwrap();
            typed.place(anchor, [3.0, 14.0], METRIC).unwrap().unwrap()
        };
        for (text, wanted) in [
            ("5", [3.0, 14.0]),
            ("10", [6.0, 18.0]),
            ("-5", [-3.0, 6.0]),
            ("2<90", [2.0, 10.0]),
            ("2<@90", [2.0, 10.0]),
            ("<0", [0.0, 14.0]),
            ("<@90", [3.0, 10.0]),
            ("@3,4", [3.0, 14.0]),
            ("7,8", [7.0, 8.0]),
        ] {
            assert!(
                METRIC.distance_m(place(text), wanted) < 1e-9,
                "{text}: {:?}",
                place(text)
            );
        }
    }

    #[test]
    fn without_anything_to_count_from_only_coordinates_will_do() {
        let key = |text: &str, anchor| {
            let typed = Typed::parse(text).unwrap();
            typed
                .place(anchor, [1.0, 1.0], METRIC)
                .map_err(|e| e.message().key().to_owned())
        };
        assert_eq!(key("5", None), Err("drafting.error.no_anchor".to_owned()));
        assert_eq!(key("5,6", None), Ok(Some([5.0, 6.0])));
        let first = Anchor::of(&[[1.0, 1.0]]);
        assert_eq!(key("5<@90", first), Err("drafting.error.no_stretch".to_owned()));
        assert_eq!(key("5", first), Err("drafting.error.no_direction".to_owned()));
        assert_eq!(key("87.5E, 43.75N", first), Ok(None));
    }
}
