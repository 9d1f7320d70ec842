//! Triangles for a foreign layer: areas filled, lines as thin ribbons, points as small squares, about an origin of
//! their own so that single precision does. It knows no graphics card and no window.

use geo::{Coord, LineString, Polygon, TriangulateEarcut as _};

use crate::io::sketch::{Piece, Sketch};

/// How one part of a sketch is drawn. A width of nothing leaves the lines out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SketchLook {
    pub width_px: f32,
    pub point_px: f32,
    pub is_filled: bool,
}

impl Default for SketchLook {
    fn default() -> Self {
        Self {
            width_px: 1.0,
            point_px: 4.0,
            is_filled: true,
        }
    }
}

/// What a vertex is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    Line,
    Fill,
}

/// Triangles of one or more sketches.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SketchMesh {
    /// Web Mercator metres that the positions count from.
    pub origin: [f64; 2],
    /// East and north of the origin in metres.
    pub positions: Vec<[f32; 2]>,
    /// Which sketch a vertex belongs to, and whether to its lines or its fill; one per position.
    pub paints: Vec<(u8, Paint)>,
    pub indices: Vec<u32>,
    /// Lettering, with its sketch.
    pub texts: Vec<(u8, [f64; 2], String)>,
    /// Some of it is left out.
    pub is_cut: bool,
}

impl SketchMesh {
    /// `metres_per_px` makes widths of pixels.
    pub fn build(sketches: &[(&Sketch, SketchLook)], origin: [f64; 2], metres_per_px: f64) -> Self {
        let mut mesh = Self {
            origin,
            ..Self::default()
        };
        // Fills lie under the lines of all.
        for (i, (sketch, look)) in sketches.iter().enumerate() {
            mesh.is_cut |= sketch.is_cut;
            if look.is_filled {
                for piece in &sketch.pieces {
                    if let Piece::Area(rings) = piece {
                        mesh.fill(i as u8, rings);
                    }
                }
            }
        }
        for (i, (sketch, look)) in sketches.iter().enumerate() {
            let half_width = f64::from(look.width_px) * metres_per_px / 2.0;
            let half_point = f64::from(look.point_px) * metres_per_px / 2.0;
            for piece in &sketch.pieces {
                match piece {
                    Piece::Line(line) => mesh.ribbon(i as u8, line, half_width),
                    Piece::Area(rings) => {
                        for ring in rings {
                            mesh.ribbon(i as u8, ring, half_width);
                        }
                    }
                    Piece::Point(p) => mesh.ribbon(
                        i as u8,
                        &[[p[0] - half_point, p[1]], [p[0] + half_point, p[1]]],
                        half_point,
                    ),
                    Piece::Text(p, text) => mesh.texts.push((i as u8, *p, text.clone())),
                }
            }
        }
        mesh
    }

    fn vertex(&mut self, part: u8, paint: Paint, p: [f64; 2]) {
        self.positions
            .push([(p[0] - self.origin[0]) as f32, (p[1] - self.origin[1]) as f32]);
        self.paints.push((part, paint));
    }

    /// A ring that crosses itself is filled as well as it can be; it never fails.
    fn fill(&mut self, part: u8, rings: &[Vec<[f64; 2]>]) {
        let origin = self.origin;
        let mut lines = rings.iter().map(|ring| {
            let coords = ring.iter().map(|p| Coord {
                x: p[0] - origin[0],
                y: p[1] - origin[1],
            });
            LineString::new(coords.collect())
        });
        let Some(outer) = lines.next() else { return };
        let triangles = Polygon::new(outer, lines.collect()).earcut_triangles_raw();
        let first = self.positions.len() as u32;
        for [x, y] in triangles.vertices {
            self.positions.push([x as f32, y as f32]);
            self.paints.push((part, Paint::Fill));
        }
        self.indices
            .extend(triangles.triangle_indices.iter().map(|i| first + *i as u32));
    }

    fn ribbon(&mut self, part: u8, line: &[[f64; 2]], half_width: f64) {
        if half_width <= 0.0 {
            return;
        }
        for pair in line.windows(2) {
            let [a, b] = [pair[0], pair[1]];
            let length = (b[0] - a[0]).hypot(b[1] - a[1]);
            if length <= 0.0 {
                continue;
            }
            let across = [
                -(b[1] - a[1]) / length * half_width,
                (b[0] - a[0]) / length * half_width,
            ];
            let first = self.positions.len() as u32;
            for (p, side) in [(a, 1.0), (a, -1.0), (b, 1.0), (b, -1.0)] {
                self.vertex(
                    part,
                    Paint::Line,
                    [p[0] + across[0] * side, p[1] + across[1] * side],
                );
            }
            self.indices
                .extend([0, 1, 2, 1, 3, 2].map(|corner| first + corner));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area_of(mesh: &SketchMesh, paint: Paint) -> f64 {
        mesh.indices
            .chunks_exact(3)
            .filter(|t| mesh.paints[t[0] as usize].1 == paint)
            .map(|t| {
                let [a, b, c] = [0, 1, 2].map(|i| mesh.positions[t[i] as usize].map(f64::from));
                (((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) / 2.0).abs()
            })
            .sum()
    }

    #[test]
    fn an_area_with_a_hole_is_filled_without_the_hole_far_from_the_origin_of_the_map() {
        let at = [9.75e6, 5.43e6];
        let square = |from: f64, to: f64| -> Vec<[f64; 2]> {
            [[from, from], [to, from], [to, to], [from, to], [from, from]]
                .map(|p| [p[0] + at[0], p[1] + at[1]])
                .to_vec()
        };
        let mut sketch = Sketch::default();
        sketch.push(Piece::Area(vec![square(0.0, 100.0), square(40.0, 60.0)]));
        let mesh = SketchMesh::build(&[(&sketch, SketchLook::default())], at, 0.5);
        assert!((area_of(&mesh, Paint::Fill) - 9_600.0).abs() < 0.5);
        // Rings of 400 and 80 m, half a metre wide.
        assert!((area_of(&mesh, Paint::Line) - 240.0).abs() < 0.5);
        let outline = SketchLook {
            is_filled: false,
            ..SketchLook::default()
        };
        let mesh = SketchMesh::build(&[(&sketch, outline)], at, 0.5);
        assert!(area_of(&mesh, Paint::Fill) < 1e-9);
    }

    #[test]
    fn degenerate_pieces_draw_nothing_and_do_not_fail() {
        let mut sketch = Sketch::default();
        sketch.push(Piece::Line(vec![[1.0, 1.0], [1.0, 1.0]]));
        sketch.push(Piece::Area(vec![vec![
            [0.0, 0.0],
            [1.0, 1.0],
            [2.0, 2.0],
            [0.0, 0.0],
        ]]));
        sketch.push(Piece::Text([0.0, 0.0], "路".into()));
        let mesh = SketchMesh::build(&[(&sketch, SketchLook::default())], [0.0, 0.0], 1.0);
        assert!(area_of(&mesh, Paint::Fill) < 1e-9);
        assert_eq!(mesh.texts.len(), 1);
        assert!(mesh.positions.iter().flatten().all(|v| v.is_finite()));
    }
}
