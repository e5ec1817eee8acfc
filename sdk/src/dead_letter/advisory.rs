use jiff::Timestamp;
use serde::Deserialize;

use super::Reason;
use super::store::BURIED;

/// The server's word that it delivers a message to a consumer no more.
#[derive(Debug, Deserialize)]
pub(super) struct Advisory {
    #[serde(rename = "type")]
    kind: String,
    pub(super) timestamp: Timestamp,
    pub(super) stream: String,
    pub(super) consumer: String,
    /// The message's place in the stream.
    pub(super) stream_seq: u64,
    #[serde(default)]
    pub(super) deliveries: u64,
    /// What whoever terminated the delivery gave as a reason.
    #[serde(default)]
    reason: String,
}

impl Advisory {
    /// Why the server gave up; none where the runtime told it to, because the dead letter is stored.
    pub(super) fn cause(&self) -> Option<(Reason, String)> {
        if self.kind.ends_with(".max_deliver") {
            let words = format!("the server gave up after {} deliveries", self.deliveries);
            return Some((Reason::MaxDeliveries, words));
        }
        if self.reason.starts_with(BURIED) {
            return None;
        }
        let words = match self.reason.as_str() {
            "" => "somebody terminated its delivery and gave no reason".to_owned(),
            reason => format!("somebody terminated its delivery: {reason}"),
        };
        Some((Reason::Terminated, words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advisory(kind: &str, reason: &str) -> Advisory {
        serde_json::from_value(serde_json::json!({
            "type": format!("io.nats.jetstream.advisory.v1.{kind}"),
            "id": "x",
            "timestamp": "2026-01-15T10:00:00Z",
            "stream": "ORDERS_EVENTS",
            "consumer": "billing-invoicing",
            "consumer_seq": 3,
            "stream_seq": 17,
            "deliveries": 5,
            "reason": reason,
        }))
        .expect("an advisory")
    }

    #[test]
    fn what_the_runtime_terminated_itself_is_no_cause() {
        let cause = |kind, reason: &str| advisory(kind, reason).cause();
        assert_eq!(cause("terminated", &format!("{BURIED}failed")), None);
        let (reason, words) = cause("terminated", "by ann").expect("a cause");
        assert_eq!((reason, words.contains("by ann")), (Reason::Terminated, true));
        assert!(cause("terminated", "").is_some());
        let (reason, words) = cause("max_deliver", "").expect("a cause");
        assert_eq!((reason, words.contains("5 deliveries")), (Reason::MaxDeliveries, true));
    }
}
