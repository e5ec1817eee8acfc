//! `tidings publish`

mod fact;
mod payload;

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use tidings::encryption::FileKeys;
use tidings::{BrokerError, EventSpec, Outcome, PublishError, Published, ServiceSpec, Tidings};
use tidings_codegen::diagnostic::Diagnostic;
use tidings_codegen::model::{self, Event, Version, VersionId};

use self::payload::Given;
use super::Outcome as Ended;
use crate::answer::{Answer, require_answer_format};
use crate::failure::Failure;
use crate::online::connection::Connection;
use crate::online::explained::{apply_first, because};
use crate::online::known::Known;
use crate::online::runtime;
use crate::output::slashed;
use crate::report::{Finding, Report};
use crate::session::Session;

/// Publish an event, as its service would.
///
/// The payload is an example of the catalog or a file, held to the schema before anything is sent: with mistakes nothing is, and
/// it exits with 1. Envelope, subject, key, message id and copies in older versions are those of the runtime. Exits with 0 once
/// the stream has it, with 2 where it does not or nobody knows.
#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub(crate) struct Publish {
    /// The event: `orders.order.created`.
    event: String,

    /// The version of the payload: `2`, or `2.0`. By default the one that its service publishes.
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,

    #[command(flatten)]
    payload: Given,

    /// The organization whose event it is.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,

    /// The service to publish it as, where several do.
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// The event's id: a second event with it is a duplicate of the first. By default a new one.
    #[arg(long, value_name = "ID")]
    id: Option<String>,

    /// The id that the event shares with all that one first event led to. By default its own.
    #[arg(long, value_name = "ID")]
    correlation: Option<String>,

    /// The folder with the keys of organizations, for events of which the catalog has something encrypted.
    #[arg(long, env = "TIDINGS_KEYS", value_name = "FOLDER")]
    keys: Option<PathBuf>,

    /// Check the payload and show it, and publish nothing.
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    connection: Connection,
}

impl Publish {
    pub(crate) fn run(&self, session: &Session) -> Ended {
        require_answer_format(session, "publish")?;
        let mut known = Known::read(session)?;
        let event = known.event(&self.event)?;
        let service = self.service(&known, event)?;
        let id = self.version(event, service)?;
        let (spec, publisher) = (known.spec(&event.id, id.major)?, known.publisher(service));
        if self.organization.is_none() && publisher.organization_required {
            return Err(Failure::new("the catalog wants every event to name its organization")
                .help("`--organization <ID>` names it"));
        }
        let read = self.payload.read(&mut known, id, &self.event)?;
        let payload = match read {
            Ok(payload) => payload,
            Err(found) => return mistakes(session, &known, spec, &found),
        };
        let event = known.event(&self.event)?;
        let versions = fact::versions(known.catalog(), event, id.major, &payload)?;
        if self.dry_run {
            return self.show(session, &versions);
        }
        let untyped = fact::untyped(&known, event, &versions)?;
        let published = runtime::wait(async {
            let bus = self.connection.open().await?;
            self.require_stream(&bus, spec).await?;
            if let Some(folder) = &self.keys {
                let keys = FileKeys::open(folder).map_err(|error| {
                    Failure::new(format!("no keys in `{}`: {error}", slashed(folder)))
                })?;
                bus.set_keys(keys);
            }
            let mut publish = bus.publish_untyped(publisher, untyped);
            if let Some(organization) = &self.organization {
                publish = publish.organization(organization);
            }
            if let Some(id) = &self.id {
                publish = publish.id(id);
            }
            if let Some(id) = &self.correlation {
                publish = publish.correlation_id(id);
            }
            publish.await.map_err(|error| unpublished(&error))
        })?;
        self.answer(session, event, &versions, publisher, &published)
    }

