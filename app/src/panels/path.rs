//! The path panel: two ends, by click or by code, and the shortest way between them. The search itself is
//! `gis_core::analysis::path`.

use egui::RichText;
use gis_core::analysis::path::{PathResult, Place};
use gis_core::network::{Network, NodeIndex};
use gis_core::{Error, Message, Result, Severity};

use super::widgets::{self, Row};
use super::{PanelEnv, text};
use crate::commands::Command;
use crate::i18n::{say, tr};
use crate::session::{Session, Target};
use crate::shell::action::Action;
use crate::shell::messages::severity_colors;
use crate::view::{Highlight, HighlightRole};

/// Places typed as coordinates are taken to mean the nearest pipe within this distance.
const REACH_M: f64 = 100.0;

/// One end of a path: a place on the network and what the user calls it.
#[derive(Debug, Clone, PartialEq)]
pub struct PathEnd {
    pub place: Option<Place>,
    pub name: String,
    pub point: Option<[f64; 2]>,
}

impl PathEnd {
    pub fn of_target(network: &Network, target: Target) -> Self {
        let (place, point) = match target {
            Target::Node(node) => (Some(Place::Node(node)), Some(network.position(node))),
            Target::Pipe(pipe) => {
                let line = network.pipe_vertices(pipe);
                let half_m = network.metric().length_m(line) / 2.0;
                (
                    Place::on_pipe(network, pipe).ok(),
                    network.metric().point_along(line, half_m),
                )
            }
        };
        Self {
            place,
            name: target.code(network).to_owned(),
            point,
        }
    }

    /// A clicked place on a pipe.
    pub fn at(network: &Network, point: [f64; 2], radius_m: f64) -> Result<Self> {
        let place = Place::near(network, point, radius_m)?;
        let foot = network
            .pipes_near(point, radius_m)
            .into_iter()
            .find(|hit| hit.piece.is_some());
        let name = foot
            .map(|hit| network.pipe_code(hit.pipe).to_owned())
            .unwrap_or_default();
        Ok(Self {
            place: Some(place),
            name,
            point: foot.map(|hit| hit.point),
        })
    }

    /// A code, or `x, y` in the project's CRS.
    pub fn parse(session: &Session, typed: &str) -> Result<Self> {
        let typed = typed.trim();
        if let Some(target) = session.find_code(typed).first() {
            return Ok(Self::of_target(&session.network, *target));
        }
        let numbers: Vec<f64> = typed
            .split([',', '，', ' '])
            .filter(|s| !s.is_empty())
            .map_while(|s| s.parse().ok())
            .collect();
        if let [x, y] = numbers[..] {
            return Self::at(&session.network, [x, y], REACH_M);
        }
        Err(Error::Refused(
            Message::new("app.path.unknown_end").with("typed", typed),
        ))
    }
}

#[derive(Debug)]
pub enum Answer {
    Found(Box<PathResult>),
    Unreachable(Vec<NodeIndex>),
    Refused(Message),
}

#[derive(Debug, Default)]
pub struct PathPanel {
    pub from: Option<PathEnd>,
    pub to: Option<PathEnd>,
    pub from_text: String,
    pub to_text: String,
    pub answer: Option<Answer>,
    pub elapsed_us: u64,
    pub asked: u64,
    pub is_waiting: bool,
}

impl PathPanel {
    pub fn result(&self) -> Option<&PathResult> {
        match &self.answer {
            Some(Answer::Found(result)) => Some(result),
            _ => None,
        }
    }

    /// What start and end are called; empty where not chosen.
    pub fn end_names(&self) -> [String; 2] {
        [&self.from, &self.to].map(|end| end.as_ref().map(|e| e.name.clone()).unwrap_or_default())
    }

    pub fn clear(&mut self) {
        *self = Self {
            asked: self.asked + 1,
            ..Self::default()
        };
    }

    pub fn set_from(&mut self, end: PathEnd) {
        self.from_text.clone_from(&end.name);
        self.from = Some(end);
        self.answer = None;
    }

    pub fn set_to(&mut self, end: PathEnd) {
        self.to_text.clone_from(&end.name);
        self.to = Some(end);
        self.answer = None;
    }

    pub fn swap(&mut self) {
        std::mem::swap(&mut self.from, &mut self.to);
        std::mem::swap(&mut self.from_text, &mut self.to_text);
        self.answer = None;
    }

    pub fn highlight(&self, into: &mut Highlight) {
        match &self.answer {
            Some(Answer::Found(result)) => {
                into.pieces
                    .extend(result.pieces.iter().map(|p| (*p, HighlightRole::Path)));
            }
            Some(Answer::Unreachable(valves)) => {
                into.nodes
                    .extend(valves.iter().map(|n| (*n, HighlightRole::CheckValve)));
            }
            _ => {}
        }
        for end in [&self.from, &self.to].into_iter().flatten() {
            match end.place {
                Some(Place::Node(node)) => into.nodes.push((node, HighlightRole::PathEnd)),
                _ => into.places.extend(end.point.map(|p| (p, HighlightRole::PathEnd))),
            }
        }
    }

