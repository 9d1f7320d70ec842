//! Vector files of other formats as layers of the map, read live and within the view, without being imported. What
//! they mean is not its business; the project file itself is never opened here.

use std::path::Path;

use gdal::vector::LayerAccess as _;
use serde::Serialize;

use super::encoding::EncodingQuestion;
use super::rows;
use super::sketch::{self, Lettering, Sketch};
use super::source::{self, Opened, Shape, Source, SourceLayer};
use super::values::Cell;
use crate::cartography::layers::VectorSource;
use crate::cartography::{WebPlace, project_points};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::io::crs::{Transform, parse};
use crate::progress::Progress;
use crate::project::Project;
use crate::text::Message;

/// Vertices drawn of one layer at once.
pub const MOST_VERTICES: usize = 400_000;
/// Columns whose text is drawn at a point, as CAD drawings name them.
const TEXT_COLUMNS: [&str; 2] = ["text", "textstring"];

/// A layer of a foreign file.
#[derive(Debug, Clone, Serialize)]
pub struct ForeignLayer {
    pub name: String,
    pub shape: Shape,
    pub crs: Option<Crs>,
    /// Number of rows, where it costs nothing to know.
    pub count: Option<u64>,
}

/// What opening a foreign file leads to.
#[derive(Debug, Clone)]
pub enum ForeignFile {
    Layers(Vec<ForeignLayer>),
    /// Text of unknown encoding: ask, then look again with the answer.
    Question(EncodingQuestion),
}

/// Lists the layers with geometries.
///
/// # Errors
/// Not there, empty, damaged, of no format known, without geometries, or a project of ours.
pub fn look(path: &Path, encoding: Option<&str>) -> Result<ForeignFile> {
    let source = match open(path, encoding)? {
        Opened::Source(source) => source,
        Opened::Question(question) => return Ok(ForeignFile::Question(question)),
    };
    let layers: Vec<ForeignLayer> = source
        .layers
        .iter()
        .filter(|l| l.shape != Shape::None)
        .map(|l| ForeignLayer {
            name: l.name.clone(),
            shape: l.shape,
            crs: l.crs.clone(),
            count: l.count,
        })
        .collect();
    if layers.is_empty() {
        return Err(Error::bad_input(
            Message::new("foreign.no_geometry").with("path", path.display()),
        ));
    }
    Ok(ForeignFile::Layers(layers))
}

/// Opens a file that is no project of ours: GDAL must not touch those.
pub(super) fn open(path: &Path, encoding: Option<&str>) -> Result<Opened> {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    if matches!(extension.as_deref(), Some("gpkg" | "sqlite" | "db"))
        && path.is_file()
        && Project::is_project(path).unwrap_or(false)
    {
        return Err(Error::bad_input(
            Message::new("foreign.project").with("path", path.display()),
        ));
    }
    Source::open(path, encoding)
}

/// What is known of a foreign layer once it is open.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ForeignFacts {
    /// Web Mercator box of everything, where the layers can tell it; to zoom to.
    pub web_box: Option<[f64; 4]>,
    pub columns: Vec<String>,
    /// Some of its text that is not plain ASCII, to see whether the encoding is right.
    pub samples: Vec<String>,
}

/// Rows and texts looked at for the samples.
const SAMPLE_ROWS: usize = 400;
const SAMPLES: usize = 6;

/// Reads views of a foreign layer; one per thread.
pub struct ForeignReader {
    source: Source,
    /// Positions in `source.layers`, with the way to the map.
    layers: Vec<(usize, Way)>,
}

struct Way {
    place: WebPlace,
    /// From the map; `None` for a local system.
    back: Option<Transform>,
    /// A column whose text is drawn at a point in place of a symbol.
    text_column: Option<usize>,
    /// A column written beside every feature.
    label_column: Option<usize>,
}

