//! What imports and checks found wrong or doubtful: a list to filter, each with its place.

use std::sync::Arc;

use gis_core::{Issue, Severity};

use super::{PanelEnv, text, widgets};
use crate::i18n::{lang, say, tr};
use crate::icons::Icon;
use crate::shell::action::Action;
use crate::shell::messages::{named, severity_colors, severity_icon};

#[derive(Debug, Default)]
pub struct IssuesPanel {
    issues: Arc<Vec<Issue>>,
    filter: Filter,
    /// Positions in `issues` that pass the filter, and what they were computed for.
    shown: Vec<u32>,
    shown_for: Option<(Filter, gis_core::Lang)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Filter {
    hides_errors: bool,
    hides_warnings: bool,
    hides_infos: bool,
    text: String,
}

impl Filter {
    fn hides(&mut self, severity: Severity) -> &mut bool {
        match severity {
            Severity::Error => &mut self.hides_errors,
            Severity::Warning => &mut self.hides_warnings,
            Severity::Info => &mut self.hides_infos,
        }
    }
}

impl IssuesPanel {
    pub fn set(&mut self, mut issues: Vec<Issue>) {
        // Worst first; the sort is stable and keeps the order they were found in.
        issues.sort_by_key(|i| std::cmp::Reverse(i.severity));
        self.issues = Arc::new(issues);
        self.shown_for = None;
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.issues.iter().filter(|i| i.severity == severity).count()
    }

    pub fn len(&self) -> usize {
        self.issues.len()
    }

    pub fn is_empty(&self) -> bool {
        self.issues.is_empty()
    }

    pub fn ui(&mut self, ui: &mut egui::Ui, env: &mut PanelEnv<'_>) {
        if self.issues.is_empty() {
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
                    let issue = &self.issues[self.shown[i] as usize];
                    issue_ui(ui, env, issue);
                }
            });
    }

    fn filter_ui(&mut self, ui: &mut egui::Ui, env: &PanelEnv<'_>) {
        ui.horizontal(|ui| {
            for severity in [Severity::Error, Severity::Warning, Severity::Info] {
                let (ink, _) = severity_colors(severity, env.theme);
                let name = tr(match severity {
                    Severity::Error => "app.issues.errors",
                    Severity::Warning => "app.issues.warnings",
                    Severity::Info => "app.issues.infos",
                });
                let count = text::count(self.count(severity) as u64);
                let hides = self.filter.hides(severity);
                let toggle = egui::Button::image_and_text(
                    severity_icon(severity).image(15.0, ink),
                    format!("{name} {count}"),
                )
                .selected(!*hides);
                if ui.add(toggle).clicked() {
                    *hides = !*hides;
                }
            }
            ui.add(
                egui::TextEdit::singleline(&mut self.filter.text)
                    .hint_text(tr("app.issues.filter"))
                    .desired_width(220.0),
            );
            let shown = gis_core::Message::new("app.issues.shown")
                .with("shown", text::count(self.shown.len() as u64))
                .with("all", text::count(self.issues.len() as u64));
            ui.label(
                egui::RichText::new(say(&shown))
                    .small()
                    .color(env.theme.text.weak.0),
            );
        });
        ui.add_space(4.0);
    }

    fn refresh(&mut self) {
        let wanted = (self.filter.clone(), lang());
        if self.shown_for.as_ref() == Some(&wanted) {
            return;
        }
        let text = self.filter.text.trim().to_lowercase();
        let mut hidden = vec![Severity::Error, Severity::Warning, Severity::Info];
        hidden.retain(|severity| *self.filter.hides(*severity));
        self.shown = self
            .issues
            .iter()
            .enumerate()
            .filter(|(_, issue)| !hidden.contains(&issue.severity))
            .filter(|(_, issue)| text.is_empty() || line(issue).to_lowercase().contains(&text))
            .map(|(i, _)| i as u32)
            .collect();
        self.shown_for = Some(wanted);
    }
}

/// Everything about an issue on one line.
fn line(issue: &Issue) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(issue.layer.clone());
    parts.extend(
        issue
            .row
            .map(|row| crate::i18n::tr_with("app.issues.row", "row", row)),
    );
    parts.extend(issue.field.clone());
    parts.push(say(&issue.message));
    parts.join(" · ")
}

fn issue_ui(ui: &mut egui::Ui, env: &mut PanelEnv<'_>, issue: &Issue) {
    let theme = env.theme;
    let (ink, _) = severity_colors(issue.severity, theme);
    let target = issue
        .code
        .as_deref()
        .and_then(|code| env.session.find_code(code).into_iter().next());
    ui.horizontal(|ui| {
        ui.set_height(theme.size.row);
        ui.add(severity_icon(issue.severity).image(15.0, ink));
        let has_place = issue.place.is_some() || target.is_some();
        let zoom = egui::Button::image(Icon::ZoomSelection.image(15.0, theme.text.primary.0)).small();
        if named(ui.add_enabled(has_place, zoom), &tr("app.common.zoom_to")).clicked() {
            match (issue.place, target) {
                (Some(place), _) => env.push(Action::ZoomToPlace(place)),
                (None, Some(target)) => env.push(Action::ZoomToTarget(target)),
                (None, None) => {}
            }
            env.push(Action::Select(target));
        }
        let code = issue.code.clone().unwrap_or_default();
        ui.allocate_ui(egui::vec2(120.0, theme.size.row), |ui| {
            ui.set_min_width(120.0);
            ui.add(egui::Label::new(egui::RichText::new(code).color(theme.text.strong.0)).truncate());
        });
        ui.add(egui::Label::new(line(issue)).truncate());
    });
}
