//! A form while it is filled in: what clicks and typing mean to it, and the request it becomes.

use std::collections::BTreeMap;

use gis_core::edit::ops::Request;
use gis_core::edit::{Solution, Tie};
use gis_core::network::{Network, NodeIndex, PipeIndex};
use gis_core::{FeatureId, Message, Result};
use serde_json::{Map, Value as Json, json};

use super::form::{Form, Kind};

/// What a click on the map means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Where the pointer is drawn to.
    pub place: [f64; 2],
    pub node: Option<NodeIndex>,
    pub pipe: Option<PipeIndex>,
    /// What is drawn on top there.
    pub top: Option<FeatureId>,
}

/// What has been filled into one input.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    pub text: String,
    pub features: Vec<FeatureId>,
    pub places: Vec<[f64; 2]>,
    pub choice: usize,
    /// Names and what is said of them: attributes by field, or the pipe that a field is taken from.
    pub rows: Vec<(String, String)>,
    pub vertex: usize,
}

impl Cell {
    fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
            && self.features.is_empty()
            && self.places.is_empty()
            && self.rows.iter().all(|(_, value)| value.trim().is_empty())
    }
}

#[derive(Debug)]
pub struct Draft {
    pub form: &'static Form,
    /// One an input.
    pub cells: Vec<Cell>,
    /// The input that clicks fill in.
    pub active: Option<usize>,
}

impl Draft {
    pub fn new(form: &'static Form, node_class: &str) -> Self {
        let cells = form.inputs.iter().map(|input| Cell {
            text: match input.kind {
                Kind::Number(_, Some(usual)) => usual.to_string(),
                Kind::Class(_) => node_class.to_owned(),
                Kind::Count => "2".to_owned(),
                _ => String::new(),
            },
            ..Cell::default()
        });
        let mut draft = Self {
            form,
            cells: cells.collect(),
            active: None,
        };
        draft.active = draft.next_clicked(0);
        draft
    }

    pub fn kind(&self) -> Option<Kind> {
        self.active.map(|i| self.form.inputs[i].kind)
    }

    /// Takes a click; the next input that wants one follows where this one is full.
    pub fn click(&mut self, hit: &Hit, network: &Network) {
        let Some(i) = self.active else { return };
        let kind = self.form.inputs[i].kind;
        if let Some(near) = self.near_input()
            && near == i
            && let Some(Ok(solution)) = self.solution(network)
        {
            // One of the places that fit is meant, and not where exactly the click fell.
            let metric = network.metric();
            let apart = |p: &[f64; 2]| metric.distance_m(*p, hit.place);
            let nearest = solution
                .places
                .iter()
                .min_by(|a, b| apart(a).total_cmp(&apart(b)));
            self.cells[i].places = nearest.into_iter().copied().collect();
            return;
        }
        let cell = &mut self.cells[i];
        let pipe = hit.pipe.map(|pipe| network.pipe_id(pipe));
        let node = hit
            .node
            .filter(|node| !network.is_anonymous(*node))
            .map(|node| network.node_id(node));
        let is_full = match kind {
            Kind::Node => put(&mut cell.features, node),
            Kind::Pipe => put(&mut cell.features, pipe),
            Kind::NodeOrPipe => {
                cell.places = if node.is_some() {
                    Vec::new()
                } else {
                    vec![hit.place]
                };
                put(&mut cell.features, node.or(pipe))
            }
            Kind::PlaceOnPipe => {
                cell.places = vec![hit.place];
                put(&mut cell.features, pipe)
            }
            Kind::Vertex => match hit.pipe {
                Some(index) => {
                    let line = network.pipe_vertices(index);
                    let metric = network.metric();
                    let apart = |v: &usize| metric.distance_m(line[*v], hit.place);
                    let nearest = (0..line.len()).min_by(|a, b| apart(a).total_cmp(&apart(b)));
                    cell.vertex = nearest.unwrap_or_default();
                    cell.places = line.get(cell.vertex).into_iter().copied().collect();
                    put(&mut cell.features, pipe)
                }
                None => false,
            },
            Kind::Pipes => toggle(&mut cell.features, pipe),
            Kind::Features => toggle(&mut cell.features, hit.top.or(node).or(pipe)),
            Kind::Place => {
                cell.places = vec![hit.place];
                true
            }
            Kind::Line | Kind::Vector | Kind::Box => {
                if cell.places.len() > 1 {
                    cell.places.clear();
                }
                cell.places.push(hit.place);
                cell.places.len() == 2
            }
            Kind::Places => {
                cell.places.push(hit.place);
                false
            }
            _ => false,
        };
        if is_full {
            self.active = self.next_clicked(i + 1);
        }
    }

