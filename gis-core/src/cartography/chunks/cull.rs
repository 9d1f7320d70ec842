//! Which blocks and runs a view needs. It draws nothing and holds no state between frames.

use super::{Chunk, Chunks, Detail, DrawnCounts, Edits, Level};

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// `[min_x, min_y, max_x, max_y]` in Mercator metres.
    pub bbox: [f64; 4],
    /// Mercator metres per pixel.
    pub metres_per_px: f64,
    /// The turned rectangle that `bbox` is the box of; `None` where north is up.
    pub slant: Option<Slant>,
}

/// A rectangle that does not stand upright on the map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slant {
    /// Mercator metres.
    pub centre: [f64; 2],
    /// Half its width and height in Mercator metres.
    pub half: [f64; 2],
    /// Clockwise turn of the map within it.
    pub rotation_rad: f64,
}

impl Slant {
    /// Whether the box reaches into the rectangle, judged along the rectangle's own axes (the other two of the
    /// separating axes are those of [`View::bbox`]).
    fn meets(&self, bbox: [f64; 4]) -> bool {
        let middle = [
            f64::midpoint(bbox[0], bbox[2]) - self.centre[0],
            f64::midpoint(bbox[1], bbox[3]) - self.centre[1],
        ];
        let reach = [(bbox[2] - bbox[0]) / 2.0, (bbox[3] - bbox[1]) / 2.0];
        let (sin, cos) = self.rotation_rad.sin_cos();
        // Right and up of the screen, as directions on the map.
        [[cos, sin], [-sin, cos]]
            .iter()
            .zip(self.half)
            .all(|(axis, half)| {
                let distance = (middle[0] * axis[0] + middle[1] * axis[1]).abs();
                distance <= half + reach[0] * axis[0].abs() + reach[1] * axis[1].abs()
            })
    }
}

impl View {
    /// The view with a rim of some pixels, for lines and symbols whose middle lies outside.
    #[must_use]
    pub fn grown(self, rim_px: f64) -> Self {
        let rim = rim_px * self.metres_per_px;
        let b = self.bbox;
        Self {
            bbox: [b[0] - rim, b[1] - rim, b[2] + rim, b[3] + rim],
            slant: self.slant.map(|slant| Slant {
                half: slant.half.map(|side| side + rim),
                ..slant
            }),
            ..self
        }
    }

    /// Whether any of a box may be seen.
    pub fn meets(&self, bbox: [f64; 4]) -> bool {
        let v = self.bbox;
        let is_near = bbox[0] <= v[2] && bbox[2] >= v[0] && bbox[1] <= v[3] && bbox[3] >= v[1];
        is_near && self.slant.is_none_or(|slant| slant.meets(bbox))
    }
}

/// A stretch of instances of one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    pub chunk: u32,
    pub start: u32,
    pub end: u32,
}

/// What one frame draws of one kind; kept between frames only for its memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DrawList {
    pub draws: Vec<Draw>,
    pub chunk_count: usize,
    pub instance_count: usize,
}

impl DrawList {
    fn clear(&mut self) {
        self.draws.clear();
        self.chunk_count = 0;
        self.instance_count = 0;
    }

    /// Adds the shown runs of every block in view; neighbouring runs become one draw.
    pub fn collect<T>(&mut self, chunks: &[Chunk<T>], view: &View, is_shown: &[bool]) {
        self.collect_each(
            chunks.iter().enumerate().map(|(i, chunk)| (i as u32, chunk)),
            view,
            is_shown,
        );
    }

    pub(super) fn collect_each<'a, T: 'a>(
        &mut self,
        chunks: impl Iterator<Item = (u32, &'a Chunk<T>)>,
        view: &View,
        is_shown: &[bool],
    ) {
        self.clear();
        for (i, chunk) in chunks.filter(|(_, chunk)| view.meets(chunk.bbox)) {
            let before = self.draws.len();
            for run in &chunk.runs {
                if !is_shown.get(usize::from(run.style)).copied().unwrap_or(true) {
                    continue;
                }
                self.instance_count += (run.end - run.start) as usize;
                match self.draws.get_mut(before..).and_then(<[Draw]>::last_mut) {
                    Some(draw) if draw.end == run.start => draw.end = run.end,
                    _ => self.draws.push(Draw {
                        chunk: i,
                        start: run.start,
                        end: run.end,
                    }),
                }
            }
            self.chunk_count += usize::from(self.draws.len() > before);
        }
    }
}

impl Chunks {
    /// The level for a scale.
    pub fn level_at(&self, metres_per_px: f64) -> usize {
        self.levels
            .iter()
            .rposition(|level| metres_per_px >= level.from_metres_per_px)
            .unwrap_or(0)
    }

    pub fn level(&self, detail: Detail) -> &Level {
        let position = self.levels.iter().position(|level| level.detail == detail);
        &self.levels[position.unwrap_or(0)]
    }

    /// As [`Self::lines_in_view`], with the changes made since and without what no feature's look lets be drawn.
    pub fn edited_lines_in_view(
        &self,
        (edits, drawn): (&Edits, &DrawnCounts),
        view: &View,
        is_shown: &[bool],
        budget: usize,
        list: &mut DrawList,
    ) -> usize {
        let mut level = self.level_at(view.metres_per_px);
        loop {
            edits
                .level(level)
                .collect(&self.levels[level].chunks, view, is_shown, list);
            list.leave_out(drawn.level(level));
            if list.instance_count <= budget || level + 1 == self.levels.len() {
                return level;
            }
            level += 1;
        }
    }

    /// Lines in view; returns the level used. A view that would need more than `budget` instances gets the next
    /// coarser level.
    pub fn lines_in_view(&self, view: &View, is_shown: &[bool], budget: usize, list: &mut DrawList) -> usize {
        let mut level = self.level_at(view.metres_per_px);
        loop {
            list.collect(&self.levels[level].chunks, view, is_shown);
            if list.instance_count <= budget || level + 1 == self.levels.len() {
                return level;
            }
            level += 1;
        }
    }
}
