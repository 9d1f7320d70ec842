//! Carries out what the page layout editor asks for: pictures of the page, files, layouts in the project.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use gis_core::cartography::backdrop::TileShelf;
use gis_core::cartography::layers::{LoadedMap, MapDocument};
use gis_core::cartography::{StyleSet, Theme};
use gis_core::layout::atlas::{self, Atlas};
use gis_core::layout::model::MapPlace;
use gis_core::layout::output::{OutputFormat, preview, write_pages};
use gis_core::layout::surface::TypeFace;
use gis_core::layout::{Dressing, Ground, Layout, MapMaterial, Scene, template};
use gis_core::network::Network;
use gis_core::schema::Schema;
use gis_core::{Crs, Error, Issues, Lang, Message, Progress, Result};

use super::App;
use super::action::Event;
use crate::i18n::lang;
use crate::map::tiles::Shelf;
use crate::panels::print::{PageSet, PrintAction, PrintNews};
use crate::session::{ProjectService, Target};

/// What a task that prints or draws takes with it.
pub(super) struct Stage {
    pub(super) network: Arc<Network>,
    pub(super) schema: Arc<Schema>,
    pub(super) styles: Arc<StyleSet>,
    crs: Crs,
    pub(super) lang: Lang,
    values: BTreeMap<String, String>,
    pub(super) service: ProjectService,
    document: MapDocument,
    tiles: Arc<dyn TileShelf>,
}

impl Stage {
    fn with_scene<T>(
        &self,
        progress: &dyn Progress,
        work: impl FnOnce(&Scene<'_>) -> Result<T>,
    ) -> Result<T> {
        let face = TypeFace::embedded()?;
        let dressing = self.dressing(progress)?;
        work(&Scene {
            network: &self.network,
            schema: &self.schema,
            styles: &self.styles,
            crs: &self.crs,
            lang: self.lang,
            theme: Theme::Light,
            values: &self.values,
            face: &face,
            dressing: Some(&dressing),
        })
    }

    /// The map as the window has it.
    pub(super) fn dressing(&self, progress: &dyn Progress) -> Result<Dressing> {
        let (document, lang) = (self.document.clone(), self.lang);
        let map = LoadedMap {
            document,
            issues: Issues::default(),
        };
        let material = self
            .service
            .call(move |project| MapMaterial::of(project, map, lang))?;
        let ground = Ground {
            network: &self.network,
            schema: &self.schema,
            crs: &self.crs,
            tiles: Some(&self.tiles),
        };
        Dressing::new(material, ground, lang, progress)
    }
}

impl App {
    pub(super) fn printing(&mut self, action: PrintAction) {
        match action {
            PrintAction::Preview => self.preview_page(),
            PrintAction::List => self.list_layouts(),
            PrintAction::Load(name) => self.load_layout(name),
            PrintAction::Save(name) => self.save_layout(name),
            PrintAction::Export(format, path) => self.export_pages(format, path),
            PrintAction::TakeView => self.take_view_for_page(),
        }
    }

    pub(super) fn stage(&self) -> Option<Stage> {
        let session = self.session.as_ref()?;
        let today = chrono::Local::now().format("%Y-%m-%d").to_string();
        let values = [("project", session.name.clone()), ("date", today)].map(|(k, v)| (k.to_owned(), v));
        Some(Stage {
            network: Arc::clone(&session.network),
            schema: Arc::clone(&session.schema),
            styles: Arc::clone(&self.theme.styles),
            crs: session.crs.clone(),
            lang: lang(),
            values: values.into(),
            service: session.service.clone(),
            document: session.document.clone(),
            tiles: Arc::new(Shelf::default()),
        })
    }

    fn preview_page(&mut self) {
        let Some(stage) = self.stage() else { return };
        let layout = self.panels.print.layout.clone();
        let revision = self.panels.print.revision;
        let page_px = f64::from(self.panels.print.page_px);
        self.tasks
            .spawn(Message::new("print.preview_task"), move |progress| {
                let [width, height] = layout.page.size_mm();
                let dpi = (page_px / width.max(height) * 25.4).clamp(10.0, 300.0);
                let result = stage.with_scene(progress, |scene| preview(&layout, scene, dpi, progress));
                Ok(Event::Print(Box::new(PrintNews::Preview(revision, result))))
            });
    }

