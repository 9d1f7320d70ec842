//! A vector file of another format under the network: a worker reads what lies in the view, the painter draws the
//! triangles last made of it, wherever the view has gone since. Two issues of a map can be laid on one another.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use egui::epaint::{Mesh, Vertex, WHITE_UV};
use egui::{Align2, Color32, Context, FontId, Painter, Rect, Shape, vec2};
use gis_core::cartography::WebPlace;
use gis_core::cartography::layers::{Comparison, VectorSource};
use gis_core::cartography::sketch_mesh::{Paint, SketchLook, SketchMesh};
use gis_core::drafting::Lines;
use gis_core::io::foreign::{ForeignFacts, ForeignReader};
use gis_core::io::sketch::{Piece, Sketch};
use gis_core::{Crs, Message, NoProgress, Result};

use super::camera::Camera;
use super::readers::Readers;
use crate::theme::Theme;

/// Vertices of the source drawn at once; each becomes some four of the painter.
const MOST_VERTICES: usize = 60_000;
/// Lettering drawn at once.
const MOST_TEXTS: usize = 250;
/// Scale from which lettering is drawn.
const TEXT_SCALE: f64 = 3_000.0;
/// How much more than the view is read, on each side as part of it.
const RIM: f64 = 0.3;
/// Seen closer than this every vertex is read, so that sketches can keep to the lines: some 1:2500.
const EXACT_METRES_PER_PX: f64 = 1.0;
/// A zoom by this reads again, with other details.
const ZOOM_STEP: f64 = 1.6;

/// What the worker needs to know once.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignPlan {
    pub source: VectorSource,
    /// The issue to compare with.
    pub other: Option<VectorSource>,
    pub project: Crs,
    pub extent: Option<[f64; 4]>,
}

/// How it is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForeignStyle {
    /// What the worker makes ready for it.
    pub look: SketchLook,
    pub opacity: f32,
    /// The theme's where `None`.
    pub colour: Option<Color32>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Wish {
    web: [f64; 4],
    metres_per_px: f64,
    is_coloured: bool,
    look: SketchLook,
}

impl Wish {
    /// Whether what was read for it still does for a view.
    fn covers(&self, view: [f64; 4], metres_per_px: f64, is_coloured: bool, look: SketchLook) -> bool {
        let zoom = self.metres_per_px / metres_per_px;
        self.is_coloured == is_coloured
            && self.look == look
            && self.web[0] <= view[0]
            && self.web[1] <= view[1]
            && self.web[2] >= view[2]
            && self.web[3] >= view[3]
            && (ZOOM_STEP.recip()..=ZOOM_STEP).contains(&zoom)
    }
}

/// The meshes for a wish: of the new issue (or of the comparison in colours), and of the old one.
struct Drawn {
    wish: Wish,
    new: SketchMesh,
    old: Option<SketchMesh>,
    /// What sketches can keep to, in the project's system; empty where the view is too wide.
    lines: Lines,
}

/// What the worker sends.
enum Arrival {
    Facts(ForeignFacts),
    Drawn(Box<Drawn>),
}

#[derive(Default)]
struct Slot {
    wish: Option<Wish>,
    is_closed: bool,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    wake: Condvar,
}

fn lock(shared: &Shared) -> MutexGuard<'_, Slot> {
    shared.slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A foreign file as a layer of the map.
pub struct ForeignView {
    plan: ForeignPlan,
    shared: Arc<Shared>,
    arrivals: Receiver<Result<Arrival>>,
    facts: ForeignFacts,
    drawn: Option<Drawn>,
    /// What the layer looked like before its source was set otherwise; drawn until something of the new one is here.
    before: Option<Drawn>,
    asked: Option<Wish>,
    pub comparison: Comparison,
    failure: Option<Message>,
    has_failed: bool,
}

