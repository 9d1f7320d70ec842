//! Shortest path along open pipes.
