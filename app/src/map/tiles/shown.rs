//! The pictures of a map document, tiles and images alike, as they are on the map: opened by threads, kept while they
//! are in the document, drawn with the opacity it says. It decides no order; whoever walks the document does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::Painter;
use gis_core::cartography::layers::{Layer, LayerId, LayerSource, RasterSource, TileSource};
use gis_core::io::raster::Imagery;
use gis_core::{Crs, Message};

use super::super::readers::Readers;
use super::imagery::ImageryTiles;
use super::layer::TileLayer;
use super::source::PictureTiles;
use crate::map::camera::Camera;

type Opened = gis_core::Result<Arc<dyn PictureTiles>>;

/// Keys of tile services by their names, from the user's settings.
pub type TileKeys = BTreeMap<String, String>;

/// The project the pictures lie under.
#[derive(Clone, Copy)]
pub struct PicturePlace<'a> {
    pub crs: &'a Crs,
    pub extent: Option<[f64; 4]>,
    /// Keys of tile services, from the user's settings.
    pub tile_keys: &'a TileKeys,
}

/// What a layer shows.
#[derive(Debug, Clone, PartialEq)]
enum Picture {
    /// With the key the service wants.
    Tiles(TileSource, Option<String>),
    Image(RasterSource),
}

impl Picture {
    /// `None` for a layer that is no picture.
    fn of(layer: &Layer, keys: &TileKeys) -> Option<Self> {
        match &layer.source {
            LayerSource::Tiles(source) => {
                let key = source.key_name.as_deref().and_then(|name| keys.get(name));
                Some(Self::Tiles(source.clone(), key.cloned()))
            }
            LayerSource::Raster(source) => Some(Self::Image(source.clone())),
            _ => None,
        }
    }

    /// Reads the heads of files: for a thread, not for a frame.
    fn open(self, crs: &Crs, extent: Option<[f64; 4]>) -> Opened {
        Ok(match self {
            Self::Tiles(source, key) => super::open(&source, key)?,
            Self::Image(source) => Arc::new(ImageryTiles::new(Imagery::open(&source, crs, extent)?)),
        })
    }
}

#[derive(Default)]
struct Slot {
    /// What is shown or being opened; `None` before the first frame.
    picture: Option<Picture>,
    opening: Option<Receiver<Opened>>,
    /// As it was last opened: drawn until it is ready as it shall be.
    layer: Option<TileLayer>,
    failure: Option<Message>,
    is_drawn: bool,
}

/// How a layer is doing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PictureState {
    /// Being opened, or pictures in view are still to come.
    pub is_loading: bool,
    /// Why it shows nothing, or not all.
    pub trouble: Option<Message>,
    /// Drawn coarser than it could be; pyramids help.
    pub wants_pyramids: bool,
    /// Web Mercator metres, where known.
    pub web_box: Option<[f64; 4]>,
}

/// All pictures of one map.
#[derive(Default)]
pub struct PictureLayers {
    slots: BTreeMap<LayerId, Slot>,
    notices: Vec<Message>,
    attribution: String,
}

impl PictureLayers {
    /// Takes a source that a task has opened already.
    pub fn put(
        &mut self,
        layer: &Layer,
        opened: Arc<dyn PictureTiles>,
        keys: &TileKeys,
        ctx: &egui::Context,
    ) {
        self.slots.insert(
            layer.id.clone(),
            Slot {
                picture: Picture::of(layer, keys),
                layer: Some(TileLayer::new(opened, ctx)),
                ..Slot::default()
            },
        );
    }

    /// Call once a frame before any layer is drawn.
    pub fn begin_frame(&mut self) {
        for slot in self.slots.values_mut() {
            slot.is_drawn = false;
        }
    }

    /// Draws one layer of the document, where it is a picture; one that is not open yet is opened by a thread.
    pub fn draw(&mut self, painter: &Painter, camera: &Camera, layer: &Layer, place: PicturePlace<'_>) {
        let Some(wanted) = Picture::of(layer, place.tile_keys) else {
            return;
        };
        let slot = self.slots.entry(layer.id.clone()).or_default();
        if let Some(failure) = slot.take_opened(painter.ctx()) {
            self.notices.push(failure);
        }
        if slot.picture.as_ref() != Some(&wanted) && slot.opening.is_none() {
            slot.open(wanted, place, painter.ctx());
        }
        slot.is_drawn = true;
        if let Some(tiles) = &mut slot.layer {
            tiles.opacity = layer.opacity.clamp(0.0, 1.0);
            tiles.draw(painter, camera, painter.ctx().pixels_per_point());
            self.notices.extend(tiles.take_notice());
        }
    }

