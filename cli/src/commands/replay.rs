//! `tidings replay`

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use serde_json::json;
use tidings::{Replay as Reading, ReplayError, ReplaySource, Replayed};

use super::Outcome;
use crate::answer::{Answer, require_answer_format};
use crate::failure::Failure;
use crate::online::connection::Connection;
use crate::online::explained::because;
use crate::online::known::Known;
use crate::online::moment::Moment;
use crate::online::{progress, runtime};
use crate::output::{complain, slashed};
use crate::report::counted;
use crate::session::Session;
use crate::table::grouped;

/// Write stored events into a file, to read, keep, or replay to a handler.
///
/// One CloudEvent in JSON a line, in the order of the stream, with the place of each; payloads are as they are stored, personal data
/// included. Nothing is acknowledged, and no subscription notices. To a handler, a service replays by `Tidings::replay`, which
/// reads such files too. Interrupted, it says how far it has come, and `--resume` goes on from there.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// A subscription (`billing.invoicing`), an event (`orders.order.created`) or a stream (`ORDERS_EVENTS`).
    what: String,

    /// The file, which must not exist yet.
    #[arg(long, short, value_name = "FILE")]
    to: PathBuf,

    /// Go on where an interrupted replay into the same file has ended.
    #[arg(long)]
    resume: bool,

    /// Only events on subjects like this one, which may have wildcards.
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,

    /// Only events of this type; of any of these, if it is said several times.
    #[arg(long, value_name = "EVENT")]
    event: Vec<String>,

    /// Only events of this organization.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,

    /// Only events with this key.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    /// From the first that the stream took at this time: how long ago (`15m`, `2h`, `7d`), or a time by RFC 3339.
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,

    /// Up to the last that the stream took before this time.
    #[arg(long, value_name = "WHEN")]
    before: Option<Moment>,

    /// From this sequence of the stream on.
    #[arg(long, value_name = "SEQUENCE")]
    from: Option<u64>,

    /// Up to this sequence, that one included. By default up to what is the last when it starts.
    #[arg(long, value_name = "SEQUENCE")]
    until: Option<u64>,

    /// No more than so many events a second.
    #[arg(long, value_name = "N")]
    rate: Option<NonZeroU32>,

    /// Go on behind a message that is no event, and tell of it, instead of ending there.
    #[arg(long)]
    skip_failures: bool,

    #[command(flatten)]
    connection: Connection,
}

