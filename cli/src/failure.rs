//! Why something could not be done.

use std::fmt;
use std::io;
use std::path::Path;

use crate::output::slashed;

/// Why a verb could not do what it was asked to: exit code 2. What a check found is not a failure but a
/// [`Report`](crate::report::Report).
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    help: Vec<String>,
}

impl Failure {
    /// What is wrong, in one line, without a full stop.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: Vec::new() }
    }

    /// A file or folder with which something could not be done: `cannot read`.
    pub(crate) fn io(cannot: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("{cannot} `{}`: {error}", slashed(path)))
    }

    /// What to do instead.
    #[must_use]
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// `did you mean`, where a known word is close to the one that was written.
    #[must_use]
    pub(crate) fn meant<'k>(self, word: &str, known: impl Iterator<Item = &'k str>) -> Self {
        match tidings_codegen::closest(word, known) {
            Some(closest) => self.help(format!("did you mean `{closest}`?")),
            None => self,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "\n  = help: {help}"))
    }
}
