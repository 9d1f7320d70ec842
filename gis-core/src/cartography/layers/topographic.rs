//! Topographic maps with their issues: which there are, which is shown, and where each came from. Plain data kept with
//! the project; the drawings themselves lie in a folder beside it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{ComparedIssue, Layer, LayerId, LayerSource, MapDocument, TopoIssue, TreeNode, VectorSource};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::text::Message;

/// Name of the project document that holds the history.
const DOCUMENT: &str = "topographic";

/// All topographic maps of a project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TopoBook {
    pub maps: Vec<TopoMap>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TopoMap {
    pub name: String,
    /// The issue that is shown.
    pub current: String,
    /// Oldest first, by when they were added.
    pub issues: Vec<TopoRecord>,
    /// Every change of what is shown, oldest first.
    pub history: Vec<TopoEvent>,
}

/// An issue and where it came from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TopoRecord {
    /// E.g. `2024-06`.
    pub issue: String,
    /// Within the folder beside the project.
    pub file: String,
    /// What was copied.
    pub source: String,
    pub added_unix_ms: u64,
    pub by: String,
    pub note: String,
    pub features: u64,
    pub layers: Vec<String>,
    pub bytes: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TopoEvent {
    pub at_unix_ms: u64,
    pub by: String,
    pub from: String,
    pub to: String,
}

fn unknown(map: &str, issue: &str, known: &[String]) -> Error {
    Error::bad_input(
        Message::new("topographic.unknown")
            .with("found", format!("{map} {issue}").trim())
            .with("known", known.join(", ")),
    )
}

impl TopoBook {
    /// The history kept with the project; empty where there is none.
    pub fn load(project: &Project) -> Result<Self> {
        let Some(text) = project.document(DOCUMENT)? else {
            return Ok(Self::default());
        };
        serde_json::from_str(&text).map_err(|e| {
            Error::bad_input(
                Message::new("project.error.bad_meta")
                    .with("key", DOCUMENT)
                    .with("reason", e),
            )
        })
    }

    pub fn save(&self, project: &mut Project) -> Result<()> {
        let text = serde_json::to_string(self).map_err(|e| {
            Error::bad_input(
                Message::new("project.error.bad_meta")
                    .with("key", DOCUMENT)
                    .with("reason", e),
            )
        })?;
        project.store_document(DOCUMENT, &text)
    }

    /// # Errors
    /// There is no map of that name.
    pub fn map(&self, name: &str) -> Result<&TopoMap> {
        self.maps.iter().find(|m| m.name == name).ok_or_else(|| {
            let known: Vec<String> = self.maps.iter().map(|m| m.name.clone()).collect();
            unknown(name, "", &known)
        })
    }

    /// # Errors
    /// The map has that issue already, or map or issue has no name.
    pub fn check_new(&self, map: &str, issue: &str) -> Result<()> {
        if map.trim().is_empty() || issue.trim().is_empty() {
            return Err(Error::bad_input(Message::new("topographic.no_name")));
        }
        let is_there = self
            .map(map)
            .is_ok_and(|m| m.issues.iter().any(|i| i.issue == issue));
        if is_there {
            return Err(Error::bad_input(
                Message::new("topographic.exists")
                    .with("map", map)
                    .with("issue", issue),
            ));
        }
        Ok(())
    }

