//! Applies a map document to a network: filters and renderers become looks, densities, dots and diagrams. What is wrong
//! with a layer becomes an issue of that layer, which is then drawn by the style set.

use std::collections::HashMap;

use super::breaks::class_of;
use super::diagram::{DiagramMap, PartColour, Summand, ZoneOf, sum_up};
use super::dots::{DotMap, strew};
use super::heat::HeatMap;
use super::look::{ClassLook, FeatureLook, HIDDEN, NetworkLook, STANDARD};
use super::ramp::Ramps;
use super::subject::{ClassColumns, Member, Subject, number};
use crate::cartography::layers::{
    DiagramKind, Layer, LayerId, Look, MapDocument, PartSum, Renderer, SizeScaling, Zones,
};
use crate::error::Result;
use crate::expr::{Expr, ExprError, Scope, plain_text};
use crate::issue::Severity;
use crate::model::ClassIndex;
use crate::network::Network;
use crate::progress::Progress;
use crate::project::Columns;
use crate::query::Locator;
use crate::schema::Schema;
use crate::text::{Lang, Message};

/// Sizes of proportional symbols between the smallest and the largest.
const SIZE_STEPS: u16 = 48;
/// Looks that fit into the numbers of features.
const MAX_LOOKS: usize = 60_000;

/// A map document made ready for drawing.
#[derive(Debug, Clone, Default)]
pub struct ThemedMap {
    pub look: NetworkLook,
    pub heat: Vec<HeatMap>,
    pub dots: Vec<DotMap>,
    pub diagrams: Vec<DiagramMap>,
    pub counts: Vec<LayerCount>,
    pub issues: Vec<LayerIssue>,
}

/// How many features a layer with a filter shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerCount {
    pub layer: LayerId,
    pub count: u64,
}

/// An expression of a layer that makes no sense, or is likely not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerIssue {
    pub layer: LayerId,
    /// An error leaves the layer as usual; with a warning it is drawn as the expression says.
    pub severity: Severity,
    /// The expression as written.
    pub text: String,
    pub error: ExprError,
}

impl LayerIssue {
    /// The whole sentence, for those who do not see the layer.
    pub fn message(&self, lang: Lang) -> Message {
        let key = match self.severity {
            Severity::Error => "layers.issue.expression",
            Severity::Warning | Severity::Info => "layers.issue.doubt",
        };
        Message::new(key)
            .with("layer", &self.layer)
            .with("what", self.error.text(lang))
    }
}

impl ThemedMap {
    pub fn count(&self, layer: &LayerId) -> Option<u64> {
        self.counts.iter().find(|c| c.layer == *layer).map(|c| c.count)
    }
}

/// Fields that [`apply`] needs, by class. Classes that need none are left out.
pub fn wanted_fields(document: &MapDocument, schema: &Schema) -> Vec<(ClassIndex, Vec<String>)> {
    let mut wanted: Vec<(ClassIndex, Vec<String>)> = Vec::new();
    for shown in document.layers() {
        let Some(class) = shown.layer.class().and_then(|key| schema.class_index(key)) else {
            continue;
        };
        let scope = Scope::of_class(schema, class);
        // Diagrams count rows, even where they look at no field.
        if matches!(shown.layer.renderer, Renderer::Diagram { .. }) {
            place_of(&mut wanted, class);
        }
        for text in expressions(shown.layer) {
            let Ok(expr) = Expr::parse(text, &scope) else {
                continue;
            };
            let i = place_of(&mut wanted, class);
            for field in expr.fields() {
                if !wanted[i].1.contains(field) {
                    wanted[i].1.push(field.clone());
                }
            }
        }
    }
    wanted
}

/// Position of a class among those wanted, which it joins.
fn place_of(wanted: &mut Vec<(ClassIndex, Vec<String>)>, class: ClassIndex) -> usize {
    wanted.iter().position(|(c, _)| *c == class).unwrap_or_else(|| {
        wanted.push((class, Vec::new()));
        wanted.len() - 1
    })
}

