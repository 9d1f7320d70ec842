//! What imports and checks found wrong or doubtful: a list to filter, each with its place; findings of the rules are
//! mended or let stand from here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use egui::{Align, Layout, RichText, Ui};
use gis_core::rules::{Acceptance, Finding, Repair, Rule};
use gis_core::{Issue, Message, Severity};

use super::findings::{repairs_ui, rule_name};
use super::{PanelEnv, text, widgets};
use crate::i18n::{lang, say, tr, tr_with};
use crate::icons::Icon;
use crate::shell::action::Action;
use crate::shell::checking::RulesAction;
use crate::shell::editing::EditAction;
use crate::shell::messages::{named, severity_colors, severity_icon};

#[derive(Debug, Default)]
pub struct IssuesPanel {
    rows: Vec<Row>,
    filter: Filter,
    /// Reasons, by the names of the findings that are let stand.
    accepted: HashMap<String, String>,
    /// Positions in `rows` that pass the filter, and what they were computed for.
    shown: Vec<u32>,
    shown_for: Option<(Filter, gis_core::Lang)>,
    /// How many findings of each rule are not let stand.
    rules: BTreeMap<Rule, usize>,
}

#[derive(Debug)]
enum Row {
    /// Of an import.
    Told(Issue),
    /// Of a check, with its name.
    Found(Box<Finding>, String),
}

impl Row {
    fn issue(&self) -> &Issue {
        match self {
            Self::Told(issue) => issue,
            Self::Found(finding, _) => &finding.issue,
        }
    }

    /// Everything about it on one line.
    fn line(&self) -> String {
        match self {
            Self::Found(finding, _) => say(&finding.issue.message),
            Self::Told(issue) => {
                let mut parts: Vec<String> = Vec::new();
                parts.extend(issue.layer.clone());
                parts.extend(issue.row.map(|row| tr_with("app.issues.row", "row", row)));
                parts.extend(issue.field.clone());
                parts.push(say(&issue.message));
                parts.join(" · ")
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Filter {
    hidden: BTreeSet<Severity>,
    shows_accepted: bool,
    rule: Option<Rule>,
    text: String,
}

impl IssuesPanel {
    /// What an import has to say, instead of what was shown before.
    pub fn set(&mut self, issues: Vec<Issue>) {
        self.put(issues.into_iter().map(Row::Told).collect());
    }

    /// What a check has found, instead of what was shown before.
    pub fn set_findings(&mut self, findings: Vec<Finding>, accepted: &[Acceptance]) {
        self.put(findings.into_iter().map(found).collect());
        self.set_acceptances(accepted);
    }

    pub fn set_acceptances(&mut self, accepted: &[Acceptance]) {
        self.accepted = accepted
            .iter()
            .map(|one| (one.finding.clone(), one.reason.clone()))
            .collect();
        self.count_rules();
    }

    /// Follows an edit: some findings are gone, others are new.
    pub fn follow(&mut self, broken: &[Finding], mended: &[String]) {
        if broken.is_empty() && mended.is_empty() {
            return;
        }
        let mut gone: HashMap<&str, usize> = HashMap::new();
        for name in mended {
            *gone.entry(name).or_default() += 1;
        }
        self.rows.retain(|row| match row {
            Row::Found(_, name) => match gone.get_mut(name.as_str()) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            },
            Row::Told(_) => true,
        });
        let mut rows = std::mem::take(&mut self.rows);
        rows.extend(broken.iter().cloned().map(found));
        self.put(rows);
    }

    fn put(&mut self, mut rows: Vec<Row>) {
        // Worst first; the sort is stable and keeps the order they were found in.
        rows.sort_by_key(|row| std::cmp::Reverse(row.issue().severity));
        self.rows = rows;
        self.count_rules();
    }

    fn count_rules(&mut self) {
        self.rules.clear();
        for row in &self.rows {
            if let Row::Found(finding, name) = row
                && !self.accepted.contains_key(name)
            {
                *self.rules.entry(finding.rule).or_default() += 1;
            }
        }
        if self
            .filter
            .rule
            .is_some_and(|rule| !self.rules.contains_key(&rule))
        {
            self.filter.rule = None;
        }
        self.shown_for = None;
    }

    fn is_accepted(&self, row: &Row) -> bool {
        matches!(row, Row::Found(_, name) if self.accepted.contains_key(name))
    }

    /// Those that nobody let stand.
    fn standing(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !self.is_accepted(row))
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.standing()
            .filter(|row| row.issue().severity == severity)
            .count()
    }

    pub fn len(&self) -> usize {
        self.standing().count()
    }

    pub fn is_empty(&self) -> bool {
        self.standing().next().is_none()
    }

    pub fn ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if self.rows.is_empty() {
            widgets::empty_ui(ui, env.theme, &tr("app.issues.none"));
            return;
        }
        self.filter_ui(ui, env);
        self.refresh();
        let theme = env.theme;
        let row_height = theme.size.row;
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show_rows(ui, row_height, self.shown.len(), |ui, range| {
                for i in range {
                    let row = &self.rows[self.shown[i] as usize];
                    ui.push_id(self.shown[i], |ui| self.row_ui(ui, env, row));
                }
            });
    }

    fn filter_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        ui.horizontal(|ui| {
            for severity in [Severity::Error, Severity::Warning, Severity::Info] {
                let (ink, _) = severity_colors(severity, env.theme);
                let name = tr(match severity {
                    Severity::Error => "app.issues.errors",
                    Severity::Warning => "app.issues.warnings",
                    Severity::Info => "app.issues.infos",
                });
                let count = text::count(self.count(severity) as u64);
                let is_hidden = self.filter.hidden.contains(&severity);
                let toggle = egui::Button::image_and_text(
                    severity_icon(severity).image(15.0, ink),
                    format!("{name} {count}"),
                )
                .selected(!is_hidden);
                if ui.add(toggle).clicked() && !self.filter.hidden.remove(&severity) {
                    self.filter.hidden.insert(severity);
                }
            }
            self.rule_ui(ui, env);
            ui.add(
                egui::TextEdit::singleline(&mut self.filter.text)
                    .hint_text(tr("app.issues.filter"))
                    .desired_width(160.0),
            );
            if !self.accepted.is_empty() {
                let label = tr_with("checking.show_accepted", "count", self.accepted.len());
                ui.checkbox(&mut self.filter.shows_accepted, label);
            }
            let shown = Message::new("app.issues.shown")
                .with("shown", text::count(self.shown.len() as u64))
                .with("all", text::count(self.rows.len() as u64));
            ui.label(RichText::new(say(&shown)).small().color(env.theme.text.weak.0));
        });
        ui.add_space(4.0);
    }

