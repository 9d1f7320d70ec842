//! What stands in ruled boxes: the title block, the table of features in the map, the numbers of the sheets around.

use std::collections::BTreeMap;

use super::Pen;
use crate::layout::frame::FrameView;
use crate::layout::model::{TableItem, TitleBlockItem};
use crate::layout::sheets::Sheet;
use crate::layout::surface::{Align, Area, Outline, Stroke, Surface};
use crate::schema::GeometryKind;
use crate::text::{Message, translate};

/// Title across the top, below it the fields in two columns of name and value.
pub(super) fn title_block(
    pen: &Pen<'_>,
    item: &TitleBlockItem,
    values: &BTreeMap<String, String>,
    surface: &mut dyn Surface,
) {
    let size = item.size_mm.clamp(1.0, 20.0);
    let a = pen.area;
    surface.fill(&Outline::rectangle(a), pen.scene.paper());
    pen.frame(surface, a, 0.5);
    let rows = item.fields.len().div_ceil(2);
    let head = (a.height / (rows as f64 + 1.6) * 1.6).max(size);
    let row = (a.height - head) / rows.max(1) as f64;
    let title = values.get("title").map_or("", String::as_str);
    let title_size = (size * 1.7).min(head * 0.7);
    pen.fitted(
        surface,
        title,
        [a.centre()[0], a.y + head / 2.0 + title_size * 0.36],
        title_size,
        (Align::Centre, a.width - size),
    );
    let half = a.width / 2.0;
    let label_mm = (half * 0.34).min(size * 7.0);
    for (i, key) in item.fields.iter().enumerate() {
        let x = a.x + (i % 2) as f64 * half;
        let y = a.y + head + (i / 2) as f64 * row;
        let baseline = y + row / 2.0 + size * 0.36;
        let label = translate(&format!("layout.field.{key}"), pen.scene.lang);
        let label = if label.starts_with("layout.field.") {
            key.clone()
        } else {
            label
        };
        let value = values.get(key).map_or("", String::as_str);
        let inset = size * 0.4;
        // What is too long is set smaller before it is cut.
        let mut words = |text: &str, x: f64, room: f64| {
            let most = room / pen.scene.face.width(text, 1.0).max(0.1);
            let size = size.min(most.max(size * 0.6));
            pen.fitted(surface, text, [x, baseline], size, (Align::Left, room));
        };
        words(&label, x + inset, label_mm - inset * 1.5);
        words(value, x + label_mm + inset, half - label_mm - inset * 2.0);
        pen.line(surface, &[[x, y], [x + half, y]], 0.15);
        pen.line(surface, &[[x + label_mm, y], [x + label_mm, y + row]], 0.15);
        if i % 2 == 1 {
            pen.line(surface, &[[x, y], [x, y + row]], 0.15);
        }
    }
}

/// The features of a class in the map, as many as fit, and how many do not.
pub(super) fn features(pen: &Pen<'_>, item: &TableItem, view: &FrameView, surface: &mut dyn Surface) {
    let size = item.size_mm.clamp(1.0, 20.0);
    let a = pen.area;
    let row_mm = size * 1.6;
    let scene = pen.scene;
    let Some(class) = scene.schema.class_index(&item.class) else {
        return;
    };
    let is_line = scene.schema.class(class).geometry == GeometryKind::Line;
    let keys: &[(&str, f64)] = if is_line {
        &[
            ("layout.table.number", 0.1),
            ("layout.table.code", 0.3),
            ("layout.table.diameter", 0.18),
            ("layout.table.material", 0.24),
            ("layout.table.length", 0.18),
        ]
    } else {
        &[
            ("layout.table.number", 0.1),
            ("layout.table.code", 0.3),
            ("layout.table.diameter", 0.16),
            ("layout.table.x", 0.22),
            ("layout.table.y", 0.22),
        ]
    };
    let rows = if is_line {
        pipe_rows(pen, class, view)
    } else {
        node_rows(pen, class, view)
    };
    surface.fill(&Outline::rectangle(a), pen.scene.paper());
    let title = scene.schema.class(class).label.text(scene.lang).to_owned();
    pen.fitted(
        surface,
        &title,
        [a.centre()[0], a.y + row_mm * 0.5 + size * 0.36],
        size,
        (Align::Centre, a.width),
    );
    let fit = ((a.height / row_mm).floor() as usize).saturating_sub(2);
    let listed = if rows.len() > fit {
        fit.saturating_sub(1)
    } else {
        rows.len()
    };
    let heads = keys.iter().map(|(key, _)| translate(key, scene.lang));
    let body = rows.iter().take(listed).enumerate().map(|(i, row)| {
        let mut cells = vec![(i + 1).to_string()];
        cells.extend(row.iter().cloned());
        cells
    });
    let mut y = a.y + row_mm;
    for cells in std::iter::once(heads.collect::<Vec<_>>()).chain(body) {
        let mut x = a.x;
        for (cell, (_, share)) in cells.iter().zip(keys) {
            let width = a.width * share;
            pen.fitted(
                surface,
                cell,
                [x + width / 2.0, y + row_mm / 2.0 + size * 0.36],
                size,
                (Align::Centre, width - 0.6),
            );
            x += width;
        }
        pen.line(surface, &[[a.x, y], [a.right(), y]], 0.1);
        y += row_mm;
    }
    if listed < rows.len() && fit > 0 {
        pen.line(surface, &[[a.x, y], [a.right(), y]], 0.1);
        let more = Message::new("layout.table.more")
            .with("count", rows.len() - listed)
            .text(scene.lang);
        pen.fitted(
            surface,
            &more,
            [a.x + 1.0, y + row_mm / 2.0 + size * 0.36],
            size,
            (Align::Left, a.width - 2.0),
        );
        y += row_mm;
    }
    let mut x = a.x;
    let ruled_to = a.y + row_mm * (listed as f64 + 2.0);
    for (_, share) in keys.iter().take(keys.len() - 1) {
        x += a.width * share;
        pen.line(surface, &[[x, a.y + row_mm], [x, ruled_to]], 0.1);
    }
    pen.frame(surface, Area::new(a.x, a.y, a.width, y - a.y), 0.25);
}

