//! What a denial means in the catalog's terms: who may do it, and which key of which file lets a service.
//!
//! The counterpart of what `tidings permissions` writes.

use std::borrow::Cow;

use tidings_payload::Prefix;

/// What the server does not let a user do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Denial<'w> {
    action: Action,
    /// With the names of the catalog.
    subject: Cow<'w, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Publish,
    /// To hear what was asked for.
    Answers,
    Subscribe,
}

impl<'w> Denial<'w> {
    /// Reads `Permissions Violation for Publish to "a.b"`. Answers come in below `inbox`.
    pub(super) fn read(words: &'w str, inbox: &str, prefix: Option<&Prefix>) -> Self {
        let subject = words.split('"').nth(1).unwrap_or_default();
        let below = subject.strip_prefix(inbox).is_some_and(|rest| rest.starts_with('.'));
        let action = match words.contains("for Publish to") {
            true => Action::Publish,
            false if below => Action::Answers,
            false => Action::Subscribe,
        };
        let subject = prefix.map_or(subject.into(), |prefix| own(prefix, subject));
        Self { action, subject }
    }

    pub(super) fn is_of_publish(&self) -> bool {
        self.action == Action::Publish
    }

    /// Whether no answer to a request can be heard: they all come in one inbox.
    pub(super) fn is_of_answers(&self) -> bool {
        self.action == Action::Answers && self.subject.ends_with(".*")
    }

    /// The server's words, and what to do about it. `service` is whose permissions they are, where that is known.
    pub(super) fn explained(&self, words: &str, service: Option<&str>) -> String {
        let file = match service {
            Some(name) => format!("in `services/{name}.yaml` of the catalog"),
            None => "in the catalog's file of the service whose credentials these are".to_owned(),
        };
        let key = |key: String| {
            format!(
                "it takes {key} {file}, and then what `tidings permissions` writes, on the server"
            )
        };
        let meant = match self.action {
            Action::Answers => {
                "answers come in there: `NATS_INBOX_PREFIX` or `Config::inbox_prefix` says \
                 where to, and `tidings permissions` writes `_INBOX_` and the service's name"
                    .to_owned()
            }
            Action::Subscribe => key(format!("`{}` in `core: {{ subscribe: … }}`", self.subject)),
            Action::Publish => match self.need() {
                Need::Service(text) => key(text),
                Need::Role(text) => text,
            },
        };
        format!("{words}: {meant}")
    }

