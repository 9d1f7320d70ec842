//! What the shell and the map say to each other. It draws nothing and decides nothing.

use std::collections::BTreeSet;

use gis_core::cartography::layers::MapDocument;
use gis_core::cartography::thematic::{ClassLook, class_looks};
use gis_core::measure::MeasureKind;
use gis_core::network::{NodeIndex, PieceIndex, PipeIndex};
use gis_core::schema::Schema;
use gis_core::{ClassIndex, Crs, Lang};

use crate::map::overlay::Overlay;
use crate::map::tiles::TileKeys;
use crate::theme::Theme;

/// Why something is highlighted; its colour is `Theme::highlight_color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter)]
pub enum HighlightRole {
    /// Identified or picked in a list.
    Selected,
    Burst,
    Isolated,
    CutOff,
    DryBefore,
    CloseValve,
    CheckValve,
    OptionalValve,
    InoperableValve,
    SourceToStop,
    Customer,
    ImportantCustomer,
    Hydrant,
    Path,
    PathEnd,
    Issue,
    /// By an engineering project.
    Added,
    Altered,
    /// To be abandoned when an engineering project is completed.
    Removed,
}

/// What the map draws above the network. Later entries lie on top of earlier ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Highlight {
    /// Rises with every change, so that the map knows when to rebuild its buffers.
    pub revision: u64,
    pub pipes: Vec<(PipeIndex, HighlightRole)>,
    pub pieces: Vec<(PieceIndex, HighlightRole)>,
    pub nodes: Vec<(NodeIndex, HighlightRole)>,
    /// Free places in the project's CRS: path ends, issues without a feature, the place of a burst.
    pub places: Vec<([f64; 2], HighlightRole)>,
}

/// What the layer tree says of whole feature classes: which are switched off, how the others are drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LayerVisibility {
    pub hidden: BTreeSet<ClassIndex>,
    /// By `ClassIndex`; a class beyond the end is drawn as usual.
    looks: Vec<ClassLook>,
}

impl LayerVisibility {
    /// What a map document makes of the classes.
    pub fn of(document: &MapDocument, schema: &Schema) -> Self {
        let looks = class_looks(document, schema);
        Self {
            hidden: schema
                .class_indices()
                .filter(|class| looks.get(usize::from(class.0)).is_some_and(|l| !l.is_visible))
                .collect(),
            looks,
        }
    }

    pub fn is_visible(&self, class: ClassIndex) -> bool {
        !self.hidden.contains(&class)
    }

    pub fn set_visible(&mut self, class: ClassIndex, is_visible: bool) {
        if is_visible {
            self.hidden.remove(&class);
        } else {
            self.hidden.insert(class);
        }
    }

    pub fn look(&self, class: ClassIndex) -> ClassLook {
        self.looks.get(usize::from(class.0)).copied().unwrap_or_default()
    }
}

/// What a click on the map means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, strum::EnumIter)]
pub enum Tool {
    /// Shows the attributes of what is clicked.
    #[default]
    Identify,
    /// Marks what bursts.
    Burst,
    /// Takes the two ends of a path.
    Path,
    /// Moves the map.
    Pan,
    /// Draws a box to fill the map with.
    ZoomBox,
    Measure(MeasureKind),
    /// Draws a stroke across pipes for a flag.
    Flag,
    /// Draws a stroke across pipes for a cross-section.
    Section,
    /// Takes the points of a dimension.
    Dimension,
    /// Moves labels, flags and dimensions.
    MoveLabel,
    /// Draws where a query looks.
    Area(AreaShape),
    /// Changes the network.
    Edit(EditTool),
}

/// What is drawn to look for features in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AreaShape {
    Point,
    Line,
    #[default]
    Box,
    Polygon,
    Circle,
}

impl AreaShape {
    /// Fewer points are no such shape.
    pub fn points_least(self) -> usize {
        match self {
            Self::Point => 1,
            Self::Line | Self::Circle => 2,
            Self::Polygon => 3,
            Self::Box => 4,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, strum::EnumIter)]
pub enum EditTool {
    #[default]
    PlaceNode,
    DrawPipe,
    MoveNode,
    Vertices,
    SplitPipe,
    /// Fills in the form of an operation.
    Gather,
}

/// What the map needs to know each frame.
#[derive(Clone, Copy)]
pub struct MapInput<'a> {
    pub highlight: &'a Highlight,
    pub layer_visibility: &'a LayerVisibility,
    /// What lies between the ground and the network, bottom up.
    pub underlays: &'a [&'a dyn Overlay],
    /// What lies over the network, bottom up.
    pub overlays: &'a [&'a dyn Overlay],
    pub theme: &'a Theme,
    /// What lies under the network, with the project's system; nothing where `None`.
    pub document: Option<(&'a MapDocument, &'a Crs)>,
    /// Keys of tile services by their names.
    pub tile_keys: &'a TileKeys,
    pub lang: Lang,
}

/// A click on the map that was not a drag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Click {
    /// In the project's CRS.
    pub project: [f64; 2],
    /// The pick radius (some 8 px) in metres on the ground.
    pub tolerance_m: f64,
    /// On the screen, for a chooser.
    pub screen: egui::Pos2,
    pub modifiers: egui::Modifiers,
}

/// What happened on the map this frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MapOutput {
    /// Place under the pointer in the project's CRS.
    pub hover: Option<[f64; 2]>,
    /// The same as longitude and latitude in degrees.
    pub hover_lon_lat: Option<[f64; 2]>,
    /// 1 : this number, at the screen's nominal resolution; 0 while nothing is shown.
    pub scale_denominator: f64,
}
