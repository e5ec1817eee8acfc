//! What the runtime makes of a payload before it is sent: subject, key, and copies in older versions.

use serde_json::Value;
use tidings::{Timestamp, Untyped, Uuid};
use tidings_codegen::model::{
    Catalog, Event, Format, Scope, Shape, SubjectToken, Version, VersionId,
};
use tidings_codegen::payload;

use crate::failure::Failure;
use crate::online::known::Known;

/// A fact in one of the versions in which it is published.
pub(super) struct InVersion {
    pub(super) id: VersionId,
    pub(super) payload: Value,
    /// The values of the subject's parameters, with their names.
    parameters: Vec<(String, String)>,
    pub(super) subject: String,
    pub(super) key: Option<String>,
}

/// The event itself, then its copies in older versions.
pub(super) fn versions(
    catalog: &Catalog,
    event: &Event,
    major: u16,
    payload: &Value,
) -> Result<Vec<InVersion>, Failure> {
    let majors = event.majors();
    let mut all: Vec<InVersion> = Vec::new();
    let mut payload = payload.clone();
    let mut newer = None;
    for major in event.published_as(major) {
        let Some(version) = majors.get(&major).copied() else { continue };
        if let Some(downcast) = newer.and_then(|newer| event.downcast(newer)) {
            let failed = |why: String| {
                let (event, id) = (&event.id, version.id);
                Failure::new(format!(
                    "`{event}` cannot be published in version {id} as well: {why}"
                ))
            };
            downcast.conversion.apply(&mut payload).map_err(|error| failed(error.to_string()))?;
            let found = payload::differences(catalog, version, &payload);
            if !found.is_empty() {
                return Err(failed(found.join("; ")));
            }
        }
        // One key for all versions: that of the event itself.
        let key = match all.first() {
            Some(own) => own.key.clone(),
            None => event.key.as_ref().and_then(|key| token(catalog, version, &payload, key)),
        };
        all.push(in_version(catalog, event, version, payload.clone(), key));
        newer = Some(major);
    }
    Ok(all)
}

fn in_version(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    payload: Value,
    key: Option<String>,
) -> InVersion {
    let parameters: Vec<(String, String)> = event
        .subject
        .properties()
        .map(|name| (name.to_owned(), token(catalog, version, &payload, name).unwrap_or_default()))
        .collect();
    let mut values = parameters.iter().map(|(_, value)| value.as_str());
    let tokens = event.subject.tokens.iter().map(|token| match token {
        SubjectToken::Literal(literal) => literal.as_str(),
        SubjectToken::Property(_) => values.next().unwrap_or_default(),
    });
    let mut subject = tokens.collect::<Vec<_>>().join(".");
    if let Some((count, key)) = event.partitions.zip(key.as_ref()) {
        subject = format!("{subject}.{}", tidings::partition(key, count));
    }
    InVersion { id: version.id, payload, parameters, subject, key }
}

/// A property as a token of a subject, or as a key: as the type that is generated for it is written.
fn token(catalog: &Catalog, version: &Version, payload: &Value, name: &str) -> Option<String> {
    let scope = Scope::version(catalog, version);
    let properties = scope.properties(&version.payload);
    let schema = &properties.iter().find(|property| property.name == name)?.schema;
    let text = match payload.get(name)? {
        Value::String(text) => text.clone(),
        Value::Null => return None,
        value => value.to_string(),
    };
    let Shape::String(shape) = &scope.follow(schema).shape else { return Some(text) };
    let canonical = match &shape.format {
        Some(Format::Uuid) => text.parse::<Uuid>().ok().map(|id| id.to_string()),
        Some(Format::DateTime) => text.parse::<Timestamp>().ok().map(|time| time.to_string()),
        _ => None,
    };
    Some(canonical.unwrap_or(text))
}

/// The fact as the runtime takes it.
pub(super) fn untyped(
    known: &Known,
    event: &Event,
    versions: &[InVersion],
) -> Result<Untyped, Failure> {
    let one = |version: &InVersion| -> Result<Untyped, Failure> {
        let spec = known.spec(&event.id, version.id.major)?;
        let mut untyped = Untyped::new(spec, version.payload.clone());
        for (name, value) in &version.parameters {
            untyped = untyped.parameter(name.clone().leak(), value);
        }
        Ok(match &version.key {
            Some(key) => untyped.key(key),
            None => untyped,
        })
    };
    let (own, copies) = versions.split_first().ok_or_else(|| Failure::new("no version"))?;
    copies.iter().try_fold(one(own)?, |own, copy| Ok(own.beside(one(copy)?)))
}
