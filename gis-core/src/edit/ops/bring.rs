//! Import into the edit session: the features of a file come as one transaction that can be undone. What lies on nodes
//! that are there is joined to them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::codes::Taken;
use super::paste::relink;
use super::{Work, flat, position, vertices};
use crate::edit::{Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::io::{self, ImportOptions, ImportReport, Mapping};
use crate::model::Feature;
use crate::progress::NoProgress;
use crate::project::{NewProject, Project};
use crate::text::Message;

/// What the file does not say of itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// Only these layers; all where empty.
    pub layers: Vec<String>,
    /// A mapping file, as `karez inspect` writes it.
    pub mapping: Option<PathBuf>,
    /// `EPSG:4547`, a PROJ string or WKT, over what the file says.
    pub crs: Option<String>,
    pub encoding: Option<String>,
    /// Survey tables: the first coordinate points north.
    pub x_is_northing: Option<bool>,
}

impl Reading {
    fn options(&self) -> Result<ImportOptions> {
        Ok(ImportOptions {
            mapping: self.mapping.as_deref().map(Mapping::load).transpose()?,
            encoding: self.encoding.clone(),
            source_crs: self.crs.as_deref().map(io::crs::parse).transpose()?,
            x_is_northing: self.x_is_northing,
            layers: self.layers.clone(),
        })
    }
}

/// What became of the features of a file, for the notes.
#[derive(Default)]
struct Told {
    joined: usize,
    there: usize,
    renamed: usize,
}

impl Work<'_> {
    pub(super) fn bring(&mut self, file: &Path, reading: &Reading) -> Result<Transaction> {
        let (features, report) = self.read(file, &reading.options()?)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if features.is_empty() {
            return Err(Error::bad_input(
                Message::new("edit.error.nothing_read")
                    .with("path", file.display())
                    .with("rejected", report.rejected()),
            ));
        }
        let mut told = Told::default();
        let mut new_ids: BTreeMap<FeatureId, FeatureId> = BTreeMap::new();
        let mut coming = Vec::with_capacity(features.len());
        // Nodes before the pipes that end in them.
        let (nodes, pipes): (Vec<Feature>, Vec<Feature>) = features
            .into_iter()
            .partition(|feature| position(feature).is_some());
        for node in nodes {
            let at = self.place_of(&node)?;
            let there = self.nodes_near([at[0], at[1]], self.options.end_tolerance_m)?;
            if let Some((there, _)) = there.first() {
                new_ids.insert(node.id, there.id);
                told.joined += 1;
            } else {
                new_ids.insert(node.id, self.ids.next_id());
                coming.push(node);
            }
        }
        for pipe in pipes {
            if self.is_there(&pipe, &new_ids)? {
                told.there += 1;
            } else {
                new_ids.insert(pipe.id, self.ids.next_id());
                coming.push(pipe);
            }
        }
        let mut transaction = Transaction::new(
            Message::new("edit.name.import")
                .with("path", name)
                .with("count", coming.len()),
        );
        let mut codes = Taken::new();
        for mut feature in coming {
            feature.id = new_ids.get(&feature.id).copied().unwrap_or(feature.id);
            relink(&mut feature, &new_ids);
            let code = self.project.code_of(&feature).map(str::to_owned);
            self.rename(&mut feature, &mut codes)?;
            told.renamed += usize::from(code.as_deref() != self.project.code_of(&feature));
            transaction.edits.push(Edit::Insert(feature));
        }
        self.tell(&told, &report);
        Ok(transaction)
    }

    /// The features of a file in the project's system and classes, through a project of their own.
    fn read(&mut self, file: &Path, options: &ImportOptions) -> Result<(Vec<Feature>, ImportReport)> {
        let mut read = Project::temporary(&NewProject {
            name: "",
            crs: self.project.crs(),
            schema: self.schema(),
            created_unix_ms: 0,
        })?;
        let report = io::import(&mut read, file, options, self.ids, &NoProgress)?;
        let mut features = Vec::new();
        for class in self.schema().class_indices() {
            read.for_each(class, |feature| {
                features.push(feature);
                Ok(())
            })?;
        }
        Ok((features, report))
    }

    /// Whether the pipe runs between two nodes that are there, as one that is there does.
    fn is_there(&self, pipe: &Feature, met: &BTreeMap<FeatureId, FeatureId>) -> Result<bool> {
        let known = |end: Option<FeatureId>| end.and_then(|id| met.get(&id));
        let (Some(from), Some(to)) = (known(pipe.links.from), known(pipe.links.to)) else {
            return Ok(false);
        };
        let Some(from) = self.project.feature(*from)? else {
            return Ok(false);
        };
        let line = flat(vertices(pipe));
        let Some(first) = line.first() else {
            return Ok(false);
        };
        let metric = self.metric(*first);
        let length_m = metric.length_m(&line);
        let tolerance_m = self.options.end_tolerance_m;
        Ok(self.pipes_at(&from)?.iter().any(|(other, _)| {
            let ends = [other.links.from, other.links.to];
            ends.contains(&Some(*to))
                && (metric.length_m(&flat(vertices(other))) - length_m).abs() <= tolerance_m * 2.0
        }))
    }

    fn tell(&mut self, told: &Told, report: &ImportReport) {
        let counts = [
            ("edit.note.import_joined", told.joined as u64),
            ("edit.note.import_there", told.there as u64),
            ("edit.note.import_renamed", told.renamed as u64),
            ("edit.note.import_rejected", report.rejected()),
        ];
        for (key, count) in counts {
            if count > 0 {
                self.notes.push(Message::new(key).with("count", count));
            }
        }
    }
}
