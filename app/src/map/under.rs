//! What the map document lays under the network: pictures and foreign layers, opened by threads of their own and drawn
//! in the order of the tree. A layer whose settings change is drawn as it was until it is ready as it shall be.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::{Color32, Context, Painter};
use gis_core::cartography::Themed;
use gis_core::cartography::layers::{
    Layer, LayerId, LayerSource, MapDocument, RasterSource, Renderer, TreeNode, VectorSource,
};
use gis_core::cartography::sketch_mesh::SketchLook;
use gis_core::io::raster::Imagery;
use gis_core::{Crs, Error, Message, Result};

use super::camera::Camera;
use super::foreign::{Comparison, ForeignPlan, ForeignView};
use super::tiles::imagery::ImageryTiles;
use super::tiles::{PictureTiles, TileLayer};
use super::tiles::{TileKeys, TileLayers};
use crate::theme::Theme;

/// What the panel says about a layer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnderState {
    pub is_opening: bool,
    pub failure: Option<Message>,
    /// The picture is drawn coarser than it could be; pyramids help.
    pub wants_pyramids: bool,
    /// There is more in the view than is drawn.
    pub is_cut: bool,
    /// Web Mercator metres, where known.
    pub web_box: Option<[f64; 4]>,
}

/// How an issue of a topographic map is compared with another; not kept with the project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Compare {
    pub other: Option<VectorSource>,
    pub how: Comparison,
}

#[derive(Default)]
struct Raster {
    tiles: Option<Arc<ImageryTiles>>,
    layer: Option<TileLayer>,
    /// What is drawn, or being opened.
    source: RasterSource,
    opening: Option<Receiver<Result<Imagery>>>,
    failure: Option<Message>,
}

/// All layers under the network.
#[derive(Default)]
pub struct UnderLayers {
    rasters: HashMap<LayerId, Raster>,
    foreign: HashMap<LayerId, ForeignView>,
    pub tiles: TileLayers,
    failures: HashMap<LayerId, Message>,
    pub comparisons: HashMap<LayerId, Compare>,
}

/// The project the layers lie under.
#[derive(Clone, Copy)]
pub struct UnderPlace<'a> {
    pub crs: &'a Crs,
    pub extent: Option<[f64; 4]>,
    /// Keys of tile services, from the user's settings.
    pub tile_keys: &'a TileKeys,
}

/// Layers in drawing order, the lowest first, without those that are switched off.
fn shown<'a>(nodes: &'a [TreeNode], into: &mut Vec<&'a Layer>) {
    for node in nodes.iter().rev() {
        match node {
            TreeNode::Group(group) if group.is_visible => shown(&group.children, into),
            TreeNode::Layer(layer) if layer.is_visible => into.push(layer),
            _ => {}
        }
    }
}

impl UnderLayers {
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Opens the pictures anew, as after their pyramids were built.
    pub fn reopen(&mut self, path: &Path) {
        self.rasters
            .retain(|_, raster| Path::new(&raster.source.path) != path);
    }

    /// Nothing is being opened.
    pub fn is_settled(&self) -> bool {
        self.rasters.values().all(|raster| {
            raster.opening.is_none() && !raster.layer.as_ref().is_some_and(TileLayer::is_loading)
        })
    }

    pub fn state(&self, id: &LayerId) -> UnderState {
        if let Some(raster) = self.rasters.get(id) {
            return UnderState {
                is_opening: raster.opening.is_some(),
                failure: raster.failure.clone(),
                wants_pyramids: raster
                    .tiles
                    .as_ref()
                    .is_some_and(|t| t.is_coarse() || t.imagery().info().needs_overviews()),
                is_cut: false,
                web_box: raster.tiles.as_ref().map(|t| t.imagery().web_box()),
            };
        }
        UnderState {
            failure: self.failures.get(id).or_else(|| self.tiles.failure(id)).cloned(),
            is_cut: self.foreign.get(id).is_some_and(ForeignView::is_cut),
            web_box: self
                .foreign
                .get(id)
                .and_then(ForeignView::web_box)
                .or_else(|| self.tiles.bbox(id)),
            ..UnderState::default()
        }
    }

