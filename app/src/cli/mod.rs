//! The command line: the operations of the window without one. It asks and shows; what it shows is worked out by
//! `gis_core`.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 done, 1 a well-formed "no",
//! 2 bad input (docs/cli.md).

mod analyse;
mod check;
mod console;
mod depth;
mod dictionary;
mod edit;
mod field;
mod files;
mod help;
mod imagery;
mod locate;
mod lookup;
mod media;
mod parts;
mod print;
mod projects;
mod query;
mod render;
mod reshape;
mod saved_query;
mod sketch;
mod source;
mod stats;
mod template;
mod update;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{FromArgMatches as _, Parser, Subcommand};
use gis_core::{Error, Lang};

use crate::i18n;
use console::{Console, Format};

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// The question was understood; the answer is "no".
    No,
}

impl Outcome {
    pub(crate) fn done_if(is_done: bool) -> Self {
        if is_done { Self::Done } else { Self::No }
    }
}

#[derive(Parser)]
#[command(name = "karez", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    window: crate::shell::StartOptions,
}

#[derive(Subcommand)]
enum Command {
    /// Create an empty project
    New(files::NewArgs),
    /// Read files into a project
    Import(files::ImportArgs),
    /// Show what a file holds and what it would be read as
    Inspect(files::InspectArgs),
    /// Show what a project holds
    Info(files::InfoArgs),
    /// Check the network by its rules, mend what they find
    Check(check::CheckArgs),
    /// Find the valves to close for a burst and who loses water
    Burst(analyse::BurstArgs),
    /// Find the shortest way along open pipes
    Path(analyse::PathArgs),
    /// Show heights and depths along a way, and draw the profile
    Profile(depth::ProfileArgs),
    /// Show what a point was tied to, and draw the sketch
    Sketch(sketch::SketchArgs),
    /// List the part library, keep an assembly in it, list the bill of materials
    Parts(parts::PartsArgs),
    /// Engineering projects: list, write down, changes, materials, complete, withdraw
    Projects(projects::ProjectsArgs),
    /// Show the pipes under a stroke with their depths
    Section(depth::SectionArgs),
    /// Find features by class, condition, place and number; list or count them
    Query(query::QueryArgs),
    /// Look for an address, a road, a name, a number, a map sheet or coordinates
    Locate(locate::LocateArgs),
    /// Count features and metres in tables with rows and columns; the standing reports of a water company
    Stats(stats::StatsArgs),
    /// Update attributes of features from a workbook, by their object numbers or another key
    Update(update::UpdateArgs),
    /// Judge how complete, right, consistent and recent the data are
    Quality(stats::QualityArgs),
    /// Write a project to another format
    Export(files::ExportArgs),
    /// Draw the map into a picture: PNG, SVG, PDF, GeoTIFF
    Render(render::RenderArgs),
    /// Print page layouts: PDF, SVG, DXF, PNG, GeoTIFF
    Print(print::PrintArgs),
    /// Build the pyramids of a picture, so that it is fast from afar
    Overviews(imagery::OverviewsArgs),
    /// Topographic maps and their issues
    Basemap(imagery::BasemapArgs),
    /// Attach photographs, documents, video and sound to features
    Media(media::MediaArgs),
    /// Edit the network: one operation or a script
    Edit(edit::EditArgs),
    /// Take the last edit back, or go to any state of the history
    Undo(edit::UndoArgs),
    /// Do again what was undone last
    Redo(edit::RedoArgs),
    /// Show what was edited, by whom and when
    History(edit::HistoryArgs),
    /// Dictionaries: list, show, add, rename, retire and merge codes
    Dictionary(dictionary::DictionaryArgs),
    /// Fields of classes: list, add, change, retire
    Field(field::FieldArgs),
}

/// Options every command takes.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Common {
    /// How results are written: text or json
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Language: zh-CN or en; the system's unless given
    #[arg(long, value_parser = parse_lang)]
    lang: Option<Lang>,
}

/// Options of every command may stand before its name as well: `karez --lang en info …`. They are moved behind it, since
/// what stands before would be an option of the window.
fn options_behind_command(mut arguments: Vec<OsString>, command: &clap::Command) -> Vec<OsString> {
    let mut end = 1;
    while let Some(option) = arguments.get(end).and_then(|a| a.to_str()) {
        end += match option {
            "--lang" | "--format" => 2,
            _ if option.starts_with("--lang=") || option.starts_with("--format=") => 1,
            _ => break,
        };
    }
    let is_command = arguments
        .get(end)
        .and_then(|a| a.to_str())
        .is_some_and(|name| command.find_subcommand(name).is_some());
    if is_command && end > 1 {
        arguments[1..=end].rotate_right(1);
    }
    arguments
}

