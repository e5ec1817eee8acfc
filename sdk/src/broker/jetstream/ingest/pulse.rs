//! Signs of life for a load that waits for its next message: a server forgets one that is silent for ten seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::Subject;
use bytes::Bytes;
use tokio::task::AbortHandle;

use super::{Operation, Replies};
use crate::broker::jetstream::{JetStream, Library};

const PULSE: Duration = Duration::from_secs(3);

/// Beats until it is dropped.
#[derive(Debug)]
pub(super) struct Pulse(AbortHandle);

impl Pulse {
    /// Begins to beat. `sent` is how many messages were handed to the library, in this order: a sign of life that named one of
    /// which the server knows nothing would be a gap.
    pub(super) fn begin(
        broker: &JetStream,
        library: Arc<Library>,
        replies: Replies,
        subject: Subject,
        sent: Arc<AtomicU64>,
    ) -> Self {
        let beating = async move {
            loop {
                tokio::time::sleep(PULSE).await;
                let reply = replies.of(sent.load(Ordering::Acquire), Operation::Ping);
                let said = library.client.publish_with_reply(subject.clone(), reply, Bytes::new());
                let _ = said.await;
            }
        };
        Self(broker.connection.waiting().spawn(beating))
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.0.abort();
    }
}
