//! Rules of the locale files: both languages say the same things, and the code uses what they say.
//!
//! It does not judge wording.

use std::collections::{BTreeMap, BTreeSet};

use super::rust_source::RustSource;
use super::{Finding, Repository, TextFile};

const FOLDER: &str = "assets/locales/";
const LANGUAGES: [&str; 2] = ["zh-CN", "en"];
/// A literal `report.xlsx` is a file, not a sentence.
const FILE_KINDS: &[&str] = &[
    "csv", "dbf", "dxf", "geojson", "gpkg", "inp", "json", "kml", "mbtiles", "md", "otf", "pdf", "pmtiles",
    "png", "rs", "shp", "svg", "toml", "ttf", "txt", "wgsl", "xls", "xlsx",
];

/// A text of a locale file and the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    text: String,
    line: usize,
}

type Table = BTreeMap<String, Entry>;

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut keys: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut domains: BTreeMap<&str, Vec<(&str, &TextFile)>> = BTreeMap::new();
    for file in repository
        .files
        .iter()
        .filter(|file| file.path.starts_with(FOLDER))
    {
        let name = file.path.trim_start_matches(FOLDER);
        match name.trim_end_matches(".toml").split_once('.') {
            Some((domain, language)) if LANGUAGES.contains(&language) => {
                domains.entry(domain).or_default().push((language, file));
            }
            _ => findings.push(Finding::new(
                &file.path,
                0,
                "expected a name like app.en.toml or app.zh-CN.toml",
            )),
        }
    }
    for (domain, files) in domains {
        let mut tables: Vec<(&str, &TextFile, Table)> = Vec::new();
        for (language, file) in files {
            let (table, wrong) = read(file);
            findings.extend(wrong);
            tables.push((language, file, table));
        }
        for language in LANGUAGES {
            if !tables.iter().any(|(own, ..)| *own == language) {
                findings.push(Finding::new(
                    &format!("{FOLDER}{domain}.{language}.toml"),
                    0,
                    "is missing",
                ));
            }
        }
        if let [first, second] = &tables[..] {
            findings.extend(differences(first.1, &first.2, second.1, &second.2));
            findings.extend(differences(second.1, &second.2, first.1, &first.2));
        }
        for (_, file, table) in &tables {
            for (key, entry) in table {
                keys.entry(key.clone())
                    .or_insert_with(|| (file.path.clone(), entry.line));
            }
        }
    }
    findings.extend(use_in_code(repository, &keys));
    findings
}

/// Every text of a file by its full key. The files use a small part of TOML: tables, and one-line strings.
fn read(file: &TextFile) -> (Table, Vec<Finding>) {
    let mut table = Table::new();
    let mut findings = Vec::new();
    let mut section = String::new();
    for (number, line) in file.text.lines().enumerate() {
        let number = number + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.trim().clone_into(&mut section);
            continue;
        }
        let Some((key, text)) = line
            .split_once('=')
            .and_then(|(key, value)| Some((key, string(value.trim())?)))
        else {
            findings.push(Finding::new(
                &file.path,
                number,
                "expected `key = \"text\"` on one line",
            ));
            continue;
        };
        let key = key.trim().replace('"', "");
        let key = if section.is_empty() {
            key
        } else {
            format!("{section}.{key}")
        };
        if text.trim().is_empty() {
            findings.push(Finding::new(&file.path, number, format!("`{key}` says nothing")));
        }
        if table.insert(key.clone(), Entry { text, line: number }).is_some() {
            findings.push(Finding::new(
                &file.path,
                number,
                format!("`{key}` stands there twice"),
            ));
        }
    }
    (table, findings)
}

/// The text of a one-line TOML string, escapes as they stand; `None` when it is none.
fn string(value: &str) -> Option<String> {
    let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let mut text = String::new();
    let mut chars = value.chars();
    chars.next();
    while let Some(c) = chars.next() {
        if c == quote {
            let rest = chars.as_str().trim();
            return (rest.is_empty() || rest.starts_with('#')).then_some(text);
        }
        text.push(c);
        if c == '\\' && quote == '"' {
            text.push(chars.next()?);
        }
    }
    None
}

fn differences(file: &TextFile, table: &Table, other_file: &TextFile, other: &Table) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, entry) in table {
        let Some(counterpart) = other.get(key) else {
            findings.push(Finding::new(
                &file.path,
                entry.line,
                format!("`{key}` is not in {}", other_file.path),
            ));
            continue;
        };
        let (own, theirs) = (placeholders(&entry.text), placeholders(&counterpart.text));
        for name in own.difference(&theirs) {
            let text = format!("`{key}` has %{{{name}}}, which {} lacks", other_file.path);
            findings.push(Finding::new(&file.path, entry.line, text));
        }
    }
    findings
}

/// The names in `%{…}`.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split("%{")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

