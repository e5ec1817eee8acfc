//! `tidings tail`

mod part;
mod read;
mod shown;

use std::num::NonZeroUsize;

use clap::Args;

use self::part::Part;
use super::Outcome;
use crate::answer::require_answer_format;
use crate::online::connection::Connection;
use crate::online::known::Known;
use crate::online::moment::Moment;
use crate::online::runtime;
use crate::report::{Format, Verdict};
use crate::session::Session;

/// Show the events that a server holds, and those that come.
///
/// The last ten, unless something else is said. They are decoded, with the version of each, and with `<redacted>` in the place of
/// what the catalog calls personal. Nothing is acknowledged, and no subscription notices. Ctrl-C ends it in good order.
#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// An event, a stream, or a subject with wildcards: `orders.order.created`, `ORDERS_EVENTS`, `orders.>`. By default every
    /// event of the catalog.
    what: Option<String>,

    /// What this service has published.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["what", "subscription"])]
    service: Option<String>,

    /// What this subscription receives: `billing.invoicing`.
    #[arg(long, value_name = "NAME", conflicts_with = "what")]
    subscription: Option<String>,

    /// Only events of this organization.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,

    /// Only events with this key.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,

    /// From here on: how long ago (`15m`, `2h`, `7d`), or a time by RFC 3339.
    #[arg(long, value_name = "WHEN", conflicts_with = "last")]
    since: Option<Moment>,

    /// So many, the newest.
    #[arg(long, short = 'n', value_name = "N")]
    last: Option<NonZeroUsize>,

    /// Go on with what comes.
    #[arg(long, short)]
    follow: bool,

    /// Payloads over several lines. By default in one, which a terminal that is too narrow cuts.
    #[arg(long, short)]
    pretty: bool,

    #[command(flatten)]
    connection: Connection,
}

/// How many are shown where nothing is said.
const LAST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9);

impl Tail {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "tail")?;
        let known = Known::read(session)?;
        let mut parts = self.parts(&known)?;
        for part in &mut parts {
            part.organization.clone_from(&self.organization);
            part.key.clone_from(&self.key);
        }
        runtime::to_the_end(async |mut interruption| {
            let bus = tokio::select! {
                biased;
                () = interruption.told() => return Ok(Verdict::Passed),
                bus = self.connection.open() => bus?,
            };
            let count = std::cell::Cell::new(0_u64);
            let show = |item: &read::Item| {
                count.set(count.get() + 1);
                shown::write(session, known.runtime, item, self.pretty)
            };
            let tail = read::Tail { bus, parts, show: &show, output: &session.output };
            let history = match self.since {
                Some(Moment(since)) => read::History::Since(since),
                None => read::History::Last(self.last.unwrap_or(LAST).get()),
            };
            tail.run(history, self.follow, interruption).await?;
            if count.get() == 0 && session.format == Format::Human && !session.is_quiet() {
                session.output.write("no events\n")?;
            }
            Ok(Verdict::Passed)
        })
    }

    fn parts(&self, known: &Known) -> Result<Vec<Part>, crate::failure::Failure> {
        match (&self.what, &self.service, &self.subscription) {
            (_, Some(service), _) => part::of_service(known, service),
            (_, _, Some(subscription)) => Ok(vec![Part::new(known.subscription(subscription)?)]),
            (Some(what), ..) => part::named(known, what),
            (None, ..) => Ok(part::everything(known)),
        }
    }
}
