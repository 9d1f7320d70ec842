//! Pyramids: builds the smaller copies of a picture that make it fast from afar, with progress and cancel. The one
//! place that calls GDAL's C interface directly, because its wrapper can neither report nor stop.

use std::ffi::{CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};

use gdal::Dataset;
use gdal::config::{clear_thread_local_config_option, set_thread_local_config_option};
use gdal_sys::CPLErr;
use serde::Serialize;

use super::describe;
use super::files::{self, Access, bad};
use crate::error::{Error, Result};
use crate::io::quiet;
use crate::progress::Progress;
use crate::text::Message;

/// How the smaller copies are computed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    Nearest,
    #[default]
    Average,
    Bilinear,
    Cubic,
    /// The most frequent value: for classes and palettes.
    Mode,
}

impl Resampling {
    pub const ALL: [Self; 5] = [
        Self::Nearest,
        Self::Average,
        Self::Bilinear,
        Self::Cubic,
        Self::Mode,
    ];

    /// As on the command line, and in locale files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Average => "average",
            Self::Bilinear => "bilinear",
            Self::Cubic => "cubic",
            Self::Mode => "mode",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }
}

/// Where the smaller copies lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OverviewPlace {
    /// In a file `.ovr` beside the picture, which stays as it is.
    #[default]
    Beside,
    /// Within the picture (GeoTIFF).
    Within,
}

#[derive(Debug, Clone, Default)]
pub struct OverviewOptions {
    /// 2, 4, 8 …; chosen by the size of the picture where empty.
    pub levels: Vec<u32>,
    pub resampling: Resampling,
    pub place: OverviewPlace,
    /// `DEFLATE`, `LZW`, `JPEG` …; as GDAL does by itself where `None`.
    pub compression: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct OverviewReport {
    pub path: PathBuf,
    /// The file that holds the pyramid.
    pub file: PathBuf,
    pub levels: Vec<u32>,
    /// Sizes of the levels as they are now.
    pub overviews: Vec<[usize; 2]>,
    /// There was a pyramid before.
    pub is_rebuilt: bool,
    pub bytes: u64,
}

/// Builds the pyramid of a picture, in place of one that is there. Cancelled or failed, the one before is back where
/// it lay beside the picture.
///
/// # Errors
/// The picture cannot be read, the place not written, a level is below 2 or beyond the picture; `Cancelled`.
pub fn build_overviews(
    path: &Path,
    options: &OverviewOptions,
    progress: &dyn Progress,
) -> Result<OverviewReport> {
    let info = describe::describe(path)?;
    let levels = if options.levels.is_empty() {
        info.suggested_levels()
    } else {
        options.levels.clone()
    };
    let side = info.columns.max(info.rows);
    if let Some(wrong) = levels.iter().find(|l| **l < 2 || **l as usize > side) {
        return Err(Error::bad_input(
            bad("raster.overviews.level", path)
                .with("found", wrong)
                .with("side", side),
        ));
    }
    if levels.is_empty() {
        return Err(Error::Refused(bad("raster.overviews.too_small", path)));
    }
    let is_rebuilt = !info.overviews.is_empty();
    let is_within = options.place == OverviewPlace::Within;
    if is_within && info.driver != "GTiff" {
        return Err(Error::bad_input(
            bad("raster.overviews.not_within", path).with("driver", &info.driver),
        ));
    }
    let beside = sidecar(path);
    let kept = (!is_within)
        .then(|| Kept::set_aside(&beside))
        .transpose()?
        .flatten();
    let built = {
        let mut dataset = files::open(path, if is_within { Access::Update } else { Access::Read })?;
        let built = build(path, &mut dataset, &levels, options, progress);
        if built.is_err() && is_within {
            // Half a pyramid draws holes.
            let cleaned = dataset.build_overviews("NONE", &[], &[]);
            if let Err(error) = cleaned {
                log::warn!("{}: {error}", path.display());
            }
        }
        built.and_then(|()| dataset.close().map_err(Error::from))
    };
    if let Err(error) = built {
        if !is_within {
            remove(&beside);
            if let Some(kept) = kept {
                kept.restore()?;
            }
        }
        return Err(error);
    }
    if let Some(kept) = kept {
        kept.forget();
    }
    let file = if is_within { path.to_owned() } else { beside };
    Ok(OverviewReport {
        path: path.to_owned(),
        bytes: std::fs::metadata(&file).map_or(0, |m| m.len()),
        file,
        levels,
        overviews: describe::describe(path)?.overviews,
        is_rebuilt,
    })
}

fn sidecar(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".ovr");
    PathBuf::from(name)
}

