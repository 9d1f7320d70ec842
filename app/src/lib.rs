//! The Karez workstation: a window and a command line over the operations of `gis_core`.
//!
//! It holds no algorithm: what does not speak of a window or of the terminal belongs to `gis_core`.

pub mod fonts;
pub mod i18n;
pub mod map;
pub mod theme;
pub mod view;