fn parse_lang(tag: &str) -> Result<Lang, String> {
    Lang::from_code(tag).ok_or_else(|| "zh-CN, en".to_owned())
}

/// Runs the program: a command, or the window where none is named.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let spoken = help::language_of(&arguments).unwrap_or_else(i18n::system_lang);
    let command = help::translated::<Arguments>(spoken);
    let arguments = options_behind_command(arguments, &command);
    let parsed = command
        .try_get_matches_from(arguments)
        .and_then(|m| Arguments::from_arg_matches(&m));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(usage) => {
            // Help goes to standard output with status 0, a wrong call to standard error with 2. A closed pipe is the
            // reader's wish.
            drop(usage.print());
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    let Some(command) = arguments.command else {
        return match crate::shell::run(arguments.window) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                log::error!("{error:#}");
                ExitCode::from(2)
            }
        };
    };
    let (common, run): (Common, Run) = command.into_parts();
    let mut console = Console::new(common.format, common.lang.unwrap_or(spoken));
    match run(&mut console) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Err(error) => {
            console.fail(&error);
            ExitCode::from(if matches!(error, Error::Refused(_)) { 1 } else { 2 })
        }
    }
}

type Run = Box<dyn FnOnce(&mut Console) -> gis_core::Result<Outcome>>;

impl Command {
    fn into_parts(self) -> (Common, Run) {
        match self {
            Self::New(args) => (args.common.clone(), Box::new(move |c| files::new(&args, c))),
            Self::Import(args) => (args.common.clone(), Box::new(move |c| files::import(&args, c))),
            Self::Inspect(args) => (args.common.clone(), Box::new(move |c| files::inspect(&args, c))),
            Self::Info(args) => (args.common.clone(), Box::new(move |c| files::info(&args, c))),
            Self::Check(args) => (args.common.clone(), Box::new(move |c| check::check(&args, c))),
            Self::Burst(args) => (args.common.clone(), Box::new(move |c| analyse::burst(&args, c))),
            Self::Path(args) => (args.common.clone(), Box::new(move |c| analyse::path(&args, c))),
            Self::Profile(args) => (args.common.clone(), Box::new(move |c| depth::profile(&args, c))),
            Self::Sketch(args) => (args.common.clone(), Box::new(move |c| sketch::sketch(&args, c))),
            Self::Parts(args) => (args.common.clone(), Box::new(move |c| parts::parts(&args, c))),
            Self::Projects(args) => (
                args.common.clone(),
                Box::new(move |c| projects::projects(&args, c)),
            ),
            Self::Section(args) => (args.common.clone(), Box::new(move |c| depth::section(&args, c))),
            Self::Query(args) => (args.common.clone(), Box::new(move |c| query::query(&args, c))),
            Self::Update(args) => (
                args.common.clone(),
                Box::new(move |c| update::from_workbook(&args, c)),
            ),
            Self::Stats(args) => (args.common.clone(), Box::new(move |c| stats::stats(&args, c))),
            Self::Quality(args) => (args.common.clone(), Box::new(move |c| stats::look(&args, c))),
            Self::Locate(args) => (args.common.clone(), Box::new(move |c| locate::find(&args, c))),
            Self::Export(args) => (args.common.clone(), Box::new(move |c| files::export(&args, c))),
            Self::Render(args) => (args.common.clone(), Box::new(move |c| render::render(&args, c))),
            Self::Print(args) => (args.common.clone(), Box::new(move |c| print::print(&args, c))),
            Self::Overviews(args) => (
                args.common.clone(),
                Box::new(move |c| imagery::overviews(&args, c)),
            ),
            Self::Basemap(args) => (
                args.what.common().clone(),
                Box::new(move |c| imagery::basemap(&args, c)),
            ),
            Self::Media(args) => (args.common().clone(), Box::new(move |c| media::media(&args, c))),
            Self::Edit(args) => (args.common().clone(), Box::new(move |c| edit::edit(&args, c))),
            Self::Undo(args) => (args.common().clone(), Box::new(move |c| edit::undo(&args, c))),
            Self::Redo(args) => (args.common().clone(), Box::new(move |c| edit::redo(&args, c))),
            Self::History(args) => (args.common().clone(), Box::new(move |c| edit::history(&args, c))),
            Self::Dictionary(args) => (
                args.change.common.clone(),
                Box::new(move |c| dictionary::dictionary(&args, c)),
            ),
            Self::Field(args) => (
                args.change.common.clone(),
                Box::new(move |c| field::field(&args, c)),
            ),
        }
    }
}
