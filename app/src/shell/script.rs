//! Drives the window to a state and takes a picture of it, for documents and tests: what a user would do, one
//! step after the other, each once the one before is settled.

use std::collections::VecDeque;
use std::path::PathBuf;

use gis_core::cartography::layers::{LayerId, MapDocument};
use gis_core::{Message, Severity};

use super::App;
use super::action::{Action, Event};
use super::start::StartOptions;
use crate::commands::Command;
use crate::operations::Form;
use crate::panels::path::PathEnd;
use crate::shell::operations::OperationAction;
use crate::view::Tool;

/// Quiet frames before a step counts as settled: the layout needs two, textures one more.
const QUIET_FRAMES: u32 = 4;

#[derive(Debug, Clone)]
enum Step {
    Identify(String),
    Burst(String),
    Path(String, String),
    Command(String),
    Palette(String),
    Import(PathBuf),
    Map(PathBuf),
    Layer(String),
    Extent([f64; 4]),
    Click([f64; 2]),
    Finish,
    Screenshot(PathBuf),
}

#[derive(Debug)]
pub struct Script {
    steps: VecDeque<Step>,
    quiet_frames: u32,
    /// Where the picture on its way is to be saved.
    picture: Option<PathBuf>,
}

impl Script {
    pub(super) fn from_options(options: &StartOptions) -> Option<Self> {
        let mut steps = VecDeque::new();
        steps.extend(options.identify.clone().map(Step::Identify));
        steps.extend(options.burst.iter().cloned().map(Step::Burst));
        if let [from, to] = &options.path[..] {
            steps.push_back(Step::Path(from.clone(), to.clone()));
        }
        steps.extend(options.import.clone().map(Step::Import));
        steps.extend(options.map_file.clone().map(Step::Map));
        steps.extend(options.layer.clone().map(Step::Layer));
        steps.extend(options.command.iter().cloned().map(Step::Command));
        if let [min_x, min_y, max_x, max_y] = options.extent[..] {
            steps.push_back(Step::Extent([min_x, min_y, max_x, max_y]));
        }
        let (clicks, _) = options.click.as_chunks::<2>();
        if !clicks.is_empty() {
            steps.extend(clicks.iter().copied().map(Step::Click));
            steps.push_back(Step::Finish);
        }
        steps.extend(options.palette.clone().map(Step::Palette));
        steps.extend(options.screenshot.clone().map(Step::Screenshot));
        (!steps.is_empty()).then_some(Self {
            steps,
            quiet_frames: 0,
            picture: None,
        })
    }
}

impl App {
    pub(super) fn run_script(&mut self, ctx: &egui::Context) {
        let is_settled = self.is_settled() && self.map_is_ready();
        let Some(script) = &mut self.script else { return };
        if !is_settled {
            script.quiet_frames = 0;
            return;
        }
        if script.steps.is_empty() {
            return;
        }
        script.quiet_frames += 1;
        ctx.request_repaint();
        if script.quiet_frames < QUIET_FRAMES {
            return;
        }
        script.quiet_frames = 0;
        if let Some(step) = script.steps.pop_front() {
            self.run_step(step, ctx);
        }
    }

    fn run_step(&mut self, step: Step, ctx: &egui::Context) {
        match step {
            Step::Identify(code) => {
                if let Some(target) = self.scripted_target(&code) {
                    self.actions.push(Action::Select(Some(target)));
                    self.actions.push(Action::ZoomToTarget(target));
                    self.actions.push(Action::ShowAttributes);
                }
            }
            Step::Burst(code) => {
                if let Some(target) = self.scripted_target(&code) {
                    self.tools.take(Tool::Burst);
                    self.actions.push(Action::BurstAt {
                        target,
                        click: None,
                        is_added: true,
                    });
                    self.script_then(Step::Command("zoom_result".to_owned()));
                }
            }
            Step::Path(from, to) => {
                let Some(session) = &self.session else { return };
                match (PathEnd::parse(session, &from), PathEnd::parse(session, &to)) {
                    (Ok(from), Ok(to)) => {
                        self.tools.take(Tool::Path);
                        self.actions.push(Action::PathFrom(from));
                        self.actions.push(Action::PathTo(to));
                        self.script_then(Step::Command("zoom_result".to_owned()));
                    }
                    (Err(error), _) | (_, Err(error)) => self.fail(&error),
                }
            }
            Step::Command(key) => match (Command::all().find(|c| c.key() == key), Form::named(&key)) {
                (Some(command), _) => self.actions.push(Action::Command(command)),
                (None, Some(form)) => {
                    self.actions
                        .push(Action::Operation(OperationAction::Begin(form.key)));
                }
                (None, None) => self.say(
                    Severity::Error,
                    Message::new("app.script.no_command").with("key", key),
                ),
            },
            Step::Palette(typed) => self.palette.open(&typed),
            Step::Import(path) => self.actions.push(Action::ImportFile(path)),
            Step::Map(path) => {
                let Some(session) = &self.session else { return };
                match std::fs::read_to_string(&path) {
                    Ok(text) => {
                        let loaded = MapDocument::parse(&text, &session.schema);
                        self.actions.push(Action::SetMap(Box::new(loaded.document)));
                    }
                    Err(error) => self.fail(&gis_core::Error::io(path, error)),
                }
            }
            Step::Layer(id) => self.actions.push(Action::LayerProperties(LayerId::new(id))),
            Step::Extent(extent) => self.actions.push(Action::ZoomTo(extent)),
            Step::Click(place) => {
                if let Some(map) = &mut self.map {
                    map.click_at(place, &mut self.tools, &mut self.actions);
                }
            }
            Step::Finish => {
                if let Some(map) = &self.map {
                    map.finish_tool(&mut self.tools, &mut self.actions);
                }
            }
            Step::Screenshot(path) => {
                if let Some(script) = &mut self.script {
                    script.picture = Some(path);
                }
                let outbox = self.tasks.outbox();
                ctx.send_viewport_cmd(egui::ViewportCommand::Screenshot(egui::ScreenshotCallback::new(
                    move |image| outbox.send(Event::Screenshot(image)),
                )));
            }
        }
    }

    fn script_then(&mut self, step: Step) {
        if let Some(script) = &mut self.script {
            script.steps.push_front(step);
        }
    }

    fn scripted_target(&mut self, code: &str) -> Option<crate::session::Target> {
        let target = self
            .session
            .as_ref()
            .and_then(|s| s.find_code(code).into_iter().next());
        if target.is_none() {
            self.say(
                Severity::Error,
                Message::new("app.path.unknown_end").with("typed", code),
            );
        }
        target
    }

    /// Saves the picture that the script asked for and closes the window.
    pub(super) fn picture_taken(&mut self, image: &egui::ColorImage) {
        let Some(path) = self.script.as_mut().and_then(|s| s.picture.take()) else {
            return;
        };
        // The window is about to close; waiting for the file is the point.
        if let Err(error) = super::files::save_png(image, &path) {
            self.fail(&error);
            return;
        }
        self.actions.push(Action::Command(Command::Quit));
    }
}
