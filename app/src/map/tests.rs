//! The map as it is drawn by the software adapter and as it answers the pointer.

use std::sync::Arc;

use egui::{Color32, Modifiers, PointerButton, Pos2, pos2, vec2};
use egui_kittest::wgpu::{WgpuTestRenderer, create_render_state, default_wgpu_setup};
use egui_kittest::{Harness, kittest::Queryable as _};
use gis_core::cartography::layers::{Layer, LayerId, LayerSource, MapDocument, TreeNode};
use gis_core::network::{
    LifeState, Network, NetworkBuilder, NetworkOptions, NodeFlags, NodeIndex, NodeInput, PipeIndex, PipeInput,
};
use gis_core::schema::Schema;
use gis_core::{Crs, IdSource, Lang, NoProgress};

mod looks;

use super::*;
use crate::theme::ThemeKind;
use crate::view::{Click, Highlight, HighlightRole, LayerVisibility};

const SIZE: egui::Vec2 = vec2(720.0, 560.0);

/// Six streets of 1 km crossing six others every 200 m (on the map at about 1:9 800), DN300 and DN100, one planned and one abandoned pipe
/// beside them, an open valve at 300,0 and a closed one at 700,0.
fn town(schema: &Schema) -> Network {
    let mut ids = IdSource::new(0, 1);
    let mut builder = NetworkBuilder::new(false, 1.0, NetworkOptions::default());
    let pipe_class = schema.class_index("pipe").unwrap();
    let mut add_pipe = |code: &str, diameter_mm, state, vertices: &[[f64; 2]]| {
        builder.add_pipe(&PipeInput {
            state,
            code,
            diameter_mm,
            vertices,
            ..PipeInput::new(ids.next_id(), pipe_class)
        });
    };
    for i in 0..6 {
        let across = f64::from(i) * 200.0;
        for j in 0..5 {
            let (start, end) = (f64::from(j) * 200.0, f64::from(j + 1) * 200.0);
            add_pipe(
                &format!("H{i}{j}"),
                300.0,
                LifeState::Operative,
                &[[start, across], [end, across]],
            );
            add_pipe(
                &format!("V{i}{j}"),
                100.0,
                LifeState::Operative,
                &[[across, start], [across, end]],
            );
        }
    }
    add_pipe(
        "PLANNED",
        300.0,
        LifeState::Planned,
        &[[0.0, -60.0], [1_000.0, -60.0]],
    );
    add_pipe(
        "OLD",
        300.0,
        LifeState::Obsolete,
        &[[0.0, 1_060.0], [1_000.0, 1_060.0]],
    );
    for (code, x, is_open) in [("OPEN", 300.0, true), ("CLOSED", 700.0, false)] {
        let flags = NodeFlags::VALVE
            .with(NodeFlags::BOUNDARY)
            .with(NodeFlags::SHUTTABLE);
        let flags = flags
            .with(NodeFlags::OPERABLE)
            .with(NodeFlags::ACCESSIBLE)
            .set(NodeFlags::OPEN, is_open);
        builder.add_node(&NodeInput {
            flags,
            code,
            position: [x, 0.0],
            diameter_mm: 300.0,
            ..NodeInput::new(ids.next_id(), schema.class_index("valve").unwrap())
        });
    }
    builder.build(&NoProgress).unwrap()
}

struct Scene {
    view: MapView,
    highlight: Highlight,
    visibility: LayerVisibility,
    theme: Theme,
    output: MapOutput,
    tools: ToolBox,
    actions: Vec<Action>,
    document: Option<(MapDocument, Crs)>,
    underlay: Option<Wash>,
}

/// Covers the whole map with a colour.
struct Wash(Color32);

impl overlay::Overlay for Wash {
    fn paint(&self, map: &overlay::MapPainter<'_>) {
        map.painter.rect_filled(map.painter.clip_rect(), 0.0, self.0);
    }
}

