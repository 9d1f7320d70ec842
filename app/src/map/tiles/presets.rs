//! Base maps one can choose by name, from `assets/basemaps`. It fetches nothing.

use gis_core::cartography::layers::TileSource;
use gis_core::{Error, Lang, Message, Result};
use serde::Deserialize;

const FILE: &str = "assets/basemaps/presets.toml";

/// A source with a name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Preset {
    pub id: String,
    #[serde(rename = "zh-CN")]
    zh: String,
    en: String,
    /// The preset with the labels that belong on it.
    pub above: Option<String>,
    #[serde(flatten)]
    pub source: TileSource,
}

impl Preset {
    pub fn title(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

#[derive(Deserialize)]
struct File {
    preset: Vec<Preset>,
}

/// All presets in the file's order.
///
/// # Errors
/// The file says something that is none; the message names it.
pub fn presets() -> Result<Vec<Preset>> {
    let text = include_str!("../../../../assets/basemaps/presets.toml");
    let file: File = toml::from_str(text).map_err(|error| {
        Error::bad_input(
            Message::new("basemap.bad_presets")
                .with("path", FILE)
                .with("reason", error),
        )
    })?;
    Ok(file.preset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::tiles::Template;

    #[test]
    fn every_preset_has_a_template_that_works_and_an_author() {
        let presets = presets().unwrap();
        assert_eq!(presets.len(), 12);
        for preset in &presets {
            let source = &preset.source;
            let template = Template::parse(&source.location, &source.subdomains).unwrap();
            assert!(template.needs_key() && source.key_name.is_some(), "{}", preset.id);
            assert!(!source.attribution.is_empty(), "{}", preset.id);
            if let Some(above) = &preset.above {
                assert!(presets.iter().any(|p| p.id == *above), "{above}");
            }
        }
    }
}
