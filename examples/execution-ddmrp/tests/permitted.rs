//! Each service with what `tidings permissions` lets it do and nothing else.

use std::path::Path;
use std::process::{Command, Output};

use event_catalog::CATALOG;
use tidings_test_servers::Permitted;

#[tokio::test(flavor = "multi_thread")]
async fn buyers_planners_and_listeners_do_their_jobs_with_their_own_permissions() {
    let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../event-catalog");
    let server = Permitted::start(&catalog, &CATALOG).await.expect("a server");
    let program = || {
        let mut program = Command::new(env!("CARGO_BIN_EXE_execution-ddmrp"));
        program.args(["--orders", "9"]).envs(server.environment());
        program
    };
    let Output { status, stdout, stderr } = program().output().expect("it runs");
    let (story, said) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success() && said.is_empty(), "{said}\n{story}");
    assert!(story.contains("0 dead-lettered"), "{story}");

    // Without its password, a service shares the operator's connection, who may look at everything and handle nothing.
    let mut stray = program();
    let stray = stray.env_remove("DDMRP_PASSWORD");
    let Output { status, stderr, .. } = stray.output().expect("it runs");
    let said = String::from_utf8_lossy(&stderr);
    assert!(!status.success() && said.contains("ddmrp-"), "{said}");
}
