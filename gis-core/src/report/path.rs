//! The path workbook: a cover with map and length, then the pipes in order.

use chrono::NaiveDateTime;

use super::attributes::Attributes;
use super::burst::{PIPE_COLUMNS, pipe_cells};
use super::cover::Cover;
use super::sheet::{Book, Cell, column};
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
            writing: None,
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
        let mut columns = vec![column("report.column.number")];
        columns.extend(PIPE_COLUMNS);
        columns.push(column("report.column.from_node"));
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
        book.table("report.sheet.pipes", &columns, &rows)?;
        book.finish()
    }

    fn cover(&self, book: &mut Book, title: &str) -> Result<()> {
        let summary = [
            ("report.summary.project", Cell::text(self.project.name())),
            ("report.summary.from", Cell::text(self.from)),
            ("report.summary.to", Cell::text(self.to)),
            ("report.summary.path_length", Cell::number(self.path.length_m, 1)),
        ];
        Cover {
            title,
            summary: &summary,
            created: self.created,
            warnings: &[],
            picture_png: &self.picture_png(1500, 1000)?,
        }
        .add_to(book)
    }
}
