//! How long work tells how far it is and learns that it shall stop. It knows nothing of threads or windows.

use crate::error::{Error, Result};
use crate::text::Message;

pub trait Progress: Sync {
    /// Called often enough to move a bar; `total` is `None` while unknown.
    fn report(&self, stage: &Message, done: u64, total: Option<u64>);

    fn is_cancelled(&self) -> bool;

    /// `Err(Cancelled)` once the user asked to stop; call it at least every few thousand steps.
    fn check(&self) -> Result<()> {
        if self.is_cancelled() {
            Err(Error::Cancelled)
        } else {
            Ok(())
        }
    }
}

/// For callers that wait: no report, never cancelled.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn report(&self, _stage: &Message, _done: u64, _total: Option<u64>) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}
