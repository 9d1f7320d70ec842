//! The burst panel: what bursts, which valves to close, who loses water. The answer itself is
//! `gis_core::analysis::burst`; here it is shown, and every line leads to its place on the map.

use std::collections::HashMap;

use egui::RichText;
use gis_core::analysis::burst::{BurstRequest, BurstResult};
use gis_core::network::{Network, NodeFlags, NodeIndex, PieceIndex, PipeIndex};
use gis_core::schema::Schema;
use gis_core::{Feature, FeatureId, Message, Severity};

use super::widgets::{self, Clicked, Row};
use super::{PanelEnv, text};
use crate::commands::Command;
use crate::i18n::{lang, say, tr};
use crate::session::Target;
use crate::shell::action::Action;
use crate::shell::messages::{named, severity_colors};
use crate::view::{Highlight, HighlightRole};

/// Attributes of the valves and customers of a result, by id.
pub type FeatureBook = HashMap<FeatureId, Feature>;

/// One thing that bursts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BurstSpot {
    Pipe(PipeIndex),
    /// A stretch of a pipe, where it was clicked.
    Piece(PieceIndex),
    Node(NodeIndex),
}

impl BurstSpot {
    pub fn target(self, network: &Network) -> Target {
        match self {
            Self::Pipe(pipe) => Target::Pipe(pipe),
            Self::Piece(piece) => Target::Pipe(network.piece_pipe(piece)),
            Self::Node(node) => Target::Node(node),
        }
    }
}

/// The answer to the last question.
#[derive(Debug)]
pub enum Answer {
    Found(Box<BurstResult>),
    Refused(Message),
}

#[derive(Debug, Default)]
pub struct BurstPanel {
    pub spots: Vec<BurstSpot>,
    pub inaccessible: Vec<NodeIndex>,
    pub answer: Option<Answer>,
    pub elapsed_us: u64,
    /// Number of the last question asked.
    pub asked: u64,
    pub is_waiting: bool,
    pub book: FeatureBook,
}

impl BurstPanel {
    pub fn request(&self) -> BurstRequest {
        let mut request = BurstRequest {
            inaccessible: self.inaccessible.clone(),
            ..BurstRequest::default()
        };
        for spot in &self.spots {
            match *spot {
                BurstSpot::Pipe(pipe) => request.pipes.push(pipe),
                BurstSpot::Piece(piece) => request.pieces.push(piece),
                BurstSpot::Node(node) => request.nodes.push(node),
            }
        }
        request
    }

    pub fn result(&self) -> Option<&BurstResult> {
        match &self.answer {
            Some(Answer::Found(result)) => Some(result),
            _ => None,
        }
    }

    pub fn clear(&mut self) {
        // The number stays, so that an answer on its way is recognised as late.
        *self = Self {
            asked: self.asked + 1,
            ..Self::default()
        };
    }

    /// What the map shows of it.
    pub fn highlight(&self, into: &mut Highlight) {
        if let Some(result) = self.result() {
            let pieces = |list: &[PieceIndex], role| list.iter().map(move |p| (*p, role)).collect::<Vec<_>>();
            into.pieces
                .extend(pieces(&result.dry_before_pieces, HighlightRole::DryBefore));
            into.pieces
                .extend(pieces(&result.cut_off_pieces, HighlightRole::CutOff));
            into.pieces
                .extend(pieces(&result.isolated_pieces, HighlightRole::Isolated));
            let customers = result.customers.iter().filter_map(|c| {
                let role = if c.is_important {
                    HighlightRole::ImportantCustomer
                } else {
                    HighlightRole::Customer
                };
                c.node.map(|n| (n, role))
            });
            into.nodes.extend(customers);
            for (list, role) in [
                (&result.hydrants_lost, HighlightRole::Hydrant),
                (&result.valves_optional, HighlightRole::OptionalValve),
                (&result.inoperable_passed, HighlightRole::InoperableValve),
                (&result.valves_to_check, HighlightRole::CheckValve),
                (&result.valves_to_close, HighlightRole::CloseValve),
            ] {
                into.nodes.extend(list.iter().map(|n| (*n, role)));
            }
            into.nodes.extend(
                result
                    .sources_to_stop
                    .iter()
                    .map(|s| (s.source, HighlightRole::SourceToStop)),
            );
        }
        for spot in &self.spots {
            match *spot {
                BurstSpot::Pipe(pipe) => into.pipes.push((pipe, HighlightRole::Burst)),
                BurstSpot::Piece(piece) => into.pieces.push((piece, HighlightRole::Burst)),
                BurstSpot::Node(node) => into.nodes.push((node, HighlightRole::Burst)),
            }
        }
    }

