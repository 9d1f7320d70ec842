//! Draws a page: every item of a layout in its order on any surface. What is on the map comes from a network snapshot and
//! the styles of the map; nothing here knows the file that it becomes.

mod arrows;
mod furniture;
mod grid;
mod ground;
mod legend;
mod network;
mod resolve;
mod tables;
mod themes;
mod words;
mod writings;

use std::collections::BTreeMap;

pub(super) use resolve::border_of;
pub use resolve::{FrameContent, frame_content};
pub use words::fill;

use self::network::{MapContent, symbol_scale};
use self::themes::ThemePen;
use super::Dressing;
use super::frame::FrameView;
use super::model::{Item, ItemKind, Layout, MapItem};
use super::surface::{Align, Area, LayerName, Outline, Stroke, Surface, TextRun, TypeFace};
use crate::cartography::thematic::{NetworkLook, ThemedMap};
use crate::cartography::{Rgba, StyleSet, Theme};
use crate::crs::Crs;
use crate::error::Result;
use crate::issue::Issues;
use crate::network::Network;
use crate::progress::Progress;
use crate::schema::Schema;
use crate::text::{Lang, translate};

/// What a page is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub network: &'a Network,
    pub schema: &'a Schema,
    pub styles: &'a StyleSet,
    pub crs: &'a Crs,
    pub lang: Lang,
    /// Light for paper; dark for pictures on a dark screen.
    pub theme: Theme,
    /// Words for placeholders that the layout does not give: `project`, `date`, `company` …
    pub values: &'a BTreeMap<String, String>,
    pub face: &'a TypeFace,
    /// Layers, pictures and writings of the project; the plain network where `None`.
    pub dressing: Option<&'a Dressing>,
}

impl Scene<'_> {
    pub(super) fn say(&self, key: &'static str) -> String {
        translate(key, self.lang)
    }

    pub(super) fn ink(&self) -> Rgba {
        self.styles.text(self.theme)
    }

    /// Colour of the empty page: white paper, or the ground of the dark map.
    pub fn paper(&self) -> Rgba {
        match self.theme {
            Theme::Light => Rgba::WHITE,
            Theme::Dark => self.styles.ground(self.theme),
        }
    }

    fn themed(&self) -> Option<&ThemedMap> {
        self.dressing.map(|dressing| &dressing.themed)
    }

    /// What the layers of the map make of every feature.
    fn look(&self) -> Option<&NetworkLook> {
        self.themed().map(|themed| &themed.look)
    }

    pub(super) fn material(&self, index: usize) -> Option<&crate::schema::DictionaryEntry> {
        self.schema.dictionary("material")?.entries.get(index)
    }
}

/// What a drawn page tells of itself.
#[derive(Debug, Clone, Default)]
pub struct DrawnPage {
    /// The main map frame, for world files and drawings in ground coordinates.
    pub main: Option<FrameView>,
    /// What should be on the page and is not.
    pub issues: Issues,
}

/// Draws one page.
///
/// # Errors
/// `BadInput` for a sheet number that is none, `Cancelled`.
pub fn draw_page(
    layout: &Layout,
    scene: &Scene<'_>,
    surface: &mut dyn Surface,
    progress: &dyn Progress,
) -> Result<DrawnPage> {
    let mut maps: BTreeMap<u32, (FrameContent, MapContent)> = BTreeMap::new();
    for item in layout.items.iter().filter(|item| !item.is_hidden) {
        if let ItemKind::Map(map) = &item.kind {
            progress.check()?;
            let frame = frame_content(item.place.area(), map, scene)?;
            let content = MapContent::gather(scene, &frame.view, map);
            maps.insert(item.id, (frame, content));
        }
    }
    let main = layout.main_map().and_then(|(item, _)| maps.get(&item.id));
    let values = words::values(layout, scene, main.map(|(frame, _)| frame));
    let [width, height] = layout.page.size_mm();
    surface.begin_page(width, height);
    if scene.theme == Theme::Dark {
        surface.fill(
            &Outline::rectangle(Area::new(0.0, 0.0, width, height)),
            scene.paper(),
        );
    }
    let mut drawn = DrawnPage {
        main: main.map(|(frame, _)| frame.view),
        issues: Issues::default(),
    };
    let page = PageDrawing {
        scene,
        values,
        maps: &maps,
        main: main.map(|(frame, _)| frame),
        progress,
    };
    for item in layout.items.iter().filter(|item| !item.is_hidden) {
        progress.check()?;
        match &item.kind {
            ItemKind::Map(map) => drawn.issues.extend(page.map(item, map, surface)?),
            _ => page.furniture(item, surface),
        }
    }
    Ok(drawn)
}

