//! A raster as a layer of the web map: opened once as [`Imagery`], read by as many [`Reader`]s as there are workers,
//! each with a dataset and a transformation of its own. It keeps no pictures; caching is the map's business.

use std::path::Path;
use std::sync::Arc;

use gdal::Dataset;

use super::colour::Look;
use super::describe::{self, RasterInfo};
use super::files::{self, Access, bad};
use super::plan::{Layout, ReadPlan};
use super::warp::Mesh;
use crate::cartography::WebPlace;
use crate::cartography::chunks::MERCATOR_RADIUS_M;
use crate::cartography::layers::{ControlPoint, Georeference, Method, Placement, RasterSource};
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::io::crs::{Transform, parse};
use crate::io::quiet;

/// Half the width of the web map in metres.
const HALF_WORLD_M: f64 = std::f64::consts::PI * MERCATOR_RADIUS_M;

/// An opened picture, ready to be drawn. It can be shared between threads.
#[derive(Debug, Clone)]
pub struct Imagery {
    info: RasterInfo,
    placement: Placement,
    /// System of the ground coordinates.
    ground: Crs,
    project: Crs,
    project_extent: Option<[f64; 4]>,
    look: Look,
    layout: Layout,
    web_box: [f64; 4],
    max_zoom: u8,
}

/// Colours of a view, row by row from the north-west, four bytes a pixel, not premultiplied.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pub size: [usize; 2],
    pub pixels: Vec<u8>,
    /// Coarser than asked for, because the raster has no pyramids.
    pub is_coarse: bool,
}

/// Reads views of a picture; one per thread.
pub struct Reader {
    imagery: Arc<Imagery>,
    dataset: Dataset,
    way: Way,
}

/// From the web map to the ground coordinates of the picture.
enum Way {
    Transform(Transform),
    /// The project has a local system, and so has the picture.
    Plane(WebPlace),
}

impl Way {
    fn new(ground: &Crs, project: &Crs, extent: Option<[f64; 4]>) -> Result<Self> {
        if project.is_local() {
            return Ok(Self::Plane(WebPlace::new(project, extent)?));
        }
        Ok(Self::Transform(Transform::new(&parse("EPSG:3857")?, ground)?))
    }

    /// NaN where a point cannot be placed.
    fn apply(&self, points: &mut [[f64; 2]]) {
        match self {
            Self::Transform(transform) => crate::cartography::project_points(transform, points),
            Self::Plane(place) => {
                for point in points {
                    *point = place.from_mercator(*point).unwrap_or([f64::NAN; 2]);
                }
            }
        }
    }
}

impl Imagery {
    /// Opens a picture for the map of a project; `extent` of its data places a local system on the map.
    ///
    /// # Errors
    /// As [`describe::describe`]; the picture has no place or no coordinate system (give a [`RasterSource::georeference`]), its control
    /// points determine nothing, a chosen band is not there, or nothing leads from its system to the map's.
    pub fn open(source: &RasterSource, project: &Crs, extent: Option<[f64; 4]>) -> Result<Self> {
        let path = Path::new(&source.path);
        let dataset = files::open(path, Access::Read)?;
        let info = describe::of_dataset(path, &dataset)?;
        let (placement, ground) = place(&info, source, project)?;
        let layout = Layout {
            size: [info.columns, info.rows],
            block: info.block,
            pixel_bytes: info.bands.iter().map(|b| b.bytes).sum(),
            overviews: info.overviews.clone(),
            is_unmixable: source.nodata.is_some()
                || info.bands.iter().any(|b| b.meaning == describe::Meaning::Palette),
        };
        let look = Look::new(&dataset, &info, source, &layout)?;
        let web_box = web_box(&info, &placement, &ground, project, extent)?;
        let width = (web_box[2] - web_box[0]).max(web_box[3] - web_box[1]);
        let metres_per_pixel = width / info.columns.max(info.rows) as f64;
        let zoom = (HALF_WORLD_M * 2.0 / 256.0 / metres_per_pixel.max(1e-4)).log2();
        Ok(Self {
            max_zoom: (zoom.ceil() + 1.0).clamp(0.0, 24.0) as u8,
            info,
            placement,
            ground,
            project: project.clone(),
            project_extent: extent,
            look,
            layout,
            web_box,
        })
    }

