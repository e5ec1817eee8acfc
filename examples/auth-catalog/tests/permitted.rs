//! Both services as processes of their own, each with what `tidings permissions` lets it do and nothing else.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use auth_catalog::catalog::Members;
use event_catalog::CATALOG;
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{Config, Tidings};
use tidings_codegen::emit::permissions::{Options, emit, users};

const PATIENCE: Duration = Duration::from_secs(60);

/// A server that lets services do what the catalog says, with its streams and consumers.
async fn server() -> NatsServer {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../event-catalog");
    let catalog = tidings_codegen::compile(&folder).expect("a catalog").catalog;
    let names = users(&catalog, Options::default()).into_iter().map(|user| user.name);
    let secrets = names.map(|name| {
        format!("{}_PASSWORD: \"{}\"\n", name.replace('-', "_").to_uppercase(), secret(&name))
    });
    let text = secrets.chain([emit(&catalog, Options::default())]).collect::<String>();
    let config = ServerConfig::default().text(&text).text("jetstream { max_file_store: 1TB }");
    let server = NatsServer::start_with(config).await.expect("a server");
    let role = "tidings-provisioner";
    let config = Config::new(server.url()).user(role, secret(role));
    let bus = Tidings::connect(config.inbox_prefix(format!("_INBOX_{role}"))).await;
    let bus = bus.expect("a connection");
    let applied = bus.topology(&CATALOG).apply().await.expect("applied");
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
    server
}

fn secret(user: &str) -> String {
    format!("the secret of {user}")
}

/// A program of the platform, logged on as a service.
fn program(path: &str, server: &NatsServer, user: &str, database: &Path) -> Command {
    let mut program = Command::new(path);
    program
        .arg("--database")
        .arg(database)
        .env("NATS_URL", server.url())
        .env("NATS_USER", user)
        .env("NATS_PASSWORD", secret(user))
        .env("NATS_INBOX_PREFIX", format!("_INBOX_{user}"))
        .env("TIDINGS_TOPOLOGY", "off");
    program
}

/// It ends with the test.
struct AtWork(Child);

impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_does_its_job_with_its_own_permissions() {
    let server = server().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (accounts, copies) = (folder.path().join("auth.db"), folder.path().join("catalog.db"));
    let mut catalog = program(env!("CARGO_BIN_EXE_catalog"), &server, "catalog", &copies);
    let catalog = catalog.stderr(Stdio::null()).spawn().expect("a program that runs");
    let _catalog = AtWork(catalog);

    let auth = |args: &[&str]| {
        let mut auth = program(env!("CARGO_BIN_EXE_auth"), &server, "auth", &accounts);
        let Output { status, stdout, stderr } =
            auth.args(args).output().expect("a program that runs");
        let said = String::from_utf8_lossy(&stderr);
        assert!(status.success() && said.is_empty(), "{args:?}: {said}");
        String::from_utf8_lossy(&stdout).trim().to_owned()
    };
    let ada = auth(&["register", "ada@example.com", "Ada", "--password", "secret"]);
    let session = auth(&["login", "ada@example.com", "--password", "secret"]);
    auth(&["logout", &session]);
    auth(&["rename", &ada, "Ada", "Lovelace"]);
    let members = Members::open(Some(&copies)).await.expect("the catalog's database");
    let known = async {
        loop {
            let members = members.of("acme").await.expect("readable");
            if members.len() == 1 && members[0].user_id.to_string() == ada {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, known).await.expect("the catalog hears of it");

    // With the permissions of another it does not, and says what is missing.
    let mut stray = program(env!("CARGO_BIN_EXE_catalog"), &server, "auth", &copies);
    let Output { status, stderr, .. } = stray.output().expect("a program that runs");
    let said = String::from_utf8_lossy(&stderr);
    assert!(!status.success(), "{said}");
    for words in ["catalog-user_sync", "`subscriptions` in `services/auth.yaml`"] {
        assert!(said.contains(words), "{said}");
    }
}
