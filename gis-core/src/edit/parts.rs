//! 节点零件库: assemblies of fittings that are placed as one, those the program comes with (`assets/parts`) and those kept
//! in a project, and what they are made of. It places nothing (`ops::assembly` does).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::error::{Error, Result};
use crate::project::Project;
use crate::schema::Label;
use crate::text::{Lang, Message, translate};

/// The field that names the assembly a feature was placed with.
pub const ASSEMBLY_FIELD: &str = "assembly";
/// The field that keeps what an assembly is made of beside its features.
pub const MATERIALS_FIELD: &str = "materials";
const DOCUMENT_PREFIX: &str = "part/";

const FILES: [(&str, &str); 3] = [
    (
        "tee-three-valves",
        include_str!("../../../assets/parts/tee-three-valves.toml"),
    ),
    (
        "cross-four-valves",
        include_str!("../../../assets/parts/cross-four-valves.toml"),
    ),
    (
        "hydrant-branch",
        include_str!("../../../assets/parts/hydrant-branch.toml"),
    ),
];

/// An assembly: a node, what stands around it, and what else is built in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assembly {
    pub label: Label,
    pub anchor: Piece,
    #[serde(default, rename = "arm")]
    pub arms: Vec<Arm>,
    #[serde(default, rename = "material")]
    pub materials: Vec<Material>,
}

/// A node of an assembly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    pub class: String,
    #[serde(default)]
    pub values: Map<String, Json>,
}

/// A node beside the anchor, in the pipe that leaves there, or at the end of a new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Anticlockwise from the direction of the pipe.
    pub angle_deg: f64,
    pub distance_m: f64,
    pub class: String,
    #[serde(default)]
    pub values: Map<String, Json>,
}

/// Something that is built in and is no feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Material {
    pub label: Label,
    pub quantity: f64,
    pub unit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specification: Option<String>,
}

/// Where an assembly comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    Builtin,
    Project,
}

/// One line of a bill of materials.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BillLine {
    pub label: Label,
    pub specification: Option<String>,
    pub unit: String,
    pub quantity: f64,
}

impl BillLine {
    /// The unit in words; one that nobody has translated stays as it is.
    pub fn unit_text(&self, lang: Lang) -> String {
        let key = format!("edit.part.unit.{}", self.unit);
        let text = translate(&key, lang);
        if text == key { self.unit.clone() } else { text }
    }
}

impl Assembly {
    fn parse(name: &str, text: &str) -> Result<Self> {
        let assembly: Self = toml::from_str(text).map_err(|e| unreadable(name, &e))?;
        for arm in &assembly.arms {
            if !arm.angle_deg.is_finite() || !arm.distance_m.is_finite() || arm.distance_m <= 0.0 {
                return Err(unreadable(name, &format!("distance_m = {}", arm.distance_m)));
            }
        }
        Ok(assembly)
    }
}

fn unreadable(name: &str, reason: &dyn std::fmt::Display) -> Error {
    Error::bad_input(
        Message::new("edit.part.unreadable")
            .with("name", name)
            .with("reason", reason),
    )
}

impl Project {
    /// The assemblies that can be placed, those of the project first.
    ///
    /// # Errors
    /// `BadInput` naming the assembly that cannot be read.
    pub fn assemblies(&self) -> Result<Vec<(String, Shelf, Assembly)>> {
        let mut all = Vec::new();
        for document in self.document_names(DOCUMENT_PREFIX)? {
            let name = document.trim_start_matches(DOCUMENT_PREFIX).to_owned();
            let text = self.document(&document)?.unwrap_or_default();
            let assembly = Assembly::parse(&name, &text)?;
            all.push((name, Shelf::Project, assembly));
        }
        for (name, text) in FILES {
            all.push((name.to_owned(), Shelf::Builtin, Assembly::parse(name, text)?));
        }
        Ok(all)
    }

