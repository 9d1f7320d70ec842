//! Commits edits: rows and journal in one transaction of SQLite, so that what the program shows as done is done after a
//! power cut, and can be taken back. What an edit should be is the affair of `edit`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::Connection;

use super::everywhere::Everywhere;
use super::kept::{FileStamp, Kept};
use super::{Project, connection, gpb, journal, meta, outside, places, row};
use crate::edit::{Cell, Content, Edit, Transaction, Update};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Geometry};
use crate::schema::{FeatureClass, FieldType, GeometryKind, Schema};
use crate::text::Message;

/// Who did something, and when; this crate has neither accounts nor a clock.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    pub who: &'a str,
    pub at_unix_ms: u64,
}

/// One feature before and after a commit; `None` where it was not, or is no more.
#[derive(Debug, Clone)]
pub struct Changed {
    pub before: Option<Feature>,
    pub after: Option<Feature>,
}

/// What a commit did, each feature once, in the order in which they were touched.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    pub changed: Vec<Changed>,
    /// Features that got another code because dictionaries were changed; they are not among `changed`.
    pub recoded: u64,
    /// The schema of the project is another one: whoever holds its network, or its schema, reads them anew.
    pub is_schema_changed: bool,
}

impl Effects {
    /// How many features were changed.
    pub fn count(&self) -> u64 {
        self.changed.len() as u64 + self.recoded
    }
}

/// Edits on the way into the project: visible to its reads at once, to others when committed. Dropping it takes
/// everything back.
pub struct EditSession<'p> {
    pub(super) project: &'p mut Project,
    pub(super) applied: Vec<Edit>,
    changed: Vec<Changed>,
    place_of: HashMap<FeatureId, usize>,
    pub(super) recoded: u64,
    pub(super) recoded_classes: BTreeSet<ClassIndex>,
    /// What the schema was before the session changed it.
    pub(super) schema_before: Option<Schema>,
    /// An edit failed half-way, or the session has ended: nothing more can be done with it.
    is_over: bool,
    /// What the file was before.
    began_at: FileStamp,
    blob: Vec<u8>,
}

impl Project {
    /// Starts to edit.
    ///
    /// # Errors
    /// The project is read-only, or another program is writing it.
    pub fn begin_edit(&mut self) -> Result<EditSession<'_>> {
        self.check_writable()?;
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|e| connection::explain(&self.path, e))?;
        let began_at = self.file_stamp()?;
        let session = EditSession {
            project: self,
            applied: Vec::new(),
            changed: Vec::new(),
            place_of: HashMap::new(),
            recoded: 0,
            recoded_classes: BTreeSet::new(),
            schema_before: None,
            is_over: false,
            began_at,
            blob: Vec::new(),
        };
        outside::begin_own(&session.project.connection)?;
        Ok(session)
    }

    /// Makes a transaction part of the project and of its journal, durably.
    ///
    /// # Errors
    /// `BadInput`, with nothing changed, when a feature is not what the transaction says it was, a value does not fit
    /// its class, a link would lead nowhere, or the file cannot be written.
    pub fn commit(&mut self, transaction: &Transaction, stamp: Stamp<'_>) -> Result<Effects> {
        let mut session = self.begin_edit()?;
        session.apply(transaction)?;
        session.commit(&transaction.name, stamp)
    }
}

