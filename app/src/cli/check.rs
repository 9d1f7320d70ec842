//! `check`: what breaks the rules of the network, mended or let stand on request. The rules are the affair of
//! `gis_core::rules`.

use std::path::PathBuf;

use gis_core::depth::Levels;
use gis_core::depth::clearance::{self, DepthRules};
use gis_core::network::Network;
use gis_core::project::{Project, Stamp};
use gis_core::rules::{
    Acceptance, Applied, Finding, Records, Repair, Rule, Selection, Subject, apply, check as check_rules,
    part_accepted,
};
use gis_core::text::translate;
use gis_core::{Error, Issues, Message, Result, Severity};
use serde_json::{Value as Json, json};

use super::console::Console;
use super::files::{issue_answer, issues_text};
use super::source::{self, SourceArgs, new_ids, now_unix_ms};
use super::{Common, Outcome};
use crate::session::today;
use crate::settings::system_user;

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Project, or any source that can be imported
    project: PathBuf,

    /// Exit with status 1 when anything worse than a remark is found
    #[arg(long)]
    strict: bool,

    /// Look for this rule only, e.g. crossing; may come several times
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,

    /// Mend this finding by its first repair, or by the one named behind `=`; may come several times
    #[arg(long, value_name = "FINDING[=REPAIR]")]
    repair: Vec<String>,

    /// Mend all findings of this rule, each by its first repair; may come several times
    #[arg(long, value_name = "RULE")]
    repair_all: Vec<String>,

    /// Let this finding stand; may come several times
    #[arg(long, value_name = "FINDING", requires = "reason")]
    accept: Vec<String>,

    /// Why findings are let stand
    #[arg(long, value_name = "TEXT", requires = "accept")]
    reason: Option<String>,

    /// Let this finding stand no longer; may come several times
    #[arg(long, value_name = "FINDING")]
    withdraw: Vec<String>,

    /// List what is let stand, with reasons
    #[arg(long)]
    accepted: bool,

    /// Keep the rules of this file with the project, over those of the program
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,

    /// Who mends or accepts; the user of the system unless given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,

    /// Also check the cover over pipes and the clearance between them
    #[arg(long)]
    depth: bool,

    /// Cover that pipes must have, in metres; that of carriageways (GB 50289) unless given
    #[arg(long, value_name = "METRES", requires = "depth")]
    minimum_cover: Option<f64>,

    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    pub(super) common: Common,
}

impl CheckArgs {
    /// Whether the project is written.
    fn changes(&self) -> bool {
        let lists = [&self.repair, &self.repair_all, &self.accept, &self.withdraw];
        self.rules.is_some() || lists.iter().any(|list| !list.is_empty())
    }
}

/// What was found, less what is let stand.
struct Found {
    findings: Vec<Finding>,
    hidden: usize,
}

pub(crate) fn check(args: &CheckArgs, console: &mut Console) -> Result<Outcome> {
    let wanted = rules_named(&args.rule)?;
    let (project, network, found, applied) = if args.changes() {
        let mut project = source::open_project(&args.project, console)?;
        let applied = change(args, &mut project, console)?;
        let network = project.network(console.progress())?;
        let found = find(&project, &network, &wanted, console)?;
        (project, network, found, applied)
    } else {
        let (project, network) = source::open_network(&args.project, &args.source, console)?;
        let found = find(&project, &network, &wanted, console)?;
        (project, network, found, None)
    };
    if args.accepted {
        let accepted = project.acceptances()?;
        show_accepted(&accepted, console)?;
        return Ok(Outcome::done_if(!accepted.is_empty()));
    }
    let mut issues = if project.is_temporary() {
        Issues::default()
    } else {
        project.damage()?
    };
    if args.depth {
        issues.extend(depth(args, &project, &network, console)?);
    }
    let of = |severity: Severity| {
        let broken = found.findings.iter().filter(|f| f.issue.severity == severity);
        issues.count(severity) + broken.count()
    };
    let counts = [Severity::Error, Severity::Warning, Severity::Info].map(of);
    show(&found, &issues, counts, applied.as_ref(), console)?;
    project.close()?;
    Ok(Outcome::done_if(!args.strict || counts[0] + counts[1] == 0))
}