impl Scene {
    fn clicks(&self) -> Vec<Click> {
        let click = |action: &Action| match action {
            Action::MapClick(click) => Some(*click),
            _ => None,
        };
        self.actions.iter().filter_map(click).collect()
    }
}

fn scene() -> Harness<'static, Scene> {
    let schema = Schema::builtin().unwrap();
    let network = Arc::new(town(&schema));
    let data = MapData::prepare(network, &Crs::local_metric(), &schema, &NoProgress).unwrap();
    let render_state = create_render_state(default_wgpu_setup(), egui_wgpu::RendererOptions::PREDICTABLE);
    let mut view = MapView::new(&render_state);
    view.set_network(Arc::new(data));
    let scene = Scene {
        view,
        highlight: Highlight::default(),
        visibility: LayerVisibility::default(),
        theme: Theme::load(ThemeKind::Light).unwrap(),
        output: MapOutput::default(),
        tools: ToolBox::default(),
        actions: Vec::new(),
        document: None,
        underlay: None,
    };
    let mut harness = Harness::builder()
        .with_size(SIZE)
        .with_pixels_per_point(1.0)
        .with_context_setup(crate::fonts::install)
        .renderer(WgpuTestRenderer::from_render_state(render_state))
        .build_ui_state(
            |ui, scene: &mut Scene| {
                let input = MapInput {
                    highlight: &scene.highlight,
                    layer_visibility: &scene.visibility,
                    underlays: &scene
                        .underlay
                        .iter()
                        .map(|wash| wash as &dyn overlay::Overlay)
                        .collect::<Vec<_>>(),
                    overlays: &[],
                    theme: &scene.theme,
                    document: scene.document.as_ref().map(|(document, crs)| (document, crs)),
                    tile_keys: &tiles::TileKeys::new(),
                    lang: Lang::En,
                };
                scene.output = scene.view.ui(ui, &input, &mut scene.tools, &mut scene.actions);
            },
            scene,
        );
    harness.run();
    harness
}

fn on_screen(harness: &Harness<'_, Scene>, place: [f64; 2]) -> Pos2 {
    harness.state().view.screen_from_project(place).unwrap()
}

/// A rendered frame.
struct Picture {
    width: usize,
    rgba: Vec<u8>,
}

impl Picture {
    fn of(harness: &mut Harness<'_, Scene>) -> Self {
        let image = harness.render().unwrap();
        Self {
            width: image.width() as usize,
            rgba: image.into_raw(),
        }
    }

    fn pixel(&self, x: i32, y: i32) -> Color32 {
        let at = (y as usize * self.width + x as usize) * 4;
        let [r, g, b] = [0, 1, 2].map(|i| self.rgba[at + i]);
        Color32::from_hex(&format!("#{r:02x}{g:02x}{b:02x}")).unwrap()
    }

    /// The pixel within two pixels of a place that differs most from the ground.
    fn ink(&self, at: Pos2, ground: Color32) -> Color32 {
        let distance = |c: Color32| -> u32 {
            c.to_array()
                .iter()
                .zip(ground.to_array())
                .map(|(a, b)| u32::from(a.abs_diff(b)))
                .sum()
        };
        (-2..=2)
            .flat_map(|dx| (-2..=2).map(move |dy| (at.x as i32 + dx, at.y as i32 + dy)))
            .map(|(x, y)| self.pixel(x, y))
            .max_by_key(|c| distance(*c))
            .unwrap()
    }
}

fn is_near(a: Color32, b: Color32) -> bool {
    a.to_array()
        .iter()
        .zip(b.to_array())
        .all(|(a, b)| a.abs_diff(b) <= 24)
}

