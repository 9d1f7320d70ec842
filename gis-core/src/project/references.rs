//! Who is where and who names whom, straight from the file: by its indexes an edit sees the project as it is at this
//! moment, its own changes included, and nothing in memory has to be kept in step.

use rusqlite::OptionalExtension as _;

use super::everywhere::everywhere;
use super::{Project, layout};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature};
use crate::schema::GeometryKind;

impl Project {
    /// The class of an id; `None` where no feature has it.
    pub fn class_of(&self, id: FeatureId) -> Result<Option<ClassIndex>> {
        Ok(self.tables_with(id, 1)?.first().copied())
    }

    /// The classes in which a feature has that id: one, where the file is sound.
    pub fn classes_of(&self, id: FeatureId) -> Result<Vec<ClassIndex>> {
        self.tables_with(id, usize::MAX)
    }

    fn tables_with(&self, id: FeatureId, most: usize) -> Result<Vec<ClassIndex>> {
        let statements = self.everywhere.by_id.get_or_init(|| {
            everywhere(self.schema.class_indices(), |class| {
                let table = &self.schema.class(class).key;
                format!("SELECT {} FROM \"{table}\" WHERE uid = ?1", class.0)
            })
        });
        let mut found = Vec::new();
        for sql in statements {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([id.as_bytes()])?;
            while let Some(row) = rows.next()? {
                found.push(ClassIndex(row.get(0)?));
            }
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(most);
        Ok(found)
    }

    /// The feature with an id, of whatever class.
    pub fn feature(&self, id: FeatureId) -> Result<Option<Feature>> {
        match self.class_of(id)? {
            Some(class) => self.record(class, id),
            None => Ok(None),
        }
    }

    /// The code that was given last in a class; `None` where no feature of it has one.
    pub(crate) fn last_code(&self, class: ClassIndex) -> Result<Option<String>> {
        let class = self.schema.class(class);
        if class.field_index("code").is_none() {
            return Ok(None);
        }
        let sql = format!(
            "SELECT code FROM \"{}\" WHERE code IS NOT NULL ORDER BY fid DESC LIMIT 1",
            class.key
        );
        Ok(self
            .connection
            .prepare_cached(&sql)?
            .query_row([], |row| row.get(0))
            .optional()?)
    }

    /// The greatest code of all that go on with a digit behind `stem`, by the order of letters: classes may share one
    /// row of numbers.
    pub(crate) fn greatest_code(&self, stem: &str) -> Result<Option<String>> {
        let mut greatest: Option<String> = None;
        for class in &self.schema.classes {
            if class.field_index("code").is_none() {
                continue;
            }
            // The colon follows the nine.
            let sql = format!(
                "SELECT max(code) FROM \"{}\" WHERE code >= ?1 || '0' AND code < ?1 || ':'",
                class.key
            );
            let of_class = self
                .connection
                .prepare_cached(&sql)?
                .query_row([stem], |row| row.get(0))?;
            greatest = greatest.max(of_class);
        }
        Ok(greatest)
    }

    /// Features whose links name `id`, each once.
    pub fn referrers(&self, id: FeatureId) -> Result<Vec<(ClassIndex, FeatureId)>> {
        let mut found = Vec::new();
        for index in self.schema.class_indices() {
            let class = self.schema.class(index);
            for (column, _) in layout::links_of(class.geometry) {
                let (condition, is_list) = match *column {
                    "on_pipe_distance_m" => continue,
                    "inlet_pipe_ids" => ("inlet_pipe_ids IS NOT NULL AND ?1 IS NOT NULL".to_owned(), true),
                    link => (format!("{link} = ?1"), false),
                };
                let sql = format!("SELECT uid, {column} FROM \"{}\" WHERE {condition}", class.key);
                let mut statement = self.connection.prepare_cached(&sql)?;
                let mut rows = statement.query([id.as_bytes()])?;
                while let Some(row) = rows.next()? {
                    let Some(referrer) = row.get_ref(0)?.as_blob().ok().and_then(FeatureId::from_slice)
                    else {
                        continue;
                    };
                    let is_named = !is_list || super::records::ids(row.get_ref(1)?).any(|inlet| inlet == id);
                    if is_named && !found.contains(&(index, referrer)) {
                        found.push((index, referrer));
                    }
                }
            }
        }
        Ok(found)
    }

    /// Features of one kind of geometry whose box meets `[min_x, min_y, max_x, max_y]`.
    pub fn features_in_box(&self, kind: GeometryKind, b: [f64; 4]) -> Result<Vec<Feature>> {
        let mut found = Vec::new();
        for index in self.schema.class_indices() {
            let class = self.schema.class(index);
            if class.geometry != kind {
                continue;
            }
            let sql = format!(
                "SELECT f.uid FROM \"{}\" r JOIN \"{}\" f ON f.fid = r.id
                 WHERE r.minx <= ?3 AND r.maxx >= ?1 AND r.miny <= ?4 AND r.maxy >= ?2 ORDER BY f.fid",
                layout::rtree_name(&class.key),
                class.key
            );
            let ids: Vec<FeatureId> = {
                let mut statement = self.connection.prepare_cached(&sql)?;
                let mut rows = statement.query(b)?;
                let mut ids = Vec::new();
                while let Some(row) = rows.next()? {
                    ids.extend(row.get_ref(0)?.as_blob().ok().and_then(FeatureId::from_slice));
                }
                ids
            };
            for id in ids {
                found.extend(self.record(index, id)?);
            }
        }
        Ok(found)
    }
}
