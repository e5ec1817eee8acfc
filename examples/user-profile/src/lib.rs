//! The members of a web application: they register, change their profile and upload pictures.
//!
//! A [command](commands) changes the members and announces what has happened; the [effects] follow from the events.
//! Beside them, pages ask for [cards] of members, which need no stream.

pub mod cards;
pub mod commands;
pub mod effects;
pub mod ports;
pub mod pretend;