    fn need(&self) -> Need {
        let tokens: Vec<&str> = self.subject.split('.').collect();
        let provisioner = || {
            Need::Role(
                "streams, consumers and buckets are created and changed with the credentials of `tidings-provisioner`, \
                 by `tidings apply`; services start with `TIDINGS_TOPOLOGY=off`"
                    .to_owned(),
            )
        };
        match tokens.as_slice() {
            ["$JS", "API", "CONSUMER", "CREATE", stream, name, ..] if name.starts_with("replay-") => {
                Need::replays(stream)
            }
            ["$JS", "API", "CONSUMER", "MSG", "NEXT", stream, name]
            | ["$JS", "API", "CONSUMER", "INFO" | "DELETE", stream, name]
                if name.starts_with("replay-") =>
            {
                Need::replays(stream)
            }
            ["$JS", "API", "CONSUMER", "MSG", "NEXT", stream, durable]
            | ["$JS", "API", "CONSUMER", "INFO", stream, durable]
            | ["$JS", "ACK", stream, durable, _, _, _, _, _] => Need::Service(format!(
                "the subscription of the durable `{durable}` (stream `{stream}`) among the `subscriptions`"
            )),
            ["$JS", "API", "STREAM", "INFO" | "MSG", rest @ ..]
                if rest.last().is_some_and(|stream| stream.starts_with("KV_")) =>
            {
                let bucket = rest.last().and_then(|stream| stream.strip_prefix("KV_"));
                Need::bucket(bucket.unwrap_or_default())
            }
            ["$KV", bucket, ..] => Need::bucket(bucket),
            ["$JS", "API", "STREAM", "MSG" | "PURGE", rest @ ..]
                if rest.last().is_some_and(|stream| stream.starts_with("OBJ_")) =>
            {
                Need::payloads(rest.last().copied().unwrap_or_default())
            }
            ["$O", bucket, ..] => Need::payloads(bucket),
            ["_scheduled", stream, ..] | ["$JS", "API", "STREAM", "MSG", "DELETE", stream] => {
                Need::schedules(stream)
            }
            // By their usual names: whoever denies tells no more than the subject.
            ["dlq", service, name, ..] => Need::Service(format!(
                "the subscription `{name}` of `{service}`, whose dead letter it is, among the `subscriptions`"
            )),
            ["dlq_redrive", ..] => Need::Role(
                "dead letters are redriven with the credentials of `tidings-operator`".to_owned(),
            ),
            ["$JS", "API", "STREAM", "MSG", "GET", stream] | ["$JS", "API", "DIRECT", "GET", stream, ..] => {
                Need::Service(format!(
                    "a subscription to events of the stream `{stream}`, or events of its aggregates in `publishes`,"
                ))
            }
            ["$JS", "API", "STREAM", "INFO", _] => Need::Role(
                "a stream is looked at by who publishes at a later time (`schedules: true` of the service), reads again \
                 (`replays: true`), or has the credentials of `tidings-provisioner`; services start with `TIDINGS_TOPOLOGY=off`"
                    .to_owned(),
            ),
            ["$JS", "API", ..] => provisioner(),
            [inbox, ..] if inbox.starts_with("_INBOX") => Need::Service(
                "the subject of the question in `core: { answer: … }`".to_owned(),
            ),
            _ => Need::Service(format!(
                "the event of `{0}` in `publishes`, or `{0}` in `core: {{ publish: … }}`,",
                self.subject
            )),
        }
    }
}

/// A subject with the names of the catalog, those that stand in the server's own interface among them.
fn own<'w>(prefix: &Prefix, subject: &'w str) -> Cow<'w, str> {
    if !subject.starts_with("$JS.") {
        return prefix.subject_of(subject).unwrap_or(subject.into());
    }
    let tokens = subject.split('.').map(|token| prefix.stream_of(token).unwrap_or(token.into()));
    tokens.collect::<Vec<_>>().join(".").into()
}

/// What is missing.
enum Need {
    /// Something in a service's file.
    Service(String),
    /// The credentials of a role.
    Role(String),
}

impl Need {
    fn replays(stream: &str) -> Self {
        Self::Service(format!(
            "`replays: true` and a subscription to events of the stream `{stream}`"
        ))
    }

    fn schedules(stream: &str) -> Self {
        Self::Service(format!(
            "`schedules: true` and events of the stream `{stream}` in `publishes`"
        ))
    }

    fn bucket(bucket: &str) -> Self {
        Self::Service(format!("`{bucket}` in `buckets`"))
    }

