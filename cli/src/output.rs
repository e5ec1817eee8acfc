//! stdout and stderr.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};

use crate::failure::Failure;

/// How the word `error` looks.
pub(crate) const ERROR: Style = AnsiColor::BrightRed.on_default().bold();

/// stdout. A reader that has gone away, as `head` does, is no mistake: what is left is not written.
#[derive(Debug, Default)]
pub(crate) struct Output {
    closed: AtomicBool,
}

impl Output {
    /// Writes a text as it is; colors only where they are wanted.
    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        if self.closed() {
            return Ok(());
        }
        let mut stdout = anstream::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed.store(true, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(Failure::new(format!("cannot write to stdout: {error}"))),
        }
    }

    /// Whether nobody reads any more.
    pub(crate) fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

/// Writes an error to stderr. Where that is not possible, nobody is there to be told.
pub(crate) fn complain(error: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{ERROR}error{ERROR:#}: {error}");
}

/// Says on stderr what goes on, for whoever waits.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// A path as it is shown: with `/` on every system, and without a `./` that says nothing.
pub(crate) fn slashed(path: &Path) -> String {
    let shown = path.to_string_lossy();
    let shown = if cfg!(windows) { shown.replace('\\', "/") } else { shown.into_owned() };
    match shown.strip_prefix("./") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => shown,
    }
}
