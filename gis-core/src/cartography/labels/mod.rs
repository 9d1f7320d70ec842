//! Labels: what is written beside features.

mod settings;

pub use settings::LabelSettings;
