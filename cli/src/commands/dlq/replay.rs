//! `tidings dlq replay`

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tidings::{DeadLetter, Redriven, Tidings};
use tokio::time::Instant;

use super::open;
use super::selection::Chosen;
use crate::answer::Answer;
use crate::commands::Outcome;
use crate::failure::Failure;
use crate::online::connection::Connection;
use crate::online::explained::because;
use crate::online::known::Known;
use crate::online::runtime::Interruption;
use crate::online::{progress, runtime};
use crate::report::{Verdict, counted};
use crate::session::Session;

/// How often it is looked whether they were handled.
const LOOK: Duration = Duration::from_millis(250);

/// Hand dead letters to the subscriptions that failed, and to no other, to be handled again.
///
/// Each keeps its content and its id, and its attempts begin anew; what fails again is a dead letter again. With `--wait` it tells
/// what came of it, and exits with 1 where something failed again or nobody took it in that time.
#[derive(Debug, Args)]
pub(super) struct Replay {
    #[command(flatten)]
    chosen: Chosen,

    /// Tell which it would be, and replay nothing.
    #[arg(long)]
    dry_run: bool,

    /// No more than so many a second.
    #[arg(long, value_name = "N")]
    rate: Option<NonZeroU32>,

    /// No more than so many, the oldest first.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,

    /// Wait until they were handled or failed again; so many seconds at most.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "60")]
    wait: Option<u32>,

    #[command(flatten)]
    connection: Connection,
}

/// What came of those that were handed over.
#[derive(Default)]
struct Fate {
    /// Dead letters that they became again.
    again: Vec<u64>,
    /// How many nobody has settled yet.
    open: u64,
}

impl Replay {
    pub(super) fn run(&self, session: &Session) -> Outcome {
        let known = Known::read(session)?;
        self.chosen.check(&known)?;
        let interrupted = Arc::new(AtomicBool::new(false));
        let (found, redriven, fate) = runtime::to_the_end(async |mut interruption| {
            let (bus, found) = tokio::select! {
                biased;
                () = interruption.told() => return Err(Failure::new("interrupted: nothing was replayed")),
                found = async {
                    let bus = open(&self.connection, &known).await?;
                    let found = self.chosen.find(&bus, &known, self.limit).await?;
                    Ok((bus, found))
                } => found?,
            };
            let told = (interruption.clone(), Arc::clone(&interrupted));
            let redriven = self.redrive(session, &known, &bus, &found, told).await?;
            let is_over = self.dry_run || interrupted.load(Ordering::Relaxed);
            let fate = match self.wait.filter(|_| !is_over && redriven.count > 0) {
                None => None,
                Some(seconds) => tokio::select! {
                    biased;
                    () = interruption.told() => None,
                    fate = wait(session, &known, &bus, &found, seconds) => Some(fate?),
                },
            };
            Ok((found, redriven, fate))
        })?;
        if interrupted.load(Ordering::Relaxed) {
            return Err(Failure::new(format!(
                "interrupted: {} of {} handed over",
                redriven.count,
                counted(found.len(), "dead letter")
            ))
            .help("the others are still dead letters; the same again goes on with them"));
        }
        self.answer(session, &known, &found, redriven, fate.as_ref())
    }

    async fn redrive(
        &self,
        session: &Session,
        known: &Known,
        bus: &Tidings,
        found: &[DeadLetter],
        (mut interruption, interrupted): (Interruption, Arc<AtomicBool>),
    ) -> Result<Redriven, Failure> {
        let until = async move {
            interruption.told().await;
            interrupted.store(true, Ordering::Relaxed);
        };
        let bar = progress::bar(session, "replaying", Some(found.len() as u64));
        let moving = bar.clone();
        let sequences = found.iter().map(|letter| letter.sequence);
        let mut redrive = bus
            .dead_letters(known.runtime)
            .among(sequences)
            .redrive()
            .until(until)
            .on_progress(move |so_far| moving.set_position(so_far.count + so_far.left));
        if self.dry_run {
            redrive = redrive.dry_run();
        }
        if let Some(rate) = self.rate {
            redrive = redrive.per_second(rate);
        }
        let redriven = redrive.await;
        bar.finish_and_clear();
        redriven.map_err(|error| {
            let (sequence, done) = (error.sequence, error.redriven.count);
            because(&error).help(format!(
                "{done} were handed over before; {sequence} and those behind it are left"
            ))
        })
    }

