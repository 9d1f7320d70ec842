//! Text files (CSV, GeoJSON, KML, DXF …) that are not UTF-8 are read from a copy that is. The source itself is
//! never touched.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use tempfile::TempDir;

use super::encoding::{self, EncodingQuestion, Evidence, Quality, Verdict};
use crate::error::{Error, Result};

/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// A text file as GDAL shall open it.
pub(super) struct TextFile {
    pub(super) path: PathBuf,
    pub(super) encoding: &'static Encoding,
    /// Nobody said the encoding and it is not UTF-8.
    pub(super) is_guessed: bool,
    /// Lines with characters that could not be read.
    pub(super) broken_lines: u64,
    pub(super) copy: Option<TempDir>,
}

/// The file itself where it is UTF-8, else a copy in UTF-8; or the question which encoding it has.
pub(super) fn as_utf8(
    path: &Path,
    wanted: Option<&'static Encoding>,
) -> Result<Result<TextFile, EncodingQuestion>> {
    let as_it_is = |encoding| TextFile {
        path: path.to_owned(),
        encoding,
        is_guessed: false,
        broken_lines: 0,
        copy: None,
    };
    let mut head = [0_u8; 3];
    let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
    let length = file.read(&mut head).map_err(|e| Error::io(path, e))?;
    let marked = Encoding::for_bom(&head[..length]).map(|(encoding, _)| encoding);
    if let Some(wide) = marked.filter(|e| *e == UTF_16LE || *e == UTF_16BE) {
        return copy(path, wide, false).map(Ok);
    }
    let mut evidence = Evidence::default();
    let mut is_utf8 = true;
    for_each_piece(path, |piece| {
        if piece.is_ascii() {
            return Ok(());
        }
        is_utf8 &= std::str::from_utf8(piece).is_ok();
        if !evidence.has_enough() {
            for line in piece.split(|b| matches!(b, b'\n' | b'\r' | b',' | b'"')) {
                evidence.add(line, false);
            }
        }
        Ok(())
    })?;
    if let Some(wanted) = wanted {
        let is_plain = evidence.verdict(None) == Verdict::Plain;
        return if is_plain || (wanted == UTF_8 && is_utf8) {
            Ok(Ok(as_it_is(wanted)))
        } else {
            copy(path, wanted, false).map(Ok)
        };
    }
    if marked == Some(UTF_8) && is_utf8 {
        return Ok(Ok(as_it_is(UTF_8)));
    }
    let declared = declared_in_xml(path)?;
    match evidence.verdict(declared) {
        Verdict::Plain => Ok(Ok(as_it_is(UTF_8))),
        Verdict::Is(found) if found == UTF_8 && is_utf8 => Ok(Ok(as_it_is(UTF_8))),
        Verdict::Is(found) => copy(path, found, found != UTF_8 && declared != Some(found)).map(Ok),
        Verdict::Undecided => {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            Ok(Err(evidence.question(&name, declared)))
        }
    }
}

/// Pieces of the file that end between characters: bytes below 0x30 are never part of one in any encoding here.
fn for_each_piece(path: &Path, mut use_piece: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut file = BufReader::with_capacity(CHUNK, File::open(path).map_err(|e| Error::io(path, e))?);
    let mut buffer = vec![0_u8; CHUNK];
    let mut kept = 0;
    loop {
        let read = file.read(&mut buffer[kept..]).map_err(|e| Error::io(path, e))?;
        let filled = kept + read;
        if read == 0 {
            return use_piece(&buffer[..filled]);
        }
        let end = buffer[..filled]
            .iter()
            .rposition(|b| *b < 0x30)
            .map_or(0, |i| i + 1);
        use_piece(&buffer[..end])?;
        buffer.copy_within(end..filled, 0);
        kept = filled - end;
        if kept == buffer.len() {
            buffer.resize(buffer.len() * 2, 0);
        }
    }
}

fn copy(path: &Path, encoding: &'static Encoding, is_guessed: bool) -> Result<TextFile> {
    let folder = TempDir::with_prefix("karez").map_err(|e| Error::io(path, e))?;
    let target = folder.path().join(path.file_name().unwrap_or_default());
    let mut out = BufWriter::new(File::create(&target).map_err(|e| Error::io(&target, e))?);
    let mut broken_lines = 0;
    if encoding == UTF_16LE || encoding == UTF_16BE {
        let mut decoder = encoding.new_decoder();
        let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
        let mut raw = vec![0_u8; CHUNK];
        loop {
            let read = file.read(&mut raw).map_err(|e| Error::io(path, e))?;
            let mut text = String::with_capacity(decoder.max_utf8_buffer_length(read).unwrap_or(CHUNK * 4));
            let (_, _, is_broken) = decoder.decode_to_string(&raw[..read], &mut text, read == 0);
            broken_lines += u64::from(is_broken);
            out.write_all(text.as_bytes())
                .map_err(|e| Error::io(&target, e))?;
            if read == 0 {
                break;
            }
        }
    } else {
        let mut is_start = true;
        for_each_piece(path, |piece| {
            for line in piece.split_inclusive(|b| *b == b'\n') {
                let (text, quality) = encoding::decode(encoding, line);
                broken_lines += u64::from(quality == Quality::Broken);
                let text = if is_start { undeclared(&text) } else { text };
                is_start = false;
                out.write_all(text.as_bytes())
                    .map_err(|e| Error::io(&target, e))?;
            }
            Ok(())
        })?;
    }
    out.flush().map_err(|e| Error::io(&target, e))?;
    Ok(TextFile {
        path: target,
        encoding,
        is_guessed,
        broken_lines,
        copy: Some(folder),
    })
}

/// The encoding an XML declaration names.
fn declared_in_xml(path: &Path) -> Result<Option<&'static Encoding>> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|f| f.take(200).read_to_end(&mut head))
        .map_err(|e| Error::io(path, e))?;
    let head = String::from_utf8_lossy(&head);
    Ok(declaration(&head).and_then(encoding::by_name))
}

fn declaration(head: &str) -> Option<&str> {
    let rest = head
        .trim_start_matches('\u{feff}')
        .strip_prefix("<?xml")?
        .split_once("?>")?
        .0;
    rest.split_once("encoding=")?.1.split(['"', '\'']).nth(1)
}

/// The first line with its XML declaration changed to UTF-8.
fn undeclared(line: &str) -> std::borrow::Cow<'_, str> {
    match declaration(line) {
        Some(name) => line.replacen(name, "UTF-8", 1).into(),
        None => line.into(),
    }
}

/// Whether a drawing begins with a header section; comments may come before it.
pub(super) fn has_dxf_header(path: &Path) -> Result<bool> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|f| f.take(1 << 16).read_to_end(&mut head))
        .map_err(|e| Error::io(path, e))?;
    let head = String::from_utf8_lossy(&head);
    let mut lines = head.lines().map(str::trim);
    while let (Some(code), Some(value)) = (lines.next(), lines.next()) {
        match code.trim_start_matches('\u{feff}') {
            "999" => {}
            "0" if value == "SECTION" => {}
            "2" => return Ok(value == "HEADER"),
            _ => return Ok(false),
        }
    }
    Ok(false)
}

/// Whether text of this encoding is Chinese as GBK or GB18030.
pub(super) fn label(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 {
        "GB18030"
    } else {
        encoding.name()
    }
}
