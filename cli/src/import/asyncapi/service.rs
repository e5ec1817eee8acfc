use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::application::{Action, Application, Operation};
use super::own;
use super::plan::Plan;
use crate::import::{Files, Importer, names};
use crate::yaml::{Mapping, Node};

/// What a service does.
#[derive(Default)]
struct Service {
    publishes: Vec<String>,
    subscriptions: Vec<(String, Subscription)>,
    taken: BTreeSet<String>,
}

#[derive(Default)]
struct Subscription {
    summary: Option<String>,
    events: Vec<String>,
    settings: Vec<(String, Node)>,
}

impl Importer {
    /// The application that the document describes; several where `tidings export` wrote it.
    pub(super) fn service_files(&mut self, application: &Application, plan: &Plan) -> Files {
        let info = application.root.get("info");
        let title = info.as_ref().and_then(|info| info.text("title")).unwrap_or_default();
        let default = names::module(title).unwrap_or_else(|| "application".to_owned());
        // A service and a domain of one name share a module, in which their names could collide.
        let taken = plan.domains.contains_key(&default);
        let default = if taken { format!("{default}_service") } else { default };
        let mut services: BTreeMap<String, Service> = BTreeMap::new();
        for operation in &application.operations {
            let name = operation.service.as_ref().unwrap_or(&default);
            services.entry(name.clone()).or_default().add(operation, plan);
        }
        let facts = application.own().and_then(|own| own.get("services"));
        if let Some(facts) = &facts {
            // Those that do nothing are services too.
            for (name, _) in facts.entries() {
                services.entry(name).or_default();
            }
        }
        let mut files = Files::new();
        for (name, service) in services {
            let facts = facts.as_ref().and_then(|facts| facts.get(&name));
            let mut file = Mapping::from_iter([("service", name.as_str())]);
            match &facts {
                Some(facts) => {
                    for key in ["summary", "description", "owner"] {
                        file.insert_some(key, facts.text(key));
                    }
                }
                None => {
                    file.insert_some("summary", Some(title).filter(|title| !title.is_empty()));
                    let contact = info.as_ref().and_then(|info| info.get("contact"));
                    file.insert_some("owner", contact.as_ref().and_then(|one| one.text("name")));
                }
            }
            service.write(&mut file);
            files.insert(PathBuf::from(format!("services/{name}.yaml")), file.into());
        }
        files
    }
}

impl Service {
    fn add(&mut self, operation: &Operation, plan: &Plan) {
        let references = operation.messages.iter();
        let references = references.filter_map(|one| plan.reference(operation.channel, *one));
        let references: BTreeSet<String> = references.collect();
        if references.is_empty() {
            return;
        }
        if operation.action == Action::Send {
            let new = references.into_iter().filter(|one| !self.publishes.contains(one));
            let new: Vec<String> = new.collect();
            self.publishes.extend(new);
            return;
        }
        let own = operation.subscription.as_ref();
        let name = own.and_then(|own| own.text("name"));
        let present =
            name.and_then(|name| self.subscriptions.iter_mut().find(|(it, _)| it == name));
        if let Some((_, subscription)) = present {
            subscription.events.extend(references);
            return;
        }
        let wanted = name.map(str::to_owned).or_else(|| names::module(&operation.id));
        let wanted = wanted.unwrap_or_else(|| "receiving".to_owned());
        let name = names::unique(&wanted, "_", &mut self.taken);
        let subscription = Subscription {
            summary: operation.summary.clone(),
            events: references.into_iter().collect(),
            settings: own.map(own::settings).unwrap_or_default(),
        };
        self.subscriptions.push((name, subscription));
    }

    fn write(self, file: &mut Mapping) {
        if !self.publishes.is_empty() {
            file.insert("publishes", words(self.publishes));
        }
        let subscriptions = self.subscriptions.into_iter().map(|(name, subscription)| {
            let mut written = Mapping::default();
            written.insert_some("summary", subscription.summary.as_deref());
            written.insert("events", words(subscription.events));
            for (key, value) in subscription.settings {
                written.insert(key, value);
            }
            (name, written)
        });
        let subscriptions: Mapping = subscriptions.collect();
        if !subscriptions.is_empty() {
            file.insert("subscriptions", subscriptions);
        }
    }
}

fn words(references: Vec<String>) -> Vec<Node> {
    references.into_iter().map(Node::word).collect()
}
