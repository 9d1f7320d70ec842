//! 版本恢复: a feature as it was before a change that the journal knows: its attributes, and where wanted its place and
//! what it was joined to. Neighbours follow as with any move: a node takes its pipes along, a pipe goes to where its
//! nodes are now.

use super::shape::PipeEnd;
use super::{Work, position, vertices};
use crate::edit::{Cell, Edit, Transaction};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::Feature;
use crate::schema::GeometryKind;
use crate::text::Message;

impl Work<'_> {
    /// As before entry `before`; what was undone since does not count.
    pub(super) fn restore(&mut self, name: &str, before: i64, with_place: bool) -> Result<Transaction> {
        let now = self.find(name)?;
        let past = self.past(&now, before)?;
        let key = if with_place {
            "edit.name.restore_all"
        } else {
            "edit.name.restore"
        };
        let name = Message::new(key)
            .with("feature", self.project.name_of(&now))
            .with("entry", before);
        let mut restored = Transaction::new(name);
        match self.schema().class(now.class).geometry {
            _ if !with_place => self.values_back(&now, past, &mut restored),
            GeometryKind::Point => self.node_back(&now, past, &mut restored)?,
            GeometryKind::Line => self.pipe_back(&now, past, &mut restored)?,
        }
        Ok(restored)
    }

    /// The feature before an entry of the journal that changed it.
    fn past(&self, now: &Feature, before: i64) -> Result<Feature> {
        let traces = self.project.history_of(now.id)?;
        if !traces.iter().any(|trace| trace.entry.number == before) {
            return Err(Error::bad_input(
                Message::new("edit.error.no_version")
                    .with("feature", self.project.name_of(now))
                    .with("entry", before),
            ));
        }
        let since = traces
            .iter()
            .filter(|trace| trace.entry.number >= before && trace.entry.is_in_force);
        let mut past = now.clone();
        // The oldest change of a cell knows what it held before.
        let mut seen: Vec<Cell> = Vec::new();
        for edit in since.flat_map(|trace| &trace.edits.edits) {
            let Edit::Update(update) = edit else { continue };
            for change in &update.cells {
                if !seen.contains(&change.cell) {
                    seen.push(change.cell);
                    change.cell.put(&mut past, &change.old);
                }
            }
        }
        Ok(past)
    }

    fn values_back(&mut self, now: &Feature, past: Feature, restored: &mut Transaction) {
        let is_elsewhere = Cell::all(self.schema().class(now.class))
            .filter(|cell| !matches!(cell, Cell::Field(_)))
            .any(|cell| !cell.of(now).is_same(&cell.of(&past)));
        if is_elsewhere {
            self.notes
                .push(Message::new("edit.note.restored_in_place").with("feature", self.project.name_of(now)));
        }
        let mut new = now.clone();
        new.values = past.values;
        restored.change(self.schema(), now, &new);
    }

    fn node_back(&mut self, now: &Feature, mut past: Feature, restored: &mut Transaction) -> Result<()> {
        let links = &mut past.links;
        for (link, present) in [
            (&mut links.on_pipe, now.links.on_pipe),
            (&mut links.flow_to, now.links.flow_to),
        ] {
            *link = self.still_there(now, *link, present)?;
        }
        if past.links.on_pipe == now.links.on_pipe {
            past.links.on_pipe_distance_m = now.links.on_pipe_distance_m;
        }
        past.links.inlet_pipes.clone_from(&now.links.inlet_pipes);
        let places = [position(now), position(&past)];
        if let [Some(at), Some(to)] = places
            && at[..2] != to[..2]
        {
            restored.edits = self.moved(now, &past, at, [to[0], to[1]])?.edits;
            return Ok(());
        }
        restored.change(self.schema(), now, &past);
        Ok(())
    }

    fn pipe_back(&mut self, now: &Feature, mut past: Feature, restored: &mut Transaction) -> Result<()> {
        let whole = self.whole(now.clone())?;
        let left = [
            self.end_node(now, PipeEnd::From)?,
            self.end_node(now, PipeEnd::To)?,
        ];
        past.links.from = self.still_there(now, past.links.from, now.links.from)?;
        past.links.to = self.still_there(now, past.links.to, now.links.to)?;
        let mut line = vertices(&past).to_vec();
        let last = line.len().saturating_sub(1);
        let mut is_elsewhere = false;
        for (at, link) in [(0, past.links.from), (last, past.links.to)] {
            let Some(node) = link.map(|id| self.project.feature(id)).transpose()?.flatten() else {
                continue;
            };
            if let (Some(vertex), Some(place)) = (line.get_mut(at), position(&node)) {
                is_elsewhere |= vertex[..2] != place[..2];
                (vertex[0], vertex[1]) = (place[0], place[1]);
            }
        }
        if is_elsewhere {
            past = self.redrawn(&past, line)?;
        }
        restored.change(self.schema(), now, &past);
        let taken = [
            self.end_node(&past, PipeEnd::From)?,
            self.end_node(&past, PipeEnd::To)?,
        ];
        let ends: Vec<[FeatureId; 2]> = left
            .into_iter()
            .zip(taken)
            .filter_map(|(left, taken)| Some([left?, taken?]))
            .filter(|[left, taken]| left != taken)
            .collect();
        self.follow(&whole, &past, &ends, restored)
    }

    /// A link as it was, where it still leads to something; as it is now otherwise.
    fn still_there(
        &mut self,
        now: &Feature,
        then: Option<FeatureId>,
        present: Option<FeatureId>,
    ) -> Result<Option<FeatureId>> {
        let Some(target) = then.filter(|_| then != present) else {
            return Ok(then);
        };
        if self.project.class_of(target)?.is_some() {
            return Ok(then);
        }
        self.notes
            .push(Message::new("edit.note.link_gone").with("feature", self.project.name_of(now)));
        Ok(present)
    }
}
