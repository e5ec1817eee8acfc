use serde_json::json;
use tidings_codegen::facts::{duration, size};
use tidings_codegen::model::{
    Catalog, ClaimCheck, Ownership, Payloads, Service, Storage, Stream, StreamLimits,
};

use crate::yaml::{Mapping, Node};

/// What AsyncAPI has no words for: domains, streams, services, tenants and dead letters.
pub(super) fn topology(catalog: &Catalog, services: &[&Service]) -> Mapping {
    let mut topology = Mapping::from_iter([("catalog", catalog.name.as_str())]);
    if let Some(tenancy) = &catalog.tenancy {
        topology.insert(
            "tenancy",
            json!({ "attribute": tenancy.attribute, "required": tenancy.required }),
        );
    }
    let domains = catalog.domains.values().map(|domain| {
        let mut facts = people(&domain.summary, &domain.description, &domain.owner);
        facts.insert("stream", domain.stream.as_str());
        (domain.name.as_str(), facts)
    });
    topology.insert("domains", domains.collect::<Mapping>());
    let streams = catalog.streams.values().map(|one| (one.name.as_str(), stream(one)));
    topology.insert("streams", streams.collect::<Mapping>());
    let services = services.iter().map(|service| {
        let facts = people(&service.summary, &service.description, &service.owner);
        (service.name.as_str(), facts)
    });
    topology.insert("services", services.collect::<Mapping>());
    let dead_letters = &catalog.dead_letters;
    topology.insert(
        "deadLetters",
        json!({ "stream": dead_letters.stream, "subject": dead_letters.subject }),
    );
    topology
}

fn people(
    summary: &Option<String>,
    description: &Option<String>,
    owner: &Option<String>,
) -> Mapping {
    let mut facts = Mapping::default();
    facts.insert_some("summary", summary.as_deref());
    facts.insert_some("description", description.as_deref());
    facts.insert_some("owner", owner.as_deref());
    facts
}

fn stream(stream: &Stream) -> Mapping {
    let mut facts = Mapping::from_iter([("subjects", Node::from(json!(stream.subjects)))]);
    if let Some(partitions) = stream.partitions {
        facts.insert("partitions", u32::from(partitions));
    }
    if stream.ownership == Ownership::External {
        facts.insert("ownership", "external");
    }
    if stream.bulk {
        facts.insert("bulk", true);
    }
    facts.insert_some("payloads", payloads(&stream.payloads));
    for (key, value) in limits(&stream.limits) {
        facts.insert(key, value);
    }
    if !stream.environments.is_empty() {
        let environments =
            stream.environments.iter().map(|(name, changed)| (name, limits(changed)));
        facts.insert("environments", environments.collect::<Mapping>());
    }
    facts
}

/// What becomes of large payloads, in the words of the catalog; nothing where nothing does.
pub(super) fn payloads(payloads: &Payloads) -> Option<Mapping> {
    let mut facts = Mapping::default();
    facts.insert_some("compress_above", payloads.compress_above.map(size));
    facts.insert_some(
        "claim_check_above",
        payloads.claim_check.map(|ClaimCheck { above }| match above {
            Some(bytes) => size(bytes),
            None => "max_payload".to_owned(),
        }),
    );
    facts.insert_some("max_bytes", payloads.max_bytes.map(size));
    (!facts.is_empty()).then_some(facts)
}

fn limits(limits: &StreamLimits) -> Mapping {
    let storage = match limits.storage {
        Storage::File => "file",
        Storage::Memory => "memory",
    };
    let mut facts = Mapping::from_iter([("storage", storage)]);
    facts.insert("max_age", limits.max_age.map_or_else(unlimited, duration));
    facts.insert("max_bytes", limits.max_bytes.map_or_else(unlimited, size));
    facts.insert("replicas", u32::from(limits.replicas));
    facts.insert("duplicate_window", duration(limits.duplicate_window));
    facts
}

fn unlimited() -> String {
    "unlimited".to_owned()
}
