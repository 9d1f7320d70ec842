//! Areas of foreign layers as the zones of diagrams, in project coordinates. It draws nothing and sums nothing up.

use gdal::vector::LayerAccess as _;
use geo::{LineString, MultiPolygon, Polygon};

use super::foreign::ForeignReader;
use super::rows;
use super::sketch::{self, Lettering, Piece, Sketch};
use super::values::Cell;
use crate::cartography::WebPlace;
use crate::cartography::layers::{DiagramZones, LayerSource, MapDocument, VectorSource};
use crate::cartography::thematic::ClassColumns;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::issue::{Issue, Issues, Severity};
use crate::progress::Progress;
use crate::query::ZoneArea;
use crate::text::Message;

/// More zones than this are no zones but features.
const MOST_ZONES: usize = 20_000;

/// Reads the areas that diagrams of a document are made for, and puts them where the document's themes look for them.
/// `extent` of the project's data places a local system on the map. Layers that cannot be read become issues.
///
/// # Errors
/// Cancelled, or no way leads from the project's system to the map.
pub fn read_zones(
    document: &MapDocument,
    crs: &Crs,
    extent: Option<[f64; 4]>,
    columns: &mut ClassColumns,
    progress: &dyn Progress,
) -> Result<Issues> {
    let mut issues = Issues::default();
    for wanted in wanted(document) {
        progress.check()?;
        match areas_of(document, &wanted, (crs, extent), progress) {
            Ok(areas) => columns.insert_zones(wanted, areas),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => {
                issues.push(Issue::new(Severity::Warning, error.message()).in_layer(wanted.layer.0));
            }
        }
    }
    Ok(issues)
}

/// The zones of the diagrams that are shown, each once.
fn wanted(document: &MapDocument) -> Vec<DiagramZones> {
    let mut found: Vec<DiagramZones> = Vec::new();
    for shown in document.layers().iter().filter(|shown| shown.is_visible) {
        if let Some(zones) = shown.layer.renderer.zone_areas()
            && !found.contains(zones)
        {
            found.push(zones.clone());
        }
    }
    found
}

fn areas_of(
    document: &MapDocument,
    wanted: &DiagramZones,
    (crs, extent): (&Crs, Option<[f64; 4]>),
    progress: &dyn Progress,
) -> Result<Vec<ZoneArea>> {
    let source = document.layer(&wanted.layer).map(|layer| &layer.source);
    let Some(LayerSource::Vector(source)) = source else {
        return Err(Error::bad_input(
            Message::new("thematic.zones.no_layer").with("layer", &wanted.layer),
        ));
    };
    areas_in(source, Some(&wanted.name), (crs, extent), progress)
}

/// Columns that name areas, where none is named.
const NAMES: [&str; 5] = ["name", "\u{540d}\u{79f0}", "xzqmc", "zone", "dma"];

/// The areas of a foreign layer, named by a column; without one by the column that is called so. `extent` of the project's data
/// places a local system on the map.
///
/// # Errors
/// As for [`ForeignReader::open`] and [`ForeignReader::areas`]; there are no areas, or too many.
pub fn areas_in(
    source: &VectorSource,
    column: Option<&str>,
    (crs, extent): (&Crs, Option<[f64; 4]>),
    progress: &dyn Progress,
) -> Result<Vec<ZoneArea>> {
    let reader = ForeignReader::open(source, crs, extent)?;
    let place = WebPlace::new(crs, extent)?;
    let known = reader.parts().flat_map(|(layer, _, _)| &layer.columns);
    let guessed = known
        .map(|column| column.name.as_str())
        .find(|name| NAMES.contains(&name.to_lowercase().as_str()));
    let areas = reader.areas(column.or(guessed).unwrap_or_default(), &place, progress)?;
    if areas.is_empty() {
        return Err(Error::bad_input(
            Message::new("thematic.zones.no_areas").with("path", &source.path),
        ));
    }
    if areas.len() > MOST_ZONES {
        return Err(Error::bad_input(
            Message::new("thematic.zones.too_many")
                .with("path", &source.path)
                .with("count", areas.len())
                .with("most", MOST_ZONES),
        ));
    }
    Ok(areas)
}

impl ForeignReader {
    /// Every area of the layers, named by a column; by its number where the column is empty or the area has no name.
    /// Areas of the same name are parts of one zone.
    ///
    /// # Errors
    /// No layer has the column, the file is damaged or gone; `Cancelled`.
    pub fn areas(&self, name: &str, place: &WebPlace, progress: &dyn Progress) -> Result<Vec<ZoneArea>> {
        let mut zones: Vec<ZoneArea> = Vec::new();
        let mut columns: Vec<&str> = Vec::new();
        let mut is_named = name.trim().is_empty();
        for (described, part, own) in self.parts() {
            let column = described
                .columns
                .iter()
                .position(|column| column.name.eq_ignore_ascii_case(name.trim()));
            is_named |= column.is_some();
            columns.extend(described.columns.iter().map(|c| c.name.as_str()));
            let mut layer = part.dataset.layer(described.index)?;
            for (i, row) in layer.features().enumerate() {
                if i % 512 == 0 {
                    progress.check()?;
                }
                let Some(geometry) = rows::geometry(&row) else {
                    continue;
                };
                let mut drawn = Sketch::default();
                let to_web = |points: &mut [[f64; 2]]| own.to_mercator(points);
                sketch::add(&mut drawn, geometry, Lettering::None, 0.0, &to_web);
                let area = area_of(drawn, place);
                if area.0.is_empty() {
                    continue;
                }
                let told = column.map(|c| rows::cell(&row, c, &described.columns[c], part.codec).0);
                let name = match told {
                    Some(Cell::Text(text)) => text.trim().to_owned(),
                    Some(Cell::Integer(number)) => number.to_string(),
                    Some(Cell::Real(number)) => number.to_string(),
                    Some(Cell::Date(day)) => day.to_string(),
                    Some(Cell::Null) | None => String::new(),
                };
                let known = zones
                    .iter_mut()
                    .find(|zone| !name.is_empty() && zone.name == name);
                match known {
                    Some(zone) => zone.area.0.extend(area.0),
                    None => zones.push(ZoneArea {
                        name: if name.is_empty() {
                            (zones.len() + 1).to_string()
                        } else {
                            name
                        },
                        area,
                    }),
                }
            }
        }
        super::quiet::take_heard();
        if !is_named {
            return Err(Error::bad_input(
                Message::new("thematic.zones.no_column")
                    .with("column", name)
                    .with("known", columns.join(", ")),
            ));
        }
        Ok(zones)
    }
}

/// The areas of a drawing in project coordinates.
fn area_of(drawn: Sketch, place: &WebPlace) -> MultiPolygon<f64> {
    let polygons = drawn.pieces.into_iter().filter_map(|piece| {
        let Piece::Area(rings) = piece else { return None };
        let mut rings = rings.into_iter().map(|mut ring| {
            place.all_from_mercator(&mut ring);
            ring
        });
        let outer = LineString::from(rings.next()?);
        let inner = rings.map(LineString::from).collect();
        let is_placed = outer.coords().all(|c| c.x.is_finite() && c.y.is_finite());
        is_placed.then(|| Polygon::new(outer, inner))
    });
    MultiPolygon(polygons.collect())
}
