//! Placeholders of texts: `{title}`, `{sheet}`, `{scale}` and whatever the project or the user gives a value.

use std::collections::BTreeMap;

use super::{FrameContent, Scene};
use crate::layout::model::Layout;

/// Every placeholder of a page with its value.
pub(super) fn values(
    layout: &Layout,
    scene: &Scene<'_>,
    main: Option<&FrameContent>,
) -> BTreeMap<String, String> {
    let mut out: BTreeMap<String, String> = [
        "project",
        "title",
        "sheet",
        "company",
        "drawn",
        "checked",
        "date",
        "height_datum",
        "page",
        "pages",
    ]
    .map(|key| (key.to_owned(), String::new()))
    .into();
    out.extend(scene.values.clone());
    out.extend(
        layout
            .values
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    for key in ["page", "pages"] {
        if out.get(key).is_none_or(String::is_empty) {
            out.insert(key.to_owned(), "1".to_owned());
        }
    }
    out.insert("crs".to_owned(), scene.crs.name.clone());
    if let Some(frame) = main {
        out.insert("scale".to_owned(), scale_text(frame.view.denominator));
        if let Some(sheet) = &frame.sheet {
            out.insert("sheet".to_owned(), sheet.number.clone());
        }
    }
    if out.get("title").is_none_or(String::is_empty) {
        let title = out.get("project").cloned().unwrap_or_default();
        out.insert("title".to_owned(), title);
    }
    out
}

pub(super) fn scale_text(denominator: f64) -> String {
    if (denominator - denominator.round()).abs() < 0.01 {
        format!("1:{denominator:.0}")
    } else {
        format!("1:{denominator:.2}")
    }
}

/// `text` with the placeholders it holds replaced; what has no value stays as it is.
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let found = after
            .split_once('}')
            .and_then(|(key, tail)| Some((values.get(key.trim())?, tail)));
        if let Some((value, tail)) = found {
            out.push_str(value);
            rest = tail;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_and_the_rest_stays() {
        let values = BTreeMap::from([("scale".to_owned(), "1:500".to_owned())]);
        for (text, expected) in [
            ("比例尺 {scale}", "比例尺 1:500"),
            ("{ scale }{scale}", "1:5001:500"),
            ("{unknown} {", "{unknown} {"),
            ("{{scale}", "{1:500"),
            ("", ""),
        ] {
            assert_eq!(fill(text, &values), expected);
        }
        assert_eq!(scale_text(500.0), "1:500");
        assert_eq!(scale_text(512.345), "1:512.35");
    }
}
