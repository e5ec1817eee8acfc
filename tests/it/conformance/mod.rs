//! One suite, run on the embedded broker and on a real server: where they disagree, the embedded one is wrong.
//!
//! On the embedded broker time is paused, so the same delays cost nothing.

pub(crate) mod aggregates;
mod atomic;
mod background;
mod breaker;
pub(crate) mod bulk;
mod dead_letters;
mod delivery;
pub(crate) mod encryption;
mod ensure;
mod follow_ups;
mod groups;
mod kv;
mod messaging;
mod objects;
mod order;
pub(crate) mod partitions;
pub(crate) mod payloads;
mod personal;
mod prefix;
mod projections;
mod publish;
mod redrive;
mod replay;
mod retries;
mod schedule;
mod shutdown;
mod status;
mod unions;
mod untyped;
mod validation;
mod versions;

/// Runs each test once on each broker, with the fixture catalog applied; and once more under a prefix, which nobody may notice.
macro_rules! on_both_brokers {
    ($($test:ident),+ $(,)?) => {
        on_both_brokers!(embedded by tidings::Tidings::embedded(); $($test),+);
    };
    (embedded by $embedded:expr; $($test:ident),+ $(,)?) => {
        mod embedded {
            $(#[tokio::test(start_paused = true)]
            async fn $test() {
                let bus = $embedded;
                bus.ensure(&crate::fixture::catalog::CATALOG).await.expect("the catalog fits");
                super::$test(bus).await;
            })+
        }

        mod prefixed {
            $(#[tokio::test(start_paused = true)]
            async fn $test() {
                let bus = crate::fixture::under(&$embedded, "staging");
                bus.ensure(&crate::fixture::catalog::CATALOG).await.expect("the catalog fits");
                super::$test(bus).await;
            })+
        }

        mod server {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                let server = tidings::testing::NatsServer::start().await.expect("a server");
                let bus = crate::server::connect(&server).await;
                super::$test(bus).await;
            })+
        }
    };
}
pub(crate) use atomic::too_old;
pub(crate) use on_both_brokers;
