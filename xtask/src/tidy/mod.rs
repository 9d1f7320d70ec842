//! `cargo xtask tidy`: rules of the house that no compiler checks. Each rule is a function from text to findings.
//!
//! It changes nothing; formatting is `cargo fmt`.

mod documents;
mod locales;
mod manifests;
mod rust_source;
mod sources;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::say;
use crate::{no_arguments, workspace};

/// Something that is not as it should be, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) file: String,
    /// From 1; 0 where it concerns the whole file.
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Finding {
    pub(crate) fn new(file: &str, line: usize, text: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            text: text.into(),
        }
    }
}

/// A text file of the repository; `path` is relative to its root and uses `/`.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl TextFile {
    /// Whether the name ends so: `rs`, `md`.
    pub(crate) fn is(&self, kind: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|own| own == kind)
    }
}

/// The repository as these rules see it.
pub(crate) struct Repository {
    pub(crate) root: PathBuf,
    pub(crate) files: Vec<TextFile>,
}

impl Repository {
    fn read(root: PathBuf) -> Result<Self> {
        let mut files = Vec::new();
        collect(&root, &root, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { root, files })
    }

    pub(crate) fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files under these folders, tests included.
    pub(crate) fn rust_files<'a>(&'a self, folders: &'a [&str]) -> impl Iterator<Item = &'a TextFile> {
        self.files
            .iter()
            .filter(|file| file.is("rs") && folders.iter().any(|folder| file.path.starts_with(folder)))
    }
}

/// Files whose text is looked at; everything else is data.
const TEXT_KINDS: &[&str] = &["rs", "toml", "md", "lock", "yml", "yaml", "sh", "py", "txt"];
/// Folders that are no part of the repository.
const NOT_OURS: &[&str] = &["target", ".git"];

fn collect(root: &Path, folder: &Path, files: &mut Vec<TextFile>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if path.is_dir() {
            if !NOT_OURS.contains(&name.as_str()) {
                collect(root, &path, files)?;
            }
            continue;
        }
        let kind = path
            .extension()
            .map(|kind| kind.to_string_lossy().into_owned())
            .unwrap_or_default();
        let is_text = TEXT_KINDS.contains(&kind.as_str()) || path.starts_with(root.join(".ci"));
        if !is_text || name == "local.toml" {
            continue;
        }
        let relative = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace('\\', "/");
        match fs::read_to_string(&path) {
            Ok(text) => files.push(TextFile { path: relative, text }),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                bail!(
                    "{relative}: expected UTF-8; save the file in that encoding, or give it another extension"
                )
            }
            Err(error) => return Err(error).context(relative),
        }
    }
    Ok(())
}

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    no_arguments("tidy", arguments)?;
    check()
}

pub(crate) fn check() -> Result<()> {
    let repository = Repository::read(workspace::root())?;
    let mut findings = Vec::new();
    findings.extend(locales::check(&repository));
    findings.extend(sources::check(&repository));
    findings.extend(documents::check(&repository));
    findings.extend(manifests::check(&repository)?);
    findings.sort();
    findings.dedup();
    for advice in sources::long_files(&repository) {
        say(&format!("note: {}: {}", advice.file, advice.text));
    }
    for finding in &findings {
        match finding.line {
            0 => say(&format!("{}: {}", finding.file, finding.text)),
            line => say(&format!("{}:{line}: {}", finding.file, finding.text)),
        }
    }
    if findings.is_empty() {
        say(&format!("Tidy: {} files looked at.", repository.files.len()));
        return Ok(());
    }
    bail!("{} things are not tidy; they are listed above", findings.len())
}
