//! Finds out what the two coordinate columns of a survey table are: in Chinese survey practice X points north and
//! Y east, often with the number of the Gauss-Krüger zone before it. It reads no cells.

use super::columns::Role;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::io::crs::{Transform, parse};
use crate::text::Message;

/// How the columns lie and what has to be done to the values.
#[derive(Debug)]
pub(super) struct Axes {
    /// The first column of the table is the northing.
    pub(super) is_first_north: bool,
    /// The columns' names say so; nothing was guessed.
    pub(super) is_named: bool,
    /// Neither names nor values say which is which: the custom was followed.
    pub(super) is_custom: bool,
    /// Added to eastings, to bring the zone number in line with the system's.
    pub(super) easting_shift: f64,
    /// Zone number that the values carry and the system does not, or the other way round.
    pub(super) zone: Option<i64>,
    /// The system the values are in, where it is not the project's.
    pub(super) source: Option<Crs>,
    transform: Option<Transform>,
}

impl Axes {
    /// A place of the table in the project's system.
    pub(super) fn place(&self, raw: [f64; 2]) -> Result<[f64; 2]> {
        let [first, second] = raw;
        let [east, north] = if self.is_first_north {
            [second, first]
        } else {
            [first, second]
        };
        let place = [east + self.easting_shift, north];
        match &self.transform {
            Some(transform) => transform.point(place),
            None => Ok(place),
        }
    }
}

/// What is known before the values are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// Role of the first coordinate column.
    pub(super) first: &'a Role,
    pub(super) project: &'a Crs,
    /// Named by the user.
    pub(super) source: Option<&'a Crs>,
    /// Said by the user.
    pub(super) x_is_northing: Option<bool>,
}

/// Decides for all places of the tables together; `raw` are the values of both columns, at least one.
pub(super) fn decide(question: Question<'_>, raw: &[[f64; 2]]) -> Result<Axes> {
    let median = [median(raw, 0), median(raw, 1)];
    let system = question.source.unwrap_or(question.project);
    let (is_first_north, is_named, is_custom) = direction(question, system, median);
    let [east, north] = if is_first_north {
        [median[1], median[0]]
    } else {
        median
    };
    let mut axes = Axes {
        is_first_north,
        is_named,
        is_custom,
        easting_shift: 0.0,
        zone: None,
        source: question.source.filter(|s| !s.is_same(question.project)).cloned(),
        transform: None,
    };
    if question.source.is_none() && !question.project.is_local() {
        match_system(&mut axes, question.project, east, north)?;
    } else if !system.is_local() {
        match_zone(&mut axes, system, east);
    }
    if let Some(source) = &axes.source {
        axes.transform = Some(Transform::new(source, question.project)?);
    }
    Ok(axes)
}

/// (first column is north, its name says so, nothing says so).
fn direction(question: Question<'_>, system: &Crs, median: [f64; 2]) -> (bool, bool, bool) {
    match question.first {
        Role::Northing | Role::Latitude => return (true, true, false),
        Role::Easting | Role::Longitude => return (false, true, false),
        _ => {}
    }
    if let Some(is_north) = question.x_is_northing {
        return (is_north, true, false);
    }
    let [x, y] = median;
    let survey = (is_northing(x) && is_easting(y)) || (is_latitude(x) && is_longitude(y));
    let gis = (is_easting(x) && is_northing(y)) || (is_longitude(x) && is_latitude(y));
    if survey != gis {
        return (survey, false, false);
    }
    // Other systems: only one order may lie where the system is made for.
    match (lies_in(system, [y, x]), lies_in(system, [x, y])) {
        (true, false) => (true, false, false),
        (false, true) => (false, false, false),
        _ => (true, false, true),
    }
}

fn is_latitude(v: f64) -> bool {
    (3.0..=55.0).contains(&v)
}

fn is_longitude(v: f64) -> bool {
    (70.0..=140.0).contains(&v)
}

/// Gauss-Krüger northing within China.
fn is_northing(v: f64) -> bool {
    (300_000.0..=6_000_000.0).contains(&v) && !is_easting(v)
}

/// Gauss-Krüger easting within China, with or without zone number.
fn is_easting(v: f64) -> bool {
    let (zone, rest) = split_zone(v);
    (zone == 0 || zone_meridian(zone).is_some()) && (100_000.0..=900_000.0).contains(&rest)
}

/// Zone number and the easting without it.
fn split_zone(easting: f64) -> (i64, f64) {
    let zone = (easting / 1e6).floor();
    (zone as i64, easting - zone * 1e6)
}

/// Central meridian of a zone number: 13 to 23 are 6 degrees wide, 25 to 45 three.
fn zone_meridian(zone: i64) -> Option<f64> {
    match zone {
        13..=23 => Some((6 * zone - 3) as f64),
        25..=45 => Some((3 * zone) as f64),
        _ => None,
    }
}

/// CGCS2000 with that zone number before the easting.
pub(super) fn zone_crs(zone: i64) -> Option<Crs> {
    let epsg = match zone {
        13..=23 => 4491 + zone - 13,
        25..=45 => 4513 + zone - 25,
        _ => return None,
    };
    parse(&epsg.to_string()).ok()
}

/// The system that values tell by themselves: degrees, or eastings with a zone number.
pub(super) fn system_of_values(raw: &[[f64; 2]]) -> Option<Crs> {
    let [x, y] = [median(raw, 0), median(raw, 1)];
    if (is_latitude(x) && is_longitude(y)) || (is_longitude(x) && is_latitude(y)) {
        return parse("4490").ok();
    }
    let east = if is_northing(x) && is_easting(y) {
        y
    } else if is_easting(x) && is_northing(y) {
        x
    } else {
        return None;
    };
    zone_crs(split_zone(east).0)
}

