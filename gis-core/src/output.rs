//! Files for the user's eyes: there whole or not at all, and never over one that is open elsewhere.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::text::Message;

/// Writes a draft beside the file and puts it in its place when it is complete, so that a full disk costs nothing of
/// what was there. A file that is there keeps its permissions; a link stays one.
///
/// # Errors
/// `BadInput` where the file must not be written or is open in Excel or `LibreOffice`; it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let standing = fs::metadata(&target).ok();
    if standing.as_ref().is_some_and(|standing| !standing.is_file()) {
        // A device or a pipe takes what it is given; a folder says so.
        return fs::write(&target, bytes).map_err(|e| Error::io(path, e));
    }
    if let Some(lock) = lock_beside(&target) {
        let message = Message::new("core.error.open_elsewhere").with("path", path.display());
        return Err(Error::bad_input(message.with("lock", lock.display())));
    }
    let permissions = standing.map(|standing| standing.permissions());
    if permissions.as_ref().is_some_and(Permissions::readonly) {
        let message = Message::new("core.error.read_only").with("path", path.display());
        return Err(Error::bad_input(message));
    }
    replace(&target, bytes, permissions).map_err(|e| Error::io(path, e))
}

fn replace(target: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut draft = draft_in(folder.unwrap_or(Path::new(".")))?;
    draft.write_all(bytes)?;
    if let Some(permissions) = permissions {
        draft.as_file().set_permissions(permissions)?;
    }
    draft.as_file().sync_all()?;
    draft.persist(target)?;
    Ok(())
}

/// As readable for others as any new file.
#[cfg(unix)]
fn draft_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    use std::os::unix::fs::PermissionsExt as _;
    tempfile::Builder::new()
        .prefix(".karez-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
}

#[cfg(not(unix))]
fn draft_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".karez-").tempfile_in(folder)
}

/// The file that Excel or `LibreOffice` puts beside a file while it is open.
fn lock_beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy();
    let locks = [format!("~${name}"), format!(".~lock.{name}#")];
    locks
        .into_iter()
        .map(|lock| path.with_file_name(lock))
        .find(|lock| lock.exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::write;
    use crate::text::Lang;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.xlsx");
        write(&path, b"first").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_open_or_must_not_be_written_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.xlsx");
        for lock in ["~$report.xlsx", ".~lock.report.xlsx#"] {
            fs::write(&path, "old").unwrap();
            fs::write(folder.path().join(lock), "").unwrap();
            let error = write(&path, b"new").unwrap_err().text(Lang::En);
            assert!(error.contains(lock), "{error}");
            assert_eq!(fs::read(&path).unwrap(), b"old");
            fs::remove_file(folder.path().join(lock)).unwrap();
        }
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let error = write(&path, b"new").unwrap_err().text(Lang::En);
        assert!(error.contains("report.xlsx"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert!(write(&folder.path().join("no such folder/x.csv"), b"x").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.csv");
        symlink(&path, &link).unwrap();
        write(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}
