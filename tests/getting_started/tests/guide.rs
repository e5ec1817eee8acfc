//! `docs/getting-started.md`, followed as written: its commands are run, its files are those that are compiled here.

#[path = "../followed.rs"]
mod followed;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use followed::{of, said, shown_below_run};

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file of a catalog, without the line for editors.
fn yaml(path: impl AsRef<Path>) -> String {
    let text = file(path);
    text.split_once('\n')
        .filter(|(first, _)| first.starts_with("# yaml"))
        .expect("a modeline")
        .1
        .to_owned()
}

/// The words of a command; those in quotes are one.
fn words(command: &str) -> Vec<OsString> {
    let parts = command.split('"').enumerate();
    parts
        .flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().map(OsString::from).collect(),
            _ => vec![OsString::from(part)],
        })
        .collect()
}

#[test]
fn its_commands_and_edits_lead_to_a_catalog_without_mistakes() {
    let around = tempfile::tempdir().expect("a folder");
    std::env::set_current_dir(around.path()).expect("a folder");
    let mut edits = of("yaml").into_iter().skip(2);
    let console = of("console").concat();
    for command in console.lines() {
        let Some(command) = command.strip_prefix("$ ") else { continue };
        match command.split_whitespace().next() {
            Some("mkdir") => fs::create_dir(command.replace("mkdir ", "")).expect("a folder"),
            Some("cd") => std::env::set_current_dir(command.replace("cd ", "")).expect("a folder"),
            Some("tidings") => {
                let ended = tidings_cli::run_from(words(command));
                assert_eq!(ended, ExitCode::SUCCESS, "{command}");
            }
            Some("cargo") => {
                // What it makes is compiled here.
                if let Some(folder) = command.strip_prefix("cargo new ") {
                    fs::create_dir(folder).expect("a folder");
                }
            }
            _ => panic!("who runs `{command}`?"),
        }
        if command == "tidings init" {
            written_is_what_is_shown_and_compiled();
        } else if command.starts_with("tidings new event") {
            let service = PathBuf::from("event-catalog/services/sales.yaml");
            for edit in edits.by_ref() {
                let key = edit.split(':').next().expect("a key");
                let text = file(&service);
                let old = text.lines().find(|line| line.split(':').next() == Some(key));
                let old = old.unwrap_or_else(|| panic!("no line {key}:"));
                fs::write(&service, text.replace(old, edit.trim_end())).expect("a writable file");
            }
            for path in ["orders/order-shipped.yaml", "services/sales.yaml"] {
                let compiled = file(home().join("grown/event-catalog").join(path));
                assert_eq!(compiled, file(Path::new("event-catalog").join(path)), "{path}");
            }
        }
    }
    assert!(file("docs/EVENTS.md").contains("The parcel left the warehouse."));
}

fn written_is_what_is_shown_and_compiled() {
    let mut shown = of("yaml").into_iter();
    for path in ["orders/order-created.yaml", "services/sales.yaml"] {
        let written = Path::new("event-catalog").join(path);
        assert_eq!(shown.next(), Some(yaml(&written)), "{path}");
    }
    for path in [
        "catalog.yaml",
        "orders/domain.yaml",
        "orders/order-created.yaml",
        "services/sales.yaml",
        "build.rs",
        "src/lib.rs",
    ] {
        for compiled in ["event-catalog", "grown/event-catalog"] {
            // The second one is compiled after an edit.
            if compiled.starts_with("grown") && path.starts_with("services/") {
                continue;
            }
            let compiled = file(home().join(compiled).join(path));
            assert_eq!(compiled, file(Path::new("event-catalog").join(path)), "{path}");
        }
    }
}

#[cfg(unix)]
#[test]
fn its_service_says_what_is_shown_and_ends_in_good_order() {
    assert_eq!(of("rust")[0], file(home().join("src/main.rs")));
    let shown = shown_below_run(0);
    assert_eq!(said(env!("CARGO_BIN_EXE_getting-started"), shown.len()), shown);
}