struct PageDrawing<'a> {
    scene: &'a Scene<'a>,
    values: BTreeMap<String, String>,
    maps: &'a BTreeMap<u32, (FrameContent, MapContent)>,
    main: Option<&'a FrameContent>,
    progress: &'a dyn Progress,
}

impl PageDrawing<'_> {
    /// A map frame from below: what lies under the network, the network, what lies over it, the grid.
    fn map(&self, item: &Item, map: &MapItem, surface: &mut dyn Surface) -> Result<Issues> {
        let mut issues = Issues::default();
        let Some((frame, content)) = self.maps.get(&item.id) else {
            return Ok(issues);
        };
        let (scene, view) = (self.scene, &frame.view);
        let pen = ThemePen {
            scene,
            frame: view,
            mm: themes::mm_of(symbol_scale(map)),
        };
        if let Some(dressing) = scene.dressing {
            issues = ground::draw(scene, &dressing.backdrop, view, pen.mm, surface, self.progress)?;
            pen.densities(&dressing.themed, surface);
        }
        content.draw_pipes(scene, view, map, surface);
        content.draw_nodes(scene, view, map, surface);
        if let Some(dressing) = scene.dressing {
            pen.dots_and_charts(&dressing.themed, surface);
            if map.has_labels {
                writings::draw(scene, dressing, view, symbol_scale(map), surface);
            }
        }
        let area = item.place.area();
        grid::draw(&Pen { scene, area }, frame, map, surface);
        Ok(issues)
    }

    fn furniture(&self, item: &Item, surface: &mut dyn Surface) {
        let area = item.place.area();
        let pen = Pen {
            scene: self.scene,
            area,
        };
        let title = self.scene.say("layout.layer.page");
        surface.begin_layer(LayerName {
            key: "page",
            title: &title,
        });
        match &item.kind {
            ItemKind::Legend(legend) => {
                let maps: Vec<_> = self
                    .maps
                    .values()
                    .map(|(frame, content)| (&content.shown, frame.view.denominator))
                    .collect();
                legend::draw(&pen, legend, &maps, surface);
            }
            ItemKind::NorthArrow(_) => {
                furniture::north_arrow(&pen, self.main.map_or(0.0, |f| f.view.rotation_rad), surface);
            }
            ItemKind::ScaleBar(bar) => {
                if let Some(frame) = self.main {
                    furniture::scale_bar(&pen, bar, frame.view.denominator, surface);
                }
            }
            ItemKind::TitleBlock(block) => tables::title_block(&pen, block, &self.values, surface),
            ItemKind::Text(text) => furniture::text(&pen, text, &self.values, surface),
            ItemKind::Table(table) => {
                if let Some(frame) = self.main {
                    tables::features(&pen, table, &frame.view, surface);
                }
            }
            ItemKind::Picture(picture) => furniture::picture(&pen, picture, surface),
            ItemKind::Neighbours(_) => {
                tables::neighbours(&pen, self.main.and_then(|f| f.sheet.as_ref()), surface);
            }
            ItemKind::Rectangle(rectangle) => surface.stroke(
                &Outline::rectangle(area),
                &Stroke::solid(self.scene.ink(), rectangle.line_mm.clamp(0.05, 10.0)),
            ),
            ItemKind::Map(_) | ItemKind::Unknown => {}
        }
        surface.end_layer();
    }
}

/// What the drawing of one item needs: the scene and the item's place.
struct Pen<'a> {
    scene: &'a Scene<'a>,
    area: Area,
}

impl Pen<'_> {
    fn words(&self, surface: &mut dyn Surface, text: &str, at: [f64; 2], size_mm: f64, align: Align) {
        surface.text(&TextRun {
            text,
            at,
            size_mm,
            angle_rad: 0.0,
            align,
            colour: self.scene.ink(),
            halo: None,
        });
    }

    /// Text that keeps within a width.
    fn fitted(
        &self,
        surface: &mut dyn Surface,
        text: &str,
        at: [f64; 2],
        size_mm: f64,
        (align, limit): (Align, f64),
    ) {
        let text = self.scene.face.fitted(text, size_mm, limit);
        self.words(surface, &text, at, size_mm, align);
    }

    fn line(&self, surface: &mut dyn Surface, points: &[[f64; 2]], width_mm: f64) {
        surface.stroke(&Outline::line(points), &Stroke::solid(self.scene.ink(), width_mm));
    }

    fn frame(&self, surface: &mut dyn Surface, area: Area, width_mm: f64) {
        surface.stroke(
            &Outline::rectangle(area),
            &Stroke::solid(self.scene.ink(), width_mm),
        );
    }
}
