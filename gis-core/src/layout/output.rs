//! Pages into files: PDF with all pages in one, the other formats with one file a page.

use std::path::{Path, PathBuf};

use super::draw::{DrawnPage, Scene, draw_page};
use super::frame::FrameView;
use super::model::Layout;
use super::surface::dxf::DxfWriter;
use super::surface::pdf::PdfWriter;
use super::surface::picture::{self, Painter};
use super::surface::svg::SvgWriter;
use super::surface::{Affine, Bitmap};
use crate::error::{Error, Result};
use crate::io::geotiff;
use crate::issue::Issues;
use crate::progress::Progress;
use crate::text::Message;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputFormat {
    #[default]
    Pdf,
    Svg,
    Dxf,
    Png,
    Tiff,
}

impl OutputFormat {
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Svg, Self::Dxf, Self::Png, Self::Tiff];

    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Svg => "svg",
            Self::Dxf => "dxf",
            Self::Png => "png",
            Self::Tiff => "tif",
        }
    }

    /// By the ending of a file's name.
    ///
    /// # Errors
    /// `BadInput` naming the endings there are.
    pub fn of_path(path: &Path) -> Result<Self> {
        let ending = path
            .extension()
            .map(|e| e.to_string_lossy().to_ascii_lowercase())
            .unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|f| f.extension() == ending || (*f == Self::Tiff && ending == "tiff"))
            .ok_or_else(|| {
                Error::bad_input(
                    Message::new("layout.error.format")
                        .with("path", path.display())
                        .with("known", Self::ALL.map(Self::extension).join(", ")),
                )
            })
    }
}

/// What was written, and what should be in it and is not.
#[derive(Debug, Clone, Default)]
pub struct Written {
    pub files: Vec<PathBuf>,
    pub issues: Issues,
}

impl Written {
    /// Takes in the issues of a page; what was said of another page is not said again.
    fn tell(&mut self, issues: &Issues) {
        for issue in issues.iter() {
            if !self.issues.iter().any(|known| known == issue) {
                self.issues.push(issue.clone());
            }
        }
    }
}

/// Writes pages to `path`; several pages of a format with one page a file become `name-1.png`, `name-2.png` … or carry
/// their sheet number. `dpi` is that of pictures.
///
/// # Errors
/// `Cancelled` (files that are finished stay), `Io`, or what drawing complains of.
pub fn write_pages(
    pages: &[Layout],
    scene: &Scene<'_>,
    path: &Path,
    format: OutputFormat,
    dpi: f64,
    progress: &dyn Progress,
) -> Result<Written> {
    if !(10.0..=2400.0).contains(&dpi) {
        return Err(bad_dpi(dpi));
    }
    let stage = Message::new("layout.progress");
    let total = Some(pages.len() as u64);
    let mut written = Written::default();
    if let Some(dressing) = scene.dressing {
        written.tell(&dressing.issues);
    }
    let mut pdf = (format == OutputFormat::Pdf).then(|| {
        let title = pages.first().map_or("", |page| page.title.as_str());
        PdfWriter::new(scene.face, title).with_picture_dpi(dpi)
    });
    for (i, page) in pages.iter().enumerate() {
        progress.check()?;
        progress.report(&stage, i as u64, total);
        if let Some(pdf) = &mut pdf {
            written.tell(&draw_page(page, scene, pdf, progress)?.issues);
            continue;
        }
        let target = if pages.len() == 1 {
            path.to_owned()
        } else {
            numbered(path, page, i)
        };
        write_page(page, scene, &target, (format, dpi), &mut written, progress)?;
    }
    if let Some(pdf) = pdf {
        write(path, &pdf.finish()?)?;
        written.files.push(path.to_owned());
    }
    progress.report(&stage, pages.len() as u64, total);
    Ok(written)
}

fn bad_dpi(dpi: f64) -> Error {
    Error::bad_input(Message::new("layout.error.dpi").with("dpi", dpi))
}

/// A page as pixels, for the editor's preview.
pub fn preview(layout: &Layout, scene: &Scene<'_>, dpi: f64, progress: &dyn Progress) -> Result<Bitmap> {
    let (pixmap, _) = paint(layout, scene, dpi, progress)?;
    Ok(Bitmap {
        width: pixmap.width(),
        height: pixmap.height(),
        rgba: picture::rgba(&pixmap),
    })
}

