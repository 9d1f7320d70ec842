//! What a photograph says about itself in its EXIF block, and its thumbnail. A damaged picture is no error: it may be all
//! that is left of a site.

use std::io::Cursor;

use exif::{Exif, In, Tag, Value};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageReader, Limits};

use super::MediaInfo;
use crate::text::Message;

/// Longest side of a thumbnail.
const THUMBNAIL_PX: u32 = 256;
const QUALITY: u8 = 80;
/// Larger pictures are kept but not decoded.
const LARGEST_SIDE_PX: u32 = 30_000;
const DECODING_BYTES: u64 = 1 << 30;

#[derive(Debug, Default)]
pub(super) struct Picture {
    pub(super) info: MediaInfo,
    pub(super) thumbnail: Option<Vec<u8>>,
    pub(super) warning: Option<Message>,
}

pub(super) fn read(name: &str, content_type: &str, bytes: &[u8]) -> Picture {
    let mut picture = Picture::default();
    if !content_type.starts_with("image/") {
        return picture;
    }
    let exif = exif::Reader::new()
        .read_from_container(&mut Cursor::new(bytes))
        .ok();
    if let Some(exif) = &exif {
        picture.info = info(exif);
    }
    if !matches!(content_type, "image/jpeg" | "image/png") {
        return picture;
    }
    match decode(bytes) {
        Ok(mut image) => {
            if let Some(turn) = exif
                .as_ref()
                .and_then(|e| e.get_field(Tag::Orientation, In::PRIMARY)?.value.get_uint(0))
                .and_then(|turn| Orientation::from_exif(u8::try_from(turn).ok()?))
            {
                image.apply_orientation(turn);
            }
            picture.info.width_px = Some(image.width());
            picture.info.height_px = Some(image.height());
            picture.thumbnail = thumbnail(&image);
        }
        Err(error) => {
            picture.warning = Some(
                Message::new("media.warning.no_picture")
                    .with("name", name)
                    .with("reason", error),
            );
        }
    }
    picture
}

fn decode(bytes: &[u8]) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE_PX);
    limits.max_image_height = Some(LARGEST_SIDE_PX);
    limits.max_alloc = Some(DECODING_BYTES);
    reader.limits(limits);
    reader.decode()
}

fn thumbnail(image: &DynamicImage) -> Option<Vec<u8>> {
    let side = THUMBNAIL_PX.min(image.width().max(image.height()));
    let small = image.thumbnail(side, side).to_rgb8();
    let mut bytes = Vec::new();
    small
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))
        .ok()?;
    Some(bytes)
}

fn info(exif: &Exif) -> MediaInfo {
    let latitude = degrees(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S');
    let longitude = degrees(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W');
    let position = longitude.zip(latitude).map(|(x, y)| [x, y]).filter(|[x, y]| {
        // A camera without a fix writes zeros.
        x.abs() <= 180.0 && y.abs() <= 90.0 && (*x != 0.0 || *y != 0.0)
    });
    let is_below_sea = exif
        .get_field(Tag::GPSAltitudeRef, In::PRIMARY)
        .and_then(|f| f.value.get_uint(0))
        == Some(1);
    MediaInfo {
        taken_at: taken_at(exif),
        position,
        altitude_m: rational(exif, Tag::GPSAltitude, 0).map(|m| if is_below_sea { -m } else { m }),
        direction_deg: rational(exif, Tag::GPSImgDirection, 0).filter(|d| (0.0..=360.0).contains(d)),
        ..MediaInfo::default()
    }
}

fn text(exif: &Exif, tag: Tag) -> Option<String> {
    let Value::Ascii(parts) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    Some(String::from_utf8_lossy(parts.first()?).trim().to_owned())
}

/// `2026:05:01 09:30:00` in ISO 8601.
fn taken_at(exif: &Exif) -> Option<String> {
    let said = text(exif, Tag::DateTimeOriginal).or_else(|| text(exif, Tag::DateTime))?;
    let time = chrono::NaiveDateTime::parse_from_str(&said, "%Y:%m:%d %H:%M:%S").ok()?;
    let offset = text(exif, Tag::OffsetTimeOriginal).filter(|o| o.len() == 6);
    Some(format!(
        "{}{}",
        time.format("%Y-%m-%dT%H:%M:%S"),
        offset.unwrap_or_default()
    ))
}

fn rational(exif: &Exif, tag: Tag, i: usize) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    Some(parts.get(i)?.to_f64()).filter(|v| v.is_finite())
}

/// Degrees, minutes and seconds as degrees, negative where the reference is `negative`.
fn degrees(exif: &Exif, tag: Tag, reference: Tag, negative: u8) -> Option<f64> {
    let value = rational(exif, tag, 0)?
        + rational(exif, tag, 1).unwrap_or(0.0) / 60.0
        + rational(exif, tag, 2).unwrap_or(0.0) / 3600.0;
    let is_negative = text(exif, reference).is_some_and(|r| r.as_bytes().first() == Some(&negative));
    Some(if is_negative { -value } else { value })
}
