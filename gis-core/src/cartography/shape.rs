//! The shapes of node symbols by name. How they are drawn is said by `assets/symbols`.

use serde::{Deserialize, Serialize};

/// What a node looks like. The shapes are described in a square of side 1 around the node's place; those that
/// follow the pipe have their axis along x.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Shape {
    /// A filled circle without much of an outline.
    Dot,
    Circle,
    Square,
    Triangle,
    Diamond,
    /// Two triangles tip to tip: the gate valve.
    BowTie,
    /// With a bar across: the butterfly valve.
    BowTieBar,
    /// With a disc in the middle: the globe valve.
    BowTieDot,
    /// A triangle against a bar, pointing downstream.
    CheckValve,
    /// A bow tie with a stem and dome: valves that throttle by themselves.
    ControlValve,
    /// A disc with an arm to each side.
    Hydrant,
    /// A circle with a pointer.
    Meter,
    House,
    Tee,
    Cross,
    Reducer,
    Cap,
    AirValve,
    BlowOff,
    /// A circle with a triangle in it, pointing downstream.
    Pump,
    Tank,
    Reservoir,
    Plant,
    /// A control valve that is smaller downstream, where the pressure is: the PRV.
    ReducingValve,
    /// A control valve filled upstream, where it holds the pressure: the PSV.
    SustainingValve,
    /// A control valve with a round head: the FCV.
    FlowValve,
    /// A bow tie with an arrow across: the TCV.
    ThrottleValve,
    /// A bow tie with a block on its stem: the PBV.
    BreakerValve,
    /// A bow tie with a T on its stem: the GPV.
    GeneralValve,
    /// A bow tie with a float on an arm.
    FloatValve,
    /// A valve round the corner with a spring on it, which lets pressure go.
    ReliefValve,
    /// A bow tie with an open circle in the middle.
    BallValve,
    /// A bow tie with a tapered plug in the middle.
    PlugValve,
}

impl Shape {
    pub const ALL: [Self; 33] = [
        Self::Dot,
        Self::Circle,
        Self::Square,
        Self::Triangle,
        Self::Diamond,
        Self::BowTie,
        Self::BowTieBar,
        Self::BowTieDot,
        Self::CheckValve,
        Self::ControlValve,
        Self::Hydrant,
        Self::Meter,
        Self::House,
        Self::Tee,
        Self::Cross,
        Self::Reducer,
        Self::Cap,
        Self::AirValve,
        Self::BlowOff,
        Self::Pump,
        Self::Tank,
        Self::Reservoir,
        Self::Plant,
        Self::ReducingValve,
        Self::SustainingValve,
        Self::FlowValve,
        Self::ThrottleValve,
        Self::BreakerValve,
        Self::GeneralValve,
        Self::FloatValve,
        Self::ReliefValve,
        Self::BallValve,
        Self::PlugValve,
    ];

    /// Whether it is turned along the pipe it sits on.
    pub fn follows_pipe(self) -> bool {
        matches!(
            self,
            Self::BowTie
                | Self::BowTieBar
                | Self::BowTieDot
                | Self::CheckValve
                | Self::ControlValve
                | Self::ReducingValve
                | Self::SustainingValve
                | Self::FlowValve
                | Self::ThrottleValve
                | Self::BreakerValve
                | Self::GeneralValve
                | Self::FloatValve
                | Self::BallValve
                | Self::PlugValve
                | Self::Reducer
                | Self::Cap
        )
    }
}
