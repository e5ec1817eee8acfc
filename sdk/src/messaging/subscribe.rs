use std::fmt;
use std::pin::Pin;

use super::answer::{Answering, Refusal};
use super::{CoreError, FromMessage, Message, Payload, subject};
use crate::Tidings;
use crate::broker::Listening;

/// A subscription about to begin: `.await` it. What is sent once that has returned is heard.
///
/// ```
/// use tidings::messaging::CoreError;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), CoreError> {
/// # let bus = tidings::Tidings::embedded();
/// let everybody = bus.core().subscribe("presence.>").await?; // every instance hears every message
/// let one_of_us = bus.core().subscribe("jobs.render").group("renderers").await?; // one of the group hears each
/// # drop((everybody, one_of_us));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is heard before this is awaited"]
pub struct Subscribe {
    bus: Tidings,
    subject: String,
    group: Option<String>,
}

impl Subscribe {
    pub(super) fn new(bus: Tidings, subject: String) -> Self {
        Self { bus, subject, group: None }
    }

    /// Shares the messages with all who listen as this group: one of them hears each. Usually the name of the service.
    pub fn group(mut self, name: impl Into<String>) -> Self {
        self.group = Some(name.into());
        self
    }
}

impl IntoFuture for Subscribe {
    type Output = Result<Messages, CoreError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { bus, subject, group } = self;
            subject::check_pattern(&subject)?;
            group.as_deref().map_or(Ok(()), subject::check_group)?;
            match bus.broker().listen(&subject, group.as_deref()).await {
                Ok(listening) => Ok(Messages { bus, subject, listening }),
                Err(error) => Err(CoreError::of(&subject, error)),
            }
        })
    }
}

/// What is heard on a subject, in the order of each sender.
///
/// It goes on through reconnects; what is sent while there is no connection is not heard. Up to 65,536 messages wait to be
/// taken; what comes beyond them is dropped, with a warning in the log. Dropping it ends the subscription, and so does the
/// end of the bus.
///
/// ```
/// use tidings::messaging::{CoreError, Json};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), CoreError> {
/// # let bus = tidings::Tidings::embedded();
/// let mut jobs = bus.core().subscribe("jobs.render").group("renderers").await?;
/// bus.core().publish("jobs.render", Json("page-7")).await?;
/// jobs.drain().await; // nothing new is heard; what has come already is handed out
/// while let Some(job) = jobs.next().await? {
///     println!("to render: {}", job.json::<String>()?);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "what is not taken is not heard"]
pub struct Messages {
    bus: Tidings,
    subject: String,
    listening: Listening,
}

impl Messages {
    /// The next message; none once the subscription was [drained](Self::drain) or the bus closed, and all that came before
    /// was taken. Safe to cancel: nothing is lost.
    ///
    /// # Errors
    /// The server does not allow it any more: [`CoreError::Denied`].
    pub async fn next(&mut self) -> Result<Option<Message>, CoreError> {
        match self.listening.next().await {
            Ok(heard) => Ok(heard.map(|heard| Message::new(self.bus.clone(), heard))),
            Err(error) => Err(CoreError::of(&self.subject, error)),
        }
    }

    /// Ends the subscription: nothing new is heard, and [`next`](Self::next) gives what has come already.
    pub async fn drain(&mut self) {
        self.listening.stop().await;
    }

    /// Answers every message with what a function makes of it, several at once; see [`Answering`]. The function takes a
    /// [`Message`], its bytes, or a value as [`Json`](super::Json), and answers with what can be sent.
    ///
    /// ```
    /// use tidings::messaging::{CoreError, Json};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), CoreError> {
    /// # let bus = tidings::Tidings::embedded();
    /// let questions = bus.core().subscribe("math.double").await?;
    /// let answering = questions.answer(async |Json(n): Json<i64>| Ok(Json(2 * n)));
    /// let answering = tokio::spawn(answering.into_future());
    /// let answer = bus.core().request("math.double", Json(21)).await?;
    /// assert_eq!(answer.json::<i64>()?, 42);
    /// # answering.abort();
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer<M, F, Fut, A>(self, answer: F) -> Answering
    where
        M: FromMessage,
        F: Fn(M) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A, Refusal>> + Send + 'static,
        A: Payload,
    {
        Answering::new(self, answer)
    }

    pub(super) fn subject(&self) -> &str {
        &self.subject
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("subject", &self.subject).finish_non_exhaustive()
    }
}