/// All expressions of a layer that are not empty.
fn expressions(layer: &Layer) -> Vec<&str> {
    let mut texts: Vec<&str> = layer.filter.as_deref().into_iter().collect();
    match &layer.renderer {
        Renderer::Categorised { value, .. }
        | Renderer::Graduated { value, .. }
        | Renderer::Proportional { value, .. }
        | Renderer::Dots { value, .. } => texts.push(value),
        Renderer::Rules { rules, .. } => texts.extend(rules.iter().map(|r| r.when.as_str())),
        Renderer::Heat { weight, .. } => texts.extend(weight.as_deref()),
        Renderer::Diagram { zones, parts, .. } => {
            if let Zones::Value(zone) = zones {
                texts.push(zone);
            }
            texts.extend(parts.iter().map(|part| match &part.sum {
                PartSum::Count(text) | PartSum::Sum(text) => text.as_str(),
            }));
        }
        Renderer::Standard | Renderer::Single { .. } | Renderer::Unknown(_) => {}
    }
    texts.retain(|text| !text.trim().is_empty());
    texts
}

/// # Errors
/// Cancelled.
pub fn apply(
    document: &MapDocument,
    schema: &Schema,
    network: &Network,
    columns: &ClassColumns,
    ramps: &Ramps,
    progress: &dyn Progress,
) -> Result<ThemedMap> {
    let mut map = ThemedMap {
        look: NetworkLook {
            looks: vec![
                FeatureLook::default(),
                FeatureLook {
                    is_hidden: true,
                    ..FeatureLook::default()
                },
            ],
            ..NetworkLook::default()
        },
        ..ThemedMap::default()
    };
    map.look.classes = class_looks(document, schema);
    let shown = document.layers();
    for class in schema.class_indices() {
        progress.check()?;
        let key = &schema.class(class).key;
        let layers: Vec<_> = shown.iter().filter(|l| l.layer.class() == Some(key)).collect();
        let visible: Vec<&Layer> = layers.iter().filter(|l| l.is_visible).map(|l| l.layer).collect();
        let needs_features =
            layers.iter().any(|l| filter_of(l.layer).is_some()) || !visible.iter().all(|l| is_plain(l));
        if !needs_features && visible.len() <= 1 {
            continue;
        }
        let empty = Columns::default();
        let subject = Subject::new(network, class, columns.get(class).unwrap_or(&empty));
        let work = ClassWork {
            schema,
            class,
            subject: &subject,
            ramps,
            columns,
            progress,
        };
        for shown in &layers {
            work.layer(shown.layer, shown.is_visible, &mut map)?;
        }
        work.hide_rest(&mut map);
    }
    Ok(map)
}

/// How whole classes are drawn: a class without a visible layer is not, and one whose only visible layer has neither
/// filter nor theme takes that layer's opacity and limits. By `ClassIndex`.
pub fn class_looks(document: &MapDocument, schema: &Schema) -> Vec<ClassLook> {
    let shown = document.layers();
    schema
        .classes
        .iter()
        .map(|class| {
            let visible: Vec<&Layer> = shown
                .iter()
                .filter(|l| l.is_visible && l.layer.class() == Some(&class.key))
                .map(|l| l.layer)
                .collect();
            match visible[..] {
                [only] if is_plain(only) => ClassLook {
                    is_visible: true,
                    opacity: only.opacity,
                    hidden_beyond: only.hidden_beyond,
                    hidden_closer: only.hidden_closer,
                },
                _ => ClassLook {
                    is_visible: visible.iter().any(|layer| shows_features(&layer.renderer)),
                    ..ClassLook::default()
                },
            }
        })
        .collect()
}

fn filter_of(layer: &Layer) -> Option<&str> {
    layer.filter.as_deref().filter(|text| !text.trim().is_empty())
}

fn is_plain(layer: &Layer) -> bool {
    filter_of(layer).is_none() && matches!(layer.renderer, Renderer::Standard | Renderer::Unknown(_))
}

/// Whether features are seen: a density and dots stand for them, charts are put upon them.
fn shows_features(renderer: &Renderer) -> bool {
    !matches!(renderer, Renderer::Heat { .. } | Renderer::Dots { .. })
}

