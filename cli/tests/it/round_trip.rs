//! What was exported comes back as it was.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tidings_codegen::json_schema;
use tidings_codegen::model::Catalog;

use crate::asyncapi;
use crate::tidings::Project;

fn compile(folder: &Path) -> Catalog {
    let compiled = tidings_codegen::compile(folder).expect("a catalog");
    assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
    compiled.catalog
}

#[test]
fn events_services_and_streams_survive_asyncapi() {
    for catalog in asyncapi::catalogs() {
        for mode in ["structured", "binary"] {
            let project = Project::empty();
            let folder = catalog.to_str().expect("UTF-8");
            let arguments =
                ["-q", "--catalog", folder, "export", "asyncapi", "--content-mode", mode];
            project.tidings(&[&arguments[..], &["--out", "out.yaml"]].concat()).stdout(0);
            let said = project.tidings(&["import", "asyncapi", "out.yaml"]);
            assert_eq!(said.code, 0, "{folder}: {}", said.stderr);

            let (before, after) =
                (compile(&catalog), compile(&project.path().join("event-catalog")));
            same(&events(&after), &events(&before), folder);
            same(&services(&after), &services(&before), folder);
            same(&streams(&after), &streams(&before), folder);
        }
    }
}

#[track_caller]
fn same(
    after: &BTreeMap<String, Vec<String>>,
    before: &BTreeMap<String, Vec<String>>,
    place: &str,
) {
    for (name, facts) in before {
        assert_eq!(after.get(name), Some(facts), "{name} of {place}");
    }
    assert_eq!(after.len(), before.len(), "{place}");
}

/// What an event is on the wire: subject, key, and for each version schema, examples and deprecation.
fn events(catalog: &Catalog) -> BTreeMap<String, Vec<String>> {
    let events = catalog.events.values().map(|event| {
        let mut facts = vec![
            format!("{} {:?} {:?}", event.rust_name, event.key, event.summary),
            format!("{:?}", event.encrypt),
            event.subject.template(),
        ];
        for version in event.versions.values() {
            let schema = inlined(&json_schema::payload(catalog, version));
            let examples: Vec<String> =
                version.examples.iter().map(|example| example.value.to_string()).collect();
            facts.push(format!("{} {:?} {examples:?} {schema}", version.id, version.deprecated));
        }
        (event.id.clone(), facts)
    });
    events.collect()
}

/// The schema without the names of what it defines: a reference becomes what it leads to, once.
fn inlined(schema: &Value) -> Value {
    fn inline(schema: &Value, definitions: &Value, open: &mut Vec<String>) -> Value {
        match schema {
            Value::Object(entries) => {
                let target = entries.get("$ref").and_then(Value::as_str).map(str::to_owned);
                let mut written: serde_json::Map<String, Value> = entries
                    .iter()
                    .filter(|(key, _)| !["$ref", "$defs", "$schema"].contains(&key.as_str()))
                    .map(|(key, value)| (key.clone(), inline(value, definitions, open)))
                    .collect();
                if let Some(name) = target.as_deref().and_then(|it| it.strip_prefix("#/$defs/")) {
                    // What contains itself is compared down to there.
                    let target = match open.iter().position(|one| one == name) {
                        Some(at) => Value::from(format!("up {}", open.len() - at)),
                        None => {
                            open.push(name.to_owned());
                            let target = inline(&definitions[name], definitions, open);
                            open.pop();
                            target
                        }
                    };
                    written.insert("$ref".to_owned(), target);
                }
                // A set, in whatever order it is written.
                if let Some(Value::Array(required)) = written.get_mut("required") {
                    required.sort_by_key(ToString::to_string);
                }
                Value::Object(written)
            }
            Value::Array(items) => {
                items.iter().map(|item| inline(item, definitions, open)).collect()
            }
            other => other.clone(),
        }
    }
    inline(schema, &schema["$defs"], &mut Vec::new())
}

fn services(catalog: &Catalog) -> BTreeMap<String, Vec<String>> {
    let services = catalog.services.values().map(|service| {
        let mut publishes: Vec<String> = service
            .publishes
            .iter()
            .map(|one| format!("publishes {}@{}", one.event, one.major))
            .collect();
        publishes.sort();
        let mut facts = vec![format!("{:?} {:?}", service.owner, service.summary)];
        facts.extend(publishes);
        for one in service.subscriptions.values() {
            let mut events: Vec<String> =
                one.events.iter().map(|event| format!("{}@{}", event.event, event.major)).collect();
            events.sort();
            facts.push(format!(
                "{} {} {} {:?} {events:?} {} {} {:?} {:?} {} {:?} {:?} {:?} {:?}",
                one.name,
                one.durable,
                one.stream,
                one.summary,
                one.concurrency,
                one.ordered_by_key,
                one.ack_wait,
                one.handler_timeout,
                one.max_ack_pending,
                one.start,
                one.retry,
                one.breaker,
                one.alerts
            ));
        }
        (service.name.clone(), facts)
    });
    services.collect()
}

/// A shorter one takes a rule that is switched off, and rules stay with their catalog: the default is imported instead.
const SHORTEST_WINDOW: Duration = Duration::from_secs(60);
const DEFAULT_WINDOW: Duration = Duration::from_secs(120);

fn streams(catalog: &Catalog) -> BTreeMap<String, Vec<String>> {
    let dead_letters = &catalog.dead_letters.stream;
    let streams = catalog.streams.values().filter(|stream| stream.name != *dead_letters);
    let facts = streams.map(|one| {
        let mut limits = one.limits.clone();
        if limits.duplicate_window < SHORTEST_WINDOW {
            limits.duplicate_window = DEFAULT_WINDOW;
        }
        let facts =
            format!("{:?} {:?} {:?} {limits:?}", one.subjects, one.partitions, one.payloads);
        (one.name.clone(), vec![facts])
    });
    facts.chain([("dead letters".to_owned(), vec![dead_letters.clone()])]).collect()
}
