//! Who would be hurt if a field changed, judged by the rules of compatibility.
//!
//! Each field is changed in the ways in which people change fields, and what the comparison of payloads says of that is the
//! answer: no table of ours can be different from what `tidings breaking` finds.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::compat::{self, Hurts, Part};
use crate::json_schema;
use crate::model::{
    Catalog, Conversion, Event, How, Pii, Schema, Scope, Shape, TypeRef, Upcast, Version,
};

/// What the rules say of one change of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::emit) struct Verdict {
    pub(in crate::emit) change: &'static str,
    /// The rules that it breaks: code and name.
    pub(in crate::emit) rules: Vec<(&'static str, &'static str)>,
    pub(in crate::emit) hurts: Hurts,
}

/// A field of a payload, with those of the types that it refers to.
#[derive(Clone, Debug)]
pub(in crate::emit) struct Place {
    pub(in crate::emit) path: String,
    pub(in crate::emit) is_required: bool,
    pub(in crate::emit) pii: Option<Pii>,
    /// The shared type that it stands in, and its way there: a change of it is one of all events with this type.
    pub(in crate::emit) of: Option<(String, String)>,
    /// What else goes by its name.
    pub(in crate::emit) uses: Vec<&'static str>,
    /// Which of [`Judge::verdicts`].
    pub(in crate::emit) verdicts: usize,
}

/// Judges fields; those that are alike once.
#[derive(Default)]
pub(in crate::emit) struct Judge {
    known: BTreeMap<(String, bool), usize>,
    /// What the rules say of the changes of a field, for each kind of field.
    pub(in crate::emit) verdicts: Vec<Vec<Verdict>>,
}

/// The name of the field in the payloads that are compared.
const FIELD: &str = "field";

impl Judge {
    /// The fields of a version, in the order of its schema.
    pub(in crate::emit) fn places(
        &mut self,
        catalog: &Catalog,
        event: &Event,
        version: &Version,
    ) -> Vec<Place> {
        let document = json_schema::payload(catalog, version);
        let definitions = document.get("$defs").cloned().unwrap_or(json!({}));
        let scope = Scope::version(catalog, version);
        let mut walk = Walk {
            judge: self,
            scope,
            definitions: &definitions,
            places: Vec::new(),
            within: Vec::new(),
        };
        walk.schema(&version.payload, &document, "", None);
        let mut places = walk.places;
        for place in &mut places {
            place.uses = uses(catalog, event, version, &place.path);
        }
        places
    }

    fn judge(&mut self, schema: &Value, definitions: &Value, is_required: bool) -> usize {
        let mut plain = schema.clone();
        if let Value::Object(words) = &mut plain {
            for word in ["title", "description", "examples", "default", "x-pii"] {
                words.remove(word);
            }
        }
        let text = plain.to_string();
        // References mean what their definitions say.
        let refers = text.contains("\"$ref\"");
        let key = if refers { format!("{text}{definitions}") } else { text };
        if let Some(known) = self.known.get(&(key.clone(), is_required)) {
            return *known;
        }
        let definitions = refers.then_some(definitions);
        let verdicts = changes(&plain, is_required).into_iter().map(|(change, after)| {
            let before = document(Some((FIELD, &plain)), is_required, definitions);
            let after = match &after {
                After::Gone => document(None, false, definitions),
                After::Renamed => document(Some(("renamed", &plain)), is_required, definitions),
                After::Required(required) => {
                    document(Some((FIELD, &plain)), *required, definitions)
                }
                After::Schema(schema) => document(Some((FIELD, schema)), is_required, definitions),
            };
            verdict(change, &before, &after)
        });
        self.verdicts.push(verdicts.collect());
        self.known.insert((key, is_required), self.verdicts.len() - 1);
        self.verdicts.len() - 1
    }
}

/// What becomes of the field.
enum After {
    Gone,
    Renamed,
    Required(bool),
    Schema(Value),
}

/// The changes that people make to a field like this.
fn changes(schema: &Value, is_required: bool) -> Vec<(&'static str, After)> {
    let kind = schema.get("type").and_then(Value::as_str);
    let other = if kind == Some("string") { "integer" } else { "string" };
    let requirement = if is_required { "optional" } else { "required" };
    let mut changes = vec![
        ("remove", After::Gone),
        ("rename", After::Renamed),
        (requirement, After::Required(!is_required)),
        ("retype", After::Schema(json!({ "type": other }))),
    ];
    if let Some(kind) = kind {
        let with = |name: &str, value: Value| {
            let mut schema = schema.clone();
            schema[name] = value;
            After::Schema(schema)
        };
        changes.push(("null", with("type", json!([kind, "null"]))));
        match (kind, schema.get("enum").and_then(Value::as_array)) {
            ("string", Some(values)) => {
                let more = values.iter().cloned().chain([json!("one more value")]);
                changes.push(("value-more", with("enum", more.collect())));
                if values.len() > 1 {
                    let less = values.iter().take(values.len() - 1).cloned();
                    changes.push(("value-less", with("enum", less.collect())));
                }
            }
            ("string", None) if schema.get("format").is_none() => {
                changes.push(("limit", with("maxLength", json!(0))));
            }
            ("integer" | "number", _) => {
                let least = schema.get("minimum").cloned().unwrap_or(json!(0));
                changes.push(("limit", with("maximum", least)));
            }
            ("array", _) => changes.push(("limit", with("maxItems", json!(0)))),
            _ => {}
        }
    }
    changes
}

