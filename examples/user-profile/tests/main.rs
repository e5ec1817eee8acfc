//! One binary for all tests, because linking is what they would wait for.

mod application;
mod away;
mod cards;
#[path = "personal.rs"]
mod people;
mod permitted;
mod stage;
