//! Choosing files: the system's dialog on a thread of its own, or the window's own question where the system
//! has none. Saving pictures.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gis_core::layout::OutputFormat;
use gis_core::{Error, Message, Result};

use super::App;
use super::action::{Event, FilePurpose, TemplateOf};
use crate::i18n::tr;

/// A dialog that comes back this fast was never seen by anybody: no portal, no GTK.
const UNSEEN: Duration = Duration::from_millis(250);

impl FilePurpose {
    pub(crate) fn title(self) -> String {
        tr(match self {
            Self::Open => "app.file.open",
            Self::Import => "app.file.import",
            Self::NewProject => "app.file.new_project",
            Self::SaveProject => "app.file.save_project",
            Self::Attach => "app.file.attach",
            Self::AttachNearest => "app.file.attach_nearest",
            Self::SaveAttachment(_) => "app.file.save_attachment",
            Self::BurstExcel => "app.file.burst_excel",
            Self::PathExcel => "app.file.path_excel",
            Self::PathProfile => "app.file.path_profile",
            Self::CrossSection => "app.file.cross_section",
            Self::MapImage => "app.file.map_image",
            Self::BaseMap => "app.file.base_map",
            Self::LoadMapping => "app.file.load_mapping",
            Self::SaveMapping => "app.file.save_mapping",
            Self::LoadDictionaries => "dictionaries.pane.import",
            Self::SaveDictionaries => "dictionaries.pane.export",
            Self::Print(_) => "app.file.print",
            Self::Imagery => "app.command.add_imagery.label",
            Self::ForeignLayer => "app.command.add_foreign_layer.label",
            Self::TopographicIssue => "app.command.add_topographic_issue.label",
            Self::LoadStyles => "app.command.load_styles.label",
            Self::SaveStyles => "app.command.save_styles.label",
            Self::OperationFile => "operations.input.workbook",
            Self::EngineeringExcel => "engineering.pane.excel_tip",
            Self::Drawing => "engineering.word.drawings",
            Self::PartsExcel => "edit.part.bill",
            Self::FoundExcel => "querying.file_found",
            Self::GroupsExcel | Self::StatisticsExcel => "querying.file_groups",
            Self::ChartPicture => "statistics.pane.file_chart",
            Self::TableExcel => "table.panel.excel_title",
            Self::UpdateExcel => "table.update.excel_title",
            Self::OperationSource => "operations.input.source",
            Self::Template(_) => "querying.file_template",
            Self::FromTemplate(_) => "querying.file_filled",
        })
    }

