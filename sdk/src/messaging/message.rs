use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::{CoreError, Payload, REFUSAL, REFUSAL_CODE, Refusal, payload};
use crate::broker::CoreMessage;
use crate::{Headers, Tidings};

/// A message that was heard, or an answer.
///
/// ```
/// use tidings::messaging::{CoreError, Json, Refusal};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), CoreError> {
/// # let bus = tidings::Tidings::embedded();
/// let mut questions = bus.core().subscribe("math.square").await?;
/// # let core = bus.core();
/// # let asking = tokio::spawn(core.request("math.square", Json(12)).header("Tenant", "acme").into_future());
/// let question = questions.next().await?.expect("somebody asks");
/// println!("on {}", question.subject());
/// println!("{} asks: {:?}", question.headers().get("Tenant").unwrap_or("nobody"), question.payload());
/// assert!(question.wants_answer()); // an announcement does not
/// match question.json::<i64>()?.checked_mul(12) {
///     Some(product) => question.respond(Json(product)).await?,
///     None => question.refuse(Refusal::new(400, "too large")).await?,
/// }
/// # assert_eq!(asking.await.expect("no panic")?.json::<i64>()?, 144);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Message {
    bus: Tidings,
    heard: CoreMessage,
}

impl Message {
    pub(super) fn new(bus: Tidings, heard: CoreMessage) -> Self {
        Self { bus, heard }
    }

    /// Where it was sent: of an answer, a subject of nobody's choice.
    pub fn subject(&self) -> &str {
        &self.heard.subject
    }

    /// Its headers.
    pub fn headers(&self) -> &Headers {
        &self.heard.headers
    }

    /// Its body.
    pub fn payload(&self) -> &Bytes {
        &self.heard.payload
    }

    /// Its body as a value.
    ///
    /// # Errors
    /// It is not the JSON of such a value: [`CoreError::Decode`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CoreError> {
        payload::read(&self.heard.subject, &self.heard.payload)
    }

    /// Whether somebody waits for an answer to it.
    pub fn wants_answer(&self) -> bool {
        self.heard.reply.is_some()
    }

    /// Answers it. Where nobody waits for that, it does nothing. To answer every question of a subject there is
    /// [`Messages::answer`](super::Messages::answer).
    ///
    /// # Errors
    /// See [`CoreError`]. Whether the answer was taken is not known.
    pub async fn respond(&self, answer: impl Payload) -> Result<(), CoreError> {
        let encoded = answer.into_bytes();
        let payload = encoded
            .map_err(|source| CoreError::Encode { subject: self.heard.subject.clone(), source })?;
        self.send_back(Headers::new(), payload).await
    }

    /// Answers it with a refusal.
    ///
    /// # Errors
    /// See [`CoreError`]. Whether the answer was taken is not known.
    pub async fn refuse(&self, refusal: Refusal) -> Result<(), CoreError> {
        let mut headers = Headers::new();
        // What a header cannot hold is white space in it.
        let words = refusal.description().split(|c: char| c.is_control()).collect::<Vec<_>>();
        headers.insert(REFUSAL, words.join(" ").trim())?;
        headers.insert(REFUSAL_CODE, refusal.code().to_string())?;
        self.send_back(headers, Bytes::new()).await
    }

    async fn send_back(&self, headers: Headers, payload: Bytes) -> Result<(), CoreError> {
        let Some(subject) = self.heard.reply.clone() else { return Ok(()) };
        let answer = CoreMessage { subject, reply: None, headers, payload };
        let sent = self.bus.broker().respond(answer).await;
        sent.map_err(|error| CoreError::of(&self.heard.subject, error))
    }
}

impl fmt::Debug for Message {
    /// Without the payload, which may hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.heard.fmt(f)
    }
}
