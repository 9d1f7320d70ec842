//! Turns works into features: codes, addresses, heights, map sheets and the rest of what a record says. It decides
//! nothing about the network.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::plane::Point;
use super::rng::{Rng, mix};
use super::terrain::Terrain;
use super::works::{NO_STREET, Node, Pipe, State, Works};
use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::model::{ClassIndex, Feature, Geometry, Links, Value};
use crate::schema::Schema;
use crate::text::Message;

/// Numbers given so far, by prefix, and the schema's places; lives over all towns.
pub(super) struct Emitter<'a> {
    classes: HashMap<&'static str, Class<'a>>,
    counters: HashMap<&'static str, u32>,
    ids: &'a mut IdSource,
    sink: &'a mut dyn FnMut(Feature) -> Result<()>,
    terrain: Terrain,
    seed: u64,
    pub(super) town: String,
    pub(super) counts: HashMap<&'static str, u64>,
}

struct Class<'a> {
    index: ClassIndex,
    fields: HashMap<&'a str, usize>,
    width: usize,
}

const CLASSES: [(&str, &str); 20] = [
    ("pipe", "JS-GD"),
    ("valve", "FM"),
    ("hydrant", "XHS"),
    ("meter", "SB"),
    ("customer", "YH"),
    ("junction", "JS"),
    ("tee", "JS"),
    ("cross", "JS"),
    ("elbow", "JS"),
    ("reducer", "JS"),
    ("cap", "JS"),
    ("air_valve", "PQ"),
    ("blow_off", "PN"),
    ("pump", "BJ"),
    ("tank", "SC"),
    ("plant", "CH"),
    ("pump_house", "BF"),
    ("measuring_point", "JC"),
    ("reservoir", "SY"),
    ("well", "SJ"),
];

/// Odd numbers on the left, even ones on the right, growing along the road.
pub(super) fn house_number(at_m: f64, is_left: bool) -> u32 {
    2 * (at_m.max(0.0) / 11.0) as u32 + if is_left { 1 } else { 2 }
}

/// 1:500 sheet of 250 m × 250 m by its south-west corner, northing first, in kilometres.
fn map_sheet(p: Point) -> String {
    let corner = |v: f64| (v / 250.0).floor() * 0.25;
    format!("{:.2}-{:.2}", corner(p[1]), corner(p[0]))
}

pub(super) fn dma_name(town: &str, dma: u8) -> String {
    let part = ["河西", "河东", "南山"][usize::from(dma) % 3];
    if town == super::names::town_name(0) {
        format!("{part}计量区")
    } else {
        format!("{town}{part}计量区")
    }
}

