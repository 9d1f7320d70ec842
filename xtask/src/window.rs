//! The last check: the real program, in a real window, on a display without a screen.
//!
//! It judges only that something was drawn; what is drawn is the business of the tests in `app`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{built, output, say};
use crate::{sample, workspace};

/// A software rasteriser on a busy machine takes its time to draw the first picture.
const PATIENCE: Duration = Duration::from_mins(3);
const SIZE: &str = "1600x1000";
/// The middle of the window is looked at in so many tiles, columns and rows. A city fills it; a page of text does not.
const TILES: &str = "8x6@";
const TILES_WITH_MAP: usize = 36;
/// A tile with a line across it has the shades of its edges too.
const COLOURS_OF_A_LINE: u32 = 4;

pub(crate) fn check() -> Result<()> {
    let project = sample::ensure()?;
    let folder = workspace::target().join("test");
    fs::create_dir_all(&folder)?;
    let picture = folder.join("window.png");
    let display = Display::open()?;
    let log_file = folder.join("window.log");
    let log = fs::File::create(&log_file)?;
    let settings = tempfolder(&folder)?;
    let mut karez = Killed(
        built(workspace::programs(false).join("karez"))
            .arg(&project)
            .env("DISPLAY", &display.name)
            .env("XDG_CONFIG_HOME", &settings)
            .env("XDG_DATA_HOME", &settings)
            .env_remove("WAYLAND_DISPLAY")
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("karez could not be started; `cargo xtask test` builds it before this step")?,
    );
    let start = Instant::now();
    let mut drawn = 0;
    while start.elapsed() < PATIENCE {
        sleep(Duration::from_secs(2));
        if let Some(status) = karez.0.try_wait()? {
            let log = fs::read_to_string(&log_file).unwrap_or_default();
            bail!("karez left the window check ({status}) and said:\n{log}");
        }
        if !display.photograph(karez.0.id(), &picture)? {
            continue;
        }
        drawn = tiles_with_lines(&picture)?;
        if drawn >= TILES_WITH_MAP {
            say(&format!(
                "The window shows the sample city after {:.0} s: {}",
                start.elapsed().as_secs_f64(),
                picture.display()
            ));
            return Ok(());
        }
    }
    bail!(
        "there is no window with a map after {} s: lines in {drawn} tiles of its middle, expected {TILES_WITH_MAP}; see {} and {}",
        PATIENCE.as_secs(),
        picture.display(),
        log_file.display()
    )
}

/// An empty folder for the program's settings, so that the machine's own leave no mark.
fn tempfolder(folder: &Path) -> Result<std::path::PathBuf> {
    let settings = folder.join("settings");
    if settings.exists() {
        fs::remove_dir_all(&settings)?;
    }
    fs::create_dir_all(&settings)?;
    Ok(settings)
}

/// In how many tiles of the middle of the picture something is drawn.
fn tiles_with_lines(picture: &Path) -> Result<usize> {
    let mut convert = Command::new("convert");
    convert
        .arg(picture)
        .args(["-gravity", "center", "-crop", "50%x50%+0+0", "+repage"]);
    convert.args([
        "-gravity",
        "northwest",
        "-crop",
        TILES,
        "+repage",
        "-format",
        "%k\n",
        "info:",
    ]);
    let colours = output(&mut convert)?;
    Ok(colours
        .lines()
        .filter_map(|count| count.parse::<u32>().ok())
        .filter(|count| *count >= COLOURS_OF_A_LINE)
        .count())
}

/// A display without a screen, closed when dropped.
pub(crate) struct Display {
    pub(crate) name: String,
    _server: Killed,
}

impl Display {
    pub(crate) fn open() -> Result<Self> {
        let mut server = Killed(
            Command::new("Xvfb")
                .args([
                    "-displayfd",
                    "1",
                    "-screen",
                    "0",
                    &format!("{SIZE}x24"),
                    "-nolisten",
                    "tcp",
                ])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .context("Xvfb could not be started; `cargo xtask setup` installs it")?,
        );
        let mut number = String::new();
        if let Some(said) = server.0.stdout.take() {
            BufReader::new(said).read_line(&mut number)?;
        }
        if number.trim().is_empty() {
            bail!("Xvfb opened no display");
        }
        Ok(Self {
            name: format!(":{}", number.trim()),
            _server: server,
        })
    }

    /// A picture of the window of this process; `false` while it has none.
    fn photograph(&self, process: u32, picture: &Path) -> Result<bool> {
        let mut search = Command::new("xdotool");
        search
            .args(["search", "--onlyvisible", "--pid", &process.to_string()])
            .env("DISPLAY", &self.name);
        // It fails where it finds nothing.
        let Some(window) = output(&mut search)
            .ok()
            .and_then(|ids| ids.lines().next_back().map(str::to_owned))
        else {
            return Ok(false);
        };
        let mut import = Command::new("import");
        import
            .args(["-display", &self.name, "-window", &window])
            .arg(picture);
        output(&mut import).map(|_| true)
    }
}

/// A program that ends with the value that holds it.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
