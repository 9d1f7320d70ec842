//! The last check: the real program, in a real window, on a display without a screen.
//!
//! It judges only that something was drawn, and that what mouse and keyboard do ends in the project; the rest is the
//! business of the tests in `app`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{built, output, say};
use crate::{sample, screenshots, workspace};

/// A software rasteriser on a busy machine takes its time to draw the first picture.
const PATIENCE: Duration = Duration::from_mins(3);
const SIZE: &str = "1600x1000";
/// The middle of the window is looked at in so many tiles, columns and rows. A city fills it; a page of text does not.
const TILES: &str = "8x6@";
const TILES_WITH_MAP: usize = 36;
/// A tile with a line across it has the shades of its edges too.
const COLOURS_OF_A_LINE: u32 = 4;

pub(crate) fn check() -> Result<()> {
    let folder = workspace::target().join("test");
    fs::create_dir_all(&folder)?;
    let project = screenshots::fresh_copy(&sample::ensure()?, "window")?;
    let picture = folder.join("window.png");
    let display = Display::open()?;
    let log_file = folder.join("window.log");
    let log = fs::File::create(&log_file)?;
    let settings = tempfolder(&folder)?;
    let mut karez = Killed(
        built(workspace::programs(false).join("karez"))
            .arg(&project)
            .args(["--command", "toggle_editing", "--command", "edit_place_node"])
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
            return hands(&display, &karez, &project);
        }
    }
    bail!(
        "there is no window with a map after {} s: lines in {drawn} tiles of its middle, expected {TILES_WITH_MAP}; see {} and {}",
        PATIENCE.as_secs(),
        picture.display(),
        log_file.display()
    )
}

/// A click of a real mouse places a node, Ctrl+Z of a real keyboard takes it back.
fn hands(display: &Display, karez: &Killed, project: &Path) -> Result<()> {
    let window = display.window(karez.0.id()).context("the window is gone")?;
    display.xdotool(&["windowfocus", &window])?;
    // A click that comes before the tool is in hand does nothing; on a node there is none to be added.
    let click = |round: u32| {
        let x = (700 + 13 * round).to_string();
        display.xdotool(&["mousemove", "--window", &window, &x, "450"])?;
        sleep(Duration::from_millis(500));
        display.xdotool(&["click", "1"])
    };
    wait_for_position(project, |position| position > 0, click)
        .context("clicks of the mouse placed no node")?;
    let undo = |_| display.xdotool(&["key", "ctrl+z"]);
    wait_for_position(project, |position| position == 0, undo).context("Ctrl+Z undid nothing")?;
    say("A click placed a node, and Ctrl+Z took it back");
    Ok(())
}

/// Does something until the project stands where it should in its history.
fn wait_for_position(
    project: &Path,
    is_there: impl Fn(u32) -> bool,
    act: impl Fn(u32) -> Result<()>,
) -> Result<()> {
    let start = Instant::now();
    let mut said = String::new();
    for round in 0.. {
        act(round)?;
        sleep(Duration::from_secs(3));
        let mut history = built(workspace::programs(false).join("karez"));
        said = output(history.arg("history").arg(project).args(["--format", "json"]))?;
        let position = said
            .split_once("\"position\":")
            .and_then(|(_, rest)| rest.split(',').next());
        if position.and_then(|p| p.parse().ok()).is_some_and(&is_there) {
            return Ok(());
        }
        if start.elapsed() > PATIENCE {
            break;
        }
    }
    bail!("the history stands elsewhere: {said}")
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

    /// The window of a process; `None` while it has none.
    fn window(&self, process: u32) -> Option<String> {
        let mut search = Command::new("xdotool");
        search
            .args(["search", "--onlyvisible", "--pid", &process.to_string()])
            .env("DISPLAY", &self.name);
        // It fails where it finds nothing.
        let ids = output(&mut search).ok()?;
        ids.lines().next_back().map(str::to_owned)
    }

    fn xdotool(&self, arguments: &[&str]) -> Result<()> {
        let mut hand = Command::new("xdotool");
        output(hand.args(arguments).env("DISPLAY", &self.name)).map(|_| ())
    }

    /// A picture of the window of this process; `false` while it has none.
    fn photograph(&self, process: u32, picture: &Path) -> Result<bool> {
        let Some(window) = self.window(process) else {
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
