//! The planning service: keeps a buffer of each product that is held in stock, by the rules of demand driven material
//! requirements planning.
//!
//! What the planner knows is [`zones`], [`net_flow`] and [`buffer`], in numbers; what is stored is `books`; what changes them are
//! the handlers `supply_and_demand` and `product_settings`, and the commands of [`Ddmrp`].

mod books;
pub mod buffer;
mod desk;
pub mod net_flow;
mod product_settings;
mod service;
mod supply_and_demand;
pub mod zones;

pub use service::{Ddmrp, DdmrpError, Standing};
