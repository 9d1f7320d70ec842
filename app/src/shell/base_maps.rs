//! Base maps from files and servers: opened by a task, then laid under the network. It draws nothing.

use std::path::Path;
use std::sync::Arc;

use gis_core::cartography::layers::{Layer, LayerId, LayerSource, TileSource, TreeNode};
use gis_core::io::wmts;
use gis_core::{Error, Message};

use super::App;
use super::action::Event;
use super::carry_out::file_name;
use super::dock::Pane;
use crate::dialogs::base_map::{BaseMapDialog, BaseMapPlan};
use crate::map::tiles::{self, PictureTiles};

impl App {
    pub(super) fn open_base_map(&mut self, path: &Path) {
        let name = file_name(path);
        if let Some(source) = tiles::source_of_file(path) {
            self.spawn_base_maps(name.clone(), vec![(name, source)]);
        }
    }

    pub(super) fn open_base_map_dialog(&mut self) {
        self.dialogs.base_map = Some(BaseMapDialog::new(self.settings.tile_keys.clone()));
    }

    pub(super) fn add_base_map(&mut self, plan: BaseMapPlan) {
        if let Some((name, key)) = plan.key {
            self.settings.tile_keys.insert(name, key);
            self.save_settings();
        }
        let Some(name) = plan.layers.first().map(|(title, _)| title.clone()) else {
            return;
        };
        self.spawn_base_maps(name, plan.layers);
    }

    /// The answer goes to the dialog, whatever it is.
    pub(super) fn read_wmts(&mut self, address: String, key: String) {
        let label = Message::new("basemap.wmts.task").with("server", tiles::host_of(&address));
        self.tasks.spawn(label, move |_| {
            let read = || {
                let text = if address.contains("://") {
                    tiles::fetch_text(&address, &key)?
                } else {
                    std::fs::read_to_string(&address).map_err(|e| Error::io(&address, e))?
                };
                wmts::read(&text, &address)
            };
            Ok(Event::Wmts(Box::new(read())))
        });
    }

    fn spawn_base_maps(&mut self, name: String, layers: Vec<(String, TileSource)>) {
        let keys = self.settings.tile_keys.clone();
        let label = Message::new("app.task.opening").with("name", name);
        self.tasks.spawn(label, move |_| {
            let mut opened = Vec::new();
            for (title, source) in layers {
                let key = source.key_name.as_ref().and_then(|name| keys.get(name)).cloned();
                let tiles = tiles::open(&source, key)?;
                let mut layer = Layer::new(LayerId::default(), LayerSource::Tiles(source));
                layer.title = Some(title);
                opened.push((layer, tiles));
            }
            Ok(Event::BaseMaps(opened))
        });
    }

    pub(super) fn base_maps_opened(&mut self, opened: Vec<(Layer, Arc<dyn PictureTiles>)>) {
        let Some(session) = &mut self.session else { return };
        let mut names = Vec::new();
        // Below all other layers, the lowest last.
        for (mut layer, tiles) in opened.into_iter().rev() {
            layer.id = session.document.fresh_id("tiles");
            names.extend(layer.title.clone());
            if let Some(map) = &mut self.map {
                map.under
                    .tiles
                    .put(&layer, tiles, &self.settings.tile_keys, &self.ctx);
            }
            session.document.insert(TreeNode::Layer(layer), None, usize::MAX);
        }
        self.dock.show(Pane::Layers);
        self.inform(Message::new("basemap.shown").with("name", names.join(" + ")));
    }
}
