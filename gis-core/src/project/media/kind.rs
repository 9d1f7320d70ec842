//! What a file is, by its first bytes; its name has to agree. Programs are not taken: what is attached is opened with a
//! double click.

use crate::error::{Error, Result};
use crate::text::Message;

/// First bytes, from an offset, and what they mean.
const SIGNATURES: [(usize, &[u8], &str); 20] = [
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (8, b"AVI ", "video/x-msvideo"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"%PDF", "application/pdf"),
    (0, b"\xd0\xcf\x11\xe0", "application/msword"),
];

/// Name endings and what they promise. Where the promise is a picture, film or sound, the content must keep it.
const ENDINGS: [(&str, &str); 34] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("png", "image/png"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("bmp", "image/bmp"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("heic", "image/heic"),
    ("mp4", "video/mp4"),
    ("m4v", "video/mp4"),
    ("mov", "video/quicktime"),
    ("webm", "video/webm"),
    ("mkv", "video/webm"),
    ("avi", "video/x-msvideo"),
    ("wav", "audio/wav"),
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("flac", "audio/flac"),
    ("amr", "audio/amr"),
    ("pdf", "application/pdf"),
    ("doc", "application/msword"),
    ("xls", "application/vnd.ms-excel"),
    ("ppt", "application/vnd.ms-powerpoint"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("dwg", "image/vnd.dwg"),
    ("dxf", "image/vnd.dxf"),
    ("zip", "application/zip"),
    ("txt", "text/plain"),
    ("csv", "text/csv"),
];

/// Endings that systems run when they are opened.
const PROGRAMS: [&str; 20] = [
    "exe", "com", "bat", "cmd", "scr", "msi", "ps1", "vbs", "js", "jse", "wsf", "hta", "lnk", "jar", "app",
    "sh", "run", "desktop", "py", "html",
];

pub(super) fn content_type(name: &str, bytes: &[u8]) -> Result<&'static str> {
    let ending = name
        .rsplit_once('.')
        .map(|(_, e)| e.to_lowercase())
        .unwrap_or_default();
    let is_program = PROGRAMS.contains(&ending.as_str())
        || bytes.starts_with(b"MZ")
        || bytes.starts_with(b"\x7fELF")
        || (bytes.starts_with(b"#!") && !bytes.starts_with(b"#!AMR"));
    if is_program {
        return Err(Error::bad_input(
            Message::new("media.error.program").with("name", name),
        ));
    }
    let promised = ENDINGS.iter().find(|(e, _)| *e == ending).map(|(_, kind)| *kind);
    let found = SIGNATURES
        .iter()
        .find(|(at, sign, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(sign)))
        .map(|(.., kind)| *kind)
        // A sound in MPEG frames without a title before them.
        .or_else(|| (bytes.len() > 1 && bytes[0] == 0xff && bytes[1] & 0xe0 == 0xe0).then_some("audio/mpeg"));
    let is_strict = |kind: &str| {
        ["image/", "video/", "audio/"]
            .iter()
            .any(|family| kind.starts_with(family))
            && !kind.starts_with("image/vnd")
            || kind == "application/pdf"
    };
    let family = |kind: &str| kind.split('/').next().unwrap_or_default().to_owned();
    match (promised, found) {
        (Some(promised), Some(found)) if is_strict(promised) && family(promised) == family(found) => {
            Ok(found)
        }
        (Some(promised), Some(found)) if is_strict(promised) => Err(Error::bad_input(
            Message::new("media.error.wrong_type")
                .with("name", name)
                .with("promised", promised)
                .with("found", found),
        )),
        (Some(promised), None) if is_strict(promised) => Err(Error::bad_input(
            Message::new("media.error.unknown_type")
                .with("name", name)
                .with("promised", promised),
        )),
        (Some(promised), _) => Ok(promised),
        (None, Some(found)) => Ok(found),
        (None, None) => Ok("application/octet-stream"),
    }
}
