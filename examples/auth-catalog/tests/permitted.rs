//! Both services as processes of their own, each with what `tidings permissions` lets it do and nothing else.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use auth_catalog::catalog::Members;
use event_catalog::{CATALOG, catalog};
use tidings::{Subscription as _, Tidings};
use tidings_test_servers::Permitted;

const PATIENCE: Duration = Duration::from_secs(60);

/// A program of the platform, logged on as a service.
fn program(path: &str, server: &Permitted, user: &str, database: &Path) -> Command {
    let mut program = Command::new(path);
    program.arg("--database").arg(database).envs(server.environment_of(user));
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
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../event-catalog");
    let server = Permitted::start(&events, &CATALOG).await.expect("a server");
    let folder = tempfile::tempdir().expect("a folder");
    let (accounts, copies) = (folder.path().join("auth.db"), folder.path().join("catalog.db"));
    let mut shop = program(env!("CARGO_BIN_EXE_catalog"), &server, "catalog", &copies);
    let shop = shop.stderr(Stdio::null()).spawn().expect("a program that runs");
    let _shop = AtWork(shop);

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
    let operator = Tidings::connect(server.config("tidings-operator")).await.expect("a connection");
    let handled = operator.idle(catalog::user_sync::Subscription::SPEC);
    tokio::time::timeout(PATIENCE, handled).await.expect("in time").expect("idle");
    let members = Members::open(Some(&copies)).await.expect("the catalog's database");
    let members = members.of("acme").await.expect("readable");
    let known: Vec<String> = members.iter().map(|member| member.user_id.to_string()).collect();
    assert_eq!(known, [ada]);

    // With the permissions of another it does not, and says what is missing.
    let mut stray = program(env!("CARGO_BIN_EXE_catalog"), &server, "auth", &copies);
    let Output { status, stderr, .. } = stray.output().expect("a program that runs");
    let said = String::from_utf8_lossy(&stderr);
    assert!(!status.success(), "{said}");
    for words in ["catalog-user_sync", "`subscriptions` in `services/auth.yaml`"] {
        assert!(said.contains(words), "{said}");
    }
}
