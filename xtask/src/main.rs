//! `cargo xtask`: the front door of the repository. It installs what a build needs, and builds, runs, tests,
//! measures and checks it.
//!
//! It is no part of the product: nothing in `app` or `gis-core` depends on it, and it builds with nothing but the
//! Rust toolchain, because it runs before anything else is installed.

mod bench;
mod conformance;
mod fonts;
mod process;
mod run;
mod sample;
mod screenshots;
mod setup;
mod street;
mod test;
mod tidy;
mod window;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::process::say;

/// One word after `cargo xtask`.
pub(crate) struct Task {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static str,
    pub(crate) summary: &'static str,
    run: fn(&[String]) -> Result<()>,
}

pub(crate) const TASKS: &[Task] = &[
    Task {
        name: "setup",
        arguments: "",
        summary: "install what the build and the tests need (Debian and Ubuntu, by apt)",
        run: setup::task,
    },
    Task {
        name: "run",
        arguments: "[--release] [--headless] [PROJECT]",
        summary: "build Karez and open the sample city, or show its work without a display",
        run: run::task,
    },
    Task {
        name: "test",
        arguments: "[STEP …]",
        summary: "everything that must pass before a change is taken",
        run: test::task,
    },
    Task {
        name: "bench",
        arguments: "[NAME]",
        summary: "the measurements behind docs/BENCHMARKS.md",
        run: bench::task,
    },
    Task {
        name: "tidy",
        arguments: "",
        summary: "check locale files, colours, documents and manifests",
        run: tidy::task,
    },
    Task {
        name: "sample",
        arguments: "[--pipes N] [--out FILE] …",
        summary: "generate the sample city, Tianchi District",
        run: sample::task,
    },
    Task {
        name: "conformance",
        arguments: "[--golden DIR]",
        summary: "compare the analyses with independent implementations (needs Python)",
        run: conformance::task,
    },
    Task {
        name: "screenshots",
        arguments: "",
        summary: "take the pictures in docs/screenshots anew",
        run: screenshots::task,
    },
    Task {
        name: "fonts",
        arguments: "",
        summary: "rebuild the embedded font from Noto Sans CJK",
        run: fonts::task,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        say(&help());
        return Ok(());
    };
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        say(&help());
        return Ok(());
    }
    match TASKS.iter().find(|task| task.name == name) {
        Some(task) => (task.run)(rest),
        None => bail!("there is no task `{name}`\n\n{}", help()),
    }
}

fn help() -> String {
    let line = |task: &Task| {
        format!(
            "  {:<42} {}",
            format!("{} {}", task.name, task.arguments),
            task.summary
        )
    };
    let lines: Vec<String> = TASKS.iter().map(line).collect();
    format!("Usage: cargo xtask TASK\n\n{}", lines.join("\n"))
}

/// Refuses arguments a task does not know, so that a slip of the pen is not taken for a wish.
pub(crate) fn no_arguments(task: &str, arguments: &[String]) -> Result<()> {
    match arguments.first() {
        None => Ok(()),
        Some(argument) => bail!("`cargo xtask {task}` takes no argument; found `{argument}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_task_is_answered_with_the_list_of_tasks() {
        let error = dispatch(&["biuld".to_owned()]).unwrap_err().to_string();
        assert!(
            error.contains("`biuld`") && error.contains("screenshots"),
            "{error}"
        );
    }

    #[test]
    fn every_task_is_named_once() {
        for task in TASKS {
            assert_eq!(
                TASKS.iter().filter(|other| other.name == task.name).count(),
                1,
                "{}",
                task.name
            );
        }
    }
}
