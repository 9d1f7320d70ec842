//! The workbook of an engineering project: its particulars, what it changes and its bill of materials.

use chrono::{NaiveDate, NaiveDateTime};

use super::sheet::{Book, Cell, Column, column};
use crate::error::Result;
use crate::project::{Engineering, EngineeringChange, Project, Stage};
use crate::text::{Lang, Message, translate};

const PARTICULARS: [Column; 2] = [
    column("engineering.word.item"),
    column("engineering.word.content"),
];

const CHANGES: [Column; 4] = [
    column("report.column.number"),
    column("engineering.word.change"),
    column("engineering.word.class"),
    column("engineering.word.feature"),
];

const VALUES: [Column; 5] = [
    column("engineering.word.class"),
    column("engineering.word.feature"),
    column("engineering.word.field"),
    column("engineering.word.old"),
    column("engineering.word.new"),
];

const MATERIALS: [Column; 6] = [
    column("engineering.word.class"),
    column("engineering.word.kind"),
    column("engineering.word.material"),
    column("engineering.word.diameter_mm"),
    column("engineering.word.count"),
    column("engineering.word.length_m"),
];

/// What the workbook is made of.
#[derive(Clone, Copy)]
pub struct EngineeringReport<'a> {
    pub project: &'a Project,
    /// Of the engineering project.
    pub number: &'a str,
    pub lang: Lang,
    /// Local time.
    pub created: NaiveDateTime,
}

impl EngineeringReport<'_> {
    /// The workbook as bytes of an .xlsx file.
    ///
    /// # Errors
    /// There is no such engineering project, or the file cannot be read.
    pub fn workbook(&self) -> Result<Vec<u8>> {
        let (particulars, stage) = self.project.engineering(self.number)?;
        let changes = self.project.engineering_changes(self.number)?;
        let title = Message::new("engineering.report")
            .with("number", self.number)
            .text(self.lang);
        let mut book = Book::new(self.lang, &title, self.created)?;
        self.particulars(&mut book, &particulars, stage)?;
        self.changes(&mut book, &changes)?;
        self.cells(&mut book, &changes)?;
        self.materials(&mut book)?;
        book.finish()
    }

    fn particulars(&self, book: &mut Book, of: &Engineering, stage: Stage) -> Result<()> {
        let day = |day: Option<NaiveDate>| day.map_or(Cell::Empty, Cell::Date);
        let stage = translate(&format!("engineering.stage.{}", stage.key()), self.lang);
        let rows: Vec<Vec<Cell>> = [
            ("number", Cell::text(&*of.number)),
            ("name", Cell::text(&*of.name)),
            ("stage", Cell::text(stage)),
            ("designer", Cell::text(&*of.designer)),
            ("builder", Cell::text(&*of.builder)),
            ("begins", day(of.begins)),
            ("ends", day(of.ends)),
            ("drawings", Cell::text(of.drawings.join("\n"))),
        ]
        .into_iter()
        .map(|(key, cell)| {
            let word = translate(&format!("engineering.word.{key}"), self.lang);
            vec![Cell::text(word), cell]
        })
        .collect();
        book.table("engineering.sheet.project", &PARTICULARS, &rows)
    }

    fn changes(&self, book: &mut Book, changes: &[EngineeringChange]) -> Result<()> {
        let rows: Vec<Vec<Cell>> = changes
            .iter()
            .enumerate()
            .map(|(i, change)| {
                let mut row = vec![Cell::Integer(i as i64 + 1)];
                row.extend(self.names(change));
                row
            })
            .collect();
        book.table("engineering.sheet.changes", &CHANGES, &rows)
    }

    fn names(&self, change: &EngineeringChange) -> [Cell; 3] {
        let class = self.project.schema().class(change.feature.class);
        [
            Cell::text(translate(
                &format!("engineering.kind.{}", change.kind.key()),
                self.lang,
            )),
            Cell::text(class.label.text(self.lang)),
            Cell::text(self.project.name_of(&change.feature)),
        ]
    }

    /// Old and new values of altered features.
    fn cells(&self, book: &mut Book, changes: &[EngineeringChange]) -> Result<()> {
        let mut rows = Vec::new();
        for change in changes {
            for cell in &change.cells {
                let words = cell.in_words(self.project, change.feature.class, self.lang)?;
                let [_, class, name] = self.names(change);
                rows.push(vec![
                    class,
                    name,
                    Cell::text(words.field),
                    Cell::text(words.old),
                    Cell::text(words.new),
                ]);
            }
        }
        book.table("engineering.sheet.values", &VALUES, &rows)
    }

    fn materials(&self, book: &mut Book) -> Result<()> {
        let found = self.project.engineering_materials(self.number, self.lang)?;
        let rows: Vec<Vec<Cell>> = found
            .into_iter()
            .map(|m| {
                vec![
                    Cell::text(m.class),
                    Cell::text(m.kind),
                    Cell::text(m.material),
                    m.diameter_mm.map_or(Cell::Empty, |d| Cell::number(d, 0)),
                    Cell::Integer(m.count as i64),
                    m.length_m.map_or(Cell::Empty, |l| Cell::number(l, 2)),
                ]
            })
            .collect();
        book.table("engineering.sheet.materials", &MATERIALS, &rows)
    }
}
