//! Reads what a WMTS server says of itself (OGC 07-057r7, capabilities 1.0.0): each layer in each grid that can be
//! drawn, as a source of tiles. It asks no server.

use roxmltree::{Document, Node, ParsingOptions};

use crate::cartography::layers::{TileCrs, TileKind, TileSource};
use crate::error::{Error, Result};
use crate::text::Message;

/// Scale denominator of level 0, where one tile of 256 pixels of 0.28 mm spans the equator.
const LEVEL_ZERO: f64 = 559_082_264.028_717_8;
/// How far from a level a matrix may be: services that count with 96 dots per inch are 0.08 off.
const LEVEL_TOLERANCE: f64 = 0.12;
const HALF_EQUATOR_M: f64 = 20_037_508.342_789;
const PICTURES: [&str; 3] = ["image/png", "image/jpeg", "image/jpgpng"];

/// A layer in one of its grids.
#[derive(Debug, Clone, PartialEq)]
pub struct WmtsChoice {
    pub title: String,
    pub matrix_set: String,
    pub source: TileSource,
}

/// A grid whose levels are those of the web.
struct Grid {
    id: String,
    crs: TileCrs,
    /// What stands before the number of the level.
    prefix: String,
    levels: [u8; 2],
    tile_px: u16,
}

fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn all<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| is(child, name))
}

fn text_of<'a>(node: Node<'a, '_>, name: &'static str) -> Option<&'a str> {
    all(node, name).next()?.text().map(str::trim)
}

/// `address` is where the text came from: what its query asks for beside the capabilities (a key) goes into the
/// addresses of the tiles.
///
/// # Errors
/// It is no capabilities document, or no layer lies in a grid that can be drawn.
pub fn read(text: &str, address: &str) -> Result<Vec<WmtsChoice>> {
    let unreadable = |reason: String| {
        Error::bad_input(
            Message::new("basemap.wmts.unreadable")
                .with("address", plain(address))
                .with("reason", reason),
        )
    };
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|e| unreadable(e.to_string()))?;
    let root = document.root_element();
    let contents = Some(root)
        .filter(|root| is(root, "Capabilities"))
        .and_then(|root| all(root, "Contents").next())
        .ok_or_else(|| unreadable(format!("<{}>", root.tag_name().name())))?;
    let grids: Vec<Grid> = all(contents, "TileMatrixSet").filter_map(grid_of).collect();
    let get_tile = get_tile_address(root);
    let attribution = all(root, "ServiceProvider")
        .next()
        .and_then(|provider| text_of(provider, "ProviderName"))
        .unwrap_or_default();
    let mut choices = Vec::new();
    for layer in all(contents, "Layer") {
        for link in all(layer, "TileMatrixSetLink") {
            let Some(grid) = text_of(link, "TileMatrixSet").and_then(|id| grids.iter().find(|g| g.id == id))
            else {
                continue;
            };
            let Some(location) = location_of(layer, grid, get_tile, address) else {
                continue;
            };
            let name = text_of(layer, "Identifier").unwrap_or_default();
            choices.push(WmtsChoice {
                title: text_of(layer, "Title")
                    .filter(|t| !t.is_empty())
                    .unwrap_or(name)
                    .to_owned(),
                matrix_set: grid.id.clone(),
                source: TileSource {
                    kind: TileKind::Wmts,
                    location,
                    attribution: attribution.to_owned(),
                    min_zoom: grid.levels[0],
                    max_zoom: grid.levels[1],
                    tile_size: grid.tile_px,
                    crs: grid.crs,
                    ..TileSource::default()
                },
            });
        }
    }
    if choices.is_empty() {
        let sets: Vec<&str> = all(contents, "TileMatrixSet")
            .filter_map(|set| text_of(set, "Identifier"))
            .collect();
        return Err(Error::bad_input(
            Message::new("basemap.wmts.nothing")
                .with("address", plain(address))
                .with("sets", sets.join(", ")),
        ));
    }
    Ok(choices)
}

/// Without the query: a key may be in it.
fn plain(address: &str) -> &str {
    address.split('?').next().unwrap_or(address)
}

