//! Makes features of an EPANET model: nodes, pipes for all links, and the devices that sit on them. It writes
//! nothing.

use super::model::{HeadLoss, Link, LinkKind, Model, Node, NodeKind, Tank};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::io::report::{Guess, GuessSubject, ImportReport, LayerReport};
use crate::issue::{Issue, Issues, Severity};
use crate::model::{ClassIndex, Feature, Geometry, Links, Value};
use crate::network::Metric;
use crate::schema::Schema;
use crate::text::Message;

/// EPANET's pumps and valves have no length; a pipe of none would be a fault in the network.
const DEVICE_LENGTH_M: f64 = 0.01;

/// Nodes, then pipes, then devices.
pub(super) fn features(
    model: &Model,
    schema: &Schema,
    crs: &Crs,
    ids: &mut IdSource,
) -> Result<(Vec<Feature>, ImportReport)> {
    let mut builder = Builder {
        model,
        schema,
        metric: Metric::projected(crs.metres_per_unit),
        classes: Classes::of(schema)?,
        ids,
        node_ids: Vec::with_capacity(model.nodes.len()),
        features: Vec::with_capacity(model.nodes.len() + model.links.len() * 2),
        report: ImportReport::default(),
    };
    builder.tell_places(crs);
    builder.tell_units();
    for node in &model.nodes {
        builder.node(node);
    }
    let pipes: Vec<FeatureId> = model.links.iter().map(|link| builder.pipe(link)).collect();
    for (link, pipe) in model.links.iter().zip(pipes) {
        builder.device(link, pipe);
    }
    builder.count();
    Ok((builder.features, builder.report))
}

struct Classes {
    pipe: ClassIndex,
    junction: ClassIndex,
    reservoir: ClassIndex,
    tank: ClassIndex,
    valve: ClassIndex,
    pump: ClassIndex,
}

impl Classes {
    fn of(schema: &Schema) -> Result<Self> {
        let class = |key: &str| {
            schema
                .class_index(key)
                .ok_or_else(|| Error::bad_input(Message::new("epanet.class_missing").with("class", key)))
        };
        Ok(Self {
            pipe: class("pipe")?,
            junction: class("junction")?,
            reservoir: class("reservoir")?,
            tank: class("tank")?,
            valve: class("valve")?,
            pump: class("pump")?,
        })
    }
}

struct Builder<'a> {
    model: &'a Model,
    schema: &'a Schema,
    metric: Metric,
    classes: Classes,
    ids: &'a mut IdSource,
    /// Parallel to `Model::nodes`.
    node_ids: Vec<FeatureId>,
    features: Vec<Feature>,
    report: ImportReport,
}

/// Field key and value; NaN and empty texts stand for nothing.
type Values<'v> = Vec<(&'v str, Value)>;

