//! What the map document lays under the network: pictures and foreign layers, opened by threads of their own and drawn
//! in the order of the tree. A layer whose settings change is drawn as it was until it is ready as it shall be.

use std::collections::{HashMap, HashSet};

use egui::Painter;
use gis_core::Message;
use gis_core::cartography::Themed;
use gis_core::cartography::backdrop::SketchStyle;
use gis_core::cartography::layers::{
    Comparison, Layer, LayerId, LayerSource, MapDocument, TreeNode, VectorSource,
};
use gis_core::drafting::Lines;
use gis_core::io::foreign::ForeignFacts;

use super::camera::Camera;
use super::foreign::{ForeignPlan, ForeignStyle, ForeignView};
use super::tiles::{PictureLayers, PicturePlace};
use crate::theme::Theme;

/// What the layer tree says about a layer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnderState {
    pub is_loading: bool,
    pub trouble: Option<Message>,
    /// The picture is drawn coarser than it could be; pyramids help.
    pub wants_pyramids: bool,
    /// There is more in the view than is drawn.
    pub is_cut: bool,
    /// Web Mercator metres, where known.
    pub web_box: Option<[f64; 4]>,
    /// Columns and some text of a foreign layer.
    pub facts: ForeignFacts,
}

/// All layers under the network.
#[derive(Default)]
pub struct UnderLayers {
    foreign: HashMap<LayerId, ForeignView>,
    pub tiles: PictureLayers,
    failures: HashMap<LayerId, Message>,
    /// In the last frame.
    drawn: HashSet<LayerId>,
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

    /// Of the foreign layers in the picture, what sketches can keep to.
    pub fn lines(&self) -> impl Iterator<Item = (&LayerId, &Lines)> {
        let drawn = self.foreign.iter().filter(|(id, _)| self.drawn.contains(*id));
        drawn.filter_map(|(id, view)| Some((id, view.lines()?)))
    }

    pub fn state(&self, id: &LayerId) -> UnderState {
        if let Some(picture) = self.tiles.state(id) {
            return UnderState {
                is_loading: picture.is_loading && self.drawn.contains(id),
                trouble: picture.trouble,
                wants_pyramids: picture.wants_pyramids,
                web_box: picture.web_box,
                ..UnderState::default()
            };
        }
        let Some(view) = self.foreign.get(id) else {
            return UnderState::default();
        };
        UnderState {
            is_loading: view.is_loading() && self.drawn.contains(id),
            trouble: self.failures.get(id).cloned(),
            is_cut: view.is_cut(),
            web_box: view.facts().web_box,
            facts: view.facts().clone(),
            ..UnderState::default()
        }
    }

    pub(in crate::map) fn draw(
        &mut self,
        painter: &Painter,
        camera: &Camera,
        theme: &Theme,
        document: &MapDocument,
        place: PicturePlace<'_>,
    ) {
        let mut layers = Vec::new();
        shown(&document.tree, &mut layers);
        let ids: Vec<&LayerId> = document.layers().iter().map(|shown| &shown.layer.id).collect();
        self.foreign.retain(|id, _| ids.contains(&id));
        let scale = camera.scale_denominator();
        self.tiles.begin_frame();
        self.drawn.clear();
        for layer in layers.into_iter().filter(|l| l.is_drawn_at(scale)) {
            self.drawn.insert(layer.id.clone());
            if let LayerSource::Vector(source) = &layer.source {
                self.draw_foreign(painter, camera, theme, layer, source, place);
            } else {
                self.tiles.draw(painter, camera, layer, place);
            }
        }
        self.tiles.end_frame(|id| ids.contains(&id));
    }

    fn draw_foreign(
        &mut self,
        painter: &Painter,
        camera: &Camera,
        theme: &Theme,
        layer: &Layer,
        source: &VectorSource,
        place: PicturePlace<'_>,
    ) {
        let style = SketchStyle::of(layer);
        let colour = style.colour.map(|c| theme.color(Themed { light: c, dark: c }));
        let (other, comparison) = source.compared().unzip();
        let plan = ForeignPlan {
            source: source.alone(),
            other,
            project: place.crs.clone(),
            extent: place.extent,
        };
        if self
            .foreign
            .get(&layer.id)
            .is_none_or(|view| *view.plan() != plan)
        {
            self.failures.remove(&layer.id);
            let mut view = ForeignView::new(plan, painter.ctx());
            if let Some(mut other) = self.foreign.remove(&layer.id) {
                view = view.instead_of(&mut other);
            }
            self.foreign.insert(layer.id.clone(), view);
        }
        if let Some(view) = self.foreign.get_mut(&layer.id) {
            view.comparison = comparison.unwrap_or(Comparison::New);
            let style = ForeignStyle {
                look: style.look,
                opacity: layer.opacity,
                colour,
            };
            view.draw(painter, camera, theme, style);
            if let Some(failure) = view.take_failure() {
                self.failures.insert(layer.id.clone(), failure);
            }
        }
    }
}
