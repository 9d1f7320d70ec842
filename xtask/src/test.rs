//! `cargo xtask test`: everything that must pass before a change is taken, in the order in which a mistake shows
//! soonest. It stops at the first step that fails.
//!
//! It holds no test itself.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{cargo, run, say};
use crate::{sample, setup, street, tidy, window, workspace};

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
        name: "street",
        alone: "cargo xtask test street",
        run: street::check,
    },
    Step {
        name: "window",
        alone: "cargo xtask test window",
        run: window::check,
    },
];

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    let steps = chosen(arguments)?;
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        say(&format!("\n=== {} of {}: {}", number + 1, steps.len(), step.name));
        let start = Instant::now();
        let result = (step.run)();
        times.push((step.name, start.elapsed()));
        if result.is_err() {
            say(&format!("\n{}", summary(&times, steps.len())));
        }
        result.with_context(|| format!("step `{}` failed; alone: {}", step.name, step.alone))?;
    }
    say(&format!("\n{}\nAll passed.", summary(&times, steps.len())));
    Ok(())
}

/// All steps, or those named.
fn chosen(names: &[String]) -> Result<Vec<&'static Step>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!("there is no step `{unknown}`; there are: {}", known.join(", "));
    }
    Ok(STEPS
        .iter()
        .filter(|step| names.is_empty() || names.iter().any(|name| name == step.name))
        .collect())
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
    sample::generate_built(&workspace::sample())
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
    fn single_steps_run_in_their_usual_order() {
        let names = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            chosen(&words).map(|steps| steps.iter().map(|step| step.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["window", "sample"]).unwrap(), ["sample", "window"]);
        assert_eq!(names(&[]).unwrap().len(), STEPS.len());
        assert!(names(&["windw"]).is_err());
    }

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
