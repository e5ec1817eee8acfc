//! The built `tidings`, driven as a user would.

mod asyncapi;
mod check;
mod documentation;
mod explain;
mod export;
mod fmt;
mod folder;
mod formats;
mod generate;
mod import;
mod init;
mod new;
mod online;
mod operations;
mod permissions;
mod release;
mod round_trip;
mod samples;
mod shell;
mod site;
mod tidings;
mod topology;
mod watch;
