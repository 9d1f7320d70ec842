//! Reads the sections of an EPANET 2.0 to 2.3 input file into a `Model`. It never fails: what cannot be used
//! becomes an issue with its line. Rules follow the EPANET 2.2 user manual, appendix C.

use std::collections::{HashMap, HashSet};

use super::lexer::{Block, Blocks, Line, Section};
use super::model::{
    Count, Demand, HeadLoss, Link, LinkKind, Model, Node, NodeKind, Pump, Tank, Units, Valve, ValveKind,
};
use crate::issue::{Issue, Issues, Severity};
use crate::text::Message;

/// One line of a section of elements: `None` when it was rejected.
type ReadElement = fn(&mut Reader, &'static str, &Line<'_>) -> Option<()>;
type ReadProperty = fn(&mut Reader, &'static str, &Line<'_>);

/// Nodes first: links name them.
const ELEMENTS: [(Section, &str, ReadElement); 6] = [
    (Section::Junctions, "JUNCTIONS", Reader::junction),
    (Section::Reservoirs, "RESERVOIRS", Reader::reservoir_or_tank),
    (Section::Tanks, "TANKS", Reader::reservoir_or_tank),
    (Section::Pipes, "PIPES", Reader::pipe),
    (Section::Pumps, "PUMPS", Reader::pump),
    (Section::Valves, "VALVES", Reader::valve),
];

/// What says more about elements that are known by then.
const PROPERTIES: [(Section, &str, ReadProperty); 5] = [
    (Section::Status, "STATUS", Reader::status),
    (Section::Demands, "DEMANDS", Reader::demand),
    (Section::Coordinates, "COORDINATES", Reader::coordinate),
    (Section::Vertices, "VERTICES", Reader::vertex),
    (Section::Tags, "TAGS", Reader::tag),
];

/// The sections may come in any order, and each several times.
pub(super) fn parse(blocks: &Blocks<'_>) -> Model {
    let mut reader = Reader::default();
    reader.tell_structure(blocks);
    for line in lines_of(blocks, Section::Options) {
        reader.option("OPTIONS", line);
    }
    for (section, name, read) in ELEMENTS {
        let mut count = Count {
            section: name,
            read: 0,
            rejected: 0,
        };
        for line in lines_of(blocks, section) {
            count.read += 1;
            if read(&mut reader, name, line).is_none() {
                count.rejected += 1;
            }
        }
        reader.model.counts.push(count);
    }
    for (section, name, read) in PROPERTIES {
        for line in lines_of(blocks, section) {
            read(&mut reader, name, line);
        }
    }
    reader.keep_sections(blocks);
    let mut issues: Vec<Issue> = reader.model.issues.iter().cloned().collect();
    issues.sort_by_key(|issue| issue.row);
    reader.model.issues = Issues::default();
    for issue in issues {
        reader.model.issues.push(issue);
    }
    reader.model
}

fn lines_of<'b>(blocks: &'b Blocks<'_>, section: Section) -> impl Iterator<Item = &'b Line<'b>> {
    blocks
        .list
        .iter()
        .filter(move |b| b.section == Some(section))
        .flat_map(|b| &b.lines)
}

#[derive(Default)]
struct Reader {
    model: Model,
    node_of: HashMap<String, usize>,
    link_of: HashMap<String, usize>,
    /// Junctions whose demands `[DEMANDS]` has begun to list: those replace the one of `[JUNCTIONS]`.
    listed_demands: HashSet<usize>,
}

impl Reader {
    fn tell(&mut self, severity: Severity, section: &str, line: &Line<'_>, message: Message) {
        self.model.issues.push(
            Issue::new(severity, message)
                .in_layer(section)
                .at_row(line.number),
        );
    }

    fn tell_structure(&mut self, blocks: &Blocks<'_>) {
        if blocks.is_damaged {
            self.model
                .issues
                .push(Issue::new(Severity::Warning, Message::new("epanet.undecodable")));
        }
        if let Some(line) = &blocks.before_first {
            let message = Message::new("epanet.text_before_sections").with("found", line.tokens.join(" "));
            self.model
                .issues
                .push(Issue::new(Severity::Warning, message).at_row(line.number));
        }
        if let Some(line) = &blocks.after_end {
            self.model
                .issues
                .push(Issue::new(Severity::Info, Message::new("epanet.text_after_end")).at_row(line.number));
        }
        for block in blocks.list.iter().filter(|b| b.section.is_none()) {
            let message = Message::new("epanet.unknown_section").with("name", block.name);
            self.model.issues.push(
                Issue::new(Severity::Warning, message)
                    .in_layer(block.name)
                    .at_row(block.number),
            );
        }
    }