    fn payloads(bucket: &str) -> Self {
        let stream = bucket.trim_start_matches("OBJ_").trim_end_matches("_payloads");
        Self::Service(format!(
            "events of the stream `{stream}` in `publishes` or in a subscription"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_what_would_allow_it() {
        for (subject, words) in [
            (
                "parcels.parcel.sent",
                "the event of `parcels.parcel.sent` in `publishes`, or `parcels.parcel.sent` in `core: { publish: … }`, in \
                 `services/a.yaml`",
            ),
            (
                "$JS.API.CONSUMER.MSG.NEXT.S.a-b",
                "the durable `a-b` (stream `S`) among the `subscriptions`",
            ),
            ("$JS.API.CONSUMER.INFO.S.a-b", "`subscriptions` in `services/a.yaml`"),
            ("$JS.ACK.S.a-b.1.2.3.4.5", "the durable `a-b`"),
            ("$JS.API.CONSUMER.CREATE.S.replay-0190.a.b", "`replays: true`"),
            ("$JS.API.CONSUMER.MSG.NEXT.S.replay-0190", "`replays: true`"),
            ("$JS.API.CONSUMER.CREATE.S.a-b", "`tidings apply`"),
            ("$JS.API.STREAM.CREATE.S", "`TIDINGS_TOPOLOGY=off`"),
            ("$JS.API.STREAM.DELETE.S", "`tidings-provisioner`"),
            ("$JS.API.STREAM.CREATE.KV_marks", "`tidings-provisioner`"),
            ("$JS.API.STREAM.INFO.S", "`schedules: true`"),
            ("$JS.API.STREAM.MSG.GET.KV_marks", "`marks` in `buckets`"),
            ("$JS.API.STREAM.INFO.KV_marks", "`marks` in `buckets`"),
            ("$KV.marks.x", "`marks` in `buckets`"),
            ("$JS.API.STREAM.MSG.GET.OBJ_S_payloads", "the stream `S`"),
            ("$O.S_payloads.C.x", "the stream `S`"),
            ("$JS.API.STREAM.MSG.GET.S", "a subscription to events of the stream `S`"),
            ("$JS.API.STREAM.MSG.DELETE.S", "`schedules: true`"),
            ("_scheduled.S.x", "`schedules: true`"),
            ("dlq.b.copies.orders.order.created", "the subscription `copies` of `b`"),
            ("_INBOX_b.x.1", "the question in `core: { answer: … }` in `services/a.yaml`"),
            ("dlq_redrive.b.copies.orders.order.created", "`tidings-operator`"),
        ] {
            let said = format!("Permissions Violation for Publish to \"{subject}\"");
            let denial = Denial::read(&said, "_INBOX_a", None);
            assert!(denial.is_of_publish());
            let explained = denial.explained(&said, Some("a"));
            assert!(explained.starts_with(&said) && explained.contains(words), "{explained}");
        }
    }

    #[test]
    fn what_is_denied_under_a_prefix_is_named_as_in_the_catalog() {
        let prefix = "staging".parse().expect("a prefix");
        for (subject, words) in [
            ("staging.orders.order.created", "the event of `orders.order.created`"),
            ("$JS.API.CONSUMER.INFO.STAGING_S.a-b", "the durable `a-b` (stream `S`)"),
            ("$JS.API.STREAM.MSG.GET.KV_staging_marks", "`marks` in `buckets`"),
            ("$O.staging_S_payloads.C.x", "the stream `S`"),
            ("_scheduled.STAGING_S.x", "events of the stream `S`"),
            ("orders.order.created", "the event of `orders.order.created`"),
        ] {
            let said = format!("Permissions Violation for Publish to \"{subject}\"");
            let denial = Denial::read(&said, "_INBOX_a", Some(&prefix));
            let explained = denial.explained(&said, Some("a"));
            assert!(explained.starts_with(&said) && explained.contains(words), "{explained}");
        }
    }

    #[test]
    fn who_may_not_listen_is_told_what_to_write() {
        let said = "Permissions Violation for Subscription to \"chat.*\" using queue \"web\"";
        let explained = Denial::read(said, "_INBOX_a", None).explained(said, Some("a"));
        let words = "it takes `chat.*` in `core: { subscribe: … }` in `services/a.yaml`";
        assert!(explained.contains(words), "{explained}");
    }

    #[test]
    fn who_cannot_hear_is_told_how_to() {
        let said = "Permissions Violation for Subscription to \"_INBOX.x.*\"";
        let denial = Denial::read(said, "_INBOX", None);
        assert!(denial.is_of_answers() && !denial.is_of_publish());
        assert!(denial.explained(said, None).contains("NATS_INBOX_PREFIX"));
        for subject in ["_INBOX.x", "presence.*", "_INBOX_a.x.*"] {
            let said = format!("Permissions Violation for Subscription to \"{subject}\"");
            assert!(!Denial::read(&said, "_INBOX", None).is_of_answers(), "{subject}");
        }
    }
}