impl EditSession<'_> {
    /// The project with what has been applied so far.
    pub fn project(&self) -> &Project {
        self.project
    }

    /// What has been applied so far came to, each feature once.
    pub fn effects(&self) -> Effects {
        Effects {
            changed: self.changed.clone(),
            recoded: self.recoded,
            is_schema_changed: self.schema_before.is_some(),
        }
    }

    /// Whether anything has been applied so far.
    pub(super) fn has_changes(&self) -> bool {
        !self.applied.is_empty()
    }

    /// Does the edits of a transaction.
    ///
    /// # Errors
    /// As for [`Project::commit`]; the whole session is then taken back.
    pub fn apply(&mut self, transaction: &Transaction) -> Result<()> {
        if self.is_over {
            return Err(Error::bad_input(Message::new("edit.error.session_over")));
        }
        for edit in &transaction.edits {
            if let Err(error) = self.apply_one(edit) {
                self.take_back();
                return Err(match error {
                    Error::Database(error) => connection::explain(&self.project.path, error),
                    other => other,
                });
            }
        }
        Ok(())
    }

    /// Ends the session with one entry of the journal. A session that changed nothing leaves none.
    ///
    /// # Errors
    /// As for [`Project::commit`].
    pub fn commit(mut self, name: &Message, stamp: Stamp<'_>) -> Result<Effects> {
        if self.applied.is_empty() && !self.is_over {
            self.take_back();
            return Ok(Effects::default());
        }
        self.commit_tagged(name, stamp, &[])
    }

    /// Ends the session with an entry of which more is said; one that only says something is an entry as well.
    pub(super) fn commit_tagged(
        mut self,
        name: &Message,
        stamp: Stamp<'_>,
        tags: &[(&str, String)],
    ) -> Result<Effects> {
        let applied = std::mem::take(&mut self.applied);
        self.finish(stamp, |project| {
            let transaction = Transaction {
                name: name.clone(),
                edits: applied,
            };
            let entry = journal::append(project, &transaction, stamp)?;
            for (key, value) in tags {
                journal::tag(&project.connection, entry, key, value)?;
            }
            Ok(())
        })
    }

    /// Ends the session that moved the project to another entry of its journal.
    pub(super) fn commit_move(mut self, to: i64, stamp: Stamp<'_>) -> Result<Effects> {
        self.finish(stamp, |project| journal::move_to(project, to, stamp))
    }

    fn finish(&mut self, stamp: Stamp<'_>, write: impl FnOnce(&Project) -> Result<()>) -> Result<Effects> {
        if self.is_over {
            return Err(Error::bad_input(Message::new("edit.error.session_over")));
        }
        let done = || -> Result<()> {
            self.check_links()?;
            self.tell_contents(stamp.at_unix_ms)?;
            let connection = &self.project.connection;
            let before = places::revision(connection)?;
            meta::count_revision(connection)?;
            places::follow(connection, &self.project.schema, &self.changed, &before)?;
            write(self.project)?;
            outside::end_own(&self.project.connection)?;
            Ok(self.project.connection.execute_batch("COMMIT")?)
        };
        match done() {
            Ok(()) => {
                self.is_over = true;
                self.tell_kept();
                Ok(Effects {
                    changed: std::mem::take(&mut self.changed),
                    recoded: self.recoded,
                    is_schema_changed: self.schema_before.take().is_some(),
                })
            }
            Err(error) => {
                self.take_back();
                Err(match error {
                    Error::Database(error) => connection::explain(&self.project.path, error),
                    other => other,
                })
            }
        }
    }

    /// Values in memory follow, but for those that dictionaries recoded.
    fn tell_kept(&self) {
        let mut kept = self.project.kept.borrow_mut();
        if self.recoded > 0 || self.schema_before.is_some() || !self.project.foreign_rows.is_empty() {
            *kept = Kept::default();
            return;
        }
        // Nobody else wrote between the session's beginning and its end.
        let now = (self.project.connection.total_changes(), self.began_at.1);
        kept.follow([self.began_at, now], &self.changed);
    }

    fn take_back(&mut self) {
        self.is_over = true;
        // It may have been read before it was taken back.
        *self.project.kept.borrow_mut() = Kept::default();
        if let Some(schema) = self.schema_before.take() {
            self.project.schema = schema;
            self.project.everywhere = Everywhere::default();
        }
        let connection = &self.project.connection;
        // A full disk makes SQLite take it back by itself.
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("ROLLBACK")
        {
            log::warn!("rollback: {error}");
        }
    }

    fn apply_one(&mut self, edit: &Edit) -> Result<()> {
        let project: &Project = self.project;
        let (before, after) = match edit {
            Edit::Insert(feature) => {
                let class = row::check(project, feature)?;
                let feature = as_stored(project, class, feature, &mut self.blob)?;
                if project.class_of(feature.id)?.is_some() {
                    return Err(Error::bad_input(
                        Message::new("edit.error.exists").with("feature", project.name_of(&feature)),
                    ));
                }
                let sql = &project.everywhere.row(&project.schema, feature.class).insert;
                let mut insert = project.connection.prepare_cached(sql)?;
                row::bind(&mut insert, project.srs_id, class, &feature, &mut self.blob)?;
                insert.raw_execute()?;
                self.applied.push(Edit::Insert(feature.clone()));
                (None, Some(feature))
            }
            Edit::Delete(feature) => {
                let class = row::check(project, feature)?;
                let feature = as_stored(project, class, feature, &mut self.blob)?;
                let found = project.require(feature.class, feature.id)?;
                for cell in Cell::all(class) {
                    check_old(project, class, &found, cell, &cell.of(&feature))?;
                }
                let sql = format!("DELETE FROM \"{}\" WHERE uid = ?1", class.key);
                project
                    .connection
                    .prepare_cached(&sql)?
                    .execute([feature.id.as_bytes()])?;
                self.applied.push(Edit::Delete(feature.clone()));
                (Some(feature), None)
            }
            Edit::Update(update) => {
                let (before, after) = self.update(update)?;
                (Some(before), Some(after))
            }
        };
        self.note(before, after);
        Ok(())
    }

    fn update(&mut self, update: &Update) -> Result<(Feature, Feature)> {
        let project: &Project = self.project;
        let before = project.require(update.class, update.id)?;
        let class = project.schema.class(update.class);
        let mut after = before.clone();
        for change in &update.cells {
            check_old(project, class, &before, change.cell, &change.old)?;
            change.cell.put(&mut after, &change.new);
        }
        row::check(project, &after)?;
        // Cells that the edit leaves alone stay as another program may have written them.
        let normal = as_stored(project, class, &after, &mut self.blob)?;
        let mut stored = before.clone();
        for change in &update.cells {
            change.cell.put(&mut stored, &change.cell.of(&normal));
        }
        if let Some(update) = Update::between(&project.schema, &before, &stored) {
            write_cells(project, class, &update, &stored, &mut self.blob)?;
            self.applied.push(Edit::Update(update));
        }
        Ok((before, stored))
    }

    fn note(&mut self, before: Option<Feature>, after: Option<Feature>) {
        let Some(id) = before.as_ref().or(after.as_ref()).map(|f| f.id) else {
            return;
        };
        if let Some(&place) = self.place_of.get(&id) {
            self.changed[place].after = after;
        } else {
            self.place_of.insert(id, self.changed.len());
            self.changed.push(Changed { before, after });
        }
    }

    /// Every link that was set leads to a feature that can be meant, and nobody names one that is gone.
    fn check_links(&self) -> Result<()> {
        let project: &Project = self.project;
        for changed in &self.changed {
            if let Some(after) = &changed.after {
                check_targets(project, changed.before.as_ref(), after, |id| self.class_of(id))?;
            } else if let Some(gone) = &changed.before
                && let Some((class, id)) = project.referrers(gone.id)?.first()
            {
                let by = project.require(*class, *id)?;
                return Err(dangling(project, &by, &project.name_of(gone)));
            }
        }
        Ok(())
    }

    /// The class of a feature; those that the session has touched are known to it.
    fn class_of(&self, id: FeatureId) -> Result<Option<ClassIndex>> {
        match self.place_of.get(&id) {
            Some(&place) => Ok(self.changed[place].after.as_ref().map(|feature| feature.class)),
            None => self.project.class_of(id),
        }
    }

    /// Extent and time of the tables that were touched.
    fn tell_contents(&self, at_unix_ms: u64) -> Result<()> {
        let mut boxes: BTreeMap<ClassIndex, Option<[f64; 4]>> = BTreeMap::new();
        for feature in self.changed.iter().flat_map(|c| [&c.before, &c.after]).flatten() {
            let known = boxes.entry(feature.class).or_default();
            if let Some(geometry) = &feature.geometry {
                let vertices = match geometry {
                    Geometry::Point(p) => std::slice::from_ref(p),
                    Geometry::Line(line) => line,
                };
                for p in vertices {
                    let b = known.get_or_insert([p[0], p[1], p[0], p[1]]);
                    *b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
                }
            }
        }
        for class in &self.recoded_classes {
            boxes.entry(*class).or_default();
        }
        let now = meta::timestamp(at_unix_ms);
        for (class, b) in boxes {
            let key = &self.project.schema.class(class).key;
            widen_contents(&self.project.connection, key, b, Some(&now))?;
        }
        Ok(())
    }
}

