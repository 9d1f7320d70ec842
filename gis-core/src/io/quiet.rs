//! Starts GDAL with our settings and catches what it would print to stderr. It opens nothing.

use std::cell::RefCell;
use std::sync::Once;

use gdal::errors::CplErrType;

/// Something GDAL said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) is_failure: bool,
    pub(super) text: String,
}

thread_local! {
    static HEARD: RefCell<Vec<Heard>> = const { RefCell::new(Vec::new()) };
}

/// GDAL repeats some warnings for every row; more than this many say nothing new.
const MOST_KEPT: usize = 50;

/// Registers drivers and the error handler, once per process. Call it before any other use of GDAL.
pub(super) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        gdal::config::set_error_handler(|kind, _number, text| {
            if matches!(
                kind,
                CplErrType::Warning | CplErrType::Failure | CplErrType::Fatal
            ) {
                HEARD.with_borrow_mut(|heard| {
                    let text = text.trim();
                    if heard.len() < MOST_KEPT && !heard.iter().any(|h| h.text == text) {
                        let is_failure = !matches!(kind, CplErrType::Warning);
                        heard.push(Heard {
                            is_failure,
                            text: text.to_owned(),
                        });
                    }
                });
            }
        });
        gdal::DriverManager::register_all();
    });
}

/// Warnings and errors of this thread since the last call.
pub(super) fn take_heard() -> Vec<Heard> {
    HEARD.with_borrow_mut(std::mem::take)
}

/// What GDAL had to say about a failure: its own words where it said any, else the error's.
pub(super) fn reason(error: &gdal::errors::GdalError) -> String {
    words(&take_heard()).unwrap_or_else(|| error.to_string())
}

/// The failures among what was heard, as one text.
pub(super) fn words(heard: &[Heard]) -> Option<String> {
    let failures: Vec<&str> = heard
        .iter()
        .filter(|h| h.is_failure)
        .map(|h| h.text.as_str())
        .collect();
    (!failures.is_empty()).then(|| failures.join("; "))
}
