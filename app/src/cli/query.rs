//! `karez query`: features by class, condition, place and number; listed, counted in groups, or written to a file (9.2.3.4).

use std::path::{Path, PathBuf};

use gis_core::model::Value;
use gis_core::project::Project;
use gis_core::query::{
    Area, Group, GroupBy, Query, ResultSet, class_named, codes_of, expressions_of, group, of_completion,
    of_diameter, of_material, on_sheet,
};
use gis_core::report::{Template, features_csv, features_workbook, groups_csv, groups_workbook};
use gis_core::text::translate;
use gis_core::{ClassIndex, Error, Feature, Message, Result};
use serde_json::{Map, Value as Json, json};

use super::analyse::save;
use super::console::Console;
use super::source::{self, SourceArgs};
use super::{Common, Outcome, saved_query, template};

#[derive(Debug, clap::Args)]
pub(crate) struct QueryArgs {
    /// Project, or any source that can be imported
    pub(super) project: PathBuf,

    /// Class of the features, by any of its names; may come several times, all classes unless given
    #[arg(long = "class", value_name = "NAME")]
    pub(super) classes: Vec<String>,

    /// Condition, e.g. "diameter_mm >= 300 and material = 'PE'" (docs/expressions.md)
    #[arg(long = "where", value_name = "EXPRESSION")]
    condition: Option<String>,

    /// Object number or a list of them; one that ends in * stands for all that begin so; may come several times
    #[arg(long, value_name = "CODE")]
    pub(super) code: Vec<String>,

    /// Map sheet by its number; @1:500 behind it tells the scale where several have it
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["in_box", "near", "within"])]
    pub(super) sheet: Option<String>,

    /// Address or a part of it; spaces and full-width forms do not matter
    #[arg(long, value_name = "TEXT")]
    pub(super) address: Option<String>,

    /// Material, by code or label
    #[arg(long, value_name = "NAME")]
    material: Option<String>,

    /// Diameter in millimetres, or from one to another: 300, 100..300
    #[arg(long, value_name = "MM", allow_hyphen_values = true)]
    diameter: Option<String>,

    /// Completed on a day, in a year, or from one to another: 2004-05-31, 1998..2004
    #[arg(long, value_name = "FROM..TO")]
    completed: Option<String>,

    /// A query that is kept with the project
    #[arg(long, value_name = "NAME")]
    pub(super) saved: Option<String>,

    /// Value for what the kept query leaves open; may come several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = saved_query::parse_value, requires = "saved")]
    param: Vec<(String, String)>,

    /// Keep this query with the project instead of asking it; :name in the condition leaves a value open
    #[arg(long, value_name = "NAME")]
    save: Option<String>,

    /// List the queries that are kept with the project
    #[arg(long)]
    list_saved: bool,

    /// What lies in this box, or reaches into it
    #[arg(long = "box", value_name = "MIN_X,MIN_Y,MAX_X,MAX_Y", value_parser = super::render::parse_extent,
          allow_hyphen_values = true, conflicts_with_all = ["near", "within"])]
    in_box: Option<[f64; 4]>,

    /// What is no farther from a place than so many metres
    #[arg(long, value_name = "X,Y,METRES", value_parser = parse_circle, allow_hyphen_values = true,
          conflicts_with = "within")]
    near: Option<[f64; 3]>,

    /// What lies in this shape, or reaches into it: a point, line or polygon as WKT
    #[arg(long, value_name = "WKT")]
    within: Option<String>,

    /// How far from the shape it may be, in metres
    #[arg(long, value_name = "METRES", default_value_t = 0.0, requires = "within")]
    buffer: f64,

    /// Count and add up lengths by these fields or expressions instead of listing
    #[arg(long, value_name = "EXPRESSION")]
    group_by: Vec<String>,

    /// How many features are listed; 0 for all
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,

    /// Write all features, or the groups, into this file: .xlsx or .csv
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Workbook of your own with cells named karez_…, filled and written as --out
    #[arg(long, value_name = "XLSX", requires = "out")]
    template: Option<PathBuf>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

fn parse_circle(text: &str) -> std::result::Result<[f64; 3], String> {
    let numbers: Vec<f64> = text
        .split([',', '，'])
        .filter_map(|n| n.trim().parse().ok())
        .collect();
    <[f64; 3]>::try_from(numbers).map_err(|_| "X,Y,METRES".to_owned())
}

