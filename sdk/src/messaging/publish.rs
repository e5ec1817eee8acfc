use std::borrow::Cow;
use std::pin::Pin;

use super::{CoreError, Payload, subject};
use crate::broker::CoreMessage;
use crate::operations::traces::{self, Trace};
use crate::{Headers, Tidings};

/// A message about to be sent: `.await` it.
///
/// When that returns, the message is on its way: whether anybody listens is not known, and neither is whether the server
/// allows it; a denial is in the log. [`confirmed`](Self::confirmed) waits for more.
///
/// ```
/// use tidings::messaging::{CoreError, Json};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), CoreError> {
/// # let bus = tidings::Tidings::embedded();
/// let core = bus.core();
/// core.publish("presence.web", Json(["ann", "bob"])).await?; // on its way
/// let heard = core.publish("presence.web", "nobody").header("Reason", "maintenance").confirmed();
/// heard.await?; // the server has read it, and let it pass
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent before this is awaited"]
pub struct Publish {
    bus: Tidings,
    message: Result<CoreMessage, CoreError>,
    confirmed: bool,
}

impl Publish {
    pub(super) fn new(bus: Tidings, subject: String, payload: impl Payload) -> Self {
        Self { bus, message: message(subject, payload), confirmed: false }
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.message = with_header(self.message, name.into(), value.into());
        self
    }

    /// Waits until the server has read the message, so that a denial is an error. That takes an answer of the server and,
    /// as denials come beside the answers, a tenth of a second.
    pub fn confirmed(mut self) -> Self {
        self.confirmed = true;
        self
    }
}

impl IntoFuture for Publish {
    type Output = Result<(), CoreError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let message = self.message?;
            let subject = message.subject.clone();
            let sent = self.bus.broker().tell(message, self.confirmed).await;
            sent.map_err(|error| CoreError::of(&subject, error))
        })
    }
}

/// A message with the trace that it is part of.
pub(super) fn message(subject: String, payload: impl Payload) -> Result<CoreMessage, CoreError> {
    subject::check(&subject)?;
    let payload = match payload.into_bytes() {
        Ok(payload) => payload,
        Err(source) => return Err(CoreError::Encode { subject, source }),
    };
    let mut headers = Headers::new();
    if let Some(trace) = traces::carried(&Trace::default()) {
        for (name, value) in trace.headers() {
            headers.insert(name, value)?;
        }
    }
    Ok(CoreMessage { subject, reply: None, headers, payload })
}

pub(super) fn with_header(
    message: Result<CoreMessage, CoreError>,
    name: Cow<'static, str>,
    value: String,
) -> Result<CoreMessage, CoreError> {
    let mut message = message?;
    message.headers.insert(name, value)?;
    Ok(message)
}