impl Way {
    fn new(
        layer: &SourceLayer,
        label: Option<&str>,
        project: &Crs,
        extent: Option<[f64; 4]>,
    ) -> Result<Self> {
        let crs = match &layer.crs {
            Some(crs) if !project.is_local() => crs,
            // Nothing leads from a local project to anywhere: coordinates are taken as they are.
            _ => project,
        };
        let back = (!crs.is_local())
            .then(|| Transform::new(&parse("EPSG:3857")?, crs))
            .transpose()?;
        Ok(Self {
            place: WebPlace::new(crs, extent)?,
            back,
            text_column: layer
                .columns
                .iter()
                .position(|c| TEXT_COLUMNS.contains(&c.name.to_lowercase().as_str())),
            label_column: label.and_then(|name| layer.columns.iter().position(|c| c.name == name)),
        })
    }

    /// A box of the map in coordinates of the layer, with the bulge of its edges.
    fn box_of(&self, web: [f64; 4]) -> Option<[f64; 4]> {
        const STEPS: usize = 8;
        let mut rim: Vec<[f64; 2]> = (0..=STEPS)
            .flat_map(|i| {
                let share = i as f64 / STEPS as f64;
                let (x, y) = (
                    web[0] + (web[2] - web[0]) * share,
                    web[1] + (web[3] - web[1]) * share,
                );
                [[x, web[1]], [x, web[3]], [web[0], y], [web[2], y]]
            })
            .collect();
        if let Some(back) = &self.back {
            project_points(back, &mut rim);
        } else {
            for p in &mut rim {
                *p = self.place.from_mercator(*p).unwrap_or([f64::NAN; 2]);
            }
        }
        let mut found = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for p in rim.iter().filter(|p| p[0].is_finite() && p[1].is_finite()) {
            found = [
                found[0].min(p[0]),
                found[1].min(p[1]),
                found[2].max(p[0]),
                found[3].max(p[1]),
            ];
        }
        (found[0] < found[2]).then_some(found)
    }
}

impl ForeignReader {
    /// Opens the layer, or, of an issue of a topographic map, all layers. Layers that name no coordinate system are
    /// taken for the project's; `extent` of its data places a local system on the map.
    ///
    /// # Errors
    /// As [`look`]; the encoding of the text must be asked, or the layer is not there.
    pub fn open(wanted: &VectorSource, project: &Crs, extent: Option<[f64; 4]>) -> Result<Self> {
        let path = Path::new(&wanted.path);
        let source = match open(path, wanted.encoding.as_deref())? {
            Opened::Source(source) => source,
            // The letters of a drawing that are guessed wrongly can be corrected later; its lines are right.
            Opened::Question(question) => {
                let first = question.candidates.first().map(|c| c.encoding.clone());
                match open(path, first.as_deref())? {
                    Opened::Source(source) => source,
                    Opened::Question(_) => {
                        return Err(Error::bad_input(
                            Message::new("foreign.encoding").with("path", path.display()),
                        ));
                    }
                }
            }
        };
        let mut layers = Vec::new();
        for (i, layer) in source.layers.iter().enumerate() {
            let is_wanted = match &wanted.layer {
                Some(name) => layer.name == *name,
                None => wanted.topographic.is_some() || layers.is_empty(),
            };
            if is_wanted && layer.shape != Shape::None {
                let label = wanted.label_column.as_deref();
                layers.push((i, Way::new(layer, label, project, extent)?));
            }
        }
        if layers.is_empty() {
            let known: Vec<&str> = source.layers.iter().map(|l| l.name.as_str()).collect();
            return Err(Error::bad_input(
                Message::new("foreign.no_layer")
                    .with("path", path.display())
                    .with("layer", wanted.layer.as_deref().unwrap_or_default())
                    .with("known", known.join(", ")),
            ));
        }
        Ok(Self { source, layers })
    }

