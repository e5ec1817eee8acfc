use super::application::Message;
use crate::import::Importer;
use crate::import::documents::At;

/// Names that say where a message stands instead of what it is.
const NAMELESS: [&str; 5] = ["default", "message", "messages", "payload", "testMessage"];

/// Formats of schemas that are, or lower to, JSON Schema.
const SCHEMA_FORMATS: [&str; 4] = ["aai.asyncapi", "oai.openapi", "schema+json", "schema+yaml"];

impl Importer {
    /// A message; `key` is its name where it is used.
    pub(super) fn message(&mut self, used: &At, key: Option<&str>) -> Option<Message> {
        let at = match self.documents.follow(used) {
            Ok(at) => at,
            Err(why) => {
                self.notes.dropped(used.node.span, format!("a message: {why}"));
                return None;
            }
        };
        let traits: Vec<At> = at
            .items_of("traits")
            .iter()
            .filter_map(|one| self.documents.follow(one).ok())
            .collect();
        let text = |key: &str| {
            let all = std::iter::once(&at).chain(&traits);
            all.filter_map(|one| one.text(key)).find(|text| !text.is_empty()).map(str::to_owned)
        };
        let component = at.pointer.starts_with("/components/messages/").then(|| at.name());
        let name = [text("name"), text("messageId"), key.map(str::to_owned), component]
            .into_iter()
            .flatten()
            .find(|name| !is_nameless(name))
            .or_else(|| text("title"));
        let version = text("x-tidings-version");
        for (key, what) in [
            ("headers", "headers: events carry CloudEvents' attributes"),
            ("bindings", "bindings: NATS has none for messages"),
        ] {
            if let Some(dropped) = at.get(key).filter(|_| version.is_none()) {
                self.notes.dropped(dropped.node.span, what);
            }
        }
        let title = text("title").filter(|title| Some(title) != name.as_ref() && version.is_none());
        let (summary, description) = (text("summary").or(title), text("description"));
        let payload = self.payload_of(&at);
        let with_examples = std::iter::once(&at).chain(&traits);
        let examples = with_examples.flat_map(|one| one.items_of("examples"));
        // Until AsyncAPI 2.0 an example was the payload itself.
        let examples = examples.filter_map(|one| one.get("payload")).collect();
        let deprecated = at.get("x-tidings-deprecated");
        Some(Message { name, summary, description, payload, examples, version, deprecated, at })
    }

    fn payload_of(&mut self, at: &At) -> Result<At, String> {
        let Some(payload) = at.get("payload") else {
            return Err("the document does not say what it carries".to_owned());
        };
        // AsyncAPI 3 says the format beside the schema, AsyncAPI 2 beside the payload.
        let (format, schema) = match (payload.text("schemaFormat"), payload.get("schema")) {
            (Some(format), Some(schema)) => (Some(format.to_owned()), schema),
            _ => (at.text("schemaFormat").map(str::to_owned), payload),
        };
        match format {
            Some(format) if !SCHEMA_FORMATS.iter().any(|known| format.contains(known)) => {
                let why = format!("schemas in `{format}` are not read");
                self.notes.changed(schema.node.span, format!("an empty payload: {why}"));
                Err(why)
            }
            _ => Ok(schema),
        }
    }
}

fn is_nameless(name: &str) -> bool {
    name.is_empty()
        || name.starts_with('<')
        || name.contains("anonymous")
        || NAMELESS.contains(&name)
        || name.chars().all(|c| !c.is_ascii_alphabetic())
}
