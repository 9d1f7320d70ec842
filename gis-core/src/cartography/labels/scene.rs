//! Flags, dimensions and labels as lines and texts in pixels of a view, for whoever draws them: the window, the
//! picture without a window, the printed sheet. It chooses no colours but those the user set.

use super::annotations::{Annotations, is_within_scale};
use super::candidates::{GatherRequest, gather};
use super::place::{PlacedLabel, place_once};
use super::ruler::{LINE_EM, TextRuler};
use super::shape::TextBox;
use super::view::LabelView;
use super::{AnnotationId, LabelTexts, dimension, flag};
use crate::cartography::Rgba;
use crate::ids::FeatureId;
use crate::network::{Metric, Network};

/// Lines are drawn with a rim, on both sides together.
const LINE_RIM_PX: f32 = 1.6;

/// Writings on a view.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawing {
    pub lines: Vec<DrawnLine>,
    /// Small discs, where a flag's leaders begin.
    pub dots: Vec<[f64; 2]>,
    pub texts: Vec<DrawnText>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrawnLine {
    pub points: [[f64; 2]; 2],
    pub width_px: f32,
    /// Part of whose rows, for picking; `None` for the leader of a label.
    pub of: Option<AnnotationId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DrawnText {
    pub text: String,
    /// Its middle is the middle of the text, its height [`LINE_EM`] of the font.
    pub text_box: TextBox,
    pub size_px: f32,
    /// The theme's where `None`.
    pub colour: Option<Rgba>,
    pub halo: Option<Rgba>,
    pub halo_px: f32,
}

/// A flag with what its rows say, on the plane of a view. It is made anew after every edit, never kept: so its rows
/// follow the attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagScene {
    pub id: u32,
    pub stroke: [[f64; 2]; 2],
    pub foot: [f64; 2],
    pub size_px: f32,
    pub hidden_beyond: Option<f64>,
    pub rows: Vec<SceneRow>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SceneRow {
    pub feature: FeatureId,
    pub crossing: [f64; 2],
    pub text: String,
    pub width_em: f32,
}

/// All flags that still cross a pipe. A row whose template says nothing shows the pipe's code.
pub fn flag_scenes(
    network: &Network,
    annotations: &Annotations,
    texts: &dyn LabelTexts,
    ruler: &TextRuler,
    to_plane: &mut dyn FnMut(&mut [[f64; 2]]),
) -> Vec<FlagScene> {
    let mut scenes = Vec::new();
    for flag in &annotations.flags {
        let rows: Vec<SceneRow> = flag::rows_of(network, flag)
            .into_iter()
            .map(|(pipe, crossing)| {
                let feature = network.pipe_id(pipe);
                let text = texts.text(network.pipe_class(pipe), feature, &flag.template);
                let text = text
                    .map(|text| text.trim().to_owned())
                    .filter(|text| !text.is_empty())
                    .unwrap_or_else(|| network.pipe_code(pipe).to_owned());
                let mut at = [crossing.point];
                to_plane(&mut at);
                SceneRow {
                    feature,
                    crossing: at[0],
                    width_em: ruler.width_em(&text),
                    text,
                }
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        let mut points = [flag.stroke[0], flag.stroke[1], flag.foot];
        to_plane(&mut points);
        scenes.push(FlagScene {
            id: flag.id,
            stroke: [points[0], points[1]],
            foot: points[2],
            size_px: flag.size_px.clamp(4.0, 96.0),
            hidden_beyond: flag.hidden_beyond,
            rows,
        });
    }
    scenes
}

impl FlagScene {
    /// With its foot where it is, or `moved` to another place in pixels; `None` beyond the scale it is drawn to.
    pub fn layout(&self, view: &LabelView, moved: Option<[f64; 2]>) -> Option<flag::FlagLayout> {
        if !is_within_scale(self.hidden_beyond, view.scale_denominator) {
            return None;
        }
        self.with_request(view, |request| {
            flag::layout(request, moved.unwrap_or_else(|| view.px(self.foot)))
        })
    }

    /// A good place for the foot, in pixels; see [`flag::choose_foot`].
    pub fn choose_foot(
        &self,
        view: &LabelView,
        around: &[[[f64; 2]; 2]],
        taken: &[TextBox],
    ) -> Option<[f64; 2]> {
        self.with_request(view, |request| {
            flag::choose_foot(request, around, taken, view.size_px)
        })
    }

    fn with_request<T>(&self, view: &LabelView, ask: impl Fn(&flag::FlagRequest<'_>) -> T) -> T {
        let crossings: Vec<[f64; 2]> = self.rows.iter().map(|row| view.px(row.crossing)).collect();
        let size_px = f64::from(self.size_px);
        let widths: Vec<f64> = self
            .rows
            .iter()
            .map(|row| f64::from(row.width_em) * size_px)
            .collect();
        ask(&flag::FlagRequest {
            crossings: &crossings,
            stroke: self.stroke.map(|p| view.px(p)),
            widths: &widths,
            size_px,
        })
    }
}

impl Drawing {
    pub fn add_flag(&mut self, scene: &FlagScene, layout: &flag::FlagLayout) {
        let of = Some(AnnotationId::Flag(scene.id));
        let mut line = |points, width_px| self.lines.push(DrawnLine { points, width_px, of });
        line(layout.stroke, 0.8);
        line(layout.staff, 1.4);
        for row in &layout.rows {
            line(row.leader, 0.8);
            line(row.line, 0.8);
        }
        for row in &layout.rows {
            self.dots.push(row.leader[0]);
            let Some(said) = scene.rows.get(row.crossing) else {
                continue;
            };
            self.texts.push(DrawnText {
                text: said.text.clone(),
                text_box: TextBox::turned(
                    row.text.centre,
                    [row.text.half[0], scene.size_px * LINE_EM / 2.0],
                    row.text.angle_rad(),
                ),
                size_px: scene.size_px,
                colour: None,
                halo: None,
                halo_px: 2.0,
            });
        }
    }

    pub fn add_dimension(&mut self, id: u32, size_px: f32, parts: Vec<dimension::DimensionPart>) {
        let of = Some(AnnotationId::Dimension(id));
        for part in parts {
            for (points, width_px) in
                std::iter::once((part.line, 1.2)).chain(part.details.iter().map(|d| (*d, 0.8)))
            {
                self.lines.push(DrawnLine { points, width_px, of });
            }
            self.texts.push(DrawnText {
                text: part.text,
                text_box: part.text_box,
                size_px: size_px.clamp(4.0, 96.0),
                colour: None,
                halo: None,
                halo_px: 2.0,
            });
        }
    }

    pub fn add_label(&mut self, label: &PlacedLabel) {
        if let Some(end) = label.leader_to {
            self.lines.push(DrawnLine {
                points: [label.centre.map(f64::from), end.map(f64::from)],
                width_px: 0.8,
                of: None,
            });
        }
        self.texts.push(DrawnText {
            text: label.text.to_string(),
            text_box: label.text_box(),
            size_px: label.size_px,
            colour: label.colour,
            halo: label.halo,
            halo_px: label.halo_px,
        });
    }

    /// What labels must keep clear of: texts and lines drawn so far.
    pub fn taken(&self) -> Vec<TextBox> {
        let lines = self.lines.iter();
        let lines = lines.filter_map(|line| TextBox::around(line.points, line.width_px + LINE_RIM_PX));
        let texts = self.texts.iter().map(|text| text.text_box);
        lines.chain(texts).collect()
    }
}

/// Everything that is written on one picture: flags, dimensions, then labels between them. For print and pictures; the
/// window goes step by step, to keep its labels still.
pub fn draw_once(
    request: &GatherRequest<'_>,
    metric: Metric,
    view: &LabelView,
    most: usize,
    to_plane: &mut dyn FnMut(&mut [[f64; 2]]),
) -> Drawing {
    let mut drawing = Drawing::default();
    let GatherRequest {
        network,
        annotations,
        texts,
        ruler,
        ..
    } = *request;
    for scene in flag_scenes(network, annotations, texts, ruler, to_plane) {
        if let Some(layout) = scene.layout(view, None) {
            drawing.add_flag(&scene, &layout);
        }
    }
    for one in annotations.dimensions_at(view.scale_denominator) {
        let parts = dimension::layout(one, metric, view, ruler, to_plane);
        drawing.add_dimension(one.id, one.size_px, parts);
    }
    let candidates = gather(request, to_plane);
    for label in place_once(&candidates, view, &drawing.taken(), most) {
        drawing.add_label(&label);
    }
    drawing
}
