//! The symbols of nodes as what labels keep off, each as large as layers and themes have it drawn.

use std::cell::RefCell;
use std::collections::HashMap;

use super::candidates::GatherRequest;
use super::shape::TextBox;
use crate::cartography::NodeSymbol;
use crate::model::ClassIndex;
use crate::network::NodeIndex;

/// Symbols kept free in one part of the map, the largest first. Where there are more, they lie too close for labels.
const MOST_MARKS: usize = 6_000;

/// A symbol on the plane of the view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mark {
    at: [f64; 2],
    /// Half its side.
    half_px: f32,
}

impl Mark {
    pub(super) fn on_screen(&self, transform: impl Fn([f64; 2]) -> [f64; 2]) -> TextBox {
        let at = transform(self.at).map(|v| v as f32);
        TextBox::level(at.map(|v| v - self.half_px), at.map(|v| v + self.half_px))
    }
}

/// Which nodes are drawn, and how large.
pub(super) struct Symbols<'a> {
    request: &'a GatherRequest<'a>,
    /// What the style set has for a class and kind.
    usual: RefCell<HashMap<(ClassIndex, Option<usize>), &'a NodeSymbol>>,
}

impl<'a> Symbols<'a> {
    pub(super) fn new(request: &'a GatherRequest<'a>) -> Self {
        Self {
            request,
            usual: RefCell::default(),
        }
    }

    pub(super) fn marks(&self, to_plane: &mut dyn FnMut(&mut [[f64; 2]])) -> Vec<Mark> {
        let network = self.request.network;
        let mut found: Vec<(f32, NodeIndex)> = network
            .nodes_in_box(self.request.extent)
            .into_iter()
            .filter_map(|node| Some((self.half_px(node)?, node)))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(MOST_MARKS);
        let mut places: Vec<[f64; 2]> = found.iter().map(|(_, node)| network.position(*node)).collect();
        to_plane(&mut places);
        let marks = places.into_iter().zip(found);
        marks.map(|(at, (half_px, _))| Mark { at, half_px }).collect()
    }

    /// How far its symbol reaches from a node; 0 where none is drawn.
    pub(super) fn reach_px(&self, node: NodeIndex) -> f32 {
        self.half_px(node).unwrap_or(0.0)
    }

    fn half_px(&self, node: NodeIndex) -> Option<f32> {
        let GatherRequest {
            network,
            look,
            scale_denominator,
            ..
        } = *self.request;
        let class = network.node_class(node);
        let usual = self.usual(class, network.node_kind(node));
        let size_px = look.node_size_px(usual, class, node, scale_denominator)?;
        Some(size_px / 2.0)
    }