impl<'a> Emitter<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        ids: &'a mut IdSource,
        sink: &'a mut dyn FnMut(Feature) -> Result<()>,
        terrain: Terrain,
        seed: u64,
    ) -> Result<Self> {
        let mut classes = HashMap::new();
        for (key, _) in CLASSES {
            let index = schema
                .class_index(key)
                .ok_or_else(|| Error::bad_input(Message::new("core.sample.no_class").with("class", key)))?;
            let fields = &schema.class(index).fields;
            let places = fields
                .iter()
                .enumerate()
                .map(|(i, f)| (f.key.as_str(), i))
                .collect();
            classes.insert(
                key,
                Class {
                    index,
                    fields: places,
                    width: fields.len(),
                },
            );
        }
        Ok(Self {
            classes,
            counters: HashMap::new(),
            ids,
            sink,
            terrain,
            seed,
            town: String::new(),
            counts: HashMap::new(),
        })
    }

    /// The next code of a class: JS-GD-000123.
    fn code(&mut self, class: &'static str) -> String {
        let prefix = CLASSES.iter().find(|c| c.0 == class).map_or("JS", |c| c.1);
        let counter = self.counters.entry(prefix).or_default();
        *counter += 1;
        format!("{prefix}-{counter:06}")
    }

    /// Emits all of a town; ids and codes of nodes and pipes by their index.
    pub(super) fn town(&mut self, works: &Works) -> Result<Emitted> {
        let node_ids: Vec<FeatureId> = works.nodes.iter().map(|_| self.ids.next_id()).collect();
        let pipe_ids: Vec<FeatureId> = works.pipes.iter().map(|_| self.ids.next_id()).collect();
        let degrees = works.degrees();
        let mut node_codes = Vec::with_capacity(works.nodes.len());
        for (i, node) in works.nodes.iter().enumerate() {
            let class = match (node.class, degrees[i]) {
                ("", 0 | 1) => "cap",
                ("", 3) => "tee",
                ("", 4..) => "cross",
                ("", _) => "junction",
                (class, _) => class,
            };
            let links = Links {
                on_pipe: node.on_pipe.map(|(pipe, _)| pipe_ids[pipe as usize]),
                on_pipe_distance_m: node.on_pipe.map(|(_, m)| (m * 100.0).round() / 100.0),
                flow_to: node.flow_to.map(|pipe| pipe_ids[pipe as usize]),
                inlet_pipes: node.inlets.iter().map(|pipe| pipe_ids[*pipe as usize]).collect(),
                ..Links::default()
            };
            node_codes.push(self.node(works, node, class, node_ids[i], links)?);
        }
        let mut pipe_codes = Vec::with_capacity(works.pipes.len());
        for (i, pipe) in works.pipes.iter().enumerate() {
            let links = Links {
                from: pipe.ends[0].map(|n| node_ids[n as usize]),
                to: pipe.ends[1].map(|n| node_ids[n as usize]),
                ..Links::default()
            };
            pipe_codes.push(self.pipe(works, pipe, pipe_ids[i], links)?);
        }
        Ok(Emitted {
            node_ids,
            node_codes,
            pipe_codes,
        })
    }

    fn record(&self, class: &'static str) -> Record<'_> {
        let class = &self.classes[class];
        Record {
            class,
            values: vec![Value::Null; class.width],
        }
    }

    fn node(
        &mut self,
        works: &Works,
        node: &Node,
        class: &'static str,
        id: FeatureId,
        links: Links,
    ) -> Result<String> {
        let code = self.code(class);
        *self.counts.entry(class).or_default() += 1;
        let mut rng = Rng::new(self.seed ^ mix(id_key(id)));
        let ground_m = self.terrain.ground_m(node.at);
        let is_above = matches!(
            class,
            "customer"
                | "hydrant"
                | "pump"
                | "pump_house"
                | "plant"
                | "tank"
                | "measuring_point"
                | "reservoir"
                | "well"
        );
        let depth_m = if is_above {
            0.0
        } else {
            buried_depth_m(node.diameter_mm, node.at)
        };
        let mut record = self.record(class);
        record.text("code", &code);
        if let Some(kind) = node.kind {
            record.text("kind", kind);
        }
        record.state(node.state);
        record.flag("is_open", node.is_open);
        record.flag("is_operable", node.is_operable);
        record.flag("is_accessible", node.is_accessible);
        if node.diameter_mm > 0 {
            record.real("diameter_mm", f64::from(node.diameter_mm));
        }
        if class == "valve" && node.diameter_mm > 0 {
            record.set("turns", Value::Integer(i64::from(node.diameter_mm) * 7 / 100 + 4));
        }
        let address = address(works, &self.town, node.street, node.at_m, node.taker.is_some());
        if let Some(taker) = &node.taker {
            record.set("customers", Value::Integer(i64::from(taker.households)));
            let account = taker.account.map_or_else(|| id_key(id), mix);
            record.text("customer_code", &format!("65{:08}", account % 100_000_000));
            record.text("name", &taker.name);
            // No area code 000 was ever assigned.
            record.text("phone", &format!("000-{:08}", rng.bits() % 100_000_000));
            record.set("is_important", Value::Boolean(taker.is_important));
            record.text(
                "serial_number",
                &format!("SB{}{:06}", node.year, rng.below(1_000_000)),
            );
            record.text("address", &format!("{address}{}", taker.building));
        } else {
            record.text("address", &address);
            if let Some(name) = &node.name {
                record.text(
                    "name",
                    &if self.town == super::names::town_name(0) {
                        name.clone()
                    } else {
                        format!("{}{name}", self.town)
                    },
                );
            }
        }
        if matches!(class, "valve" | "hydrant" | "meter" | "pump") {
            record.text(
                "manufacturer",
                rng.pick(&["天池阀门厂", "北庭水务设备", "云台铸造"]),
            );
        }
        if matches!(class, "plant" | "reservoir" | "well") {
            // The plant's is that behind its pumps, those of raw water that of the water's surface.
            let lift_m = if class == "plant" { 42.0 } else { -6.0 };
            record.real("head_m", (ground_m + lift_m).round());
            record.real("capacity_m3_d", f64::from(node.capacity_m3_d));
        }
        if class == "tank" {
            record.real("bottom_elevation_m", ground_m.round() + 28.0);
            record.real("level_m", 3.2);
            record.real("level_min_m", 0.5);
            record.real("level_max_m", 5.0);
            record.real("tank_diameter_m", 26.0);
        }
        if class == "pump" {
            record.real("power_kw", rng.pick(&[75.0, 110.0, 160.0]));
            record.real("rated_head_m", rng.pick(&[38.0, 45.0, 52.0]));
            record.real("rated_flow_m3_h", rng.pick(&[480.0, 790.0, 1260.0]));
        }
        record.common(
            works,
            &self.town,
            node.street,
            node.at,
            node.dma,
            node.year,
            false,
        );
        record.real("ground_elevation_m", round(ground_m, 1000.0));
        if !is_above {
            record.real("buried_depth_m", depth_m);
            record.real("pipe_elevation_m", round(ground_m - depth_m, 1000.0));
        }
        record.remark(node.remark);
        let feature = Feature {
            id,
            class: record.class.index,
            geometry: Some(Geometry::Point([
                round(node.at[0], 1000.0),
                round(node.at[1], 1000.0),
                round(ground_m - depth_m, 1000.0),
            ])),
            links,
            values: record.values,
        };
        (self.sink)(feature)?;
        Ok(code)
    }

    fn pipe(&mut self, works: &Works, pipe: &Pipe, id: FeatureId, links: Links) -> Result<String> {
        let code = self.code("pipe");
        *self.counts.entry("pipe").or_default() += 1;
        let mut record = self.record("pipe");
        record.text("code", &code);
        record.text("kind", pipe.kind);
        record.state(pipe.state);
        let points: Vec<[f64; 3]> = pipe
            .points
            .iter()
            .map(|p| {
                let z = self.terrain.ground_m(*p) - buried_depth_m(pipe.diameter_mm, *p);
                [round(p[0], 1000.0), round(p[1], 1000.0), round(z, 1000.0)]
            })
            .collect();
        if pipe.diameter_mm > 0 {
            record.real("diameter_mm", f64::from(pipe.diameter_mm));
            record.text("material", pipe.material);
            record.real("roughness_hw", roughness(pipe.material, pipe.year));
        }
        let length_m: f64 = points
            .windows(2)
            .map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1]))
            .sum();
        record.real("length_m", round(length_m, 100.0));
        let (first, last) = (pipe.points[0], pipe.points[pipe.points.len() - 1]);
        record.real("depth_from_m", buried_depth_m(pipe.diameter_mm, first));
        record.real("depth_to_m", buried_depth_m(pipe.diameter_mm, last));
        record.real("elevation_from_m", points[0][2]);
        record.real("elevation_to_m", points[points.len() - 1][2]);
        record.text(
            "burial",
            if pipe.material == "ST" && pipe.diameter_mm > 500 {
                "casing"
            } else {
                "direct"
            },
        );
        record.text(
            "address",
            &address(works, &self.town, pipe.street, pipe.at_m, false),
        );
        let middle = pipe.points[pipe.points.len() / 2];
        record.common(
            works,
            &self.town,
            pipe.street,
            middle,
            pipe.dma,
            pipe.year,
            pipe.kind == "service",
        );
        record.remark(pipe.remark);
        let feature = Feature {
            id,
            class: record.class.index,
            geometry: Some(Geometry::Line(points)),
            links,
            values: record.values,
        };
        (self.sink)(feature)?;
        Ok(code)
    }

    /// A pipe between towns, whose ends were emitted with their towns.
    pub(super) fn link(&mut self, works: &Works, mut pipe: Pipe, ends: [FeatureId; 2]) -> Result<String> {
        pipe.street = NO_STREET;
        let id = self.ids.next_id();
        self.pipe(
            works,
            &pipe,
            id,
            Links {
                from: Some(ends[0]),
                to: Some(ends[1]),
                ..Links::default()
            },
        )
    }
}

