//! Rules of the documents: they name every room of the code, every task and every demand of the standard, both
//! languages of a page have the same parts, and links lead somewhere.
//!
//! It cannot tell whether a sentence is true.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::{Finding, Repository, TextFile};
use crate::TASKS;

const MAP: &str = "docs/ARCHITECTURE.md";
const CONFORMANCE: &str = "docs/CONFORMANCE.md";
/// The demands of DB6501/T 053—2023, an id a line.
const DEMANDS: &str = include_str!("../../demands.txt");
/// What docs/CONFORMANCE.md may say of a demand.
const STATES: [&str; 3] = ["done", "partly", "not"];
/// Pages that exist in both languages.
const TWINS: &[(&str, &str)] = &[("README.md", "README.zh-CN.md")];
const GUIDES: (&str, &str) = ("docs/guide/en/", "docs/guide/zh-CN/");

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(map_of_the_code(repository));
    findings.extend(demands(repository));
    findings.extend(twins(repository));
    for file in repository.files.iter().filter(|file| file.is("md")) {
        findings.extend(links(repository, file));
    }
    for file in repository
        .files
        .iter()
        .filter(|file| file.is("rs") || file.is("toml"))
    {
        findings.extend(pages_named(repository, file));
    }
    findings
}

fn map_of_the_code(repository: &Repository) -> Vec<Finding> {
    let Some(map) = repository.file(MAP) else {
        return vec![Finding::new(MAP, 0, "is missing")];
    };
    let mut wanted: BTreeSet<String> = TASKS
        .iter()
        .map(|task| format!("`cargo xtask {}", task.name))
        .collect();
    for file in &repository.files {
        if let Some(member) = file.path.strip_suffix("/Cargo.toml") {
            wanted.insert(format!("`{member}/`"));
        }
        if file.is("rs") {
            wanted.extend(room(&file.path));
        }
    }
    wanted
        .into_iter()
        .filter(|name| !map.text.contains(name.as_str()))
        .map(|name| Finding::new(MAP, 0, format!("does not mention {name}")))
        .collect()
}

/// The room a source file of the product lies in, as the map writes it: `gis-core/src/io/`, `app/src/i18n.rs`.
fn room(path: &str) -> Option<String> {
    let (folder, inner) = ["gis-core/src/", "app/src/"]
        .iter()
        .find_map(|f| Some((*f, path.strip_prefix(f)?)))?;
    Some(match inner.split_once('/') {
        Some((room, _)) => format!("`{folder}{room}/`"),
        None => format!("`{folder}{inner}`"),
    })
}

fn demands(repository: &Repository) -> Vec<Finding> {
    let Some(page) = repository.file(CONFORMANCE) else {
        return vec![Finding::new(CONFORMANCE, 0, "is missing")];
    };
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    let mut states: Vec<String> = Vec::new();
    for (number, line) in page.text.lines().enumerate() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, id, _, state, ..] = cells[..] else {
            continue;
        };
        if id == "id" || id.starts_with('-') {
            continue;
        }
        if !DEMANDS.lines().any(|demand| demand == id) {
            findings.push(Finding::new(
                CONFORMANCE,
                number + 1,
                format!("`{id}` is no demand of the standard"),
            ));
        } else if !seen.insert(id) {
            findings.push(Finding::new(
                CONFORMANCE,
                number + 1,
                format!("`{id}` has two rows"),
            ));
        }
        let state = state.trim_matches('*');
        states.push(state.to_owned());
        if !STATES.contains(&state) {
            let text = format!("`{id}` is `{state}`; expected one of {}", STATES.join(", "));
            findings.push(Finding::new(CONFORMANCE, number + 1, text));
        }
    }
    let count = |wanted: &str| states.iter().filter(|state| *state == wanted).count();
    let [done, partly, not] = STATES.map(count);
    let sentence = format!(
        "Of {} demands {done} are done, {partly} partly, {not} not.",
        states.len()
    );
    if !page.text.contains(&sentence) {
        findings.push(Finding::new(
            CONFORMANCE,
            0,
            format!("expected the sentence \"{sentence}\""),
        ));
    }
    for demand in DEMANDS.lines().filter(|demand| !seen.contains(demand)) {
        findings.push(Finding::new(CONFORMANCE, 0, format!("has no row for {demand}")));
    }
    findings
}