/// Whether every key the code names exists, and every key that exists is named.
fn use_in_code(repository: &Repository, keys: &BTreeMap<String, (String, usize)>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let roots: BTreeSet<&str> = keys.keys().filter_map(|key| key.split('.').next()).collect();
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut beginnings: BTreeSet<String> = BTreeSet::new();
    for file in repository.rust_files(&["app/src/", "app/examples/", "gis-core/src/", "gis-core/examples/"]) {
        for literal in RustSource::read(&file.text)
            .literals
            .into_iter()
            .filter(|literal| !literal.is_in_test)
        {
            // `cartography.render.png` is a key although it looks like a file.
            if keys.contains_key(&literal.text) {
                used.insert(literal.text);
                continue;
            }
            let Some(key) = KeyLike::of(&literal.text, &roots) else {
                continue;
            };
            let has = |beginning: &str| keys.keys().any(|key| key.starts_with(beginning));
            match key {
                // `app.command.open` where the code adds `.label` and `.tooltip`.
                KeyLike::Whole(key) if has(&format!("{key}.")) => {
                    beginnings.insert(format!("{key}."));
                }
                KeyLike::Beginning(beginning) if has(beginning) => {
                    beginnings.insert(beginning.to_owned());
                }
                KeyLike::Whole(key) | KeyLike::Beginning(key) => {
                    let text = format!("`{key}` is in no locale file");
                    findings.push(Finding::new(&file.path, literal.line, text));
                }
            }
        }
    }
    for (key, (file, line)) in keys {
        let is_used = used.contains(key)
            || beginnings
                .iter()
                .any(|beginning| key.starts_with(beginning.as_str()));
        if !is_used {
            findings.push(Finding::new(file, *line, format!("`{key}` is used nowhere")));
        }
    }
    findings
}

/// A literal that looks like a locale key.
#[derive(Debug, PartialEq, Eq)]
enum KeyLike<'a> {
    Whole(&'a str),
    /// `core.class.` or `core.class.{}`: the code adds the rest.
    Beginning(&'a str),
}

impl<'a> KeyLike<'a> {
    fn of(literal: &'a str, roots: &BTreeSet<&str>) -> Option<Self> {
        let fixed = literal.split('{').next().unwrap_or(literal);
        let is_cut = fixed.len() < literal.len() || fixed.ends_with('.');
        let (root, rest) = fixed.split_once('.')?;
        let is_key_text = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
        let is_file = FILE_KINDS
            .iter()
            .any(|kind| fixed.rsplit('.').next() == Some(kind));
        if !roots.contains(root) || !fixed.chars().all(is_key_text) || is_file || (rest.is_empty() && !is_cut)
        {
            return None;
        }
        if is_cut && literal.contains(char::is_whitespace) {
            return None;
        }
        Some(if is_cut {
            Self::Beginning(fixed)
        } else {
            Self::Whole(fixed)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> TextFile {
        TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn findings(zh: &str, en: &str, code: &str) -> Vec<String> {
        let files = vec![
            file("assets/locales/app.zh-CN.toml", zh),
            file("assets/locales/app.en.toml", en),
            file("app/src/a.rs", code),
        ];
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
    fn two_files_that_say_the_same_are_fine() {
        let text = "# a comment\n[app.menu]\nopen = \"Open %{name}\" # here too\n";
        assert_eq!(findings(text, text, "t(\"app.menu.open\")"), Vec::<String>::new());
    }

    #[test]
    fn a_key_in_one_language_only_is_found() {
        let both = "[app]\na = \"A\"\n";
        let one = "[app]\na = \"A\"\nb = \"B\"\n";
        assert_eq!(
            findings(both, one, "t(\"app.a\"); t(\"app.b\")"),
            ["`app.b` is not in assets/locales/app.zh-CN.toml"]
        );
    }

    #[test]
    fn a_placeholder_in_one_language_only_is_found() {
        let found = findings(
            "[app]\na = \"%{n} 个\"\n",
            "[app]\na = \"some\"\n",
            "t(\"app.a\")",
        );
        assert_eq!(
            found,
            ["`app.a` has %{n}, which assets/locales/app.en.toml lacks"]
        );
    }

    #[test]
    fn a_key_the_code_misspells_and_one_it_never_uses_are_found() {
        let text = "[app]\nopen = \"Open\"\npng = \"Picture\"\n";
        assert_eq!(
            findings(text, text, "t(\"app.opne\"); save(\"app.toml\"); t(\"app.png\")"),
            ["`app.opne` is in no locale file", "`app.open` is used nowhere"]
        );
    }

    #[test]
    fn keys_put_together_by_the_code_count_as_used() {
        let text = "[app.tool.pan]\nlabel = \"Pan\"\ntip = \"Move\"\n[app.class]\npipe = \"Pipe\"\n";
        let code = "tool(\"app.tool.pan\"); t(&format!(\"app.class.{}\", class))";
        assert_eq!(findings(text, text, code), Vec::<String>::new());
    }

    #[test]
    fn a_line_that_is_no_text_is_found() {
        assert_eq!(
            findings("[app]\na = 1\n", "[app]\n", ""),
            ["expected `key = \"text\"` on one line"]
        );
    }
}
