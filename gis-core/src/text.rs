//! Text for people: a key of the locale files with its arguments, put into words only at the edge.
//!
//! It holds no sentence itself; those are in `assets/locales`.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

/// A language every text of the program exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Lang {
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "en")]
    En,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The BCP 47 tag, which is also the name in the locale files: `zh-CN` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language of a tag such as `zh_CN.UTF-8`, `zh`, `en-GB`; `None` when it is neither.
    pub fn from_code(tag: &str) -> Option<Self> {
        let tag = tag.to_ascii_lowercase();
        if tag.starts_with("zh") {
            Some(Self::ZhCn)
        } else if tag.starts_with("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The one of two texts that is in this language.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::ZhCn => zh,
            Self::En => en,
        }
    }
}

/// A sentence to be shown: a locale key and its arguments (`%{name}` in the locale file).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    key: Cow<'static, str>,
    args: Vec<(Cow<'static, str>, Argument)>,
}

/// What stands for `%{name}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Argument {
    /// The same in every language.
    Plain(String),
    /// A name from the data, which knows it in each language.
    Named {
        #[serde(rename = "zh-CN")]
        zh: String,
        en: String,
    },
}

impl Argument {
    fn text(&self, lang: Lang) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Named { zh, en } => lang.pick(zh, en),
        }
    }
}

impl Message {
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Self {
            key: key.into(),
            args: Vec::new(),
        }
    }

    /// Adds the value of `%{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.args
            .push((Cow::Borrowed(name), Argument::Plain(value.to_string())));
        self
    }

    /// Adds the value of `%{name}` where it is one thing in Chinese and another in English.
    #[must_use]
    pub fn with_each(mut self, name: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (zh, en) = (zh.into(), en.into());
        self.args.push((Cow::Borrowed(name), Argument::Named { zh, en }));
        self
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    /// The sentence in `lang`. A key that the locale files lack comes back as itself, so that nothing is
    /// shown empty; `cargo xtask tidy` finds such keys.
    pub fn text(&self, lang: Lang) -> String {
        let pattern = translate(&self.key, lang);
        let (names, values): (Vec<&str>, Vec<String>) = self
            .args
            .iter()
            .map(|(n, v)| (&**n, v.text(lang).to_owned()))
            .unzip();
        rust_i18n::replace_patterns(&pattern, &names, &values)
    }
}

impl Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

/// The text of a key without arguments.
pub fn translate(key: &str, lang: Lang) -> String {
    crate::_rust_i18n_try_translate(lang.code(), key)
        .unwrap_or_else(|| Cow::Owned(key.to_owned()))
        .into_owned()
}
