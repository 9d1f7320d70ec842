//! Coordinate systems by EPSG code, WKT or PROJ string, and transformation between them. It keeps no list of
//! its own beyond what is offered first; PROJ knows the rest.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};

use super::quiet;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::text::Message;

/// Of a degree of the CGCS2000 and WGS 84 equator.
const METRES_PER_DEGREE: f64 = 111_319.490_793_273_57;

/// A coordinate system to choose from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CrsChoice {
    pub epsg: u32,
    pub name: String,
}

/// `EPSG:4538`, `4538`, WKT or a PROJ string.
pub fn parse(definition: &str) -> Result<Crs> {
    from_spatial_ref(&spatial_ref(definition)?)
        .ok_or_else(|| Error::bad_input(Message::new("io.crs.unusable").with("found", shortened(definition))))
}

/// The systems of Chinese practice, CGCS2000 and its 3-degree Gauss-Krüger zones first.
pub fn offered() -> Vec<CrsChoice> {
    // CGCS2000: degrees, 3-degree zones, 6-degree zones; WGS 84; Xian 1980; Beijing 1954; UTM over China.
    let codes = std::iter::once(4490)
        .chain(4513..=4554)
        .chain(4491..=4512)
        .chain([4326, 3857, 4610, 4214])
        .chain(2349..=2390)
        .chain(2401..=2442)
        .chain(32643..=32653);
    quiet::start();
    codes
        .filter_map(|epsg| {
            Some(CrsChoice {
                epsg,
                name: SpatialRef::from_epsg(epsg).ok()?.name()?,
            })
        })
        .collect()
}

/// The system GDAL reports for a layer; `None` where it cannot be written as WKT.
pub(super) fn from_spatial_ref(system: &SpatialRef) -> Option<Crs> {
    let wkt = system.to_wkt().ok().filter(|wkt| !wkt.is_empty())?;
    let is_geographic = system.is_geographic();
    let unit = system.linear_units();
    Some(Crs {
        epsg: epsg_of(system, &wkt),
        name: system.name().unwrap_or_default(),
        metres_per_unit: match is_geographic {
            true => METRES_PER_DEGREE,
            false if unit.is_finite() && unit > 0.0 => unit,
            false => 1.0,
        },
        is_geographic,
        wkt,
    })
}

/// The code the system carries, or that of the CGCS2000 zone it describes (ESRI's .prj carries none).
fn epsg_of(system: &SpatialRef, wkt: &str) -> Option<u32> {
    let own = system
        .authority()
        .ok()
        .and_then(|a| a.strip_prefix("EPSG:")?.parse().ok());
    if own.is_some() {
        return own;
    }
    let plain: String = wkt.chars().filter(char::is_ascii_alphanumeric).collect();
    if !plain.contains("China2000") && !plain.contains("CGCS2000") {
        return None;
    }
    let looked_for = system.to_proj4().ok()?;
    // A 6-degree zone can be the same projection; the 3-degree one is what networks are drawn in.
    std::iter::once(4490)
        .chain(4513..=4554)
        .chain(4491..=4512)
        .find(|epsg| {
            SpatialRef::from_epsg(*epsg)
                .and_then(|s| s.to_proj4())
                .is_ok_and(|found| found == looked_for)
        })
}

/// With x = easting or longitude.
pub(super) fn spatial_ref(definition: &str) -> Result<SpatialRef> {
    quiet::start();
    let definition = definition.trim();
    let is_code = !definition.is_empty() && definition.bytes().all(|b| b.is_ascii_digit());
    let unknown = || Error::bad_input(Message::new("io.crs.unknown").with("found", shortened(definition)));
    // A file name or address would be opened by GDAL; only definitions are meant.
    if definition.is_empty() || definition.contains("://") || std::path::Path::new(definition).is_file() {
        return Err(unknown());
    }
    let parsed = if is_code {
        SpatialRef::from_definition(&format!("EPSG:{definition}"))
    } else {
        SpatialRef::from_definition(definition)
    };
    quiet::take_heard();
    let mut system = parsed.map_err(|_| unknown())?;
    system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(system)
}

/// `[west, south, east, north]` in degrees; `None` where PROJ knows no area.
pub(super) fn area_of_use(crs: &Crs) -> Option<[f64; 4]> {
    let by_code = crs
        .epsg
        .and_then(|epsg| SpatialRef::from_epsg(epsg).ok())
        .and_then(|s| s.area_of_use());
    let area = by_code.or_else(|| of_crs(crs).ok()?.area_of_use())?;
    // Across the date line nothing can be said so simply.
    (area.west_lon_degree < area.east_lon_degree).then_some([
        area.west_lon_degree,
        area.south_lat_degree,
        area.east_lon_degree,
        area.north_lat_degree,
    ])
}

fn of_crs(crs: &Crs) -> Result<SpatialRef> {
    spatial_ref(&crs.wkt)
}

fn shortened(definition: &str) -> String {
    let mut text: String = definition.chars().take(60).collect();
    if text.len() < definition.len() {
        text.push('…');
    }
    text
}

/// From one system to another; coordinates are x, y in both. Heights are left as they are.
#[derive(Debug)]
pub struct Transform {
    /// `None` where both systems are the same.
    inner: Option<CoordTransform>,
    from: String,
    to: String,
}

