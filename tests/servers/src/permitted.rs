use std::io;
use std::path::Path;

use tidings::catalog::Catalog;
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{Config, Tidings};
use tidings_codegen::emit::permissions::{Options, emit, users};

/// Who creates streams and consumers.
const PROVISIONER: &str = "tidings-provisioner";

/// A NATS server with what a catalog says, where each service is a user of its own that may do what `tidings permissions` lets it
/// do, and nothing else.
#[derive(Debug)]
pub struct Permitted {
    server: NatsServer,
    users: Vec<String>,
    provisioner: Tidings,
}

impl Permitted {
    /// Starts a server, and applies the catalog of this folder, which the constant is compiled from.
    ///
    /// # Errors
    /// There is no catalog or no server, or the server does not let the catalog be applied.
    pub async fn start(folder: &Path, catalog: &'static Catalog) -> io::Result<Self> {
        let compiled = tidings_codegen::compile(folder).map_err(io::Error::other)?.catalog;
        let users = users(&compiled, Options::default()).into_iter().map(|user| user.name);
        let users: Vec<String> = users.collect();
        let secrets = users.iter().map(|user| {
            let (variable, secret) = (variable(user), secret(user));
            format!("{variable}: \"{secret}\"\n")
        });
        let text = secrets.chain([emit(&compiled, Options::default())]).collect::<String>();
        let server = NatsServer::start_with(ServerConfig::default().text(&text)).await?;
        let config = log_on(&server, PROVISIONER);
        let provisioner = Tidings::connect(config).await.map_err(io::Error::other)?;
        let applied = provisioner.topology(catalog).apply().await.map_err(io::Error::other)?;
        if !applied.refused.is_empty() {
            return Err(io::Error::other(format!("refused: {:?}", applied.refused)));
        }
        Ok(Self { server, users, provisioner })
    }

    /// The connection of whoever creates streams, consumers and buckets.
    #[must_use]
    pub fn provisioner(&self) -> &Tidings {
        &self.provisioner
    }

    /// How a user logs on.
    pub fn config(&self, user: &str) -> Config {
        log_on(&self.server, user)
    }

    /// The environment of a process that is one service.
    #[must_use]
    pub fn environment_of(&self, user: &str) -> [(&'static str, String); 5] {
        [
            ("NATS_URL", self.server.url()),
            ("NATS_USER", user.to_owned()),
            ("NATS_PASSWORD", secret(user)),
            ("NATS_INBOX_PREFIX", inbox_prefix(user)),
            ("TIDINGS_TOPOLOGY", "off".to_owned()),
        ]
    }

    /// The environment of a process of several services: the server's own variables, with the password of each user.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let passwords = self.users.iter().map(|user| (variable(user), secret(user)));
        let others = [("NATS_URL", self.server.url()), ("TIDINGS_TOPOLOGY", "off".to_owned())];
        passwords.chain(others.map(|(name, value)| (name.to_owned(), value))).collect()
    }
}

fn log_on(server: &NatsServer, user: &str) -> Config {
    Config::new(server.url()).user(user, secret(user)).inbox_prefix(inbox_prefix(user))
}

fn secret(user: &str) -> String {
    format!("the secret of {user}")
}

fn variable(user: &str) -> String {
    format!("{}_PASSWORD", user.replace('-', "_").to_uppercase())
}

fn inbox_prefix(user: &str) -> String {
    format!("_INBOX_{user}")
}
