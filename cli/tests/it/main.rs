//! The built `tidings`, driven as a user would.

mod check;
mod explain;
mod fmt;
mod folder;
mod formats;
mod generate;
mod shell;
mod tidings;
