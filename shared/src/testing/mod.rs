//! Stand-ins for the outside world, for tests of this and other crates (feature `testing`).

pub mod tokens;
