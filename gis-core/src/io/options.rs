//! What the user can say about a source before it is read.

use crate::crs::Crs;

use super::mapping::Mapping;

/// Everything may be left out; what nobody said is taken from the source or guessed and reported.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Which layer and column means what. Without one: the exchange layout where the source has it, else a
    /// guess.
    pub mapping: Option<Mapping>,
    /// Encoding of text (`GB18030`, `GBK`, `UTF-8` …), over what the source says.
    pub encoding: Option<String>,
    /// System of the source's coordinates, over what the source says.
    pub source_crs: Option<Crs>,
    /// Survey tables: X (the first coordinate) points north. `None`: found out from names and values.
    pub x_is_northing: Option<bool>,
    /// Only these source layers; all where empty.
    pub layers: Vec<String>,
}
