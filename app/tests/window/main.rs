//! The window, driven as a user drives it: a real project, the real map on a software rasteriser, no mocks.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here shall fail the test"
)]

mod check;
#[path = "../common/mod.rs"]
mod common;
mod depth;
mod dictionaries;
mod drawing;
mod driver;
mod edit;
mod engineering;
mod ground;
mod media;
mod operations;
mod parts;
mod query;
mod second;
mod styles;
mod table;
mod view;
mod work;
