//! Mends a schema: the keyword that is refused is left out, or any value may stand there.

use super::place::{Place, Step};
use crate::import::notes::Notes;
use crate::schema::{Holds, holds};
use crate::yaml::{Mapping, Node, Value};

/// Keywords without which a schema says nothing.
const DECISIVE: [&str; 9] = [
    "$ref",
    "allOf",
    "anyOf",
    "discriminator",
    "items",
    "oneOf",
    "prefixItems",
    "properties",
    "type",
];

/// What any value keeps of the schema that was there.
const KEPT: [&str; 4] = ["title", "description", "deprecated", "x-pii"];

/// Mends what stands at a place below a schema; `payload` where it is the whole of a payload.
pub(super) fn mend(
    schema: &mut Node,
    place: &Place,
    payload: bool,
    message: &str,
    notes: &mut Notes,
) -> bool {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut repair = Repair { message: &message, notes };
    repair.schema(schema, &place.steps, place.on_key, payload)
}

struct Repair<'a> {
    message: &'a str,
    notes: &'a mut Notes,
}

impl Repair<'_> {
    fn schema(&mut self, schema: &mut Node, steps: &[Step], on_key: bool, payload: bool) -> bool {
        let [first, rest @ ..] = steps else { return self.any(schema, payload) };
        let keyword = first.key();
        let value = schema.as_map_mut().and_then(|entries| entries.get_mut(keyword));
        match (holds(keyword), rest, value) {
            (Holds::Schema | Holds::SchemaOrList, _, Some(inner))
                if inner.as_map().is_some() && !(rest.is_empty() && on_key) =>
            {
                self.schema(inner, rest, on_key, false)
            }
            // An alternative as a whole is at fault among the others.
            (Holds::List, [Step::Item(_)], Some(_)) if keyword != "allOf" => {
                self.any(schema, payload)
            }
            (Holds::List | Holds::SchemaOrList, [Step::Item(at), rest @ ..], Some(list)) => {
                let Value::List(items) = &mut list.value else { return false };
                items.get_mut(*at).is_some_and(|item| self.schema(item, rest, on_key, false))
            }
            (Holds::Map, [Step::Key(name)], Some(_)) if on_key => {
                self.property(schema, keyword, name)
            }
            (Holds::Map, [Step::Key(name), rest @ ..], Some(named)) => {
                let inner = named.as_map_mut().and_then(|named| named.get_mut(name));
                inner.is_some_and(|inner| self.schema(inner, rest, on_key, false))
            }
            (_, [Step::Item(at)], Some(list)) if keyword == "required" => {
                let Value::List(names) = &mut list.value else { return false };
                if *at >= names.len() {
                    return false;
                }
                let name = names.remove(*at);
                let empty = names.is_empty();
                let name = name.as_text().unwrap_or_default().to_owned();
                if empty && let Some(entries) = schema.as_map_mut() {
                    entries.remove("required");
                }
                self.left_out(schema, &format!("`{name}` among what is required"));
                true
            }
            _ => self.keyword(schema, keyword, payload),
        }
    }

    fn keyword(&mut self, schema: &mut Node, keyword: &str, payload: bool) -> bool {
        let Some(entries) = schema.as_map_mut() else { return false };
        let only = ["const", "enum"].contains(&keyword) && !entries.contains("type");
        if DECISIVE.contains(&keyword) || only {
            return self.any(schema, payload);
        }
        if entries.remove(keyword).is_none() {
            return false;
        }
        self.left_out(schema, &format!("`{keyword}`"));
        true
    }

    fn property(&mut self, schema: &mut Node, keyword: &str, name: &str) -> bool {
        let Some(entries) = schema.as_map_mut() else { return false };
        let named = entries.get_mut(keyword).and_then(Node::as_map_mut);
        if named.and_then(|named| named.remove(name)).is_none() {
            return false;
        }
        if let Some(Value::List(required)) = entries.get_mut("required").map(|node| &mut node.value)
        {
            required.retain(|one| one.as_text() != Some(name));
            if required.is_empty() {
                entries.remove("required");
            }
        }
        self.left_out(schema, &format!("the property `{name}`"));
        true
    }

    fn left_out(&mut self, schema: &mut Node, what: &str) {
        self.notes.dropped(schema.origin, format!("{what}: {}", self.message));
        schema.comments.push(format!("left out: {what} ({})", self.message));
    }

    /// Any value instead; of a payload, any object.
    fn any(&mut self, schema: &mut Node, payload: bool) -> bool {
        let Some(entries) = schema.as_map_mut() else { return false };
        // What is said about the whole may be about its default alone.
        if entries.remove("default").is_some() {
            self.left_out(schema, "`default`");
            return true;
        }
        let what = if payload { "an empty payload" } else { "any value" };
        let mut any: Mapping = Mapping::default();
        for keyword in KEPT {
            any.insert_some(keyword, entries.remove(keyword));
        }
        if payload {
            any.insert("type", "object");
            entries.remove("type");
        }
        if entries.is_empty() {
            *entries = any;
            return false;
        }
        *entries = any;
        self.notes.changed(schema.origin, format!("{what} instead of a schema: {}", self.message));
        schema.comments.push(format!("{what} ({})", self.message));
        true
    }
}
