//! What generated code and macros name beside the public items. No stable interface.

pub use crate::consumer::SubscriberBuilder;
pub use crate::handler::States;
pub use crate::subject::SubjectBuilder;
pub use crate::validation::{
    At, Constrained, Entries, Items, Number, Numeric, Pattern, Properties, Text, validate,
};
pub use tidings_constraints::{Encoding, Format};

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

use crate::Event;
use crate::contract::Contract;
use crate::subject::{InvalidToken, Subject};

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
