//! How to reach the broker: by builder or from the environment.

mod auth;
mod env;
mod error;
#[cfg(test)]
mod page;

use std::path::PathBuf;
use std::time::Duration;

pub(crate) use auth::{Auth, Secret};
pub use error::{ConfigError, ConnectError};

use crate::Prefix;
use crate::topology::Policy;

/// Where the broker is and how to log on to it.
///
/// ```
/// use std::time::Duration;
///
/// use tidings::Config;
/// use tidings::topology::Policy;
///
/// # fn main() -> Result<(), tidings::ConfigError> {
/// let config = Config::from_env()? // NATS_URL and the others; what is called here counts over them
///     .name("billing")
///     .servers("tls://nats-1.example.com,tls://nats-2.example.com")
///     .credentials("/run/secrets/billing.creds")
///     .ca("/run/secrets/ca.pem")
///     .inbox_prefix("_INBOX_billing")
///     .environment("production")
///     .topology(Policy::Verify)
///     .connect_timeout(Duration::from_secs(20))
///     .largest_payload(8 << 20)
///     .sample_every(Duration::from_secs(30))
///     .group_commit(true)
///     .lazy();
/// # let _ = config;
/// # Ok(())
/// # }
/// ```
///
/// There are several ways to log on, of which the last one that is called counts, and TLS goes with each:
///
/// ```
/// use tidings::Config;
///
/// let server = || Config::new("nats://127.0.0.1:4222");
/// let _ = server().user("billing", "secret").require_tls();
/// let _ = server().password_file("billing", "/run/secrets/password").tls_first();
/// let _ = server().token("s3cret");
/// let _ = server().token_file("/run/secrets/token");
/// let _ = server().nkey("SUAM…");
/// let _ = server().nkey_file("/run/secrets/billing.nk");
/// let _ = server().client_certificate("billing.crt", "billing.key").ca("ca.pem");
/// ```
#[derive(Clone)]
#[must_use]
pub struct Config {
    pub(crate) servers: Vec<String>,
    pub(crate) name: String,
    pub(crate) auth: Auth,
    pub(crate) tls: Tls,
    pub(crate) connect_timeout: Duration,
    pub(crate) lazy: bool,
    pub(crate) inbox_prefix: Option<String>,
    pub(crate) environment: String,
    pub(crate) largest_payload: usize,
    pub(crate) topology: Policy,
    pub(crate) sampling: Duration,
    pub(crate) prefix: Option<Prefix>,
    pub(crate) group_commit: bool,
}

/// How the connection is encrypted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tls {
    pub(crate) required: bool,
    pub(crate) first: bool,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) client: Option<(PathBuf, PathBuf)>,
}

/// The environment whose limits the streams get unless another is named.
const DEVELOPMENT: &str = "development";

/// What the subjects of answers begin with unless something else is said.
pub(crate) const INBOX: &str = "_INBOX";

/// Bytes that a payload may have unless something else is said.
pub(crate) const LARGEST_PAYLOAD: usize = 64 << 20;

/// How often figures are sampled unless something else is said.
pub(crate) const SAMPLING: Duration = Duration::from_secs(15);

impl Config {
    /// Servers of one cluster, separated by commas: `nats://127.0.0.1:4222`, `tls://a:4222,tls://b:4222`. A user and
    /// password, or a token, in an address are used to log on.
    pub fn new(servers: impl AsRef<str>) -> Self {
        let servers = servers.as_ref().split(',').map(|server| server.trim().to_owned());
        Self {
            servers: servers.filter(|server| !server.is_empty()).collect(),
            name: "tidings".to_owned(),
            auth: Auth::None,
            tls: Tls::default(),
            connect_timeout: Duration::from_secs(5),
            lazy: false,
            inbox_prefix: None,
            environment: DEVELOPMENT.to_owned(),
            largest_payload: LARGEST_PAYLOAD,
            topology: Policy::Ensure,
            sampling: SAMPLING,
            prefix: None,
            group_commit: false,
        }
    }

    /// Other servers than before.
    pub fn servers(mut self, servers: impl AsRef<str>) -> Self {
        self.servers = Self::new(servers).servers;
        self
    }

    /// The connection's name, shown by the server's monitoring. Default: `tidings`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Logs on with a user and password.
    pub fn user(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.auth =
            Auth::UserPassword { user: user.into(), password: Secret::Value(password.into()) };
        self
    }

    /// Logs on with a user and the password that is the first line of a file. It is read with each connection, so that a new
    /// password is used once the server asks for it.
    pub fn password_file(mut self, user: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        self.auth = Auth::UserPassword { user: user.into(), password: Secret::File(path.into()) };
        self
    }

