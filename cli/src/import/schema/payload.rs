use serde_json::json;

use crate::import::Importer;
use crate::import::documents::At;
use crate::schema::ordered;
use crate::yaml::{Mapping, Node, Value};

/// Deeper than any composition that people write.
const MAX_DEPTH: usize = 16;

/// Keywords that make a schema of others.
const COMPOSES: [&str; 5] = ["$ref", "allOf", "anyOf", "discriminator", "oneOf"];

/// The property in which something stands that is no object.
const WRAPPED: &str = "value";

/// A payload, and how its examples become those of it.
pub(in crate::import) struct Payload {
    pub(in crate::import) schema: Node,
    /// Property of the document's examples in which the payload is: `data` of a CloudEvent.
    pub(in crate::import) inside: Option<&'static str>,
    /// Property of the payload in which the document's value stands now.
    pub(in crate::import) wrapped: Option<&'static str>,
    /// Whether the document says that it should not be used any more.
    pub(in crate::import) deprecated: bool,
    /// `examples` of the schema.
    pub(in crate::import) examples: Vec<Node>,
}

impl Importer {
    /// A payload: an object of its own, because that is what a catalog's payloads are.
    pub(in crate::import) fn payload(&mut self, at: &At) -> Payload {
        let at = match self.reached(at) {
            Ok(at) => at,
            Err(why) => return Payload::unknown(&why),
        };
        let data = self.data_of_cloud_event(&at, 0);
        let inside = data.as_ref().map(|_| "data");
        let at = match &data {
            Some(data) => match self.reached(data) {
                Ok(data) => data,
                Err(why) => return Payload { inside, ..Payload::unknown(&why) },
            },
            None => at,
        };
        let mut object = Object::default();
        let mark = self.notes.mark();
        let (mut schema, wrapped) = if self.merge(&at, &mut object, true, 0) {
            let mut schema = Node::from(object.written()).placed(at.node.span);
            schema.comments = object.comments;
            (schema, None)
        } else {
            self.notes.back_to(mark);
            (self.wrapped(&at), Some(WRAPPED))
        };
        let mut deprecated = false;
        let mut examples = Vec::new();
        if let Some(entries) = schema.as_map_mut() {
            deprecated =
                entries.remove("deprecated").is_some_and(|flag| flag.value == Value::Bool(true));
            if let Some(taken) = entries.remove("examples") {
                examples = taken.as_list().to_vec();
            }
        }
        Payload { schema: ordered(schema), inside, wrapped, deprecated, examples }
    }

    /// What a payload's reference leads to; a note where that is nothing.
    fn reached(&mut self, at: &At) -> Result<At, String> {
        let reached = self.documents.follow(at);
        if let Err(why) = &reached {
            self.notes.changed(at.node.span, format!("an empty payload: {why}"));
        }
        reached
    }

    /// An object around what is none.
    fn wrapped(&mut self, at: &At) -> Node {
        let what = "a payload is an object: what the document has here stands in `value`";
        self.notes.changed(at.node.span, what);
        let mut object = Mapping::from_iter([("type", Node::from("object"))]);
        object.insert("required", json!([WRAPPED]));
        object.insert("properties", Mapping::from_iter([(WRAPPED, self.schema(at))]));
        Node::from(object).placed(at.node.span).commented(what)
    }

    /// The schema of `data` where the schema is that of a CloudEvent in structured mode.
    fn data_of_cloud_event(&mut self, at: &At, depth: usize) -> Option<At> {
        let mut parts = Vec::new();
        self.parts(at, &mut parts, depth);
        let has = |name: &str| {
            parts
                .iter()
                .any(|part| part.get("properties").is_some_and(|all| all.node.get(name).is_some()))
        };
        if !["specversion", "type", "source", "data"].into_iter().all(has) {
            return None;
        }
        // The last one says most about it.
        parts.iter().rev().find_map(|part| part.get("properties")?.get("data"))
    }