impl ForeignView {
    /// Starts the worker; nothing is read before a frame asks.
    pub fn new(plan: ForeignPlan, ctx: &Context) -> Self {
        let shared = Arc::new(Shared::default());
        let (sender, arrivals) = channel();
        let (worker_shared, worker_plan, ctx) = (Arc::clone(&shared), plan.clone(), ctx.clone());
        let reading = Readers::of(&ctx).enter();
        let started = std::thread::Builder::new()
            .name("karez-foreign".to_owned())
            .spawn(move || {
                let _reading = reading;
                work(&worker_shared, &worker_plan, &sender, &ctx);
            });
        if let Err(error) = started {
            log::warn!("no thread for a foreign layer: {error}");
        }
        Self {
            plan,
            shared,
            arrivals,
            facts: ForeignFacts::default(),
            drawn: None,
            before: None,
            asked: None,
            comparison: Comparison::New,
            failure: None,
            has_failed: false,
        }
    }

    /// Takes the place of another view of the layer, which stays in the picture until this one has something to show.
    #[must_use]
    pub fn instead_of(mut self, other: &mut Self) -> Self {
        self.before = other.drawn.take().or_else(|| other.before.take());
        self
    }

    pub fn plan(&self) -> &ForeignPlan {
        &self.plan
    }

    /// There was more in the view than is drawn.
    pub fn is_cut(&self) -> bool {
        self.drawn.as_ref().is_some_and(|d| d.new.is_cut)
    }

    /// What was asked for last is not here yet.
    pub fn is_loading(&self) -> bool {
        self.asked.is_some() && !self.has_failed && self.asked != self.drawn.as_ref().map(|d| d.wish)
    }

    /// Extent, columns and some text; empty until the file is open.
    pub fn facts(&self) -> &ForeignFacts {
        &self.facts
    }

    /// What sketches can keep to.
    pub fn lines(&self) -> Option<&Lines> {
        let lines = &self.drawn.as_ref()?.lines;
        (!lines.is_empty()).then_some(lines)
    }

    /// Why nothing is drawn, said once.
    pub fn take_failure(&mut self) -> Option<Message> {
        self.failure.take()
    }

    pub(in crate::map) fn draw(
        &mut self,
        painter: &Painter,
        camera: &Camera,
        theme: &Theme,
        style: ForeignStyle,
    ) {
        self.receive();
        self.ask(camera, style.look);
        let Some(drawn) = self.shown() else { return };
        let line = style.colour.unwrap_or(theme.text.weak.0);
        let colours = if drawn.wish.is_coloured {
            // Both, only old, only new.
            [theme.text.weak.0, theme.status.error.0, theme.status.success.0]
        } else {
            [line; 3]
        };
        let pen = Pen {
            painter,
            camera,
            theme,
            colours: colours.map(|c| c.gamma_multiply(style.opacity)),
        };
        let rect = camera.rect;
        match (self.comparison, &drawn.old) {
            (Comparison::Old, Some(old)) => pen.draw(old, rect),
            (Comparison::Swipe(share), Some(old)) => {
                let edge = rect.left() + rect.width() * share.clamp(0.0, 1.0);
                pen.draw(old, rect.with_max_x(edge));
                pen.draw(&drawn.new, rect.with_min_x(edge));
                painter.vline(edge, rect.y_range(), (2.0, theme.status.info.0));
            }
            _ => pen.draw(&drawn.new, rect),
        }
    }

    fn receive(&mut self) {
        while let Ok(arrived) = self.arrivals.try_recv() {
            match arrived {
                Ok(Arrival::Facts(facts)) => self.facts = facts,
                Ok(Arrival::Drawn(drawn)) => {
                    self.drawn = Some(*drawn);
                    self.before = None;
                }
                Err(error) => {
                    self.before = None;
                    self.has_failed = true;
                    self.failure = Some(error.message());
                }
            }
        }
    }

    /// The newest picture there is.
    fn shown(&self) -> Option<&Drawn> {
        self.drawn.as_ref().or(self.before.as_ref())
    }