fn pipe_colour(harness: &Harness<'_, Scene>, diameter_mm: f64, state: LifeState) -> Color32 {
    let scene = harness.state();
    let look = gis_core::cartography::PipeLook {
        diameter_mm,
        material: None,
        state,
    };
    let style = scene
        .view
        .layer
        .as_ref()
        .unwrap()
        .data()
        .styles()
        .pipe_style(look);
    Color32::from_hex(&style.colour.on(style_table::ground(&scene.theme)).to_string()).unwrap()
}

#[test]
fn the_network_is_drawn_in_the_colours_of_its_styles() {
    let mut harness = scene();
    let stats = harness.state().view.stats();
    assert_eq!((stats.segments, stats.symbols), (62, 2), "{stats:?}");
    assert_eq!((stats.chunks, stats.draw_calls), (2, 2), "{stats:?}");
    assert_eq!(stats.detail, Some(gis_core::cartography::chunks::Detail::Full));
    assert!(stats.gpu_bytes >= 62 * 24 + 2 * 16);

    // Planned: dashes with gaps, so along the line there is both ink and ground.
    let picture = Picture::of(&mut harness);
    let ground = harness.state().theme.map.background.0;
    let start = on_screen(&harness, [200.0, -60.0]);
    let row: Vec<bool> = (0..40)
        .map(|i| is_near(picture.pixel(start.x as i32 + i, start.y as i32), ground))
        .collect();
    assert!(row.contains(&true) && row.contains(&false), "{row:?}");

    // Closer, so that lines are wider than the pixels they straddle.
    harness.state_mut().view.zoom_to([380.0, 380.0, 520.0, 520.0]);
    harness.run();
    let picture = Picture::of(&mut harness);
    for (place, diameter) in [([500.0, 400.0], 300.0), ([400.0, 500.0], 100.0)] {
        let found = picture.ink(on_screen(&harness, place), ground);
        let wanted = pipe_colour(&harness, diameter, LifeState::Operative);
        assert!(
            is_near(found, wanted),
            "{place:?}: {found:?} instead of {wanted:?}"
        );
    }
    let nothing = picture.ink(on_screen(&harness, [500.0, 500.0]), ground);
    assert!(is_near(nothing, ground), "{nothing:?} between the streets");
}

#[test]
fn what_lies_under_the_network_covers_the_ground_and_no_pipe() {
    let mut harness = scene();
    let wash = harness.state().theme.status.error.0;
    harness.state_mut().underlay = Some(Wash(wash));
    harness.state_mut().view.zoom_to([380.0, 380.0, 520.0, 520.0]);
    harness.run();
    let picture = Picture::of(&mut harness);
    let between = on_screen(&harness, [500.0, 500.0]);
    assert!(is_near(picture.pixel(between.x as i32, between.y as i32), wash));
    let found = picture.ink(on_screen(&harness, [500.0, 400.0]), wash);
    let wanted = pipe_colour(&harness, 300.0, LifeState::Operative);
    assert!(is_near(found, wanted), "{found:?} instead of {wanted:?}");
}

#[test]
fn the_shader_counts_the_shapes_as_the_style_set_does() {
    let shader = include_str!("gpu/map.wgsl");
    let drawings = gis_core::cartography::Shape::ALL.len();
    assert!(shader.contains(&format!("FIRST_FIGURE: u32 = {drawings}u;")));
    let figures = [
        style_table::SHAPE_STAR,
        style_table::SHAPE_PIN,
        style_table::SHAPE_DISC,
    ];
    for (i, number) in figures.into_iter().enumerate() {
        assert_eq!(number as usize, drawings + i);
    }
    for number in &figures[..2] {
        assert!(shader.contains(&format!("case {number}u {{")), "{number}");
    }
}

