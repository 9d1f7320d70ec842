//! What a change of one cell says to people: the field, what it held and what it holds, codes and links put into words.

use super::{Cell, CellChange, Content};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Geometry};
use crate::project::Project;
use crate::text::{Lang, translate};

/// A change of one cell in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellWords {
    pub field: String,
    /// With its unit; empty where nothing was known.
    pub old: String,
    pub new: String,
}

impl CellChange {
    /// # Errors
    /// A feature that is linked to cannot be read.
    pub fn in_words(&self, project: &Project, class: ClassIndex, lang: Lang) -> Result<CellWords> {
        let schema = project.schema();
        let field = match self.cell {
            Cell::Field(i) => schema.class(class).fields[i].label.text(lang).to_owned(),
            Cell::Geometry => translate("edit.cell.geometry", lang),
            Cell::From => translate("edit.cell.from", lang),
            Cell::To => translate("edit.cell.to", lang),
            Cell::OnPipe => translate("edit.cell.on_pipe", lang),
            Cell::OnPipeDistance => translate("edit.cell.on_pipe_distance", lang),
            Cell::FlowTo => translate("edit.cell.flow_to", lang),
            Cell::InletPipes => translate("edit.cell.inlet_pipes", lang),
        };
        Ok(CellWords {
            field,
            old: words(project, class, self.cell, &self.old, lang)?,
            new: words(project, class, self.cell, &self.new, lang)?,
        })
    }
}

fn words(project: &Project, class: ClassIndex, cell: Cell, content: &Content, lang: Lang) -> Result<String> {
    Ok(match (content, cell) {
        (Content::Value(value), Cell::Field(i)) => {
            let schema = project.schema();
            let text = schema.in_words(class, i, value, lang);
            match &schema.class(class).fields[i].unit {
                Some(unit) if !text.is_empty() => format!("{text} {unit}"),
                _ => text,
            }
        }
        (Content::Id(id), _) => called(project, *id)?,
        (Content::Ids(ids), _) => {
            let names = ids.iter().map(|id| called(project, *id));
            names.collect::<Result<Vec<String>>>()?.join(", ")
        }
        (Content::Geometry(Geometry::Line(line)), _) if !line.is_empty() => {
            let flat: Vec<[f64; 2]> = line.iter().map(|p| [p[0], p[1]]).collect();
            let length_m = project.metric(line[0]).length_m(&flat);
            let count = line.len();
            format!("{length_m:.2} m ({count})")
        }
        (Content::Value(crate::model::Value::Null), _) => String::new(),
        (other, _) => other.short(),
    })
}

fn called(project: &Project, id: FeatureId) -> Result<String> {
    let feature = project.feature(id)?;
    Ok(feature.map_or_else(|| id.to_string(), |feature| project.name_of(&feature)))
}