    fn ask(&mut self, camera: &Camera, look: SketchLook) {
        let view = camera.view();
        let is_coloured = self.comparison == Comparison::Colours && self.plan.other.is_some();
        let does = |wish: &Wish| wish.covers(view.bbox, view.metres_per_px, is_coloured, look);
        if self.asked.as_ref().is_some_and(does) {
            return;
        }
        let b = view.bbox;
        let rim = [(b[2] - b[0]) * RIM, (b[3] - b[1]) * RIM];
        let wish = Wish {
            web: [b[0] - rim[0], b[1] - rim[1], b[2] + rim[0], b[3] + rim[1]],
            metres_per_px: view.metres_per_px,
            is_coloured,
            look,
        };
        self.asked = Some(wish);
        lock(&self.shared).wish = Some(wish);
        self.shared.wake.notify_one();
    }
}

impl Drop for ForeignView {
    fn drop(&mut self) {
        lock(&self.shared).is_closed = true;
        self.shared.wake.notify_one();
    }
}

/// Draws meshes where the camera is now.
struct Pen<'a> {
    painter: &'a Painter,
    camera: &'a Camera,
    theme: &'a Theme,
    colours: [Color32; 3],
}

impl Pen<'_> {
    fn draw(&self, sketch: &SketchMesh, clip: Rect) {
        let painter = self.painter.with_clip_rect(clip);
        let at = |east: f64, north: f64| {
            self.camera
                .screen_from_world([sketch.origin[0] + east, sketch.origin[1] + north])
        };
        // The step of a kilometre is exact enough to take a metre from.
        let zero = at(0.0, 0.0);
        let east = (at(1_000.0, 0.0) - zero) / 1_000.0;
        let north = (at(0.0, 1_000.0) - zero) / 1_000.0;
        let fills = self.colours.map(|c| c.gamma_multiply(0.18));
        let vertices = sketch
            .positions
            .iter()
            .zip(&sketch.paints)
            .map(|(p, (part, paint))| {
                let colours = if *paint == Paint::Fill {
                    &fills
                } else {
                    &self.colours
                };
                Vertex {
                    pos: zero + east * p[0] + north * p[1],
                    uv: WHITE_UV,
                    color: colours[usize::from(*part).min(2)],
                }
            });
        let mesh = Mesh {
            indices: sketch.indices.clone(),
            vertices: vertices.collect(),
            ..Mesh::default()
        };
        painter.add(Shape::mesh(mesh));
        if self.camera.scale_denominator() <= TEXT_SCALE {
            self.letter(&painter, sketch, clip);
        }
    }

    fn letter(&self, painter: &Painter, sketch: &SketchMesh, clip: Rect) {
        let font = FontId::proportional(self.theme.size.text_small);
        let clip = clip.expand2(vec2(60.0, 20.0));
        let visible = sketch
            .texts
            .iter()
            .map(|(part, place, text)| (*part, self.camera.screen_from_world(*place), text))
            .filter(|(_, at, _)| clip.contains(*at));
        for (part, at, text) in visible.take(MOST_TEXTS) {
            let colour = self.colours[usize::from(part).min(2)];
            painter.text(at, Align2::LEFT_BOTTOM, text, font.clone(), colour);
        }
    }
}

fn work(shared: &Shared, plan: &ForeignPlan, sender: &Sender<Result<Arrival>>, ctx: &Context) {
    let open = |source: &VectorSource| ForeignReader::open(source, &plan.project, plan.extent);
    let opened = open(&plan.source).and_then(|new| Ok((new, plan.other.as_ref().map(open).transpose()?)));
    let (new, old) = match opened {
        Ok(readers) => readers,
        Err(error) => {
            // The layer may be gone already.
            drop(sender.send(Err(error)));
            return ctx.request_repaint();
        }
    };
    if sender.send(Ok(Arrival::Facts(new.facts()))).is_err() {
        return;
    }
    let place = WebPlace::new(&plan.project, plan.extent)
        .inspect_err(|error| log::warn!("sketches cannot keep to a foreign layer: {error}"))
        .ok();
    while let Some(wish) = next(shared) {
        let result = read(&new, old.as_ref(), &wish, place.as_ref());
        if sender
            .send(result.map(|drawn| Arrival::Drawn(Box::new(drawn))))
            .is_err()
        {
            return;
        }
        ctx.request_repaint();
    }
}

