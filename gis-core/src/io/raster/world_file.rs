//! World files: six numbers beside a picture that say where it lies. They hold no coordinate system.

use std::path::{Path, PathBuf};

use super::files::{bad, extension};
use crate::cartography::layers::Placement;
use crate::error::{Error, Result};

/// The endings a world file of a picture can have, the usual first.
fn endings(path: &Path) -> Vec<String> {
    let kind = extension(path);
    let short: String = kind.chars().take(1).chain(kind.chars().last()).collect();
    let mut endings = vec![format!("{short}w"), format!("{kind}w"), "wld".to_owned()];
    if kind == "tiff" {
        endings.insert(0, "tfw".to_owned());
    }
    if kind == "jpeg" {
        endings.insert(0, "jgw".to_owned());
    }
    endings
}

/// The world file of a picture, where there is one.
pub fn beside(path: &Path) -> Option<PathBuf> {
    endings(path)
        .iter()
        .flat_map(|e| [path.with_extension(e), path.with_extension(e.to_uppercase())])
        .find(|p| p.is_file())
}

/// GDAL's six numbers from the world file of a picture; `None` where there is none.
///
/// # Errors
/// It does not hold six numbers, or they place nothing.
pub fn read_beside(path: &Path) -> Result<Option<[f64; 6]>> {
    beside(path).map(|file| read(&file)).transpose()
}

fn read(file: &Path) -> Result<[f64; 6]> {
    let text = std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?;
    // Some programs write a decimal comma.
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map_while(|word| word.replace(',', ".").parse().ok())
        .collect();
    let [a, d, b, e, x, y] = numbers[..] else {
        return Err(Error::bad_input(
            bad("raster.world_file.broken", file).with("found", numbers.len()),
        ));
    };
    // It names the middle of the first pixel, GDAL its corner.
    let affine = [x - a.midpoint(b), a, b, y - d.midpoint(e), d, e];
    Placement::affine(affine)?;
    Ok(affine)
}

/// Writes the world file of a picture and says where it is. One that is there is replaced.
///
/// # Errors
/// A bent placement does not fit into six numbers; the folder cannot be written.
pub fn write_beside(path: &Path, placement: &Placement) -> Result<PathBuf> {
    let Some(g) = placement.as_affine() else {
        return Err(Error::bad_input(bad("raster.world_file.bent", path)));
    };
    let file = beside(path).unwrap_or_else(|| path.with_extension(&endings(path)[0]));
    let text = format!(
        "{:.12}\n{:.12}\n{:.12}\n{:.12}\n{:.6}\n{:.6}\n",
        g[1],
        g[4],
        g[2],
        g[5],
        g[0] + g[1].midpoint(g[2]),
        g[3] + g[4].midpoint(g[5]),
    );
    std::fs::write(&file, text).map_err(|e| Error::io(&file, e))?;
    Ok(file)
}
