//! Changes of a project as values: what was, what is, and back again. It writes nothing (`project` does), and knows no
//! tool.
//!
//! One operation of the user is one [`Transaction`]: the same record serves undo, the history of a feature and, later,
//! the exchange with others. It names features by their stable ids and holds old and new content cell by cell, so that
//! two changes of different cells of a feature do not disturb each other.

mod content;
pub mod ops;
pub mod parts;
mod ties;
mod wire;
mod words;

pub use content::{Cell, Content};
pub use ties::{Reference, Solution, TIES_FIELD, Tie, TieRecord};
pub use words::CellWords;

use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature};
use crate::schema::Schema;
use crate::text::Message;

/// What one operation of the user changes. All of it happens, or nothing.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// What the user is told that was done.
    pub name: Message,
    /// In the order in which they happen.
    pub edits: Vec<Edit>,
}

/// One change of one feature.
#[derive(Debug, Clone)]
pub enum Edit {
    Insert(Feature),
    /// With everything the feature was, so that it can come back.
    Delete(Feature),
    Update(Update),
}

/// Cells of one feature that change.
#[derive(Debug, Clone)]
pub struct Update {
    pub id: FeatureId,
    pub class: ClassIndex,
    pub cells: Vec<CellChange>,
}

#[derive(Debug, Clone)]
pub struct CellChange {
    pub cell: Cell,
    pub old: Content,
    pub new: Content,
}

impl Transaction {
    pub fn new(name: Message) -> Self {
        Self {
            name,
            edits: Vec::new(),
        }
    }

    /// Adds the change of a feature from one form to another; nothing where they are the same.
    pub fn change(&mut self, schema: &Schema, old: &Feature, new: &Feature) {
        self.edits
            .extend(Update::between(schema, old, new).map(Edit::Update));
    }

    /// What takes this back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        Self {
            name: self.name.clone(),
            edits: self.edits.iter().rev().map(Edit::inverse).collect(),
        }
    }
}

impl Edit {
    pub fn id(&self) -> FeatureId {
        match self {
            Self::Insert(feature) | Self::Delete(feature) => feature.id,
            Self::Update(update) => update.id,
        }
    }

    pub fn class(&self) -> ClassIndex {
        match self {
            Self::Insert(feature) | Self::Delete(feature) => feature.class,
            Self::Update(update) => update.class,
        }
    }

    #[must_use]
    pub fn inverse(&self) -> Self {
        match self {
            Self::Insert(feature) => Self::Delete(feature.clone()),
            Self::Delete(feature) => Self::Insert(feature.clone()),
            Self::Update(update) => Self::Update(Update {
                id: update.id,
                class: update.class,
                cells: update
                    .cells
                    .iter()
                    .map(|c| CellChange {
                        cell: c.cell,
                        old: c.new.clone(),
                        new: c.old.clone(),
                    })
                    .collect(),
            }),
        }
    }
}

impl Update {
    /// The cells in which two forms of a feature differ; `None` where they are the same.
    pub fn between(schema: &Schema, old: &Feature, new: &Feature) -> Option<Self> {
        let cells: Vec<CellChange> = Cell::all(schema.class(old.class))
            .filter_map(|cell| {
                let (old, new) = (cell.of(old), cell.of(new));
                (!old.is_same(&new)).then_some(CellChange { cell, old, new })
            })
            .collect();
        (!cells.is_empty()).then_some(Self {
            id: old.id,
            class: old.class,
            cells,
        })
    }
}
