//! What conditions on places and on the network mean in a project: each becomes a shape, or the features for which it
//! holds.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::area::{Area, Measured};
use super::{trace, unreadable};
use crate::error::{Error, Result};
use crate::expr::{Expr, ExprError, PlaceAt, Relation, Where, nearest};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Geometry};
use crate::network::Network;
use crate::progress::Progress;
use crate::project::{Project, Selection};
use crate::schema::normalised;
use crate::text::{Lang, Message};

/// By the keys of the conditions.
pub(super) type Places = HashMap<String, Meaning>;

#[derive(Debug)]
pub(super) enum Meaning {
    Shape(Measured),
    Features(HashSet<FeatureId>),
}

/// # Errors
/// A subject is not there, with its place in the text and names that are near.
pub(super) fn resolve(
    condition: &Expr,
    project: &Project,
    network: Option<&Network>,
    progress: &dyn Progress,
) -> Result<Places> {
    let mut places = Places::new();
    let mut own: Option<Network> = None;
    for at in condition.places() {
        if places.contains_key(&at.place.key) {
            continue;
        }
        let meaning = match at.place.relation {
            Relation::Within | Relation::Intersects | Relation::Crosses | Relation::WithinDistance => {
                Meaning::Shape(area(project, at)?.measured(project.crs()))
            }
            Relation::InDma => Meaning::Features(in_dma(project, at)?),
            Relation::ConnectedTo | Relation::DownstreamOf | Relation::InSegmentOf => {
                let network = match (network, &mut own) {
                    (Some(network), _) => network,
                    (None, Some(read)) => read,
                    (None, none) => none.insert(project.network(progress)?),
                };
                Meaning::Features(traced(project, network, at)?)
            }
        };
        places.insert(at.place.key.clone(), meaning);
    }
    Ok(places)
}

fn told(at: &PlaceAt, key: &'static str) -> ExprError {
    at.error(Message::new(key).with("found", &at.place.subject), Vec::new())
}

fn area(project: &Project, at: &PlaceAt) -> Result<Area> {
    let subject = &at.place.subject;
    let of_wkt = |within_m| Area::of_wkt(subject, within_m);
    match at.place.relation {
        Relation::Within => of_wkt(0.0).map(Area::inside),
        Relation::Crosses => of_wkt(0.0).map(Area::across),
        Relation::WithinDistance => {
            if let Ok(area) = of_wkt(at.place.metres) {
                return Ok(area);
            }
            let mut geometries: Vec<Geometry> = Vec::new();
            for (class, id) in known(project, at)? {
                geometries.extend(project.record(class, id)?.and_then(|feature| feature.geometry));
            }
            return Area::around_features(&geometries, at.place.metres)
                .map_err(|_| unreadable(&told(at, "expr.error.shape_or_code")));
        }
        _ => of_wkt(0.0),
    }
    .map_err(|_| unreadable(&told(at, "expr.error.wkt")))
}

/// Features with the code that is meant.
fn known(project: &Project, at: &PlaceAt) -> Result<Vec<(ClassIndex, FeatureId)>> {
    let subject = at.place.subject.trim();
    let found = project.find_code(subject)?;
    if !found.is_empty() {
        return Ok(found);
    }
    let mut codes: HashSet<String> = HashSet::new();
    let length = subject.chars().count();
    for class in with_field(project, "code") {
        let selection = Selection {
            fields: vec!["code".to_owned()],
            ..Selection::default()
        };
        project.select_rows(class, &selection, |row| {
            // Of codes much longer or shorter none is near.
            let code = row.values[0].as_text().unwrap_or_default();
            if code.chars().count().abs_diff(length) <= 2 {
                codes.insert(code.to_owned());
            }
            Ok(())
        })?;
    }
    let mut codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    codes.sort_unstable();
    let message = Message::new("expr.error.unknown_code").with("found", subject);
    Err(unreadable(
        &at.error(message, nearest(subject, codes.into_iter())),
    ))
}

fn with_field<'a>(project: &'a Project, key: &'a str) -> impl Iterator<Item = ClassIndex> + 'a {
    let schema = project.schema();
    schema
        .class_indices()
        .filter(move |class| schema.class(*class).field_index(key).is_some())
}

/// Names of zones compare without case, spaces and full-width forms.
fn in_dma(project: &Project, at: &PlaceAt) -> Result<HashSet<FeatureId>> {
    let wanted = normalised(&at.place.subject);
    let mut found = HashSet::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let selection = Selection {
        fields: vec!["dma".to_owned()],
        condition: Some(Where {
            sql: "f.dma IS NOT NULL".to_owned(),
            parameters: Vec::new(),
            rest: None,
        }),
        ..Selection::default()
    };
    for class in with_field(project, "dma") {
        project.select_rows(class, &selection, |row| {
            let name = row.values[0].as_text().unwrap_or_default();
            if normalised(name) == wanted {
                found.insert(row.id);
            } else if !names.contains(name) {
                names.insert(name.to_owned());
            }
            Ok(())
        })?;
    }
    if found.is_empty() {
        let mut error = told(at, "expr.error.unknown_dma");
        error.near = nearest(&at.place.subject, names.iter().map(String::as_str));
        return Err(unreadable(&error));
    }
    Ok(found)
}

fn traced(project: &Project, network: &Network, at: &PlaceAt) -> Result<HashSet<FeatureId>> {
    let ids: Vec<FeatureId> = known(project, at)?.into_iter().map(|(_, id)| id).collect();
    let start = trace::Start::of(network, &ids);
    if start.is_empty() {
        return Err(unreadable(&told(at, "expr.error.not_in_network")));
    }
    match at.place.relation {
        Relation::ConnectedTo => Ok(trace::connected(network, &start)),
        Relation::DownstreamOf => Ok(trace::downstream(network, &start)),
        _ => trace::segment(network, &start).map_err(|error| match error {
            Error::Refused(reason) => {
                let [zh, en] = [Lang::ZhCn, Lang::En].map(|lang| reason.text(lang));
                let message = Message::new("expr.error.segment")
                    .with("found", &at.place.subject)
                    .with_each("reason", &zh, &en);
                unreadable(&at.error(message, Vec::new()))
            }
            other => other,
        }),
    }
}