fn paint(
    layout: &Layout,
    scene: &Scene<'_>,
    dpi: f64,
    progress: &dyn Progress,
) -> Result<(tiny_skia::Pixmap, DrawnPage)> {
    if !(10.0..=2400.0).contains(&dpi) {
        return Err(bad_dpi(dpi));
    }
    let mut painter = Painter::new(scene.face, dpi, Some(scene.paper()));
    let drawn = draw_page(layout, scene, &mut painter, progress)?;
    let page = painter.finish()?.pop();
    page.map(|page| (page, drawn)).ok_or_else(|| bad_dpi(dpi))
}

fn write_page(
    layout: &Layout,
    scene: &Scene<'_>,
    path: &Path,
    (format, dpi): (OutputFormat, f64),
    written: &mut Written,
    progress: &dyn Progress,
) -> Result<()> {
    let mut files = vec![path.to_owned()];
    let drawn = match format {
        OutputFormat::Pdf => {
            let mut pdf = PdfWriter::new(scene.face, &layout.title).with_picture_dpi(dpi);
            let drawn = draw_page(layout, scene, &mut pdf, progress)?;
            write(path, &pdf.finish()?)?;
            drawn
        }
        OutputFormat::Svg => {
            let mut svg = SvgWriter::new(scene.face).with_picture_dpi(dpi);
            let drawn = draw_page(layout, scene, &mut svg, progress)?;
            write(path, svg.finish().concat().as_bytes())?;
            drawn
        }
        OutputFormat::Dxf => {
            // The drawing lies where the ground is, so the frame must be known first.
            let place = layout
                .main_map()
                .map(|(item, map)| super::draw::frame_content(item.place.area(), map, scene))
                .transpose()?
                .map_or(upright(layout), |frame| frame.view.to_ground());
            let mut dxf = DxfWriter::new(scene.face, place);
            let drawn = draw_page(layout, scene, &mut dxf, progress)?;
            write(path, &dxf.finish().concat())?;
            drawn
        }
        OutputFormat::Png => {
            let (pixmap, drawn) = paint(layout, scene, dpi, progress)?;
            write(path, &picture::png(&pixmap, dpi)?)?;
            if let Some(view) = drawn.main {
                let world = path.with_extension("pgw");
                write(&world, world_file(&view, dpi).as_bytes())?;
                files.push(world);
            }
            drawn
        }
        OutputFormat::Tiff => {
            let (pixmap, drawn) = paint(layout, scene, dpi, progress)?;
            let bitmap = Bitmap {
                width: pixmap.width(),
                height: pixmap.height(),
                rgba: picture::rgba(&pixmap),
            };
            let transform = drawn.main.map(|view| pixel_to_ground(&view, dpi));
            geotiff::write(path, &bitmap, transform.as_ref(), scene.crs, dpi)?;
            drawn
        }
    };
    written.files.extend(files);
    written.tell(&drawn.issues);
    Ok(())
}

/// A page without a map, in millimetres with y upwards.
fn upright(layout: &Layout) -> Affine {
    Affine([1.0, 0.0, 0.0, -1.0, 0.0, layout.page.size_mm()[1]])
}

/// From the upper left corner of pixels to the ground.
fn pixel_to_ground(view: &FrameView, dpi: f64) -> Affine {
    let [a, b, c, d, e, f] = view.to_ground().0;
    let mm = 25.4 / dpi;
    Affine([a * mm, b * mm, c * mm, d * mm, e, f])
}

/// The six lines of a world file: it speaks of the middle of the first pixel.
fn world_file(view: &FrameView, dpi: f64) -> String {
    let map = pixel_to_ground(view, dpi);
    let [a, b, c, d, ..] = map.0;
    let [e, f] = map.apply([0.5, 0.5]);
    [a, b, c, d, e, f].iter().fold(String::new(), |mut out, v| {
        use std::fmt::Write as _;
        writeln!(out, "{v:.12}").ok();
        out
    })
}

fn numbered(path: &Path, page: &Layout, index: usize) -> PathBuf {
    let stem = path
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    let ending = path
        .extension()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    let number = match page.main_map().map(|(_, map)| &map.at) {
        Some(super::model::MapPlace::Sheet(number)) => number.clone(),
        _ => (index + 1).to_string(),
    };
    path.with_file_name(format!("{stem}-{number}.{ending}"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    crate::output::write(path, bytes)
}
