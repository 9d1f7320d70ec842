//! 数据质量 (GB/T 36344—2018): completeness, accuracy, consistency and timeliness of every class, with a score and what is
//! wrong. It repairs nothing.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};

use crate::error::Result;
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Feature, Geometry, Value};
use crate::network::Metric;
use crate::progress::Progress;
use crate::project::Project;
use crate::schema::{FeatureClass, Field, FieldType, Schema};
use crate::text::Message;

/// What a fault touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// 完整性: required values and places are there.
    Completeness,
    /// 准确性: values are of their dictionary, within their limits, of days that can be.
    Accuracy,
    /// 一致性: numbers are given once, records agree with the drawing and with each other.
    Consistency,
    /// 时效性: surveyed within so many years.
    Timeliness,
}

impl Dimension {
    pub const ALL: [Self; 4] = [
        Self::Completeness,
        Self::Accuracy,
        Self::Consistency,
        Self::Timeliness,
    ];

    /// Key of its name.
    pub fn name_key(self) -> &'static str {
        match self {
            Self::Completeness => "statistics.quality.completeness",
            Self::Accuracy => "statistics.quality.accuracy",
            Self::Consistency => "statistics.quality.consistency",
            Self::Timeliness => "statistics.quality.timeliness",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityOptions {
    pub today: NaiveDate,
    /// What was surveyed longer ago, or nobody knows when, is out of date.
    pub years: u32,
    /// A recorded length may differ from the drawn one by this part, or by a metre.
    pub length_tolerance: f64,
}

impl QualityOptions {
    pub fn new(today: NaiveDate) -> Self {
        Self {
            today,
            years: 10,
            length_tolerance: 0.05,
        }
    }
}

/// Questions asked, and how many were answered well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Score {
    pub asked: usize,
    pub good: usize,
}

impl Score {
    /// Out of 100; `None` where nothing was asked.
    pub fn points(self) -> Option<f64> {
        (self.asked > 0).then(|| 100.0 * self.good as f64 / self.asked as f64)
    }

    fn ask(&mut self, is_good: bool) -> bool {
        self.asked += 1;
        self.good += usize::from(is_good);
        is_good
    }
}

/// One kind of fault in a class.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub class: ClassIndex,
    pub dimension: Dimension,
    /// Position of the field it is about.
    pub field: Option<usize>,
    pub what: Message,
    pub features: Vec<FeatureId>,
}

/// Scores by class, in the order of [`Dimension::ALL`]; classes without features are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quality {
    pub classes: Vec<(ClassIndex, usize, [Score; 4])>,
    /// By class and dimension, the commonest first.
    pub faults: Vec<Fault>,
}

impl Quality {
    /// Of all classes together.
    pub fn whole(&self) -> [Score; 4] {
        let mut whole = [Score::default(); 4];
        for (_, _, scores) in &self.classes {
            for (sum, score) in whole.iter_mut().zip(scores) {
                sum.asked += score.asked;
                sum.good += score.good;
            }
        }
        whole
    }
}

/// Looks at every feature of the project.
///
/// # Errors
/// `Cancelled`, or the project cannot be read.
pub fn quality(project: &Project, options: &QualityOptions, progress: &dyn Progress) -> Result<Quality> {
    let mut quality = Quality::default();
    let stage = Message::new("statistics.quality.task");
    let total = project.feature_count()?;
    let mut done = 0_u64;
    for class in project.schema().class_indices() {
        let mut judge = Judge::new(project, class, options);
        project.for_each(class, |feature| {
            done += 1;
            if done.is_multiple_of(4_096) {
                progress.check()?;
                progress.report(&stage, done, Some(total));
            }
            judge.look_at(&feature);
            Ok(())
        })?;
        judge.finish(&mut quality);
    }
    Ok(quality)
}

type FaultKey = (Dimension, Option<usize>, &'static str);

struct Judge<'a> {
    project: &'a Project,
    schema: &'a Schema,
    index: ClassIndex,
    class: &'a FeatureClass,
    options: &'a QualityOptions,
    /// Surveyed before this day is out of date.
    oldest: NaiveDate,
    survey: Option<usize>,
    length: Option<usize>,
    code: Option<usize>,
    scores: [Score; 4],
    faults: HashMap<FaultKey, Vec<FeatureId>>,
    first_of_code: HashMap<String, FeatureId>,
    count: usize,
    /// Position of the state.
    state: Option<usize>,
    is_planned: bool,
}

/// No pipe of these networks is older.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1850, 1, 1).expect("a day of the calendar");

impl<'a> Judge<'a> {
    fn new(project: &'a Project, index: ClassIndex, options: &'a QualityOptions) -> Self {
        let schema = project.schema();
        let class = schema.class(index);
        let months = Months::new(options.years.saturating_mul(12));
        Self {
            project,
            schema,
            index,
            class,
            options,
            oldest: options.today.checked_sub_months(months).unwrap_or(NaiveDate::MIN),
            survey: class.field_index("survey_date"),
            length: class.field_index("length_m"),
            code: class.field_index("code"),
            scores: [Score::default(); 4],
            faults: HashMap::new(),
            first_of_code: HashMap::new(),
            count: 0,
            state: class.field_index("state"),
            is_planned: false,
        }
    }

