//! A page layout as data: paper and what stands where on it, in millimetres from the upper left corner. Saved in the
//! project as the document `layout:<name>`; unknown fields and kinds of items are left alone. It draws nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::sheets::SheetScheme;
use super::surface::{Align, Area};

/// Document names of layouts in the project begin with this.
pub const DOCUMENT_PREFIX: &str = "layout:";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    pub version: u32,
    pub title: String,
    pub page: Page,
    /// First = drawn first, so lowest.
    pub items: Vec<Item>,
    /// Words for placeholders and the title block: `company`, `drawn`, `checked`, `height_datum` …
    pub values: BTreeMap<String, String>,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            version: 1,
            title: String::new(),
            page: Page::default(),
            items: Vec::new(),
            values: BTreeMap::new(),
        }
    }
}

impl Layout {
    pub fn item(&self, id: u32) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    pub fn item_mut(&mut self, id: u32) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.id == id)
    }

    /// Adds an item on top and returns its id.
    pub fn add(&mut self, place: Place, kind: ItemKind) -> u32 {
        let id = self.items.iter().map(|item| item.id).max().unwrap_or(0) + 1;
        self.items.push(Item {
            id,
            name: String::new(),
            place,
            is_hidden: false,
            is_locked: false,
            kind,
        });
        id
    }

    /// Gives ids to items that have none or one that came before.
    pub fn number_items(&mut self) {
        let mut taken = std::collections::BTreeSet::new();
        let mut next = self.items.iter().map(|item| item.id).max().unwrap_or(0) + 1;
        for item in &mut self.items {
            if item.id == 0 || !taken.insert(item.id) {
                item.id = next;
                taken.insert(next);
                next += 1;
            }
        }
    }

    /// The first map frame: what scale, sheet number and world file are about.
    pub fn main_map(&self) -> Option<(&Item, &MapItem)> {
        self.items
            .iter()
            .filter(|item| !item.is_hidden)
            .find_map(|item| match &item.kind {
                ItemKind::Map(map) => Some((item, map)),
                _ => None,
            })
    }

    pub fn main_map_mut(&mut self) -> Option<&mut MapItem> {
        self.items
            .iter_mut()
            .filter(|item| !item.is_hidden)
            .find_map(|item| match &mut item.kind {
                ItemKind::Map(map) => Some(map),
                _ => None,
            })
    }

    /// Puts the layout on another paper; items keep their place relative to the page.
    pub fn change_page(&mut self, page: Page) {
        let (old, new) = (self.page.size_mm(), page.size_mm());
        let (kx, ky) = (new[0] / old[0], new[1] / old[1]);
        for item in &mut self.items {
            let p = &mut item.place;
            let is_map = matches!(item.kind, ItemKind::Map(_) | ItemKind::Rectangle(_));
            // Distances to the nearer rim stay; maps and frames take what becomes free.
            let right = old[0] - p.x_mm - p.width_mm;
            let bottom = old[1] - p.y_mm - p.height_mm;
            if is_map {
                p.width_mm = (new[0] - p.x_mm - right).max(5.0);
                p.height_mm = (new[1] - p.y_mm - bottom).max(5.0);
            } else {
                p.x_mm = if p.x_mm > right {
                    new[0] - right - p.width_mm
                } else {
                    p.x_mm.min(p.x_mm * kx.max(1.0))
                };
                p.y_mm = if p.y_mm > bottom {
                    new[1] - bottom - p.height_mm
                } else {
                    p.y_mm.min(p.y_mm * ky.max(1.0))
                };
            }
        }
        self.page = page;
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    pub paper: Paper,
    pub orientation: Orientation,
}

impl Page {
    /// Width and height.
    pub fn size_mm(&self) -> [f64; 2] {
        let [short, long] = match self.paper {
            Paper::A0 => [841.0, 1189.0],
            Paper::A1 => [594.0, 841.0],
            Paper::A2 => [420.0, 594.0],
            Paper::A3 => [297.0, 420.0],
            Paper::A4 => [210.0, 297.0],
            Paper::Custom { width_mm, height_mm } => {
                let sane = |mm: f64| {
                    if mm.is_finite() {
                        mm.clamp(20.0, 5000.0)
                    } else {
                        297.0
                    }
                };
                return [sane(width_mm), sane(height_mm)];
            }
        };
        match self.orientation {
            Orientation::Landscape => [long, short],
            Orientation::Portrait => [short, long],
        }
    }
}

/// ISO 216 papers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub enum Paper {
    A0,
    A1,
    A2,
    #[default]
    A3,
    A4,
    #[serde(rename = "custom")]
    Custom {
        width_mm: f64,
        height_mm: f64,
    },
}

impl Paper {
    pub const STANDARD: [Self; 5] = [Self::A4, Self::A3, Self::A2, Self::A1, Self::A0];

