//! `tidings lag`

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::{Value, json};
use tidings::catalog::SubscriptionSpec;
use tidings::{BrokerError, SubscriptionStatus, Tidings};

use super::Outcome;
use crate::answer::{self, require_answer_format};
use crate::failure::Failure;
use crate::online::connection::Connection;
use crate::online::explained::{apply_first, because};
use crate::online::known::{Known, path};
use crate::online::moment::ago;
use crate::online::runtime;
use crate::output::ERROR;
use crate::report::{Format, Verdict};
use crate::session::Session;
use crate::table::{Cell, Side, Table, grouped};

const WARNING: Style = AnsiColor::Yellow.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

/// Show how far behind subscriptions are.
///
/// Of each, how many events it was never handed (`pending`), how many are being handled (`in flight`), how many of these not for
/// the first time (`redelivered`), and how many it could not handle (`dead letters`; those that were replayed and are not
/// settled yet stand behind a `+`). Exits with 1 where a consumer is missing, or more events are pending than `--max` allows.
#[derive(Debug, Args)]
pub(crate) struct Lag {
    /// Only these subscriptions: `billing.invoicing`. By default all of the catalog.
    subscriptions: Vec<String>,

    /// The subscriptions of this service.
    #[arg(long, value_name = "NAME")]
    service: Vec<String>,

    /// So many events may be pending, of each subscription.
    #[arg(long, value_name = "N")]
    max: Option<u64>,

    /// Look again and again, until interrupted.
    #[arg(long, short)]
    watch: bool,

    /// Seconds between two looks.
    #[arg(long, value_name = "SECONDS", default_value = "2", requires = "watch")]
    every: std::num::NonZeroU16,

    #[command(flatten)]
    connection: Connection,
}

/// A subscription as it stands; none where the server does not have it.
type Found = (&'static SubscriptionSpec, Option<SubscriptionStatus>);

impl Lag {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "lag")?;
        let known = Known::read(session)?;
        let subscriptions = known.subscriptions(&self.subscriptions, &self.service)?;
        if subscriptions.is_empty() {
            return Err(Failure::new("there is no subscription to look at"));
        }
        if !self.watch {
            let found = runtime::wait(async {
                let bus = self.connection.open().await?;
                look(&bus, &subscriptions).await
            })?;
            if found.iter().all(|(_, status)| status.is_none()) {
                let what = "the server has none of the consumers of these subscriptions";
                return Err(apply_first(what.to_owned()));
            }
            session.output.write(&self.shown(session, &found)?)?;
            return Ok(self.verdict(&found));
        }
        runtime::to_the_end(async |mut interruption| {
            tokio::select! {
                biased;
                () = interruption.told() => Ok(Verdict::Passed),
                watched = self.watched(session, &subscriptions) => watched,
            }
        })
    }

    async fn watched(
        &self,
        session: &Session,
        subscriptions: &[&'static SubscriptionSpec],
    ) -> Outcome {
        let bus = self.connection.open().await?;
        let mut verdict = Verdict::Passed;
        while !session.output.closed() {
            // A server that is away for a moment comes back.
            match look(&bus, subscriptions).await {
                Ok(found) => {
                    session.redraw(&self.shown(session, &found)?)?;
                    verdict = self.verdict(&found);
                }
                Err(failure) => crate::output::complain(&failure.to_string()),
            }
            tokio::time::sleep(Duration::from_secs(self.every.get().into())).await;
        }
        Ok(verdict)
    }

    fn verdict(&self, found: &[Found]) -> Verdict {
        let is_well = |(_, status): &Found| status.is_some_and(|status| !self.is_over(&status));
        if found.iter().all(is_well) { Verdict::Passed } else { Verdict::Failed }
    }

    fn is_over(&self, status: &SubscriptionStatus) -> bool {
        self.max.is_some_and(|max| status.pending > max)
    }

    fn shown(&self, session: &Session, found: &[Found]) -> Result<String, Failure> {
        if session.format == Format::Json {
            return answer::document("lag", &self.data(found));
        }
        let mut table = Table::new(&[
            ("subscription", Side::Left),
            ("stream", Side::Left),
            ("pending", Side::Right),
            ("in flight", Side::Right),
            ("redelivered", Side::Right),
            ("dead letters", Side::Right),
            ("last delivery", Side::Left),
        ]);
        for (subscription, status) in found {
            let (name, stream) = (Cell::from(path(subscription)), Cell::from(subscription.stream));
            match status {
                Some(status) => table.row([
                    name,
                    stream,
                    self.pending(status),
                    grouped(status.in_flight).into(),
                    noticed(status.redelivered, "", WARNING),
                    dead_letters(status),
                    status.last_delivery.map_or_else(
                        || "never".into(),
                        |at| Cell::from(format!("{} ago", ago(at))),
                    ),
                ]),
                None => {
                    let words = Cell::styled("no consumer: run `tidings apply`", ERROR);
                    let blank = || Cell::from("");
                    table.row([name, stream, blank(), blank(), blank(), blank(), words]);
                }
            }
        }
        let mut text = table.within(session.width());
        if let Some(max) = self.max.filter(|_| !session.is_quiet()) {
            let over: Vec<String> = found
                .iter()
                .filter(|(_, status)| status.is_some_and(|status| self.is_over(&status)))
                .map(|(subscription, _)| path(subscription))
                .collect();
            text.push_str(&match over.len() {
                0 => format!(
                    "{GOOD}no subscription{GOOD:#} has more than {} pending\n",
                    grouped(max)
                ),
                _ => format!("more than {} pending: {}\n", grouped(max), over.join(", ")),
            });
        }
        Ok(text)
    }

    fn pending(&self, status: &SubscriptionStatus) -> Cell {
        let style = if self.is_over(status) { ERROR } else { Style::new() };
        Cell::styled(grouped(status.pending), style)
    }

    fn data(&self, found: &[Found]) -> Value {
        let subscriptions = found.iter().map(|(subscription, status)| {
            let known = status.unwrap_or_default();
            json!({
                "subscription": path(subscription),
                "durable": subscription.durable,
                "stream": subscription.stream,
                "exists": status.is_some(),
                "pending": known.pending,
                "in_flight": known.in_flight,
                "redelivered": known.redelivered,
                "dead_letters": known.dead_letters,
                "redriven": known.redriven,
                "last_delivery": known.last_delivery.map(|time| time.to_string()),
                "over": self.is_over(&known),
            })
        });
        json!({ "max": self.max, "subscriptions": subscriptions.collect::<Vec<_>>() })
    }
}

async fn look(
    bus: &Tidings,
    subscriptions: &[&'static SubscriptionSpec],
) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for subscription in subscriptions {
        let status = match bus.status(subscription).await {
            Ok(status) => Some(status),
            Err(BrokerError::StreamMissing(_) | BrokerError::ConsumerMissing { .. }) => None,
            Err(error) => return Err(because(&error)),
        };
        found.push((*subscription, status));
    }
    Ok(found)
}

fn dead_letters(status: &SubscriptionStatus) -> Cell {
    let redriven = match status.redriven {
        0 => String::new(),
        count => format!(" +{}", grouped(count)),
    };
    noticed(status.dead_letters, &redriven, ERROR)
}

fn noticed(count: u64, behind: &str, style: Style) -> Cell {
    let style = if count == 0 { Style::new() } else { style };
    Cell::styled(format!("{}{behind}", grouped(count)), style)
}
