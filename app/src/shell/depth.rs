//! Profiles and cross-sections in the window: heights are read on the project's thread, and the panel shows them.

use std::sync::Arc;

use gis_core::analysis::path::PathResult;
use gis_core::depth::clearance::DepthRules;
use gis_core::depth::section::{self, Spacing};
use gis_core::depth::way::Way;
use gis_core::depth::{Levels, profile};
use gis_core::network::stroke::crossed_pipes;
use gis_core::network::{Network, PipeIndex};
use gis_core::project::Project;
use gis_core::{Message, Result, Severity};

use super::App;
use super::action::Event;
use super::dock::Pane;
use crate::panels::depth::{ShownProfile, ShownSection};
use crate::session::Target;

/// Brought by a task.
pub enum DepthEvent {
    Profile(Box<Result<ShownProfile>>),
    Section(Box<Result<ShownSection>>),
}

impl App {
    /// Along the path that was found, or else along the chosen pipe.
    pub(super) fn show_profile(&mut self) {
        let Some((path, title)) = self.way_of_profile() else {
            return self.say(Severity::Warning, Message::new("depth.pane.no_profile"));
        };
        let Some(session) = &self.session else { return };
        let (network, service) = (Arc::clone(&session.network), session.service.clone());
        self.dock.show(Pane::Depth);
        self.panels.depth.is_waiting = true;
        self.tasks.spawn(Message::new("depth.pane.reading"), move |_| {
            let shown = service.call(move |project| read_profile(project, &network, path, title));
            Ok(Event::Depth(DepthEvent::Profile(Box::new(shown))))
        });
    }

    /// What a profile is drawn along, and what it is called.
    pub(super) fn way_of_profile(&self) -> Option<(PathResult, Message)> {
        let network = &self.session.as_ref()?.network;
        let (path, [from, to]) = match (self.panels.path.result(), self.panels.identify.target) {
            (Some(path), _) => (path.clone(), self.panels.path.end_names()),
            (None, Some(Target::Pipe(pipe))) => (along_pipe(network, pipe), ends_of(network, pipe)),
            _ => return None,
        };
        let title = Message::new("depth.sheet.title");
        Some((path, title.with("from", from).with("to", to)))
    }

    /// Across the pipes under a stroke.
    pub(super) fn cut_section(&mut self, stroke: [[f64; 2]; 2]) {
        let Some(session) = &self.session else { return };
        let (network, service) = (Arc::clone(&session.network), session.service.clone());
        self.dock.show(Pane::Depth);
        self.panels.depth.is_waiting = true;
        self.tasks.spawn(Message::new("depth.pane.reading"), move |_| {
            let shown = service.call(move |project| read_section(project, &network, stroke));
            Ok(Event::Depth(DepthEvent::Section(Box::new(shown))))
        });
    }

    pub(super) fn depth_event(&mut self, event: DepthEvent) {
        self.panels.depth.is_waiting = false;
        match event {
            DepthEvent::Profile(shown) => match *shown {
                Ok(shown) => self.panels.depth.set_profile(shown),
                Err(error) => self.fail(&error),
            },
            DepthEvent::Section(shown) => match *shown {
                Ok(shown) => self.panels.depth.set_section(shown),
                Err(error) => self.fail(&error),
            },
        }
    }
}

/// A whole pipe as a way.
fn along_pipe(network: &Network, pipe: PipeIndex) -> PathResult {
    PathResult {
        length_m: network.pipe_length_m(pipe),
        pipes: vec![pipe],
        nodes: network.pipe_ends(pipe).to_vec(),
        pieces: network.pieces_of(pipe).collect(),
        line: network.pipe_vertices(pipe).to_vec(),
    }
}

fn ends_of(network: &Network, pipe: PipeIndex) -> [String; 2] {
    network
        .pipe_ends(pipe)
        .map(|node| network.node_code(node).to_owned())
}

fn read_profile(
    project: &Project,
    network: &Network,
    path: PathResult,
    title: Message,
) -> Result<ShownProfile> {
    let levels = Levels::read(project, network, path.pipes.iter().copied())?;
    let profile = profile::along(network, &levels, &path);
    let way = Way::new(network, &profile, &path);
    let crossed = way.crossed(network, &profile);
    let others = Levels::read(project, network, crossed.iter().map(|c| c.pipe))?;
    Ok(ShownProfile {
        title,
        crossed: crossed
            .into_iter()
            .map(|c| c.with_levels(network, &others))
            .collect(),
        path,
        profile,
        way,
    })
}

fn read_section(project: &Project, network: &Network, stroke: [[f64; 2]; 2]) -> Result<ShownSection> {
    let rules = DepthRules::builtin()?;
    let pipes = crossed_pipes(network, stroke, |_| true);
    let levels = Levels::read(project, network, pipes.into_iter().map(|(pipe, _)| pipe))?;
    let section = section::across(network, &levels, stroke, |_| true);
    let minimum_cover_m = rules.cover.carriageway_m;
    let gaps = section.cuts.windows(2).map(|pair| {
        let pair = [&pair[0], &pair[1]];
        (Spacing::of(pair), rules.is_too_near(&levels, pair))
    });
    let is_shallow = section.cuts.iter().map(|cut| {
        let is_in_soil = levels.of(cut.pipe).is_in_soil;
        is_in_soil && cut.cover_m().is_some_and(|cover_m| cover_m < minimum_cover_m)
    });
    Ok(ShownSection {
        stroke,
        gaps: gaps.collect(),
        is_shallow: is_shallow.collect(),
        minimum_cover_m,
        section,
    })
}
