//! Core NATS within the process: who listens, and what is handed to them.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tokio::task::coop::consume_budget;
use tokio::time::Instant;

use super::clock::Clock;
use super::link::lost;
use super::subjects::pattern;
use super::{Embedded, MAX_PAYLOAD, State};
use crate::broker::core::{CoreMessage, WAITING};
use crate::broker::pattern::{Pattern, is_subject};
use crate::broker::{BrokerError, ConnectionState, MESSAGE_ID, Outgoing, Stored, size};
use crate::message::headers::Headers;

/// Everybody who listens.
#[derive(Debug, Default)]
pub(super) struct Ears {
    all: BTreeMap<u64, Ear>,
    last: u64,
}

#[derive(Debug)]
struct Ear {
    pattern: Pattern,
    group: Option<Box<str>>,
    sender: Sender<CoreMessage>,
}

impl Ears {
    fn listen(&mut self, pattern: Pattern, group: Option<&str>) -> (u64, Receiver<CoreMessage>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        self.last += 1;
        self.all.insert(self.last, Ear { pattern, group: group.map(Into::into), sender });
        (self.last, receiver)
    }

    /// Hands a message to all who listen to its subject, and to one of each group. As on a server, a group is its name,
    /// whatever its members listen to. Tells whether there was anybody.
    fn hand(&self, message: &CoreMessage) -> bool {
        let mut groups: BTreeMap<&str, Vec<&Ear>> = BTreeMap::new();
        let mut heard = false;
        let meant = self.all.values().filter(|ear| ear.pattern.matches(&message.subject));
        for ear in meant {
            heard = true;
            match ear.group.as_deref() {
                Some(group) => groups.entry(group).or_default().push(ear),
                None => ear.take(message),
            }
        }
        for members in groups.values() {
            members[fastrand::usize(..members.len())].take(message);
        }
        heard
    }

    /// What goes to a stream is heard as well, whatever the stream says of it.
    pub(super) fn overhear(&self, outgoing: &Outgoing) {
        if self.all.is_empty() {
            return;
        }
        let mut headers = outgoing.headers.clone();
        if !outgoing.message_id.is_empty() {
            headers.push_received(MESSAGE_ID, outgoing.message_id.clone());
        }
        let (subject, payload) = (outgoing.subject.to_string(), outgoing.payload.clone());
        self.hand(&CoreMessage { subject, reply: None, headers, payload });
    }

    /// Nobody hears anything new.
    pub(super) fn close(&mut self) {
        self.all.clear();
    }
}

