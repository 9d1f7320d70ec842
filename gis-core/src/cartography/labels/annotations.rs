//! What the user wrote on the map by hand: labels moved, flags, dimensions. It is kept with the project as the document
//! `"annotations"`; features are named by their ids, so that it outlives edits.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::ids::FeatureId;
use crate::project::Project;

/// Name of the document in the project.
pub const ANNOTATIONS_DOCUMENT: &str = "annotations";

/// All annotations of a project. Coordinates are the project's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Annotations {
    pub version: u32,
    pub pins: Vec<PinnedLabel>,
    pub flags: Vec<Flag>,
    pub dimensions: Vec<Dimension>,
}

/// A label put somewhere by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PinnedLabel {
    pub feature: FeatureId,
    /// Middle of the text.
    pub at: [f64; 2],
    /// Clockwise, on a map with north up.
    #[serde(default)]
    pub angle_deg: f64,
}

/// 扯旗: one row of text for each pipe that a stroke crosses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    pub id: u32,
    pub stroke: [[f64; 2]; 2],
    /// The end of the staff nearest to the stroke.
    pub foot: [f64; 2],
    /// The pipes it speaks of. One that no longer crosses the stroke has no row.
    pub pipes: Vec<FeatureId>,
    /// What each row says.
    pub template: String,
    #[serde(default = "usual_size_px")]
    pub size_px: f32,
    /// Scale denominator beyond which it is not drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_beyond: Option<f64>,
}

/// Distances from point to point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    pub id: u32,
    /// At least two.
    pub points: Vec<[f64; 2]>,
    /// From the points to the dimension line in metres, positive to the left of the way from point to point.
    #[serde(default)]
    pub offset_m: f64,
    #[serde(default = "usual_decimals")]
    pub decimals: u8,
    #[serde(default = "usual_size_px")]
    pub size_px: f32,
    /// Scale denominator beyond which it is not drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_beyond: Option<f64>,
}

/// Names one annotation that can be moved or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnnotationId {
    Pin(FeatureId),
    Flag(u32),
    Dimension(u32),
}

/// Whether something with this limit is drawn at a scale.
pub(super) fn is_within_scale(hidden_beyond: Option<f64>, scale_denominator: f64) -> bool {
    hidden_beyond.is_none_or(|limit| scale_denominator <= limit)
}

fn usual_size_px() -> f32 {
    11.0
}

fn usual_decimals() -> u8 {
    2
}

impl Annotations {
    /// Those kept with a project; none where there are none or where the document cannot be read, which is logged.
    ///
    /// # Errors
    /// The project file cannot be read.
    pub fn load(project: &Project) -> Result<Self> {
        let text = project.document(ANNOTATIONS_DOCUMENT)?;
        Ok(text.map_or_else(Self::default, |text| Self::from_json(&text)))
    }

    /// # Errors
    /// The project is open for reading only, or its file cannot be written.
    pub fn save(&self, project: &mut Project) -> Result<()> {
        project.store_document(ANNOTATIONS_DOCUMENT, &self.to_json())
    }