    pub fn info(&self) -> &RasterInfo {
        &self.info
    }

    pub fn placement(&self) -> &Placement {
        &self.placement
    }

    /// System of the ground coordinates.
    pub fn crs(&self) -> &Crs {
        &self.ground
    }

    /// Web Mercator metres.
    pub fn web_box(&self) -> [f64; 4] {
        self.web_box
    }

    /// Tiles beyond this level show no more than those before.
    pub fn max_zoom(&self) -> u8 {
        self.max_zoom
    }

    /// Opens the file once more, for one thread.
    pub fn reader(self: &Arc<Self>) -> Result<Reader> {
        Ok(Reader {
            dataset: files::open(&self.info.path, Access::Read)?,
            way: Way::new(&self.ground, &self.project, self.project_extent)?,
            imagery: Arc::clone(self),
        })
    }
}

/// The whole picture as it lies in its file, at most `side` pixels on a side; it needs no place on the ground.
///
/// # Errors
/// As [`Imagery::open`], but for the place.
pub fn preview(source: &RasterSource, side: usize) -> Result<Picture> {
    let info = describe::describe(Path::new(&source.path))?;
    let (width, height) = (info.columns as f64, info.rows as f64);
    let corner = |x: f64, y: f64| ControlPoint {
        pixel: [x, y],
        ground: [x, height - y],
        is_used: true,
    };
    let flat = RasterSource {
        georeference: Some(Georeference {
            crs: None,
            method: Method::TwoCorners,
            points: vec![corner(0.0, 0.0), corner(width, height)],
        }),
        ..source.clone()
    };
    let extent = [0.0, 0.0, width, height];
    let imagery = Arc::new(Imagery::open(&flat, &Crs::local_metric(), Some(extent))?);
    let scale = (side as f64 / width.max(height)).min(1.0);
    let size = [width, height].map(|s| ((s * scale).round() as usize).max(1));
    let picture = imagery.reader()?.view(imagery.web_box(), size)?;
    Ok(picture.unwrap_or(Picture {
        size,
        pixels: vec![0; size[0] * size[1] * 4],
        is_coarse: false,
    }))
}

/// How the picture lies, and in which system.
fn place(info: &RasterInfo, source: &RasterSource, project: &Crs) -> Result<(Placement, Crs)> {
    let path = &info.path;
    let own = || -> Result<Placement> {
        info.own_placement()?
            .ok_or_else(|| Error::bad_input(bad("raster.place.none", path)))
    };
    let Some(georeference) = &source.georeference else {
        let placement = own()?;
        let Some(ground) = info.crs.clone() else {
            return Err(Error::bad_input(
                bad("raster.place.no_crs", path).with("crs", &project.name),
            ));
        };
        return Ok((placement, ground));
    };
    let placement = match georeference.method {
        Method::Own => own()?,
        _ => georeference.fit()?.placement,
    };
    let ground = match (&georeference.crs, georeference.method) {
        (Some(definition), _) => parse(definition)?,
        (None, Method::Own) => info.crs.clone().unwrap_or_else(|| project.clone()),
        (None, _) => project.clone(),
    };
    Ok((placement, ground))
}

fn web_box(
    info: &RasterInfo,
    placement: &Placement,
    ground: &Crs,
    project: &Crs,
    extent: Option<[f64; 4]>,
) -> Result<[f64; 4]> {
    const STEPS: usize = 16;
    if project.is_local() && !ground.is_same(project) {
        return Err(Error::bad_input(bad("raster.place.local_project", &info.path)));
    }
    let (width, height) = (info.columns as f64, info.rows as f64);
    let mut rim: Vec<[f64; 2]> = (0..=STEPS)
        .flat_map(|i| {
            let share = i as f64 / STEPS as f64;
            [
                [width * share, 0.0],
                [width * share, height],
                [0.0, height * share],
                [width, height * share],
            ]
        })
        .map(|pixel| placement.ground(pixel))
        .collect();
    WebPlace::new(ground, extent)?.to_mercator(&mut rim);
    let mut found = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for p in rim.iter().filter(|p| p[0].is_finite() && p[1].is_finite()) {
        found = [
            found[0].min(p[0]),
            found[1].min(p[1]),
            found[2].max(p[0]),
            found[3].max(p[1]),
        ];
    }
    let is_somewhere =
        found[0] < found[2] && found[1] < found[3] && found.iter().all(|v| v.abs() <= HALF_WORLD_M * 1.5);
    if is_somewhere {
        Ok(found)
    } else {
        Err(Error::bad_input(
            bad("raster.place.nowhere", &info.path).with("crs", &ground.name),
        ))
    }
}