    /// All of these are chosen as well.
    pub fn add(&mut self, features: impl Iterator<Item = FeatureId>) {
        let Some(i) = self.active else { return };
        let known: std::collections::HashSet<FeatureId> = self.cells[i].features.iter().copied().collect();
        self.cells[i]
            .features
            .extend(features.filter(|id| !known.contains(id)));
    }

    /// On to the next input that wants clicks.
    pub fn next(&mut self) {
        self.active = self
            .active
            .and_then(|i| self.next_clicked(i + 1).filter(|next| *next != i));
    }

    /// Begins with what was chosen before the form was opened.
    pub fn start_with(&mut self, id: FeatureId, network: &Network) {
        let is_pipe = network.pipe_of_id(id).is_some();
        let Some(i) = self.active else { return };
        match self.form.inputs[i].kind {
            Kind::Node if !is_pipe => {}
            Kind::Pipe | Kind::Pipes if is_pipe => {}
            Kind::Features => {}
            _ => return,
        }
        self.cells[i].features = vec![id];
        if !self.form.inputs[i].kind.is_list() {
            self.active = self.next_clicked(i + 1);
        }
    }

    /// What is no longer in the network is no longer chosen.
    pub fn forget_gone(&mut self, network: &Network) {
        let is_there =
            |id: &FeatureId| network.pipe_of_id(*id).is_some() || network.node_of_id(*id).is_some();
        for cell in &mut self.cells {
            cell.features.retain(is_there);
        }
    }

    /// Takes back the last click of the input that is being filled.
    pub fn take_back(&mut self) {
        let Some(i) = self.active else { return };
        let cell = &mut self.cells[i];
        if cell.places.pop().is_none() {
            cell.features.pop();
        }
    }

    fn next_clicked(&self, from: usize) -> Option<usize> {
        let wants = |i: &usize| {
            let input = &self.form.inputs[*i];
            input.kind.is_clicked() && !input.is_optional && self.cells[*i].is_empty()
        };
        let mut later = from..self.form.inputs.len();
        later.find(wants).or_else(|| (0..from).find(wants))
    }

    /// The input that says which of several places is meant.
    pub fn near_input(&self) -> Option<usize> {
        self.form.inputs.iter().position(|input| input.path == "near")
    }

    /// The first input that is still to be filled.
    pub fn missing(&self) -> Option<usize> {
        (0..self.form.inputs.len()).find(|i| {
            let input = &self.form.inputs[*i];
            let always = matches!(input.kind, Kind::Choice(_) | Kind::Flag);
            !input.is_optional && !always && self.is_unfilled(*i)
        })
    }

    fn is_unfilled(&self, i: usize) -> bool {
        let cell = &self.cells[i];
        match self.form.inputs[i].kind {
            Kind::Line | Kind::Vector | Kind::Box => cell.places.len() < 2,
            _ => cell.is_empty(),
        }
    }

    /// What a tie comes to with what has been filled in; `None` where this is no tie, or not all of it is there.
    pub fn solution(&self, network: &Network) -> Option<Result<Solution>> {
        let tie = self.request_json(&Map::new()).ok()?.get("tie")?.clone();
        let tie: Tie = serde_json::from_value(tie).ok()?;
        Some(tie.solve(network.metric()))
    }

    /// The request, with the attributes of the template for what comes into being.
    ///
    /// # Errors
    /// What was typed is no number, or something is missing.
    pub fn request(&self, template: &Map<String, Json>) -> Result<Request> {
        Request::from_json(&self.request_json(template)?.to_string())
    }

    fn request_json(&self, template: &Map<String, Json>) -> Result<Json> {
        let mut request: Json = serde_json::from_str(self.form.base).map_err(|e| {
            gis_core::Error::bad_input(Message::new("edit.error.bad_request").with("reason", e))
        })?;
        for (i, input) in self.form.inputs.iter().enumerate() {
            let cell = &self.cells[i];
            if self.is_unfilled(i) && !matches!(input.kind, Kind::Choice(_) | Kind::Flag) {
                continue;
            }
            for (path, value) in values(input.kind, input.path, cell)? {
                insert(&mut request, path, value);
            }
        }
        if self.form.makes.is_some() && !template.is_empty() {
            insert(&mut request, "values", Json::Object(template.clone()));
        }
        Ok(request)
    }

