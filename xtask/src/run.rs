//! `cargo xtask run`: builds Karez and opens the sample city; without a display it does the same work on the
//! command line, so that there is something to see on any machine.
//!
//! It knows the program only by its command line.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{built, cargo, output, run, say};
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
    let step = |heading: &str, arguments: &[&str]| -> Result<()> {
        say(&format!("\n— {heading}"));
        run(built(karez).args(arguments))
    };
    let project = project.display().to_string();
    let file = |name: &str| folder.join(name).display().to_string();

    step("What the project holds", &["info", &project])?;
    step("Whether the network is sound", &["check", &project])?;
    let (pipe, from, to) = places(karez, &project)?;
    step(
        &format!("A burst on pipe {pipe}: which valves to close, who loses water"),
        &["burst", &project, "--pipe", &pipe, "--xlsx", &file("burst.xlsx")],
    )?;
    step(
        &format!("The shortest way from {from} to {to}"),
        &["path", &project, "--from", &from, "--to", &to],
    )?;
    step("The map", &["render", &project, "--out", &file("map.png")])?;
    say(&format!(
        "\nThe Excel report and the picture of the map are in {}",
        folder.display()
    ));
    Ok(())
}

/// A pipe and two nodes of the project, taken from its network.
fn places(karez: &Path, project: &str) -> Result<(String, String, String)> {
    let _ = output(built(karez).args(["info", project, "--format", "json"]))?;
    bail!("not yet")
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
