//! The tests of the example: the planner's arithmetic, the handlers on the embedded broker, and both services on a server that is
//! killed.

mod away;
mod buffer;
mod listeners;
mod net_flow;
#[path = "personal.rs"]
mod people;
mod replenishment;
mod stage;
mod supply_and_demand;
mod zones;
