//! The catalog of verbs that talk to a server, and what is meant by the names that users write.

use std::collections::BTreeSet;

use tidings::catalog::{Catalog, StreamSpec, SubscriptionSpec};
use tidings::{EventSpec, ServiceSpec};
use tidings_codegen::Compilation;
use tidings_codegen::model;

use super::catalog;
use crate::failure::Failure;
use crate::folder::CatalogFolder;
use crate::session::Session;

/// A catalog without mistakes, as it was read and as the runtime knows it.
pub(crate) struct Known {
    pub(crate) compilation: Compilation,
    pub(crate) folder: CatalogFolder,
    pub(crate) runtime: &'static Catalog,
}

impl Known {
    /// The catalog, if it has no mistakes.
    pub(crate) fn read(session: &Session) -> Result<Self, Failure> {
        let folder = session.folder()?;
        let compilation = session.compile(&folder)?;
        if compilation.has_errors() {
            return Err(Failure::new("the catalog has mistakes").help("`tidings check` shows them"));
        }
        let runtime = catalog::in_runtime(&compilation.catalog);
        Ok(Self { compilation, folder, runtime })
    }

    pub(crate) fn catalog(&self) -> &model::Catalog {
        &self.compilation.catalog
    }

    /// The event of this type.
    pub(crate) fn event(&self, name: &str) -> Result<&model::Event, Failure> {
        let events = &self.catalog().events;
        events.get(name).ok_or_else(|| {
            Failure::new(format!("the catalog has no event `{name}`"))
                .meant(name, events.keys().map(String::as_str))
        })
    }

    /// A major version of an event, as the runtime knows it.
    pub(crate) fn spec(&self, event: &str, major: u16) -> Result<&'static EventSpec, Failure> {
        let mut specs = self.runtime.events.iter().copied();
        specs
            .find(|spec| spec.event_type == event && spec.version.major == major)
            .ok_or_else(|| Failure::new(format!("`{event}` has no version {major}")))
    }

    /// The service of this name.
    pub(crate) fn service(&self, name: &str) -> Result<&model::Service, Failure> {
        let services = &self.catalog().services;
        services.get(name).ok_or_else(|| {
            Failure::new(format!("the catalog has no service `{name}`"))
                .meant(name, services.keys().map(String::as_str))
        })
    }

    /// A service, as the runtime knows it.
    pub(crate) fn publisher(&self, service: &model::Service) -> &'static ServiceSpec {
        let name: &'static str = service.name.clone().leak();
        let source: &'static str = format!("/{}/{name}", self.catalog().name).leak();
        let required = self.catalog().tenancy.as_ref().is_some_and(|tenancy| tenancy.required);
        Box::leak(Box::new(ServiceSpec::new(name, source, required)))
    }

    /// The subscription that a user calls `billing.invoicing` or, as on the server, `billing-invoicing`.
    pub(crate) fn subscription(&self, name: &str) -> Result<&'static SubscriptionSpec, Failure> {
        let known = self.runtime.subscriptions.iter().copied();
        let is_meant = |one: &&'static SubscriptionSpec| {
            let durables = one.partitions.iter().map(|partition| partition.durable);
            path(one) == name.replace('/', ".")
                || std::iter::once(one.durable).chain(durables).any(|durable| durable == name)
        };
        known.clone().find(is_meant).ok_or_else(|| {
            let names: Vec<String> = known.map(path).collect();
            Failure::new(format!("the catalog has no subscription `{name}`"))
                .meant(name, names.iter().map(String::as_str))
                .help("a subscription is written `<service>.<subscription>`")
        })
    }

    /// The subscriptions of these names and services; all of them where none is named.
    pub(crate) fn subscriptions(
        &self,
        names: &[String],
        services: &[String],
    ) -> Result<Vec<&'static SubscriptionSpec>, Failure> {
        let mut chosen = BTreeSet::new();
        for name in names {
            chosen.insert(self.subscription(name)?.durable);
        }
        for name in services {
            self.service(name)?;
            let own = self.runtime.subscriptions.iter().filter(|one| one.service == *name);
            chosen.extend(own.map(|one| one.durable));
        }
        let all = names.is_empty() && services.is_empty();
        let known = self.runtime.subscriptions.iter().copied();
        Ok(known.filter(|one| all || chosen.contains(one.durable)).collect())
    }

    /// The stream of this name.
    pub(crate) fn stream(&self, name: &str) -> Option<&'static StreamSpec> {
        self.runtime.stream(name)
    }

    /// The subscription whose durable consumer has this name, in the words of the catalog.
    pub(crate) fn named(&self, durable: &str) -> String {
        let known = self.runtime.subscriptions.iter().find(|one| one.durable == durable);
        known.map_or_else(|| durable.to_owned(), |one| path(one))
    }
}

/// `billing.invoicing`.
pub(crate) fn path(subscription: &SubscriptionSpec) -> String {
    format!("{}.{}", subscription.service, subscription.name)
}
