//! The broker of the story, and how it is stopped in the middle.

use execution_ddmrp::platform::SERVICES;
use sample_program::{Connections, has_server};
use tidings::testing::{self, Faults, NatsServer};
use tidings::{Config, Tidings};
use tokio::process::Command;

/// What a server calls the connection.
const NAME: &str = "execution-ddmrp";

/// What the story runs on. What was stopped is started again, however the story ends.
pub(crate) struct Broker {
    kind: Kind,
    is_down: bool,
}

enum Kind {
    /// The one in this process: its connection is lost.
    Embedded(Faults),
    /// A nats-server of our own: it is killed.
    Own(Box<NatsServer>),
    /// Somebody's server, with the commands that they gave for it.
    Told { stop: String, start: String },
    /// Somebody's server, which is not ours to stop.
    Foreign,
}

impl Broker {
    fn new(kind: Kind) -> Self {
        Self { kind, is_down: false }
    }

    /// A server that is started for the story.
    pub(crate) async fn own() -> anyhow::Result<(Connections, Self)> {
        let server = NatsServer::start().await?;
        let bus = Tidings::connect(Config::new(server.url()).name(NAME)).await?;
        Ok((Connections::shared(bus), Self::new(Kind::Own(Box::new(server)))))
    }

    /// The server that `NATS_URL` names, or one in this process.
    pub(crate) async fn from_environment(
        commands: Option<(String, String)>,
    ) -> anyhow::Result<(Connections, Self)> {
        if !has_server() {
            anyhow::ensure!(
                commands.is_none(),
                "--stop and --start are for a server: set NATS_URL"
            );
            let (bus, faults) = testing::embedded();
            return Ok((Connections::shared(bus), Self::new(Kind::Embedded(faults))));
        }
        let connections = Connections::from_env(NAME, SERVICES).await?;
        let kind = match commands {
            Some((stop, start)) => Kind::Told { stop, start },
            None => Kind::Foreign,
        };
        Ok((connections, Self::new(kind)))
    }

    /// What happens to it in the middle.
    pub(crate) fn fate(&self) -> String {
        match &self.kind {
            Kind::Embedded(_) => "the connection to the broker is lost".to_owned(),
            Kind::Own(server) => format!("nats-server {} is killed", server.version()),
            Kind::Told { stop, .. } => format!("`{stop}`"),
            Kind::Foreign => "nothing: the server is not ours to stop (see --help)".to_owned(),
        }
    }

    /// Whether it can be stopped.
    pub(crate) fn is_ours(&self) -> bool {
        !matches!(self.kind, Kind::Foreign)
    }

    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        self.is_down = true;
        match &mut self.kind {
            Kind::Embedded(faults) => faults.disconnect(),
            Kind::Own(server) => server.kill()?,
            Kind::Told { stop, .. } => shell(stop).await?,
            Kind::Foreign => {}
        }
        Ok(())
    }

    /// Starts it again, where it was stopped.
    pub(crate) async fn start(&mut self) -> anyhow::Result<()> {
        if !std::mem::take(&mut self.is_down) {
            return Ok(());
        }
        match &mut self.kind {
            Kind::Embedded(faults) => faults.reconnect(),
            Kind::Own(server) => server.restart().await?,
            Kind::Told { start, .. } => shell(start).await?,
            Kind::Foreign => {}
        }
        Ok(())
    }
}

async fn shell(command: &str) -> anyhow::Result<()> {
    let status = Command::new("sh").args(["-c", command]).status().await?;
    anyhow::ensure!(status.success(), "`{command}` failed: {status}");
    Ok(())
}
