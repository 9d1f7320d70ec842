//! Labels, flags and dimensions in the window: what is written on the map, gathered in the background (`worker`), placed
//! and painted each frame (`paint`), moved by hand (`hand`). Where a text goes is decided in
//! `gis_core::cartography::labels`.

mod edit;
mod hand;
mod paint;
#[cfg(test)]
mod tests;
mod worker;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use gis_core::Lang;
use gis_core::cartography::WebPlace;
use gis_core::cartography::labels::{
    AnnotationId, Annotations, DrawnLine, FlagScene, LabelKey, LabelView, Placer, TextBox, TextRuler,
};
use gis_core::cartography::layers::MapDocument;
use gis_core::cartography::thematic::ThemedMap;
use gis_core::network::Network;
use gis_core::schema::Schema;

pub use edit::{AnnotationEdit, LabelAction};
pub use hand::{Hand, HandKind};

use crate::session::{ProjectService, Session};
use worker::{Gathered, Texts, Worker};

/// What a new flag's rows say until the user says otherwise.
pub const FLAG_TEMPLATE: &str = "{material} DN{diameter_mm:.0}";

/// The writing on the map of the open project. Painting changes caches only, hence the cell.
pub struct Labels {
    inner: RefCell<Inner>,
}

struct Inner {
    is_shown: bool,
    project: Option<OpenProject>,
    document: Arc<MapDocument>,
    document_revision: Option<u64>,
    themed: Arc<ThemedMap>,
    annotations: Arc<Annotations>,
    /// Annotations before each change, for undoing.
    past: Vec<Arc<Annotations>>,
    texts: Texts,
    ruler: Option<Arc<TextRuler>>,
    worker: Worker,
    /// Rises with everything that makes gathered labels stale.
    revision: u64,
    views: HashMap<[i32; 2], ViewState>,
    selected: Option<AnnotationId>,
    held: Option<hand::Held>,
    flag_template: String,
}

/// What labels need of the open project.
struct OpenProject {
    network: Arc<Network>,
    schema: Arc<Schema>,
    place: WebPlace,
    crs: gis_core::Crs,
    service: ProjectService,
}

/// One map in the window; there may be two side by side.
#[derive(Default)]
struct ViewState {
    placer: Placer,
    gathered: Option<Arc<Gathered>>,
    is_gathering: bool,
    seen: Option<Seen>,
}

/// What was painted last, for the pointer.
struct Seen {
    view: LabelView,
    origin: egui::Pos2,
    labels: Vec<(LabelKey, TextBox)>,
    annotations: Vec<(AnnotationId, TextBox)>,
    lines: Vec<DrawnLine>,
}

impl Default for Labels {
    fn default() -> Self {
        let ruler = TextRuler::embedded()
            .inspect_err(|error| log::error!("labels are off: {error}"))
            .ok();
        Self {
            inner: RefCell::new(Inner {
                is_shown: true,
                project: None,
                document: Arc::default(),
                document_revision: None,
                themed: Arc::default(),
                annotations: Arc::default(),
                past: Vec::new(),
                texts: Texts::default(),
                ruler: ruler.map(Arc::new),
                worker: Worker::default(),
                revision: 0,
                views: HashMap::new(),
                selected: None,
                held: None,
                flag_template: FLAG_TEMPLATE.to_owned(),
            }),
        }
    }
}

impl Labels {
    /// Takes up a project that was just opened, and reads what was written on its map.
    pub fn open(&mut self, session: &Session) {
        self.clear();
        let inner = self.inner.get_mut();
        inner.worker.load(&session.service);
        self.refresh(session);
    }

    /// Takes up the open project after a change of its network; rows and labels follow.
    pub fn refresh(&mut self, session: &Session) {
        let inner = self.inner.get_mut();
        inner.project = WebPlace::new(&session.crs, session.network.extent())
            .inspect_err(|error| log::error!("labels cannot be placed: {error}"))
            .ok()
            .map(|place| OpenProject {
                network: Arc::clone(&session.network),
                schema: Arc::clone(&session.schema),
                place,
                crs: session.crs.clone(),
                service: session.service.clone(),
            });
        inner.held = None;
        inner.texts = Texts::default();
        inner.revision += 1;
    }

    /// Takes up the next state of the same network, after edits.
    pub fn network_changed(&mut self, session: &Session) {
        let inner = self.inner.get_mut();
        if let Some(project) = &mut inner.project {
            project.network = Arc::clone(&session.network);
        }
        inner.texts = Texts::default();
        inner.revision += 1;
    }

