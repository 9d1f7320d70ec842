//! The tables a survey crew would hand in for a part of the sample city: 管线点成果表 and 管线成果表 in one workbook, X
//! pointing north as crews write it. It reads nothing back.

use std::collections::HashMap;
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{Feature, Geometry, Value};
use crate::schema::Schema;

const POINT_COLUMNS: [&str; 9] = [
    "点号",
    "特征",
    "附属物",
    "X",
    "Y",
    "地面高程",
    "埋深",
    "所在道路",
    "权属单位",
];
const LINE_COLUMNS: [&str; 9] = [
    "起点点号",
    "终点点号",
    "起点埋深",
    "终点埋深",
    "管径",
    "材质",
    "埋设日期",
    "工程编号",
    "权属单位",
];

/// How many rows the two tables have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SurveyTables {
    pub points: u32,
    pub lines: u32,
}

/// Writes the pipes among `features` whose two ends are there too, with these ends. Customers and what hangs beside
/// the pipes is not surveyed.
///
/// # Errors
/// The workbook could not be written.
pub fn write_survey(path: &Path, schema: &Schema, features: &[Feature]) -> Result<SurveyTables> {
    let (nodes, pipes): (Vec<_>, Vec<_>) = features
        .iter()
        .partition(|f| matches!(f.geometry, Some(Geometry::Point(_))));
    let nodes: HashMap<FeatureId, &Feature> = nodes.into_iter().map(|f| (f.id, f)).collect();
    let spanned: Vec<(&Feature, [&Feature; 2])> = pipes
        .into_iter()
        .filter_map(|pipe| {
            let end = |id: Option<FeatureId>| nodes.get(&id?).copied();
            Some((pipe, [end(pipe.links.from)?, end(pipe.links.to)?]))
        })
        .filter(|(_, ends)| ends[0].id != ends[1].id)
        .collect();
    let mut points: Vec<&Feature> = spanned.iter().flat_map(|(_, ends)| *ends).collect();
    points.sort_by_key(|f| f.id);
    points.dedup_by_key(|f| f.id);
    let tables = SurveyTables {
        points: points.len() as u32,
        lines: spanned.len() as u32,
    };
    fill(path, schema, &points, &spanned)
        .map(|()| tables)
        .map_err(|e| Error::Spreadsheet(e.to_string()))
}

fn fill(
    path: &Path,
    schema: &Schema,
    points: &[&Feature],
    lines: &[(&Feature, [&Feature; 2])],
) -> std::result::Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    start(sheet, "管线点成果表", &POINT_COLUMNS)?;
    for (i, point) in points.iter().enumerate() {
        let row = i as u32 + 1;
        let class = schema.class(point.class);
        let is_joint = matches!(
            class.key.as_str(),
            "junction" | "tee" | "cross" | "elbow" | "reducer" | "cap"
        );
        sheet.write_string(row, 0, text(schema, point, "code"))?;
        sheet.write_string(row, if is_joint { 1 } else { 2 }, what_it_is(schema, point))?;
        if let Some(Geometry::Point(at)) = point.geometry {
            sheet.write_number(row, 3, at[1])?;
            sheet.write_number(row, 4, at[0])?;
        }
        number(sheet, row, 5, schema, point, "ground_elevation_m")?;
        number(sheet, row, 6, schema, point, "buried_depth_m")?;
        sheet.write_string(row, 7, text(schema, point, "road"))?;
        sheet.write_string(row, 8, text(schema, point, "owner"))?;
    }
    let sheet = workbook.add_worksheet();
    start(sheet, "管线成果表", &LINE_COLUMNS)?;
    for (i, (pipe, ends)) in lines.iter().enumerate() {
        let row = i as u32 + 1;
        for (column, end) in (0_u16..).zip(ends) {
            sheet.write_string(row, column, text(schema, end, "code"))?;
        }
        number(sheet, row, 2, schema, pipe, "depth_from_m")?;
        number(sheet, row, 3, schema, pipe, "depth_to_m")?;
        number(sheet, row, 4, schema, pipe, "diameter_mm")?;
        sheet.write_string(row, 5, label(schema, "material", text(schema, pipe, "material")))?;
        if let Some(Value::Date(date)) = value(schema, pipe, "install_date") {
            sheet.write_string(row, 6, date.format("%Y-%m-%d").to_string())?;
        }
        sheet.write_string(row, 7, text(schema, pipe, "project_code"))?;
        sheet.write_string(row, 8, text(schema, pipe, "owner"))?;
    }
    workbook.save(path)
}

fn start(sheet: &mut Worksheet, name: &str, columns: &[&str]) -> std::result::Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, title) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, column, *title, &bold)?;
        sheet.set_column_width(column, 16)?;
    }
    Ok(())
}

fn value<'a>(schema: &Schema, feature: &'a Feature, key: &str) -> Option<&'a Value> {
    feature.values.get(schema.class(feature.class).field_index(key)?)
}

fn text<'a>(schema: &Schema, feature: &'a Feature, key: &str) -> &'a str {
    value(schema, feature, key)
        .and_then(Value::as_text)
        .unwrap_or_default()
}

fn number(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    schema: &Schema,
    feature: &Feature,
    key: &str,
) -> std::result::Result<(), XlsxError> {
    if let Some(number) = value(schema, feature, key).and_then(Value::as_real) {
        sheet.write_number(row, column, number)?;
    }
    Ok(())
}

/// 闸阀 for a gate valve; the name of the class where the kind does not name it.
fn what_it_is<'a>(schema: &'a Schema, feature: &'a Feature) -> &'a str {
    let class = schema.class(feature.class);
    let kind = text(schema, feature, "kind");
    match class.key.as_str() {
        "valve" if !kind.is_empty() => label(schema, "valve_kind", kind),
        _ => &class.label.zh,
    }
}

fn label<'a>(schema: &'a Schema, dictionary: &str, code: &'a str) -> &'a str {
    schema
        .dictionaries
        .get(dictionary)
        .and_then(|d| d.resolve(code))
        .map_or(code, |entry| &entry.label.zh)
}
