//! Where the panels stand: a tree of tiles the user may rearrange. What is in them is drawn by `panels`.

use egui_tiles::{SimplificationOptions, TileId, Tiles, Tree, UiResponse};
use strum::IntoEnumIterator as _;

use super::App;
use super::action::{Action, Event};
use super::messages::Messages;
use super::views::{SecondView, Sight};
use crate::commands::Command;
use crate::i18n::tr;
use crate::labels::Labels;
use crate::map::MapView;
use crate::map::tools::ToolBox;
use crate::panels::{PanelEnv, Panels, messages, tasks};
use crate::session::Session;
use crate::tasks::Tasks;
use crate::theme::Theme;
use crate::view::{Highlight, MapOutput};

#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pane {
    Map,
    SecondMap,
    Layers,
    Overview,
    Bookmarks,
    Identify,
    Burst,
    Path,
    Query,
    Measure,
    Labels,
    Edit,
    History,
    Operations,
    Engineering,
    Depth,
    Parts,
    Statistics,
    Table,
    Issues,
    Tasks,
    Messages,
    Print,
}

impl Pane {
    pub(super) fn of_command(command: Command) -> Option<Self> {
        Some(match command {
            Command::PanelLayers => Self::Layers,
            Command::PanelOverview => Self::Overview,
            Command::PanelBookmarks => Self::Bookmarks,
            Command::PanelMeasure => Self::Measure,
            Command::PanelIdentify => Self::Identify,
            Command::PanelBurst => Self::Burst,
            Command::PanelPath => Self::Path,
            Command::PanelLabels => Self::Labels,
            Command::PanelEdit => Self::Edit,
            Command::PanelHistory => Self::History,
            Command::PanelOperations => Self::Operations,
            Command::PanelEngineering => Self::Engineering,
            Command::PanelDepth => Self::Depth,
            Command::PanelParts => Self::Parts,
            Command::PanelQuery => Self::Query,
            Command::PanelStatistics => Self::Statistics,
            Command::PanelTable => Self::Table,
            Command::PanelIssues => Self::Issues,
            Command::PanelTasks => Self::Tasks,
            Command::PanelMessages => Self::Messages,
            _ => return None,
        })
    }

    fn title(self) -> String {
        tr(match self {
            Self::Map => "app.pane.map",
            Self::SecondMap => "app.pane.second_map",
            Self::Overview => "app.pane.overview",
            Self::Bookmarks => "app.pane.bookmarks",
            Self::Measure => "app.pane.measure",
            Self::Layers => "app.pane.layers",
            Self::Identify => "app.pane.identify",
            Self::Burst => "app.pane.burst",
            Self::Path => "app.pane.path",
            Self::Labels => "app.pane.labels",
            Self::Edit => "app.pane.edit",
            Self::History => "app.pane.history",
            Self::Operations => "app.pane.operations",
            Self::Engineering => "app.pane.engineering",
            Self::Depth => "app.pane.depth",
            Self::Parts => "app.pane.parts",
            Self::Query => "app.pane.query",
            Self::Statistics => "app.pane.statistics",
            Self::Table => "app.pane.table",
            Self::Issues => "app.pane.issues",
            Self::Tasks => "app.pane.tasks",
            Self::Messages => "app.pane.messages",
            Self::Print => "app.pane.print",
        })
    }
}

/// Part of the height that charts and tables want.
const CHART_PART: f32 = 0.48;

pub(super) struct Dock {
    tree: Tree<Pane>,
}

