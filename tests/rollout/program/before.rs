//! The build before the rollout.

use rollout_before::sales::{SaleMade, SaleReturned};
use rollout_before::{CATALOG, books, till};
use tidings::{Handled, Report, Tidings};

use super::{Ended, told};

pub(crate) async fn till(bus: &Tidings) -> Ended {
    bus.ensure(&CATALOG).await?;
    let publisher = till::Publisher::new(bus);
    told::selling(async |sale_id, is_return| match is_return {
        true => publisher.sale_returned(SaleReturned { sale_id }).await,
        false => publisher.sale_made(SaleMade { sale_id, total: 250 }).await,
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
