//! The map of a report: the network as the project's map has it, a result over it.

use chrono::NaiveDateTime;

use crate::cartography::Theme;
use crate::cartography::render::{MapExtent, MapRequest, MapResult};
use crate::error::Result;
use crate::issue::Issues;
use crate::layout::Dressing;
use crate::network::Network;
use crate::project::Project;
use crate::text::Lang;

/// Dots per inch, fine enough to be printed.
const DPI: f64 = 144.0;

pub(super) struct ResultMap<'a> {
    pub(super) project: &'a Project,
    pub(super) network: &'a Network,
    pub(super) dressing: &'a Dressing,
    pub(super) lang: Lang,
    pub(super) created: NaiveDateTime,
    pub(super) title: String,
    pub(super) result: MapResult<'a>,
}

impl ResultMap<'_> {
    /// Nothing is written on the map, so that the numbers of the result can be read.
    pub(super) fn png(self, [width_px, height_px]: [u32; 2]) -> Result<(Vec<u8>, Issues)> {
        let when = self.created.format("%Y-%m-%d %H:%M");
        self.dressing.render_png(&MapRequest {
            network: self.network,
            schema: self.project.schema(),
            styles: &self.dressing.document.style_set()?,
            theme: Theme::Light,
            lang: self.lang,
            title: self.title,
            subtitle: format!("{} · {when}", self.project.name()),
            result: self.result,
            writing: None,
            extent: MapExtent::Result,
            width_px,
            height_px,
            dpi: DPI,
        })
    }
}