    /// An assembly by its name or label.
    ///
    /// # Errors
    /// `BadInput` naming those there are.
    pub fn assembly(&self, name: &str) -> Result<(String, Assembly)> {
        let all = self.assemblies()?;
        let known = all
            .iter()
            .map(|(key, ..)| key.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        all.into_iter()
            .find(|(key, _, a)| key == name || a.label.zh == name || a.label.en == name)
            .map(|(key, _, assembly)| (key, assembly))
            .ok_or_else(|| {
                Error::bad_input(
                    Message::new("edit.part.unknown")
                        .with("name", name)
                        .with("known", known),
                )
            })
    }

    /// Keeps an assembly in the project's own library.
    ///
    /// # Errors
    /// The project is read-only.
    pub fn save_assembly(&mut self, name: &str, assembly: &Assembly) -> Result<()> {
        let text = toml::to_string(assembly).map_err(|e| unreadable(name, &e))?;
        self.store_document(&format!("{DOCUMENT_PREFIX}{name}"), &text)
    }

    /// Gives an assembly of the project's own library another name.
    ///
    /// # Errors
    /// The project has none of that name, or has one of the new name already.
    pub fn rename_assembly(&mut self, name: &str, new: &str) -> Result<()> {
        let (_, mut assembly) = self.own_assembly(name)?;
        if self.document(&format!("{DOCUMENT_PREFIX}{new}"))?.is_some() {
            return Err(Error::bad_input(
                Message::new("edit.part.taken").with("name", new),
            ));
        }
        assembly.label = Label {
            zh: new.to_owned(),
            en: new.to_owned(),
        };
        self.save_assembly(new, &assembly)?;
        self.delete_assembly(name)
    }

    /// Takes an assembly out of the project's own library. What was placed stays.
    ///
    /// # Errors
    /// The project has none of that name.
    pub fn delete_assembly(&mut self, name: &str) -> Result<()> {
        let (document, _) = self.own_assembly(name)?;
        self.delete_document(&document)
    }

    fn own_assembly(&self, name: &str) -> Result<(String, Assembly)> {
        let document = format!("{DOCUMENT_PREFIX}{name}");
        let text = self
            .document(&document)?
            .ok_or_else(|| Error::bad_input(Message::new("edit.part.not_own").with("name", name)))?;
        Ok((document, Assembly::parse(name, &text)?))
    }

    /// What the placed assemblies are made of: their features by class and size, then what else was built in.
    ///
    /// # Errors
    /// `BadInput` when a list of materials cannot be read.
    pub fn bill_of_materials(&self) -> Result<Vec<BillLine>> {
        let mut features: BTreeMap<(u16, String), f64> = BTreeMap::new();
        let mut others: Vec<BillLine> = Vec::new();
        for index in self.schema().class_indices() {
            let class = self.schema().class(index);
            if class.field_index(ASSEMBLY_FIELD).is_none() {
                continue;
            }
            let columns = self.columns(index, &[ASSEMBLY_FIELD, MATERIALS_FIELD, "diameter_mm"])?;
            for row in 0..columns.len() {
                if columns.value(row, ASSEMBLY_FIELD).is_null() {
                    continue;
                }
                let size = columns.value(row, "diameter_mm").as_real();
                let size = size.map_or_else(String::new, |mm| format!("DN{mm}"));
                *features.entry((index.0, size)).or_default() += 1.0;
                for material in read_materials(&columns.value(row, MATERIALS_FIELD))? {
                    add(&mut others, material);
                }
            }
        }
        let mut bill: Vec<BillLine> = features
            .into_iter()
            .map(|((class, size), quantity)| BillLine {
                label: self.schema().class(crate::ClassIndex(class)).label.clone(),
                specification: (!size.is_empty()).then_some(size),
                unit: "piece".to_owned(),
                quantity,
            })
            .collect();
        bill.extend(others);
        Ok(bill)
    }
}

/// The materials that a cell keeps.
fn read_materials(value: &crate::Value) -> Result<Vec<Material>> {
    match value.as_text() {
        None | Some("") => Ok(Vec::new()),
        Some(text) => serde_json::from_str(text).map_err(|e| unreadable(MATERIALS_FIELD, &e)),
    }
}

fn add(bill: &mut Vec<BillLine>, material: Material) {
    let line = bill.iter_mut().find(|line| {
        line.label == material.label
            && line.unit == material.unit
            && line.specification == material.specification
    });
    match line {
        Some(line) => line.quantity += material.quantity,
        None => bill.push(BillLine {
            label: material.label,
            specification: material.specification,
            unit: material.unit,
            quantity: material.quantity,
        }),
    }
}
