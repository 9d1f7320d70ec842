//! What labels do outside the frame: reading annotations and attributes through the project's thread, and making
//! candidates for a part of the map on a thread of its own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use gis_core::cartography::labels::{
    Annotations, Candidates, ColumnTexts, FlagScene, GatherRequest, LabelTexts, MOST_CANDIDATES, TextRuler,
    flag_scenes, gather,
};
use gis_core::cartography::layers::MapDocument;
use gis_core::cartography::thematic::ThemedMap;
use gis_core::cartography::{StyleSet, WebPlace};
use gis_core::network::Network;
use gis_core::schema::Schema;
use gis_core::{Crs, Lang};

use crate::session::ProjectService;

/// Texts of the open project.
#[derive(Default)]
pub(super) enum Texts {
    #[default]
    Missing,
    Asked(u64),
    Ready(Arc<dyn LabelTexts + Send + Sync>),
}

impl Texts {
    pub(super) fn is_asked(&self) -> bool {
        matches!(self, Self::Asked(_))
    }
}

/// Labels that might be shown in a part of the map, and the flags, on the web map's plane.
pub(super) struct Gathered {
    pub(super) revision: u64,
    pub(super) lang: Lang,
    /// In Mercator metres.
    pub(super) extent: [f64; 4],
    pub(super) scale_denominator: f64,
    pub(super) candidates: Candidates,
    pub(super) flags: Vec<FlagScene>,
}

/// What comes back.
pub(super) enum Answer {
    Loaded(Annotations),
    Texts(u64, Arc<dyn LabelTexts + Send + Sync>),
    Gathered([i32; 2], Box<Gathered>),
    Failed,
}

pub(super) struct Worker {
    sender: Sender<Answer>,
    inbox: Receiver<Answer>,
    pub(super) is_loading: bool,
    number: u64,
}

impl Default for Worker {
    fn default() -> Self {
        let (sender, inbox) = channel();
        Self {
            sender,
            inbox,
            is_loading: false,
            number: 0,
        }
    }
}

impl Worker {
    pub(super) fn received(&self) -> Vec<Answer> {
        self.inbox.try_iter().collect()
    }

    /// Reads what was kept with a project.
    pub(super) fn load(&mut self, service: &ProjectService) {
        // What was asked of another project shall not arrive.
        *self = Self {
            number: self.number + 1,
            is_loading: true,
            ..Self::default()
        };
        let sender = self.sender.clone();
        service.ask(move |project| {
            let annotations = Annotations::load(project).unwrap_or_else(|error| {
                log::error!("annotations: {error}");
                Annotations::default()
            });
            send(&sender, Answer::Loaded(annotations));
        });
    }

    /// Reads the attributes that templates name.
    pub(super) fn ask_texts(
        &mut self,
        service: &ProjectService,
        document: &Arc<MapDocument>,
        annotations: &Arc<Annotations>,
        lang: Lang,
        ctx: &egui::Context,
    ) -> Texts {
        self.number += 1;
        let (number, sender, ctx) = (self.number, self.sender.clone(), ctx.clone());
        let (document, annotations) = (Arc::clone(document), Arc::clone(annotations));
        service.ask(move |project| {
            let texts = ColumnTexts::read(project, &document, &annotations, lang).unwrap_or_else(|error| {
                log::error!("labels: {error}");
                ColumnTexts::default()
            });
            send(&sender, Answer::Texts(number, Arc::new(texts)));
            ctx.request_repaint();
        });
        Texts::Asked(number)
    }

    /// Gathers on a thread of its own; the answer comes by [`Self::received`].
    pub(super) fn gather(&self, order: GatherOrder, ctx: &egui::Context) {
        let (sender, ctx) = (self.sender.clone(), ctx.clone());
        let started = std::thread::Builder::new()
            .name("karez-labels".to_owned())
            .spawn(move || {
                let answer = order.carry_out().unwrap_or(Answer::Failed);
                send(&sender, answer);
                ctx.request_repaint();
            });
        if let Err(error) = started {
            log::error!("labels: {error}");
            send(&self.sender, Answer::Failed);
        }
    }
}

fn send(sender: &Sender<Answer>, answer: Answer) {
    if sender.send(answer).is_err() {
        log::debug!("nobody waits for labels any more");
    }
}

/// All that gathering needs, without the window.
pub(super) struct GatherOrder {
    pub(super) key: [i32; 2],
    pub(super) revision: u64,
    pub(super) lang: Lang,
    pub(super) network: Arc<Network>,
    pub(super) schema: Arc<Schema>,
    pub(super) styles: Arc<StyleSet>,
    pub(super) crs: Crs,
    pub(super) document: Arc<MapDocument>,
    pub(super) themed: Arc<ThemedMap>,
    pub(super) annotations: Arc<Annotations>,
    pub(super) texts: Arc<dyn LabelTexts + Send + Sync>,
    pub(super) ruler: Arc<TextRuler>,
    /// In Mercator metres.
    pub(super) extent: [f64; 4],
    pub(super) scale_denominator: f64,
}

impl GatherOrder {
    fn carry_out(&self) -> Option<Answer> {
        let place = WebPlace::new(&self.crs, self.network.extent())
            .inspect_err(|error| log::error!("labels: {error}"))
            .ok()?;
        let extent = project_box(&place, self.extent)?;
        let mut to_plane = |points: &mut [[f64; 2]]| place.to_mercator(points);
        let request = GatherRequest {
            network: &self.network,
            schema: &self.schema,
            styles: &self.styles,
            document: &self.document,
            look: &self.themed.look,
            annotations: &self.annotations,
            texts: &*self.texts,
            ruler: &self.ruler,
            scale_denominator: self.scale_denominator,
            extent,
            most: MOST_CANDIDATES,
        };
        let candidates = gather(&request, &mut to_plane);
        let flags = flag_scenes(
            &self.network,
            &self.annotations,
            &*self.texts,
            &self.ruler,
            &mut to_plane,
        );
        Some(Answer::Gathered(
            self.key,
            Box::new(Gathered {
                revision: self.revision,
                lang: self.lang,
                extent: self.extent,
                scale_denominator: self.scale_denominator,
                candidates,
                flags,
            }),
        ))
    }
}

/// The box in project coordinates around a box of the web map.
pub(super) fn project_box(place: &WebPlace, b: [f64; 4]) -> Option<[f64; 4]> {
    let corners = [[b[0], b[1]], [b[2], b[1]], [b[2], b[3]], [b[0], b[3]]];
    let mut found: Option<[f64; 4]> = None;
    for p in corners.iter().filter_map(|corner| place.from_mercator(*corner)) {
        let b = found.unwrap_or([p[0], p[1], p[0], p[1]]);
        found = Some([b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]);
    }
    found
}
