//! What the scripts know: for the search, and for the map.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::page::Site;
use super::{File, places};
use crate::compat::Hurts;
use crate::emit::reading::impact::{Judge, Place, Verdict};
use crate::emit::reading::{core, fields, people};
use crate::model::{Catalog, Event, Pii, Version};

/// Scripts and not JSON, because a page that was opened from a folder may read no other file.
pub(super) fn files(catalog: &Catalog, site: &Site<'_>) -> [File; 2] {
    let script = |path: &str, name: &str, value: &Value| File {
        path: path.to_owned(),
        text: format!("window.{name} = {value};\n"),
    };
    [
        script("assets/catalog.js", "TIDINGS_CATALOG", &map(catalog, site)),
        script("assets/search.js", "TIDINGS_SEARCH", &search(catalog, site)),
    ]
}

/// Kind, name, page, words, and names of fields.
fn search(catalog: &Catalog, site: &Site<'_>) -> Value {
    let words = |text: Option<&String>| text.cloned().unwrap_or_default();
    let events = catalog.events.values().map(|event| {
        let fields: BTreeSet<String> = event
            .majors()
            .values()
            .flat_map(|version| fields::payload(catalog, event, version).fields)
            .map(|field| field.path)
            .collect();
        let fields: Vec<String> = fields.into_iter().collect();
        json!(["event", event.id, places::event(&event.id), words(event.summary.as_ref()), fields])
    });
    let services = catalog.services.values().map(|service| {
        let summary = words(service.summary.as_ref());
        json!(["service", service.name, places::service(&service.name), summary, []])
    });
    let domains = site.domains.iter().map(|name| {
        let summary = catalog.domains.get(*name).and_then(|domain| domain.summary.as_ref());
        json!(["domain", name, places::domain(name), words(summary), []])
    });
    let streams =
        catalog.streams.keys().map(|name| json!(["stream", name, places::stream(name), "", []]));
    let types = catalog.types.iter().map(|(name, shared)| {
        let title = words(shared.schema.title.as_ref());
        let fields = fields::shared(catalog, &shared.schema).fields.into_iter();
        let fields: Vec<String> = fields.map(|field| field.path).collect();
        json!(["type", name, places::shared_type(name), title, fields])
    });
    let subscriptions = catalog.services.values().flat_map(|service| {
        service.subscriptions.values().map(|one| {
            let page = format!(
                "{}#{}",
                places::service(&service.name),
                crate::emit::markdown::text::anchor("subscription", &one.durable)
            );
            json!(["subscription", one.durable, page, words(one.summary.as_ref()), []])
        })
    });
    let flows = catalog.flows.values().map(|flow| {
        json!(["flow", flow.name, places::flow(&flow.name), words(flow.summary.as_ref()), []])
    });
    let subjects =
        core::subjects(catalog).into_iter().filter_map(|subject| subject_of(catalog, subject));
    let all = events.chain(services).chain(domains).chain(streams).chain(types);
    Value::Array(all.chain(subscriptions).chain(flows).chain(subjects).collect())
}

/// A subject without a stream, found with whoever has most to say about it.
fn subject_of(catalog: &Catalog, subject: &str) -> Option<Value> {
    let [senders, listeners, answerers] = core::around(catalog, subject);
    let service = answerers.first().or(senders.first()).or(listeners.first())?;
    let page = format!("{}#core", places::service(service));
    let told = [("sent by", senders), ("heard by", listeners), ("answered by", answerers)];
    let told = told.into_iter().filter(|(_, services)| !services.is_empty());
    let told = told.map(|(how, services)| format!("{how} {}", services.join(", ")));
    let words = format!("without a stream; {}", told.collect::<Vec<_>>().join("; "));
    Some(json!(["subject", subject, page, words, []]))
}

fn map(catalog: &Catalog, site: &Site<'_>) -> Value {
    let mut judge = Judge::default();
    let events: Vec<Value> =
        catalog.events.values().map(|event| self::event(catalog, event, &mut judge)).collect();
    let services: Vec<Value> = catalog
        .services
        .values()
        .map(|service| {
            let page = places::service(&service.name);
            json!({ "name": service.name, "page": page, "summary": service.summary })
        })
        .collect();
    let domains: Vec<Value> = site
        .domains
        .iter()
        .map(|name| json!({ "name": name, "page": places::domain(name) }))
        .collect();
    let verdicts: Vec<Value> = judge.verdicts.iter().map(|all| verdicts_of(all)).collect();
    json!({ "domains": domains, "services": services, "events": events, "verdicts": verdicts })
}

fn event(catalog: &Catalog, event: &Event, judge: &mut Judge) -> Value {
    let sent: Vec<Value> = people::sent(catalog, event)
        .map(|(service, sent)| {
            let majors: Vec<u16> = event.published_as(sent.major).collect();
            json!({ "service": service.name, "majors": majors })
        })
        .collect();
    let received: Vec<Value> = people::received(catalog, event)
        .map(|(service, subscription, received)| {
            let takes = std::iter::once(received.major).chain(event.reached_from(received.major));
            let takes: Vec<u16> = takes.collect();
            json!({
                "service": service.name,
                "subscription": subscription.name,
                "major": received.major,
                "takes": takes,
            })
        })
        .collect();
    let versions: Vec<Value> = event
        .majors()
        .values()
        .rev()
        .map(|version| self::version(&judge.places(catalog, event, version), version))
        .collect();
    json!({
        "id": event.id,
        "domain": event.domain,
        "page": places::event(&event.id),
        "summary": event.summary,
        "sent": sent,
        "received": received,
        "versions": versions,
    })
}

fn version(places: &[Place], version: &Version) -> Value {
    let fields: Vec<Value> = places.iter().map(field).collect();
    json!({ "id": version.id.to_string(), "major": version.id.major, "fields": fields })
}

fn field(place: &Place) -> Value {
    let of = place.of.as_ref().map(|(name, path)| [name, path]);
    json!({
        "path": place.path,
        "required": place.is_required,
        "personal": place.pii.map(Pii::as_str),
        "of": of,
        "uses": place.uses,
        "verdicts": place.verdicts,
    })
}

fn verdicts_of(all: &[Verdict]) -> Value {
    let verdict = |one: &Verdict| {
        let Hurts { readers, history } = one.hurts;
        json!({ "change": one.change, "rules": one.rules, "readers": readers, "history": history })
    };
    Value::Array(all.iter().map(verdict).collect())
}
