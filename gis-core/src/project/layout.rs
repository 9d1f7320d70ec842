//! The tables of a project file as SQL: GeoPackage's own, one per feature class, ours. It runs nothing.

use crate::schema::{FeatureClass, FieldType, GeometryKind};

/// "GPKG" in the file header.
pub(super) const APPLICATION_ID: i32 = 0x4750_4b47;
/// GeoPackage 1.3: the newest version that every GDAL since Debian 12 and QGIS since 3.22 writes without a warning.
pub(super) const GEOPACKAGE_VERSION: i32 = 10_300;

/// The tables that every GeoPackage with features has.
pub(super) const GEOPACKAGE_TABLES: &str = "
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT,
  column_name TEXT,
  extension_name TEXT NOT NULL,
  definition TEXT NOT NULL,
  scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"4326\"]]', 'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
";

/// Our own tables, declared as an extension so that other programs know whose they are.
pub(super) const KAREZ_TABLES: &str = "
CREATE TABLE karez_meta (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE karez_setting (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE karez_document (name TEXT NOT NULL PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE karez_issue (id INTEGER PRIMARY KEY, issue TEXT NOT NULL);
CREATE TABLE karez_schema (
  id INTEGER PRIMARY KEY,
  part TEXT NOT NULL CHECK (part IN ('class', 'dictionary')),
  key TEXT NOT NULL,
  definition TEXT NOT NULL,
  UNIQUE (part, key));
";

pub(super) const KAREZ_TABLE_NAMES: [&str; 5] = [
    "karez_meta",
    "karez_setting",
    "karez_document",
    "karez_issue",
    "karez_schema",
];

/// Structural columns of points, between `uid` and the schema's fields.
pub(super) const POINT_LINKS: [(&str, &str); 4] = [
    ("on_pipe_id", "BLOB(16)"),
    ("on_pipe_distance_m", "DOUBLE"),
    ("flow_to_id", "BLOB(16)"),
    ("inlet_pipe_ids", "BLOB"),
];

/// Structural columns of lines.
pub(super) const LINE_LINKS: [(&str, &str); 2] = [("from_id", "BLOB(16)"), ("to_id", "BLOB(16)")];

pub(super) fn links_of(kind: GeometryKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        GeometryKind::Point => &POINT_LINKS,
        GeometryKind::Line => &LINE_LINKS,
    }
}

pub(super) fn geometry_type(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "POINT",
        GeometryKind::Line => "LINESTRING",
    }
}

/// The column that holds a field's values.
pub(super) fn sql_type(field_type: &FieldType) -> &'static str {
    match field_type {
        FieldType::Text | FieldType::Code(_) => "TEXT",
        FieldType::Integer => "INTEGER",
        FieldType::Real => "DOUBLE",
        FieldType::Boolean => "BOOLEAN",
        FieldType::Date => "DATE",
    }
}

/// The table of a class. `uid` may be empty so that other programs can add rows; such a row gets its id when the
/// project is opened.
pub(super) fn class_table(class: &FeatureClass) -> String {
    let mut sql = format!(
        "CREATE TABLE \"{}\" (\n  fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,\n  geom {},\n  uid BLOB(16)",
        class.key,
        geometry_type(class.geometry)
    );
    for (name, sql_type) in links_of(class.geometry) {
        push(&mut sql, format_args!(",\n  {name} {sql_type}"));
    }
    for field in &class.fields {
        let sql_type = sql_type(&field.field_type);
        push(&mut sql, format_args!(",\n  \"{}\" {sql_type}", field.key));
    }
    sql.push_str(");");
    sql
}

/// Indexes beside the R-tree: ids are unique, codes are looked up, and whoever deletes a feature asks who names it. The
/// indexes of links hold only rows that have one, so that networks joined by place pay nothing.
fn indexes(class: &FeatureClass) -> Vec<(&'static str, String)> {
    let key = &class.key;
    let mut indexes = vec![(
        "uid",
        format!("CREATE UNIQUE INDEX IF NOT EXISTS \"karez_{key}_uid\" ON \"{key}\" (uid);"),
    )];
    if class.field_index("code").is_some() {
        indexes.push((
            "code",
            format!("CREATE INDEX IF NOT EXISTS \"karez_{key}_code\" ON \"{key}\" (code);"),
        ));
    }
    for (column, _) in links_of(class.geometry) {
        // Lists of pipes are few and looked through; a distance is no link.
        let indexed = match *column {
            "inlet_pipe_ids" => "uid",
            "on_pipe_distance_m" => continue,
            link => link,
        };
        indexes.push((
            column,
            format!(
                "CREATE INDEX IF NOT EXISTS \"karez_{key}_{column}\" ON \"{key}\" ({indexed}) WHERE {column} IS NOT NULL;"
            ),
        ));
    }
    indexes
}

