//! What the benchmarks beside this file have in common: figures that a later run compares itself with.

pub mod baseline;
