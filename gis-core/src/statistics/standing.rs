//! The reports that a water company keeps: what lies in the ground by size, material, age and zone, and what stands on it.

use chrono::{Datelike as _, NaiveDate};

use super::{Pivot, Statistic};
use crate::chart::ChartKind;
use crate::error::Result;
use crate::model::Value;
use crate::progress::Progress;
use crate::project::Project;
use crate::query::{GroupBy, Query, class_named, group};
use crate::text::{Lang, Message, translate};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StandingReport {
    /// 管径 × 材质.
    PipesBySize,
    /// 管龄 × 材质.
    PipesByAge,
    /// 计量分区 × 管径.
    PipesByZone,
    /// Pipes by the year they were laid.
    PipesByYear,
    /// 阀门: kind × whether they can be worked.
    Valves,
    /// 消火栓: kind × whether they can be worked.
    Hydrants,
}

/// Years of an age class.
const AGE_CLASS: i32 = 10;

impl StandingReport {
    pub const ALL: [Self; 6] = [
        Self::PipesBySize,
        Self::PipesByAge,
        Self::PipesByZone,
        Self::PipesByYear,
        Self::Valves,
        Self::Hydrants,
    ];

    /// As it is written in commands and keys of texts.
    pub fn key(self) -> &'static str {
        match self {
            Self::PipesBySize => "pipes_by_size",
            Self::PipesByAge => "pipes_by_age",
            Self::PipesByZone => "pipes_by_zone",
            Self::PipesByYear => "pipes_by_year",
            Self::Valves => "valves",
            Self::Hydrants => "hydrants",
        }
    }

    pub fn title(self, lang: Lang) -> String {
        translate(&format!("statistics.report.{}", self.key()), lang)
    }

    /// Class, what names rows, what names columns.
    fn form(self, today: NaiveDate) -> (&'static str, String, Option<&'static str>) {
        let age = format!("{} - year(install_date)", today.year());
        match self {
            Self::PipesBySize => ("pipe", "diameter_mm".to_owned(), Some("material")),
            Self::PipesByAge => {
                let lower = format!("floor(({age}) / {AGE_CLASS}.0) * {AGE_CLASS}");
                ("pipe", lower, Some("material"))
            }
            Self::PipesByZone => ("pipe", "dma".to_owned(), Some("diameter_mm")),
            Self::PipesByYear => ("pipe", "year(install_date)".to_owned(), None),
            Self::Valves => ("valve", "kind".to_owned(), Some("is_operable")),
            Self::Hydrants => ("hydrant", "kind".to_owned(), Some("is_operable")),
        }
    }

    /// What is in service; planned and abandoned features do not count.
    ///
    /// # Errors
    /// `BadInput` where the project lacks the class or a field of it, `Cancelled`.
    pub fn make(
        self,
        project: &Project,
        today: NaiveDate,
        lang: Lang,
        progress: &dyn Progress,
    ) -> Result<Statistic> {
        let (class, row, column) = self.form(today);
        let query = Query {
            classes: vec![class_named(project, class)?],
            condition: Some("coalesce(state, 'operative') = 'operative'".to_owned()),
            ..Query::default()
        };
        let mut by = vec![row];
        by.extend(column.map(str::to_owned));
        let by = GroupBy::of(&by);
        let found = query.run(project, progress)?;
        let groups = group(project, &found, &by, lang, progress)?;
        let mut pivot = Pivot::of(&groups, 1);
        match self {
            Self::PipesByAge => pivot.fill(f64::from(AGE_CLASS)),
            Self::PipesByYear => pivot.fill(1.0),
            _ => {}
        }
        let row_keys = pivot.rows.clone();
        if self == Self::PipesByAge {
            for keys in &mut pivot.rows {
                *keys = vec![age_class(&keys[0], lang)];
            }
        }
        Ok(Statistic {
            title: self.title(lang),
            by: self.names(lang),
            kind: match self {
                Self::PipesByYear => ChartKind::Line,
                _ => ChartKind::Stacked,
            },
            ..Statistic::of_pivot(query, by, pivot, row_keys)
        })
    }

    /// What rows and columns are, in words.
    fn names(self, lang: Lang) -> Vec<String> {
        let words: &[&str] = match self {
            Self::PipesBySize => &["size", "material"],
            Self::PipesByAge => &["age", "material"],
            Self::PipesByZone => &["zone", "size"],
            Self::PipesByYear => &["year"],
            Self::Valves | Self::Hydrants => &["kind", "operable"],
        };
        let word = |word: &&str| translate(&format!("statistics.by.{word}"), lang);
        words.iter().map(word).collect()
    }
}

/// The class that begins at an age, in words; groups are in the order of the ages.
fn age_class(lower: &Value, lang: Lang) -> Value {
    let Some(from) = lower.as_real().filter(|years| years.is_finite()) else {
        return Value::Null;
    };
    let from = from as i32;
    let said = Message::new("statistics.age_class")
        .with("from", from)
        .with("to", from + AGE_CLASS - 1);
    Value::Text(said.text(lang))
}
