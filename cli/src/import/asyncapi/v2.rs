use super::View;
use super::application::{Action, Application, Channel, Message, Operation};
use crate::import::Importer;
use crate::import::documents::At;

impl Importer {
    /// A document of AsyncAPI 2: channels by address, each with what others publish to it and subscribe to.
    pub(super) fn application_of_v2(
        &mut self,
        root: &At,
        version: &str,
        view: View,
    ) -> Application {
        let servers = self.servers(root);
        let (mut channels, mut operations) = (Vec::new(), Vec::new());
        for (address, used) in root.entries_of("channels") {
            let at = match self.documents.follow(&used) {
                Ok(at) => at,
                Err(why) => {
                    self.notes.dropped(used.node.span, format!("the channel `{address}`: {why}"));
                    continue;
                }
            };
            if let Some(bindings) = at.get("bindings") {
                self.notes.dropped(bindings.node.span, "bindings: NATS has none for channels");
            }
            let mut channel = Channel {
                place: used.node.span,
                id: address.clone(),
                address: Some(address),
                summary: None,
                description: at.text("description").map(str::to_owned),
                parameters: self.parameters(&at),
                messages: Vec::new(),
                own: None,
            };
            for (word, action) in actions(view) {
                if let Some(operation) = at.get(word) {
                    let operation =
                        self.operation_of_v2(&operation, action, channels.len(), &mut channel);
                    operations.push(operation);
                }
            }
            channels.push(channel);
        }
        Application {
            version: version.to_owned(),
            root: root.clone(),
            servers,
            channels,
            operations,
        }
    }

    fn operation_of_v2(
        &mut self,
        at: &At,
        action: Action,
        index: usize,
        channel: &mut Channel,
    ) -> Operation {
        let id = at.text("operationId").map(str::to_owned);
        let (used, key) = match at.get("message") {
            Some(message) if message.node.get("oneOf").is_some() => {
                (message.items_of("oneOf"), None)
            }
            // The only message of an operation may go by its name.
            Some(message) => (vec![message], id.as_deref()),
            None => (Vec::new(), None),
        };
        let mut messages = Vec::new();
        for used in used {
            let Some(mut message) = self.message(&used, None) else { continue };
            if message.name.is_none() {
                message.name = key.map(str::to_owned);
            }
            messages.push(place(message, &mut channel.messages));
        }
        let summary = at.text("summary").or(at.text("description"));
        Operation {
            id: id.unwrap_or_else(|| channel.id.clone()),
            action,
            channel: index,
            messages,
            summary: summary.map(str::to_owned),
            service: None,
            subscription: None,
        }
    }
}

/// What the application does with what the document calls `publish` and `subscribe`.
fn actions(view: View) -> [(&'static str, Action); 2] {
    match view {
        View::Clients => [("publish", Action::Receive), ("subscribe", Action::Send)],
        View::Application => [("publish", Action::Send), ("subscribe", Action::Receive)],
    }
}

/// Where a message is among those of its channel: both operations may have the same.
fn place(message: Message, messages: &mut Vec<Message>) -> usize {
    let same = |other: &Message| {
        other.at.is(&message.at) || other.at.node.to_value() == message.at.node.to_value()
    };
    messages.iter().position(same).unwrap_or_else(|| {
        messages.push(message);
        messages.len() - 1
    })
}