/// Drawn besides the network.
fn is_overlay(renderer: &Renderer) -> bool {
    matches!(
        renderer,
        Renderer::Heat { .. } | Renderer::Dots { .. } | Renderer::Diagram { .. }
    )
}

struct ClassWork<'a> {
    schema: &'a Schema,
    class: ClassIndex,
    subject: &'a Subject<'a>,
    ramps: &'a Ramps,
    columns: &'a ClassColumns,
    progress: &'a dyn Progress,
}

/// Looks of one layer by what its renderer computes for a feature.
type LookOf<'a> = Box<dyn Fn(usize) -> Option<u16> + 'a>;

impl ClassWork<'_> {
    fn expr(&self, layer: &Layer, text: &str, map: &mut ThemedMap) -> Option<Expr> {
        if text.trim().is_empty() {
            return None;
        }
        let mut tell = |severity, error| {
            map.issues.push(LayerIssue {
                layer: layer.id.clone(),
                severity,
                text: text.to_owned(),
                error,
            });
        };
        match Expr::parse(text, &Scope::of_class(self.schema, self.class)) {
            Ok(expr) => {
                for doubt in expr.doubts() {
                    tell(Severity::Warning, doubt.clone());
                }
                Some(expr)
            }
            Err(error) => {
                tell(Severity::Error, error);
                None
            }
        }
    }

    /// The first visible layer from the top whose filter lets a feature in draws it.
    fn layer(&self, layer: &Layer, is_visible: bool, map: &mut ThemedMap) -> Result<()> {
        self.progress.check()?;
        let filter = filter_of(layer).and_then(|text| self.expr(layer, text, map));
        let passes = |row: Option<usize>| match (&filter, row) {
            (None, _) => true,
            (Some(filter), Some(row)) => filter.holds(&self.subject.columns.row(row)),
            (Some(_), None) => false,
        };
        if filter.is_some() {
            let members = &self.subject.members;
            map.counts.push(LayerCount {
                layer: layer.id.clone(),
                count: members.iter().filter(|(_, row)| passes(*row)).count() as u64,
            });
        }
        if !is_visible {
            return Ok(());
        }
        if is_overlay(&layer.renderer) {
            self.overlay(layer, passes, map)?;
        }
        if !shows_features(&layer.renderer) {
            return Ok(());
        }
        // What needs no attributes is drawn so even where none were read.
        let usual = match &layer.renderer {
            Renderer::Single { look } => look,
            _ => &Look::default(),
        };
        let standard = add_look(layer, usual, map);
        let look_of = self.look_of(layer, standard, map);
        for (i, (member, row)) in self.subject.members.iter().enumerate() {
            if i % 8_192 == 0 {
                self.progress.check()?;
            }
            if number_of(&map.look, *member) != STANDARD || !passes(*row) {
                continue;
            }
            let look = match row {
                Some(row) => look_of(*row),
                None => Some(standard),
            };
            set_number(
                &mut map.look,
                self.subject.network,
                *member,
                look.unwrap_or(HIDDEN),
            );
        }
        Ok(())
    }

    /// Features that no layer took.
    fn hide_rest(&self, map: &mut ThemedMap) {
        for (member, _) in &self.subject.members {
            if number_of(&map.look, *member) == STANDARD {
                set_number(&mut map.look, self.subject.network, *member, HIDDEN);
            }
        }
    }

    /// Look number by row; `None` hides.
    fn look_of(&self, layer: &Layer, standard: u16, map: &mut ThemedMap) -> LookOf<'_> {
        let columns = self.subject.columns;
        let always = || -> LookOf<'_> { Box::new(move |_| Some(standard)) };
        match &layer.renderer {
            Renderer::Categorised {
                value,
                categories,
                other,
                ..
            } => {
                let Some(expr) = self.expr(layer, value, map) else {
                    return always();
                };
                let mut by_value: HashMap<String, Option<u16>> = HashMap::new();
                for category in categories {
                    let look = category.is_visible.then(|| add_look(layer, &category.look, map));
                    by_value.entry(category.value.clone()).or_insert(look);
                }
                let other = other.as_ref().map(|look| add_look(layer, look, map));
                Box::new(move |row| {
                    let value = plain_text(&expr.eval(&columns.row(row)));
                    by_value.get(&value).copied().unwrap_or(other)
                })
            }
            Renderer::Graduated {
                value,
                breaks,
                ramp,
                is_reversed,
                sizes_px,
                missing,
                ..
            } => {
                let Some(expr) = self.expr(layer, value, map) else {
                    return always();
                };
                let ramp = self.ramps.get(ramp);
                let count = breaks.len() + 1;
                let classes: Vec<u16> = (0..count)
                    .map(|i| {
                        let mut look = Look::coloured(ramp.of_class(i, count, *is_reversed));
                        let size = sizes_px.map(|sizes| graduated_size(sizes, i, count));
                        (look.width_px, look.size_px) = (size, size);
                        add_look(layer, &look, map)
                    })
                    .collect();
                let missing = missing.as_ref().map(|look| add_look(layer, look, map));
                let breaks = breaks.clone();
                Box::new(move |row| {
                    let value = number(&expr, &columns.row(row));
                    if value.is_nan() {
                        missing
                    } else {
                        classes.get(class_of(value, &breaks)).copied()
                    }
                })
            }
            Renderer::Rules { rules, other } => {
                let mut known = Vec::new();
                for rule in rules {
                    if let Some(expr) = self.expr(layer, &rule.when, map) {
                        let look = rule.is_visible.then(|| add_look(layer, &rule.look, map));
                        known.push((expr, look));
                    }
                }
                let other = other.as_ref().map(|look| add_look(layer, look, map));
                Box::new(move |row| {
                    let row = columns.row(row);
                    known
                        .iter()
                        .find(|(when, _)| when.holds(&row))
                        .map_or(other, |(_, look)| *look)
                })
            }
            Renderer::Proportional {
                value,
                largest,
                max_size_px,
                min_size_px,
                scaling,
                colour,
            } => {
                let Some(expr) = self.expr(layer, value, map) else {
                    return always();
                };
                let first = map.look.looks.len() as u16;
                for step in 0..=SIZE_STEPS {
                    let share = f32::from(step) / f32::from(SIZE_STEPS);
                    let size = Some(min_size_px + (max_size_px - min_size_px) * share);
                    let look = Look {
                        colour: Some(*colour),
                        width_px: size,
                        size_px: size,
                        shape: None,
                    };
                    add_look(layer, &look, map);
                }
                let (largest, scaling) = (*largest, *scaling);
                Box::new(move |row| {
                    let value = number(&expr, &columns.row(row));
                    let share = (value / largest).clamp(0.0, 1.0);
                    let share = match scaling {
                        SizeScaling::Area => share.sqrt(),
                        SizeScaling::Diameter => share,
                    };
                    (value > 0.0 && share.is_finite())
                        .then(|| first + (share * f64::from(SIZE_STEPS)).round() as u16)
                })
            }
            _ => always(),
        }
    }

    fn overlay(
        &self,
        layer: &Layer,
        passes: impl Fn(Option<usize>) -> bool,
        map: &mut ThemedMap,
    ) -> Result<()> {
        let opacity = layer.opacity;
        match &layer.renderer {
            Renderer::Heat {
                weight,
                radius_m,
                ramp,
            } => {
                let weight = weight.as_deref().and_then(|text| self.expr(layer, text, map));
                let subject = self.subject;
                let points: Vec<([f64; 2], f64)> = subject
                    .members
                    .iter()
                    .filter(|(_, row)| passes(*row))
                    .filter_map(|(member, row)| {
                        let carried = match (&weight, row) {
                            (None, _) => 1.0,
                            (Some(weight), Some(row)) => number(weight, &subject.columns.row(*row)),
                            (Some(_), None) => return None,
                        };
                        Some((subject.place(*member)?, carried))
                    })
                    .collect();
                let Some((middle, _)) = points.first() else {
                    return Ok(());
                };
                let around = subject.network.metric().box_around(*middle, *radius_m);
                let radius = (around[2] - around[0]) / 2.0;
                let heat = HeatMap::build(&points, radius, self.ramps.get(ramp), self.progress)?;
                map.heat.extend(heat.map(|heat| HeatMap { opacity, ..heat }));
            }
            Renderer::Dots {
                value,
                per_dot,
                size_px,
                colour,
            } => {
                if let Some(expr) = self.expr(layer, value, map) {
                    map.dots.push(DotMap {
                        dots: strew(self.subject, &expr, passes, *per_dot),
                        size_px: *size_px,
                        colour: *colour,
                        opacity,
                    });
                }
            }
            Renderer::Diagram { .. } => self.diagrams(layer, passes, map),
            _ => {}
        }
        Ok(())
    }

    fn diagrams(&self, layer: &Layer, passes: impl Fn(Option<usize>) -> bool, map: &mut ThemedMap) {
        let Renderer::Diagram {
            kind,
            zones,
            parts,
            max_size_px,
        } = &layer.renderer
        else {
            return;
        };
        let value;
        let zone_of = match zones {
            Zones::Value(text) => match self.expr(layer, text, map) {
                Some(expr) => {
                    value = expr;
                    ZoneOf::Value(&value)
                }
                None => return,
            },
            Zones::Areas(wanted) => ZoneOf::Areas(Locator::new(self.columns.zones(wanted))),
        };
        let mut summands = Vec::new();
        let mut colours = Vec::new();
        for part in parts {
            let summand = match &part.sum {
                PartSum::Count(text) => Summand::Count(self.expr(layer, text, map)),
                PartSum::Sum(text) => match self.expr(layer, text, map) {
                    Some(expr) => Summand::Sum(expr),
                    None => continue,
                },
            };
            summands.push(summand);
            colours.push(PartColour {
                title: part.title.clone(),
                colour: part.colour,
            });
        }
        let diagrams = sum_up(self.subject, &zone_of, &summands, passes);
        let largest = diagrams
            .iter()
            .flat_map(|d| match kind {
                DiagramKind::Pie => vec![d.total()],
                DiagramKind::Bar => d.sums.clone(),
            })
            .fold(0.0, f64::max);
        map.diagrams.push(DiagramMap {
            kind: *kind,
            max_size_px: *max_size_px,
            opacity: layer.opacity,
            parts: colours,
            diagrams,
            largest,
        });
    }
}

