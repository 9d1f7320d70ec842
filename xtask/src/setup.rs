//! Makes a machine ready: system packages by apt, and the fast linker where there is one.
//!
//! It installs no Rust toolchain and touches nothing outside the package manager but `.cargo/local.toml`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{find, output, run, say, succeeds};
use crate::{no_arguments, workspace};

/// A Debian package and why it is needed.
struct Package {
    name: &'static str,
    reason: &'static str,
}

const fn package(name: &'static str, reason: &'static str) -> Package {
    Package { name, reason }
}

/// What a build, the program and the tests need. Debian 12 and Ubuntu 24.04 know all of them by these names.
const PACKAGES: &[Package] = &[
    package("gcc", "C compiler for the crates that carry C"),
    package("libc6-dev", "C library to link against"),
    package("pkg-config", "finds the libraries below"),
    package("libgdal-dev", "GDAL, for foreign formats and coordinate systems"),
    package(
        "libsqlite3-dev",
        "SQLite, for the project file; the one GDAL uses",
    ),
    package("clang", "linker driver for mold"),
    package("mold", "fast linker"),
    package("libvulkan1", "draws the window"),
    package(
        "mesa-vulkan-drivers",
        "Vulkan drivers, among them one without a graphics card",
    ),
    package("libegl1", "draws the window where there is no Vulkan"),
    package("libgl1-mesa-dri", "OpenGL drivers"),
    package("libx11-6", "window on X11"),
    package("libx11-xcb1", "window on X11"),
    package("libxcursor1", "window on X11"),
    package("libxi6", "window on X11"),
    package("libxkbcommon0", "keyboard"),
    package("libxkbcommon-x11-0", "keyboard on X11"),
    package("libwayland-client0", "window on Wayland"),
    package("libwayland-egl1", "window on Wayland"),
    package("libdbus-1-3", "file dialogs of the desktop"),
    package("libfontconfig1", "finds the system's fonts"),
    package("fontconfig", "finds the system's fonts"),
    package(
        "gdal-bin",
        "tests: ogr2ogr and ogrinfo, the second opinion on our files",
    ),
    package("python3-gdal", "tests: the GeoPackage validator"),
    package("python3-openpyxl", "tests: the second opinion on our workbooks"),
    package("poppler-utils", "tests: the second opinion on printed pages"),
    package("xvfb", "tests: a display without a screen"),
    package("xauth", "tests: a display without a screen"),
    package("xdotool", "tests: hands on keyboard and mouse"),
    package("imagemagick", "tests: looks at the picture of the window"),
];

/// What only `cargo xtask conformance` and `cargo xtask fonts` need.
pub(crate) const CONFORMANCE_PACKAGES: &[&str] = &["python3-venv", "xz-utils"];
pub(crate) const FONT_PACKAGES: &[&str] = &["python3-venv", "fonts-noto-cjk"];