    fn ask(&mut self, id: FeatureId, key: FaultKey, is_good: bool) {
        if !self.scores[key.0 as usize].ask(is_good) {
            self.faults.entry(key).or_default().push(id);
        }
    }

    fn look_at(&mut self, feature: &Feature) {
        use Dimension::{Accuracy, Completeness, Consistency, Timeliness};
        self.count += 1;
        let state = self.state.and_then(|i| feature.values[i].as_text());
        self.is_planned = state == Some("planned");
        let id = feature.id;
        let has_place = feature.geometry.is_some();
        self.ask(id, (Completeness, None, "place"), has_place);
        let class = self.class;
        for (i, (field, value)) in class.fields.iter().zip(&feature.values).enumerate() {
            if field.is_retired {
                continue;
            }
            if field.required {
                self.ask(id, (Completeness, Some(i), "missing"), !is_empty(value));
            }
            if !is_empty(value)
                && let Some((what, is_good)) = self.is_right(field, value)
            {
                self.ask(id, (Accuracy, Some(i), what), is_good);
            }
        }
        if let Some(i) = self.code
            && let Some(code) = feature.values[i].as_text().filter(|code| !code.trim().is_empty())
        {
            let first = *self.first_of_code.entry(code.to_owned()).or_insert(id);
            self.ask(id, (Consistency, Some(i), "duplicate"), first == id);
        }
        if let Some(i) = self.length
            && let (Some(recorded_m), Some(drawn_m)) = (feature.values[i].as_real(), self.drawn_m(feature))
        {
            let allowed_m = (drawn_m * self.options.length_tolerance).max(1.0);
            let agrees = (recorded_m - drawn_m).abs() <= allowed_m;
            self.ask(id, (Consistency, Some(i), "length"), agrees);
        }
        if let Some(i) = self.survey {
            let is_recent = matches!(&feature.values[i], Value::Date(day) if *day >= self.oldest);
            self.ask(id, (Timeliness, Some(i), "old"), is_recent);
        }
    }

    /// Whether a value can be right, and what it is if not; `None` where nothing speaks against any value.
    fn is_right(&self, field: &Field, value: &Value) -> Option<(&'static str, bool)> {
        match (&field.field_type, value) {
            (FieldType::Code(key), value) => {
                let dictionary = self.schema.dictionary(key)?;
                let code = value.as_text()?;
                Some(("dictionary", dictionary.resolve(code).is_some()))
            }
            (FieldType::Date, Value::Date(day)) => {
                // What is planned will be finished some day.
                let is_past = *day <= self.options.today || self.is_planned;
                Some(("day", *day >= FIRST_DAY && is_past))
            }
            (FieldType::Date, _) => Some(("day", false)),
            (FieldType::Real | FieldType::Integer, value) => {
                let Some(number) = value.as_real() else {
                    return Some(("number", false));
                };
                if field.minimum.is_none() && field.maximum.is_none() {
                    return None;
                }
                let is_within = field.minimum.is_none_or(|least| number >= least)
                    && field.maximum.is_none_or(|most| number <= most);
                Some(("limits", is_within))
            }
            (FieldType::Text | FieldType::Boolean, _) => None,
        }
    }

    fn drawn_m(&self, feature: &Feature) -> Option<f64> {
        let Some(Geometry::Line(line)) = &feature.geometry else {
            return None;
        };
        let flat: Vec<[f64; 2]> = line.iter().map(|p| [p[0], p[1]]).collect();
        let length_m = Metric::of(self.project.crs(), *flat.first()?).length_m(&flat);
        length_m.is_finite().then_some(length_m)
    }

    fn finish(self, quality: &mut Quality) {
        if self.count == 0 {
            return;
        }
        quality.classes.push((self.index, self.count, self.scores));
        let mut faults: Vec<Fault> = self
            .faults
            .into_iter()
            .map(|((dimension, field, what), features)| Fault {
                class: self.index,
                dimension,
                field,
                what: said(what, field.map(|i| &self.class.fields[i]), self.options),
                features,
            })
            .collect();
        faults.sort_by_key(|f| (f.dimension, std::cmp::Reverse(f.features.len()), f.field));
        quality.faults.extend(faults);
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_text().is_some_and(|text| text.trim().is_empty())
}

fn said(what: &'static str, field: Option<&Field>, options: &QualityOptions) -> Message {
    let key = match what {
        "place" => "statistics.fault.place",
        "missing" => "statistics.fault.missing",
        "dictionary" => "statistics.fault.dictionary",
        "day" => "statistics.fault.day",
        "number" => "statistics.fault.number",
        "limits" => "statistics.fault.limits",
        "duplicate" => "statistics.fault.duplicate",
        "length" => "statistics.fault.length",
        _ => "statistics.fault.old",
    };
    let limit = |limit: Option<f64>| limit.map_or_else(|| "–".to_owned(), |limit| limit.to_string());
    let message = Message::new(key)
        .with("years", options.years)
        .with("percent", (options.length_tolerance * 100.0).round());
    match field {
        Some(field) => message
            .with_each("field", &field.label.zh, &field.label.en)
            .with("least", limit(field.minimum))
            .with("most", limit(field.maximum)),
        None => message,
    }
}
