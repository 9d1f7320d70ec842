//! Layouts to start from: those the program comes with (`assets/layouts`), those in the project, and files of the user.

use std::path::Path;

use serde::Deserialize;

use super::model::{DOCUMENT_PREFIX, Layout};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::schema::Label;
use crate::text::Message;

/// A layout to start from.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    pub key: &'static str,
    pub title: Label,
    pub layout: Layout,
}

#[derive(Deserialize)]
struct TemplateFile {
    label: Label,
    #[serde(flatten)]
    layout: Layout,
}

const FILES: [(&str, &str); 6] = [
    ("a3-map", include_str!("../../../assets/layouts/a3-map.toml")),
    ("a4-map", include_str!("../../../assets/layouts/a4-map.toml")),
    ("a1-plan", include_str!("../../../assets/layouts/a1-plan.toml")),
    ("a0-plan", include_str!("../../../assets/layouts/a0-plan.toml")),
    ("sheet", include_str!("../../../assets/layouts/sheet.toml")),
    ("strip", include_str!("../../../assets/layouts/strip.toml")),
];

/// The templates the program comes with.
///
/// # Errors
/// Never with the files of a release; the test of this room reads them.
pub fn builtin() -> Result<Vec<Template>> {
    FILES
        .into_iter()
        .map(|(key, text)| {
            let file: TemplateFile = toml::from_str(text).map_err(|e| unreadable(key, &e))?;
            let mut layout = file.layout;
            layout.number_items();
            Ok(Template {
                key,
                title: file.label,
                layout,
            })
        })
        .collect()
}

/// A template by its name, or a layout file of the user's (TOML or JSON).
///
/// # Errors
/// `BadInput` naming the templates there are, or the place in the file that is wrong.
pub fn find(name_or_path: &str) -> Result<Layout> {
    let templates = builtin()?;
    if let Some(template) = templates.iter().find(|t| t.key == name_or_path) {
        return Ok(template.layout.clone());
    }
    let path = Path::new(name_or_path);
    if !path.is_file() {
        let known = templates.iter().map(|t| t.key).collect::<Vec<_>>().join(", ");
        return Err(Error::bad_input(
            Message::new("layout.error.no_template")
                .with("name", name_or_path)
                .with("known", known),
        ));
    }
    let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
    parse(name_or_path, &text)
}

fn parse(name: &str, text: &str) -> Result<Layout> {
    let mut layout: Layout = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|e| unreadable(name, &e))?
    } else {
        toml::from_str(text).map_err(|e| unreadable(name, &e))?
    };
    layout.number_items();
    Ok(layout)
}

fn unreadable(name: &str, reason: &dyn std::fmt::Display) -> Error {
    Error::bad_input(
        Message::new("layout.error.unreadable")
            .with("name", name)
            .with("reason", reason),
    )
}

/// Names of the layouts kept in a project.
pub fn saved(project: &Project) -> Result<Vec<String>> {
    Ok(project
        .document_names(DOCUMENT_PREFIX)?
        .into_iter()
        .filter_map(|name| name.strip_prefix(DOCUMENT_PREFIX).map(str::to_owned))
        .collect())
}

/// A layout kept in a project.
///
/// # Errors
/// `BadInput` where it has none of that name, naming those it has.
pub fn load(project: &Project, name: &str) -> Result<Layout> {
    let text = project.document(&format!("{DOCUMENT_PREFIX}{name}"))?;
    let Some(text) = text else {
        return Err(Error::bad_input(
            Message::new("layout.error.no_layout")
                .with("name", name)
                .with("known", saved(project)?.join(", ")),
        ));
    };
    parse(name, &text)
}

pub fn save(project: &mut Project, name: &str, layout: &Layout) -> Result<()> {
    let text = serde_json::to_string(layout).map_err(|e| unreadable(name, &e))?;
    project.store_document(&format!("{DOCUMENT_PREFIX}{name}"), &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;
    use crate::project::NewProject;
    use crate::schema::Schema;

    #[test]
    fn every_template_has_a_map_and_all_items_on_its_page() {
        for template in builtin().unwrap() {
            let layout = &template.layout;
            assert!(layout.main_map().is_some(), "{}", template.key);
            let [width, height] = layout.page.size_mm();
            for item in &layout.items {
                let area = item.place.area();
                assert!(
                    area.x >= 0.0 && area.y >= 0.0 && area.right() <= width && area.bottom() <= height,
                    "{} {}",
                    template.key,
                    item.kind.key()
                );
                assert_ne!(
                    item.kind,
                    super::super::model::ItemKind::Unknown,
                    "{}",
                    template.key
                );
            }
            assert!(!template.title.zh.is_empty() && !template.title.en.is_empty());
        }
    }

    #[test]
    fn layouts_are_kept_in_the_project() {
        let schema = Schema::builtin().unwrap();
        let mut project = Project::temporary(&NewProject {
            name: "t",
            crs: &Crs::local_metric(),
            schema: &schema,
            created_unix_ms: 0,
        })
        .unwrap();
        assert!(saved(&project).unwrap().is_empty());
        let layout = find("a3-map").unwrap();
        save(&mut project, "总图", &layout).unwrap();
        assert_eq!(saved(&project).unwrap(), ["总图"]);
        assert_eq!(load(&project, "总图").unwrap(), layout);
        let text = load(&project, "x").unwrap_err().text(crate::Lang::En);
        assert!(text.contains("总图"), "{text}");
        assert!(
            find("no-such")
                .unwrap_err()
                .text(crate::Lang::En)
                .contains("a3-map")
        );
    }
}
