//! `tidings bench`

mod measure;
mod stream;

use std::num::{NonZeroU8, NonZeroU16, NonZeroU64};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tidings_codegen::model;

use self::measure::Figures;
use self::stream::Track;
use super::Outcome;
use crate::answer::{Answer, require_answer_format};
use crate::failure::Failure;
use crate::online::connection::Connection;
use crate::online::known::Known;
use crate::online::{progress, runtime};
use crate::session::Session;
use crate::table::{Side, Table, grouped};

/// Measure how fast the catalog's events go through the server.
///
/// Publishes and handles the first example of each event, on a stream of its own that is removed afterwards: nothing reaches the
/// streams of the catalog. `published/s` is with many on their way, `p50` and `p99` are what one publish takes by itself until
/// the stream has it; `handled/s` is a handler that does nothing, with every acknowledgement confirmed.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Only these events: `orders.order.created`. By default all that have an example.
    events: Vec<String>,

    /// So many of each event.
    #[arg(long, short = 'n', value_name = "N", default_value = "2000")]
    count: NonZeroU64,

    /// Events that are handled at once.
    #[arg(long, value_name = "N", default_value = "64")]
    concurrency: NonZeroU16,

    /// Where the stream keeps its messages.
    #[arg(long, value_enum, value_name = "WHERE", default_value_t)]
    storage: Storage,

    /// Copies over the cluster's servers.
    #[arg(long, value_name = "N", default_value = "1")]
    replicas: NonZeroU8,

    #[command(flatten)]
    connection: Connection,
}

/// Where the stream keeps its messages.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Storage {
    /// On disk.
    #[default]
    File,
    /// In memory.
    Memory,
}

/// An event that is sent again and again.
struct Sample {
    event: String,
    payload: Value,
}

impl Bench {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "bench")?;
        let known = Known::read(session)?;
        let samples = self.samples(&known)?;
        let track = Track::new(self, &samples);
        let figures = runtime::to_the_end(async |mut interruption| {
            let bus = tokio::select! {
                biased;
                () = interruption.told() => return Err(Failure::new("interrupted")),
                bus = self.connection.open() => bus?,
            };
            let count = self.count.get();
            let total = samples.len() as u64 * (2 * count + measure::singles(count));
            let bar = progress::bar(session, "measuring", Some(total));
            let measured = tokio::select! {
                biased;
                () = interruption.told() => Err(Failure::new("interrupted")),
                measured = async {
                    track.lay(&bus).await?;
                    let mut figures = Vec::new();
                    for (place, sample) in samples.iter().enumerate() {
                        figures.push(measure::event(&bus, &track, place, sample, count, &bar).await?);
                    }
                    Ok(figures)
                } => measured,
            };
            bar.finish_and_clear();
            let removed = track.remove(&bus).await;
            measured.and_then(|figures| removed.map(|()| figures))
        })?;
        self.answer(session, &figures)
    }

    fn samples(&self, known: &Known) -> Result<Vec<Sample>, Failure> {
        let example = |event: &model::Event| event.newest().examples.first().cloned();
        let sample = |event: &model::Event| {
            let payload = example(event)?.value;
            Some(Sample { event: event.id.clone(), payload })
        };
        if self.events.is_empty() {
            let samples: Vec<Sample> = known.catalog().events.values().filter_map(sample).collect();
            return match samples.is_empty() {
                true => Err(Failure::new("no event of the catalog has an example to send")),
                false => Ok(samples),
            };
        }
        let named = self.events.iter().map(|name| {
            let event = known.event(name)?;
            sample(event).ok_or_else(|| {
                Failure::new(format!("`{name}` has no example to send"))
                    .help("add one to `examples:` of its newest version")
            })
        });
        named.collect()
    }

    fn answer(&self, session: &Session, figures: &[Figures]) -> Outcome {
        let mut table = Table::new(&[
            ("event", Side::Left),
            ("bytes", Side::Right),
            ("published/s", Side::Right),
            ("MB/s", Side::Right),
            ("p50", Side::Right),
            ("p99", Side::Right),
            ("handled/s", Side::Right),
        ]);
        for one in figures {
            table.row([
                one.event.clone().into(),
                grouped(one.bytes).into(),
                grouped(one.published_per_second()).into(),
                format!("{:.1}", one.megabytes_per_second()).into(),
                milliseconds(one.p50).into(),
                milliseconds(one.p99).into(),
                grouped(one.handled_per_second()).into(),
            ]);
        }
        let mut text = table.within(session.width());
        if !session.is_quiet() {
            text.push_str(&format!(
                "{} of each, {} handled at once; the stream of this measurement is removed\n",
                grouped(self.count.get()),
                self.concurrency
            ));
        }
        let events = figures.iter().map(|one| {
            json!({
                "event": one.event,
                "bytes": one.bytes,
                "count": self.count,
                "published_per_second": one.published_per_second(),
                "publish_seconds": one.published.as_secs_f64(),
                "p50_seconds": one.p50.as_secs_f64(),
                "p99_seconds": one.p99.as_secs_f64(),
                "handled_per_second": one.handled_per_second(),
                "handle_seconds": one.handled.as_secs_f64(),
            })
        });
        let data = json!({
            "count": self.count,
            "concurrency": self.concurrency,
            "replicas": self.replicas,
            "events": events.collect::<Vec<_>>(),
        });
        Answer::new("bench", text, data).write(session)
    }
}

fn milliseconds(duration: std::time::Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1_000.0)
}
