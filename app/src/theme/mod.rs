//! Colours and sizes as tokens from `assets/themes`. No other module names a colour.

mod apply;

use egui::Color32;
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
    /// One colour per `HighlightRole`.
    HighlightTokens: TokenColor {
        selected, burst, isolated, cut_off, dry_before, close_valve, check_valve, optional_valve,
        inoperable_valve, source_to_stop, customer, important_customer, hydrant, path, path_end, issue,
    }
);
tokens!(
    /// In points.
    Size: f32 { text, text_small, text_heading, text_title, spacing, row, corner, icon }
);

/// All tokens of one theme.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    #[serde(skip)]
    pub kind: ThemeKind,
    pub surface: Surface,
    pub text: Text,
    pub accent: Accent,
    pub status: Status,
    pub widget: Widget,
    pub map: MapTokens,
    pub highlight: HighlightTokens,
    pub size: Size,
}

impl Theme {
    /// Reads the embedded tokens; the error names line and key.
    pub fn load(kind: ThemeKind) -> anyhow::Result<Self> {
        let mut theme: Self = toml::from_str(kind.source())?;
        theme.kind = kind;
        Ok(theme)
    }

    pub fn highlight_color(&self, role: HighlightRole) -> Color32 {
        let h = &self.highlight;
        match role {
            HighlightRole::Selected => h.selected,
            HighlightRole::Burst => h.burst,
            HighlightRole::Isolated => h.isolated,
            HighlightRole::CutOff => h.cut_off,
            HighlightRole::DryBefore => h.dry_before,
            HighlightRole::CloseValve => h.close_valve,
            HighlightRole::CheckValve => h.check_valve,
            HighlightRole::OptionalValve => h.optional_valve,
            HighlightRole::InoperableValve => h.inoperable_valve,
            HighlightRole::SourceToStop => h.source_to_stop,
            HighlightRole::Customer => h.customer,
            HighlightRole::ImportantCustomer => h.important_customer,
            HighlightRole::Hydrant => h.hydrant,
            HighlightRole::Path => h.path,
            HighlightRole::PathEnd => h.path_end,
            HighlightRole::Issue => h.issue,
        }
        .0
    }
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