    /// Logs on with a token.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.auth = Auth::Token(Secret::Value(token.into()));
        self
    }

    /// Logs on with the token that is the first line of a file, read with each connection.
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.auth = Auth::Token(Secret::File(path.into()));
        self
    }

    /// Logs on with a credentials file (a user's JWT and seed), read with each connection.
    pub fn credentials(mut self, path: impl Into<PathBuf>) -> Self {
        self.auth = Auth::Credentials(path.into());
        self
    }

    /// Logs on with the seed of a user's nkey (`SU…`).
    pub fn nkey(mut self, seed: impl Into<String>) -> Self {
        self.auth = Auth::NKey(Secret::Value(seed.into()));
        self
    }

    /// Logs on with the seed of a user's nkey that is the first line of a file, read with each connection.
    pub fn nkey_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.auth = Auth::NKey(Secret::File(path.into()));
        self
    }

    /// Requires TLS, and trusts the certificate authorities in this PEM file instead of the system's. Read with each
    /// connection.
    pub fn ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.tls.ca = Some(path.into());
        self
    }

    /// Requires TLS, and shows the server this certificate (mutual TLS); both files in PEM, and read with each connection, so
    /// that a renewed certificate is shown by the next one.
    pub fn client_certificate(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.tls.client = Some((certificate.into(), key.into()));
        self
    }

    /// Requires TLS with the system's certificate authorities.
    pub fn require_tls(mut self) -> Self {
        self.tls.required = true;
        self
    }

    /// Requires TLS, and begins with it instead of waiting for the server to ask, as servers with `handshake_first` want.
    pub fn tls_first(mut self) -> Self {
        self.tls.required = true;
        self.tls.first = true;
        self
    }

    /// How long the first connection may take, handshake included. Default: 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Has [`Tidings::connect`](crate::Tidings::connect) return at once, whether or not a server answers: one is looked for
    /// like after a lost connection, and [`Tidings::connected`](crate::Tidings::connected) waits for it. For services that
    /// can do their work without a broker for a while, because an outbox keeps their events.
    pub fn lazy(mut self) -> Self {
        self.lazy = true;
        self
    }

    /// Prefix of the subjects that answers come on, where permissions ask for one: `_INBOX_billing` for the service `billing`
    /// with what `tidings permissions` writes. Default: `_INBOX`.
    pub fn inbox_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.inbox_prefix = Some(prefix.into());
        self
    }

    /// The environment of the catalog whose limits the streams get. Default: `development`.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.environment = environment.into();
        self
    }

    /// A word before the names of everything on the server, where environments or teams share an account: streams, subjects,
    /// buckets. Everybody of one environment has the same, services and command alike; code, envelopes, dead letters, files
    /// and figures have the names of the catalog. Default: none.
    ///
    /// ```
    /// use tidings::Config;
    ///
    /// // `orders.order.created` is published to `staging.orders.order.created`, and stored by `STAGING_ORDERS_EVENTS`.
    /// let config = Config::new("nats://127.0.0.1:4222").prefix("staging".parse()?);
    /// # Ok::<(), tidings::ParsePrefixError>(())
    /// ```
    pub fn prefix(mut self, prefix: Prefix) -> Self {
        self.prefix = Some(prefix);
        self
    }

    /// The most bytes that an event may have once it is decompressed or fetched, so that no message can take all memory:
    /// one that has more is not handled but a dead letter, and is not published either. Default: 64 MiB. Each slot of a
    /// subscription may hold as much.
    pub fn largest_payload(mut self, bytes: usize) -> Self {
        self.largest_payload = bytes;
        self
    }

    /// What [`Topology::prepare`](crate::topology::Topology::prepare) does when the service starts. Default: ensure.
    pub fn topology(mut self, policy: Policy) -> Self {
        self.topology = policy;
        self
    }

    /// How often a run asks the broker how far its subscriptions are behind and how many dead letters they have, where the
    /// feature `metrics` is on. Default: 15 s; at least 1 s.
    pub fn sample_every(mut self, pause: Duration) -> Self {
        self.sampling = pause.max(Duration::from_secs(1));
        self
    }

    /// Has events that wait for the same stream stored together, for servers that sync their disk before each word
    /// (`jetstream { sync_interval: always }`): once for a group, and not once for each event. While something is on its way to a
    /// stream, what comes meanwhile goes together as soon as that has its word; what comes alone goes alone, at once. Each event has
    /// an outcome of its own, as without. Default: off.
    ///
    /// It takes nats-server 2.15; with an older one, each event goes by itself. Where the server does not sync before each word, it
    /// makes publishing slower.
    pub fn group_commit(mut self, on: bool) -> Self {
        self.group_commit = on;
        self
    }

    pub(crate) fn servers_for_people(&self) -> String {
        self.servers.iter().map(|server| without_password(server)).collect::<Vec<_>>().join(", ")
    }

    /// What the first address that has any says about logging on.
    pub(crate) fn auth_of_servers(&self) -> Auth {
        let with_user = self.servers.iter().find_map(|server| user_info(server));
        match with_user.map(|info| info.split_once(':').unwrap_or((info, ""))) {
            None => Auth::None,
            Some((token, "")) => Auth::Token(Secret::Value(percent_decoded(token))),
            Some((user, password)) => Auth::UserPassword {
                user: percent_decoded(user),
                password: Secret::Value(percent_decoded(password)),
            },
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("servers", &self.servers_for_people())
            .field("name", &self.name)
            .field("auth", &self.auth.kind())
            .field("tls", &self.tls)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

fn user_info(server: &str) -> Option<&str> {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    rest.rsplit_once('@').map(|(info, _)| info)
}

/// An address that may be shown.
pub(crate) fn without_password(server: &str) -> String {
    match user_info(server) {
        None => server.to_owned(),
        Some(info) => server.replacen(&format!("{info}@"), "", 1),
    }
}

/// Undecodable text is taken as it stands.
fn percent_decoded(text: &str) -> String {
    crate::message::percent::decoded(text).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_an_address_are_used_and_never_shown() {
        let config = Config::new("nats://ann:p%40ss@127.0.0.1:4222, nats://127.0.0.1:4223");
        let Auth::UserPassword { user, password } = config.auth_of_servers() else {
            panic!("the address has a user and a password");
        };
        assert_eq!((user.as_str(), password), ("ann", Secret::Value("p@ss".to_owned())));
        assert_eq!(config.servers_for_people(), "nats://127.0.0.1:4222, nats://127.0.0.1:4223");
        assert!(!format!("{config:?}").contains("p%40ss"));
    }

    #[test]
    fn a_lone_user_in_an_address_is_a_token() {
        let config = Config::new("nats://s3cret@127.0.0.1");
        let Auth::Token(token) = config.auth_of_servers() else { panic!("a token") };
        assert_eq!(token, Secret::Value("s3cret".to_owned()));
    }
}
