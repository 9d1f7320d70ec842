//! Tiles of one source in memory: those on the graphics card, those wanted, and the threads that fetch them. It
//! decides neither what is wanted nor where it is drawn.

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use egui::{TextureHandle, TextureId, TextureOptions};
use gis_core::Message;
use walkers::TileId;

use super::super::readers::Readers;
use super::source::{Answer, PictureTiles, TileFacts};

/// Bytes of pictures kept on the card beside those in view.
const KEPT_BYTES: usize = 48 << 20;
/// Tiles known to be empty or late that are remembered.
const KEPT_EMPTY: usize = 8_192;
/// New pictures that one frame hands to the card.
const PICTURES_PER_FRAME: usize = 6;
/// What a worker that stumbled waits before the tile is asked for again.
const AFTER_CRASH: Duration = Duration::from_mins(1);

enum State {
    Here(TextureHandle),
    Nothing,
    Later(Instant),
}

struct Entry {
    state: State,
    last_used: u64,
    bytes: usize,
}

/// What is known of a tile without waiting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Look {
    Here(TextureId),
    Nothing,
    /// On its way, or to be asked for.
    Wanted,
    /// Not to be had for the moment.
    Later,
}

#[derive(Default)]
struct Queue {
    wanted: VecDeque<TileId>,
    in_flight: HashSet<TileId>,
    is_closed: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    bell: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One source with what is here of it.
pub(super) struct TileStore {
    source: Arc<dyn PictureTiles>,
    pub(super) facts: TileFacts,
    shared: Arc<Shared>,
    arrived: Receiver<(TileId, Answer)>,
    tiles: HashMap<TileId, Entry>,
    bytes: usize,
    clock: u64,
    ctx: egui::Context,
}

impl TileStore {
    /// Starts the workers; `facts` of the source are asked for once.
    pub(super) fn new(source: Arc<dyn PictureTiles>, ctx: &egui::Context) -> Self {
        let facts = source.facts();
        let shared = Arc::new(Shared::default());
        let (sender, arrived) = channel();
        for i in 0..facts.workers.clamp(1, 8) {
            let worker = Worker {
                source: Arc::clone(&source),
                shared: Arc::clone(&shared),
                sender: sender.clone(),
                ctx: ctx.clone(),
            };
            let reading = Readers::of(ctx).enter();
            let started = std::thread::Builder::new()
                .name(format!("karez-tiles-{i}"))
                .spawn(move || {
                    let _reading = reading;
                    worker.run();
                });
            if let Err(error) = started {
                log::warn!("a tile worker did not start: {error}");
            }
        }
        Self {
            source,
            facts,
            shared,
            arrived,
            tiles: HashMap::new(),
            bytes: 0,
            clock: 0,
            ctx: ctx.clone(),
        }
    }

    pub(super) fn source(&self) -> &dyn PictureTiles {
        &*self.source
    }

    pub(super) fn take_notice(&self) -> Option<Message> {
        self.source.take_notice()
    }

    /// Bytes on the graphics card.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes in what the workers have sent; call once a frame, first.
    pub(super) fn begin_frame(&mut self) {
        self.clock += 1;
        let mut pictures = 0;
        while pictures < PICTURES_PER_FRAME {
            let Ok((id, answer)) = self.arrived.try_recv() else {
                break;
            };
            // Only now, so that what waits here for its turn is not asked for again.
            self.shared.lock().in_flight.remove(&id);
            let (state, bytes) = match answer {
                Answer::Picture(picture) => {
                    pictures += 1;
                    let bytes = picture.size[0] * picture.size[1] * 4;
                    let name = format!("tile {}/{}/{}", id.zoom, id.x, id.y);
                    let texture = self.ctx.load_texture(name, picture, TextureOptions::LINEAR);
                    (State::Here(texture), bytes)
                }
                Answer::Nothing => (State::Nothing, 0),
                Answer::Later(wait) => (State::Later(Instant::now() + wait), 0),
            };
            let entry = Entry {
                state,
                last_used: self.clock,
                bytes,
            };
            self.bytes += bytes;
            if let Some(old) = self.tiles.insert(id, entry) {
                self.bytes -= old.bytes;
            }
        }
        if pictures == PICTURES_PER_FRAME {
            self.ctx.request_repaint();
        }
    }

