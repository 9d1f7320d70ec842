//! Copies a selection as one piece of JSON, and puts it back somewhere else: with new ids and codes, and with the links
//! between what was copied.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::codes::Taken;
use super::{Work, position};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::model::{Feature, Geometry, Value};
use crate::project::Project;
use crate::text::Message;

/// Fields that tell of the one feature that was copied.
const OWN_FIELDS: [&str; 2] = ["ties", "passes"];

/// Features as JSON, in the form of the journal.
///
/// # Errors
/// `BadInput` for what is not there.
pub fn copied(project: &Project, names: &[String]) -> Result<String> {
    let mut ids = IdSource::new(0, 0);
    let work = Work::new(project, &mut ids);
    let mut piece = Transaction::new(Message::new("edit.name.paste"));
    piece.edits = work.found(names)?.into_iter().map(Edit::Insert).collect();
    piece.to_json(project.schema())
}

impl Work<'_> {
    pub(super) fn copy(&mut self, names: &[String], by: [f64; 2]) -> Result<Transaction> {
        let copies = self.found(names)?;
        self.put(copies, by)
    }

    /// The features, each once.
    fn found(&self, names: &[String]) -> Result<Vec<Feature>> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            let feature = self.find(name)?;
            if seen.insert(feature.id) {
                found.push(feature);
            }
        }
        Ok(found)
    }

    pub(super) fn paste(&mut self, features: &Json, by: [f64; 2]) -> Result<Transaction> {
        let text = features.to_string();
        let piece = Transaction::from_json(self.schema(), Message::new("edit.name.paste"), &text)?;
        let mut copies: Vec<Feature> = Vec::with_capacity(piece.edits.len());
        for edit in piece.edits {
            let Edit::Insert(feature) = edit else {
                return Err(Error::bad_input(Message::new("edit.error.no_copy")));
            };
            copies.push(feature);
        }
        self.put(copies, by)
    }

    fn put(&mut self, mut copies: Vec<Feature>, by: [f64; 2]) -> Result<Transaction> {
        if !by.iter().all(|v| v.is_finite()) {
            return Err(Error::bad_input(
                Message::new("edit.error.bad_place").with("found", format!("{}, {}", by[0], by[1])),
            ));
        }
        let new_ids: BTreeMap<FeatureId, FeatureId> =
            copies.iter().map(|copy| (copy.id, self.ids.next_id())).collect();
        let mut transaction = Transaction::new(Message::new("edit.name.paste").with("count", copies.len()));
        let mut codes = Taken::new();
        // Nodes before the pipes that end in them.
        copies.sort_by_key(|copy| position(copy).is_none());
        for mut copy in copies {
            copy.id = new_ids.get(&copy.id).copied().unwrap_or(copy.id);
            self.shift(&mut copy, by)?;
            relink(&mut copy, &new_ids);
            self.rename(&mut copy, &mut codes)?;
            transaction.edits.push(Edit::Insert(copy));
        }
        Ok(transaction)
    }

    fn shift(&self, copy: &mut Feature, by: [f64; 2]) -> Result<()> {
        match &mut copy.geometry {
            Some(Geometry::Point(p)) => {
                let to = [p[0] + by[0], p[1] + by[1]];
                self.check_place(to)?;
                if let Some((there, _)) = self.nodes_near(to, self.options.end_tolerance_m)?.first() {
                    return Err(self.refuse("edit.error.occupied", there));
                }
                (p[0], p[1]) = (to[0], to[1]);
            }
            Some(Geometry::Line(line)) => {
                for p in line {
                    (p[0], p[1]) = (p[0] + by[0], p[1] + by[1]);
                }
            }
            None => {}
        }
        Ok(())
    }

    pub(super) fn rename(&self, copy: &mut Feature, codes: &mut Taken) -> Result<()> {
        for key in OWN_FIELDS {
            if let Some(field) = self.field(copy, key) {
                copy.values[field] = Value::Null;
            }
        }
        let code = self.project.code_of(copy).map(str::to_owned);
        if let (Some(code), Some(field)) = (code, self.field(copy, "code")) {
            let is_taken = codes.contains(&code) || !self.project.find_code(&code)?.is_empty();
            let code = if is_taken {
                self.free_code(&code, codes)?
            } else {
                code
            };
            codes.insert(code.clone());
            copy.values[field] = Value::Text(code);
        }
        Ok(())
    }
}

/// Links within the copied piece lead to the copies; those that led out of it lead nowhere.
pub(super) fn relink(copy: &mut Feature, new_ids: &BTreeMap<FeatureId, FeatureId>) {
    let links = &mut copy.links;
    for link in [
        &mut links.from,
        &mut links.to,
        &mut links.on_pipe,
        &mut links.flow_to,
    ] {
        *link = link.and_then(|id| new_ids.get(&id).copied());
    }
    if links.on_pipe.is_none() {
        links.on_pipe_distance_m = None;
    }
    links.inlet_pipes = links
        .inlet_pipes
        .iter()
        .filter_map(|id| new_ids.get(id).copied())
        .collect();
}