fn add_look(layer: &Layer, look: &Look, map: &mut ThemedMap) -> u16 {
    let looks = &mut map.look.looks;
    if looks.len() >= MAX_LOOKS {
        return STANDARD + 2;
    }
    looks.push(FeatureLook {
        is_hidden: false,
        colour: look.colour,
        width_px: look.width_px,
        size_px: look.size_px,
        shape: look.shape,
        opacity: layer.opacity,
        hidden_beyond: layer.hidden_beyond,
        hidden_closer: layer.hidden_closer,
    });
    (looks.len() - 1) as u16
}

pub(super) fn graduated_size([first, last]: [f32; 2], class: usize, count: usize) -> f32 {
    let share = if count < 2 {
        0.0
    } else {
        class as f32 / (count - 1) as f32
    };
    first + (last - first) * share
}

fn number_of(look: &NetworkLook, member: Member) -> u16 {
    let (numbers, i) = match member {
        Member::Pipe(pipe) => (&look.pipes, pipe.0),
        Member::Node(node) => (&look.nodes, node.0),
    };
    numbers.get(i as usize).copied().unwrap_or(STANDARD)
}

fn set_number(look: &mut NetworkLook, network: &Network, member: Member, number: u16) {
    let (numbers, i, count) = match member {
        Member::Pipe(pipe) => (&mut look.pipes, pipe.0, network.pipe_slots()),
        Member::Node(node) => (&mut look.nodes, node.0, network.node_slots()),
    };
    if numbers.is_empty() {
        numbers.resize(count, STANDARD);
    }
    numbers[i as usize] = number;
}
