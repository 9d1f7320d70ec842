//! What lies under the network where there is no window: pictures, tiles and foreign layers of a map document, opened
//! once and laid into as many views as wanted. It draws on nothing; printed sheets and pictures do.

mod drape;
mod sketch;
mod tiles;
mod view;

use std::fmt;
use std::sync::Arc;

pub use drape::Drape;
pub use sketch::{DrapedSketch, SketchStyle};
pub use tiles::{TileAnswer, TilePicture, TilePyramid, TileShelf};
pub use view::BackdropView;

use crate::cartography::WebPlace;
use crate::cartography::layers::{Layer, LayerSource, MapDocument};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::io::foreign::ForeignReader;
use crate::io::raster::Imagery;
use crate::issue::{Issue, Issues, Severity};
use crate::progress::Progress;
use crate::text::Message;

/// What a layer has in a view.
#[derive(Debug)]
pub enum Laid {
    Picture(Drape),
    Sketch(DrapedSketch),
}

/// The layers under a network, the lowest first.
#[derive(Clone)]
pub struct Backdrop {
    layers: Vec<Under>,
    crs: Crs,
    extent: Option<[f64; 4]>,
    shelf: Option<Arc<dyn TileShelf>>,
    /// Of layers that could not be opened.
    pub issues: Issues,
}

impl fmt::Debug for Backdrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backdrop")
            .field("layers", &self.layers.len())
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Under {
    layer: Layer,
    /// Of a layer with a picture.
    imagery: Option<Arc<Imagery>>,
}

/// A finding about a layer.
fn issue(layer: &Layer, message: Message) -> Issue {
    Issue::new(Severity::Warning, message).in_layer(layer.id.0.clone())
}

impl Backdrop {
    /// Opens the visible layers of a document. `extent` of the project's data places a local system on the map; `shelf`
    /// has the tiles. What cannot be opened is left out, with an issue.
    ///
    /// # Errors
    /// Cancelled.
    pub fn open(
        document: &MapDocument,
        crs: &Crs,
        extent: Option<[f64; 4]>,
        shelf: Option<Arc<dyn TileShelf>>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let mut out = Self {
            layers: Vec::new(),
            crs: crs.clone(),
            extent,
            shelf,
            issues: Issues::default(),
        };
        for shown in document.layers().iter().rev().filter(|shown| shown.is_visible) {
            progress.check()?;
            let layer = shown.layer.clone();
            let imagery = match &layer.source {
                LayerSource::Raster(source) => match Imagery::open(source, crs, extent) {
                    Ok(imagery) => Some(Arc::new(imagery)),
                    Err(error) => {
                        out.issues.push(issue(&layer, error.message()));
                        continue;
                    }
                },
                LayerSource::Tiles(_) | LayerSource::Vector(_) => None,
                LayerSource::Class { .. } | LayerSource::Unknown(_) => continue,
            };
            out.layers.push(Under { layer, imagery });
        }
        Ok(out)
    }

    /// Nothing lies under the network.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Hands over what each layer has in a view, the lowest first, and returns what is missing. Pictures are left out
    /// where the view has no resolution.
    ///
    /// # Errors
    /// Cancelled, or what `take` returns.
    pub fn lay(
        &self,
        view: &BackdropView,
        progress: &dyn Progress,
        take: &mut dyn FnMut(&Layer, Laid) -> Result<()>,
    ) -> Result<Issues> {
        let mut issues = Issues::default();
        if self.is_empty() {
            return Ok(issues);
        }
        let place = WebPlace::new(&self.crs, self.extent)?;
        let drawn = self
            .layers
            .iter()
            .filter(|under| under.layer.opacity > 0.0 && under.layer.is_drawn_at(view.scale_denominator));
        for under in drawn {
            progress.check()?;
            match self.laid(under, view, &place, progress, &mut issues) {
                Ok(Some(laid)) => take(&under.layer, laid)?,
                Ok(None) => {}
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => issues.push(issue(&under.layer, error.message())),
            }
        }
        Ok(issues)
    }

    fn laid(
        &self,
        under: &Under,
        view: &BackdropView,
        place: &WebPlace,
        progress: &dyn Progress,
        issues: &mut Issues,
    ) -> Result<Option<Laid>> {
        let layer = &under.layer;
        let mut tell = |message: Message| issues.push(issue(layer, message));
        let picture = match &layer.source {
            LayerSource::Vector(source) => {
                let reader = ForeignReader::open(source, &self.crs, self.extent)?;
                let laid = sketch::lay(&reader, layer, view, place, progress)?;
                if laid.is_cut {
                    tell(Message::new("backdrop.is_cut").with("path", &source.path));
                }
                return Ok(Some(Laid::Sketch(laid)));
            }
            LayerSource::Raster(_) | LayerSource::Tiles(_) if view.dpi.is_none() => {
                tell(Message::new("backdrop.no_pictures"));
                return Ok(None);
            }
            LayerSource::Tiles(source) => {
                let Some(shelf) = &self.shelf else {
                    tell(Message::new("backdrop.no_tiles").with("location", &source.location));
                    return Ok(None);
                };
                let mut laid = None;
                shelf.open(source, &mut |pyramid| {
                    laid = Some(tiles::lay(pyramid, view, place, progress)?);
                    Ok(())
                })?;
                let (drape, tally) = laid.unwrap_or_default();
                if tally.missing > 0 {
                    tell(
                        Message::new("backdrop.tiles_missing")
                            .with("missing", tally.missing)
                            .with("wanted", tally.wanted)
                            .with("location", &source.location),
                    );
                }
                drape
            }
            _ => {
                let Some(imagery) = &under.imagery else {
                    return Ok(None);
                };
                let (drape, is_coarse) = drape::imagery(imagery, view, place, progress)?;
                if is_coarse {
                    tell(Message::new("backdrop.is_coarse").with("path", imagery.info().path.display()));
                }
                drape
            }
        };
        Ok(picture.map(|drape| Laid::Picture(drape.faded(layer.opacity))))
    }
}
