//! Makes features of the points and lines of a survey: class, place, links, values. It writes nothing.

use std::collections::{HashMap, HashSet};

use super::axes::{self, Axes, Question};
use super::collect::{Record, Survey, says_nothing};
use super::columns::{Role, Unit};
use super::convert::convert;
use super::value::number;
use super::workbook::Cell;
use crate::crs::Crs;
use crate::error::Result;
use crate::ids::{FeatureId, IdSource};
use crate::io::report::{Guess, GuessSubject};
use crate::issue::Severity;
use crate::model::{ClassIndex, Feature, Geometry, Links, Value};
use crate::progress::Progress;
use crate::schema::{GeometryKind, Schema};
use crate::text::Message;

/// A point that lines may end in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) id: FeatureId,
    /// NaN where it has none.
    pub(super) place: [f64; 3],
}

/// What a survey is turned into, and with what.
pub(super) struct Builder<'a, 'b> {
    pub(super) schema: &'a Schema,
    pub(super) crs: &'a Crs,
    pub(super) survey: Survey<'b>,
    pub(super) ids: &'a mut IdSource,
    /// Points of the survey, then those of the project that lines name, by code.
    pub(super) known: HashMap<String, Known>,
    pub(super) guesses: Vec<Guess>,
    /// Features made, with the sheet they came from.
    pub(super) features: Vec<(usize, Feature)>,
    /// Rows whose line could not be made, per sheet.
    pub(super) lost_lines: Vec<u64>,
}

/// Attributes of a row that belong to the line in a table that lists points and lines together.
const OF_LINES: [&str; 14] = [
    "material",
    "length_m",
    "burial",
    "joint",
    "pressure_class",
    "roughness_hw",
    "loss_coefficient",
    "depth_from_m",
    "depth_to_m",
    "elevation_from_m",
    "elevation_to_m",
    "diameter_mm",
    "kind",
    "customers",
];

impl Builder<'_, '_> {
    pub(super) fn points(
        &mut self,
        source: Option<&Crs>,
        x_is_northing: Option<bool>,
        progress: &dyn Progress,
    ) -> Result<()> {
        let axes = self.axes(source, x_is_northing)?;
        for index in 0..self.survey.points.len() {
            if index % 4096 == 0 {
                progress.report(
                    &Message::new("survey.points"),
                    index as u64,
                    Some(self.survey.points.len() as u64),
                );
                progress.check()?;
            }
            self.point(index, &axes);
        }
        Ok(())
    }

    /// One decision per pair of columns that the tables use: named ones may stand beside X and Y.
    fn axes(&mut self, source: Option<&Crs>, x_is_northing: Option<bool>) -> Result<HashMap<Role, Axes>> {
        let mut raw: Vec<(Role, usize, Vec<[f64; 2]>)> = Vec::new();
        for point in &self.survey.points {
            let Some(place) = point.place else { continue };
            let Some((role, record)) = self.place_role(&point.records) else {
                continue;
            };
            match raw.iter_mut().find(|(known, ..)| *known == role) {
                Some((.., places)) => places.push(place),
                None => raw.push((role, record.table, vec![place])),
            }
        }
        let mut out = HashMap::new();
        for (first, table, places) in raw {
            let axes = axes::decide(
                Question {
                    first: &first,
                    project: self.crs,
                    source,
                    x_is_northing,
                },
                &places,
            )?;
            self.tell_axes(&first, table, &axes);
            out.insert(first, axes);
        }
        Ok(out)
    }

    /// The role of the first coordinate column where the point has its place.
    fn place_role(&self, records: &[Record]) -> Option<(Role, Record)> {
        records.iter().find_map(|record| {
            let [first, second] = self.survey.header(*record).place()?;
            let row = self.survey.row(*record);
            let is_there = [first, second]
                .iter()
                .all(|c| row.get(c.index).is_some_and(|c| number(c).is_some()));
            is_there.then(|| (first.role.clone(), *record))
        })
    }

