//! Streams and consumers that the catalog does not know, or not any more.

use super::super::actual::Actual;
use super::super::copy;
use super::super::desired::{Desired, WantedStream, mark, texts};
use super::{Class, Difference, Object};
use crate::broker::Pattern;

/// Streams that take what this one has to take. A server has no two such streams, so that one is missing something.
pub(super) fn in_the_way(wanted: &WantedStream, actual: &Actual) -> Vec<Difference> {
    overlaps(&wanted.name, &wanted.subjects, actual)
        .into_iter()
        .map(|Overlap { ours, theirs, stream }| {
            let text = format!("`{ours}` overlaps with `{theirs}` of the stream `{stream}`");
            let help = format!(
                "no two streams take one subject: take it from `{stream}`, or name the subjects of `{}` \
                 in the catalog", wanted.name
            );
            Difference::new(Object::stream(&wanted.name), Class::Foreign, text).help(help)
        })
        .collect()
}

/// Two streams that want the same.
pub(in crate::operations::topology) struct Overlap {
    pub(in crate::operations::topology) ours: String,
    pub(in crate::operations::topology) theirs: String,
    pub(in crate::operations::topology) stream: String,
}

/// Where other streams capture what a stream is to capture.
pub(in crate::operations::topology) fn overlaps(
    name: &str,
    subjects: &[String],
    actual: &Actual,
) -> Vec<Overlap> {
    let mut all = Vec::new();
    for (stream, info) in actual.streams.iter().filter(|(other, _)| *other != name) {
        for theirs in texts(info.settings.get("subjects")) {
            let Some(their) = Pattern::parse(&theirs) else { continue };
            let ours = subjects
                .iter()
                .find(|subject| Pattern::parse(subject).is_some_and(|own| own.overlaps(&their)));
            if let Some(ours) = ours {
                let (ours, stream) = (ours.clone(), stream.clone());
                all.push(Overlap { ours, theirs, stream });
            }
        }
    }
    all
}

/// What was made for this catalog and is not in it, and consumers of its streams that are somebody else's.
pub(super) fn beside(desired: &Desired, actual: &Actual) -> Vec<Difference> {
    let mut all = Vec::new();
    for ((stream, name), info) in &actual.consumers {
        let is_durable = info.settings.get("durable_name").is_some();
        if !is_durable || desired.consumer(stream, name).is_some() {
            continue;
        }
        let object = Object::consumer(stream, name);
        match mark(&info.settings) {
            Some(owner) if owner == desired.catalog => all.push(orphan(object)),
            Some(owner) => {
                let text = format!("belongs to the catalog `{owner}`");
                all.push(Difference::new(object, Class::Foreign, text).noted());
            }
            None => {
                let text = "is none of the catalog's";
                all.push(Difference::new(object, Class::Foreign, text).noted());
            }
        }
    }
    for (name, info) in &actual.streams {
        // While a stream is made anew its copy is all that there is of it; afterwards it can go.
        if let Some(of) = copy::copied(&info.settings) {
            let original = actual.streams.get(of);
            if original.is_some_and(|original| copy::is_left_over(original, name))
                && mark(&info.settings) == Some(desired.catalog.as_str())
            {
                let text = format!(
                    "is a copy of `{of}`, which has all of it: somebody has made that anew, or begun to"
                );
                all.push(Difference::new(Object::stream(name), Class::Orphan, text));
            }
            continue;
        }
        let is_ours = mark(&info.settings) == Some(desired.catalog.as_str());
        if is_ours && desired.stream(name).is_none() {
            let mut orphan = orphan(Object::stream(name));
            orphan.text.push_str(&match info.messages {
                0 => "; it is empty".to_owned(),
                messages => format!("; it holds {messages} messages"),
            });
            all.push(orphan);
        }
    }
    all
}

/// Buckets that services keep data in and that nobody has created. That is none of a plan's business, which does not know with
/// which settings.
pub(in crate::operations::topology) fn missing_buckets(
    desired: &Desired,
    actual: &Actual,
) -> Vec<Difference> {
    let missing = desired.buckets.iter().filter(|(_, stream)| !actual.streams.contains_key(stream));
    let missing = missing.map(|(bucket, stream)| {
        let text = format!("does not exist, and services keep data in the bucket `{bucket}`");
        Difference::new(Object::stream(stream), Class::Missing, text)
            .help(
                "the service creates it with the settings that it wants, by `Tidings::ensure_bucket`: with the credentials of \
                 `tidings-provisioner`, where its own do not let it",
            )
            .noted()
    });
    missing.collect()
}

fn orphan(object: Object) -> Difference {
    let text = "was made for the catalog, which does not have it any more";
    Difference::new(object, Class::Orphan, text)
}