fn document(
    property: Option<(&str, &Value)>,
    is_required: bool,
    definitions: Option<&Value>,
) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    if let Some((name, schema)) = property {
        properties.insert(name.to_owned(), schema.clone());
        required.extend(is_required.then_some(name));
    }
    let mut whole = json!({ "type": "object", "properties": properties, "required": required });
    if let Some(definitions) = definitions {
        whole["$defs"] = definitions.clone();
    }
    whole
}

fn verdict(change: &'static str, before: &Value, after: &Value) -> Verdict {
    let mut verdict = Verdict { change, rules: Vec::new(), hurts: Hurts::NOBODY };
    for found in compat::payloads(&Part::Catalog, before, after) {
        verdict.hurts = verdict.hurts.or(found.hurts);
        if let Some(rule) = found.rule {
            let named = (rule.code.id, rule.code.name);
            if !verdict.rules.contains(&named) {
                verdict.rules.push(named);
            }
        }
    }
    verdict
}

/// What goes by a field's name beside its readers.
fn uses(catalog: &Catalog, event: &Event, version: &Version, path: &str) -> Vec<&'static str> {
    let is = |name: &str| name == path;
    let major = version.id.major;
    let pointer = format!("/{path}");
    let names = |conversion: &Conversion| {
        conversion.steps.iter().any(|step| {
            let rest = step.at.strip_prefix(&pointer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let upcast = event.majors().keys().any(|other| match event.upcast(*other) {
        Some(Upcast::Link(link)) => {
            let touches = *other == major || link.from.major == major;
            touches && matches!(&link.how, How::Declared(conversion) if names(conversion))
        }
        _ => false,
    });
    let downcast = event.majors().keys().any(|other| {
        event.downcast(*other).is_some_and(|downcast| {
            (*other == major || downcast.major == major) && names(&downcast.conversion)
        })
    });
    let aggregate = catalog.aggregate_of(event).is_some_and(|aggregate| is(&aggregate.id));
    [
        (event.key.as_deref().is_some_and(is), "It is the event's key: order follows it."),
        (event.subject.properties().any(is), "It is a part of the subject: filters go by it."),
        (aggregate, "It tells which aggregate the event belongs to."),
        (upcast, "An upcast names it."),
        (downcast, "A copy in an older version is made of it."),
    ]
    .into_iter()
    .filter_map(|(is_used, words)| is_used.then_some(words))
    .collect()
}

struct Walk<'a, 'w> {
    judge: &'w mut Judge,
    scope: Scope<'a>,
    definitions: &'w Value,
    places: Vec<Place>,
    /// The types that are being walked through: some hold themselves.
    within: Vec<TypeRef>,
}

impl<'a> Walk<'a, '_> {
    /// What stands in a schema; `json` is the same schema, written, `of` the shared type that it belongs to.
    fn schema(&mut self, schema: &'a Schema, json: &Value, path: &str, of: Option<(&str, &str)>) {
        let below =
            |more: &str| of.map(|(name, inner)| (name.to_owned(), format!("{inner}{more}")));
        match &schema.shape {
            Shape::Object(object) => {
                for property in &object.properties {
                    let name = &property.name;
                    let inner = &json["properties"][name];
                    let dot = |before: &str| if before.is_empty() { "" } else { "." };
                    let path = format!("{path}{}{name}", dot(path));
                    let of = of.map(|(of, at)| (of.to_owned(), format!("{at}{}{name}", dot(at))));
                    self.place(&property.schema, inner, &path, property.required, of.as_ref());
                }
            }
            Shape::Array(array) => {
                let of = below("[]");
                self.inner(&array.items, &json["items"], &format!("{path}[]"), of.as_ref());
            }
            Shape::Map(map) => {
                let of = below(".*");
                let inner = &json["additionalProperties"];
                self.inner(&map.values, inner, &format!("{path}.*"), of.as_ref());
            }
            Shape::OneOf(one_of) => {
                let written = json.get("oneOf").or(json.get("anyOf"));
                for (number, variant) in one_of.variants.iter().enumerate() {
                    let Some(inner) = written.and_then(|all| all.get(number)) else { continue };
                    let more = format!("({})", variant.label());
                    let of = below(&more);
                    self.inner(&variant.schema, inner, &format!("{path}{more}"), of.as_ref());
                }
            }
            Shape::Ref(target) => self.named(target, path),
            _ => {}
        }
    }

    fn inner(
        &mut self,
        schema: &'a Schema,
        json: &Value,
        path: &str,
        of: Option<&(String, String)>,
    ) {
        let of = of.map(|(name, at)| (name.as_str(), at.as_str()));
        self.schema(schema, json, path, of);
    }

    fn named(&mut self, target: &TypeRef, path: &str) {
        if self.within.contains(target) {
            return;
        }
        let Some(found) = self.scope.get(target) else { return };
        self.within.push(target.clone());
        let json = self.definitions.get(target.name()).cloned().unwrap_or_default();
        let of = matches!(target, TypeRef::Shared(_)).then_some((target.name(), ""));
        self.schema(&found.schema, &json, path, of);
        self.within.pop();
    }

    fn place(
        &mut self,
        schema: &'a Schema,
        json: &Value,
        path: &str,
        is_required: bool,
        of: Option<&(String, String)>,
    ) {
        let verdicts = self.judge.judge(json, self.definitions, is_required);
        let pii = self.scope.mark(schema);
        let place = Place {
            path: path.to_owned(),
            is_required,
            pii,
            of: of.cloned(),
            uses: Vec::new(),
            verdicts,
        };
        self.places.push(place);
        self.inner(schema, json, path, of);
    }
}
