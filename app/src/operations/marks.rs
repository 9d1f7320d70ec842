//! What the map shows of a form that is being filled in.

use gis_core::FeatureId;
use gis_core::network::Network;

use super::draft::Draft;
use super::form::Kind;
use crate::i18n::{tr, tr_with};

/// More features than this are told by number and not drawn one by one.
const MOST_DRAWN: usize = 5_000;

/// Graphics in the project's CRS, and what the tool has to know.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Marks {
    /// Chosen pipes.
    pub pipes: Vec<Vec<[f64; 2]>>,
    /// Edges, axes and ways that were drawn.
    pub lines: Vec<Vec<[f64; 2]>>,
    pub dots: Vec<[f64; 2]>,
    /// Places that fit, of which one is meant.
    pub candidates: Vec<[f64; 2]>,
    /// Drags draw a box whose features are taken.
    pub takes_boxes: bool,
    pub hint: String,
}

impl Draft {
    pub fn marks(&self, network: &Network) -> Marks {
        let mut marks = Marks {
            takes_boxes: matches!(self.kind(), Some(Kind::Pipes | Kind::Features)),
            hint: self.hint(),
            ..Marks::default()
        };
        for (input, cell) in self.form.inputs.iter().zip(&self.cells) {
            for id in cell.features.iter().take(MOST_DRAWN) {
                marks.feature(network, *id);
            }
            match input.kind {
                Kind::Line | Kind::Vector | Kind::Places if cell.places.len() > 1 => {
                    marks.lines.push(cell.places.clone());
                }
                Kind::Box if cell.places.len() > 1 => {
                    let [a, b] = [cell.places[0], cell.places[1]];
                    marks.lines.push(vec![a, [b[0], a[1]], b, [a[0], b[1]], a]);
                }
                _ => {}
            }
            marks.dots.extend(&cell.places);
        }
        if let Some(Ok(solution)) = self.solution(network) {
            marks.candidates = solution.places;
        }
        marks
    }

    fn hint(&self) -> String {
        let Some(i) = self.active else {
            return tr("operations.hint.ready");
        };
        let input = &self.form.inputs[i];
        let name = tr(&format!("operations.input.{}", input.name));
        let key = if input.kind.is_list() {
            "operations.hint.list"
        } else {
            "operations.hint.one"
        };
        tr_with(key, "name", name)
    }
}

impl Marks {
    fn feature(&mut self, network: &Network, id: FeatureId) {
        if let Some(pipe) = network.pipe_of_id(id) {
            self.pipes.push(network.pipe_vertices(pipe).to_vec());
        } else if let Some(node) = network.node_of_id(id) {
            self.dots.push(network.position(node));
        }
    }
}
