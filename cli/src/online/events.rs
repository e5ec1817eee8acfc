//! Events of the catalog as the runtime knows them, said when it runs instead of when it is built.

use tidings::catalog::PayloadSpec;
use tidings::{EncryptedField, Erased, EventSpec, PersonalField, PersonalKind, Version};
use tidings_codegen::json_schema;
use tidings_codegen::model::{self, Scope};

use super::catalog::{leaked, list, text};

/// Every event in each of its major versions, as the generated crate would name them. How one version is made from another is
/// left out: that may be Rust.
pub(super) fn specs(catalog: &model::Catalog) -> &'static [&'static EventSpec] {
    let events = catalog.events.values();
    list(events.flat_map(|event| {
        event.majors().into_values().map(|version| leaked(spec(catalog, event, version)))
    }))
}

fn spec(catalog: &model::Catalog, event: &model::Event, version: &model::Version) -> EventSpec {
    let scope = Scope::version(catalog, version);
    let stream = catalog.domains.get(&event.domain).map_or("", |domain| &domain.stream);
    let examples = version.examples.iter().map(|example| text(&example.value.to_string()));
    let personal = scope.personal(&version.payload).into_iter();
    let personal = personal.map(|one| PersonalField::new(text(&one.pointer), kind(one.kind)));
    let (encrypted, _) = scope.encrypted(&version.payload, &event.encrypt);
    let encrypted =
        encrypted.iter().map(|one| EncryptedField::new(text(&one.pointer), erased(one.erased)));
    let spec = EventSpec::new(
        text(&event.id),
        Version::new(version.id.major, version.id.minor),
        text(&format!("urn:{}:{}:{}", catalog.name, event.id, version.id)),
        text(stream),
        text(&event.subject.filter()),
        list(examples),
    )
    .with_schema(text(&json_schema::payload(catalog, version).to_string()))
    .with_personal(list(personal))
    .with_encrypted(list(encrypted))
    .with_payloads(payloads(catalog, stream));
    let spec = match event.partitions {
        Some(count) => spec.with_partitions(count),
        None => spec,
    };
    let tenancy = catalog.tenancy.as_ref();
    match tenancy.and_then(|tenancy| event.subject.position(&tenancy.attribute)) {
        Some(index) => spec.with_organization_token(index),
        None => spec,
    }
}

fn payloads(catalog: &model::Catalog, stream: &str) -> PayloadSpec {
    let mut payloads = PayloadSpec::AS_THEY_ARE;
    let Some(stream) = catalog.streams.get(stream) else { return payloads };
    if let Some(above) = stream.payloads.compress_above {
        payloads = payloads.compress_above(above);
    }
    match stream.payloads.claim_check.map(|claim_check| claim_check.above) {
        Some(Some(above)) => payloads.claim_check_above(above),
        Some(None) => payloads.claim_check(),
        None => payloads,
    }
}

fn kind(kind: model::Pii) -> PersonalKind {
    match kind {
        model::Pii::Direct => PersonalKind::Direct,
        model::Pii::Indirect => PersonalKind::Indirect,
        model::Pii::Sensitive => PersonalKind::Sensitive,
    }
}

fn erased(erased: model::Erased) -> Erased {
    match erased {
        model::Erased::Absent => Erased::Absent,
        model::Erased::Null => Erased::Null,
        model::Erased::Text => Erased::Text,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn they_are_what_generated_code_says() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../event-catalog");
        let compilation = tidings_codegen::compile(&folder).expect("the samples");
        let said = |spec: &&'static EventSpec| {
            let EventSpec { event_type, version, data_schema, stream, filter, .. } = spec;
            let EventSpec { organization_token, partitions, payloads, examples, .. } = spec;
            let EventSpec { schema, personal, encrypted, .. } = spec;
            format!(
                "{event_type} {version} {data_schema} {stream} {filter} {organization_token:?} {partitions:?} {payloads:?} \
                 {examples:#?} {schema} {personal:#?} {encrypted:#?}"
            )
        };
        let mut read: Vec<String> = specs(&compilation.catalog).iter().map(said).collect();
        let mut generated: Vec<String> = event_catalog::CATALOG.events.iter().map(said).collect();
        assert!(!generated.is_empty());
        read.sort();
        generated.sort();
        assert_eq!(read, generated);
    }
}
