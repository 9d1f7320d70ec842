//! Colours and sizes as tokens from `assets/themes`. No other module names a colour.

mod apply;

use std::sync::Arc;

use egui::Color32;
use gis_core::cartography::{self, Highlight, Rgba, StyleSet, Themed};
use serde::{Deserialize, Deserializer};

use crate::view::HighlightRole;

pub use apply::apply;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeKind {
    #[default]
    Light,
    Dark,
}

impl ThemeKind {
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::Light,
        }
    }

    /// The same choice for the map's styles.
    pub fn map_theme(self) -> cartography::Theme {
        match self {
            Self::Light => cartography::Theme::Light,
            Self::Dark => cartography::Theme::Dark,
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::Light => include_str!("../../../assets/themes/light.toml"),
            Self::Dark => include_str!("../../../assets/themes/dark.toml"),
        }
    }
}

/// A colour written `#rrggbb` or `#rrggbbaa`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenColor(pub Color32);

impl<'de> Deserialize<'de> for TokenColor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Color32::from_hex(&text).map(Self).map_err(|_| {
            serde::de::Error::custom(format!("{text} is not a colour; write #rrggbb or #rrggbbaa"))
        })
    }
}

/// Declares a group of tokens: the fields are the keys of one table of the theme file.
macro_rules! tokens {
    ($(#[$doc:meta])* $name:ident: $kind:ty { $($field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $(pub $field: $kind),* }
    };
}

tokens!(
    /// Grounds that things stand on.
    Surface: TokenColor { window, panel, raised, input, bar, stripe, border, shadow }
);
tokens!(Text: TokenColor { primary, weak, strong, on_accent, link });
tokens!(
    /// What is chosen, and the one button that matters.
    Accent: TokenColor { fill, hovered, selection, selection_text }
);
tokens!(
    /// Messages by severity: ink and ground.
    Status: TokenColor {
        error, warning, success, info, error_ground, warning_ground, success_ground, info_ground,
    }
);
tokens!(
    /// Buttons and fields in their states.
    Widget: TokenColor { idle, hovered, pressed, disabled, outline, outline_hovered }
);
tokens!(
    /// The map's ground and its own writing; the network's colours are style rules, not tokens.
    MapTokens: TokenColor { background, grid, label, label_halo, scale_bar, empty_text }
);
tokens!(
    /// In points.
    Size: f32 { text, text_small, text_heading, text_title, spacing, row, corner, icon }
);

/// All tokens of one theme, and the styles of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    pub kind: ThemeKind,
    pub surface: Surface,
    pub text: Text,
    pub accent: Accent,
    pub status: Status,
    pub widget: Widget,
    pub map: MapTokens,
    pub size: Size,
    /// How the network looks; its colours follow `kind`.
    pub styles: Arc<StyleSet>,
}

/// The tables of a theme file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    surface: Surface,
    text: Text,
    accent: Accent,
    status: Status,
    widget: Widget,
    map: MapTokens,
    size: Size,
}

impl Theme {
    /// Reads the embedded tokens; the error names line and key.
    pub fn load(kind: ThemeKind) -> anyhow::Result<Self> {
        let ThemeFile {
            surface,
            text,
            accent,
            status,
            widget,
            map,
            size,
        } = toml::from_str(kind.source())?;
        let styles = Arc::new(StyleSet::builtin()?);
        Ok(Self {
            kind,
            surface,
            text,
            accent,
            status,
            widget,
            map,
            size,
            styles,
        })
    }

    /// Draws the network in the styles of a map; where they are as before nothing changes hands.
    pub fn set_styles(&mut self, styles: StyleSet) {
        if *self.styles != styles {
            self.styles = Arc::new(styles);
        }
    }

    /// The colour that maps in the window and on paper give the role.
    pub fn highlight_color(&self, role: HighlightRole) -> Color32 {
        let style = match role {
            HighlightRole::Selected | HighlightRole::Issue => Highlight::Selection,
            HighlightRole::Burst | HighlightRole::SourceToStop => Highlight::BurstPlace,
            HighlightRole::Isolated | HighlightRole::Removed => Highlight::Isolated,
            HighlightRole::CutOff | HighlightRole::Altered => Highlight::CutOff,
            HighlightRole::DryBefore => Highlight::DryBefore,
            HighlightRole::CloseValve => Highlight::Close,
            HighlightRole::CheckValve => Highlight::Check,
            HighlightRole::OptionalValve | HighlightRole::Added => Highlight::Optional,
            HighlightRole::InoperableValve => Highlight::Inoperable,
            HighlightRole::Customer | HighlightRole::ImportantCustomer => Highlight::Customer,
            HighlightRole::Hydrant => Highlight::Hydrant,
            HighlightRole::Path | HighlightRole::PathEnd => Highlight::Path,
        };
        self.color(self.styles.highlight(style).colour)
    }

    /// A colour of the map's style as egui paints it.
    pub fn color(&self, themed: Themed) -> Color32 {
        plain(themed.on(self.kind.map_theme()))
    }
}

/// A colour of the map as egui paints it, whatever the theme.
pub fn plain(colour: Rgba) -> Color32 {
    let [r, g, b, a] = colour.to_array();
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where style colours become egui's"
    )]
    Color32::from_rgba_unmultiplied(r, g, b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_theme_files_hold_every_token_and_nothing_else() {
        for kind in ThemeKind::ALL {
            Theme::load(kind).unwrap();
        }
    }

    #[test]
    fn text_stands_out_from_every_ground_it_is_written_on() {
        for kind in ThemeKind::ALL {
            let theme = Theme::load(kind).unwrap();
            for ground in [
                theme.surface.window,
                theme.surface.panel,
                theme.surface.raised,
                theme.surface.input,
            ] {
                for (ink, least) in [
                    (theme.text.primary, 7.0),
                    (theme.text.weak, 4.5),
                    (theme.text.link, 4.5),
                ] {
                    let ratio = contrast(ink.0, ground.0);
                    assert!(
                        ratio >= least,
                        "{kind:?}: {ink:?} on {ground:?} has contrast {ratio:.1}, below {least}"
                    );
                }
            }
            for (ink, ground) in [
                (theme.status.error, theme.status.error_ground),
                (theme.status.warning, theme.status.warning_ground),
                (theme.status.success, theme.status.success_ground),
                (theme.status.info, theme.status.info_ground),
                (theme.text.on_accent, theme.accent.fill),
                (theme.accent.selection_text, theme.accent.selection),
            ] {
                let ratio = contrast(ink.0, ground.0);
                assert!(
                    ratio >= 4.0,
                    "{kind:?}: {ink:?} on {ground:?} has contrast {ratio:.1}"
                );
            }
        }
    }

    /// WCAG 2.1 contrast ratio.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |c: Color32| {
            let c = egui::Rgba::from(c);
            0.2126 * c.r() + 0.7152 * c.g() + 0.0722 * c.b()
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}