pub(crate) fn query(args: &QueryArgs, console: &mut Console) -> Result<Outcome> {
    if let Some(path) = &args.out {
        check_ending(path)?;
        args.template()?;
    }
    let conditions = conditions(args)?;
    if let Some(name) = &args.save {
        saved_query::check_kept(args)?;
        return saved_query::save(args, name, &conditions, console);
    }
    let (project, _) = source::open(&args.project, &args.source, console)?;
    if args.list_saved {
        return saved_query::list(&project, console);
    }
    let query = asked(args, &project, conditions)?;
    for doubt in query.doubts(&project)? {
        console.note(&Message::new("query.doubt").with("said", doubt.text(console.lang())));
    }
    let found = query.run(&project, console.progress())?;
    if args.group_by.is_empty() {
        list(args, &project, &found, console)?;
    } else {
        groups(args, &project, &found, console)?;
    }
    Ok(Outcome::done_if(!found.is_empty()))
}

/// What the arguments ask for, over a kept query where one is named.
fn asked(args: &QueryArgs, project: &Project, conditions: Vec<String>) -> Result<Query> {
    let mut query = match &args.saved {
        Some(name) => saved_query::load(project, name, &args.param)?,
        None => Query::default(),
    };
    if !args.classes.is_empty() {
        let classes = args.classes.iter().map(|name| class_named(project, name));
        query.classes = classes.collect::<Result<_>>()?;
    }
    query.also = conditions;
    if let Some(area) = area(args, project)? {
        query.area = Some(area);
    }
    query.address = args.address.clone().or(query.address);
    query.codes = args.code.iter().flat_map(|codes| codes_of(codes)).collect();
    if query.codes.is_empty() && !args.code.is_empty() {
        return Err(Error::bad_input(Message::new("query.error.no_codes")));
    }
    Ok(query)
}

/// The condition, and what else is said by fields.
fn conditions(args: &QueryArgs) -> Result<Vec<String>> {
    let mut conditions: Vec<String> = args.condition.iter().cloned().collect();
    conditions.extend(args.material.as_deref().map(of_material));
    conditions.extend(args.diameter.as_deref().map(of_diameter).transpose()?);
    conditions.extend(args.completed.as_deref().map(of_completion).transpose()?);
    Ok(conditions)
}

impl QueryArgs {
    /// The template with the file to write.
    fn template(&self) -> Result<Option<(Template, &Path)>> {
        template::open(self.template.as_deref(), self.out.as_deref())
    }

    pub(super) fn has_drawn_place(&self) -> bool {
        self.in_box.is_some() || self.near.is_some() || self.within.is_some()
    }
}

