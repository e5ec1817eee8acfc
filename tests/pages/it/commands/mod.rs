//! The commands of the pages: `tidings` is run where it needs no server, and understood in any case; of others it is checked that
//! what they name exists.

mod cargo;
mod shell;

use std::path::Path;
use std::process;

use serde_json::Value;

use crate::markdown::{blocks, pages, root};
use crate::texts::exempt;
use shell::Command;

/// Programs that no test of the pages runs, and why.
const OTHERS: [(&str, &str); 5] = [
    ("billing", "the service that a page is about"),
    ("docker", "what it starts is compared with Docker's own schema in cli/tests/it/operations"),
    (
        "kubectl",
        "what it applies is compared with Kubernetes' own schemas in cli/tests/it/operations",
    ),
    ("nats-server", "tests of permissions start it with that configuration"),
    ("rustup", "it installs a component"),
];

/// Verbs of `tidings` that need no server.
const OFFLINE: [&str; 10] = [
    "check",
    "dashboard",
    "docs",
    "explain",
    "export",
    "fmt",
    "generate",
    "init",
    "permissions",
    "release",
];

/// Commands that run until they are told to end.
const ENDLESS: [&str; 2] = ["--serve", "--watch"];

fn commands(page: &str) -> Vec<Command> {
    let own = blocks().into_iter().filter(|block| block.page == page);
    let shown = own.filter(|block| block.language == "console" && !exempt(block));
    shown.flat_map(|block| shell::commands(&block)).collect()
}

#[test]
fn every_command_is_known() {
    let mut understood = 0;
    for Command { place, words, .. } in pages().iter().flat_map(|(page, _)| commands(page)) {
        let program = words.first().unwrap_or_else(|| panic!("{place}: no program"));
        match &**program {
            "tidings" => {
                let parsed = tidings_cli::command().try_get_matches_from(&words);
                assert!(parsed.is_ok(), "{place}: {}", parsed.expect_err("seen"));
                understood += 1;
            }
            "cargo" => cargo::holds(&words[1..], &place),
            "curl" => asks_what_is_served(&words, &place),
            other => assert!(
                OTHERS.iter().any(|(known, _)| *known == other),
                "{place}: who runs `{other}`? Say in OTHERS why no test does"
            ),
        }
    }
    assert!(understood > 20, "{understood}");
}

/// In a folder with the catalog of the samples, or where the page begins one, in an empty one.
#[test]
fn what_needs_no_server_does_as_the_page_says() {
    let mut run = 0;
    for (page, _) in pages() {
        let around = tempfile::tempdir().expect("a folder");
        // Pages may write beside it.
        let folder = around.path().join("work");
        std::fs::create_dir(&folder).expect("a writable folder");
        let commands = commands(&page);
        if !commands.iter().any(|command| command.words.get(1).is_some_and(|verb| verb == "init")) {
            copy(&root().join("event-catalog"), &folder.join("event-catalog"));
        }
        for Command { place, words, output } in commands {
            let offline = words.len() > 1 && words[0] == "tidings" && OFFLINE.contains(&&*words[1]);
            if !offline || words.iter().any(|word| ENDLESS.contains(&&**word)) {
                continue;
            }
            let mut program = process::Command::new(env!("CARGO_BIN_EXE_tidings-of-the-pages"));
            program.args(&words[1..]).current_dir(&folder).env_remove("TIDINGS_CATALOG");
            let ended = program.output().expect("a program that runs");
            let said = String::from_utf8_lossy(&ended.stdout);
            let complained = String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.success(), "{place}: {words:?}\n{said}{complained}");
            if !output.is_empty() {
                assert_eq!(said, output, "{place}: {words:?}");
            }
            run += 1;
        }
    }
    assert!(run > 8, "{run}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a writable folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => drop(std::fs::copy(&path, to.join(name)).expect("a writable file")),
        }
    }
}

/// A path and parameters of the administration's description.
fn asks_what_is_served(words: &[String], place: &str) {
    let description = root().join("sdk/src/operations/admin/openapi.json");
    let description = std::fs::read_to_string(description).expect("a description");
    let served: Value = serde_json::from_str(&description).expect("JSON");
    let served = served["paths"].as_object().expect("paths");
    let url = words.iter().find_map(|word| word.strip_prefix("localhost:8080"));
    let url = url.unwrap_or_else(|| panic!("{place}: asks nobody"));
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let same = |known: &str| {
        let (known, path) = (known.split('/'), path.split('/'));
        known.clone().count() == path.clone().count()
            && known.zip(path).all(|(known, own)| {
                known == own || (known.starts_with('{') && own.bytes().all(|b| b.is_ascii_digit()))
            })
    };
    assert!(served.keys().any(|known| same(known)), "{place}: nothing is served at `{path}`");
    for name in query.split('&').filter_map(|pair| pair.split('=').next()).filter(|n| !n.is_empty())
    {
        assert!(description.contains(&format!("\"{name}\"")), "{place}: there is no `{name}`");
    }
}
