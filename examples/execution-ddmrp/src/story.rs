//! What happens in the warehouse on Monday and Tuesday.

use std::time::{Duration, Instant};

use console::Style;
use event_catalog::catalog;
use event_catalog::types::ProductQuantity;
use execution_ddmrp::calendar::days_after;
use execution_ddmrp::catalog::Assortment;
use execution_ddmrp::platform::Platform;
use execution_ddmrp::proof::{Absence, Proof, Stored};
use execution_ddmrp::samples::{self, Item, MONDAY, TUESDAY, WAREHOUSE};
use execution_ddmrp::trade::{Article, Trade};
use sample_program::{Connections, heading, say};
use tidings::{Report, Service as _, Timestamp, Uuid};
use tokio::time::interval;

use crate::broker::Broker;
use crate::{board, report};

/// How often a customer orders on a busy day.
const PACE: Duration = Duration::from_millis(40);
/// After so many orders, a lorry is at the gate.
const LORRY: u64 = 10;
/// So many times all suppliers deliver after the last order, at most: far more than it takes.
const ROUNDS: u32 = 20;

/// Tells the story from the first product to the last figure.
pub(crate) async fn tell(
    connections: &Connections,
    broker: &mut Broker,
    orders: u64,
) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("execution-ddmrp-").tempdir()?;
    let (platform, mut running) = Platform::start(connections, folder.path()).await?;
    // A server may have events of earlier runs: each run is an organization of its own.
    let organization = format!("acme-{}", &Uuid::now_v7().simple().to_string()[26..]);
    let scenes = Scenes { platform: &platform, organization: &organization };
    let told = tokio::select! {
        told = scenes.play(broker, orders) => told,
        error = running.failed() => Err(error),
        () = tidings::shutdown_signal() => Err(anyhow::anyhow!("interrupted")),
    };
    // However that went, the broker is left as it was found.
    let started = broker.start().await;
    let report = running.end().await;
    told.and(started)?;
    let Report { handled, repeated, retried, dead_lettered, .. } = report?;
    heading("Deliveries");
    say(format_args!(
        "  {handled} handled, {repeated} come again and known, {retried} failed and tried again, \
         {dead_lettered} dead-lettered"
    ));
    Ok(())
}

struct Scenes<'a> {
    platform: &'a Platform,
    organization: &'a str,
}

