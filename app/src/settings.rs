//! What the program remembers about its user between two runs: language, theme, recent files, what was asked. Nothing else of a
//! project is in here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gis_core::Lang;
use gis_core::query::SavedQuery;
use serde::{Deserialize, Serialize};

use crate::theme::ThemeKind;

const RECENT_FILES: usize = 8;
const RECENT_QUERIES: usize = 12;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `None` until chosen: the system's language.
    pub lang: Option<Lang>,
    pub theme: ThemeKind,
    /// Newest first.
    pub recent: Vec<PathBuf>,
    /// Where the last file dialog ended.
    pub folder: Option<PathBuf>,
    /// Keys of tile services by their names; never kept with a project.
    pub tile_keys: BTreeMap<String, String>,
    /// Newest first.
    pub recent_queries: Vec<SavedQuery>,
}

impl Settings {
    /// What the file says; defaults where it is absent or unreadable, for settings are never worth a refusal.
    pub fn load(path: &Path) -> Self {
        let Ok(text) = std::fs::read_to_string(path) else {
            return Self::default();
        };
        toml::from_str(&text).unwrap_or_else(|error| {
            log::warn!("settings in {} are not readable: {error}", path.display());
            Self::default()
        })
    }

    /// Writes the file on a thread of its own; a failure is logged and costs nothing but the memory.
    pub fn save(&self, path: &Path) {
        let (settings, path) = (self.clone(), path.to_owned());
        let write = move || -> anyhow::Result<()> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let draft = path.with_extension("toml.new");
            std::fs::write(&draft, toml::to_string(&settings)?)?;
            std::fs::rename(&draft, &path)?;
            Ok(())
        };
        let started = std::thread::Builder::new()
            .name("karez-settings".to_owned())
            .spawn(move || {
                if let Err(error) = write() {
                    log::warn!("settings were not saved: {error}");
                }
            });
        if let Err(error) = started {
            log::warn!("settings were not saved: {error}");
        }
    }

    /// A query goes before the others; the oldest are forgotten.
    pub fn remember_query(&mut self, asked: SavedQuery) {
        self.recent_queries.retain(|known| *known != asked);
        self.recent_queries.insert(0, asked);
        self.recent_queries.truncate(RECENT_QUERIES);
    }

    pub fn remember(&mut self, file: &Path) {
        self.recent.retain(|known| known != file);
        self.recent.insert(0, file.to_owned());
        self.recent.truncate(RECENT_FILES);
        self.folder = file.parent().map(Path::to_owned);
    }
}

/// `settings.toml` in the user's configuration folder; `KAREZ_CONFIG_DIR` overrides it.
pub fn default_path() -> Option<PathBuf> {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let base = folder("KAREZ_CONFIG_DIR")
        .or_else(|| folder("XDG_CONFIG_HOME").map(|p| p.join("karez")))
        .or_else(|| folder("APPDATA").map(|p| p.join("Karez")))
        .or_else(|| folder("HOME").map(|p| p.join(".config").join("karez")))?;
    Some(base.join("settings.toml"))
}

/// Who uses the computer, as the system calls them; empty where it does not say.
pub fn system_user() -> String {
    ["USER", "USERNAME", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_file_comes_first_and_no_file_comes_twice() {
        let mut settings = Settings::default();
        for name in ["a", "b", "a"] {
            settings.remember(&Path::new("/data").join(name));
        }
        assert_eq!(
            settings.recent,
            [PathBuf::from("/data/a"), PathBuf::from("/data/b")]
        );
        assert_eq!(settings.folder, Some(PathBuf::from("/data")));
    }

    #[test]
    fn settings_survive_the_round_trip() {
        let mut settings = Settings {
            lang: Some(Lang::En),
            theme: ThemeKind::Dark,
            ..Settings::default()
        };
        settings.remember(Path::new("/data/天池.gpkg"));
        let text = toml::to_string(&settings).unwrap();
        assert_eq!(toml::from_str::<Settings>(&text).unwrap(), settings);
    }
}
