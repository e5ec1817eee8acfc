use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy};
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Map, Value, json};

use super::number;
use super::text::Texts;

/// So many more items than it must have a list without a greatest length has at most.
const MORE: u64 = 5;
/// So many references deep, whatever may be left out is.
const DEEP: u32 = 3;

/// A schema, with the types that it refers to.
pub(super) struct Document {
    event_type: &'static str,
    schema: Value,
    texts: Texts,
}

impl Document {
    pub(super) fn read(event_type: &'static str, schema: &str) -> Self {
        let schema = serde_json::from_str(schema)
            .unwrap_or_else(|error| panic!("the schema of `{event_type}`: {error}"));
        Self { event_type, schema, texts: Texts::default() }
    }

    /// The type that a reference means: `#/$defs/Name`.
    fn referred(&self, reference: &str) -> &Value {
        let name = reference.rsplit('/').next().unwrap_or_default();
        &self.schema["$defs"][name]
    }
}

/// Values of the whole document.
pub(super) fn of(document: &Document) -> BoxedStrategy<Value> {
    Writer { document, depth: 0 }.values(&document.schema)
}

#[derive(Clone, Copy)]
struct Writer<'a> {
    document: &'a Document,
    /// References followed until here.
    depth: u32,
}

impl Writer<'_> {
    fn values(self, schema: &Value) -> BoxedStrategy<Value> {
        let Some(schema) = schema.as_object() else { return anything() };
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.document.referred(reference);
            return Self { depth: self.depth + 1, ..self }.values(target);
        }
        if let Some(only) = schema.get("const") {
            return Just(only.clone()).boxed();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return select(values.clone()).boxed();
        }
        if let Some(tagged) = schema.get("discriminator").and_then(|tagged| self.tagged(tagged)) {
            return tagged;
        }
        if let Some(alternatives) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
            return self.alternatives(alternatives.as_array().map_or(&[], Vec::as_slice));
        }
        match schema.get("type") {
            Some(Value::String(name)) => self.of_type(name, schema),
            // A type or null.
            Some(Value::Array(names)) => {
                let names = names.iter().filter_map(Value::as_str);
                Union::new(names.map(|name| self.of_type(name, schema))).boxed()
            }
            _ => anything(),
        }
    }

    fn of_type(self, name: &str, schema: &Map<String, Value>) -> BoxedStrategy<Value> {
        match name {
            "null" => Just(Value::Null).boxed(),
            "boolean" => proptest::bool::ANY.prop_map(Value::Bool).boxed(),
            "integer" => number::integers(schema),
            "number" => number::numbers(schema),
            "string" => self.texts(schema).prop_map(Value::String).boxed(),
            "array" => self.array(schema),
            "object" => self.object(schema),
            _ => anything(),
        }
    }

    /// Alternatives that a property tells apart, whatever else their own schemas let it be.
    fn tagged(self, discriminator: &Value) -> Option<BoxedStrategy<Value>> {
        let property = discriminator["propertyName"].as_str()?;
        let mapping = discriminator["mapping"].as_object().filter(|mapping| !mapping.is_empty())?;
        let alternatives = mapping.iter().map(|(tag, target)| {
            let (property, tag) = (property.to_owned(), tag.clone());
            self.values(&json!({ "$ref": target })).prop_map(move |mut value| {
                value[&property] = json!(tag);
                value
            })
        });
        Some(Union::new(alternatives).boxed())
    }

    /// Deep down, the one that refers to the fewest others: a tree has to end.
    fn alternatives(self, alternatives: &[Value]) -> BoxedStrategy<Value> {
        if self.depth < DEEP {
            return Union::new(alternatives.iter().map(|one| self.values(one))).boxed();
        }
        let references = |one: &&Value| {
            let target = one["$ref"].as_str().map(|name| self.document.referred(name));
            target.unwrap_or(one).to_string().matches("\"$ref\"").count()
        };
        let simplest = alternatives.iter().min_by_key(references);
        simplest.map_or_else(anything, |one| self.values(one))
    }

    fn texts(self, schema: &Map<String, Value>) -> BoxedStrategy<String> {
        self.document.texts.of(self.document.event_type, schema)
    }

    fn array(self, schema: &Map<String, Value>) -> BoxedStrategy<Value> {
        if let Some(places) = schema.get("prefixItems").and_then(Value::as_array) {
            let places: Vec<_> = places.iter().map(|place| self.values(place)).collect();
            return places.prop_map(Value::Array).boxed();
        }
        let Some(items) = schema.get("items") else { return Just(json!([])).boxed() };
        let size = self.size(schema, "minItems", "maxItems");
        let least = *size.start();
        let is_set = schema.get("uniqueItems") == Some(&Value::Bool(true));
        if *size.end() == 0 {
            return Just(json!([])).boxed();
        }
        let lists = vec(self.values(items), size).prop_map(move |mut items| {
            if is_set {
                let mut known = BTreeSet::new();
                items.retain(|item| known.insert(item.to_string()));
            }
            items
        });
        let lists = lists.prop_filter("too few different items", move |items| items.len() >= least);
        lists.prop_map(Value::Array).boxed()
    }

    fn object(self, schema: &Map<String, Value>) -> BoxedStrategy<Value> {
        let required: BTreeSet<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let (mut names, mut members) = (Vec::new(), Vec::new());
        for (name, member) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let is_required = required.contains(name.as_str());
            if is_required || self.depth < DEEP {
                names.push(name.clone());
                let values = self.values(member);
                members.push(if is_required {
                    values.prop_map(Some).boxed()
                } else {
                    option::of(values).boxed()
                });
            }
        }
        let dependent = schema.get("dependentRequired").cloned().unwrap_or_default();
        let named = members.prop_map(move |members| {
            let mut object = Map::new();
            for (name, member) in names.iter().zip(members) {
                if let Some(member) = member {
                    object.insert(name.clone(), member);
                }
            }
            alone(&mut object, &dependent);
            object
        });
        let (least, most) = (
            schema.get("minProperties").and_then(Value::as_u64).unwrap_or(0),
            schema.get("maxProperties").and_then(Value::as_u64).unwrap_or(u64::MAX),
        );
        let whole =
            (named, self.others(schema, required.len())).prop_map(|(mut object, others)| {
                for (name, other) in others {
                    object.entry(name).or_insert(other);
                }
                object
            });
        let fits =
            move |object: &Map<String, Value>| (least..=most).contains(&(object.len() as u64));
        whole.prop_filter("too few or too many properties", fits).prop_map(Value::Object).boxed()
    }

    /// Properties that the schema has no names for, beside so many that it has.
    fn others(
        self,
        schema: &Map<String, Value>,
        beside: usize,
    ) -> BoxedStrategy<Vec<(String, Value)>> {
        let others = schema.get("additionalProperties").filter(|others| **others != json!(false));
        let (Some(others), true) = (others, self.depth < DEEP) else {
            return Just(Vec::new()).boxed();
        };
        let names = match schema.get("propertyNames").and_then(Value::as_object) {
            Some(names) => match names.get("enum").and_then(Value::as_array) {
                Some(names) => {
                    let names: Vec<_> =
                        names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                    select(names).boxed()
                }
                None => match names.get("const").and_then(Value::as_str) {
                    Some(only) => Just(only.to_owned()).boxed(),
                    None => self.texts(names),
                },
            },
            None => self.texts(&Map::new()),
        };
        let size = self.size(schema, "minProperties", "maxProperties");
        let size = size.start().saturating_sub(beside)..=size.end().saturating_sub(beside);
        vec((names, self.values(others)), size).boxed()
    }

    /// How many items there may be.
    fn size(self, schema: &Map<String, Value>, least: &str, most: &str) -> RangeInclusive<usize> {
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
        let least = bound(least).unwrap_or(0);
        let more = if self.depth < DEEP { MORE } else { 0 };
        let most = bound(most).unwrap_or(u64::MAX).min(least.saturating_add(more)).max(least);
        let [least, most] = [least, most].map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        least..=most
    }
}

/// Takes out what may not be there without something that is not.
fn alone(object: &mut Map<String, Value>, dependent: &Value) {
    loop {
        let lacks = |name: &String| {
            let others = dependent[name].as_array().into_iter().flatten();
            others.filter_map(Value::as_str).any(|other| !object.contains_key(other))
        };
        let Some(name) = object.keys().find(|name| lacks(name)).cloned() else { return };
        object.remove(&name);
    }
}

/// Any JSON, as long as it is small.
fn anything() -> BoxedStrategy<Value> {
    proptest::prop_oneof![
        Just(Value::Null),
        proptest::bool::ANY.prop_map(Value::Bool),
        proptest::num::i64::ANY.prop_map(Value::from),
        r"\PC{0,12}".prop_map(Value::String),
        vec(0..9_u8, 0..4).prop_map(|items| json!(items)),
        r"[a-z]{1,8}".prop_map(|name| json!({ name: true })),
    ]
    .boxed()
}
