//! Topology check: what in the network would spoil an answer, each with its place. It repairs nothing.
