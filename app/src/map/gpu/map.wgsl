// Pipes as instanced segments with round ends, nodes as instanced squares with a drawing of
// the atlas or a figure given by a distance function.
// Colours and widths are looked up by style number, and what a single feature differs in by its number in the table of
// looks, so a change of style, filter or theme uploads no geometry.

struct Block {
    // Block origin minus middle of the map, Mercator metres.
    delta: vec2<f32>,
    viewport_px: vec2<f32>,
    px_per_metre: f32,
    px_per_point: f32,
    line_scale: f32,
    symbol_scale: f32,
    first_row: u32,
    is_linear_target: u32,
    // Cosine and sine of the map's clockwise turn.
    turn: vec2<f32>,
    // Place of feature 0 in `looks`, or NO_LOOKS.
    first_feature: u32,
    // Row of look 0 in `styles`.
    first_look: u32,
    scale_denominator: f32,
    unused: u32,
}

const NO_LOOKS: u32 = 0xffffffffu;
// Features of an edit that the network does not have yet, and those that an edit took away.
const NEW_FEATURE: u32 = 0xffffffffu;
const GONE_FEATURE: u32 = 0xfffffffeu;

@group(0) @binding(0) var<uniform> block: Block;
@group(0) @binding(1) var styles: texture_2d<f32>;
// Drawings of symbols: how much is fill, how much outline.
@group(0) @binding(2) var symbols: texture_2d<f32>;
@group(0) @binding(3) var symbol_sampler: sampler;
// Look number of every feature.
@group(0) @binding(4) var looks: texture_2d<u32>;

fn row_texel(row: u32, texel: u32) -> vec4<f32> {
    return textureLoad(styles, vec2<u32>((row % 256u) * 5u + texel, row / 256u), 0);
}

fn style_texel(style: u32, texel: u32) -> vec4<f32> {
    return row_texel(block.first_row + (style & 0xffffu), texel);
}

// What a feature differs in from its style.
struct Look {
    // Alpha 0 with `has_colour` 0 where it keeps the style's.
    colour: vec4<f32>,
    // Width, size and shape, negative where they are the style's; whether it has a colour.
    differs: vec4<f32>,
    opacity: f32,
    is_drawn: bool,
}

fn look_of(feature: u32) -> Look {
    var look = Look(vec4<f32>(0.0), vec4<f32>(-1.0, -1.0, -1.0, 0.0), 1.0, true);
    if feature == GONE_FEATURE {
        look.is_drawn = false;
        return look;
    }
    // A new feature has no look of its own.
    if block.first_feature == NO_LOOKS || feature == NEW_FEATURE {
        return look;
    }
    let size = textureDimensions(looks);
    let at = block.first_feature + feature;
    if at / size.x >= size.y {
        return look;
    }
    let row = block.first_look + textureLoad(looks, vec2<u32>(at % size.x, at / size.x), 0).r;
    let limits = row_texel(row, 2u);
    look.colour = row_texel(row, 0u);
    look.differs = row_texel(row, 1u);
    look.opacity = limits.x;
    look.is_drawn = limits.w == 0.0
        && block.scale_denominator <= limits.y
        && block.scale_denominator >= limits.z;
    return look;
}

// The first colour of a style as the look has it.
fn dressed_colour(style: u32, look: Look) -> vec4<f32> {
    var colour = style_texel(style, 0u);
    if look.differs.w != 0.0 {
        // The opacity of the layer is in the style's colour already, not in the look's.
        colour = vec4<f32>(look.colour.rgb, look.colour.a * style_texel(style, 4u).x);
    }
    colour.a *= look.opacity;
    return colour;
}

fn unless_negative(value: f32, otherwise: f32) -> f32 {
    return select(value, otherwise, value < 0.0);
}

// All corners in one place outside: nothing is drawn.
const NOWHERE: vec4<f32> = vec4<f32>(2.0, 2.0, 0.0, 1.0);

// Pixels from the middle of the map, y up.
fn px_from_offset(offset: vec2<f32>) -> vec2<f32> {
    let px = (offset + block.delta) * block.px_per_metre;
    return vec2<f32>(px.x * block.turn.x + px.y * block.turn.y, px.y * block.turn.x - px.x * block.turn.y);
}

fn clip_from_px(px: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(px * 2.0 / block.viewport_px, 0.0, 1.0);
}

