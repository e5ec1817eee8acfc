//! The outbox: one suite, run in SQLite and PostgreSQL, before the embedded broker and a real server.

mod away;
mod crashes;
mod dead;
mod ground;
mod others;
mod publish;
mod relays;
mod suspects;
mod wake;

use ground::{Ground, Relaying, stored};

/// Runs each test in each database: in SQLite before the embedded broker, in both before a server.
macro_rules! on_all_grounds {
    ($($test:ident),+ $(,)?) => {
        mod sqlite_embedded {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::Ground::sqlite_embedded().await).await;
            })+
        }

        mod sqlite_server {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::Ground::sqlite_server().await).await;
            })+
        }

        mod postgres_server {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::Ground::postgres_server().await).await;
            })+
        }
    };
}
use on_all_grounds;
