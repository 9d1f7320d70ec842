use super::dxf::DxfWriter;
use super::pdf::PdfWriter;
use super::picture::Painter;
use super::svg::SvgWriter;
use super::*;

const RED: Rgba = Rgba::opaque(255, 0, 0);

/// A page of 200 × 100 mm with a bit of everything.
fn draw(surface: &mut dyn Surface) {
    surface.begin_page(200.0, 100.0);
    surface.begin_layer(LayerName {
        key: "pipe",
        title: "管段",
    });
    surface.push_clip(Area::new(10.0, 10.0, 100.0, 50.0));
    surface.stroke(
        &Outline::line(&[[20.0, 20.0], [120.0, 20.0]]),
        &Stroke::solid(RED, 0.5),
    );
    surface.stroke(
        &Outline::line(&[[20.0, 30.0], [100.0, 30.0]]),
        &Stroke {
            colour: Rgba::BLACK.with_alpha(128),
            width_mm: 0.2,
            dash_mm: Some([2.0, 1.0]),
        },
    );
    surface.pop_clip();
    surface.end_layer();
    surface.fill(&Outline::circle([150.0, 50.0], 10.0), Rgba::opaque(0, 80, 160));
    for (text, y, angle_rad) in [
        ("供水管网 DN300", 80.0, 0.0),
        ("斜 <&> 20°", 95.0, -std::f64::consts::FRAC_PI_2),
    ] {
        surface.text(&TextRun {
            text,
            at: [if angle_rad == 0.0 { 20.0 } else { 110.0 }, y],
            size_mm: 5.0,
            angle_rad,
            align: Align::Left,
            colour: Rgba::BLACK,
            halo: Some(Rgba::WHITE),
        });
    }
    let bitmap = Bitmap {
        width: 2,
        height: 1,
        rgba: vec![255, 0, 0, 255, 0, 255, 0, 128],
    };
    surface.image(&bitmap, &Affine([20.0, 0.0, 0.0, 10.0, 120.0, 5.0]));
}

#[test]
fn pdf_is_read_by_poppler_with_its_size_its_text_and_its_layers() {
    let face = TypeFace::embedded().unwrap();
    let mut pdf = PdfWriter::new(&face, "天池");
    draw(&mut pdf);
    draw(&mut pdf);
    let file = crate::layout::tests::keep("surface.pdf", &pdf.finish().unwrap());
    let info = crate::layout::tests::poppler("pdfinfo", &[], &file, None);
    assert!(
        info.contains("Pages:           2") && info.contains("天池"),
        "{info}"
    );
    assert!(info.contains("566.929 x 283.465 pts"), "{info}");
    let text = crate::layout::tests::poppler("pdftotext", &[], &file, Some("-"));
    assert_eq!(text.matches("供水管网 DN300").count(), 2, "{text}");
    assert!(text.contains("斜 <&> 20°"), "{text}");
    let fonts = crate::layout::tests::poppler("pdffonts", &[], &file, None);
    assert!(fonts.contains("KAREZA+KarezSans-Regular"), "{fonts}");
    assert!(
        fonts.contains("CID Type 0C") && fonts.contains("yes yes yes"),
        "{fonts}"
    );
}

#[test]
fn svg_is_read_by_another_program_and_keeps_text_and_layers() {
    let face = TypeFace::embedded().unwrap();
    let mut svg = SvgWriter::new(&face);
    draw(&mut svg);
    let pages = svg.finish();
    crate::layout::tests::keep("surface.svg", pages[0].as_bytes());
    let read = roxmltree::Document::parse(&pages[0]).unwrap();
    let root = read.root_element();
    assert_eq!(root.attribute("width"), Some("200mm"));
    let texts: Vec<&str> = read
        .descendants()
        .filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", "text")))
        .filter_map(|n| n.text())
        .collect();
    assert_eq!(texts, ["供水管网 DN300", "斜 <&> 20°"]);
    let layer = ("http://www.inkscape.org/namespaces/inkscape", "label");
    assert!(read.descendants().any(|n| n.attribute(layer) == Some("管段")));
}

#[test]
fn a_picture_has_the_pixels_of_its_paper() {
    let face = TypeFace::embedded().unwrap();
    let mut painter = Painter::new(&face, 127.0, Some(Rgba::WHITE));
    draw(&mut painter);
    let pages = painter.finish().unwrap();
    crate::layout::tests::keep("surface.png", &picture::png(&pages[0], 127.0).unwrap());
    // 5 pixels a millimetre.
    assert_eq!((pages[0].width(), pages[0].height()), (1000, 500));
    let at = |x: f64, y: f64| {
        let p = pages[0].pixel((x * 5.0) as u32, (y * 5.0) as u32).unwrap();
        [p.red(), p.green(), p.blue()]
    };
    assert_eq!(at(50.0, 20.0), [255, 0, 0]);
    assert_eq!(at(115.0, 20.0), [255, 255, 255], "cut off by the clip");
    assert_eq!(at(150.0, 50.0), [0, 80, 160]);
    assert_eq!(at(122.0, 10.0), [255, 0, 0]);
    let mut painter = Painter::new(&face, 100_000.0, None);
    draw(&mut painter);
    assert!(painter.finish().is_err());
}

#[test]
fn dxf_is_read_by_gdal_with_layers_places_and_chinese() {
    let face = TypeFace::embedded().unwrap();
    // 1:500, the lower left corner of the page at 500000, 4000000.
    let place = Affine([0.5, 0.0, 0.0, -0.5, 500_000.0, 4_000_050.0]);
    let mut dxf = DxfWriter::new(&face, place);
    draw(&mut dxf);
    let file = crate::layout::tests::keep("surface.dxf", &dxf.finish()[0]);
    let told = crate::layout::tests::told("ogrinfo", &["-al".as_ref(), file.as_os_str()]);
    assert!(told.contains("供水管网 DN300"), "{told}");
    assert!(told.contains("Layer (String) = PIPE"), "{told}");
    assert!(
        told.contains("LINESTRING Z (500010 4000040 0,500060 4000040 0)"),
        "{told}"
    );
}

#[test]
fn a_segment_is_cut_at_the_rim_and_untouched_inside() {
    let area = Area::new(0.0, 0.0, 10.0, 10.0);
    assert_eq!(area.clip([-5.0, 5.0], [5.0, 5.0]), Some([[0.0, 5.0], [5.0, 5.0]]));
    assert_eq!(area.clip([1.1, 2.2], [3.3, 4.4]), Some([[1.1, 2.2], [3.3, 4.4]]));
    assert_eq!(area.clip([-5.0, 5.0], [-1.0, 5.0]), None);
    assert_eq!(area.clip([f64::NAN, 5.0], [5.0, 5.0]), None);
}
