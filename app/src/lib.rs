//! The Karez workstation: a window and a command line over the operations of `gis_core`.
//!
//! It holds no algorithm: what does not speak of a window or of the terminal belongs to `gis_core`.

pub mod cli;
pub mod commands;
pub mod dialogs;
pub mod fonts;
pub mod i18n;
pub mod icons;
pub mod labels;
pub mod last_session;
pub mod map;
pub mod operations;
pub mod panels;
pub mod sample;
pub mod session;
pub mod settings;
pub mod shell;
pub mod tasks;
pub mod theme;
pub mod view;