/// `None` for a grid other than those of the web, of which tiles would be drawn in the wrong place.
fn grid_of(set: Node<'_, '_>) -> Option<Grid> {
    let code = text_of(set, "SupportedCRS")?;
    let has = |names: &[&str]| names.iter().any(|name| code.ends_with(name));
    let crs = if has(&["3857", "900913", "102100", "3785"]) {
        TileCrs::WebMercator
    } else if has(&["4490", "4326", "CRS84"]) {
        TileCrs::GeodeticCgcs2000
    } else {
        return None;
    };
    let mut grid: Option<Grid> = None;
    for matrix in all(set, "TileMatrix") {
        let number = |name| text_of(matrix, name)?.parse::<f64>().ok();
        let tile_px = number("TileWidth")?;
        let level = (LEVEL_ZERO / number("ScaleDenominator")? * 256.0 / tile_px).log2();
        let whole = level.round();
        if (level - whole).abs() > LEVEL_TOLERANCE
            || !(0.0..=24.0).contains(&whole)
            || !begins_north_west(matrix, crs)
        {
            return None;
        }
        let whole = whole as u8;
        let prefix = text_of(matrix, "Identifier")?.strip_suffix(&whole.to_string())?;
        let grid = grid.get_or_insert_with(|| Grid {
            id: text_of(set, "Identifier").unwrap_or_default().to_owned(),
            crs,
            prefix: prefix.to_owned(),
            levels: [whole; 2],
            tile_px: tile_px as u16,
        });
        if grid.prefix != prefix {
            return None;
        }
        grid.levels = [grid.levels[0].min(whole), grid.levels[1].max(whole)];
    }
    grid
}

fn begins_north_west(matrix: Node<'_, '_>, crs: TileCrs) -> bool {
    let corner: Vec<f64> = text_of(matrix, "TopLeftCorner")
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect();
    let near = |expected: [f64; 2], by: f64| {
        corner.len() == 2
            && corner
                .iter()
                .zip(expected)
                .all(|(is, shall)| (is - shall).abs() < by)
    };
    match crs {
        TileCrs::WebMercator => near([-HALF_EQUATOR_M, HALF_EQUATOR_M], 10.0),
        // Either order of axes is met.
        TileCrs::GeodeticCgcs2000 => near([-180.0, 90.0], 1e-3) || near([90.0, -180.0], 1e-3),
    }
}

/// The address for tiles asked by a query.
fn get_tile_address<'a>(root: Node<'a, '_>) -> Option<&'a str> {
    let operations = all(root, "OperationsMetadata").next()?;
    let get_tile = all(operations, "Operation").find(|o| o.attribute("name") == Some("GetTile"))?;
    let gets = get_tile.descendants().filter(|node| is(node, "Get"));
    let wants_query = |get: &Node<'_, '_>| {
        let mut values = get.descendants().filter(|node| is(node, "Value")).peekable();
        values.peek().is_none() || values.any(|value| value.text() == Some("KVP"))
    };
    gets.filter(wants_query)
        .find_map(|get| get.attributes().find(|a| a.name() == "href").map(|a| a.value()))
}

fn location_of(layer: Node<'_, '_>, grid: &Grid, get_tile: Option<&str>, address: &str) -> Option<String> {
    let is_picture = |format: &str| PICTURES.contains(&format) || format == "tiles";
    let styles: Vec<Node<'_, '_>> = all(layer, "Style").collect();
    let default = styles
        .iter()
        .find(|style| style.attribute("isDefault") == Some("true"));
    let style = default
        .or(styles.first())
        .and_then(|style| text_of(*style, "Identifier"))
        .unwrap_or_default();
    let level = format!("{}{{z}}", grid.prefix);
    let template = all(layer, "ResourceURL").find(|url| {
        url.attribute("resourceType") == Some("tile") && url.attribute("format").is_none_or(is_picture)
    });
    if let Some(template) = template.and_then(|url| url.attribute("template")) {
        let mut location = template
            .replace("{TileMatrixSet}", &grid.id)
            .replace("{TileMatrix}", &level)
            .replace("{TileRow}", "{y}")
            .replace("{TileCol}", "{x}")
            .replace("{Style}", style)
            .replace("{style}", style);
        for dimension in all(layer, "Dimension") {
            if let (Some(name), Some(value)) =
                (text_of(dimension, "Identifier"), text_of(dimension, "Default"))
            {
                location = location.replace(&format!("{{{name}}}"), value);
            }
        }
        return Some(location);
    }
    let base = get_tile?;
    let format = all(layer, "Format")
        .filter_map(|f| f.text())
        .find(|f| is_picture(f.trim()))?;
    let joint = match base.chars().last() {
        Some('?' | '&') => "",
        _ if base.contains('?') => "&",
        _ => "?",
    };
    let name = text_of(layer, "Identifier")?;
    let query = format!(
        "SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE={style}&TILEMATRIXSET={}&FORMAT={}\
         &TILEMATRIX={level}&TILEROW={{y}}&TILECOL={{x}}",
        grid.id,
        format.trim()
    );
    Some(format!(
        "{base}{joint}{}{}",
        query.replace(' ', "%20"),
        own_query(address)
    ))
}