    fn tell_axes(&mut self, first: &Role, table: usize, axes: &Axes) {
        let (sheet, table) = &self.survey.tables[table];
        let column = table.header.column(first).map(|c| c.title.clone());
        let layer = self.survey.sheets[*sheet].name.clone();
        let mut guess = |taken_for: String, message: Message| {
            let message = message.with("column", column.clone().unwrap_or_default());
            self.guesses.push(Guess {
                subject: GuessSubject::Crs,
                layer: layer.clone(),
                column: column.clone(),
                found: column.clone().unwrap_or_default(),
                taken_for,
                message,
            });
        };
        if !axes.is_named {
            let key = match (axes.is_first_north, axes.is_custom) {
                (true, false) => "survey.guess.first_is_north",
                (true, true) => "survey.guess.first_is_north_by_custom",
                (false, _) => "survey.guess.first_is_east",
            };
            guess(
                if axes.is_first_north {
                    "northing"
                } else {
                    "easting"
                }
                .to_owned(),
                Message::new(key),
            );
        }
        if let Some(source) = &axes.source {
            guess(
                source.name.clone(),
                Message::new("survey.guess.system").with("crs", &source.name),
            );
        } else if let Some(zone) = axes.zone {
            let message = Message::new("survey.guess.zone").with("zone", zone);
            guess(self.crs.name.clone(), message);
        }
    }

    fn point(&mut self, index: usize, axes: &HashMap<Role, Axes>) {
        let records = self.survey.points[index].records.clone();
        let code = self.survey.points[index].code.clone();
        let first = records[0];
        let (class, kind) = self.class_of(&records, &code);
        let ground = self.first_number(&records, &Role::Ground);
        let raw = self.survey.points[index].place;
        let place = raw
            .zip(self.place_role(&records))
            .and_then(
                |(raw, (role, record))| match axes.get(&role).map(|a| a.place(raw)) {
                    Some(Ok(place)) => Some(place),
                    Some(Err(error)) => {
                        let issue = self
                            .survey
                            .issue(Severity::Error, record, error.message())
                            .on_code(&code);
                        self.survey.issues.push(issue);
                        None
                    }
                    None => None,
                },
            );
        if raw.is_none() {
            let message = Message::new("survey.point_without_place").with("code", &code);
            let issue = self
                .survey
                .issue(Severity::Warning, first, message)
                .on_code(&code);
            self.survey.issues.push(issue);
        }
        let mut values = self.empty(class);
        self.set(class, &mut values, "code", Value::Text(code.clone()));
        if let Some(kind) = kind {
            self.set(class, &mut values, "kind", Value::Text(kind));
        }
        for (key, number) in [
            ("ground_elevation_m", ground),
            ("buried_depth_m", self.first_number(&records, &Role::Depth)),
            ("pipe_elevation_m", self.first_number(&records, &Role::PipeTop)),
        ] {
            if let Some(number) = number {
                self.set(class, &mut values, key, Value::Real(number));
            }
        }
        let is_boundary = self.schema.class(class).behaviour.boundary == Some(true);
        for record in &records {
            let lists_lines = self.survey.header(*record).has_lines();
            // A valve has the size of its pipe; what else a line's row says is the line's.
            let skips =
                |key: &str| lists_lines && OF_LINES.contains(&key) && !(is_boundary && key == "diameter_mm");
            self.fill(class, &mut values, *record, skips);
        }
        self.keep_feature_text(class, &mut values, &records);
        let id = self.ids.next_id();
        let place = place.map_or([f64::NAN; 3], |[x, y]| [x, y, ground.unwrap_or(f64::NAN)]);
        self.known.insert(code, Known { id, place });
        let sheet = self.survey.tables[first.table].0;
        self.features.push((
            sheet,
            Feature {
                id,
                class,
                geometry: place[0].is_finite().then_some(Geometry::Point(place)),
                links: Links::default(),
                values,
            },
        ));
    }

