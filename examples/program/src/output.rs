use std::fmt::Display;

use console::{Term, style};

/// Writes a line on the standard output. Whoever closes the pipe has read enough, so nothing comes of an error.
pub fn say(line: impl Display) {
    let _ = Term::stdout().write_line(&line.to_string());
}

/// Begins a part of a story.
pub fn heading(text: &str) {
    say(format_args!("\n{}", style(text).bold()));
}
