use tidings_codegen::source::Span;

use crate::import::documents::At;

/// The application that a document describes, of whichever version of AsyncAPI.
pub(super) struct Application {
    /// AsyncAPI's version.
    pub(super) version: String,
    pub(super) root: At,
    /// In words, for people.
    pub(super) servers: Vec<String>,
    pub(super) channels: Vec<Channel>,
    pub(super) operations: Vec<Operation>,
}

impl Application {
    /// What `tidings export` wrote beside AsyncAPI's own words.
    pub(super) fn own(&self) -> Option<At> {
        self.root.get("x-tidings")
    }
}

/// Where messages go.
pub(super) struct Channel {
    pub(super) place: Span,
    pub(super) id: String,
    pub(super) address: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) messages: Vec<Message>,
    /// `x-tidings-event`.
    pub(super) own: Option<At>,
}

/// A part of an address that varies.
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) description: Option<String>,
    /// `enum`.
    pub(super) values: Vec<String>,
    /// The property of the message's body that it comes from, where the document says so.
    pub(super) property: Option<String>,
}

/// What is sent.
pub(super) struct Message {
    /// Where it is described.
    pub(super) at: At,
    pub(super) name: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    /// Its schema, or why there is none.
    pub(super) payload: Result<At, String>,
    /// Payloads.
    pub(super) examples: Vec<At>,
    /// `x-tidings-version`.
    pub(super) version: Option<String>,
    /// `x-tidings-deprecated`.
    pub(super) deprecated: Option<At>,
}

/// What the application does with messages.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) action: Action,
    /// Which of the channels.
    pub(super) channel: usize,
    /// Which of the channel's messages.
    pub(super) messages: Vec<usize>,
    pub(super) summary: Option<String>,
    /// `x-tidings-service`.
    pub(super) service: Option<String>,
    /// `x-tidings-subscription`.
    pub(super) subscription: Option<At>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Send,
    Receive,
}
