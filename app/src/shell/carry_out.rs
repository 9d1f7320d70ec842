//! Carries out what was asked for: changes the window's own state, or starts the task that does the work.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use egui::ViewportCommand;
use gis_core::analysis::{burst, path};
use gis_core::{Error, Lang, Message, Severity};

use super::App;
use super::action::{Action, BurstDone, Event, FilePurpose, PathDone};
use super::dock::{Dock, Pane};
use super::views::SecondPlace;
use super::workspace::Leaving;
use crate::commands::Command;
use crate::labels::{AnnotationEdit, LabelAction};
use crate::panels::burst::BurstSpot;
use crate::panels::identify::Attributes;
use crate::panels::print::PrintAction;
use crate::session::{Target, union};
use crate::view::{Click, Tool};

impl App {
    pub(super) fn carry_out(&mut self, action: Action, ctx: &egui::Context) {
        match action {
            Action::Command(command) => {
                if command.is_enabled(self.env()) {
                    self.command(command, ctx);
                }
            }
            Action::OpenPath(path) => self.leave(Leaving::Open(path)),
            Action::ImportFile(path) => self.import_file(path),
            Action::Select(target) => self.select(target),
            Action::ShowAttributes => self.dock.show(Pane::Identify),
            Action::ZoomToTarget(target) => {
                let extent = self.session.as_ref().and_then(|s| target.extent(&s.network));
                self.zoom_to(extent);
            }
            Action::ZoomTo(extent) => self.zoom_to(Some(extent)),
            Action::ZoomToPlace(place) => {
                const AROUND_M: f64 = 80.0;
                let extent = self
                    .session
                    .as_ref()
                    .map(|s| s.network.metric().box_around(place, AROUND_M));
                self.zoom_to(extent);
            }
            Action::CentreOn(place) => {
                if let Some(map) = &mut self.map {
                    map.centre_on(place);
                }
            }
            Action::Label(action) => {
                if let Err(error) = self.labels.act(action, &self.tasks.outbox()) {
                    self.say(Severity::Warning, error.message());
                }
            }
            Action::LabelSettings(layer, settings) => {
                if let Some(session) = &self.session {
                    self.panels.layers.edit(&session.schema, |document| {
                        if let Some(layer) = document.layer_mut(&layer) {
                            layer.labels = Some(*settings);
                        }
                    });
                }
            }
            Action::MapClick(click) => self.map_clicked(click),
            Action::Pick(target, click) => self.picked(target, click),
            Action::BurstAt {
                target,
                click,
                is_added,
            } => self.burst_at(target, click.as_ref(), is_added),
            Action::BurstRemove(i) => {
                if i < self.panels.burst.spots.len() {
                    self.panels.burst.spots.remove(i);
                    self.ask_burst();
                }
            }
            Action::SetInaccessible(valve, is_inaccessible) => {
                let marked = &mut self.panels.burst.inaccessible;
                marked.retain(|known| *known != valve);
                if is_inaccessible {
                    marked.push(valve);
                }
                self.ask_burst();
            }
            Action::PathFrom(end) => {
                self.panels.path.set_from(end);
                if self.tools.id() == Tool::Path {
                    self.panels.path.to = None;
                    self.panels.path.to_text.clear();
                }
                self.ask_path();
            }
            Action::PathTo(end) => {
                self.panels.path.set_to(end);
                self.ask_path();
            }
            Action::SwapPath => {
                self.panels.path.swap();
                self.ask_path();
            }
            Action::Attach(paths) => self.attach(paths),
            Action::OpenAttachment(id) => self.open_attachment(id),
            Action::Detach(id) => self.detach(id),
            Action::CancelTask(id) => self.tasks.cancel(id),
            Action::ForgetTasks => self.tasks.forget_finished(),
            Action::ForgetMessages => self.messages.clear(),
            Action::ChooseFile(purpose) => self.choose_file(purpose),
            Action::FileNamed(purpose, path) => self.file_chosen(purpose, path),
            Action::CreateProject(plan) => self.create_project(plan),
            Action::AddBaseMap(plan) => self.add_base_map(plan),
            Action::InspectSource(plan) => self.inspect_source(plan),
            Action::RunImport(plan) => self.run_import(plan),
            Action::CorrectReading => self.correct_reading(),
            Action::SearchCrs(typed) => self.search_crs(typed),
            Action::Classify {
                layer,
                value,
                method,
                count,
            } => self.classify(layer, value, method, count),
            Action::SetMap(document) => {
                if let Some(session) = &self.session {
                    self.panels.layers.edit(&session.schema, |map| *map = *document);
                }
            }
            Action::LayerProperties(id) => {
                self.dock.show(Pane::Layers);
                self.panels.layers.open_properties(&id);
            }
            Action::Say(severity, message) => self.say(severity, message),
            Action::Measured(measurement) => {
                self.panels.measure.done.0.push(*measurement);
                self.dock.show(Pane::Measure);
            }
            Action::MeasureRemove(i) => {
                if i < self.panels.measure.done.0.len() {
                    self.panels.measure.done.0.remove(i);
                }
            }
            Action::BookmarkGo(i) => self.go_to_bookmark(i),
            Action::BookmarkRename(i, name) => self.rename_bookmark(i, name),
            Action::BookmarkDelete(i) => self.delete_bookmark(i),
            Action::AnswerLeaving(answer) => self.answer_leaving(answer),
            Action::ReopenLast => self.reopen_last(),
            Action::Print(action) => self.printing(action),
            Action::ReadWmts(address, key) => self.read_wmts(address, key),
            Action::Ground(action) => self.ground(action),
            Action::Edit(action) => self.edit_action(action),
            Action::Operation(action) => self.operation_action(action),
            Action::Rules(action) => self.rules_action(action),
            Action::Engineering(action) => self.engineering_action(action),
            Action::ReadTrace(feature) => self.read_trace(feature),
            Action::Parts(action) => self.parts_action(action),
            Action::Statistics(action) => self.statistics_action(action),
            Action::Query(action) => self.query_action(action),
            Action::Table(action) => self.table_action(action),
            Action::Reshape(action) => self.reshape_action(action),
            Action::CutSection(stroke) => self.cut_section(stroke),
        }
    }