    /// Ready for the next of the same kind: what was clicked is gone, what was typed stays.
    pub fn again(&mut self) {
        for cell in &mut self.cells {
            cell.features.clear();
            cell.places.clear();
        }
        self.active = self.next_clicked(0);
    }
}

fn put(features: &mut Vec<FeatureId>, hit: Option<FeatureId>) -> bool {
    if let Some(id) = hit {
        *features = vec![id];
    }
    hit.is_some()
}

/// Chosen, or no longer. A list is never full.
fn toggle(features: &mut Vec<FeatureId>, hit: Option<FeatureId>) -> bool {
    if let Some(id) = hit {
        match features.iter().position(|known| *known == id) {
            Some(at) => {
                features.remove(at);
            }
            None => features.push(id),
        }
    }
    false
}

/// What an input adds to the request, and where.
fn values<'p>(kind: Kind, path: &'p str, cell: &Cell) -> Result<Vec<(&'p str, Json)>> {
    let ids = || -> Vec<String> { cell.features.iter().map(ToString::to_string).collect() };
    let first = || ids().into_iter().next();
    Ok(match kind {
        Kind::Node | Kind::Pipe => vec![(path, json!(first()))],
        Kind::NodeOrPipe | Kind::PlaceOnPipe => {
            let mut all = vec![(path, json!(first()))];
            all.extend(cell.places.first().map(|place| ("at", json!(place))));
            all
        }
        Kind::Vertex => vec![(path, json!(first())), ("vertex", json!(cell.vertex))],
        Kind::Pipes | Kind::Features => vec![(path, json!(ids()))],
        Kind::Place => vec![(path, json!(cell.places.first()))],
        Kind::Line | Kind::Places => vec![(path, json!(cell.places))],
        Kind::Vector => {
            let by = [0, 1].map(|axis| cell.places[1][axis] - cell.places[0][axis]);
            vec![(path, json!(by))]
        }
        Kind::Box => {
            let [a, b] = [cell.places[0], cell.places[1]];
            let corners = [a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])];
            vec![(path, json!(corners))]
        }
        Kind::Number(..) => vec![(path, json!(number(&cell.text)?))],
        Kind::Numbers(_) => {
            let parts = cell.text.split([',', '，', ';', '；', ' ']);
            let parts = parts.filter(|part| !part.trim().is_empty());
            vec![(path, json!(parts.map(number).collect::<Result<Vec<f64>>>()?))]
        }
        Kind::Count => vec![(path, json!(number(&cell.text)?.round().max(0.0) as u64))],
        Kind::Class(_) | Kind::Text | Kind::Part | Kind::File | Kind::Source => {
            vec![(path, json!(cell.text.trim()))]
        }
        Kind::Choice(choices) => vec![(path, json!(choices.get(cell.choice)))],
        Kind::Flag => vec![(path, json!(cell.choice > 0))],
        Kind::Values | Kind::Differences => {
            let said = cell
                .rows
                .iter()
                .filter(|(name, value)| !name.is_empty() && !value.trim().is_empty());
            let rows: BTreeMap<&str, &str> =
                said.map(|(name, value)| (name.as_str(), value.trim())).collect();
            vec![(path, json!(rows))]
        }
    })
}

fn number(text: &str) -> Result<f64> {
    let number = text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    number.ok_or_else(|| {
        gis_core::Error::bad_input(Message::new("operations.no_number").with("found", text.trim()))
    })
}

/// Puts a value where a path of names and numbers leads; what is not there on the way is made.
fn insert(into: &mut Json, path: &str, value: Json) {
    let mut here = into;
    for step in path.split('.') {
        here = if let Ok(at) = step.parse::<usize>() {
            if !here.is_array() {
                *here = json!([]);
            }
            let Json::Array(list) = here else { return };
            if list.len() <= at {
                list.resize(at + 1, Json::Null);
            }
            &mut list[at]
        } else {
            if !here.is_object() {
                *here = json!({});
            }
            let Json::Object(map) = here else { return };
            map.entry(step).or_insert(Json::Null)
        };
    }
    *here = value;
}
