//! The tile layers of a map document as they are on the map: opened once, kept while they are in the document, drawn
//! with the opacity and within the scales it says. It decides no order; whoever walks the document does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use egui::Painter;
use gis_core::Message;
use gis_core::cartography::layers::{Layer, LayerId, LayerSource, TileSource};

use super::layer::TileLayer;
use super::source::PictureTiles;
use crate::map::camera::Camera;

type Opened = gis_core::Result<Arc<dyn PictureTiles>>;

/// Keys of tile services by their names, from the user's settings.
pub type TileKeys = BTreeMap<String, String>;

#[derive(Default)]
struct Slot {
    /// What is shown or being opened; `None` before the first frame.
    source: Option<(TileSource, Option<String>)>,
    opening: Option<Receiver<Opened>>,
    layer: Option<TileLayer>,
    failure: Option<Message>,
    is_drawn: bool,
}

/// All tile layers of one map.
#[derive(Default)]
pub struct TileLayers {
    slots: BTreeMap<LayerId, Slot>,
    notices: Vec<Message>,
    attribution: String,
}

impl TileLayers {
    /// Takes a source that a task has opened already.
    pub fn put(
        &mut self,
        layer: &Layer,
        opened: Arc<dyn PictureTiles>,
        keys: &TileKeys,
        ctx: &egui::Context,
    ) {
        let LayerSource::Tiles(source) = &layer.source else {
            return;
        };
        self.slots.insert(
            layer.id.clone(),
            Slot {
                source: Some((source.clone(), key_of(source, keys))),
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

    /// Draws one layer of the document; one that is not open yet is opened by a thread.
    pub fn draw(
        &mut self,
        painter: &Painter,
        camera: &Camera,
        layer: &Layer,
        source: &TileSource,
        keys: &TileKeys,
    ) {
        let slot = self.slots.entry(layer.id.clone()).or_default();
        let wanted = (source.clone(), key_of(source, keys));
        if slot.source.as_ref() != Some(&wanted) {
            slot.open(wanted, painter.ctx());
        }
        if let Some(failure) = slot.take_opened(painter.ctx()) {
            self.notices.push(failure);
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

    /// Why a layer shows nothing.
    pub fn failure(&self, id: &LayerId) -> Option<&Message> {
        self.slots.get(id)?.failure.as_ref()
    }

    /// Web Mercator metres, where known.
    pub fn bbox(&self, id: &LayerId) -> Option<[f64; 4]> {
        self.slots.get(id)?.layer.as_ref()?.bbox()
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
                None => slot.source = None,
            }
        }
    }
}

fn key_of(source: &TileSource, keys: &TileKeys) -> Option<String> {
    keys.get(source.key_name.as_deref()?).cloned()
}

impl Slot {
    fn open(&mut self, (source, key): (TileSource, Option<String>), ctx: &egui::Context) {
        let (sender, receiver) = channel();
        let (asked, ctx, secret) = (source.clone(), ctx.clone(), key.clone());
        self.source = Some((source, key));
        self.layer = None;
        self.failure = None;
        let started = std::thread::Builder::new()
            .name("karez-tiles-open".to_owned())
            .spawn(move || {
                // Nobody waits any more when the layer is gone.
                if sender.send(super::open(&asked, secret)).is_ok() {
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
        self.failure.clone_from(&failure);
        failure
    }
}