impl Drop for EditSession<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.take_back();
        }
    }
}

impl Project {
    fn require(&self, class: ClassIndex, id: FeatureId) -> Result<Feature> {
        self.record(class, id)?.ok_or_else(|| {
            Error::bad_input(
                Message::new("edit.error.gone")
                    .with("class", &self.schema.class(class).key)
                    .with("id", id),
            )
        })
    }

    /// The code of a feature, where it has one.
    pub fn code_of<'a>(&self, feature: &'a Feature) -> Option<&'a str> {
        let field = self.schema.class(feature.class).field_index("code")?;
        feature
            .values
            .get(field)?
            .as_text()
            .filter(|code| !code.is_empty())
    }

    /// What people call a feature: its code, or its class and id where it has no code.
    pub fn name_of(&self, feature: &Feature) -> String {
        match self.code_of(feature) {
            Some(code) => code.to_owned(),
            None => format!("{} {}", self.schema.class(feature.class).key, feature.id),
        }
    }
}

/// A feature as it will be read again: geometry without repeated vertices, values of their column's type.
fn as_stored(
    project: &Project,
    class: &FeatureClass,
    feature: &Feature,
    blob: &mut Vec<u8>,
) -> Result<Feature> {
    let mut stored = feature.clone();
    if let Some(geometry) = &feature.geometry {
        gpb::encode(blob, project.srs_id, geometry);
        stored.geometry = gpb::decode(blob).ok().flatten();
        if stored.geometry.is_none() {
            return Err(row::unfit(feature, &class.key, "geom", "0 m"));
        }
    }
    for (field, value) in class.fields.iter().zip(&mut stored.values) {
        *value = row::as_stored(&field.field_type, value)
            .ok_or_else(|| row::unfit(feature, &class.key, &field.key, &format!("{value:?}")))?;
    }
    stored.links.on_pipe_distance_m = stored.links.on_pipe_distance_m.filter(|m| m.is_finite());
    Ok(stored)
}