impl Ear {
    fn take(&self, message: &CoreMessage) {
        if let Err(TrySendError::Full(_)) = self.sender.try_send(message.clone()) {
            let subject = self.pattern.as_str();
            tracing::warn!(subject, "a listener is too slow: a message was dropped");
        }
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub(crate) struct Listening {
    broker: Embedded,
    ear: u64,
    receiver: Receiver<CoreMessage>,
}

impl Listening {
    pub(in crate::broker) async fn next(&mut self) -> Option<CoreMessage> {
        // Whoever takes one after the other would keep those who send from running.
        consume_budget().await;
        self.receiver.recv().await
    }

    pub(in crate::broker) fn stop(&mut self) {
        let _ = self.broker.with_state(|state, _| {
            state.ears.all.remove(&self.ear);
            Ok(())
        });
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Embedded {
    /// Sends a message to whoever listens, and stores it where a stream captures its subject.
    pub(in crate::broker) async fn tell(&self, message: CoreMessage) -> Result<(), BrokerError> {
        consume_budget().await;
        self.link.reach().await?;
        self.say(message).map(drop)
    }

    /// Sends a message and waits for an answer; none where nobody listens.
    pub(in crate::broker) async fn ask(
        &self,
        mut message: CoreMessage,
        patience: Duration,
    ) -> Result<Option<CoreMessage>, BrokerError> {
        let asking = async {
            consume_budget().await;
            self.link.reach().await?;
            let mut connection = self.link.watch();
            let now = *connection.borrow_and_update();
            let inbox = format!("_INBOX.{}", uuid::Uuid::now_v7().simple());
            let mut answers = self.listen(&inbox, None)?;
            message.reply = Some(inbox);
            if !self.say(message)? {
                return Ok(None);
            }
            tokio::select! {
                biased;
                answer = answers.next() => answer.map(Some).ok_or(BrokerError::Closed),
                state = connection.wait_for(|state| *state != now) => Err(match state.as_deref() {
                    Ok(ConnectionState::Disconnected | ConnectionState::Connected(_)) => lost(),
                    Ok(ConnectionState::Closed) | Err(_) => BrokerError::Closed,
                }),
            }
        };
        let answer = tokio::time::timeout(patience, asking).await;
        answer.unwrap_or(Err(BrokerError::TimedOut(patience)))
    }

    /// Listens to what is sent from now on.
    pub(in crate::broker) fn listen(
        &self,
        subject: &str,
        group: Option<&str>,
    ) -> Result<Listening, BrokerError> {
        let pattern = pattern(subject)?;
        self.with_state(|state, _| {
            let (ear, receiver) = state.ears.listen(pattern, group);
            Ok(Listening { broker: self.clone(), ear, receiver })
        })
    }

    fn say(&self, message: CoreMessage) -> Result<bool, BrokerError> {
        let (size, limit) = (size::plain(&message.headers, &message.payload), MAX_PAYLOAD);
        if size > limit {
            return Err(BrokerError::TooLarge { size, limit });
        }
        self.with_state(|state, now| Ok(state.say(message, self.clock, now)))
    }
}

impl State {
    fn say(&mut self, message: CoreMessage, clock: Clock, now: Instant) -> bool {
        let heard = self.ears.hand(&message);
        let Some(answer) = self.keep(&message, clock, now) else { return heard };
        if let Some(subject) = message.reply {
            let (headers, payload) = (Headers::new(), answer.to_string().into());
            self.ears.hand(&CoreMessage { subject, reply: None, headers, payload });
        }
        true
    }

    /// Stores a message where a stream captures its subject, and returns what the stream says.
    fn keep(
        &mut self,
        message: &CoreMessage,
        clock: Clock,
        now: Instant,
    ) -> Option<serde_json::Value> {
        let subject = message.subject.as_str();
        let mut streams = self.streams.iter_mut();
        let (&name, stream) =
            streams.find(|(_, stream)| is_subject(subject) && stream.captures(subject))?;
        stream.enforce_limits(now);
        let mut headers = Headers::new();
        let given = message.headers.iter().filter(|(name, _)| *name != MESSAGE_ID);
        given.for_each(|(name, value)| headers.push_received(name.to_owned(), value.to_owned()));
        let outgoing = Outgoing {
            subject: message.subject.as_str().into(),
            headers,
            payload: message.payload.clone(),
            message_id: message.headers.get(MESSAGE_ID).unwrap_or_default().to_owned(),
            stream: name,
            expected_last_subject_sequence: None,
            expected_filter: None,
            claim_check_above: None,
            is_new: false,
        };
        Some(match stream.store(&outgoing, clock.time_at(now), now) {
            Ok(Stored { sequence, duplicate: false }) => {
                serde_json::json!({ "stream": name, "seq": sequence })
            }
            Ok(Stored { sequence, duplicate: true }) => {
                serde_json::json!({ "stream": name, "seq": sequence, "duplicate": true })
            }
            Err(BrokerError::Refused { code, description }) => {
                let error = serde_json::json!({ "err_code": code, "description": description });
                serde_json::json!({ "stream": name, "seq": 0, "error": error })
            }
            Err(error) => {
                let error = serde_json::json!({ "description": error.to_string() });
                serde_json::json!({ "stream": name, "seq": 0, "error": error })
            }
        })
    }
}