    fn export_pages(&mut self, format: OutputFormat, path: PathBuf) {
        let Some(stage) = self.stage() else { return };
        let panel = &self.panels.print;
        let (layout, pages, dpi) = (panel.layout.clone(), panel.pages, panel.dpi);
        let line = match self.panels.identify.target {
            Some(Target::Pipe(pipe)) => stage.network.pipe_vertices(pipe).to_vec(),
            _ => Vec::new(),
        };
        let label = Message::new("print.task").with("path", path.display());
        self.tasks.spawn(label, move |progress| {
            stage.with_scene(progress, |scene| {
                let pages = page_set(&layout, scene, pages, line)?;
                let written = write_pages(&pages, scene, &path, format, dpi, progress)?;
                progress.check()?;
                let first = written.files.into_iter().next().unwrap_or(path);
                Ok(Event::Print(Box::new(PrintNews::Printed(first, written.issues))))
            })
        });
    }

    fn list_layouts(&mut self) {
        let Some(session) = &self.session else { return };
        let outbox = self.tasks.outbox();
        session
            .service
            .ask(move |project| match template::saved(project) {
                Ok(names) => outbox.send(Event::Print(Box::new(PrintNews::Listed(names)))),
                Err(error) => log::warn!("layouts of the project: {error}"),
            });
    }

    fn load_layout(&mut self, name: String) {
        let Some(session) = &self.session else { return };
        let service = session.service.clone();
        self.tasks.spawn(Message::new("print.open"), move |_| {
            let wanted = name.clone();
            let layout = service.call(move |project| template::load(project, &wanted))?;
            Ok(Event::Print(Box::new(PrintNews::Loaded(name, Box::new(layout)))))
        });
    }

    fn save_layout(&mut self, name: String) {
        let Some(session) = &self.session else { return };
        let service = session.service.clone();
        let mut layout = self.panels.print.layout.clone();
        layout.title.clone_from(&name);
        self.tasks.spawn(Message::new("print.save"), move |_| {
            let kept = name.clone();
            service.call(move |project| {
                if project.is_read_only() {
                    return Err(Error::Refused(Message::new("print.read_only")));
                }
                template::save(project, &kept, &layout)
            })?;
            Ok(Event::Print(Box::new(PrintNews::Saved(name))))
        });
    }

    pub(super) fn print_news(&mut self, news: PrintNews) {
        if let PrintNews::Saved(name) = &news {
            self.inform(Message::new("print.saved").with("name", name));
        }
        if let PrintNews::Printed(path, issues) = &news {
            for issue in issues.iter() {
                self.say(issue.severity, issue.message.clone());
            }
            self.inform(Message::new("app.file.saved").with("path", path.display()));
        }
        let ctx = self.ctx.clone();
        self.panels.print.take_in(news, &ctx);
    }

    fn take_view_for_page(&mut self) {
        let view = self.map.as_ref().and_then(crate::map::MapView::view_in_project);
        let panel = &mut self.panels.print;
        let Some((centre, rotation_deg)) = view else {
            return;
        };
        if let Some(map) = panel.layout.main_map_mut() {
            map.at = MapPlace::Centre(centre);
            map.rotation_deg = rotation_deg;
            if map.denominator.is_none() {
                map.denominator = Some(1000.0);
            }
            panel.changed();
        }
    }
}

fn page_set(layout: &Layout, scene: &Scene<'_>, pages: PageSet, line: Vec<[f64; 2]>) -> Result<Vec<Layout>> {
    let denominator = layout
        .main_map()
        .and_then(|(_, map)| map.denominator)
        .unwrap_or(500.0);
    match pages {
        PageSet::One => Ok(vec![layout.clone()]),
        PageSet::Sheets => {
            let scheme = layout.main_map().map(|(_, map)| map.scheme).unwrap_or_default();
            let atlas = Atlas::Sheets {
                scheme,
                denominator: denominator.round() as u32,
                bounds: None,
            };
            atlas::pages(layout, scene, &atlas)
        }
        PageSet::Strip => {
            let atlas = Atlas::Along {
                line,
                denominator,
                overlap: 0.1,
            };
            atlas::pages(layout, scene, &atlas)
        }
    }
}