    pub fn name(&self) -> &'static str {
        match self {
            Self::A0 => "A0",
            Self::A1 => "A1",
            Self::A2 => "A2",
            Self::A3 => "A3",
            Self::A4 => "A4",
            Self::Custom { .. } => "custom",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::STANDARD
            .into_iter()
            .find(|p| p.name().eq_ignore_ascii_case(name.trim()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    #[default]
    Landscape,
    Portrait,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    pub x_mm: f64,
    pub y_mm: f64,
    pub width_mm: f64,
    pub height_mm: f64,
}

impl Place {
    pub const fn new(x_mm: f64, y_mm: f64, width_mm: f64, height_mm: f64) -> Self {
        Self {
            x_mm,
            y_mm,
            width_mm,
            height_mm,
        }
    }

    pub fn area(&self) -> Area {
        Area::new(
            self.x_mm,
            self.y_mm,
            self.width_mm.max(0.1),
            self.height_mm.max(0.1),
        )
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    #[serde(default)]
    pub id: u32,
    /// What the user calls it; empty for the usual name of its kind.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub place: Place,
    #[serde(default)]
    pub is_hidden: bool,
    #[serde(default)]
    pub is_locked: bool,
    #[serde(flatten)]
    pub kind: ItemKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ItemKind {
    Map(MapItem),
    Legend(LegendItem),
    NorthArrow(NorthArrowItem),
    ScaleBar(ScaleBarItem),
    TitleBlock(TitleBlockItem),
    Text(TextItem),
    Table(TableItem),
    Picture(PictureItem),
    /// 接图表: the numbers of the eight sheets around.
    Neighbours(NeighboursItem),
    Rectangle(RectangleItem),
    /// A kind of a later version; kept out of sight.
    #[serde(other)]
    Unknown,
}

impl ItemKind {
    /// One of each kind that can be added, as it comes.
    pub fn all() -> Vec<Self> {
        vec![
            Self::Map(MapItem::default()),
            Self::Legend(LegendItem::default()),
            Self::NorthArrow(NorthArrowItem::default()),
            Self::ScaleBar(ScaleBarItem::default()),
            Self::TitleBlock(TitleBlockItem::default()),
            Self::Text(TextItem::default()),
            Self::Table(TableItem::default()),
            Self::Picture(PictureItem::default()),
            Self::Neighbours(NeighboursItem::default()),
            Self::Rectangle(RectangleItem::default()),
        ]
    }

    /// Name in files and in keys of the locale files.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Map(_) => "map",
            Self::Legend(_) => "legend",
            Self::NorthArrow(_) => "north_arrow",
            Self::ScaleBar(_) => "scale_bar",
            Self::TitleBlock(_) => "title_block",
            Self::Text(_) => "text",
            Self::Table(_) => "table",
            Self::Picture(_) => "picture",
            Self::Neighbours(_) => "neighbours",
            Self::Rectangle(_) => "rectangle",
            Self::Unknown => "unknown",
        }
    }

    /// Size a new one gets.
    pub fn usual_size_mm(&self) -> [f64; 2] {
        match self {
            Self::Map(_) => [180.0, 120.0],
            Self::Legend(_) => [55.0, 80.0],
            Self::NorthArrow(_) => [16.0, 20.0],
            Self::ScaleBar(_) => [70.0, 12.0],
            Self::TitleBlock(_) => [180.0, 32.0],
            Self::Text(_) => [80.0, 10.0],
            Self::Table(_) => [110.0, 60.0],
            Self::Picture(_) => [40.0, 30.0],
            Self::Neighbours(_) => [45.0, 24.0],
            Self::Rectangle(_) | Self::Unknown => [60.0, 40.0],
        }
    }
}

/// Where a map frame looks.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapPlace {
    /// The middle of the whole network.
    #[default]
    Whole,
    /// In the project's CRS.
    Centre([f64; 2]),
    /// The sheet with that number.
    Sheet(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MapItem {
    pub at: MapPlace,
    /// `None` takes the round scale at which the whole network fits.
    pub denominator: Option<f64>,
    /// Clockwise turn of the map.
    pub rotation_deg: f64,
    pub grid: Grid,
    pub scheme: SheetScheme,
    /// Draws the border of the sheet that the frame shows.
    pub has_sheet_border: bool,
    /// Widths and symbols against their size on the screen.
    pub symbol_scale: f64,
    pub has_labels: bool,
    /// Arrows that say which way water runs.
    pub has_flow_arrows: bool,
    pub frame_mm: f64,
    /// Keys of classes that are left out.
    pub hidden_classes: Vec<String>,
}

impl Default for MapItem {
    fn default() -> Self {
        Self {
            at: MapPlace::Whole,
            denominator: None,
            rotation_deg: 0.0,
            grid: Grid::default(),
            scheme: SheetScheme::Square,
            has_sheet_border: false,
            symbol_scale: 1.0,
            has_labels: true,
            has_flow_arrows: false,
            frame_mm: 0.3,
            hidden_classes: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Grid {
    pub kind: GridKind,
    /// Distance on the ground in metres; `None` for ten centimetres on paper or a little more.
    pub step_m: Option<f64>,
    pub has_coordinates: bool,
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            kind: GridKind::Crosses,
            step_m: None,
            has_coordinates: true,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridKind {
    None,
    /// 10 mm crosses, as GB/T 20257.1 draws them.
    #[default]
    Crosses,
    Lines,
    /// Only at the rim.
    Ticks,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LegendItem {
    pub columns: u8,
    pub size_mm: f64,
    pub has_frame: bool,
}

impl Default for LegendItem {
    fn default() -> Self {
        Self {
            columns: 1,
            size_mm: 3.0,
            has_frame: true,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NorthArrowItem {}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScaleBarItem {
    pub size_mm: f64,
}

impl Default for ScaleBarItem {
    fn default() -> Self {
        Self { size_mm: 3.0 }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TitleBlockItem {
    pub size_mm: f64,
    /// Placeholders without braces, in reading order, two columns.
    pub fields: Vec<String>,
}

impl Default for TitleBlockItem {
    fn default() -> Self {
        let fields = [
            "company",
            "sheet",
            "drawn",
            "scale",
            "checked",
            "crs",
            "date",
            "height_datum",
        ];
        Self {
            size_mm: 3.0,
            fields: fields.map(str::to_owned).to_vec(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextItem {
    /// With placeholders such as `{title}`, `{sheet}`, `{scale}`, `{date}`.
    pub text: String,
    pub size_mm: f64,
    pub align: Align,
}

impl Default for TextItem {
    fn default() -> Self {
        Self {
            text: "{title}".to_owned(),
            size_mm: 5.0,
            align: Align::Centre,
        }
    }
}

/// A table of the features in the main frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableItem {
    /// Key of the class; pipes unless another is named.
    pub class: String,
    pub size_mm: f64,
}

impl Default for TableItem {
    fn default() -> Self {
        Self {
            class: "pipe".to_owned(),
            size_mm: 2.6,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureItem {
    /// PNG or JPEG.
    pub path: String,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NeighboursItem {}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RectangleItem {
    pub line_mm: f64,
}

impl Default for RectangleItem {
    fn default() -> Self {
        Self { line_mm: 0.6 }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "sizes and corners are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_layout_reads_what_it_wrote_and_what_later_versions_write() {
        let mut layout = Layout::default();
        for kind in ItemKind::all() {
            layout.add(Place::new(1.0, 2.0, 3.0, 4.0), kind);
        }
        let text = serde_json::to_string(&layout).unwrap();
        assert_eq!(serde_json::from_str::<Layout>(&text).unwrap(), layout);
        let later = r#"{"version":9,"glow":true,"items":[{"type":"hologram","id":1,"place":{"x_mm":1}},
            {"type":"text","text":"天池","font":"x"}]}"#;
        let mut later: Layout = serde_json::from_str(later).unwrap();
        assert_eq!(later.items[0].kind, ItemKind::Unknown);
        later.number_items();
        assert_eq!(later.items.iter().map(|i| i.id).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn papers_have_the_sizes_of_iso_216() {
        let page = |paper, orientation| Page { paper, orientation }.size_mm();
        assert_eq!(page(Paper::A0, Orientation::Portrait), [841.0, 1189.0]);
        assert_eq!(page(Paper::A3, Orientation::Landscape), [420.0, 297.0]);
        let custom = Paper::Custom {
            width_mm: f64::NAN,
            height_mm: 1e9,
        };
        assert_eq!(page(custom, Orientation::Landscape), [297.0, 5000.0]);
        assert_eq!(Paper::from_name("a2"), Some(Paper::A2));
    }

    #[test]
    fn on_a_larger_paper_the_map_grows_and_the_rest_keeps_its_rim() {
        let mut layout = Layout::default();
        layout.page.paper = Paper::A4;
        let map = layout.add(
            Place::new(10.0, 10.0, 277.0, 150.0),
            ItemKind::Map(MapItem::default()),
        );
        let block = layout.add(
            Place::new(187.0, 170.0, 100.0, 30.0),
            ItemKind::TitleBlock(TitleBlockItem::default()),
        );
        layout.change_page(Page {
            paper: Paper::A3,
            orientation: Orientation::Landscape,
        });
        assert_eq!(
            layout.item(map).unwrap().place,
            Place::new(10.0, 10.0, 400.0, 237.0)
        );
        assert_eq!(
            layout.item(block).unwrap().place,
            Place::new(310.0, 257.0, 100.0, 30.0)
        );
    }
}
