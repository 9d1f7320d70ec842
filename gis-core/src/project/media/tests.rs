use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::{ImageFormat, Rgb, RgbImage};

use super::{LARGEST_BYTES, NewMedia};
use crate::crs::Crs;
use crate::ids::{FeatureId, IdSource};
use crate::model::{ClassIndex, Feature, Geometry, Links, Value as FeatureValue};
use crate::project::{NewProject, Project};
use crate::schema::Schema;

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    let mut bytes = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Jpeg)
        .unwrap();
    bytes
}

/// A JPEG with an EXIF block as cameras write it: taken at 43° 48′ 30″ N, 87° 36′ 0″ E, held on its side.
fn photograph() -> Vec<u8> {
    let field = |tag, value| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    };
    let ascii = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let rational = |parts: &[(u32, u32)]| {
        Value::Rational(
            parts
                .iter()
                .map(|(num, denom)| Rational {
                    num: *num,
                    denom: *denom,
                })
                .collect(),
        )
    };
    let fields = [
        field(Tag::Orientation, Value::Short(vec![6])),
        field(Tag::DateTimeOriginal, ascii("2026:05:01 09:30:00")),
        field(Tag::OffsetTimeOriginal, ascii("+08:00")),
        field(Tag::GPSLatitudeRef, ascii("N")),
        field(Tag::GPSLatitude, rational(&[(43, 1), (48, 1), (3000, 100)])),
        field(Tag::GPSLongitudeRef, ascii("E")),
        field(Tag::GPSLongitude, rational(&[(87, 1), (36, 1), (0, 1)])),
        field(Tag::GPSAltitudeRef, Value::Byte(vec![0])),
        field(Tag::GPSAltitude, rational(&[(8125, 10)])),
        field(Tag::GPSImgDirection, rational(&[(90, 1)])),
    ];
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut block = Cursor::new(Vec::new());
    writer.write(&mut block, false).unwrap();
    let block = block.into_inner();
    let plain = jpeg(400, 300);
    let mut bytes = plain[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend((block.len() as u16 + 8).to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(block);
    bytes.extend(&plain[2..]);
    bytes
}

fn project(path: &std::path::Path) -> (Project, (ClassIndex, FeatureId)) {
    let schema = Schema::builtin().unwrap();
    let crs = crate::io::crs::parse("EPSG:4545").unwrap();
    let mut project = Project::create(
        path,
        &NewProject {
            name: "media",
            crs: &crs,
            schema: &schema,
            created_unix_ms: 1,
        },
    )
    .unwrap();
    let class = schema.class_index("valve").unwrap();
    let id = IdSource::new(1, 1).next_id();
    let mut values = vec![FeatureValue::Null; schema.class(class).fields.len()];
    values[schema.class(class).field_index("code").unwrap()] = FeatureValue::Text("V1".to_owned());
    let mut bulk = project.begin_bulk().unwrap();
    bulk.insert(&Feature {
        id,
        class,
        geometry: Some(Geometry::Point([500_000.0, 4_850_000.0, 0.0])),
        links: Links::default(),
        values,
    })
    .unwrap();
    bulk.finish().unwrap();
    (project, (class, id))
}

#[test]
fn a_photograph_tells_where_and_when_and_stands_upright() {
    let media = NewMedia::new("井室.JPG", photograph()).unwrap();
    assert_eq!(media.content_type, "image/jpeg");
    assert_eq!(media.info.taken_at.as_deref(), Some("2026-05-01T09:30:00+08:00"));
    let [x, y] = media.info.position.unwrap();
    assert!(
        (x - 87.6).abs() < 1e-9 && (y - (43.0 + 48.5 / 60.0)).abs() < 1e-9,
        "{x} {y}"
    );
    assert_eq!(media.info.altitude_m, Some(812.5));
    assert_eq!(media.info.direction_deg, Some(90.0));
    // Held on its side: 400 × 300 becomes 300 × 400.
    assert_eq!(
        (media.info.width_px, media.info.height_px),
        (Some(300), Some(400))
    );
    let small = image::load_from_memory(media.thumbnail.as_deref().unwrap()).unwrap();
    assert_eq!((small.width(), small.height()), (192, 256));
    assert_eq!(media.warning, None);
}

#[test]
fn files_that_are_no_good_are_refused_and_damaged_pictures_kept() {
    let mut broken = jpeg(300, 200);
    broken.truncate(200);
    let kept = NewMedia::new("broken.jpg", broken).unwrap();
    assert_eq!(kept.thumbnail, None);
    assert_eq!(kept.warning.unwrap().key(), "media.warning.no_picture");
    for (name, bytes, key) in [
        ("empty.jpg", &b""[..], "media.error.empty"),
        ("text.jpg", b"this is no picture", "media.error.unknown_type"),
        ("sound.png", b"ID3\x04sound", "media.error.wrong_type"),
        ("letter.pdf", b"PK\x03\x04", "media.error.unknown_type"),
        ("game.exe", b"anything", "media.error.program"),
        (
            "photo.jpg",
            b"MZ\x90\0 a program by another name",
            "media.error.program",
        ),
        ("run.txt", b"#!/bin/sh\nrm -rf /", "media.error.program"),
    ] {
        assert_eq!(
            NewMedia::new(name, bytes.to_vec()).unwrap_err().message().key(),
            key,
            "{name}"
        );
    }
    for (name, bytes, expected) in [
        ("photo.jpeg", jpeg(20, 10), "image/jpeg"),
        // A picture by the wrong name of a picture is still a picture.
        ("photo.png", jpeg(20, 10), "image/jpeg"),
        ("film.mp4", b"\0\0\0\x18ftypmp42....".to_vec(), "video/mp4"),
        ("note.amr", b"#!AMR\n....".to_vec(), "audio/amr"),
        ("plan.pdf", b"%PDF-1.7".to_vec(), "application/pdf"),
        ("说明.txt", "阀门井内有积水".as_bytes().to_vec(), "text/plain"),
        ("plan.dwg", b"AC1027".to_vec(), "image/vnd.dwg"),
        ("unknown.xyz", b"????".to_vec(), "application/octet-stream"),
    ] {
        assert_eq!(
            NewMedia::new(name, bytes).unwrap().content_type,
            expected,
            "{name}"
        );
    }
    let error = super::check_size("film.mp4", LARGEST_BYTES + 1).unwrap_err();
    assert_eq!(error.message().key(), "media.error.too_large");
    assert!(error.text(crate::Lang::En).contains("256 MiB"));
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    // Sparse: it takes no room on the disk.
    std::fs::File::create(&path)
        .unwrap()
        .set_len(LARGEST_BYTES + 1)
        .unwrap();
    let error = crate::io::media::read_file(&path).unwrap_err();
    assert_eq!(error.message().key(), "media.error.too_large");
}

#[test]
fn an_attached_file_is_kept_once_and_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("city.gpkg");
    let (mut project, valve) = project(&path);
    let mut ids = IdSource::new(5_000, 2);
    let photo = NewMedia::new("井室.jpg", photograph()).unwrap();
    let note = NewMedia::new("说明.txt", "锈蚀".as_bytes().to_vec()).unwrap();
    let first = project.attach(valve, &photo, ids.next_id(), 5_000).unwrap();
    let second = project.attach(valve, &note, ids.next_id(), 6_000).unwrap();
    assert_eq!(
        project.attach(valve, &photo, ids.next_id(), 7_000).unwrap(),
        first,
        "there already"
    );
    let nowhere = (valve.0, ids.next_id());
    assert_eq!(
        project
            .attach(nowhere, &photo, ids.next_id(), 1)
            .unwrap_err()
            .message()
            .key(),
        "media.error.no_feature"
    );
    project.close().unwrap();

    let status = std::process::Command::new("/usr/bin/python3")
        .args(["-m", "osgeo_utils.samples.validate_gpkg", "-q", "-k", "--extra"])
        .arg(&path)
        .output()
        .unwrap();
    let said = [status.stdout, status.stderr]
        .map(|s| String::from_utf8_lossy(&s).into_owned())
        .concat();
    assert!(
        status.status.success() && !said.to_lowercase().contains("warning"),
        "{said}"
    );

    let mut project = Project::open(&path).unwrap();
    let all = project.attachments(valve.1).unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].id, all[1].id), (first, second));
    assert_eq!(
        (all[0].name.as_str(), all[0].size_bytes),
        ("井室.jpg", photo.size_bytes())
    );
    assert_eq!(all[0].info, photo.info);
    assert!(all[0].has_thumbnail && !all[1].has_thumbnail);
    assert_eq!(project.attached_bytes(first).unwrap().unwrap(), photograph());
    assert_eq!(project.attached_thumbnail(second).unwrap(), None);
    let relations: i64 = project
        .connection
        .query_row("SELECT count(*) FROM valve_media", [], |row| row.get(0))
        .unwrap();
    assert_eq!(relations, 2, "as other programs see it");

    let copy = folder.path().join("copy.gpkg");
    project.backup_to(&copy).unwrap();
    assert_eq!(
        Project::open_read_only(&copy)
            .unwrap()
            .attachments(valve.1)
            .unwrap(),
        all
    );
    let saved = folder.path().join("saved.jpg");
    crate::io::media::save(&project, first, &saved).unwrap();
    assert_eq!(std::fs::read(&saved).unwrap(), photograph());
    assert!(
        crate::io::media::save(&project, first, &saved).is_err(),
        "it overwrites nothing"
    );

    assert!(project.detach(first).unwrap());
    assert!(!project.detach(first).unwrap());
    let left: i64 = project
        .connection
        .query_row("SELECT count(*) FROM feature_media", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 1, "its content is gone with it");
}