    /// What of a document can be understood; an annotation that cannot is left out and costs no other.
    pub fn from_json(text: &str) -> Self {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
            log::warn!("the annotations of the project cannot be read");
            return Self::default();
        };
        let mut read = Self {
            version: 1,
            pins: list(&value, "pins"),
            flags: list(&value, "flags"),
            dimensions: list(&value, "dimensions"),
        };
        read.dimensions.retain(|d| d.points.len() >= 2);
        read
    }

    pub fn to_json(&self) -> String {
        // Plain data with finite numbers; there is nothing that could not be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.pins.is_empty() && self.flags.is_empty() && self.dimensions.is_empty()
    }

    /// A number that no flag or dimension has.
    pub fn fresh_id(&self) -> u32 {
        let flags = self.flags.iter().map(|f| f.id);
        let dimensions = self.dimensions.iter().map(|d| d.id);
        flags.chain(dimensions).max().map_or(1, |id| id.saturating_add(1))
    }

    /// Dimensions that are drawn at a scale.
    pub fn dimensions_at(&self, scale_denominator: f64) -> impl Iterator<Item = &Dimension> {
        self.dimensions
            .iter()
            .filter(move |one| is_within_scale(one.hidden_beyond, scale_denominator))
    }

    pub fn flag_mut(&mut self, id: u32) -> Option<&mut Flag> {
        self.flags.iter_mut().find(|flag| flag.id == id)
    }

    pub fn dimension_mut(&mut self, id: u32) -> Option<&mut Dimension> {
        self.dimensions.iter_mut().find(|dimension| dimension.id == id)
    }

    /// Puts a label somewhere; replaces where it was put before.
    pub fn pin(&mut self, pin: PinnedLabel) {
        self.pins.retain(|old| old.feature != pin.feature);
        self.pins.push(pin);
    }

    /// Deletes a flag or dimension, or lets a label find its place by itself again. Whether there was one.
    pub fn remove(&mut self, id: AnnotationId) -> bool {
        let count = |a: &Self| a.pins.len() + a.flags.len() + a.dimensions.len();
        let before = count(self);
        match id {
            AnnotationId::Pin(feature) => self.pins.retain(|p| p.feature != feature),
            AnnotationId::Flag(id) => self.flags.retain(|f| f.id != id),
            AnnotationId::Dimension(id) => self.dimensions.retain(|d| d.id != id),
        }
        count(self) < before
    }
}

/// The items of one list that can be understood.
fn list<T: serde::de::DeserializeOwned>(value: &serde_json::Value, key: &str) -> Vec<T> {
    let items = value.get(key).and_then(|v| v.as_array()).into_iter().flatten();
    items
        .filter_map(|item| {
            serde_json::from_value(item.clone())
                .inspect_err(|error| log::warn!("an annotation in {key} was left out: {error}"))
                .ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::IdSource;

    fn some() -> Annotations {
        let mut ids = IdSource::new(1, 2);
        let mut annotations = Annotations {
            version: 1,
            ..Annotations::default()
        };
        annotations.pin(PinnedLabel {
            feature: ids.next_id(),
            at: [1.5, 2.5],
            angle_deg: 30.0,
        });
        annotations.flags.push(Flag {
            id: 1,
            stroke: [[0.0, 0.0], [0.0, 9.0]],
            foot: [4.0, 12.0],
            pipes: vec![ids.next_id(), ids.next_id()],
            template: "DN{diameter_mm}".to_owned(),
            size_px: 10.0,
            hidden_beyond: Some(1_000.0),
        });
        annotations.dimensions.push(Dimension {
            id: 2,
            points: vec![[0.0, 0.0], [3.0, 4.0]],
            offset_m: 1.5,
            decimals: 2,
            size_px: 11.0,
            hidden_beyond: None,
        });
        annotations
    }

    #[test]
    fn annotations_are_kept_with_the_project() {
        let schema = crate::schema::Schema::builtin().unwrap();
        let mut project = Project::temporary(&crate::project::NewProject {
            name: "",
            crs: &crate::Crs::local_metric(),
            schema: &schema,
            created_unix_ms: 0,
        })
        .unwrap();
        assert!(Annotations::load(&project).unwrap().is_empty());
        some().save(&mut project).unwrap();
        assert_eq!(Annotations::load(&project).unwrap(), some());
    }

    #[test]
    fn one_that_cannot_be_read_costs_no_other() {
        let text = some().to_json().replace("\"id\":1,", "");
        let read = Annotations::from_json(&text);
        assert_eq!(
            (read.pins.len(), read.flags.len(), read.dimensions.len()),
            (1, 0, 1)
        );
        assert!(Annotations::from_json("[1,2").is_empty() && Annotations::from_json("7").is_empty());
    }

    #[test]
    fn pins_replace_each_other_and_ids_are_fresh() {
        let mut annotations = some();
        let feature = annotations.pins[0].feature;
        annotations.pin(PinnedLabel {
            feature,
            at: [9.0, 9.0],
            angle_deg: 0.0,
        });
        assert_eq!((annotations.pins.len(), annotations.pins[0].at), (1, [9.0, 9.0]));
        assert_eq!(annotations.fresh_id(), 3);
        assert!(annotations.remove(AnnotationId::Pin(feature)) && !annotations.remove(AnnotationId::Flag(2)));
    }
}
