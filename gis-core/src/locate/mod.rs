//! 定位: one search for coordinates, map sheets, bookmarks, object numbers, roads, addresses, names and accounts (9.2.3.4a,
//! 9.2.3.5), the likeliest first. It moves no map.

mod coordinates;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use coordinates::Reading;

use crate::cartography::layers::Bookmark;
use crate::error::Result;
use crate::ids::FeatureId;
use crate::io::crs::{Transform, parse};
use crate::layout::sheets::{Sheet, SheetScheme};
use crate::model::{ClassIndex, Feature};
use crate::project::{PlaceRow, Project, words};
use crate::text::Lang;

/// What was found; places are project coordinates.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    Place([f64; 2]),
    /// A map sheet: `[min_x, min_y, max_x, max_y]`.
    Sheet([f64; 4]),
    /// By its place in the list.
    Bookmark(usize),
    Feature(ClassIndex, FeatureId),
    /// All that lies in a road, by its name as it is written.
    Road(String),
}

impl Found {
    /// Key of the word for what it is.
    pub fn name_key(&self) -> &'static str {
        match self {
            Self::Place(_) => "locate.found.place",
            Self::Sheet(_) => "locate.found.sheet",
            Self::Bookmark(_) => "locate.found.bookmark",
            Self::Feature(..) => "locate.found.feature",
            Self::Road(_) => "locate.found.road",
        }
    }
}

/// One thing found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub found: Found,
    pub title: String,
    /// What tells it from others of that title: class, address, scale.
    pub detail: String,
}

/// Candidates of one way to look, before they are ranked.
const MOST_CANDIDATES: usize = 200;

/// Looks for a text in all ways; at most `limit` hits. Texts are found only where [`Project::index_places`] was called.
///
/// # Errors
/// The project cannot be read.
pub fn locate(
    project: &Project,
    bookmarks: &[Bookmark],
    text: &str,
    lang: Lang,
    limit: usize,
) -> Result<Vec<Hit>> {
    let text = text.trim();
    let mut hits = Vec::new();
    if text.is_empty() || limit == 0 {
        return Ok(hits);
    }
    hits.extend(places(project, text)?);
    hits.extend(sheets(project, text)?);
    hits.extend(marked(bookmarks, text));
    let mut known = HashSet::new();
    for (class, id) in codes(project, text, limit)? {
        if known.insert(id) {
            hits.extend(feature_hit(project, class, id, lang)?);
        }
    }
    if hits.len() < limit && project.has_places()? {
        hits.extend(texts(project, text, lang, limit - hits.len(), &mut known)?);
    }
    hits.truncate(limit);
    Ok(hits)
}

/// Longitude and latitude without a datum are taken as CGCS2000.
const DEGREES: &str = "EPSG:4490";

fn places(project: &Project, text: &str) -> Result<Vec<Hit>> {
    let extent = project.extent()?;
    // A neighbouring county may still be meant, a place without any relation to the data is not.
    let is_near = |p: [f64; 2]| {
        extent.is_some_and(|b| {
            let rim = 10.0 * (b[2] - b[0]).max(b[3] - b[1]).max(1e-9);
            p[0] >= b[0] - rim && p[0] <= b[2] + rim && p[1] >= b[1] - rim && p[1] <= b[3] + rim
        })
    };
    let crs = project.crs();
    let mut hits = Vec::new();
    for reading in coordinates::readings(text) {
        match reading {
            Reading::Degrees([lon, lat]) if !crs.is_local() => {
                let found = Transform::new(&parse(DEGREES)?, crs)?.point([lon, lat]);
                let title = format!("{lon:.6}°, {lat:.6}°");
                hits.extend(found.ok().filter(|p| is_near(*p)).map(|place| Hit {
                    found: Found::Place(place),
                    title,
                    detail: String::new(),
                }));
            }
            Reading::Plane(p) if !crs.is_geographic => {
                // Surveyors write northing before easting.
                let place = [p, [p[1], p[0]]].into_iter().find(|p| is_near(*p));
                hits.extend(place.map(|place| Hit {
                    found: Found::Place(place),
                    title: format!("{:.3}, {:.3}", place[0], place[1]),
                    detail: crs.name.clone(),
                }));
            }
            Reading::Degrees(_) | Reading::Plane(_) => {}
        }
    }
    Ok(hits)
}

fn sheets(project: &Project, text: &str) -> Result<Vec<Hit>> {
    let sheets = sheets_of_number(project, text)?.into_iter();
    let hit = |(sheet, bounds): (Sheet, [f64; 4])| Hit {
        found: Found::Sheet(bounds),
        title: sheet.number,
        detail: format!("1:{}", sheet.denominator),
    };
    Ok(sheets.map(hit).collect())
}

/// Map sheets with that number that show something of the project, with their ground in its coordinates.
pub(crate) fn sheets_of_number(project: &Project, text: &str) -> Result<Vec<(Sheet, [f64; 4])>> {
    let Some(extent) = project.extent()? else {
        return Ok(Vec::new());
    };
    let crs = project.crs();
    let mut found: Vec<(Sheet, [f64; 4])> = Vec::new();
    for scheme in SheetScheme::ALL {
        if crs.is_local() || (scheme != SheetScheme::Graticule && crs.is_geographic) {
            continue;
        }
        for denominator in scheme.denominators() {
            let Some(sheet) = scheme.parse(text, *denominator) else {
                continue;
            };
            let bounds = if scheme == SheetScheme::Graticule {
                ground(sheet.bounds, project)?
            } else {
                Some(sheet.bounds)
            };
            // The same number may be read in several schemes; only those that show something are meant.
            let Some(bounds) = bounds.filter(|b| meets(*b, extent)) else {
                continue;
            };
            if found
                .iter()
                .all(|(_, known)| Found::Sheet(*known) != Found::Sheet(bounds))
            {
                found.push((sheet, bounds));
            }
        }
    }
    Ok(found)
}