#[test]
fn a_closed_valve_is_filled() {
    let mut harness = scene();
    harness.state_mut().view.zoom_to([650.0, -60.0, 750.0, 60.0]);
    harness.run();
    let image = Picture::of(&mut harness);
    let scene = harness.state();
    let closed = scene
        .view
        .layer
        .as_ref()
        .unwrap()
        .data()
        .styles()
        .device()
        .closed_fill;
    let wanted = Color32::from_hex(&closed.on(style_table::ground(&scene.theme)).to_string()).unwrap();
    let at = on_screen(&harness, [700.0, 0.0]);
    let found = image.pixel(at.x as i32 - 5, at.y as i32);
    assert!(is_near(found, wanted), "{found:?} instead of {wanted:?}");
}

#[test]
fn restyling_and_hiding_upload_no_geometry() {
    let mut harness = scene();
    let before = harness.state().view.stats();
    harness.state_mut().theme = Theme::load(ThemeKind::Dark).unwrap();
    harness.run();
    assert_eq!(harness.state().view.stats().uploaded_bytes, 0);
    let class = Schema::builtin().unwrap().class_index("valve").unwrap();
    harness.state_mut().visibility.set_visible(class, false);
    harness.run();
    let after = harness.state().view.stats();
    assert_eq!(
        (after.symbols, after.uploaded_bytes, after.gpu_bytes),
        (0, 0, before.gpu_bytes)
    );
    let image = Picture::of(&mut harness);
    let ground = harness.state().theme.map.background.0;
    let found = image.ink(on_screen(&harness, [500.0, 400.0]), ground);
    assert!(
        is_near(found, pipe_colour(&harness, 300.0, LifeState::Operative)),
        "{found:?}"
    );
}

#[test]
fn a_highlight_lies_above_the_network() {
    let mut harness = scene();
    let network = Arc::clone(harness.state().view.layer.as_ref().unwrap().data().network());
    let code = |code: &str| -> PipeIndex { network.pipes_with_code(code)[0] };
    let valve: NodeIndex = network.nodes_with_code("OPEN")[0];
    harness.state_mut().highlight = Highlight {
        revision: 1,
        pipes: vec![(code("H22"), HighlightRole::Isolated)],
        pieces: network
            .pieces_of(code("V11"))
            .map(|p| (p, HighlightRole::CutOff))
            .collect(),
        nodes: vec![(valve, HighlightRole::CloseValve)],
        places: vec![([500.0, 400.0], HighlightRole::Burst)],
    };
    harness.run();
    let stats = harness.state().view.stats();
    assert_eq!((stats.segments, stats.symbols), (64, 5), "{stats:?}");
    let image = Picture::of(&mut harness);
    let theme = harness.state().theme.clone();
    let ground = theme.map.background.0;
    for (place, role) in [
        ([440.0, 400.0], HighlightRole::Isolated),
        ([200.0, 300.0], HighlightRole::CutOff),
    ] {
        let found = image.ink(on_screen(&harness, place), ground);
        assert!(is_near(found, theme.highlight_color(role)), "{role:?}: {found:?}");
    }
    harness.state_mut().highlight = Highlight {
        revision: 2,
        ..Highlight::default()
    };
    harness.run();
    assert_eq!(harness.state().view.stats().segments, 62);
}