    /// By what stands there, then by what it is to the pipe; a plain junction where neither is known.
    fn class_of(&mut self, records: &[Record], code: &str) -> (ClassIndex, Option<String>) {
        let junction = self.schema.class_index("junction").unwrap_or(ClassIndex(0));
        for role in [Role::Attachment, Role::Feature] {
            for record in records {
                let Some((column, cell)) = self.survey.cell(*record, &role) else {
                    continue;
                };
                let (title, cell) = (column.title.clone(), cell.clone());
                let text = super::value::half_width(&cell.text());
                let found = self.schema.resolve_class(&text);
                if let Some((class, kind)) =
                    found.filter(|(class, _)| self.schema.class(*class).geometry == GeometryKind::Point)
                {
                    return (class, kind.map(str::to_owned));
                }
                let message = Message::new("survey.unknown_class")
                    .with("column", &title)
                    .with("found", &text)
                    .with("code", code);
                let issue = self
                    .survey
                    .issue(Severity::Warning, *record, message)
                    .on_field(title)
                    .on_code(code);
                self.survey.issues.push(issue);
                break;
            }
        }
        (junction, None)
    }

    /// What the point is to the pipe goes into the remark where another word gave the class.
    fn keep_feature_text(&self, class: ClassIndex, values: &mut [Value], records: &[Record]) {
        let first = |role: &Role| records.iter().find_map(|r| self.survey.cell(*r, role));
        let (Some(_), Some((column, feature))) = (first(&Role::Attachment), first(&Role::Feature)) else {
            return;
        };
        let Some(remark) = self.schema.class(class).field_index("remark") else {
            return;
        };
        let addition = format!("{}: {}", column.title, feature.text());
        values[remark] = match &values[remark] {
            Value::Text(text) => Value::Text(format!("{text}; {addition}")),
            _ => Value::Text(addition),
        };
    }

    pub(super) fn lines(&mut self, progress: &dyn Progress) -> Result<()> {
        let Some(class) = self.schema.class_index("pipe") else {
            return Ok(());
        };
        let mut codes = HashSet::new();
        for index in 0..self.survey.lines.len() {
            if index % 4096 == 0 {
                progress.report(
                    &Message::new("survey.lines"),
                    index as u64,
                    Some(self.survey.lines.len() as u64),
                );
                progress.check()?;
            }
            self.line(class, index, &mut codes);
        }
        Ok(())
    }

    fn end(&self, code: &str) -> Option<Known> {
        let own = self
            .survey
            .point(code)
            .map(|p| self.survey.points[p].code.as_str());
        self.known.get(own.unwrap_or(code)).copied()
    }

    fn line(&mut self, class: ClassIndex, index: usize, codes: &mut HashSet<String>) {
        let line = &self.survey.lines[index];
        let (record, back) = (line.record, line.back);
        let (from_code, to_code) = (line.from.clone(), line.to.clone());
        let sheet = self.survey.tables[record.table].0;
        let ends = [&from_code, &to_code].map(|code| (code, self.end(code)));
        let [(_, Some(from)), (_, Some(to))] = ends else {
            for (code, end) in ends {
                if end.is_none() {
                    let message = Message::new("survey.unknown_point")
                        .with("code", code)
                        .with("from", &from_code)
                        .with("to", &to_code);
                    let issue = self.survey.issue(Severity::Error, record, message).on_code(code);
                    self.survey.issues.push(issue);
                }
            }
            self.lost_lines[sheet] += 1 + u64::from(back.is_some());
            return;
        };
        let mut values = self.empty(class);
        let code = self
            .survey
            .cell(record, &Role::LineCode)
            .and_then(|(_, cell)| super::value::code(cell))
            .unwrap_or_else(|| unused(codes, format!("{from_code}-{to_code}")));
        codes.insert(code.clone());
        self.set(class, &mut values, "code", Value::Text(code));
        let number_of = |builder: &mut Self, record: Option<Record>, roles: &[Role]| {
            roles
                .iter()
                .find_map(|role| builder.first_number(&[record?], role))
        };
        // The row that lists a line from one end tells what is there; a table of lines has columns for both.
        let depth = [
            number_of(self, Some(record), &[Role::DepthFrom, Role::Depth]),
            number_of(self, Some(record), &[Role::DepthTo])
                .or_else(|| number_of(self, back, &[Role::DepthFrom, Role::Depth])),
        ];
        let top = [
            number_of(
                self,
                Some(record),
                &[Role::ElevationFrom, Role::PipeTop, Role::PipeBottom],
            ),
            number_of(self, Some(record), &[Role::ElevationTo]).or_else(|| {
                number_of(
                    self,
                    back,
                    &[Role::ElevationFrom, Role::PipeTop, Role::PipeBottom],
                )
            }),
        ];
        let keys = [
            ("depth_from_m", depth[0]),
            ("depth_to_m", depth[1]),
            ("elevation_from_m", top[0]),
            ("elevation_to_m", top[1]),
        ];
        for (key, number) in keys {
            if let Some(number) = number {
                self.set(class, &mut values, key, Value::Real(number));
            }
        }
        self.fill(class, &mut values, record, |_| false);
        if let Some(back) = back {
            self.fill(class, &mut values, back, |key| key == "remark");
        }
        let geometry = (from.place[0].is_finite() && to.place[0].is_finite()).then(|| {
            let height = |known: Known, top: Option<f64>, depth: Option<f64>| {
                top.unwrap_or(known.place[2] - depth.unwrap_or(f64::NAN))
            };
            Geometry::Line(vec![
                [from.place[0], from.place[1], height(from, top[0], depth[0])],
                [to.place[0], to.place[1], height(to, top[1], depth[1])],
            ])
        });
        let links = Links {
            from: Some(from.id),
            to: Some(to.id),
            ..Links::default()
        };
        self.features.push((
            sheet,
            Feature {
                id: self.ids.next_id(),
                class,
                geometry,
                links,
                values,
            },
        ));
    }