fn diameter(mm: f32) -> String {
    if mm.is_finite() && mm > 0.0 {
        format!("DN{mm:.0}")
    } else {
        String::new()
    }
}

/// Code, diameter, material and length of the pipes with some stretch in the frame, by code.
fn pipe_rows(pen: &Pen<'_>, class: crate::ClassIndex, view: &FrameView) -> Vec<[String; 4]> {
    let network = pen.scene.network;
    let mut rows: Vec<[String; 4]> = network
        .pipes_in_box(view.bounds(0.0))
        .into_iter()
        .filter(|pipe| network.pipe_class(*pipe) == class)
        .filter(|pipe| {
            let mut is_inside = false;
            view.clipped(network.pipe_vertices(*pipe), 0.0, |_| is_inside = true);
            is_inside
        })
        .map(|pipe| {
            let material = network
                .pipe_material(pipe)
                .and_then(|m| pen.scene.material(m))
                .map_or("", |entry| entry.label.text(pen.scene.lang));
            [
                network.pipe_code(pipe).to_owned(),
                diameter(network.pipe_diameter_mm(pipe)),
                material.to_owned(),
                format!("{:.2}", network.pipe_length_m(pipe)),
            ]
        })
        .collect();
    rows.sort();
    rows
}

/// Code, diameter and place of the nodes in the frame, by code. X is northing, as Chinese surveyors write it.
fn node_rows(pen: &Pen<'_>, class: crate::ClassIndex, view: &FrameView) -> Vec<[String; 4]> {
    let network = pen.scene.network;
    let decimals = if pen.scene.crs.is_geographic { 7 } else { 3 };
    let mut rows: Vec<[String; 4]> = network
        .nodes_in_box(view.bounds(0.0))
        .into_iter()
        .filter(|node| network.node_class(*node) == class)
        .filter(|node| view.area.contains(view.page(network.position(*node)), 0.0))
        .map(|node| {
            let [east, north] = network.position(node);
            [
                network.node_code(node).to_owned(),
                diameter(network.node_diameter_mm(node)),
                format!("{north:.decimals$}"),
                format!("{east:.decimals$}"),
            ]
        })
        .collect();
    rows.sort();
    rows
}

/// 接图表: nine boxes, the hatched one in the middle is this sheet.
pub(super) fn neighbours(pen: &Pen<'_>, sheet: Option<&Sheet>, surface: &mut dyn Surface) {
    let a = pen.area;
    let (w, h) = (a.width / 3.0, a.height / 3.0);
    for row in 0..3_i32 {
        for column in 0..3_i32 {
            let cell = Area::new(a.x + f64::from(column) * w, a.y + f64::from(row) * h, w, h);
            pen.frame(surface, cell, 0.15);
            if (row, column) == (1, 1) {
                hatch(pen, cell, surface);
                continue;
            }
            let number = sheet.and_then(|s| s.neighbour(column - 1, 1 - row));
            if let Some(number) = number {
                let [x, y] = cell.centre();
                let text = &number.number;
                let size = (h * 0.4).min((w - 0.8) / pen.scene.face.width(text, 1.0));
                pen.words(surface, text, [x, y + size * 0.36], size, Align::Centre);
            }
        }
    }
}

fn hatch(pen: &Pen<'_>, cell: Area, surface: &mut dyn Surface) {
    let mut lines = Outline::default();
    let reach = cell.width + cell.height;
    let mut offset = 1.2;
    while offset < reach {
        let (a, b) = (
            [cell.x + offset, cell.y],
            [cell.x + offset - cell.height, cell.bottom()],
        );
        if let Some(line) = cell.clip(a, b) {
            lines.add_line(&line);
        }
        offset += 1.2;
    }
    surface.stroke(&lines, &Stroke::solid(pen.scene.ink(), 0.1));
}
