//! What each service may do on the server, as the server's own configuration: no more than the catalog lets it do.
//!
//! Beside the services there are three roles: who creates streams and consumers, who looks after dead letters, and who makes
//! dead letters of what the server gave up. Each user has a prefix of its own for the subjects of answers, so that nobody
//! reads what is meant for another.

mod grants;
mod roles;
mod service;
mod text;

use std::collections::BTreeSet;

use tidings_payload::Prefix;

pub use text::{Credentials, Options, emit};

use crate::model::Catalog;

/// A user of the server: a service, or one of the roles beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name to log on with; with nkeys, what stands beside the key.
    pub name: String,
    /// Who it is, in a line.
    pub about: String,
    /// The prefix under which it works.
    pub prefix: Option<Prefix>,
    /// What the subjects of its answers begin with: `_INBOX_billing`.
    pub inbox_prefix: String,
    /// Subjects that it may publish to.
    pub publish: BTreeSet<String>,
    /// Those among them that it may not publish to.
    pub deny: BTreeSet<String>,
    /// Subjects that it may subscribe to: its answers, and what the catalog lets it hear without a stream.
    pub subscribe: BTreeSet<String>,
    /// Whether it may answer what it hears, wherever the answer is awaited.
    pub answers: bool,
}

impl User {
    /// What a variable of it is called: `BILLING_PASSWORD`.
    fn variable(&self, of: &str) -> String {
        format!("{}_{of}", self.name.replace('-', "_").to_ascii_uppercase())
    }
}

/// Every user that the catalog needs, under each prefix: its services, then the roles. Where an organization is named, services
/// publish only what is its, as far as subjects tell.
pub fn users(catalog: &Catalog, options: Options<'_>) -> Vec<User> {
    let under = |prefix: Option<&Prefix>| {
        let services = catalog.services.values();
        let services =
            services.map(|one| service::user(catalog, one, options.organization, prefix));
        services.chain(roles::all(catalog, prefix)).collect::<Vec<_>>()
    };
    match options.prefixes {
        [] => under(None),
        prefixes => prefixes.iter().map(Some).flat_map(under).collect(),
    }
}

/// Whether the subject of any event tells whose it is, so that permissions can be for one organization.
pub fn tells_organizations(catalog: &Catalog) -> bool {
    let Some(tenancy) = &catalog.tenancy else { return false };
    let mut events = catalog.events.values();
    events.any(|event| event.subject.position(&tenancy.attribute).is_some())
}
