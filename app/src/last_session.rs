//! What was open when the program was last seen alive: a small file beside the settings. It holds no data.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use gis_core::cartography::layers::SavedView;
use serde::{Deserialize, Serialize};

/// Where somebody was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LastSession {
    pub project: PathBuf,
    /// The project was closed as it should be: there is nothing to restore.
    pub is_closed: bool,
    pub view: SavedView,
}

impl LastSession {
    /// Beside the settings.
    pub fn path(settings: &Path) -> PathBuf {
        settings.with_file_name("last-session.toml")
    }

    /// What broke off last time; `None` where nothing did, or the project is gone.
    pub fn broken_off(path: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(path).ok()?;
        let last: Self = toml::from_str(&text)
            .inspect_err(|error| log::warn!("{} is not readable: {error}", path.display()))
            .ok()?;
        (!last.is_closed && last.project.is_file()).then_some(last)
    }

    /// Writes the file; a failure is logged and costs nothing but the memory.
    pub fn save(&self, path: &Path) {
        let write = || -> anyhow::Result<()> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let draft = path.with_extension("toml.new");
            std::fs::write(&draft, toml::to_string(self)?)?;
            std::fs::rename(&draft, path)?;
            Ok(())
        };
        if let Err(error) = write() {
            log::warn!("the last session was not noted: {error}");
        }
    }

    /// The same on a thread of its own: a frame writes nothing. Wait for it before writing again.
    pub fn save_later(&self, path: &Path) -> Option<JoinHandle<()>> {
        let (this, path) = (self.clone(), path.to_owned());
        let started = std::thread::Builder::new()
            .name("karez-session".to_owned())
            .spawn(move || this.save(&path));
        started
            .inspect_err(|error| log::warn!("the last session was not noted: {error}"))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_session_that_broke_off_and_whose_project_is_there_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = LastSession::path(&folder.path().join("settings.toml"));
        assert_eq!(LastSession::broken_off(&path), None);
        let project = folder.path().join("天池.gpkg");
        std::fs::write(&project, "").unwrap();
        let mut last = LastSession {
            project: project.clone(),
            is_closed: false,
            view: SavedView {
                centre: [463_000.0, 4_870_000.0],
                scale_denominator: 500.0,
                rotation_deg: -30.0,
            },
        };
        last.save(&path);
        assert_eq!(LastSession::broken_off(&path).as_ref(), Some(&last));
        last.is_closed = true;
        last.save(&path);
        assert_eq!(LastSession::broken_off(&path), None);
        last.is_closed = false;
        last.save(&path);
        std::fs::remove_file(project).unwrap();
        assert_eq!(LastSession::broken_off(&path), None);
        std::fs::write(&path, "not toml at all = =").unwrap();
        assert_eq!(LastSession::broken_off(&path), None);
    }
}