/// Refuses an edit of something that has become something else meanwhile.
fn check_old(
    project: &Project,
    class: &FeatureClass,
    found: &Feature,
    cell: Cell,
    expected: &Content,
) -> Result<()> {
    let now = cell.of(found);
    let expected = match (cell, expected) {
        (Cell::Field(position), Content::Value(value)) => {
            let field_type: Option<&FieldType> = class.fields.get(position).map(|f| &f.field_type);
            let value = field_type.and_then(|t| row::as_stored(t, value));
            value.map_or_else(|| expected.clone(), Content::Value)
        }
        _ => expected.clone(),
    };
    if now.is_same(&expected) {
        return Ok(());
    }
    Err(Error::bad_input(
        Message::new("edit.error.stale")
            .with("feature", project.name_of(found))
            .with("field", cell.column(class).unwrap_or_default())
            .with("found", now.short())
            .with("expected", expected.short()),
    ))
}

fn write_cells(
    project: &Project,
    class: &FeatureClass,
    update: &Update,
    stored: &Feature,
    blob: &mut Vec<u8>,
) -> Result<()> {
    let columns: Vec<String> = update
        .cells
        .iter()
        .filter_map(|c| Some(format!("\"{}\" = ?", c.cell.column(class)?)))
        .collect();
    let sql = format!(
        "UPDATE \"{}\" SET {} WHERE uid = ?",
        class.key,
        columns.join(", ")
    );
    let mut statement = project.connection.prepare_cached(&sql)?;
    for (i, change) in update.cells.iter().enumerate() {
        match &change.new {
            Content::Id(id) => statement.raw_bind_parameter(i + 1, id.as_bytes())?,
            Content::Ids(ids) => {
                let bytes: Vec<u8> = ids.iter().flat_map(|id| *id.as_bytes()).collect();
                statement.raw_bind_parameter(i + 1, bytes)?;
            }
            Content::Geometry(geometry) => {
                gpb::encode(blob, project.srs_id, geometry);
                statement.raw_bind_parameter(i + 1, blob.as_slice())?;
            }
            Content::Value(value) => {
                let field_type = match change.cell {
                    Cell::Field(position) => &class.fields[position].field_type,
                    _ => &FieldType::Real,
                };
                let Some(sql) = row::sql_value(field_type, value) else {
                    return Err(row::unfit(stored, &class.key, "*", &format!("{value:?}")));
                };
                statement.raw_bind_parameter(i + 1, sql)?;
            }
        }
    }
    statement.raw_bind_parameter(columns.len() + 1, update.id.as_bytes())?;
    statement.raw_execute()?;
    Ok(())
}

