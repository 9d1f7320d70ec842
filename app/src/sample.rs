//! Finds the sample city, so that a new user sees a network with one click. It generates nothing itself.

use std::path::PathBuf;

use gis_core::{Error, Message, Progress, Result};

use crate::session::Opened;

/// File name of the sample project.
const FILE: &str = "tianchi.gpkg";

/// Places it may be in, what the user says first.
fn places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = Vec::new();
    places.extend(std::env::var_os("KAREZ_SAMPLE").map(PathBuf::from));
    if let Some(folder) = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(PathBuf::from))
    {
        places.push(folder.join("sample-data").join(FILE));
        places.push(folder.join("../share/karez/sample-data").join(FILE));
        // Beside target/debug and target/release of a checkout, where it is generated.
        places.push(folder.join("../sample").join(FILE));
    }
    places
}

/// # Errors
/// There is none, or it cannot be read.
pub fn open(progress: &dyn Progress) -> Result<Opened> {
    let found = places().into_iter().find(|path| path.exists());
    let Some(path) = found else {
        return Err(Error::Refused(Message::new("app.sample.none").with("file", FILE)));
    };
    let mut opened = Opened::from_project_file(&path, progress)?;
    opened.is_sample = true;
    Ok(opened)
}
