use event_catalog::ddmrp::Service;
use sqlx::SqliteConnection;
use tidings::outbox::{OutboxError, SqliteOutbox};
use tidings::{Publisher, Uuid};

use super::books::{self, Place};
use super::buffer::{Buffer, Review};

/// The planners' desk, which commands and handlers share: looks at a buffer when something has changed, and has told what it
/// finds, in the transaction of that change.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) outbox: SqliteOutbox,
}

impl Desk {
    /// Supply or demand of these products has changed. Those without a buffer are nobody's business.
    pub(super) async fn look(
        &self,
        db: &mut SqliteConnection,
        publisher: &Publisher<Service>,
        organization: &str,
        products: &[Uuid],
        warehouse: &str,
    ) -> Result<(), OutboxError> {
        for &product_id in products {
            let place = Place { organization, product_id, warehouse };
            if let Some(mut buffer) = books::buffer(db, place).await? {
                self.review(db, publisher, organization, &mut buffer).await?;
            }
        }
        Ok(())
    }

    /// A buffer has another size.
    pub(super) async fn resize(
        &self,
        db: &mut SqliteConnection,
        publisher: &Publisher<Service>,
        organization: &str,
        buffer: &mut Buffer,
    ) -> Result<(), OutboxError> {
        let place = Place::of(organization, buffer);
        let flow = books::flow(db, place, buffer.planned_on, buffer.spike_rule()).await?;
        self.outbox.publish(db, publisher.publish(buffer.calculated(flow))).await?;
        self.review(db, publisher, organization, buffer).await
    }

    async fn review(
        &self,
        db: &mut SqliteConnection,
        publisher: &Publisher<Service>,
        organization: &str,
        buffer: &mut Buffer,
    ) -> Result<(), OutboxError> {
        let place = Place::of(organization, buffer);
        let flow = books::flow(db, place, buffer.planned_on, buffer.spike_rule()).await?;
        let Review { status_changed, alerts } = buffer.review(&flow);
        books::keep(db, organization, buffer).await?;
        if let Some(change) = status_changed {
            self.outbox.publish(db, publisher.publish(change)).await?;
        }
        for alert in alerts {
            self.outbox.publish(db, publisher.publish(alert)).await?;
        }
        Ok(())
    }
}
