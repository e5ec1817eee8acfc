//! In Redis: a key for each event, which holds who handles it, or that it was handled. Redis itself forgets both in time.

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use redis::aio::ConnectionManager;
use redis::{Script, ScriptInvocation};
use tokio::time::Instant;
use uuid::Uuid;

use super::wait::Pauses;
use super::{InboxError, Mark, Terms};

/// Claims, or says how it stands. Asked twice by the same, it answers the same.
static ENTER: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local now = redis.call('GET', KEYS[1])
        if not now or now == ARGV[1] then
            redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
            return 1
        end
        return now == 'handled' and 2 or 0",
    )
});

/// Marks as handled, whoever may have claimed it since.
static DONE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if ARGV[1] == '' then
            redis.call('SET', KEYS[1], 'handled')
        else
            redis.call('SET', KEYS[1], 'handled', 'PX', ARGV[1])
        end
        return 1",
    )
});

static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new("return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0")
});

const CLAIMED: i64 = 1;
const HANDLED: i64 = 2;

#[derive(Clone)]
pub(super) struct Redis {
    connection: ConnectionManager,
    prefix: String,
}

#[derive(Debug)]
pub(super) struct Claim {
    redis: Redis,
    key: String,
    by: String,
    lease: Duration,
    /// Before it was asked for.
    pub(super) since: Instant,
}

impl Redis {
    pub(super) fn new(connection: ConnectionManager, prefix: String) -> Self {
        Self { connection, prefix }
    }

    /// Whether it answers.
    pub(super) async fn check(&self) -> Result<(), InboxError> {
        let mut connection = self.connection.clone();
        redis::cmd("PING").query_async::<()>(&mut connection).await?;
        Ok(())
    }

    /// None where the event was handled. Waits while somebody handles it.
    pub(super) async fn enter(
        &self,
        mark: &Mark,
        terms: &Terms,
    ) -> Result<Option<Claim>, InboxError> {
        let (key, by) = (self.key(mark), Uuid::now_v7().to_string());
        let (lease, since) = (terms.lease, Instant::now());
        let mut claim = Claim { redis: self.clone(), key, by, lease, since };
        let mut pauses = Pauses::new();
        loop {
            claim.since = Instant::now();
            match claim.enter().await? {
                CLAIMED => return Ok(Some(claim)),
                HANDLED => return Ok(None),
                _ => pauses.wait().await,
            }
        }
    }

    async fn ask(&self, script: &ScriptInvocation<'_>) -> Result<i64, InboxError> {
        Ok(script.invoke_async(&mut self.connection.clone()).await?)
    }

    /// The id's length keeps two pairs of id and source apart.
    fn key(&self, mark: &Mark) -> String {
        let Mark { subscription, source, event } = mark;
        format!("{}:{subscription}:{}:{event}:{source}", self.prefix, event.len())
    }
}

impl Claim {
    async fn enter(&self) -> Result<i64, InboxError> {
        let mut script = ENTER.key(&self.key);
        self.redis.ask(script.arg(&self.by).arg(millis(self.lease))).await
    }

    /// Says that it is still being handled. False where somebody else does so by now.
    pub(super) async fn renew(&self) -> Result<bool, InboxError> {
        Ok(self.enter().await? == CLAIMED)
    }

    pub(super) async fn done(&self, retention: Option<Duration>) -> Result<(), InboxError> {
        let kept = retention.map(|kept| millis(kept).to_string()).unwrap_or_default();
        self.redis.ask(DONE.key(&self.key).arg(kept)).await.map(drop)
    }

    pub(super) async fn release(&self) -> Result<(), InboxError> {
        self.redis.ask(RELEASE.key(&self.key).arg(&self.by)).await.map(drop)
    }
}

/// Redis refuses 0, and what is no 64-bit number together with its clock.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).clamp(1, 1 << 52)
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
