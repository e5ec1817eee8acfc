//! What pages show of a member where the whole profile would be too much: asked and answered on core NATS.
//!
//! A question is worth nothing once its page is gone, and a stale copy nothing to tell anybody about who does not keep one: no
//! stream need hold them. A message that is lost costs no more than a copy that stays for [`FRESH`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings::Uuid;
use tidings::messaging::{Core, CoreError, Json, Messages, Refusal};
use tokio::time::Instant;

use crate::ports::Profiles;

/// Who asks for a card: any instance answers.
const CARD: &str = "user_profile.card";
/// Which card has changed: every instance listens.
const STALE: &str = "user_profile.card.stale";
/// The service, whose instances share the questions.
const GROUP: &str = "user_profile";

/// How long an instance keeps a copy, whatever it hears.
pub const FRESH: Duration = Duration::from_secs(30);

/// A member on a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What they are called.
    pub full_name: String,
    /// Where their picture is shown from.
    pub avatar_url: Option<String>,
}

/// Asks for a member's card.
///
/// # Errors
/// Nobody answers, or not in time.
pub async fn ask(core: &Core, user_id: Uuid) -> Result<Option<Card>, CoreError> {
    match core.request(CARD, Json(user_id)).await {
        Ok(answer) => answer.json().map(Some),
        Err(CoreError::Refused { code: 404, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Says that a member's card has changed. Who does not hear it has a stale copy for a while, which is no reason to fail.
pub async fn stale(core: &Core, user_id: Uuid) {
    if let Err(error) = core.publish(STALE, Json(user_id)).await {
        tracing::warn!(%error, "nobody knows that a card is stale");
    }
}

/// An instance that answers for cards, and keeps copies of those that it was asked for.
pub struct Cards {
    profiles: Arc<dyn Profiles>,
    copies: Mutex<HashMap<Uuid, (Instant, Card)>>,
    /// Questions that were answered, and those of them for which a copy was there.
    answered: AtomicU64,
    from_copies: AtomicU64,
}

/// Both subjects of an instance, listened to.
pub struct Listening {
    cards: Arc<Cards>,
    questions: Messages,
    stale: Messages,
}

impl Cards {
    /// Answers from these profiles.
    pub fn new(profiles: Arc<dyn Profiles>) -> Arc<Self> {
        let (answered, from_copies) = <(AtomicU64, AtomicU64)>::default();
        Arc::new(Self { profiles, copies: Mutex::default(), answered, from_copies })
    }

    /// Listens from now on.
    ///
    /// # Errors
    /// The broker is away, or does not allow it.
    pub async fn listen(self: &Arc<Self>, core: &Core) -> Result<Listening, CoreError> {
        let stale = core.subscribe(STALE).await?;
        let questions = core.subscribe(CARD).group(GROUP).await?;
        Ok(Listening { cards: Arc::clone(self), questions, stale })
    }

    /// How many questions it has answered, and how many of them from a copy.
    pub fn answered(&self) -> (u64, u64) {
        (self.answered.load(Ordering::Relaxed), self.from_copies.load(Ordering::Relaxed))
    }

    async fn answer(&self, user_id: Uuid) -> Result<Json<Card>, Refusal> {
        self.answered.fetch_add(1, Ordering::Relaxed);
        if let Some(card) = self.copy(user_id) {
            self.from_copies.fetch_add(1, Ordering::Relaxed);
            return Ok(Json(card));
        }
        let profile = self.profiles.find(user_id).await?.unwrap_or_default();
        let details = profile.details.ok_or_else(|| Refusal::new(404, "no such member"))?;
        let avatar_url = profile.picture.map(|picture| picture.avatar_url);
        let card = Card { full_name: details.full_name, avatar_url };
        self.copies().insert(user_id, (Instant::now(), card.clone()));
        Ok(Json(card))
    }

    fn copy(&self, user_id: Uuid) -> Option<Card> {
        let mut copies = self.copies();
        copies.retain(|_, (made, _)| made.elapsed() < FRESH);
        copies.get(&user_id).map(|(_, card)| card.clone())
    }

    fn copies(&self) -> MutexGuard<'_, HashMap<Uuid, (Instant, Card)>> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listening {
    /// Answers questions and drops stale copies until `end` is ready, or the bus is closed.
    ///
    /// # Errors
    /// The server does not allow it any more.
    pub async fn until(self, end: impl Future) -> Result<(), CoreError> {
        let Self { cards, questions, mut stale } = self;
        let copies = Arc::clone(&cards);
        let dropping = async {
            while let Some(message) = stale.next().await? {
                match message.json::<Uuid>() {
                    Ok(user_id) => _ = copies.copies().remove(&user_id),
                    // Whoever may send there may send anything.
                    Err(error) => tracing::warn!(%error, "not the id of a member"),
                }
            }
            Ok(())
        };
        let answering = questions.answer(move |Json(user_id)| {
            let cards = Arc::clone(&cards);
            async move { cards.answer(user_id).await }
        });
        tokio::select! {
            answered = answering.until(end) => answered,
            dropped = dropping => dropped,
        }
    }
}
