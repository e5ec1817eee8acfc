//! The compatibility law.

mod collections;
mod rules;
