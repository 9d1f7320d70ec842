//! The sample city 天池示范区: a seeded generator of a whole water network for demonstration, tests and benchmarks.
//! It writes no file; features go out one by one, town by town, so that a million pipes need little memory.
//!
//! Streets come first (`streets`, `town`), then mains along them (`mains`), sources and area borders (`supply`), what
//! sits on the mains (`fittings`), customers (`services`), what no survey would find mended (`mend`), reducers and raw
//! water (`reduce`), deliberate mistakes (`flaws`), and at last the features (`emit`). Everything in it is invented.

mod district;
mod emit;
mod fittings;
mod flaws;
mod mains;
mod mend;
mod names;
mod plane;
mod reduce;
mod rng;
mod services;
mod streets;
mod supply;
mod survey;
mod terrain;
mod town;
mod works;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::f64::consts::PI;

pub use district::{district_of, write_district};
pub use flaws::FlawKind;
pub use survey::{SurveyTables, write_survey};

use crate::error::{Error, Result};
use crate::ids::{FeatureId, IdSource};
use crate::model::Feature;
use crate::progress::Progress;
use crate::schema::Schema;
use crate::text::Message;
use emit::Emitter;
use flaws::Culprit;
use plane::{Point, add, distance, lerp, meeting, rotate};
use rng::Rng;
use terrain::Terrain;
use town::Site;
use works::{Pipe, State, Works};

/// CGCS2000 / 3-degree Gauss-Kruger CM 87E, easting without zone prefix.
pub const EPSG: u32 = 4538;

/// Name of the sample project.
pub const NAME: &str = "天池示范区";

/// 87.6° E, 43.8° N in `EPSG`: the middle of the first town.
pub const CENTRE: [f64; 2] = [548_285.0, 4_851_775.0];

/// What is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleRequest {
    pub seed: u64,
    /// About so many pipes, 200 to 5,000,000; the result differs by a few per cent at most.
    pub pipes: u32,
}

/// A mistake made on purpose.
#[derive(Debug, Clone, PartialEq)]
pub struct Flaw {
    pub kind: FlawKind,
    /// Class key and code of the feature.
    pub class: &'static str,
    pub code: String,
    pub place: [f64; 2],
}

/// What was made.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    pub flaws: Vec<Flaw>,
    /// Features per class key.
    pub counts: BTreeMap<&'static str, u64>,
    pub towns: usize,
}

/// Makes the city and gives its features to `sink`, nodes of a town before its pipes. The same request, schema and
/// ids give the same features in the same order.
///
/// # Errors
/// `BadInput` for a pipe count out of range or a schema that lacks a class of the built-in one; what `sink` returns;
/// `Cancelled`.
pub fn generate(
    request: &SampleRequest,
    schema: &Schema,
    ids: &mut IdSource,
    progress: &dyn Progress,
    sink: &mut dyn FnMut(Feature) -> Result<()>,
) -> Result<Sample> {
    if !(200..=5_000_000).contains(&request.pipes) {
        return Err(Error::bad_input(
            Message::new("core.sample.pipe_count").with("found", request.pipes),
        ));
    }
    let stage = Message::new("core.sample.building");
    let terrain = Terrain::new(request.seed, CENTRE);
    let mut emitter = Emitter::new(schema, ids, sink, terrain, request.seed)?;
    let towns = (request.pipes as usize).div_ceil(PIPES_PER_TOWN);
    let mut sample = Sample {
        towns,
        ..Sample::default()
    };
    let mut neighbours: Vec<Neighbour> = Vec::new();
    let mut made = 0_usize;
    for index in 0..towns {
        progress.check()?;
        progress.report(&stage, made as u64, Some(u64::from(request.pipes)));
        let wanted = (request.pipes as usize - made.min(request.pipes as usize)) / (towns - index);
        let site = site(index, request.pipes as usize / towns, request.seed);
        let (works, flaws) = build_town(
            site,
            wanted,
            index == 0,
            terrain,
            &Rng::new(request.seed).fork(index as u64),
        );
        emitter.town = names::town_name(index);
        let emitted = emitter.town(&works)?;
        made += works.pipes.len();
        for (kind, culprit) in flaws {
            sample.flaws.push(match culprit {
                Culprit::Node(n) => Flaw {
                    kind,
                    class: works.nodes[n as usize].class,
                    code: emitted.node_codes[n as usize].clone(),
                    place: works.nodes[n as usize].at,
                },
                Culprit::Pipe(p) => {
                    let points = &works.pipes[p as usize].points;
                    let place = lerp(points[0], points[1], 0.5);
                    Flaw {
                        kind,
                        class: "pipe",
                        code: emitted.pipe_codes[p as usize].clone(),
                        place,
                    }
                }
            });
        }
        let here = Neighbour {
            gates: supply::ring_junctions(&works.town)
                .map(|n| (emitted.node_ids[n as usize], works.nodes[n as usize].at))
                .collect(),
            outside: works.outside.clone(),
            centre: site.centre,
        };
        if let Some(nearest) = nearest_town(&neighbours, site.centre)
            && let Some((ends, points)) = link_between(&neighbours[nearest], &here)
        {
            let pipe = link_pipe(points);
            emitter.link(&works, pipe, ends)?;
            made += 1;
        }
        neighbours.push(here);
    }
    sample.counts = emitter
        .counts
        .iter()
        .map(|(k, v)| (*k, *v))
        .collect::<BTreeMap<_, _>>();
    Ok(sample)
}

