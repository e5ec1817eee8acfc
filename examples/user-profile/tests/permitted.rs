//! The application with what `tidings permissions` lets it do and nothing else.

use std::path::Path;
use std::process::{Command, Output};

use event_catalog::CATALOG;
use tidings::kv::BucketConfig;
use tidings_test_servers::Permitted;

#[tokio::test(flavor = "multi_thread")]
async fn the_application_does_its_job_with_its_own_permissions() {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../event-catalog");
    let server = Permitted::start(&catalog, &CATALOG).await.expect("a server");
    let bucket = BucketConfig::new("user_profile_inbox");
    server.provisioner().ensure_bucket(&bucket).await.expect("a bucket");
    let program = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_user-profile"));
        program.envs(server.environment());
        program
    };
    let Output { status, stdout, stderr } = program().output().expect("it runs");
    let (story, said) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success() && said.is_empty(), "{said}\n{story}");
    assert!(story.contains("1 dead-lettered"), "{story}");

    // Without its password, the application shares the operator's connection, who may look at everything and do nothing.
    let mut stray = program();
    let stray = stray.env_remove("USER_PROFILE_PASSWORD");
    let Output { status, stderr, .. } = stray.output().expect("it runs");
    let said = String::from_utf8_lossy(&stderr);
    assert!(!status.success() && said.contains("user_profile"), "{said}");
}
