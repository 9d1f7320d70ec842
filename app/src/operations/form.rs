//! What operations ask for, as data: one form an operation, filled by clicks on the map or by typing.

use gis_core::schema::GeometryKind;

use Kind::{
    Box, Choice, Class, Count, Differences, Features, File, Line, Node, NodeOrPipe, Number, Numbers, Part,
    Pipe, Pipes, Place, PlaceOnPipe, Places, Source, Text, Values, Vector, Vertex,
};

/// One operation as the user meets it.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Names it in the locale files: `operations.form.KEY`.
    pub key: &'static str,
    pub family: Family,
    /// The request without what is filled in.
    pub base: &'static str,
    pub inputs: &'static [Input],
    /// What comes into being gets the values of this template.
    pub makes: Option<GeometryKind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Family {
    Ties,
    Measured,
    Nodes,
    Pipes,
    Crossings,
    Many,
    Parts,
}

#[derive(Debug)]
pub struct Input {
    /// Names it in the locale files: `operations.input.NAME`.
    pub name: &'static str,
    /// Where it stands in the request.
    pub path: &'static str,
    pub kind: Kind,
    pub is_optional: bool,
}

/// What is filled in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Node,
    Pipe,
    /// A node, or a pipe with a place on it, which stands at `at` in the request.
    NodeOrPipe,
    /// A pipe with a place on it, at `at`.
    PlaceOnPipe,
    /// A pipe and the number of one of its vertices, at `vertex`.
    Vertex,
    Pipes,
    Features,
    Place,
    /// An edge or an axis by two places.
    Line,
    Places,
    /// From one place to another.
    Vector,
    Box,
    /// With its unit, and what it is unless said otherwise.
    Number(&'static str, Option<f64>),
    /// Several, apart by commas.
    Numbers(&'static str),
    Count,
    Class(GeometryKind),
    /// The first unless said otherwise; labels are `operations.choice.VALUE`.
    Choice(&'static [&'static str]),
    Flag,
    Text,
    /// An assembly of the part library.
    Part,
    /// A workbook.
    File,
    /// Any file that networks are read from.
    Source,
    /// Attributes, by field.
    Values,
    /// Where the pipes of the form differ: which of them each attribute is taken from.
    Differences,
}

impl Kind {
    /// Whether clicks on the map fill it in.
    pub fn is_clicked(self) -> bool {
        matches!(
            self,
            Node | Pipe
                | NodeOrPipe
                | PlaceOnPipe
                | Vertex
                | Pipes
                | Features
                | Place
                | Line
                | Places
                | Vector
                | Box
        )
    }

    /// Whether it takes in one click after the other until another input is chosen.
    pub fn is_list(self) -> bool {
        matches!(self, Pipes | Features | Places)
    }
}

const fn need(name: &'static str, path: &'static str, kind: Kind) -> Input {
    Input {
        name,
        path,
        kind,
        is_optional: false,
    }
}

const fn may(name: &'static str, path: &'static str, kind: Kind) -> Input {
    Input {
        name,
        path,
        kind,
        is_optional: true,
    }
}

const fn form(key: &'static str, family: Family, base: &'static str, inputs: &'static [Input]) -> Form {
    Form {
        key,
        family,
        base,
        inputs,
        makes: None,
    }
}

const fn making(form: Form, kind: GeometryKind) -> Form {
    Form {
        makes: Some(kind),
        ..form
    }
}

const METRES: &str = "m";
const CLASS: Input = need("class", "class", Class(GeometryKind::Point));
const NEAR: Input = may("near", "near", Place);
const ENDS: &[&str] = &["from", "to"];
const SCALES: &[&str] = &["drawn", "recorded"];
const AT_CROSSING: &[&str] = &["join", "pass_over"];

const fn tie(key: &'static str, base: &'static str, inputs: &'static [Input]) -> Form {
    making(form(key, Family::Ties, base, inputs), GeometryKind::Point)
}

