//! Pixels laid into a view, block by block, so that a large sheet is read as carefully as a small one and can be
//! stopped. It reads pictures; tiles have a file of their own.

use std::sync::Arc;

use super::BackdropView;
use crate::cartography::WebPlace;
use crate::error::Result;
use crate::io::raster::{Imagery, Picture};
use crate::progress::Progress;

/// Side of a block.
const BLOCK: usize = 512;
/// A picture is not made finer than so many dots for one of its own.
const DOTS_PER_PIXEL: f64 = 1.5;

/// A picture cut and turned to fit a view.
#[derive(Debug, Clone, PartialEq)]
pub struct Drape {
    /// Left, top, width and height in millimetres of the view.
    pub area_mm: [f64; 4],
    pub size: [usize; 2],
    /// Straight alpha, row by row from the top.
    pub rgba: Vec<u8>,
}

impl Drape {
    #[must_use]
    pub(super) fn faded(mut self, opacity: f32) -> Self {
        let opacity = opacity.clamp(0.0, 1.0);
        if opacity < 1.0 {
            for pixel in self.rgba.as_chunks_mut::<4>().0 {
                pixel[3] = (f32::from(pixel[3]) * opacity).round() as u8;
            }
        }
        self
    }
}

/// Fills a picture of the view: `read` gives a block by its upper left pixel and its size. What stays empty around it
/// is cut off; `None` where all of it does.
pub(super) fn blocks(
    view: &BackdropView,
    size: [usize; 2],
    progress: &dyn Progress,
    mut read: impl FnMut([usize; 2], [usize; 2]) -> Result<Option<Picture>>,
) -> Result<Option<Drape>> {
    let mut rgba = vec![0_u8; size[0] * size[1] * 4];
    for top in (0..size[1]).step_by(BLOCK) {
        for left in (0..size[0]).step_by(BLOCK) {
            progress.check()?;
            let block = [BLOCK.min(size[0] - left), BLOCK.min(size[1] - top)];
            let Some(picture) = read([left, top], block)? else {
                continue;
            };
            for (row, line) in picture.pixels.chunks_exact(block[0] * 4).enumerate() {
                let at = ((top + row) * size[0] + left) * 4;
                rgba[at..at + line.len()].copy_from_slice(line);
            }
        }
    }
    Ok(trimmed(view, size, &rgba))
}

/// The part that is not empty.
fn trimmed(view: &BackdropView, size: [usize; 2], rgba: &[u8]) -> Option<Drape> {
    let (mut low, mut high) = ([usize::MAX; 2], [0; 2]);
    for (i, pixel) in rgba.as_chunks::<4>().0.iter().enumerate() {
        if pixel[3] > 0 {
            for (axis, at) in [i % size[0], i / size[0]].into_iter().enumerate() {
                low[axis] = low[axis].min(at);
                high[axis] = high[axis].max(at + 1);
            }
        }
    }
    if low[0] >= high[0] {
        return None;
    }
    let part = [high[0] - low[0], high[1] - low[1]];
    let rows = rgba.chunks_exact(size[0] * 4).take(high[1]).skip(low[1]);
    let mm = [0, 1].map(|axis| view.size_mm[axis] / size[axis] as f64);
    Some(Drape {
        area_mm: [
            low[0] as f64 * mm[0],
            low[1] as f64 * mm[1],
            part[0] as f64 * mm[0],
            part[1] as f64 * mm[1],
        ],
        size: part,
        rgba: rows
            .flat_map(|row| &row[low[0] * 4..high[0] * 4])
            .copied()
            .collect(),
    })
}

/// A picture of the ground in a view, and whether it is coarser than it could be.
pub(super) fn imagery(
    imagery: &Arc<Imagery>,
    view: &BackdropView,
    place: &WebPlace,
    progress: &dyn Progress,
) -> Result<(Option<Drape>, bool)> {
    let b = imagery.web_box();
    let meets = view
        .web_box(place)
        .is_some_and(|v| v[0] < b[2] && b[0] < v[2] && v[1] < b[3] && b[1] < v[3]);
    let (true, Some(web_m_per_mm)) = (meets, view.web_m_per_mm(place)) else {
        return Ok((None, false));
    };
    let info = imagery.info();
    let own_m = (b[2] - b[0]).max(b[3] - b[1]) / info.columns.max(info.rows) as f64;
    let most_dpi = web_m_per_mm * 25.4 / own_m * DOTS_PER_PIXEL;
    let Some(size) = view.pixels(most_dpi) else {
        return Ok((None, false));
    };
    let reader = imagery.reader()?;
    let mut is_coarse = false;
    let drape = blocks(view, size, progress, |from, block| {
        let read = reader.drape(block, |points| {
            for p in points.iter_mut() {
                *p = [p[0] + from[0] as f64, p[1] + from[1] as f64];
            }
            view.lay_on_web(size, place, points);
        })?;
        is_coarse |= read.as_ref().is_some_and(|picture| picture.is_coarse);
        Ok(read)
    })?;
    Ok((drape, is_coarse))
}
