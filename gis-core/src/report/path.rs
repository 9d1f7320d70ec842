//! The path workbook: a cover with map and length, then the pipes in order.

use chrono::NaiveDateTime;

use super::attributes::Attributes;
use super::burst::{COVER_PX, PIPE_COLUMNS, pipe_cells};
use super::cover::Cover;
use super::picture::ResultMap;
use super::sheet::{Book, Cell, column};
use crate::analysis::path::PathResult;
use crate::cartography::render::MapResult;
use crate::error::Result;
use crate::issue::Issues;
use crate::layout::Dressing;
use crate::network::Network;
use crate::project::Project;
use crate::text::{Lang, translate};

/// What the workbook is made of.
#[derive(Clone, Copy)]
pub struct PathReport<'a> {
    pub project: &'a Project,
    pub network: &'a Network,
    /// The project's map, for the picture.
    pub dressing: &'a Dressing,
    pub path: &'a PathResult,
    /// The ends as the user named them.
    pub from: &'a str,
    pub to: &'a str,
    pub lang: Lang,
    /// Local time of the analysis.
    pub created: NaiveDateTime,
}

impl PathReport<'_> {
    /// The map of the cover, also wanted as a picture of its own, and what is missing of it.
    ///
    /// # Errors
    /// `BadInput` for a size that cannot be drawn.
    pub fn picture_png(&self, size_px: [u32; 2]) -> Result<(Vec<u8>, Issues)> {
        let map = ResultMap {
            project: self.project,
            network: self.network,
            dressing: self.dressing,
            lang: self.lang,
            created: self.created,
            title: translate("report.path.title", self.lang),
            result: MapResult::Path(self.path),
        };
        map.png(size_px)
    }

    /// The workbook as bytes of an .xlsx file, and what is missing of its map.
    ///
    /// # Errors
    /// The project cannot be read.
    pub fn workbook(&self) -> Result<(Vec<u8>, Issues)> {
        let mut columns = vec![column("report.column.number")];
        columns.extend(PIPE_COLUMNS);
        columns.push(column("report.column.from_node"));
        let title = translate("report.path.title", self.lang);
        let mut book = Book::new(self.lang, &title, self.created)?;
        let issues = self.cover(&mut book, &title)?;
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
        Ok((book.finish()?, issues))
    }

    fn cover(&self, book: &mut Book, title: &str) -> Result<Issues> {
        let (picture, issues) = self.picture_png(COVER_PX)?;
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
            picture_png: &picture,
        }
        .add_to(book)?;
        Ok(issues)
    }
}