    /// Which rule is shown, and all of it mended or let stand at once.
    fn rule_ui(&mut self, ui: &mut Ui, env: &mut PanelEnv<'_>) {
        if self.rules.is_empty() {
            return;
        }
        let name = |rule: Option<Rule>| rule.map_or_else(|| tr("checking.all_rules"), rule_name);
        let label = ui.label(tr("checking.rule"));
        let list = egui::ComboBox::from_id_salt("rule")
            .width(170.0)
            .selected_text(name(self.filter.rule))
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut self.filter.rule, None, name(None));
                for (rule, count) in &self.rules {
                    let label = format!("{}  {count}", rule_name(*rule));
                    ui.selectable_value(&mut self.filter.rule, Some(*rule), label);
                }
            });
        list.response.labelled_by(label.id);
        let Some(rule) = self.filter.rule else { return };
        let of_rule = || {
            self.standing().filter_map(|row| match row {
                Row::Found(finding, _) if finding.rule == rule => Some(finding),
                _ => None,
            })
        };
        let mend = egui::Button::new(tr_with("checking.mend_all", "count", self.rules[&rule]));
        let can_mend = of_rule().any(|finding| !finding.repairs.is_empty());
        let response = ui.add_enabled(env.session.is_editing && can_mend, mend);
        if response
            .on_disabled_hover_text(tr(if can_mend {
                "checking.needs_editing"
            } else {
                "checking.no_repair"
            }))
            .clicked()
        {
            let repairs: Vec<Repair> = of_rule().filter_map(|f| f.repairs.first().cloned()).collect();
            env.push(Action::Edit(EditAction::Repair(repairs)));
        }
        let accept = egui::Button::new(tr("checking.accept_all"));
        if ui.add_enabled(!env.session.is_read_only, accept).clicked() {
            let all = of_rule().map(|finding| (**finding).clone()).collect();
            env.push(Action::Rules(RulesAction::AskReason(all)));
        }
    }

    fn refresh(&mut self) {
        let wanted = (self.filter.clone(), lang());
        if self.shown_for.as_ref() == Some(&wanted) {
            return;
        }
        let text = self.filter.text.trim().to_lowercase();
        let hidden = &self.filter.hidden;
        let is_of_rule = |row: &Row| match (self.filter.rule, row) {
            (None, _) => true,
            (Some(rule), Row::Found(finding, _)) => finding.rule == rule,
            (Some(_), Row::Told(_)) => false,
        };
        self.shown = self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !hidden.contains(&row.issue().severity) && is_of_rule(row))
            .filter(|(_, row)| self.filter.shows_accepted || !self.is_accepted(row))
            .filter(|(_, row)| text.is_empty() || row.line().to_lowercase().contains(&text))
            .map(|(i, _)| i as u32)
            .collect();
        self.shown_for = Some(wanted);
    }

    fn row_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>, row: &Row) {
        let theme = env.theme;
        let issue = row.issue();
        let (ink, _) = severity_colors(issue.severity, theme);
        ui.horizontal(|ui| {
            ui.set_height(theme.size.row);
            ui.add(severity_icon(issue.severity).image(15.0, ink));
            zoom_ui(ui, env, issue);
            let code = issue.code.clone().unwrap_or_default();
            ui.allocate_ui(egui::vec2(120.0, theme.size.row), |ui| {
                ui.set_min_width(120.0);
                ui.add(egui::Label::new(RichText::new(code).color(theme.text.strong.0)).truncate());
            });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Row::Found(finding, name) = row {
                    self.finding_ui(ui, env, finding, name);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(egui::Label::new(row.line()).truncate());
                });
            });
        });
    }

    /// What can be done about a finding, from the right end.
    fn finding_ui(&self, ui: &mut Ui, env: &mut PanelEnv<'_>, finding: &Finding, name: &str) {
        let is_writable = !env.session.is_read_only;
        if let Some(reason) = self.accepted.get(name) {
            let withdraw = egui::Button::new(tr("checking.withdraw")).small();
            if ui.add_enabled(is_writable, withdraw).clicked() {
                env.push(Action::Rules(RulesAction::Withdraw(name.to_owned())));
            }
            let reason = tr_with("checking.accepted_for", "reason", reason);
            ui.add(egui::Label::new(RichText::new(reason).color(env.theme.text.weak.0)).truncate());
            return;
        }
        let accept = egui::Button::new(tr("checking.accept")).small();
        if ui
            .add_enabled(is_writable, accept)
            .on_hover_text(tr("checking.accept_tip"))
            .clicked()
        {
            env.push(Action::Rules(RulesAction::AskReason(vec![finding.clone()])));
        }
        if let Some(repair) = repairs_ui(ui, finding, env.session.is_editing) {
            env.push(Action::Edit(EditAction::Repair(vec![repair])));
        }
    }
}

fn found(finding: Finding) -> Row {
    let name = finding.id();
    Row::Found(Box::new(finding), name)
}

/// The button that shows the place of an issue.
pub(super) fn zoom_ui(ui: &mut Ui, env: &mut PanelEnv<'_>, issue: &Issue) {
    let target = issue
        .code
        .as_deref()
        .and_then(|code| env.session.find_code(code).into_iter().next());
    let has_place = issue.place.is_some() || target.is_some();
    let zoom = egui::Button::image(Icon::ZoomSelection.image(15.0, env.theme.text.primary.0)).small();
    if named(ui.add_enabled(has_place, zoom), &tr("app.common.zoom_to")).clicked() {
        match (issue.place, target) {
            (Some(place), _) => env.push(Action::ZoomToPlace(place)),
            (None, Some(target)) => env.push(Action::ZoomToTarget(target)),
            (None, None) => {}
        }
        env.push(Action::Select(target));
    }
}
