//! Profiles and sections for handing on: a drawing, or a workbook where the file's name ends in .xlsx.

use std::path::Path;

use chrono::NaiveDateTime;

use super::sheet::{Book, Cell, Column, column};
use crate::depth::profile::{Profile, Station};
use crate::depth::section::CrossSection;
use crate::depth::sheet::{ProfileSheet, SectionSheet};
use crate::error::Result;
use crate::network::Network;

/// Dots per inch of a drawing saved as a picture.
const DPI: f64 = 150.0;

const PROFILE: [Column; 9] = [
    column("depth.row.distance"),
    column("depth.row.node"),
    column("depth.row.ground"),
    column("depth.row.crown"),
    column("depth.row.cover"),
    column("depth.column.pipe"),
    column("depth.row.size"),
    column("depth.row.slope"),
    column("depth.row.length"),
];

const SECTION: [Column; 8] = [
    column("depth.row.distance"),
    column("depth.column.pipe"),
    column("depth.row.size"),
    column("depth.row.ground"),
    column("depth.row.crown"),
    column("depth.row.cover"),
    column("depth.row.spacing"),
    column("depth.row.gap"),
];

impl ProfileSheet<'_> {
    /// Writes the drawing (PDF, SVG, DXF, PNG) or the figures (.xlsx), by the ending of the file's name; `created` is local
    /// time.
    ///
    /// # Errors
    /// As [`ProfileSheet::write`].
    pub fn save(&self, path: &Path, created: NaiveDateTime) -> Result<()> {
        if !is_workbook(path) {
            return self.write(path, DPI);
        }
        let mut book = Book::new(self.lang, self.title, created)?;
        book.table(
            "depth.pane.along",
            &PROFILE,
            &profile_rows(self.network, self.profile),
        )?;
        keep(path, book)
    }
}

impl SectionSheet<'_> {
    /// As [`ProfileSheet::save`].
    ///
    /// # Errors
    /// As [`SectionSheet::write`].
    pub fn save(&self, path: &Path, created: NaiveDateTime) -> Result<()> {
        if !is_workbook(path) {
            return self.write(path, DPI);
        }
        let mut book = Book::new(self.lang, self.title, created)?;
        book.table(
            "depth.pane.across",
            &SECTION,
            &section_rows(self.network, self.section),
        )?;
        keep(path, book)
    }
}

fn is_workbook(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"))
}

fn keep(path: &Path, book: Book) -> Result<()> {
    crate::output::write(path, &book.finish()?)
}

fn metres(value: Option<f64>, decimals: u8) -> Cell {
    value.map_or_else(|| Cell::text(""), |value| Cell::number(value, decimals))
}

/// A row for every point of the way, with the pipe that leads on from there.
fn profile_rows(network: &Network, profile: &Profile) -> Vec<Vec<Cell>> {
    let station = |station: &Station| {
        vec![
            Cell::number(station.at_m, 2),
            Cell::text(station.node.map_or("", |node| network.node_code(node))),
            metres(station.ground_m, 3),
            metres(station.crown_m, 3),
            metres(station.cover_m(), 3),
        ]
    };
    let mut rows: Vec<Vec<Cell>> = profile
        .stretches
        .iter()
        .map(|stretch| {
            let mut row = station(&stretch.start);
            row.push(Cell::text(network.pipe_code(stretch.pipe)));
            row.push(metres(stretch.diameter_mm, 0));
            row.push(metres(stretch.slope_permille(), 2));
            row.push(Cell::number(stretch.end.at_m - stretch.start.at_m, 2));
            row
        })
        .collect();
    if let Some(last) = profile.stretches.last() {
        let mut row = station(&last.end);
        row.resize_with(PROFILE.len(), || Cell::text(""));
        rows.push(row);
    }
    rows
}

/// A row for every pipe, with the distances to the one before it.
fn section_rows(network: &Network, section: &CrossSection) -> Vec<Vec<Cell>> {
    let before = std::iter::once(None).chain(section.spacings().map(Some));
    let cuts = section.cuts.iter().zip(before);
    cuts.map(|(cut, before)| {
        vec![
            Cell::number(cut.at_m, 2),
            Cell::text(network.pipe_code(cut.pipe)),
            metres(cut.diameter_mm, 0),
            metres(cut.ground_m, 3),
            metres(cut.crown_m, 3),
            metres(cut.cover_m(), 3),
            metres(before.and_then(|spacing| spacing.clear_m), 3),
            metres(before.and_then(|spacing| spacing.gap_m), 3),
        ]
    })
    .collect()
}