fn rules_named(keys: &[String]) -> Result<Vec<Rule>> {
    let named = |key: &String| {
        Rule::from_key(key).ok_or_else(|| {
            let known: Vec<&str> = Rule::ALL.iter().map(|rule| rule.key()).collect();
            Error::bad_input(
                Message::new("cli.check.no_rule")
                    .with("rule", key)
                    .with("known", known.join(", ")),
            )
        })
    };
    keys.iter().map(named).collect()
}

fn find(project: &Project, network: &Network, wanted: &[Rule], console: &Console) -> Result<Found> {
    let mut rules = project.rules()?;
    if !wanted.is_empty() {
        rules = rules.only(wanted);
    }
    let subject = Subject {
        network,
        schema: project.schema(),
        rules: &rules,
        records: Records::Of(project),
        today: Some(today()),
    };
    let mut all = check_rules(&subject, &Selection::Everything, console.progress())?;
    // Worst first; what was found in one go stays together.
    all.sort_by_key(|finding| std::cmp::Reverse(finding.issue.severity));
    let (findings, hidden) = part_accepted(all, &project.acceptances()?);
    Ok(Found {
        findings,
        hidden: hidden.len(),
    })
}

/// Keeps rules, mends, accepts and withdraws, in that order, as far as asked for.
fn change(args: &CheckArgs, project: &mut Project, console: &Console) -> Result<Option<Applied>> {
    let by = args.by.clone().unwrap_or_else(system_user);
    let stamp = Stamp {
        who: &by,
        at_unix_ms: now_unix_ms(),
    };
    if let Some(path) = &args.rules {
        let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, source))?;
        project.keep_rules(&path.display().to_string(), &text)?;
    }
    for finding in &args.withdraw {
        project.withdraw(finding)?;
    }
    let all_of = rules_named(&args.repair_all)?;
    if args.repair.is_empty() && all_of.is_empty() && args.accept.is_empty() {
        return Ok(None);
    }
    let network = project.network(console.progress())?;
    let found = find(project, &network, &[], console)?.findings;
    let accepted = args
        .accept
        .iter()
        .map(|id| by_id(&found, id))
        .collect::<Result<Vec<&Finding>>>()?;
    let mut repairs: Vec<&Repair> = Vec::new();
    for named in &args.repair {
        repairs.push(repair_named(&found, named)?);
    }
    let of_rules = found.iter().filter(|finding| all_of.contains(&finding.rule));
    repairs.extend(of_rules.filter_map(|finding| finding.repairs.first()));
    if !accepted.is_empty() {
        project.accept(&accepted, args.reason.as_deref().unwrap_or_default(), stamp)?;
    }
    let applied = apply(project, None, &repairs, &mut new_ids(), stamp)?;
    if let [(_, error)] = &applied.refused[..]
        && applied.done.is_empty()
    {
        return Err(Error::Refused(error.message()));
    }
    Ok(Some(applied))
}

fn by_id<'f>(found: &'f [Finding], id: &str) -> Result<&'f Finding> {
    let finding = found.iter().find(|finding| finding.id() == id);
    finding.ok_or_else(|| Error::bad_input(Message::new("cli.check.no_finding").with("finding", id)))
}

fn repair_named<'f>(found: &'f [Finding], named: &str) -> Result<&'f Repair> {
    let (id, key) = match named.split_once('=') {
        Some((id, key)) => (id, Some(key)),
        None => (named, None),
    };
    let finding = by_id(found, id)?;
    let repair = match key {
        None => finding.repairs.first(),
        Some(key) => match key.parse::<usize>() {
            // By its number in the list, where several have one name.
            Ok(number) => number.checked_sub(1).and_then(|at| finding.repairs.get(at)),
            Err(_) => finding.repairs.iter().find(|repair| repair.key == key),
        },
    };
    repair.ok_or_else(|| {
        let known: Vec<&str> = finding.repairs.iter().map(|repair| repair.key).collect();
        Error::bad_input(
            Message::new("cli.check.no_repair")
                .with("finding", id)
                .with("known", known.join(", ")),
        )
    })
}

fn depth(args: &CheckArgs, project: &Project, network: &Network, console: &Console) -> Result<Issues> {
    let rules = DepthRules::builtin()?;
    let pipes: Vec<_> = network.pipes().collect();
    let levels = Levels::read(project, network, pipes.iter().copied())?;
    let minimum_cover_m = args.minimum_cover.unwrap_or(rules.cover.carriageway_m);
    let progress = console.progress();
    let found = clearance::check(network, &levels, &rules, minimum_cover_m, &pipes, progress)?;
    if found.unknown > 0 {
        console.note(&Message::new("depth.check.unknown").with("count", found.unknown));
    }
    Ok(found.issues)
}

