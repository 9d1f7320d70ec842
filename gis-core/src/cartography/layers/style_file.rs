//! Styles of a map as a file of their own (TOML), to be used in other projects: how the layers of each class are drawn,
//! without bookmarks, views, images and base maps.

use serde::{Deserialize, Serialize};

use super::{Layer, LayerSource, MapDocument, TreeNode};
use crate::cartography::{StyleChanges, StyleSet};
use crate::error::{Error, Result};
use crate::text::Message;

#[derive(Serialize, Deserialize)]
struct StyleFile {
    version: u32,
    #[serde(default, skip_serializing_if = "StyleChanges::is_empty")]
    styles: StyleChanges,
    #[serde(default)]
    layer: Vec<Layer>,
}

impl MapDocument {
    /// The layers of classes as a style file.
    pub fn styles_text(&self) -> Result<String> {
        let file = StyleFile {
            version: 1,
            styles: self.styles.clone(),
            layer: self
                .layers()
                .into_iter()
                .filter(|shown| shown.layer.class().is_some())
                .map(|shown| Layer {
                    is_visible: shown.is_visible,
                    ..shown.layer.clone()
                })
                .collect(),
        };
        toml::to_string_pretty(&file)
            .map_err(|e| Error::bad_input(Message::new("layers.error.style_write").with("reason", e)))
    }

    /// Puts the styles of a file in place of those of the same classes; titles, order and groups stay. Layers that a
    /// class has more of in the file come above its first. Returns how many layers were restyled.
    ///
    /// # Errors
    /// `BadInput` naming the file and what is wrong with it; the map is then unchanged.
    pub fn apply_styles(&mut self, file: &str, text: &str) -> Result<usize> {
        let wrong = |reason: String| {
            let message = Message::new("layers.error.style_file").with("file", file);
            Error::bad_input(message.with("reason", reason))
        };
        let mut styles: StyleFile = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let faults = styles.styles.take_faults(&StyleSet::builtin()?, file);
        if let Some(fault) = faults.into_iter().next() {
            return Err(Error::bad_input(fault));
        }
        self.styles = styles.styles;
        let mut used = Vec::new();
        let mut count = 0;
        for style in styles.layer.into_iter().rev() {
            let Some(class) = style.class().map(str::to_owned) else {
                continue;
            };
            let known = self
                .layers()
                .iter()
                .rev()
                .find(|l| l.layer.class() == Some(&class) && !used.contains(&l.layer.id))
                .map(|l| l.layer.id.clone());
            let first_used = self
                .layers()
                .iter()
                .find(|l| l.layer.class() == Some(&class))
                .map(|l| l.layer.id.clone());
            let id = match (known, first_used) {
                (Some(id), _) => id,
                (None, Some(other)) => match self.duplicate(&other) {
                    Some(id) => id,
                    None => continue,
                },
                // The map has no layer of that class: it was taken out on purpose.
                (None, None) => continue,
            };
            if let Some(layer) = self.layer_mut(&id) {
                layer.source = LayerSource::Class { class };
                layer.is_visible = style.is_visible;
                layer.opacity = style.opacity;
                layer.hidden_beyond = style.hidden_beyond;
                layer.hidden_closer = style.hidden_closer;
                layer.filter = style.filter;
                layer.renderer = style.renderer;
                layer.labels = style.labels;
                if style.title.is_some() {
                    layer.title = style.title;
                }
                count += 1;
            }
            used.push(id);
        }
        Ok(count)
    }

    /// Every node of the tree, groups before what they hold.
    pub fn nodes(&self) -> Vec<&TreeNode> {
        fn walk<'a>(nodes: &'a [TreeNode], found: &mut Vec<&'a TreeNode>) {
            for node in nodes {
                found.push(node);
                if let TreeNode::Group(group) = node {
                    walk(&group.children, found);
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.tree, &mut found);
        found
    }
}
