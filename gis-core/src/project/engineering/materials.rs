//! The bill of materials of an engineering project.

use super::ChangeKind;
use crate::error::Result;
use crate::model::{Feature, Geometry, Value};
use crate::project::Project;
use crate::text::Lang;

/// One line of a bill of materials, dictionary codes put into words.
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
    /// What has to be bought for the project: its new features and the fittings it puts into pipes in service, by class, kind, material and diameter.
    ///
    /// # Errors
    /// There is no such project.
    pub fn engineering_materials(&self, number: &str, lang: Lang) -> Result<Vec<Material>> {
        let mut rows: Vec<Material> = Vec::new();
        for change in self.engineering_changes(number)? {
            // Parts of a pipe that was cut are there already; the fitting between them is not.
            let is_point = matches!(change.feature.geometry, Some(Geometry::Point(_)));
            if change.kind != ChangeKind::New && !(change.is_drawn && is_point) {
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
        let text = |key: &str| match (class.field_index(key), value(key)) {
            (Some(field), Some(value)) => self.schema.in_words(feature.class, field, value, lang),
            _ => String::new(),
        };
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
