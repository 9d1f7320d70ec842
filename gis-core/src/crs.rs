//! The coordinate reference system of a project or source, as plain data. It transforms nothing; that is
//! `io::crs`, which alone may ask GDAL and PROJ.

use serde::{Deserialize, Serialize};

/// A coordinate reference system. Coordinates are always x = easting or longitude, y = northing or latitude,
/// whatever axis order its authority gives (CGCS2000 / Gauss-Krüger officially has northing first).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Crs {
    /// EPSG code, where it has one.
    pub epsg: Option<u32>,
    pub name: String,
    /// WKT 1 as GeoPackage stores it.
    pub wkt: String,
    /// Coordinates are degrees.
    pub is_geographic: bool,
    /// Metres of one coordinate unit; of one degree at the equator where geographic.
    pub metres_per_unit: f64,
}

impl Crs {
    /// Metres on a plane of unknown place: for sources that say nothing about their CRS. Nothing can be
    /// transformed from or to it.
    pub fn local_metric() -> Self {
        Self {
            epsg: None,
            name: "Local metric".to_owned(),
            wkt: r#"LOCAL_CS["Local metric",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]"#
                .to_owned(),
            is_geographic: false,
            metres_per_unit: 1.0,
        }
    }

    pub fn is_local(&self) -> bool {
        self.wkt.starts_with("LOCAL_CS") || self.wkt.starts_with("ENGCRS")
    }

    /// Same system, so that coordinates need no transformation.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.epsg.is_some() && self.epsg == other.epsg) || self.wkt == other.wkt
    }
}
