//! Foreign formats in, exports out: the only room that calls GDAL. It knows nothing of the network's meaning;
//! what it reads becomes features of the schema, what it could not read becomes issues.

pub mod crs;
pub mod inp;
pub mod mapping;
mod options;
mod quiet;
mod report;
pub mod survey;

pub use crs::{CrsChoice, Transform};
pub use mapping::{FieldRule, LayerMapping, Mapping};
pub use options::ImportOptions;
pub use report::{Guess, GuessSubject, ImportReport, LayerReport};
