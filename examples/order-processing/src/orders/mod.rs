//! The order service: takes orders in and leads each of them to the door.

mod database;
mod fulfilment;
mod progress;
mod repository;
mod reservation;
mod service;
#[cfg(test)]
mod tests;

pub(crate) use database::Database;
pub(crate) use fulfilment::Fulfilment;
pub(crate) use repository::{AdvanceError, Repository, Step};
pub(crate) use reservation::Reservation;
pub(crate) use service::OrderService;
