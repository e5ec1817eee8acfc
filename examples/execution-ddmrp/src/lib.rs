//! Two services that order for each other: `execution` buys, sells and counts the stock, `ddmrp` keeps a buffer of each product and
//! says when to order more. They share nothing but the events of the catalog.

pub mod calendar;
pub mod catalog;
mod database;
pub mod ddmrp;
pub mod execution;
pub mod insights;
pub mod journal;
pub mod platform;
pub mod proof;
pub mod samples;
pub mod trade;