fn next(shared: &Shared) -> Option<Wish> {
    let mut slot = lock(shared);
    loop {
        if slot.is_closed {
            return None;
        }
        if let Some(wish) = slot.wish.take() {
            return Some(wish);
        }
        slot = shared.wake.wait(slot).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Lines and outlines of a sketch in the project's system.
fn lines_of(sketch: &Sketch, place: &WebPlace) -> Lines {
    let in_project =
        |line: &Vec<[f64; 2]>| -> Option<Vec<_>> { line.iter().map(|p| place.from_mercator(*p)).collect() };
    let rings = sketch.pieces.iter().flat_map(|piece| match piece {
        Piece::Line(line) => std::slice::from_ref(line),
        Piece::Area(rings) => &rings[..],
        Piece::Point(_) | Piece::Text(..) => &[],
    });
    Lines::new(rings.filter_map(in_project).collect())
}

fn read(
    new: &ForeignReader,
    old: Option<&ForeignReader>,
    wish: &Wish,
    place: Option<&WebPlace>,
) -> Result<Drawn> {
    let is_exact = wish.metres_per_px <= EXACT_METRES_PER_PX;
    // Half a pixel of detail; issues are compared as they are, so that both are thinned alike.
    let step_m = if is_exact { 0.0 } else { wish.metres_per_px / 2.0 };
    let view = |reader: &ForeignReader| reader.view(wish.web, step_m, MOST_VERTICES, &NoProgress);
    let origin = [
        wish.web[0].midpoint(wish.web[2]),
        wish.web[1].midpoint(wish.web[3]),
    ];
    let look = wish.look;
    let build = |sketches: &[(&Sketch, SketchLook)]| SketchMesh::build(sketches, origin, wish.metres_per_px);
    let new = view(new)?;
    let lines = match place {
        Some(place) if is_exact => lines_of(&new, place),
        _ => Lines::default(),
    };
    let old = old.map(view).transpose()?;
    let (new, old) = match old {
        Some(old) if wish.is_coloured => {
            let found = Sketch::compare(old, new);
            let parts = [&found.both, &found.only_old, &found.only_new].map(|s| (s, look));
            (build(&parts), None)
        }
        other => (build(&[(&new, look)]), other.map(|old| build(&[(&old, look)]))),
    };
    Ok(Drawn {
        wish: *wish,
        new,
        old,
        lines,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(path: &str) -> ForeignView {
        let plan = ForeignPlan {
            source: VectorSource {
                path: path.to_owned(),
                ..VectorSource::default()
            },
            other: None,
            project: Crs::local_metric(),
            extent: None,
        };
        ForeignView::new(plan, &Context::default())
    }

    fn drawn() -> Drawn {
        Drawn {
            wish: Wish {
                web: [0.0, 0.0, 1.0, 1.0],
                metres_per_px: 1.0,
                is_coloured: false,
                look: SketchLook::default(),
            },
            new: SketchMesh::default(),
            old: None,
            lines: Lines::default(),
        }
    }

    #[test]
    fn what_a_layer_showed_stays_until_its_new_source_has_something_to_show() {
        let mut first = view("first.shp");
        first.drawn = Some(drawn());
        let mut second = view("second.shp").instead_of(&mut first);
        assert!(second.shown().is_some());
        // Set otherwise once more before anything came.
        let mut third = view("no/such/file.shp").instead_of(&mut second);
        assert!(third.shown().is_some());
        let started = std::time::Instant::now();
        while !third.has_failed {
            assert!(started.elapsed().as_secs() < 30, "the worker answers");
            std::thread::sleep(std::time::Duration::from_millis(5));
            third.receive();
        }
        assert!(
            third.shown().is_none(),
            "a file that cannot be read shows nothing"
        );
    }
}
