//! Where attached files lie: the media table and relations of GeoPackage's Related Tables extension (OGC 18-000), so that
//! QGIS shows them, over one table of our own that names features by their stable ids. It runs no query.

use rusqlite::{Connection, params};

use crate::schema::FeatureClass;

/// The contents, each once however often it is attached, and who has them. The content comes last in its row: what
/// stands behind it could be read only by walking through it.
const TABLES: &str = "
CREATE TABLE gpkgext_relations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  base_table_name TEXT NOT NULL,
  base_primary_column TEXT NOT NULL DEFAULT 'id',
  related_table_name TEXT NOT NULL,
  related_primary_column TEXT NOT NULL DEFAULT 'id',
  relation_name TEXT NOT NULL,
  mapping_table_name TEXT NOT NULL UNIQUE);
CREATE TABLE feature_media (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  content_type TEXT NOT NULL,
  sha256 TEXT NOT NULL UNIQUE,
  size_bytes INTEGER NOT NULL,
  width_px INTEGER,
  height_px INTEGER,
  taken_at TEXT,
  longitude DOUBLE,
  latitude DOUBLE,
  altitude_m DOUBLE,
  direction_deg DOUBLE,
  thumbnail BLOB,
  data BLOB NOT NULL);
CREATE TABLE karez_attachment (
  id BLOB(16) NOT NULL PRIMARY KEY,
  class TEXT NOT NULL,
  feature_id BLOB(16) NOT NULL,
  media_id INTEGER NOT NULL REFERENCES feature_media (id),
  name TEXT NOT NULL,
  attached_unix_ms INTEGER NOT NULL,
  UNIQUE (feature_id, media_id));
CREATE INDEX karez_attachment_media ON karez_attachment (media_id);
INSERT INTO gpkg_extensions VALUES
  ('gpkgext_relations', NULL, 'related_tables', 'http://www.geopackage.org/18-000.html', 'read-write'),
  ('karez_attachment', NULL, 'karez_project', 'Extension Title: Karez project file', 'read-write');
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES
  ('feature_media', 'attributes', 'feature_media', 'Files attached to features', 0);
";

pub(in crate::project) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)
}

/// Lets other programs find what is attached to the features of a class. The mapping is a view, so that it cannot
/// disagree with our table.
pub(in crate::project) fn relate(connection: &Connection, class: &FeatureClass) -> rusqlite::Result<()> {
    let key = &class.key;
    let view = format!("{key}_media");
    connection.execute_batch(&format!(
        "CREATE VIEW \"{view}\" AS SELECT f.fid AS base_id, a.media_id AS related_id
         FROM karez_attachment a JOIN \"{key}\" f ON f.uid = a.feature_id;"
    ))?;
    connection.execute(
        "INSERT INTO gpkg_extensions
         VALUES (?1, NULL, 'related_tables', 'http://www.geopackage.org/18-000.html', 'read-write')",
        [&view],
    )?;
    connection.execute(
        "INSERT INTO gpkgext_relations
           (base_table_name, base_primary_column, related_table_name, related_primary_column, relation_name, mapping_table_name)
         VALUES (?1, 'fid', 'feature_media', 'id', 'media', ?2)",
        params![key, view],
    )?;
    Ok(())
}
