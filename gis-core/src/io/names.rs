//! Names of columns in practice that are no fields of the schema: links between features, class columns,
//! coordinates. It looks at names alone, never at values.

use super::mapping::LINK_TARGETS;
use super::source::SourceLayer;
use crate::schema::normalised;

/// For each of `LINK_TARGETS`, the names it goes by; those of one text in another (起点 in 起点埋深) are compared
/// whole, so that a depth is never taken for a point.
const LINKS: [&[&str]; LINK_TARGETS.len()] = [
    &[
        "from",
        "from_node",
        "fromnode",
        "from_code",
        "from_id",
        "from_point",
        "node_1",
        "node1",
        "start",
        "start_node",
        "startnode",
        "start_id",
        "start_point",
        "s_point",
        "s_node",
        "us_node",
        "upstream_node",
        "node_from",
        "f_node",
        "fnode",
        "起点点号",
        "起点编号",
        "起点号",
        "起点物探号",
        "起始点号",
        "起始点",
        "起点",
        "起点编码",
        "管线起点",
        "起点号码",
        "起始点编号",
        "管线点号",
        "本点号",
        "qidian",
        "qidianhao",
        "qddh",
        "qdbh",
    ],
    &[
        "to",
        "to_node",
        "tonode",
        "to_code",
        "to_id",
        "to_point",
        "node_2",
        "node2",
        "end",
        "end_node",
        "endnode",
        "end_id",
        "end_point",
        "e_point",
        "e_node",
        "ds_node",
        "downstream_node",
        "node_to",
        "t_node",
        "tnode",
        "终点点号",
        "终点编号",
        "终点号",
        "终点物探号",
        "终止点号",
        "终止点",
        "终点",
        "终点编码",
        "管线终点",
        "终点号码",
        "终止点编号",
        "连接点号",
        "连接点",
        "连接方向",
        "zhongdian",
        "zhongdianhao",
        "zddh",
        "zdbh",
    ],
    &[
        "on_pipe",
        "onpipe",
        "pipe",
        "pipe_code",
        "on_pipe_code",
        "parent_pipe",
        "所在管段",
        "所在管线",
        "所属管段",
        "所属管线",
        "所在管段编号",
        "所属管段编号",
    ],
    &[
        "on_pipe_distance_m",
        "on_pipe_distance",
        "on_pipe_m",
        "pipe_distance",
        "距起点距离",
        "距管段起点",
    ],
    &[
        "flow_to",
        "flowto",
        "flow_to_pipe",
        "to_pipe",
        "to_arc",
        "outlet",
        "outlet_pipe",
        "流向",
        "流向管段",
        "出水管段",
    ],
    &[
        "inlet_pipes",
        "inlet_pipe",
        "inletpipes",
        "inlets",
        "inlet_arc",
        "进水管段",
        "进水管",
    ],
];

/// Columns that say what stands at a point, the most telling first.
const CLASS_COLUMNS: [&str; 27] = [
    "class",
    "node_class",
    "feature_class",
    "附属物",
    "附属物名称",
    "附属设施",
    "附属物类型",
    "设备类型",
    "管件类型",
    "特征",
    "点特征",
    "特征点",
    "管点特征",
    "管点类型",
    "点类型",
    "subsid",
    "feature",
    "tezheng",
    "fushuwu",
    "node_type",
    "nodetype",
    "type",
    "kind",
    "类型",
    "类别",
    "blockname",
    "layer",
];

const X_COLUMNS: [&str; 12] = [
    "x",
    "x_coord",
    "xcoord",
    "coord_x",
    "easting",
    "east",
    "lon",
    "longitude",
    "lng",
    "经度",
    "东坐标",
    "横坐标",
];
const Y_COLUMNS: [&str; 11] = [
    "y",
    "y_coord",
    "ycoord",
    "coord_y",
    "northing",
    "north",
    "lat",
    "latitude",
    "纬度",
    "北坐标",
    "纵坐标",
];
const Z_COLUMNS: [&str; 3] = ["z", "z_coord", "coord_z"];

/// Whether a name is one of `names`, or one of them cut to the ten bytes of DBF.
fn is_one_of(name: &str, names: &[&str]) -> bool {
    let plain = normalised(name);
    if names.iter().any(|n| normalised(n) == plain) {
        return true;
    }
    let gbk_bytes: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    let may_be_cut = matches!(name.len(), 9 | 10) || matches!(gbk_bytes, 9 | 10);
    may_be_cut && names.iter().any(|n| normalised(n).starts_with(&plain))
}

fn first_of(layer: &SourceLayer, names: &[&str]) -> Option<usize> {
    names
        .iter()
        .find_map(|name| {
            layer
                .columns
                .iter()
                .position(|c| normalised(&c.name) == normalised(name))
        })
        .or_else(|| layer.columns.iter().position(|c| is_one_of(&c.name, names)))
}

/// The column for one of `LINK_TARGETS`. 管线点号 is a pipe's start only where 连接点号 is its end.
pub(super) fn link_column(layer: &SourceLayer, link: usize) -> Option<usize> {
    first_of(layer, LINKS[link])
}

/// Class columns of a layer, the most telling first.
pub(super) fn class_columns(layer: &SourceLayer) -> Vec<usize> {
    CLASS_COLUMNS
        .iter()
        .filter_map(|name| {
            layer
                .columns
                .iter()
                .position(|c| normalised(&c.name) == normalised(name))
        })
        .collect()
}

/// Coordinate columns: both x and y, and z where there is one.
pub(super) fn place_columns(layer: &SourceLayer) -> Option<(usize, usize, Option<usize>)> {
    let find = |names: &[&str]| {
        names.iter().find_map(|name| {
            layer
                .columns
                .iter()
                .position(|c| normalised(&c.name) == normalised(name))
        })
    };
    Some((find(&X_COLUMNS)?, find(&Y_COLUMNS)?, find(&Z_COLUMNS)))
}

/// Whether a class column by that name may as well hold the kind within a class.
pub(super) fn is_kind_column(name: &str) -> bool {
    is_one_of(name, &["kind", "type", "类型", "类别"])
}
