use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use event_catalog::payments::v2::PaymentProcessedDeclineReason as DeclineReason;
use event_catalog::types::Money;
use tidings::Uuid;

/// A payment provider, as far as the service needs one.
pub(crate) trait Provider: Send + Sync + 'static {
    /// Takes money. Who asks again with the same key is told the same, and pays once.
    fn charge(
        &self,
        key: Uuid,
        amount: &Money,
    ) -> impl Future<Output = Result<Decision, Unreachable>> + Send;
}

/// What the provider has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The money is there; this is the provider's name for it.
    Taken {
        reference: String,
    },
    Declined(DeclineReason),
}

/// The provider does not answer. It may have heard what was asked.
#[derive(Debug, thiserror::Error)]
#[error("the payment provider does not answer")]
pub(crate) struct Unreachable;

/// What a card pays for at most, in cents.
const CARD_LIMIT: u64 = 100_000;

/// One in this process, which is away when the story wants it to. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct PretendProvider(Arc<Inner>);

#[derive(Default)]
struct Inner {
    is_away: AtomicBool,
    /// The money that was taken, by key.
    taken: Mutex<BTreeMap<Uuid, u64>>,
}

impl PretendProvider {
    /// Does not answer from now on.
    pub(crate) fn leave(&self) {
        self.0.is_away.store(true, Ordering::Relaxed);
    }

    /// Answers again.
    pub(crate) fn come_back(&self) {
        self.0.is_away.store(false, Ordering::Relaxed);
    }

    /// For how many keys it has taken money.
    pub(crate) fn payments(&self) -> usize {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl Provider for PretendProvider {
    async fn charge(&self, key: Uuid, amount: &Money) -> Result<Decision, Unreachable> {
        if self.0.is_away.load(Ordering::Relaxed) {
            return Err(Unreachable);
        }
        if amount.amount_minor > CARD_LIMIT {
            return Ok(Decision::Declined(DeclineReason::LimitExceeded));
        }
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.entry(key).or_insert(amount.amount_minor);
        Ok(Decision::Taken { reference: format!("ch_{}", key.simple()) })
    }
}
