//! Fills an empty R-tree of SQLite in one go: boxes in Hilbert order, packed into nodes from below. It is several times
//! faster than inserting them one by one, and queries touch fewer nodes. The node format is that of SQLite's R-tree
//! module (nodes of big-endian cells in the shadow tables `_node`, `_rowid`, `_parent`), which is part of its file format.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};

use super::layout;
use crate::network::hilbert;

/// Bytes of a cell: row or child number and four coordinates.
const CELL_BYTES: usize = 8 + 4 * 4;
const HEAD_BYTES: usize = 4;
const ROOT: i64 = 1;

/// A row and its box `[min_x, max_x, min_y, max_y]`, rounded outwards.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) fid: i64,
    bounds: [f32; 4],
}

impl Entry {
    pub(super) fn new(fid: i64, [min_x, min_y, max_x, max_y]: [f64; 4]) -> Self {
        Self {
            fid,
            bounds: [below(min_x), above(max_x), below(min_y), above(max_y)],
        }
    }
}

fn below(value: f64) -> f32 {
    let rounded = value as f32;
    if f64::from(rounded) > value {
        rounded.next_down()
    } else {
        rounded
    }
}

fn above(value: f64) -> f32 {
    let rounded = value as f32;
    if f64::from(rounded) < value {
        rounded.next_up()
    } else {
        rounded
    }
}

pub(super) fn is_empty(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let sql = format!(
        "SELECT NOT EXISTS (SELECT 1 FROM \"{}_rowid\")",
        layout::rtree_name(table)
    );
    connection.query_row(&sql, [], |row| row.get(0))
}

/// Writes the tree of `entries`, whose rows must be in rising order, into the empty R-tree of a table.
pub(super) fn fill_empty(connection: &Connection, table: &str, entries: &[Entry]) -> rusqlite::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    // Shadow tables are closed to a connection that guards itself against hostile SQL.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    let filled = fill(connection, &layout::rtree_name(table), entries);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    filled
}

fn fill(connection: &Connection, rtree: &str, entries: &[Entry]) -> rusqlite::Result<()> {
    let node_bytes: i64 = connection.query_row(
        &format!("SELECT length(data) FROM \"{rtree}_node\" WHERE nodeno = ?1"),
        [ROOT],
        |row| row.get(0),
    )?;
    let node_bytes = usize::try_from(node_bytes).unwrap_or(0);
    let capacity = (node_bytes.saturating_sub(HEAD_BYTES) / CELL_BYTES).max(2);
    // Room for a few later inserts before a node has to be split.
    let fill_count = (capacity * 9 / 10).max(2);

    let mut put_node = connection.prepare(&format!(
        "INSERT OR REPLACE INTO \"{rtree}_node\" (nodeno, data) VALUES (?1, ?2)"
    ))?;
    let mut put_parent = connection.prepare(&format!(
        "INSERT INTO \"{rtree}_parent\" (nodeno, parentnode) VALUES (?1, ?2)"
    ))?;
    let mut put_row = connection.prepare(&format!(
        "INSERT INTO \"{rtree}_rowid\" (rowid, nodeno) VALUES (?1, ?2)"
    ))?;

    let order = hilbert::order(entries.iter().map(|e| {
        [
            f64::midpoint(f64::from(e.bounds[0]), f64::from(e.bounds[1])),
            f64::midpoint(f64::from(e.bounds[2]), f64::from(e.bounds[3])),
        ]
    }));
    let mut cells: Vec<Entry> = order.iter().map(|i| entries[*i as usize]).collect();
    let mut leaf_of = vec![ROOT; entries.len()];
    let mut next_node = ROOT + 1;
    let mut depth: u16 = 0;
    let mut data = Vec::with_capacity(node_bytes);
    while cells.len() > capacity {
        let node_count = cells.len().div_ceil(fill_count);
        let mut above = Vec::with_capacity(node_count);
        let mut start = 0;
        for node in 0..node_count {
            // Evenly, so that no node is left almost empty.
            let end = cells.len() * (node + 1) / node_count;
            let number = next_node;
            next_node += 1;
            let group = &cells[start..end];
            if depth == 0 {
                for i in &order[start..end] {
                    leaf_of[*i as usize] = number;
                }
            } else {
                for cell in group {
                    put_parent.execute([cell.fid, number])?;
                }
            }
            encode(&mut data, 0, group, node_bytes);
            put_node.execute(params![number, data])?;
            above.push(Entry {
                fid: number,
                bounds: around(group),
            });
            start = end;
        }
        cells = above;
        depth += 1;
    }
    if depth > 0 {
        for cell in &cells {
            put_parent.execute([cell.fid, ROOT])?;
        }
    }
    encode(&mut data, depth, &cells, node_bytes);
    put_node.execute(params![ROOT, data])?;
    for (entry, leaf) in entries.iter().zip(leaf_of) {
        put_row.execute([entry.fid, leaf])?;
    }
    Ok(())
}

