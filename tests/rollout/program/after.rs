//! The build after it.

use rollout_after::sales::{SaleMade, SaleReturned};
use rollout_after::{CATALOG, audit, books, till};
use tidings::{Handled, Report, Tidings};

use super::{Ended, told};

pub(crate) async fn till(bus: &Tidings) -> Ended {
    bus.ensure(&CATALOG).await?;
    let publisher = till::Publisher::new(bus);
    told::selling(async |sale_id, is_return| match is_return {
        true => publisher.sale_returned(SaleReturned { sale_id, clerk: Some("Ida".into()) }).await,
        false => {
            let currency = "EUR".into();
            publisher.sale_made(SaleMade { sale_id, amount: 250, currency }).await
        }
    })
    .await?;
    Ok(Report::default())
}

struct Bookkeeper;

impl books::Entries for Bookkeeper {
    async fn sale_made(&self, _: SaleMade, cx: &books::Context) -> Handled {
        told::handled("entries", "made", cx)
    }

    async fn sale_returned(&self, _: SaleReturned, cx: &books::Context) -> Handled {
        told::handled("entries", "returned", cx)
    }
}

pub(crate) async fn books(bus: &Tidings) -> Ended {
    bus.ensure(&CATALOG).await?;
    let inbox = told::inbox(bus).await?;
    Ok(bus.run(books::Entries::subscriber(Bookkeeper)).inbox(inbox).await?)
}

struct Auditor;

impl audit::Trail for Auditor {
    async fn sale_made(&self, _: SaleMade, cx: &audit::Context) -> Handled {
        told::handled("trail", "made", cx)
    }

    async fn sale_returned(&self, _: SaleReturned, cx: &audit::Context) -> Handled {
        told::handled("trail", "returned", cx)
    }
}

impl audit::Alarm for Auditor {
    async fn sale_returned(&self, _: SaleReturned, cx: &audit::Context) -> Handled {
        told::handled("alarm", "returned", cx)
    }
}

pub(crate) async fn audit(bus: &Tidings) -> Ended {
    bus.ensure(&CATALOG).await?;
    let inbox = told::inbox(bus).await?;
    let both = bus.run(audit::Trail::subscriber(Auditor)).and(audit::Alarm::subscriber(Auditor));
    Ok(both.inbox(inbox).await?)
}
