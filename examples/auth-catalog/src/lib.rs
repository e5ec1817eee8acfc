//! Two services of a platform: `auth` knows who everybody is, `catalog` keeps products, and a copy of the users to name who
//! changed them. They share nothing but the events of the catalog.

pub mod auth;
pub mod catalog;
pub mod database;
pub mod platform;