/// Links that `after` has and `before` had not must lead to features of the right kind.
fn check_targets(
    project: &Project,
    before: Option<&Feature>,
    after: &Feature,
    class_of: impl Fn(FeatureId) -> Result<Option<ClassIndex>>,
) -> Result<()> {
    let class = project.schema.class(after.class);
    for cell in Cell::all(class) {
        let wanted = match cell {
            Cell::From | Cell::To => Some(GeometryKind::Point),
            Cell::OnPipe | Cell::InletPipes => Some(GeometryKind::Line),
            Cell::FlowTo => None,
            _ => continue,
        };
        let now = cell.of(after);
        if before.is_some_and(|before| cell.of(before).is_same(&now)) {
            continue;
        }
        let targets = match now {
            Content::Id(id) => vec![id],
            Content::Ids(ids) => ids,
            _ => continue,
        };
        for target in targets {
            let kind = class_of(target)?.map(|class| project.schema.class(class).geometry);
            if kind.is_none() || wanted.is_some_and(|wanted| kind != Some(wanted)) {
                return Err(dangling(project, after, &target.to_string()));
            }
        }
    }
    Ok(())
}

fn dangling(project: &Project, by: &Feature, target: &str) -> Error {
    Error::bad_input(
        Message::new("edit.error.dangling")
            .with("feature", project.name_of(by))
            .with("target", target),
    )
}

/// Widens the extent of a table, which GeoPackage keeps beside it, and tells when it changed.
pub(super) fn widen_contents(
    connection: &Connection,
    table: &str,
    bounds: Option<[f64; 4]>,
    changed_at: Option<&str>,
) -> rusqlite::Result<()> {
    let [min_x, min_y, max_x, max_y] = bounds.map_or([None; 4], |b| b.map(Some));
    connection
        .prepare_cached(
            "UPDATE gpkg_contents SET
               min_x = min(coalesce(min_x, ?2), coalesce(?2, min_x)),
               min_y = min(coalesce(min_y, ?3), coalesce(?3, min_y)),
               max_x = max(coalesce(max_x, ?4), coalesce(?4, max_x)),
               max_y = max(coalesce(max_y, ?5), coalesce(?5, max_y)),
               last_change = max(last_change, coalesce(?6, last_change))
             WHERE table_name = ?1",
        )?
        .execute((table, min_x, min_y, max_x, max_y, changed_at))
        .map(drop)
}
