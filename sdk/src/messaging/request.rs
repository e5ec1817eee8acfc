use std::borrow::Cow;
use std::pin::Pin;
use std::time::Duration;

use super::publish::{message, with_header};
use super::{CoreError, Message, Payload, REFUSAL, REFUSAL_CODE};
use crate::Tidings;
use crate::broker::CoreMessage;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A question about to be asked: `.await` it for the answer.
///
/// It is asked once. Where no answer came ([`CoreError::TimedOut`], [`CoreError::Broker`]), somebody may have acted on it, so
/// only what may happen twice is to be asked again.
///
/// ```
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), tidings::messaging::CoreError> {
/// # let bus = tidings::Tidings::embedded();
/// use tidings::messaging::{CoreError, Json, Refusal};
///
/// # let questions = bus.core().subscribe("rates.latest").group("rates").await?;
/// # let answer = async |Json(pair): Json<String>| match &*pair {
/// #     "eur.usd" => Ok(Json(1.08)),
/// #     _ => Err(Refusal::new(404, "no such pair")),
/// # };
/// # tokio::spawn(questions.answer(answer).into_future());
/// let ask = |pair| {
///     let question = bus.core().request("rates.latest", Json(pair));
///     question.header("Tenant", "acme").timeout(Duration::from_secs(1))
/// };
/// let rate = ask("eur.usd").await?.json::<f64>()?;
/// assert_eq!(rate, 1.08);
///
/// match ask("eur.xyz").await {
///     Err(CoreError::Refused { code: 404, description, .. }) => println!("{description}"),
///     Err(CoreError::NoResponders { .. }) => println!("nobody is there to answer"),
///     Err(CoreError::TimedOut { .. }) => println!("whether somebody acted on it is not known"),
///     other => drop(other?),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is asked before this is awaited"]
pub struct Request {
    bus: Tidings,
    message: Result<CoreMessage, CoreError>,
    patience: Duration,
}

impl Request {
    pub(super) fn new(bus: Tidings, subject: String, payload: impl Payload) -> Self {
        Self { bus, message: message(subject, payload), patience: PATIENCE }
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.message = with_header(self.message, name.into(), value.into());
        self
    }

    /// How long the answer is waited for, a lost connection included. Default: 5 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.patience = timeout;
        self
    }
}

impl IntoFuture for Request {
    type Output = Result<Message, CoreError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        use crate::BrokerError::TimedOut;

        Box::pin(async move {
            let Self { bus, message, patience: after } = self;
            let message = message?;
            let subject = message.subject.clone();
            let answer = match bus.broker().ask(message, after).await {
                Ok(Some(answer)) => answer,
                Ok(None) => return Err(CoreError::NoResponders { subject }),
                Err(TimedOut(_)) => return Err(CoreError::TimedOut { subject, after }),
                Err(error) => return Err(CoreError::of(&subject, error)),
            };
            if let Some(description) = answer.headers.get(REFUSAL) {
                let code = answer.headers.get(REFUSAL_CODE);
                let code = code.and_then(|code| code.parse().ok()).unwrap_or(500);
                let description = description.to_owned();
                return Err(CoreError::Refused { subject, code, description });
            }
            Ok(Message::new(bus, answer))
        })
    }
}
