//! How generated types are read and written, without code of serde's derives for each of them.
//!
//! A derived `Deserialize` is a state machine that rustc compiles anew for each type and each format. Here the machine is
//! written once, over `dyn`: a generated type names its [`Fields`] and hands out its places, a [`Reader`] fills them and
//! a [`Writer`] writes them. serde's formats are behind both (`read`, `write`), and every generated type implements
//! serde's traits with them; so it can be anywhere in a type that derives them.
//!
//! It accepts, rejects and writes what the derives would, which `tests/it/codec` holds it to.

mod blank;
mod buffered;
mod containers;
mod fields;
mod macros;
mod read;
mod write;

use serde_json::{Map, Value as Json};

pub use self::blank::blank;
pub use self::fields::{Fields, Presence, Seen, Words};
pub use self::read::{deserialize, get, record, record_with_defaults, word};
pub use self::write::{name_of_word, serialize};
pub use crate::{__newtype as newtype, __one_of as one_of, __record as record, __words as words};
use crate::{Date, Timestamp, Uuid};

/// What can be part of a payload: a generated type, or what its fields are made of.
pub trait Value {
    /// What it is before it is read. Nobody sees it but the reader.
    fn blank() -> Self
    where
        Self: Sized;

    /// Becomes what stands there; asks the reader once.
    ///
    /// # Errors
    /// It does not fit. The reader knows why, and what is here is of no use.
    fn read(&mut self, from: &mut dyn Reader) -> Done;

    /// Hands itself to the writer, once.
    fn write(&self, to: &mut dyn Writer);

    /// Whether it is not written where its property is optional.
    fn is_left_out(&self) -> bool {
        false
    }
}

/// Whether it was read.
pub type Done = Result<(), Failed>;

/// It was not read; the reader knows why.
#[derive(Clone, Copy, Debug)]
pub struct Failed;

/// Where one value is read from.
pub trait Reader {
    /// Reads it into what is wanted.
    ///
    /// # Errors
    /// It does not fit.
    fn read(&mut self, want: Want<'_>) -> Done;
}

/// Where one value is written.
pub trait Writer {
    /// Writes it.
    fn write(&mut self, give: Give<'_>);
}

/// What a value is to be read as, with the place for it.
pub enum Want<'w> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(&'w mut bool),
    /// A whole number.
    Signed(&'w mut i64),
    /// A whole number that is not negative.
    Unsigned(&'w mut u64),
    /// A number.
    Float(&'w mut f64),
    /// A text.
    Text(&'w mut String),
    /// A text of the format `uuid`.
    Uuid(&'w mut Uuid),
    /// A text of the format `date-time`.
    Timestamp(&'w mut Timestamp),
    /// A text of the format `date`.
    Date(&'w mut Date),
    /// Any value.
    Any(&'w mut Json),
    /// Any object.
    Object(&'w mut Map<String, Json>),
    /// A value, or `null`.
    Option(&'w mut dyn Slot),
    /// A list whose items are alike.
    List(&'w mut dyn List),
    /// A list with a place for each of its items, and what it is called.
    Tuple(&'w mut [&'w mut dyn Value], &'static str),
    /// A map from strings.
    Map(&'w mut dyn Entries),
    /// An object with fields.
    Record {
        /// What they are.
        fields: &'static Fields,
        /// A place for each.
        places: &'w mut [&'w mut dyn Value],
        /// Keeps the properties that are no fields; without it they are skipped.
        extra: Option<&'w mut dyn Entries>,
        /// Notes which of the fields were there, where somebody wants to know.
        seen: Option<&'w mut Seen>,
    },
    /// One of several words: its number.
    Word(&'static Words, &'w mut usize),
    /// One of several alternatives.
    OneOf {
        /// What tells them apart.
        by: By,
        /// What they are called: their tags, or nothing.
        words: &'static Words,
        /// Who takes them.
        place: &'w mut dyn Alternatives,
    },
}

/// What tells alternatives apart.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// The name of an object's only property.
    Name,
    /// A property, which is not part of the alternative.
    Tag(&'static str),
    /// A property, which is part of the alternative as well.
    Property(&'static str),
    /// What they look like: the first of so many that fits.
    Look(usize),
}

/// A value on its way to a [`Writer`].
#[derive(Clone, Copy)]
pub enum Give<'g> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Signed(i64),
    /// A whole number that is not negative.
    Unsigned(u64),
    /// A number.
    Float(f64),
    /// A text.
    Text(&'g str),
    /// A text of the format `uuid`.
    Uuid(&'g Uuid),
    /// A text of the format `date-time`.
    Timestamp(&'g Timestamp),
    /// A text of the format `date`.
    Date(&'g Date),
    /// Any value.
    Any(&'g Json),
    /// Any object.
    Object(&'g Map<String, Json>),
    /// A value, or `null`.
    Option(Option<&'g dyn Value>),
    /// A list whose items are alike.
    List(&'g dyn List),
    /// A list with a value for each of its places.
    Tuple(&'g [&'g dyn Value]),
    /// A map from strings.
    Map(&'g dyn Entries),
    /// An object with fields.
    Record {
        /// What they are.
        fields: &'static Fields,
        /// A value for each.
        values: &'g [&'g dyn Value],
        /// Properties beside the fields.
        extra: Option<&'g dyn Entries>,
    },
    /// One of several words, by its number.
    Word(&'static Words, usize),
    /// What an object's only property holds, whose name is this word.
    Named(&'static Words, usize, &'g dyn Value),
}

/// A place that may stay empty.
pub trait Slot {
    /// Empties it.
    fn clear(&mut self);
    /// A place in it.
    fn fill(&mut self) -> &mut dyn Value;
}

/// A list whose items are alike.
pub trait List {
    /// One more place.
    fn push(&mut self) -> &mut dyn Value;
    /// How many there are.
    fn length(&self) -> usize;
    /// The one of this number, which is less than their [`length`](Self::length).
    fn item(&self, number: usize) -> &dyn Value;
}

/// A map from strings.
pub trait Entries {
    /// The place for what is named so; what was there is gone.
    fn entry(&mut self, name: String) -> &mut dyn Value;
    /// How many there are.
    fn length(&self) -> usize;
    /// Goes through all of them, until an error.
    fn each(&self, entry: &mut dyn FnMut(&str, &dyn Value) -> Done) -> Done;
}

/// One of several alternatives.
pub trait Alternatives {
    /// Becomes the alternative of this number.
    ///
    /// # Errors
    /// What is there does not fit it.
    fn choose(&mut self, number: usize, from: &mut dyn Reader) -> Done;
}
