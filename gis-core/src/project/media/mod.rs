//! Photographs, documents, video and sound attached to features, kept in the project file. It shows nothing and opens
//! nothing; which files are good for it is found out by [`kind`], before anything is written.

mod kind;
mod picture;
mod store;
pub(super) mod tables;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::ClassIndex;
use crate::text::Message;

/// Larger files do not belong into a project: they make it slow to copy and to hand on.
pub const LARGEST_BYTES: u64 = 256 << 20;

/// What a picture says about itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MediaInfo {
    pub width_px: Option<u32>,
    pub height_px: Option<u32>,
    /// As the camera wrote it, `2026-05-01T09:30:00`, with the offset from UTC where it knew it.
    pub taken_at: Option<String>,
    /// Longitude and latitude in WGS 84.
    pub position: Option<[f64; 2]>,
    pub altitude_m: Option<f64>,
    /// Where the camera looked, clockwise from north.
    pub direction_deg: Option<f64>,
}

/// A file made ready to be attached.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMedia {
    /// The file's name without its folder.
    pub name: String,
    pub content_type: &'static str,
    pub info: MediaInfo,
    /// A small JPEG; `None` where there is no picture to make it from.
    pub thumbnail: Option<Vec<u8>>,
    /// What the user should know although the file was taken, such as a picture that cannot be shown.
    pub warning: Option<Message>,
    sha256: String,
    bytes: Vec<u8>,
}

impl NewMedia {
    /// Looks into a file's content: what it is, what it says about itself, how it looks in small.
    ///
    /// # Errors
    /// `BadInput` where it is empty, too large, a program, or not what its name says.
    pub fn new(name: &str, bytes: Vec<u8>) -> Result<Self> {
        check_size(name, bytes.len() as u64)?;
        let content_type = kind::content_type(name, &bytes)?;
        let read = picture::read(name, content_type, &bytes);
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(&bytes) {
            sha256.extend(
                [byte >> 4, byte & 15].map(|half| char::from(b"0123456789abcdef"[usize::from(half)])),
            );
        }
        Ok(Self {
            name: name.to_owned(),
            content_type,
            info: read.info,
            thumbnail: read.thumbnail,
            warning: read.warning,
            sha256,
            bytes,
        })
    }

    pub fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// # Errors
/// `BadInput` for nothing and for too much.
pub(crate) fn check_size(name: &str, size_bytes: u64) -> Result<()> {
    let key = match size_bytes {
        0 => "media.error.empty",
        size if size > LARGEST_BYTES => "media.error.too_large",
        _ => return Ok(()),
    };
    Err(Error::bad_input(
        Message::new(key)
            .with("name", name)
            .with("found", size_bytes >> 20)
            .with("largest", LARGEST_BYTES >> 20),
    ))
}

/// A file as it hangs on a feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// Of the attachment, not of the feature.
    pub id: FeatureId,
    pub class: ClassIndex,
    pub feature: FeatureId,
    pub name: String,
    pub content_type: String,
    pub size_bytes: u64,
    pub sha256: String,
    pub attached_unix_ms: u64,
    pub info: MediaInfo,
    pub has_thumbnail: bool,
}

#[cfg(test)]
mod tests;