    /// Extension given to names that have none.
    pub(crate) fn extension(self) -> Option<&'static str> {
        match self {
            Self::NewProject | Self::SaveProject => Some("gpkg"),
            Self::BurstExcel
            | Self::PathExcel
            | Self::EngineeringExcel
            | Self::PartsExcel
            | Self::FoundExcel
            | Self::GroupsExcel
            | Self::StatisticsExcel
            | Self::SaveDictionaries
            | Self::FromTemplate(_)
            | Self::TableExcel => Some("xlsx"),
            Self::PathProfile | Self::CrossSection => Some("pdf"),
            Self::MapImage | Self::ChartPicture => Some("png"),
            Self::SaveMapping | Self::LoadMapping | Self::LoadStyles | Self::SaveStyles => Some("toml"),
            Self::Print(format) => Some(format.extension()),
            Self::Open
            | Self::Import
            | Self::BaseMap
            | Self::Imagery
            | Self::ForeignLayer
            | Self::TopographicIssue
            | Self::OperationFile
            | Self::LoadDictionaries
            | Self::UpdateExcel
            | Self::Template(_)
            | Self::Drawing
            | Self::OperationSource
            | Self::Attach
            | Self::AttachNearest
            | Self::SaveAttachment(_) => None,
        }
    }

    /// Kinds of files offered: name and extensions.
    fn filters(self) -> Vec<(String, &'static [&'static str])> {
        const SOURCES: &[&str] = &[
            "gpkg", "shp", "geojson", "json", "dxf", "gdb", "csv", "kml", "inp", "xls", "xlsx", "zip", "tab",
            "sqlite",
        ];
        const IMAGES: &[&str] = &[
            "tif", "tiff", "img", "jpg", "jpeg", "png", "bmp", "jp2", "vrt", "ecw", "sid", "asc", "dem",
            "hgt",
        ];
        match self {
            Self::Imagery => vec![(tr("imagery.file.images"), IMAGES), (tr("app.file.any"), &["*"])],
            Self::Open
            | Self::Import
            | Self::OperationSource
            | Self::ForeignLayer
            | Self::TopographicIssue => {
                vec![(tr("app.file.sources"), SOURCES), (tr("app.file.any"), &["*"])]
            }
            Self::NewProject | Self::SaveProject => vec![(tr("app.file.projects"), &["gpkg"])],
            Self::BurstExcel
            | Self::PathExcel
            | Self::OperationFile
            | Self::UpdateExcel
            | Self::EngineeringExcel
            | Self::PartsExcel
            | Self::FoundExcel
            | Self::GroupsExcel
            | Self::StatisticsExcel
            | Self::Template(_)
            | Self::FromTemplate(_)
            | Self::TableExcel => {
                vec![(tr("app.file.workbooks"), &["xlsx"])]
            }
            Self::LoadDictionaries | Self::SaveDictionaries => {
                vec![(tr("dictionaries.title"), &["xlsx", "toml"])]
            }
            Self::Attach | Self::Drawing | Self::SaveAttachment(_) => vec![(tr("app.file.any"), &["*"])],
            Self::AttachNearest => vec![(
                tr("app.file.photographs"),
                &["jpg", "jpeg", "JPG", "JPEG", "heic", "tif"],
            )],
            Self::BaseMap => vec![(tr("app.file.tiles"), &["pmtiles", "mbtiles"])],
            Self::PathProfile | Self::CrossSection => vec![
                (tr("app.file.pages"), &["pdf", "svg", "dxf", "png"]),
                (tr("app.file.workbooks"), &["xlsx"]),
            ],
            Self::ChartPicture => vec![(tr("app.file.pages"), &["png", "svg", "pdf", "dxf"])],
            Self::MapImage => vec![(tr("app.file.pictures"), &["png"])],
            Self::Print(OutputFormat::Pdf) => vec![(tr("app.file.pages"), &["pdf"])],
            Self::Print(OutputFormat::Svg) => vec![(tr("app.file.pages"), &["svg"])],
            Self::Print(OutputFormat::Dxf) => vec![(tr("app.file.pages"), &["dxf"])],
            Self::Print(OutputFormat::Png) => vec![(tr("app.file.pages"), &["png"])],
            Self::Print(OutputFormat::Tiff) => vec![(tr("app.file.pages"), &["tif", "tiff"])],
            Self::LoadStyles | Self::SaveStyles => vec![(tr("app.file.styles"), &["toml"])],
            Self::LoadMapping | Self::SaveMapping => vec![(tr("app.file.mappings"), &["toml"])],
        }
    }

    /// The name with the extension it should have.
    pub(crate) fn completed(self, mut path: PathBuf) -> PathBuf {
        if self.is_save()
            && path.extension().is_none()
            && let Some(extension) = self.extension()
        {
            path.set_extension(extension);
        }
        path
    }
}

