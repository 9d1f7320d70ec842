//! Numbers and values as people read them. It draws nothing.

use gis_core::measure::Unit;
use gis_core::schema::Schema;
use gis_core::{ClassIndex, Crs, Feature, Value};

use crate::i18n::lang;
use crate::session::{Session, Target};

/// `12`, `1,234`, `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `83.4 m`, `1.24 km`.
pub fn length(metres: f64) -> String {
    // Sums of nothing come out as minus zero.
    let metres = metres + 0.0;
    if !metres.is_finite() {
        "–".to_owned()
    } else if metres.abs() >= 10_000.0 {
        format!("{:.1} km", metres / 1000.0)
    } else if metres.abs() >= 1000.0 {
        format!("{:.2} km", metres / 1000.0)
    } else {
        format!("{metres:.1} m")
    }
}

/// A measured figure: millimetres of lengths, a tenth of a second of arc of angles.
pub fn measure(value: f64, unit: Unit) -> String {
    let value = value + 0.0;
    if !value.is_finite() {
        return "–".to_owned();
    }
    match unit {
        Unit::Metre => format!("{} m", number(value, 3)),
        Unit::SquareMetre if value.abs() >= 1e6 => format!("{} km²", number(value / 1e6, 4)),
        Unit::SquareMetre => format!("{} m²", number(value, 2)),
        Unit::Degree => format!("{value:.4}°"),
        Unit::Position => format!("{value:.8}°"),
        Unit::Permille => format!("{value:.3} ‰"),
        Unit::Coordinate => format!("{value:.4}"),
        Unit::Count => count(value.abs().round() as u64),
    }
}

/// `12,345.678`
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if value < 0.0 { "-" } else { "" };
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), count);
    format!("{sign}{whole}.{rest}")
}

/// `0.84 m³`, `126 m³`.
pub fn volume(cubic_metres: f64) -> String {
    if cubic_metres >= 100.0 {
        format!("{cubic_metres:.0} m³")
    } else {
        format!("{cubic_metres:.2} m³")
    }
}

/// `DN300`; empty where unknown.
pub fn diameter(diameter_mm: f32) -> String {
    if diameter_mm.is_finite() && diameter_mm > 0.0 {
        format!("DN{diameter_mm:.0}")
    } else {
        String::new()
    }
}

/// A coordinate pair in the project's units: metres with two decimals, degrees with six.
pub fn coordinates(place: [f64; 2], crs: &Crs) -> String {
    let decimals = if crs.is_geographic { 6 } else { 2 };
    format!("{:.decimals$}, {:.decimals$}", place[0], place[1])
}

/// `87°36′12.3″E  43°49′05.1″N`
pub fn degrees(lon_lat: [f64; 2]) -> String {
    let part = |value: f64, positive: char, negative: char| {
        // Tenths of seconds, rounded first so that 59.95″ does not come out as 60.0″.
        let tenths = (value.abs() * 36_000.0).round() as u64;
        let (degrees, minutes, seconds) = (tenths / 36_000, tenths / 600 % 60, (tenths % 600) as f64 / 10.0);
        let side = if value < 0.0 { negative } else { positive };
        format!("{degrees}°{minutes:02}′{seconds:04.1}″{side}")
    };
    format!("{}  {}", part(lon_lat[0], 'E', 'W'), part(lon_lat[1], 'N', 'S'))
}

/// The value as the dictionary and the language call it, with its unit.
pub fn value(schema: &Schema, class: ClassIndex, field: usize, value: &Value) -> String {
    let text = schema.in_words(class, field, value, lang());
    match &schema.class(class).fields[field].unit {
        Some(unit) if !text.is_empty() => format!("{text} {unit}"),
        _ => text,
    }
}

/// The value of a field of a record by its key; empty where there is none.
pub fn field(schema: &Schema, feature: &Feature, key: &str) -> String {
    schema
        .class(feature.class)
        .field_index(key)
        .and_then(|i| feature.values.get(i).map(|v| value(schema, feature.class, i, v)))
        .unwrap_or_default()
}

/// `Gate valve V12`: class and code, or the class alone where there is no code.
pub fn title(session: &Session, target: Target) -> String {
    let network = &session.network;
    let class = session.schema.class(target.class(network)).label.text(lang());
    format!("{class} {}", target.code(network)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!(
            [0, 12, 999, 1000, 1_234_567].map(count),
            ["0", "12", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn lengths_and_volumes_change_their_unit_with_their_size() {
        assert_eq!(
            [-0.0, 999.94, 1234.0, 56_789.0].map(length),
            ["0.0 m", "999.9 m", "1.23 km", "56.8 km"]
        );
        assert_eq!(length(f64::NAN), "–");
        assert_eq!([0.5, 1234.4].map(volume), ["0.50 m³", "1234 m³"]);
    }

    #[test]
    fn measured_figures_are_grouped_and_carry_their_unit() {
        for (value, unit, wanted) in [
            (12_345.678_9, Unit::Metre, "12,345.679 m"),
            (-0.5, Unit::Metre, "-0.500 m"),
            (1_200.0, Unit::SquareMetre, "1,200.00 m²"),
            (2_500_000.0, Unit::SquareMetre, "2.5000 km²"),
            (36.869_898, Unit::Degree, "36.8699°"),
            (-20.0, Unit::Permille, "-20.000 ‰"),
            (4.0, Unit::Count, "4"),
            (f64::NAN, Unit::Metre, "–"),
        ] {
            assert_eq!(measure(value, unit), wanted);
        }
    }

    #[test]
    fn seconds_of_arc_never_round_to_sixty() {
        assert_eq!(
            degrees([87.603_416_7, -43.999_999_9]),
            "87°36′12.3″E  44°00′00.0″S"
        );
    }
}
