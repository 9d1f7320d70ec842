//! The five SQL functions that GeoPackage's R-tree triggers call. GDAL brings its own; SQLite alone has none.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Result};

use super::gpb;

/// Makes `ST_IsEmpty`, `ST_MinX`, `ST_MaxX`, `ST_MinY` and `ST_MaxY` known to a connection. What is no geometry counts as
/// empty, so that a broken blob cannot stop an edit.
pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        // Triggers may call them although the schema of a file is not trusted: they only look at their argument.
        | FunctionFlags::SQLITE_INNOCUOUS;
    for (position, name) in ["ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"]
        .into_iter()
        .enumerate()
    {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(envelope(context).map(|envelope| envelope[position]))
        })?;
    }
    connection.create_scalar_function("ST_IsEmpty", 1, flags, |context| {
        if context.get_raw(0) == rusqlite::types::ValueRef::Null {
            return Ok(None);
        }
        Ok(Some(envelope(context).is_none()))
    })
}

fn envelope(context: &Context<'_>) -> Option<[f64; 4]> {
    let blob = context.get_raw(0).as_blob().ok()?;
    let envelope = gpb::envelope(blob).ok()??;
    envelope.iter().all(|v| v.is_finite()).then_some(envelope)
}
