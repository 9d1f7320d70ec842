//! One layer of tiles as it is drawn: which tiles a view needs, and what stands in for those still to come. It
//! fetches nothing itself.

use std::sync::Arc;

use egui::Painter;
use gis_core::Message;
use gis_core::cartography::chunks::View;
use walkers::TileId;

use super::grid::{ancestor, children};
use super::quads::draw_quad;
use super::source::PictureTiles;
use super::store::{Look, TileStore};
use crate::map::camera::Camera;

/// How many levels up a stand-in is looked for.
const MOST_LEVELS_UP: u8 = 8;
/// Before the tiles of a level those so many levels above are asked for, which fill the view at once.
const COARSE_FIRST: u8 = 3;

/// Tiles of one source on the map.
pub struct TileLayer {
    store: TileStore,
    /// 0 to 1.
    pub opacity: f32,
    is_loading: bool,
    attribution: String,
}

impl TileLayer {
    pub fn new(source: Arc<dyn PictureTiles>, ctx: &egui::Context) -> Self {
        Self {
            attribution: source.attribution(),
            store: TileStore::new(source, ctx),
            opacity: 1.0,
            is_loading: false,
        }
    }

    /// Who made it.
    pub fn attribution(&self) -> &str {
        &self.attribution
    }

    /// Tiles in view are still to come.
    pub fn is_loading(&self) -> bool {
        self.is_loading
    }

    /// Bytes on the graphics card.
    pub fn gpu_bytes(&self) -> usize {
        self.store.bytes()
    }

    /// What the user should be told; each trouble is told once.
    pub fn take_notice(&self) -> Option<Message> {
        self.store.take_notice()
    }

    /// What keeps pictures from coming at present.
    pub fn trouble(&self) -> Option<Message> {
        self.store.source().trouble()
    }

    /// Drawn coarser than it could be.
    pub fn wants_pyramids(&self) -> bool {
        self.store.source().wants_pyramids()
    }

    /// Mercator metres; `None` where the source covers the world or does not say.
    pub fn bbox(&self) -> Option<[f64; 4]> {
        self.store.source().facts().bbox
    }

    /// Asks for everything again.
    pub fn refresh(&mut self) {
        self.store.forget_all();
    }

    /// Draws what is here and asks for what is not. `px_per_point` decides how sharp it must be.
    pub fn draw(&mut self, painter: &Painter, camera: &Camera, px_per_point: f32) {
        self.store.begin_frame();
        let mut wanted = Wanted::default();
        if self.opacity > 0.0 {
            let view = camera.view();
            for id in self.tiles_in_view(&view, px_per_point) {
                self.draw_tile(painter, camera, id, &mut wanted);
            }
        }
        self.is_loading = self.store.end_frame(wanted.in_order());
    }

    fn tiles_in_view(&self, view: &View, px_per_point: f32) -> Vec<TileId> {
        let facts = &self.store.facts;
        if facts.bbox.is_some_and(|bbox| !view.meets(bbox)) {
            return Vec::new();
        }
        let metres_per_px = view.metres_per_px / f64::from(px_per_point.clamp(1.0, 2.0));
        let level = facts
            .grid
            .level_for(metres_per_px, f64::from(facts.tile_px))
            .clamp(facts.min_level, facts.max_level);
        let mut tiles = facts.grid.tiles_in(level, view);
        if let Some(b) = facts.bbox {
            tiles.retain(|id| {
                let t = facts.grid.bbox(*id);
                t[0] < b[2] && t[2] > b[0] && t[1] < b[3] && t[3] > b[1]
            });
        }
        tiles
    }

    /// The tile, or what stands in for it.
    fn draw_tile(&mut self, painter: &Painter, camera: &Camera, id: TileId, wanted: &mut Wanted) {
        let grid = self.store.facts.grid;
        let patch = grid.patch(id);
        let whole = [0.0, 0.0, 1.0];
        let state = self.store.look(id);
        if let Look::Here(texture) = state {
            draw_quad(painter, camera, &patch, texture, whole, self.opacity);
            return;
        }
        if state == Look::Wanted {
            wanted.fine.push(id);
        }
        let mut is_asked = state == Look::Wanted;
        let mut is_covered = false;
        for levels in 1..=MOST_LEVELS_UP {
            let Some((above, part)) = ancestor(id, levels) else {
                break;
            };
            if above.zoom < self.store.facts.min_level {
                break;
            }
            match self.store.look(above) {
                Look::Here(texture) => {
                    draw_quad(painter, camera, &patch, texture, part, self.opacity);
                    is_covered = true;
                    break;
                }
                // Where the source has no tile, the one above is asked for; one on its way is waited for.
                Look::Wanted if !is_asked => {
                    wanted.fine.push(above);
                    is_asked = true;
                }
                Look::Wanted if levels == COARSE_FIRST => wanted.coarse.push(above),
                _ => {}
            }
        }
        // After zooming out the finer tiles are still here. Over a see-through stand-in they would be doubled.
        if !is_covered || self.opacity >= 1.0 {
            for child in children(id) {
                if let Look::Here(texture) = self.store.look(child) {
                    draw_quad(painter, camera, &grid.patch(child), texture, whole, self.opacity);
                }
            }
        }
    }
}

/// Tiles to ask for, in order.
#[derive(Default)]
struct Wanted {
    coarse: Vec<TileId>,
    fine: Vec<TileId>,
}

impl Wanted {
    fn in_order(self) -> Vec<TileId> {
        let mut seen = std::collections::HashSet::new();
        self.coarse
            .into_iter()
            .chain(self.fine)
            .filter(|id| seen.insert(*id))
            .collect()
    }
}