fn linear_from_gamma(c: vec3<f32>) -> vec3<f32> {
    let low = c / 12.92;
    let high = pow((c + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, c < vec3<f32>(0.04045));
}

// Straight to premultiplied, in the space of the target.
fn written(colour: vec4<f32>) -> vec4<f32> {
    var rgb = colour.rgb;
    if block.is_linear_target != 0u {
        rgb = linear_from_gamma(rgb);
    }
    return vec4<f32>(rgb * colour.a, colour.a);
}

// ---------------------------------------------------------------------------------------------------- lines

struct LineOut {
    @builtin(position) position: vec4<f32>,
    // Along and across the segment from its start, px.
    @location(0) local: vec2<f32>,
    // Length and half width of the segment, px.
    @location(1) @interpolate(flat) size: vec2<f32>,
    // Drawn length and gap of dashes, distance of the segment's start along its pipe; px.
    @location(2) @interpolate(flat) dash: vec3<f32>,
    @location(3) @interpolate(flat) colour: vec4<f32>,
}

@vertex
fn line_vertex(
    @builtin(vertex_index) vertex: u32,
    @location(0) a: vec2<f32>,
    @location(1) b: vec2<f32>,
    @location(2) style: u32,
    @location(3) feature: u32,
) -> LineOut {
    let look = look_of(feature);
    var form = style_texel(style, 2u);
    form.x = unless_negative(look.differs.x, form.x);
    let start = px_from_offset(a);
    let end = px_from_offset(b);
    let run = end - start;
    let length_px = length(run);
    let along = select(vec2<f32>(1.0, 0.0), run / length_px, length_px > 1e-4);
    let across = vec2<f32>(-along.y, along.x);

    // A line thinner than a pixel is drawn one pixel wide and paler.
    let wanted_px = form.x * block.line_scale * block.px_per_point;
    let width_px = max(wanted_px, 1.0);
    let reach = width_px * 0.5 + 1.0;

    let at_end = f32(vertex & 1u);
    let side = f32(vertex >> 1u) * 2.0 - 1.0;
    let local = vec2<f32>(mix(-reach, length_px + reach, at_end), side * reach);

    var colour = dressed_colour(style, look);
    colour.a *= wanted_px / width_px;

    var out: LineOut;
    out.position = select(NOWHERE, clip_from_px(start + along * local.x + across * local.y), look.is_drawn);
    out.local = local;
    out.size = vec2<f32>(length_px, width_px * 0.5);
    let from_start_px = f32((style >> 16u) & 0x7fffu) * 0.25 * block.px_per_metre;
    out.dash = vec3<f32>(form.yz * block.px_per_point, from_start_px);
    out.colour = colour;
    return out;
}

@fragment
fn line_fragment(in: LineOut) -> @location(0) vec4<f32> {
    let beyond = max(max(-in.local.x, in.local.x - in.size.x), 0.0);
    var distance = length(vec2<f32>(beyond, in.local.y)) - in.size.y;
    if in.dash.x > 0.0 {
        let period = in.dash.x + in.dash.y;
        let phase = fract((in.local.x + in.dash.z) / period) * period;
        // Distance to the nearer end of the dash around the phase; negative inside it.
        let to_dash = min(abs(phase - in.dash.x * 0.5), period - abs(phase - in.dash.x * 0.5)) - in.dash.x * 0.5;
        distance = max(distance, to_dash);
    }
    let alpha = clamp(0.5 - distance, 0.0, 1.0);
    if alpha <= 0.0 {
        discard;
    }
    return written(vec4<f32>(in.colour.rgb, in.colour.a * alpha));
}

// --------------------------------------------------------------------------------------------------- arrows

// Nominal distance between arrows on a segment, and the shortest segment that gets one; points.
const ARROW_SPACING: f32 = 140.0;
const ARROW_SHORTEST: f32 = 26.0;
const ARROWS: f32 = 4.0;

struct ArrowOut {
    @builtin(position) position: vec4<f32>,
    // Forward and aside, px.
    @location(0) local: vec2<f32>,
    @location(1) @interpolate(flat) half_px: f32,
    @location(2) @interpolate(flat) colour: vec4<f32>,
}

@vertex
fn arrow_vertex(
    @builtin(vertex_index) vertex: u32,
    @location(0) a: vec2<f32>,
    @location(1) b: vec2<f32>,
    @location(2) style: u32,
    @location(3) feature: u32,
) -> ArrowOut {
    let look = look_of(feature);
    var form = style_texel(style, 2u);
    form.x = unless_negative(look.differs.x, form.x);
    let start = px_from_offset(a);
    let run = px_from_offset(b) - start;
    let length_px = length(run);
    var forward = select(vec2<f32>(1.0, 0.0), run / length_px, length_px > 1e-4);
    if (style >> 31u) != 0u {
        forward = -forward;
    }
    let count = clamp(floor(length_px / (ARROW_SPACING * block.px_per_point)), 1.0, ARROWS);
    let which = f32(vertex / 6u);
    let half_px = (3.0 + form.x * block.line_scale * 0.75) * block.px_per_point;

    // Corners of a square as two triangles.
    let corner_of = array<u32, 6>(0u, 1u, 2u, 1u, 3u, 2u);
    let corner = corner_of[vertex % 6u];
    let local = (vec2<f32>(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0) * (half_px + 1.0);
    let middle = start + run * ((which + 0.5) / count);
    let across = vec2<f32>(-forward.y, forward.x);

    var out: ArrowOut;
    out.position = clip_from_px(middle + forward * local.x + across * local.y);
    if which >= count || length_px < ARROW_SHORTEST * block.px_per_point || !look.is_drawn {
        out.position = NOWHERE;
    }
    out.local = local;
    out.half_px = half_px;
    out.colour = dressed_colour(style, look);
    return out;
}

@fragment
fn arrow_fragment(in: ArrowOut) -> @location(0) vec4<f32> {
    let h = in.half_px;
    let d = triangle(in.local, vec2(-h * 0.8, -h * 0.95), vec2(-h * 0.8, h * 0.95), vec2(h, 0.0));
    let alpha = clamp(0.5 - d, 0.0, 1.0);
    if alpha <= 0.0 {
        discard;
    }
    return written(vec4<f32>(in.colour.rgb, in.colour.a * alpha));
}

// -------------------------------------------------------------------------------------------------- symbols

struct SymbolOut {
    @builtin(position) position: vec4<f32>,
    // In a square of side 1 around the place, turned with the pipe.
    @location(0) local: vec2<f32>,
    @location(1) @interpolate(flat) fill: vec4<f32>,
    @location(2) @interpolate(flat) outline: vec4<f32>,
    // Size in px, shape, flags, width of the outline in px.
    @location(3) @interpolate(flat) form: vec4<f32>,
    @location(4) @interpolate(flat) mark: vec4<f32>,
}

@vertex
fn symbol_vertex(
    @builtin(vertex_index) vertex: u32,
    @location(0) place: vec2<f32>,
    @location(1) style: u32,
    @location(2) feature: u32,
) -> SymbolOut {
    let look = look_of(feature);
    var form = style_texel(style, 2u);
    form.x = unless_negative(look.differs.y, form.x);
    form.y = unless_negative(look.differs.z, form.y);
    form.x *= block.symbol_scale * block.px_per_point;
    form.w *= block.px_per_point;
    let corner = vec2<f32>(f32(vertex & 1u), f32(vertex >> 1u)) * 2.0 - 1.0;
    // Room for the outline and for corners of what is turned.
    let reach_px = form.x * 0.72 + form.w + 1.0;
    let offset = corner * reach_px;
    // What follows its pipe turns with the map; the rest stands upright on the screen.
    var c = 1.0;
    var s = 0.0;
    if (u32(form.z) & 1u) != 0u {
        let along = f32(style >> 16u) / 65536.0 * 6.2831853;
        c = cos(along) * block.turn.x + sin(along) * block.turn.y;
        s = sin(along) * block.turn.x - cos(along) * block.turn.y;
    }

    var out: SymbolOut;
    // Whole pixels keep small symbols crisp while the map stands still.
    out.position = select(NOWHERE, clip_from_px(px_from_offset(place) + offset), look.is_drawn);
    out.local = vec2<f32>(c * offset.x + s * offset.y, -s * offset.x + c * offset.y) / form.x;
    let faded = vec4<f32>(1.0, 1.0, 1.0, look.opacity);
    out.fill = dressed_colour(style, look);
    out.outline = style_texel(style, 1u) * faded;
    out.form = form;
    out.mark = style_texel(style, 3u) * faded;
    return out;
}

fn disc(p: vec2<f32>, middle: vec2<f32>, radius: f32) -> f32 {
    return length(p - middle) - radius;
}

fn stroke(p: vec2<f32>, a: vec2<f32>, b: vec2<f32>) -> f32 {
    let ap = p - a;
    let ab = b - a;
    return length(ap - ab * clamp(dot(ap, ab) / dot(ab, ab), 0.0, 1.0));
}

fn wedge(a: vec2<f32>, b: vec2<f32>) -> f32 {
    return a.x * b.y - a.y * b.x;
}

// Signed distance to a triangle (after Quilez).
fn triangle(p: vec2<f32>, a: vec2<f32>, b: vec2<f32>, c: vec2<f32>) -> f32 {
    let edge = min(min(stroke(p, a, b), stroke(p, b, c)), stroke(p, c, a));
    let turn = sign(wedge(b - a, c - a));
    let inside = min(min(turn * wedge(b - a, p - a), turn * wedge(c - b, p - b)), turn * wedge(a - c, p - c));
    return select(edge, -edge, inside > 0.0);
}

const FAR: f32 = 9.0;

// Distance to the filled body and to lines drawn with it, in units of the symbol's size.
fn figure(shape: u32, p: vec2<f32>) -> vec2<f32> {
    switch shape {
        case 33u {
            // An eight-pointed star.
            let angle = atan2(p.y, p.x);
            let spoke = 0.7853982;
            let a = abs(fract(angle / spoke + 0.5) - 0.5) * spoke;
            let q = length(p) * vec2<f32>(cos(a), sin(a));
            let inner = 0.3 * vec2<f32>(cos(spoke * 0.5), sin(spoke * 0.5));
            let edge = inner - vec2(0.5, 0.0);
            let side = wedge(edge, q - vec2(0.5, 0.0));
            return vec2(select(1.0, -1.0, side > 0.0) * stroke(q, vec2(0.5, 0.0), inner), FAR);
        }
        case 34u { return vec2(disc(p, vec2(0.0), 0.46), disc(p, vec2(0.0), 0.1)); }
        default { return vec2(disc(p, vec2(0.0), 0.5), FAR); }
    }
}

// Shapes below this number are drawings of the atlas; the others are distance functions.
const FIRST_FIGURE: u32 = 33u;
const ATLAS_COLUMNS: u32 = 8u;
const ATLAS_CELL_PX: f32 = 64.0;
// Half the side of a drawing's canvas in units of the symbol's size.
const HALF_CANVAS: f32 = 0.64;

// The drawing of a shape in the symbol's colours, premultiplied.
fn drawing(shape: u32, local: vec2<f32>, size_px: f32, fill: vec4<f32>, outline: vec4<f32>) -> vec4<f32> {
    let inside = 0.5 + vec2<f32>(local.x, -local.y) / (2.0 * HALF_CANVAS);
    let cell = vec2<f32>(f32(shape % ATLAS_COLUMNS), f32(shape / ATLAS_COLUMNS));
    let atlas_px = vec2<f32>(textureDimensions(symbols, 0));
    // Half a pixel within the cell, so that no neighbour shows.
    let at = (cell + clamp(inside, vec2<f32>(0.02), vec2<f32>(0.98))) * ATLAS_CELL_PX / atlas_px;
    let level = log2(ATLAS_CELL_PX / (size_px * 2.0 * HALF_CANVAS));
    var share = textureSampleLevel(symbols, symbol_sampler, at, max(level, 0.0)).rg;
    if any(abs(local) > vec2<f32>(HALF_CANVAS)) {
        share = vec2<f32>(0.0);
    }
    return written(vec4(fill.rgb, fill.a * share.x)) + written(vec4(outline.rgb, outline.a * share.y));
}

// `over` laid on `under`, both premultiplied.
fn above(over: vec4<f32>, under: vec4<f32>) -> vec4<f32> {
    return over + under * (1.0 - over.a);
}

@fragment
fn symbol_fragment(in: SymbolOut) -> @location(0) vec4<f32> {
    let size = in.form.x;
    let half_line = in.form.w * 0.5;
    let shape = u32(in.form.y + 0.5);
    var colour: vec4<f32>;
    if shape < FIRST_FIGURE {
        colour = drawing(shape, in.local, size, in.fill, in.outline);
    } else {
        let d = figure(shape, in.local) * size;
        let body = clamp(0.5 - d.x, 0.0, 1.0);
        let rim = clamp(0.5 + half_line - min(abs(d.x), d.y), 0.0, 1.0);
        colour = written(vec4(in.fill.rgb, in.fill.a * body));
        colour = above(written(vec4(in.outline.rgb, in.outline.a * rim)), colour);
    }
    if (u32(in.form.z) & 2u) != 0u {
        let arm = 0.46;
        let cross = min(
            stroke(in.local, vec2(-arm, -arm), vec2(arm, arm)),
            stroke(in.local, vec2(-arm, arm), vec2(arm, -arm)),
        ) * size;
        colour = above(written(vec4(in.mark.rgb, clamp(0.5 + half_line - cross, 0.0, 1.0))), colour);
    }
    if colour.a <= 0.0 {
        discard;
    }
    return colour;
}
