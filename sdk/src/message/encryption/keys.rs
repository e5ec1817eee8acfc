use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{EncryptionError, KeyError, KeyId, KeyProvider, Lookup};

/// How long an answer is kept unless it is said otherwise.
const FRESH: Duration = Duration::from_secs(30);
/// With so many answers, those that are not fresh any more are thrown away.
const MANY: usize = 4096;

/// A [`KeyProvider`], and how long its answers are taken for true: for so long, an organization whose keys were deleted can
/// still be read by a process that has read it before. 30 seconds by default.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use tidings::Tidings;
/// use tidings::encryption::{Keys, MemoryKeys};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # let _guard = runtime.enter();
/// let provider = Arc::new(MemoryKeys::new());
/// let bus = Tidings::embedded();
/// bus.set_keys(Keys::shared(provider.clone()).fresh_for(Duration::from_secs(5)));
/// bus.set_keys(Keys::new(MemoryKeys::new())); // the same as `bus.set_keys(MemoryKeys::new())`
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Keys {
    provider: Arc<dyn KeyProvider>,
    fresh: Duration,
    answers: Mutex<HashMap<Wanted, (Lookup, Instant)>>,
}

/// The current key of an organization, or one of its keys.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Wanted {
    organization: String,
    id: Option<KeyId>,
}

impl Keys {
    /// With this provider.
    pub fn new(provider: impl KeyProvider) -> Self {
        Self::shared(Arc::new(provider))
    }

    /// With a provider that others have too.
    pub fn shared(provider: Arc<dyn KeyProvider>) -> Self {
        Self { provider, fresh: FRESH, answers: Mutex::default() }
    }

    /// For how long an answer is taken for true; with zero, every event asks.
    #[must_use]
    pub fn fresh_for(mut self, fresh: Duration) -> Self {
        self.fresh = fresh;
        self
    }

    /// The key to encrypt with.
    pub(super) async fn current(&self, organization: &str) -> Result<Lookup, EncryptionError> {
        self.ask(Wanted { organization: organization.to_owned(), id: None }).await
    }

    /// The key with this id.
    pub(super) async fn key(
        &self,
        organization: &str,
        id: KeyId,
    ) -> Result<Lookup, EncryptionError> {
        self.ask(Wanted { organization: organization.to_owned(), id: Some(id) }).await
    }

    async fn ask(&self, wanted: Wanted) -> Result<Lookup, EncryptionError> {
        let known = self.answers().get(&wanted).cloned();
        if let Some((answer, at)) = known
            && at.elapsed() < self.fresh
        {
            return Ok(answer);
        }
        let asked = Instant::now();
        let answer = match &wanted.id {
            None => self.provider.current(&wanted.organization).await,
            Some(id) => self.provider.key(&wanted.organization, id).await,
        };
        let answer = answer.map_err(|error: KeyError| EncryptionError::Keys {
            organization: wanted.organization.clone(),
            source: Box::new(error),
        })?;
        let mut answers = self.answers();
        if answers.len() >= MANY {
            answers.retain(|_, (_, at)| at.elapsed() < self.fresh);
        }
        // Not more than so many, even if all are fresh.
        if answers.len() < MANY {
            answers.insert(wanted, (answer.clone(), asked));
        }
        Ok(answer)
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<Wanted, (Lookup, Instant)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<P: KeyProvider> From<P> for Keys {
    fn from(provider: P) -> Self {
        Self::new(provider)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("fresh", &self.fresh).finish_non_exhaustive()
    }
}
