//! Rules of the source files: no colours and no Chinese in the code, nothing left undone, no paths of one machine.
//!
//! What a Rust file means is clippy's business.

use super::rust_source::RustSource;
use super::{Finding, Repository, TextFile};

/// Lines beyond which a file asks to be looked at again.
const LONG: usize = 700;

/// The colours of the program are tokens of the themes and styles; these are ways around them.
const COLOUR_CALLS: &[&str] = &[
    "Color32::from_rgb",
    "Color32::from_rgba",
    "Color32::from_gray",
    "Color32::from_black_alpha",
    "Color32::from_white_alpha",
    "Color32::BLACK",
    "Color32::RED",
    "Color32::GREEN",
    "Color32::BLUE",
    "Color32::YELLOW",
    "Color32::GRAY",
    "Color32::LIGHT_",
    "Color32::DARK_",
    "hex_color!",
];
/// Where tokens are made into colours.
const COLOUR_ROOMS: &[&str] = &["app/src/theme/", "app/src/theme.rs"];
/// Where Chinese is data: the streets of the sample city, and words met in the files of others.
const CHINESE_ROOMS: &[&str] = &[
    "gis-core/src/sample/",
    "gis-core/src/io/names.rs",
    "gis-core/src/io/values.rs",
    "gis-core/src/project/records.rs",
];

/// Marks of unfinished work, put together so that this file does not find itself.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
/// Folders that exist on somebody's machine only.
const MACHINE_PATHS: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/tmp/", "tgt"),
];

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &repository.files {
        findings.extend(unfinished_or_local(file));
    }
    for file in repository
        .rust_files(&["app/src/", "gis-core/src/"])
        .filter(|file| !is_test(&file.path))
    {
        let source = RustSource::read(&file.text);
        if !COLOUR_ROOMS.iter().any(|room| file.path.starts_with(room)) {
            findings.extend(colours(file, &source));
        }
        if !CHINESE_ROOMS.iter().any(|room| file.path.starts_with(room)) {
            findings.extend(chinese(file, &source));
        }
    }
    findings
}

/// Files so long that their parts may deserve rooms of their own.
pub(crate) fn long_files(repository: &Repository) -> Vec<Finding> {
    repository
        .rust_files(&["app/", "gis-core/", "xtask/"])
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > LONG).then(|| Finding::new(&file.path, 0, format!("{lines} lines; can it be parted?")))
        })
        .collect()
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.contains("/tests/") || path.ends_with("/test.rs")
}

fn unfinished_or_local(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for mark in UNFINISHED.iter().filter(|mark| line.contains(**mark)) {
            findings.push(Finding::new(
                &file.path,
                number + 1,
                format!("`{mark}`: finish it, or open an issue"),
            ));
        }
        for path in MACHINE_PATHS.iter().filter(|path| names_path(line, path)) {
            let text = format!("`{path}`: a path of one machine");
            findings.push(Finding::new(&file.path, number + 1, text));
        }
    }
    findings
}

/// Whether the line names this absolute path, and not one that only has it in its middle.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "._-/~}".contains(c))
    })
}

fn colours(file: &TextFile, source: &RustSource) -> Vec<Finding> {
    let in_code = source.code.iter().enumerate().flat_map(|(number, line)| {
        let found = COLOUR_CALLS.iter().filter(|call| line.contains(**call));
        found.map(move |call| (number + 1, (*call).to_owned()))
    });
    let in_literals = source
        .literals
        .iter()
        .filter(|literal| !literal.is_in_test && is_hex_colour(&literal.text))
        .map(|literal| (literal.line, literal.text.clone()));
    in_code
        .chain(in_literals)
        .map(|(line, what)| {
            let text = format!("`{what}`: colours come from the themes and styles in assets/");
            Finding::new(&file.path, line, text)
        })
        .collect()
}

fn is_hex_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        [3, 6, 8].contains(&digits.len()) && digits.chars().all(|digit| digit.is_ascii_hexdigit())
    })
}

fn chinese(file: &TextFile, source: &RustSource) -> Vec<Finding> {
    source
        .literals
        .iter()
        .filter(|literal| !literal.is_in_test && literal.text.chars().any(is_chinese))
        .map(|literal| {
            let text = format!(
                "\"{}\": Chinese belongs in assets/locales or assets/schema",
                literal.text
            );
            Finding::new(&file.path, literal.line, text)
        })
        .collect()
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        let files = vec![TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        }];
        let repository = Repository {
            root: std::path::PathBuf::new(),
            files,
        };
        check(&repository)
            .into_iter()
            .map(|finding| finding.text)
            .collect()
    }

    #[test]
    fn a_colour_in_the_code_is_found_but_not_in_the_theme_or_in_a_test() {
        let code = "fn f() { paint(Color32::RED, \"#ff8800\"); }\n#[cfg(test)]\nmod tests { const A: &str = \"#fff\"; }";
        assert_eq!(findings("app/src/map/a.rs", code).len(), 2);
        assert_eq!(findings("app/src/theme/a.rs", code).len(), 0);
        assert_eq!(findings("app/tests/a.rs", code).len(), 0);
    }

    #[test]
    fn chinese_in_a_literal_is_found_but_not_in_the_sample_city() {
        let code = "// 阀门\nconst A: &str = \"阀门\";";
        assert_eq!(findings("gis-core/src/a.rs", code).len(), 1);
        assert_eq!(findings("gis-core/src/sample/streets.rs", code).len(), 0);
    }

    #[test]
    fn a_path_of_one_machine_is_found_but_not_a_relative_one() {
        let home = concat!("/ro", "ot/");
        assert_eq!(findings("docs/a.md", &format!("see {home}li/karez")).len(), 1);
        assert_eq!(findings("docs/a.md", &format!("see docs{home}page.md")).len(), 0);
    }

    #[test]
    fn a_mark_of_unfinished_work_is_found() {
        assert_eq!(
            findings("gis-core/src/a.rs", concat!("// TO", "DO later")).len(),
            1
        );
    }
}