/// What an address asks for beside the capabilities.
fn own_query(address: &str) -> String {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let kept: Vec<&str> = query
        .split('&')
        .filter(|part| {
            let name = part.split('=').next().unwrap_or_default().to_ascii_lowercase();
            !part.is_empty()
                && !matches!(
                    name.as_str(),
                    "service" | "request" | "version" | "acceptversions"
                )
        })
        .collect();
    if kept.is_empty() {
        String::new()
    } else {
        format!("&{}", kept.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capabilities(layer: &str, corner: &str, ids: [&str; 2]) -> String {
        format!(
            r#"<?xml version="1.0"?><Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink">
<ows:ServiceProvider><ows:ProviderName>City survey</ows:ProviderName></ows:ServiceProvider>
<ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP><ows:Get xlink:href="http://10.0.0.5/wmts?"><ows:Constraint name="GetEncoding"><ows:AllowedValues><ows:Value>KVP</ows:Value></ows:AllowedValues></ows:Constraint></ows:Get></ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>
<Contents><Layer><ows:Title>Aerial 2026</ows:Title><ows:Identifier>aerial</ows:Identifier><Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style><Format>image/jpeg</Format><TileMatrixSetLink><TileMatrixSet>web</TileMatrixSet></TileMatrixSetLink>{layer}</Layer>
<TileMatrixSet><ows:Identifier>web</ows:Identifier><ows:SupportedCRS>urn:ogc:def:crs:EPSG::3857</ows:SupportedCRS>
<TileMatrix><ows:Identifier>{}</ows:Identifier><ScaleDenominator>279541132.01436</ScaleDenominator><TopLeftCorner>{corner}</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight></TileMatrix>
<TileMatrix><ows:Identifier>{}</ows:Identifier><ScaleDenominator>69885283.00359</ScaleDenominator><TopLeftCorner>{corner}</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight></TileMatrix>
</TileMatrixSet></Contents></Capabilities>"#,
            ids[0], ids[1]
        )
    }

    const CORNER: &str = "-20037508.3428 20037508.3428";

    #[test]
    fn layers_are_offered_with_addresses_by_query_or_by_template() {
        let address = "http://10.0.0.5/wmts?service=WMTS&request=GetCapabilities&tk={key}";
        let choices = read(&capabilities("", CORNER, ["web:1", "web:3"]), address).unwrap();
        assert_eq!(choices.len(), 1);
        let source = &choices[0].source;
        assert_eq!(
            (choices[0].title.as_str(), choices[0].matrix_set.as_str()),
            ("Aerial 2026", "web")
        );
        assert_eq!(
            source.location,
            "http://10.0.0.5/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=aerial&STYLE=default\
             &TILEMATRIXSET=web&FORMAT=image/jpeg&TILEMATRIX=web:{z}&TILEROW={y}&TILECOL={x}&tk={key}"
        );
        assert_eq!(
            (source.min_zoom, source.max_zoom, source.crs),
            (1, 3, TileCrs::WebMercator)
        );
        assert_eq!(source.attribution, "City survey");
        let url = r#"<ResourceURL format="image/png" resourceType="tile" template="http://x/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png"/>"#;
        let choices = read(&capabilities(url, CORNER, ["1", "3"]), "").unwrap();
        assert_eq!(choices[0].source.location, "http://x/default/web/{z}/{y}/{x}.png");
    }

    #[test]
    fn what_would_be_drawn_in_the_wrong_place_or_is_no_such_document_is_refused() {
        let page = "<html><body>Not found</body></html>";
        for (text, key) in [
            (capabilities("", "0 5000000", ["1", "3"]), "basemap.wmts.nothing"),
            (capabilities("", CORNER, ["0", "2"]), "basemap.wmts.nothing"),
            (page.to_owned(), "basemap.wmts.unreadable"),
            ("no xml".to_owned(), "basemap.wmts.unreadable"),
        ] {
            let refused = read(&text, "http://x/wmts?tk=secret").unwrap_err().message();
            assert_eq!(refused.key(), key);
            assert!(!format!("{refused:?}").contains("secret"));
        }
    }
}
