//! Reads typed values from YAML trees, and says what is wrong with those that it cannot read.

use super::form::Form;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::yaml::{Key, Kind, Node};

/// A value and where it is written.
#[derive(Clone, Debug)]
pub(crate) struct Spanned<T> {
    pub(crate) span: Span,
    pub(crate) value: T,
}

/// What can be read from a node. Whoever returns `None` has said why.
pub(crate) trait Decode: Sized {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self>;
}

/// What can be read from the text of a scalar; read as a [`Spanned`].
pub(crate) trait Scalar: Sized {
    /// With an example: "a duration such as `20s`".
    const EXPECTED: &'static str;

    /// How it is written, for editors.
    #[cfg_attr(not(feature = "editor"), allow(dead_code, reason = "only editors ask"))]
    const FORM: Form;

    fn parse(text: &str) -> Option<Self>;

    /// What to write instead of a text that cannot be parsed.
    fn advice(_text: &str) -> Option<String> {
        None
    }
}

impl<T: Scalar> Decode for Spanned<T> {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        let text = node.text().filter(|text| !text.is_empty());
        if let Some(value) = text.and_then(T::parse) {
            return Some(Self { span: node.span, value });
        }
        let mut finding = wrong_type(T::EXPECTED, node);
        if let Some(advice) = text.and_then(T::advice) {
            finding = finding.help(advice);
        }
        found.push(finding);
        None
    }
}

/// What to write instead of a tree that is no list, or no mapping.
fn shape_advice(node: &Node, list: bool) -> Option<String> {
    match (&node.kind, list) {
        (Kind::Scalar { text, plain: true }, true) if text.starts_with('-') => {
            Some("write a space after the `-` of each entry".to_owned())
        }
        (Kind::Scalar { text, plain: true }, true) if !text.is_empty() => {
            Some(format!("write `[{text}]`"))
        }
        (Kind::Mapping(_), true) => Some("begin each entry of the list with `- `".to_owned()),
        (Kind::Sequence(_), false) => {
            Some("drop the `-`, and begin each entry with its name and a colon".to_owned())
        }
        _ => None,
    }
}

impl Decode for Node {
    fn decode(node: &Node, _: &mut Vec<Diagnostic>) -> Option<Self> {
        Some(node.clone())
    }
}

/// What is no scalar, and where it is written.
#[derive(Clone, Debug)]
pub(crate) struct Placed<T> {
    pub(crate) span: Span,
    pub(crate) value: T,
}

impl<T: Decode> Decode for Placed<T> {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        T::decode(node, found).map(|value| Self { span: node.span, value })
    }
}

/// A list; entries that cannot be read are left out.
impl<T: Decode> Decode for Spanned<Vec<T>> {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        let Kind::Sequence(items) = &node.kind else {
            let finding = wrong_type("a list such as `[a, b]`", node);
            found.push(match shape_advice(node, true) {
                Some(advice) => finding.help(advice),
                None => finding,
            });
            return None;
        };
        let value = items.iter().filter_map(|item| T::decode(item, found)).collect();
        Some(Self { span: node.span, value })
    }
}

/// A mapping whose keys are names of things; a value that cannot be read is `None`, so that its name stays known.
#[derive(Clone, Debug)]
pub(crate) struct Entries<K, V> {
    pub(crate) span: Span,
    pub(crate) entries: Vec<(Spanned<K>, Option<V>)>,
    /// Whether every name could be read.
    pub(crate) whole: bool,
}

impl<K: Scalar, V: Decode> Decode for Entries<K, V> {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        let mapping = mapping(node, found)?;
        let entries: Vec<_> = mapping
            .iter()
            .filter_map(|(key, value)| {
                let name = Node {
                    span: key.span,
                    kind: Kind::Scalar { text: key.text.clone(), plain: true },
                };
                let name = Spanned::decode(&name, found);
                let value = V::decode(value, found);
                name.map(|name| (name, value))
            })
            .collect();
        let whole = entries.len() == mapping.len();
        Some(Self { span: node.span, entries, whole })
    }
}

/// The entries of a mapping.
pub(crate) fn mapping<'n>(
    node: &'n Node,
    found: &mut Vec<Diagnostic>,
) -> Option<&'n [(Key, Node)]> {
    let Kind::Mapping(entries) = &node.kind else {
        let finding = wrong_type("a mapping such as `{ key: value }`", node);
        found.push(match shape_advice(node, false) {
            Some(advice) => finding.help(advice),
            None => finding,
        });
        return None;
    };
    Some(entries)
}

