use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::loaded::Last;
use super::snapshot::Snapshots;
use super::{Aggregate, Kind as _, LoadError, Loaded, Unreadable};
use crate::broker::{Page, Read};
use crate::contract::union::{check_organization, screen, takes};
use crate::message::envelope::{Envelope, Received};
use crate::message::opened::{opened, received};
use crate::{BrokerError, EventUnion as _, Tidings, resilience::retry};

/// How often it is asked for what should be there.
const TRANSIENT: u32 = 8;
/// How long the broker is looked for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads aggregates from their events. Cheap to clone.
///
/// ```no_run
/// # use tidings::aggregate::Aggregate;
/// # async fn example<Item: Aggregate>(bus: tidings::Tidings) -> Result<(), Box<dyn std::error::Error>> {
/// let item = bus.history::<Item>().load("MUG-BLUE-350").await?;
/// println!("{} events", item.version());
/// # Ok(())
/// # }
/// ```
///
/// Of one organization, from snapshots, and once more when something has happened:
///
/// ```no_run
/// use std::num::NonZeroU64;
///
/// use tidings::Tidings;
/// use tidings::aggregate::Snapshot;
///
/// async fn watch<Item: Snapshot>(bus: Tidings) -> Result<(), Box<dyn std::error::Error>> {
///     let every = NonZeroU64::new(100).expect("not zero");
///     let items = bus.history::<Item>().organization("acme").snapshots(bus.bucket("snapshots")?, every);
///     let mut item = items.load("MUG-BLUE-350").await?;
///     let before = item.version();
///     items.refresh(&mut item).await?;
///     println!("{} events since", item.version() - before);
///     Ok(())
/// }
/// ```
pub struct History<A> {
    pub(super) bus: Tidings,
    organization: Option<Arc<str>>,
    pub(super) snapshots: Option<Arc<Snapshots<A>>>,
    aggregate: PhantomData<fn() -> A>,
}

impl Tidings {
    /// Reads aggregates; see [`aggregate`](crate::aggregate). A publisher's
    /// [`aggregates`](crate::Publisher::aggregates) changes them too.
    pub fn history<A: Aggregate>(&self) -> History<A> {
        History::new(self.clone(), None)
    }
}

impl<A: Aggregate> History<A> {
    pub(super) fn new(bus: Tidings, organization: Option<Arc<str>>) -> Self {
        Self { bus, organization, snapshots: None, aggregate: PhantomData }
    }

