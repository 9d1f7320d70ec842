//! The embedded Chinese font. Characters beyond GB2312 (rare names in data) come from the system's fonts.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

/// Subset of Noto Sans SC (SIL OFL 1.1, see assets/fonts): GB2312, Latin, units, arrows, full-width forms.
pub const KAREZ_SANS: &[u8] = include_bytes!("../../assets/fonts/KarezSans-Regular.otf");

/// Every font of the program, the embedded one behind egui's Latin fonts.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    fonts.font_data.insert(
        "karez-sans".to_owned(),
        Arc::new(FontData::from_static(KAREZ_SANS)),
    );
    for family in [FontFamily::Proportional, FontFamily::Monospace] {
        fonts
            .families
            .entry(family)
            .or_default()
            .push("karez-sans".to_owned());
    }
    fonts
}

pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(definitions());
}