impl Replay {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "replay")?;
        let known = Known::read(session)?;
        let source = source(&known, &self.what)?;
        for event in &self.event {
            known.event(event)?;
        }
        let checkpoint = beside(&self.to);
        self.check_files(&checkpoint)?;
        let interrupted = Arc::new(AtomicBool::new(false));
        let replayed = runtime::to_the_end(async |mut interruption| {
            let bus = tokio::select! {
                biased;
                () = interruption.told() => return Err(Failure::new("interrupted: nothing was replayed")),
                bus = self.connection.open() => bus?,
            };
            let told = Arc::clone(&interrupted);
            let until = async move {
                interruption.told().await;
                told.store(true, Ordering::Relaxed);
            };
            let bar = progress::bar(session, "replaying", Some(0));
            let moving = bar.clone();
            let reading =
                self.selected(bus.replay(source)).checkpoint(&checkpoint).until(until).on_progress(
                    move |progress| {
                        moving.set_length(progress.end.unwrap_or_default());
                        moving.set_position(progress.sequence);
                    },
                );
            let replayed = reading.to_file(&self.to).await;
            bar.finish_and_clear();
            replayed.map_err(|error| self.failed(&error))
        })?;
        if interrupted.load(Ordering::Relaxed) {
            return Err(Failure::new(format!(
                "interrupted at sequence {}: {} in `{}` so far",
                replayed.sequence,
                counted_events(replayed.events),
                slashed(&self.to)
            ))
            .help("the same with `--resume` goes on from there"));
        }
        let removed = std::fs::remove_file(&checkpoint);
        removed.map_err(|error| Failure::io("cannot remove", &checkpoint, &error))?;
        self.answer(session, &replayed)
    }

    /// A file that is there is somebody's, unless it is to be gone on with.
    fn check_files(&self, checkpoint: &Path) -> Result<(), Failure> {
        let file = slashed(&self.to);
        match (self.to.exists(), checkpoint.exists(), self.resume) {
            (true, true, false) => Err(Failure::new(format!("`{file}` exists"))
                .help("an interrupted replay has left it: `--resume` goes on with it")
                .help(format!("or remove it and `{}` to begin anew", slashed(checkpoint)))),
            (true, false, false) => Err(Failure::new(format!("`{file}` exists"))
                .help("name another file: none is written over")),
            (true, false, true) => {
                Err(Failure::new(format!("`{file}` cannot be gone on with: it has no checkpoint"))
                    .help(format!("a replay that was interrupted leaves `{}`", slashed(checkpoint)))
                    .help("without one, the replay was finished"))
            }
            // The file that it was about is gone.
            (false, true, _) => std::fs::remove_file(checkpoint)
                .map_err(|error| Failure::io("cannot remove", checkpoint, &error)),
            (true, true, true) | (false, false, _) => Ok(()),
        }
    }

    fn selected(&self, mut reading: Reading) -> Reading {
        if let Some(subject) = &self.subject {
            reading = reading.subject(subject);
        }
        if let Some(organization) = &self.organization {
            reading = reading.organization(organization);
        }
        if let Some(key) = &self.key {
            reading = reading.key(key);
        }
        if let Some(Moment(since)) = self.since {
            reading = reading.since(since);
        }
        if let Some(Moment(before)) = self.before {
            reading = reading.before(before);
        }
        if let Some(sequence) = self.from {
            reading = reading.from_sequence(sequence);
        }
        if let Some(sequence) = self.until {
            reading = reading.to_sequence(sequence);
        }
        if let Some(rate) = self.rate {
            reading = reading.per_second(rate);
        }
        if self.skip_failures {
            reading = reading.skip_failures(|failure| complain(&failure.to_string()));
        }
        self.event.iter().fold(reading, Reading::event_type)
    }

    fn failed(&self, error: &ReplayError) -> Failure {
        let failure = because(error);
        match error {
            ReplayError::Failed { failure: failed, .. } => failure
                .help(format!("`--resume --from {}` leaves it out", failed.sequence + 1))
                .help("`--skip-failures` leaves out whatever is no event, and tells of it"),
            _ => failure,
        }
    }

    fn answer(&self, session: &Session, replayed: &Replayed) -> Outcome {
        let file = slashed(&self.to);
        let mut text = format!("{} in `{file}`\n", counted_events(replayed.events));
        if replayed.failed > 0 {
            text.push_str(&format!(
                "{} left out: they are no events\n",
                counted(usize::try_from(replayed.failed).unwrap_or(usize::MAX), "message")
            ));
        }
        if session.is_quiet() {
            text.clear();
        }
        let data = json!({
            "file": file,
            "events": replayed.events,
            "failed": replayed.failed,
            "sequence": replayed.sequence,
        });
        Answer::new("replay", text, data).write(session)
    }
}

fn counted_events(count: u64) -> String {
    match count {
        1 => "1 event is".to_owned(),
        count => format!("{} events are", grouped(count)),
    }
}

/// Where it is written down how far a replay into this file has come.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".checkpoint");
    file.with_file_name(name)
}

fn source(known: &Known, what: &str) -> Result<ReplaySource, Failure> {
    if let Some(stream) = known.stream(what) {
        return Ok(stream.into());
    }
    if let Some(event) = known.catalog().events.get(what) {
        return Ok(known.spec(what, event.newest().id.major)?.into());
    }
    if let Ok(subscription) = known.subscription(what) {
        return Ok(subscription.into());
    }
    let subscriptions: Vec<String> =
        known.runtime.subscriptions.iter().map(|one| crate::online::known::path(one)).collect();
    let names = known.catalog().events.keys().map(String::as_str);
    let names = names.chain(known.runtime.streams.iter().map(|stream| stream.name));
    let names = names.chain(subscriptions.iter().map(String::as_str));
    Err(Failure::new(format!("the catalog has no subscription, event or stream `{what}`"))
        .meant(what, names))
}