#[test]
fn attachments_go_along_when_a_project_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let (mut from, valve) = project(&folder.path().join("from.gpkg"));
    let photo = NewMedia::new("a.jpg", jpeg(30, 20)).unwrap();
    from.attach(valve, &photo, IdSource::new(9, 9).next_id(), 9)
        .unwrap();
    let path = from.path().to_owned();
    from.close().unwrap();
    let schema = Schema::builtin().unwrap();
    let crs: Crs = crate::io::crs::parse("EPSG:4545").unwrap();
    let new = NewProject {
        name: "into",
        crs: &crs,
        schema: &schema,
        created_unix_ms: 1,
    };
    let mut into = Project::temporary(&new).unwrap();
    let options = crate::io::ImportOptions::default();
    crate::io::import(
        &mut into,
        &path,
        &options,
        &mut IdSource::new(2, 2),
        &crate::NoProgress,
    )
    .unwrap();
    assert_eq!(into.attachments(valve.1).unwrap().len(), 1);
}

#[test]
fn a_photograph_finds_the_feature_it_was_taken_of() {
    use crate::io::media::{nearest, place_in};
    let folder = tempfile::tempdir().unwrap();
    let (project, valve) = project(&folder.path().join("city.gpkg"));
    let network = project.network(&crate::NoProgress).unwrap();
    let at = [500_004.0, 4_850_003.0];
    assert_eq!(nearest(&network, at, 30.0).unwrap(), (valve.0, valve.1, 5.0));
    assert!(matches!(
        nearest(&network, at, 3.0),
        Err(crate::Error::Refused(_))
    ));
    // The central meridian of the project's zone is 108° E.
    let place = place_in(project.crs(), [108.0, 43.8]).unwrap();
    assert!(
        (place[0] - 500_000.0).abs() < 0.01 && (place[1] - 4_851_000.0).abs() < 2_000.0,
        "{place:?}"
    );
    assert_eq!(place_in(&Crs::local_metric(), [108.0, 43.8]), None);
}

#[test]
fn names_lose_what_leads_elsewhere() {
    use crate::io::media::safe_name;
    for (name, expected) in [
        ("井室 1.jpg", "井室 1.jpg"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\a|b.txt", "C__a_b.txt"),
        ("...", "file"),
    ] {
        assert_eq!(safe_name(name), expected);
    }
}
