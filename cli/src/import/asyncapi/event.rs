use std::path::PathBuf;

use serde_json::json;

use super::address::Subject;
use super::application::{Application, Channel, Message, Parameter};
use super::own;
use super::plan::{Event, Plan};
use crate::import::schema::Payload;
use crate::import::{Files, Importer, names};
use crate::yaml::{Mapping, Node, Value};

impl Importer {
    pub(super) fn event_files(&mut self, application: &Application, plan: &Plan) -> Files {
        let mut files = Files::new();
        for event in &plan.events {
            let rest = event.ty.strip_prefix(&event.domain).unwrap_or(&event.ty);
            let name = rest.trim_matches('.').replace(['.', '_'], "-");
            let path = PathBuf::from(&event.domain).join(format!("{name}.yaml"));
            files.insert(path, self.event_file(&application.channels[event.channel], event));
        }
        files
    }

    fn event_file(&mut self, channel: &Channel, event: &Event) -> Node {
        let messages = event.versions.iter().map(|(version, at)| (version, &channel.messages[*at]));
        let mut payloads: Vec<(String, &Message, Payload)> = messages
            .map(|((major, minor), message)| {
                let payload = match &message.payload {
                    Ok(payload) => self.payload(payload),
                    Err(why) => Payload::unknown(why),
                };
                (format!("{major}.{minor}"), message, payload)
            })
            .collect();
        let mut subject = event.subject.clone();
        let names: Vec<String> = subject.parameters().map(str::to_owned).collect();
        for name in names {
            let described = channel.parameters.iter().find(|parameter| parameter.name == name);
            subject = self.filled(&subject, &name, described, &mut payloads);
        }
        let newest = payloads.last().map(|(_, message, _)| *message);
        let summary = channel.summary.clone().or_else(|| newest?.summary.clone());
        let description = channel.description.clone().or_else(|| newest?.description.clone());
        let own = channel.own.as_ref();
        let mut file = Mapping::default();
        file.insert("event", event.ty.as_str());
        file.insert_some("summary", summary.as_deref());
        file.insert_some("description", description.filter(|text| Some(text) != summary.as_ref()));
        file.insert_some("name", event.name.as_deref());
        let template = subject.template();
        file.insert_some("subject", Some(Node::word(&template)).filter(|_| template != event.ty));
        file.insert_some("key", own.and_then(|own| own.text("key")));
        let encrypt = own.and_then(|own| own.get("encrypt"));
        let encrypt = encrypt.map(|kinds| Mapping::from_iter([("encrypt", own::words(&kinds))]));
        file.insert_some("personal_data", encrypt);
        let mut majors = event.versions.keys().map(|(major, _)| *major);
        let mut before = None;
        let versions = payloads.into_iter().map(|(version, message, payload)| {
            let mut written = self.version(message, payload, summary.as_ref());
            let major = majors.next();
            if let Some(before) = before.filter(|before| Some(*before) != major) {
                self.unlinked(before, message, &mut written);
            }
            before = major;
            (version, written)
        });
        let versions: Mapping = versions.collect();
        file.insert("versions", versions);
        Node::from(file).placed(channel.place)
    }

    /// Lets a parameter of the subject be a required property of every payload.
    fn filled(
        &mut self,
        subject: &Subject,
        name: &str,
        described: Option<&Parameter>,
        payloads: &mut [(String, &Message, Payload)],
    ) -> Subject {
        let wanted = described.and_then(|parameter| parameter.property.as_deref()).unwrap_or(name);
        let newest = payloads.last().and_then(|(.., payload)| payload.schema.get("properties"));
        let property = newest.and_then(|properties| like(properties, wanted));
        let property = property.unwrap_or_else(|| wanted.to_owned());
        for (_, message, payload) in payloads.iter_mut() {
            let Some(entries) = payload.schema.as_map_mut() else { continue };
            let mut changes = Vec::new();
            if !entries.contains("properties") {
                entries.insert("properties", Mapping::default());
            }
            let properties = entries.get_mut("properties").and_then(Node::as_map_mut);
            if let Some(properties) = properties.filter(|all| !all.contains(&property)) {
                changes.push(format!("`{property}` is added: it stands in the subject"));
                properties.insert(property.as_str(), added(described));
            }
            let required = entries.get("required").map(|list| list.as_list().to_vec());
            let mut required = required.unwrap_or_default();
            if !required.iter().any(|one| one.as_text() == Some(&property)) {
                if changes.is_empty() {
                    changes.push(format!("`{property}` is required: it stands in the subject"));
                }
                required.push(Node::from(property.as_str()));
                entries.insert("required", required);
                entries.sort_as(&["title", "description", "type", "required", "properties"]);
            }
            for change in changes {
                self.notes.changed(message.at.node.span, change.clone());
                payload.schema.comments.push(change);
            }
        }
        subject.renamed(name, &property)
    }

    /// Says of a version that older events cannot be brought to it, because no document says how.
    fn unlinked(&mut self, before: u16, message: &Message, version: &mut Node) {
        let why = format!("how events of version {before} become this one is not known");
        self.notes.changed(message.at.node.span, format!("`upcast: none`: {why}"));
        if let Some(entries) = version.as_map_mut() {
            entries.insert("upcast", Node::word("none").commented(why));
            entries.sort_as(&["summary", "deprecated", "upcast"]);
        }
    }

    fn version(&mut self, message: &Message, payload: Payload, summary: Option<&String>) -> Node {
        let mut version = Mapping::default();
        let own = message.summary.as_ref().filter(|own| Some(*own) != summary);
        version.insert_some("summary", own.map(String::as_str));
        match &message.deprecated {
            Some(deprecated) => version.insert("deprecated", own::words(deprecated)),
            None if payload.deprecated => version.insert("deprecated", Mapping::default()),
            None => {}
        }
        let given = message.examples.iter().map(|at| {
            let value = at.value();
            match payload.inside {
                Some(key) => value.get(key).cloned().unwrap_or(value),
                None => value,
            }
        });
        let mut examples: Vec<Node> = given.collect();
        if examples.is_empty() {
            examples = payload.examples;
        }
        if let Some(key) = payload.wrapped {
            let wrap = |example: Node| Node::from(Mapping::from_iter([(key, example)]));
            examples = examples.into_iter().map(wrap).collect();
        }
        examples.retain(|example| {
            let object = matches!(example.value, Value::Map(_));
            if !object {
                self.notes.dropped(example.origin, "an example: it is no object");
            }
            object
        });
        version.insert("payload", payload.schema);
        if !examples.is_empty() {
            version.insert("examples", examples);
        }
        Node::from(version)
    }
}

/// The property that is called so, written in whatever case.
fn like(properties: &Node, wanted: &str) -> Option<String> {
    let properties = properties.as_map()?;
    let exact = properties.iter().map(|(name, _)| name).find(|name| *name == wanted);
    let like =
        |name: &&str| names::name(name).is_some() && names::name(name) == names::name(wanted);
    let found = exact.or_else(|| properties.iter().map(|(name, _)| name).find(like));
    found.map(str::to_owned)
}

/// The schema of a property that only the address has.
fn added(described: Option<&Parameter>) -> Node {
    let mut schema = Mapping::from_iter([("type", "string")]);
    if let Some(parameter) = described {
        if !parameter.values.is_empty() {
            schema.insert("enum", json!(parameter.values));
        }
        schema.insert_some("description", parameter.description.as_deref());
    }
    schema.into()
}
