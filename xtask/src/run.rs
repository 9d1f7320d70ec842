//! `cargo xtask run`: builds Karez and opens the sample city; without a display it does the same work on the
//! command line, so that there is something to see on any machine.
//!
//! It knows the program only by its command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{built, cargo, command_line, run, say};
use crate::{sample, setup, workspace};

struct Wish {
    is_release: bool,
    is_headless: bool,
    project: Option<PathBuf>,
}

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    let wish = parse(arguments)?;
    setup::make_ready()?;
    let mut build = cargo();
    build.arg("build");
    if wish.is_release {
        build.arg("--release");
    }
    run(&mut build)?;
    let karez = workspace::programs(wish.is_release).join("karez");
    let project = match wish.project {
        Some(project) => project,
        None => sample::ensure()?,
    };
    if wish.is_headless || !has_display() {
        demonstrate(&karez, &project)
    } else {
        run(built(&karez).arg(&project))
    }
}

fn parse(arguments: &[String]) -> Result<Wish> {
    let mut wish = Wish {
        is_release: false,
        is_headless: false,
        project: None,
    };
    for argument in arguments {
        match argument.as_str() {
            "--release" => wish.is_release = true,
            "--headless" => wish.is_headless = true,
            unknown if unknown.starts_with('-') => {
                bail!("`cargo xtask run` knows --release and --headless; found `{unknown}`")
            }
            // The program is started in the root of the repository.
            path => wish.project = Some(std::path::absolute(path)?),
        }
    }
    Ok(wish)
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The main job without a window: what is in the project, is it sound, what does a burst take, how does one go from
/// here to there; with an Excel report and a picture of the map.
fn demonstrate(karez: &Path, project: &Path) -> Result<()> {
    say("There is no display here, so Karez shows its work on the command line.");
    let folder = workspace::target().join("demo");
    fs::create_dir_all(&folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    let file = |name: &str| folder.join(name).display().to_string();
    let step = |heading: &str, command: &str, arguments: &[&str]| -> Result<()> {
        say(&format!("\n— {heading}"));
        run_answered(built(karez).arg(command).arg(project).args(arguments))
    };
    step("What the project holds", "info", &[])?;
    step("Whether the network is sound", "check", &[])?;
    if project == workspace::sample() {
        let (pipe, from, to) = (sample::BURST_PIPE, sample::PATH_FROM, sample::PATH_TO);
        let heading = format!("A burst on pipe {pipe}: which valves to close, who loses water");
        step(
            &heading,
            "burst",
            &["--pipe", pipe, "--xlsx", &file("burst.xlsx")],
        )?;
        step(
            &format!("The shortest way from {from} to {to}"),
            "path",
            &["--from", from, "--to", to],
        )?;
    } else {
        say("\nAsk for a burst with: karez burst PROJECT --pipe CODE --xlsx burst.xlsx");
    }
    step("The map", "render", &["--out", &file("map.png")])?;
    say(&format!("\nWhat was written is in {}", folder.display()));
    Ok(())
}

/// Runs a command of Karez, for which status 1 is an answer: "no".
fn run_answered(command: &mut Command) -> Result<()> {
    let line = command_line(command);
    say(&format!("$ {line}"));
    let status = command
        .status()
        .with_context(|| format!("`{line}` could not be started"))?;
    anyhow::ensure!(matches!(status.code(), Some(0 | 1)), "`{line}` failed ({status})");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_option_of_run_is_refused() {
        assert!(parse(&["--relase".to_owned()]).is_err());
        let wish = parse(&["--release".to_owned(), "/a/city.gpkg".to_owned()]).unwrap();
        assert!(wish.is_release && !wish.is_headless);
        assert_eq!(wish.project, Some(PathBuf::from("/a/city.gpkg")));
    }
}