#[test]
fn a_click_says_where_and_the_tolerance_fits_the_scale() {
    let mut harness = scene();
    let at = on_screen(&harness, [500.0, 403.0]);
    harness.hover_at(at);
    harness.run();
    let hover = harness.state().output.hover.unwrap();
    assert!(
        (hover[0] - 500.0).abs() < 0.5 && (hover[1] - 403.0).abs() < 0.5,
        "{hover:?}"
    );
    assert!(matches!(harness.state().view.hovered, Some(Picked::Pipe { .. })));
    for pressed in [true, false] {
        harness.event(egui::Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
        harness.step();
    }
    let [click] = harness.state().clicks()[..] else {
        panic!("{:?}", harness.state().clicks())
    };
    let picked = harness.state().view.pick(click.project, click.tolerance_m);
    assert!(matches!(picked[..], [Picked::Pipe { .. }]), "{picked:?}");
    // 8 points away counts, 9 do not.
    let per_point = harness.state().view.camera().ground_metres_per_point();
    let tolerance_m = PICK_RADIUS_POINTS * per_point;
    assert_eq!(
        harness
            .state()
            .view
            .pick([500.0, 400.0 + 7.9 * per_point], tolerance_m)
            .len(),
        1
    );
    assert!(
        harness
            .state()
            .view
            .pick([500.0, 400.0 + 9.0 * per_point], tolerance_m)
            .is_empty()
    );
}

#[test]
fn the_wheel_zooms_at_the_pointer_and_the_map_comes_to_rest() {
    let mut harness = scene();
    let at = pos2(400.0, 150.0);
    harness.hover_at(at);
    harness.run();
    let place = harness.state().output.hover.unwrap();
    let zoom = harness.state().view.camera().zoom;
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Line,
        delta: vec2(0.0, 2.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    });
    // Panics if the map keeps asking for frames.
    harness.run();
    let camera = harness.state().view.camera();
    assert!(camera.zoom > zoom + 0.3, "{} after {zoom}", camera.zoom);
    assert!((on_screen(&harness, place) - at).length() < 1.0);
    assert!(harness.state().output.scale_denominator > 0.0);
}

#[test]
fn dragging_moves_the_map_and_is_no_click() {
    let mut harness = scene();
    let before = on_screen(&harness, [500.0, 500.0]);
    harness.hover_at(pos2(300.0, 200.0));
    harness.run();
    harness.drag_at(pos2(300.0, 200.0));
    harness.step();
    for i in 1..=5 {
        harness.hover_at(pos2(300.0 + 10.0 * i as f32, 200.0));
        harness.step();
    }
    let moved = on_screen(&harness, [500.0, 500.0]) - before;
    assert!((moved - vec2(50.0, 0.0)).length() < 1.0, "{moved:?}");
    harness.drop_at(pos2(350.0, 200.0));
    harness.run_steps(120);
    assert!(harness.state().clicks().is_empty());
}

#[test]
fn zoom_buttons_are_named_and_work() {
    let mut harness = scene();
    crate::i18n::set_lang(Lang::En);
    harness.run();
    let zoom = harness.state().view.camera().zoom;
    harness.get_by_label("Zoom in").click();
    harness.run_steps(90);
    assert!((harness.state().view.camera().zoom - zoom - 1.0).abs() < 0.01);
    harness.get_by_label("Zoom to the whole network").click();
    harness.run_steps(10);
    assert!((harness.state().view.camera().zoom - zoom).abs() < 0.01);
    crate::i18n::set_lang(Lang::default());
}

#[test]
fn an_empty_map_is_drawn_without_a_network() {
    let mut harness = scene();
    harness.state_mut().view.clear();
    harness.run();
    assert_eq!(harness.state().view.stats(), MapStats::default());
    harness.render().unwrap();
}

