//! Pictures of a network as its project's map has it: `cartography::render` draws them, with the layers, themes and what
//! lies under them of a [`Dressing`].

use super::Dressing;
use crate::cartography::layers::{LayerId, Renderer};
use crate::cartography::render::{MapRequest, Themes, Writing, render_themed_png};
use crate::cartography::thematic::legend;
use crate::error::Result;
use crate::issue::Issues;

impl Dressing {
    /// Labels, flags and dimensions of the map, for a [`MapRequest`].
    pub fn writing(&self) -> Writing<'_> {
        Writing {
            document: &self.document,
            annotations: &self.annotations,
            texts: self.texts.as_ref(),
        }
    }

    /// Draws a picture as PNG, and says what is missing of the map. The styles of the request should be those of the document.
    ///
    /// # Errors
    /// `BadInput` for a size that cannot be drawn.
    pub fn render_png(&self, request: &MapRequest<'_>) -> Result<(Vec<u8>, Issues)> {
        let MapRequest {
            schema,
            styles,
            theme,
            lang,
            ..
        } = *request;
        let mut key = legend(&self.document, schema, styles, &self.ramps, theme, lang);
        key.retain(|entry| self.has_theme(&entry.layer));
        let themes = Themes {
            map: &self.themed,
            legend: &key,
            backdrop: Some(&self.backdrop),
        };
        let (png, missing) = render_themed_png(request, Some(themes))?;
        let mut issues = self.issues.clone();
        issues.extend(missing);
        Ok((png, issues))
    }

    /// Whether a layer draws features of the network otherwise than the style set does.
    fn has_theme(&self, id: &LayerId) -> bool {
        self.document.layer(id).is_some_and(|layer| {
            let is_usual = matches!(layer.renderer, Renderer::Standard | Renderer::Unknown(_));
            layer.class().is_some() && !is_usual
        })
    }
}
