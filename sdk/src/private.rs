//! What generated code and macros name beside the public items. No stable interface.

pub use crate::consumer::SubscriberBuilder;
pub use crate::contract::codec;
pub use crate::contract::subject::SubjectBuilder;
pub use crate::contract::union::{Member, Visitor};
pub use crate::contract::validation::{
    At, Constrained, Entries, Items, Number, Numeric, Pattern, Properties, Text, validate,
};
pub use crate::handler::{ReceivedBy, States};
pub use crate::message::personal::Redacted;
pub use crate::upcast::{Downcast, Link};
pub use tidings_payload::convert::Step;
pub use tidings_payload::{Encoding, Format};

/// A pattern that is compiled once.
#[macro_export]
#[doc(hidden)]
macro_rules! __pattern {
    ($source:literal) => {{
        static PATTERN: $crate::__private::Pattern = $crate::__private::Pattern::new($source);
        &PATTERN
    }};
}
pub use crate::__pattern as pattern;
pub use {serde, serde_json};

use crate::contract::own_type::Contract;
use crate::contract::subject::{InvalidToken, Subject};
use crate::message::personal::without_values;
use crate::{Event, Upcast, UpcastError, Version, publisher};

/// A value that the catalog gives as JSON: the default of a property.
///
/// # Panics
/// It does not fit its type, which the catalog's own check has ruled out.
pub fn from_catalog<T: serde::de::DeserializeOwned>(json: &'static str) -> T {
    serde_json::from_str(json)
        .unwrap_or_else(|error| panic!("the catalog's default `{json}` does not fit: {error}"))
}

/// The subject of an event of a hand-written type.
pub fn contract_subject<E: Event>(event: &E) -> Result<Subject, InvalidToken> {
    match Contract::of(event) {
        Ok(contract) => contract.subject(),
        Err(_) => Err(InvalidToken::unfit(E::SPEC.event_type)),
    }
}

/// The key of an event of a hand-written type.
pub fn contract_key<E: Event>(event: &E) -> Option<String> {
    Contract::of(event).ok()?.key()
}

/// Every example of the catalog decodes into `E`, and encodes back to what the catalog's type reads from it.
///
/// # Panics
/// One does not: the type and the catalog have drifted apart.
pub fn assert_matches_contract<E: Event>() {
    let (name, spec) = (std::any::type_name::<E>(), E::SPEC);
    assert!(!spec.examples.is_empty(), "`{}` has no example to test with", spec.event_type);
    for example in spec.examples {
        let own: E = serde_json::from_str(example).unwrap_or_else(|error| {
            panic!("`{name}` does not read an example of `{}`: {error}\n{example}", spec.event_type)
        });
        let contract: E::Contract = serde_json::from_str(example).unwrap_or_else(|error| {
            panic!("the example of `{}` does not fit its type: {error}\n{example}", spec.event_type)
        });
        let (own, contract) = (serde_json::to_value(&own), serde_json::to_value(&contract));
        let (Ok(own), Ok(contract)) = (own, contract) else {
            panic!("`{name}` cannot be written as JSON");
        };
        assert_eq!(own, contract, "`{name}` writes another payload than `{}`", spec.event_type);
    }
}

/// Goes through the link that the catalog declares between two versions.
pub fn upcast<Old: Event, New: Upcast<Old>>(old: &Old) -> Result<New, UpcastError> {
    let old_value = serde_json::to_value(old).map_err(|error| without_values(Old::SPEC, error))?;
    let payload = New::SPEC.upcast(Old::SPEC.version, old_value)?;
    Ok(serde_json::from_value(payload).map_err(|error| without_values(New::SPEC, error))?)
}

/// Examples of older versions can be brought to the version of `E`, whose type reads what comes of them.
///
/// # Panics
/// One cannot.
pub fn assert_upcasts<E: Event>(examples: &[(Version, &str)]) {
    let spec = E::SPEC;
    for (version, example) in examples {
        let old = serde_json::from_str(example).unwrap_or_else(|error| {
            panic!("an example of version {version} is not JSON: {error}\n{example}")
        });
        let new = spec.upcast(*version, old).unwrap_or_else(|failed| panic!("{failed}\n{example}"));
        let read = serde_json::from_value::<E>(new.clone()).map_err(|error| error.to_string());
        let valid = read.and_then(|event| event.validate().map_err(|error| error.to_string()));
        if let Err(error) = valid {
            panic!(
                "an example of version {version} of `{}` becomes no {}: {error}\n{example}\n{new}",
                spec.event_type, spec.version,
            );
        }
    }
}

/// The examples of `E` can be published in the older versions that the catalog names, whose types read them.
///
/// # Panics
/// One cannot.
pub fn assert_downcasts<E: Event>() {
    for example in E::SPEC.examples {
        let event: E = serde_json::from_str(example).unwrap_or_else(|error| {
            panic!("an example of `{}` does not fit its type: {error}", E::SPEC.event_type)
        });
        if let Err(error) = publisher::older_versions(&event, true) {
            panic!("{error}\n{example}");
        }
    }
}

/// Holds a type to the catalog's schema where it derives `JsonSchema`, and the feature `code-first` is there: the inherent
/// method is found first, and [`Unchecked`]'s where its bounds do not hold.
pub struct SchemaCheck<T>(std::marker::PhantomData<T>);

impl<T> SchemaCheck<T> {
    /// A check of `T`.
    #[allow(clippy::new_without_default, reason = "named in one place, by a macro")]
    pub const fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

#[cfg(feature = "code-first")]
impl<T: Event + schemars::JsonSchema> SchemaCheck<T> {
    /// # Panics
    /// The type and the catalog have drifted apart.
    #[track_caller]
    pub fn run(&self) {
        crate::code_first::assert_matches_catalog::<T>();
    }
}

/// What a type without a schema is held to: nothing.
pub trait Unchecked {
    fn run(&self) {}
}

impl<T> Unchecked for SchemaCheck<T> {}
