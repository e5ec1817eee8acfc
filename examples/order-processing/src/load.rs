//! Many orders, with a progress bar and a summary.

use std::time::{Duration, Instant};

use event_catalog::types::OrderStatus;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use indicatif::{ProgressBar, ProgressStyle};
use sample_program::say;
use tidings::Report;
use tokio::time::interval;

use crate::orders::{Database, OrderService, Repository};
use crate::samples;
use crate::shop::Shop;

/// Orders being placed at once.
const PIPELINE: usize = 64;
/// How often the bar moves.
const GLANCE: Duration = Duration::from_millis(100);

/// Places `count` orders, `rate` a second or as fast as they are taken, and sees them through.
pub(crate) async fn run<DB: Database>(
    shop: &Shop<DB>,
    count: u64,
    rate: Option<f64>,
    stays: bool,
) -> anyhow::Result<()> {
    let repository = shop.orders.repository();
    let before = Tally::take(repository).await?;
    let begun = Instant::now();

    let bar = bar(count);
    let work = Box::pin(async {
        tokio::select! {
            outcome = see_through(shop, count, rate) => outcome,
            outcome = watch(&bar, repository, before.decided()) => outcome,
        }
    });
    let outcome = shop.run_during(work, stays).await;
    let elapsed = begun.elapsed();
    bar.finish_and_clear();
    let ((), report) = outcome?;
    let tally = Tally::take(repository).await?.since(&before);
    summary(count, &tally, &report, elapsed);
    Ok(())
}

async fn see_through<DB: Database>(
    shop: &Shop<DB>,
    count: u64,
    rate: Option<f64>,
) -> anyhow::Result<()> {
    place(&shop.orders, count, rate).await?;
    shop.settled().await
}

async fn place<DB: Database>(
    service: &OrderService<DB>,
    count: u64,
    rate: Option<f64>,
) -> anyhow::Result<()> {
    let pace = rate.map(|rate| interval(Duration::from_secs_f64(1.0 / rate)));
    stream::unfold((0, pace), |(number, mut pace)| async move {
        if let Some(pace) = &mut pace {
            pace.tick().await;
        }
        (number < count).then_some((number, (number + 1, pace)))
    })
    .map(|number| service.place(samples::mixed(number)))
    .buffer_unordered(PIPELINE)
    .try_collect()
    .await
}

/// Moves the bar as orders are decided; ends only when it cannot.
async fn watch<DB: Database>(
    bar: &ProgressBar,
    repository: &Repository<DB>,
    before: u64,
) -> anyhow::Result<()> {
    let mut glances = interval(GLANCE);
    loop {
        glances.tick().await;
        let decided = Tally::take(repository).await?.decided();
        bar.set_position(decided - before);
    }
}

fn bar(count: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{bar:40} {human_pos}/{human_len} orders decided  {per_sec}  {elapsed_precise}",
    );
    ProgressBar::new(count).with_style(style.expect("the template is valid"))
}

/// How many orders were decided, one way or the other.
struct Tally {
    paid: u64,
    cancelled: u64,
}

impl Tally {
    async fn take<DB: Database>(repository: &Repository<DB>) -> sqlx::Result<Self> {
        let paid = repository.reached(OrderStatus::Paid).await?;
        Ok(Self { paid, cancelled: repository.reached(OrderStatus::Cancelled).await? })
    }

    fn decided(&self) -> u64 {
        self.paid + self.cancelled
    }

    fn since(&self, before: &Self) -> Self {
        Self { paid: self.paid - before.paid, cancelled: self.cancelled - before.cancelled }
    }
}

fn summary(orders: u64, tally: &Tally, report: &Report, elapsed: Duration) {
    let Tally { paid, cancelled } = tally;
    let pending = orders.saturating_sub(tally.decided());
    let Report { handled, retried, dead_lettered, .. } = report;
    let seconds = elapsed.as_secs_f64();
    let per_second = *handled as f64 / seconds;
    say(format_args!(
        "orders        {orders:>10}  {paid} paid, {cancelled} cancelled, {pending} pending"
    ));
    say(format_args!("handled       {handled:>10}  events, once for each subscription"));
    say(format_args!("retries       {retried:>10}"));
    say(format_args!("dead letters  {dead_lettered:>10}"));
    say(format_args!("duration      {seconds:>10.2}  s"));
    say(format_args!("throughput    {per_second:>10.0}  events/s"));
}
