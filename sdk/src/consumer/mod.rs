//! Consuming: from a delivery to a handler and back to the broker.
//!
//! [`Subscriber`] knows which handler takes which event, `route` in which version. The loop in `intake` fetches, `ahead` holds
//! what waits, `hands` fills free slots; `apart` says whose handlers get a task at once. `task` takes one delivery through its
//! attempts: `attempt` calls the handler, `once` asks the inbox first, `ended` judges what came of it. What is handled becomes
//! an `acknowledgement`, of all else `settlement` tells the broker. `lane` keeps deliveries of one key in order, `health`
//! pauses while everything fails.

mod acknowledgement;
mod ahead;
mod apart;
mod attempt;
mod dispatch_error;
mod ended;
mod first_failures;
mod hand;
mod hands;
mod health;
mod intake;
mod lane;
mod once;
mod payload;
mod phase;
mod report;
mod route;
mod run;
mod settlement;
pub(crate) mod signal;
mod subscriber;
mod suspects;
mod task;
mod untyped;
mod worker;

pub(crate) use dispatch_error::{DispatchError, Unfit};
pub(crate) use health::Health;
pub use report::Report;
pub(crate) use route::{personal, read, route};
pub use run::{Run, RunError};
pub use subscriber::Subscriber;
pub(crate) use subscriber::{Dispatch, Dispatched, HandlerFuture};

#[doc(hidden)]
pub use subscriber::SubscriberBuilder;
