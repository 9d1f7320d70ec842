//! Finds what the user names: codes, places. What is not found comes back with what looks like it.

use gis_core::analysis::path::Place;
use gis_core::network::{Network, NodeIndex, PipeIndex};
use gis_core::{Error, Message, Result};

/// How many near names a complaint offers.
const SUGGESTIONS: usize = 3;

pub(crate) fn pipes(network: &Network, code: &str) -> Result<Vec<PipeIndex>> {
    let found = network.pipes_with_code(code);
    if found.is_empty() {
        let near = nearest_names(code, network.pipes().map(|p| network.pipe_code(p)));
        return Err(unknown("cli.error.unknown_pipe", code, &near));
    }
    Ok(found)
}

pub(crate) fn nodes(network: &Network, code: &str) -> Result<Vec<NodeIndex>> {
    let found = network.nodes_with_code(code);
    if found.is_empty() {
        let near = nearest_names(code, network.nodes().map(|n| network.node_code(n)));
        return Err(unknown("cli.error.unknown_node", code, &near));
    }
    Ok(found)
}

/// `X,Y` in the project's coordinates.
pub(crate) fn point(text: &str) -> Option<[f64; 2]> {
    let (x, y) = text.split_once([',', '，'])?;
    let place = [x.trim().parse().ok()?, y.trim().parse().ok()?];
    place.iter().all(|v: &f64| v.is_finite()).then_some(place)
}

/// For clap: a place, or what was expected.
pub(crate) fn parse_point(text: &str) -> Result<[f64; 2], String> {
    point(text).ok_or_else(|| format!("{text:?}: X,Y"))
}

/// An end of a path: coordinates, the code of a node, or that of a pipe (its middle).
pub(crate) fn place(network: &Network, text: &str, radius_m: f64) -> Result<Place> {
    let nodes = network.nodes_with_code(text);
    // Of several nodes with one code the one that is connected is meant.
    let connected = |n: &&NodeIndex| !network.pieces_at(**n).is_empty() || network.hangs_on(**n).is_some();
    if let Some(node) = nodes.iter().find(connected).or(nodes.first()) {
        return Ok(Place::Node(*node));
    }
    if let Some(pipe) = network.pipes_with_code(text).first() {
        return Place::on_pipe(network, *pipe);
    }
    if let Some(place) = point(text) {
        return Place::near(network, place, radius_m);
    }
    let codes = network
        .nodes()
        .map(|n| network.node_code(n))
        .chain(network.pipes().map(|p| network.pipe_code(p)));
    Err(unknown(
        "cli.error.unknown_place",
        text,
        &nearest_names(text, codes),
    ))
}

fn unknown(key: &'static str, code: &str, near: &[String]) -> Error {
    let hint = if near.is_empty() {
        String::new()
    } else {
        near.join(", ")
    };
    Error::bad_input(Message::new(key).with("code", code).with("near", hint))
}

fn nearest_names<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut scored: Vec<(usize, &str)> = Vec::new();
    for name in names.filter(|n| !n.is_empty()) {
        let is_prefix = name.starts_with(wanted) || wanted.starts_with(name);
        let distance = if is_prefix {
            1
        } else {
            strsim::levenshtein(wanted, name)
        };
        if distance <= 2.max(wanted.chars().count() / 3) {
            scored.push((distance, name));
        }
    }
    scored.sort_unstable();
    scored.dedup();
    scored
        .into_iter()
        .take(SUGGESTIONS)
        .map(|(_, name)| name.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_with_either_comma_and_nonsense_is_not_a_place() {
        assert_eq!(point("1.5,-2"), Some([1.5, -2.0]));
        assert_eq!(point("1.5，2"), Some([1.5, 2.0]));
        assert_eq!(point("P-1,x"), None);
        assert_eq!(point("nan,1"), None);
    }

    #[test]
    fn near_names_are_offered_nearest_first() {
        let names = ["P-100", "P-101", "V-1", "P-1"];
        assert_eq!(
            nearest_names("P-10", names.into_iter()),
            ["P-1", "P-100", "P-101"]
        );
        assert_eq!(nearest_names("zzzzzzzz", names.into_iter()), Vec::<String>::new());
    }
}