    /// What is known of a tile; one that is here counts as used.
    pub(super) fn look(&mut self, id: TileId) -> Look {
        let Some(entry) = self.tiles.get_mut(&id) else {
            return Look::Wanted;
        };
        entry.last_used = self.clock;
        match &entry.state {
            State::Here(texture) => Look::Here(texture.id()),
            State::Nothing => Look::Nothing,
            State::Later(until) if *until > Instant::now() => Look::Later,
            State::Later(_) => Look::Wanted,
        }
    }

    /// Ends the frame: what was wanted before and is no longer is forgotten. Returns whether anything is still to
    /// come.
    pub(super) fn end_frame(&mut self, wanted: Vec<TileId>) -> bool {
        self.forget_old();
        let next_try = self.next_try();
        let mut queue = self.shared.lock();
        queue.wanted = wanted
            .into_iter()
            .filter(|id| !queue.in_flight.contains(id))
            .collect();
        let is_coming = !queue.wanted.is_empty() || !queue.in_flight.is_empty();
        let has_work = !queue.wanted.is_empty();
        drop(queue);
        if has_work {
            self.shared.bell.notify_all();
        }
        if let Some(wait) = next_try {
            self.ctx.request_repaint_after(wait);
        }
        is_coming
    }

    /// When the first of the tiles in view may be asked for again.
    fn next_try(&self) -> Option<Duration> {
        let now = Instant::now();
        self.tiles
            .values()
            .filter(|entry| entry.last_used == self.clock)
            .filter_map(|entry| match entry.state {
                State::Later(until) => Some(until.saturating_duration_since(now)),
                _ => None,
            })
            .min()
    }

    fn forget_old(&mut self) {
        let in_view: usize = self
            .tiles
            .values()
            .filter(|e| e.last_used == self.clock)
            .map(|e| e.bytes)
            .sum();
        let is_full = self.bytes > in_view + KEPT_BYTES;
        if !is_full && self.tiles.len() <= KEPT_EMPTY {
            return;
        }
        let mut by_age: Vec<(u64, TileId)> = self.tiles.iter().map(|(id, e)| (e.last_used, *id)).collect();
        by_age.sort_unstable_by_key(|(last_used, id)| (*last_used, id.zoom, id.x, id.y));
        for (last_used, id) in by_age {
            let is_enough = self.bytes <= in_view + KEPT_BYTES * 3 / 4 && self.tiles.len() <= KEPT_EMPTY / 2;
            if is_enough || last_used == self.clock {
                break;
            }
            if let Some(old) = self.tiles.remove(&id) {
                self.bytes -= old.bytes;
            }
        }
    }

    /// Everything is asked for again, as after a new key or a refresh.
    pub(super) fn forget_all(&mut self) {
        self.tiles.clear();
        self.bytes = 0;
    }
}

impl Drop for TileStore {
    fn drop(&mut self) {
        self.shared.lock().is_closed = true;
        self.shared.bell.notify_all();
    }
}

struct Worker {
    source: Arc<dyn PictureTiles>,
    shared: Arc<Shared>,
    sender: Sender<(TileId, Answer)>,
    ctx: egui::Context,
}

impl Worker {
    fn run(self) {
        let mut reader = self.source.reader();
        while let Some(id) = self.next() {
            // A broken picture must not take the worker with it.
            let answer = catch_unwind(AssertUnwindSafe(|| reader.tile(id))).unwrap_or_else(|_| {
                log::error!("tile {}/{}/{} could not be read", id.zoom, id.x, id.y);
                Answer::Later(AFTER_CRASH)
            });
            if self.sender.send((id, answer)).is_err() {
                return;
            }
            self.ctx.request_repaint();
        }
    }

    /// Waits for work; `None` when the layer is gone.
    fn next(&self) -> Option<TileId> {
        let mut queue = self.shared.lock();
        loop {
            if queue.is_closed {
                return None;
            }
            if let Some(id) = queue.wanted.pop_front() {
                queue.in_flight.insert(id);
                return Some(id);
            }
            queue = self
                .shared
                .bell
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
