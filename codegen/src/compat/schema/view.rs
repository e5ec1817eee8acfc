//! A schema as its constraints see it: references followed, `allOf` taken together.

use serde_json::{Map, Value};

use super::types::Types;
use crate::pattern;

/// More references or `allOf`s inside each other than this are not followed.
const MAX_PARTS: usize = 256;

/// Schemas that must all hold at one place. `true` is a view without parts.
#[derive(Clone, Debug)]
pub(super) struct View<'a> {
    root: &'a Value,
    parts: Vec<Part<'a>>,
    /// Whether no value at all is allowed.
    never: bool,
    /// Only values of these types are looked at.
    only: Types,
    /// The last token of the reference that led here.
    name: Option<&'a str>,
}

#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    schema: &'a Map<String, Value>,
    /// The unions of it that the view has chosen an alternative of.
    chosen: [bool; 2],
}

/// The keywords that offer alternatives.
const UNIONS: [&str; 2] = ["oneOf", "anyOf"];

/// What tells views apart, for the memory of what was compared.
pub(super) type Identity = (Vec<(usize, [bool; 2])>, bool, Types);

impl<'a> View<'a> {
    /// The schema of a whole document.
    pub(super) fn document(root: &'a Value) -> Self {
        Self::of(root, root)
    }

    /// A schema in the document `root`.
    fn of(root: &'a Value, schema: &'a Value) -> Self {
        let mut view = Self { root, parts: Vec::new(), never: false, only: Types::ALL, name: None };
        view.add(schema, 0);
        view
    }

    /// Any value, in the same document.
    pub(super) fn any(&self) -> Self {
        Self { parts: Vec::new(), never: false, only: Types::ALL, name: None, ..*self }
    }

