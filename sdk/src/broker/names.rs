//! Names on the way to the server and back: the only place where a connection's [`Prefix`] counts.
//!
//! Above it everything has the names of the catalog, subjects that tell whose an event is among them; below it, in what a server
//! says, and in plans, which are about a server, names are those of the server.

use std::borrow::Cow;
use std::sync::Arc;

use tidings_payload::Prefix;

use super::kept::{kept, kept_list};
use super::{
    BucketStream, ConsumerSpec, CoreMessage, Delivery, Outgoing, Page, Read, ReaderSpec,
    StoredMessage, schedule,
};
use crate::catalog::StreamSpec;

/// What the names of the catalog are on the server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Option<Arc<Prefix>>);

impl Names {
    /// Those of the catalog, under a prefix where there is one.
    pub(crate) fn under(prefix: Option<Prefix>) -> Self {
        Self(prefix.map(Arc::new))
    }

    pub(crate) fn prefix(&self) -> Option<&Prefix> {
        self.0.as_deref()
    }

    /// Whose something on the server is: a catalog's, under its prefix.
    pub(crate) fn owner(&self, catalog: &str) -> String {
        match &self.0 {
            None => catalog.to_owned(),
            Some(prefix) => format!("{catalog}@{prefix}"),
        }
    }

    pub(crate) fn stream<'n>(&self, name: &'n str) -> Cow<'n, str> {
        self.0.as_ref().map_or(name.into(), |prefix| prefix.stream(name).into())
    }

    pub(crate) fn subject<'n>(&self, subject: &'n str) -> Cow<'n, str> {
        self.0.as_ref().map_or(subject.into(), |prefix| prefix.subject(subject).into())
    }

    /// Where something is sent or heard without a stream. All of it is what is under the prefix.
    pub(super) fn spoken(&self, subject: String) -> String {
        match &self.0 {
            None => subject,
            Some(prefix) if subject == ">" => format!("{prefix}.>"),
            Some(prefix) => prefix.subject(&subject),
        }
    }

    /// A message that was heard, with the names of the catalog.
    pub(super) fn heard(&self, mut message: CoreMessage) -> CoreMessage {
        let own = self.0.as_ref().and_then(|prefix| prefix.subject_of(&message.subject));
        if let Some(own) = own.map(Cow::into_owned) {
            message.subject = own;
        }
        message
    }

    /// The catalog's name of a stream; none where it is not of this prefix.
    pub(crate) fn stream_of<'w>(&self, wire: &'w str) -> Option<Cow<'w, str>> {
        self.0.as_ref().map_or(Some(wire.into()), |prefix| prefix.stream_of(wire))
    }

    pub(super) fn outgoing<'m>(&self, message: &'m Outgoing) -> Cow<'m, Outgoing> {
        match &self.0 {
            None => Cow::Borrowed(message),
            Some(prefix) => Cow::Owned(sent(prefix, message)),
        }
    }

    pub(super) fn all_outgoing<'m>(&self, messages: &'m [Outgoing]) -> Cow<'m, [Outgoing]> {
        match &self.0 {
            None => Cow::Borrowed(messages),
            Some(prefix) => messages.iter().map(|message| sent(prefix, message)).collect(),
        }
    }

    pub(crate) fn consumer(&self, spec: ConsumerSpec) -> ConsumerSpec {
        let Some(prefix) = &self.0 else { return spec };
        let (stream, filters) = (kept(prefix.stream(spec.stream)), list(prefix, spec.filters));
        ConsumerSpec { stream, filters, ..spec }
    }

    pub(super) fn reader(&self, spec: ReaderSpec) -> ReaderSpec {
        let Some(prefix) = &self.0 else { return spec };
        let ReaderSpec { stream, filters, from } = spec;
        let filters = filters.iter().map(|filter| prefix.subject(filter)).collect();
        ReaderSpec { stream: prefix.stream(&stream), filters, from }
    }

    pub(crate) fn bucket<'b>(&self, bucket: &BucketStream<'b>) -> BucketStream<'b> {
        let BucketStream { name, subjects, history, limits, compressed } = bucket;
        let subjects = subjects.iter().map(|subject| self.subject(subject).into_owned()).collect();
        let name = self.0.as_ref().map_or(*name, |prefix| kept(prefix.stream(name)));
        BucketStream { name, subjects, history: *history, limits, compressed: *compressed }
    }

    pub(crate) fn stream_spec(&self, spec: &StreamSpec) -> StreamSpec {
        let StreamSpec { name, subjects, ownership, bulk, limits, environments } = spec;
        let (name, subjects) = match &self.0 {
            None => (*name, *subjects),
            Some(prefix) => (kept(prefix.stream(name)), list(prefix, subjects)),
        };
        let (ownership, bulk, limits) = (*ownership, *bulk, limits.clone());
        StreamSpec { name, subjects, ownership, bulk, limits, environments }
    }

    /// A message that was stored, with the names of the catalog. What is in a stream of ours and not under the prefix stays
    /// as it is: nobody takes it for one of the catalog's.
    pub(super) fn stored(&self, mut message: StoredMessage) -> StoredMessage {
        let Some(prefix) = &self.0 else { return message };
        if let Some(own) = prefix.subject_of(&message.subject).map(Cow::into_owned) {
            message.subject = own.into();
        }
        message
            .headers
            .change(schedule::TARGET, |target| Some(prefix.subject_of(target)?.into_owned()));
        message
    }

    pub(super) fn read(&self, read: Read) -> Read {
        Read { message: self.stored(read.message), ..read }
    }

    pub(super) fn reads(&self, reads: Vec<Read>) -> Vec<Read> {
        match &self.0 {
            None => reads,
            Some(_) => reads.into_iter().map(|read| self.read(read)).collect(),
        }
    }

    pub(super) fn page(&self, page: Page) -> Page {
        Page { messages: self.reads(page.messages), ..page }
    }

    pub(super) fn delivery(&self, delivery: Box<Delivery>) -> Box<Delivery> {
        if self.0.is_none() {
            return delivery;
        }
        let delivery = *delivery;
        Box::new(Delivery { message: self.stored(delivery.message), ..delivery })
    }
}

fn sent(prefix: &Prefix, message: &Outgoing) -> Outgoing {
    let mut headers = message.headers.clone();
    headers.change(schedule::TARGET, |target| Some(prefix.subject(target)));
    Outgoing {
        subject: prefix.subject(&message.subject).into(),
        headers,
        stream: kept(prefix.stream(message.stream)),
        expected_filter: message.expected_filter.as_deref().map(|filter| prefix.subject(filter)),
        ..message.clone()
    }
}

fn list(prefix: &Prefix, subjects: &[&str]) -> &'static [&'static str] {
    kept_list(subjects.iter().map(|subject| kept(prefix.subject(subject))).collect())
}