/// Ids and codes given to a town's nodes and pipes.
pub(super) struct Emitted {
    pub(super) node_ids: Vec<FeatureId>,
    pub(super) node_codes: Vec<String>,
    pub(super) pipe_codes: Vec<String>,
}

struct Record<'a> {
    class: &'a Class<'a>,
    values: Vec<Value>,
}

impl Record<'_> {
    /// Fields the class does not have are passed over.
    fn set(&mut self, key: &str, value: Value) {
        if let Some(i) = self.class.fields.get(key) {
            self.values[*i] = value;
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        self.set(key, Value::Text(text.to_owned()));
    }

    fn real(&mut self, key: &str, number: f64) {
        self.set(key, Value::Real(number));
    }

    fn flag(&mut self, key: &str, flag: bool) {
        self.set(key, Value::Boolean(flag));
    }

    fn state(&mut self, state: State) {
        let code = match state {
            State::Planned => "planned",
            State::Operative => "operative",
            State::Obsolete => "obsolete",
        };
        self.text("state", code);
    }

    fn remark(&mut self, remark: &str) {
        if !remark.is_empty() {
            self.text("remark", remark);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what every record of the register ends with"
    )]
    fn common(
        &mut self,
        works: &Works,
        town: &str,
        street: u32,
        at: Point,
        dma: u8,
        year: u16,
        is_private: bool,
    ) {
        if let Some(street) = works.town.plan.streets.get(street as usize) {
            self.text("road", &street.name);
        }
        self.text("dma", &dma_name(town, dma));
        let day = mix(u64::from(street) * 97 + u64::from(year));
        let date = NaiveDate::from_ymd_opt(i32::from(year), 4 + (day % 7) as u32, 1 + (day / 7 % 28) as u32);
        self.set("install_date", date.map_or(Value::Null, Value::Date));
        self.text(
            "owner",
            if is_private {
                "用户自管"
            } else {
                "天池供水有限公司"
            },
        );
        self.text("project_code", &format!("GS{year}-{:03}", street % 1000));
        self.text("map_sheet", &map_sheet(at));
        if year >= 2000 {
            self.text("survey_unit", "天池勘测队");
        }
    }
}

