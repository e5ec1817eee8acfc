//! The compatibility law.

mod collections;
mod edits;
mod pairs;
mod rules;
mod sample;
