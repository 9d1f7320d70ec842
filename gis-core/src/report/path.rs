//! The path workbook: a cover with map and length, then the pipes in order.

use chrono::NaiveDateTime;
use rust_xlsxwriter::{Format, Image};

use super::attributes::Attributes;
use super::burst::pipe_cells;
use super::sheet::{Book, Cell, Column, column, column_in, excel_time, failed};
use crate::analysis::path::PathResult;
use crate::cartography::render::{MapExtent, MapRequest, MapResult, render_png};
use crate::cartography::{StyleSet, Theme};
use crate::error::Result;
use crate::network::Network;
use crate::project::Project;
use crate::text::{Lang, translate};

/// What the workbook is made of.
#[derive(Clone, Copy)]
pub struct PathReport<'a> {
    pub project: &'a Project,
    pub network: &'a Network,
    pub path: &'a PathResult,
    /// The ends as the user named them.
    pub from: &'a str,
    pub to: &'a str,
    pub lang: Lang,
    /// Local time of the analysis.
    pub created: NaiveDateTime,
}

impl PathReport<'_> {
    pub fn picture_png(&self, width_px: u32, height_px: u32) -> Result<Vec<u8>> {
        render_png(&MapRequest {
            network: self.network,
            schema: self.project.schema(),
            styles: &StyleSet::builtin()?,
            theme: Theme::Light,
            lang: self.lang,
            title: translate("report.path.title", self.lang),
            subtitle: format!(
                "{} · {}",
                self.project.name(),
                self.created.format("%Y-%m-%d %H:%M")
            ),
            result: MapResult::Path(self.path),
            extent: MapExtent::Result,
            width_px,
            height_px,
            dpi: 144.0,
        })
    }

    /// The workbook as bytes of an .xlsx file.
    ///
    /// # Errors
    /// The project cannot be read.
    pub fn workbook(&self) -> Result<Vec<u8>> {
        const COLUMNS: [Column; 10] = [
            column("report.column.number"),
            column("report.column.code"),
            column_in("report.column.diameter", "mm"),
            column("report.column.material"),
            column_in("report.column.length", "m"),
            column("report.column.installed"),
            column("report.column.road"),
            column("report.column.address"),
            column("report.column.dma"),
            column("report.column.from_node"),
        ];
        let title = translate("report.path.title", self.lang);
        let mut book = Book::new(self.lang, &title, self.created)?;
        self.cover(&mut book, &title)?;
        let mut attributes = Attributes::new(self.project, self.network, self.lang);
        let mut rows = Vec::new();
        for (i, &pipe) in self.path.pipes.iter().enumerate() {
            let mut row = vec![Cell::Integer(i as i64 + 1)];
            row.extend(pipe_cells(self.network, &mut attributes, pipe)?);
            row.push(Cell::text(
                self.network.node_code(self.network.pipe_ends(pipe)[0]),
            ));
            rows.push(row);
        }
        book.table("report.sheet.pipes", &COLUMNS, &rows)?;
        book.finish()
    }

    fn cover(&self, book: &mut Book, title: &str) -> Result<()> {
        let picture = self.picture_png(1500, 1000)?;
        let created = excel_time(self.created)?;
        let lang = book.lang();
        let sheet = book.page("report.sheet.cover")?;
        let mut write = || -> Result<(), rust_xlsxwriter::XlsxError> {
            let bold = Format::new().set_bold();
            sheet.set_landscape();
            sheet.set_column_width(0, 24)?;
            sheet.set_column_width(1, 90)?;
            sheet.write_with_format(0, 0, title, &Format::new().set_bold().set_font_size(18))?;
            sheet.set_row_height(0, 30)?;
            let label = |key: &str| translate(key, lang);
            sheet
                .write(1, 0, label("report.summary.project"))?
                .write_with_format(1, 1, self.project.name(), &bold)?;
            sheet
                .write(2, 0, label("report.summary.from"))?
                .write_with_format(2, 1, self.from, &bold)?;
            sheet
                .write(3, 0, label("report.summary.to"))?
                .write_with_format(3, 1, self.to, &bold)?;
            let metres = bold
                .clone()
                .set_num_format("#,##0.0")
                .set_align(rust_xlsxwriter::FormatAlign::Left);
            sheet.write(4, 0, label("report.summary.path_length"))?;
            sheet.write_with_format(4, 1, self.path.length_m, &metres)?;
            let time = bold
                .clone()
                .set_num_format("yyyy-mm-dd hh:mm")
                .set_align(rust_xlsxwriter::FormatAlign::Left);
            sheet.write(5, 0, label("report.summary.time"))?;
            sheet.write_datetime_with_format(5, 1, &created, &time)?;
            let image = Image::new_from_buffer(&picture)?
                .set_scale_width(0.62)
                .set_scale_height(0.62);
            sheet.insert_image(7, 0, &image.set_alt_text(title))?;
            Ok(())
        };
        write().map_err(failed)
    }
}
