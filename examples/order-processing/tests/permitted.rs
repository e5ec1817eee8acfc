//! Each service with what `tidings permissions` lets it do and nothing else.

use std::path::Path;
use std::process::{Command, Output};

use event_catalog::CATALOG;
use tidings::kv::BucketConfig;
use tidings_test_servers::Permitted;

#[tokio::test(flavor = "multi_thread")]
async fn five_services_do_their_jobs_with_their_own_permissions() {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../event-catalog");
    let server = Permitted::start(&catalog, &CATALOG).await.expect("a server");
    let bucket = BucketConfig::new("order_snapshots");
    server.provisioner().ensure_bucket(&bucket).await.expect("a bucket");
    let keys = tempfile::tempdir().expect("a folder");
    let program = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_order-processing"));
        program.arg("--keys").arg(keys.path().join("keys")).env_remove("DATABASE_URL");
        program.envs(server.environment());
        program
    };
    let Output { status, stdout, stderr } = program().output().expect("it runs");
    let (story, said) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success() && said.is_empty(), "{said}\n{story}");
    assert!(story.contains("6 of 6 orders are paid, each once"), "{story}");

    // Without its password, a service shares the operator's connection, who may look at everything and handle nothing.
    let mut stray = program();
    let Output { status, stderr, .. } =
        stray.env_remove("PAYMENTS_PASSWORD").output().expect("it runs");
    let said = String::from_utf8_lossy(&stderr);
    assert!(!status.success() && said.contains("payments-collection"), "{said}");
}