    /// The service that publishes the event, or the one of them that was named.
    fn service<'k>(&self, known: &'k Known, event: &Event) -> Result<&'k model::Service, Failure> {
        let services = known.catalog().services.values();
        let publishers: Vec<_> = services
            .filter(|service| service.publishes.iter().any(|one| one.event == event.id))
            .collect();
        let names: Vec<&str> = publishers.iter().map(|service| service.name.as_str()).collect();
        if let Some(name) = &self.service {
            let service = known.service(name)?;
            return match publishers.iter().find(|one| one.name == service.name) {
                Some(service) => Ok(service),
                None => Err(Failure::new(format!("`{name}` does not publish `{}`", event.id))
                    .help(format!("those who do: {}", names.join(", ")))),
            };
        }
        match publishers[..] {
            [only] => Ok(only),
            [] => Err(Failure::new(format!("no service publishes `{}`", event.id)).help(
                "add it to `publishes:` of a service: its name stands in the event as its source",
            )),
            _ => Err(Failure::new(format!("several services publish `{}`", event.id))
                .help(format!("`--service` says as which: {}", names.join(", ")))),
        }
    }

    /// The version of the payload: as the runtime has it, the newest minor one of its major.
    fn version(&self, event: &Event, service: &model::Service) -> Result<VersionId, Failure> {
        let majors = event.majors();
        let newest = |major: u16| majors.get(&major).map(|version: &&Version| version.id);
        let published = service.publishes.iter().filter(|one| one.event == event.id);
        let Some(written) = &self.version else {
            let major = published.map(|one| one.major).max();
            return Ok(major.and_then(newest).unwrap_or(event.newest().id));
        };
        let known: Vec<String> = majors.values().map(|version| version.id.to_string()).collect();
        let unknown = || {
            Failure::new(format!("`{}` has no version `{written}`", event.id))
                .help(format!("versions that are published: {}", known.join(", ")))
        };
        if let Ok(major) = written.parse() {
            return newest(major).ok_or_else(unknown);
        }
        let id = VersionId::parse(written).ok_or_else(unknown)?;
        newest(id.major).filter(|newest| *newest == id).ok_or_else(unknown)
    }

    /// Publishing waits for a stream that is missing, as for one whose leader is being chosen: for long.
    async fn require_stream(&self, bus: &Tidings, spec: &EventSpec) -> Result<(), Failure> {
        let streams = bus.streams().map_err(|error| because(&error))?;
        let stream = bus.stream_name(spec.stream);
        match streams.info(&stream).await {
            // Whoever may publish need not be allowed to look.
            Ok(Some(_)) | Err(BrokerError::Denied(_)) => Ok(()),
            Ok(None) => Err(apply_first(format!("the server has no stream `{stream}`"))),
            Err(error) => Err(because(&error)),
        }
    }

    fn show(&self, session: &Session, versions: &[fact::InVersion]) -> Ended {
        let shown = versions.iter().map(|one| {
            json!({
                "version": one.id.to_string(),
                "subject": one.subject,
                "key": one.key,
                "payload": one.payload,
            })
        });
        let data = json!({ "event": self.event, "versions": shown.collect::<Vec<_>>() });
        let mut text = String::new();
        for one in versions {
            let payload = serde_json::to_string_pretty(&one.payload).unwrap_or_default();
            text.push_str(&format!("{} {} on {}\n{payload}\n", self.event, one.id, one.subject));
        }
        if !session.is_quiet() {
            text.push_str("nothing was published: this was a dry run\n");
        }
        Answer::new("publish", text, data).write(session)
    }

    fn answer(
        &self,
        session: &Session,
        event: &Event,
        versions: &[fact::InVersion],
        publisher: &ServiceSpec,
        published: &Published,
    ) -> Ended {
        let Published { id, stream, sequence, .. } = published;
        let (own, copies) = versions.split_first().ok_or_else(|| Failure::new("no version"))?;
        let copies: Vec<String> = copies.iter().map(|copy| copy.id.to_string()).collect();
        let mut text = match published.outcome() {
            Outcome::Duplicate => {
                format!(
                    "duplicate: `{stream}` has an event with this id already; nothing was added\n"
                )
            }
            _ => {
                let place = sequence.map_or(String::new(), |at| format!(" as number {at}"));
                format!("stored: {} {} is in {stream}{place}\n", event.id, own.id)
            }
        };
        let lines = [
            ("id", Some(id.as_str())),
            ("subject", Some(own.subject.as_str())),
            ("source", Some(publisher.source)),
            ("organization", self.organization.as_deref()),
            ("key", own.key.as_deref()),
        ];
        let mut also = copies.join(", ");
        if !also.is_empty() {
            also = format!("  {:<13} {also}\n", "also as");
        }
        for (name, value) in lines {
            if let Some(value) = value {
                text.push_str(&format!("  {name:<13} {value}\n"));
            }
        }
        text.push_str(&also);
        if session.is_quiet() {
            text.clear();
        }
        let data: Value = json!({
            "event": event.id,
            "version": own.id.to_string(),
            "outcome": published.outcome().as_str(),
            "id": id,
            "stream": stream,
            "sequence": sequence,
            "subject": own.subject,
            "source": publisher.source,
            "organization": self.organization,
            "key": own.key,
            "copies": copies,
        });
        Answer::new("publish", text, data).write(session)
    }
}

/// What is wrong with the payload.
fn mistakes(session: &Session, known: &Known, spec: &EventSpec, found: &[Diagnostic]) -> Ended {
    let (sources, prefix) = (&known.compilation.sources, known.folder.prefix());
    let mut report = Report::new("publish");
    report.extend(found.iter().map(|one| Finding::diagnostic(one, sources, &prefix)));
    report.summary(format!(
        "nothing was published: the payload does not fit `{}` {}",
        spec.event_type, spec.version
    ));
    report.write(session)
}

fn unpublished(error: &PublishError) -> Failure {
    match error {
        PublishError::Unknown { id, .. } => because(error)
            .help("nobody knows whether it is stored")
            .help(format!("the same with `--id {id}` stores it once, whatever came of this")),
        PublishError::OtherOrganization { .. } => {
            because(error).help("`--organization` and the payload, by `--set`, must name the same")
        }
        PublishError::Encryption { .. } => {
            because(error).help("`--keys <FOLDER>` names the keys of the organizations")
        }
        error => because(error),
    }
}