pub(super) fn class_indexes(class: &FeatureClass) -> String {
    indexes(class).into_iter().map(|(_, sql)| sql).collect()
}

pub(super) fn drop_class_indexes(class: &FeatureClass) -> String {
    let mut sql = String::new();
    for (name, _) in indexes(class) {
        push(
            &mut sql,
            format_args!("DROP INDEX IF EXISTS \"karez_{}_{name}\";", class.key),
        );
    }
    sql
}

pub(super) fn rtree_name(table: &str) -> String {
    format!("rtree_{table}_geom")
}

/// Kinds of triggers that keep the R-tree; each is called `rtree_<table>_geom_<kind>`.
pub(super) const TRIGGERS: [&str; 6] = ["insert", "update1", "update2", "update3", "update4", "delete"];

/// The R-tree triggers of GeoPackage 1.3 by name and condition. Their bodies differ in one thing: `INSERT OR REPLACE`
/// into the R-tree fails when the outer statement is an upsert, whose conflict rule wins inside triggers (which is why
/// GeoPackage 1.4 changed the set); deleting first is right under any rule.
pub(super) fn triggers(table: &str) -> String {
    let rtree = rtree_name(table);
    let put = "VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom))";
    let full = "NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom)";
    let empty = "NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)";
    let mut sql = String::new();
    for (kind, event, condition, body) in [
        (
            "insert",
            "AFTER INSERT",
            full.to_owned(),
            format!("DELETE FROM \"{rtree}\" WHERE id = NEW.fid; INSERT INTO \"{rtree}\" {put};"),
        ),
        (
            "update1",
            "AFTER UPDATE OF geom",
            format!("OLD.fid = NEW.fid AND ({full})"),
            format!("DELETE FROM \"{rtree}\" WHERE id = NEW.fid; INSERT INTO \"{rtree}\" {put};"),
        ),
        (
            "update2",
            "AFTER UPDATE OF geom",
            format!("OLD.fid = NEW.fid AND ({empty})"),
            format!("DELETE FROM \"{rtree}\" WHERE id = OLD.fid;"),
        ),
        (
            "update3",
            "AFTER UPDATE",
            format!("OLD.fid != NEW.fid AND ({full})"),
            format!("DELETE FROM \"{rtree}\" WHERE id IN (OLD.fid, NEW.fid); INSERT INTO \"{rtree}\" {put};"),
        ),
        (
            "update4",
            "AFTER UPDATE",
            format!("OLD.fid != NEW.fid AND ({empty})"),
            format!("DELETE FROM \"{rtree}\" WHERE id IN (OLD.fid, NEW.fid);"),
        ),
        (
            "delete",
            "AFTER DELETE",
            "OLD.geom NOTNULL".to_owned(),
            format!("DELETE FROM \"{rtree}\" WHERE id = OLD.fid;"),
        ),
    ] {
        push(
            &mut sql,
            format_args!(
                "CREATE TRIGGER \"{rtree}_{kind}\" {event} ON \"{table}\" WHEN ({condition}) BEGIN {body} END;\n"
            ),
        );
    }
    sql
}

pub(super) fn drop_triggers(table: &str) -> String {
    let rtree = rtree_name(table);
    let mut sql = String::new();
    for kind in TRIGGERS.into_iter().chain(["update5", "update6", "update7"]) {
        push(
            &mut sql,
            format_args!("DROP TRIGGER IF EXISTS \"{rtree}_{kind}\";"),
        );
    }
    sql
}

/// Fills the R-tree with the rows above a `fid`. Empty geometries have no box and stay out.
pub(super) fn fill_rtree(table: &str) -> String {
    format!(
        "INSERT INTO \"{}\" SELECT fid, ST_MinX(geom), ST_MaxX(geom), ST_MinY(geom), ST_MaxY(geom)
         FROM \"{table}\" WHERE fid > ?1 AND geom NOTNULL AND NOT ST_IsEmpty(geom)",
        rtree_name(table)
    )
}

/// `INSERT` of one row with all columns: geometry, id, links, fields.
pub(super) fn insert_row(class: &FeatureClass) -> String {
    let columns = columns(class);
    let marks = vec!["?"; columns.len()].join(", ");
    format!(
        "INSERT INTO \"{}\" ({}) VALUES ({marks})",
        class.key,
        columns.join(", ")
    )
}

/// All columns but `fid`, quoted, in the order of `insert_row`.
pub(super) fn columns(class: &FeatureClass) -> Vec<String> {
    let mut columns = vec!["geom".to_owned(), "uid".to_owned()];
    columns.extend(
        links_of(class.geometry)
            .iter()
            .map(|(name, _)| (*name).to_owned()),
    );
    columns.extend(class.fields.iter().map(|f| format!("\"{}\"", f.key)));
    columns
}

fn push(sql: &mut String, text: std::fmt::Arguments<'_>) {
    sql.push_str(&text.to_string());
}