impl Dock {
    /// Layers on the left, tools on the right, lists below; the lists stay hidden until they are wanted.
    pub(super) fn new() -> Self {
        let mut tiles = Tiles::default();
        let pane = |tiles: &mut Tiles<Pane>, pane| tiles.insert_pane(pane);
        let layers = pane(&mut tiles, Pane::Layers);
        let layers = tiles.insert_tab_tile(vec![layers]);
        let places = [Pane::Overview, Pane::Bookmarks]
            .map(|p| pane(&mut tiles, p))
            .to_vec();
        let places = tiles.insert_tab_tile(places);
        let left = tiles.insert_vertical_tile(vec![layers, places]);
        let first = pane(&mut tiles, Pane::Map);
        let second = pane(&mut tiles, Pane::SecondMap);
        let map = tiles.insert_horizontal_tile(vec![first, second]);
        let lists: Vec<TileId> = [
            Pane::Table,
            Pane::Issues,
            Pane::Engineering,
            Pane::Depth,
            Pane::Parts,
            Pane::Statistics,
            Pane::Tasks,
            Pane::Messages,
        ]
        .map(|p| pane(&mut tiles, p))
        .to_vec();
        let bottom = tiles.insert_tab_tile(lists.clone());
        let middle = tiles.insert_vertical_tile(vec![map, bottom]);
        let tools = [
            Pane::Identify,
            Pane::Burst,
            Pane::Path,
            Pane::Query,
            Pane::Measure,
            Pane::Labels,
        ]
        .map(|p| pane(&mut tiles, p))
        .to_vec();
        let tools = tiles.insert_tab_tile(tools);
        let for_editing = [Pane::Edit, Pane::Operations, Pane::History]
            .map(|p| pane(&mut tiles, p))
            .to_vec();
        let editing = tiles.insert_tab_tile(for_editing.clone());
        let right = tiles.insert_vertical_tile(vec![tools, editing]);
        let root = tiles.insert_horizontal_tile(vec![left, middle, right]);
        share(&mut tiles, left, &[(layers, 0.76), (places, 0.24)]);
        share(&mut tiles, middle, &[(map, 0.72), (bottom, 0.28)]);
        share(&mut tiles, root, &[(left, 0.175), (middle, 0.575), (right, 0.25)]);
        for list in lists.into_iter().chain(for_editing) {
            tiles.set_visible(list, false);
        }
        tiles.set_visible(second, false);
        Self {
            tree: Tree::new(egui::Id::unique("karez_dock"), root, tiles),
        }
    }

    pub(super) fn is_shown(&self, pane: Pane) -> bool {
        self.tree
            .tiles
            .find_pane(&pane)
            .is_some_and(|id| self.tree.tiles.is_visible(id))
    }

    /// Shows the panel, in front of those in the same place.
    pub(super) fn show(&mut self, pane: Pane) {
        if let Some(id) = self.tree.tiles.find_pane(&pane) {
            self.tree.tiles.set_visible(id, true);
            self.tree.make_active(|tile, _| tile == id);
        }
    }

    /// Shows the panel with at least such a part of the height that it shares with what stands above it.
    pub(super) fn show_tall(&mut self, pane: Pane, part: f32) {
        self.show(pane);
        let tiles = &mut self.tree.tiles;
        let tabs = tiles.find_pane(&pane).and_then(|id| tiles.parent_of(id));
        let Some((tabs, above)) = tabs.and_then(|tabs| Some((tabs, tiles.parent_of(tabs)?))) else {
            return;
        };
        if let Some(egui_tiles::Tile::Container(egui_tiles::Container::Linear(linear))) = tiles.get_mut(above)
            && linear.dir == egui_tiles::LinearDir::Vertical
        {
            let others = linear.children.iter().filter(|child| **child != tabs);
            let rest: f32 = others.map(|child| linear.shares[*child]).sum();
            let least = rest * part / (1.0 - part);
            let now = linear.shares[tabs];
            linear.shares.set_share(tabs, now.max(least));
        }
    }

    pub(super) fn set_shown(&mut self, pane: Pane, is_shown: bool) {
        if let Some(id) = self.tree.tiles.find_pane(&pane) {
            self.tree.tiles.set_visible(id, is_shown);
        }
    }

    /// How the panels stand, to be kept.
    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(&self.tree).unwrap_or_default()
    }

    /// Puts the panels as they were kept. What cannot be read, or lacks a panel of this program, changes nothing.
    pub(super) fn arrange(&mut self, layout: serde_json::Value) {
        match serde_json::from_value::<Tree<Pane>>(layout) {
            // The page layout editor is made when it is first wanted.
            Ok(tree)
                if Pane::iter().all(|pane| pane == Pane::Print || tree.tiles.find_pane(&pane).is_some()) =>
            {
                self.tree = tree;
            }
            Ok(_) => log::info!("the layout of the panels is that of another version"),
            Err(error) => log::info!("the layout of the panels is not readable: {error}"),
        }
    }

    /// Shows the page layout editor in a tab beside the map; made when it is first wanted.
    pub(super) fn show_print(&mut self) {
        let tiles = &mut self.tree.tiles;
        if tiles.find_pane(&Pane::Print).is_none()
            && let Some(map) = tiles.find_pane(&Pane::Map)
        {
            let parent = tiles.parent_of(map);
            let print = tiles.insert_pane(Pane::Print);
            let beside = parent.and_then(|id| tiles.get_mut(id));
            if let Some(egui_tiles::Tile::Container(egui_tiles::Container::Tabs(tabs))) = beside {
                tabs.add_child(print);
            } else {
                let tabs = tiles.insert_tab_tile(vec![map, print]);
                replace_child(tiles, parent, map, tabs);
                if self.tree.root == Some(map) {
                    self.tree.root = Some(tabs);
                }
            }
        }
        self.show(Pane::Print);
    }

    pub(super) fn toggle(&mut self, pane: Pane) {
        let Some(id) = self.tree.tiles.find_pane(&pane) else {
            return;
        };
        let is_in_front = self.tree.active_tiles().contains(&id);
        if self.is_shown(pane) && is_in_front {
            self.tree.tiles.set_visible(id, false);
        } else if pane == Pane::Statistics {
            // A chart in a strip says nothing.
            self.show_tall(pane, CHART_PART);
        } else if pane == Pane::Table {
            self.show_tall(pane, TABLE_ROOM);
        } else {
            self.show(pane);
        }
    }
}

