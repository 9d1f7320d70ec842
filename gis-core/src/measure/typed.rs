//! Coordinates, scales and angles as people type them. It does not know where they are typed.

/// Which coordinates are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoordinateKind {
    /// x, y of the project's CRS.
    #[default]
    Project,
    /// Longitude, latitude.
    Degrees,
}

/// `463120.5, 4870250` or `463120.5 4870250`; Chinese commas and `x=`, `y=` are fine. `None` for anything else.
pub fn parse_pair(text: &str) -> Option<[f64; 2]> {
    let plain = plain(text);
    let mut parts = plain
        .split([',', ' ', ';', '\t'])
        .map(|part| part.trim_start_matches(['x', 'X', 'y', 'Y', '=']))
        .filter(|part| !part.is_empty());
    let pair = [parts.next()?.parse().ok()?, parts.next()?.parse().ok()?];
    (parts.next().is_none() && pair.iter().all(|v: &f64| v.is_finite())).then_some(pair)
}

/// Longitude and latitude in degrees: `87.6034, 43.8181`, `87°36′12.3″E 43°49′05.1″N`, `43d49'5.1"N, 87 36 12.3 E`.
/// Letters settle the order; without them longitude comes first. `None` for what is no place on earth.
pub fn parse_lon_lat(text: &str) -> Option<[f64; 2]> {
    let (first, second) = two_angles(&plain(text))?;
    let is_turned = first.is_latitude == Some(true) || second.is_latitude == Some(false);
    let is_contradictory = first.is_latitude.is_some() && first.is_latitude == second.is_latitude;
    let (lon, lat) = if is_turned {
        (second.degrees, first.degrees)
    } else {
        (first.degrees, second.degrees)
    };
    (!is_contradictory && lon.abs() <= 180.0 && lat.abs() <= 90.0).then_some([lon, lat])
}

/// `1:500`, `1：2,000`, `1/500`, `500` → the denominator. `None` outside 1 … 1:1,000,000,000.
pub fn parse_scale(text: &str) -> Option<f64> {
    let plain: String = plain(text)
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect();
    let denominator = plain
        .strip_prefix("1:")
        .or_else(|| plain.strip_prefix("1/"))
        .unwrap_or(&plain);
    let number: f64 = denominator.parse().ok()?;
    (1.0..=1e9).contains(&number).then_some(number)
}

/// `30`, `-15.5°` → degrees in `-180 < a <= 180`.
pub fn parse_angle(text: &str) -> Option<f64> {
    let plain = plain(text);
    let number: f64 = plain.trim().trim_end_matches('°').trim().parse().ok()?;
    if !number.is_finite() {
        return None;
    }
    let turned = number.rem_euclid(360.0);
    Some(if turned > 180.0 { turned - 360.0 } else { turned })
}

/// Full-width signs as their plain ones.
pub(crate) fn plain(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            '\u{3001}' => ',',
            _ => c,
        })
        .collect()
}

/// Degree, minute and second of arc as they are written in Chinese.
const CHINESE_UNITS: [char; 3] = ['\u{5ea6}', '\u{5206}', '\u{79d2}'];

/// One angle in degrees, written as any of those of [`parse_lon_lat`], without a side of the compass.
pub(crate) fn parse_one_angle(text: &str) -> Option<f64> {
    let is_sign = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-.°'\"′″dm".contains(c);
    if !text.chars().all(|c| is_sign(c) || CHINESE_UNITS.contains(&c)) {
        return None;
    }
    let found = angle(text.trim())?;
    found.is_latitude.is_none().then_some(found.degrees)
}

struct Angle {
    degrees: f64,
    is_latitude: Option<bool>,
}

fn two_angles(text: &str) -> Option<(Angle, Angle)> {
    let separated: Vec<&str> = text
        .split([',', ';'])
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .collect();
    if let [first, second] = separated[..] {
        return Some((angle(first)?, angle(second)?));
    }
    let [all] = separated[..] else { return None };
    // Without a comma, a side of the compass ends an angle; without that there are two numbers.
    if let Some(at) = all.find(|c: char| "NSEWnsew".contains(c)) {
        let (first, second) = all.split_at_checked(at + 1)?;
        if !second.trim().is_empty() {
            return Some((angle(first)?, angle(second)?));
        }
        return None;
    }
    let (first, second) = all.split_once(char::is_whitespace)?;
    Some((angle(first)?, angle(second.trim())?))
}

