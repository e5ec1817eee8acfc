use std::fmt;
use std::fs;
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::catalog_file::{self, Found};
use super::difference::{self, Difference, differences};
use super::{Schemas, lower, yaml};

/// Set to anything, it lets [`Entry::settle`] write.
const UPDATE: &str = "UPDATE_CATALOG";

/// What editors know about an event's file, where the catalog has it.
const SCHEMA: &str = ".editor/v1/event.json";

/// The catalog's entry of an event that begins as the struct `T`.
///
/// ```
/// use serde::Serialize;
/// use tidings::JsonSchema;
/// # use tidings::schemars;
/// use tidings::code_first::Entry;
///
/// #[derive(Serialize, JsonSchema)]
/// struct PickupRequested {
///     parcel_id: String,
/// }
///
/// let entry = Entry::<PickupRequested>::new("parcels.pickup.requested")
///     .summary("A parcel waits to be fetched.")
///     .key("parcel_id")
///     .example(&PickupRequested { parcel_id: "P-17".to_owned() });
/// assert!(entry.to_yaml().starts_with("event: parcels.pickup.requested\n"));
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// entry.write(folder)?; // it is new: `parcels/pickup-requested.yaml`
/// entry.check(folder)?; // and now it is there, and the same
/// entry.settle(folder)?; // what a test calls: one of the two, as UPDATE_CATALOG says
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Entry<T> {
    event_type: String,
    summary: Option<String>,
    key: Option<String>,
    examples: Vec<Value>,
    payload: PhantomData<fn() -> T>,
}

impl<T: JsonSchema + Serialize> Entry<T> {
    /// The entry of an event type: `orders.order.created`.
    pub fn new(event_type: impl Into<String>) -> Self {
        let event_type = event_type.into();
        Self { event_type, summary: None, key: None, examples: Vec::new(), payload: PhantomData }
    }

    /// One line about what happened.
    #[must_use]
    pub fn summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = Some(summary.into());
        self
    }

    /// The property that tells which events must stay in order.
    #[must_use]
    pub fn key(mut self, property: impl Into<String>) -> Self {
        self.key = Some(property.into());
        self
    }

    /// An example of it. One that cannot be written as JSON is left out.
    #[must_use]
    pub fn example(mut self, example: &T) -> Self {
        self.examples.extend(serde_json::to_value(example));
        self
    }

    /// The entry as a file of the catalog.
    pub fn to_yaml(&self) -> String {
        let Schemas { written, read } = Schemas::of::<T>();
        let mut version = vec![("payload", lower::payload(&written, &read))];
        if !self.examples.is_empty() {
            version.push(("examples", json!(self.examples)));
        }
        let mut text = format!("event: {}\n", self.event_type);
        for (name, value) in [("summary", &self.summary), ("key", &self.key)] {
            if let Some(value) = value {
                text += &format!("{name}: {}\n", yaml::scalar(&Value::from(value.as_str())));
            }
        }
        text += "versions:\n  1.0:\n";
        for (name, value) in version {
            text += &yaml::entry(name, &value, 4);
        }
        text
    }

    /// Writes the entry where `UPDATE_CATALOG` is set and the event is new to the catalog in `folder`; checks it otherwise.
    ///
    /// # Errors
    /// The event has no entry, or another one; see [`EntryError`].
    pub fn settle(&self, folder: impl AsRef<Path>) -> Result<(), EntryError> {
        if std::env::var_os(UPDATE).is_some_and(|set| !set.is_empty()) {
            self.write(folder)
        } else {
            self.check(folder)
        }
    }

    /// Writes the entry where the event is new to the catalog in `folder`; checks it otherwise.
    ///
    /// # Errors
    /// The event has another entry, or the file cannot be written.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), EntryError> {
        let folder = folder.as_ref();
        match self.check(folder) {
            Err(EntryError(Problem::Missing { path, text })) => {
                let text = match folder.join(SCHEMA).exists() {
                    true => format!("# yaml-language-server: $schema=../{SCHEMA}\n{text}"),
                    false => text,
                };
                let parent = path.parent().unwrap_or(folder);
                let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, text));
                written.map_err(|error| EntryError(Problem::Io { path, error }))
            }
            other => other,
        }
    }

    /// Compares the newest version of the event's entry with the struct.
    ///
    /// # Errors
    /// The event has no entry, or another one.
    pub fn check(&self, folder: impl AsRef<Path>) -> Result<(), EntryError> {
        let folder = folder.as_ref();
        let Some(Found { path, version, payload }) =
            catalog_file::find(folder, &self.event_type).map_err(EntryError)?
        else {
            let path = self.path(folder);
            return Err(EntryError(Problem::Missing { path, text: self.to_yaml() }));
        };
        let Schemas { written, read } = Schemas::of::<T>();
        let differences = differences(&payload, &written, &read);
        if differences.is_empty() {
            return Ok(());
        }
        let payload = yaml::entry("payload", &lower::payload(&written, &read), 0);
        let name = std::any::type_name::<T>();
        Err(EntryError(Problem::Drift { name, path, version, differences, payload }))
    }

    /// `parcels/pickup-requested.yaml`
    fn path(&self, folder: &Path) -> PathBuf {
        let (domain, rest) = self.event_type.split_once('.').unwrap_or(("", &self.event_type));
        let stem = rest.replace(['.', '_'], "-");
        folder.join(domain).join(format!("{stem}.yaml"))
    }
}

/// The catalog's entry of an event is not what its struct says.
pub struct EntryError(pub(super) Problem);

pub(super) enum Problem {
    Missing {
        path: PathBuf,
        text: String,
    },
    Drift {
        name: &'static str,
        path: PathBuf,
        version: String,
        differences: Vec<Difference>,
        payload: String,
    },
    Io {
        path: PathBuf,
        error: io::Error,
    },
    Yaml {
        path: PathBuf,
        message: String,
    },
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Missing { path, text } => write!(
                f,
                "the event has no entry in the catalog: run the test with `{UPDATE}=1`, which writes `{}`:\n\n{text}",
                path.display()
            ),
            Problem::Drift { name, path, version, differences, payload } => write!(
                f,
                "`{name}` and version {version} in `{}` have drifted apart:\n{}\nchange the struct, or edit the payload; the struct's would be:\n\n{payload}",
                path.display(),
                difference::list(differences),
            ),
            Problem::Io { path, error } => write!(f, "`{}`: {error}", path.display()),
            Problem::Yaml { path, message } => write!(f, "`{}`: {message}", path.display()),
        }
    }
}

/// As [`Display`](fmt::Display): a test that returns the error shows it so.
impl fmt::Debug for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for EntryError {}