fn around(cells: &[Entry]) -> [f32; 4] {
    let mut b = [f32::INFINITY, f32::NEG_INFINITY, f32::INFINITY, f32::NEG_INFINITY];
    for cell in cells {
        let c = cell.bounds;
        b = [b[0].min(c[0]), b[1].max(c[1]), b[2].min(c[2]), b[3].max(c[3])];
    }
    b
}

fn encode(data: &mut Vec<u8>, depth: u16, cells: &[Entry], node_bytes: usize) {
    data.clear();
    data.extend_from_slice(&depth.to_be_bytes());
    data.extend_from_slice(&(cells.len() as u16).to_be_bytes());
    for cell in cells {
        data.extend_from_slice(&cell.fid.to_be_bytes());
        for value in cell.bounds {
            data.extend_from_slice(&value.to_be_bytes());
        }
    }
    data.resize(node_bytes, 0);
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{Entry, fill_empty};

    fn grid(count: i64) -> Vec<Entry> {
        (0..count)
            .map(|i| {
                let (x, y) = ((i * 7919 % 1000) as f64 + 0.1, (i * 104_729 % 997) as f64 + 0.1);
                Entry::new(i * 3 + 1, [x, y, x + 1.7, y + 0.3])
            })
            .collect()
    }

    #[test]
    fn a_packed_tree_passes_the_check_of_sqlite_and_finds_everything() {
        for count in [0, 1, 50, 51, 52, 2500, 30_000] {
            let connection = Connection::open_in_memory().unwrap();
            connection
                .execute_batch("CREATE VIRTUAL TABLE rtree_t_geom USING rtree(id, minx, maxx, miny, maxy)")
                .unwrap();
            let entries = grid(count);
            fill_empty(&connection, "t", &entries).unwrap();
            let said: String = connection
                .query_row("SELECT rtreecheck('rtree_t_geom')", [], |row| row.get(0))
                .unwrap();
            assert_eq!(said, "ok", "{count}");
            let found = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(found("SELECT count(*) FROM rtree_t_geom"), count);
            let inside = entries
                .iter()
                .filter(|e| e.bounds[0] >= 100.0 && e.bounds[1] <= 180.0)
                .count();
            assert_eq!(
                found("SELECT count(*) FROM rtree_t_geom WHERE minx >= 100 AND maxx <= 180"),
                inside as i64
            );
            // Later inserts and deletes work on it.
            connection
                .execute_batch("INSERT INTO rtree_t_geom VALUES (2, 5, 6, 5, 6)")
                .unwrap();
            connection
                .execute_batch("DELETE FROM rtree_t_geom WHERE id % 5 = 1")
                .unwrap();
            let said: String = connection
                .query_row("SELECT rtreecheck('rtree_t_geom')", [], |row| row.get(0))
                .unwrap();
            assert_eq!(said, "ok", "{count} after edits");
        }
    }

    #[test]
    fn boxes_are_rounded_outwards() {
        let entry = Entry::new(1, [500_123.456, 4_850_123.456, 500_123.456, 4_850_123.456]);
        let [min_x, max_x, min_y, max_y] = entry.bounds.map(f64::from);
        assert!(
            min_x <= 500_123.456 && max_x >= 500_123.456 && min_y <= 4_850_123.456 && max_y >= 4_850_123.456
        );
        assert!(max_y - min_y <= 1.0);
    }
}
