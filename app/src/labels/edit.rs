//! Changes of what is written on the map. Each is kept with the project at once; the last ones can be undone.

use std::sync::Arc;

use gis_core::cartography::labels::{
    AnnotationId, Dimension, Flag, FlagScene, LabelView, PinnedLabel, SceneRow,
};
use gis_core::network::stroke::crossed_pipes;
use gis_core::{Error, Message, Result};

use super::{Inner, Labels};
use crate::shell::action::Event;
use crate::tasks::Outbox;

/// Changes that can be undone.
const MOST_UNDONE: usize = 50;
/// Width of a row whose text is not known yet, in heights of the font.
const USUAL_ROW_EM: f32 = 9.0;

/// A change of annotations.
#[derive(Debug, Clone, PartialEq)]
pub enum AnnotationEdit {
    /// A stroke in project coordinates: a new flag.
    DrawFlag([[f64; 2]; 2]),
    /// Replaces the flag of the same number.
    Flag(Flag),
    /// The number is given anew where it is 0.
    Dimension(Dimension),
    Pin(PinnedLabel),
    Remove(AnnotationId),
    /// Lets all labels find their places by themselves again.
    RemovePins,
    Undo,
}

/// What the user wants of labels.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelAction {
    Edit(AnnotationEdit),
    Select(Option<AnnotationId>),
    /// What new flags say.
    FlagTemplate(String),
    /// The pointer in the tool that moves labels.
    Hand(super::Hand),
}

impl Labels {
    /// # Errors
    /// There is nothing to do it to: a stroke that crosses no pipe.
    pub fn act(&mut self, action: LabelAction, outbox: &Outbox<Event>) -> Result<()> {
        let inner = self.inner.get_mut();
        match action {
            LabelAction::Edit(edit) => inner.edit(edit, outbox)?,
            LabelAction::Select(selected) => inner.selected = selected,
            LabelAction::FlagTemplate(template) => inner.flag_template = template,
            LabelAction::Hand(hand) => {
                if let Some(edit) = inner.hand(&hand) {
                    inner.edit(edit, outbox)?;
                }
            }
        }
        Ok(())
    }
}

impl Inner {
    fn edit(&mut self, edit: AnnotationEdit, outbox: &Outbox<Event>) -> Result<()> {
        let before = Arc::clone(&self.annotations);
        if edit == AnnotationEdit::Undo {
            if let Some(past) = self.past.pop() {
                self.annotations = past;
                self.changed(outbox);
            }
            return Ok(());
        }
        let drawn = match &edit {
            AnnotationEdit::DrawFlag(stroke) => Some(self.new_flag(*stroke)?),
            _ => None,
        };
        let annotations = Arc::make_mut(&mut self.annotations);
        match edit {
            AnnotationEdit::DrawFlag(_) => {
                if let Some(flag) = drawn {
                    self.selected = Some(AnnotationId::Flag(flag.id));
                    annotations.flags.push(flag);
                }
            }
            AnnotationEdit::Flag(flag) => {
                if let Some(old) = annotations.flag_mut(flag.id) {
                    *old = flag;
                }
            }
            AnnotationEdit::Dimension(mut dimension) => {
                if let Some(old) = annotations.dimension_mut(dimension.id) {
                    *old = dimension;
                } else {
                    dimension.id = annotations.fresh_id();
                    self.selected = Some(AnnotationId::Dimension(dimension.id));
                    annotations.dimensions.push(dimension);
                }
            }
            AnnotationEdit::Pin(pin) => {
                self.selected = Some(AnnotationId::Pin(pin.feature));
                annotations.pin(pin);
            }
            AnnotationEdit::Remove(id) => {
                annotations.remove(id);
                self.selected = self.selected.filter(|selected| *selected != id);
            }
            AnnotationEdit::RemovePins => annotations.pins.clear(),
            AnnotationEdit::Undo => {}
        }
        if *self.annotations != *before {
            self.past.push(before);
            if self.past.len() > MOST_UNDONE {
                self.past.remove(0);
            }
            self.changed(outbox);
        }
        Ok(())
    }

    /// Gathers anew and keeps the annotations with the project.
    fn changed(&mut self, outbox: &Outbox<Event>) {
        self.revision += 1;
        // A new template may name fields that were not read.
        self.texts = super::Texts::default();
        let Some(open) = &self.project else { return };
        let (annotations, outbox) = (Arc::clone(&self.annotations), outbox.clone());
        open.service.ask(move |project| {
            if let Err(error) = annotations.save(project) {
                outbox.send(Event::NotKept(error.message()));
            }
        });
    }

    fn new_flag(&self, stroke: [[f64; 2]; 2]) -> Result<Flag> {
        let nothing = || Error::Refused(Message::new("labels.flag.nothing_crossed"));
        let open = self.project.as_ref().ok_or_else(nothing)?;
        let network = &open.network;
        let crossed = crossed_pipes(network, stroke, |_| true);
        if crossed.is_empty() {
            return Err(nothing());
        }
        let mut points = vec![stroke[0], stroke[1]];
        points.extend(crossed.iter().map(|(_, crossing)| crossing.point));
        open.place.to_mercator(&mut points);
        let rows = crossed.iter().zip(&points[2..]).map(|((pipe, _), at)| SceneRow {
            feature: network.pipe_id(*pipe),
            crossing: *at,
            text: String::new(),
            width_em: USUAL_ROW_EM,
        });
        let scene = FlagScene {
            id: self.annotations.fresh_id(),
            stroke: [points[0], points[1]],
            foot: points[1],
            size_px: 11.0,
            hidden_beyond: None,
            rows: rows.collect(),
        };
        let seen = self.views.values().find_map(|view| view.seen.as_ref());
        let foot = seen.and_then(|seen| {
            let around = self.pipes_around(&seen.view);
            let taken: Vec<_> = seen.annotations.iter().map(|(_, taken)| *taken).collect();
            let foot = scene.choose_foot(&seen.view, &around, &taken)?;
            open.place.from_mercator(seen.view.plane(foot))
        });
        Ok(Flag {
            id: scene.id,
            stroke,
            foot: foot.unwrap_or(stroke[1]),
            pipes: scene.rows.iter().map(|row| row.feature).collect(),
            template: self.flag_template.clone(),
            size_px: scene.size_px,
            hidden_beyond: None,
        })
    }

    /// Pieces of pipes in the view, in pixels: what a flag shall keep away from.
    fn pipes_around(&self, view: &LabelView) -> Vec<[[f64; 2]; 2]> {
        const MOST: usize = 1_500;
        let Some(open) = &self.project else {
            return Vec::new();
        };
        let Some(extent) = super::worker::project_box(&open.place, view.ground(0.0)) else {
            return Vec::new();
        };
        let mut segments = Vec::new();
        for pipe in open.network.pipes_in_box(extent).into_iter().take(MOST) {
            let mut line = open.network.pipe_vertices(pipe).to_vec();
            open.place.to_mercator(&mut line);
            segments.extend(line.windows(2).map(|w| [view.px(w[0]), view.px(w[1])]));
        }
        segments
    }
}
