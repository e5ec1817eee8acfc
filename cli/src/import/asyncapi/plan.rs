use std::collections::{BTreeMap, BTreeSet};

use tidings_codegen::naming::pascal;
use tidings_codegen::subject::overlap;

use super::Options;
use super::address::Subject;
use super::application::{Application, Channel};
use crate::import::{Importer, names};

/// The names and subjects that a document's messages get.
pub(super) struct Plan {
    pub(super) domains: BTreeMap<String, Domain>,
    pub(super) events: Vec<Event>,
}

/// A domain of the catalog.
#[derive(Default)]
pub(super) struct Domain {
    captured: BTreeSet<String>,
}

/// An event of the catalog.
pub(super) struct Event {
    /// `orders.order.created`.
    pub(super) ty: String,
    pub(super) domain: String,
    /// Its Rust name, where the type would give another.
    pub(super) name: Option<String>,
    pub(super) subject: Subject,
    /// Which of the channels.
    pub(super) channel: usize,
    /// Which of the channel's messages, by version.
    pub(super) versions: BTreeMap<Version, usize>,
}

/// Major and minor.
pub(super) type Version = (u16, u16);

/// The messages of a channel that are versions of one event.
struct Group {
    /// What they are called, without a version.
    base: String,
    /// Whether the document calls them so.
    named: bool,
    versions: BTreeMap<Version, usize>,
}

impl Plan {
    /// How a service names a message: `orders.order.created@1`, without the version where it is the newest.
    pub(super) fn reference(&self, channel: usize, message: usize) -> Option<String> {
        let event = self.events.iter().find(|event| {
            event.channel == channel && event.versions.values().any(|one| *one == message)
        })?;
        let major = |(version, _): (&Version, &usize)| version.0;
        let newest = event.versions.iter().next_back().map(major)?;
        let own = event.versions.iter().find(|(_, one)| **one == message).map(major)?;
        Some(if own == newest { event.ty.clone() } else { format!("{}@{own}", event.ty) })
    }
}

impl Domain {
    /// What its stream captures.
    pub(super) fn subjects(&self, name: &str) -> Vec<String> {
        if self.captured.is_empty() {
            return vec![format!("{name}.>")];
        }
        self.captured.iter().cloned().collect()
    }
}

impl Importer {
    pub(super) fn plan(&mut self, application: &Application, options: &Options) -> Plan {
        let mut planner = Planner::new(application, options);
        for (at, channel) in application.channels.iter().enumerate() {
            let groups = groups(channel);
            if groups.is_empty() {
                self.notes.dropped(
                    channel.place,
                    format!("the channel `{}`: it has no messages", channel.id),
                );
            }
            let several = groups.len() > 1;
            for group in groups {
                let event = planner.event(at, channel, group, several);
                let template = event.subject.template();
                match &channel.address {
                    Some(address) if *address != template => {
                        let what =
                            format!("the address `{address}` became the subject `{template}`");
                        self.notes.changed(channel.place, what);
                    }
                    None => {
                        let what =
                            format!("`{}` has no address: its subject is `{template}`", channel.id);
                        self.notes.changed(channel.place, what);
                    }
                    Some(_) => {}
                }
                planner.plan.events.push(event);
            }
        }
        planner.finish()
    }
}

