//! Coordinates as people write them: two numbers in either order, degrees with minutes and seconds, with or without the
//! points of the compass. It transforms nothing.

/// What two numbers may mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// Longitude and latitude in degrees.
    Degrees([f64; 2]),
    /// In the project's plane, in the order written.
    Plane([f64; 2]),
}

/// Where China lies, in degrees: tells which of two numbers is the longitude.
const CHINA_LON: std::ops::RangeInclusive<f64> = 73.0..=136.0;
const CHINA_LAT: std::ops::RangeInclusive<f64> = 3.0..=54.0;

/// What a text says, the likelier first; nothing where it is no pair of coordinates.
pub(super) fn readings(text: &str) -> Vec<Reading> {
    if let Some(degrees) = angles(text) {
        return vec![Reading::Degrees(degrees)];
    }
    let Some([a, b]) = two_numbers(text) else {
        return Vec::new();
    };
    let mut readings = vec![Reading::Plane([a, b])];
    let degrees = if CHINA_LON.contains(&b) && CHINA_LAT.contains(&a) {
        [b, a]
    } else {
        [a, b]
    };
    if is_on_earth(degrees) {
        readings.insert(0, Reading::Degrees(degrees));
    }
    readings
}

fn is_on_earth([lon, lat]: [f64; 2]) -> bool {
    lon.abs() <= 180.0 && lat.abs() <= 90.0
}

fn two_numbers(text: &str) -> Option<[f64; 2]> {
    let parts = text.split(|c: char| c.is_whitespace() || ",\u{ff0c};\u{ff1b}\u{3001}/".contains(c));
    let numbers: Vec<f64> = parts
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok().filter(|n: &f64| n.is_finite()))
        .collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// Marks of degrees, minutes and seconds; the last of each is the Chinese word.
const MARKS: [&str; 3] = ["°º\u{5ea6}", "'′’\u{5206}", "\"″”\u{79d2}"];

#[derive(Debug, Default, Clone, Copy)]
struct Angle {
    parts: [Option<f64>; 3],
    /// `Some(true)` for a latitude.
    is_latitude: Option<bool>,
    is_negative: bool,
}

impl Angle {
    fn degrees(self) -> Option<f64> {
        let [degrees, minutes, seconds] = [
            self.parts[0]?,
            self.parts[1].unwrap_or(0.0),
            self.parts[2].unwrap_or(0.0),
        ];
        let is_fine = (0.0..60.0).contains(&minutes) && (0.0..60.0).contains(&seconds);
        let size = degrees + minutes / 60.0 + seconds / 3600.0;
        is_fine.then_some(if self.is_negative { -size } else { size })
    }
}

/// Commas of both kinds, and the Chinese words for longitude and latitude.
const SKIPPED: &str = ",\u{ff0c};\u{ff1b}\u{3001}\u{7ecf}\u{7eac}\u{7def}\u{7d93}";

fn is_of_number(sign: char) -> bool {
    sign.is_ascii_digit() || sign == '.' || sign == '-'
}

/// Two angles of which at least one has a mark of degrees or a point of the compass.
fn angles(text: &str) -> Option<[f64; 2]> {
    let mut angles = vec![Angle::default()];
    let mut signs = text.trim().chars().peekable();
    let mut is_marked = false;
    while let Some(sign) = signs.next() {
        let angle = angles.last_mut()?;
        if let Some((latitude, negative)) = compass(sign) {
            is_marked = true;
            // Before the numbers of an angle, or behind them.
            if angle.parts[0].is_some() && angle.is_latitude.is_some() {
                angles.push(Angle::default());
            }
            let angle = angles.last_mut()?;
            angle.is_latitude = Some(latitude);
            angle.is_negative |= negative;
        } else if is_of_number(sign) {
            let mut written = sign.to_string();
            while let Some(more) = signs.next_if(|sign| is_of_number(*sign)) {
                written.push(more);
            }
            let number: f64 = written.parse().ok()?;
            while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
            let mark = signs.next_if(|sign| MARKS.iter().any(|marks| marks.contains(*sign)));
            is_marked |= mark.is_some();
            let place = mark.and_then(|mark| MARKS.iter().position(|marks| marks.contains(mark)));
            let place = place.unwrap_or(0);
            // A number in a place that is taken begins the next angle.
            if angle.parts[place..].iter().any(Option::is_some) {
                angles.push(Angle::default());
            }
            let angle = angles.last_mut()?;
            angle.parts[place] = Some(number.abs());
            angle.is_negative |= number.is_sign_negative();
        } else if !(sign.is_whitespace() || SKIPPED.contains(sign)) {
            return None;
        }
    }
    let [a, b]: [Angle; 2] = angles.try_into().ok()?;
    if !is_marked {
        return None;
    }
    let is_lat_first = match (a.is_latitude, b.is_latitude) {
        (Some(true), Some(true)) | (Some(false), Some(false)) => return None,
        (Some(first), _) => first,
        (None, Some(second)) => !second,
        (None, None) => CHINA_LAT.contains(&a.degrees()?) && CHINA_LON.contains(&b.degrees()?),
    };
    let (a, b) = (a.degrees()?, b.degrees()?);
    let degrees = if is_lat_first { [b, a] } else { [a, b] };
    is_on_earth(degrees).then_some(degrees)
}

/// Whether a sign, Latin letter or Chinese word, stands for a latitude, and whether it is the negative half.
fn compass(sign: char) -> Option<(bool, bool)> {
    match sign {
        'N' | 'n' | '\u{5317}' => Some((true, false)),
        'S' | 's' | '\u{5357}' => Some((true, true)),
        'E' | 'e' | '\u{4e1c}' | '\u{6771}' => Some((false, false)),
        'W' | 'w' | '\u{897f}' => Some((false, true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn degrees(text: &str) -> Option<[f64; 2]> {
        readings(text).into_iter().find_map(|reading| match reading {
            Reading::Degrees(degrees) => Some(degrees.map(|d| (d * 1e6).round() / 1e6)),
            Reading::Plane(_) => None,
        })
    }

    #[test]
    fn degrees_are_read_in_every_usual_form_and_order() {
        let expected = Some([87.603_333, 43.82]);
        for text in [
            "87.603333, 43.82",
            "43.82 87.603333",
            "87°36′12″E 43°49′12″N",
            "43°49'12\"N, 87°36'12\"E",
            "东经87度36分12秒 北纬43度49分12秒",
            "北纬43°49′12″，东经87°36′12″",
            "E87°36.2′ N43°49.2′",
            "N43.82 E87.603333",
            "87.603333°、43.82°",
        ] {
            assert_eq!(degrees(text), expected, "{text}");
        }
        assert_eq!(degrees("33.5S 70.25W"), Some([-70.25, -33.5]));
    }

    #[test]
    fn numbers_of_the_plane_are_no_degrees_and_words_are_no_coordinates() {
        assert_eq!(
            readings("548276.9, 4851567"),
            [Reading::Plane([548_276.9, 4_851_567.0])]
        );
        assert_eq!(readings("548276.9，4851567").len(), 1);
        for text in [
            "友好北路12号",
            "12",
            "1,2,3",
            "43°70′ 87°",
            "43°N 44°N",
            "DN300 12",
            "nan nan",
            "north 4",
        ] {
            assert_eq!(readings(text), [], "{text}");
        }
    }
}
