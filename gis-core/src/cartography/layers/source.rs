//! Where a layer's content comes from: a class of the project, tiles, an image, a file of another format.

use serde::{Deserialize, Serialize};

use super::{Georeference, Stretch};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LayerSource {
    /// A feature class of the project, by its schema key.
    Class {
        class: String,
    },
    Tiles(TileSource),
    Raster(RasterSource),
    Vector(VectorSource),
    /// Of a later version of the program: kept, not shown.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

impl Default for LayerSource {
    fn default() -> Self {
        Self::Unknown(serde_json::Value::Null)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TileKind {
    /// `{z}/{x}/{y}` counted from the north-west.
    #[default]
    Xyz,
    /// A WMTS address with `{z}`, `{x}`, `{y}` in place of TileMatrix, TileCol and TileRow.
    Wmts,
    Mbtiles,
    Pmtiles,
    /// A folder `z/x/y.png`.
    Folder,
}

/// The grid that tiles are cut in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TileCrs {
    #[default]
    WebMercator,
    /// Degrees (EPSG:4490), as Tianditu's `_c` layers.
    GeodeticCgcs2000,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TileSource {
    pub kind: TileKind,
    /// A template with `{z}`, `{x}`, `{y}` or `{-y}`, `{s}`, `{key}`; or a path.
    pub location: String,
    /// What `{s}` stands for, in turn.
    pub subdomains: Vec<String>,
    /// Name of the key in the user's settings; the key itself is never kept with a project.
    pub key_name: Option<String>,
    pub attribution: String,
    pub min_zoom: u8,
    pub max_zoom: u8,
    pub tile_size: u16,
    pub crs: TileCrs,
}

impl Default for TileSource {
    fn default() -> Self {
        Self {
            kind: TileKind::default(),
            location: String::new(),
            subdomains: Vec::new(),
            key_name: None,
            attribution: String::new(),
            min_zoom: 0,
            max_zoom: 18,
            tile_size: 256,
            crs: TileCrs::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RasterSource {
    pub path: String,
    /// How it lies, where the file does not say.
    pub georeference: Option<Georeference>,
    /// Bands drawn as red, green and blue, counted from 1.
    pub bands: Option<[u16; 3]>,
    pub nodata: Option<f64>,
    pub stretch: Stretch,
    /// -1 to 1; 0 leaves it as it is.
    pub brightness: f32,
    /// 0 to 4; 1 leaves it as it is.
    pub contrast: f32,
}

impl Default for RasterSource {
    fn default() -> Self {
        Self {
            path: String::new(),
            georeference: None,
            bands: None,
            nodata: None,
            stretch: Stretch::default(),
            brightness: 0.0,
            contrast: 1.0,
        }
    }
}

/// A file that GDAL reads, shown as it is and not imported.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VectorSource {
    pub path: String,
    /// The layer within the file; the first where `None`.
    pub layer: Option<String>,
    /// Text encoding, where the file does not say or says it wrongly.
    pub encoding: Option<String>,
    /// Areas are not filled.
    pub is_outline_only: bool,
    /// The column written beside each feature.
    pub label_column: Option<String>,
    pub topographic: Option<TopoIssue>,
}

impl VectorSource {
    /// The other issue of the map that this one is compared with.
    pub fn compared(&self) -> Option<(Self, Comparison)> {
        let topographic = self.topographic.as_ref()?;
        let compared = topographic.compared.as_ref()?;
        let other = Self {
            path: compared.path.clone(),
            topographic: Some(TopoIssue {
                issue: compared.issue.clone(),
                ..topographic.alone()
            }),
            ..self.clone()
        };
        Some((other, compared.how))
    }

    /// Without the issue it is compared with.
    #[must_use]
    pub fn alone(&self) -> Self {
        Self {
            topographic: self.topographic.as_ref().map(TopoIssue::alone),
            ..self.clone()
        }
    }
}

/// How two issues of a map are looked at together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The layer's own issue only.
    New,
    /// The other issue only.
    Old,
    /// What only one of them has in colours of its own.
    #[default]
    Colours,
    /// The other issue left of this part of the map's width.
    Swipe(f32),
}

/// The issue of a map that the one shown is compared with.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ComparedIssue {
    pub issue: String,
    pub path: String,
    pub how: Comparison,
}

/// Which issue of a topographic base map a vector layer is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TopoIssue {
    /// The map that the issues belong to.
    pub map: String,
    /// E.g. `2024-06`.
    pub issue: String,
    /// Milliseconds since 1970.
    pub added_unix_ms: u64,
    pub is_current: bool,
    pub compared: Option<ComparedIssue>,
}

impl TopoIssue {
    fn alone(&self) -> Self {
        Self {
            compared: None,
            ..self.clone()
        }
    }
}