impl Reader {
    /// A tile of the web map's grid, `size` pixels on a side; `None` where the picture has nothing there.
    ///
    /// # Errors
    /// The file is damaged or gone.
    pub fn tile(&self, zoom: u8, column: u32, row: u32, size: usize) -> Result<Option<Picture>> {
        let side = 2.0 * HALF_WORLD_M / f64::from(zoom).exp2();
        let west = -HALF_WORLD_M + f64::from(column) * side;
        let north = HALF_WORLD_M - f64::from(row) * side;
        self.view([west, north - side, west + side, north], [size, size])
    }

    /// A box of Web Mercator metres at any size.
    pub fn view(&self, bbox: [f64; 4], size: [usize; 2]) -> Result<Option<Picture>> {
        let b = self.imagery.web_box;
        if size[0] == 0
            || size[1] == 0
            || bbox[0] >= b[2]
            || bbox[2] <= b[0]
            || bbox[1] >= b[3]
            || bbox[3] <= b[1]
        {
            return Ok(None);
        }
        let step = [
            (bbox[2] - bbox[0]) / size[0] as f64,
            (bbox[3] - bbox[1]) / size[1] as f64,
        ];
        self.drape(size, |points| {
            for p in points {
                *p = [bbox[0] + p[0] * step[0], bbox[3] - p[1] * step[1]];
            }
        })
    }

    /// Any view, however it is turned or projected: `to_web` turns places of it (column and row, whole at the corners of
    /// its pixels) into Web Mercator metres.
    ///
    /// # Errors
    /// The file is damaged or gone.
    pub fn drape(&self, size: [usize; 2], to_web: impl FnOnce(&mut [[f64; 2]])) -> Result<Option<Picture>> {
        if size.contains(&0) {
            return Ok(None);
        }
        let mesh = Mesh::new(size, |points| {
            to_web(points);
            self.way.apply(points);
            self.imagery.placement.pixels(points);
        });
        let Some((low, high)) = mesh.bounds() else {
            return Ok(None);
        };
        let Some(plan) = self.imagery.layout.plan(low, high, mesh.step()) else {
            return Ok(None);
        };
        let samples = self.read(&plan)?;
        Ok(self.draw(&mesh, &plan, &samples, size))
    }

    fn read(&self, plan: &ReadPlan) -> Result<Samples> {
        let look = &self.imagery.look;
        let window = (plan.from[0] as isize, plan.from[1] as isize);
        let (from, to) = ((plan.window[0], plan.window[1]), (plan.read[0], plan.read[1]));
        let broken = |error: gdal::errors::GdalError| {
            Error::bad_input(
                bad("raster.open.broken", &self.imagery.info.path).with("reason", quiet::reason(&error)),
            )
        };
        let one = |band: usize| -> gdal::errors::Result<Vec<f32>> {
            let band = self.dataset.rasterband(band)?;
            let buffer = band.read_as::<f32>(window, from, to, Some(plan.resample))?;
            Ok(buffer.into_shape_and_vec().1)
        };
        let distinct = look.distinct();
        let mut bands = Vec::new();
        for band in &distinct {
            bands.push(one(*band).map_err(broken)?);
        }
        let alpha = match look.alpha {
            Some(band) => Some(one(band).map_err(broken)?),
            None if look.has_mask => {
                let band = self.dataset.rasterband(look.bands[0]).map_err(broken)?;
                let mask = band.open_mask_band().map_err(broken)?;
                let buffer = mask.read_as::<f32>(window, from, to, None).map_err(broken)?;
                Some(buffer.into_shape_and_vec().1)
            }
            None => None,
        };
        quiet::take_heard();
        let of = look
            .bands
            .map(|b| distinct.iter().position(|d| *d == b).unwrap_or(0));
        Ok(Samples { bands, of, alpha })
    }