/// Share of the window's height that a table is opened with.
pub(super) const TABLE_ROOM: f32 = 0.42;

/// Puts another tile in the place of one, with the same share of room.
fn replace_child(tiles: &mut Tiles<Pane>, parent: Option<TileId>, old: TileId, new: TileId) {
    let Some(egui_tiles::Tile::Container(container)) = parent.and_then(|id| tiles.get_mut(id)) else {
        return;
    };
    match container {
        egui_tiles::Container::Linear(linear) => {
            let part = linear.shares[old];
            for child in linear.children.iter_mut().filter(|child| **child == old) {
                *child = new;
            }
            linear.shares.set_share(new, part);
        }
        egui_tiles::Container::Tabs(tabs) => {
            for child in tabs.children.iter_mut().filter(|child| **child == old) {
                *child = new;
            }
        }
        egui_tiles::Container::Grid(_) => {}
    }
}

fn share(tiles: &mut Tiles<Pane>, container: TileId, shares: &[(TileId, f32)]) {
    if let Some(egui_tiles::Tile::Container(egui_tiles::Container::Linear(linear))) = tiles.get_mut(container)
    {
        for (tile, part) in shares {
            linear.shares.set_share(*tile, *part);
        }
    }
}

/// Everything the panes draw from, borrowed apart from the tree itself.
struct Contents<'a> {
    session: &'a Session,
    theme: &'a Theme,
    tile_keys: &'a crate::map::tiles::TileKeys,
    actions: &'a mut Vec<Action>,
    panels: &'a mut Panels,
    labels: &'a Labels,
    map: Option<&'a mut MapView>,
    second: &'a mut SecondView,
    map_output: &'a mut MapOutput,
    highlight: &'a Highlight,
    tools: &'a mut ToolBox,
    tasks: &'a Tasks<Event>,
    messages: &'a Messages,
}

