//! `tidings dlq purge`

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::Args;
use serde_json::json;

use super::open;
use super::selection::Chosen;
use crate::answer::Answer;
use crate::commands::Outcome;
use crate::failure::Failure;
use crate::online::connection::Connection;
use crate::online::explained::because;
use crate::online::known::Known;
use crate::online::{progress, runtime};
use crate::report::{Format, Verdict, counted};
use crate::session::Session;

/// Remove dead letters for good.
///
/// At a terminal it asks first; elsewhere it takes `--yes`. Only those are removed that there were when it asked.
#[derive(Debug, Args)]
pub(super) struct Purge {
    #[command(flatten)]
    chosen: Chosen,

    /// Tell which it would be, and remove nothing.
    #[arg(long)]
    dry_run: bool,

    /// Do not ask.
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    connection: Connection,
}

impl Purge {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let known = Known::read(session)?;
        self.chosen.check(&known)?;
        let sequences = runtime::wait(async {
            let bus = open(&self.connection, &known).await?;
            let found = self.chosen.find(&bus, &known, None).await?;
            Ok(found.iter().map(|letter| letter.sequence).collect::<Vec<u64>>())
        })?;
        let what = counted(sequences.len(), "dead letter");
        if !self.dry_run && !sequences.is_empty() && !self.consent(session, &what)? {
            session.output.write("nothing was removed\n")?;
            return Ok(Verdict::Failed);
        }
        let removed = if self.dry_run { 0 } else { self.remove(session, &known, &sequences)? };
        let mut text = match (sequences.len(), self.dry_run) {
            (0, _) => "no dead letters to remove\n".to_owned(),
            (_, true) => format!("{what} would be removed\n"),
            _ => format!("{} removed\n", counted(removed, "dead letter")),
        };
        if session.is_quiet() {
            text.clear();
        }
        let data = json!({ "dry_run": self.dry_run, "sequences": sequences, "removed": removed });
        Answer::new("dlq purge", text, data).write(session)
    }

    /// Whether it is wanted.
    fn consent(&self, session: &Session, what: &str) -> Result<bool, Failure> {
        if self.yes {
            return Ok(true);
        }
        let mut stderr = std::io::stderr();
        let is_asked = session.format == Format::Human
            && std::io::stdin().is_terminal()
            && stderr.is_terminal();
        if !is_asked {
            return Err(Failure::new(format!("nobody can be asked whether to remove {what}"))
                .help("`--yes` says so, `--dry-run` shows which"));
        }
        let failed = |error: std::io::Error| Failure::new(format!("cannot ask: {error}"));
        write!(stderr, "Remove {what} for good? [y/N] ").map_err(failed)?;
        stderr.flush().map_err(failed)?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map_err(failed)?;
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    fn remove(
        &self,
        session: &Session,
        known: &Known,
        sequences: &[u64],
    ) -> Result<usize, Failure> {
        let bar = progress::bar(session, "removing", Some(sequences.len() as u64));
        let removed = runtime::to_the_end(async |mut interruption| {
            let bus = tokio::select! {
                biased;
                () = interruption.told() => return Err(Failure::new("interrupted: nothing was removed")),
                bus = self.connection.open() => bus?,
            };
            let letters = bus.dead_letters(known.runtime);
            let mut removed = 0;
            for sequence in sequences {
                let done = tokio::select! {
                    biased;
                    () = interruption.told() => {
                        let of = counted(sequences.len(), "dead letter");
                        return Err(Failure::new(format!("interrupted: {removed} of {of} removed"))
                            .help("the same again goes on with the others"));
                    }
                    done = letters.remove(*sequence) => done,
                };
                let done = done.map_err(|error| {
                    because(&error).help(format!("{removed} were removed before"))
                })?;
                removed += usize::from(done);
                bar.inc(1);
            }
            Ok(removed)
        });
        bar.finish_and_clear();
        removed
    }
}
