//! What an EPANET input file describes, as plain values in metres, millimetres and litres per second. It is not
//! the Karez network: links are EPANET's, valves and pumps among them.

use crate::issue::Issues;

/// A whole file.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) units: Units,
    /// The file says so; else they are EPANET's default.
    pub(super) names_units: bool,
    pub(super) head_loss: HeadLoss,
    pub(super) nodes: Vec<Node>,
    pub(super) links: Vec<Link>,
    /// Sections word for word, by their lower-case names, in the order of the file; repeated ones are joined.
    pub(super) sections: Vec<(String, String)>,
    /// Rows read and rejected per section of elements.
    pub(super) counts: Vec<Count>,
    pub(super) issues: Issues,
}

/// What became of the rows of one section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) section: &'static str,
    pub(super) read: u64,
    pub(super) rejected: u64,
}

/// Factors from the file's units to ours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Units {
    /// The keyword of the flow unit, e.g. `GPM`.
    pub(super) flow: &'static str,
    pub(super) lps_per_flow: f64,
    pub(super) is_si: bool,
}

const METRES_PER_FOOT: f64 = 0.3048;

impl Units {
    /// Flow keyword, litres per second in one, metric or not. Factors of the EPANET 2.2 manual, from exact inches.
    const ALL: [(&'static str, f64, bool); 11] = [
        ("CFS", 28.316_846_592, false),
        ("GPM", 3.785_411_784 / 60.0, false),
        ("MGD", 3_785_411.784 / 86_400.0, false),
        ("IMGD", 4_546_090.0 / 86_400.0, false),
        ("AFD", 1_233_481.837_547_52 / 86_400.0, false),
        ("LPS", 1.0, true),
        ("LPM", 1.0 / 60.0, true),
        ("MLD", 1_000_000.0 / 86_400.0, true),
        ("CMH", 1_000.0 / 3_600.0, true),
        ("CMD", 1_000.0 / 86_400.0, true),
        ("CMS", 1_000.0, true),
    ];

    pub(super) fn from_keyword(keyword: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(flow, ..)| flow.eq_ignore_ascii_case(keyword))
            .map(|&(flow, lps_per_flow, is_si)| Self {
                flow,
                lps_per_flow,
                is_si,
            })
    }

    pub(super) fn metres(self, length: f64) -> f64 {
        if self.is_si {
            length
        } else {
            length * METRES_PER_FOOT
        }
    }

    /// Diameters of pipes and valves: millimetres or inches.
    pub(super) fn millimetres(self, diameter: f64) -> f64 {
        if self.is_si { diameter } else { diameter * 25.4 }
    }

    /// Pressures: metres of water or psi.
    pub(super) fn pressure_metres(self, pressure: f64) -> f64 {
        const PSI_PER_FOOT: f64 = 0.4333;
        if self.is_si {
            pressure
        } else {
            pressure / PSI_PER_FOOT * METRES_PER_FOOT
        }
    }

    pub(super) fn kilowatts(self, power: f64) -> f64 {
        if self.is_si { power } else { power * 0.745_7 }
    }

    pub(super) fn cubic_metres(self, volume: f64) -> f64 {
        if self.is_si {
            volume
        } else {
            volume * METRES_PER_FOOT.powi(3)
        }
    }

    pub(super) fn lps(self, flow: f64) -> f64 {
        flow * self.lps_per_flow
    }
}

impl Default for Units {
    /// EPANET's default.
    fn default() -> Self {
        Self {
            flow: "GPM",
            lps_per_flow: 3.785_411_784 / 60.0,
            is_si: false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum HeadLoss {
    #[default]
    HazenWilliams,
    DarcyWeisbach,
    ChezyManning,
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) id: String,
    /// Line in the file.
    pub(super) row: u64,
    pub(super) kind: NodeKind,
    /// Ground or bottom height; a reservoir's is its head. NaN where unreadable.
    pub(super) elevation_m: f64,
    pub(super) demands: Vec<Demand>,
    pub(super) position: Option<[f64; 2]>,
    pub(super) tag: String,
    pub(super) remark: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum NodeKind {
    Junction,
    Reservoir { pattern: String },
    Tank(Tank),
}

/// NaN where unreadable or not given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tank {
    pub(super) level_m: f64,
    pub(super) level_min_m: f64,
    pub(super) level_max_m: f64,
    pub(super) diameter_m: f64,
    pub(super) volume_min_m3: f64,
    /// Empty for a cylinder.
    pub(super) volume_curve: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Demand {
    pub(super) base_lps: f64,
    pub(super) pattern: String,
}

#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) id: String,
    pub(super) row: u64,
    pub(super) kind: LinkKind,
    /// Positions in `Model::nodes`.
    pub(super) from: usize,
    pub(super) to: usize,
    /// NaN where the kind has none or it is unreadable.
    pub(super) length_m: f64,
    pub(super) diameter_mm: f64,
    /// In the unit of the head-loss formula.
    pub(super) roughness: f64,
    pub(super) loss_coefficient: f64,
    pub(super) is_closed: bool,
    /// Between the ends, in the file's own coordinates.
    pub(super) vertices: Vec<[f64; 2]>,
    pub(super) tag: String,
    pub(super) remark: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum LinkKind {
    Pipe,
    /// A pipe with a check valve.
    CheckPipe,
    Pump(Pump),
    Valve(Valve),
}

/// Texts are empty and numbers NaN where not given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pump {
    /// The head curve.
    pub(super) curve: String,
    pub(super) pattern: String,
    pub(super) power_kw: f64,
    /// Relative to the curve.
    pub(super) speed: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Valve {
    pub(super) kind: ValveKind,
    /// Metres of pressure, litres per second or a coefficient, by kind; NaN where it is a curve or fixed open.
    pub(super) setting: f64,
    /// Of a general purpose or positional valve; empty for others.
    pub(super) curve: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValveKind {
    PressureReducing,
    PressureSustaining,
    PressureBreaker,
    FlowControl,
    Throttle,
    General,
    /// EPANET 2.3's positional control valve.
    Positional,
}

impl ValveKind {
    pub(super) fn from_keyword(keyword: &str) -> Option<Self> {
        Some(match keyword.to_ascii_uppercase().as_str() {
            "PRV" => Self::PressureReducing,
            "PSV" => Self::PressureSustaining,
            "PBV" => Self::PressureBreaker,
            "FCV" => Self::FlowControl,
            "TCV" => Self::Throttle,
            "GPV" => Self::General,
            "PCV" => Self::Positional,
            _ => return None,
        })
    }

    /// Entry of the `valve_kind` dictionary.
    pub(super) fn dictionary_code(self) -> &'static str {
        match self {
            Self::PressureReducing => "prv",
            Self::PressureSustaining => "psv",
            Self::PressureBreaker => "pbv",
            Self::FlowControl => "fcv",
            Self::Throttle | Self::Positional => "tcv",
            Self::General => "gpv",
        }
    }

    /// Lets water through from the link's first node to its second only.
    pub(super) fn is_one_way(self) -> bool {
        matches!(
            self,
            Self::PressureReducing | Self::PressureSustaining | Self::FlowControl
        )
    }
}