/// Finds the keys that a record does not have.
pub(crate) fn check_keys(node: &Node, known: &[&str], what: &str, found: &mut Vec<Diagnostic>) {
    let Kind::Mapping(entries) = &node.kind else { return };
    for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.text.as_str())) {
        let finding = codes::UNKNOWN_KEY
            .at(key.span, format!("{what} has no key `{}`", key.text))
            .help(format!("the keys are {}", list(known)));
        found.push(match closest(&key.text, known.iter().copied()) {
            Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
            None => finding,
        });
    }
}

/// The key that a field holds: Rust writes `use` as `r#use`.
pub(crate) fn key(field: &'static str) -> &'static str {
    field.strip_prefix("r#").unwrap_or(field)
}

/// Finds that a key is missing.
pub(crate) fn missing_key(node: &Node, key: &str, what: &str) -> Diagnostic {
    let place = match &node.kind {
        Kind::Mapping(entries) => entries.first().map_or(node.span, |(first, _)| first.span),
        _ => node.span,
    };
    codes::MISSING_KEY.at(place, format!("{what} needs the key `{key}`"))
}

/// Finds something else than what was expected.
pub(crate) fn wrong_type(expected: &str, node: &Node) -> Diagnostic {
    codes::WRONG_TYPE.at(node.span, format!("expected {expected}, found {}", node.describe()))
}

/// The known word that was probably meant where a word is none of them.
pub fn closest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` and `c`.
pub(crate) fn list<S: AsRef<str>>(words: &[S]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// Declares what a mapping holds: one description of its keys from which both the struct and its reading follow.
///
/// The words above a key are what people read in their editor while they write it.
///
/// A record without one of its required keys cannot be read; the value of any other key that cannot be read counts
/// as not given.
macro_rules! record {
    (
        $(#[doc = $docs:literal])*
        $name:ident = $what:literal {
            $( required { $( $(#[doc = $rdocs:literal])* $required:ident: $rtype:ty, )* } )?
            $( optional { $( $(#[doc = $odocs:literal])* $optional:ident: $otype:ty, )* } )?
        }
    ) => {
        $(#[doc = $docs])*
        #[derive(Clone, Debug)]
        pub(crate) struct $name {
            $( $( $(#[doc = $rdocs])* pub(crate) $required: $rtype, )* )?
            $( $( $(#[doc = $odocs])* pub(crate) $optional: Option<$otype>, )* )?
        }

        impl $crate::syntax::reader::Decode for $name {
            fn decode(
                node: &$crate::yaml::Node,
                found: &mut Vec<$crate::diagnostic::Diagnostic>,
            ) -> Option<Self> {
                use $crate::syntax::reader::{Decode, check_keys, key, mapping};

                let keys = [
                    $( $( key(stringify!($required)), )* )?
                    $( $( key(stringify!($optional)), )* )?
                ];
                mapping(node, found)?;
                check_keys(node, &keys, $what, found);
                $( $( let $required = match node.get(key(stringify!($required))) {
                    Some(value) => <$rtype as Decode>::decode(value, found),
                    None => {
                        let name = key(stringify!($required));
                        found.push($crate::syntax::reader::missing_key(node, name, $what));
                        None
                    }
                }; )* )?
                $( $( let $optional = node
                    .get(key(stringify!($optional)))
                    .and_then(|value| <$otype as Decode>::decode(value, found)); )* )?
                Some(Self {
                    $( $( $required: $required?, )* )?
                    $( $( $optional, )* )?
                })
            }
        }

        #[cfg(feature = "editor")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                use $crate::editor::record::Record;
                use $crate::syntax::reader::key;

                let mut record = Record::new(&[$( $docs ),*]);
                $( $( record.required(
                    key(stringify!($required)),
                    &[$( $rdocs ),*],
                    generator.subschema_for::<$rtype>(),
                ); )* )?
                $( $( record.optional(
                    key(stringify!($optional)),
                    &[$( $odocs ),*],
                    generator.subschema_for::<$otype>(),
                ); )* )?
                record.finish()
            }
        }
    };
}

pub(crate) use record;
