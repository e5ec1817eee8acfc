//! `tidings completions`

use clap::Args;
use clap_complete::Shell;
use serde_json::json;

use super::Outcome;
use crate::answer::Answer;
use crate::session::Session;

/// Print a script that lets a shell complete verbs and options.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut crate::command(), "tidings", &mut script);
        let script = String::from_utf8_lossy(&script).into_owned();
        let data = json!({ "script": script });
        Answer::new("completions", script, data).write(session)
    }
}