    pub fn clear(&mut self) {
        let is_shown = self.is_shown();
        *self = Self::default();
        self.inner.get_mut().is_shown = is_shown;
    }

    pub fn is_shown(&self) -> bool {
        self.inner.borrow().is_shown
    }

    pub fn set_shown(&mut self, is_shown: bool) {
        self.inner.get_mut().is_shown = is_shown;
    }

    /// Takes the layers as they are now, if they have changed; what is written follows.
    pub fn follow(&mut self, document: &MapDocument, document_revision: u64) {
        let inner = self.inner.get_mut();
        // Also while no map is in view, so that nothing waits for ever.
        inner.receive();
        if inner.document_revision == Some(document_revision) {
            return;
        }
        inner.document_revision = Some(document_revision);
        let document = document.without_views();
        if *inner.document != document {
            inner.document = Arc::new(document);
            inner.texts = Texts::default();
            inner.revision += 1;
        }
    }

    /// Takes what layers and themes make of the features; labels keep off symbols as they are drawn now.
    pub fn set_themed(&mut self, themed: &Arc<ThemedMap>) {
        let inner = self.inner.get_mut();
        if inner.themed.look != themed.look {
            inner.revision += 1;
        }
        inner.themed = Arc::clone(themed);
    }

    pub fn annotations(&self) -> Arc<Annotations> {
        Arc::clone(&self.inner.borrow().annotations)
    }

    pub fn selected(&self) -> Option<AnnotationId> {
        self.inner.borrow().selected
    }

    pub fn flag_template(&self) -> String {
        self.inner.borrow().flag_template.clone()
    }

    /// Whether something is on its way that will change the picture.
    pub fn is_waiting(&self) -> bool {
        let inner = self.inner.borrow();
        inner.worker.is_loading || inner.texts.is_asked() || inner.views.values().any(|v| v.is_gathering)
    }

    /// What each row of a flag says now, from top to bottom; empty while it is not known yet.
    pub fn flag_rows(&self, id: u32) -> Vec<String> {
        let inner = self.inner.borrow();
        inner
            .scene(id)
            .map(|scene| scene.rows.iter().map(|row| row.text.clone()).collect())
            .unwrap_or_default()
    }

    /// Where on the screen one can take hold of an annotation, as it was painted last.
    pub fn grip(&self, id: AnnotationId) -> Option<egui::Pos2> {
        let inner = self.inner.borrow();
        let seen = inner.views.values().find_map(|view| view.seen.as_ref())?;
        let (_, text_box) = seen.annotations.iter().find(|(known, _)| *known == id)?;
        Some(seen.origin + egui::vec2(text_box.centre[0], text_box.centre[1]))
    }

    /// The same for the first label.
    pub fn label_grip(&self) -> Option<egui::Pos2> {
        let inner = self.inner.borrow();
        let seen = inner.views.values().find_map(|view| view.seen.as_ref())?;
        let inside = seen.labels.iter().find(|(_, text_box)| {
            let [x, y] = text_box.centre.map(f64::from);
            (20.0..seen.view.size_px[0] - 60.0).contains(&x)
                && (20.0..seen.view.size_px[1] - 100.0).contains(&y)
        })?;
        Some(seen.origin + egui::vec2(inside.1.centre[0], inside.1.centre[1]))
    }

    /// Labels painted last, in all views.
    pub fn painted(&self) -> usize {
        self.inner
            .borrow()
            .views
            .values()
            .filter_map(|v| v.seen.as_ref())
            .map(|seen| seen.labels.len())
            .sum()
    }
}

impl Inner {
    fn scene(&self, id: u32) -> Option<&FlagScene> {
        self.views
            .values()
            .filter_map(|view| view.gathered.as_ref())
            .flat_map(|gathered| &gathered.flags)
            .find(|scene| scene.id == id)
    }
}

fn needs_texts(document: &MapDocument, annotations: &Annotations, scale_denominator: f64) -> bool {
    !annotations.flags.is_empty()
        || document.layers().iter().any(|l| {
            l.is_visible
                && l.layer.is_drawn_at(scale_denominator)
                && l.layer
                    .labels
                    .as_ref()
                    .is_some_and(|settings| settings.at_scale(scale_denominator).is_some())
        })
}

/// The language texts are made in.
fn language() -> Lang {
    crate::i18n::lang()
}
