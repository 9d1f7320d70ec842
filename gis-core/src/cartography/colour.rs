//! Colours as the style files write them. It knows nothing of the libraries that draw.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};

/// Light or dark ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    #[default]
    Light,
    Dark,
}

/// A colour with straight (not premultiplied) alpha, sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgba {
    pub r: u8,
    pub g: u8,
    pub b: u8,
    pub a: u8,
}

impl Rgba {
    pub const WHITE: Self = Self::opaque(255, 255, 255);
    pub const BLACK: Self = Self::opaque(0, 0, 0);

    pub const fn opaque(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b, a: 255 }
    }

    #[must_use]
    pub const fn with_alpha(self, a: u8) -> Self {
        Self { a, ..self }
    }

    pub const fn to_array(self) -> [u8; 4] {
        [self.r, self.g, self.b, self.a]
    }

    /// Components from 0 to 1, still sRGB.
    pub fn to_unit(self) -> [f32; 4] {
        self.to_array().map(|c| f32::from(c) / 255.0)
    }

    /// Whether dark text is the more legible one on this colour.
    pub fn is_light(self) -> bool {
        // ITU-R BT.601 luma.
        u32::from(self.r) * 299 + u32::from(self.g) * 587 + u32::from(self.b) * 114 > 150_000
    }
}

impl FromStr for Rgba {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no colour; expected \"#rrggbb\" or \"#rrggbbaa\"");
        let hex = text
            .strip_prefix('#')
            .filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()))
            .ok_or_else(wrong)?;
        let number = u32::from_str_radix(hex, 16).map_err(|_| wrong())?;
        let [r, g, b, a] = match hex.len() {
            6 => (number << 8 | 0xff).to_be_bytes(),
            8 => number.to_be_bytes(),
            _ => return Err(wrong()),
        };
        Ok(Self { r, g, b, a })
    }
}

impl fmt::Display for Rgba {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { r, g, b, a } = self;
        if *a == 255 {
            write!(f, "#{r:02x}{g:02x}{b:02x}")
        } else {
            write!(f, "#{r:02x}{g:02x}{b:02x}{a:02x}")
        }
    }
}

impl<'de> Deserialize<'de> for Rgba {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for Rgba {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One colour for each ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Themed {
    pub light: Rgba,
    pub dark: Rgba,
}

impl Themed {
    pub fn on(self, theme: Theme) -> Rgba {
        match theme {
            Theme::Light => self.light,
            Theme::Dark => self.dark,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_reads_and_writes_itself() {
        assert_eq!("#0b4f9e".parse(), Ok(Rgba::opaque(11, 79, 158)));
        assert_eq!("#0b4f9e80".parse(), Ok(Rgba::opaque(11, 79, 158).with_alpha(128)));
        for text in ["#0b4f9e", "#0b4f9e80"] {
            assert_eq!(text.parse::<Rgba>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in ["", "#", "0b4f9e", "#0b4f9", "#0b4f9g", "#+b4f9e0", "red", "#管网"] {
            assert!(text.parse::<Rgba>().is_err(), "{text}");
        }
    }
}
