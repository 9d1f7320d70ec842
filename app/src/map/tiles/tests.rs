//! Tiles from a small server of our own and from files, through the same workers the map uses.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gis_core::cartography::layers::{TileKind, TileSource};
use rusqlite::Connection;
use walkers::TileId;

use super::store::{Look, TileStore};
use super::*;

/// A 1×1 PNG of the colour #4080c0.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xde, 0x00,
    0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x70, 0x68, 0x38, 0x00, 0x00, 0x02, 0x84,
    0x01, 0x81, 0x26, 0x97, 0xa7, 0x2b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60,
    0x82,
];

const ID: TileId = TileId { x: 5, y: 1, zoom: 3 };

/// A file with the tile above at level, column and row from the south.
pub(in crate::map) fn mbtiles(folder: &Path, format: &str, tiles: &[(u8, u32, u32)]) -> std::path::PathBuf {
    let path = folder.join("底图.mbtiles");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE metadata (name TEXT, value TEXT);
             CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
             INSERT INTO metadata VALUES ('attribution', '© <a href=\"x\">天地图</a>');",
        )
        .unwrap();
    connection
        .execute("INSERT INTO metadata VALUES ('format', ?1)", [format])
        .unwrap();
    for (zoom, column, row) in tiles {
        connection
            .execute(
                "INSERT INTO tiles VALUES (?1, ?2, ?3, ?4)",
                (zoom, column, row, PNG),
            )
            .unwrap();
    }
    path
}

const CAPABILITIES: &str = r#"<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1"><Contents>
<Layer><ows:Title>Streets</ows:Title><ows:Identifier>streets</ows:Identifier><Style isDefault="true"><ows:Identifier>a</ows:Identifier></Style><Format>image/png</Format><TileMatrixSetLink><TileMatrixSet>g</TileMatrixSet></TileMatrixSetLink><ResourceURL format="image/png" resourceType="tile" template="http://x/{TileMatrix}/{TileCol}/{TileRow}?tk={key}"/></Layer>
<TileMatrixSet><ows:Identifier>g</ows:Identifier><ows:SupportedCRS>EPSG:3857</ows:SupportedCRS><TileMatrix><ows:Identifier>3</ows:Identifier><ScaleDenominator>69885283.00359</ScaleDenominator><TopLeftCorner>-20037508.3428 20037508.3428</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256</TileHeight></TileMatrix></TileMatrixSet>
</Contents></Capabilities>"#;

/// Answers `/3/5/1` with a picture, `/slow` after a while, everything else with 404; keeps what was asked.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

fn server(status: &'static str, delay: Duration) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let serve = move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), log) = (stream, Arc::clone(&log)) else {
                return;
            };
            let answer = move || {
                let mut request = [0_u8; 2_048];
                let read = stream.read(&mut request).unwrap_or(0);
                let text = String::from_utf8_lossy(&request[..read]).into_owned();
                let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                let has = path.starts_with("/3/5/1");
                let offers = path.contains("GetCapabilities");
                log.lock().unwrap().push(path);
                std::thread::sleep(delay);
                let (status, body) = if has {
                    (status, PNG)
                } else if offers {
                    (status, CAPABILITIES.as_bytes())
                } else {
                    ("404 Not Found", &b""[..])
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                // A client that gave up is no failure of the test's server.
                let sent = stream
                    .write_all(head.as_bytes())
                    .and_then(|()| stream.write_all(body));
                drop(sent);
            };
            std::thread::Builder::new().spawn(answer).unwrap();
        }
    };
    std::thread::Builder::new().spawn(serve).unwrap();
    Server { address, asked }
}

fn source(server: &Server) -> TileSource {
    TileSource {
        location: format!("{}/{{z}}/{{x}}/{{y}}?tk={{key}}", server.address),
        key_name: Some("test".to_owned()),
        attribution: "© 测绘".to_owned(),
        ..TileSource::default()
    }
}

fn http(source: &TileSource, root: Option<&Path>) -> Arc<HttpTiles> {
    let patience = Patience {
        connect: Duration::from_millis(500),
        answer: Duration::from_millis(400),
    };
    Arc::new(HttpTiles::new(source, Some("k3y".to_owned()), root, patience).unwrap())
}