    pub fn ui(&mut self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>, selected: Option<Target>) {
        self.ends_ui(ui, env);
        if self.is_waiting {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(tr("app.path.running"));
            });
        }
        match &self.answer {
            None if self.from.is_none() => widgets::empty_ui(ui, env.theme, &tr("app.path.empty")),
            None => {}
            Some(Answer::Refused(message)) => {
                let (ink, ground) = severity_colors(Severity::Error, env.theme);
                widgets::notice_ui(ui, ink, ground, &say(message));
            }
            Some(Answer::Unreachable(valves)) => unreachable_ui(ui, env, valves, selected),
            Some(Answer::Found(result)) => found_ui(ui, env, result, self.elapsed_us, selected),
        }
    }

    fn ends_ui(&mut self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        let ends = [
            ("app.path.from", &mut self.from_text, true),
            ("app.path.to", &mut self.to_text, false),
        ];
        egui::Grid::new("path_ends").num_columns(2).show(ui, |ui| {
            for (name, typed, is_from) in ends {
                let label = ui.label(tr(name));
                let edit = egui::TextEdit::singleline(typed)
                    .hint_text(tr("app.path.hint"))
                    .desired_width(f32::INFINITY);
                let response = ui.add(edit).labelled_by(label.id);
                let is_entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
                if is_entered && !typed.trim().is_empty() {
                    match PathEnd::parse(env.session, typed) {
                        Ok(end) if is_from => env.push(Action::PathFrom(end)),
                        Ok(end) => env.push(Action::PathTo(end)),
                        Err(error) => env.push(Action::Say(Severity::Warning, error.message())),
                    }
                }
                ui.end_row();
            }
        });
        ui.horizontal_wrapped(|ui| {
            if matches!(self.answer, Some(Answer::Found(_))) {
                let excel = widgets::primary_button(env.theme, &Command::PathExcel.label());
                if ui.add(excel).clicked() {
                    env.push(Action::Command(Command::PathExcel));
                }
                if ui.button(Command::PathProfile.label()).clicked() {
                    env.push(Action::Command(Command::PathProfile));
                }
            }
            let has_both = self.from.is_some() && self.to.is_some();
            if ui
                .add_enabled(has_both, egui::Button::new(tr("app.path.swap")))
                .clicked()
            {
                env.push(Action::SwapPath);
            }
            if ui
                .add_enabled(self.from.is_some(), egui::Button::new(tr("app.common.clear")))
                .clicked()
            {
                env.push(Action::Command(Command::ClearResults));
            }
        });
    }
}

fn found_ui(
    ui: &mut egui::Ui,
    env: &mut PanelEnv<'_>,
    result: &PathResult,
    elapsed_us: u64,
    selected: Option<Target>,
) {
    let theme = env.theme;
    let plain = theme.text.strong.0;
    let figures = [
        (
            text::length(result.length_m),
            tr("app.path.length"),
            theme.highlight_color(HighlightRole::Path),
        ),
        (
            text::count(result.pipes.len() as u64),
            tr("app.path.pipes"),
            plain,
        ),
        (
            text::count(result.nodes.len() as u64),
            tr("app.path.nodes"),
            plain,
        ),
    ];
    widgets::figures_ui(ui, theme, &figures);
    let facts = crate::i18n::tr_with(
        "app.path.facts",
        "ms",
        format!("{:.1}", elapsed_us as f64 / 1000.0),
    );
    ui.label(RichText::new(facts).small().color(theme.text.weak.0));
    let network = &env.session.network;
    let mut clicked = None;
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            widgets::section_ui(
                ui,
                theme,
                "path_pipes",
                &tr("app.path.in_order"),
                result.pipes.len(),
                true,
                |ui| {
                    let row = |i: usize| {
                        let pipe = result.pipes[i];
                        Row {
                            color: Some(theme.highlight_color(HighlightRole::Path)),
                            code: format!("{}.  {}", i + 1, network.pipe_code(pipe)),
                            detail: text::diameter(network.pipe_diameter_mm(pipe)),
                            figure: text::length(network.pipe_length_m(pipe)),
                            is_selected: selected == Some(Target::Pipe(pipe)),
                        }
                    };
                    let found = widgets::list_ui(ui, theme, "path_pipes", result.pipes.len(), None, row);
                    clicked = found.map(|(i, _)| Target::Pipe(result.pipes[i]));
                },
            );
            widgets::section_ui(
                ui,
                theme,
                "path_nodes",
                &tr("app.path.nodes"),
                result.nodes.len(),
                false,
                |ui| {
                    let row = |i: usize| Row {
                        code: text::title(env.session, Target::Node(result.nodes[i])),
                        is_selected: selected == Some(Target::Node(result.nodes[i])),
                        ..Row::default()
                    };
                    if let Some((i, _)) =
                        widgets::list_ui(ui, theme, "path_nodes", result.nodes.len(), None, row)
                    {
                        clicked = Some(Target::Node(result.nodes[i]));
                    }
                },
            );
        });
    if let Some(target) = clicked {
        env.push(Action::Select(Some(target)));
        env.push(Action::ZoomToTarget(target));
    }
}

fn unreachable_ui(ui: &mut egui::Ui, env: &mut PanelEnv<'_>, valves: &[NodeIndex], selected: Option<Target>) {
    let theme = env.theme;
    let (ink, ground) = severity_colors(Severity::Warning, theme);
    let key = if valves.is_empty() {
        "app.path.no_way"
    } else {
        "app.path.closed_between"
    };
    widgets::notice_ui(ui, ink, ground, &tr(key));
    let mut clicked = None;
    widgets::section_ui(
        ui,
        theme,
        "separating",
        &tr("app.path.separating"),
        valves.len(),
        true,
        |ui| {
            let row = |i: usize| Row {
                color: Some(theme.highlight_color(HighlightRole::CheckValve)),
                code: text::title(env.session, Target::Node(valves[i])),
                is_selected: selected == Some(Target::Node(valves[i])),
                ..Row::default()
            };
            clicked =
                widgets::list_ui(ui, theme, "separating", valves.len(), None, row).map(|(i, _)| valves[i]);
        },
    );
    if let Some(valve) = clicked {
        env.push(Action::Select(Some(Target::Node(valve))));
        env.push(Action::ZoomToTarget(Target::Node(valve)));
    }
}
