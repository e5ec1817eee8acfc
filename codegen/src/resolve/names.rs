use std::collections::BTreeMap;

use crate::codes;
use crate::model::{Event, EventId, Service, SubjectToken};
use crate::naming;
use crate::source::Span;
use crate::syntax::{Spanned, Text, closest};

use super::Context;

/// The Rust name of an event: the tokens after its domain, all of them where only one follows.
pub(super) fn event(id: &str) -> String {
    let tokens: Vec<&str> = id.split('.').collect();
    match tokens.as_slice() {
        [_, _] => naming::pascal(id),
        [_, action @ ..] => naming::pascal(&action.join(".")),
        [] => String::new(),
    }
}

/// An event's type as its subject.
pub(super) fn subject(id: &str) -> Vec<SubjectToken> {
    id.split('.').map(|token| SubjectToken::Literal(token.to_owned())).collect()
}

/// A text for people, if there is one.
pub(super) fn text(text: Option<&Spanned<Text>>) -> Option<String> {
    text.map(|text| text.value.0.clone())
}

impl Context<'_> {
    /// Reports that no file declares an event, unless one that could not be read may do so.
    pub(super) fn no_event(&mut self, name: &str, span: Span, events: &BTreeMap<EventId, Event>) {
        if self.unread.may_match(name) {
            return;
        }
        let known = events.keys().map(String::as_str);
        let finding = codes::UNKNOWN_EVENT.at(span, format!("no file declares the event `{name}`"));
        self.found.push(match closest(name, known) {
            Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
            None => finding.help(format!("begin a file of the catalog with `event: {name}`")),
        });
    }

    /// Reports that no file declares a service, unless one that could not be read may do so.
    pub(super) fn no_service(
        &mut self,
        name: &str,
        span: Span,
        services: &BTreeMap<String, Service>,
    ) {
        if self.unread.may_be_service(name) {
            return;
        }
        let known = services.keys().map(String::as_str);
        let finding =
            codes::UNKNOWN_SERVICE.at(span, format!("no file declares the service `{name}`"));
        self.found.push(match closest(name, known) {
            Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
            None => finding.help(format!("begin a file of the catalog with `service: {name}`")),
        });
    }

    /// The Rust name of a type that a file or a key names.
    pub(super) fn type_name(&mut self, name: &str, span: Span) -> String {
        let pascal = naming::pascal(name);
        if name.is_ascii() && pascal.starts_with(|c: char| c.is_ascii_uppercase()) {
            return pascal;
        }
        self.found.push(
            codes::TYPE_NAME
                .at(span, format!("`{name}` gives no name for a Rust type"))
                .help("begin it with a letter, and use letters, digits, `-` and `_`"),
        );
        let ascii: String = pascal.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("Type{ascii}")
    }
}