    fn answer(
        &self,
        session: &Session,
        known: &Known,
        found: &[DeadLetter],
        redriven: Redriven,
        fate: Option<&Fate>,
    ) -> Outcome {
        let subscriptions: BTreeSet<String> =
            found.iter().map(|letter| known.named(&letter.subscription)).collect();
        let to = subscriptions.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let count = counted(usize::try_from(redriven.count).unwrap_or(usize::MAX), "dead letter");
        let mut text = match (self.dry_run, redriven.count) {
            (_, 0) => "no dead letters to replay\n".to_owned(),
            (true, _) => format!("{count} would be handed to {to} again\n"),
            (false, _) => format!("{count} handed to {to} again\n"),
        };
        if redriven.left > 0 {
            text.push_str(&format!(
                "{} left: there is no payload, and the message is gone from its stream\n",
                redriven.left
            ));
        }
        if let Some(fate) = fate {
            text.push_str(&said(fate, redriven.count));
        } else if redriven.count > 0 && !self.dry_run && !session.is_quiet() {
            text.push_str("what fails again is a dead letter again: `tidings dlq list` shows it\n");
        }
        let sequences: Vec<u64> = found.iter().map(|letter| letter.sequence).collect();
        let data = json!({
            "dry_run": self.dry_run,
            "count": redriven.count,
            "left": redriven.left,
            "sequences": sequences,
            "subscriptions": subscriptions,
            "waited": fate.map(|fate| json!({ "failed_again": fate.again, "unsettled": fate.open })),
        });
        Answer::new("dlq replay", text, data).write(session)?;
        let is_well = fate.is_none_or(|fate| fate.again.is_empty() && fate.open == 0);
        Ok(if is_well { Verdict::Passed } else { Verdict::Failed })
    }
}

fn said(fate: &Fate, count: u64) -> String {
    let (again, open) = (fate.again.len() as u64, fate.open);
    let handled = count.saturating_sub(again + open);
    let mut text = format!("{handled} handled\n");
    if again > 0 {
        let sequences: Vec<String> = fate.again.iter().map(u64::to_string).collect();
        text.push_str(&format!("{again} failed again: {}\n", sequences.join(", ")));
    }
    if open > 0 {
        text.push_str(&format!(
            "{open} still open: is the service running? They wait for it, and are handled when it is\n"
        ));
    }
    text
}

/// Waits until the subscriptions have settled what they were handed, and looks for what failed again.
async fn wait(
    session: &Session,
    known: &Known,
    bus: &Tidings,
    found: &[DeadLetter],
    seconds: u32,
) -> Result<Fate, Failure> {
    let durables: BTreeSet<&str> =
        found.iter().map(|letter| letter.subscription.as_str()).collect();
    let all = known.runtime.subscriptions.iter();
    let subscriptions: Vec<_> = all.filter(|one| durables.contains(one.durable)).collect();
    let deadline = Instant::now() + Duration::from_secs(seconds.into());
    let bar = progress::bar(session, "waiting for", None);
    let mut fate = Fate::default();
    loop {
        fate.open = 0;
        for subscription in &subscriptions {
            let status = bus.status(subscription).await.map_err(|error| because(&error))?;
            fate.open += status.redriven;
        }
        bar.set_position(fate.open);
        if fate.open == 0 || Instant::now() >= deadline {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    bar.finish_and_clear();
    let last = found.iter().map(|letter| letter.sequence).max().unwrap_or_default();
    let ids: BTreeSet<_> = found.iter().filter_map(|letter| letter.event_id.as_ref()).collect();
    let mut newer = bus.dead_letters(known.runtime).starting_at(last + 1);
    while let Some(letter) = newer.next().await.map_err(|error| because(&error))? {
        if letter.event_id.as_ref().is_some_and(|id| ids.contains(id)) {
            fate.again.push(letter.sequence);
        }
    }
    Ok(fate)
}
