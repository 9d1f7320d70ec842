//! The rules there are, by name, and the parameters each takes. How grave they are is data.

/// A number that a rule is told, in the unit of its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) least: f64,
    pub(super) most: f64,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident $key:literal $(($($parameter:literal $least:literal $most:literal),+))?;)+) => {
        /// What a check looks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $name,)+
        }

        impl Rule {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name in files, stable.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)+
                }
            }

            pub(super) fn parameters(self) -> &'static [Parameter] {
                match self {
                    $(Self::$name => &[$($(Parameter { name: $parameter, least: $least, most: $most }),+)?],)+
                }
            }
        }
    };
}

rules! {
    /// 悬挂端点: an end stops short of a node or of another end.
    DanglingEnd "dangling_end" ("reach_m" 0.0 100.0);
    /// An end stops short of a pipe, or lies on it without being joined.
    EndNearPipe "end_near_pipe" ("reach_m" 0.0 100.0);
    /// A pipe names an end that is not there.
    UnknownEnd "unknown_end";
    /// A pipe is drawn to another place than the node it names.
    EndOffNode "end_off_node" ("apart_m" 0.001 1000.0);
    NearNodes "near_nodes" ("reach_m" 0.0 10.0);
    DuplicateNode "duplicate_node";
    /// 孤立点: nothing is joined to it.
    OrphanNode "orphan_node" ("reach_m" 0.0 100.0);
    OutsideArea "outside_area" ("spread" 0.5 1000.0);
    DuplicatePipe "duplicate_pipe";
    /// Two pipes run together for a stretch.
    Overlap "overlap" ("shortest_m" 0.01 100.0);
    Crossing "crossing";
    ZeroLength "zero_length" ("shortest_m" 0.0001 10.0);
    SelfCrossing "self_crossing";
    ClosedLoop "closed_loop";
    LengthDiffers "length_differs" ("share" 0.0 10.0, "slack_m" 0.0 1000.0);
    /// A connected part that no source belongs to.
    NoSource "no_source" ("live_stretches" 10.0 1_000_000.0, "join_m" 0.0 10000.0);
    DeviceOffPipe "device_off_pipe" ("reach_m" 0.0 1000.0);
    DeviceBesidePipe "device_beside_pipe";
    /// A device names a pipe that is not there.
    UnknownPipe "unknown_pipe";
    ValveStateUnknown "valve_state_unknown";
    NoDirection "no_direction";
    /// A hydrant or a meter that no pipe leads to.
    LeadMissing "lead_missing" ("reach_m" 0.0 1000.0);
    CustomerUnconnected "customer_unconnected" ("reach_m" 0.0 1000.0, "lead_m" 0.0 10000.0);
    /// What fills a source and what it feeds are told apart wrongly.
    InletsMixed "inlets_mixed";
    DiameterJump "diameter_jump" ("least_mm" 0.0 1000.0);
    MaterialChange "material_change";
    /// 三通 with two pipes.
    FittingArity "fitting_arity";
    PlannedJoinsLive "planned_joins_live";
    /// A pipe in service ends in a node that is not.
    EndOutOfService "end_out_of_service";
    /// Raw, drinking and reclaimed water.
    WatersMeet "waters_meet";
    EndOfWrongPipe "end_of_wrong_pipe";
    /// Pipes of two districts meet where nothing meters or shuts.
    ZoneOpen "zone_open";
    ValueMissing "value_missing";
    ValueImpossible "value_impossible";
    DateImpossible "date_impossible" ("earliest_year" 1500.0 2100.0);
    CodeUnknown "code_unknown";
    MaterialSize "material_size";
    DuplicateCode "duplicate_code";
    /// Two features in different tables have one id.
    DuplicateId "duplicate_id";
    UnreadableGeometry "unreadable_geometry";
}

impl Rule {
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.key() == key)
    }
}