/// Bigger cities are several towns.
const PIPES_PER_TOWN: usize = 60_000;

/// What later towns need to know of one.
struct Neighbour {
    gates: Vec<(FeatureId, Point)>,
    outside: Vec<[Point; 2]>,
    centre: Point,
}

fn site(index: usize, pipes: usize, seed: u64) -> Site {
    let mut rng = Rng::new(seed ^ 0x7ea5).fork(index as u64);
    // Pipes per square kilometre of a fully connected town are a little more.
    let radius_m = (pipes as f64 / PIPES_PER_KM2 * 1e6 / PI).sqrt();
    // A spiral of hexagons around the first town.
    let centre = add(CENTRE, plane::scale(hexagon(index), radius_m * 3.1));
    let jitter = if index == 0 {
        [0.0; 2]
    } else {
        [rng.bell() * radius_m * 0.12, rng.bell() * radius_m * 0.12]
    };
    let turn = if index == 0 { 0.16 } else { rng.range(-0.35, 0.35) };
    Site {
        centre: add(centre, jitter),
        radius_m,
        turn,
    }
}

const PIPES_PER_KM2: f64 = 1_700.0;

/// Centre of the n-th cell of a hexagonal spiral, in cell widths.
fn hexagon(index: usize) -> Point {
    if index == 0 {
        return [0.0; 2];
    }
    let mut ring = 1;
    let mut left = index - 1;
    while left >= 6 * ring {
        left -= 6 * ring;
        ring += 1;
    }
    let corner = |k: usize| rotate([ring as f64, 0.0], PI / 3.0 * k as f64);
    let (side, step) = (left / ring, left % ring);
    lerp(corner(side), corner(side + 1), step as f64 / ring as f64)
}

/// A town of the wanted size. Its area is corrected where the first attempt has room for too few or too many.
fn build_town(
    mut site: Site,
    pipes: usize,
    has_flaws: bool,
    terrain: Terrain,
    rng: &Rng,
) -> (Works, Vec<(FlawKind, Culprit)>) {
    // What comes after the services: flaws and pipes of other states.
    let reserved = if has_flaws { 12 } else { 0 } + pipes / 180;
    let wanted = pipes.saturating_sub(reserved);
    let mut attempt = 0;
    let mut works = loop {
        let mut rng = rng.clone();
        let mut town = town::build(site, &mut rng);
        names::name_streets(&mut town, &mut rng.fork(1));
        let mut works = mains::lay(town, terrain, &mut rng.fork(2));
        supply::build(&mut works, &mut rng.fork(3));
        fittings::fit(&mut works, &mut rng.fork(4));
        let [least, most] = services::connect(&mut works, wanted, &mut rng.fork(5));
        attempt += 1;
        let is_right = (1.0..1.2).contains(&(most as f64 / wanted as f64)) && least * 10 < wanted * 9;
        if is_right || attempt == 5 {
            break works;
        }
        site.radius_m *= (wanted as f64 * 1.08 / most as f64).sqrt().clamp(0.6, 1.6);
    };
    works.cut_mains();
    mend::clear(&mut works);
    supply::settle_inlets(&mut works);
    reduce::fit_reducers(&mut works);
    reduce::bring_raw_water(&mut works);
    flaws::add_other_states(&mut works, &mut rng.fork(6));
    let flaws = if has_flaws {
        flaws::put_in(&mut works, &mut rng.fork(7))
    } else {
        Vec::new()
    };
    (works, flaws)
}

fn nearest_town(neighbours: &[Neighbour], centre: Point) -> Option<usize> {
    (0..neighbours.len()).min_by(|a, b| {
        distance(neighbours[*a].centre, centre).total_cmp(&distance(neighbours[*b].centre, centre))
    })
}

/// The shortest way between two towns that crosses nothing outside their rings.
fn link_between(one: &Neighbour, two: &Neighbour) -> Option<([FeatureId; 2], [Point; 2])> {
    let mut pairs: Vec<_> = one
        .gates
        .iter()
        .flat_map(|a| two.gates.iter().map(move |b| (distance(a.1, b.1), a, b)))
        .collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    pairs.into_iter().take(200).find_map(|(_, a, b)| {
        let [from, to] = [lerp(a.1, b.1, 0.002), lerp(a.1, b.1, 0.998)];
        let crosses = one
            .outside
            .iter()
            .chain(&two.outside)
            .any(|s| meeting(from, to, s[0], s[1]).is_some());
        (!crosses).then_some(([a.0, b.0], [a.1, b.1]))
    })
}

fn link_pipe(points: [Point; 2]) -> Pipe {
    Pipe {
        ends: [None, None],
        points: points.to_vec(),
        diameter_mm: 800,
        material: "DI",
        kind: "transmission",
        year: 2015,
        street: works::NO_STREET,
        at_m: 0.0,
        dma: 2,
        state: State::Operative,
        remark: "城镇联络管",
    }
}
