use std::time::Duration;

/// Something that goes wrong, once, between a service and the embedded broker.
///
/// ```
/// use event_catalog::user_profile;
/// use tidings::testing::{self, Fault};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (bus, faults) = testing::embedded();
/// bus.ensure(&event_catalog::CATALOG).await?;
/// let publisher = user_profile::Publisher::new(&bus).organization("acme");
/// faults.inject(Fault::DiskFull);
/// let published = publisher.user_created(testing::example()).await?; // tried again until there is room
/// assert!(!published.duplicate);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A publish does not reach the broker: nothing is stored, and no answer comes.
    PublishLost,
    /// A publish is stored, and the answer is lost on its way back.
    PublishAnswerLost,
    /// A publish reaches the broker late: after 5 s its publisher no longer waits for the answer, and it is stored all
    /// the same.
    PublishDelayed(Duration),
    /// The disk is full: the stream refuses a publish with JetStream's code 10077.
    DiskFull,
    /// The servers have not agreed yet upon another message that is in the way: a publish that expects a last sequence is a
    /// conflict with something that nobody can read, and any other is refused with JetStream's code 10158.
    PublishContended,
    /// A delivery is lost on its way. It comes again after the subscription's ack wait.
    DeliveryLost,
    /// A delivery arrives late, while its ack wait runs.
    DeliveryDelayed(Duration),
    /// A message is delivered a second time at once, as further attempt.
    DeliveryDuplicated,
    /// A delivery comes behind the one that follows it or, where none does, a tenth of a second late.
    DeliveryReordered,
    /// Somebody else terminates a delivery before it arrives: it comes no more, and a [sweeper](crate::Sweep) finds it.
    DeliveryTerminated,
    /// An acknowledgement, or another settlement, does not reach the broker, and no answer comes.
    SettlementLost,
    /// A settlement reaches the broker, and the answer is lost on its way back.
    SettlementAnswerLost,
    /// The instance is gone before it can acknowledge: its run ends with
    /// [`RunError::Subscription`](crate::RunError::Subscription), and nothing that the subscription has at hand is settled.
    /// The deliveries come again after the ack wait, to whoever runs the subscription then.
    CrashBeforeAck,
    /// The connection is lost for so long, before the answer to a publish or a settlement, or a delivery, arrives.
    Disconnect(Duration),
}

/// Where a fault can strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::broker::embedded) enum Point {
    Publish,
    Delivery,
    Ack,
    /// What settles a delivery and is no acknowledgement.
    OtherSettlement,
}

impl Fault {
    pub(super) fn strikes(self, point: Point) -> bool {
        match self {
            Self::PublishLost
            | Self::PublishAnswerLost
            | Self::PublishDelayed(_)
            | Self::DiskFull
            | Self::PublishContended => point == Point::Publish,
            Self::DeliveryLost
            | Self::DeliveryDelayed(_)
            | Self::DeliveryDuplicated
            | Self::DeliveryReordered
            | Self::DeliveryTerminated => point == Point::Delivery,
            Self::SettlementLost | Self::SettlementAnswerLost => {
                matches!(point, Point::Ack | Point::OtherSettlement)
            }
            Self::CrashBeforeAck => point == Point::Ack,
            Self::Disconnect(_) => true,
        }
    }
}
