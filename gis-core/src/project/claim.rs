//! One program writes a project at a time. Two could each keep a picture of the network that the other changes; SQLite
//! alone lets both write, one after the other. It guards nothing against programs other than Karez, whose changes are
//! recorded by the file itself (`outside`).

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::text::Message;

/// The right to write a project, held as a locked file beside it. The system lets go of it when the program ends,
/// however it ends.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    file: Option<File>,
}

impl Claim {
    /// # Errors
    /// `BadInput` where another window or command has the project open for writing.
    pub(super) fn of(project: &Path) -> Result<Self> {
        // One that ended in between may have taken its file away while it was being locked here.
        const TRIES: usize = 8;
        let path = beside(project);
        for _ in 0..TRIES {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(|error| Error::io(&path, error))?;
            match file.try_lock() {
                Ok(()) if is_in_place(&file, &path) => {
                    return Ok(Self {
                        path,
                        file: Some(file),
                    });
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(taken(project)),
                // Some file systems know no locks; SQLite's own are all there is then.
                Err(TryLockError::Error(error)) => {
                    log::warn!("{}: no lock: {error}", path.display());
                    return Ok(Self {
                        path,
                        file: Some(file),
                    });
                }
            }
        }
        Err(taken(project))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // While it is still locked, so that nobody else's is taken away; Windows lets go first.
        if cfg!(windows) {
            self.file = None;
        }
        if let Err(error) = std::fs::remove_file(&self.path) {
            log::debug!("{}: {error}", self.path.display());
        }
    }
}

fn beside(project: &Path) -> PathBuf {
    let mut name = project.file_name().unwrap_or_default().to_owned();
    name.push("-lock");
    project.with_file_name(name)
}

fn taken(project: &Path) -> Error {
    Error::bad_input(Message::new("project.error.busy").with("path", project.display()))
}

#[cfg(unix)]
fn is_in_place(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let same = |a: &std::fs::Metadata, b: &std::fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(mine), Ok(there)) => same(&mine, &there),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_in_place(_file: &File, _path: &Path) -> bool {
    true
}
