use std::collections::BTreeSet;

use super::actual::Actual;
use super::desired::Desired;
use super::{Class, Difference, Object};

/// What may be done beyond what is safe, by name: a stream's, a consumer's, or both with a `/` between them.
///
/// ```
/// use tidings::topology::Consent;
///
/// let consent = Consent::new()
///     .narrow("ORDERS_EVENTS") //                     it may keep less than it does
///     .recreate("ORDERS_EVENTS/billing-invoicing") // a setting differs that no server changes
///     .delete("CARTS_EVENTS"); //                     the catalog does not have it any more
/// # let _ = consent;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Consent {
    narrow: BTreeSet<String>,
    recreate: BTreeSet<String>,
    delete: BTreeSet<String>,
}

impl Consent {
    /// To nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What this stream or consumer keeps or takes beyond the catalog may be taken away, and events with it.
    pub fn narrow(mut self, name: impl Into<String>) -> Self {
        self.narrow.insert(name.into());
        self
    }

    /// It may be deleted and made anew: a stream with all that it holds, by way of a copy, which takes nats-server 2.12 unless it
    /// is empty; a consumer so that the new one begins where the old one had settled everything. Whoever runs the subscription
    /// has to start it again.
    pub fn recreate(mut self, name: impl Into<String>) -> Self {
        self.recreate.insert(name.into());
        self
    }

    /// This orphan may be deleted, with all that it holds.
    pub fn delete(mut self, name: impl Into<String>) -> Self {
        self.delete.insert(name.into());
        self
    }

    fn narrows(&self, object: &Object) -> bool {
        self.narrow.iter().any(|name| object.is_called(name))
    }

    fn recreates(&self, object: &Object) -> bool {
        self.recreate.iter().any(|name| object.is_called(name))
    }

    fn deletes(&self, object: &Object) -> bool {
        self.delete.iter().any(|name| object.is_called(name))
    }
}

/// What is done to a stream or consumer.
///
/// ```
/// use tidings::topology::Action;
///
/// assert_eq!(Action::Recreate.as_str(), "recreate");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// It is created.
    Create,
    /// Some of its settings are changed.
    Update,
    /// It is deleted and made anew.
    Recreate,
    /// It is deleted.
    Delete,
    /// Nothing: it takes a consent, or somebody.
    Leave,
}

impl Action {
    /// In a word: `create`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Recreate => "recreate",
            Self::Delete => "delete",
            Self::Leave => "leave",
        }
    }
}

/// How a server differs from what a catalog says, and what would be done about it.
///
/// ```no_run
/// # async fn example(bus: tidings::Tidings) -> Result<(), tidings::topology::TopologyError> {
/// let plan = bus.topology(&event_catalog::CATALOG).plan().await?;
/// println!("{} in {} on nats-server {}", plan.catalog(), plan.environment(), plan.server());
/// for step in plan.steps() {
///     println!("{} {}", step.action.as_str(), step.object.path());
/// }
/// for difference in plan.differences().chain(plan.notes()) {
///     println!("{} ({}): {}", difference.object, difference.class.as_str(), difference.text);
/// }
/// for name in plan.pointless_consents() {
///     eprintln!("{name} was consented to in vain");
/// }
/// if !plan.is_clean() {
///     std::process::exit(1); // as `tidings drift` does
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    catalog: String,
    environment: String,
    server: String,
    differences: Vec<Difference>,
    consent: Consent,
    pub(super) actual: Actual,
}

/// What is done to one stream or consumer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Step<'p> {
    /// What it is about.
    pub object: &'p Object,
    /// What is done.
    pub action: Action,
    /// What that is for: the differences that it ends.
    pub ends: Vec<&'p Difference>,
    /// The differences that stay.
    pub leaves: Vec<&'p Difference>,
}

impl Plan {
    pub(super) fn new(
        desired: &Desired,
        server: String,
        differences: Vec<Difference>,
        actual: Actual,
        consent: Consent,
    ) -> Self {
        let (catalog, environment) = (desired.catalog.clone(), desired.environment.clone());
        Self { catalog, environment, server, differences, consent, actual }
    }

