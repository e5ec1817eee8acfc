//! `tidings dlq show`

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::Value;
use tidings::{DeadLetter, Reason, Timestamp};

use super::reason::advice;
use super::selection::gone_already;
use super::{data, open};
use crate::answer::Answer;
use crate::commands::Outcome;
use crate::online::connection::Connection;
use crate::online::explained::because;
use crate::online::known::Known;
use crate::online::moment::ago;
use crate::online::runtime;
use crate::output::ERROR;
use crate::session::Session;

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const REASON: Style = AnsiColor::Yellow.on_default();

/// Tell all about a dead letter: what failed, why, where it came from, and its payload without personal data.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Its sequence, as `tidings dlq list` shows it.
    sequence: u64,

    #[command(flatten)]
    connection: Connection,
}

impl Show {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let known = Known::read(session)?;
        let found = runtime::wait(async {
            let bus = open(&self.connection, &known).await?;
            let letter = bus.dead_letters(known.runtime).show(self.sequence).await;
            letter.map_err(|error| because(&error))
        })?;
        let letter = found.ok_or_else(|| gone_already(self.sequence))?;
        let text = text(&letter, &known, session.is_quiet());
        Answer::new("dlq show", text, data::letter(&letter, &known)).write(session)
    }
}

fn text(letter: &DeadLetter, known: &Known, quiet: bool) -> String {
    let mut text = String::new();
    let event = letter.event_type.as_deref().unwrap_or("a message that is no event");
    let _ = writeln!(text, "{BOLD}dead letter {}{BOLD:#}: {event}", letter.sequence);
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {FAINT}{name:<14}{FAINT:#} {value}");
    };
    line("subscription", &known.named(&letter.subscription));
    let reason = letter.reason.map_or("unknown", Reason::as_str);
    let attempts = match letter.attempts {
        0 => String::new(),
        1 => ", in the first attempt".to_owned(),
        count => format!(", after {count} attempts"),
    };
    line("reason", &format!("{REASON}{reason}{REASON:#}{attempts}"));
    for (place, error) in letter.chain.iter().enumerate() {
        match place {
            0 => line("error", &format!("{ERROR}{error}{ERROR:#}")),
            _ => line("", &format!("caused by: {error}")),
        }
    }
    for (name, value) in [("event id", &letter.event_id), ("organization", &letter.organization_id)]
    {
        if let Some(value) = value {
            line(name, value);
        }
    }
    let (stream, sequence) = (&letter.source_stream, letter.source_sequence);
    line("from", &format!("{stream} {sequence}, on {}", letter.source_subject));
    for (name, time) in [
        ("first failure", letter.first_failure),
        ("last failure", letter.last_failure),
        ("dead since", Some(letter.time)),
    ] {
        if let Some(time) = time {
            line(name, &moment(time));
        }
    }
    if letter.payload_missing {
        line("payload", "left out, as the message was too large, or gone");
    } else {
        line("payload", "without personal data");
        for part in pretty(&letter.payload_redacted()).lines() {
            let _ = writeln!(text, "    {part}");
        }
    }
    if !quiet {
        let _ = writeln!(text, "\n{}", advice(letter.reason));
        let _ = writeln!(text, "  tidings dlq replay {} --wait", letter.sequence);
    }
    text
}

fn moment(time: Timestamp) -> String {
    format!("{} {FAINT}({} ago){FAINT:#}", time.strftime("%Y-%m-%d %H:%M:%S UTC"), ago(time))
}

/// What is JSON, in lines.
fn pretty(payload: &str) -> String {
    let value = serde_json::from_str::<Value>(payload);
    let lines = value.and_then(|value| serde_json::to_string_pretty(&value));
    lines.unwrap_or_else(|_| payload.to_owned())
}