fn address(works: &Works, town: &str, street: u32, at_m: f64, is_exact: bool) -> String {
    let Some(name) = works
        .town
        .plan
        .streets
        .get(street as usize)
        .map(|s| s.name.as_str())
    else {
        return town.to_owned();
    };
    let number = house_number(at_m, (at_m as u64).is_multiple_of(2));
    if is_exact {
        format!("{town}{name}{number}号")
    } else {
        format!("{name}{number}号旁")
    }
}

/// Below the frost of Ürümqi, more for bigger mains, in centimetres.
fn buried_depth_m(diameter_mm: u16, p: Point) -> f64 {
    let sway = 0.18 * (p[0] / 61.0).sin() * (p[1] / 83.0).cos();
    round(1.55 + f64::from(diameter_mm) / 1000.0 * 0.6 + sway, 100.0)
}

fn roughness(material: &str, year: u16) -> f64 {
    let age = f64::from(2026 - year.min(2026));
    let (new, per_year) = match material {
        "CI" | "ST" | "GS" => (130.0, 0.75),
        "DI" => (135.0, 0.35),
        "PE" | "PVC" | "PPR" | "SS" | "PSP" => (145.0, 0.1),
        _ => (125.0, 0.3),
    };
    (new - per_year * age).round()
}

fn round(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

fn id_key(id: FeatureId) -> u64 {
    let bytes = id.as_bytes();
    bytes[8..].iter().fold(0, |sum, b| (sum << 8) | u64::from(*b))
}
