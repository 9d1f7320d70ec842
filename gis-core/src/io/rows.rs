//! Gets cells out of the rows of a source layer. It gives no meaning to them.

use gdal::vector::{Feature as Row, Geometry};

use super::encoding::Quality;
use super::source::{Codec, Column, ColumnKind, decode_latin};
use super::values::Cell;

/// The geometry of a row; `None` where it has none.
pub(super) fn geometry<'r>(row: &'r Row<'_>) -> Option<&'r Geometry> {
    // `Row::geometry` would hand out a null pointer.
    row.geometry_by_index(0).ok()
}

/// The cell of a row, and how well its text could be decoded.
pub(super) fn cell(row: &Row<'_>, index: usize, column: &Column, codec: Codec) -> (Cell<'static>, Quality) {
    let text = || {
        row.field_as_string(index)
            .ok()
            .flatten()
            .filter(|t| !t.is_empty())
    };
    let cell = match column.kind {
        // GDAL gives 0 for a field that a row does not have (GeoJSON); its text is then empty.
        ColumnKind::Integer => match row.field_as_integer64(index) {
            Ok(Some(0)) if text().is_none() => Cell::Null,
            Ok(Some(number)) => Cell::Integer(number),
            _ => Cell::Null,
        },
        ColumnKind::Real => match row.field_as_double(index) {
            Ok(Some(number)) if number == 0.0 && text().is_none() => Cell::Null,
            Ok(Some(number)) => Cell::Real(number),
            _ => Cell::Null,
        },
        ColumnKind::Date => match row.field_as_datetime(index) {
            Ok(Some(moment)) => Cell::Date(moment.date_naive()),
            _ => text().map_or(Cell::Null, |t| Cell::Text(t.into())),
        },
        ColumnKind::Text => match (text(), codec) {
            (None, _) => Cell::Null,
            (Some(text), Codec::Text) => Cell::Text(text.into()),
            (Some(text), Codec::Bytes(encoding)) => {
                let (text, quality) = decode_latin(&text, encoding);
                return (Cell::Text(text.into()), quality);
            }
        },
    };
    (cell, Quality::Exact)
}
