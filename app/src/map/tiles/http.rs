//! Tiles of a server (XYZ, WMTS), kept on disk. A server that is down or slow holds up its own workers only, is
//! left alone for a growing while, and is told to the user once.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gis_core::cartography::layers::TileSource;
use gis_core::{Error, Message, Result};
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use reqwest::header::CACHE_CONTROL;
use walkers::TileId;

use super::disk::{DiskCache, prune};
use super::grid::Grid;
use super::source::{Answer, PictureTiles, TileFacts, TileReader, decode};
use super::template::Template;

/// Servers are asked this many things at once, as browsers do.
const WORKERS: usize = 6;
/// A tile is some 20 KB; more than this is no tile.
const MOST_BYTES: u64 = 8 << 20;
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_mins(2);
const KEPT_BY_DEFAULT: Duration = Duration::from_hours(14 * 24);
const KEPT_AT_LEAST: Duration = Duration::from_hours(1);
const KEPT_AT_MOST: Duration = Duration::from_hours(90 * 24);

/// How long a server may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    pub connect: Duration,
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(12),
        }
    }
}

/// A tile server.
pub struct HttpTiles {
    host: String,
    template: Template,
    key: Option<String>,
    facts: TileFacts,
    rows_per_column: Grid,
    attribution: String,
    disk: Option<DiskCache>,
    root: Option<PathBuf>,
    patience: Patience,
    health: Mutex<Health>,
}

#[derive(Default)]
struct Health {
    /// Not asked again before.
    pause: Option<(Instant, Duration)>,
    /// Of the last answer; `None` once the server answers well.
    trouble: Option<Message>,
    /// The trouble was not told yet.
    is_new: bool,
    is_pruned: bool,
}

/// Why a tile did not come.
enum Trouble {
    /// The server has nothing there.
    Nothing,
    Refused(StatusCode),
    Failed(String),
}

impl HttpTiles {
    /// `key` is what the user's settings hold under the source's `key_name`; `cache_root` as
    /// [`super::default_cache_root`].
    ///
    /// # Errors
    /// The template is none, or wants a key that is not there.
    pub fn new(
        source: &TileSource,
        key: Option<String>,
        cache_root: Option<&Path>,
        patience: Patience,
    ) -> Result<Self> {
        let template = Template::parse(&source.location, &source.subdomains)?;
        let key = key.filter(|key| !key.trim().is_empty());
        let host = host_of(&source.location);
        if template.needs_key() && key.is_none() {
            return Err(Error::bad_input(
                Message::new("basemap.no_key")
                    .with("server", &host)
                    .with("name", source.key_name.as_deref().unwrap_or("key")),
            ));
        }
        let facts = super::facts_of(source, WORKERS);
        Ok(Self {
            host,
            template,
            key,
            rows_per_column: facts.grid,
            facts,
            attribution: source.attribution.clone(),
            disk: cache_root.map(|root| DiskCache::new(root, &identity_of(source))),
            root: cache_root.map(Path::to_owned),
            patience,
            health: Mutex::default(),
        })
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the server is still left alone.
    fn pause_left(&self) -> Option<Duration> {
        let (until, _) = self.health().pause?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn went_well(&self) {
        let mut health = self.health();
        health.pause = None;
        health.trouble = None;
        health.is_new = false;
    }

    /// Pauses longer each time, and tells the user the first time.
    fn went_wrong(&self, notice: Message) -> Duration {
        let mut health = self.health();
        // Workers that were under way together fail together; that is one failure.
        let now = Instant::now();
        let pause = match health.pause {
            Some((until, pause)) if until > now => pause,
            Some((_, pause)) => (pause * 2).min(LONGEST_PAUSE),
            None => FIRST_PAUSE,
        };
        health.pause = Some((now + pause, pause));
        health.is_new |= health.trouble.is_none();
        health.trouble = Some(notice);
        pause
    }

    fn client(&self) -> Option<Client> {
        client(&self.host, self.patience)
            .inspect_err(|error| log::error!("there is no way to fetch tiles: {error}"))
            .ok()
    }

    fn fetch(&self, client: &Client, id: TileId) -> std::result::Result<(Vec<u8>, Duration), Trouble> {
        let rows = self.rows_per_column.rows(id.zoom);
        let url = self
            .template
            .url(id, rows, self.key.as_deref().unwrap_or_default());
        let failed = |error: &dyn std::fmt::Display| Trouble::Failed(error.to_string());
        let response = client
            .get(url)
            .send()
            // Without the address: the key is in it.
            .map_err(|error| Trouble::Failed(reason(&error.without_url())))?;
        let status = response.status();
        match status {
            StatusCode::NOT_FOUND | StatusCode::NO_CONTENT | StatusCode::GONE => Err(Trouble::Nothing),
            _ if status.is_success() => {
                let keep = keep_for(&response);
                let mut bytes = Vec::new();
                response
                    .take(MOST_BYTES)
                    .read_to_end(&mut bytes)
                    .map_err(|error| failed(&error))?;
                Ok((bytes, keep))
            }
            _ if status.is_client_error() => Err(Trouble::Refused(status)),
            _ => Err(failed(&status)),
        }
    }

    fn notice(&self, trouble: &Trouble) -> Message {
        match trouble {
            Trouble::Refused(status) => Message::new("basemap.server.refused")
                .with("server", &self.host)
                .with("status", status.as_u16()),
            Trouble::Failed(reason) => Message::new("basemap.server.down")
                .with("server", &self.host)
                .with("reason", reason),
            Trouble::Nothing => Message::new("basemap.server.no_picture").with("server", &self.host),
        }
    }

    fn prune_once(&self) {
        let is_due = !std::mem::replace(&mut self.health().is_pruned, true);
        if let (true, Some(root)) = (is_due, self.root.clone()) {
            let started = std::thread::Builder::new()
                .name("karez-tiles-prune".to_owned())
                .spawn(move || prune(&root));
            if let Err(error) = started {
                log::warn!("old tiles were not removed: {error}");
            }
        }
    }
}

impl PictureTiles for HttpTiles {
    fn facts(&self) -> TileFacts {
        self.facts.clone()
    }

    fn attribution(&self) -> String {
        self.attribution.clone()
    }

    fn reader(&self) -> Box<dyn TileReader + '_> {
        self.prune_once();
        Box::new(HttpReader {
            client: self.client(),
            server: self,
        })
    }

    fn take_notice(&self) -> Option<Message> {
        let mut health = self.health();
        std::mem::take(&mut health.is_new)
            .then(|| health.trouble.clone())
            .flatten()
    }

    fn trouble(&self) -> Option<Message> {
        self.health().trouble.clone()
    }
}

fn client(host: &str, patience: Patience) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .connect_timeout(patience.connect)
        .timeout(patience.answer)
        .user_agent(concat!("Karez/", env!("CARGO_PKG_VERSION")));
    if is_near(host) {
        builder = builder.no_proxy();
    }
    builder.build()
}

