//! Starts GDAL with our settings and catches what it would print to stderr. It opens nothing.

use std::cell::RefCell;
use std::sync::Once;

use gdal::errors::CplErrType;

thread_local! {
    static HEARD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
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
                    if heard.len() < MOST_KEPT && !heard.iter().any(|h| h == text) {
                        heard.push(text.trim().to_owned());
                    }
                });
            }
        });
        gdal::DriverManager::register_all();
    });
}

/// Warnings and errors of this thread since the last call.
pub(super) fn take_heard() -> Vec<String> {
    HEARD.with_borrow_mut(std::mem::take)
}

/// What GDAL had to say about a failure: its own words where it said any, else the error's.
pub(super) fn reason(error: &gdal::errors::GdalError) -> String {
    let heard = take_heard();
    if heard.is_empty() {
        error.to_string()
    } else {
        heard.join("; ")
    }
}