    /// A schema and what it is made of by `allOf`.
    fn parts(&mut self, at: &At, parts: &mut Vec<At>, depth: usize) {
        let Ok(at) = self.documents.follow(at) else { return };
        if depth < MAX_DEPTH {
            for part in at.items_of("allOf") {
                self.parts(&part, parts, depth + 1);
            }
        }
        parts.push(at);
    }

    /// Adds the properties of a schema and of all that it is composed of; `false` where it is no object.
    fn merge(&mut self, at: &At, object: &mut Object, whole: bool, depth: usize) -> bool {
        let Ok(at) = self.documents.follow(at) else { return false };
        if depth > MAX_DEPTH {
            return false;
        }
        let alternatives = [at.items_of("oneOf"), at.items_of("anyOf")].concat();
        let all_of = at.items_of("allOf");
        let ty = at.node.get("type").map(tidings_codegen::yaml::Node::to_value);
        let is_object = match &ty {
            Some(serde_json::Value::Array(types)) => types.contains(&json!("object")),
            Some(ty) => *ty == json!("object"),
            None => ["properties", "additionalProperties", "required"]
                .iter()
                .any(|keyword| at.node.get(keyword).is_some()),
        };
        if !is_object && (ty.is_some() || (alternatives.is_empty() && all_of.is_empty())) {
            return false;
        }
        for part in &all_of {
            if !self.merge(part, object, whole, depth + 1) {
                return false;
            }
        }
        if !alternatives.is_empty() {
            let place = at.node.span;
            let what = "one of several objects in the document: here the properties of all, none of which only some have is required";
            self.notes.changed(place, what);
            object.comments.push(what.to_owned());
            let mut required: Option<Vec<String>> = None;
            for alternative in &alternatives {
                let mut one = Object::default();
                if !self.merge(alternative, &mut one, false, depth + 1) {
                    return false;
                }
                required = Some(match required {
                    None => one.required.clone(),
                    Some(all) => {
                        all.into_iter().filter(|name| one.required.contains(name)).collect()
                    }
                });
                object.add(one.properties, Vec::new());
            }
            object.add(Mapping::default(), required.unwrap_or_default());
        }
        let mut own = self.schema(&at.without(&COMPOSES));
        let Some(entries) = own.as_map_mut() else { return false };
        let required = entries.remove("required");
        let required = required.iter().flat_map(Node::as_list).filter_map(Node::as_text);
        let required: Vec<String> = required.map(str::to_owned).collect();
        let properties =
            entries.remove("properties").and_then(|mut node| node.as_map_mut().cloned());
        object.add(properties.unwrap_or_default(), required);
        entries.remove("type");
        for (keyword, value) in std::mem::take(entries) {
            // Composed of something, it is what it says itself; alternatives do not speak for the whole.
            let open = keyword == "additionalProperties" && value.value == Value::Bool(true);
            if whole && !open && (depth == 0 || !object.rest.contains(&keyword)) {
                object.rest.insert(keyword, value);
            }
        }
        true
    }
}

impl Payload {
    /// Of a message whose payload is not known.
    pub(in crate::import) fn unknown(why: &str) -> Self {
        Self {
            schema: Node::from(Mapping::from_iter([("type", "object")])).commented(why),
            inside: None,
            wrapped: None,
            deprecated: false,
            examples: Vec::new(),
        }
    }
}

/// An object, composed.
#[derive(Default)]
struct Object {
    properties: Mapping,
    required: Vec<String>,
    /// All other keywords.
    rest: Mapping,
    comments: Vec<String>,
}

impl Object {
    fn add(&mut self, properties: Mapping, required: Vec<String>) {
        for (name, schema) in properties {
            self.properties.insert(name, schema);
        }
        for name in required {
            if !self.required.contains(&name) {
                self.required.push(name);
            }
        }
    }

    fn written(&mut self) -> Mapping {
        let mut written = std::mem::take(&mut self.rest);
        written.insert("type", "object");
        if !self.required.is_empty() {
            written.insert("required", json!(self.required));
        }
        if !self.properties.is_empty() || written.contains("additionalProperties") {
            written.insert("properties", std::mem::take(&mut self.properties));
        }
        written
    }
}
