//! The texts of a map's labels and flags: templates are checked once and the fields they name read once, class by class.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Annotations, LabelTexts};
use crate::cartography::layers::MapDocument;
use crate::error::Result;
use crate::expr::{Expr, Scope, Template};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Value};
use crate::project::{Columns, Project};
use crate::schema::{GeometryKind, Schema};
use crate::text::Lang;

/// The texts of a map, from the project's attributes as they were when it was read.
#[derive(Debug, Default)]
pub struct ColumnTexts {
    lang: Lang,
    classes: HashMap<ClassIndex, ClassTexts>,
}

#[derive(Debug, Default)]
struct ClassTexts {
    columns: Columns,
    rows: HashMap<FeatureId, u32>,
    templates: HashMap<String, Template>,
    filters: HashMap<String, Expr>,
}

impl ColumnTexts {
    /// Reads the fields that the labels and flags of a map name. A template with an error writes nothing; the window
    /// shows the error where the template is written.
    ///
    /// # Errors
    /// The project file cannot be read.
    pub fn read(
        project: &Project,
        document: &MapDocument,
        annotations: &Annotations,
        lang: Lang,
    ) -> Result<Self> {
        let schema = project.schema();
        let mut classes = HashMap::new();
        for (class, wanted) in wanted(schema, document, annotations) {
            let scope = Scope::of_class(schema, class);
            let mut texts = ClassTexts::default();
            let mut fields: BTreeSet<String> = BTreeSet::new();
            for template in wanted.templates {
                if let Ok(parsed) = Template::parse(&template, &scope) {
                    fields.extend(parsed.fields().iter().cloned());
                    texts.templates.insert(template, parsed);
                }
            }
            for filter in wanted.filters {
                if let Ok(parsed) = Expr::parse(&filter, &scope) {
                    fields.extend(parsed.fields().iter().cloned());
                    texts.filters.insert(filter, parsed);
                }
            }
            if texts.templates.is_empty() {
                continue;
            }
            let fields: Vec<String> = fields.into_iter().collect();
            texts.columns = project.columns(class, &fields)?;
            let ids = texts.columns.ids().iter().zip(0_u32..);
            texts.rows = ids.map(|(id, row)| (*id, row)).collect();
            classes.insert(class, texts);
        }
        Ok(Self { lang, classes })
    }
}

impl LabelTexts for ColumnTexts {
    fn text(&self, class: ClassIndex, feature: FeatureId, template: &str) -> Option<String> {
        let texts = self.classes.get(&class)?;
        let row = *texts.rows.get(&feature)?;
        let template = texts.templates.get(template)?;
        Some(template.render(&texts.columns.row(row as usize), self.lang))
    }

    fn is_shown(&self, class: ClassIndex, feature: FeatureId, filter: &str) -> bool {
        let Some(texts) = self.classes.get(&class) else {
            return true;
        };
        // A filter with an error filters nothing, as in the layer itself.
        match (texts.rows.get(&feature), texts.filters.get(filter)) {
            (Some(row), Some(filter)) => {
                filter.eval(&texts.columns.row(*row as usize)) == Value::Boolean(true)
            }
            _ => true,
        }
    }
}

#[derive(Default)]
struct Wanted {
    templates: BTreeSet<String>,
    filters: BTreeSet<String>,
}

/// What is written on features of each class.
fn wanted(
    schema: &Schema,
    document: &MapDocument,
    annotations: &Annotations,
) -> BTreeMap<ClassIndex, Wanted> {
    let mut wanted: BTreeMap<ClassIndex, Wanted> = BTreeMap::new();
    for in_tree in document.layers() {
        let layer = in_tree.layer;
        let class = layer.class().and_then(|key| schema.class_index(key));
        if let (Some(class), Some(settings)) = (class, &layer.labels) {
            let of_class = wanted.entry(class).or_default();
            of_class.templates.insert(settings.template.clone());
            let ranges = settings.ranges.iter().filter_map(|range| range.template.clone());
            of_class.templates.extend(ranges);
            of_class.filters.extend(layer.filter.clone());
        }
    }
    for class in schema.class_indices() {
        if schema.class(class).geometry == GeometryKind::Line && !annotations.flags.is_empty() {
            let templates = annotations.flags.iter().map(|flag| flag.template.clone());
            wanted.entry(class).or_default().templates.extend(templates);
        }
    }
    wanted
}
