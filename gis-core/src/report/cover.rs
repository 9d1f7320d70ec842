//! The first page of a report: what, where, when and the figures, with a picture of the map below. What the figures
//! are is the report's business.

use chrono::NaiveDateTime;
use rust_xlsxwriter::{Color, Format, FormatAlign, Image, XlsxError};

use super::sheet::{Book, Cell, excel_time, failed};
use crate::error::Result;
use crate::text::translate;

/// Of a picture with 144 dots to the inch, so that it fits beside the figures on A4 across.
const PICTURE_SCALE: f64 = 0.62;

pub(super) struct Cover<'a> {
    pub(super) title: &'a str,
    /// Text keys with their values, in order.
    pub(super) summary: &'a [(&'static str, Cell)],
    /// Local time of the analysis.
    pub(super) created: NaiveDateTime,
    /// Sentences that must not be overlooked.
    pub(super) warnings: &'a [String],
    pub(super) picture_png: &'a [u8],
}

impl Cover<'_> {
    pub(super) fn add_to(&self, book: &mut Book) -> Result<()> {
        let lang = book.lang();
        let created = excel_time(self.created)?;
        let sheet = book.page("report.sheet.cover")?;
        let heading = Format::new()
            .set_bold()
            .set_font_size(18)
            .set_align(FormatAlign::VerticalCenter);
        let name = Format::new().set_font_color(Color::RGB(0x0059_5959));
        let value = Format::new().set_bold().set_align(FormatAlign::Left);
        let warning = Format::new()
            .set_bold()
            .set_font_color(Color::RGB(0x00C0_0000))
            .set_text_wrap();
        let mut write = || -> Result<(), XlsxError> {
            sheet.set_landscape();
            sheet.set_column_width(0, 24)?;
            sheet.set_column_width(1, 90)?;
            sheet.merge_range(0, 0, 0, 1, self.title, &heading)?;
            sheet.set_row_height(0, 30)?;
            let mut row = 1;
            for (key, cell) in self.summary {
                sheet.write_with_format(row, 0, translate(key, lang), &name)?;
                match cell {
                    Cell::Integer(number) => sheet.write_with_format(row, 1, *number as f64, &value)?,
                    Cell::Number(number, decimals) => {
                        let format =
                            value
                                .clone()
                                .set_num_format(if *decimals == 0 { "#,##0" } else { "#,##0.0" });
                        sheet.write_with_format(row, 1, *number, &format)?
                    }
                    Cell::Text(text) => sheet.write_with_format(row, 1, text.as_str(), &value)?,
                    Cell::Empty | Cell::Date(_) => sheet.write_blank(row, 1, &value)?,
                };
                row += 1;
            }
            let format = value.clone().set_num_format("yyyy-mm-dd hh:mm");
            sheet.write_with_format(row, 0, translate("report.summary.time", lang), &name)?;
            sheet.write_datetime_with_format(row, 1, &created, &format)?;
            row += 1;
            for text in self.warnings {
                sheet.merge_range(row, 0, row, 1, text, &warning)?;
                sheet.set_row_height(row, 32)?;
                row += 1;
            }
            let image = Image::new_from_buffer(self.picture_png)?
                .set_scale_width(PICTURE_SCALE)
                .set_scale_height(PICTURE_SCALE)
                .set_alt_text(self.title);
            sheet.insert_image(row + 1, 0, &image)?;
            Ok(())
        };
        write().map_err(failed)
    }
}