/// What a server says at an address with `{key}` in it: for a task, not for a frame.
///
/// # Errors
/// The server does not answer, refuses, or says something that is no text.
pub fn fetch_text(address: &str, key: &str) -> Result<String> {
    let host = host_of(address);
    let down = |reason: String| {
        Error::bad_input(
            Message::new("basemap.wmts.down")
                .with("server", &host)
                .with("reason", reason),
        )
    };
    // Without the address: the key is in it.
    let failed = |error: reqwest::Error| down(reason(&error.without_url()));
    let response = client(&host, Patience::default())
        .and_then(|client| client.get(address.replace("{key}", key.trim())).send())
        .and_then(Response::error_for_status)
        .map_err(failed)?;
    let mut text = String::new();
    response
        .take(MOST_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| down(error.to_string()))?;
    Ok(text)
}

struct HttpReader<'a> {
    client: Option<Client>,
    server: &'a HttpTiles,
}

impl TileReader for HttpReader<'_> {
    fn tile(&mut self, id: TileId) -> Answer {
        let server = self.server;
        let kept = server.disk.as_ref().and_then(|disk| disk.read(id));
        let old = kept.as_ref().and_then(|kept| decode(&kept.bytes));
        if let (Some(kept), Some(picture)) = (&kept, &old)
            && kept.is_fresh
        {
            return Answer::Picture(picture.clone());
        }
        let instead = |wait: Duration| old.clone().map_or(Answer::Later(wait), Answer::Picture);
        let Some(client) = &self.client else {
            return instead(LONGEST_PAUSE);
        };
        if let Some(left) = server.pause_left() {
            return instead(left);
        }
        let trouble = match server.fetch(client, id) {
            Ok((bytes, keep)) => match decode(&bytes) {
                Some(picture) => {
                    server.went_well();
                    if let (Some(disk), false) = (&server.disk, keep.is_zero()) {
                        disk.write(id, &bytes, keep);
                    }
                    return Answer::Picture(picture);
                }
                None => Trouble::Nothing,
            },
            Err(Trouble::Nothing) => {
                server.went_well();
                return Answer::Nothing;
            }
            Err(trouble) => trouble,
        };
        instead(server.went_wrong(server.notice(&trouble)))
    }
}

/// How long the server lets a tile be kept; zero when it must not be.
fn keep_for(response: &Response) -> Duration {
    let control = response
        .headers()
        .get(CACHE_CONTROL)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if control.contains("no-store") {
        return Duration::ZERO;
    }
    control
        .split(',')
        .find_map(|part| part.trim().strip_prefix("max-age=")?.parse().ok())
        .map_or(KEPT_BY_DEFAULT, Duration::from_secs)
        .clamp(KEPT_AT_LEAST, KEPT_AT_MOST)
}

/// The innermost cause, which says most: `connection refused` rather than `error sending request`.
fn reason(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// What tells the kept tiles of a source from those of others.
pub(super) fn identity_of(source: &TileSource) -> String {
    format!("{} {:?}", source.location, source.crs)
}

/// The server of an address.
pub fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_owned()
}

/// A server in the same house is not reached through a proxy.
fn is_near(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost"
        || name
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|ip| ip.is_loopback() || ip.is_private())
}
