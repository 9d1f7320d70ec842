//! How an image without coordinates of its own lies on the map.

use serde::{Deserialize, Serialize};

/// An affine placing, with the points it was found from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Georeference {
    /// GDAL's six numbers: x = a[0] + a[1]·column + a[2]·row, y = a[3] + a[4]·column + a[5]·row.
    pub affine: [f64; 6],
}