fn remove(path: &Path) {
    if path.exists()
        && let Err(error) = std::fs::remove_file(path)
    {
        log::warn!("{}: {error}", path.display());
    }
}

/// The pyramid before, under another name while the new one is built.
struct Kept {
    from: PathBuf,
    to: PathBuf,
}

impl Kept {
    fn set_aside(from: &Path) -> Result<Option<Self>> {
        if !from.is_file() {
            return Ok(None);
        }
        let mut name = from.as_os_str().to_owned();
        name.push(".before");
        let to = PathBuf::from(name);
        std::fs::rename(from, &to).map_err(|e| Error::io(from, e))?;
        Ok(Some(Self {
            from: from.to_owned(),
            to,
        }))
    }

    fn restore(self) -> Result<()> {
        std::fs::rename(&self.to, &self.from).map_err(|e| Error::io(&self.from, e))
    }

    fn forget(self) {
        remove(&self.to);
    }
}

/// What GDAL's callback gets a pointer to.
struct Listener<'a> {
    progress: &'a dyn Progress,
    stage: Message,
}

/// Steps of the bar.
const STEPS: f64 = 1_000.0;

/// Called by GDAL, with 0 to 1; 0 as an answer stops it.
#[expect(unsafe_code, reason = "a callback for GDAL's C interface")]
unsafe extern "C" fn listen(share: f64, _text: *const c_char, listener: *mut c_void) -> c_int {
    // SAFETY: `build` passes a pointer to a `Listener` that lives until the call returns.
    let listener = unsafe { &*listener.cast::<Listener<'_>>() };
    listener
        .progress
        .report(&listener.stage, (share * STEPS) as u64, Some(STEPS as u64));
    c_int::from(!listener.progress.is_cancelled())
}

#[expect(
    unsafe_code,
    reason = "the wrapper of this call has no progress and no cancel"
)]
fn build(
    path: &Path,
    dataset: &mut Dataset,
    levels: &[u32],
    options: &OverviewOptions,
    progress: &dyn Progress,
) -> Result<()> {
    let settings = [
        ("GDAL_NUM_THREADS", Some("ALL_CPUS")),
        ("BIGTIFF_OVERVIEW", Some("IF_SAFER")),
        ("COMPRESS_OVERVIEW", options.compression.as_deref()),
    ];
    for (key, value) in settings {
        if let Some(value) = value {
            set_thread_local_config_option(key, value)?;
        }
    }
    let levels: Vec<c_int> = levels.iter().map(|l| *l as c_int).collect();
    let resampling = CString::new(options.resampling.key().to_uppercase()).unwrap_or_default();
    let mut listener = Listener {
        progress,
        stage: Message::new("raster.overviews.building"),
    };
    quiet::take_heard();
    // SAFETY: the dataset is open and borrowed mutably; the arrays and the listener outlive the call, which keeps
    // none of them; GDAL calls `listen` on this thread only.
    let done = unsafe {
        gdal_sys::GDALBuildOverviews(
            dataset.c_dataset(),
            resampling.as_ptr(),
            levels.len() as c_int,
            levels.as_ptr(),
            0,
            std::ptr::null(),
            Some(listen),
            std::ptr::from_mut(&mut listener).cast(),
        )
    };
    for (key, value) in settings {
        if value.is_some() {
            clear_thread_local_config_option(key)?;
        }
    }
    if done == CPLErr::CE_None {
        quiet::take_heard();
        return Ok(());
    }
    progress.check()?;
    let reason = quiet::words(&quiet::take_heard()).unwrap_or_default();
    Err(Error::bad_input(
        bad("raster.overviews.failed", path).with("reason", reason),
    ))
}