    fn draw(&self, mesh: &Mesh, plan: &ReadPlan, samples: &Samples, size: [usize; 2]) -> Option<Picture> {
        let look = &self.imagery.look;
        let raster = self.imagery.layout.size.map(|s| s as f64);
        let scale = [0, 1].map(|axis| plan.read[axis] as f64 / plan.window[axis] as f64);
        let mut pixels = vec![0_u8; size[0] * size[1] * 4];
        let mut is_any = false;
        mesh.visit(|i, place| {
            if (0..2).any(|axis| place[axis] < 0.0 || place[axis] >= raster[axis]) {
                return;
            }
            let at = [0, 1].map(|axis| ((place[axis] - plan.from[axis] as f64) * scale[axis]) as f32);
            let colour = if look.palette.is_some() {
                samples.nearest(plan.read, at, look)
            } else {
                samples.smooth(plan.read, at, look)
            };
            if colour[3] > 0 {
                is_any = true;
                pixels[i * 4..i * 4 + 4].copy_from_slice(&colour);
            }
        });
        is_any.then_some(Picture {
            size,
            pixels,
            is_coarse: plan.is_coarse,
        })
    }
}

/// Values read from the raster, band by band.
struct Samples {
    bands: Vec<Vec<f32>>,
    /// Which of them is red, green, blue.
    of: [usize; 3],
    alpha: Option<Vec<f32>>,
}

impl Samples {
    fn values(&self, i: usize) -> [f32; 3] {
        self.of.map(|band| self.bands[band][i])
    }

    fn opacity(&self, i: usize) -> f32 {
        self.alpha.as_ref().map_or(255.0, |a| a[i])
    }

    fn nearest(&self, size: [usize; 2], at: [f32; 2], look: &Look) -> [u8; 4] {
        let [x, y] = [0, 1].map(|axis| (at[axis].max(0.0) as usize).min(size[axis] - 1));
        let i = y * size[0] + x;
        let values = self.values(i);
        if look.is_nothing(values) {
            return [0; 4];
        }
        let mut colour = look.of_palette(values[0]);
        if self.opacity(i) < 1.0 {
            colour[3] = 0;
        }
        colour
    }

    /// Between four pixels; those that are nothing do not count.
    fn smooth(&self, size: [usize; 2], at: [f32; 2], look: &Look) -> [u8; 4] {
        let mut low = [0; 2];
        let mut share = [0.0; 2];
        for axis in 0..2 {
            let place = (at[axis] - 0.5).clamp(0.0, (size[axis] - 1) as f32);
            low[axis] = place as usize;
            share[axis] = place - low[axis] as f32;
        }
        let high = [0, 1].map(|axis| (low[axis] + 1).min(size[axis] - 1));
        let mut sum = [0.0; 3];
        let (mut weight_sum, mut opacity) = (0.0, 0.0);
        for (x, y, weight) in [
            (low[0], low[1], (1.0 - share[0]) * (1.0 - share[1])),
            (high[0], low[1], share[0] * (1.0 - share[1])),
            (low[0], high[1], (1.0 - share[0]) * share[1]),
            (high[0], high[1], share[0] * share[1]),
        ] {
            let i = y * size[0] + x;
            let own = self.opacity(i);
            if weight <= 0.0 || own <= 0.0 {
                continue;
            }
            let values = self.values(i);
            if look.is_nothing(values) {
                continue;
            }
            for (sum, value) in sum.iter_mut().zip(values) {
                *sum += value * weight;
            }
            weight_sum += weight;
            opacity += own * weight;
        }
        // Half a pixel around what is there belongs to it.
        if weight_sum < 0.5 {
            return [0; 4];
        }
        let [r, g, b] = look.colour(sum.map(|s| s / weight_sum));
        [r, g, b, (opacity / weight_sum).clamp(0.0, 255.0) as u8]
    }
}