impl Scenes<'_> {
    async fn play(&self, broker: &mut Broker, orders: u64) -> anyhow::Result<()> {
        let begun = Instant::now();
        self.platform.journal.read_to(move |service, what| {
            let elapsed = begun.elapsed().as_secs_f64();
            let service = style_of(service).apply_to(format!("{service:<9}"));
            say(format_args!("{elapsed:>8.3} s  {service}  {what}"));
        });
        heading("Products, told by the catalog, and a buffer of each");
        let bus = self.platform.connections.of(catalog::Service::SPEC);
        let assortment = Assortment::of(bus, self.organization);
        let supplier = samples::supplier();
        let supplier_id = supplier.supplier_id;
        assortment.add_supplier(supplier).await?;
        let mug = self.add(&assortment, samples::mug(supplier_id)).await?;
        let teapot = self.add(&assortment, samples::teapot(supplier_id)).await?;
        let machine = self.add(&assortment, samples::espresso_machine(supplier_id)).await?;
        self.show().await?;

        heading("Monday: a customer orders 270 mugs for today");
        let monday = self.trade(MONDAY);
        let first = monday.sell(&mug, 270, MONDAY).await?;
        self.platform.settled().await?;
        monday.send(first).await?;
        monday.receive_all().await?;
        self.show().await?;

        heading(
            "A customer orders 320 mugs for Thursday, which is a spike, and 40 for Friday, which is none",
        );
        let [thursday, friday] = [3, 4].map(|days| days_after(MONDAY, days));
        monday.sell(&mug, 320, thursday).await?;
        monday.sell(&mug, 40, friday).await?;
        self.show().await?;

        heading("The catalog: teapots take 14 days to come from now on, not 5");
        let mut product = samples::teapot(supplier_id).product;
        product.lead_time_days = 14;
        assortment.change(teapot.product_id, product, &["lead_time_days"]).await?;
        self.show().await?;

        heading("Tuesday: every buffer is sized by what was used until today");
        self.platform.ddmrp.plan(self.organization, TUESDAY).await?;
        self.trade(TUESDAY).receive_all().await?;
        self.show().await?;

        heading("Somebody orders 40 espresso machines by hand, which is too many");
        let machines = ProductQuantity { product_id: machine.product_id, quantity: 40 };
        let Platform { execution, .. } = self.platform;
        execution.buy(self.organization, machines, WAREHOUSE, TUESDAY).await?;
        self.show().await?;

        let absence = self.busy_day(broker, orders, &[mug, teapot, machine]).await?;
        self.show().await?;

        let proof = Proof::of(self.platform, self.organization).await?;
        heading("What led to what: the first order of mugs, until the stock was there again");
        chain(&proof.stored, &first.to_string());
        heading("Analytics");
        self.analytics();
        heading("Events");
        report::events(&proof);
        heading("What was asked, and what was measured");
        report::criteria(&proof, absence.as_ref());
        self.books_agree().await?;
        proof.holds()
    }

    /// Sells what is there and orders what is not, while the broker is stopped for the middle third.
    async fn busy_day(
        &self,
        broker: &mut Broker,
        orders: u64,
        articles: &[Article; 3],
    ) -> anyhow::Result<Option<Absence>> {
        heading(&format!("A busy Tuesday: {orders} orders. In the middle, {}", broker.fate()));
        self.platform.journal.silence();
        let tuesday = self.trade(TUESDAY);
        let mut customers = interval(PACE);
        let (mut stopped, mut back) = (None, None);
        for number in 0..orders {
            customers.tick().await;
            if number == orders / 3 {
                stopped = Some(Timestamp::now());
                broker.stop().await?;
            }
            if number == orders * 2 / 3 {
                broker.start().await?;
                back = Some(Timestamp::now());
            }
            let (article, quantity) = match number % 10 {
                0..=5 => (&articles[0], 4 + number % 7),
                6..=8 => (&articles[1], 1 + number % 3),
                _ => (&articles[2], 1),
            };
            let order = tuesday.sell(article, quantity, TUESDAY).await?;
            tuesday.send(order).await?;
            if number % LORRY == 0 {
                tuesday.receive_all().await?;
                tuesday.send_all().await?;
            }
        }
        for _ in 0..ROUNDS {
            self.platform.settled().await?;
            if (tuesday.receive_all().await?, tuesday.send_all().await?) == (0, 0) {
                break;
            }
        }
        let waiting = self.platform.execution.unshipped(self.organization).await?.len();
        anyhow::ensure!(waiting == 0, "{waiting} customers still wait");
        say("  everybody has what they ordered");
        let absence = stopped.zip(back).filter(|_| broker.is_ours());
        Ok(absence.map(|(stopped, back)| Absence { stopped, back }))
    }

    /// A product, with what is there of it, and a buffer.
    async fn add(&self, assortment: &Assortment, item: Item) -> anyhow::Result<Article> {
        let Item { product, profile, stock, price } = item;
        let sku = product.sku.clone();
        let product_id = assortment.add(product).await?;
        let Platform { execution, ddmrp, journal, .. } = self.platform;
        journal.call(product_id, &sku);
        execution.count(self.organization, product_id, WAREHOUSE, stock).await?;
        self.platform.settled().await?;
        ddmrp.open_buffer(self.organization, product_id, WAREHOUSE, profile, MONDAY).await?;
        Ok(Article { product_id, price })
    }

    fn trade(&self, today: tidings::Date) -> Trade<'_> {
        Trade { execution: &self.platform.execution, organization: self.organization, today }
    }

    /// Waits until nothing more comes of what was done, and shows the planning board.
    async fn show(&self) -> anyhow::Result<()> {
        self.platform.settled().await?;
        let standings = self.platform.ddmrp.board(self.organization).await?;
        board::show(&self.platform.journal, &standings);
        Ok(())
    }

    fn analytics(&self) {
        let Platform { insights, journal, .. } = self.platform;
        for (_, (orders, cents)) in insights.purchasing.by_supplier() {
            let (euros, cents) = (cents / 100, cents % 100);
            say(format_args!("  {orders} purchase orders for {euros}.{cents:02} EUR"));
        }
        for (product_id, history) in insights.buffers.by_product() {
            let entered = history.entered.iter().map(|(zone, count)| format!("{count} × {zone}"));
            let entered = entered.collect::<Vec<_>>().join(", ");
            let (name, sized) = (journal.name(product_id), history.sized);
            say(format_args!("  {name:<13} sized {sized} times; entered {entered}"));
        }
    }

    /// The planner's books are those of the warehouse: they are kept from nothing but events.
    async fn books_agree(&self) -> anyhow::Result<()> {
        let Platform { execution, ddmrp, journal, .. } = self.platform;
        let outstanding = execution.outstanding(self.organization).await?;
        for standing in ddmrp.board(self.organization).await? {
            let product_id = standing.buffer.product_id;
            let on_hand = execution.on_hand(self.organization, product_id, WAREHOUSE).await?;
            let lines = outstanding.iter().flat_map(|order| &order.lines);
            let on_order = lines.filter(|line| line.product_id == product_id);
            let on_order: u64 = on_order.map(|line| line.quantity).sum();
            let (there, planned) = ((on_hand, on_order), &standing.net_flow);
            anyhow::ensure!(
                there == (planned.on_hand, planned.on_order),
                "of {}, {there:?} are on hand and on order, and the planner has {planned:?}",
                journal.name(product_id)
            );
        }
        say("  the planner's books, kept from nothing but events, are those of the warehouse");
        Ok(())
    }
}

/// The events of a chain, each below the one that led to it.
fn chain(stored: &[Stored], correlation: &str) {
    let chain: Vec<&Stored> = stored
        .iter()
        .filter(|event| event.correlation_id.as_deref() == Some(correlation))
        .collect();
    let mut first: Vec<&Stored> =
        chain.iter().copied().filter(|event| event.causation_id.is_none()).collect();
    first.sort_by_key(|event| event.happened);
    for event in first {
        branch(&chain, event, 2);
    }
}

fn branch(chain: &[&Stored], event: &Stored, indent: usize) {
    let Stored { event_type, publisher, .. } = event;
    let publisher = style_of(publisher).apply_to(format!("{publisher:<9}"));
    say(format_args!("  {publisher}{:indent$}{event_type}", ""));
    for next in chain.iter().filter(|next| next.causation_id.as_deref() == Some(&event.id)) {
        branch(chain, next, indent + 2);
    }
}

fn style_of(service: &str) -> Style {
    match service {
        "execution" => Style::new().cyan(),
        "ddmrp" => Style::new().green(),
        "analytics" => Style::new().blue(),
        _ => Style::new().magenta(),
    }
}
