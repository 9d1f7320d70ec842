//! What is written on the map: labels, flags across bundles of pipes, dimensions. Where they stand is worked out by
//! `cartography::labels`, as on the screen.

use super::network::MM_PER_PX;
use super::{Dressing, Scene};
use crate::cartography::labels::{Drawing, GatherRequest, LabelView, MOST_CANDIDATES, TextRuler, draw_once};
use crate::layout::frame::FrameView;
use crate::layout::surface::{Align, LayerName, Outline, Stroke, Surface, TextRun};

/// Labels on one page; more cannot be read on A0.
const MOST_LABELS: usize = 4000;
/// The middle of capitals and Chinese characters above the baseline, in ems.
const MIDDLE_EM: f64 = 0.37;

pub(super) fn draw(
    scene: &Scene<'_>,
    dressing: &Dressing,
    view: &FrameView,
    symbol_scale: f64,
    surface: &mut dyn Surface,
) {
    let ruler = match TextRuler::embedded() {
        Ok(ruler) => ruler,
        Err(error) => {
            log::error!("the font of labels: {error}");
            return;
        }
    };
    let mm = MM_PER_PX * symbol_scale;
    let label_view = LabelView::of_scale(
        view.centre,
        scene.network.metric(),
        // Larger writing on the same ground is a smaller map with writing of the usual size.
        view.denominator * symbol_scale,
        view.rotation_rad,
        [view.area.width / mm, view.area.height / mm],
    );
    let request = GatherRequest {
        network: scene.network,
        schema: scene.schema,
        styles: scene.styles,
        document: &dressing.document,
        look: &dressing.themed.look,
        annotations: &dressing.annotations,
        texts: dressing.texts.as_ref(),
        ruler: &ruler,
        scale_denominator: view.denominator,
        extent: view.bounds(0.0),
        most: MOST_CANDIDATES,
    };
    let drawing = draw_once(
        &request,
        scene.network.metric(),
        &label_view,
        MOST_LABELS,
        &mut |_| {},
    );
    let title = scene.say("layout.layer.labels");
    surface.begin_layer(LayerName {
        key: "labels",
        title: &title,
    });
    surface.push_clip(view.area);
    paint(scene, &drawing, view, mm, surface);
    surface.pop_clip();
    surface.end_layer();
}

fn paint(scene: &Scene<'_>, drawing: &Drawing, view: &FrameView, mm: f64, surface: &mut dyn Surface) {
    let page = |p: [f64; 2]| [view.area.x + p[0] * mm, view.area.y + p[1] * mm];
    let ink = scene.ink();
    for line in &drawing.lines {
        let points = line.points.map(page);
        // Cut here as well: some formats cannot clip.
        if let Some(inside) = view.area.clip(points[0], points[1]) {
            let pen = Stroke::solid(ink, f64::from(line.width_px) * mm);
            surface.stroke(&Outline::line(&inside), &pen);
        }
    }
    for dot in drawing.dots.iter().map(|p| page(*p)) {
        if view.area.contains(dot, 0.0) {
            surface.fill(&Outline::circle(dot, 1.5 * mm), ink);
        }
    }
    for text in &drawing.texts {
        let middle = page(text.text_box.centre.map(f64::from));
        if !view.area.contains(middle, 0.0) {
            continue;
        }
        let size_mm = f64::from(text.size_px) * mm;
        let angle_rad = f64::from(text.text_box.angle_rad());
        let (sin, cos) = angle_rad.sin_cos();
        let down = MIDDLE_EM * size_mm;
        surface.text(&TextRun {
            text: &text.text,
            at: [middle[0] - down * sin, middle[1] + down * cos],
            size_mm,
            angle_rad,
            align: Align::Centre,
            colour: text.colour.unwrap_or(ink),
            halo: (text.halo_px > 0.0).then(|| text.halo.unwrap_or(scene.paper())),
        });
    }
}
