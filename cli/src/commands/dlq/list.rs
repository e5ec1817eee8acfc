//! `tidings dlq list`

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::{Value, json};
use tidings::{DeadLetter, Reason};

use super::selection::Selection;
use super::{data, open};
use crate::answer::Answer;
use crate::commands::Outcome;
use crate::online::connection::Connection;
use crate::online::explained::because;
use crate::online::known::Known;
use crate::online::moment::ago;
use crate::online::runtime;
use crate::report::counted;
use crate::session::Session;
use crate::table::{Cell, Side, Table};

const BOLD: Style = Style::new().bold();
const REASON: Style = AnsiColor::Yellow.on_default();

/// List dead letters, the oldest first.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    selection: Selection,

    /// So many at a time.
    #[arg(long, value_name = "N", default_value = "50")]
    limit: usize,

    /// From this sequence on, as the page before says.
    #[arg(long, value_name = "SEQUENCE", default_value = "1")]
    from: u64,

    #[command(flatten)]
    connection: Connection,
}

impl List {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let known = Known::read(session)?;
        self.selection.check(&known)?;
        let (found, next) = runtime::wait(async {
            let bus = open(&self.connection, &known).await?;
            let mut letters = self.selection.letters(&bus, &known)?.starting_at(self.from);
            let mut found = Vec::new();
            loop {
                match letters.next().await.map_err(|error| because(&error))? {
                    Some(letter) if found.len() == self.limit => {
                        return Ok((found, Some(letter.sequence)));
                    }
                    Some(letter) => found.push(letter),
                    None => return Ok((found, None)),
                }
            }
        })?;
        let letters: Vec<Value> = found.iter().map(|letter| data::letter(letter, &known)).collect();
        let answer = json!({ "dead_letters": letters, "next": next });
        Answer::new("dlq list", self.text(session, &known, &found, next), answer).write(session)
    }

    fn text(
        &self,
        session: &Session,
        known: &Known,
        found: &[DeadLetter],
        next: Option<u64>,
    ) -> String {
        let mut text = String::new();
        if !found.is_empty() {
            let mut table = Table::new(&[
                ("", Side::Right),
                ("age", Side::Right),
                ("subscription", Side::Left),
                ("event", Side::Left),
                ("organization", Side::Left),
                ("reason", Side::Left),
                ("error", Side::Left),
            ]);
            for letter in found {
                table.row([
                    Cell::styled(letter.sequence.to_string(), BOLD),
                    ago(letter.time).into(),
                    known.named(&letter.subscription).into(),
                    letter.event_type.clone().unwrap_or_else(|| "?".to_owned()).into(),
                    letter.organization_id.clone().unwrap_or_default().into(),
                    Cell::styled(letter.reason.map_or("?", Reason::as_str), REASON),
                    letter.error.clone().into(),
                ]);
            }
            text = table.within(session.width());
        }
        if session.is_quiet() {
            return text;
        }
        match (found, next) {
            ([], _) => text.push_str("no dead letters\n"),
            (_, Some(next)) => text.push_str(&format!(
                "{}, and more: `--from {next}` goes on\n",
                counted(found.len(), "dead letter")
            )),
            ([first, ..], None) => text.push_str(&format!(
                "{}; `tidings dlq show {}` tells more of one\n",
                counted(found.len(), "dead letter"),
                first.sequence
            )),
        }
        text
    }
}