/// Frames until a tile is no longer wanted, ten seconds at most.
fn settle(store: &mut TileStore, id: TileId) -> Look {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        store.begin_frame();
        let look = store.look(id);
        if look != Look::Wanted || Instant::now() > deadline {
            return look;
        }
        store.end_frame(vec![id]);
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn store(source: Arc<dyn PictureTiles>) -> TileStore {
    TileStore::new(source, &egui::Context::default())
}

#[test]
fn a_tile_of_a_server_arrives_with_the_key_and_a_missing_one_is_known_to_be() {
    let server = server("200 OK", Duration::ZERO);
    let mut store = store(http(&source(&server), None));
    assert!(matches!(settle(&mut store, ID), Look::Here(_)));
    assert_eq!(settle(&mut store, TileId { x: 0, ..ID }), Look::Nothing);
    assert_eq!(*server.asked.lock().unwrap(), ["/3/5/1?tk=k3y", "/3/0/1?tk=k3y"]);
    assert_eq!(store.take_notice(), None);
    assert_eq!(store.bytes(), 4);
}

#[test]
fn without_the_server_the_tiles_kept_on_disk_are_shown() {
    let root = tempfile::tempdir().unwrap();
    let server = server("200 OK", Duration::ZERO);
    let description = source(&server);
    assert!(matches!(
        settle(&mut store(http(&description, Some(root.path()))), ID),
        Look::Here(_)
    ));
    assert_eq!(server.asked.lock().unwrap().len(), 1);
    // A second run: nobody is asked for what is fresh.
    assert!(matches!(
        settle(&mut store(http(&description, Some(root.path()))), ID),
        Look::Here(_)
    ));
    assert_eq!(server.asked.lock().unwrap().len(), 1);
}

#[test]
fn a_server_that_is_down_is_told_once_and_left_alone() {
    // A port that was free a moment ago: nobody listens.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let down = Server {
        address: format!("http://127.0.0.1:{port}"),
        asked: Arc::default(),
    };
    let mut store = store(http(&source(&down), None));
    assert_eq!(settle(&mut store, ID), Look::Later);
    assert_eq!(settle(&mut store, TileId { x: 6, ..ID }), Look::Later);
    let notice = store.take_notice().unwrap();
    assert_eq!(notice.key(), "basemap.server.down");
    let text = notice.text(gis_core::Lang::En);
    assert!(text.contains("127.0.0.1") && !text.contains("k3y"), "{text}");
    assert_eq!(store.take_notice(), None, "once is enough");
    // The layer tree says it as long as it lasts.
    assert_eq!(store.source().trouble().unwrap().key(), "basemap.server.down");
}

#[test]
fn a_refused_key_and_a_page_instead_of_a_picture_are_told() {
    let refusing = server("403 Forbidden", Duration::ZERO);
    let mut refused = store(http(&source(&refusing), None));
    assert_eq!(settle(&mut refused, ID), Look::Later);
    assert_eq!(refused.take_notice().unwrap().key(), "basemap.server.refused");
}

#[test]
fn a_slow_server_holds_up_no_frame() {
    let slow = server("200 OK", Duration::from_secs(3));
    let mut store = store(http(&source(&slow), None));
    let start = Instant::now();
    store.begin_frame();
    store.look(ID);
    assert!(store.end_frame(vec![ID]));
    assert!(start.elapsed() < Duration::from_millis(200));
    assert_eq!(settle(&mut store, ID), Look::Later, "given up after its time");
    assert_eq!(store.take_notice().unwrap().key(), "basemap.server.down");
}

/// Counts on which threads it is asked.
struct Watched {
    frame: std::thread::ThreadId,
    in_frame: AtomicUsize,
    outside: AtomicUsize,
}

impl PictureTiles for Watched {
    fn facts(&self) -> TileFacts {
        TileFacts::default()
    }

    fn attribution(&self) -> String {
        String::new()
    }

    fn reader(&self) -> Box<dyn TileReader + '_> {
        struct Reader<'a>(&'a Watched);
        impl TileReader for Reader<'_> {
            fn tile(&mut self, id: TileId) -> Answer {
                let is_frame = std::thread::current().id() == self.0.frame;
                let counter = if is_frame {
                    &self.0.in_frame
                } else {
                    &self.0.outside
                };
                counter.fetch_add(1, Ordering::Relaxed);
                assert!(id.x != 7, "for the test");
                Answer::Picture(egui::ColorImage::filled([2, 2], egui::Color32::WHITE))
            }
        }
        Box::new(Reader(self))
    }
}

