//! 属性表: the features of one class as rows, chosen, ordered, counted and edited. It shows pages of values as the project's
//! thread brings them and changes nothing itself; what it asks for goes to `shell::table`.

mod bar;
mod change;
mod columns;
mod edit;
mod footer;
mod grid;
mod headings;
mod keys;
mod records;
mod select;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::Ui;
use gis_core::network::Network;
use gis_core::project::Effects;
use gis_core::schema::Schema;
use gis_core::table::{Among, Rows, SortKey, Totals, Wanted};
use gis_core::{ClassIndex, FeatureId, Message};

pub use change::{ChangePlan, Planned};
pub use columns::Layout;
pub use records::Record;
pub use select::Selection;

use super::{PanelEnv, widgets};
use crate::i18n::{say, tr};
use crate::session::Target;
use crate::shell::action::Action;
use crate::shell::table::TableAction;
use crate::view::{Highlight, HighlightRole};

/// Which features are rows, before any filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, strum::EnumIter)]
pub enum Shown {
    #[default]
    All,
    Selected,
    InView,
    /// What queries found.
    Found,
}

#[derive(Debug)]
pub struct TablePanel {
    pub class: Option<ClassIndex>,
    shown: Shown,
    /// What was chosen when only that was to be shown.
    these: Arc<Vec<FeatureId>>,
    /// What queries found of the class when the table was asked to show it.
    found: Arc<Vec<FeatureId>>,
    view_box: Option<[f64; 4]>,
    /// By the keys of classes.
    pub layouts: BTreeMap<String, Layout>,
    sort: Vec<SortKey>,
    filters: BTreeMap<String, String>,
    condition: String,
    has_selected_first: bool,
    totals_of: Option<String>,
    rows: Arc<Rows>,
    /// What is wanted differs from `rows`.
    is_stale: bool,
    /// Rises with each question.
    asked: u64,
    pub is_waiting: bool,
    error: Option<Message>,
    records: records::Records,
    pub selection: Selection,
    selected_totals: Option<Totals>,
    scroll_to: Option<u64>,
    editing: Option<edit::CellEdit>,
    change: Option<change::ChangeForm>,
}

impl Default for TablePanel {
    fn default() -> Self {
        Self {
            class: None,
            shown: Shown::All,
            these: Arc::default(),
            found: Arc::default(),
            view_box: None,
            layouts: BTreeMap::new(),
            sort: Vec::new(),
            filters: BTreeMap::new(),
            condition: String::new(),
            has_selected_first: false,
            totals_of: None,
            rows: Arc::default(),
            is_stale: true,
            asked: 0,
            is_waiting: false,
            error: None,
            records: records::Records::default(),
            selection: Selection::default(),
            selected_totals: None,
            scroll_to: None,
            editing: None,
            change: None,
        }
    }
}

impl TablePanel {
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    pub fn record(&self, id: FeatureId) -> Option<&Record> {
        self.records.get(id)
    }

    /// What cannot be read of the filters.
    pub fn error(&self) -> Option<&Message> {
        self.error.as_ref()
    }

    /// Shows another class, all of it.
    pub fn open(&mut self, class: ClassIndex) {
        if self.class == Some(class) {
            return;
        }
        let (layouts, asked) = (std::mem::take(&mut self.layouts), self.asked);
        *self = Self {
            class: Some(class),
            layouts,
            asked: asked + 1,
            ..Self::default()
        };
    }

    /// Shows what queries found of a class.
    pub fn open_found(&mut self, class: ClassIndex, found: Vec<FeatureId>) {
        self.open(class);
        self.found = Arc::new(found);
        self.show(Shown::Found);
    }

    pub fn show(&mut self, shown: Shown) {
        self.shown = shown;
        self.these = Arc::new(self.selection.ids().collect());
        self.is_stale = true;
    }

    /// Instead of what was typed above a column.
    pub fn set_filter(&mut self, field: &str, text: &str) {
        self.filters.insert(field.to_owned(), text.to_owned());
        self.is_stale = true;
    }

    /// In the language of expressions, beside the filters of columns.
    pub fn set_condition(&mut self, text: &str) {
        text.clone_into(&mut self.condition);
        self.is_stale = true;
    }

    /// A click on a heading: up, down, not at all; `is_added` keeps what it is ordered by already.
    pub fn sort_by(&mut self, field: &str, is_added: bool) {
        let at = self.sort.iter().position(|key| key.field == field);
        let is_alone = is_added || (self.sort.len() == 1 && at.is_some());
        if !is_alone {
            self.sort.clear();
        }
        match at.filter(|_| is_alone) {
            Some(at) if self.sort[at].is_descending => drop(self.sort.remove(at)),
            Some(at) => self.sort[at].is_descending = true,
            None => self.sort.push(SortKey {
                field: field.to_owned(),
                is_descending: false,
            }),
        }
        self.is_stale = true;
    }

    pub fn sum_up(&mut self, field: Option<String>) {
        self.totals_of = field;
        self.selected_totals = None;
        self.is_stale = true;
    }

