//! In which system a layer's coordinates are, and whether they can be. It asks the coordinates where nobody
//! said, and doubts what was said where they contradict it.

use super::crs::{self, Transform};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::issue::{Issue, Severity};
use crate::text::Message;

/// The system of a layer, and whether it was guessed.
pub(super) struct Placing {
    pub(super) crs: Crs,
    pub(super) is_guessed: bool,
    pub(super) issue: Option<Issue>,
}

/// `said` is what the user or the source says; `points` are some of the layer's coordinates; `project` is the
/// system of the project, `None` while there is none yet.
///
/// # Errors
/// Degrees in a metric system or metres in a geographic one.
pub(super) fn place(
    layer: &str,
    said: Option<&Crs>,
    points: &[[f64; 2]],
    project: Option<&Crs>,
) -> Result<Placing> {
    let Some(said) = said else {
        let (crs, key) = match (guess(points), project) {
            // Without a word, what is drawn into a project is in its system, unless the numbers cannot be.
            (guessed, Some(project))
                if guessed
                    .as_ref()
                    .is_none_or(|g| g.is_geographic == project.is_geographic) =>
            {
                (project.clone(), "io.place.project_crs")
            }
            (Some(guessed), _) => (guessed, "io.place.guessed_crs"),
            (None, Some(project)) => (project.clone(), "io.place.project_crs"),
            (None, None) => (Crs::local_metric(), "io.place.local_crs"),
        };
        check(layer, &crs, points)?;
        let message = Message::new(key).with("layer", layer).with("crs", named(&crs));
        return Ok(Placing {
            crs,
            is_guessed: true,
            issue: Some(Issue::new(Severity::Warning, message).in_layer(layer)),
        });
    };
    check(layer, said, points)?;
    let issue = outside(layer, said, points);
    Ok(Placing {
        crs: said.clone(),
        is_guessed: false,
        issue,
    })
}

pub(super) fn named(crs: &Crs) -> String {
    crs.epsg
        .map_or_else(|| crs.name.clone(), |epsg| format!("{} (EPSG:{epsg})", crs.name))
}

fn most(points: &[[f64; 2]], test: impl Fn(&[f64; 2]) -> bool) -> bool {
    !points.is_empty() && points.iter().filter(|p| test(p)).count() * 10 >= points.len() * 8
}

fn are_degrees(points: &[[f64; 2]]) -> bool {
    most(points, |p| p[0].abs() <= 180.0 && p[1].abs() <= 90.0)
}

fn check(layer: &str, crs: &Crs, points: &[[f64; 2]]) -> Result<()> {
    let example = points.first().copied().unwrap_or_default();
    let wrong = |key: &'static str| {
        let hint = guess(points).map(|g| named(&g)).unwrap_or_default();
        Err(Error::bad_input(
            Message::new(key)
                .with("layer", layer)
                .with("crs", named(crs))
                .with("x", example[0])
                .with("y", example[1])
                .with("hint", hint),
        ))
    };
    // A plan around the origin is possible in a local system only.
    if !crs.is_geographic && !crs.is_local() && are_degrees(points) {
        return wrong("io.place.degrees");
    }
    if crs.is_geographic && most(points, |p| p[0].abs() > 360.0 || p[1].abs() > 90.0) {
        return wrong("io.place.metres");
    }
    Ok(())
}