#[test]
fn tiles_are_read_by_workers_only_and_one_that_breaks_stops_no_other() {
    let watched = Arc::new(Watched {
        frame: std::thread::current().id(),
        in_frame: AtomicUsize::new(0),
        outside: AtomicUsize::new(0),
    });
    let mut store = store(Arc::clone(&watched) as Arc<dyn PictureTiles>);
    assert_eq!(settle(&mut store, TileId { x: 7, ..ID }), Look::Later);
    assert!(matches!(settle(&mut store, ID), Look::Here(_)));
    assert_eq!(watched.in_frame.load(Ordering::Relaxed), 0);
    assert_eq!(watched.outside.load(Ordering::Relaxed), 2);
}

#[test]
fn rows_of_mbtiles_are_counted_from_the_south() {
    let folder = tempfile::tempdir().unwrap();
    // Level 3, column 5, second row from the north: row 6 from the south.
    let path = mbtiles(folder.path(), "png", &[(3, 5, 6), (2, 2, 3)]);
    let file = Arc::new(MbTiles::open(&path).unwrap());
    assert_eq!(file.attribution(), "© 天地图");
    assert_eq!((file.facts().min_level, file.facts().max_level), (2, 3));
    let mut store = store(file);
    assert!(matches!(settle(&mut store, ID), Look::Here(_)));
    assert_eq!(settle(&mut store, TileId { y: 6, ..ID }), Look::Nothing);
}

#[test]
fn what_is_no_raster_mbtiles_file_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| matches!(MbTiles::open(path), Err(gis_core::Error::BadInput(_)));
    assert!(refused(&mbtiles(folder.path(), "pbf", &[])));
    let text = folder.path().join("note.mbtiles");
    std::fs::write(&text, "no database").unwrap();
    assert!(refused(&text));
    assert!(refused(&folder.path().join("absent.mbtiles")));
}

#[test]
fn a_folder_of_tiles_is_read_by_path_or_by_template() {
    let folder = tempfile::tempdir().unwrap();
    let column = folder.path().join("3").join("5");
    std::fs::create_dir_all(&column).unwrap();
    std::fs::write(column.join("1.png"), PNG).unwrap();
    let plain = folder.path().display().to_string();
    for location in [plain.clone(), format!("{plain}/{{z}}/{{x}}/{{y}}.png")] {
        let source = TileSource {
            kind: TileKind::Folder,
            location,
            ..TileSource::default()
        };
        let mut store = store(open(&source, None).unwrap());
        assert!(matches!(settle(&mut store, ID), Look::Here(_)));
        assert_eq!(settle(&mut store, TileId { x: 0, ..ID }), Look::Nothing);
    }
    let nowhere = TileSource {
        kind: TileKind::Folder,
        location: format!("{plain}/a/b/c"),
        ..TileSource::default()
    };
    assert!(open(&nowhere, None).is_err());
}

#[test]
fn a_source_without_its_key_says_which() {
    let server = server("200 OK", Duration::ZERO);
    let Err(error) = HttpTiles::new(&source(&server), None, None, Patience::default()) else {
        panic!("it was opened")
    };
    assert!(error.text(gis_core::Lang::En).contains("test"));
}

#[test]
fn a_wmts_is_asked_with_the_key_what_it_offers() {
    let wmts = server("200 OK", Duration::ZERO);
    let address = format!("{}/wmts?REQUEST=GetCapabilities&tk={{key}}", wmts.address);
    let text = fetch_text(&address, " k3y ").unwrap();
    let offers = gis_core::io::wmts::read(&text, &address).unwrap();
    assert_eq!(
        offers[0].source.location,
        "http://x/3/{x}/{y}?tk={key}".replace('3', "{z}")
    );
    assert_eq!(
        *wmts.asked.lock().unwrap(),
        ["/wmts?REQUEST=GetCapabilities&tk=k3y"]
    );
    let refusing = server("403 Forbidden", Duration::ZERO);
    let address = format!("{}/wmts?REQUEST=GetCapabilities&tk={{key}}", refusing.address);
    let refused = fetch_text(&address, "k3y").unwrap_err().message();
    let text = refused.text(gis_core::Lang::En);
    assert!(text.contains("403") && !text.contains("k3y"), "{text}");
}
