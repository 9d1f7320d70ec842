//! Labels: what is written beside features, flags across bundles of pipes, dimensions. The window, the picture without
//! a window and the printed sheet place them by the same functions; none of them is drawn here.
//!
//! [`draw_once`] gives all that is written on one picture or sheet. The window goes step by step: [`gather`] makes
//! [`Candidates`] of a part of the map in the background, a [`Placer`] places them picture after picture; flags and
//! dimensions are laid out by [`flag`] and [`dimension`].

mod annotations;
mod candidates;
mod column_texts;
pub mod dimension;
pub mod flag;
mod marks;
mod place;
#[cfg(test)]
mod place_tests;
mod ruler;
mod scene;
mod settings;
mod shape;
mod stretches;
mod texts;
mod view;

pub use annotations::{ANNOTATIONS_DOCUMENT, AnnotationId, Annotations, Dimension, Flag, PinnedLabel};
pub use candidates::{Candidates, GatherRequest, LabelKey, LabelLook, MOST_CANDIDATES, gather};
pub use column_texts::ColumnTexts;
pub use place::{MOST_LABELS, PlacedLabel, Placer, place_once};
pub use ruler::{LINE_EM, TextRuler};
pub use scene::{Drawing, DrawnLine, DrawnText, FlagScene, SceneRow, draw_once, flag_scenes};
pub use settings::{LabelPosition, LabelSettings, ScaleRange, Wording};
pub use shape::TextBox;
pub use stretches::{Stretch, straight_stretches};
pub use texts::LabelTexts;
pub use view::LabelView;
