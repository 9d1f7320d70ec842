//! What can be filled in: features, a table, groups, a statistic; each as rows with the keys of its columns.

use super::super::attributes::in_words;
use super::super::sheet::Cell;
use super::facts::Facts;
use super::{Field, Filled, Occasion, Table, Template};
use crate::error::{Error, Result};
use crate::ids::FeatureId;
use crate::model::{ClassIndex, Value};
use crate::progress::Progress;
use crate::project::Project;
use crate::query::{Group, GroupBy, ResultSet, group};
use crate::statistics::{Amount, PivotCell, Statistic, row_name};
use crate::table::heading;
use crate::text::{Message, translate};

/// Columns of every result of features beside their fields: a running number, the class.
const OF_EACH: usize = 2;

impl Template {
    /// Features with all their fields; those of several classes with the class before them.
    ///
    /// # Errors
    /// The template cannot be filled (it names nothing, it is no workbook, the rows do not fit), the project cannot be
    /// read, or `Cancelled`.
    pub fn fill_features(
        &self,
        project: &Project,
        set: &ResultSet,
        occasion: &Occasion,
        progress: &dyn Progress,
    ) -> Result<Filled> {
        let (schema, lang) = (project.schema(), occasion.lang);
        let classes = set.classes();
        let mut fields = of_each(occasion, classes.len() > 1);
        for class in &classes {
            for (_, field) in schema.class(*class).offered() {
                if fields.iter().all(|known| known.key != field.key) {
                    fields.push(Field::new(&field.key, heading(field, lang)));
                }
            }
        }
        let keys: Vec<String> = fields
            .iter()
            .skip(OF_EACH)
            .map(|field| field.key.clone())
            .collect();
        self.fill_records(project, set, (fields, &keys), occasion, progress)
    }

    /// Some fields of some features of a class, as an attribute table shows them.
    ///
    /// # Errors
    /// As for [`Template::fill_features`].
    pub fn fill_table(
        &self,
        project: &Project,
        (class, ids): (ClassIndex, &[FeatureId]),
        shown: &[String],
        occasion: &Occasion,
        progress: &dyn Progress,
    ) -> Result<Filled> {
        let own = project.schema().class(class);
        let mut fields = of_each(occasion, false);
        let mut keys = Vec::new();
        let shown_first = shown
            .iter()
            .filter_map(|key| own.field_index(key))
            .map(|at| (&own.fields[at], true));
        let hidden = own.offered().map(|(_, field)| (field, false));
        for (field, is_listed) in shown_first.chain(hidden) {
            if !keys.contains(&field.key) {
                keys.push(field.key.clone());
                fields.push(Field {
                    is_listed,
                    ..Field::new(&field.key, heading(field, occasion.lang))
                });
            }
        }
        let set = ResultSet::of(ids.iter().map(|id| (class, *id)));
        self.fill_records(project, &set, (fields, &keys), occasion, progress)
    }

    fn fill_records(
        &self,
        project: &Project,
        set: &ResultSet,
        (fields, keys): (Vec<Field>, &[String]),
        occasion: &Occasion,
        progress: &dyn Progress,
    ) -> Result<Filled> {
        let (schema, lang) = (project.schema(), occasion.lang);
        let whole = group(project, set, &GroupBy::default(), lang, progress)?;
        let length_m = whole.iter().fold(0.0, |sum, group| sum + group.length_m);
        let mut facts = facts(occasion, set.len());
        facts.values.push(("length_m", Cell::number(length_m, 1)));
        let rows = set.features().iter().enumerate().filter_map(|(i, (class, id))| {
            let feature = project.record(*class, *id).transpose()?;
            Some(feature.map(|feature| {
                let own = schema.class(*class);
                let mut row = vec![Cell::Integer(i as i64 + 1), Cell::text(own.label.text(lang))];
                row.extend(keys.iter().map(|key| match own.field_index(key) {
                    Some(at) => in_words(schema, *class, at, &feature.values[at], lang),
                    None => Cell::Empty,
                }));
                row
            }))
        });
        let table = Table {
            fields,
            count: set.len(),
            rows: Box::new(rows),
        };
        self.fill(table, facts, progress)
    }

