//! The threads of a window that read files. What they read with takes itself apart when the process ends, and who still
//! reads then crashes: a window waits for its readers before it is gone. It starts and stops none of them.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use egui::{Context, Id};

#[derive(Clone, Default)]
pub struct Readers(Arc<(Mutex<usize>, Condvar)>);

impl Readers {
    /// Those of the window that a context draws.
    pub fn of(ctx: &Context) -> Self {
        ctx.data_mut(|data| data.get_temp_mut_or_default::<Self>(Id::NULL).clone())
    }

    /// One more thread reads, until what comes back is dropped.
    pub fn enter(&self) -> Reading {
        self.change(|count| *count += 1);
        Reading(self.clone())
    }

    /// Waits until nobody reads; false where somebody still does after so long.
    pub fn wait(&self, patience: Duration) -> bool {
        let (count, ended) = &*self.0;
        let count = count.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = ended.wait_timeout_while(count, patience, |count| *count > 0);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn change(&self, change: impl FnOnce(&mut usize)) {
        let (count, ended) = &*self.0;
        change(&mut count.lock().unwrap_or_else(PoisonError::into_inner));
        ended.notify_all();
    }
}

/// Held by a thread that reads.
pub struct Reading(Readers);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.change(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_waits_for_its_own_readers_and_no_longer_than_told() {
        let (ctx, other) = (Context::default(), Context::default());
        let others = Readers::of(&other).enter();
        let reading = Readers::of(&ctx).enter();
        let readers = Readers::of(&ctx);
        assert!(!readers.wait(Duration::from_millis(10)));
        std::thread::scope(|scope| {
            scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(30));
                drop(reading);
            });
            assert!(readers.wait(Duration::from_secs(20)));
        });
        drop(others);
    }
}