impl egui_tiles::Behavior<Pane> for Contents<'_> {
    fn tab_title_for_pane(&mut self, pane: &Pane) -> egui::WidgetText {
        pane.title().into()
    }

    fn pane_ui(&mut self, ui: &mut egui::Ui, _tile: TileId, pane: &mut Pane) -> UiResponse {
        if matches!(pane, Pane::Map | Pane::SecondMap) {
            self.map_ui(ui, *pane);
            return UiResponse::None;
        }
        if *pane == Pane::Overview {
            if let Some(map) = self.map.as_deref_mut() {
                self.panels.overview.ui(ui, self.theme, map);
            }
            return UiResponse::None;
        }
        ui.painter()
            .rect_filled(ui.max_rect(), 0.0, self.theme.surface.panel.0);
        egui::Frame::new()
            .inner_margin(egui::Margin::symmetric(10, 8))
            .show(ui, |ui| {
                let selected = self.panels.identify.target;
                let mut env = PanelEnv {
                    session: self.session,
                    theme: self.theme,
                    actions: self.actions,
                };
                match pane {
                    Pane::Map | Pane::SecondMap | Pane::Overview => {}
                    Pane::Bookmarks => {
                        let bookmarks = &env.session.document.bookmarks;
                        self.panels.bookmarks.ui(ui, env.theme, bookmarks, env.actions);
                    }
                    Pane::Measure => self.panels.measure.ui(ui, &mut env),
                    Pane::Layers => {
                        if let Some(map) = self.map.as_deref() {
                            self.panels.layers.look_under(&map.under);
                        }
                        self.panels.layers.ui(ui, &mut env);
                    }
                    Pane::Identify => self.panels.identify.ui(ui, &mut env),
                    Pane::Burst => self.panels.burst.ui(ui, &mut env, selected),
                    Pane::Path => self.panels.path.ui(ui, &mut env, selected),
                    Pane::Labels => {
                        let Panels { labels, layers, .. } = self.panels;
                        labels.ui(ui, &mut env, self.labels, layers.document());
                    }
                    Pane::Statistics => self.panels.statistics.ui(ui, &mut env),
                    Pane::Query => self.panels.query.ui(ui, &mut env, selected),
                    Pane::Edit => self.panels.edit.ui(ui, &mut env),
                    Pane::History => self.panels.history.ui(ui, &mut env),
                    Pane::Operations => self.panels.operations.ui(ui, &mut env),
                    Pane::Engineering => self.panels.engineering.ui(ui, &mut env),
                    Pane::Depth => self.panels.depth.ui(ui, &mut env),
                    Pane::Parts => self.panels.parts.ui(ui, &mut env, selected),
                    Pane::Table => {
                        let seen = self.map.as_deref().and_then(MapView::seen_box);
                        self.panels.table.ui(ui, &mut env, selected, seen);
                    }
                    Pane::Issues => self.panels.issues.ui(ui, &mut env),
                    Pane::Tasks => tasks::tasks_ui(ui, self.tasks, self.theme, self.actions),
                    Pane::Print => self.panels.print.ui(ui, &mut env, selected),
                    Pane::Messages => messages::messages_ui(ui, self.messages, self.theme, self.actions),
                }
                ui.take_available_space();
            });
        UiResponse::None
    }

    fn is_tab_closable(&self, tiles: &Tiles<Pane>, tile: TileId) -> bool {
        tiles.get_pane(&tile).is_some_and(|pane| {
            matches!(
                pane,
                Pane::Edit
                    | Pane::History
                    | Pane::Operations
                    | Pane::Engineering
                    | Pane::Depth
                    | Pane::Parts
                    | Pane::Statistics
                    | Pane::Table
                    | Pane::Issues
                    | Pane::Tasks
                    | Pane::Messages
                    | Pane::SecondMap
                    | Pane::Print
            )
        })
    }

    fn on_tab_close(&mut self, tiles: &mut Tiles<Pane>, tile: TileId) -> bool {
        tiles.set_visible(tile, false);
        if tiles.get_pane(&tile) == Some(&Pane::SecondMap) {
            self.actions.push(Action::Command(Command::SecondView));
        }
        false
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions {
            all_panes_must_have_tabs: false,
            prune_single_child_tabs: false,
            ..Default::default()
        }
    }

    fn tab_bar_color(&self, _visuals: &egui::Visuals) -> egui::Color32 {
        self.theme.surface.bar.0
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        30.0
    }

    fn tab_title_spacing(&self, _visuals: &egui::Visuals) -> f32 {
        12.0
    }

    fn tab_outline_stroke(
        &self,
        _visuals: &egui::Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        _state: &egui_tiles::TabState,
    ) -> egui::Stroke {
        egui::Stroke::NONE
    }

    fn tab_text_color(
        &self,
        _visuals: &egui::Visuals,
        _tiles: &Tiles<Pane>,
        _tile: TileId,
        state: &egui_tiles::TabState,
    ) -> egui::Color32 {
        if state.active {
            self.theme.text.link.0
        } else {
            self.theme.text.weak.0
        }
    }

    fn resize_stroke(&self, _style: &egui::Style, state: egui_tiles::ResizeState) -> egui::Stroke {
        match state {
            egui_tiles::ResizeState::Idle => egui::Stroke::new(1.0, self.theme.surface.border.0),
            _ => egui::Stroke::new(2.0, self.theme.accent.fill.0),
        }
    }
}

impl Contents<'_> {
    fn map_ui(&mut self, ui: &mut egui::Ui, pane: Pane) {
        let (map, output) = if pane == Pane::SecondMap {
            (self.second.map.as_mut(), &mut self.second.output)
        } else {
            (self.map.as_deref_mut(), &mut *self.map_output)
        };
        let Some(map) = map else {
            crate::panels::widgets::empty_ui(ui, self.theme, &tr("app.pane.no_graphics"));
            return;
        };
        let sight = Sight {
            session: self.session,
            theme: self.theme,
            tile_keys: self.tile_keys,
            panels: self.panels,
            labels: self.labels,
            highlight: self.highlight,
        };
        *output = sight.map_ui(ui, map, self.tools, self.actions);
    }
}

impl App {
    pub(super) fn dock_ui(&mut self, ui: &mut egui::Ui) {
        let Some(session) = &self.session else { return };
        let mut contents = Contents {
            session,
            theme: &self.theme,
            tile_keys: &self.settings.tile_keys,
            actions: &mut self.actions,
            panels: &mut self.panels,
            labels: &self.labels,
            map: self.map.as_mut(),
            second: &mut self.second,
            map_output: &mut self.map_output,
            highlight: &self.highlight,
            tools: &mut self.tools,
            tasks: &self.tasks,
            messages: &self.messages,
        };
        let tree = &mut self.dock.tree;
        let ctx = ui.ctx().clone();
        egui::CentralPanel::no_frame().show(ui, |ui| tree.ui(&mut contents, ui));
        self.second_window_ui(&ctx);
        self.link_views(&ctx);
        self.note_place();
    }
}