    fn command(&mut self, command: Command, ctx: &egui::Context) {
        match command {
            Command::OpenFile => self.choose_file(FilePurpose::Open),
            Command::OpenSample => self.leave(Leaving::OpenSample),
            Command::NewProject => self.open_new_project_dialog(),
            Command::Import => self.choose_file(FilePurpose::Import),
            Command::CloseProject => self.leave(Leaving::Close),
            Command::SaveWorkspace => self.save_workspace(),
            Command::SaveAs => self.choose_file(FilePurpose::SaveProject),
            Command::PrintLayout => self.dock.show_print(),
            Command::AttachFile => self.choose_file(FilePurpose::Attach),
            Command::AttachNearest => self.choose_file(FilePurpose::AttachNearest),
            Command::ExportImage => self.choose_file(FilePurpose::MapImage),
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Command::ToolIdentify => self.take_tool(Tool::Identify, Pane::Identify),
            Command::ToolBurst => self.take_tool(Tool::Burst, Pane::Burst),
            Command::ToolPath => self.take_tool(Tool::Path, Pane::Path),
            Command::ToolPan => self.tools.take(Tool::Pan),
            Command::ToolZoomBox => self.tools.take(Tool::ZoomBox),
            Command::ToolFlag => self.take_tool(Tool::Flag, Pane::Labels),
            Command::ToolSection => self.take_tool(Tool::Section, Pane::Depth),
            Command::ShowProfile => self.show_profile(),
            Command::ToolDimension => self.take_tool(Tool::Dimension, Pane::Labels),
            Command::ToolMoveLabel => self.take_tool(Tool::MoveLabel, Pane::Labels),
            Command::ToggleLabels => self.labels.set_shown(!self.labels.is_shown()),
            Command::UndoLabels => {
                self.actions
                    .push(Action::Label(LabelAction::Edit(AnnotationEdit::Undo)));
            }
            Command::ClearResults => {
                self.panels.burst.clear();
                self.panels.path.clear();
                self.refresh_highlight();
            }
            Command::BurstExcel => self.choose_file(FilePurpose::BurstExcel),
            Command::PathExcel => self.choose_file(FilePurpose::PathExcel),
            Command::PathProfile => self.choose_file(FilePurpose::PathProfile),
            Command::CheckTopology => self.check_rules(),
            Command::ZoomFull => {
                if let Some(map) = &mut self.map {
                    map.zoom_full();
                }
            }
            Command::ZoomSelection => {
                if let Some(target) = self.panels.identify.target {
                    self.actions.push(Action::ZoomToTarget(target));
                }
            }
            Command::ZoomResult => {
                let extent = self.result_extent();
                self.zoom_to(extent);
            }
            Command::ViewBack => {
                if let Some(map) = &mut self.map {
                    map.previous_view();
                }
            }
            Command::ViewForward => {
                if let Some(map) = &mut self.map {
                    map.next_view();
                }
            }
            Command::LoadStyles => self.choose_file(FilePurpose::LoadStyles),
            Command::SaveStyles => self.choose_file(FilePurpose::SaveStyles),
            Command::OpenBaseMap => self.choose_file(FilePurpose::BaseMap),
            Command::BaseMapFromServer => self.open_base_map_dialog(),
            Command::AddImagery => self.choose_file(FilePurpose::Imagery),
            Command::AddForeignLayer => self.choose_file(FilePurpose::ForeignLayer),
            Command::AddTopographicIssue => self.choose_file(FilePurpose::TopographicIssue),
            Command::FlowArrows => {
                if let Some(map) = &mut self.map {
                    map.toggle_arrows();
                }
            }
            Command::FullScreen => {
                self.is_full_screen = !self.is_full_screen;
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(self.is_full_screen));
            }
            Command::ZoomIn
            | Command::ZoomOut
            | Command::Refresh
            | Command::RotateLeft
            | Command::RotateRight
            | Command::ResetNorth
            | Command::CentreSelection
            | Command::GoToCoordinate
            | Command::BookmarkAdd
            | Command::SecondView
            | Command::SecondWindow
            | Command::LinkViews
            | Command::ToggleSquare
            | Command::ToggleTracing
            | Command::ToggleSnapping => {
                if command == Command::Refresh {
                    self.take_in_outside();
                }
                self.view_command(command);
            }
            Command::MeasureDistance
            | Command::MeasurePath
            | Command::MeasurePipes
            | Command::MeasureArea
            | Command::MeasureAngle
            | Command::MeasureAzimuth
            | Command::MeasureCoordinates
            | Command::MeasureSlope => {
                if let Some(kind) = command.measures() {
                    self.tools.take(Tool::Measure(kind));
                }
            }
            Command::CopyMeasurements => {
                ctx.copy_text(crate::panels::measure::tsv(&self.panels.measure.done.0));
                self.inform(Message::new("measure.copied"));
            }
            Command::ClearMeasurements => {
                self.panels.measure.done.0.clear();
                self.tools.reset();
            }
            Command::PanelMeasure
            | Command::PanelBookmarks
            | Command::PanelOverview
            | Command::PanelLayers
            | Command::PanelIdentify
            | Command::PanelBurst
            | Command::PanelPath
            | Command::PanelLabels
            | Command::PanelEdit
            | Command::PanelHistory
            | Command::PanelOperations
            | Command::PanelEngineering
            | Command::PanelDepth
            | Command::PanelParts
            | Command::PanelQuery
            | Command::PanelStatistics
            | Command::PanelTable
            | Command::PanelIssues
            | Command::PanelTasks
            | Command::PanelMessages => {
                if let Some(pane) = Pane::of_command(command) {
                    self.dock.toggle(pane);
                }
            }
            Command::ResetLayout => {
                self.dock = Dock::new();
                self.show_second(SecondPlace::Hidden);
            }
            Command::ToggleTheme => self.set_theme(self.theme_kind().other()),
            Command::LanguageChinese => self.set_lang(Lang::ZhCn),
            Command::LanguageEnglish => self.set_lang(Lang::En),
            Command::ToggleEditing
            | Command::Undo
            | Command::Redo
            | Command::EditPlaceNode
            | Command::EditDrawPipe
            | Command::EditMoveNode
            | Command::EditVertices
            | Command::EditSplitPipe
            | Command::EditDelete
            | Command::EditDeleteAll
            | Command::EditDeleteRelease
            | Command::EditAbandon
            | Command::EditReverse => self.edit_command(command),
            Command::Dictionaries => self.open_dictionaries(),
            Command::Palette => self.palette.open(""),
            Command::About => self.dialogs.shows_about = true,
        }
    }

    fn take_tool(&mut self, tool: Tool, pane: Pane) {
        self.tools.take(tool);
        self.dock.show(pane);
    }

    pub(super) fn zoom_to(&mut self, extent: Option<[f64; 4]>) {
        if let (Some(map), Some(extent)) = (&mut self.map, extent) {
            map.zoom_to(extent);
        }
    }

    fn select(&mut self, target: Option<Target>) {
        self.panels.identify.target = target;
        self.panels.identify.attributes = Attributes::Nothing;
        self.panels.identify.media.clear();
        self.panels.identify.trace.clear();
        let id = self
            .session
            .as_ref()
            .zip(target)
            .map(|(s, target)| target.id(&s.network));
        self.panels.table.follow(id);
        self.refresh_highlight();
        let (Some(session), Some(target)) = (&self.session, target) else {
            return;
        };
        self.panels.identify.attributes = Attributes::Loading;
        let (class, id) = (target.class(&session.network), target.id(&session.network));
        let outbox = self.tasks.outbox();
        session
            .service
            .ask(move |project| outbox.send(Event::Record(target, Box::new(project.record(class, id)))));
        self.ask_attachments(target);
    }

    pub(super) fn close_project(&mut self) {
        self.note_closed();
        self.session = None;
        self.show_second(SecondPlace::Hidden);
        self.labels.clear();
        self.panels = crate::panels::Panels::default();
        self.refresh_highlight();
        if let Some(map) = &mut self.map {
            map.clear();
        }
    }

    fn burst_at(&mut self, target: Target, click: Option<&Click>, is_added: bool) {
        let Some(session) = &self.session else { return };
        let network = &session.network;
        let spot = match target {
            Target::Node(node) => BurstSpot::Node(node),
            // A click says which stretch between two valves it is; a code means the whole pipe.
            Target::Pipe(pipe) => click
                .and_then(|click| {
                    let hits = network.pipes_near(click.project, click.tolerance_m);
                    hits.into_iter()
                        .find(|hit| hit.pipe == pipe)
                        .and_then(|hit| hit.piece)
                })
                .map_or(BurstSpot::Pipe(pipe), BurstSpot::Piece),
        };
        let panel = &mut self.panels.burst;
        if !is_added {
            panel.spots.clear();
        }
        match panel.spots.iter().position(|known| *known == spot) {
            Some(i) => {
                panel.spots.remove(i);
            }
            None => panel.spots.push(spot),
        }
        self.dock.show(Pane::Burst);
        self.ask_burst();
    }

    pub(super) fn ask_burst(&mut self) {
        let Some(session) = &self.session else { return };
        let panel = &mut self.panels.burst;
        panel.asked += 1;
        panel.answer = None;
        panel.is_waiting = !panel.spots.is_empty();
        if panel.is_waiting {
            let (number, request) = (panel.asked, panel.request());
            let network = Arc::clone(&session.network);
            self.tasks.spawn(Message::new("app.task.burst"), move |_| {
                let started = Instant::now();
                let mut result = burst::burst(&network, &request);
                let elapsed_us = started.elapsed().as_micros() as u64;
                if let Ok(result) = &mut result {
                    // Panel, map and report show the valves in the order of the crew's walk.
                    result.valves_to_close = gis_core::report::closing_order(&network, &request, result);
                }
                Ok(Event::Burst(Box::new(BurstDone {
                    number,
                    request,
                    result,
                    elapsed_us,
                })))
            });
        }
        self.refresh_highlight();
    }

    pub(super) fn ask_path(&mut self) {
        let Some(session) = &self.session else { return };
        let panel = &mut self.panels.path;
        panel.asked += 1;
        panel.answer = None;
        let ends = panel
            .from
            .as_ref()
            .and_then(|e| e.place)
            .zip(panel.to.as_ref().and_then(|e| e.place));
        panel.is_waiting = ends.is_some();
        if let Some((from, to)) = ends {
            let number = panel.asked;
            let network = Arc::clone(&session.network);
            self.tasks.spawn(Message::new("app.task.path"), move |_| {
                let started = Instant::now();
                let outcome = path::shortest_path(&network, from, to);
                let elapsed_us = started.elapsed().as_micros() as u64;
                Ok(Event::Path(Box::new(PathDone {
                    number,
                    outcome,
                    elapsed_us,
                })))
            });
        }
        self.dock.show(Pane::Path);
        self.refresh_highlight();
    }

    /// Where the results lie; `None` while there are none.
    fn result_extent(&self) -> Option<[f64; 4]> {
        let network = &self.session.as_ref()?.network;
        let nodes = self.highlight.nodes.iter().map(|(n, _)| Target::Node(*n));
        let pieces = self
            .highlight
            .pieces
            .iter()
            .map(|(p, _)| Target::Pipe(network.piece_pipe(*p)));
        let pipes = self.highlight.pipes.iter().map(|(p, _)| Target::Pipe(*p));
        union(
            nodes
                .chain(pieces)
                .chain(pipes)
                .filter_map(|target| target.extent(network)),
        )
    }

    /// A file was named for a purpose: starts what it was wanted for.
    pub(super) fn file_chosen(&mut self, purpose: FilePurpose, path: PathBuf) {
        self.settings.folder = path.parent().map(Path::to_owned);
        self.save_settings();
        match purpose {
            FilePurpose::Open => self.leave(Leaving::Open(path)),
            FilePurpose::Import => self.import_file(path),
            FilePurpose::NewProject => self.dialogs.set_project_path(&path),
            FilePurpose::SaveProject => self.save_project(path),
            FilePurpose::Attach => self.attach(vec![path]),
            FilePurpose::AttachNearest => self.attach_nearest(path),
            FilePurpose::SaveAttachment(id) => self.save_attachment(id, path),
            FilePurpose::BurstExcel => self.save_burst_excel(path),
            FilePurpose::PathExcel => self.save_path_excel(path),
            FilePurpose::PathProfile => self.save_path_profile(path),
            FilePurpose::CrossSection => self.save_cross_section(path),
            FilePurpose::MapImage => self.save_map_image(path),
            FilePurpose::BaseMap => self.open_base_map(&path),
            FilePurpose::LoadStyles => self.load_styles(path),
            FilePurpose::SaveStyles => self.save_styles(path),
            FilePurpose::LoadMapping => self.load_mapping(path),
            FilePurpose::SaveMapping => self.save_mapping(path),
            FilePurpose::LoadDictionaries => self.import_dictionaries(path),
            FilePurpose::SaveDictionaries => self.export_dictionaries(path),
            FilePurpose::Print(format) => self.printing(PrintAction::Export(format, path)),
            FilePurpose::Imagery => self.open_imagery_dialog(path),
            FilePurpose::ForeignLayer => self.look_into_foreign(path, None),
            FilePurpose::TopographicIssue => self.open_issue_dialog(path),
            FilePurpose::OperationFile | FilePurpose::OperationSource => {
                self.panels.operations.set_file(&path);
            }
            FilePurpose::EngineeringExcel => self.save_engineering_excel(path),
            FilePurpose::PartsExcel => self.save_parts_excel(path),
            FilePurpose::FoundExcel => self.save_found_excel(path),
            FilePurpose::GroupsExcel => self.save_groups_excel(path),
            FilePurpose::StatisticsExcel => self.save_statistics_excel(path),
            FilePurpose::ChartPicture => self.save_chart(path),
            FilePurpose::TableExcel => self.save_table_excel(path),
            FilePurpose::UpdateExcel => self.update_from_excel(path),
            FilePurpose::Template(of) => self.template_chosen(of, path),
            FilePurpose::FromTemplate(of) => self.fill_template(of, path),
            FilePurpose::Drawing => {
                if let Some(dialog) = &mut self.dialogs.engineering {
                    dialog.add_drawing(&path);
                }
            }
        }
    }

    pub(super) fn refuse(&mut self, key: &'static str) {
        self.fail(&Error::Refused(Message::new(key)));
    }

    pub(super) fn inform(&mut self, message: Message) {
        self.say(Severity::Info, message);
    }
}

/// The last part of a path, for messages.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
