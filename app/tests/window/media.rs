//! Files attached to the chosen feature: seen, placed on the map, saved again and taken away.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use egui_kittest::kittest::Queryable as _;
use gis_core::Lang;
use karez::shell::action::{Action, FilePurpose};

use crate::driver::{open_town, settle, tr};

/// Where the photograph was taken, in hundredths of degrees.
const TAKEN_AT: [u32; 2] = [10_755, 4_397];

/// An EXIF block that says nothing but where: a directory that points to another one of four entries.
fn exif() -> Vec<u8> {
    const ASCII: u16 = 2;
    const LONG: u16 = 4;
    const RATIONAL: u16 = 5;
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        let head = [tag.to_be_bytes(), kind.to_be_bytes()].concat();
        [head, count.to_be_bytes().to_vec(), value.to_vec()].concat()
    };
    let angle = |hundredths: u32| -> Vec<u8> {
        [hundredths, 100, 0, 1, 0, 1]
            .iter()
            .flat_map(|n| n.to_be_bytes())
            .collect()
    };
    let no_more = [0_u8; 4];
    // Offsets count from the mark of the byte order.
    [
        b"Exif\0\0".to_vec(),
        b"MM\0*\0\0\0\x08".to_vec(),
        1_u16.to_be_bytes().to_vec(),
        entry(0x8825, LONG, 1, 26_u32.to_be_bytes()),
        no_more.to_vec(),
        4_u16.to_be_bytes().to_vec(),
        entry(1, ASCII, 2, *b"N\0\0\0"),
        entry(2, RATIONAL, 3, 80_u32.to_be_bytes()),
        entry(3, ASCII, 2, *b"E\0\0\0"),
        entry(4, RATIONAL, 3, 104_u32.to_be_bytes()),
        no_more.to_vec(),
        angle(TAKEN_AT[1]),
        angle(TAKEN_AT[0]),
    ]
    .concat()
}

fn photograph(folder: &Path) -> PathBuf {
    let mut plain = Cursor::new(Vec::new());
    image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 3, y as u8 * 4, 90]))
        .write_to(&mut plain, image::ImageFormat::Jpeg)
        .unwrap();
    let plain = plain.into_inner();
    let block = exif();
    let length = u16::try_from(block.len() + 2).unwrap();
    let jpeg = [
        &plain[..2],
        &[0xff, 0xe1],
        &length.to_be_bytes(),
        &block,
        &plain[2..],
    ]
    .concat();
    let path = folder.join("井室.jpg");
    std::fs::write(&path, jpeg).unwrap();
    path
}

#[test]
fn a_photograph_and_a_drawing_are_attached_seen_placed_saved_and_removed() {
    for lang in Lang::ALL {
        let folder = tempfile::tempdir().unwrap();
        let photo = photograph(folder.path());
        let plan = folder.path().join("plan.pdf");
        std::fs::write(&plan, b"%PDF-1.4\n%%EOF\n").unwrap();
        let mut window = open_town(lang, folder.path());
        let valve = window.state().session().unwrap().find_code("V-3-4-E")[0];
        for action in [
            Action::Select(Some(valve)),
            Action::ShowAttributes,
            Action::Attach(vec![photo.clone(), plan]),
        ] {
            window.state_mut().ask(action);
            settle(&mut window);
        }
        assert_eq!(window.query_all_by_label("plan.pdf").count(), 1);
        assert_eq!(
            window.query_all_by_label("井室.jpg").count(),
            2,
            "the name and the small picture"
        );
        window.get_by_label_contains("64 × 48");

        window.get_by_label(&tr("app.media.show_place", lang)).click();
        settle(&mut window);
        let crs = window.state().session().unwrap().crs.clone();
        let degrees = TAKEN_AT.map(|hundredths| f64::from(hundredths) / 100.0);
        let place = gis_core::io::media::place_in(&crs, degrees).unwrap();
        let centre = window.state().map().unwrap().centre().unwrap();
        let off = (centre[0] - place[0]).hypot(centre[1] - place[1]);
        assert!(off < 1.0, "{off} m beside where it was taken");

        let project = window.state().session().unwrap();
        let feature = valve.id(&project.network);
        let kept = project
            .service
            .call(move |project| project.attachments(feature))
            .unwrap();
        let id = kept.iter().find(|a| a.name == "井室.jpg").unwrap().id;
        let copy = folder.path().join("copy.jpg");
        window
            .state_mut()
            .ask(Action::FileNamed(FilePurpose::SaveAttachment(id), copy.clone()));
        settle(&mut window);
        assert_eq!(std::fs::read(copy).unwrap(), std::fs::read(&photo).unwrap());

        let remove = tr("app.media.remove", lang);
        window.query_all_by_label(&remove).next().unwrap().click();
        settle(&mut window);
        assert_eq!(window.query_all_by_label(&remove).count(), 1);
    }
}
