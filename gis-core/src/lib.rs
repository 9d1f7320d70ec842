//! The water network: schema, project file, import and export, topology, analyses, reports.
//!
//! It knows nothing of windows, HTTP or the wall clock: time, identity, language and progress are passed in.

rust_i18n::i18n!("../assets/locales", fallback = "en");

pub mod analysis;
pub mod cartography;
pub mod chart;
pub mod crs;
pub mod depth;
pub mod drafting;
pub mod edit;
pub mod error;
pub mod expr;
pub mod ids;
pub mod io;
pub mod issue;
pub mod layout;
pub mod locate;
pub mod measure;
pub mod model;
pub mod network;
pub mod output;
pub mod progress;
pub mod project;
pub mod query;
pub mod report;
pub mod rules;
pub mod sample;
pub mod schema;
pub mod statistics;
pub mod table;
pub mod text;

pub use crs::Crs;
pub use error::{Error, Result};
pub use ids::{FeatureId, IdSource};
pub use issue::{Issue, Issues, Severity};
pub use model::{ClassIndex, Feature, Geometry, Links, Value};
pub use progress::{NoProgress, Progress};
pub use text::{Lang, Message};