/// A warning where most points lie far outside the area their system is made for.
fn outside(layer: &str, crs: &Crs, points: &[[f64; 2]]) -> Option<Issue> {
    if crs.is_local() || points.is_empty() {
        return None;
    }
    let area = crs::area_of_use(crs)?;
    let to_degrees = Transform::to_lon_lat(crs).ok()?;
    // Zones overlap by some degrees, and networks cross their borders.
    let margin_deg = 3.0;
    let is_inside = |p: [f64; 2]| {
        to_degrees.point(p).is_ok_and(|[lon, lat]| {
            (area[0] - margin_deg..=area[2] + margin_deg).contains(&lon)
                && (area[1] - margin_deg..=area[3] + margin_deg).contains(&lat)
        })
    };
    let is_outside = points.iter().filter(|p| !is_inside(**p)).count() * 10 > points.len() * 5;
    if !is_outside {
        return None;
    }
    let is_swapped = points.iter().filter(|p| is_inside([p[1], p[0]])).count() * 10 > points.len() * 8;
    let key = if is_swapped {
        "io.place.swapped"
    } else {
        "io.place.outside"
    };
    let hint = guess(points)
        .filter(|g| !g.is_same(crs))
        .map(|g| named(&g))
        .unwrap_or_default();
    let message = Message::new(key)
        .with("layer", layer)
        .with("crs", named(crs))
        .with("x", points[0][0])
        .with("y", points[0][1])
        .with("hint", hint);
    Some(
        Issue::new(Severity::Warning, message)
            .in_layer(layer)
            .at_place(points[0]),
    )
}

/// What coordinates of a Chinese network can only be in: degrees, or a zone whose number leads the easting.
fn guess(points: &[[f64; 2]]) -> Option<Crs> {
    if most(points, |p| {
        (70.0..=140.0).contains(&p[0]) && (0.0..=60.0).contains(&p[1])
    }) {
        return crs::parse("EPSG:4490").ok();
    }
    let zone_of = |p: &[f64; 2]| (p[0] / 1e6).floor() as i64;
    let zone = zone_of(points.first()?);
    let is_zone = most(points, |p| {
        zone_of(p) == zone && (p[0] - zone as f64 * 1e6 - 5e5).abs() < 4e5 && (1e6..=6e6).contains(&p[1])
    });
    let code = match zone {
        zone @ 25..=45 if is_zone => 4513 + zone - 25,
        zone @ 13..=23 if is_zone => 4491 + zone - 13,
        _ => return None,
    };
    crs::parse(&code.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crs(code: &str) -> Crs {
        crs::parse(code).unwrap()
    }

    #[test]
    fn coordinates_without_a_system_are_placed_by_their_numbers() {
        let epsg = |points: &[[f64; 2]]| place("a", None, points, None).unwrap().crs.epsg;
        assert_eq!(epsg(&[[87.6, 43.8]]), Some(4490));
        assert_eq!(epsg(&[[29_548_276.0, 4_851_567.0]]), Some(4517));
        assert_eq!(epsg(&[[1_000.0, 2_000.0]]), None);
        let project = crs("4538");
        assert_eq!(
            place("a", None, &[[548_276.0, 4_851_567.0]], Some(&project))
                .unwrap()
                .crs
                .epsg,
            Some(4538)
        );
        assert_eq!(
            place("a", None, &[[87.6, 43.8]], Some(&project))
                .unwrap()
                .crs
                .epsg,
            Some(4490)
        );
    }

    #[test]
    fn degrees_in_a_metric_system_and_metres_in_a_geographic_one_are_refused() {
        assert!(place("a", Some(&crs("4538")), &[[87.6, 43.8]], None).is_err());
        assert!(place("a", Some(&crs("4490")), &[[548_276.0, 4_851_567.0]], None).is_err());
    }

    #[test]
    fn a_place_far_outside_its_zone_is_doubted() {
        let doubt = |points: &[[f64; 2]]| {
            place("a", Some(&crs("4538")), points, None)
                .unwrap()
                .issue
                .map(|i| i.message.key().to_owned())
        };
        assert_eq!(doubt(&[[548_276.0, 4_851_567.0]]), None);
        assert_eq!(
            doubt(&[[29_548_276.0, 4_851_567.0]]).as_deref(),
            Some("io.place.outside")
        );
        assert_eq!(
            doubt(&[[4_851_567.0, 548_276.0]]).as_deref(),
            Some("io.place.swapped")
        );
    }
}
