//! What leaves the window as a file: the Excel reports, the picture of the map, profiles; made in tasks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gis_core::cartography::render::{BurstPicture, MapExtent, MapRequest, MapResult};
use gis_core::depth::sheet::{ProfileSheet, SectionSheet};
use gis_core::depth::{Levels, profile};
use gis_core::report::{BurstReport, PathReport};
use gis_core::{Issues, Message, Progress as _, Result};

use super::App;
use super::action::Event;
use crate::tasks::Outbox;

/// Size of an exported picture: A4 across at 150 dots per inch.
const WIDTH_PX: u32 = 1754;
const HEIGHT_PX: u32 = 1240;
const DPI: f64 = 150.0;

impl App {
    /// The network with the present result, framed with title, scale bar and legend.
    pub(super) fn save_map_image(&mut self, path: PathBuf) {
        let (Some(session), Some(stage)) = (&self.session, self.stage()) else {
            return;
        };
        let title = session.name.clone();
        let subtitle = session.crs.name.clone();
        let burst = self.panels.burst.result().cloned();
        let request = self.panels.burst.request();
        let way = self.panels.path.result().cloned();
        let theme = self.theme.kind.map_theme();
        let annotations = self.labels.annotations();
        let outbox = self.tasks.outbox();
        self.tasks.spawn(Message::new("app.task.image"), move |progress| {
            let network = &stage.network;
            let places: Vec<[f64; 2]> = request.nodes.iter().map(|n| network.position(*n)).collect();
            let mut pieces = request.pieces.clone();
            pieces.extend(request.pipes.iter().flat_map(|p| network.pieces_of(*p)));
            let result = match (&burst, &way) {
                (Some(result), _) => MapResult::Burst(BurstPicture {
                    result,
                    places: &places,
                    pieces: &pieces,
                    closing_order: &result.valves_to_close,
                }),
                (None, Some(way)) => MapResult::Path(way),
                (None, None) => MapResult::None,
            };
            let mut dressing = stage.dressing(progress)?;
            dressing.annotations = (*annotations).clone();
            let (png, issues) = dressing.render_png(&MapRequest {
                network,
                schema: &stage.schema,
                styles: &stage.styles,
                theme,
                lang: stage.lang,
                title,
                subtitle,
                result,
                writing: Some(dressing.writing()),
                extent: MapExtent::Result,
                width_px: WIDTH_PX,
                height_px: HEIGHT_PX,
                dpi: DPI,
            })?;
            warn(&outbox, &issues);
            progress.check()?;
            write(&path, &png)
        });
    }

    pub(super) fn save_burst_excel(&mut self, path: PathBuf) {
        let (Some(stage), Some(result)) = (self.stage(), self.panels.burst.result()) else {
            return;
        };
        let outbox = self.tasks.outbox();
        let (request, result, lang) = (self.panels.burst.request(), result.clone(), self.lang);
        let created = chrono::Local::now().naive_local();
        self.tasks
            .spawn(Message::new("app.task.report"), move |progress| {
                let (dressing, network) = (stage.dressing(progress)?, Arc::clone(&stage.network));
                stage.service.call(move |project| {
                    let report = BurstReport {
                        project,
                        network: &network,
                        dressing: &dressing,
                        request: &request,
                        result: &result,
                        lang,
                        created,
                    };
                    let (bytes, issues) = report.workbook()?;
                    warn(&outbox, &issues);
                    write(&path, &bytes)
                })
            });
    }

    pub(super) fn save_path_excel(&mut self, path: PathBuf) {
        let (Some(stage), Some(way)) = (self.stage(), self.panels.path.result()) else {
            return;
        };
        let outbox = self.tasks.outbox();
        let [from, to] = self.panels.path.end_names();
        let (way, lang) = (way.clone(), self.lang);
        let created = chrono::Local::now().naive_local();
        self.tasks
            .spawn(Message::new("app.task.report"), move |progress| {
                let (dressing, network) = (stage.dressing(progress)?, Arc::clone(&stage.network));
                stage.service.call(move |project| {
                    let report = PathReport {
                        project,
                        network: &network,
                        dressing: &dressing,
                        path: &way,
                        from: &from,
                        to: &to,
                        lang,
                        created,
                    };
                    let (bytes, issues) = report.workbook()?;
                    warn(&outbox, &issues);
                    write(&path, &bytes)
                })
            });
    }

    pub(super) fn save_path_profile(&mut self, path: PathBuf) {
        let (Some(session), Some((way, title))) = (&self.session, self.way_of_profile()) else {
            return;
        };
        let (network, service) = (Arc::clone(&session.network), session.service.clone());
        let (lang, styles) = (self.lang, Arc::clone(&self.theme.styles));
        let created = chrono::Local::now().naive_local();
        self.tasks.spawn(Message::new("app.task.report"), move |_| {
            service.call(move |project| {
                let levels = Levels::read(project, &network, way.pipes.iter().copied())?;
                ProfileSheet {
                    network: &network,
                    profile: &profile::along(&network, &levels, &way),
                    styles: &styles,
                    title: &title.text(lang),
                    lang,
                }
                .save(&path, created)?;
                Ok(Event::Saved(path))
            })
        });
    }

    pub(super) fn save_cross_section(&mut self, path: PathBuf) {
        let (Some(session), Some(shown)) = (&self.session, self.panels.depth.section()) else {
            return;
        };
        let (network, section) = (Arc::clone(&session.network), shown.section.clone());
        let [a, b] = shown.stroke;
        let title = Message::new("depth.sheet.section").with(
            "at",
            format!("({:.2}, {:.2}) – ({:.2}, {:.2})", a[0], a[1], b[0], b[1]),
        );
        let (lang, styles) = (self.lang, Arc::clone(&self.theme.styles));
        let created = chrono::Local::now().naive_local();
        self.tasks.spawn(Message::new("app.task.report"), move |_| {
            SectionSheet {
                network: &network,
                section: &section,
                styles: &styles,
                title: &title.text(lang),
                lang,
            }
            .save(&path, created)?;
            Ok(Event::Saved(path))
        });
    }
}

/// Says what is missing of the map in a file.
fn warn(outbox: &Outbox<Event>, issues: &Issues) {
    for issue in issues.iter() {
        outbox.send(Event::Warned(issue.message.clone()));
    }
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<Event> {
    gis_core::output::write(path, bytes)?;
    Ok(Event::Saved(path.to_owned()))
}
