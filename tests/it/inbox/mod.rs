//! That an effect happens once, whatever keeps the marks: each test runs with every inbox.
//!
//! Databases have a clock of their own, so time is paused only where there is none.

mod claims;
mod marks;
mod refusals;
mod stage;
mod transactions;
mod versions;

/// Runs each test once with each inbox.
macro_rules! with_every_inbox {
    ($($test:ident),+ $(,)?) => {
        $crate::inbox::with_every_inbox! {
            (start_paused = true) memory: $($test),+;
            (start_paused = true) kv: $($test),+;
            (flavor = "multi_thread") kv_on_a_server: $($test),+;
            (flavor = "multi_thread") sqlite: $($test),+;
            (flavor = "multi_thread") postgres: $($test),+;
            (flavor = "multi_thread") redis: $($test),+;
        }
    };
    ($($flavor:tt $inbox:ident: $($test:ident),+;)+) => {$(
        mod $inbox {
            $(#[tokio::test $flavor]
            async fn $test() {
                super::$test($crate::inbox::stage::Stage::$inbox().await).await;
            })+
        }
    )+};
}
pub(crate) use with_every_inbox;
