//! How the network looks on paper and on the screen: styles as data, pictures without a window.
//! It knows nothing of windows or graphics cards; the map in the window reads the same styles.

pub mod backdrop;
pub mod chunks;
mod colour;
pub mod labels;
pub mod layers;
pub mod overview;
pub mod pick;
mod place;
mod quick_place;
pub mod render;
mod shape;
pub mod sketch_mesh;
pub mod style;
mod style_changes;
mod style_file;
pub mod symbol_art;
pub mod thematic;

pub use colour::{Rgba, Theme, Themed};
pub use place::WebPlace;
pub(crate) use place::project_points;
pub use quick_place::QuickPlace;
pub use shape::Shape;
pub use style::{
    ColourBy, DeviceStyle, DiameterStyle, Highlight, HighlightStyle, NodeSymbol, PipeLook, PipeStyle,
    StyleSet,
};
pub use style_changes::StyleChanges;
pub use symbol_art::SymbolAtlas;