    /// Places are fields of the features; everything else stays word for word for the hydraulic model.
    fn keep_sections(&mut self, blocks: &Blocks<'_>) {
        for Block {
            section, name, text, ..
        } in &blocks.list
        {
            if matches!(section, Some(Section::Coordinates | Section::Vertices)) || text.trim().is_empty() {
                continue;
            }
            let name = name.to_lowercase();
            match self.model.sections.iter_mut().find(|(kept, _)| *kept == name) {
                Some((_, kept)) => kept.push_str(text),
                None => self.model.sections.push((name, text.clone())),
            }
        }
    }

    fn option(&mut self, section: &'static str, line: &Line<'_>) {
        let Some((keyword, value)) = line.tokens.split_first() else {
            return;
        };
        let value = value.first().copied().unwrap_or_default();
        match keyword.to_ascii_uppercase().as_str() {
            "UNITS" => {
                if let Some(units) = Units::from_keyword(value) {
                    (self.model.units, self.model.names_units) = (units, true);
                } else {
                    let message = Message::new("epanet.unknown_units")
                        .with("found", value)
                        .with("used", self.model.units.flow);
                    self.tell(Severity::Error, section, line, message);
                }
            }
            "HEADLOSS" => match value.to_ascii_uppercase().as_str() {
                "H-W" => self.model.head_loss = HeadLoss::HazenWilliams,
                "D-W" => self.model.head_loss = HeadLoss::DarcyWeisbach,
                "C-M" => self.model.head_loss = HeadLoss::ChezyManning,
                _ => {
                    let message = Message::new("epanet.unknown_head_loss").with("found", value);
                    self.tell(Severity::Warning, section, line, message);
                }
            },
            _ => {}
        }
    }

