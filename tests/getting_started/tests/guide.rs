//! `docs/getting-started.md`, followed as written: its commands are run, its files are those that are compiled here.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The guide's blocks, each with its language.
fn blocks() -> Vec<(String, String)> {
    let guide =
        fs::read_to_string(home().join("../../docs/getting-started.md")).expect("the guide");
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in guide.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none() && blocks.len() > 10, "{} blocks", blocks.len());
    blocks
}

fn of(language: &str) -> impl Iterator<Item = String> {
    blocks().into_iter().filter(move |(own, _)| own == language).map(|(_, text)| text)
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
    let mut edits = of("yaml").skip(2);
    for command in
        of("console").flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
    {
        let Some(command) = command.strip_prefix("$ ") else { continue };
        match command.split_whitespace().next() {
            Some("mkdir") => fs::create_dir(command.replace("mkdir ", "")).expect("a folder"),
            Some("cd") => std::env::set_current_dir(command.replace("cd ", "")).expect("a folder"),
            Some("tidings") => {
                let ended = tidings_cli::run_from(words(command));
                assert_eq!(ended, ExitCode::SUCCESS, "{command}");
            }
            // What it makes is compiled here.
            Some("cargo") => continue,
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
            let text = file(&service);
            assert_eq!(text.matches("orders.order.shipped").count(), 2, "{text}");
        }
    }
    assert!(file("docs/EVENTS.md").contains("The parcel left the warehouse."));
}

fn written_is_what_is_shown_and_compiled() {
    let mut shown = of("yaml");
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
        let compiled = file(home().join("event-catalog").join(path));
        assert_eq!(compiled, file(Path::new("event-catalog").join(path)), "{path}");
    }
}

/// The service at work; it ends with the test.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // It has ended already where all went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[test]
fn its_service_says_what_is_shown_and_ends_in_good_order() {
    assert_eq!(of("rust").collect::<Vec<_>>(), [file(home().join("src/main.rs"))]);
    let runs = of("console").find_map(|text| text.strip_prefix("$ cargo run\n").map(str::to_owned));
    let shown = runs.expect("a run with its output");
    let mut command = Command::new(env!("CARGO_BIN_EXE_getting-started"));
    let mut service = Service(command.stdout(Stdio::piped()).spawn().expect("a program"));
    let mut said = BufReader::new(service.0.stdout.take().expect("piped")).lines();
    for line in shown.lines() {
        assert_eq!(said.next().expect("it goes on").expect("UTF-8"), line);
    }
    let told = Command::new("kill").args(["-INT", &service.0.id().to_string()]).status();
    assert!(told.expect("a program that runs").success());
    assert_eq!(service.0.wait().expect("an end").code(), Some(0));
}
