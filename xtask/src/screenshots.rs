//! `cargo xtask screenshots`: takes the pictures in docs/screenshots anew.
//!
//! It draws nothing: the program drives and photographs its own window, on a display without a screen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{built, cargo, run, say};
use crate::window::Display;
use crate::{no_arguments, sample, setup, workspace};

struct Picture {
    name: &'static str,
    languages: &'static [&'static str],
    /// Commands of the command line before, `{}` for the project.
    before: &'static [&'static [&'static str]],
    /// What brings the window to the state shown.
    options: &'static [&'static str],
}

const PICTURES: &[Picture] = &[
    Picture {
        name: "city",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &[],
    },
    Picture {
        name: "burst",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &["--burst", sample::BURST_PIPE],
    },
    Picture {
        name: "burst-dark",
        languages: &["zh-CN"],
        before: &[],
        options: &["--burst", sample::BURST_PIPE, "--theme", "dark"],
    },
    Picture {
        name: "thematic",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &["--map-file", "xtask/pictures/by-year.json"],
    },
    Picture {
        name: "edit",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &[
            "--command",
            "toggle_editing",
            "--command",
            "edit_draw_pipe",
            "--extent",
            "548300,4851700,548700,4852000",
            "--click",
            "548400,4851760,548440,4851800,548480,4851800",
        ],
    },
    Picture {
        name: "check",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &["--command", "toggle_editing", "--command", "check_topology"],
    },
    Picture {
        name: "operations",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &[
            "--command",
            "toggle_editing",
            "--command",
            "merge",
            "--extent",
            "548300,4851700,548700,4852000",
            "--click",
            "548540,4851871,548596,4851891",
        ],
    },
    Picture {
        name: "projects",
        languages: &["en", "zh-CN"],
        before: &[
            &[
                "projects",
                "{}",
                "new",
                "G-7",
                "--name",
                "北支干管",
                "--designer",
                "设计二院",
                "--begins",
                "2026-03-01",
                "--ends",
                "2026-05-01",
                "--drawing",
                "S-101",
            ],
            &[
                "edit",
                "{}",
                "--project",
                "G-7",
                "--script",
                "xtask/pictures/engineering.jsonl",
            ],
        ],
        options: &[
            "--command",
            "panel_engineering",
            "--extent",
            "548300,4851930,548480,4852070",
        ],
    },
    Picture {
        name: "labels",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &[
            "--command",
            "tool_flag",
            "--extent",
            "548400,4851780,548600,4851930",
            "--click",
            "548431,4851790,548500,4851880",
        ],
    },
    Picture {
        name: "layout",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &["--command", "print_layout"],
    },
    Picture {
        name: "path",
        languages: &["en"],
        before: &[],
        options: &["--path", sample::PATH_FROM, sample::PATH_TO],
    },
    Picture {
        name: "depth",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &["--path", "FM-000940", "JS-GD-004486", "--command", "show_profile"],
    },
    Picture {
        name: "street",
        languages: &["en", "zh-CN"],
        before: &[
            &["edit", "{}", "--script", "sample-data/street/import.jsonl"],
            &["edit", "{}", "--script", "sample-data/street/street.jsonl"],
        ],
        options: &[
            "--path",
            "YL1",
            "YL7",
            "--command",
            "show_profile",
            "--extent",
            "549320,4850950,549590,4851060",
        ],
    },
    Picture {
        name: "rotated",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &[
            "--extent",
            "548400,4851780,548660,4851975",
            "--command",
            "rotate_right",
            "--command",
            "rotate_right",
        ],
    },
    Picture {
        name: "views",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &["--command", "rotate_right", "--command", "second_view"],
    },
    Picture {
        name: "measure",
        languages: &["en", "zh-CN"],
        before: &[],
        options: &[
            "--command",
            "measure_area",
            "--extent",
            "548300,4851700,548700,4852000",
            "--click",
            "548380,4851750,548600,4851780,548580,4851930,548420,4851900",
        ],
    },
];

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    no_arguments("screenshots", arguments)?;
    setup::make_ready()?;
    run(cargo().arg("build"))?;
    let project = sample::ensure()?;
    let folder = workspace::root().join("docs").join("screenshots");
    fs::create_dir_all(&folder)
        .with_context(|| format!("the folder {} could not be made", folder.display()))?;
    let display = Display::open()?;
    for picture in PICTURES {
        for language in picture.languages {
            let file = folder.join(format!("{}-{language}.png", picture.name));
            // What a picture draws is kept with its project and must not be in the next one.
            let copy = fresh_copy(&project, "picture")?;
            for before in picture.before {
                let of_copy = |part: &&'static str| match *part {
                    "{}" => copy.as_os_str().to_owned(),
                    part => part.into(),
                };
                let mut karez = built(workspace::programs(false).join("karez"));
                run(karez.args(before.iter().map(of_copy)))?;
            }
            let mut karez = built(workspace::programs(false).join("karez"));
            karez
                .arg(&copy)
                .args(["--lang", language, "--size", "1440x900", "--screenshot"])
                .arg(&file);
            karez.args(picture.options);
            if !picture.options.contains(&"--theme") {
                karez.args(["--theme", "light"]);
            }
            run(karez.env("DISPLAY", &display.name).env_remove("WAYLAND_DISPLAY"))?;
            anyhow::ensure!(file.is_file(), "karez closed without writing {}", file.display());
            // The window uses few colours: a palette makes the file a third as big.
            let mut shrink = Command::new("mogrify");
            run(shrink
                .args(["-strip", "-colors", "255", "-define", "png:compression-level=9"])
                .arg(&file))?;
        }
    }
    say(&format!(
        "The pictures are in {}; look at each before you keep it.",
        folder.display()
    ));
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "nobody has the sample city open")]
pub(crate) fn fresh_copy(project: &Path, name: &str) -> Result<PathBuf> {
    let copy = workspace::target().join(name).with_extension("gpkg");
    for ending in ["gpkg-wal", "gpkg-shm"] {
        let left = copy.with_extension(ending);
        if left.exists() {
            fs::remove_file(&left).with_context(|| format!("{} could not be removed", left.display()))?;
        }
    }
    fs::copy(project, &copy).context("the sample city could not be copied")?;
    Ok(copy)
}