    /// Call once a frame after all layers; `is_kept` says which of those not drawn stay open.
    pub fn end_frame(&mut self, is_kept: impl Fn(&LayerId) -> bool) {
        self.slots.retain(|id, slot| slot.is_drawn || is_kept(id));
        let mut texts: Vec<&str> = Vec::new();
        let drawn = self.slots.values().filter(|slot| slot.is_drawn);
        for text in drawn.filter_map(|slot| Some(slot.layer.as_ref()?.attribution())) {
            if !text.is_empty() && !texts.contains(&text) {
                texts.push(text);
            }
        }
        self.attribution = texts.join(" · ");
    }

    /// Who made what is drawn.
    pub fn attribution(&self) -> &str {
        &self.attribution
    }

    /// What the user should be told, once each.
    pub fn take_notices(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.notices)
    }

    /// Tiles in view are still to come.
    pub fn is_loading(&self) -> bool {
        self.slots.values().any(|slot| {
            slot.is_drawn
                && (slot.opening.is_some() || slot.layer.as_ref().is_some_and(TileLayer::is_loading))
        })
    }

    /// `None` for a layer that was never drawn.
    pub fn state(&self, id: &LayerId) -> Option<PictureState> {
        let slot = self.slots.get(id)?;
        let layer = slot.layer.as_ref();
        Some(PictureState {
            is_loading: slot.opening.is_some() || layer.is_some_and(TileLayer::is_loading),
            trouble: slot
                .failure
                .clone()
                .or_else(|| layer.and_then(TileLayer::trouble)),
            wants_pyramids: layer.is_some_and(TileLayer::wants_pyramids),
            web_box: layer.and_then(TileLayer::bbox),
        })
    }

    /// Opens an image anew, as after its pyramids were built.
    pub fn reopen(&mut self, path: &Path) {
        self.slots.retain(
            |_, slot| !matches!(&slot.picture, Some(Picture::Image(source)) if Path::new(&source.path) == path),
        );
    }

    /// Bytes on the graphics card.
    pub fn gpu_bytes(&self) -> usize {
        self.slots
            .values()
            .filter_map(|slot| Some(slot.layer.as_ref()?.gpu_bytes()))
            .sum()
    }

    /// Asks for everything again.
    pub fn refresh(&mut self) {
        for slot in self.slots.values_mut() {
            match &mut slot.layer {
                Some(layer) => layer.refresh(),
                // What could not be opened is tried once more.
                None => slot.picture = None,
            }
        }
    }
}

impl Slot {
    fn open(&mut self, picture: Picture, place: PicturePlace<'_>, ctx: &egui::Context) {
        let (sender, receiver) = channel();
        let (crs, extent, ctx) = (place.crs.clone(), place.extent, ctx.clone());
        self.picture = Some(picture.clone());
        self.failure = None;
        let reading = Readers::of(&ctx).enter();
        let started = std::thread::Builder::new()
            .name("karez-picture-open".to_owned())
            .spawn(move || {
                let _reading = reading;
                // Nobody waits any more when the layer is gone.
                if sender.send(picture.open(&crs, extent)).is_ok() {
                    ctx.request_repaint();
                }
            });
        match started {
            Ok(_) => self.opening = Some(receiver),
            Err(error) => self.failure = Some(Message::new("app.task.no_thread").with("reason", error)),
        }
    }

    /// Returns a failure when it has just become known.
    fn take_opened(&mut self, ctx: &egui::Context) -> Option<Message> {
        let failure = match self.opening.as_ref()?.try_recv() {
            Ok(Ok(source)) => {
                self.layer = Some(TileLayer::new(source, ctx));
                None
            }
            Ok(Err(error)) => Some(error.message()),
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Some(Message::new("app.task.crashed")),
        };
        self.opening = None;
        if failure.is_some() {
            self.layer = None;
        }
        self.failure.clone_from(&failure);
        failure
    }
}
