//! Names of the methods that a service has for its events, in its publisher and in its handler traits.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Event;

/// What a publisher has beside its events.
pub(super) const OF_PUBLISHERS: &[&str] = &["correlation_id", "new", "organization"];

/// What a handler trait has beside its events.
pub(super) const OF_HANDLERS: &[&str] = &["subscriber"];

/// A name for each major version of an event, none twice and none of `reserved`.
///
/// The newest version of an event in the list has the event's own name, an older one its number behind it. Where that
/// is taken, the domain goes before it, and as the last resort a number behind.
pub(super) fn names(reserved: &[&str], events: &[(&Event, u16)]) -> Vec<String> {
    let mut newest: BTreeMap<&str, u16> = BTreeMap::new();
    for (event, major) in events {
        let known = newest.entry(&event.id).or_insert(*major);
        *known = (*known).max(*major);
    }
    let is_newest = |(event, major): &(&Event, u16)| newest.get(event.id.as_str()) == Some(major);

    let mut taken: BTreeSet<String> = reserved.iter().map(|&name| name.to_owned()).collect();
    let mut stems: BTreeMap<&str, String> = BTreeMap::new();
    let mut names = vec![String::new(); events.len()];
    // The newest first: a name that an event was given goes before one with a number.
    for (name, (event, major)) in names.iter_mut().zip(events).filter(|(_, one)| is_newest(one)) {
        let plain = &event.method_name;
        let prefixed = format!("{}_{plain}", event.domain);
        let versioned = format!("{prefixed}_v{major}");
        *name = free(&mut taken, &[plain.clone(), prefixed, versioned]);
        stems.insert(&event.id, name.clone());
    }
    for (name, one) in names.iter_mut().zip(events).filter(|(_, one)| !is_newest(one)) {
        let (event, major) = one;
        let stem = stems.get(event.id.as_str()).unwrap_or(&event.method_name);
        let prefixed = format!("{}_{}_v{major}", event.domain, event.method_name);
        *name = free(&mut taken, &[format!("{stem}_v{major}"), prefixed]);
    }
    names
}

/// The first of the candidates that is free, or the last of them with a number.
fn free(taken: &mut BTreeSet<String>, candidates: &[String]) -> String {
    let last = candidates.last().map(String::as_str).unwrap_or_default();
    let numbered = (2u32..).map(|number| format!("{last}_{number}"));
    let name = candidates
        .iter()
        .cloned()
        .chain(numbered)
        .find(|name| !taken.contains(name))
        .unwrap_or_default();
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use crate::compile_files;

    /// The methods of the publisher and of the handler trait of a service whose two lists hold these references.
    fn names(events: &[(&str, &str)], references: &str) -> [Vec<String>; 2] {
        let mut files = vec![
            ("catalog.yaml".to_owned(), "catalog: shop\n".to_owned()),
            (
                "service.yaml".to_owned(),
                format!(
                    "service: sales\npublishes: [{references}]\nsubscriptions: {{ copies: {{ events: [{references}] }} }}\n"
                ),
            ),
        ];
        for (id, name) in events {
            let name = if name.is_empty() { String::new() } else { format!("name: {name}\n") };
            let payload = "{ payload: { type: object } }";
            files.push((
                format!("{id}.yaml"),
                format!("event: {id}\n{name}versions: {{ 1.0: {payload}, 2.0: {payload} }}\n"),
            ));
        }
        let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let compilation = compile_files(files);
        let service = &compilation.catalog.services["sales"];
        let sent = service.publishes.iter().map(|sent| sent.method_name.clone());
        let received = service.subscriptions["copies"].events.iter();
        [sent.collect(), received.map(|received| received.method_name.clone()).collect()]
    }

    #[test]
    fn names_are_free() {
        for (events, references, expected) in [
            (
                &[("a.b.sent", ""), ("a.b.sent_v1", "")][..],
                "a.b.sent@1, a.b.sent@2, a.b.sent_v1",
                &["a_b_sent_v1", "b_sent", "b_sent_v1"][..],
            ),
            (
                &[("orders.a.b", ""), ("shop.a.b", "")],
                "orders.a.b@1, shop.a.b@1, orders.a.b@2, shop.a.b@2",
                &["ab_v1", "shop_ab_v1", "ab", "shop_ab"],
            ),
            (
                &[("orders.a.b", ""), ("shop.a.b", "")],
                "shop.a.b@1, orders.a.b, shop.a.b@2",
                &["shop_ab_v1", "ab", "shop_ab"],
            ),
            (
                &[("a.x.y", "Sent"), ("b.x.y", "Sent"), ("b.x.z", "BSent"), ("c.x.y", "BSentV2")],
                "a.x.y, b.x.z, c.x.y, b.x.y",
                &["sent", "b_sent", "b_sent_v2", "b_sent_v2_2"],
            ),
        ] {
            let [sent, received] = names(events, references);
            assert_eq!(sent, expected, "{references}");
            assert_eq!(received, expected, "{references}");
        }
    }

    #[test]
    fn what_a_publisher_and_a_handler_have_is_reserved() {
        for (name, sent, received) in [
            ("CorrelationId", "a_correlation_id", "correlation_id"),
            ("New", "a_new", "new"),
            ("Organization", "a_organization", "organization"),
            ("Subscriber", "subscriber", "a_subscriber"),
            ("Into", "into", "into"),
        ] {
            assert_eq!(names(&[("a.b.c", name)], "a.b.c"), [[sent], [received]], "{name}");
        }
    }
}
