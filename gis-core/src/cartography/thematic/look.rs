//! What a map document makes of every feature: drawn or not, and what differs from the style set. The window, pictures
//! and printed sheets all ask here.

use crate::cartography::{NodeSymbol, PipeLook, PipeStyle, Rgba, Shape, StyleSet, Themed};
use crate::model::ClassIndex;
use crate::network::{NodeIndex, PipeIndex};

/// Number of the look of features drawn as the style set has it.
pub(super) const STANDARD: u16 = 0;
/// Number of the look of features that are not drawn.
pub(super) const HIDDEN: u16 = 1;

/// How a whole class is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassLook {
    pub is_visible: bool,
    pub opacity: f32,
    pub hidden_beyond: Option<f64>,
    pub hidden_closer: Option<f64>,
}

impl Default for ClassLook {
    fn default() -> Self {
        Self {
            is_visible: true,
            opacity: 1.0,
            hidden_beyond: None,
            hidden_closer: None,
        }
    }
}

/// What a feature differs in; `None` leaves it as the style set has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeatureLook {
    pub is_hidden: bool,
    pub colour: Option<Rgba>,
    pub width_px: Option<f32>,
    pub size_px: Option<f32>,
    pub shape: Option<Shape>,
    pub opacity: f32,
    pub hidden_beyond: Option<f64>,
    pub hidden_closer: Option<f64>,
}

impl Default for FeatureLook {
    fn default() -> Self {
        Self {
            is_hidden: false,
            colour: None,
            width_px: None,
            size_px: None,
            shape: None,
            opacity: 1.0,
            hidden_beyond: None,
            hidden_closer: None,
        }
    }
}

impl FeatureLook {
    pub fn is_drawn_at(&self, scale_denominator: f64) -> bool {
        !self.is_hidden && within(self.hidden_beyond, self.hidden_closer, scale_denominator)
    }

    /// Whether it is drawn as the style set has it, so that the key to that says what it is.
    pub fn is_usual(&self) -> bool {
        self.colour.is_none() && self.width_px.is_none() && self.size_px.is_none() && self.shape.is_none()
    }
}

fn within(hidden_beyond: Option<f64>, hidden_closer: Option<f64>, scale_denominator: f64) -> bool {
    hidden_beyond.is_none_or(|limit| scale_denominator <= limit)
        && hidden_closer.is_none_or(|limit| scale_denominator >= limit)
}

/// The looks of a network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkLook {
    /// By `ClassIndex`; a class beyond the end is drawn as usual.
    pub classes: Vec<ClassLook>,
    /// Position in `looks` of every pipe; empty where all are standard. So for nodes.
    pub pipes: Vec<u16>,
    pub nodes: Vec<u16>,
    /// The first is the standard look, the second hides.
    pub looks: Vec<FeatureLook>,
}

impl NetworkLook {
    pub fn class(&self, class: ClassIndex) -> ClassLook {
        self.classes
            .get(usize::from(class.0))
            .copied()
            .unwrap_or_default()
    }

    /// Whether any feature has a look of its own.
    pub fn has_features(&self) -> bool {
        !(self.pipes.is_empty() && self.nodes.is_empty())
    }

    pub fn pipe(&self, pipe: PipeIndex) -> FeatureLook {
        self.of(&self.pipes, pipe.0)
    }

    pub fn node(&self, node: NodeIndex) -> FeatureLook {
        self.of(&self.nodes, node.0)
    }

    fn of(&self, numbers: &[u16], i: u32) -> FeatureLook {
        numbers
            .get(i as usize)
            .and_then(|number| self.looks.get(usize::from(*number)))
            .copied()
            .unwrap_or_default()
    }

    pub fn is_class_drawn(&self, class: ClassIndex, scale_denominator: f64) -> bool {
        let look = self.class(class);
        look.is_visible && within(look.hidden_beyond, look.hidden_closer, scale_denominator)
    }

    /// Whether layers let a pipe be drawn at a scale; the style set may still hide it.
    pub fn is_pipe_drawn(&self, class: ClassIndex, pipe: PipeIndex, scale_denominator: f64) -> bool {
        self.is_class_drawn(class, scale_denominator) && self.pipe(pipe).is_drawn_at(scale_denominator)
    }

    pub fn is_node_drawn(&self, class: ClassIndex, node: NodeIndex, scale_denominator: f64) -> bool {
        self.is_class_drawn(class, scale_denominator) && self.node(node).is_drawn_at(scale_denominator)
    }

    /// Style of a pipe with everything the layers say; `None` where it is not drawn at that scale.
    pub fn pipe_style(
        &self,
        styles: &StyleSet,
        class: ClassIndex,
        pipe: PipeIndex,
        facts: PipeLook<'_>,
        scale_denominator: f64,
    ) -> Option<PipeStyle> {
        if !self.is_pipe_drawn(class, pipe, scale_denominator) {
            return None;
        }
        let mut style = styles.pipe_style(facts);
        if style.hidden_beyond.is_some_and(|limit| scale_denominator > limit) {
            return None;
        }
        let look = self.pipe(pipe);
        if let Some(colour) = look.colour {
            style.colour = plain(colour);
        }
        style.width_px = look.width_px.unwrap_or(style.width_px);
        style.colour = faded(style.colour, look.opacity * self.class(class).opacity);
        Some(style)
    }

    /// Side of a node's symbol as it is drawn; `None` where it is not drawn at that scale.
    pub fn node_size_px(
        &self,
        symbol: &NodeSymbol,
        class: ClassIndex,
        node: NodeIndex,
        scale_denominator: f64,
    ) -> Option<f32> {
        let is_drawn = self.is_node_drawn(class, node, scale_denominator)
            && symbol
                .hidden_beyond
                .is_none_or(|limit| scale_denominator <= limit);
        is_drawn.then(|| self.node(node).size_px.unwrap_or(symbol.size_px))
    }

    /// Symbol of a node with everything the layers say; `None` where it is not drawn at that scale.
    pub fn node_symbol(
        &self,
        symbol: &NodeSymbol,
        class: ClassIndex,
        node: NodeIndex,
        scale_denominator: f64,
    ) -> Option<NodeSymbol> {
        let size_px = self.node_size_px(symbol, class, node, scale_denominator)?;
        let look = self.node(node);
        let opacity = look.opacity * self.class(class).opacity;
        let mut symbol = symbol.clone();
        if let Some(colour) = look.colour {
            symbol.fill = plain(colour);
        }
        symbol.fill = faded(symbol.fill, opacity);
        symbol.outline = faded(symbol.outline, opacity);
        symbol.size_px = size_px;
        symbol.shape = look.shape.unwrap_or(symbol.shape);
        Some(symbol)
    }
}

fn plain(colour: Rgba) -> Themed {
    Themed {
        light: colour,
        dark: colour,
    }
}

fn faded(colour: Themed, opacity: f32) -> Themed {
    let fade = |c: Rgba| c.with_alpha((f32::from(c.a) * opacity.clamp(0.0, 1.0)).round() as u8);
    Themed {
        light: fade(colour.light),
        dark: fade(colour.dark),
    }
}
