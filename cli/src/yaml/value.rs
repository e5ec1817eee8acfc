use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Number;
use tidings_codegen::source::Span;

/// A value and the comments above it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// Lines without their `#`, written above a mapping's entry or a list's item.
    pub(crate) comments: Vec<String>,
    /// Where it stands in the document that it was imported from.
    pub(crate) origin: Option<Span>,
    pub(crate) value: Value,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    /// A text, quoted where it could be taken for something else.
    Text(String),
    /// A word of the catalog's language (`1.0`, `20s`, `2026-01-15`), never quoted.
    Word(String),
    List(Vec<Node>),
    Map(Mapping),
}

/// Keys and values in the order in which they were inserted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Mapping {
    entries: Vec<(String, Node)>,
}

impl Node {
    pub(crate) fn word(word: impl Into<String>) -> Self {
        Self::from(Value::Word(word.into()))
    }

    /// With one more line above it.
    pub(crate) fn commented(mut self, line: impl Into<String>) -> Self {
        self.comments.push(line.into());
        self
    }

    /// With the place that it comes from.
    pub(crate) fn placed(mut self, origin: Span) -> Self {
        self.origin = Some(origin);
        self
    }

    pub(crate) fn as_map(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn as_map_mut(&mut self) -> Option<&mut Mapping> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Word(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a mapping's key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The text of a mapping's key.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }
}

impl Mapping {
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets a key: in its place where it is there, at the end where not.
    pub(crate) fn insert(&mut self, key: impl Into<String>, value: impl Into<Node>) {
        let (key, value) = (key.into(), value.into());
        match self.get_mut(&key) {
            Some(present) => *present = value,
            None => self.entries.push((key, value)),
        }
    }

    /// Sets a key if there is a value for it.
    pub(crate) fn insert_some(&mut self, key: &str, value: Option<impl Into<Node>>) {
        if let Some(value) = value {
            self.insert(key, value);
        }
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.entries.iter().position(|(name, _)| name == key)?;
        Some(self.entries.remove(at).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.entries.iter().map(|(key, node)| (key.as_str(), node))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Node)> {
        self.entries.iter_mut().map(|(key, node)| (key.as_str(), node))
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Puts the keys that `order` names first, in its order.
    pub(crate) fn sort_as(&mut self, order: &[&str]) {
        let rank = |key: &str| order.iter().position(|name| *name == key).unwrap_or(order.len());
        self.entries.sort_by_key(|(key, _)| rank(key));
    }
}

impl<K: Into<String>, V: Into<Node>> FromIterator<(K, V)> for Mapping {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl IntoIterator for Mapping {
    type Item = (String, Node);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self { comments: Vec::new(), origin: None, value }
    }
}

macro_rules! from {
    ($( $type:ty: $name:ident => $value:expr; )*) => {
        $( impl From<$type> for Node {
            fn from($name: $type) -> Self {
                Self::from($value)
            }
        } )*
    };
}

from! {
    &str: text => Value::Text(text.to_owned());
    String: text => Value::Text(text);
    bool: flag => Value::Bool(flag);
    u32: number => Value::Number(number.into());
    Mapping: map => Value::Map(map);
    Vec<Node>: items => Value::List(items);
}

impl From<&String> for Node {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<serde_json::Value> for Node {
    fn from(json: serde_json::Value) -> Self {
        Self::from(match json {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(flag) => Value::Bool(flag),
            serde_json::Value::Number(number) => Value::Number(number),
            serde_json::Value::String(text) => Value::Text(text),
            serde_json::Value::Array(items) => {
                Value::List(items.into_iter().map(Self::from).collect())
            }
            serde_json::Value::Object(entries) => Value::Map(entries.into_iter().collect()),
        })
    }
}

/// As JSON, without the comments.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::Number(number) => number.serialize(serializer),
            Value::Text(text) | Value::Word(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Value::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.entries.len()))?;
                entries.iter().try_for_each(|(key, node)| map.serialize_entry(key, node))?;
                map.end()
            }
        }
    }
}
