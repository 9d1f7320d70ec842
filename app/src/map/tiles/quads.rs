//! A tile as a mesh of the painter. It does not know where the picture comes from.

use egui::epaint::Vertex;
use egui::{Color32, Mesh, Painter, Shape, TextureId, pos2};

use super::grid::Patch;
use crate::map::camera::Camera;

/// Draws the part `[left, top, side]` (fractions) of a texture over a patch of the map.
pub(in crate::map) fn draw_quad(
    painter: &Painter,
    camera: &Camera,
    patch: &Patch,
    texture: TextureId,
    [left, top, side]: [f32; 3],
    opacity: f32,
) {
    let mut mesh = Mesh::with_texture(texture);
    let colour = Color32::WHITE.gamma_multiply(opacity);
    let strips = patch.y.len().max(2) - 1;
    for (i, y) in patch.y.iter().enumerate() {
        let v = top + side * i as f32 / strips as f32;
        for (x, u) in [(patch.x[0], left), (patch.x[1], left + side)] {
            mesh.vertices.push(Vertex {
                pos: camera.screen_from_world([x, *y]),
                uv: pos2(u, v),
                color: colour,
            });
        }
    }
    for strip in 0..strips as u32 {
        let first = strip * 2;
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first + 1, first + 3, first + 2);
    }
    painter.add(Shape::mesh(mesh));
}
