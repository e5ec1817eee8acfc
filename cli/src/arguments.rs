//! What can be written behind `tidings`.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

use crate::commands::Command;
use crate::report::Format;

const EXIT_CODES: &str = "\
Exit codes: 0 all is well, 1 what was checked is not, 2 it could not be done or was asked wrongly.";

/// Checks, formats, explains and documents event catalogs.
#[derive(Debug, Parser)]
#[command(name = "tidings", version, propagate_version = true, after_help = EXIT_CODES)]
#[command(arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every verb takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Folder of the event catalog.
    ///
    /// By default the nearest folder with a `catalog.yaml`: the current one, `event-catalog` in it, and the same in
    /// each folder above.
    #[arg(long, global = true, env = "TIDINGS_CATALOG", value_name = "FOLDER")]
    pub(crate) catalog: Option<PathBuf>,

    /// How findings are written.
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: Format,

    /// When to use colors; `auto` looks at the terminal, `NO_COLOR` and `CLICOLOR`.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Color,

    /// Say only what was found and what was asked for.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// When to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On terminals, unless the environment says otherwise.
    #[default]
    Auto,
    /// Also into files and pipes.
    Always,
    /// Nowhere.
    Never,
}

impl Color {
    /// Makes the choice that of the whole process.
    pub(crate) fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}