    pub(in crate::map) fn draw(
        &mut self,
        painter: &Painter,
        camera: &Camera,
        theme: &Theme,
        document: &MapDocument,
        place: UnderPlace<'_>,
    ) {
        let mut layers = Vec::new();
        shown(&document.tree, &mut layers);
        let ids: Vec<&LayerId> = document.layers().iter().map(|shown| &shown.layer.id).collect();
        self.rasters.retain(|id, _| ids.contains(&id));
        self.foreign.retain(|id, _| ids.contains(&id));
        let scale = camera.scale_denominator();
        self.tiles.begin_frame();
        for layer in layers.into_iter().filter(|l| l.is_drawn_at(scale)) {
            match &layer.source {
                LayerSource::Tiles(source) => {
                    self.tiles.draw(painter, camera, layer, source, place.tile_keys);
                }
                LayerSource::Raster(source) => self.draw_raster(painter, camera, layer, source, place),
                LayerSource::Vector(source) => {
                    self.draw_foreign(painter, camera, theme, layer, source, place);
                }
                _ => {}
            }
        }
        self.tiles.end_frame(|id| ids.contains(&id));
    }

    fn draw_raster(
        &mut self,
        painter: &Painter,
        camera: &Camera,
        layer: &Layer,
        source: &RasterSource,
        place: UnderPlace<'_>,
    ) {
        let raster = self.rasters.entry(layer.id.clone()).or_default();
        raster.take_opened(painter.ctx());
        if raster.source != *source && raster.opening.is_none() {
            raster.open(source, place, painter.ctx());
        }
        if let Some(tiles) = &mut raster.layer {
            tiles.opacity = layer.opacity.clamp(0.0, 1.0);
            tiles.draw(painter, camera, painter.ctx().pixels_per_point());
            if let Some(failure) = tiles.take_notice() {
                raster.failure = Some(failure);
            }
        }
    }

    fn draw_foreign(
        &mut self,
        painter: &Painter,
        camera: &Camera,
        theme: &Theme,
        layer: &Layer,
        source: &VectorSource,
        place: UnderPlace<'_>,
    ) {
        let compare = self.comparisons.get(&layer.id).cloned().unwrap_or_default();
        let (colour, look) = look_of(&layer.renderer, theme);
        let plan = ForeignPlan {
            source: source.clone(),
            other: compare.other,
            project: place.crs.clone(),
            extent: place.extent,
            look,
        };
        if self
            .foreign
            .get(&layer.id)
            .is_none_or(|view| *view.plan() != plan)
        {
            self.failures.remove(&layer.id);
            self.foreign
                .insert(layer.id.clone(), ForeignView::new(plan, painter.ctx()));
        }
        if let Some(view) = self.foreign.get_mut(&layer.id) {
            view.comparison = compare.how;
            view.draw(painter, camera, theme, layer.opacity, colour);
            if let Some(failure) = view.take_failure() {
                self.failures.insert(layer.id.clone(), failure);
            }
        }
    }
}

/// The colour of its own, and widths.
fn look_of(renderer: &Renderer, theme: &Theme) -> (Option<Color32>, SketchLook) {
    let mut sketch = SketchLook::default();
    let Renderer::Single { look } = renderer else {
        return (None, sketch);
    };
    sketch.width_px = look.width_px.unwrap_or(sketch.width_px).clamp(0.1, 20.0);
    sketch.point_px = look.size_px.unwrap_or(sketch.point_px).clamp(0.5, 40.0);
    let colour = look.colour.map(|c| theme.color(Themed { light: c, dark: c }));
    (colour, sketch)
}

impl Raster {
    fn open(&mut self, source: &RasterSource, place: UnderPlace<'_>, ctx: &Context) {
        self.source = source.clone();
        self.failure = None;
        let (sender, receiver) = channel();
        let (source, crs, extent, ctx) = (source.clone(), place.crs.clone(), place.extent, ctx.clone());
        let started = std::thread::Builder::new()
            .name("karez-imagery-open".to_owned())
            .spawn(move || {
                // Nobody waits once the layer is gone.
                drop(sender.send(Imagery::open(&source, &crs, extent)));
                ctx.request_repaint();
            });
        match started {
            Ok(_) => self.opening = Some(receiver),
            Err(error) => self.failure = Some(Message::new("app.task.no_thread").with("reason", error)),
        }
    }

    fn take_opened(&mut self, ctx: &Context) {
        let Some(opening) = &self.opening else { return };
        let opened = match opening.try_recv() {
            Ok(opened) => opened,
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => Err(Error::bad_input(Message::new("app.task.crashed"))),
        };
        self.opening = None;
        match opened {
            Ok(imagery) => {
                let tiles = Arc::new(ImageryTiles::new(imagery));
                self.layer = Some(TileLayer::new(Arc::clone(&tiles) as Arc<dyn PictureTiles>, ctx));
                self.tiles = Some(tiles);
            }
            Err(error) => {
                self.tiles = None;
                self.layer = None;
                self.failure = Some(error.message());
            }
        }
    }
}
