//! Follows the map document: keeps it with the project, applies it to the network and brings classes of values, all
//! outside the frame.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gis_core::cartography::layers::{ClassMethod, LayerId};
use gis_core::cartography::thematic::{
    ClassColumns, Histogram, Ramps, ThemedMap, apply, breaks, numbers_of, wanted_fields,
};
use gis_core::expr::{Expr, Scope, plain_text};
use gis_core::io::zones::read_zones;
use gis_core::{Error, Message, Progress as _, Result};

use super::App;
use super::action::Event;
use crate::map::MapData;
use crate::panels::layers::{Classified, HeatPicture};

const HISTOGRAM_BARS: usize = 48;

impl App {
    /// Once a frame: when the document has changed, it is saved and the map made anew. One at a time; what is changed
    /// meanwhile comes next.
    pub(super) fn follow_layers(&mut self) {
        let (Some(session), layers) = (&mut self.session, &mut self.panels.layers) else {
            return;
        };
        layers.share(session);
        if layers.styled != Some(self.theme.kind) {
            layers.styled = Some(self.theme.kind);
            match layers.document().style_set() {
                Ok(styles) => self.theme.set_styles(styles),
                Err(error) => log::error!("{error}"),
            }
        }
        let revision = layers.revision();
        self.labels.follow(layers.document(), revision);
        if !layers.wants_applying() {
            return;
        }
        layers.is_waiting = true;
        let document = layers.document().clone();
        let service = session.service.clone();
        let (network, schema) = (Arc::clone(&session.network), Arc::clone(&session.schema));
        let (crs, outbox) = (session.crs.clone(), self.tasks.outbox());
        let shown = self.map.as_ref().and_then(|map| map.data().cloned());
        self.tasks.spawn(Message::new("layers.task"), move |progress| {
            let made = (|| -> Result<(ThemedMap, Option<Arc<MapData>>)> {
                let wanted = wanted_fields(&document, &schema);
                let mut columns = service.call(move |project| {
                    let mut columns = ClassColumns::default();
                    for (class, fields) in wanted {
                        columns.insert(class, project.columns(class, &fields)?);
                    }
                    Ok(columns)
                })?;
                let ramps = Ramps::builtin()?;
                let troubles = read_zones(&document, &crs, network.extent(), &mut columns, progress)?;
                for trouble in troubles.iter() {
                    outbox.send(Event::Warned(trouble.message.clone()));
                }
                let themed = apply(&document, &schema, &network, &columns, &ramps, progress)?;
                progress.check()?;
                let look = Arc::new(themed.look.clone());
                let data = shown
                    .filter(|data| Arc::ptr_eq(data.network(), &network))
                    .and_then(|data| data.dressed(&look))
                    .map(Arc::new);
                Ok((themed, data))
            })();
            Ok(match made {
                Ok((themed, data)) => Event::Themed(revision, Box::new(Ok(themed)), data),
                Err(error) => Event::Themed(revision, Box::new(Err(error)), None),
            })
        });
    }

    pub(super) fn themed(&mut self, _revision: u64, themed: Result<ThemedMap>, data: Option<Arc<MapData>>) {
        self.panels.layers.is_waiting = false;
        let themed = match themed {
            Ok(themed) => themed,
            Err(error) => return self.fail(&error),
        };
        let heat = themed
            .heat
            .iter()
            .map(|heat| {
                let pixels: Vec<u8> = heat.rgba().into_iter().flatten().collect();
                let image = egui::ColorImage::from_rgba_unmultiplied([heat.columns, heat.rows], &pixels);
                HeatPicture {
                    texture: self
                        .ctx
                        .load_texture("heat map", image, egui::TextureOptions::LINEAR),
                    extent: heat.extent,
                }
            })
            .collect();
        self.panels.layers.heat = heat;
        self.panels.layers.themed = Arc::new(themed);
        self.labels.set_themed(&self.panels.layers.themed);
        if let (Some(data), Some(session)) = (data, &self.session)
            && Arc::ptr_eq(data.network(), &session.network)
        {
            for map in [&mut self.map, &mut self.second.map].into_iter().flatten() {
                map.set_network(Arc::clone(&data));
            }
        }
    }

    pub(super) fn load_styles(&mut self, path: PathBuf) {
        self.tasks.spawn(Message::new("layers.task"), move |_| {
            let text = std::fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
            Ok(Event::Styles(path, text))
        });
    }

    pub(super) fn apply_styles(&mut self, path: &Path, text: &str) {
        let Some(session) = &self.session else { return };
        let mut document = self.panels.layers.document().clone();
        match document.apply_styles(&path.display().to_string(), text) {
            Ok(count) => {
                self.panels.layers.edit(&session.schema, |map| *map = document);
                self.inform(
                    Message::new("layers.styles_applied")
                        .with("count", count)
                        .with("path", path.display()),
                );
            }
            Err(error) => self.fail(&error),
        }
    }

    pub(super) fn save_styles(&mut self, path: PathBuf) {
        let document = self.panels.layers.document().clone();
        self.tasks.spawn(Message::new("layers.task"), move |_| {
            gis_core::output::write(&path, document.styles_text()?.as_bytes())?;
            Ok(Event::Saved(path))
        });
    }

    /// Reads the values of an expression over a layer and cuts them into classes.
    pub(super) fn classify(&mut self, layer: LayerId, value: String, method: ClassMethod, count: usize) {
        let (Some(session), Some(shown)) = (&self.session, self.panels.layers.document().layer(&layer))
        else {
            return;
        };
        let filter = shown.filter.clone();
        let Some(class) = shown.class().and_then(|key| session.schema.class_index(key)) else {
            return;
        };
        let (service, schema) = (session.service.clone(), Arc::clone(&session.schema));
        self.tasks.spawn(Message::new("layers.task_classes"), move |_| {
            let made = (|| -> Result<Classified> {
                let scope = Scope::of_class(&schema, class);
                let expr = Expr::parse(&value, &scope).map_err(Error::from)?;
                let filter = filter.and_then(|text| Expr::parse(&text, &scope).ok());
                let mut fields = expr.fields().to_vec();
                fields.extend(filter.iter().flat_map(|f| f.fields().iter().cloned()));
                let columns = service.call(move |project| project.columns(class, &fields))?;
                let numbers = numbers_of(&expr, filter.as_ref(), &columns);
                let mut counts: HashMap<String, u64> = HashMap::new();
                for i in 0..columns.len() {
                    let row = columns.row(i);
                    if filter.as_ref().is_none_or(|f| f.holds(&row)) {
                        *counts.entry(plain_text(&expr.eval(&row))).or_default() += 1;
                    }
                }
                let mut categories: Vec<(String, u64)> = counts.into_iter().collect();
                categories.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                Ok(Classified {
                    histogram: Histogram::of(&numbers, HISTOGRAM_BARS),
                    breaks: breaks(&numbers, count, method),
                    categories,
                    layer,
                    value,
                })
            })();
            Ok(Event::Classified(Box::new(made)))
        });
    }

    pub(super) fn classified(&mut self, classified: Result<Classified>) {
        if let Some(properties) = &mut self.panels.layers.properties {
            properties.is_waiting = false;
        }
        match classified {
            Ok(classified) => {
                if let Some(properties) = &mut self.panels.layers.properties
                    && properties.layer == classified.layer
                {
                    properties.classified = Some(classified);
                    self.ctx.request_repaint();
                }
            }
            Err(error) => self.fail(&error),
        }
    }
}
