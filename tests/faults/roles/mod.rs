//! What the program does when the director starts it again.

mod crash;
mod handler;
mod publisher;

use std::io::Read as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings::{Config, Tidings};

use crate::Outcome;
use crate::topology;

pub(crate) use crash::{Crash, Step};
pub(crate) use handler::{Handling, run as handle};
pub(crate) use publisher::{Publishing, run as publish};

/// A process of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Role {
    Publish(Publishing),
    Handle(Handling),
}

/// Where the broker is, and in how many copies it keeps a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) urls: String,
    pub(crate) replicas: u8,
}

impl Place {
    /// Connects, however long it takes: servers die here.
    pub(crate) async fn connect(&self) -> Tidings {
        loop {
            match Tidings::connect(Config::new(&self.urls)).await {
                Ok(bus) => return bus,
                Err(error) => eprintln!("not connected: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Connects, and creates what is missing of the topology.
    pub(crate) async fn prepare(&self) -> Tidings {
        let bus = self.connect().await;
        let catalog = topology::catalog(self.replicas);
        while let Err(error) = bus.ensure(&catalog).await {
            eprintln!("not ready: {}", crate::report::with_causes(&error));
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bus
    }
}

/// Plays a role to its end, which is the director's end at the latest.
pub(crate) async fn play(role: Role) -> Outcome {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    // The director holds the other end of our input, and lets go of it even where it is killed.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(4);
    });
    match role {
        Role::Publish(publishing) => publish(publishing).await,
        Role::Handle(handling) => handle(handling, tidings::shutdown_signal()).await,
    }
}
