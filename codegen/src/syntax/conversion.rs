//! How a payload is brought from one version to another, as written.

use super::form::Form;
use super::reader::{Decode, Entries, Scalar, Spanned, record};
use super::scalar::Text;
use crate::diagnostic::Diagnostic;
use crate::model::VersionId;
use crate::yaml::Node;

/// Declares a record that has, beside its own keys, those that change a payload.
macro_rules! conversion {
    (
        $(#[doc = $docs:literal])*
        $name:ident = $what:literal {
            required { $( $(#[doc = $rdocs:literal])* $required:ident: $rtype:ty, )* }
            optional { $( $(#[doc = $odocs:literal])* $optional:ident: $otype:ty, )* }
        }
    ) => {
        record! {
            $(#[doc = $docs])*
            $name = $what {
                required { $( $(#[doc = $rdocs])* $required: $rtype, )* }
                optional {
                    $( $(#[doc = $odocs])* $optional: $otype, )*
                    /// New names of properties, by their old ones: `{ total: amount }`. A property further inside is
                    /// named by a JSON pointer, in which `*` stands for each item of a list: `/lines/*/price`.
                    rename: Entries<Text, Spanned<Text>>,
                    /// New places of values, by their old ones: `{ /name: /person/name }`.
                    r#move: Entries<Text, Spanned<Text>>,
                    /// Properties to leave out.
                    drop: Spanned<Vec<Spanned<Text>>>,
                    /// New values for old ones, by property: `{ status: { new: open } }`. Others stay.
                    map: Entries<Text, Entries<Text, Node>>,
                    /// Values to put there, by property: `{ currency: EUR }`.
                    set: Entries<Text, Node>,
                    /// Values to put where nothing is, or `null`, by property.
                    default: Entries<Text, Node>,
                }
            }
        }

        impl $name {
            /// The keys that change a payload.
            pub(crate) fn changes(&self) -> Changes<'_> {
                Changes {
                    rename: self.rename.as_ref(),
                    r#move: self.r#move.as_ref(),
                    drop: self.drop.as_ref(),
                    map: self.map.as_ref(),
                    set: self.set.as_ref(),
                    default: self.default.as_ref(),
                }
            }
        }
    };
}

conversion! {
    /// How events of the major version before it are brought to this one. What is named is done in the order `rename`,
    /// `move`, `drop`, `map`, `set`, `default`.
    LinkEntry = "`upcast`" {
        required {
            /// A version of the major one before it.
            from: Spanned<VersionId>,
        }
        optional {
            /// `rust`, where it has to be calculated: `impl Upcast<v1::T> for v2::T` in the catalog's crate.
            by: Spanned<Hand>,
        }
    }
}

conversion! {
    /// An older version in which the events of this one are published too, for those who have not moved yet. What is
    /// named is done in the order `rename`, `move`, `drop`, `map`, `set`, `default`.
    DowncastEntry = "`also_publish`" {
        required {
            /// The older major version, such as `1`.
            version: Spanned<Major>,
        }
        optional {}
    }
}

/// The keys that change a payload.
pub(crate) struct Changes<'e> {
    pub(crate) rename: Option<&'e Entries<Text, Spanned<Text>>>,
    pub(crate) r#move: Option<&'e Entries<Text, Spanned<Text>>>,
    pub(crate) drop: Option<&'e Spanned<Vec<Spanned<Text>>>>,
    pub(crate) map: Option<&'e Entries<Text, Entries<Text, Node>>>,
    pub(crate) set: Option<&'e Entries<Text, Node>>,
    pub(crate) default: Option<&'e Entries<Text, Node>>,
}

/// `upcast`: a link, or the word that there is none.
#[derive(Clone, Debug)]
pub(crate) enum UpcastEntry {
    None,
    Link(Box<LinkEntry>),
}

impl UpcastEntry {
    /// The word that there is no link.
    pub(crate) const NONE: &str = "none";
}

impl Decode for UpcastEntry {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        match node.text() {
            Some(Self::NONE) => Some(Self::None),
            _ => LinkEntry::decode(node, found).map(|link| Self::Link(Box::new(link))),
        }
    }
}

/// Who brings a payload to another version: `rust`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hand;

impl Scalar for Hand {
    const EXPECTED: &'static str = "the word `rust`";
    const FORM: Form = Form::Words(&["rust"]);

    fn parse(text: &str) -> Option<Self> {
        (text == "rust").then_some(Self)
    }
}

/// A major version: `1`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Major(pub(crate) u16);

impl Scalar for Major {
    const EXPECTED: &'static str = "a major version such as `1`";
    const FORM: Form = Form::Whole { from: 1, to: u16::MAX as u32 };

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|major| *major > 0).map(Self)
    }

    fn advice(text: &str) -> Option<String> {
        let version = VersionId::parse(text)?;
        Some(format!("write `{}`: what is published is its newest minor version", version.major))
    }
}
