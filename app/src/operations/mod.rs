//! Operations on the network that want more than a click: forms as data, filled in on the map and in a panel, that become
//! requests. What an operation does is worked out by `gis_core::edit`.

mod draft;
mod form;
mod marks;
#[cfg(test)]
mod tests;

pub use draft::{Cell, Draft, Hit};
pub use form::{FORMS, Family, Form, Input, Kind};
pub use marks::Marks;
