//! The tree of layers, bookmarks and the view last seen. Walking and changing the tree is here; what a layer shows is
//! not.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{LabelSettings, LayerSource, Renderer};
use crate::cartography::{StyleChanges, StyleSet};
use crate::error::Result;

/// The present form of the document.
pub(super) const VERSION: u32 = 1;

/// A map as it is kept with the project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MapDocument {
    pub version: u32,
    /// The first is the topmost.
    pub tree: Vec<TreeNode>,
    pub bookmarks: Vec<Bookmark>,
    pub view: Option<SavedView>,
    /// What the standard symbols and lines of this map are drawn with, where not as usual.
    #[serde(skip_serializing_if = "StyleChanges::is_empty")]
    pub styles: StyleChanges,
}

impl Default for MapDocument {
    fn default() -> Self {
        Self {
            version: VERSION,
            tree: Vec::new(),
            bookmarks: Vec::new(),
            view: None,
            styles: StyleChanges::default(),
        }
    }
}

/// Names a layer or group within its document; it never changes, and no other gets it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LayerId(pub String);

impl LayerId {
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for LayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a map has some dozens of them")]
pub enum TreeNode {
    Group(Group),
    Layer(Layer),
}

/// A folder of the tree. Hidden, it hides everything in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    pub id: LayerId,
    /// As the user named it; a locale key (`app.layers.valves`) in a standard map.
    pub title: String,
    pub is_visible: bool,
    pub is_expanded: bool,
    pub children: Vec<TreeNode>,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            id: LayerId::default(),
            title: String::new(),
            is_visible: true,
            is_expanded: true,
            children: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layer {
    pub id: LayerId,
    /// What the user called it; the source's own name where `None`.
    pub title: Option<String>,
    pub source: LayerSource,
    pub is_visible: bool,
    /// 0 to 1.
    pub opacity: f32,
    /// Not drawn at scale denominators above this (zoomed out further).
    pub hidden_beyond: Option<f64>,
    /// Not drawn at scale denominators below this (zoomed in closer).
    pub hidden_closer: Option<f64>,
    /// Read only until someone starts to edit.
    pub is_locked: bool,
    /// An expression (see `expr`); features for which it is not true are not part of the layer.
    pub filter: Option<String>,
    pub renderer: Renderer,
    pub labels: Option<LabelSettings>,
}

impl Default for Layer {
    fn default() -> Self {
        Self {
            id: LayerId::default(),
            title: None,
            source: LayerSource::default(),
            is_visible: true,
            opacity: 1.0,
            hidden_beyond: None,
            hidden_closer: None,
            is_locked: true,
            filter: None,
            renderer: Renderer::default(),
            labels: None,
        }
    }
}

impl Layer {
    pub fn new(id: LayerId, source: LayerSource) -> Self {
        Self {
            id,
            source,
            ..Self::default()
        }
    }

    /// Whether the layer's own limits let it be drawn at a scale.
    pub fn is_drawn_at(&self, scale_denominator: f64) -> bool {
        self.hidden_beyond.is_none_or(|limit| scale_denominator <= limit)
            && self.hidden_closer.is_none_or(|limit| scale_denominator >= limit)
    }

    /// Schema key of the class it shows, where it shows one.
    pub fn class(&self) -> Option<&str> {
        match &self.source {
            LayerSource::Class { class } => Some(class),
            _ => None,
        }
    }
}

/// A named view.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Bookmark {
    pub name: String,
    /// Project coordinates.
    pub centre: [f64; 2],
    pub scale_denominator: f64,
    /// Clockwise turn of the map.
    pub rotation_deg: f64,
}

/// The view when the map was saved.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedView {
    pub centre: [f64; 2],
    pub scale_denominator: f64,
    pub rotation_deg: f64,
}

impl TreeNode {
    pub fn id(&self) -> &LayerId {
        match self {
            Self::Group(group) => &group.id,
            Self::Layer(layer) => &layer.id,
        }
    }
}

/// A layer with what its groups make of it.
#[derive(Debug, Clone, Copy)]
pub struct LayerInTree<'a> {
    pub layer: &'a Layer,
    /// It and all its groups are switched on.
    pub is_visible: bool,
}

impl MapDocument {
    /// The styles the program comes with as this map has them.
    ///
    /// # Errors
    /// The program's own style file is wrong.
    pub fn style_set(&self) -> Result<StyleSet> {
        Ok(StyleSet::builtin()?.with_changes(&self.styles))
    }

    /// Without what looking around changes: bookmarks, the view, how two issues of a map are compared.
    #[must_use]
    pub fn without_views(&self) -> Self {
        fn forget(nodes: &mut [TreeNode]) {
            for node in nodes {
                match node {
                    TreeNode::Group(group) => forget(&mut group.children),
                    TreeNode::Layer(layer) => {
                        if let LayerSource::Vector(source) = &mut layer.source {
                            *source = source.alone();
                        }
                    }
                }
            }
        }
        let mut document = Self {
            bookmarks: Vec::new(),
            view: None,
            ..self.clone()
        };
        forget(&mut document.tree);
        document
    }

