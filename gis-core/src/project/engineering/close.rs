//! The end of an engineering project: completed, what it planned is in service; withdrawn, it is as if it had never been.
//! Either is one entry of the journal.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{ChangeKind, OBSOLETE, OPERATIVE, PLANNED, PROJECT, STAGE, Stage};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Geometry, Value};
use crate::project::{Effects, Project, Stamp, meta};
use crate::text::{Lang, Message};

/// One line of a bill of materials.
#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    pub class: String,
    pub kind: String,
    pub material: String,
    pub diameter_mm: Option<f64>,
    pub count: usize,
    /// Of lines, along them in the plane.
    pub length_m: Option<f64>,
}

impl Project {
    /// Planned features of the project go into service on a day, and those it marked are abandoned.
    ///
    /// # Errors
    /// `Refused` where the project is closed or holds nothing.
    pub fn complete_engineering(&mut self, number: &str, on: NaiveDate, stamp: Stamp<'_>) -> Result<Effects> {
        self.open_engineering(number)?;
        let name = Message::new("engineering.name.complete").with("number", number);
        let mut transaction = Transaction::new(name);
        for change in self.engineering_changes(number)? {
            let old = change.feature;
            let mut new = old.clone();
            match change.kind {
                ChangeKind::New if self.life_state(&old) == Some(PLANNED) => {
                    self.put(&mut new, "state", Value::Text(OPERATIVE.to_owned()));
                    self.put_if_empty(&mut new, "install_date", Value::Date(on));
                }
                ChangeKind::ToAbandon => self.put(&mut new, "state", Value::Text(OBSOLETE.to_owned())),
                _ => continue,
            }
            transaction.change(&self.schema, &old, &new);
        }
        if transaction.edits.is_empty() {
            return Err(Error::Refused(
                Message::new("engineering.error.empty").with("number", number),
            ));
        }
        let mut session = self.begin_edit()?;
        session.apply(&transaction)?;
        let tags = closing(number, Stage::Completed)?;
        session.commit_tagged(&transaction.name, stamp, &tags)
    }

    fn put(&self, feature: &mut Feature, field: &str, value: Value) {
        if let Some(field) = self.schema.class(feature.class).field_index(field) {
            feature.values[field] = value;
        }
    }

    fn put_if_empty(&self, feature: &mut Feature, field: &str, value: Value) {
        let position = self.schema.class(feature.class).field_index(field);
        if position.is_some_and(|position| feature.values[position] == Value::Null) {
            self.put(feature, field, value);
        }
    }

    /// Takes everything that was edited for the project back.
    ///
    /// # Errors
    /// `Refused` where the project is closed, or where later edits rest on it, which are named. Nothing is changed then.
    pub fn withdraw_engineering(&mut self, number: &str, stamp: Stamp<'_>) -> Result<Effects> {
        let entries = self.open_engineering(number)?;
        let resting = self.resting_on(number, &entries.edits)?;
        if !resting.is_empty() {
            return Err(Error::Refused(
                Message::new("engineering.error.rested_on")
                    .with("number", number)
                    .with("count", resting.len())
                    .with("features", resting.into_iter().collect::<Vec<_>>().join(", ")),
            ));
        }
        let mut session = self.begin_edit()?;
        for (_, transaction) in entries.edits.iter().rev() {
            session.apply(&transaction.inverse())?;
        }
        let name = Message::new("engineering.name.withdraw").with("number", number);
        session.commit_tagged(&name, stamp, &closing(number, Stage::Withdrawn)?)
    }

    /// Names of features through which edits of others rest on those of a project.
    fn resting_on(&self, number: &str, edits: &[(i64, Transaction)]) -> Result<BTreeSet<String>> {
        let Some((first, _)) = edits.first() else {
            return Ok(BTreeSet::new());
        };
        let own: BTreeSet<FeatureId> = edits
            .iter()
            .flat_map(|(_, t)| t.edits.iter().map(Edit::id))
            .collect();
        let mut resting = BTreeSet::new();
        for entry in self.history()?.entries {
            let is_later = entry.is_in_force && entry.number > *first;
            if !is_later || entry.engineering.as_deref() == Some(number) {
                continue;
            }
            for edit in &self.journaled(entry.number)?.edits {
                if own.contains(&edit.id()) {
                    resting.insert(self.called(edit.id())?);
                }
            }
        }
        for id in &own {
            for (_, by) in self.referrers(*id)? {
                if !own.contains(&by) && edits.iter().any(|(_, t)| inserts(t, *id)) {
                    resting.insert(self.called(by)?);
                }
            }
        }
        Ok(resting)
    }

    fn called(&self, id: FeatureId) -> Result<String> {
        let feature = self.feature(id)?;
        Ok(feature.map_or_else(|| id.to_string(), |f| self.name_of(&f)))
    }

    /// What has to be bought for the project: its new features, by class, kind, material and diameter.
    ///
    /// # Errors
    /// There is no such project.
    pub fn engineering_materials(&self, number: &str, lang: Lang) -> Result<Vec<Material>> {
        let mut rows: Vec<Material> = Vec::new();
        for change in self.engineering_changes(number)? {
            if change.kind != ChangeKind::New {
                continue;
            }
            let row = self.material_of(&change.feature, lang);
            let same = rows.iter_mut().find(|r| {
                (&r.class, &r.kind, &r.material, r.diameter_mm)
                    == (&row.class, &row.kind, &row.material, row.diameter_mm)
            });
            match same {
                Some(same) => {
                    same.count += 1;
                    same.length_m = same.length_m.zip(row.length_m).map(|(a, b)| a + b);
                }
                None => rows.push(row),
            }
        }
        rows.sort_by(|a, b| {
            (&a.class, &a.kind, &a.material)
                .cmp(&(&b.class, &b.kind, &b.material))
                .then_with(|| {
                    a.diameter_mm
                        .partial_cmp(&b.diameter_mm)
                        .unwrap_or(std::cmp::Ordering::Equal)
                })
        });
        Ok(rows)
    }

    fn material_of(&self, feature: &Feature, lang: Lang) -> Material {
        let class = self.schema.class(feature.class);
        let value = |key: &str| feature.values.get(class.field_index(key)?);
        let text = |key: &str| value(key).and_then(Value::as_text).unwrap_or("").to_owned();
        let length_m = match &feature.geometry {
            Some(Geometry::Line(line)) if !line.is_empty() => {
                let flat: Vec<[f64; 2]> = line.iter().map(|p| [p[0], p[1]]).collect();
                Some(self.metric(line[0]).length_m(&flat))
            }
            _ => None,
        };
        Material {
            class: class.label.text(lang).to_owned(),
            kind: text("kind"),
            material: text("material"),
            diameter_mm: value("diameter_mm").and_then(Value::as_real),
            count: 1,
            length_m,
        }
    }
}

fn inserts(transaction: &Transaction, id: FeatureId) -> bool {
    let mut edits = transaction.edits.iter();
    edits.any(|edit| matches!(edit, Edit::Insert(feature) if feature.id == id))
}

fn closing(number: &str, stage: Stage) -> Result<[(&'static str, String); 2]> {
    Ok([(PROJECT, number.to_owned()), (STAGE, meta::to_json(&stage)?)])
}
