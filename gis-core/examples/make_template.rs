//! Writes the workbook template of the guide: `make_template FILE.xlsx`, kept as `sample-data/templates/pipe-list.xlsx`.
#![expect(clippy::print_stdout, reason = "a command-line example tells what it made")]

use rust_xlsxwriter::{
    Chart, ChartType, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook,
    Worksheet, XlsxError,
};

const TITLE_COLOUR: u32 = 0x001F_4E79;
const HEAD_COLOUR: u32 = 0x00DD_EBF7;

fn main() -> std::process::ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        println!("make_template FILE.xlsx");
        return std::process::ExitCode::from(2);
    };
    match book().and_then(|mut book| book.save(&path)) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            std::process::ExitCode::from(2)
        }
    }
}

fn book() -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    // The same file whenever it is made.
    let made = ExcelDateTime::from_ymd(2026, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = book.add_worksheet();
    sheet.set_name("\u{7ba1}\u{6bb5}\u{6e05}\u{5355}")?;
    letterhead(sheet)?;
    pattern(sheet)?;
    let name = |cell: &str| format!("='\u{7ba1}\u{6bb5}\u{6e05}\u{5355}'!{cell}");
    let names = [
        ("karez_title", "$A$2"),
        ("karez_date", "$G$3"),
        ("karez_head", "$A$6"),
        ("karez_col_number", "$A$7"),
        ("karez_col_code", "$B$7"),
        ("karez_col_diameter_mm", "$C$7"),
        ("karez_col_material", "$D$7"),
        ("karez_col_length_m", "$E$7"),
        ("karez_col_install_date", "$F$7"),
    ];
    for (known, cell) in names {
        book.define_name(known, &name(cell))?;
    }
    Ok(book)
}

fn letterhead(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let company = Format::new()
        .set_bold()
        .set_font_size(11)
        .set_font_color(TITLE_COLOUR);
    let title = Format::new()
        .set_bold()
        .set_font_size(18)
        .set_font_color(TITLE_COLOUR)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter);
    let small = Format::new().set_font_size(9);
    let date = small
        .clone()
        .set_num_format("yyyy-mm-dd")
        .set_align(FormatAlign::Left);
    sheet.write_with_format(
        0,
        0,
        "\u{5929}\u{6c60}\u{4f9b}\u{6c34}\u{516c}\u{53f8}  TIANCHI WATER",
        &company,
    )?;
    sheet.merge_range(1, 0, 1, 6, "", &title)?;
    sheet.set_row_height(1, 30)?;
    sheet.write_with_format(2, 0, "\u{9879}\u{76ee} / Project: {{karez_project}}", &small)?;
    sheet.write_with_format(2, 5, "\u{65e5}\u{671f} / Date", &small)?;
    sheet.write_with_format(2, 6, "", &date)?;
    sheet.write_with_format(3, 0, "\u{6761}\u{4ef6} / Condition: {{karez_condition}}", &small)?;
    sheet.write_with_format(
        4,
        0,
        "\u{5171} {{karez_count}} \u{6761} / pipes, {{karez_length_m}} m",
        &small,
    )?;
    Ok(())
}

/// The heading, the row that is repeated, the totals, the signatures and a chart below.
fn pattern(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let boxed = Format::new().set_border(FormatBorder::Thin);
    let head = boxed
        .clone()
        .set_bold()
        .set_background_color(HEAD_COLOUR)
        .set_align(FormatAlign::Center)
        .set_text_wrap();
    let number = boxed.clone().set_num_format("#,##0.00");
    let total = number.clone().set_bold().set_border_top(FormatBorder::Double);
    for column in 0..7 {
        sheet.write_blank(5, column, &head)?;
        sheet.write_blank(6, column, &boxed)?;
        sheet.write_blank(7, column, &total)?;
    }
    sheet.write_with_format(5, 6, "\u{5bb9}\u{79ef} / Volume (m\u{b3})", &head)?;
    sheet.write_blank(6, 4, &number)?;
    sheet.write_formula_with_format(6, 6, "=PI()*(C7/2000)^2*E7", &number)?;
    sheet.write_with_format(7, 0, "\u{5408}\u{8ba1} / Total", &total)?;
    sheet.write_formula_with_format(7, 4, "=SUM(E7:E7)", &total)?;
    sheet.write_formula_with_format(7, 6, Formula::new("=SUM(G7:G7)"), &total)?;
    let sign = Format::new().set_border_top(FormatBorder::Thin).set_font_size(9);
    sheet.merge_range(10, 0, 10, 2, "\u{5236}\u{8868} / Prepared by", &sign)?;
    sheet.merge_range(10, 4, 10, 6, "\u{5ba1}\u{6838} / Checked by", &sign)?;
    let mut chart = Chart::new(ChartType::Column);
    let name = "\u{7ba1}\u{6bb5}\u{6e05}\u{5355}";
    chart
        .add_series()
        .set_categories((name, 6, 1, 6, 1))
        .set_values((name, 6, 4, 6, 4));
    chart.title().set_name("\u{957f}\u{5ea6} / Length (m)");
    chart.legend().set_hidden();
    chart.set_width(620).set_height(220);
    sheet.insert_chart(12, 0, &chart)?;
    for (column, width) in [
        (0, 12.0),
        (1, 16.0),
        (2, 12.0),
        (3, 14.0),
        (4, 12.0),
        (5, 14.0),
        (6, 14.0),
    ] {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 5)?;
    sheet.set_print_area(0, 0, 24, 6)?;
    sheet.set_footer("&L{{karez_title}}&R&P / &N");
    Ok(())
}
