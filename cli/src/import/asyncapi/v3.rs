use super::application::{Action, Application, Channel, Message, Operation};
use crate::import::Importer;
use crate::import::documents::At;

impl Importer {
    /// A document of AsyncAPI 3: channels with messages, and operations on them.
    pub(super) fn application_of_v3(&mut self, root: &At, version: &str) -> Application {
        let servers = self.servers(root);
        let mut channels = Vec::new();
        let mut places = Vec::new();
        for (id, used) in root.entries_of("channels") {
            if let Some((at, channel)) = self.channel(&id, &used) {
                places.push(at);
                channels.push(channel);
            }
        }
        let mut operations = Vec::new();
        for (id, used) in root.entries_of("operations") {
            operations.extend(self.operation(&id, &used, &places, &channels));
        }
        Application {
            version: version.to_owned(),
            root: root.clone(),
            servers,
            channels,
            operations,
        }
    }

    /// The servers in words; a catalog has none for them.
    pub(super) fn servers(&mut self, root: &At) -> Vec<String> {
        let servers = root.entries_of("servers");
        servers.iter().map(|(name, at)| self.server(name, at)).collect()
    }

    fn server(&mut self, name: &str, used: &At) -> String {
        let at = self.documents.follow(used).unwrap_or_else(|_| used.clone());
        let host = at.text("host").or(at.text("url")).unwrap_or("somewhere");
        format!("{name}, {} at {host}", at.text("protocol").unwrap_or("some protocol"))
    }

    fn channel(&mut self, id: &str, used: &At) -> Option<(At, Channel)> {
        let at = match self.documents.follow(used) {
            Ok(at) => at,
            Err(why) => {
                self.notes.dropped(used.node.span, format!("the channel `{id}`: {why}"));
                return None;
            }
        };
        let address = at.get("address").filter(|address| !address.node.to_value().is_null());
        let mut messages = Vec::new();
        for (key, message) in at.entries_of("messages") {
            messages.extend(self.message(&message, Some(&key)));
        }
        if let Some(bindings) = at.get("bindings") {
            self.notes.dropped(bindings.node.span, "bindings: NATS has none for channels");
        }
        let channel = Channel {
            place: used.node.span,
            id: id.to_owned(),
            address: address.and_then(|address| address.node.text().map(str::to_owned)),
            summary: at.text("summary").map(str::to_owned),
            description: at.text("description").map(str::to_owned),
            parameters: self.parameters(&at),
            messages,
            own: at.get("x-tidings-event"),
        };
        Some((at, channel))
    }

    fn operation(
        &mut self,
        id: &str,
        used: &At,
        places: &[At],
        channels: &[Channel],
    ) -> Option<Operation> {
        let at = self.documents.follow(used).unwrap_or_else(|_| used.clone());
        let action = match at.text("action") {
            Some("send") => Action::Send,
            Some("receive") => Action::Receive,
            _ => {
                let what = format!("the operation `{id}`, which neither sends nor receives");
                self.notes.dropped(at.node.span, what);
                return None;
            }
        };
        let target = at.get("channel").map(|used| self.documents.follow(&used));
        let channel = match target {
            Some(Ok(target)) => places.iter().position(|place| place.is(&target)),
            _ => None,
        };
        let Some(channel) = channel else {
            self.notes.dropped(at.node.span, format!("the operation `{id}`: it has no channel"));
            return None;
        };
        if let Some(reply) = at.get("reply") {
            self.notes.dropped(reply.node.span, "a reply: an event is answered by nobody");
        }
        let all = &channels[channel].messages;
        let named: Vec<usize> = at
            .items_of("messages")
            .iter()
            .filter_map(|used| {
                let target = self.documents.follow(used).ok()?;
                all.iter().position(|message: &Message| message.at.is(&target))
            })
            .collect();
        let messages = if named.is_empty() { (0..all.len()).collect() } else { named };
        Some(Operation {
            id: id.to_owned(),
            action,
            channel,
            messages,
            summary: at.text("summary").map(str::to_owned),
            service: at.text("x-tidings-service").map(str::to_owned),
            subscription: at.get("x-tidings-subscription"),
        })
    }
}