    /// The rows for a question; an answer to an older one is dropped.
    pub fn set_rows(&mut self, number: u64, rows: Result<Option<Rows>, Message>) {
        if number != self.asked {
            return;
        }
        self.is_waiting = false;
        match rows {
            Ok(Some(rows)) => {
                let is_first = self.rows.ids.is_empty();
                self.rows = Arc::new(rows);
                self.error = None;
                let primary = self.selection.primary().filter(|_| is_first);
                self.scroll_to = self.scroll_to.or_else(|| self.row_of(primary?));
            }
            // Broken off by the user; what is there stays.
            Ok(None) => {}
            Err(message) => self.error = Some(message),
        }
    }

    /// Whether values of rows are on their way.
    pub fn is_reading(&self) -> bool {
        self.records.is_reading()
    }

    /// They could not be read.
    pub fn forget_asked(&mut self) {
        self.records.forget_asked();
    }

    pub fn set_records(&mut self, records: Vec<(FeatureId, Record)>) {
        self.records.set(records);
    }

    pub fn set_selected_totals(&mut self, number: u64, totals: Totals) {
        if number == self.selection.revision() {
            self.selected_totals = Some(totals);
        }
    }

    /// Takes over at once what an edit has made of the features that are shown.
    pub fn edited(&mut self, effects: &Effects) {
        for changed in &effects.changed {
            let (before, after) = (changed.before.as_ref(), changed.after.as_ref());
            let Some(feature) = after.or(before) else { continue };
            self.records.put(feature.id, after.cloned());
        }
        self.records.forget_asked();
        self.is_stale = true;
    }

    /// Fields or dictionaries are other ones: everything is read anew.
    pub fn reshaped(&mut self) {
        self.records = records::Records::default();
        self.is_stale = true;
    }

    /// The map, a list or an edit has chosen something.
    pub fn follow(&mut self, chosen: Option<FeatureId>) {
        if self.selection.follow(chosen) {
            self.scroll_to = chosen.and_then(|id| self.row_of(id));
            self.is_stale |= self.has_selected_first;
        }
    }

    fn row_of(&self, id: FeatureId) -> Option<u64> {
        self.rows.position(id).map(|row| row as u64)
    }

    pub fn highlight(&self, network: &Network, into: &mut Highlight) {
        // A single one is highlighted by who shows its attributes.
        if self.selection.len() < 2 {
            return;
        }
        for target in self.selection.ids().filter_map(|id| Target::of_id(network, id)) {
            match target {
                Target::Pipe(pipe) => into.pipes.push((pipe, HighlightRole::Selected)),
                Target::Node(node) => into.nodes.push((node, HighlightRole::Selected)),
            }
        }
    }

    pub fn ui(
        &mut self,
        ui: &mut Ui,
        env: &mut PanelEnv<'_>,
        selected: Option<Target>,
        view_box: Option<[f64; 4]>,
    ) {
        let Some(class) = self.class.or_else(|| first_class(env, selected)) else {
            widgets::empty_ui(ui, env.theme, &tr("table.panel.no_class"));
            return;
        };
        if self.class.is_none() {
            self.open(class);
            self.selection
                .follow(selected.map(|target| target.id(&env.session.network)));
        }
        if self.shown == Shown::InView && view_box != self.view_box {
            self.is_stale = true;
        }
        self.view_box = view_box;
        let schema = Arc::clone(&env.session.schema);
        self.layouts
            .entry(schema.class(class).key.clone())
            .or_insert_with(|| Layout::of_class(schema.class(class)));
        self.bar_ui(ui, env, class);
        if let Some(error) = &self.error {
            let theme = env.theme;
            let (ink, _) = crate::shell::messages::severity_colors(gis_core::Severity::Error, theme);
            ui.colored_label(ink, say(error));
        }
        self.footer_ui(ui, env, class);
        self.grid_ui(ui, env, class);
        self.change_ui(ui, env, class);
        self.ask(env, &schema, class);
    }

    /// Asks for rows where they are not what is wanted.
    fn ask(&mut self, env: &mut PanelEnv<'_>, schema: &Schema, class: ClassIndex) {
        if !self.is_stale || self.is_waiting {
            return;
        }
        (self.is_stale, self.is_waiting) = (false, true);
        self.asked += 1;
        let among = match (self.shown, self.view_box) {
            (Shown::Selected, _) => Among::These(Arc::clone(&self.these)),
            (Shown::Found, _) => Among::These(Arc::clone(&self.found)),
            (Shown::InView, Some(view_box)) => Among::Within(view_box),
            _ => Among::All,
        };
        let own = schema.class(class);
        self.filters
            .retain(|field, text| own.field_index(field).is_some() && !text.trim().is_empty());
        let first = self.has_selected_first.then(|| self.selection.ids().collect());
        let wanted = Wanted {
            among,
            filters: self.filters.clone(),
            condition: self.condition.clone(),
            sort: self.sort.clone(),
            first: first.unwrap_or_default(),
            totals_of: self.totals_of.clone(),
            ..Wanted::of_class(class)
        };
        env.push(Action::Table(TableAction::Read(self.asked, Box::new(wanted))));
    }
}

/// Of what is chosen, else the pipes, else the first that has features.
fn first_class(env: &PanelEnv<'_>, selected: Option<Target>) -> Option<ClassIndex> {
    let session = env.session;
    let chosen = selected.map(|target| target.class(&session.network));
    let pipes = session.schema.class_index("pipe");
    chosen
        .or_else(|| pipes.filter(|class| session.class_count(*class) > 0))
        .or_else(|| {
            session
                .schema
                .class_indices()
                .find(|class| session.class_count(*class) > 0)
        })
}
