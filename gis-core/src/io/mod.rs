//! Foreign formats in, exports out: the only room that calls GDAL. It knows nothing of the network's meaning;
//! what it reads becomes features of the schema, what it could not read becomes issues.

pub mod crs;
mod dbf;
mod dispatch;
mod encoding;
mod export;
pub mod foreign;
pub mod geotiff;
mod import;
pub mod inp;
mod ledger;
mod links;
pub mod mapping;
pub mod media;
mod names;
mod options;
mod placing;
mod plan;
pub mod pmtiles;
mod propose;
mod quiet;
pub mod raster;
mod report;
mod rows;
mod shape;
pub mod sketch;
mod source;
pub mod survey;
pub mod topographic;
mod transcode;
mod values;
mod vector;
pub mod wmts;
pub mod zones;

pub use crs::{CrsChoice, Transform};
pub use dispatch::{import, open_source};
pub use encoding::{EncodingCandidate, EncodingQuestion};
pub use export::{ExportOptions, ExportReport, export};
pub use import::{Inspection, LayerInspection, inspect};
pub use mapping::{FieldRule, LayerMapping, Mapping};
pub use options::ImportOptions;
pub use propose::Layout;
pub use report::{Guess, GuessSubject, ImportReport, LayerReport};
pub use source::Shape;
pub(crate) use values::yes_or_no;

#[cfg(test)]
mod tests;