    /// The catalog's name.
    pub fn catalog(&self) -> &str {
        &self.catalog
    }

    /// The environment whose limits count.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The server's version.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Whether the server is as the catalog says.
    pub fn is_clean(&self) -> bool {
        self.differences().next().is_none()
    }

    /// Everything that is not as the catalog says.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|one| !one.note)
    }

    /// What is worth knowing beside it.
    pub fn notes(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|one| one.note)
    }

    /// What would be done with the consents that the plan was made with, one step for each stream or consumer that
    /// differs, in their order.
    pub fn steps(&self) -> Vec<Step<'_>> {
        let mut steps: Vec<Step<'_>> = Vec::new();
        for difference in self.differences() {
            let object = &difference.object;
            if steps.iter().any(|step| step.object == object) {
                continue;
            }
            let action = self.action(object);
            let of_it = self.differences().filter(|other| other.object == *object);
            let (ends, leaves) = of_it.partition(|other| self.ends(action, other));
            steps.push(Step { object, action, ends, leaves });
        }
        steps
    }

    /// Names that were consented to and are nowhere in the plan, or not for that.
    pub fn pointless_consents(&self) -> Vec<&str> {
        let Consent { narrow, recreate, delete } = &self.consent;
        let unused = |names: &'_ BTreeSet<String>, classes: &[Class]| -> Vec<String> {
            let meant = |name: &&String| {
                let mut all = self.differences();
                !all.any(|one| classes.contains(&one.class) && one.object.is_called(name))
            };
            names.iter().filter(meant).cloned().collect()
        };
        let unused = [
            unused(narrow, &[Class::Narrowing]),
            unused(recreate, &[Class::Recreation, Class::OneWay]),
            unused(delete, &[Class::Orphan]),
        ]
        .concat();
        let all = narrow.iter().chain(recreate).chain(delete);
        all.filter(|name| unused.contains(name)).map(String::as_str).collect()
    }

    fn action(&self, object: &Object) -> Action {
        let of_it = || self.differences().filter(|one| one.object == *object);
        let has = |class| of_it().any(|one| one.class == class);
        if has(Class::Missing) {
            let external = of_it().any(|one| one.external);
            let blocked = external || has(Class::Foreign) || self.lacks_stream(object);
            return if blocked { Action::Leave } else { Action::Create };
        }
        if has(Class::Orphan) {
            return if self.consent.deletes(object) { Action::Delete } else { Action::Leave };
        }
        let anew = |one: &Difference| {
            matches!(one.class, Class::Recreation | Class::OneWay) && !one.external
        };
        if of_it().any(anew) && self.consent.recreates(object) {
            return Action::Recreate;
        }
        let changes = of_it().any(|one| self.ends(Action::Update, one));
        if changes { Action::Update } else { Action::Leave }
    }

    /// Whether the consumer's stream does not exist, and will not.
    fn lacks_stream(&self, object: &Object) -> bool {
        let Object::Consumer { stream, .. } = object else { return false };
        let stream = Object::stream(stream);
        let mut missing = self.differences().filter(|one| one.class == Class::Missing);
        missing.any(|one| one.object == stream) && self.action(&stream) == Action::Leave
    }

    /// Whether the action puts right what differs.
    fn ends(&self, action: Action, difference: &Difference) -> bool {
        match action {
            _ if difference.external => false,
            Action::Leave => false,
            Action::Update => match difference.class {
                Class::Safe => !self.is_blocked(difference),
                Class::Narrowing => self.consent.narrows(&difference.object),
                _ => false,
            },
            Action::Create | Action::Recreate | Action::Delete => {
                difference.class != Class::Foreign
            }
        }
    }

    /// Whether it wants subjects that another stream has.
    fn is_blocked(&self, difference: &Difference) -> bool {
        let mut foreign = self.differences().filter(|one| one.class == Class::Foreign);
        difference.setting.as_deref() == Some("subjects")
            && foreign.any(|one| one.object == difference.object && one.setting.is_none())
    }
}
