use std::path::Path;

use event_catalog::ddmrp;
use event_catalog::types::NetFlow;
use tidings::outbox::{OutboxError, SqliteOutbox};
use tidings::{Date, Run, Tidings, Uuid};

use super::books::{self, Place};
use super::buffer::{Buffer, Profile};
use super::desk::Desk;
use super::zones::average_daily_usage;
use super::{product_settings, supply_and_demand};
use crate::calendar::days_before;
use crate::database::Database;
use crate::journal::Journal;

/// Past days that average daily usage is taken from.
const WINDOW_DAYS: u64 = 20;

/// The planning service: sizes the buffers and watches them.
pub struct Ddmrp {
    database: Database,
    desk: Desk,
    publisher: ddmrp::Publisher,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DdmrpError {
    /// The catalog has not told of it, or not yet.
    #[error("the product {0} is not known")]
    UnknownProduct(Uuid),
    /// There is a buffer of this product in this warehouse.
    #[error("the product {product_id} has a buffer in {warehouse}")]
    Buffered {
        /// The product.
        product_id: Uuid,
        /// The warehouse.
        warehouse: String,
    },
    /// The database does not do what it is asked.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// What is to be told breaks the catalog's schema, or cannot be written.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
}

/// How a buffer stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The buffer.
    pub buffer: Buffer,
    /// Its supply and demand.
    pub net_flow: NetFlow,
    /// Its planning priority: the lower, the more urgent.
    pub percent_of_green: f64,
}

impl Ddmrp {
    /// Opens the service on its database.
    ///
    /// # Errors
    /// The file cannot be used.
    pub async fn open(bus: &Tidings, path: &Path) -> anyhow::Result<Self> {
        let database = Database::open(path, books::SCHEMA).await?;
        let desk = Desk { outbox: database.outbox.clone() };
        Ok(Self { database, desk, publisher: ddmrp::Publisher::new(bus) })
    }

    /// What the service has to say to the world, and has not said yet.
    pub fn outbox(&self) -> &SqliteOutbox {
        &self.database.outbox
    }

    /// The service's subscriptions, about to run.
    pub fn run(&self, bus: &Tidings, journal: &Journal) -> Run {
        bus.run(supply_and_demand::subscriber())
            .and(product_settings::subscriber())
            .state(self.desk.clone())
            .state(journal.clone())
            .inbox(self.database.inbox.clone())
    }

    /// Begins to buffer a product in a warehouse, on a planning day.
    ///
    /// # Errors
    /// The product is not known or has a buffer there, or the database fails.
    pub async fn open_buffer(
        &self,
        organization: &str,
        product_id: Uuid,
        warehouse: &str,
        profile: Profile,
        today: Date,
    ) -> Result<Uuid, DdmrpError> {
        let mut change = self.database.begin().await?;
        let part = books::part(&mut change, organization, product_id).await?;
        let part = part.ok_or(DdmrpError::UnknownProduct(product_id))?;
        let place = Place { organization, product_id, warehouse };
        if books::buffer(&mut change, place).await?.is_some() {
            return Err(DdmrpError::Buffered { product_id, warehouse: warehouse.to_owned() });
        }
        let mut buffer = Buffer::open(product_id, warehouse, profile, part, today);
        let publisher = self.publisher.clone().organization(organization);
        self.desk.resize(&mut change, &publisher, organization, &mut buffer).await?;
        change.commit().await?;
        Ok(buffer.buffer_id)
    }

    /// Sizes all buffers for a planning day, by what was used until then. Done once a day, before anybody orders.
    ///
    /// # Errors
    /// The database fails.
    pub async fn plan(&self, organization: &str, today: Date) -> Result<(), DdmrpError> {
        let publisher = self.publisher.clone().organization(organization);
        let mut change = self.database.begin().await?;
        for mut buffer in books::buffers(&mut change, organization).await? {
            let first = days_before(today, WINDOW_DAYS).max(buffer.opened_on);
            let place = Place::of(organization, &buffer);
            let used = books::used(&mut change, place, first, today).await?;
            let sold_days = first.duration_until(today).as_hours().unsigned_abs() / 24;
            let forecast = buffer.profile().forecast;
            buffer.plan(today, average_daily_usage(WINDOW_DAYS, sold_days, used, forecast));
            self.desk.resize(&mut change, &publisher, organization, &mut buffer).await?;
        }
        Ok(change.commit().await?)
    }

    /// The planning board: the buffers of an organization, the most urgent first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn board(&self, organization: &str) -> Result<Vec<Standing>, DdmrpError> {
        let mut db = self.database.pool.acquire().await?;
        let mut board = Vec::new();
        for buffer in books::buffers(&mut db, organization).await? {
            let place = Place::of(organization, &buffer);
            let flow = books::flow(&mut db, place, buffer.planned_on, buffer.spike_rule()).await?;
            let percent_of_green = buffer.tops().percent_of_green(flow.position);
            board.push(Standing { buffer, net_flow: flow, percent_of_green });
        }
        board.sort_by(|one, other| one.percent_of_green.total_cmp(&other.percent_of_green));
        Ok(board)
    }
}
