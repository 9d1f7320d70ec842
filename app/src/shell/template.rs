//! Workbooks of the user's own, filled with what a panel shows: first the template is chosen, then the file to write.

use std::path::PathBuf;

use gis_core::report::{Filled, Occasion, Template};
use gis_core::text::translate;
use gis_core::{Message, Progress as _, Result};

use super::App;
use super::action::{Event, FilePurpose, TemplateOf};
use super::reports::write;
use crate::panels::PanelEnv;
use crate::tasks::TaskProgress;

/// Fills a template on the thread of a task.
type Fill = Box<dyn FnOnce(Template, Occasion, TaskProgress) -> Result<Filled> + Send>;

impl App {
    pub(super) fn template_chosen(&mut self, of: TemplateOf, path: PathBuf) {
        self.template = Some(path);
        self.choose_file(FilePurpose::FromTemplate(of));
    }

    pub(super) fn fill_template(&mut self, of: TemplateOf, path: PathBuf) {
        let (Some(from), Some((title, fill))) = (self.template.take(), self.filling(of)) else {
            return;
        };
        let asked = self.panels.query.query().ok().filter(|_| of != TemplateOf::Table);
        let occasion = Occasion {
            title,
            condition: asked.and_then(|query| query.condition).unwrap_or_default(),
            project: self
                .session
                .as_ref()
                .map(|session| session.name.clone())
                .unwrap_or_default(),
            created: chrono::Local::now().naive_local(),
            lang: self.lang,
        };
        let outbox = self.tasks.outbox();
        self.tasks
            .spawn(Message::new("app.task.report"), move |progress| {
                let filled = fill(Template::open(&from, &path)?, occasion, progress.clone())?;
                progress.check()?;
                let saved = write(&path, &filled.bytes)?;
                for note in filled.notes {
                    outbox.send(Event::Warned(note));
                }
                Ok(saved)
            });
    }

    /// The title of what a panel shows, and how it is filled in; nothing where it shows nothing.
    fn filling(&self, of: TemplateOf) -> Option<(String, Fill)> {
        let session = self.session.as_ref()?;
        let (service, lang) = (session.service.clone(), self.lang);
        Some(match of {
            TemplateOf::Found => {
                let set = self.panels.query.found()?.set.clone();
                let fill: Fill = Box::new(move |template, occasion, progress| {
                    service.call(move |project| template.fill_features(project, &set, &occasion, &progress))
                });
                (translate("query.features", lang), fill)
            }
            TemplateOf::Groups => {
                let table = self.panels.query.grouping().table()?.clone();
                let fill: Fill = Box::new(move |template, occasion, progress| {
                    template.fill_groups(&table.groups, &table.by, &occasion, &progress)
                });
                (translate("query.groups", lang), fill)
            }
            TemplateOf::Statistic => {
                let statistic = self.panels.statistics.shown()?.clone();
                let title = statistic.title.clone();
                let fill: Fill = Box::new(move |template, occasion, progress| {
                    template.fill_statistic(&statistic, &occasion, &progress)
                });
                (title, fill)
            }
            TemplateOf::Table => {
                let table = &self.panels.table;
                let class = table.class?;
                let env = PanelEnv {
                    session,
                    theme: &self.theme,
                    actions: &mut Vec::new(),
                };
                let (ids, fields) = (table.rows().ids.clone(), table.shown_fields(&env));
                let title = session.schema.class(class).label.text(lang).to_owned();
                let fill: Fill = Box::new(move |template, occasion, progress| {
                    service.call(move |project| {
                        template.fill_table(project, (class, &ids), &fields, &occasion, &progress)
                    })
                });
                (title, fill)
            }
        })
    }
}