    /// All layers, topmost first.
    pub fn layers(&self) -> Vec<LayerInTree<'_>> {
        fn walk<'a>(nodes: &'a [TreeNode], is_visible: bool, found: &mut Vec<LayerInTree<'a>>) {
            for node in nodes {
                match node {
                    TreeNode::Group(group) => walk(&group.children, is_visible && group.is_visible, found),
                    TreeNode::Layer(layer) => found.push(LayerInTree {
                        layer,
                        is_visible: is_visible && layer.is_visible,
                    }),
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.tree, true, &mut found);
        found
    }

    pub fn layer(&self, id: &LayerId) -> Option<&Layer> {
        self.layers()
            .into_iter()
            .map(|l| l.layer)
            .find(|layer| layer.id == *id)
    }

    pub fn layer_mut(&mut self, id: &LayerId) -> Option<&mut Layer> {
        match self.node_mut(id)? {
            TreeNode::Layer(layer) => Some(layer),
            TreeNode::Group(_) => None,
        }
    }

    pub fn group_mut(&mut self, id: &LayerId) -> Option<&mut Group> {
        match self.node_mut(id)? {
            TreeNode::Group(group) => Some(group),
            TreeNode::Layer(_) => None,
        }
    }

    pub fn node_mut(&mut self, id: &LayerId) -> Option<&mut TreeNode> {
        fn find<'a>(nodes: &'a mut [TreeNode], id: &LayerId) -> Option<&'a mut TreeNode> {
            for node in nodes {
                if node.id() == id {
                    return Some(node);
                }
                if let TreeNode::Group(group) = node
                    && let Some(found) = find(&mut group.children, id)
                {
                    return Some(found);
                }
            }
            None
        }
        find(&mut self.tree, id)
    }

    /// Takes a layer or a group with all it holds out of the tree.
    pub fn take(&mut self, id: &LayerId) -> Option<TreeNode> {
        fn take(nodes: &mut Vec<TreeNode>, id: &LayerId) -> Option<TreeNode> {
            if let Some(i) = nodes.iter().position(|node| node.id() == id) {
                return Some(nodes.remove(i));
            }
            nodes.iter_mut().find_map(|node| match node {
                TreeNode::Group(group) => take(&mut group.children, id),
                TreeNode::Layer(_) => None,
            })
        }
        take(&mut self.tree, id)
    }

    /// Puts a node into a group (the whole tree where `None`, or where the group is gone) at a position; behind the
    /// last where the position is too large.
    pub fn insert(&mut self, node: TreeNode, group: Option<&LayerId>, position: usize) {
        let is_there = group.is_some_and(|id| self.group_mut(id).is_some());
        let children = match group.filter(|_| is_there).and_then(|id| self.group_mut(id)) {
            Some(group) => &mut group.children,
            None => &mut self.tree,
        };
        let position = position.min(children.len());
        children.insert(position, node);
    }

    /// Moves a node before position `position` of a group (counted as the tree is now). A group never goes into
    /// itself; then nothing happens and the answer is `false`.
    pub fn move_to(&mut self, id: &LayerId, group: Option<&LayerId>, position: usize) -> bool {
        if group == Some(id) || group.is_some_and(|target| self.holds(id, target)) {
            return false;
        }
        let place = self.place_of(id);
        let Some(node) = self.take(id) else { return false };
        // Taking it out moves what came behind it in the same group one forward.
        let position = match place {
            Some((old_group, old)) if old_group.as_ref() == group && old < position => position - 1,
            _ => position,
        };
        self.insert(node, group, position);
        true
    }

    /// The group of a node (`None` for the tree itself) and its position there.
    pub fn place_of(&self, id: &LayerId) -> Option<(Option<LayerId>, usize)> {
        fn find(
            nodes: &[TreeNode],
            group: Option<&LayerId>,
            id: &LayerId,
        ) -> Option<(Option<LayerId>, usize)> {
            nodes.iter().enumerate().find_map(|(i, node)| match node {
                _ if node.id() == id => Some((group.cloned(), i)),
                TreeNode::Group(inner) => find(&inner.children, Some(&inner.id), id),
                TreeNode::Layer(_) => None,
            })
        }
        find(&self.tree, None, id)
    }

    /// Whether `inner` lies somewhere within the group `outer`.
    fn holds(&self, outer: &LayerId, inner: &LayerId) -> bool {
        let mut at = inner.clone();
        while let Some((Some(group), _)) = self.place_of(&at) {
            if group == *outer {
                return true;
            }
            at = group;
        }
        false
    }

    /// An id that no node has yet: the stem with a number.
    pub fn fresh_id(&self, stem: &str) -> LayerId {
        let mut number = 2_usize;
        loop {
            let id = LayerId(format!("{stem}-{number}"));
            if self.place_of(&id).is_none() {
                return id;
            }
            number += 1;
        }
    }

    /// A copy of a layer right above it; the id of the copy.
    pub fn duplicate(&mut self, id: &LayerId) -> Option<LayerId> {
        let (group, position) = self.place_of(id)?;
        let mut copy = self.layer(id)?.clone();
        let stem = id.0.rsplit_once('-').map_or(id.0.as_str(), |(stem, _)| stem);
        copy.id = self.fresh_id(stem);
        let new = copy.id.clone();
        self.insert(TreeNode::Layer(copy), group.as_ref(), position);
        Some(new)
    }
}
