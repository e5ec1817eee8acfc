use std::error::Error;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::task::JoinSet;

use super::{CoreError, FromMessage, Message, Messages, Payload};
use crate::operations::traces;
use crate::resilience::panic::panicked;
use crate::shutdown_signal;

/// Questions that are answered at once.
const CONCURRENCY: usize = 16;

/// How long answers that have begun may take once it is to end.
const GRACE: Duration = Duration::from_secs(30);

type Answer = Pin<Box<dyn Future<Output = Result<Bytes, Refusal>> + Send>>;

/// Questions about to be answered: `.await` it, or run it [`until`](Self::until) something happens.
///
/// Awaited as it is, it runs until the process is told to end (SIGINT, SIGTERM) or the bus is closed. Whoever asks hears of
/// each failure at once, as [`CoreError::Refused`], instead of waiting in vain: of a question that cannot be read with code
/// 400, of an error or panic of the function with code 500 and no more than that, and of a [`Refusal`] with what it says.
///
/// ```
/// use tidings::messaging::{CoreError, Json, Refusal};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), CoreError> {
/// # let bus = tidings::Tidings::embedded();
/// let questions = bus.core().subscribe("stock.level").group("stock").await?;
/// let answering = questions.answer(async |Json(sku): Json<String>| match &*sku {
///     "TEAPOT" => Ok(Json(12)),
///     _ => Err(Refusal::new(404, "there is no such product")),
/// });
/// let (end, ended) = tokio::sync::oneshot::channel::<()>();
/// let answering = tokio::spawn(answering.concurrency(64).until(ended));
///
/// let level = bus.core().request("stock.level", Json("TEAPOT")).await?;
/// assert_eq!(level.json::<u32>()?, 12);
/// drop(end); // what has come is answered, and nothing new is heard
/// # answering.await.expect("no panic")?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is answered before this is awaited"]
pub struct Answering {
    messages: Messages,
    answer: Arc<dyn Fn(Message) -> Answer + Send + Sync>,
    concurrency: usize,
}

impl Answering {
    pub(super) fn new<M, F, Fut, A>(messages: Messages, answer: F) -> Self
    where
        M: FromMessage,
        F: Fn(M) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<A, Refusal>> + Send + 'static,
        A: Payload,
    {
        let answer = move |message: Message| -> Answer {
            let answering = match M::from_message(message) {
                Ok(question) => answer(question),
                Err(error) => {
                    let words =
                        error.source().map_or_else(|| error.to_string(), ToString::to_string);
                    return std::future::ready(Err(Refusal::new(400, words))).boxed();
                }
            };
            async move { Ok(answering.await?.into_bytes()?) }.boxed()
        };
        Self { messages, answer: Arc::new(answer), concurrency: CONCURRENCY }
    }

    /// How many questions are answered at once; others wait. Default: 16; at least 1.
    pub fn concurrency(mut self, most: usize) -> Self {
        self.concurrency = most.max(1);
        self
    }

    /// Answers until `end` is ready: then it listens no more, answers what has come, within 30 s, and returns.
    ///
    /// # Errors
    /// The server does not allow to listen any more: [`CoreError::Denied`].
    pub async fn until(self, end: impl Future) -> Result<(), CoreError> {
        let Self { mut messages, answer, concurrency } = self;
        let mut at_work = JoinSet::new();
        let mut end = pin!(end.fuse());
        let mut late = pin!(std::future::pending().left_future());
        let outcome = loop {
            tokio::select! {
                biased;
                _ = &mut end => {
                    messages.drain().await;
                    late.set(tokio::time::sleep(GRACE).right_future());
                }
                () = &mut late => return Ok(()),
                Some(_) = at_work.join_next() => {}
                next = messages.next(), if at_work.len() < concurrency => match next {
                    Ok(Some(message)) => _ = at_work.spawn(reply(
                        Arc::clone(&answer),
                        message,
                        messages.subject().to_owned(),
                    )),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                },
            }
        };
        let finished = async { while at_work.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GRACE, finished).await;
        outcome
    }
}

impl IntoFuture for Answering {
    type Output = Result<(), CoreError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.until(shutdown_signal()))
    }
}

impl fmt::Debug for Answering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answering")
            .field("messages", &self.messages)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// Answers one question.
async fn reply(
    answer: Arc<dyn Fn(Message) -> Answer + Send + Sync>,
    message: Message,
    subject: String,
) {
    let span = traces::answer(&subject, message.headers());
    let asked = message.clone();
    let answering = async move {
        let caught = AssertUnwindSafe(async move { answer(message).await }).catch_unwind().await;
        let outcome = caught.unwrap_or_else(|panic| {
            let words = panicked("the function that answers", &*panic);
            Err(Refusal::internal(words.into()))
        });
        let sent = match outcome {
            Ok(payload) => asked.respond(payload).await,
            Err(refusal) => {
                traces::failed(&tracing::Span::current(), "refused");
                if let Some(error) = &refusal.cause {
                    tracing::warn!(subject, %error, "a question could not be answered");
                }
                asked.refuse(refusal).await
            }
        };
        if let Err(error) = sent {
            tracing::warn!(subject, %error, "an answer was not sent");
        }
    };
    span.instrument(answering).await;
}

/// A question is not answered, and whoever asked is told so.
///
/// Any error that `?` converts is one with code 500: its words are for the log of the service, not for whoever asks. For
/// them there is [`new`](Self::new).
///
/// ```
/// use tidings::messaging::Refusal;
///
/// fn checked(quantity: u32) -> Result<u32, Refusal> {
///     match quantity {
///         0 => Err(Refusal::new(400, "nothing is ordered")), // whoever asks gets these words
///         _ => Ok(quantity),
///     }
/// }
///
/// let refusal = checked(0).expect_err("nothing is ordered");
/// assert_eq!((refusal.code(), refusal.description()), (400, "nothing is ordered"));
/// ```
///
/// Any other error becomes a refusal by `?`: with code 500, and no word of what it was.
pub struct Refusal {
    code: u16,
    description: String,
    /// What it came of.
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Refusal {
    /// A refusal with a code, like those of HTTP, and words for whoever asked.
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), cause: None }
    }

    fn internal(cause: Box<dyn Error + Send + Sync>) -> Self {
        Self { code: 500, description: "internal error".to_owned(), cause: Some(cause) }
    }

    /// Its code.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Its words.
    pub fn description(&self) -> &str {
        &self.description
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::internal(error.into())
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("code", &self.code)
            .field("description", &self.description)
            .field("cause", &self.cause)
            .finish()
    }
}
