//! The map document: which layers a map has, in which order and groups, and how each is drawn. Plain data that is
//! kept with the project; it draws nothing and reads no layer.

mod document;
mod fit;
mod georeference;
mod load;
mod renderer;
mod source;
mod standard;
mod stretch;
mod style_file;
#[cfg(test)]
mod tests;
mod topographic;

pub use document::{Bookmark, Group, Layer, LayerId, LayerInTree, MapDocument, SavedView, TreeNode};
pub use georeference::{ControlPoint, Fit, Georeference, Method, Placement, Residual};
pub use load::LoadedMap;
pub use renderer::{
    Category, ClassMethod, DiagramKind, DiagramPart, DiagramZones, Look, PartSum, Renderer, Rule,
    SizeScaling, Zones,
};
pub use source::{
    ComparedIssue, Comparison, LayerSource, RasterSource, TileCrs, TileKind, TileSource, TopoIssue,
    VectorSource,
};

pub use stretch::Stretch;
pub use topographic::{TopoBook, TopoEvent, TopoMap, TopoRecord};

pub use crate::cartography::labels::LabelSettings;

/// Name of the project document that holds the map.
pub const DOCUMENT: &str = "map";