    /// Features whose attributes the lists show.
    pub fn wanted(&self) -> Vec<NodeIndex> {
        /// More than anybody reads; the Excel report has them all.
        const AT_MOST: usize = 3000;
        let Some(result) = self.result() else {
            return Vec::new();
        };
        let lists = [
            &result.valves_to_close,
            &result.valves_to_check,
            &result.valves_optional,
            &result.inoperable_passed,
            &result.hydrants_lost,
        ];
        let customers = result.customers.iter().filter_map(|c| c.node);
        lists
            .into_iter()
            .flatten()
            .copied()
            .chain(customers)
            .take(AT_MOST)
            .collect()
    }

    pub fn ui(&mut self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>, selected: Option<Target>) {
        if self.spots.is_empty() {
            widgets::empty_ui(ui, env.theme, &tr("app.burst.empty"));
            return;
        }
        self.spots_ui(ui, env);
        if self.is_waiting {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(tr("app.burst.running"));
            });
        }
        match &self.answer {
            None => {}
            Some(Answer::Refused(message)) => {
                let (ink, ground) = severity_colors(Severity::Error, env.theme);
                widgets::notice_ui(ui, ink, ground, &say(message));
            }
            Some(Answer::Found(result)) => {
                buttons_ui(ui, env);
                egui::ScrollArea::vertical()
                    .auto_shrink([false, false])
                    .show(ui, |ui| {
                        summary_ui(ui, env, result, self.elapsed_us);
                        let lists = Lists {
                            result,
                            book: &self.book,
                            inaccessible: &self.inaccessible,
                            selected,
                        };
                        lists.ui(ui, env);
                    });
            }
        }
    }

    fn spots_ui(&self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        let network = env.session.network.clone();
        let ink = env.theme.highlight_color(HighlightRole::Burst);
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(tr("app.burst.spots")).color(env.theme.text.weak.0));
            for (i, spot) in self.spots.iter().enumerate() {
                let target = spot.target(&network);
                let name = RichText::new(text::title(env.session, target)).color(ink);
                if ui.add(egui::Button::new(name).small()).clicked() {
                    env.push(Action::ZoomToTarget(target));
                }
                if self.spots.len() > 1 {
                    let cross = crate::icons::Icon::Close.image(11.0, env.theme.text.weak.0);
                    if named(
                        ui.add(egui::Button::image(cross).small()),
                        &tr("app.burst.remove"),
                    )
                    .clicked()
                    {
                        env.push(Action::BurstRemove(i));
                    }
                }
            }
        });
    }
}

fn buttons_ui(ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
    ui.horizontal_wrapped(|ui| {
        if ui
            .add(widgets::primary_button(env.theme, &Command::BurstExcel.label()))
            .clicked()
        {
            env.push(Action::Command(Command::BurstExcel));
        }
        if ui.button(tr("app.burst.zoom_all")).clicked() {
            env.push(Action::Command(Command::ZoomResult));
        }
        if ui.button(tr("app.common.clear")).clicked() {
            env.push(Action::Command(Command::ClearResults));
        }
    });
}

fn summary_ui(ui: &mut egui::Ui, env: &PanelEnv<'_>, result: &BurstResult, elapsed_us: u64) {
    let theme = env.theme;
    let network = &env.session.network;
    if !result.sources_to_stop.is_empty() {
        let (ink, ground) = severity_colors(Severity::Error, theme);
        widgets::notice_ui(ui, ink, ground, &tr("app.burst.cannot_isolate"));
    } else if !result.valves_to_close.is_empty() {
        let ink = theme.status.success.0;
        let sentence = crate::i18n::tr_with("app.burst.close_these", "count", result.valves_to_close.len());
        widgets::notice_ui(ui, ink, theme.status.success_ground.0, &sentence);
    }
    for notice in &result.notices {
        let (ink, ground) = severity_colors(Severity::Warning, theme);
        widgets::notice_ui(ui, ink, ground, &say(notice));
    }
    let plain = theme.text.strong.0;
    let important = result.customers.iter().filter(|c| c.is_important).count();
    let role = |r| theme.highlight_color(r);
    let figures = [
        (
            text::count(result.customers_affected),
            tr("app.burst.customers_affected"),
            if result.customers_affected > 0 {
                role(HighlightRole::Customer)
            } else {
                plain
            },
        ),
        (
            text::count(important as u64),
            tr("app.burst.important"),
            if important > 0 {
                theme.status.error.0
            } else {
                plain
            },
        ),
        (
            text::count(result.hydrants_lost.len() as u64),
            tr("app.burst.hydrants_lost"),
            plain,
        ),
        (
            text::length(result.isolated_length_m),
            tr("app.burst.isolated_length"),
            plain,
        ),
        (
            text::length(result.cut_off_length_m),
            tr("app.burst.cut_off_length"),
            plain,
        ),
        (
            text::volume(result.volume_to_drain_m3),
            tr("app.burst.volume"),
            plain,
        ),
    ];
    widgets::figures_ui(ui, theme, &figures);
    let facts = Message::new("app.burst.facts")
        .with("sources", result.sources_known)
        .with("total", network.sources().len())
        .with("ms", format!("{:.1}", elapsed_us as f64 / 1000.0));
    ui.label(RichText::new(say(&facts)).small().color(theme.text.weak.0));
}

