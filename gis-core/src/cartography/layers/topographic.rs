//! Topographic maps with their issues: which there are, which is shown, and where each came from. Plain data kept with
//! the project; the drawings themselves lie in a folder beside it.

use serde::{Deserialize, Serialize};

use super::{Layer, LayerId, LayerSource, MapDocument, TopoIssue, TreeNode, VectorSource};
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
    pub fn show_in(&self, document: &mut MapDocument, folder: &std::path::Path) {
        for map in &self.maps {
            let Ok(record) = map.record(&map.current) else {
                continue;
            };
            let source = LayerSource::Vector(VectorSource {
                path: folder.join(&record.file).display().to_string(),
                layer: None,
                encoding: None,
                topographic: Some(TopoIssue {
                    map: map.name.clone(),
                    issue: record.issue.clone(),
                    added_unix_ms: record.added_unix_ms,
                    is_current: true,
                }),
            });
            if !replace(&mut document.tree, &map.name, &source) {
                document.tree.push(TreeNode::Layer(Layer {
                    title: Some(map.name.clone()),
                    ..Layer::new(LayerId::new(format!("topographic:{}", map.name)), source)
                }));
            }
        }
    }
}

/// Whether a layer of that map was found and now shows `source`.
fn replace(nodes: &mut [TreeNode], map: &str, source: &LayerSource) -> bool {
    nodes.iter_mut().any(|node| match node {
        TreeNode::Group(group) => replace(&mut group.children, map, source),
        TreeNode::Layer(layer) => {
            let is_it = matches!(&layer.source, LayerSource::Vector(VectorSource { topographic: Some(t), .. })
                if t.map == map);
            if is_it {
                layer.source = source.clone();
            }
            is_it
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let folder = std::path::Path::new("/data/p.basemaps");
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
}
