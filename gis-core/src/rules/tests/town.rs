//! A grid of streets that breaks no rule, and ways to put faults into it that no operation would.

use chrono::NaiveDate;

use crate::edit::Transaction;
use crate::edit::ops::Request;
use crate::model::{Feature, Geometry, Links, Value};
use crate::network::Network;
use crate::project::{NewProject, Project, Stamp};
use crate::rules::{Finding, Records, Selection, Subject, check};
use crate::schema::Schema;
use crate::{FeatureId, IdSource, Message, NoProgress};

pub(super) const CLERK: Stamp<'_> = Stamp {
    who: "clerk",
    at_unix_ms: 1_750_000_000_000,
};
/// Streets each way, and metres between them.
pub(super) const SIDE: usize = 5;
pub(super) const BLOCK_M: f64 = 50.0;
pub(super) const ORIGIN: [f64; 2] = [500_000.0, 4_850_000.0];

pub(super) struct Town {
    pub(super) project: Project,
    pub(super) ids: IdSource,
    random: IdSource,
    is_named: bool,
    is_building: bool,
    waiting: Vec<Feature>,
}

impl Town {
    /// Odd seeds name the ends of pipes, even ones join them by place.
    pub(super) fn new(seed: u64) -> Self {
        let crs = crate::io::crs::parse("EPSG:4545").unwrap();
        let schema = Schema::builtin().unwrap();
        let new = NewProject {
            name: "town",
            crs: &crs,
            schema: &schema,
            created_unix_ms: CLERK.at_unix_ms,
        };
        let mut town = Self {
            project: Project::temporary(&new).unwrap(),
            ids: IdSource::new(CLERK.at_unix_ms, seed),
            random: IdSource::new(7, seed),
            is_named: seed % 2 == 1,
            is_building: true,
            waiting: Vec::new(),
        };
        let mut nodes = Vec::new();
        for i in 0..SIDE * SIDE {
            let at = corner(i % SIDE, i / SIDE);
            nodes.push(town.point("junction", &format!("N{i}"), at, &[]));
        }
        for i in 0..SIDE * SIDE {
            for (step, is_there) in [(1, i % SIDE + 1 < SIDE), (SIDE, i / SIDE + 1 < SIDE)] {
                if is_there {
                    let [a, b] = [i, i + step].map(|n| corner(n % SIDE, n / SIDE));
                    let ends = [nodes[i], nodes[i + step]].map(Some);
                    town.pipe(&format!("P{i}-{}", i + step), &[a, b], ends, &[]);
                }
            }
        }
        let at = shift(corner(0, 0), [-BLOCK_M, -BLOCK_M]);
        let source = town.point("reservoir", "S", at, &[]);
        town.pipe("PS", &[at, corner(0, 0)], [Some(source), Some(nodes[0])], &[]);
        town.is_building = false;
        town.write();
        town
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.random.next_id().0.as_u128() as u32 as usize) % count
    }

    /// A corner within the town, by its number.
    pub(super) fn some_corner(&mut self) -> usize {
        let (x, y) = (1 + self.below(SIDE - 2), 1 + self.below(SIDE - 2));
        x + y * SIDE
    }

    pub(super) fn point(
        &mut self,
        class: &str,
        code: &str,
        at: [f64; 2],
        values: &[(&str, Value)],
    ) -> FeatureId {
        self.point_with(class, code, at, values, Links::default())
    }

    pub(super) fn point_with(
        &mut self,
        class: &str,
        code: &str,
        at: [f64; 2],
        values: &[(&str, Value)],
        links: Links,
    ) -> FeatureId {
        let geometry = Geometry::Point([at[0], at[1], f64::NAN]);
        let mut usual = vec![("code", text(code)), ("state", text("operative"))];
        usual.extend_from_slice(values);
        self.put(class, geometry, links, &usual)
    }

    /// Names its ends where this town does, unless they are not there.
    pub(super) fn pipe(
        &mut self,
        code: &str,
        line: &[[f64; 2]],
        ends: [Option<FeatureId>; 2],
        values: &[(&str, Value)],
    ) -> FeatureId {
        let geometry = Geometry::Line(line.iter().map(|p| [p[0], p[1], f64::NAN]).collect());
        let mut usual = vec![
            ("code", text(code)),
            ("state", text("operative")),
            ("kind", text("distribution")),
            ("diameter_mm", Value::Real(200.0)),
            ("material", text("DI")),
        ];
        usual.extend_from_slice(values);
        let ends = if self.is_named { ends } else { [None; 2] };
        let links = Links {
            from: ends[0],
            to: ends[1],
            ..Links::default()
        };
        self.put("pipe", geometry, links, &usual)
    }

    /// A pipe from where a corner is, or nearly, to a cap in its block.
    pub(super) fn branch(&mut self, code: &str, line: &[[f64; 2]], from: Option<FeatureId>) -> FeatureId {
        let last = line[line.len() - 1];
        let cap = self.point("cap", &format!("cap of {code}"), last, &[]);
        self.pipe(code, line, [from, Some(cap)], &[])
    }

    fn put(&mut self, class: &str, geometry: Geometry, links: Links, values: &[(&str, Value)]) -> FeatureId {
        let id = self.ids.next_id();
        self.put_as(id, class, geometry, links, values);
        id
    }

    /// As an import would: whether the links lead anywhere is not asked.
    pub(super) fn put_as(
        &mut self,
        id: FeatureId,
        class: &str,
        geometry: Geometry,
        links: Links,
        values: &[(&str, Value)],
    ) {
        let schema = self.project.schema();
        let class = schema.class_index(class).unwrap();
        let fields = &schema.class(class).fields;
        let mut filled = vec![Value::Null; fields.len()];
        for field in fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.key == "is_open")
        {
            filled[field.0] = Value::Boolean(true);
        }
        for (key, value) in values {
            if let Some(position) = schema.class(class).field_index(key) {
                filled[position] = value.clone();
            }
        }
        let feature = Feature {
            id,
            class,
            geometry: Some(geometry),
            links,
            values: filled,
        };
        self.waiting.push(feature);
        if !self.is_building {
            self.write();
        }
    }

    fn write(&mut self) {
        let mut bulk = self.project.begin_bulk().unwrap();
        for feature in self.waiting.drain(..) {
            bulk.insert(&feature).unwrap();
        }
        bulk.finish().unwrap();
    }

    /// Changes a feature past all that an operation would refuse.
    pub(super) fn force(&mut self, code: &str, change: impl FnOnce(&Schema, &mut Feature)) {
        let old = self.get(code);
        let mut new = old.clone();
        change(self.project.schema(), &mut new);
        let mut transaction = Transaction::new(Message::new("x"));
        transaction.change(self.project.schema(), &old, &new);
        self.project.commit(&transaction, CLERK).unwrap();
    }

    pub(super) fn force_value(&mut self, code: &str, field: &str, value: Value) {
        self.force(code, |schema, feature| {
            let position = schema.class(feature.class).field_index(field).unwrap();
            feature.values[position] = value;
        });
    }

    pub(super) fn get(&self, code: &str) -> Feature {
        let (class, id) = self.project.find_code(code).unwrap()[0];
        self.project.record(class, id).unwrap().unwrap()
    }

    pub(super) fn plan(&mut self, request: &str) -> Transaction {
        let request = Request::from_json(request).unwrap();
        request.plan(&self.project, &mut self.ids).unwrap()
    }

    pub(super) fn act(&mut self, request: &str) {
        let transaction = self.plan(request);
        self.project.commit(&transaction, CLERK).unwrap();
    }

    pub(super) fn network(&self) -> Network {
        self.project.network(&NoProgress).unwrap()
    }

    pub(super) fn check(&self) -> Vec<Finding> {
        self.check_only(&Selection::Everything)
    }

    pub(super) fn check_only(&self, selection: &Selection) -> Vec<Finding> {
        let (network, rules) = (self.network(), self.project.rules().unwrap());
        let subject = Subject {
            network: &network,
            schema: self.project.schema(),
            rules: &rules,
            records: Records::Of(&self.project),
            today: NaiveDate::from_ymd_opt(2026, 1, 1),
        };
        check(&subject, selection, &NoProgress).unwrap()
    }

    /// All features.
    pub(super) fn everyone(&self) -> Vec<FeatureId> {
        let mut ids = Vec::new();
        for class in self.project.schema().class_indices() {
            let mut each = |feature: Feature| {
                ids.push(feature.id);
                Ok(())
            };
            self.project.for_each(class, &mut each).unwrap();
        }
        ids
    }
}

pub(super) fn corner(x: usize, y: usize) -> [f64; 2] {
    shift(ORIGIN, [x as f64 * BLOCK_M, y as f64 * BLOCK_M])
}

pub(super) fn place(corner_number: usize) -> [f64; 2] {
    corner(corner_number % SIDE, corner_number / SIDE)
}

pub(super) fn shift(at: [f64; 2], by: [f64; 2]) -> [f64; 2] {
    [at[0] + by[0], at[1] + by[1]]
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
