//! Who has to do with an event.

use crate::model::{Catalog, Event, Published, Subscribed};

impl Event {
    /// Where services say that they publish it.
    pub(super) fn publishers<'c>(&self, catalog: &'c Catalog) -> Vec<&'c Published> {
        let published = catalog.services.values().flat_map(|service| &service.publishes);
        published.filter(|one| one.event == self.id).collect()
    }

    /// Where subscriptions name it, or a pattern that matches it.
    pub(super) fn consumers<'c>(&self, catalog: &'c Catalog) -> Vec<&'c Subscribed> {
        let subscriptions =
            catalog.services.values().flat_map(|service| service.subscriptions.values());
        subscriptions.flat_map(|one| &one.events).filter(|one| one.event == self.id).collect()
    }
}