    /// A name for a new issue like the one wanted, with a number where the map has that issue already.
    pub fn free_issue(&self, map: &str, wanted: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted} ({number})"));
        std::iter::once(wanted.to_owned())
            .chain(numbered)
            .find(|issue| self.check_new(map, issue).is_ok())
            .unwrap_or_else(|| wanted.to_owned())
    }

    /// Adds an issue beside the others. The first of a map is shown at once; later ones when they are switched to.
    ///
    /// # Errors
    /// As [`Self::check_new`].
    pub fn add(&mut self, map: &str, record: TopoRecord) -> Result<()> {
        self.check_new(map, &record.issue)?;
        let (issue, at_unix_ms, by) = (record.issue.clone(), record.added_unix_ms, record.by.clone());
        if let Some(known) = self.maps.iter_mut().find(|m| m.name == map) {
            known.issues.push(record);
            return Ok(());
        }
        self.maps.push(TopoMap {
            name: map.to_owned(),
            current: String::new(),
            issues: vec![record],
            history: Vec::new(),
        });
        self.switch(map, &issue, &by, at_unix_ms)
    }

    /// Shows another issue, and writes that down.
    ///
    /// # Errors
    /// There is no such map or issue.
    pub fn switch(&mut self, map: &str, issue: &str, by: &str, at_unix_ms: u64) -> Result<()> {
        self.map(map)?.record(issue)?;
        for known in self
            .maps
            .iter_mut()
            .filter(|m| m.name == map && m.current != issue)
        {
            known.history.push(TopoEvent {
                at_unix_ms,
                by: by.to_owned(),
                from: std::mem::replace(&mut known.current, issue.to_owned()),
                to: issue.to_owned(),
            });
        }
        Ok(())
    }

    /// Puts the shown issue of every map into the layer tree: its layer is changed, or added at the bottom.
    /// `folder` is where the drawings lie.
    pub fn show_in(&self, document: &mut MapDocument, folder: &Path) {
        for map in &self.maps {
            let Ok(record) = map.record(&map.current) else {
                continue;
            };
            if !show(&mut document.tree, map, record, folder) {
                let mut source = VectorSource::default();
                map.put(&mut source, record, folder);
                document.tree.push(TreeNode::Layer(Layer {
                    title: Some(map.name.clone()),
                    ..Layer::new(
                        LayerId::new(format!("topographic:{}", map.name)),
                        LayerSource::Vector(source),
                    )
                }));
            }
        }
    }
}

/// Whether a layer of that map was found; it now shows the issue, drawn as before.
fn show(nodes: &mut [TreeNode], map: &TopoMap, record: &TopoRecord, folder: &Path) -> bool {
    nodes.iter_mut().any(|node| match node {
        TreeNode::Group(group) => show(&mut group.children, map, record, folder),
        TreeNode::Layer(layer) => {
            if let LayerSource::Vector(source) = &mut layer.source
                && source.topographic.as_ref().is_some_and(|t| t.map == map.name)
            {
                map.put(source, record, folder);
                return true;
            }
            false
        }
    })
}

impl TopoMap {
    /// # Errors
    /// There is no such issue.
    pub fn record(&self, issue: &str) -> Result<&TopoRecord> {
        self.issues.iter().find(|i| i.issue == issue).ok_or_else(|| {
            let known: Vec<String> = self.issues.iter().map(|i| i.issue.clone()).collect();
            unknown(&self.name, issue, &known)
        })
    }