    /// What lies in a box of Web Mercator metres, thinned to `step_m`, at most `limit` vertices.
    ///
    /// # Errors
    /// The file is damaged or gone; `Cancelled`.
    pub fn view(&self, web: [f64; 4], step_m: f64, limit: usize, progress: &dyn Progress) -> Result<Sketch> {
        let mut sketch = Sketch::default();
        for (index, way) in &self.layers {
            let described = &self.source.layers[*index];
            let part = &self.source.parts[described.part];
            let Some(b) = way.box_of(web) else { continue };
            let mut layer = part.dataset.layer(described.index)?;
            layer.set_spatial_filter_rect(b[0], b[1], b[2], b[3]);
            let place = |points: &mut [[f64; 2]]| way.place.to_mercator(points);
            for (i, row) in layer.features().enumerate() {
                if i % 512 == 0 {
                    progress.check()?;
                }
                if sketch.vertices >= limit {
                    sketch.is_cut = true;
                    break;
                }
                let Some(geometry) = rows::geometry(&row) else {
                    continue;
                };
                let cell = |column: usize| rows::cell(&row, column, &described.columns[column], part.codec).0;
                let text = way.text_column.map_or(Cell::Null, cell);
                let label = way.label_column.map_or(Cell::Null, cell);
                let label = label.text();
                let lettering = match (&text, &label) {
                    (Cell::Text(text), _) if !text.is_empty() => Lettering::Text(text),
                    (_, Some(label)) => Lettering::Label(label),
                    _ => Lettering::None,
                };
                sketch::add(&mut sketch, geometry, lettering, step_m, &place);
            }
            layer.clear_spatial_filter();
        }
        super::quiet::take_heard();
        Ok(sketch)
    }

    /// The layers that are read, with the file each is in and where its coordinates lie.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&SourceLayer, &source::Part, &WebPlace)> {
        self.layers.iter().map(|(index, way)| {
            let described = &self.source.layers[*index];
            (described, &self.source.parts[described.part], &way.place)
        })
    }

    /// Columns, extent and some text.
    pub fn facts(&self) -> ForeignFacts {
        let mut facts = ForeignFacts {
            web_box: self.web_box(),
            ..ForeignFacts::default()
        };
        for (index, _) in &self.layers {
            let described = &self.source.layers[*index];
            for column in &described.columns {
                if !facts.columns.contains(&column.name) {
                    facts.columns.push(column.name.clone());
                }
            }
            self.sample(described, &mut facts.samples);
        }
        super::quiet::take_heard();
        facts
    }

    fn sample(&self, described: &SourceLayer, samples: &mut Vec<String>) {
        let part = &self.source.parts[described.part];
        let Ok(mut layer) = part.dataset.layer(described.index) else {
            return;
        };
        for row in layer.features().take(SAMPLE_ROWS) {
            for (i, column) in described.columns.iter().enumerate() {
                if samples.len() >= SAMPLES {
                    return;
                }
                if let Cell::Text(text) = rows::cell(&row, i, column, part.codec).0
                    && !text.is_ascii()
                    && !samples.iter().any(|known| *known == text)
                {
                    samples.push(text.into_owned());
                }
            }
        }
    }

    fn web_box(&self) -> Option<[f64; 4]> {
        let mut found: Option<[f64; 4]> = None;
        for (index, way) in &self.layers {
            let described = &self.source.layers[*index];
            let layer = self.source.parts[described.part]
                .dataset
                .layer(described.index)
                .ok()?;
            let Ok(e) = layer.get_extent() else { continue };
            let Some(b) = way.place.box_to_mercator([e.MinX, e.MinY, e.MaxX, e.MaxY]) else {
                continue;
            };
            found = Some(found.map_or(b, |f| {
                [f[0].min(b[0]), f[1].min(b[1]), f[2].max(b[2]), f[3].max(b[3])]
            }));
        }
        super::quiet::take_heard();
        found
    }
}

/// What layers of an open source hold, for who copies them.
pub(super) fn drawn_layers(source: &source::Source) -> impl Iterator<Item = &SourceLayer> {
    source.layers.iter().filter(|l| l.shape != Shape::None)
}