impl App {
    /// Asks for a file; the answer comes as `Event::FileChosen`, or `Event::NoFileDialog`.
    pub(super) fn choose_file(&mut self, purpose: FilePurpose) {
        let outbox = self.tasks.outbox();
        if self.uses_own_dialogs {
            outbox.send(Event::NoFileDialog(purpose));
            return;
        }
        let (title, filters) = (purpose.title(), purpose.filters());
        let folder = self.settings.folder.clone();
        let name = self.proposed_name(purpose);
        let ask = move || {
            let mut dialog = rfd::FileDialog::new().set_title(title);
            for (name, extensions) in &filters {
                dialog = dialog.add_filter(name, extensions);
            }
            if let Some(folder) = folder {
                dialog = dialog.set_directory(folder);
            }
            if let Some(name) = name {
                dialog = dialog.set_file_name(name);
            }
            let asked = Instant::now();
            let path = if purpose.is_save() {
                dialog.save_file()
            } else {
                dialog.pick_file()
            };
            match path {
                Some(path) => outbox.send(Event::FileChosen(purpose, Some(purpose.completed(path)))),
                None if asked.elapsed() < UNSEEN => outbox.send(Event::NoFileDialog(purpose)),
                None => outbox.send(Event::FileChosen(purpose, None)),
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("karez-dialog".to_owned())
            .spawn(ask)
        {
            log::warn!("no thread for the file dialog: {error}");
            self.tasks.outbox().send(Event::NoFileDialog(purpose));
        }
    }

    /// A file name to start from when saving.
    pub(super) fn proposed_name(&self, purpose: FilePurpose) -> Option<String> {
        if let FilePurpose::SaveAttachment(id) = purpose {
            return self
                .panels
                .identify
                .media
                .name(id)
                .map(gis_core::io::media::safe_name);
        }
        let extension = purpose.extension().filter(|_| purpose.is_save())?;
        let project = self.session.as_ref().map(|s| s.name.clone()).unwrap_or_default();
        let what = match purpose {
            FilePurpose::BurstExcel => tr("app.file.name_burst"),
            FilePurpose::PathExcel => tr("app.file.name_path"),
            FilePurpose::PathProfile => tr("app.file.name_profile"),
            FilePurpose::CrossSection => tr("app.file.name_section"),
            FilePurpose::MapImage | FilePurpose::Print(_) => tr("app.file.name_map"),
            FilePurpose::SaveMapping => tr("app.file.name_mapping"),
            FilePurpose::SaveStyles => tr("app.file.name_styles"),
            FilePurpose::PartsExcel => tr("edit.part.bill"),
            FilePurpose::SaveDictionaries => tr("dictionaries.title"),
            FilePurpose::FoundExcel | FilePurpose::FromTemplate(TemplateOf::Found) => tr("query.features"),
            FilePurpose::GroupsExcel | FilePurpose::FromTemplate(TemplateOf::Groups) => tr("query.groups"),
            FilePurpose::StatisticsExcel
            | FilePurpose::FromTemplate(TemplateOf::Statistic)
            | FilePurpose::ChartPicture => {
                let shown = self.panels.statistics.shown();
                shown.map(|statistic| statistic.title.clone()).unwrap_or_default()
            }
            FilePurpose::TableExcel | FilePurpose::FromTemplate(TemplateOf::Table) => tr("app.pane.table"),
            FilePurpose::EngineeringExcel => {
                let number = self.panels.engineering.chosen_number();
                number.unwrap_or_default().to_owned()
            }
            _ => String::new(),
        };
        let name = match (project.is_empty(), what.is_empty()) {
            (false, false) => format!("{project} {what}"),
            (true, false) => what,
            (false, true) => project,
            (true, true) => tr("app.file.name_project"),
        };
        Some(format!("{}.{extension}", name.replace(['/', '\\', ':'], "-")))
    }
}

/// Writes what the screen shows as a PNG.
///
/// # Errors
/// The file cannot be written.
pub(super) fn save_png(image: &egui::ColorImage, path: &Path) -> Result<()> {
    let unwritable = |reason: String| {
        Error::bad_input(
            Message::new("app.file.not_saved")
                .with("path", path.display())
                .with("reason", reason),
        )
    };
    let bytes: Vec<u8> = image
        .pixels
        .iter()
        .flat_map(|p| [p.r(), p.g(), p.b(), 255])
        .collect();
    let [width, height] = image.size.map(|n| n as u32);
    let pixels = tiny_skia::PixmapRef::from_bytes(&bytes, width, height)
        .ok_or_else(|| unwritable(format!("{width} x {height} pixels")))?;
    let png = pixels.encode_png().map_err(|e| unwritable(e.to_string()))?;
    gis_core::output::write(path, &png)
}