/// All of them, family by family.
pub const FORMS: &[Form] = &[
    tie(
        "tie_two_points",
        r#"{"op":"tie_node","tie":{"mode":"two_points","points":[],"distances_m":[]}}"#,
        &[
            need("point_1", "tie.points.0", Place),
            need("distance_1", "tie.distances_m.0", Number(METRES, None)),
            need("point_2", "tie.points.1", Place),
            need("distance_2", "tie.distances_m.1", Number(METRES, None)),
            CLASS,
            NEAR,
        ],
    ),
    tie(
        "tie_two_edges",
        r#"{"op":"tie_node","tie":{"mode":"two_edges","edges":[],"distances_m":[]}}"#,
        &[
            need("edge_1", "tie.edges.0", Line),
            need("distance_1", "tie.distances_m.0", Number(METRES, None)),
            need("edge_2", "tie.edges.1", Line),
            need("distance_2", "tie.distances_m.1", Number(METRES, None)),
            CLASS,
            NEAR,
        ],
    ),
    tie(
        "tie_point_bearing",
        r#"{"op":"tie_node","tie":{"mode":"point_bearing"}}"#,
        &[
            need("point", "tie.point", Place),
            need("bearing", "tie.bearing_deg", Number("°", None)),
            need("distance", "tie.distance_m", Number(METRES, None)),
            CLASS,
        ],
    ),
    tie(
        "tie_edge_point",
        r#"{"op":"tie_node","tie":{"mode":"edge_point"}}"#,
        &[
            need("edge", "tie.edge", Line),
            need("offset_from_edge", "tie.offset_m", Number(METRES, None)),
            need("point", "tie.point", Place),
            need("distance", "tie.distance_m", Number(METRES, None)),
            CLASS,
            NEAR,
        ],
    ),
    tie(
        "tie_perpendicular",
        r#"{"op":"tie_node","tie":{"mode":"perpendicular"}}"#,
        &[
            need("edge", "tie.edge", Line),
            need("point", "tie.point", Place),
            CLASS,
        ],
    ),
    tie(
        "tie_parallel",
        r#"{"op":"tie_node","tie":{"mode":"parallel"}}"#,
        &[
            need("edge", "tie.edge", Line),
            need("point", "tie.point", Place),
            need("distance", "tie.distance_m", Number(METRES, None)),
            CLASS,
            NEAR,
        ],
    ),
    tie(
        "tie_distances",
        r#"{"op":"tie_node","tie":{"mode":"distances"}}"#,
        &[
            need("points", "tie.points", Places),
            need("distances", "tie.distances_m", Numbers(METRES)),
            CLASS,
        ],
    ),
    making(
        form(
            "measure_along_pipe",
            Family::Measured,
            r#"{"op":"measure_node","by":{"way":"pipe"}}"#,
            &[
                need("pipe", "by.pipe", Pipe),
                need("distance", "by.distance_m", Number(METRES, None)),
                need("counted_from", "by.end", Choice(ENDS)),
                may("offset_right", "by.offset_m", Number(METRES, Some(0.0))),
                need("length_scale", "by.scale", Choice(SCALES)),
                CLASS,
            ],
        ),
        GeometryKind::Point,
    ),
    making(
        form(
            "measure_along_way",
            Family::Measured,
            r#"{"op":"measure_node","by":{"way":"path"}}"#,
            &[
                need("pipes", "by.pipes", Pipes),
                need("distance", "by.distance_m", Number(METRES, None)),
                may("offset_right", "by.offset_m", Number(METRES, Some(0.0))),
                need("length_scale", "by.scale", Choice(SCALES)),
                CLASS,
            ],
        ),
        GeometryKind::Point,
    ),
    making(
        form(
            "measure_by_bearing",
            Family::Measured,
            r#"{"op":"measure_node","by":{"way":"bearing"}}"#,
            &[
                need("point", "by.from", Place),
                need("bearing", "by.bearing_deg", Number("°", None)),
                need("distance", "by.distance_m", Number(METRES, None)),
                CLASS,
            ],
        ),
        GeometryKind::Point,
    ),
    form(
        "move_along_pipe",
        Family::Measured,
        r#"{"op":"measure_move","by":{"way":"pipe"}}"#,
        &[
            need("node", "node", Node),
            need("pipe", "by.pipe", Pipe),
            need("distance", "by.distance_m", Number(METRES, None)),
            need("counted_from", "by.end", Choice(ENDS)),
            may("offset_right", "by.offset_m", Number(METRES, Some(0.0))),
            need("length_scale", "by.scale", Choice(SCALES)),
        ],
    ),
    form(
        "move_by_bearing",
        Family::Measured,
        r#"{"op":"measure_move","by":{"way":"bearing"}}"#,
        &[
            need("node", "node", Node),
            need("point", "by.from", Place),
            need("bearing", "by.bearing_deg", Number("°", None)),
            need("distance", "by.distance_m", Number(METRES, None)),
        ],
    ),
    form(
        "node_onto_pipe",
        Family::Nodes,
        r#"{"op":"node_onto_pipe"}"#,
        &[need("node", "node", Node), need("pipe", "pipe", Pipe)],
    ),
    form(
        "change_class",
        Family::Nodes,
        r#"{"op":"change_class"}"#,
        &[need("node", "node", Node), CLASS],
    ),
    making(
        form(
            "replace_node",
            Family::Nodes,
            r#"{"op":"replace_node"}"#,
            &[need("node", "node", Node), CLASS],
        ),
        GeometryKind::Point,
    ),
    form(
        "set_levels",
        Family::Nodes,
        r#"{"op":"set_levels"}"#,
        &[
            need("node", "node", Node),
            may("ground_elevation", "ground_elevation_m", Number(METRES, None)),
            may("buried_depth", "buried_depth_m", Number(METRES, None)),
            may("pipe_elevation", "pipe_elevation_m", Number(METRES, None)),
        ],
    ),
    form(
        "merge_nodes",
        Family::Nodes,
        r#"{"op":"merge_nodes"}"#,
        &[need("node_kept", "keep", Node), need("node_gone", "gone", Node)],
    ),
    form(
        "merge",
        Family::Pipes,
        r#"{"op":"merge","keep_first":true}"#,
        &[
            need("pipes_in_order", "pipes", Pipes),
            may("differences", "take", Differences),
        ],
    ),
    form(
        "split_at",
        Family::Pipes,
        r#"{"op":"split_at"}"#,
        &[
            need("pipe", "pipe", Pipe),
            need("distances_along", "distances_m", Numbers(METRES)),
        ],
    ),
    form(
        "split_into",
        Family::Pipes,
        r#"{"op":"split_into"}"#,
        &[need("pipe", "pipe", Pipe), need("parts", "parts", Count)],
    ),
    form(
        "reshape",
        Family::Pipes,
        r#"{"op":"reshape","via":[]}"#,
        &[need("pipe", "pipe", Pipe), may("vertices", "via", Places)],
    ),
    form(
        "insert_vertex",
        Family::Pipes,
        r#"{"op":"insert_vertex"}"#,
        &[need("place_on_pipe", "pipe", PlaceOnPipe)],
    ),
    form(
        "move_vertex",
        Family::Pipes,
        r#"{"op":"move_vertex"}"#,
        &[need("vertex", "pipe", Vertex), need("to", "to", Place)],
    ),
    form(
        "delete_vertex",
        Family::Pipes,
        r#"{"op":"delete_vertex"}"#,
        &[need("vertex", "pipe", Vertex)],
    ),
    form(
        "attach_end",
        Family::Pipes,
        r#"{"op":"attach_end"}"#,
        &[
            need("pipe", "pipe", Pipe),
            need("end", "end", Choice(ENDS)),
            need("node", "node", Node),
        ],
    ),
    form(
        "join_end",
        Family::Pipes,
        r#"{"op":"join_end"}"#,
        &[
            need("pipe", "pipe", Pipe),
            need("end", "end", Choice(ENDS)),
            need("into_pipe", "into", Pipe),
        ],
    ),
    form(
        "reach",
        Family::Pipes,
        r#"{"op":"reach"}"#,
        &[
            need("pipe", "pipe", Pipe),
            need("end", "end", Choice(ENDS)),
            need("into_pipe", "into", Pipe),
        ],
    ),
    form(
        "copy_beside",
        Family::Pipes,
        r#"{"op":"copy_beside"}"#,
        &[
            need("pipes", "pipes", Pipes),
            need("offset_right", "offset_m", Number(METRES, None)),
        ],
    ),
    form(
        "record_length",
        Family::Pipes,
        r#"{"op":"record_length"}"#,
        &[need("pipe", "pipe", Pipe)],
    ),
    form(
        "crossings_of_pipes",
        Family::Crossings,
        r#"{"op":"split_crossings","in":{}}"#,
        &[
            need("pipes", "in.pipes", Pipes),
            need("at_crossing", "choice", Choice(AT_CROSSING)),
            may("upper", "upper", Pipe),
        ],
    ),
    form(
        "crossings_in_box",
        Family::Crossings,
        r#"{"op":"split_crossings","in":{}}"#,
        &[
            need("box", "in.box", Box),
            need("at_crossing", "choice", Choice(AT_CROSSING)),
        ],
    ),
    form(
        "crossings_everywhere",
        Family::Crossings,
        r#"{"op":"split_crossings","in":"everything"}"#,
        &[need("at_crossing", "choice", Choice(AT_CROSSING))],
    ),
    form(
        "set_many",
        Family::Many,
        r#"{"op":"set"}"#,
        &[
            need("features", "features", Features),
            need("values", "values", Values),
        ],
    ),
    form(
        "set_table",
        Family::Many,
        r#"{"op":"set_table"}"#,
        &[
            need("workbook", "file", File),
            may("sheet", "sheet", Text),
            need("bad_rows", "bad_rows", Choice(&["refuse", "skip"])),
        ],
    ),
    form(
        "import_here",
        Family::Many,
        r#"{"op":"import"}"#,
        &[
            need("source", "file", Source),
            may("source_crs", "reading.crs", Text),
            may("mapping", "reading.mapping", Text),
        ],
    ),
    form(
        "move_many",
        Family::Many,
        r#"{"op":"transform","change":{"how":"move"}}"#,
        &[
            need("features", "features", Features),
            need("by", "change.by", Vector),
        ],
    ),
    form(
        "rotate_many",
        Family::Many,
        r#"{"op":"transform","change":{"how":"rotate"}}"#,
        &[
            need("features", "features", Features),
            need("around", "change.around", Place),
            need("angle", "change.angle_deg", Number("°", None)),
        ],
    ),
    form(
        "scale_many",
        Family::Many,
        r#"{"op":"transform","change":{"how":"scale"}}"#,
        &[
            need("features", "features", Features),
            need("around", "change.around", Place),
            need("factor", "change.factor", Number("", None)),
        ],
    ),
    form(
        "mirror_many",
        Family::Many,
        r#"{"op":"transform","change":{"how":"mirror"}}"#,
        &[
            need("features", "features", Features),
            need("axis", "change.line", Line),
        ],
    ),
    form(
        "align_many",
        Family::Many,
        r#"{"op":"transform","change":{"how":"align"}}"#,
        &[
            need("features", "features", Features),
            need("axis", "change.line", Line),
        ],
    ),
    form(
        "copy_many",
        Family::Many,
        r#"{"op":"copy"}"#,
        &[need("features", "features", Features), need("by", "by", Vector)],
    ),
    form(
        "connect_customers",
        Family::Many,
        r#"{"op":"connect_customers"}"#,
        &[
            need("customers", "features", Features),
            may("within", "within_m", Number(METRES, Some(50.0))),
        ],
    ),
    form(
        "delete_many",
        Family::Many,
        r#"{"op":"delete"}"#,
        &[
            need("features", "features", Features),
            need("hanging", "hanging", Choice(&["refuse", "delete", "release"])),
        ],
    ),
    form(
        "abandon_many",
        Family::Many,
        r#"{"op":"abandon"}"#,
        &[need("features", "features", Features)],
    ),
    making(
        form(
            "service_pipe",
            Family::Parts,
            r#"{"op":"service_pipe"}"#,
            &[
                need("customer", "customer", Node),
                may("main", "main", Pipe),
                may("within", "within_m", Number(METRES, Some(50.0))),
            ],
        ),
        GeometryKind::Line,
    ),
    making(
        form(
            "service_pipes",
            Family::Parts,
            r#"{"op":"service_pipes"}"#,
            &[
                need("customers", "customers", Features),
                may("within", "within_m", Number(METRES, Some(50.0))),
            ],
        ),
        GeometryKind::Line,
    ),
    form(
        "place_assembly",
        Family::Parts,
        r#"{"op":"place_assembly"}"#,
        &[
            need("part", "part", Part),
            need("node_or_pipe", "on", NodeOrPipe),
            may("rotation", "rotation_deg", Number("°", Some(0.0))),
        ],
    ),
];

impl Form {
    pub fn named(key: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| form.key == key)
    }

    pub fn of(family: Family) -> impl Iterator<Item = &'static Self> {
        FORMS.iter().filter(move |form| form.family == family)
    }
}