    /// Groups: `karez_col_key1`, `karez_col_key2`, …, `karez_col_count`, `karez_col_length_m`.
    ///
    /// # Errors
    /// As for [`Template::fill_features`].
    pub fn fill_groups(
        &self,
        groups: &[Group],
        by: &[String],
        occasion: &Occasion,
        progress: &dyn Progress,
    ) -> Result<Filled> {
        let lang = occasion.lang;
        let mut fields = vec![number(occasion)];
        fields.extend(
            by.iter()
                .enumerate()
                .map(|(i, by)| Field::new(&format!("key{}", i + 1), by.clone())),
        );
        fields.push(Field::new("count", translate("query.count", lang)));
        fields.push(Field::new("length_m", translate("query.length", lang)));
        let (count, length_m) = groups.iter().fold((0, 0.0), |(count, length_m), group| {
            (count + group.count, length_m + group.length_m)
        });
        let mut facts = facts(occasion, count);
        facts.values.push(("length_m", Cell::number(length_m, 1)));
        let rows = groups.iter().enumerate().map(|(i, group)| {
            let mut row = vec![Cell::Integer(i as i64 + 1)];
            row.extend(group.keys.iter().map(|key| Cell::of(key, lang)));
            row.push(Cell::Integer(group.count as i64));
            row.push(Cell::number(group.length_m, 2));
            Ok(row)
        });
        let table = Table {
            fields,
            count: groups.len(),
            rows: Box::new(rows),
        };
        self.fill(table, facts, progress)
    }

    /// A statistic without its totals: `karez_col_name`, `karez_col_c1`, … for what stands across, `karez_col_value`,
    /// `karez_col_share` in per cent; `karez_total` for the whole.
    ///
    /// # Errors
    /// As for [`Template::fill_features`].
    pub fn fill_statistic(
        &self,
        statistic: &Statistic,
        occasion: &Occasion,
        progress: &dyn Progress,
    ) -> Result<Filled> {
        let (lang, pivot, amount) = (occasion.lang, &statistic.pivot, statistic.amount);
        let cell = |cell: PivotCell| match amount {
            Amount::Count => Cell::Integer(cell.count as i64),
            Amount::Length => Cell::number(cell.length_m, 1),
            amount => Cell::number(cell.amount(amount), 2),
        };
        let across: Vec<&Vec<Value>> = pivot.columns.iter().filter(|keys| !keys.is_empty()).collect();
        let mut fields = vec![number(occasion)];
        fields.push(Field::new(
            "name",
            statistic.by.first().cloned().unwrap_or_default(),
        ));
        let named = across.iter().enumerate();
        fields.extend(named.map(|(i, keys)| Field::new(&format!("c{}", i + 1), row_name(keys, lang))));
        fields.push(Field::new("value", statistic.amount_title(lang)));
        fields.push(Field {
            is_listed: amount.adds_up(),
            ..Field::new("share", format!("{} (%)", translate("statistics.share", lang)))
        });
        let whole = pivot.total();
        let mut facts = facts(occasion, whole.count);
        facts.values.push(("length_m", Cell::number(whole.length_m, 1)));
        facts.values.push(("total", cell(whole)));
        let rows = pivot.rows.iter().enumerate().map(|(i, keys)| {
            let total = pivot.row_total(i);
            let mut row = vec![Cell::Integer(i as i64 + 1), Cell::text(row_name(keys, lang))];
            if !across.is_empty() {
                row.extend(pivot.cells[i].iter().copied().map(cell));
            }
            row.push(cell(total));
            row.push(if amount.adds_up() {
                Cell::number(100.0 * total.amount(amount) / whole.amount(amount), 1)
            } else {
                Cell::Empty
            });
            Ok(row)
        });
        let table = Table {
            fields,
            count: pivot.rows.len(),
            rows: Box::new(rows),
        };
        self.fill(table, facts, progress)
    }

    /// The only one of several statistics: a template shows one table.
    ///
    /// # Errors
    /// `BadInput` where there are several or none.
    pub fn only_statistic(statistics: &[Statistic]) -> Result<&Statistic> {
        match statistics {
            [statistic] => Ok(statistic),
            several => {
                let message = Message::new("report.template.error.several").with("found", several.len());
                Err(Error::bad_input(message))
            }
        }
    }
}

impl Field {
    fn new(key: &str, heading: String) -> Self {
        Self {
            key: key.to_owned(),
            heading,
            is_listed: true,
        }
    }
}

fn number(occasion: &Occasion) -> Field {
    Field {
        is_listed: false,
        ..Field::new("number", translate("report.column.number", occasion.lang))
    }
}

fn of_each(occasion: &Occasion, is_class_listed: bool) -> Vec<Field> {
    let class = Field {
        is_listed: is_class_listed,
        ..Field::new("class", translate("query.class", occasion.lang))
    };
    vec![number(occasion), class]
}

fn facts(occasion: &Occasion, count: usize) -> Facts {
    let values = vec![
        ("title", Cell::text(occasion.title.as_str())),
        ("date", Cell::Date(occasion.created.date())),
        (
            "time",
            Cell::Text(occasion.created.format("%Y-%m-%d %H:%M").to_string()),
        ),
        ("project", Cell::text(occasion.project.as_str())),
        ("condition", Cell::text(occasion.condition.as_str())),
        ("count", Cell::Integer(count as i64)),
    ];
    Facts {
        values,
        notes: Vec::new(),
    }
}