impl Builder<'_> {
    fn issues(&mut self) -> &mut Issues {
        &mut self.report.issues
    }

    /// Missing places: one issue where all are missing, else one each.
    fn tell_places(&mut self, crs: &Crs) {
        let model = self.model;
        let missing: Vec<&Node> = model.nodes.iter().filter(|n| n.position.is_none()).collect();
        if missing.len() == model.nodes.len() {
            self.issues().push(Issue::new(
                Severity::Warning,
                Message::new("epanet.no_coordinates"),
            ));
            return;
        }
        self.report.guesses.push(Guess {
            subject: GuessSubject::Crs,
            layer: "COORDINATES".to_owned(),
            column: None,
            found: String::new(),
            taken_for: crs.name.clone(),
            message: Message::new("epanet.guess.crs").with("crs", &crs.name),
        });
        for node in missing {
            let message = Message::new("epanet.node_without_coordinates").with("code", &node.id);
            let issue = Issue::new(Severity::Warning, message)
                .at_row(node.row)
                .on_code(&node.id);
            self.issues().push(issue);
        }
    }

    fn tell_units(&mut self) {
        let units = self.model.units;
        if !self.model.names_units {
            self.report.guesses.push(Guess {
                subject: GuessSubject::Field,
                layer: "OPTIONS".to_owned(),
                column: Some("UNITS".to_owned()),
                found: String::new(),
                taken_for: units.flow.to_owned(),
                message: Message::new("epanet.guess.units").with("flow", units.flow),
            });
        }
        if !units.is_si {
            let message = Message::new("epanet.converted_units").with("flow", units.flow);
            self.issues()
                .push(Issue::new(Severity::Info, message).in_layer("OPTIONS"));
        }
        let formula = match self.model.head_loss {
            HeadLoss::HazenWilliams => return,
            HeadLoss::DarcyWeisbach => "D-W",
            HeadLoss::ChezyManning => "C-M",
        };
        let message = Message::new("epanet.roughness_not_hazen_williams").with("formula", formula);
        self.issues()
            .push(Issue::new(Severity::Info, message).in_layer("PIPES"));
    }

    fn add(
        &mut self,
        class: ClassIndex,
        geometry: Option<Geometry>,
        links: Links,
        values: Values<'_>,
    ) -> FeatureId {
        let fields = &self.schema.class(class).fields;
        let mut all: Vec<Value> = fields
            .iter()
            .map(|f| f.default.clone().unwrap_or_default())
            .collect();
        for (key, value) in values {
            let is_nothing = match &value {
                Value::Null => true,
                Value::Real(number) => !number.is_finite(),
                Value::Text(text) => text.is_empty(),
                _ => false,
            };
            if let Some(field) = self.schema.class(class).field_index(key).filter(|_| !is_nothing) {
                all[field] = value;
            }
        }
        let id = self.ids.next_id();
        self.features.push(Feature {
            id,
            class,
            geometry,
            links,
            values: all,
        });
        id
    }

    fn node(&mut self, node: &Node) {
        let mut values = vec![
            ("code", text(&node.id)),
            ("ground_elevation_m", Value::Real(node.elevation_m)),
            ("remark", remark(&node.tag, &node.remark)),
        ];
        let class = match &node.kind {
            NodeKind::Junction => {
                let total: f64 = node.demands.iter().map(|d| d.base_lps).sum();
                values.push(("demand_lps", Value::Real(total)));
                // With several demands each has its pattern; those stay in the kept section.
                if let [only] = node.demands.as_slice() {
                    values.push(("pattern", text(&only.pattern)));
                }
                self.classes.junction
            }
            NodeKind::Reservoir { pattern } => {
                // The head of a water surface says nothing of the ground.
                values.retain(|(key, _)| *key != "ground_elevation_m");
                values.extend([
                    ("head_m", Value::Real(node.elevation_m)),
                    ("pattern", text(pattern)),
                ]);
                self.classes.reservoir
            }
            NodeKind::Tank(tank) => {
                values.extend(tank_values(node, tank));
                self.classes.tank
            }
        };
        let height_m = node.elevation_m;
        let geometry = node.position.map(|[x, y]| Geometry::Point([x, y, height_m]));
        let id = self.add(class, geometry, Links::default(), values);
        self.node_ids.push(id);
    }

    /// The line of a link, where both its ends have a place.
    fn line(&self, link: &Link) -> Option<Vec<[f64; 2]>> {
        let (from, to) = (
            self.model.nodes[link.from].position?,
            self.model.nodes[link.to].position?,
        );
        Some([&[from], link.vertices.as_slice(), &[to]].concat())
    }

    fn length_m(&self, link: &Link, line: Option<&[[f64; 2]]>) -> f64 {
        if link.length_m > 0.0 {
            return link.length_m;
        }
        match link.kind {
            LinkKind::Pump(_) | LinkKind::Valve(_) => DEVICE_LENGTH_M,
            LinkKind::Pipe | LinkKind::CheckPipe => line.map_or(DEVICE_LENGTH_M, |line| {
                self.metric.length_m(line).max(DEVICE_LENGTH_M)
            }),
        }
    }

    fn pipe(&mut self, link: &Link) -> FeatureId {
        let line = self.line(link);
        let length_m = self.length_m(link, line.as_deref());
        let is_pipe = matches!(link.kind, LinkKind::Pipe | LinkKind::CheckPipe);
        if is_pipe && (link.length_m.is_nan() || link.length_m <= 0.0) {
            let message = Message::new("epanet.pipe_without_length")
                .with("code", &link.id)
                .with("used", length_m);
            let issue = Issue::new(Severity::Warning, message)
                .in_layer("PIPES")
                .at_row(link.row)
                .on_code(&link.id);
            self.issues().push(issue);
        }
        let mut values = vec![
            ("code", text(&link.id)),
            ("diameter_mm", Value::Real(link.diameter_mm)),
            ("length_m", Value::Real(length_m)),
        ];
        if is_pipe {
            values.extend([
                ("loss_coefficient", Value::Real(link.loss_coefficient)),
                ("remark", remark(&link.tag, &link.remark)),
            ]);
            if self.model.head_loss == HeadLoss::HazenWilliams {
                values.push(("roughness_hw", Value::Real(link.roughness)));
            }
        }
        let links = Links {
            from: Some(self.node_ids[link.from]),
            to: Some(self.node_ids[link.to]),
            ..Links::default()
        };
        let geometry = line.map(|line| Geometry::Line(line.iter().map(|p| [p[0], p[1], f64::NAN]).collect()));
        self.add(self.classes.pipe, geometry, links, values)
    }

    /// What sits on the pipe of a link: its valve or pump, or a closed gate valve where EPANET just closes a pipe.
    fn device(&mut self, link: &Link, pipe: FeatureId) {
        let mut values = vec![
            ("code", text(&link.id)),
            ("is_open", Value::Boolean(!link.is_closed)),
        ];
        let (class, is_one_way) = match &link.kind {
            LinkKind::Pipe if link.is_closed => {
                let message = Message::new("epanet.closed_pipe").with("code", &link.id);
                let issue = Issue::new(Severity::Info, message)
                    .in_layer("PIPES")
                    .at_row(link.row)
                    .on_code(&link.id);
                self.issues().push(issue);
                values.extend([
                    ("kind", text("gate")),
                    ("diameter_mm", Value::Real(link.diameter_mm)),
                ]);
                (self.classes.valve, false)
            }
            LinkKind::Pipe => return,
            LinkKind::CheckPipe => {
                values.extend([
                    ("kind", text("check")),
                    ("diameter_mm", Value::Real(link.diameter_mm)),
                ]);
                (self.classes.valve, true)
            }
            LinkKind::Valve(valve) => {
                values.extend([
                    ("kind", text(valve.kind.dictionary_code())),
                    ("diameter_mm", Value::Real(link.diameter_mm)),
                    ("setting", Value::Real(valve.setting)),
                    ("curve", text(&valve.curve)),
                    ("loss_coefficient", Value::Real(link.loss_coefficient)),
                    ("remark", remark(&link.tag, &link.remark)),
                ]);
                (self.classes.valve, valve.kind.is_one_way())
            }
            LinkKind::Pump(pump) => {
                values.extend([
                    ("curve", text(&pump.curve)),
                    ("pattern", text(&pump.pattern)),
                    ("power_kw", Value::Real(pump.power_kw)),
                    ("speed", Value::Real(pump.speed)),
                    ("remark", remark(&link.tag, &link.remark)),
                ]);
                (self.classes.pump, true)
            }
        };
        let line = self.line(link);
        let middle_m = self.length_m(link, line.as_deref()) / 2.0;
        let links = Links {
            on_pipe: Some(pipe),
            on_pipe_distance_m: Some(middle_m),
            flow_to: is_one_way.then(|| self.node_ids[link.to]),
            ..Links::default()
        };
        let geometry = line.as_deref().and_then(|line| {
            let [x, y] = self.metric.point_along(line, self.metric.length_m(line) / 2.0)?;
            Some(Geometry::Point([x, y, f64::NAN]))
        });
        self.add(class, geometry, links, values);
    }

    fn count(&mut self) {
        for count in self.model.counts.iter().filter(|c| c.read > 0) {
            let class = match count.section {
                "JUNCTIONS" => "junction",
                "RESERVOIRS" => "reservoir",
                "TANKS" => "tank",
                "PUMPS" => "pump",
                "VALVES" => "valve",
                _ => "pipe",
            };
            self.report.layers.push(LayerReport {
                layer: count.section.to_owned(),
                class: class.to_owned(),
                read: count.read,
                written: count.read - count.rejected,
                rejected: count.rejected,
            });
        }
    }
}

fn tank_values(node: &Node, tank: &Tank) -> Values<'static> {
    vec![
        ("bottom_elevation_m", Value::Real(node.elevation_m)),
        ("level_m", Value::Real(tank.level_m)),
        ("level_min_m", Value::Real(tank.level_min_m)),
        ("level_max_m", Value::Real(tank.level_max_m)),
        ("tank_diameter_m", Value::Real(tank.diameter_m)),
        ("volume_min_m3", Value::Real(tank.volume_min_m3)),
        ("curve", text(&tank.volume_curve)),
    ]
}

fn text(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::Text(text.to_owned())
    }
}

fn remark(tag: &str, comment: &str) -> Value {
    let parts: Vec<&str> = [tag, comment].into_iter().filter(|p| !p.is_empty()).collect();
    text(&parts.join("; "))
}
