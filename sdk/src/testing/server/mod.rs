//! The process of a server, its files and ports, and what can be done to it.

mod cluster;
mod config;
mod monitor;
mod nats_server;
mod port;
mod process;

pub use self::cluster::Cluster;
pub use self::config::ServerConfig;
pub use self::nats_server::NatsServer;