    /// The number at a place of the line; NaN and an issue where it is none, NaN alone where the line is shorter.
    fn number(&mut self, section: &'static str, line: &Line<'_>, place: usize, name: &'static str) -> f64 {
        let Some(text) = line.tokens.get(place).copied() else {
            return f64::NAN;
        };
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => number,
            _ => {
                let message = Message::new("epanet.bad_number")
                    .with("field", name)
                    .with("found", text);
                let code = line.tokens.first().copied().unwrap_or_default();
                self.model.issues.push(
                    Issue::new(Severity::Warning, message)
                        .in_layer(section)
                        .at_row(line.number)
                        .on_field(name)
                        .on_code(code),
                );
                f64::NAN
            }
        }
    }

    /// Whether the line has enough tokens; an issue where not.
    fn has(&mut self, section: &'static str, line: &Line<'_>, least: usize) -> Option<()> {
        if line.tokens.len() >= least {
            return Some(());
        }
        self.too_few(Severity::Error, section, line, least);
        None
    }

    fn too_few(&mut self, severity: Severity, section: &'static str, line: &Line<'_>, least: usize) {
        let message = Message::new("epanet.too_few_values")
            .with("found", line.tokens.len())
            .with("least", least)
            .with("text", line.tokens.join(" "));
        self.tell(severity, section, line, message);
    }

    fn add_node(&mut self, section: &'static str, line: &Line<'_>, node: Node) -> Option<()> {
        if let Some(&earlier) = self.node_of.get(&node.id) {
            let message = Message::new("epanet.duplicate_node")
                .with("code", &node.id)
                .with("row", self.model.nodes[earlier].row);
            self.tell(Severity::Error, section, line, message);
            return None;
        }
        self.node_of.insert(node.id.clone(), self.model.nodes.len());
        self.model.nodes.push(node);
        Some(())
    }

    fn node(line: &Line<'_>, kind: NodeKind, elevation_m: f64, demands: Vec<Demand>) -> Node {
        Node {
            id: line.tokens.first().copied().unwrap_or_default().to_owned(),
            row: line.number,
            kind,
            elevation_m,
            demands,
            position: None,
            tag: String::new(),
            remark: line.comment.to_owned(),
        }
    }

    fn junction(&mut self, section: &'static str, line: &Line<'_>) -> Option<()> {
        self.has(section, line, 1)?;
        let elevation = self.number(section, line, 1, "elevation");
        let demand = self.number(section, line, 2, "demand");
        let units = self.model.units;
        let demands = if demand.is_nan() {
            Vec::new()
        } else {
            vec![Demand {
                base_lps: units.lps(demand),
                pattern: name_at(line, 3),
            }]
        };
        self.add_node(
            section,
            line,
            Self::node(line, NodeKind::Junction, units.metres(elevation), demands),
        )
    }

    /// EPANET tells the two by the number of values, whatever the heading.
    fn reservoir_or_tank(&mut self, section: &'static str, line: &Line<'_>) -> Option<()> {
        self.has(section, line, 2)?;
        let units = self.model.units;
        let height_m = units.metres(self.number(section, line, 1, "elevation"));
        if line.tokens.len() <= 3 {
            let kind = NodeKind::Reservoir {
                pattern: name_at(line, 2),
            };
            return self.add_node(section, line, Self::node(line, kind, height_m, Vec::new()));
        }
        if line.tokens.len() < 6 {
            // It stays a tank: its links would fall with it.
            self.too_few(Severity::Warning, section, line, 6);
        }
        let number = |reader: &mut Self, place, name| reader.number(section, line, place, name);
        let tank = Tank {
            level_m: units.metres(number(self, 2, "initial_level")),
            level_min_m: units.metres(number(self, 3, "minimum_level")),
            level_max_m: units.metres(number(self, 4, "maximum_level")),
            diameter_m: units.metres(number(self, 5, "diameter")),
            volume_min_m3: units.cubic_metres(number(self, 6, "minimum_volume")),
            volume_curve: name_at(line, 7),
        };
        let kind = NodeKind::Tank(tank);
        self.add_node(section, line, Self::node(line, kind, height_m, Vec::new()))
    }

    fn end(&mut self, section: &'static str, line: &Line<'_>, place: usize) -> Option<usize> {
        let id = line.tokens.get(place).copied().unwrap_or_default();
        let found = self.node_of.get(id).copied();
        if found.is_none() {
            let code = line.tokens.first().copied().unwrap_or_default();
            let message = Message::new("epanet.unknown_node")
                .with("code", code)
                .with("found", id);
            self.tell(Severity::Error, section, line, message);
        }
        found
    }

    fn add_link(&mut self, section: &'static str, line: &Line<'_>, kind: LinkKind) -> Option<&mut Link> {
        let id = line.tokens.first().copied().unwrap_or_default().to_owned();
        if let Some(&earlier) = self.link_of.get(&id) {
            let message = Message::new("epanet.duplicate_link")
                .with("code", &id)
                .with("row", self.model.links[earlier].row);
            self.tell(Severity::Error, section, line, message);
            return None;
        }
        let (from, to) = (self.end(section, line, 1), self.end(section, line, 2));
        let (from, to) = (from?, to?);
        if from == to {
            let message = Message::new("epanet.same_ends").with("code", &id);
            self.tell(Severity::Error, section, line, message);
            return None;
        }
        self.link_of.insert(id.clone(), self.model.links.len());
        self.model.links.push(Link {
            id,
            row: line.number,
            kind,
            from,
            to,
            length_m: f64::NAN,
            diameter_mm: f64::NAN,
            roughness: f64::NAN,
            loss_coefficient: f64::NAN,
            is_closed: false,
            vertices: Vec::new(),
            tag: String::new(),
            remark: line.comment.to_owned(),
        });
        self.model.links.last_mut()
    }

    fn pipe(&mut self, section: &'static str, line: &Line<'_>) -> Option<()> {
        self.has(section, line, 3)?;
        let units = self.model.units;
        let length_m = units.metres(self.number(section, line, 3, "length"));
        let diameter_mm = units.millimetres(self.number(section, line, 4, "diameter"));
        let roughness = self.number(section, line, 5, "roughness");
        let mut loss_coefficient = f64::NAN;
        // Minor loss and status may both be there, or either alone.
        let (mut kind, mut is_closed) = (LinkKind::Pipe, false);
        for place in 6..line.tokens.len().min(8) {
            match line.tokens[place].to_ascii_uppercase().as_str() {
                "CV" => kind = LinkKind::CheckPipe,
                "CLOSED" => is_closed = true,
                "OPEN" => {}
                _ if place == 6 => loss_coefficient = self.number(section, line, place, "minor_loss"),
                other => {
                    let message = Message::new("epanet.unknown_status").with("found", other);
                    self.tell(Severity::Warning, section, line, message);
                }
            }
        }
        let link = self.add_link(section, line, kind)?;
        (link.length_m, link.diameter_mm, link.roughness) = (length_m, diameter_mm, roughness);
        (link.loss_coefficient, link.is_closed) = (loss_coefficient, is_closed);
        Some(())
    }

    fn pump(&mut self, section: &'static str, line: &Line<'_>) -> Option<()> {
        self.has(section, line, 4)?;
        let mut pump = Pump {
            curve: String::new(),
            pattern: String::new(),
            power_kw: f64::NAN,
            speed: f64::NAN,
        };
        for place in (3..line.tokens.len()).step_by(2) {
            match line.tokens[place].to_ascii_uppercase().as_str() {
                "HEAD" => pump.curve = name_at(line, place + 1),
                "PATTERN" => pump.pattern = name_at(line, place + 1),
                "POWER" => {
                    pump.power_kw =
                        self.model
                            .units
                            .kilowatts(self.number(section, line, place + 1, "power"));
                }
                "SPEED" => pump.speed = self.number(section, line, place + 1, "speed"),
                // Version 1 files list bare numbers; the text is kept with its section.
                word if word.parse::<f64>().is_ok() => break,
                word => {
                    let message = Message::new("epanet.unknown_keyword").with("found", word);
                    self.tell(Severity::Warning, section, line, message);
                    break;
                }
            }
        }
        self.add_link(section, line, LinkKind::Pump(pump))?;
        Some(())
    }

    fn valve(&mut self, section: &'static str, line: &Line<'_>) -> Option<()> {
        self.has(section, line, 5)?;
        let keyword = line.tokens[4];
        let Some(kind) = ValveKind::from_keyword(keyword) else {
            let message = Message::new("epanet.unknown_valve_type").with("found", keyword);
            self.tell(Severity::Error, section, line, message);
            return None;
        };
        let units = self.model.units;
        let diameter_mm = units.millimetres(self.number(section, line, 3, "diameter"));
        let (mut setting, mut curve) = (f64::NAN, String::new());
        match kind {
            ValveKind::General => curve = name_at(line, 5),
            ValveKind::PressureReducing | ValveKind::PressureSustaining | ValveKind::PressureBreaker => {
                setting = units.pressure_metres(self.number(section, line, 5, "setting"));
            }
            ValveKind::FlowControl => setting = units.lps(self.number(section, line, 5, "setting")),
            ValveKind::Throttle | ValveKind::Positional => setting = self.number(section, line, 5, "setting"),
        }
        if kind == ValveKind::Positional {
            curve = name_at(line, 7);
        }
        let loss_coefficient = self.number(section, line, 6, "minor_loss");
        let link = self.add_link(section, line, LinkKind::Valve(Valve { kind, setting, curve }))?;
        (link.diameter_mm, link.loss_coefficient) = (diameter_mm, loss_coefficient);
        Some(())
    }

    /// `ID status`, or `first last status` for a range of numeric ids.
    fn status(&mut self, section: &'static str, line: &Line<'_>) {
        if self.has(section, line, 2).is_none() {
            return;
        }
        let word = line
            .tokens
            .last()
            .copied()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let setting = word.parse::<f64>().ok().filter(|n| n.is_finite());
        if setting.is_none() && !matches!(word.as_str(), "OPEN" | "CLOSED" | "ACTIVE") {
            let message = Message::new("epanet.unknown_status").with("found", &word);
            self.tell(Severity::Warning, section, line, message);
            return;
        }
        let selected = if line.tokens.len() == 2 {
            self.link_of.get(line.tokens[0]).copied().into_iter().collect()
        } else {
            self.links_between(line.tokens[0], line.tokens[1])
        };
        if selected.is_empty() {
            let message = Message::new("epanet.unknown_link").with("found", line.tokens[0]);
            self.tell(Severity::Warning, section, line, message);
        }
        for index in selected {
            let link = &mut self.model.links[index];
            link.is_closed = match (&link.kind, setting) {
                (LinkKind::Pump(_), Some(speed)) => speed == 0.0,
                // A setting makes a valve regulate; a check valve's state is its own affair.
                (LinkKind::Valve(_), Some(_)) | (LinkKind::CheckPipe, _) => false,
                (_, Some(_)) => link.is_closed,
                (_, None) => word == "CLOSED",
            };
        }
    }

    fn links_between(&self, first: &str, last: &str) -> Vec<usize> {
        let links = self.model.links.iter().enumerate();
        match (first.parse::<i64>(), last.parse::<i64>()) {
            (Ok(first), Ok(last)) => links
                .filter(|(_, l)| l.id.parse::<i64>().is_ok_and(|id| (first..=last).contains(&id)))
                .map(|(i, _)| i)
                .collect(),
            _ => links
                .filter(|(_, l)| (first..=last).contains(&l.id.as_str()))
                .map(|(i, _)| i)
                .collect(),
        }
    }

    fn known_node(&mut self, section: &'static str, line: &Line<'_>) -> Option<usize> {
        let id = line.tokens.first().copied().unwrap_or_default();
        let found = self.node_of.get(id).copied();
        if found.is_none() {
            let message = Message::new("epanet.entry_of_unknown_node").with("found", id);
            self.tell(Severity::Warning, section, line, message);
        }
        found
    }

    fn demand(&mut self, section: &'static str, line: &Line<'_>) {
        if self.has(section, line, 2).is_none() {
            return;
        }
        if line.tokens[0].eq_ignore_ascii_case("MULTIPLY") {
            return;
        }
        let Some(node) = self.known_node(section, line) else {
            return;
        };
        let base = self.number(section, line, 1, "demand");
        if base.is_nan() {
            return;
        }
        let demand = Demand {
            base_lps: self.model.units.lps(base),
            pattern: name_at(line, 2),
        };
        let is_first = self.listed_demands.insert(node);
        let demands = &mut self.model.nodes[node].demands;
        if is_first {
            demands.clear();
        }
        demands.push(demand);
    }

    fn point(&mut self, section: &'static str, line: &Line<'_>) -> Option<[f64; 2]> {
        self.has(section, line, 3)?;
        let point = [
            self.number(section, line, 1, "x"),
            self.number(section, line, 2, "y"),
        ];
        point.iter().all(|v| v.is_finite()).then_some(point)
    }

    fn coordinate(&mut self, section: &'static str, line: &Line<'_>) {
        let Some(point) = self.point(section, line) else {
            return;
        };
        let Some(node) = self.known_node(section, line) else {
            return;
        };
        self.model.nodes[node].position = Some(point);
    }

    fn vertex(&mut self, section: &'static str, line: &Line<'_>) {
        let Some(point) = self.point(section, line) else {
            return;
        };
        if let Some(&link) = self.link_of.get(line.tokens[0]) {
            self.model.links[link].vertices.push(point);
        } else {
            let message = Message::new("epanet.unknown_link").with("found", line.tokens[0]);
            self.tell(Severity::Warning, section, line, message);
        }
    }

    fn tag(&mut self, section: &'static str, line: &Line<'_>) {
        if self.has(section, line, 3).is_none() {
            return;
        }
        let (id, tag) = (line.tokens[1], line.tokens[2..].join(" "));
        match line.tokens[0].to_ascii_uppercase().as_str() {
            "NODE" if self.node_of.contains_key(id) => self.model.nodes[self.node_of[id]].tag = tag,
            "LINK" if self.link_of.contains_key(id) => self.model.links[self.link_of[id]].tag = tag,
            _ => {
                let message = Message::new("epanet.tag_of_unknown").with("found", line.tokens.join(" "));
                self.tell(Severity::Warning, section, line, message);
            }
        }
    }
}

/// The name of a pattern or curve; `*` stands for none.
fn name_at(line: &Line<'_>, place: usize) -> String {
    line.tokens
        .get(place)
        .copied()
        .filter(|p| *p != "*")
        .unwrap_or_default()
        .to_owned()
}