fn twins(repository: &Repository) -> Vec<Finding> {
    let mut pairs: Vec<(String, String)> = TWINS
        .iter()
        .map(|(en, zh)| ((*en).to_owned(), (*zh).to_owned()))
        .collect();
    for file in &repository.files {
        if let Some(name) = file.path.strip_prefix(GUIDES.0) {
            pairs.push((file.path.clone(), format!("{}{name}", GUIDES.1)));
        } else if let Some(name) = file.path.strip_prefix(GUIDES.1) {
            pairs.push((format!("{}{name}", GUIDES.0), file.path.clone()));
        }
    }
    let mut findings = Vec::new();
    for (en, zh) in pairs {
        match (repository.file(&en), repository.file(&zh)) {
            (Some(english), Some(chinese)) => {
                if headings(&english.text) != headings(&chinese.text) {
                    findings.push(Finding::new(&zh, 0, format!("has not the same headings as {en}")));
                }
            }
            (None, _) => findings.push(Finding::new(&en, 0, "is missing")),
            (_, None) => findings.push(Finding::new(&zh, 0, "is missing")),
        }
    }
    findings
}

/// The levels of the headings of a page, in order.
fn headings(text: &str) -> Vec<usize> {
    outside_code(text)
        .filter_map(|(_, line)| {
            let level = line.chars().take_while(|c| *c == '#').count();
            (level > 0 && line.chars().nth(level) == Some(' ')).then_some(level)
        })
        .collect()
}

/// The lines of a page that are not in a code block, with their numbers.
fn outside_code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        (!is_code && !is_fence).then_some((number + 1, line))
    })
}

/// Links to files of the repository that are not there.
fn links(repository: &Repository, page: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in outside_code(&page.text) {
        let targets = line
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target);
        for target in targets {
            let file = target.split('#').next().unwrap_or(target);
            if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            let folder = Path::new(&page.path).parent().unwrap_or(Path::new(""));
            if !repository.root.join(plain(&folder.join(file))).exists() {
                findings.push(Finding::new(
                    &page.path,
                    number,
                    format!("the link to {target} leads nowhere"),
                ));
            }
        }
    }
    findings
}

/// Pages that source files send their readers to, and that are not there.
fn pages_named(repository: &Repository, file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for rest in line.split("docs/").skip(1) {
            let is_path = |c: &char| c.is_ascii_alphanumeric() || "-_./".contains(*c);
            let page: String = rest.chars().take_while(is_path).collect();
            let Some((page, _)) = page.split_once(".md") else {
                continue;
            };
            let page = format!("docs/{page}.md");
            if repository.file(&page).is_none() && !file.path.starts_with("xtask/") {
                findings.push(Finding::new(
                    &file.path,
                    number + 1,
                    format!("there is no page {page}"),
                ));
            }
        }
    }
    findings
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(files: &[(&str, &str)]) -> Repository {
        let files = files
            .iter()
            .map(|(path, text)| TextFile {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        Repository {
            root: PathBuf::from("nowhere"),
            files,
        }
    }

    #[test]
    fn a_room_the_map_does_not_mention_is_found() {
        let repository = repository(&[("gis-core/src/io/mod.rs", ""), (MAP, "| `gis-core/src/io/` |")]);
        let findings = map_of_the_code(&repository);
        assert!(
            findings
                .iter()
                .all(|finding| finding.text.contains("cargo xtask")),
            "{findings:?}"
        );
        assert_eq!(room("app/src/i18n.rs").unwrap(), "`app/src/i18n.rs`");
        assert_eq!(room("docs/a.md"), None);
    }

    #[test]
    fn every_demand_needs_one_row_with_a_known_state() {
        let rows: Vec<String> = DEMANDS
            .lines()
            .map(|id| format!("| {id} | demand | not | |\n"))
            .collect();
        let rows = format!(
            "Of {0} demands 0 are done, 0 partly, {0} not.\n{1}",
            rows.len(),
            rows.concat()
        );
        assert_eq!(demands(&repository(&[(CONFORMANCE, &rows)])), Vec::new());
        let rows = rows.replacen("| not |", "| soon |", 1) + "| 99.9 | demand | done | |\n";
        // A state that is none, an id that is none, and the sentence with the counts.
        assert_eq!(demands(&repository(&[(CONFORMANCE, &rows)])).len(), 3);
        assert!(demands(&repository(&[(CONFORMANCE, "")])).len() > 100);
    }

    #[test]
    fn headings_in_code_blocks_do_not_count() {
        assert_eq!(headings("# A\n```\n# not one\n```\n## B\n#no\n"), [1, 2]);
    }

    #[test]
    fn a_page_that_code_names_must_be_there() {
        let code = "//! See docs/burst.md and docs/rivers.md.";
        let repository = repository(&[("gis-core/src/a.rs", code), ("docs/burst.md", "")]);
        let found = pages_named(&repository, &repository.files[0]);
        assert_eq!(
            found,
            [Finding::new(
                "gis-core/src/a.rs",
                1,
                "there is no page docs/rivers.md"
            )]
        );
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let repository = repository(&[("docs/a.md", "[x](../b.md) [y](https://example.org) [z](#part)\n")]);
        assert_eq!(links(&repository, &repository.files[0]).len(), 1);
        assert_eq!(plain(Path::new("docs/guide/../../b.md")), PathBuf::from("b.md"));
    }
}