#[test]
fn tiles_of_a_file_lie_under_the_network() {
    let mut harness = scene();
    let folder = tempfile::tempdir().unwrap();
    // The four tiles around longitude and latitude zero, where a local system is drawn; level 14.
    let around: Vec<(u8, u32, u32)> = [8_191, 8_192]
        .into_iter()
        .flat_map(|x| [8_191, 8_192].map(|y| (14, x, y)))
        .collect();
    let path = tiles::tests::mbtiles(folder.path(), "png", &around);
    let source = tiles::source_of_file(&path).unwrap();
    let layer = Layer::new(LayerId::new("base"), LayerSource::Tiles(source));
    let document = MapDocument {
        tree: vec![TreeNode::Layer(layer)],
        ..MapDocument::default()
    };
    harness.state_mut().document = Some((document, Crs::local_metric()));
    let base = |harness: &mut Harness<'_, Scene>, change: &dyn Fn(&mut Layer)| {
        let (document, _) = harness.state_mut().document.as_mut().unwrap();
        change(document.layer_mut(&LayerId::new("base")).unwrap());
    };
    let tile = Color32::from_hex("#4080c0").unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        harness.step();
        let picture = Picture::of(&mut harness);
        let between = on_screen(&harness, [500.0, 500.0]);
        if is_near(picture.pixel(between.x as i32, between.y as i32), tile) {
            let street = picture.ink(on_screen(&harness, [500.0, 400.0]), tile);
            assert!(
                is_near(street, pipe_colour(&harness, 300.0, LifeState::Operative)),
                "{street:?}"
            );
            assert_eq!(harness.state().view.under.tiles.attribution(), "© 天地图");
            break;
        }
        assert!(std::time::Instant::now() < deadline, "no tile was drawn");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // Half see-through, turned, and out of its scales.
    let between = |harness: &Harness<'_, Scene>| on_screen(harness, [500.0, 500.0]);
    let ground = harness.state().theme.map.background.0;
    let camera = harness.state().view.camera().rotated_to(0.7);
    harness.state_mut().view.camera = camera;
    base(&mut harness, &|layer| layer.opacity = 0.5);
    harness.run_steps(3);
    let at = between(&harness);
    let pixel = Picture::of(&mut harness).pixel(at.x as i32, at.y as i32);
    let mixed = tile.r().midpoint(ground.r()).abs_diff(pixel.r());
    assert!(mixed < 12, "{pixel:?} of {tile:?} on {ground:?}");
    base(&mut harness, &|layer| layer.hidden_closer = Some(1.0e9));
    harness.run_steps(3);
    let pixel = Picture::of(&mut harness).pixel(at.x as i32, at.y as i32);
    assert!(is_near(pixel, ground), "{pixel:?}");
}

#[test]
fn the_map_goes_back_to_where_it_was_and_shows_its_figures() {
    let mut harness = scene();
    harness.run_steps(8);
    let first = harness.state().view.camera();
    harness.state_mut().view.set_stats_shown(true);
    harness.state_mut().view.zoom_to([380.0, 380.0, 520.0, 520.0]);
    harness.run_steps(8);
    assert!(harness.state().view.camera().zoom > first.zoom + 1.0);
    harness.state_mut().view.previous_view();
    harness.run_steps(2);
    assert!((harness.state().view.camera().zoom - first.zoom).abs() < 1e-9);
    harness.state_mut().view.next_view();
    harness.run_steps(2);
    assert!(harness.state().view.camera().zoom > first.zoom + 1.0);
}