/// `87.6034`, `87°36.2′`, `87 36 12.3 E`, `-43d49'5"`.
fn angle(text: &str) -> Option<Angle> {
    let is_latitude = text.chars().find_map(|c| match c.to_ascii_uppercase() {
        'N' | 'S' => Some(true),
        'E' | 'W' => Some(false),
        _ => None,
    });
    let is_west_or_south = text.contains(['S', 's', 'W', 'w']);
    let bare: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_digit() || c == '.' || c == '-' || c == '+' {
                c
            } else {
                ' '
            }
        })
        .collect();
    // Letters other than the sides and degree signs are no angle.
    let is_strange = text
        .chars()
        .any(|c| c.is_alphabetic() && !"NSEWnsewdmDM".contains(c) && !CHINESE_UNITS.contains(&c));
    let parts: Vec<f64> = bare
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    if is_strange || parts.is_empty() || parts.len() > 3 {
        return None;
    }
    let is_negative = bare.trim().starts_with('-');
    let (minutes, seconds) = (
        parts.get(1).copied().unwrap_or(0.0),
        parts.get(2).copied().unwrap_or(0.0),
    );
    if !(0.0..60.0).contains(&minutes) || !(0.0..60.0).contains(&seconds) {
        return None;
    }
    let size = parts[0].abs() + minutes / 60.0 + seconds / 3_600.0;
    let degrees = if is_negative == is_west_or_south {
        size
    } else {
        -size
    };
    Some(Angle { degrees, is_latitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<[f64; 2]>, wanted: [f64; 2]) -> bool {
        found.is_some_and(|f| (f[0] - wanted[0]).abs() < 1e-6 && (f[1] - wanted[1]).abs() < 1e-6)
    }

    #[test]
    fn pairs_are_read_with_any_separator() {
        for text in [
            "463120.5, 4870250",
            "463120.5 4870250",
            " 463120.5，4870250 ",
            "x=463120.5 y=4870250",
            "463120.5\t4870250",
        ] {
            assert_eq!(parse_pair(text), Some([463_120.5, 4_870_250.0]), "{text}");
        }
        for text in ["", "1", "1,2,3", "a,b", "1, inf", "nan nan"] {
            assert_eq!(parse_pair(text), None, "{text}");
        }
    }

    #[test]
    fn degrees_are_read_in_every_usual_writing() {
        let wanted = [87.603_416_667, 43.818_083_333];
        for text in [
            "87.603416667, 43.818083333",
            "87.603416667 43.818083333",
            "87°36′12.3″E  43°49′05.1″N",
            "43°49′05.1″N 87°36′12.3″E",
            "43d49'5.1\"N, 87 36 12.3 E",
            "87 36 12.3, 43 49 5.1",
            "87度36分12.3秒，43度49分5.1秒",
        ] {
            assert!(
                near(parse_lon_lat(text), wanted),
                "{text}: {:?}",
                parse_lon_lat(text)
            );
        }
        assert!(near(parse_lon_lat("73°48′W 40°36′N"), [-73.8, 40.6]));
        assert!(near(parse_lon_lat("-73.8, -0.5"), [-73.8, -0.5]));
    }

    #[test]
    fn what_is_no_place_on_earth_is_refused() {
        for text in [
            "",
            "87",
            "187, 43",
            "87, 91",
            "87°61′, 43",
            "87E, 43E",
            "foo, bar",
            "1 2 3 4, 5",
            "463120.5, 4870250",
        ] {
            assert_eq!(parse_lon_lat(text), None, "{text}");
        }
    }

    #[test]
    fn scales_and_angles() {
        for text in ["1:500", "1：500", "500", "1/500", " 1 : 500 "] {
            assert_eq!(parse_scale(text), Some(500.0), "{text}");
        }
        assert_eq!(parse_scale("1:10,000"), Some(10_000.0));
        for text in ["", "0", "-5", "1:0", "x", "1:nan"] {
            assert_eq!(parse_scale(text), None, "{text}");
        }
        assert_eq!(parse_angle("-15.5°"), Some(-15.5));
        assert_eq!(parse_angle("350"), Some(-10.0));
        assert_eq!(parse_angle("north"), None);
    }
}
