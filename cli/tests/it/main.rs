//! The built `tidings`, driven as a user would.

mod check;
mod documentation;
mod explain;
mod fmt;
mod folder;
mod formats;
mod generate;
mod init;
mod new;
mod shell;
mod tidings;
mod watch;
