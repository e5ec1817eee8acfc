//! What `tidings permissions` writes, in force on a real server: each service does its job, and nothing else.

mod denied;
mod prefix;
mod probe;
mod words;
mod work;

use std::collections::BTreeMap;
use std::path::Path;

use nkeys::KeyPair;
use tidings::testing::{NatsServer, ServerConfig};
use tidings::topology::Policy;
use tidings::{Config, Tidings};
use tidings_codegen::emit::permissions::{self, Credentials, Options, User};
use tidings_codegen::model::Catalog;

use crate::fixture::catalog::CATALOG;

/// A catalog whose permissions are in force on a server.
struct Guarded {
    server: NatsServer,
    catalog: Catalog,
    users: Vec<User>,
    /// Of users who prove who they are by a key.
    keys: BTreeMap<String, KeyPair>,
}

impl Guarded {
    async fn of(folder: &str, options: Options<'_>) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let compilation = tidings_codegen::compile(&folder).expect("a catalog");
        assert!(!compilation.has_errors(), "{:?}", compilation.diagnostics);
        let catalog = compilation.catalog;
        let users = permissions::users(&catalog, options);
        let (mut keys, mut text) = (BTreeMap::new(), String::new());
        for User { name, .. } in &users {
            let variable = name.replace('-', "_").to_uppercase();
            let line = match options.credentials {
                Credentials::Password => format!("{variable}_PASSWORD: \"{}\"\n", secret(name)),
                Credentials::Nkey => {
                    let key = keys.entry(name.clone()).or_insert_with(KeyPair::new_user);
                    format!("{variable}_NKEY: {}\n", key.public_key())
                }
            };
            text.push_str(&line);
        }
        text.push_str(&permissions::emit(&catalog, options));
        let config = ServerConfig::default().text(&text);
        let server = NatsServer::start_with(config).await.expect("a server");
        Self { server, catalog, users, keys }
    }

    /// The catalog of the tests, applied.
    async fn fixture() -> Self {
        Self::of("catalog", Options::default()).await.applied().await
    }

    async fn applied(self) -> Self {
        for user in self.users.iter().filter(|user| user.name.ends_with("tidings-provisioner")) {
            let provisioner = self.bus(&user.name).await;
            let topology = provisioner.topology(&CATALOG);
            let applied = topology.apply().await.expect("applied");
            assert!(applied.refused.is_empty(), "{:?}", applied.refused);
            assert!(topology.plan().await.expect("a plan").is_clean());
        }
        self
    }

    /// Whether the server stores schedules and batches.
    fn is_modern(&self) -> bool {
        let mut numbers = self.server.version().split('.').map(str::parse::<u32>);
        matches!((numbers.next(), numbers.next()), (Some(Ok(2)), Some(Ok(minor))) if minor >= 12)
    }

    fn config(&self, user: &str) -> Config {
        let config = Config::new(self.server.url())
            .inbox_prefix(format!("_INBOX_{user}"))
            .topology(Policy::Off);
        let known = self.users.iter().find(|known| known.name == user);
        let config = match known.and_then(|known| known.prefix.clone()) {
            Some(prefix) => config.prefix(prefix),
            None => config,
        };
        match self.keys.get(user) {
            Some(key) => config.nkey(key.seed().expect("a seed")),
            None => config.user(user, secret(user)),
        }
    }

    async fn bus(&self, user: &str) -> Tidings {
        Tidings::connect(self.config(user)).await.expect("a connection")
    }
}

fn secret(user: &str) -> String {
    format!("the secret of {user}")
}