fn show(
    found: &Found,
    issues: &Issues,
    counts: [usize; 3],
    applied: Option<&Applied>,
    console: &mut Console,
) -> Result<()> {
    if console.is_json() {
        let mut list: Vec<Json> = Vec::new();
        for issue in issues.iter() {
            list.push(json!(issue_answer(issue, console)));
        }
        for finding in &found.findings {
            list.push(finding_json(finding, console)?);
        }
        let mut answer = json!({
            "errors": counts[0],
            "warnings": counts[1],
            "infos": counts[2],
            "accepted": found.hidden,
            "issues": list,
        });
        if let Some(applied) = applied {
            let refused = applied
                .refused
                .iter()
                .map(|(_, error)| error.text(console.lang()));
            answer["repaired"] = json!(applied.done.len());
            answer["refused"] = json!(refused.collect::<Vec<String>>());
        }
        return console.json(&answer);
    }
    if let Some(applied) = applied {
        told(applied, console)?;
    }
    for finding in &found.findings {
        console.line(&line(finding, console))?;
    }
    issues_text(issues, counts, console)?;
    if found.hidden > 0 {
        console.say(&Message::new("cli.check.hidden").with("count", found.hidden))?;
    }
    Ok(())
}

fn told(applied: &Applied, console: &mut Console) -> Result<()> {
    if !applied.done.is_empty() {
        console.say(&Message::new("cli.check.repaired").with("count", applied.done.len()))?;
    }
    for note in &applied.notes {
        console.say(note)?;
    }
    for (_, error) in &applied.refused {
        console.say(&Message::new("cli.check.not_repaired").with("reason", error.text(console.lang())))?;
    }
    Ok(())
}

/// Severity, sentence, place, the name of the finding and of its repairs.
pub(super) fn line(finding: &Finding, console: &Console) -> String {
    let lang = console.lang();
    let label = translate(super::files::severity_key(finding.issue.severity), lang);
    let place = finding.issue.place;
    let place = place.map_or_else(String::new, |[x, y]| format!(" ({x:.2}, {y:.2})"));
    let repairs: Vec<&str> = finding.repairs.iter().map(|repair| repair.key).collect();
    let sentence = finding.issue.message.text(lang);
    format!(
        "{label}: {sentence}{place} [{}: {}]",
        finding.id(),
        repairs.join(", ")
    )
}

pub(super) fn finding_json(finding: &Finding, console: &Console) -> Result<Json> {
    let mut answer = json!(issue_answer(&finding.issue, console));
    let repairs = finding
        .repairs
        .iter()
        .map(|repair| {
            let request: Json = serde_json::from_str(&repair.request.to_json()?)
                .map_err(|e| Error::bad_input(Message::new("cli.error.json").with("reason", e)))?;
            let label = repair.label.text(console.lang());
            Ok(json!({ "repair": repair.key, "label": label, "request": request }))
        })
        .collect::<Result<Vec<Json>>>()?;
    answer["finding"] = json!(finding.id());
    answer["rule"] = json!(finding.rule.key());
    answer["features"] = json!(finding.features);
    answer["repairs"] = json!(repairs);
    Ok(answer)
}

fn show_accepted(accepted: &[Acceptance], console: &mut Console) -> Result<()> {
    if console.is_json() {
        let lang = console.lang();
        let list: Vec<Json> = accepted
            .iter()
            .map(|one| {
                json!({
                    "finding": one.finding,
                    "features": one.features,
                    "message": one.said.text(lang),
                    "reason": one.reason,
                    "who": one.who,
                    "at_unix_ms": one.at_unix_ms,
                })
            })
            .collect();
        return console.json(&json!({ "accepted": list }));
    }
    let headers = ["finding", "message", "reason", "who"]
        .map(|column| translate(&format!("cli.check.column.{column}"), console.lang()));
    let rows: Vec<Vec<String>> = accepted
        .iter()
        .map(|one| {
            let said = one.said.text(console.lang());
            vec![one.finding.clone(), said, one.reason.clone(), one.who.clone()]
        })
        .collect();
    console.table(&headers, &rows)
}
