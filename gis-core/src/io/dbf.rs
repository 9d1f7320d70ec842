//! Reads the raw texts of a DBF table, to judge their encoding, and its header, to see whether it is whole.
//! Rows for the import come through GDAL.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use encoding_rs::Encoding;

use super::encoding::{self, Evidence};
use crate::error::{Error, Result};
use crate::text::Message;

struct Column {
    is_text: bool,
    start: usize,
    width: usize,
}

struct Table {
    rows: u64,
    header_bytes: u64,
    row_bytes: usize,
    language: u8,
    names: Vec<Vec<u8>>,
    columns: Vec<Column>,
}

/// Rows looked at from the start, and as many spread over the rest.
const SAMPLED: u64 = 1_500;

fn header(path: &Path, file: &mut BufReader<File>) -> Result<Table> {
    let broken = || Error::bad_input(Message::new("io.source.broken_table").with("path", path.display()));
    let mut fixed = [0_u8; 32];
    file.read_exact(&mut fixed).map_err(|_| broken())?;
    let word = |i: usize| u16::from_le_bytes([fixed[i], fixed[i + 1]]);
    let header_bytes = u64::from(word(8));
    let row_bytes = usize::from(word(10));
    if header_bytes < 33 || row_bytes == 0 {
        return Err(broken());
    }
    let mut descriptors = vec![0_u8; header_bytes as usize - 32];
    file.read_exact(&mut descriptors).map_err(|_| broken())?;
    let mut names = Vec::new();
    let mut columns = Vec::new();
    let mut start = 1;
    for descriptor in descriptors.chunks_exact(32).take_while(|d| d[0] != 0x0d) {
        names.push(
            descriptor[..11]
                .split(|b| *b == 0)
                .next()
                .unwrap_or_default()
                .to_vec(),
        );
        let is_text = descriptor[11] == b'C';
        // Long text columns keep the high byte of their width in the decimals.
        let width = usize::from(descriptor[16])
            + if is_text {
                usize::from(descriptor[17]) << 8
            } else {
                0
            };
        columns.push(Column {
            is_text,
            start,
            width,
        });
        start += width;
    }
    Ok(Table {
        rows: u64::from(u32::from_le_bytes([fixed[4], fixed[5], fixed[6], fixed[7]])),
        header_bytes,
        row_bytes,
        language: fixed[29],
        names,
        columns,
    })
}

/// What the texts of a table say about their encoding, and the language its header declares.
///
/// # Errors
/// The file is no DBF table, or shorter than its header says.
pub(super) fn evidence(path: &Path) -> Result<(Evidence, Option<&'static Encoding>)> {
    let mut file = BufReader::new(File::open(path).map_err(|e| Error::io(path, e))?);
    let table = header(path, &mut file)?;
    let expected = table.header_bytes + table.rows * table.row_bytes as u64;
    let found = file.get_ref().metadata().map_err(|e| Error::io(path, e))?.len();
    if found < expected {
        return Err(truncated(path, found, expected));
    }
    let mut evidence = Evidence::default();
    for name in &table.names {
        evidence.add(name, name.len() >= 9);
    }
    let mut row = vec![0_u8; table.row_bytes];
    let step = (table.rows.saturating_sub(SAMPLED) / SAMPLED).max(1);
    let rows = (0..table.rows.min(SAMPLED)).chain((SAMPLED..table.rows).step_by(step as usize));
    for number in rows {
        let at = table.header_bytes + number * table.row_bytes as u64;
        let offset = at as i64 - file.stream_position().map_err(|e| Error::io(path, e))? as i64;
        file.seek_relative(offset).map_err(|e| Error::io(path, e))?;
        file.read_exact(&mut row).map_err(|e| Error::io(path, e))?;
        for column in table.columns.iter().filter(|c| c.is_text) {
            let Some(raw) = row.get(column.start..column.start + column.width) else {
                continue;
            };
            let text = raw.split(|b| *b == 0).next().unwrap_or_default().trim_ascii();
            evidence.add(text, raw.last().is_some_and(|b| *b != b' ' && *b != 0));
        }
        if evidence.has_enough() {
            break;
        }
    }
    let declared = match table.language {
        0x4d | 0x7a => encoding::by_name("GBK"),
        0x4f | 0x78 => encoding::by_name("Big5"),
        0x13 | 0x7b => encoding::by_name("Shift_JIS"),
        0x03 | 0x57 | 0x58 => encoding::by_name("1252"),
        0xc9 => encoding::by_name("1251"),
        _ => None,
    };
    file.seek(SeekFrom::Start(0)).map_err(|e| Error::io(path, e))?;
    Ok((evidence, declared))
}

pub(super) fn truncated(path: &Path, found: u64, expected: u64) -> Error {
    Error::bad_input(
        Message::new("io.source.truncated")
            .with("path", path.display())
            .with("found", found)
            .with("expected", expected),
    )
}

/// # Errors
/// The file is shorter than the length in its header (in 16-bit words).
pub(super) fn check_shp(path: &Path) -> Result<()> {
    let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
    let found = file.metadata().map_err(|e| Error::io(path, e))?.len();
    let mut head = [0_u8; 28];
    if file.read_exact(&mut head).is_err() {
        return Err(truncated(path, found, 100));
    }
    let expected = 2 * u64::from(u32::from_be_bytes([head[24], head[25], head[26], head[27]]));
    let is_shp = head[..4] == [0, 0, 0x27, 0x0a];
    if is_shp && found < expected {
        Err(truncated(path, found, expected))
    } else {
        Ok(())
    }
}
