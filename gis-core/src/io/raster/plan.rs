//! Decides how much of a raster is read for a view: which window, at which size, and when to read sparsely because
//! the picture has no pyramids. It reads nothing.

use gdal::raster::ResampleAlg;

/// Bytes worth decoding to average them; beyond, single pixels are read.
const AVERAGED_BYTES: u64 = 24 << 20;
/// Bytes decoded for one view at most, whatever the picture.
pub(super) const MOST_BYTES: u64 = 64 << 20;
/// GDAL takes a level that is somewhat coarser than asked for; so do we.
const COARSER: f64 = 1.2;

/// The parts of a description that decide.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) size: [usize; 2],
    pub(super) block: [usize; 2],
    /// Bytes of a pixel in all bands read.
    pub(super) pixel_bytes: usize,
    pub(super) overviews: Vec<[usize; 2]>,
    /// Values must not be mixed: palettes, a nodata value GDAL does not know of.
    pub(super) is_unmixable: bool,
}

/// A window of the raster and the size it is read at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadPlan {
    pub(super) from: [usize; 2],
    pub(super) window: [usize; 2],
    pub(super) read: [usize; 2],
    pub(super) resample: ResampleAlg,
    /// Coarser than the view asked for: pyramids are missing.
    pub(super) is_coarse: bool,
    /// Bytes decoded at most.
    pub(super) bytes: u64,
}

impl Layout {
    /// `low` and `high` bound the pixels wanted; `step` is how many of them one pixel of the view covers.
    /// `None` where the raster has nothing there.
    pub(super) fn plan(&self, low: [f64; 2], high: [f64; 2], step: f64) -> Option<ReadPlan> {
        let step = if step.is_finite() { step.max(1.0) } else { 1.0 };
        let rim = step.ceil() + 1.0;
        let mut from = [0; 2];
        let mut window = [0; 2];
        for axis in 0..2 {
            let side = self.size[axis] as f64;
            if high[axis] < 0.0 || low[axis] > side || low[axis].is_nan() || high[axis].is_nan() {
                return None;
            }
            let start = (low[axis] - rim).floor().clamp(0.0, side - 1.0);
            let end = (high[axis] + rim).ceil().clamp(start + 1.0, side);
            from[axis] = start as usize;
            window[axis] = (end - start) as usize;
        }
        let wanted = window.map(|w| ((w as f64 / step).ceil() as usize).clamp(1, w));
        let level = self.level(step);
        let (all, rest) = (self.touched(window, level, window), step / level);
        if !self.is_unmixable && all <= AVERAGED_BYTES {
            return Some(ReadPlan {
                from,
                window,
                read: wanted,
                resample: if rest > 1.5 {
                    ResampleAlg::Average
                } else {
                    ResampleAlg::Bilinear
                },
                is_coarse: false,
                bytes: all,
            });
        }
        let mut read = wanted;
        while self.touched(window, level, read) > MOST_BYTES && (read[0] > 1 || read[1] > 1) {
            read = read.map(|r| (r * 3 / 4).max(1));
        }
        Some(ReadPlan {
            from,
            window,
            read,
            resample: ResampleAlg::NearestNeighbour,
            is_coarse: read != wanted,
            bytes: self.touched(window, level, read),
        })
    }

    /// How much smaller than the raster the level is that GDAL reads for a step.
    fn level(&self, step: f64) -> f64 {
        self.overviews
            .iter()
            .map(|size| self.size[0] as f64 / size[0].max(1) as f64)
            .filter(|factor| *factor <= step * COARSER)
            .fold(1.0, f64::max)
    }

    /// Bytes of the blocks that `samples` evenly spread pixels of a window touch.
    fn touched(&self, window: [usize; 2], level: f64, samples: [usize; 2]) -> u64 {
        let blocks = [0, 1].map(|axis| {
            let pixels = (window[axis] as f64 / level).ceil() as usize;
            let blocks =
                pixels.div_ceil(self.block[axis].max(1)) + usize::from(self.block[axis] < self.size[axis]);
            blocks.min(samples[axis]) as u64
        });
        let block_bytes = self.block.iter().map(|b| *b as u64).product::<u64>() * self.pixel_bytes as u64;
        // A block is never larger than the picture.
        blocks[0] * blocks[1] * block_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn huge(block: [usize; 2], overviews: Vec<[usize; 2]>) -> Layout {
        Layout {
            size: [100_000, 100_000],
            block,
            pixel_bytes: 3,
            overviews,
            is_unmixable: false,
        }
    }

    #[test]
    fn a_huge_picture_without_pyramids_is_read_sparsely_whatever_it_is_cut_into() {
        for block in [
            [256, 256],
            [512, 512],
            [100_000, 1],
            [100_000, 16],
            [1_024, 1_024],
        ] {
            let plan = huge(block, Vec::new())
                .plan([0.0, 0.0], [100_000.0, 100_000.0], 390.0)
                .unwrap();
            assert!(plan.bytes <= MOST_BYTES, "{block:?}: {plan:?}");
            assert_eq!(plan.resample, ResampleAlg::NearestNeighbour);
            assert!(plan.read[0] >= 4 && plan.read[1] >= 4, "{block:?}: {plan:?}");
        }
        let coarse = huge([256, 256], Vec::new())
            .plan([0.0, 0.0], [100_000.0, 100_000.0], 390.0)
            .unwrap();
        assert!(coarse.is_coarse);
    }

    #[test]
    fn with_pyramids_the_same_view_is_sharp_and_reads_a_thousandth() {
        let levels = (1..9).map(|p| [100_000 >> p, 100_000 >> p]).collect();
        let plan = huge([256, 256], levels)
            .plan([0.0, 0.0], [100_000.0, 100_000.0], 390.0)
            .unwrap();
        assert!(!plan.is_coarse && plan.bytes < 4 << 20, "{plan:?}");
        assert_eq!(plan.read, [257, 257]);
    }

    #[test]
    fn from_near_only_the_window_is_read_pixel_by_pixel() {
        let plan = huge([256, 256], Vec::new())
            .plan([50_000.0, 20_000.0], [50_256.0, 20_256.0], 1.0)
            .unwrap();
        assert_eq!(
            (plan.from, plan.window, plan.read),
            ([49_998, 19_998], [260, 260], [260, 260])
        );
        assert!(plan.bytes < 4 << 20);
        assert_eq!(
            huge([256, 256], Vec::new()).plan([-90.0, 5.0], [-10.0, 60.0], 1.0),
            None
        );
        assert_eq!(
            huge([256, 256], Vec::new()).plan([f64::NAN, 5.0], [10.0, 60.0], 1.0),
            None
        );
    }
}