    /// Has a layer show an issue. What it is compared with stays, unless that is the issue now shown.
    fn put(&self, source: &mut VectorSource, record: &TopoRecord, folder: &Path) {
        let path_of = |record: &TopoRecord| folder.join(&record.file).display().to_string();
        let compared = source
            .topographic
            .take()
            .and_then(|topographic| topographic.compared)
            .filter(|compared| compared.issue != record.issue)
            .and_then(|compared| {
                let path = path_of(self.record(&compared.issue).ok()?);
                Some(ComparedIssue { path, ..compared })
            });
        source.path = path_of(record);
        source.topographic = Some(TopoIssue {
            map: self.name.clone(),
            issue: record.issue.clone(),
            added_unix_ms: record.added_unix_ms,
            is_current: true,
            compared,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cartography::layers::Comparison;

    fn record(issue: &str, at: u64) -> TopoRecord {
        TopoRecord {
            issue: issue.to_owned(),
            file: format!("{issue}.gpkg"),
            by: "张三".to_owned(),
            added_unix_ms: at,
            ..TopoRecord::default()
        }
    }

    #[test]
    fn issues_lie_beside_each_other_and_switching_is_written_down() {
        let mut book = TopoBook::default();
        book.add("地形图", record("2022", 1)).unwrap();
        book.add("地形图", record("2024", 2)).unwrap();
        assert_eq!(
            book.map("地形图").unwrap().current,
            "2022",
            "a new issue is looked at first"
        );
        assert!(book.add("地形图", record("2024", 3)).is_err());
        assert!(book.add(" ", record("2024", 3)).is_err());
        book.switch("地形图", "2024", "李四", 5).unwrap();
        book.switch("地形图", "2024", "李四", 6).unwrap();
        assert!(book.switch("地形图", "1999", "李四", 7).is_err());
        assert!(book.switch("影像", "2024", "李四", 7).is_err());
        let map = book.map("地形图").unwrap();
        assert_eq!(
            (map.current.as_str(), map.issues.len(), map.history.len()),
            ("2024", 2, 2)
        );
        let last = &map.history[1];
        assert_eq!(
            (
                last.from.as_str(),
                last.to.as_str(),
                last.by.as_str(),
                last.at_unix_ms
            ),
            ("2022", "2024", "李四", 5)
        );
        let text = serde_json::to_string(&book).unwrap();
        assert_eq!(serde_json::from_str::<TopoBook>(&text).unwrap(), book);
    }

    #[test]
    fn the_layer_of_a_map_follows_its_issue_and_keeps_its_place() {
        let mut book = TopoBook::default();
        book.add("地形图", record("2022", 1)).unwrap();
        book.add("地形图", record("2024", 2)).unwrap();
        let mut document = MapDocument::default();
        let folder = Path::new("/data/p.basemaps");
        book.show_in(&mut document, folder);
        if let Some(TreeNode::Layer(layer)) = document.tree.first_mut() {
            layer.opacity = 0.4;
        }
        book.switch("地形图", "2024", "", 3).unwrap();
        book.show_in(&mut document, folder);
        let [TreeNode::Layer(layer)] = document.tree.as_slice() else {
            panic!("one layer a map")
        };
        assert!((layer.opacity - 0.4).abs() < 1e-6);
        let LayerSource::Vector(source) = &layer.source else {
            panic!()
        };
        assert!(source.path.ends_with("2024.gpkg"));
        assert_eq!(source.topographic.as_ref().unwrap().issue, "2024");
    }

    #[test]
    fn a_comparison_is_kept_moves_with_the_project_and_ends_when_its_issue_is_shown() {
        let mut book = TopoBook::default();
        book.add("地形图", record("2022", 1)).unwrap();
        book.add("地形图", record("2024", 2)).unwrap();
        let mut document = MapDocument::default();
        book.show_in(&mut document, Path::new("/data/p.basemaps"));
        if let Some(TreeNode::Layer(layer)) = document.tree.first_mut()
            && let LayerSource::Vector(source) = &mut layer.source
        {
            source.is_outline_only = true;
            source.topographic.as_mut().unwrap().compared = Some(ComparedIssue {
                issue: "2024".to_owned(),
                path: "/data/p.basemaps/2024.gpkg".to_owned(),
                how: Comparison::Swipe(0.25),
            });
        }
        let text = document.to_text().unwrap();
        let mut document: MapDocument = serde_json::from_str(&text).unwrap();
        book.show_in(&mut document, Path::new("/elsewhere/q.basemaps"));
        let source = |document: &MapDocument| {
            let [TreeNode::Layer(layer)] = document.tree.as_slice() else {
                panic!("one layer a map")
            };
            let LayerSource::Vector(source) = &layer.source else {
                panic!()
            };
            source.clone()
        };
        let kept = source(&document);
        assert!(kept.is_outline_only && Path::new(&kept.path).starts_with("/elsewhere"));
        let (other, how) = kept.compared().unwrap();
        assert_eq!(how, Comparison::Swipe(0.25));
        assert_eq!(
            Path::new(&other.path),
            Path::new("/elsewhere/q.basemaps/2024.gpkg")
        );
        assert!(other.compared().is_none() && kept.alone().compared().is_none());
        book.switch("地形图", "2024", "", 3).unwrap();
        book.show_in(&mut document, Path::new("/elsewhere/q.basemaps"));
        assert!(source(&document).compared().is_none());
    }
}
