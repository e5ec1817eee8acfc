//! The tests of the example: the planner's arithmetic, the handlers on the embedded broker, and the services on a server that is
//! killed, and on one that permits each what is its own.

mod away;
mod buffer;
mod listeners;
mod net_flow;
#[path = "personal.rs"]
mod people;
mod permitted;
mod replenishment;
mod stage;
mod supply_and_demand;
mod zones;
