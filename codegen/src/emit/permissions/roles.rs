use std::collections::BTreeSet;

use tidings_payload::Prefix;

use super::User;
use super::grants::{Grants, SWEEPER};
use crate::model::{Catalog, Ownership};

/// The roles beside the services. No service's name has a `-`.
pub(super) fn all(catalog: &Catalog, prefix: Option<&Prefix>) -> [User; 3] {
    [provisioner(catalog, prefix), operator(catalog, prefix), sweeper(catalog, prefix)]
}

/// Creates and changes streams and consumers, and reads nothing that they hold.
fn provisioner(catalog: &Catalog, prefix: Option<&Prefix>) -> User {
    let mut grants = Grants::new(catalog, prefix);
    grants.api("STREAM.LIST");
    for (stream, ownership) in streams(catalog) {
        grants.watch(&stream);
        grants.of_consumers(&stream, "*", &["CREATE", "DELETE"]);
        if ownership == Ownership::Managed {
            grants.of_stream(&stream, &["CREATE", "UPDATE", "DELETE"]);
            // By way of which it is made anew, with what it holds.
            let copy = format!("{stream}_COPY");
            grants.of_stream(&copy, &["INFO", "CREATE", "UPDATE", "DELETE"]);
        }
    }
    for bucket in catalog.buckets() {
        grants.of_stream(&format!("KV_{bucket}"), &["INFO", "CREATE", "UPDATE"]);
    }
    let about = "Creates and changes streams and consumers: `tidings plan`, `apply`, `drift`.";
    grants.into_user("tidings-provisioner", about.to_owned())
}

/// Reads everything, and looks after dead letters.
fn operator(catalog: &Catalog, prefix: Option<&Prefix>) -> User {
    let mut grants = Grants::new(catalog, prefix);
    grants.api("STREAM.LIST");
    for (stream, _) in streams(catalog) {
        grants.load(&stream);
        grants.read_anew(&stream, &BTreeSet::new(), &[]);
        grants.watch(&stream);
    }
    let dead_letters = &catalog.dead_letters;
    grants.of_stream(&dead_letters.stream, &["MSG.DELETE"]);
    grants.publish(format!("{}.>", dead_letters.redrive_subject()));
    let about = "Looks at everything, and lists, replays and removes dead letters.";
    grants.into_user("tidings-operator", about.to_owned())
}

/// Makes dead letters of what the server gave up.
fn sweeper(catalog: &Catalog, prefix: Option<&Prefix>) -> User {
    let mut grants = Grants::new(catalog, prefix);
    let dead_letters = &catalog.dead_letters;
    let advisories = dead_letters.advisories();
    grants.consume(&advisories, SWEEPER);
    grants.read_back(&advisories);
    for stream in catalog.streams.keys() {
        grants.read_back(stream);
    }
    grants.publish(format!("{}.>", dead_letters.subject));
    let about = "Makes dead letters of what the server gave up: `Tidings::sweep`.";
    grants.into_user("tidings-sweeper", about.to_owned())
}

/// Every stream that the catalog has on a server, apart from those of key-value buckets.
fn streams(catalog: &Catalog) -> impl Iterator<Item = (String, Ownership)> {
    let own = catalog.streams.values().map(|stream| (stream.name.clone(), stream.ownership));
    let buckets = catalog.payload_buckets();
    let buckets = buckets.map(|(_, bucket)| (bucket.stream(), Ownership::Managed));
    let advisories = (catalog.dead_letters.advisories(), Ownership::Managed);
    own.chain(buckets).chain([advisories])
}
