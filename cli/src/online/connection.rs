//! Which server is meant, and how to log on to it.

use clap::Args;
use tidings::{Config, Prefix, Tidings};

use super::context::Context;
use crate::failure::Failure;

/// What every verb takes that talks to a server.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct Connection {
    /// Addresses of the servers, separated by commas; `nats://127.0.0.1:4222` where nothing else says so.
    ///
    /// How to log on is said by the variables of the `nats` tool: `NATS_USER` with `NATS_PASSWORD`, `NATS_TOKEN`,
    /// `NATS_CREDS` or `NATS_NKEY`; `NATS_CA`, `NATS_CERT` with `NATS_KEY`; `NATS_INBOX_PREFIX`.
    #[arg(long, short, env = "NATS_URL", hide_env_values = true, value_name = "URL")]
    server: Option<String>,

    /// A context of the `nats` tool, which says how to log on; and where, unless `--server` does.
    ///
    /// Where neither it nor `--server` nor a `NATS_…` variable says anything, the context counts that
    /// `nats context select` has chosen.
    #[arg(long, env = "NATS_CONTEXT", value_name = "NAME")]
    context: Option<String>,

    /// The environment of the catalog whose limits count.
    #[arg(long, env = "TIDINGS_ENV", value_name = "NAME", default_value = "development")]
    environment: String,

    /// The prefix under which the catalog is on the server, where environments or teams share an account.
    #[arg(long, env = "TIDINGS_PREFIX", value_name = "WORD")]
    prefix: Option<Prefix>,
}

/// Variables that say how to log on.
const VARIABLES: [&str; 6] =
    ["NATS_USER", "NATS_TOKEN", "NATS_TOKEN_FILE", "NATS_CREDS", "NATS_NKEY", "NATS_CA"];

impl Connection {
    /// Connects, or says why not.
    pub(crate) async fn open(&self) -> Result<Tidings, Failure> {
        let config = self.config()?;
        Tidings::connect(config).await.map_err(|error| {
            Failure::new(error.to_string())
                .help("`--server`, `--context` and the variables of the `nats` tool say where it is and how to log on")
        })
    }

    fn config(&self) -> Result<Config, Failure> {
        let context = match &self.context {
            Some(name) => Some(Context::named(name)?),
            None if self.server.is_none() && !is_any_set(&VARIABLES) => Context::selected()?,
            None => None,
        };
        let config = match context {
            Some(context) => context.config()?,
            None => Config::from_env().map_err(|error| Failure::new(error.to_string()))?,
        };
        let config = config.name("tidings-cli").environment(&self.environment);
        let config = match &self.prefix {
            Some(prefix) => config.prefix(prefix.clone()),
            None => config,
        };
        Ok(match &self.server {
            Some(servers) => config.servers(servers),
            None => config,
        })
    }
}

fn is_any_set(variables: &[&str]) -> bool {
    variables.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
