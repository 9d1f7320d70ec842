//! `cargo xtask test`: everything that must pass before a change is taken, in the order in which a mistake shows
//! soonest. It stops at the first step that fails.
//!
//! It holds no test itself.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process::{cargo, run, say};
use crate::{no_arguments, sample, setup, tidy, window, workspace};

struct Step {
    name: &'static str,
    /// What to type to see this step alone.
    alone: &'static str,
    run: fn() -> Result<()>,
}

const STEPS: &[Step] = &[
    Step {
        name: "setup",
        alone: "cargo xtask setup",
        run: make_ready,
    },
    Step {
        name: "format",
        alone: "cargo fmt --all --check",
        run: format,
    },
    Step {
        name: "tidy",
        alone: "cargo xtask tidy",
        run: tidy::check,
    },
    Step {
        name: "lints",
        alone: "cargo clippy --workspace --all-targets -- -D warnings",
        run: lints,
    },
    Step {
        name: "build",
        alone: "cargo build --workspace --bins --tests --examples",
        run: build,
    },
    Step {
        name: "sample",
        alone: "cargo xtask sample",
        run: make_sample,
    },
    Step {
        name: "tests",
        alone: "cargo test --workspace",
        run: tests,
    },
    Step {
        name: "window",
        alone: "cargo xtask run",
        run: window::check,
    },
];

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    no_arguments("test", arguments)?;
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for (number, step) in STEPS.iter().enumerate() {
        say(&format!("\n=== {} of {}: {}", number + 1, STEPS.len(), step.name));
        let start = Instant::now();
        let result = (step.run)();
        times.push((step.name, start.elapsed()));
        if result.is_err() {
            say(&format!("\n{}", summary(&times, STEPS.len())));
        }
        result.with_context(|| format!("step `{}` failed; alone: {}", step.name, step.alone))?;
    }
    say(&format!("\n{}\nAll passed.", summary(&times, STEPS.len())));
    Ok(())
}

fn summary(times: &[(&str, Duration)], steps: usize) -> String {
    let line = |name: &str, time: Duration| format!("  {name:<8} {:>8.1} s", time.as_secs_f64());
    let mut lines = vec![format!("{} of {steps} steps:", times.len())];
    lines.extend(times.iter().map(|(name, time)| line(name, *time)));
    lines.push(line("total", times.iter().map(|(_, time)| *time).sum()));
    lines.join("\n")
}

fn make_ready() -> Result<()> {
    setup::make_ready()?;
    setup::make_toolchain_complete()
}

fn format() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))
}

fn lints() -> Result<()> {
    run(cargo().args([
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn build() -> Result<()> {
    run(cargo().args([
        "build",
        "--locked",
        "--workspace",
        "--bins",
        "--tests",
        "--examples",
    ]))
}

/// Made anew each time: the generator is under test too.
fn make_sample() -> Result<()> {
    let file = workspace::sample();
    if file.exists() {
        std::fs::remove_file(&file).with_context(|| format!("{} could not be removed", file.display()))?;
    }
    sample::generate_built(&file)
}

fn tests() -> Result<()> {
    run(cargo()
        .args(["test", "--locked", "--workspace"])
        .env("KAREZ_SAMPLE", workspace::sample()))
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn the_summary_adds_up_the_times() {
        let times = [
            ("format", Duration::from_millis(500)),
            ("tidy", Duration::from_secs(2)),
        ];
        let text = summary(&times, 8);
        assert!(
            text.starts_with("2 of 8 steps") && text.ends_with("2.5 s"),
            "{text}"
        );
    }
}