/// A box in degrees as a box in the project's coordinates.
fn ground(b: [f64; 4], project: &Project) -> Result<Option<[f64; 4]>> {
    let mut corners = [[b[0], b[1]], [b[0], b[3]], [b[2], b[1]], [b[2], b[3]]];
    let is_placed = Transform::new(&parse(DEGREES)?, project.crs())?
        .points(&mut corners)
        .is_ok();
    let first = [corners[0][0], corners[0][1], corners[0][0], corners[0][1]];
    let whole = corners.iter().fold(first, |b, p| {
        [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]
    });
    Ok(is_placed.then_some(whole))
}

fn meets(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1]
}

fn marked(bookmarks: &[Bookmark], text: &str) -> Vec<Hit> {
    let wanted = words(text).concat();
    let is_meant = |name: &str| !wanted.is_empty() && words(name).concat().contains(&wanted);
    let meant = bookmarks
        .iter()
        .enumerate()
        .filter(|(_, bookmark)| is_meant(&bookmark.name));
    meant
        .map(|(i, bookmark)| Hit {
            found: Found::Bookmark(i),
            title: bookmark.name.clone(),
            detail: format!("1:{:.0}", bookmark.scale_denominator),
        })
        .collect()
}

/// Features of that number, then those whose numbers begin with it.
fn codes(project: &Project, text: &str, limit: usize) -> Result<Vec<(ClassIndex, FeatureId)>> {
    let mut found = project.find_code(text)?;
    let upper = text.to_uppercase();
    if upper != text {
        found.extend(project.find_code(&upper)?);
    }
    for start in [text, &upper] {
        if found.len() < limit {
            found.extend(project.codes_beginning(start, limit - found.len())?);
        }
    }
    Ok(found)
}

/// Roads, addresses, names and accounts.
fn texts(
    project: &Project,
    text: &str,
    lang: Lang,
    limit: usize,
    known: &mut HashSet<FeatureId>,
) -> Result<Vec<Hit>> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut roads = HashSet::new();
    for matching in matches(text) {
        if hits.len() >= limit {
            break;
        }
        let mut found = Vec::new();
        for row in project.find_places(&matching, MOST_CANDIDATES)? {
            match row {
                PlaceRow::Road(road) if roads.insert(road.clone()) => found.push(Hit {
                    title: road.clone(),
                    detail: String::new(),
                    found: Found::Road(road),
                }),
                PlaceRow::Feature(class, id) if known.insert(id) => {
                    found.extend(feature_hit(project, class, id, lang)?);
                }
                PlaceRow::Road(_) | PlaceRow::Feature(..) => {}
            }
        }
        // The less a text says beyond what was asked for, the likelier it is meant; a road before what lies in it.
        found.sort_by_key(|hit| {
            let is_road = matches!(hit.found, Found::Road(_));
            (!is_road, hit.title.chars().count(), hit.detail.chars().count())
        });
        hits.extend(found);
    }
    hits.truncate(limit);
    Ok(hits)
}

/// Queries of FTS5, the strictest first: texts that begin so, texts in which the words follow each other, texts in which
/// each part does, texts that have all words.
fn matches(text: &str) -> Vec<String> {
    let phrase = |words: &[String]| format!("\"{}\"", words.join(" "));
    let all = words(text);
    if all.is_empty() {
        return Vec::new();
    }
    let whole = phrase(&all);
    let parts: Vec<String> = text
        .split_whitespace()
        .map(words)
        .filter(|part| !part.is_empty())
        .map(|part| phrase(&part))
        .collect();
    let each: Vec<String> = all
        .iter()
        .map(|word| phrase(std::slice::from_ref(word)))
        .collect();
    let mut matches = vec![format!("^ {whole} *"), format!("{whole} *")];
    for list in [parts, each] {
        let joined = format!("{} *", list.join(" "));
        if list.len() > 1 && !matches.contains(&joined) {
            matches.push(joined);
        }
    }
    matches
}

fn feature_hit(project: &Project, class: ClassIndex, id: FeatureId, lang: Lang) -> Result<Option<Hit>> {
    let Some(feature) = project.record(class, id)? else {
        return Ok(None);
    };
    let feature_class = project.schema().class(class);
    let label = feature_class.label.text(lang);
    let code = project.code_of(&feature);
    let said = said(project, &feature);
    // People know a place by its address and a device by its number.
    let (title, told) = match (said.is_empty(), code) {
        (false, code) => (said, code.map(str::to_owned)),
        (true, Some(code)) => (code.to_owned(), None),
        (true, None) => (label.to_owned(), None),
    };
    let detail = told
        .into_iter()
        .fold(label.to_owned(), |detail, code| format!("{detail} {code}"));
    Ok(Some(Hit {
        found: Found::Feature(class, id),
        title,
        detail,
    }))
}

/// Name, address and account of a feature, as far as it has them.
fn said(project: &Project, feature: &Feature) -> String {
    let class = project.schema().class(feature.class);
    let texts = ["name", "address", "customer_code"]
        .into_iter()
        .filter_map(|key| {
            let value = feature.values.get(class.field_index(key)?)?;
            value.as_text().filter(|text| !text.trim().is_empty())
        });
    texts.collect::<Vec<_>>().join("  ")
}