struct Lists<'a> {
    result: &'a BurstResult,
    book: &'a FeatureBook,
    inaccessible: &'a [NodeIndex],
    selected: Option<Target>,
}

impl Lists<'_> {
    fn ui(&self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        let r = self.result;
        let out_of_use = tr("app.burst.out_of_use");
        let usable_again = tr("app.burst.usable_again");
        self.sources_ui(ui, env);
        let close = ("close", "app.burst.valves_to_close", HighlightRole::CloseValve);
        self.nodes_ui(
            ui,
            env,
            close,
            &r.valves_to_close,
            true,
            Some((&out_of_use, true)),
        );
        let marked = ("marked", "app.burst.marked", HighlightRole::InoperableValve);
        self.nodes_ui(
            ui,
            env,
            marked,
            self.inaccessible,
            true,
            Some((&usable_again, false)),
        );
        let check = ("check", "app.burst.valves_to_check", HighlightRole::CheckValve);
        self.nodes_ui(ui, env, check, &r.valves_to_check, true, None);
        let optional = (
            "optional",
            "app.burst.valves_optional",
            HighlightRole::OptionalValve,
        );
        self.nodes_ui(
            ui,
            env,
            optional,
            &r.valves_optional,
            true,
            Some((&out_of_use, true)),
        );
        let passed = (
            "passed",
            "app.burst.inoperable_passed",
            HighlightRole::InoperableValve,
        );
        self.nodes_ui(ui, env, passed, &r.inoperable_passed, true, None);
        self.customers_ui(ui, env);
        let hydrants = ("hydrants", "app.burst.hydrants", HighlightRole::Hydrant);
        self.nodes_ui(ui, env, hydrants, &r.hydrants_lost, false, None);
        let isolated = ("isolated", "app.burst.isolated_pipes", HighlightRole::Isolated);
        self.pipes_ui(ui, env, isolated, &r.isolated_pipes);
        let cut_off = ("cut_off", "app.burst.cut_off_pipes", HighlightRole::CutOff);
        self.pipes_ui(ui, env, cut_off, &r.cut_off_pipes);
        let dry = ("dry", "app.burst.dry_before", HighlightRole::DryBefore);
        self.pipes_ui(ui, env, dry, &r.dry_before_pipes);
    }

    fn nodes_ui(
        &self,
        ui: &mut egui::Ui,
        env: &mut PanelEnv<'_>,
        (id, title, role): (&str, &str, HighlightRole),
        nodes: &[NodeIndex],
        is_open: bool,
        button: Option<(&str, bool)>,
    ) {
        let theme = env.theme;
        widgets::section_ui(ui, theme, id, &tr(title), nodes.len(), is_open, |ui| {
            let session = env.session;
            let clicked = widgets::list_ui(ui, theme, id, nodes.len(), button.map(|(b, _)| b), |i| Row {
                color: Some(theme.highlight_color(role)),
                code: session.network.node_code(nodes[i]).to_owned(),
                detail: node_detail(&session.network, &session.schema, self.book, nodes[i]),
                figure: text::diameter(session.network.node_diameter_mm(nodes[i])),
                is_selected: self.selected == Some(Target::Node(nodes[i])),
            });
            match (clicked, button) {
                (Some((i, Clicked::Row)), _) => go_to(env, Target::Node(nodes[i])),
                (Some((i, Clicked::Button)), Some((_, is_marked))) => {
                    env.push(Action::SetInaccessible(nodes[i], is_marked));
                }
                _ => {}
            }
        });
    }

    fn pipes_ui(
        &self,
        ui: &mut egui::Ui,
        env: &mut PanelEnv<'_>,
        (id, title, role): (&str, &str, HighlightRole),
        pipes: &[PipeIndex],
    ) {
        let theme = env.theme;
        widgets::section_ui(ui, theme, id, &tr(title), pipes.len(), false, |ui| {
            let network = &env.session.network;
            let clicked = widgets::list_ui(ui, theme, id, pipes.len(), None, |i| Row {
                color: Some(theme.highlight_color(role)),
                code: network.pipe_code(pipes[i]).to_owned(),
                detail: text::diameter(network.pipe_diameter_mm(pipes[i])),
                figure: text::length(network.pipe_length_m(pipes[i])),
                is_selected: self.selected == Some(Target::Pipe(pipes[i])),
            });
            if let Some((i, _)) = clicked {
                go_to(env, Target::Pipe(pipes[i]));
            }
        });
    }

    fn sources_ui(&self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        let theme = env.theme;
        let sources = &self.result.sources_to_stop;
        widgets::section_ui(
            ui,
            theme,
            "sources",
            &tr("app.burst.sources_to_stop"),
            sources.len(),
            true,
            |ui| {
                let network = &env.session.network;
                let clicked = widgets::list_ui(ui, theme, "sources", sources.len(), None, |i| {
                    let through: Vec<&str> =
                        sources[i].through.iter().map(|n| network.node_code(*n)).collect();
                    Row {
                        color: Some(theme.highlight_color(HighlightRole::SourceToStop)),
                        code: text::title(env.session, Target::Node(sources[i].source)),
                        detail: if through.is_empty() {
                            String::new()
                        } else {
                            crate::i18n::tr_with("app.burst.through", "codes", through.join(", "))
                        },
                        figure: String::new(),
                        is_selected: self.selected == Some(Target::Node(sources[i].source)),
                    }
                });
                if let Some((i, _)) = clicked {
                    go_to(env, Target::Node(sources[i].source));
                }
            },
        );
    }

    fn customers_ui(&self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        let theme = env.theme;
        let customers = &self.result.customers;
        widgets::section_ui(
            ui,
            theme,
            "customers",
            &tr("app.burst.customers"),
            customers.len(),
            true,
            |ui| {
                let session = env.session;
                let network = &session.network;
                let clicked = widgets::list_ui(ui, theme, "customers", customers.len(), None, |i| {
                    let customer = &customers[i];
                    let role = if customer.is_important {
                        HighlightRole::ImportantCustomer
                    } else {
                        HighlightRole::Customer
                    };
                    let (code, detail, target) = match (customer.node, customer.pipe) {
                        (Some(node), _) => (
                            network.node_code(node).to_owned(),
                            node_detail(network, &session.schema, self.book, node),
                            Some(Target::Node(node)),
                        ),
                        (None, Some(pipe)) => (
                            network.pipe_code(pipe).to_owned(),
                            tr("app.burst.counted_on_pipe"),
                            Some(Target::Pipe(pipe)),
                        ),
                        (None, None) => (String::new(), String::new(), None),
                    };
                    let star = if customer.is_important {
                        tr("app.burst.important_mark")
                    } else {
                        String::new()
                    };
                    Row {
                        color: Some(theme.highlight_color(role)),
                        code: format!("{star}{code}"),
                        detail,
                        figure: crate::i18n::tr_with("app.burst.households", "count", customer.customers),
                        is_selected: target.is_some() && self.selected == target,
                    }
                });
                if let Some((i, _)) = clicked {
                    match (customers[i].node, customers[i].pipe) {
                        (Some(node), _) => go_to(env, Target::Node(node)),
                        (None, Some(pipe)) => go_to(env, Target::Pipe(pipe)),
                        (None, None) => {}
                    }
                }
            },
        );
    }
}

fn go_to(env: &mut PanelEnv<'_>, target: Target) {
    env.push(Action::Select(Some(target)));
    env.push(Action::ZoomToTarget(target));
}

/// Name, kind, address, turns: what a crew looks for, as far as the record is there.
fn node_detail(network: &Network, schema: &Schema, book: &FeatureBook, node: NodeIndex) -> String {
    let Some(feature) = book.get(&network.node_id(node)) else {
        return schema
            .class(network.node_class(node))
            .label
            .text(lang())
            .to_owned();
    };
    let field = |key: &str| text::field(schema, feature, key);
    let kind = match field("kind") {
        kind if kind.is_empty() => schema.class(feature.class).label.text(lang()).to_owned(),
        kind => kind,
    };
    let turns = match field("turns") {
        turns if turns.is_empty() => turns,
        turns => crate::i18n::tr_with("app.burst.turns", "turns", turns),
    };
    let is_customer = network.node_flags(node).has(NodeFlags::CUSTOMER);
    let first = if is_customer { field("name") } else { kind };
    [first, field("address"), turns]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}
