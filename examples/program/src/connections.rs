use std::collections::BTreeMap;

use anyhow::Context as _;
use tidings::{BrokerError, Config, ServiceSpec, Tidings};

/// Who looks at all services, by the name that `tidings permissions` gives it.
const OPERATOR: &str = "tidings-operator";

/// Whether `NATS_URL` names a server.
pub fn has_server() -> bool {
    std::env::var_os("NATS_URL").is_some_and(|url| !url.is_empty())
}

/// The connections of services that share a process.
///
/// Without `NATS_URL`, all share a broker inside the process. With it, each service whose password is in the environment logs on
/// as the user that `tidings permissions` makes for it, over a connection of its own; the variable is that of the server's
/// configuration, `ORDERS_PASSWORD`. The others share one connection: the operator's where there is `TIDINGS_OPERATOR_PASSWORD`,
/// otherwise that of `NATS_USER` and the other variables of [`Config::from_env`].
#[derive(Clone)]
pub struct Connections {
    shared: Tidings,
    own: BTreeMap<&'static str, Tidings>,
}

impl Connections {
    /// One for all.
    pub fn shared(bus: Tidings) -> Self {
        Self { shared: bus, own: BTreeMap::new() }
    }

    /// As the environment says.
    ///
    /// # Errors
    /// It says something that makes no sense, or the server does not let somebody in.
    pub async fn from_env(
        program: &str,
        services: &[&'static ServiceSpec],
    ) -> anyhow::Result<Self> {
        if !has_server() {
            return Ok(Self::shared(Tidings::embedded()));
        }
        let shared = match user(OPERATOR)? {
            Some(config) => config,
            None => Config::from_env()?,
        };
        let mut own = BTreeMap::new();
        for service in services {
            if let Some(config) = user(service.name)? {
                own.insert(service.name, connect(config, service.name).await?);
            }
        }
        Ok(Self { shared: connect(shared, program).await?, own })
    }

    /// The connection of a service.
    pub fn of(&self, service: &ServiceSpec) -> &Tidings {
        self.own.get(service.name).unwrap_or(&self.shared)
    }

    /// The connection of whoever looks at all services.
    pub fn operator(&self) -> &Tidings {
        &self.shared
    }

    /// Each of them.
    pub fn all(&self) -> impl Iterator<Item = &Tidings> {
        self.own.values().chain([&self.shared])
    }

    /// Closes all, with what they have still to send.
    ///
    /// # Errors
    /// It is not known whether everything was handed over.
    pub async fn close(&self) -> Result<(), BrokerError> {
        let mut closed = Ok(());
        for bus in self.all() {
            closed = closed.and(bus.close().await);
        }
        closed
    }
}

/// How a user logs on whose password is in the environment.
fn user(name: &str) -> anyhow::Result<Option<Config>> {
    let variable = format!("{}_PASSWORD", name.replace('-', "_").to_uppercase());
    let Some(password) = std::env::var(variable).ok().filter(|password| !password.is_empty())
    else {
        return Ok(None);
    };
    let config = Config::from_env()?.user(name, password);
    Ok(Some(config.inbox_prefix(format!("_INBOX_{name}"))))
}

async fn connect(config: Config, name: &str) -> anyhow::Result<Tidings> {
    let bus = Tidings::connect(config.name(name)).await;
    bus.with_context(|| format!("`{name}` cannot use the broker"))
}