struct Planner<'a> {
    options: &'a Options,
    /// The domain of what has no word of its own.
    fallback: String,
    types: BTreeSet<String>,
    /// Rust names that the document wants, with the event.
    wanted: Vec<Option<String>>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn new(application: &Application, options: &'a Options) -> Self {
        let title = application.root.get("info");
        let title = title.as_ref().and_then(|info| info.text("title")).unwrap_or_default();
        Self {
            options,
            fallback: names::module(title).unwrap_or_else(|| "imported".to_owned()),
            types: BTreeSet::new(),
            wanted: Vec::new(),
            plan: Plan { domains: BTreeMap::new(), events: Vec::new() },
        }
    }

    fn event(&mut self, at: usize, channel: &Channel, group: Group, several: bool) -> Event {
        let address = channel.address.as_deref().map(Subject::of).unwrap_or_default();
        if let Some(ty) = channel.own.as_ref().and_then(|own| own.text("type")) {
            let domain = ty.split('.').next().unwrap_or_default().to_owned();
            self.types.insert(ty.to_owned());
            self.wanted
                .push(channel.own.as_ref().and_then(|own| own.text("name")).map(str::to_owned));
            self.capture(&domain, &address);
            let subject = if address.tokens.is_empty() { Subject::of(ty) } else { address };
            let versions = group.versions;
            return Event { ty: ty.to_owned(), domain, name: None, subject, channel: at, versions };
        }
        let domain = self.options.domain.clone();
        let domain = domain.or_else(|| address.first_word().and_then(names::module));
        let domain = domain.unwrap_or_else(|| self.fallback.clone());
        let ty = self.event_type(&domain, &address, &group, several);
        let subject = self.subject(&domain, &address, &group, several, &ty);
        self.capture(&domain, &subject);
        self.wanted.push(group.named.then(|| names::type_name(&group.base)).flatten());
        Event { ty, domain, name: None, subject, channel: at, versions: group.versions }
    }

    /// Domain, then the words of the address, then the message's name where they do not tell it from others.
    fn event_type(
        &mut self,
        domain: &str,
        address: &Subject,
        group: &Group,
        several: bool,
    ) -> String {
        let mut tokens = address.names();
        // It is the domain already.
        if self.options.domain.is_none() && address.first_word().and_then(names::module).is_some() {
            let drop = address.first_word().and_then(names::name);
            if tokens.first() == drop.as_ref() {
                tokens.remove(0);
            }
        }
        tokens.insert(0, domain.to_owned());
        let base = names::name(&group.base).unwrap_or_else(|| "message".to_owned());
        let full = [tokens.clone(), vec![base.clone()]].concat().join(".");
        let short = tokens.join(".");
        if several || tokens.len() < 2 || self.types.contains(&short) {
            return names::unique(&full, "_", &mut self.types);
        }
        names::unique(&short, "_", &mut self.types)
    }

    /// The address as a subject that no other event has.
    fn subject(
        &self,
        domain: &str,
        address: &Subject,
        group: &Group,
        several: bool,
        ty: &str,
    ) -> Subject {
        // A stream for subjects that begin with anything would capture everything.
        let subject = match address.first_word() {
            _ if address.tokens.is_empty() => Subject::of(ty),
            Some(_) => address.clone(),
            None => address.under(domain),
        };
        let own = |subject: &Subject| {
            let filter = subject.filter();
            !self.plan.events.iter().any(|other| overlap(&other.subject.filter(), &filter))
        };
        // Several messages of a channel each have a word of their own; a type is one already.
        if own(&subject) && (!several || address.tokens.is_empty()) {
            return subject;
        }
        let word = names::file(&group.base).unwrap_or_else(|| "message".to_owned());
        let numbered = (2..).map(|number| format!("{word}-{number}"));
        let mut words = std::iter::once(word.clone()).chain(numbered);
        let free = words.find_map(|word| Some(subject.with(&word)).filter(own));
        free.unwrap_or(subject)
    }

    fn capture(&mut self, domain: &str, subject: &Subject) {
        let captured = &mut self.plan.domains.entry(domain.to_owned()).or_default().captured;
        match (subject.first_word(), subject.tokens.len()) {
            (Some(word), 1) => captured.insert(word.to_owned()),
            (Some(word), _) => captured.insert(format!("{word}.>")),
            (None, _) => captured.insert(format!("{domain}.>")),
        };
    }

    /// Gives the events the names that the document wants, where they are their own.
    fn finish(mut self) -> Plan {
        let given: Vec<String> =
            self.plan.events.iter().map(|event| rust_name(&event.ty)).collect();
        for at in 0..self.plan.events.len() {
            let Some(wanted) = self.wanted[at].clone().filter(|wanted| *wanted != given[at]) else {
                continue;
            };
            let domain = &self.plan.events[at].domain;
            let taken = (0..given.len()).any(|other| {
                let same = self.plan.events[other].domain == *domain && other != at;
                same && (given[other] == wanted || self.wanted[other].as_ref() == Some(&wanted))
            });
            if !taken {
                self.plan.events[at].name = Some(wanted);
            }
        }
        self.plan
    }
}

/// The Rust name that an event's type gives.
fn rust_name(ty: &str) -> String {
    match ty.split_once('.') {
        Some((_, rest)) if rest.contains('.') => pascal(rest),
        _ => pascal(ty),
    }
}

/// The messages of a channel, versions of one event together.
fn groups(channel: &Channel) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, message) in channel.messages.iter().enumerate() {
        let name = message.name.clone().unwrap_or_else(|| channel.id.clone());
        let own = message.version.as_deref().and_then(own_version);
        let (base, version) = match (&channel.own, own) {
            (Some(own), Some(version)) => (own.text("name").unwrap_or(&name).to_owned(), version),
            _ => {
                let (base, major) = names::versioned(&name);
                (base.to_owned(), (major.unwrap_or(1), 0))
            }
        };
        let fits = |group: &&mut Group| {
            names::name(&group.base) == names::name(&base) && !group.versions.contains_key(&version)
        };
        match groups.iter_mut().find(fits) {
            Some(group) => {
                group.versions.insert(version, at);
            }
            None => groups.push(Group {
                base,
                named: message.name.is_some(),
                versions: BTreeMap::from([(version, at)]),
            }),
        }
    }
    groups
}

fn own_version(text: &str) -> Option<Version> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok().filter(|major| *major > 0)?, minor.parse().ok()?))
}