    fn empty(&self, class: ClassIndex) -> Vec<Value> {
        self.schema
            .class(class)
            .fields
            .iter()
            .map(|f| f.default.clone().unwrap_or_default())
            .collect()
    }

    fn set(&self, class: ClassIndex, values: &mut [Value], key: &str, value: Value) {
        if let Some(field) = self.schema.class(class).field_index(key) {
            values[field] = value;
        }
    }

    /// The first number that the records have in that column, in metres; unreadable ones are told once.
    fn first_number(&mut self, records: &[Record], role: &Role) -> Option<f64> {
        for record in records {
            let Some((column, cell)) = self.survey.cell(*record, role) else {
                continue;
            };
            if let Some(value) = number(cell) {
                return Some(value * column.unit.map_or(1.0, |unit| unit.metres));
            }
            let (title, cell) = (column.title.clone(), cell.clone());
            self.survey.bad_cell(*record, &title, &cell, "survey.bad_number");
        }
        None
    }

    /// Takes over what a row says about fields that are still as they were by default.
    fn fill(
        &mut self,
        class: ClassIndex,
        values: &mut [Value],
        record: Record,
        skips: impl Fn(&str) -> bool,
    ) {
        let schema = self.schema;
        let columns: Vec<(u32, String, Option<Unit>, String)> = self
            .survey
            .header(record)
            .columns()
            .iter()
            .filter_map(|c| match &c.role {
                Role::Field(key) if !skips(key) => Some((c.index, key.clone(), c.unit, c.title.clone())),
                _ => None,
            })
            .collect();
        for (column, key, unit, title) in columns {
            let Some(index) = schema.class(class).field_index(&key) else {
                continue;
            };
            let field = &schema.class(class).fields[index];
            let is_untouched = values[index].is_null() || field.default.as_ref() == Some(&values[index]);
            let Some(cell) = self
                .survey
                .row(record)
                .get(column)
                .filter(|c| !says_nothing(c))
                .cloned()
            else {
                continue;
            };
            if !is_untouched {
                continue;
            }
            let converted = convert(schema, field, unit, &cell);
            if let Some(key) = converted.doubt {
                self.survey.bad_cell(record, &title, &cell, key);
            }
            if !converted.value.is_null() {
                values[index] = converted.value;
            }
        }
        for (key, value) in self.survey.tables[record.table].1.context.clone() {
            let Some(index) = schema.class(class).field_index(&key) else {
                continue;
            };
            if values[index].is_null() {
                let field = &schema.class(class).fields[index];
                values[index] = convert(schema, field, None, &Cell::Text(value.into())).value;
            }
        }
    }
}

/// The text, with a number behind it where it is taken.
fn unused(taken: &HashSet<String>, code: String) -> String {
    if !taken.contains(&code) {
        return code;
    }
    (2..u32::MAX)
        .map(|n| format!("{code}-{n}"))
        .find(|c| !taken.contains(c))
        .unwrap_or(code)
}
