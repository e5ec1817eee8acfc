//! Lines on the standard output.

use std::fmt::Display;

use console::{Term, style};

/// Writes a line. Whoever closes the pipe has read enough, so nothing comes of an error.
pub(crate) fn say(line: impl Display) {
    let _ = Term::stdout().write_line(&line.to_string());
}

/// Begins a part of the story.
pub(crate) fn heading(text: &str) {
    say(format_args!("\n{}", style(text).bold()));
}
