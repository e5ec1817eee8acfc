//! The rules of the house: who may use whom, and how large a file may grow.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The crates of this workspace that each of them may use, apart from its tests.
///
/// Generated code joins the two halves: codegen and the macros never know each other or the runtime. What
/// JSON Schema says of single values, and what conversions between versions do, mean the same in both.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("tidings-macros", &[]),
    ("tidings-payload", &[]),
    ("tidings-codegen", &["tidings-payload"]),
    ("tidings", &["tidings-macros", "tidings-payload"]),
    ("event-catalog", &["tidings", "tidings-codegen"]),
    ("getting-started-catalog", &["tidings", "tidings-codegen"]),
    ("getting-started", &["tidings", "getting-started-catalog"]),
    ("getting-started-grown-catalog", &["tidings", "tidings-codegen"]),
    ("getting-started-grown", &["tidings", "getting-started-grown-catalog"]),
    ("rollout-before", &["tidings", "tidings-codegen"]),
    ("rollout-after", &["tidings", "tidings-codegen"]),
    ("tidings-cli", &["tidings", "tidings-codegen"]),
    ("tidings-test-servers", &["tidings", "tidings-codegen"]),
    ("xtask", &[]),
];

/// What services, the examples, may use.
const SERVICES_MAY_USE: &[&str] = &["tidings", "event-catalog", "sample-program"];

/// Crates whose dependencies are a promise: so quickly do they build, so little do they drag in.
const DEPENDS_ONLY_ON: [(&str, &[&str]); 3] = [
    ("tidings-macros", &["proc-macro2", "quote", "syn"]),
    ("tidings-payload", &["serde_json"]),
    ("event-catalog", &["tidings"]),
];

const LINES_OF_A_FILE: usize = 500;

/// Names of files and folders that say nothing about what is in them.
const EMPTY_NAMES: [&str; 5] = ["common", "helpers", "misc", "util", "utils"];

/// Folders with files that nobody writes by hand.
const GENERATED: [&str; 4] = ["generated", "golden", "snapshots", "target"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}

fn workspace() -> Metadata {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata")
}

/// What a package needs to be built (`Normal`, `Build`), by name.
fn needs<'a>(package: &'a Package, kinds: &'a [DependencyKind]) -> impl Iterator<Item = &'a str> {
    let wanted = |kind| kinds.contains(kind);
    package.dependencies.iter().filter(move |used| wanted(&used.kind)).map(|used| &*used.name)
}

#[test]
fn crates_use_only_those_below_them() {
    let workspace = workspace();
    let members: BTreeSet<&str> = workspace.packages.iter().map(|member| &**member.name).collect();
    let mut broken = Vec::new();
    for member in &workspace.packages {
        let name = &**member.name;
        let allowed = match MAY_USE.iter().find(|(listed, _)| *listed == name) {
            // They test everything.
            None if [
                "tidings-benches",
                "tidings-pages-tests",
                "tidings-tests",
                "tidings-ui-tests",
            ]
            .contains(&name) =>
            {
                continue;
            }
            None if member.manifest_path.starts_with(root().join("examples")) => SERVICES_MAY_USE,
            None => {
                broken.push(format!("`{name}` is new: say in MAY_USE what it may use"));
                continue;
            }
            Some((_, allowed)) => *allowed,
        };
        let used = needs(member, &[DependencyKind::Normal, DependencyKind::Build]);
        let wrong = used.filter(|used| members.contains(used) && !allowed.contains(used));
        broken.extend(wrong.map(|used| format!("`{name}` must not use `{used}`")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn light_crates_stay_light() {
    let workspace = workspace();
    for (name, allowed) in DEPENDS_ONLY_ON {
        let package = workspace.packages.iter().find(|package| *package.name == name);
        let package = package.unwrap_or_else(|| panic!("there is no `{name}`"));
        let used: BTreeSet<_> = needs(package, &[DependencyKind::Normal]).collect();
        let allowed = allowed.iter().copied().collect();
        assert!(used.is_subset(&allowed), "`{name}` may use {allowed:?}, and uses {used:?}");
    }
}

#[test]
fn only_the_runtime_talks_to_nats() {
    let kinds = [DependencyKind::Normal, DependencyKind::Build];
    let workspace = workspace();
    let users = workspace.packages.iter();
    let users = users.filter(|package| needs(package, &kinds).any(|used| used == "async-nats"));
    // It judges the runtime, and from outside.
    let users = users.filter(|package| *package.name != "tidings-tests");
    let users: Vec<_> = users.map(|package| package.name.to_string()).collect();
    assert_eq!(users, ["tidings"]);
}

/// Samples are read before they are copied: none shows how to log people.
#[test]
fn every_example_is_looked_through_for_people() {
    let examples = fs::read_dir(root().join("examples")).expect("a folder");
    let packages = examples.map(|entry| entry.expect("an entry").path());
    let programs: Vec<_> = packages.filter(|path| path.join("src/main.rs").exists()).collect();
    assert!(programs.iter().any(|path| path.ends_with("order-processing")), "{programs:?}");
    for program in programs {
        let test = fs::read_to_string(program.join("tests/personal.rs")).unwrap_or_default();
        assert!(
            test.contains("personal::nothing_tells_of_people"),
            "{}: write a test like that of order-processing, with `examples/personal.rs`",
            program.display()
        );
    }
}

#[test]
fn no_file_is_a_hall() {
    let mut files = Vec::new();
    collect(root(), &mut files);
    assert!(files.contains(&root().join("sdk/src/lib.rs")), "the walk misses the sources");
    for file in files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs")) {
        let lines = fs::read_to_string(file).expect("a source file").lines().count();
        let file = file.strip_prefix(root()).unwrap_or(file).display();
        assert!(
            lines <= LINES_OF_A_FILE,
            "{file} has {lines} lines, and {LINES_OF_A_FILE} are the limit: make it a folder, one concept a file"
        );
    }
}

#[test]
fn every_name_says_what_is_inside() {
    let mut files = Vec::new();
    collect(root(), &mut files);
    for file in &files {
        let file = file.strip_prefix(root()).unwrap_or(file);
        let mut names = file.iter().filter_map(|name| name.to_str()?.split('.').next());
        let empty = names.find(|name| EMPTY_NAMES.contains(name));
        assert_eq!(empty, None, "{}: name it after what it holds", file.display());
    }
}

/// Every file that someone wrote, in `folder` and below.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with('.') || GENERATED.contains(&name) {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
