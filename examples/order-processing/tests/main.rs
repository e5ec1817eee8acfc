//! The program as a whole: on real servers, with permissions, and what it says of people. Its handlers are tested beside their
//! code.

#[path = "personal.rs"]
mod people;
mod permitted;
mod recording;
mod servers;
