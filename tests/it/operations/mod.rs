//! What whoever operates a service sees: figures, traces, health, the administration and its page.

mod admin;
mod desk;
mod exposition;
mod figures;
mod generated;
mod health;
mod page;
mod traces;

use event_catalog::CATALOG;
use tidings::testing::NatsServer;
use tidings::{Config, Tidings};

/// Runs each test once on each broker, with the catalog of the samples applied.
macro_rules! on_both_brokers {
    ($($test:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(start_paused = true)]
            async fn $test() {
                super::$test(super::super::embedded().await).await;
            })+
        }

        mod server {
            $(#[tokio::test]
            async fn $test() {
                let (_server, bus) = super::super::served().await;
                super::$test(bus).await;
            })+
        }
    };
}
use on_both_brokers;

async fn embedded() -> Tidings {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    bus
}

async fn served() -> (NatsServer, Tidings) {
    let server = NatsServer::start().await.expect("a server");
    let config = Config::new(server.url());
    let bus = Tidings::connect(config).await.expect("a connection");
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    (server, bus)
}
