use super::application::Parameter;
use crate::import::Importer;
use crate::import::documents::At;

impl Importer {
    /// The parameters of a channel's address.
    pub(super) fn parameters(&mut self, channel: &At) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for (name, used) in channel.entries_of("parameters") {
            let at = self.documents.follow(&used).unwrap_or(used);
            // AsyncAPI 2 has a schema here.
            let schema = at.get("schema").and_then(|schema| self.documents.follow(&schema).ok());
            let values = at.get("enum").or_else(|| schema.as_ref()?.get("enum"));
            let values = values.map(|values| values.items()).unwrap_or_default();
            let values = values.iter().filter_map(|value| value.node.text()).map(str::to_owned);
            let described = at.text("description");
            let described = described.or_else(|| schema.as_ref()?.text("description"));
            parameters.push(Parameter {
                name,
                description: described.map(str::to_owned),
                values: values.collect(),
                property: at.text("location").and_then(property),
            });
        }
        parameters
    }
}

/// The property that a runtime expression names: the `id` of `$message.payload#/id`, and of `…#/data/id`.
fn property(location: &str) -> Option<String> {
    let pointer = location.strip_prefix("$message.payload#/")?;
    let pointer = pointer.strip_prefix("data/").unwrap_or(pointer);
    let plain = !pointer.is_empty() && !pointer.contains('/');
    plain.then(|| pointer.replace("~1", "/").replace("~0", "~"))
}