/// The linker of this machine, read by `.cargo/config.toml` where the file exists. The text is always the same, so
/// that writing it again changes no build.
const FAST_LINKER: &str = "\
[target.x86_64-unknown-linux-gnu]
linker = \"clang\"
rustflags = [\"-Clink-arg=-fuse-ld=mold\"]
";

pub(crate) fn task(arguments: &[String]) -> Result<()> {
    no_arguments("setup", arguments)?;
    make_ready()?;
    say(
        "This machine is ready: `cargo xtask run` opens the sample city, `cargo xtask test` checks everything.",
    );
    Ok(())
}

/// Installs what is missing. Silent and quick where nothing is.
pub(crate) fn make_ready() -> Result<()> {
    let names: Vec<&str> = PACKAGES.iter().map(|package| package.name).collect();
    install(&names)?;
    choose_linker(&workspace::root().join(".cargo").join("local.toml"))
}

/// Installs those of the packages that are missing.
pub(crate) fn install(names: &[&str]) -> Result<()> {
    match system(&fs::read_to_string("/etc/os-release").unwrap_or_default()) {
        System::Debian if find("dpkg-query").is_some() => install_by_apt(names),
        System::Debian | System::Other(_) => {
            say(&other_system_advice(names));
            Ok(())
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum System {
    /// Debian, Ubuntu and what descends from them.
    Debian,
    /// Any other, by the name it gives itself.
    Other(String),
}

fn system(os_release: &str) -> System {
    let value = |key: &str| {
        os_release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .map(|value| value.trim_matches('"').to_owned())
            .unwrap_or_default()
    };
    let families = format!("{} {}", value("ID"), value("ID_LIKE"));
    if families
        .split_whitespace()
        .any(|family| family == "debian" || family == "ubuntu")
    {
        return System::Debian;
    }
    let name = value("PRETTY_NAME");
    System::Other(if name.is_empty() {
        std::env::consts::OS.to_owned()
    } else {
        name
    })
}

fn install_by_apt(names: &[&str]) -> Result<()> {
    let missing = missing(names, &installed(names)?);
    if missing.is_empty() {
        return Ok(());
    }
    say("Missing on this machine:");
    for name in &missing {
        let reason = PACKAGES
            .iter()
            .find(|package| package.name == *name)
            .map_or("", |package| package.reason);
        say(&format!("  {name:<22} {reason}"));
    }
    let by_hand = format!("apt-get install --no-install-recommends {}", missing.join(" "));
    if !is_root() && find("sudo").is_none() {
        bail!(
            "no right to install packages: neither root nor sudo. Ask an administrator to run\n\n  {by_hand}\n"
        );
    }
    // A list of packages that is a little old often serves; a fresh container has none at all.
    if let Err(error) = run(&mut apt_get(&["update"])) {
        say(&format!(
            "The package lists could not be renewed ({error}); trying with those at hand."
        ));
    }
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(&missing);
    run(&mut apt_get(&arguments)).with_context(|| format!("install by hand and try again:\n\n  {by_hand}\n"))
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = Command::new(if is_root() { "env" } else { "sudo" });
    command
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
        .args(arguments);
    command
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// What dpkg says of these packages, one line each: status and name.
fn installed(names: &[&str]) -> Result<String> {
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${db:Status-Abbrev}|${Package}\n"])
        .args(names)
        .output()
        .context("`dpkg-query` could not be started")?;
    // Its exit status is 1 as soon as one package is unknown; the lines of the others stand.
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn missing<'a>(names: &[&'a str], dpkg: &str) -> Vec<&'a str> {
    let is_installed = |name: &str| {
        dpkg.lines().any(|line| {
            line.split_once('|')
                .is_some_and(|(status, package)| status.trim() == "ii" && package == name)
        })
    };
    names.iter().copied().filter(|name| !is_installed(name)).collect()
}

fn other_system_advice(names: &[&str]) -> String {
    let System::Other(name) = system(&fs::read_to_string("/etc/os-release").unwrap_or_default()) else {
        return String::new();
    };
    format!(
        "{name} is not a system this command can install packages on. Karez is built on Debian 12; elsewhere, \
         install what these Debian packages bring under the names your system gives them, unless it is there:\n  {}",
        names.join(" ")
    )
}

/// Writes or takes away the choice of linker, as far as it is ours.
fn choose_linker(file: &Path) -> Result<()> {
    let present = fs::read_to_string(file).ok();
    let is_possible = find("clang").is_some() && find("mold").is_some();
    match (is_possible, present.as_deref()) {
        (true, None) => fs::write(file, FAST_LINKER).with_context(|| format!("{}", file.display())),
        (false, Some(FAST_LINKER)) => fs::remove_file(file).with_context(|| format!("{}", file.display())),
        // Already right, or written by the owner of this machine.
        _ => Ok(()),
    }
}

/// Adds rustfmt and clippy to the toolchain where it came without them.
pub(crate) fn make_toolchain_complete() -> Result<()> {
    for (component, program) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !succeeds(crate::process::cargo().args([program, "--version"])) {
            run(Command::new("rustup").args(["component", "add", component]))
                .with_context(|| format!("the Rust toolchain has no {component}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_ubuntu_and_their_kin_are_recognised() {
        assert_eq!(
            system("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"),
            System::Debian
        );
        assert_eq!(system("ID=ubuntu\nID_LIKE=debian\n"), System::Debian);
        assert_eq!(
            system("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"),
            System::Debian
        );
        assert_eq!(
            system("ID=fedora\nPRETTY_NAME=\"Fedora 41\"\n"),
            System::Other("Fedora 41".to_owned())
        );
        assert_eq!(system(""), System::Other(std::env::consts::OS.to_owned()));
    }

    #[test]
    fn a_package_counts_only_when_it_is_fully_installed() {
        let dpkg = "ii |clang\nrc |mold\niU |xvfb\nii |libgdal-dev\n";
        assert_eq!(
            missing(&["clang", "mold", "xvfb", "gdal-bin", "libgdal-dev"], dpkg),
            ["mold", "xvfb", "gdal-bin"]
        );
    }

    #[test]
    fn a_package_whose_name_only_begins_like_another_is_still_missing() {
        assert_eq!(missing(&["gdal"], "ii |gdal-bin\n"), ["gdal"]);
    }

    #[test]
    fn no_package_is_listed_twice() {
        for package in PACKAGES {
            assert_eq!(
                PACKAGES.iter().filter(|other| other.name == package.name).count(),
                1,
                "{}",
                package.name
            );
        }
    }
}