    fn add(&mut self, schema: &'a Value, hops: usize) {
        let schema = match schema {
            Value::Bool(false) => {
                self.never = true;
                return;
            }
            Value::Object(schema) => schema,
            _ => return,
        };
        let is_known = self.parts.iter().any(|part| std::ptr::eq(part.schema, schema));
        if is_known || self.parts.len() >= MAX_PARTS || hops >= MAX_PARTS {
            return;
        }
        self.parts.push(Part { schema, chosen: [false; 2] });
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && let Some(target) = follow(self.root, reference)
        {
            self.name = reference.rsplit('/').next();
            self.add(target, hops + 1);
        }
        for all in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.add(all, hops + 1);
        }
        for union in UNIONS {
            match schema.get(union).and_then(Value::as_array).map(Vec::as_slice) {
                Some([only]) => self.add(only, hops + 1),
                Some([]) => self.never = true,
                _ => {}
            }
        }
    }

    /// Schemas that must all hold, of this document.
    fn all_of(&self, schemas: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut view = self.any();
        for schema in schemas {
            view.add(schema, 0);
        }
        view
    }

    /// What tells it apart from other views of the two documents that are compared.
    pub(super) fn identity(&self) -> Identity {
        let address = |part: &Part<'_>| (std::ptr::from_ref(part.schema).addr(), part.chosen);
        (self.parts.iter().map(address).collect(), self.never, self.only)
    }

    /// Whether no value is allowed.
    pub(super) fn is_never(&self) -> bool {
        self.never || self.types().is_empty()
    }

    /// Whether every value is allowed.
    pub(super) fn is_any(&self) -> bool {
        let says = |part: &Part<'_>| part.schema.keys().any(|key| !is_annotation(key));
        !self.never && self.only == Types::ALL && !self.parts.iter().any(says)
    }

    /// The values of a keyword, one for each part that has it.
    pub(super) fn keyword(&self, keyword: &str) -> impl Iterator<Item = &'a Value> {
        self.parts.iter().filter_map(move |part| part.schema.get(keyword))
    }

    /// The value of an annotation: the part nearest to the place decides.
    pub(super) fn annotation(&self, keyword: &str) -> Option<&'a Value> {
        self.keyword(keyword).next()
    }

    /// References that lead nowhere in the document.
    pub(super) fn unresolved(&self) -> Vec<&'a str> {
        let references = self.keyword("$ref").filter_map(Value::as_str);
        references.filter(|reference| follow(self.root, reference).is_none()).collect()
    }

    /// The types of the values that are allowed.
    pub(super) fn types(&self) -> Types {
        let mut types = self.only;
        for keyword in self.keyword("type") {
            types = types.intersection(Types::of_keyword(keyword));
        }
        for values in self.keyword("enum").filter_map(Value::as_array) {
            let of_values = values.iter().map(Types::of_value);
            types = types.intersection(of_values.fold(Types::NONE, Types::union));
        }
        for value in self.keyword("const") {
            types = types.intersection(Types::of_value(value));
        }
        types
    }

    /// The same for values of these types only.
    pub(super) fn limited_to(&self, types: Types) -> Self {
        Self { only: self.only.intersection(types), ..self.clone() }
    }

    /// One view for each alternative of its first union, and the union's keyword; none without a union.
    pub(super) fn alternatives(&self) -> Option<(&'static str, Vec<Self>)> {
        for (at, part) in self.parts.iter().enumerate() {
            for (which, union) in UNIONS.into_iter().enumerate() {
                let Some(Value::Array(schemas)) = part.schema.get(union) else { continue };
                if schemas.len() < 2 || part.chosen[which] {
                    continue;
                }
                let alternatives = schemas.iter().map(|schema| {
                    let mut view = Self { name: None, ..self.clone() };
                    view.parts[at].chosen[which] = true;
                    view.add(schema, 0);
                    view
                });
                return Some((union, alternatives.collect()));
            }
        }
        None
    }

    /// What an alternative is called: its tag's value, its reference's name or its title.
    pub(super) fn label(&self) -> Option<String> {
        let properties = self.keyword("properties").filter_map(Value::as_object).flatten();
        let tag = properties.into_iter().find_map(|(name, schema)| {
            let value = schema.get("const").and_then(Value::as_str);
            let only = || match schema.get("enum")?.as_array()?.as_slice() {
                [only] => only.as_str(),
                _ => None,
            };
            value.or_else(only).map(|value| format!("{name}: {value}"))
        });
        let title = || self.parts.last()?.schema.get("title")?.as_str();
        tag.or_else(|| self.name.or_else(title).map(str::to_owned))
    }

    /// Names of the properties that it declares.
    pub(super) fn declared(&self) -> Vec<&'a str> {
        let properties = self.keyword("properties").filter_map(Value::as_object);
        let mut names: Vec<&str> = properties.flat_map(Map::keys).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Names of the properties that must be present.
    pub(super) fn required(&self) -> Vec<&'a str> {
        let lists = self.keyword("required").filter_map(Value::as_array).flatten();
        let mut names: Vec<&str> = lists.filter_map(Value::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What a property of this name holds, declared or not.
    pub(super) fn member(&self, name: &str) -> Self {
        let mut schemas = Vec::new();
        for part in &self.parts {
            let before = schemas.len();
            schemas.extend(entry(part.schema, "properties", name));
            let patterns = part.schema.get("patternProperties").and_then(Value::as_object);
            let patterns = patterns.into_iter().flatten();
            schemas.extend(patterns.filter(|(pattern, _)| matches(pattern, name)).map(|(_, s)| s));
            if schemas.len() == before {
                schemas.extend(others(part.schema));
            }
        }
        self.all_of(schemas)
    }

    /// What properties hold whose names nothing else says; none where nothing is said about them.
    pub(super) fn rest(&self) -> Option<Self> {
        let schemas: Vec<&Value> =
            self.parts.iter().filter_map(|part| others(part.schema)).collect();
        (!schemas.is_empty()).then(|| self.all_of(schemas))
    }

    /// The schemas of a keyword that holds schemas by name.
    pub(super) fn named(&self, keyword: &str) -> Vec<(&'a str, Self)> {
        let maps = self.keyword(keyword).filter_map(Value::as_object);
        let mut names: Vec<&str> = maps.flat_map(Map::keys).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
            .into_iter()
            .map(|name| {
                let schemas = self.keyword(keyword).filter_map(|map| map.get(name));
                (name, self.all_of(schemas))
            })
            .collect()
    }

    /// A keyword that holds a schema; none where no part has it.
    pub(super) fn inner(&self, keyword: &str) -> Option<Self> {
        let schemas: Vec<&Value> = self.keyword(keyword).collect();
        (!schemas.is_empty()).then(|| self.all_of(schemas))
    }

    /// How many items have a place of their own.
    pub(super) fn places(&self) -> usize {
        let lengths =
            self.parts.iter().map(|part| tuple(part.schema).map_or(0, |(list, _)| list.len()));
        lengths.max().unwrap_or(0)
    }

    /// What the item at a place holds.
    pub(super) fn item(&self, at: usize) -> Self {
        let schemas = self.parts.iter().filter_map(|part| match tuple(part.schema) {
            Some((places, rest)) => places.get(at).or(rest),
            None => part.schema.get("items").or_else(|| part.schema.get("unevaluatedItems")),
        });
        self.all_of(schemas.collect::<Vec<_>>())
    }
}

/// The items with a place of their own, and what holds for further ones.
fn tuple(schema: &Map<String, Value>) -> Option<(&Vec<Value>, Option<&Value>)> {
    match (schema.get("prefixItems"), schema.get("items")) {
        (Some(Value::Array(places)), rest) => {
            Some((places, rest.or_else(|| schema.get("unevaluatedItems"))))
        }
        (_, Some(Value::Array(places))) => Some((places, schema.get("additionalItems"))),
        // Without a list of items, draft-07 ignores `additionalItems`; people mean it nevertheless.
        (_, None) => schema.get("additionalItems").map(|rest| (EMPTY, Some(rest))),
        _ => None,
    }
}

const EMPTY: &Vec<Value> = &Vec::new();

fn others(schema: &Map<String, Value>) -> Option<&Value> {
    schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties"))
}

fn entry<'a>(schema: &'a Map<String, Value>, keyword: &str, name: &str) -> Option<&'a Value> {
    schema.get(keyword)?.as_object()?.get(name)
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern::matches(pattern, name) == Some(true)
}

/// The schema that a reference within the document leads to.
fn follow<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    root.pointer(reference.strip_prefix('#')?)
}

/// Whether a keyword says nothing about which values are allowed.
fn is_annotation(keyword: &str) -> bool {
    const ANNOTATIONS: [&str; 16] = [
        "$schema",
        "$id",
        "id",
        "$comment",
        "$defs",
        "definitions",
        "$anchor",
        "title",
        "description",
        "default",
        "examples",
        "example",
        "deprecated",
        "readOnly",
        "writeOnly",
        "allOf",
    ];
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
}
