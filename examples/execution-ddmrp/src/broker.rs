//! The broker of the story, and how it is stopped in the middle.

use anyhow::Context as _;
use tidings::testing::{self, Faults, NatsServer};
use tidings::{Config, Tidings};
use tokio::process::Command;

/// What can be stopped and started again.
pub(crate) enum Broker {
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
    /// A server that is started for the story.
    pub(crate) async fn own() -> anyhow::Result<(Tidings, Self)> {
        let server = NatsServer::start().await?;
        let bus = connect(Config::new(server.url())).await?;
        Ok((bus, Self::Own(Box::new(server))))
    }

    /// The server that `NATS_URL` names, or one in this process.
    pub(crate) async fn from_environment(
        commands: Option<(String, String)>,
    ) -> anyhow::Result<(Tidings, Self)> {
        if std::env::var_os("NATS_URL").is_none_or(|url| url.is_empty()) {
            anyhow::ensure!(
                commands.is_none(),
                "--stop and --start are for a server: set NATS_URL"
            );
            let (bus, faults) = testing::embedded();
            return Ok((bus, Self::Embedded(faults)));
        }
        let bus = connect(Config::from_env()?).await?;
        let broker = match commands {
            Some((stop, start)) => Self::Told { stop, start },
            None => Self::Foreign,
        };
        Ok((bus, broker))
    }

    /// What it is, and what is done to it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Embedded(_) => "the broker in this process loses its connection".to_owned(),
            Self::Own(server) => format!("nats-server {} is killed", server.version()),
            Self::Told { stop, .. } => format!("`{stop}`"),
            Self::Foreign => {
                "the server is not ours to stop; --stop and --start say how, --server \
                              starts one"
                    .to_owned()
            }
        }
    }

    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Embedded(faults) => faults.disconnect(),
            Self::Own(server) => server.kill()?,
            Self::Told { stop, .. } => shell(stop).await?,
            Self::Foreign => {}
        }
        Ok(())
    }

    pub(crate) async fn start(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Embedded(faults) => faults.reconnect(),
            Self::Own(server) => server.restart().await?,
            Self::Told { start, .. } => shell(start).await?,
            Self::Foreign => {}
        }
        Ok(())
    }
}

async fn connect(config: Config) -> anyhow::Result<Tidings> {
    Tidings::connect(config.name("execution-ddmrp")).await.context("the broker cannot be used")
}

async fn shell(command: &str) -> anyhow::Result<()> {
    let status = Command::new("sh").args(["-c", command]).status().await?;
    anyhow::ensure!(status.success(), "`{command}` failed: {status}");
    Ok(())
}
