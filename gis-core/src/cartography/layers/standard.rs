//! The map a project starts with: its classes in groups by their role.

use super::{Group, LabelSettings, Layer, LayerId, LayerSource, MapDocument, TreeNode};
use crate::schema::{Role, Schema};

/// What pipes of a new project are labelled with.
const PIPE_LABEL: &str = "{material} DN{diameter_mm:.0}";

/// Groups from the top; titles are locale keys.
const GROUPS: [(&str, &str, &[Role]); 5] = [
    ("sources", "app.layers.sources", &[Role::Source, Role::Pump]),
    ("valves", "app.layers.valves", &[Role::Valve]),
    (
        "customers",
        "app.layers.customers",
        &[Role::Customer, Role::Meter, Role::Hydrant],
    ),
    (
        "fittings",
        "app.layers.fittings",
        &[Role::Fitting, Role::Junction],
    ),
    ("pipes", "app.layers.pipes", &[Role::Pipe]),
];

impl MapDocument {
    /// A layer for each class, drawn by the style set.
    pub fn standard(schema: &Schema) -> Self {
        let mut document = Self::default();
        for (id, title, roles) in GROUPS {
            let children: Vec<TreeNode> = schema
                .classes
                .iter()
                .filter(|class| roles.contains(&class.role))
                .map(|class| {
                    let mut layer = class_layer(&class.key);
                    // Pipes only: a map that labels everything at once says nothing.
                    layer.labels = (class.key == "pipe").then(|| LabelSettings::new(PIPE_LABEL));
                    TreeNode::Layer(layer)
                })
                .collect();
            if !children.is_empty() {
                document.tree.push(TreeNode::Group(Group {
                    id: LayerId::new(format!("group:{id}")),
                    title: title.to_owned(),
                    children,
                    ..Group::default()
                }));
            }
        }
        document
    }
}

pub(super) fn class_layer(class: &str) -> Layer {
    Layer::new(
        LayerId::new(format!("class:{class}")),
        LayerSource::Class {
            class: class.to_owned(),
        },
    )
}