    /// Only aggregates of this organization: the events of others are an error.
    #[must_use]
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into().into());
        self
    }

    /// The aggregate as all of its events have made it; without any, its default.
    ///
    /// # Errors
    /// An event cannot be read or is missing, or the stream cannot be read. It is never passed over.
    pub async fn load(&self, id: impl Display) -> Result<Loaded<A>, LoadError> {
        let id = id.to_string();
        let filter = A::Kind::SPEC.filter(&id)?;
        if let Some(snapshots) = &self.snapshots
            && let Some(mut loaded) =
                snapshots.read(&id, &filter, self.organization.as_deref()).await
        {
            let kept = loaded.last.clone();
            let reason = match self.read_on(&mut loaded, kept).await {
                Ok(true) => {
                    self.keep(&mut loaded);
                    return Ok(loaded);
                }
                Ok(false) => "it is not of this stream",
                // Whether it is the stream that lacks events, the stream alone says.
                Err(LoadError::Gap { .. }) => "its count is not that of the events behind it",
                Err(error) => return Err(error),
            };
            tracing::debug!(aggregate = A::Kind::SPEC.name, id, reason, "a snapshot is not used");
        }
        let mut loaded = Loaded::new(id, filter, A::default());
        self.read_on(&mut loaded, None).await?;
        self.keep(&mut loaded);
        Ok(loaded)
    }

    /// Brings it to what has happened since it was loaded.
    ///
    /// # Errors
    /// As of [`load`](Self::load); it is as far as it has come then.
    pub async fn refresh(&self, loaded: &mut Loaded<A>) -> Result<(), LoadError> {
        self.read_on(loaded, None).await?;
        self.keep(loaded);
        Ok(())
    }

    /// Writes it down if it is time to, in the background.
    pub(super) fn keep(&self, loaded: &mut Loaded<A>) {
        if let Some(snapshots) = &self.snapshots {
            snapshots.keep(loaded);
        }
    }

    /// Applies what comes behind it. Where it begins with what was `kept`, that comes once more, and has to be the same;
    /// else it is false that this is the history of which it was kept.
    async fn read_on(
        &self,
        loaded: &mut Loaded<A>,
        mut kept: Option<Last>,
    ) -> Result<bool, LoadError> {
        loop {
            let from = match &kept {
                Some(kept) => kept.sequence,
                None => loaded.last_sequence() + 1,
            };
            let Page { messages, more } = self.page(loaded, from).await?;
            let is_empty = messages.is_empty();
            for read in messages {
                if let Some(kept) = kept.take() {
                    match self.last_of(&read) {
                        Some(last) if last == kept => continue,
                        _ => return Ok(false),
                    }
                }
                self.take(loaded, &read).await?;
            }
            if kept.is_some() {
                return Ok(false);
            }
            if !more || is_empty {
                return Ok(true);
            }
        }
    }

    async fn page(&self, loaded: &Loaded<A>, from: u64) -> Result<Page, LoadError> {
        let spec = A::Kind::SPEC;
        let deadline = Instant::now() + PATIENCE;
        let mut attempts = 0;
        loop {
            // What was out when the connection was lost may have cost it.
            let carefully = attempts > 0;
            let page = self.bus.broker().page(spec.stream, &loaded.filter, from, carefully).await;
            attempts += 1;
            let pause =
                retry::doubling(Duration::from_millis(50), Duration::from_secs(1), attempts);
            match page {
                Err(error) if error.is_unreachable() && Instant::now() + pause < deadline => {}
                // A leader that just died looks like a missing stream for some seconds.
                Err(error) if error.is_transient() && attempts < TRANSIENT => {}
                page => return page.map_err(|source| broker_error::<A>(&loaded.id, source)),
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn take(&self, loaded: &mut Loaded<A>, read: &Read) -> Result<(), LoadError> {
        let (aggregate, stream, sequence) =
            (A::Kind::SPEC.name, A::Kind::SPEC.stream, read.message.sequence);
        let id = loaded.id.clone();
        let unreadable =
            move |source: Unreadable| LoadError::Event { aggregate, id, stream, sequence, source };
        let Received { mut envelope, data } = match received(&self.bus, read) {
            Ok(received) => received,
            Err(error) => return Err(unreadable(error.into())),
        };
        self.check_organization(loaded, &envelope)?;
        // A copy in another version is the same fact, and no event of its own: nobody needs its payload.
        let event = match takes::<A::Event>(&envelope) {
            Ok(false) => None,
            Err(error) => return Err(unreadable(Unreadable::because(error.to_string()))),
            Ok(true) => {
                let subject = &read.message.subject;
                if let Err(other) = check_organization::<A::Event>(&envelope, subject) {
                    return Err(unreadable(Unreadable::because(other.to_string())));
                }
                let data = match opened(&self.bus, stream, &envelope, &data).await {
                    Ok(data) => data,
                    Err(error) => return Err(unreadable(error.into())),
                };
                envelope.encrypted_fields = None;
                A::Event::decode(&envelope, &data).map_err(|error| {
                    let screen = screen::<A::Event>(&envelope, &data);
                    unreadable(Unreadable::because(screen.words(error.to_string())))
                })?
            }
        };
        if let Some(event) = event {
            let expected = loaded.events + 1;
            if let Some(found) = envelope.aggregate_version.filter(|found| *found != expected) {
                let id = loaded.id.clone();
                return Err(LoadError::Gap { aggregate, id, stream, sequence, expected, found });
            }
            loaded.state.apply(event);
            loaded.events = expected;
        }
        loaded.last = Some(Last { sequence, id: envelope.id.into() });
        Ok(())
    }

    fn last_of(&self, read: &Read) -> Option<Last> {
        let id = received(&self.bus, read).ok()?.envelope.id;
        Some(Last { sequence: read.message.sequence, id: id.into() })
    }

    fn check_organization(
        &self,
        loaded: &mut Loaded<A>,
        envelope: &Envelope,
    ) -> Result<(), LoadError> {
        let Some(found) = &envelope.organization_id else { return Ok(()) };
        let expected = self.organization.as_deref().or(loaded.organization.as_deref());
        if let Some(expected) = expected.filter(|expected| expected != found) {
            return Err(LoadError::OtherOrganization {
                aggregate: A::Kind::SPEC.name,
                id: loaded.id.clone(),
                expected: expected.to_owned(),
                found: found.to_string(),
            });
        }
        if loaded.organization.is_none() {
            loaded.organization = Some(found.to_string());
        }
        Ok(())
    }
}

fn broker_error<A: Aggregate>(id: &str, source: BrokerError) -> LoadError {
    LoadError::Broker { aggregate: A::Kind::SPEC.name, id: id.to_owned(), source }
}

impl<A> Clone for History<A> {
    fn clone(&self) -> Self {
        Self {
            bus: self.bus.clone(),
            organization: self.organization.clone(),
            snapshots: self.snapshots.clone(),
            aggregate: PhantomData,
        }
    }
}

impl<A> fmt::Debug for History<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("aggregate", &std::any::type_name::<A>())
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}