fn is_csv(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

fn check_ending(path: &Path) -> Result<()> {
    let is_workbook = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    if is_workbook || is_csv(path) {
        return Ok(());
    }
    Err(Error::bad_input(
        Message::new("query.error.format").with("path", path.display()),
    ))
}

fn area(args: &QueryArgs, project: &Project) -> Result<Option<Area>> {
    if let Some(b) = args.in_box {
        return Area::of_box(b).map(Some);
    }
    if let Some([x, y, radius_m]) = args.near {
        return Area::around([x, y], radius_m).map(Some);
    }
    if let Some(number) = &args.sheet {
        return on_sheet(project, number).map(Some);
    }
    let within = args.within.as_ref();
    within.map(|wkt| Area::of_wkt(wkt, args.buffer)).transpose()
}

fn list(args: &QueryArgs, project: &Project, found: &ResultSet, console: &mut Console) -> Result<()> {
    let most = if args.limit == 0 { usize::MAX } else { args.limit };
    let mut features: Vec<Feature> = Vec::new();
    for (class, id) in found.features().iter().take(most) {
        features.extend(project.record(*class, *id)?);
    }
    if console.is_json() {
        let listed: Vec<Json> = features
            .iter()
            .map(|feature| feature_json(project, feature))
            .collect();
        console.json(&json!({ "count": found.len(), "features": listed }))?;
    } else {
        let lang = console.lang();
        let headers = ["query.class", "query.code"].map(|key| translate(key, lang));
        let words = |class: ClassIndex| project.schema().class(class).label.text(lang).to_owned();
        let rows: Vec<Vec<String>> = features
            .iter()
            .map(|feature| {
                let code = project.code_of(feature).map(str::to_owned);
                vec![
                    words(feature.class),
                    code.unwrap_or_else(|| feature.id.to_string()),
                ]
            })
            .collect();
        console.table(&headers, &rows)?;
        if found.len() > features.len() {
            console.say(&Message::new("query.more").with("count", found.len() - features.len()))?;
        }
        let whole = group(project, found, &GroupBy::default(), lang, console.progress())?;
        let length_m = whole.iter().fold(0.0, |sum, group| sum + group.length_m);
        console.say(
            &Message::new("query.total")
                .with("count", found.len())
                .with("length", format!("{length_m:.1}")),
        )?;
    }
    if let Some((template, path)) = args.template()? {
        let title = translate("query.features", console.lang());
        let condition = args.condition.as_deref().unwrap_or_default();
        let occasion = template::occasion(&title, condition, project.name(), console);
        let filled = template.fill_features(project, found, &occasion, console.progress())?;
        template::save(path, &filled, console)?;
    } else if let Some(path) = &args.out {
        let created = chrono::Local::now().naive_local();
        let bytes = if is_csv(path) {
            features_csv(project, found, console.lang())?
        } else {
            features_workbook(project, found, console.lang(), created)?
        };
        save(path, "cli.burst.report", &bytes, console)?;
    }
    Ok(())
}

fn groups(args: &QueryArgs, project: &Project, found: &ResultSet, console: &mut Console) -> Result<()> {
    let lang = console.lang();
    let by: Vec<String> = args
        .group_by
        .iter()
        .flat_map(|text| expressions_of(text))
        .collect();
    let groups = group(project, found, &GroupBy::of(&by), lang, console.progress())?;
    if console.is_json() {
        let listed: Vec<Json> = groups.iter().map(|group| group_json(&by, group)).collect();
        console.json(&json!({ "count": found.len(), "groups": listed }))?;
    } else {
        let mut headers = by.clone();
        headers.extend(["query.count", "query.length"].map(|key| translate(key, lang)));
        let rows: Vec<Vec<String>> = groups
            .iter()
            .map(|group| {
                let mut row: Vec<String> = group.keys.iter().map(gis_core::expr::plain_text).collect();
                row.push(group.count.to_string());
                row.push(format!("{:.1}", group.length_m));
                row
            })
            .collect();
        console.table(&headers, &rows)?;
    }
    if let Some((template, path)) = args.template()? {
        let title = translate("query.groups", lang);
        let condition = args.condition.as_deref().unwrap_or_default();
        let occasion = template::occasion(&title, condition, project.name(), console);
        let filled = template.fill_groups(&groups, &by, &occasion, console.progress())?;
        template::save(path, &filled, console)?;
    } else if let Some(path) = &args.out {
        let created = chrono::Local::now().naive_local();
        let bytes = if is_csv(path) {
            groups_csv(&groups, &by, lang)?
        } else {
            groups_workbook(&groups, &by, lang, created)?
        };
        save(path, "cli.burst.report", &bytes, console)?;
    }
    Ok(())
}

fn group_json(by: &[String], group: &Group) -> Json {
    let values = group.keys.iter().map(value_json);
    let keys: Map<String, Json> = by.iter().cloned().zip(values).collect();
    json!({ "keys": keys, "count": group.count, "length_m": group.length_m })
}

/// What is known of a feature, codes of dictionaries as they are stored.
fn feature_json(project: &Project, feature: &Feature) -> Json {
    let class = project.schema().class(feature.class);
    let values: Map<String, Json> = class
        .fields
        .iter()
        .zip(&feature.values)
        .filter(|(_, value)| !value.is_null())
        .map(|(field, value)| (field.key.clone(), value_json(value)))
        .collect();
    json!({ "class": class.key, "id": feature.id.to_string(), "code": project.code_of(feature), "values": values })
}

pub(super) fn value_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(flag) => json!(flag),
        Value::Integer(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Date(day) => json!(day.to_string()),
        Value::Text(text) => json!(text),
    }
}
