//! The network a command works on: a project, or any source read into a temporary one (9.2.3.5, without import).

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use gis_core::io::{ImportOptions, ImportReport, Mapping};
use gis_core::network::Network;
use gis_core::project::Project;
use gis_core::rules::check_outside;
use gis_core::{Error, IdSource, Message, Result, Severity};

use super::console::Console;

/// How a foreign source is to be read.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SourceArgs {
    /// File that says which layer and column means what (TOML, see docs/exchange-layout.md)
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,

    /// Encoding of the source's text, e.g. GB18030, over what the source says
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,

    /// Coordinate system of the source, e.g. EPSG:4545, over what the source says
    #[arg(long, value_name = "CRS")]
    crs: Option<String>,

    /// Read only this layer of the source; may come several times
    #[arg(long, value_name = "NAME")]
    layer: Vec<String>,

    /// Survey tables: whether the column X holds the northing, as Chinese crews write it; found out unless given
    #[arg(long, value_name = "true|false")]
    x_is_northing: Option<bool>,
}

impl SourceArgs {
    pub(crate) fn options(&self) -> Result<ImportOptions> {
        let mapping = match &self.mapping {
            Some(path) => Some(Mapping::load(path)?),
            None => None,
        };
        let source_crs = self.crs.as_deref().map(gis_core::io::crs::parse).transpose()?;
        Ok(ImportOptions {
            mapping,
            encoding: self.encoding.clone(),
            source_crs,
            layers: self.layer.clone(),
            x_is_northing: self.x_is_northing,
        })
    }
}

/// Milliseconds since 1970; 0 on a machine whose clock is before that.
pub(crate) fn now_unix_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(0))
}

/// Ids that no other run makes: the clock and the process number.
pub(crate) fn new_ids() -> IdSource {
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| u64::from(d.subsec_nanos()));
    IdSource::new(now_unix_ms(), nanos ^ (u64::from(std::process::id()) << 32))
}

/// Opens a project. What other programs have changed in it since is told, with what breaks rules around it.
pub(crate) fn open_project(path: &Path, console: &Console) -> Result<Project> {
    let project = Project::open(path)?;
    tell_outside(&project, console)?;
    Ok(project)
}

fn tell_outside(project: &Project, console: &Console) -> Result<()> {
    let count = project.outside_on_opening().changed.len();
    if count == 0 {
        return Ok(());
    }
    console.note(&Message::new("checking.outside").with("count", count));
    let network = project.network(console.progress())?;
    let (_, broken) = check_outside(
        project,
        &network,
        Some(crate::session::today()),
        console.progress(),
    )?;
    for finding in &broken {
        console.note(&finding.issue.message);
    }
    Ok(())
}

/// Opens a project for reading, or reads any other source into a temporary one.
pub(crate) fn open(path: &Path, source: &SourceArgs, console: &Console) -> Result<(Project, ImportReport)> {
    if !path.exists() {
        return Err(Error::bad_input(
            Message::new("cli.error.no_such_file").with("path", path.display()),
        ));
    }
    let options = source.options()?;
    let opened =
        gis_core::io::open_source(path, &options, &mut new_ids(), now_unix_ms(), console.progress())?;
    tell(&opened.1, console);
    tell_outside(&opened.0, console)?;
    Ok(opened)
}

pub(crate) fn open_network(
    path: &Path,
    source: &SourceArgs,
    console: &Console,
) -> Result<(Project, Network)> {
    let (project, report) = open(path, source, console)?;
    let network = project.network(console.progress())?;
    if network.pipe_count() == 0 {
        let message = Message::new("cli.error.no_pipes")
            .with("path", path.display())
            .with(
                "layers",
                report
                    .layers
                    .iter()
                    .map(|l| l.layer.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            );
        return Err(Error::bad_input(message));
    }
    Ok((project, network))
}

/// Guesses and a count of issues beside the answer; the issues themselves are shown by `import` and `check`.
fn tell(report: &ImportReport, console: &Console) {
    for guess in &report.guesses {
        console.note(&guess.message);
    }
    let (errors, warnings) = (
        report.issues.count(Severity::Error),
        report.issues.count(Severity::Warning),
    );
    if errors + warnings > 0 {
        console.note(
            &Message::new("cli.note.issues")
                .with("errors", errors)
                .with("warnings", warnings),
        );
        for issue in report
            .issues
            .iter()
            .filter(|i| i.severity != Severity::Info)
            .take(5)
        {
            console.note(&issue.message);
        }
    }
}
