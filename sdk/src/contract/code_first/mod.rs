//! Events that begin as a struct: what it looks like as JSON checks the catalog's entry, or becomes it.
//!
//! A struct that is bound to an event, and derives [`JsonSchema`] as well, is held to the catalog by the test that
//! [`#[derive(Event)]`](macro@crate::Event) generates: a property that only one of the two has, another type, another
//! enum value fail it, property by property.
//!
//! An event that is not in the catalog yet begins as an [`Entry`], in a test:
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use tidings::Uuid;
//! use tidings::code_first::Entry;
//! # use tidings::schemars;
//!
//! /// A customer wants a parcel to be fetched.
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! struct PickupRequested {
//!     /// The parcel.
//!     parcel_id: Uuid,
//!     #[serde(skip_serializing_if = "Option::is_none")]
//!     note: Option<String>,
//! }
//!
//! # /*
//! #[test]
//! # */
//! fn a_pickup_is_in_the_catalog() -> Result<(), tidings::code_first::EntryError> {
//!     Entry::<PickupRequested>::new("parcels.pickup.requested")
//!         .summary("A parcel waits to be fetched.")
//!         .example(&PickupRequested { parcel_id: Uuid::nil(), note: None })
//!         .settle("../event-catalog")
//! }
//! # let folder = std::env::temp_dir().join(format!("tidings-entry-{}", std::process::id()));
//! # let entry = Entry::<PickupRequested>::new("parcels.pickup.requested");
//! # entry.write(&folder).unwrap();
//! # entry.check(&folder).unwrap();
//! # std::fs::remove_dir_all(folder).unwrap();
//! ```
//!
//! `UPDATE_CATALOG=1 cargo test` writes `event-catalog/parcels/pickup-requested.yaml`. Without it, the test says whether
//! the entry is there, and where the struct and the entry differ. An entry that is there is never changed.

mod catalog_file;
mod difference;
mod entry;
mod lower;
mod schema;
mod yaml;

use std::panic::Location;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

pub use entry::{Entry, EntryError};

use crate::Event;
use difference::differences;

/// What a type looks like as JSON.
struct Schemas {
    /// As it is written.
    written: Value,
    /// As it is read.
    read: Value,
}

impl Schemas {
    fn of<T: JsonSchema>() -> Self {
        let [written, read] = [
            SchemaSettings::draft2020_12().for_serialize(),
            SchemaSettings::draft2020_12().for_deserialize(),
        ]
        .map(|settings| settings.into_generator().into_root_schema_for::<T>().to_value());
        Self { written, read }
    }
}

/// The struct `E` and the catalog's event say the same about their payloads.
///
/// ```no_run
/// use serde::{Deserialize, Serialize};
/// use tidings::{Event, JsonSchema, Uuid};
/// # use tidings::schemars;
///
/// #[derive(Serialize, Deserialize, JsonSchema, Event)]
/// #[event(event_catalog::user::UserCreated)]
/// struct Registered {
///     user_id: Uuid,
///     email: String,
/// }
///
/// // The test that `Event` generates does the same.
/// tidings::code_first::assert_matches_catalog::<Registered>();
/// ```
///
/// # Panics
/// They do not: the message tells each difference.
#[track_caller]
pub fn assert_matches_catalog<E: Event + JsonSchema>() {
    let spec = E::SPEC;
    let catalog = serde_json::from_str(spec.schema).unwrap_or(Value::Bool(true));
    let Schemas { written, read } = Schemas::of::<E>();
    let found = differences(&catalog, &written, &read);
    assert!(
        found.is_empty(),
        "`{}` ({}) and `{}` {} of the catalog have drifted apart:\n{}\nchange the struct, or the event's payload in the catalog",
        std::any::type_name::<E>(),
        Location::caller(),
        spec.event_type,
        spec.version,
        difference::list(&found),
    );
}
