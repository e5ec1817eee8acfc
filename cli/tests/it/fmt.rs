//! `tidings fmt`

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tidings_codegen::emit::{markdown, rust};
use tidings_codegen::{Compilation, compile};

use crate::tidings::{Project, workspace};

const UNTIDY: &str = "\
# yaml-language-server: $schema=event.json
# What orders are told apart by.
key:    order_id
versions: # one so far
    1.0:
        # From the shop.
        examples:
        - order_id:   'a'   # the first

        # Read by billing.
        payload: {type: object,   required: [ order_id ], # the rest is optional
          properties: {order_id: {type: string, description: \"What the order is called by everybody who has to do with it\"}}}
        # no more of 1.0

summary:   'It''s accepted.'


event:  orders.order.created
# end
";

#[test]
fn files_are_laid_out_with_their_comments() {
    let project = Project::shop();
    project.write("event-catalog/orders/order-created.yaml", UNTIDY);
    let shown = project.tidings(&["fmt"]).stdout(0);
    assert_eq!(shown, "wrote event-catalog/orders/order-created.yaml\n1 of 4 files formatted\n");
    insta::assert_snapshot!("tidy", project.read("event-catalog/orders/order-created.yaml"));
    assert_eq!(project.tidings(&["fmt"]).stdout(0), "4 files as they should be\n");
}

#[test]
fn steps_of_a_flow_keep_their_order_and_their_keys_get_one() {
    let project = Project::shop();
    let untidy = "\
steps:
# It begins.
- when:   a customer orders
  # Said once.
  to: [billing]
  event: orders.order.created   # the first
- alt:
    it works:
      - by: billing
        when: the money comes
        dead_letter: orders.order.created
      # Nothing more.
    it does not: [ {by: billing, dead_letter: orders.order.created} ]
flow: order
";
    project.write("flow.yaml", untidy);
    project.tidings(&["fmt", "flow.yaml"]).stdout(0);
    insta::assert_snapshot!("flow", project.read("flow.yaml"));
    project.tidings(&["fmt", "--check", "flow.yaml"]).stdout(0);
}

/// Every catalog of the repository that has no errors.
fn catalogs() -> Vec<PathBuf> {
    let golden = fs::read_dir(workspace().join("codegen/tests/golden")).expect("a folder");
    let golden = golden.map(|entry| entry.expect("an entry").path().join("catalog"));
    let others = ["event-catalog", "tests/catalog", "codegen/tests/mutations/catalog"];
    let mut all: Vec<PathBuf> = golden.collect();
    all.extend(others.map(|folder| workspace().join(folder)));
    all
}

/// Everything that follows from a catalog.
fn outputs(compilation: &Compilation) -> (String, String) {
    let catalog = &compilation.catalog;
    (rust::emit(catalog, rust::State::Whole).code(), markdown::emit(catalog))
}

#[test]
fn a_formatted_catalog_means_the_same() {
    for catalog in catalogs() {
        let before = compile(&catalog).expect("a readable catalog");
        assert!(!before.has_errors(), "{}", catalog.display());
        let project = Project::empty();
        for file in before.sources.files() {
            let path = format!("event-catalog/{}", file.path.to_string_lossy());
            // As it would be left by somebody with other habits.
            project.write(&path, &format!("\u{feff}{}", file.text.replace('\n', "\r\n")));
        }
        project.tidings(&["fmt"]).stdout(0);
        let after = compile(&project.path().join("event-catalog")).expect("a readable catalog");
        assert_eq!(outputs(&before), outputs(&after), "{}", catalog.display());
        project.tidings(&["fmt", "--check"]).stdout(0);
    }
}

#[test]
fn check_shows_what_would_change_and_writes_nothing() {
    let project = Project::shop();
    let untidy = "owner: team-orders\ndomain:   orders\n";
    project.write("event-catalog/orders/domain.yaml", untidy);
    insta::assert_snapshot!("not_formatted", project.tidings(&["fmt", "--check"]).stdout(1));
    assert_eq!(project.read("event-catalog/orders/domain.yaml"), untidy);
    let json = project.tidings(&["fmt", "--check", "--format", "json"]).stdout(1);
    assert!(json.contains(r#""name":"not-formatted""#) && json.contains(r#""line":1"#), "{json}");
}

#[test]
fn what_is_not_yaml_is_left_as_it_is() {
    let project = Project::shop();
    let broken = "event:   \"orders\nkey:   x\n";
    project.write("event-catalog/orders/broken.yaml", broken);
    project.write("event-catalog/orders/domain.yaml", "domain:   orders\n");
    let shown = project.tidings(&["fmt"]).stdout(1);
    assert!(shown.contains("error[T002]") && shown.contains("orders/broken.yaml:1:10"), "{shown}");
    assert_eq!(project.read("event-catalog/orders/broken.yaml"), broken);
    assert_eq!(project.read("event-catalog/orders/domain.yaml"), "domain: orders\n");
}

#[test]
fn what_would_change_its_meaning_is_left_as_it_is() {
    let project = Project::empty();
    // The formatter's layout loses one of the empty lines that `+` keeps.
    let text = "domain:   orders\nsummary: |+\n  Orders.\n\n\nowner: team\n";
    project.write("domain.yaml", text);
    let shown = project.tidings(&["fmt", "domain.yaml"]).stdout(1);
    assert!(shown.contains("error[not-formattable]"), "{shown}");
    assert_eq!(project.read("domain.yaml"), text);
}

#[test]
fn only_what_is_named_is_formatted() {
    let project = Project::shop();
    project.write("event-catalog/orders/domain.yaml", "domain:   orders\n");
    project.write("event-catalog/services/sales.yaml", "service:   sales\n");
    project.write("notes/a.yaml", "domain:   a\n");
    project.tidings(&["fmt", "event-catalog/services", "notes/a.yaml"]).stdout(0);
    assert_eq!(project.read("event-catalog/orders/domain.yaml"), "domain:   orders\n");
    assert_eq!(project.read("event-catalog/services/sales.yaml"), "service: sales\n");
    assert_eq!(project.read("notes/a.yaml"), "domain: a\n");
    let missing = project.tidings(&["fmt", "notes/b.yaml"]).failure();
    assert!(missing.starts_with("error: cannot read `notes/b.yaml`: "), "{missing}");
}

#[test]
fn stdin_is_formatted_to_stdout() {
    let format = |text: &str| {
        let mut command = Project::empty().command(&["fmt", "-"]);
        command.current_dir(workspace()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = command.spawn().expect("a program");
        let mut stdin = running.stdin.take().expect("its input");
        stdin.write_all(text.as_bytes()).expect("a text that is read");
        drop(stdin);
        let ended = running.wait_with_output().expect("its end");
        (ended.status.code(), String::from_utf8(ended.stdout).expect("UTF-8"))
    };
    assert_eq!(format("domain:   a\n"), (Some(0), "domain: a\n".to_owned()));
    assert_eq!(format("domain: [a\n").0, Some(1));
}

/// The keys that the diagnostics name for a record, asked for by a key that no record has.
fn keys(path: &str, text: &str) -> BTreeSet<String> {
    let compilation = tidings_codegen::compile_files([(Path::new(path), text)]);
    let unknown = compilation.diagnostics.iter().find(|one| one.code == "T012");
    let unknown = unknown.unwrap_or_else(|| panic!("no unknown key: {text}"));
    let help = unknown.help.first().expect("the keys");
    help.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_has_its_place() {
    let records = [
        ("catalog: c\nunknown: 1\n", ""),
        ("catalog: c\ndefaults:\n  unknown: 1\n", "  "),
        ("catalog: c\ndefaults:\n  stream:\n    unknown: 1\n", "    "),
        ("catalog: c\ndefaults:\n  subscription:\n    unknown: 1\n", "    "),
        ("domain: d\nunknown: 1\n", ""),
        ("domain: d\nstream:\n  unknown: 1\n", "  "),
        ("event: d.e.a\nunknown: 1\nversions: {}\n", ""),
        ("event: d.e.a\nversions:\n  1.0:\n    unknown: 1\n    payload: {}\n", "    "),
        ("service: s\nunknown: 1\n", ""),
        ("service: s\nsubscriptions:\n  main:\n    unknown: 1\n", "    "),
    ];
    for (text, indent) in records {
        let project = Project::empty();
        let (before, _) = text.split_once(&format!("{indent}unknown")).expect("the unknown key");
        let kind = text.split(':').next().expect("a kind");
        let keys = keys("file.yaml", text);
        // The unknown key first: known ones pass it, so it comes out last.
        let lines = keys.iter().filter(|key| *key != kind || !indent.is_empty());
        let lines: String = lines.map(|key| format!("{indent}{key}: x\n")).collect();
        project.write("file.yaml", &format!("{before}{indent}unknown: 1\n{lines}"));
        project.tidings(&["fmt", "file.yaml"]).stdout(0);
        let formatted = project.read("file.yaml");
        assert!(
            formatted.ends_with("unknown: 1\n"),
            "give what stands below `unknown` a place in cli/src/format/order.rs:\n{formatted}"
        );
    }
}
