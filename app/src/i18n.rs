//! Text of the window in the language chosen at run time. It holds no sentence itself; those are in
//! `assets/locales`, and workers hand over `Message`s that are put into words only here.

use std::cell::Cell;

use gis_core::{Lang, Message};

thread_local! {
    /// Each thread that draws has its own, so that two windows (or two tests) may differ.
    static CURRENT: Cell<Lang> = const { Cell::new(Lang::ZhCn) };
}

/// Sets the language of all text drawn from now on by this thread.
pub fn set_lang(lang: Lang) {
    CURRENT.set(lang);
}

pub fn lang() -> Lang {
    CURRENT.get()
}

/// The text of a key without arguments.
pub fn tr(key: &str) -> String {
    gis_core::text::translate(key, lang())
}

/// The sentence of a message.
pub fn say(message: &Message) -> String {
    message.text(lang())
}

/// The text of a key with one argument.
pub fn tr_with(key: &'static str, name: &'static str, value: impl std::fmt::Display) -> String {
    say(&Message::new(key).with(name, value))
}

/// The language the user's system speaks: `KAREZ_LANG`, then the locale variables. Chinese where they say
/// nothing, as on a terminal-less desktop session or with the C locale.
pub fn system_lang() -> Lang {
    ["KAREZ_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find_map(|value| Lang::from_code(&value))
        .unwrap_or_default()
}