#[test]
fn a_large_result_is_made_ready_beside_the_frames() {
    let mut harness = scene();
    let network = Arc::clone(harness.state().view.layer.as_ref().unwrap().data().network());
    let count = network.pipe_count() as u32;
    let pipes: Vec<_> = (0..4_000)
        .map(|i| (PipeIndex(i % count), HighlightRole::CutOff))
        .collect();
    harness.state_mut().highlight = Highlight {
        revision: 1,
        pipes,
        ..Highlight::default()
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while harness.state().view.stats().segments == 62 {
        assert!(std::time::Instant::now() < deadline, "the result was not drawn");
        harness.step();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(harness.state().view.stats().segments, 62 + 4_000);
}

#[test]
fn a_turned_map_draws_and_picks_in_the_same_place() {
    let mut harness = scene();
    let ground = harness.state().theme.map.background.0;
    harness.state_mut().view.zoom_to([380.0, 380.0, 520.0, 520.0]);
    harness.run();
    for degrees in [30.0_f64, -120.0] {
        let camera = harness.state().view.camera().rotated_to(degrees.to_radians());
        harness.state_mut().view.camera = camera;
        harness.run();
        let picture = Picture::of(&mut harness);
        for (place, diameter) in [([460.0, 400.0], 300.0), ([400.0, 460.0], 100.0)] {
            let found = picture.ink(on_screen(&harness, place), ground);
            let wanted = pipe_colour(&harness, diameter, LifeState::Operative);
            assert!(
                is_near(found, wanted),
                "{degrees}° {place:?}: {found:?} instead of {wanted:?}"
            );
        }
        let nothing = picture.ink(on_screen(&harness, [460.0, 460.0]), ground);
        assert!(is_near(nothing, ground), "{nothing:?} between the streets");
        let at = on_screen(&harness, [460.0, 400.0]);
        harness.hover_at(at);
        harness.run();
        let hover = harness.state().output.hover.unwrap();
        assert!((hover[0] - 460.0).abs() < 0.5 && (hover[1] - 400.0).abs() < 0.5);
    }
}

#[test]
fn an_edit_is_in_the_next_picture_and_sends_one_block() {
    use gis_core::cartography::chunks::{ChangedLine, NetworkChange};
    let mut harness = scene();
    harness.state_mut().view.zoom_to([380.0, 380.0, 520.0, 520.0]);
    harness.run();
    let data = Arc::clone(harness.state().view.layer.as_ref().unwrap().data());
    let pipe = data.network().pipes_with_code("H22")[0];
    let ground = harness.state().theme.map.background.0;
    let before = harness.state().view.stats();
    // The street moves thirty metres north and becomes a large main.
    let key = gis_core::cartography::chunks::PipeKey {
        class: data.network().pipe_class(pipe),
        state: LifeState::Operative,
        diameter_mm: Some(800),
        material: None,
    };
    let change = NetworkChange {
        removed_pipes: vec![pipe],
        lines: vec![ChangedLine {
            is_against: false,
            pipe: Some(pipe),
            key,
            vertices: vec![[400.0, 430.0], [600.0, 430.0]],
        }],
        ..NetworkChange::default()
    };
    harness.state_mut().view.apply_change(&change);
    harness.step();
    let stats = harness.state().view.stats();
    assert_eq!(stats.segments, before.segments);
    // The block with the street marked as gone, and the street as it is now.
    assert!(
        stats.uploaded_bytes > 0 && stats.uploaded_bytes <= 63 * 24,
        "{stats:?}"
    );
    let picture = Picture::of(&mut harness);
    let gone = picture.ink(on_screen(&harness, [460.0, 400.0]), ground);
    assert!(is_near(gone, ground), "{gone:?} where the street was");
    let there = picture.ink(on_screen(&harness, [460.0, 430.0]), ground);
    let wanted = pipe_colour(&harness, 800.0, LifeState::Operative);
    assert!(is_near(there, wanted), "{there:?} instead of {wanted:?}");
    harness.step();
    assert_eq!(harness.state().view.stats().uploaded_bytes, 0);
}

#[test]
fn flow_arrows_lie_on_the_pipes_without_sending_anything() {
    let mut harness = scene();
    harness.state_mut().view.zoom_to([430.0, 380.0, 470.0, 420.0]);
    harness.run();
    let beside = |harness: &Harness<'_, Scene>| {
        // The second of four arrows, off the line by more than half its width and within half an arrow's.
        let at = on_screen(harness, [475.0, 400.0]);
        pos2(at.x - 3.0, at.y + 4.5)
    };
    harness.state_mut().view.centre_on([475.0, 400.0]);
    harness.run();
    let ground = harness.state().theme.map.background.0;
    let at = beside(&harness);
    let without = Picture::of(&mut harness).pixel(at.x as i32, at.y as i32);
    let draws = harness.state().view.stats().draw_calls;
    harness.state_mut().view.toggle_arrows();
    harness.run();
    let stats = harness.state().view.stats();
    assert!(stats.draw_calls > draws && stats.uploaded_bytes == 0, "{stats:?}");
    let with = Picture::of(&mut harness).pixel(at.x as i32, at.y as i32);
    assert!(is_near(without, ground), "{without:?}");
    assert!(!is_near(with, ground), "{with:?}: no arrow");
}
