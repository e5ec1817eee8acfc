//! A subscriber at full speed for some minutes, alone in its process, and what that takes of memory.
//!
//! Events wait for it all the time, but never more than [`AHEAD`], so that nothing else grows either: the stream forgets those
//! that are handled.

use std::collections::VecDeque;
use std::fs;
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tidings::catalog::Catalog;
use tidings::{Config, Subscription as _, Tidings};
use tidings_benches::baseline::Spread;
use tidings_tests::busy::Busy;
use tidings_tests::catalog::{CATALOG, courier};
use tidings_tests::resident::Resident;
use tokio::process::Command;
use tokio::time::{interval, sleep};

use crate::Outcome;
use crate::arguments::FullSpeed;
use crate::director::{SAMPLE, event, server};

/// Events that wait for the subscriber at most; the stream has room for twice as many.
const AHEAD: u64 = 50_000;
/// So many are published between two looks at how many wait.
const LOOK: u64 = 5_000;
/// Before the next look, where enough wait.
const PAUSE: Duration = Duration::from_millis(10);
/// Events of the publisher that wait for their receipts.
const WINDOW: usize = 1024;
/// What a subscriber may take.
const MOST_KIB: u64 = 64 * 1024;

/// What the subscriber has handled.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tally {
    events: u64,
    /// Of their steps, so that one that came twice is not taken for another.
    sum: u64,
}

/// Counts until the process is told to end. The server's address is that of `NATS_URL`.
pub(crate) async fn count() -> Outcome {
    let bus = Tidings::connect(Config::from_env()?).await?;
    let seen = Arc::new((AtomicU64::new(0), AtomicU64::new(0)));
    let own = Arc::clone(&seen);
    let subscriber = Busy::subscriber(move |event| {
        own.0.fetch_add(1, Ordering::Relaxed);
        own.1.fetch_add(event.step, Ordering::Relaxed);
    });
    bus.run(subscriber).await?;
    bus.close().await?;
    let tally =
        Tally { events: seen.0.load(Ordering::Relaxed), sum: seen.1.load(Ordering::Relaxed) };
    println!("{}", serde_json::to_string(&tally)?);
    Ok(())
}

/// Runs, reports, and says whether each event was handled and memory is flat and little.
pub(crate) async fn direct(plan: &FullSpeed) -> Outcome<bool> {
    let (_server, url) = server().await?;
    let bus = Tidings::connect(Config::new(url.as_str())).await?;
    bus.ensure(&Catalog { subscriptions: &[Busy::SPEC], ..CATALOG }).await?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("count").env("NATS_URL", &url).stdin(Stdio::null()).stdout(Stdio::piped());
    let subscriber = command.kill_on_drop(true).spawn()?;
    let id = subscriber.id().ok_or("the subscriber has ended before its time")?;

    let began = Instant::now();
    let mut publishing = pin!(publish(&bus, began + plan.span));
    let (mut memory, mut own) = (Resident::default(), Resident::default());
    let mut clock = interval(SAMPLE);
    let (published, waiting) = loop {
        tokio::select! {
            published = &mut publishing => break published?,
            _ = clock.tick() => {
                memory.sample(id)?;
                own.sample(std::process::id())?;
            }
        }
    };
    bus.idle(Busy::SPEC).await?;
    let took = began.elapsed();
    kill_process(Pid::from_raw(id.cast_signed()).ok_or("no process")?, Signal::TERM)?;
    let output = subscriber.wait_with_output().await?;
    if !output.status.success() {
        return Err(format!("the subscriber has ended with {}", output.status).into());
    }
    bus.close().await?;
    let figures = Figures { published, took, waiting, memory, publisher: own };
    let tally = serde_json::from_slice(&output.stdout)?;
    figures.report(plan, &tally)?;
    Ok(figures.lost(&tally) == 0 && figures.memory.is_flat() && figures.memory.most() < MOST_KIB)
}

/// Publishes as fast as events are handled until then, and returns how many there were, and how many waited at each look.
async fn publish(bus: &Tidings, end: Instant) -> Outcome<(u64, Vec<f64>)> {
    let publisher = courier::Publisher::new(bus).organization("acme");
    let mut receipts = VecDeque::with_capacity(WINDOW);
    let (mut published, mut waiting) = (0, Vec::new());
    while Instant::now() < end {
        for step in published..published + LOOK {
            if receipts.len() == WINDOW
                && let Some(receipt) = receipts.pop_front()
            {
                receipt.await?;
            }
            receipts.push_back(publisher.parcel_sent(event(step)).enqueue().await?);
        }
        published += LOOK;
        loop {
            let pending = bus.lag(Busy::SPEC).await?.pending;
            waiting.push(pending as f64);
            if pending <= AHEAD - LOOK {
                break;
            }
            sleep(PAUSE).await;
        }
    }
    for receipt in receipts {
        receipt.await?;
    }
    Ok((published, waiting))
}

struct Figures {
    published: u64,
    took: Duration,
    waiting: Vec<f64>,
    memory: Resident,
    publisher: Resident,
}

impl Figures {
    /// At least so many events.
    fn lost(&self, tally: &Tally) -> u64 {
        let all = Tally { events: self.published, sum: (0..self.published).sum() };
        match tally.events > self.published || *tally == all {
            true => 0,
            false => (self.published - tally.events).max(1),
        }
    }

    fn report(&self, plan: &FullSpeed, tally: &Tally) -> Outcome {
        let lost = self.lost(tally);
        let repeated = tally.events.saturating_sub(self.published);
        let rate = self.published as f64 / self.took.as_secs_f64();
        let waiting = Spread::of(self.waiting.clone());
        let span = plan.span.as_secs_f64() / 60.0;
        let minutes = self.memory.parts((plan.span.as_secs() / 60).max(1).try_into()?);
        let mib: Vec<_> =
            minutes.iter().map(|kib| format!("{:.1}", *kib as f64 / 1024.0)).collect();
        println!("at full speed for {span:.1} minutes: {} events", self.published);
        println!("  handled a second                 {rate:.0}");
        println!("  events that waited for it        {:.0} at the median look", waiting.median);
        println!("  lost                             {lost}");
        println!("  handled more than once           {repeated}");
        println!("  its memory by minutes, in MiB    {}", mib.join(" "));
        let most = self.memory.most();
        let verdict = if most < MOST_KIB { "met" } else { "MISSED" };
        println!(
            "  at most                          {:.1}, below 64: {verdict}",
            most as f64 / 1024.0
        );
        println!("subscriber  {}", self.memory);
        println!("publisher   {}", self.publisher);
        let Some(path) = &plan.json else { return Ok(()) };
        let figures = json!({
            "minutes": span,
            "events": self.published,
            "handled_per_second": rate,
            "waiting_at_the_median_look": waiting.median,
            "lost": lost,
            "handled_more_than_once": repeated,
            "subscriber": {
                "kib_by_minutes": minutes,
                "kib_at_most": most,
                "flat": self.memory.is_flat(),
            },
            "publisher": { "kib_at_most": self.publisher.most(), "flat": self.publisher.is_flat() },
        });
        Ok(fs::write(path, format!("{figures:#}\n"))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_came_twice_hides_no_other() {
        let figures = Figures {
            published: 4,
            took: Duration::from_secs(1),
            waiting: Vec::new(),
            memory: Resident::default(),
            publisher: Resident::default(),
        };
        assert_eq!(figures.lost(&Tally { events: 4, sum: 6 }), 0);
        assert_eq!(figures.lost(&Tally { events: 4, sum: 5 }), 1);
        assert_eq!(figures.lost(&Tally { events: 2, sum: 6 }), 2);
    }
}
