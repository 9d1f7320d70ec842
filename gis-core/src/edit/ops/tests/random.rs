//! Any operations in any order: the network stays whole, and all can be taken back.

use super::{CLERK, Town, dump};
use crate::edit::ops::copied;
use crate::edit::ops::passes::read;
use crate::network::Network;
use crate::network::describe::differences;
use crate::project::Project;
use crate::{FeatureId, IdSource};

#[test]
fn random_operations_leave_no_loose_link_and_can_all_be_taken_back() {
    for seed in 1..4 {
        let mut town = Town::new();
        town.put_on("customer", "K", "AB", 90.0, 88.0);
        let start = town.project.history().unwrap().position;
        let mut dumps = vec![dump(&town.project)];
        let mut random = IdSource::new(5, seed);
        let mut next = |below: usize| random.next_id().0.as_u128() as u32 as usize % below;
        let mut done = 0;
        let mut live = town.network();
        for step in 0..60 {
            let network = town.network();
            if network.pipe_count() == 0 {
                break;
            }
            let pipe = network.pipe_id(network.pipes().nth(next(network.pipe_count())).unwrap());
            let other = network.pipe_id(network.pipes().nth(next(network.pipe_count())).unwrap());
            let point = network.node_id(network.nodes().nth(next(network.node_count())).unwrap());
            let (x, y) = (next(2000) as f64 / 10.0, next(1000) as f64 / 10.0);
            let request = match next(26) {
                0 => format!(r#"{{"op":"split_into","pipe":"{pipe}","parts":{}}}"#, 2 + next(3)),
                1 => format!(
                    r#"{{"op":"split_at","pipe":"{pipe}","distances_m":[{}]}}"#,
                    x / 3.0
                ),
                2 => format!(r#"{{"op":"merge","pipes":["{pipe}","{other}"],"keep_first":true}}"#),
                3 => format!(r#"{{"op":"reverse","pipe":"{pipe}"}}"#),
                4 => format!(r#"{{"op":"move_node","node":"{point}","to":[{x},{y}]}}"#),
                5 => format!(
                    r#"{{"op":"add_node","class":"valve","at":[{x},0],"values":{{"code":"N{step}"}}}}"#
                ),
                6 => format!(
                    r#"{{"op":"change_class","node":"{point}","class":"{}"}}"#,
                    ["tee", "valve", "hydrant"][next(3)]
                ),
                7 => format!(
                    r#"{{"op":"replace_node","node":"{point}","class":"cross","values":{{"code":"R{step}"}}}}"#
                ),
                8 => format!(r#"{{"op":"reshape","pipe":"{pipe}","via":[[{x},{y}]]}}"#),
                9 => format!(r#"{{"op":"insert_vertex","pipe":"{pipe}","at":[{x},{y}]}}"#),
                10 => format!(r#"{{"op":"delete_vertex","pipe":"{pipe}","vertex":1}}"#),
                11 => format!(
                    r#"{{"op":"attach_end","pipe":"{pipe}","end":"{}","node":"{point}"}}"#,
                    ["from", "to"][next(2)]
                ),
                12 => format!(
                    r#"{{"op":"measure_move","node":"{point}","by":{{"way":"pipe","pipe":"{pipe}","distance_m":{},"end":"to"}}}}"#,
                    x / 4.0
                ),
                13 => format!(
                    r#"{{"op":"measure_node","class":"valve","by":{{"way":"pipe","pipe":"{pipe}","distance_m":{},"offset_m":{}}},"values":{{"code":"M{step}"}}}}"#,
                    x / 4.0,
                    next(3)
                ),
                14 => r#"{"op":"split_crossings","in":"everything","choice":"join"}"#.to_owned(),
                15 => r#"{"op":"split_crossings","in":"everything","choice":"pass_over"}"#.to_owned(),
                16 => format!(r#"{{"op":"node_onto_pipe","node":"{point}","pipe":"{pipe}"}}"#),
                17 if next(4) == 0 => format!(
                    r#"{{"op":"place_assembly","part":"hydrant-branch","on":"{}","at":[{x},{y}],"rotation_deg":{}}}"#,
                    [pipe, point][next(2)],
                    next(360)
                ),
                18 => format!(
                    r#"{{"op":"transform","features":["{point}","{pipe}"],"change":{{"how":"rotate","around":[{x},{y}],"angle_deg":30}}}}"#
                ),
                19 => format!(
                    r#"{{"op":"paste","features":{},"by":[{x},300]}}"#,
                    copied(&town.project, &[point.to_string(), pipe.to_string()]).unwrap()
                ),
                20 => format!(r#"{{"op":"service_pipe","customer":"{point}","main":"{pipe}"}}"#),
                22 => format!(
                    r#"{{"op":"reach","pipe":"{pipe}","end":"{}","into":"{}"}}"#,
                    ["from", "to"][next(2)],
                    ["AB", "BC"][next(2)]
                ),
                23 => format!(
                    r#"{{"op":"copy_beside","pipes":["{pipe}"],"offset_m":{}}}"#,
                    next(9) as f64 - 4.0
                ),
                21 if step % 5 == 0 => {
                    format!(r#"{{"op":"delete","features":["{point}"],"hanging":"release"}}"#)
                }
                _ => format!(
                    r#"{{"op":"add_node","class":"tee","at":[{x},{y}],"pipe":"{pipe}","values":{{"code":"T{step}"}}}}"#
                ),
            };
            let Ok(transaction) = town.plan(&request) else {
                continue;
            };
            let before = town.network();
            let effects = town
                .project
                .commit(&transaction, CLERK)
                .unwrap_or_else(|e| panic!("{request}: {e}"));
            if effects.changed.is_empty() {
                continue;
            }
            done += 1;
            dumps.push(dump(&town.project));
            let after = town.network();
            live = town.project.updated_network(&live, &effects).network;
            assert_eq!(differences(&live, &after), [""; 0], "seed {seed}: {request}");
            let issues = after.issues();
            let unknown: Vec<_> = issues
                .iter()
                .filter(|i| {
                    ["core.network.unknown_end", "core.network.on_unknown_pipe"].contains(&i.message.key())
                })
                .collect();
            assert!(unknown.is_empty(), "{request}: {unknown:?}");
            one_sided(&town.project, &request);
            if request.contains("split") || request.contains("merge") || request.contains("reverse") {
                let total = |n: &Network| n.pipes().map(|p| n.pipe_length_m(p)).sum::<f64>();
                let gap_m = (total(&before) - total(&after)).abs();
                assert!(gap_m < 1e-6, "seed {seed}: {request} {gap_m}");
                let customers = |n: &Network| n.pipes().map(|p| n.pipe_customers(p)).sum::<u32>();
                assert_eq!(customers(&before), customers(&after), "{request}");
            }
        }
        assert!(done > 15, "seed {seed}: only {done} operations were possible");
        for to in (0..dumps.len()).rev() {
            let effects = town.project.jump_to(start + to as i64, CLERK).unwrap();
            assert_eq!(dump(&town.project), dumps[to], "seed {seed}, entry {to}");
            live = town.project.updated_network(&live, &effects).network;
            assert_eq!(
                differences(&live, &town.network()),
                [""; 0],
                "seed {seed}, entry {to}"
            );
        }
    }
}

/// Every pipe that another one passes says so itself, and is there.
fn one_sided(project: &Project, request: &str) {
    let named = |id: FeatureId| -> Vec<FeatureId> {
        let pipe = project.feature(id).unwrap().unwrap();
        let field = project.schema().class(pipe.class).field_index("passes").unwrap();
        read(&pipe.values[field])
            .into_iter()
            .map(|(other, _)| other)
            .collect()
    };
    for class in project.schema().class_indices() {
        if project.schema().class(class).field_index("passes").is_none() {
            continue;
        }
        for id in project.columns(class, &["passes"]).unwrap().ids() {
            for other in named(*id) {
                assert!(named(other).contains(id), "{request}");
            }
        }
    }
}