/// Where nobody named the source's system: the project's, unless the values say otherwise.
fn match_system(axes: &mut Axes, project: &Crs, east: f64, north: f64) -> Result<()> {
    let is_degrees = is_longitude(east) && is_latitude(north);
    if project.is_geographic {
        if !is_degrees && is_easting(east) && is_northing(north) {
            let (zone, _) = split_zone(east);
            axes.source = zone_crs(zone);
            axes.zone = Some(zone);
            if axes.source.is_none() {
                let message = Message::new("survey.metres_in_degrees")
                    .with("x", east)
                    .with("y", north);
                return Err(Error::bad_input(message.with("crs", &project.name)));
            }
        }
        return Ok(());
    }
    if is_degrees {
        axes.source = parse("4490").ok();
        return Ok(());
    }
    match_zone(axes, project, east);
    Ok(())
}

/// Brings zone numbers in line, or takes the values for those of another zone.
fn match_zone(axes: &mut Axes, system: &Crs, east: f64) {
    let Some(false_easting) = parameter(&system.wkt, "false_easting") else {
        return;
    };
    let (found, _) = split_zone(east);
    let (own, _) = split_zone(false_easting);
    if !is_easting(east) || found == own {
        return;
    }
    if found == 0 {
        axes.easting_shift = own as f64 * 1e6;
        axes.zone = Some(own);
        return;
    }
    axes.zone = Some(found);
    let meridian =
        parameter(&system.wkt, "central_meridian").or_else(|| parameter(&system.wkt, "longitude_of_center"));
    match (zone_meridian(found), meridian) {
        (Some(a), Some(b)) if (a - b).abs() > 0.01 => axes.source = zone_crs(found),
        _ => axes.easting_shift = (own - found) as f64 * 1e6,
    }
}

/// A projection parameter of WKT 1.
fn parameter(wkt: &str, name: &str) -> Option<f64> {
    let lower = wkt.to_lowercase();
    let (_, after) = lower.split_once(&format!("parameter[\"{name}\","))?;
    after.split(']').next()?.trim().parse().ok()
}

fn lies_in(system: &Crs, place: [f64; 2]) -> bool {
    let Ok([lon, lat]) = Transform::to_lon_lat(system).and_then(|t| t.point(place)) else {
        return false;
    };
    let meridian = parameter(&system.wkt, "central_meridian");
    lon.abs() <= 180.0 && lat.abs() <= 84.0 && meridian.is_none_or(|m| (lon - m).abs() <= 4.0)
}

fn median(raw: &[[f64; 2]], column: usize) -> f64 {
    let mut values: Vec<f64> = raw.iter().map(|p| p[column]).filter(|v| v.is_finite()).collect();
    let middle = values.len() / 2;
    if values.is_empty() {
        return f64::NAN;
    }
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(project: &str, first: &Role, raw: [f64; 2]) -> Result<([f64; 2], Axes)> {
        let project = if project == "local" {
            Crs::local_metric()
        } else {
            parse(project)?
        };
        let axes = decide(
            Question {
                first,
                project: &project,
                source: None,
                x_is_northing: None,
            },
            &[raw],
        )?;
        Ok((axes.place(raw)?, axes))
    }

    #[test]
    fn the_values_tell_which_column_points_north() {
        // CGCS2000 / 3-degree Gauss-Krueger CM 87E, without and with zone number.
        for (project, raw, expected) in [
            ("4538", [4_851_567.0, 548_276.9], [548_276.9, 4_851_567.0]),
            ("4538", [548_276.9, 4_851_567.0], [548_276.9, 4_851_567.0]),
            ("4538", [4_851_567.0, 29_548_276.9], [548_276.9, 4_851_567.0]),
            ("4517", [4_851_567.0, 548_276.9], [29_548_276.9, 4_851_567.0]),
            ("4517", [4_851_567.0, 29_548_276.9], [29_548_276.9, 4_851_567.0]),
            ("4490", [43.8, 87.6], [87.6, 43.8]),
            ("4490", [87.6, 43.8], [87.6, 43.8]),
            // A town's own system: small numbers, the custom holds.
            ("local", [3_210.5, 8_765.4], [8_765.4, 3_210.5]),
        ] {
            let (place, axes) = ask(project, &Role::X, raw).unwrap();
            let off = (place[0] - expected[0]).hypot(place[1] - expected[1]);
            assert!(off < 1e-6, "{project} {raw:?}: {place:?}");
            assert_eq!(axes.is_custom, project == "local");
        }
    }

    #[test]
    fn values_of_another_zone_or_in_degrees_are_transformed() {
        for (project, raw) in [
            ("4538", [43.8, 87.6]),
            ("4539", [4_851_567.0, 29_548_276.9]),
            ("4490", [4_851_567.0, 29_548_276.9]),
        ] {
            let (place, axes) = ask(project, &Role::X, raw).unwrap();
            assert!(axes.source.is_some());
            let there = Transform::to_lon_lat(&parse(project).unwrap())
                .unwrap()
                .point(place)
                .unwrap();
            assert!(
                (there[0] - 87.6).abs() < 0.01 && (there[1] - 43.8).abs() < 0.01,
                "{project} {there:?}"
            );
        }
        assert!(ask("4490", &Role::X, [4_851_567.0, 548_276.9]).is_err());
    }

    #[test]
    fn named_columns_are_taken_at_their_word() {
        let (place, axes) = ask("local", &Role::Easting, [3_210.5, 8_765.4]).unwrap();
        assert!(axes.is_named && (place[0] - 3_210.5).abs() < 1e-9 && (place[1] - 8_765.4).abs() < 1e-9);
    }
}
