//! Opening the window: command-line options and what eframe needs to know.

use std::path::PathBuf;

use gis_core::Lang;

use super::{App, adapter};
use crate::theme::ThemeKind;

/// How the window opens. The hidden ones drive it to a state and take a picture, for documents and tests.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct StartOptions {
    /// Project file, or any source to look at without importing it
    pub file: Option<PathBuf>,

    /// Project file or source to open
    #[arg(long, value_name = "FILE", hide = true, conflicts_with = "file")]
    pub open: Option<PathBuf>,

    /// Open the sample city
    #[arg(long)]
    pub sample: bool,

    /// Language of the window: zh-CN or en
    #[arg(long, value_parser = parse_lang)]
    pub lang: Option<Lang>,

    /// Look of the window: light or dark
    #[arg(long, value_parser = parse_theme)]
    pub theme: Option<ThemeKind>,

    /// Code of a pipe or node that bursts; may come several times
    #[arg(long, value_name = "CODE", hide = true)]
    pub burst: Vec<String>,

    /// Codes of two ends of a path
    #[arg(long, value_names = ["FROM", "TO"], num_args = 2, hide = true)]
    pub path: Vec<String>,

    /// Code of a feature whose attributes are shown
    #[arg(long, value_name = "CODE", hide = true)]
    pub identify: Option<String>,

    /// Command to carry out, by its key in the command table
    #[arg(long, value_name = "KEY", hide = true)]
    pub command: Vec<String>,

    /// Text typed into the command palette
    #[arg(long, value_name = "TEXT", hide = true)]
    pub palette: Option<String>,

    /// Source file to put into the import dialog
    #[arg(long, value_name = "FILE", hide = true)]
    pub import: Option<PathBuf>,

    /// Extent to show, in the project's coordinates
    #[arg(
        long,
        value_name = "MIN_X,MIN_Y,MAX_X,MAX_Y",
        hide = true,
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub extent: Vec<f64>,

    /// Place that the tool in hand is clicked at, in the project's coordinates; may come several times
    #[arg(
        long,
        value_name = "X,Y",
        hide = true,
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub click: Vec<f64>,

    /// Map document (JSON) to draw
    #[arg(long, value_name = "FILE", hide = true)]
    pub map_file: Option<PathBuf>,

    /// Layer whose properties to open
    #[arg(long, value_name = "ID", hide = true)]
    pub layer: Option<String>,

    /// Picture to save before the window closes
    #[arg(long, value_name = "PNG", hide = true)]
    pub screenshot: Option<PathBuf>,

    /// Size of the window in points
    #[arg(long, value_name = "WxH", value_parser = parse_size, hide = true)]
    pub size: Option<(f32, f32)>,

    /// Folder of settings and of the last session, instead of the user's
    #[arg(long, value_name = "FOLDER", hide = true)]
    pub config_dir: Option<PathBuf>,

    /// Ask for file names inside the window
    #[arg(long, hide = true)]
    pub own_dialogs: bool,
}

impl StartOptions {
    pub(super) fn file_to_open(&self) -> Option<&PathBuf> {
        self.file.as_ref().or(self.open.as_ref())
    }

    /// Screenshots and tests neither read nor write what the user likes.
    pub(super) fn is_forgetful(&self) -> bool {
        self.screenshot.is_some() || self.own_dialogs
    }
}

fn parse_lang(text: &str) -> Result<Lang, String> {
    Lang::from_code(text).ok_or_else(|| format!("{text} is not a language of this program; use zh-CN or en"))
}

fn parse_theme(text: &str) -> Result<ThemeKind, String> {
    match text {
        "light" => Ok(ThemeKind::Light),
        "dark" => Ok(ThemeKind::Dark),
        _ => Err(format!("{text} is not a theme; use light or dark")),
    }
}

fn parse_size(text: &str) -> Result<(f32, f32), String> {
    text.split_once('x')
        .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)))
        .filter(|(w, h): &(f32, f32)| (200.0..=8000.0).contains(w) && (200.0..=8000.0).contains(h))
        .ok_or_else(|| format!("{text} is not a size; write it as 1440x900"))
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// No display, no graphics adapter, or a malformed asset.
pub fn run(options: StartOptions) -> anyhow::Result<()> {
    let (width, height) = options.size.unwrap_or((1440.0, 900.0));
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Karez")
            .with_app_id("karez")
            .with_inner_size([width, height])
            .with_min_inner_size([720.0, 480.0])
            .with_drag_and_drop(true),
        wgpu_options: adapter::wgpu_options(),
        ..Default::default()
    };
    eframe::run_native(
        "Karez",
        native,
        Box::new(move |cc| Ok(Box::new(App::new(cc, &options)?))),
    )
    .map_err(|error| anyhow::anyhow!("the window could not be opened: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_width_by_height_within_reason() {
        assert_eq!(parse_size("1440x900"), Ok((1440.0, 900.0)));
        for wrong in ["1440", "x", "0x0", "1e9x1", "ax900"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