impl Transform {
    /// # Errors
    /// A local system has no place on earth: nothing leads from or to it but itself.
    pub fn new(from: &Crs, to: &Crs) -> Result<Self> {
        let (from_name, to_name) = (from.name.clone(), to.name.clone());
        if from.is_same(to) {
            return Ok(Self {
                inner: None,
                from: from_name,
                to: to_name,
            });
        }
        let none = |reason: String| {
            Error::bad_input(
                Message::new("io.crs.no_transformation")
                    .with("from", &from.name)
                    .with("to", &to.name)
                    .with("reason", reason),
            )
        };
        if from.is_local() || to.is_local() {
            return Err(none(String::new()));
        }
        let inner = CoordTransform::new(&of_crs(from)?, &of_crs(to)?).map_err(|e| none(quiet::reason(&e)))?;
        Ok(Self {
            inner: Some(inner),
            from: from_name,
            to: to_name,
        })
    }

    /// To EPSG:3857, the system of web maps.
    pub fn to_web_mercator(from: &Crs) -> Result<Self> {
        Self::new(from, &parse("EPSG:3857")?)
    }

    /// To longitude and latitude in degrees (EPSG:4326).
    pub fn to_lon_lat(from: &Crs) -> Result<Self> {
        Self::new(from, &parse("EPSG:4326")?)
    }

    pub fn is_identity(&self) -> bool {
        self.inner.is_none()
    }

    /// # Errors
    /// The point lies outside what the transformation can reach, or is not finite.
    pub fn point(&self, point: [f64; 2]) -> Result<[f64; 2]> {
        let mut points = [point];
        self.points(&mut points)?;
        Ok(points[0])
    }

    /// All points or none: on error they are as they were.
    pub fn points(&self, points: &mut [[f64; 2]]) -> Result<()> {
        if self.inner.is_none() || points.is_empty() {
            return Ok(());
        }
        let mut x: Vec<f64> = points.iter().map(|p| p[0]).collect();
        let mut y: Vec<f64> = points.iter().map(|p| p[1]).collect();
        self.columns(&mut x, &mut y)?;
        for (point, (x, y)) in points.iter_mut().zip(x.iter().zip(&y)) {
            *point = [*x, *y];
        }
        Ok(())
    }

    /// Coordinates in two columns of the same length, in place.
    pub(super) fn columns(&self, x: &mut [f64], y: &mut [f64]) -> Result<()> {
        let Some(inner) = &self.inner else { return Ok(()) };
        let first = x.first().copied().zip(y.first().copied());
        let done = inner.transform_coords(x, y, &mut []);
        let is_finite = x.iter().chain(y.iter()).all(|v| v.is_finite());
        if done.is_ok() && is_finite {
            return Ok(());
        }
        quiet::take_heard();
        let (x, y) = first.unwrap_or((f64::NAN, f64::NAN));
        Err(Error::bad_input(
            Message::new("io.crs.outside")
                .with("x", x)
                .with("y", y)
                .with("from", &self.from)
                .with("to", &self.to),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: [f64; 2], b: [f64; 2], tolerance: f64) -> bool {
        (a[0] - b[0]).abs() <= tolerance && (a[1] - b[1]).abs() <= tolerance
    }

    #[test]
    fn x_is_easting_although_cgcs2000_zones_have_northing_first() {
        let zone = parse("EPSG:4538").unwrap();
        assert_eq!(zone.epsg, Some(4538));
        assert!(!zone.is_geographic && (zone.metres_per_unit - 1.0).abs() < 1e-12);
        let from_degrees = Transform::new(&parse("4490").unwrap(), &zone).unwrap();
        let place = from_degrees.point([87.6, 43.8]).unwrap();
        assert!(near(place, [548_276.9, 4_851_567.0], 1_000.0), "{place:?}");
        let back = Transform::to_lon_lat(&zone).unwrap().point(place).unwrap();
        assert!(near(back, [87.6, 43.8], 1e-6), "{back:?}");
        let mercator = Transform::to_web_mercator(&zone).unwrap().point(place).unwrap();
        assert!(
            near(mercator, [9_751_587.0, 5_433_000.0], 5_000.0),
            "{mercator:?}"
        );
    }

    #[test]
    fn the_zones_of_cgcs2000_are_offered_first() {
        let codes: Vec<u32> = offered().iter().map(|c| c.epsg).collect();
        assert_eq!(codes[0], 4490);
        assert_eq!(codes[1..=42], (4513..=4554).collect::<Vec<_>>());
        assert!(codes.contains(&4326));
    }

    #[test]
    fn an_esri_projection_file_is_recognised_as_its_zone() {
        let wkt = r#"PROJCS["CGCS2000_3_Degree_GK_CM_87E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",
            DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],
            UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],
            PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",87.0],PARAMETER["Scale_Factor",1.0],
            PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
        assert_eq!(parse(wkt).unwrap().epsg, Some(4538));
    }

    #[test]
    fn nonsense_is_refused_with_what_was_found() {
        for nonsense in [
            "",
            "  ",
            "EPSG:999999",
            "somewhere",
            "https://example.org/x",
            "/etc/hostname",
        ] {
            assert!(matches!(parse(nonsense), Err(Error::BadInput(_))), "{nonsense}");
        }
    }

    #[test]
    fn nothing_leads_from_a_local_system_to_another() {
        let local = Crs::local_metric();
        assert!(local.is_local());
        assert!(Transform::new(&local, &local).unwrap().is_identity());
        assert!(Transform::new(&local, &parse("4490").unwrap()).is_err());
        assert!(parse(&local.wkt).is_ok_and(|c| c.is_local() && !c.is_geographic));
    }

    #[test]
    fn points_that_cannot_be_reached_are_an_error_and_stay_as_they_were() {
        let t = Transform::new(&parse("4490").unwrap(), &parse("4538").unwrap()).unwrap();
        let mut points = [[87.0, 43.0], [f64::NAN, 1.0]];
        assert!(t.points(&mut points).is_err());
        assert!((points[0][0] - 87.0).abs() < 1e-12);
    }
}