    fn usual(&self, class: ClassIndex, kind: Option<usize>) -> &'a NodeSymbol {
        let GatherRequest { schema, styles, .. } = *self.request;
        self.usual
            .borrow_mut()
            .entry((class, kind))
            .or_insert_with(|| styles.symbol(&schema.class(class).key, schema.kind_code(class, kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cartography::StyleSet;
    use crate::cartography::labels::{
        Annotations, Drawing, Flag, LabelSettings, LabelView, TextRuler, draw_once,
    };
    use crate::cartography::layers::{LayerId, Look, MapDocument, Renderer};
    use crate::cartography::thematic::{ClassColumns, Ramps, apply};
    use crate::ids::{FeatureId, IdSource};
    use crate::network::{Metric, Network, NetworkBuilder, NetworkOptions, NodeInput, PipeInput};
    use crate::progress::NoProgress;
    use crate::schema::Schema;

    const DENOMINATOR: f64 = 500.0;

    /// Parallel pipes, each with a hydrant in its middle, where its label would stand first.
    fn street(schema: &Schema) -> (Network, Vec<FeatureId>) {
        let mut ids = IdSource::new(0, 5);
        let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
        let [pipe, hydrant] = ["pipe", "hydrant"].map(|key| schema.class_index(key).unwrap());
        let mut pipes = Vec::new();
        for row in 0..12_u8 {
            let y = f64::from(row) * 5.0;
            let id = ids.next_id();
            builder.add_pipe(&PipeInput {
                diameter_mm: 200.0,
                vertices: &[[0.0, y], [60.0, y]],
                ..PipeInput::new(id, pipe)
            });
            builder.add_node(&NodeInput {
                position: [30.0, y],
                ..NodeInput::new(ids.next_id(), hydrant)
            });
            pipes.push(id);
        }
        (builder.build(&NoProgress).unwrap(), pipes)
    }

    fn view() -> LabelView {
        let metric = Metric::projected(1.0);
        LabelView::of_scale([30.0, 30.0], metric, DENOMINATOR, 0.2, [1_000.0, 700.0])
    }

    /// How hydrants are drawn.
    #[derive(Clone, Copy)]
    enum Hydrants {
        Usual,
        Hidden,
        Sized(f32),
    }

    fn drawn(shown: Hydrants, annotations: &Annotations) -> Drawing {
        let schema = Schema::builtin().unwrap();
        let (network, _) = street(&schema);
        let mut document = MapDocument::standard(&schema);
        document.layer_mut(&LayerId::new("class:pipe")).unwrap().labels = Some(LabelSettings {
            hidden_beyond: None,
            ..LabelSettings::new("DN200")
        });
        let hydrants = document.layer_mut(&LayerId::new("class:hydrant")).unwrap();
        hydrants.is_visible = !matches!(shown, Hydrants::Hidden);
        if let Hydrants::Sized(size_px) = shown {
            let look = Look {
                size_px: Some(size_px),
                ..Look::default()
            };
            hydrants.renderer = Renderer::Single { look };
        }
        let (ramps, columns) = (Ramps::builtin().unwrap(), ClassColumns::default());
        let themed = apply(&document, &schema, &network, &columns, &ramps, &NoProgress).unwrap();
        let texts = |_: ClassIndex, _: FeatureId, template: &str| Some(template.to_owned());
        let request = GatherRequest {
            network: &network,
            schema: &schema,
            styles: &StyleSet::builtin().unwrap(),
            document: &document,
            look: &themed.look,
            annotations,
            texts: &texts,
            ruler: &TextRuler::embedded().unwrap(),
            scale_denominator: DENOMINATOR,
            extent: [-100.0, -100.0, 200.0, 200.0],
            most: 1_000,
        };
        draw_once(&request, network.metric(), &view(), 1_000, &mut |_| {})
    }

    fn usual_size_px() -> f32 {
        StyleSet::builtin().unwrap().symbol("hydrant", None).size_px
    }

    /// Texts upon the place of a hydrant of a size.
    fn upon_hydrants(drawing: &Drawing, size_px: f32) -> usize {
        let marks = (0..12_u8).map(|row| Mark {
            at: [30.0, f64::from(row) * 5.0],
            half_px: size_px / 2.0,
        });
        let marks: Vec<TextBox> = marks.map(|mark| mark.on_screen(|p| view().px(p))).collect();
        let texts = drawing.texts.iter();
        texts
            .filter(|text| marks.iter().any(|mark| mark.overlaps(&text.text_box)))
            .count()
    }

    #[test]
    fn labels_keep_off_symbols_that_are_drawn_and_only_off_those() {
        let annotations = Annotations::default();
        let drawing = drawn(Hydrants::Usual, &annotations);
        assert_eq!(drawing.texts.len(), 12, "there is room beside the symbols");
        assert_eq!(upon_hydrants(&drawing, usual_size_px()), 0);
        let hidden = drawn(Hydrants::Hidden, &annotations);
        assert!(
            upon_hydrants(&hidden, usual_size_px()) > 0,
            "in the middle, where nothing is drawn"
        );
    }

    #[test]
    fn labels_keep_off_symbols_as_large_as_their_layer_draws_them() {
        const LARGE_PX: f32 = 240.0;
        let annotations = Annotations::default();
        let usual = drawn(Hydrants::Usual, &annotations);
        assert!(
            upon_hydrants(&usual, LARGE_PX) > 0,
            "labels of usual symbols stand where large ones would reach"
        );
        let large = drawn(Hydrants::Sized(LARGE_PX), &annotations);
        assert!(large.texts.len() > 3, "{} labels", large.texts.len());
        assert_eq!(upon_hydrants(&large, LARGE_PX), 0);
    }

    #[test]
    fn labels_keep_off_the_lines_of_a_flag() {
        let schema = Schema::builtin().unwrap();
        let (_, pipes) = street(&schema);
        let flag = Flag {
            id: 1,
            stroke: [[28.0, -2.0], [28.0, 57.0]],
            foot: [70.0, 20.0],
            pipes,
            template: "flag".to_owned(),
            size_px: 11.0,
            hidden_beyond: None,
        };
        let annotations = Annotations {
            flags: vec![flag],
            ..Annotations::default()
        };
        let drawing = drawn(Hydrants::Hidden, &annotations);
        let lines: Vec<TextBox> = drawing
            .lines
            .iter()
            .filter_map(|line| TextBox::around(line.points, line.width_px))
            .collect();
        let labels: Vec<_> = drawing.texts.iter().filter(|t| t.text == "DN200").collect();
        assert!(labels.len() > 3 && lines.len() > 24, "{} labels", labels.len());
        for label in labels {
            let upon = lines.iter().any(|line| line.overlaps(&label.text_box));
            assert!(!upon, "{label:?}");
        }
        let lines_of = |drawing: &Drawing| {
            let upon = |t: &&crate::cartography::labels::DrawnText| {
                lines.iter().any(|line| line.overlaps(&t.text_box))
            };
            drawing.texts.iter().filter(upon).count()
        };
        let without = drawn(Hydrants::Hidden, &Annotations::default());
        assert!(lines_of(&without) > 0, "they would lie under the flag otherwise");
    }
}
