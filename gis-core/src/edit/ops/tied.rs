//! 拴点上图: a node plotted from what was measured, which is kept with it.

use serde_json::{Map, Value as Json};

use super::{Work, refuse};
use crate::edit::{Edit, TIES_FIELD, Tie, TieRecord, Transaction};
use crate::error::Result;
use crate::model::Feature;
use crate::schema::GeometryKind;

impl Work<'_> {
    pub(super) fn tie_node(
        &mut self,
        class: &str,
        tie: &Tie,
        near: Option<[f64; 2]>,
        given: &Map<String, Json>,
    ) -> Result<Transaction> {
        let at = self.tied(tie, near)?;
        let mut transaction = self.add_node(class, at, None, None, given)?;
        for edit in &mut transaction.edits {
            if let Edit::Insert(node) = edit
                && self.schema().class(node.class).geometry == GeometryKind::Point
            {
                self.keep_tie(node, tie)?;
            }
        }
        Ok(transaction)
    }

    /// Adds a measurement to a node that is on the map already.
    pub(super) fn record_tie(&mut self, name: &str, tie: &Tie) -> Result<Transaction> {
        let old = self.find_kind(name, GeometryKind::Point)?;
        let mut new = old.clone();
        self.keep_tie(&mut new, tie)?;
        let mut transaction = Self::begin("edit.name.record_tie", &self.project.name_of(&old));
        transaction.change(self.schema(), &old, &new);
        Ok(transaction)
    }

    fn keep_tie(&self, node: &mut Feature, tie: &Tie) -> Result<()> {
        let at = self.place_of(node)?;
        let at = [at[0], at[1]];
        let field = self
            .field(node, TIES_FIELD)
            .ok_or_else(|| refuse("edit.error.no_record", TIES_FIELD))?;
        let mut records = TieRecord::read(&node.values[field])?;
        records.push(TieRecord::at(tie, at, self.metric(at))?);
        node.values[field] = TieRecord::write(&records)?;
        Ok(())
    }
}
