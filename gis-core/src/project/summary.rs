//! A project in figures, by counting. It keeps nothing.

use serde::Serialize;

use super::records::real;
use super::{Effects, Project, gpb, meta};
use crate::error::Result;
use crate::model::ClassIndex;
use crate::network::Metric;
use crate::schema::{GeometryKind, Role};

/// What a project holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Features per class, classes without any included, in the schema's order.
    #[serde(skip)]
    pub counts: Vec<(ClassIndex, u64)>,
    /// `[min_x, min_y, max_x, max_y]` in the project's CRS; `None` where nothing has a place.
    pub extent: Option<[f64; 4]>,
    /// Recorded lengths, drawn ones where none is recorded, of pipes in any state.
    pub pipe_length_m: f64,
    /// Rises by one with every committed change of the data.
    pub revision: u64,
}

impl Summary {
    pub fn count(&self, class: ClassIndex) -> u64 {
        self.counts
            .iter()
            .find(|(c, _)| *c == class)
            .map_or(0, |(_, count)| *count)
    }

    pub fn feature_count(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

impl Summary {
    /// Counts what a commit did. The extent and the length of pipes stay as they were counted last.
    pub fn follow(&mut self, effects: &Effects) {
        for changed in &effects.changed {
            let steps = [(&changed.before, -1), (&changed.after, 1)];
            for (feature, step) in steps {
                let class = feature.as_ref().map(|feature| feature.class);
                if let Some((_, count)) = self.counts.iter_mut().find(|(c, _)| Some(*c) == class) {
                    *count = count.saturating_add_signed(step);
                }
            }
        }
        self.revision += 1;
    }
}

impl Project {
    pub fn summary(&self) -> Result<Summary> {
        let mut counts = Vec::with_capacity(self.schema.classes.len());
        let extent = self.extent()?;
        let mut pipe_length_m = 0.0;
        for index in self.schema.class_indices() {
            counts.push((index, self.count(&self.schema.class(index).key)?));
        }
        for index in self.schema.class_indices() {
            let class = self.schema.class(index);
            if class.role == Role::Pipe && class.geometry == GeometryKind::Line {
                let has_length = class.field_index("length_m").is_some();
                pipe_length_m += self.pipe_length_m(&class.key, has_length, extent)?;
            }
        }
        Ok(Summary {
            counts,
            extent,
            pipe_length_m,
            revision: self.revision()?,
        })
    }

    /// `[min_x, min_y, max_x, max_y]` of all features as the file tells it, which may be too wide after deletions.
    ///
    /// # Errors
    /// The project cannot be read.
    pub fn extent(&self) -> Result<Option<[f64; 4]>> {
        let mut extent: Option<[f64; 4]> = None;
        for class in &self.schema.classes {
            extent = match (extent, self.bounds(&class.key)?) {
                (Some(a), Some(b)) => Some([a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]),
                (a, b) => a.or(b),
            };
        }
        Ok(extent)
    }

    /// Rises by one with every committed change of the data.
    pub fn revision(&self) -> Result<u64> {
        Ok(meta::read(&self.connection, "revision")?
            .and_then(|r| r.parse().ok())
            .unwrap_or(0))
    }

    /// Features of all classes.
    pub fn feature_count(&self) -> Result<u64> {
        self.schema
            .classes
            .iter()
            .map(|class| self.count(&class.key))
            .sum()
    }

    fn count(&self, table: &str) -> Result<u64> {
        let sql = format!("SELECT count(*) FROM \"{table}\"");
        Ok(self
            .connection
            .query_row(&sql, [], |row| row.get::<_, i64>(0))?
            .unsigned_abs())
    }

    /// As `gpkg_contents` has it, which other programs keep too.
    fn bounds(&self, table: &str) -> Result<Option<[f64; 4]>> {
        let sql = "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?1";
        let stored: [Option<f64>; 4] = self.connection.query_row(sql, [table], |row| {
            Ok([
                real(row.get_ref(0)?),
                real(row.get_ref(1)?),
                real(row.get_ref(2)?),
                real(row.get_ref(3)?),
            ])
        })?;
        Ok(match stored {
            [Some(min_x), Some(min_y), Some(max_x), Some(max_y)] => Some([min_x, min_y, max_x, max_y]),
            _ => None,
        })
    }

    fn pipe_length_m(&self, table: &str, has_length: bool, extent: Option<[f64; 4]>) -> Result<f64> {
        let metric = if self.crs.is_geographic {
            Metric::geographic(extent.map_or(0.0, |e| f64::midpoint(e[1], e[3])))
        } else {
            Metric::projected(self.crs.metres_per_unit)
        };
        let length = if has_length { "length_m" } else { "NULL" };
        let sql = format!("SELECT {length}, CASE WHEN {length} > 0 THEN NULL ELSE geom END FROM \"{table}\"");
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let mut total_m = 0.0;
        let mut vertices: Vec<[f64; 2]> = Vec::new();
        while let Some(row) = rows.next()? {
            if let Some(recorded_m) = real(row.get_ref(0)?).filter(|l| *l > 0.0) {
                total_m += recorded_m;
            } else if let Ok(blob) = row.get_ref(1)?.as_blob()
                && gpb::read_line(blob, &mut vertices, |p| [p[0], p[1]]).is_ok()
            {
                total_m += Some(metric.length_m(&vertices))
                    .filter(|l| l.is_finite())
                    .unwrap_or(0.0);
            }
        }
        Ok(total_m)
    }
}
