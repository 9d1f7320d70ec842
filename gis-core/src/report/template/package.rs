//! The parts of a workbook's file (ECMA-376 part 2): read with limits, related to each other, written again. It knows
//! nothing of what stands in them.

use std::io::{Cursor, Read as _, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::xml::{self, Edit};
use crate::error::{Error, Result};
use crate::text::Message;

/// What a template may take when unpacked.
const MOST_BYTES: u64 = 256 << 20;
const MOST_PARTS: usize = 10_000;
/// How files of Excel before 2007, and those with a password, begin.
const OLE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

pub(super) struct Package {
    parts: Vec<(String, Vec<u8>)>,
}

/// What a part says of another one.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) id: String,
    /// The last word of its type: `worksheet`, `drawing`.
    pub(super) kind: String,
    /// The name of the part.
    pub(super) target: String,
}

impl Package {
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.starts_with(&OLE) {
            return Err(Error::bad_input(Message::new("report.template.error.old")));
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if archive.len() > MOST_PARTS {
            return Err(too_large());
        }
        let mut parts = Vec::with_capacity(archive.len());
        let mut left = MOST_BYTES;
        for i in 0..archive.len() {
            let file = archive.by_index(i).map_err(damaged)?;
            if file.is_dir() {
                continue;
            }
            let name = file.name().map_err(damaged)?.trim_start_matches('/').to_owned();
            let mut content = Vec::new();
            file.take(left + 1).read_to_end(&mut content).map_err(damaged)?;
            left = left.checked_sub(content.len() as u64).ok_or_else(too_large)?;
            parts.push((name, content));
        }
        Ok(Self { parts })
    }

    /// The names of the parts that are XML.
    pub(super) fn xml_parts(&self) -> Vec<String> {
        let names = self.parts.iter().map(|(name, _)| name);
        let is_xml = |name: &&String| Path::new(name).extension().is_some_and(|ending| ending == "xml");
        names.filter(is_xml).cloned().collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.parts.iter().any(|(known, _)| known == name)
    }

    /// A part as text; nothing where there is none.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>> {
        let Some((_, content)) = self.parts.iter().find(|(known, _)| known == name) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(content).map_err(|_| damaged(format!("{name}: not UTF-8")))?;
        Ok(Some(text.trim_start_matches('\u{feff}')))
    }

    /// A part that no workbook is without.
    pub(super) fn needed(&self, name: &str) -> Result<&str> {
        self.text(name)?.ok_or_else(|| damaged(format!("{name}: ?")))
    }

    pub(super) fn set(&mut self, name: &str, text: String) {
        if let Some((_, content)) = self.parts.iter_mut().find(|(known, _)| known == name) {
            *content = text.into_bytes();
        }
    }

    pub(super) fn edit(&mut self, name: &str, edit: &mut dyn Edit) -> Result<()> {
        if let Some(text) = self.text(name)? {
            let text = xml::edited(text, edit).map_err(|e| damaged(format!("{name}: {e}")))?;
            self.set(name, text);
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.parts.retain(|(known, _)| known != name);
    }

    /// What a part is related to within the file.
    pub(super) fn relations(&self, part: &str) -> Result<Vec<Relation>> {
        let Some(text) = self.text(&relations_of(part))? else {
            return Ok(Vec::new());
        };
        let mut relations = Vec::new();
        let folder = part.rsplit_once('/').map_or("", |(folder, _)| folder);
        xml::each(text, |element, attributes| {
            let of = |name| xml::attribute(attributes, name);
            if element == "Relationship" && of("TargetMode") != Some("External") {
                let kind = of("Type").unwrap_or_default();
                relations.push(Relation {
                    id: of("Id").unwrap_or_default().to_owned(),
                    kind: kind.rsplit('/').next().unwrap_or(kind).to_owned(),
                    target: resolved(folder, of("Target").unwrap_or_default()),
                });
            }
        })
        .map_err(|e| damaged(format!("{part}: {e}")))?;
        Ok(relations)
    }

    /// The file again; `special` writes the part of that name. Only a huge part is written so that it may be beyond four
    /// gigabytes, for not all programs read that.
    pub(super) fn write(
        &self,
        (name, is_huge): (&str, bool),
        special: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        let mut special = Some(special);
        for (part, content) in &self.parts {
            let is_special = part == name;
            zip.start_file(part.as_str(), options.large_file(is_special && is_huge))
                .map_err(unwritten)?;
            if let Some(special) = special.take_if(|_| is_special) {
                special(&mut zip)?;
            } else {
                zip.write_all(content).map_err(unwritten)?;
            }
        }
        Ok(zip.finish().map_err(unwritten)?.into_inner())
    }
}

pub(super) fn relations_of(part: &str) -> String {
    match part.rsplit_once('/') {
        Some((folder, file)) => format!("{folder}/_rels/{file}.rels"),
        None => format!("_rels/{part}.rels"),
    }
}

fn resolved(folder: &str, target: &str) -> String {
    if let Some(whole) = target.strip_prefix('/') {
        return whole.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.join("/")
}

fn too_large() -> Error {
    Error::bad_input(Message::new("report.template.error.too_large").with("most", MOST_BYTES >> 20))
}

pub(super) fn damaged(reason: impl std::fmt::Display) -> Error {
    Error::bad_input(Message::new("report.template.error.damaged").with("reason", reason))
}

pub(super) fn unwritten(reason: impl std::fmt::Display) -> Error {
    Error::Spreadsheet(reason.to_string())
}
