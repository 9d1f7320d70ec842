//! Who is where and who names whom, straight from the file: by its indexes an edit sees the project as it is at this
//! moment, its own changes included, and nothing in memory has to be kept in step.

use rusqlite::types::ValueRef;

use super::everywhere::everywhere;
use super::{Project, layout};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature};
use crate::schema::GeometryKind;

/// How many codes are looked at for one that can be counted on from.
const LAST_CODES: u32 = 100;

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
            everywhere(self.schema.class_indices().map(|class| {
                let table = &self.schema.class(class).key;
                format!("SELECT {} FROM \"{table}\" WHERE uid = ?1", class.0)
            }))
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

    /// The first that is found of the codes that were given last in a class, the latest first.
    pub(crate) fn find_last_code<T>(
        &self,
        class: ClassIndex,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let class = self.schema.class(class);
        if class.field_index("code").is_none() {
            return Ok(None);
        }
        let sql = format!(
            "SELECT code FROM \"{}\" WHERE code IS NOT NULL ORDER BY fid DESC LIMIT {LAST_CODES}",
            class.key
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let found = row.get_ref(0)?.as_str().ok().and_then(&find);
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
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
        let statements = self.everywhere.by_link.get_or_init(|| {
            everywhere(self.schema.class_indices().flat_map(|class| {
                let table = self.schema.class(class);
                let links = layout::links_of(table.geometry).iter().map(|(column, _)| *column);
                links
                    .filter(|link| *link != "on_pipe_distance_m")
                    .map(move |link| {
                        let (list, condition) = match link {
                            // Those few that have a list are looked through.
                            "inlet_pipe_ids" => (link, format!("{link} IS NOT NULL")),
                            link => ("NULL", format!("{link} = ?1")),
                        };
                        format!(
                            "SELECT {}, uid, {list} FROM \"{}\" WHERE {condition}",
                            class.0, table.key
                        )
                    })
            }))
        });
        let mut found = Vec::new();
        for sql in statements {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([id.as_bytes()])?;
            while let Some(row) = rows.next()? {
                let Some(referrer) = row.get_ref(1)?.as_blob().ok().and_then(FeatureId::from_slice) else {
                    continue;
                };
                let list = row.get_ref(2)?;
                let is_named = list == ValueRef::Null || super::records::ids(list).any(|inlet| inlet == id);
                let referrer = (ClassIndex(row.get(0)?), referrer);
                if is_named && !found.contains(&referrer) {
                    found.push(referrer);
                }
            }
        }
        Ok(found)
    }

    /// Features of one kind of geometry whose box meets `[min_x, min_y, max_x, max_y]`.
    pub fn features_in_box(&self, kind: GeometryKind, b: [f64; 4]) -> Result<Vec<Feature>> {
        let statements = match kind {
            GeometryKind::Point => &self.everywhere.points_in_box,
            GeometryKind::Line => &self.everywhere.lines_in_box,
        };
        let statements = statements.get_or_init(|| {
            let classes = self.schema.class_indices();
            let of_kind = classes.filter(|class| self.schema.class(*class).geometry == kind);
            everywhere(of_kind.map(|class| {
                let table = &self.schema.class(class).key;
                format!(
                    "SELECT {}, f.fid, f.uid FROM \"{}\" r JOIN \"{table}\" f ON f.fid = r.id
                     WHERE r.minx <= ?3 AND r.maxx >= ?1 AND r.miny <= ?4 AND r.maxy >= ?2",
                    class.0,
                    layout::rtree_name(table)
                )
            }))
        });
        let mut ids: Vec<(u16, i64, FeatureId)> = Vec::new();
        for sql in statements {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query(b)?;
            while let Some(row) = rows.next()? {
                if let Some(id) = row.get_ref(2)?.as_blob().ok().and_then(FeatureId::from_slice) {
                    ids.push((row.get(0)?, row.get(1)?, id));
                }
            }
        }
        ids.sort_unstable();
        let mut found = Vec::with_capacity(ids.len());
        for (class, _, id) in ids {
            found.extend(self.record(ClassIndex(class), id)?);
        }
        Ok(found)
    }
}
