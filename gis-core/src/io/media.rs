//! Files on their way to a feature and back: read from disk, put beside what lies nearest to where a photograph was taken,
//! written out again. How they are kept is the project's affair.

use std::path::Path;

use super::crs::{self, Transform};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::ClassIndex;
use crate::network::Network;
use crate::project::{NewMedia, Project, check_size};
use crate::text::Message;

/// Reads a file to be attached. Takes as long as decoding a picture: not for a frame.
///
/// # Errors
/// `BadInput` where it is missing, empty, too large, a program, a project, or not what its name says.
pub fn read_file(path: &Path) -> Result<NewMedia> {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let meta = std::fs::metadata(path).map_err(|e| Error::io(path, e))?;
    if !meta.is_file() {
        return Err(Error::bad_input(
            Message::new("media.error.no_file").with("name", name),
        ));
    }
    check_size(&name, meta.len())?;
    // It may be the very project that is open, which only SQLite may touch.
    if Project::is_project(path)? {
        return Err(Error::bad_input(
            Message::new("media.error.project").with("name", name),
        ));
    }
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    NewMedia::new(&name, bytes)
}

/// Where a longitude and latitude lie in a project's system; `None` where that cannot be said.
pub fn place_in(crs: &Crs, [longitude, latitude]: [f64; 2]) -> Option<[f64; 2]> {
    if crs.is_local() {
        return None;
    }
    let place = crs::parse("EPSG:4326")
        .and_then(|wgs84| Transform::new(&wgs84, crs))
        .and_then(|transform| transform.point([longitude, latitude]))
        .ok()?;
    place.iter().all(|v| v.is_finite()).then_some(place)
}

/// The feature nearest to a place of the project, devices before the pipes they sit on, with its distance in metres.
///
/// # Errors
/// `Refused` where nothing lies within `reach_m`.
pub fn nearest(network: &Network, place: [f64; 2], reach_m: f64) -> Result<(ClassIndex, FeatureId, f64)> {
    // A photograph of a valve is taken a step or two away from it.
    const STEP_M: f64 = 2.0;
    let node = network
        .nodes_near(place, reach_m)
        .into_iter()
        .filter(|(node, _)| !network.is_anonymous(*node))
        .min_by(|a, b| a.1.total_cmp(&b.1));
    let pipe = network
        .pipes_near(place, reach_m)
        .into_iter()
        .min_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
    match (node, pipe) {
        (Some((node, node_m)), pipe)
            if pipe
                .as_ref()
                .is_none_or(|pipe| node_m <= pipe.distance_m + STEP_M) =>
        {
            Ok((network.node_class(node), network.node_id(node), node_m))
        }
        (_, Some(hit)) => Ok((
            network.pipe_class(hit.pipe),
            network.pipe_id(hit.pipe),
            hit.distance_m,
        )),
        _ => Err(Error::Refused(
            Message::new("media.error.nothing_near").with("reach", format!("{reach_m:.0}")),
        )),
    }
}

/// Writes an attached file out under a name that must be free.
///
/// # Errors
/// `BadInput` where there is no such attachment or the file exists; it cannot be written.
pub fn save(project: &Project, id: FeatureId, path: &Path) -> Result<()> {
    if path.exists() {
        return Err(Error::bad_input(
            Message::new("media.error.exists").with("path", path.display()),
        ));
    }
    let bytes = project
        .attached_bytes(id)?
        .ok_or_else(|| Error::bad_input(Message::new("media.error.gone").with("id", id)))?;
    std::fs::write(path, bytes).map_err(|e| Error::io(path, e))
}

/// A file name without folders and characters that some system takes for something else.
pub fn safe_name(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    match safe.trim_matches(['.', ' ']) {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}
