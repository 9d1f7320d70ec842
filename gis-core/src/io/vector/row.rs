//! One row made into features: cells to values, geometry to parts, class by its columns.

use gdal::vector::Feature as Row;

use super::super::crs::Transform;
use super::super::encoding::Quality;
use super::super::mapping::LINK_TARGETS;
use super::super::plan::{ClassKind, FROM, LayerPlan, ON_PIPE, TO, class_kind, kind_of};
use super::super::rows;
use super::super::shape::{self, Finding};
use super::super::values::{self, Cell};
use super::{Current, Reader, Tally};
use crate::error::Result;
use crate::ids::FeatureId;
use crate::issue::Severity;
use crate::model::{ClassIndex, Feature, Geometry, Value};
use crate::schema::{GeometryKind, normalised};
use crate::text::Message;

/// What a row became.
pub(super) struct Made {
    pub(super) features: Vec<Feature>,
    /// Code of what a one-way device lets water out to, where it names no pipe: a node, perhaps still to come.
    pub(super) flow_to: Option<String>,
}

impl Reader<'_> {
    /// The features of a row; `None` where it was rejected, which is then an issue.
    pub(super) fn features(
        &mut self,
        row: &Row<'_>,
        plan: &mut LayerPlan,
        transform: Option<&Transform>,
        current: &mut Current<'_>,
        tally: &mut Tally,
    ) -> Option<Made> {
        let source = self.source;
        let schema = self.context.schema;
        let layer = &source.layers[plan.layer];
        let codec = source.parts[layer.part].codec;
        let mut cells: Vec<Cell<'static>> = Vec::with_capacity(plan.bindings.len());
        for (i, binding) in plan.bindings.iter().enumerate() {
            let (mut cell, quality) = binding.column.map_or((Cell::Null, Quality::Exact), |c| {
                rows::cell(row, c, &layer.columns[c], codec)
            });
            if !binding.rule.translate.is_empty() {
                let translated = cell.text().and_then(|t| binding.rule.translate.get(&*t).cloned());
                if let Some(text) = translated {
                    cell = Cell::Text(text.into());
                }
            }
            if let Some(constant) = binding.rule.constant.as_ref().filter(|_| cell.is_null()) {
                cell = Cell::Text(constant.clone().into());
            }
            if plan.code == Some(i) {
                current.code = cell.text().map(std::borrow::Cow::into_owned);
            }
            if quality != Quality::Exact {
                let key = match quality {
                    Quality::Cut => "io.issue.cut_text",
                    Quality::Other => "io.issue.other_encoding",
                    _ => "io.issue.broken_text",
                };
                let text = cell.text().unwrap_or_default().into_owned();
                self.issue(
                    Severity::Warning,
                    Message::new(key).with("text", text),
                    current,
                    Some(&binding.target),
                );
            }
            cells.push(cell);
        }
        let mut geometries = match self.geometries(row, plan, transform, current) {
            Ok(geometries) => geometries,
            Err(message) => {
                self.issue(Severity::Error, message, current, None);
                return None;
            }
        };
        let is_named = |link: usize| plan.links[link].is_some_and(|b| !cells[b].is_null());
        if geometries.is_empty() {
            let is_placed_by_links = match plan.kind {
                GeometryKind::Line => is_named(FROM) && is_named(TO),
                GeometryKind::Point => (self.keeps_placeless && current.code.is_some()) || is_named(ON_PIPE),
            };
            if !is_placed_by_links {
                self.issue(
                    Severity::Error,
                    Message::new("io.issue.no_geometry"),
                    current,
                    None,
                );
                return None;
            }
        }
        let class_cells: Vec<String> = plan
            .class_columns
            .iter()
            .filter_map(|c| {
                rows::cell(row, *c, &layer.columns[*c], codec)
                    .0
                    .text()
                    .map(std::borrow::Cow::into_owned)
            })
            .collect();
        let (class, kind) = self.class(plan, &class_cells, current, tally);
        let mut values = vec![Value::Null; schema.class(class).fields.len()];
        let slots = plan.slots_of(schema, class).to_vec();
        for (i, slot) in slots.into_iter().enumerate() {
            let binding = &plan.bindings[i];
            let Some(slot) = slot else {
                if !cells[i].is_null() && !LINK_TARGETS.contains(&binding.target.as_str()) {
                    *tally.homeless.entry((i, class)).or_default() += 1;
                }
                continue;
            };
            let field = &schema.class(class).fields[slot];
            if field.key == "kind" {
                values[slot] = self.kind(class, kind.as_deref(), &cells[i], current);
                continue;
            }
            let (value, unfit) = values::value(schema, field, &cells[i], binding.rule.factor);
            if let Some(unfit) = unfit {
                let found = cells[i].text().unwrap_or_default().into_owned();
                let message = Message::new(unfit.key())
                    .with("found", found)
                    .with(
                        "minimum",
                        field.minimum.map(|n| n.to_string()).unwrap_or_default(),
                    )
                    .with(
                        "maximum",
                        field.maximum.map(|n| n.to_string()).unwrap_or_default(),
                    );
                let target = binding.target.clone();
                self.issue(Severity::Warning, message, current, Some(&target));
            }
            values[slot] = value;
        }
        if let Some(slot) = schema
            .class(class)
            .field_index("kind")
            .filter(|s| values[*s].is_null())
        {
            values[slot] = kind.map_or(Value::Null, Value::Text);
        }
        for (slot, field) in schema.class(class).fields.iter().enumerate() {
            if values[slot].is_null()
                && let Some(default) = &field.default
            {
                values[slot] = default.clone();
            }
        }
        if current.code.is_none()
            && let Some(slot) = schema.class(class).field_index("code")
        {
            let made_up = format!("{}#{}", current.layer, current.number);
            values[slot] = Value::Text(made_up.clone());
            current.code = Some(made_up);
            tally.uncoded += 1;
        }
        let ends = match geometries.first() {
            Some(Geometry::Line(line)) => [line.first(), line.last()].map(|p| p.map(|p| [p[0], p[1]])),
            _ => [None, None],
        };
        let joined = self.links(plan, &cells, ends, current);
        // A pipe known by its ends alone is drawn straight between them.
        if let ([], [Some(a), Some(b)]) = (geometries.as_slice(), joined.ends)
            && (a[0] - b[0]).hypot(a[1] - b[1]) > 0.0
        {
            geometries.push(Geometry::Line([a, b].map(|p| [p[0], p[1], f64::NAN]).to_vec()));
        }
        let (links, flow_to) = (joined.links, joined.flow_to);
        let is_split = geometries.len() > 1;
        let mut features = Vec::with_capacity(geometries.len().max(1));
        let geometries = if geometries.is_empty() {
            vec![None]
        } else {
            geometries.into_iter().map(Some).collect()
        };
        for (i, geometry) in geometries.into_iter().enumerate() {
            let id = self.id_for(plan.kind, current.code.as_deref(), i);
            let mut links = links.clone();
            let mut values = values.clone();
            if is_split {
                // The parts are joined to the rest by place; the recorded length was that of the whole.
                links.from = None;
                links.to = None;
                if let Some(slot) = schema
                    .class(class)
                    .field_index("length_m")
                    .filter(|_| i > 0 || plan.kind == GeometryKind::Line)
                {
                    values[slot] = Value::Null;
                }
                if let (Some(slot), Some(code)) = (
                    schema.class(class).field_index("code").filter(|_| i > 0),
                    &current.code,
                ) {
                    values[slot] = Value::Text(format!("{code}-{}", i + 1));
                }
            }
            features.push(Feature {
                id,
                class,
                geometry,
                links,
                values,
            });
        }
        Some(Made { features, flow_to })
    }

    fn id_for(&mut self, kind: GeometryKind, code: Option<&str>, part: usize) -> FeatureId {
        if kind == GeometryKind::Line
            && part == 0
            && let Some((id, is_used)) = code.and_then(|c| self.pipe_ids.get_mut(c))
            && !*is_used
        {
            *is_used = true;
            return *id;
        }
        self.ids.next_id()
    }

    /// The row's geometries in the target's system; none where it has none.
    fn geometries(
        &mut self,
        row: &Row<'_>,
        plan: &LayerPlan,
        transform: Option<&Transform>,
        current: &mut Current<'_>,
    ) -> Result<Vec<Geometry>, Message> {
        let mut geometries = Vec::new();
        if let Some(geometry) = rows::geometry(row) {
            let found = shape::parts(geometry, plan.kind);
            geometries = found.geometries;
            if geometries.is_empty()
                && let Some(reason) = found.findings.first()
            {
                return Err(Message::new(reason.key()).with("found", geometry.geometry_name()));
            }
            for finding in found.findings {
                let severity = if finding == Finding::Joined {
                    Severity::Info
                } else {
                    Severity::Warning
                };
                let message = Message::new(finding.key())
                    .with("found", geometry.geometry_name())
                    .with("count", geometries.len());
                self.issue(severity, message, current, None);
            }
        }
        if geometries.is_empty()
            && let ([Some(x), Some(y), z], GeometryKind::Point) = (plan.place_columns, plan.kind)
        {
            let layer = &self.source.layers[plan.layer];
            let codec = self.source.parts[layer.part].codec;
            let cell = |c: usize| rows::cell(row, c, &layer.columns[c], codec).0;
            let (x, y) = (cell(x), cell(y));
            if let (Some(x), Some(y)) = (x.number(), y.number()) {
                let height = z.and_then(|z| cell(z).number()).unwrap_or(f64::NAN);
                geometries.push(Geometry::Point([x, y, height]));
            } else if !x.is_null() || !y.is_null() {
                let found = format!(
                    "{}, {}",
                    x.text().unwrap_or_default(),
                    y.text().unwrap_or_default()
                );
                return Err(Message::new("io.issue.no_coordinates").with("found", found));
            }
        }
        if let Some(transform) = transform.filter(|t| !t.is_identity()) {
            for geometry in &mut geometries {
                reproject(geometry, transform).map_err(|e| e.message())?;
            }
        }
        current.place = geometries.first().and_then(|g| match g {
            Geometry::Point(p) => Some([p[0], p[1]]),
            Geometry::Line(line) => line.get(line.len() / 2).map(|p| [p[0], p[1]]),
        });
        Ok(geometries)
    }

    /// The class that the row's class columns name, else the base class of the plan.
    fn class(
        &self,
        plan: &mut LayerPlan,
        cells: &[String],
        current: &Current<'_>,
        tally: &mut Tally,
    ) -> ClassKind {
        let schema = self.context.schema;
        for text in cells {
            let name = normalised(text);
            if let Some(class) = plan.classes.get(&name) {
                return class.clone();
            }
            let found =
                class_kind(schema, text).filter(|(class, _)| schema.class(*class).geometry == plan.kind);
            if let Some(class) = found {
                plan.classes.insert(name, class.clone());
                return class;
            }
        }
        if let Some(unknown) = cells.first() {
            let entry = tally
                .unknown_classes
                .entry(unknown.clone())
                .or_insert((0, current.number));
            entry.0 += 1;
        }
        plan.base.clone()
    }

    /// The value of the field `kind`: what the row says, read by the dictionary; else what the class name implied.
    fn kind(
        &mut self,
        class: ClassIndex,
        implied: Option<&str>,
        cell: &Cell<'_>,
        current: &Current<'_>,
    ) -> Value {
        let implied = || implied.map_or(Value::Null, |k| Value::Text(k.to_owned()));
        let Some(text) = cell.text() else { return implied() };
        if let Some(kind) = kind_of(self.context.schema, class, &text) {
            return Value::Text(kind);
        }
        let schema = self.context.schema;
        let is_own_name = schema
            .resolve_class(&text)
            .is_some_and(|(found, _)| found == class);
        let has_dictionary = schema
            .class(class)
            .field_index("kind")
            .is_some_and(|f| schema.dictionary_of(class, f).is_some());
        if is_own_name || (!implied().is_null() && has_dictionary) {
            return implied();
        }
        if has_dictionary {
            let message = Message::new("io.issue.not_in_dictionary").with("found", &text);
            self.issue(Severity::Warning, message, current, Some("kind"));
        }
        Value::Text(text.into_owned())
    }
}

/// Moves a geometry from one system to another.
pub(in crate::io) fn reproject(geometry: &mut Geometry, transform: &Transform) -> Result<()> {
    match geometry {
        Geometry::Point(p) => {
            let [x, y] = transform.point([p[0], p[1]])?;
            (p[0], p[1]) = (x, y);
        }
        Geometry::Line(line) => {
            let mut places: Vec<[f64; 2]> = line.iter().map(|p| [p[0], p[1]]).collect();
            transform.points(&mut places)?;
            for (p, [x, y]) in line.iter_mut().zip(places) {
                (p[0], p[1]) = (x, y);
            }
        }
    }
    Ok(())
}
