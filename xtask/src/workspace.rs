//! Where things lie: the repository, its build folder, the sample city.
//!
//! It creates nothing.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map_or(manifest.clone(), Path::to_path_buf)
}

/// The folder cargo builds into: this program lies in `<target>/debug/`.
pub(crate) fn target() -> PathBuf {
    let own = std::env::current_exe().ok();
    // Under `cargo test` it lies one folder deeper, in `<target>/debug/deps/`.
    let found = own.as_deref().and_then(|own| {
        own.ancestors().find(|folder| {
            folder
                .file_name()
                .is_some_and(|name| name == "debug" || name == "release")
        })
    });
    found
        .and_then(Path::parent)
        .map_or_else(|| root().join("target"), Path::to_path_buf)
}

/// The project file of the sample city.
pub(crate) fn sample() -> PathBuf {
    target().join("sample").join("tianchi.gpkg")
}

/// The folder of the built programs of a profile.
pub(crate) fn programs(is_release: bool) -> PathBuf {
    target().join(if is_release { "release" } else { "debug" })
}
