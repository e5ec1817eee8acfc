//! Commands of cargo, which a test cannot run: it would wait for itself. Packages, programs, verbs and options exist.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cargo_metadata::{MetadataCommand, Package};

use crate::markdown::root;

/// Where the programs of `cargo xtask` read their options.
const PROGRAMS: [(&str, &str); 7] = [
    ("bench", "xtask/src/bench.rs"),
    ("booking", "tests/booking"),
    ("compile", "codegen/benches/compile"),
    ("faults", "tests/faults"),
    ("ledger", "tests/ledger"),
    ("load", "tests/load"),
    ("scale", "tests/scale"),
];

/// Verbs of cargo that say nothing of this repository.
const ELSEWHERE: [&str; 2] = ["llvm-cov", "new"];

static PACKAGES: LazyLock<BTreeMap<String, Package>> = LazyLock::new(|| {
    let manifest = root().join("Cargo.toml");
    let found = MetadataCommand::new().manifest_path(manifest).no_deps().exec();
    let packages = found.expect("cargo metadata").packages;
    packages.into_iter().map(|package| (package.name.to_string(), package)).collect()
});

/// Fails where something that the command names is not there.
pub(super) fn holds(args: &[String], place: &str) {
    let dashes = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let (own, handed) = (&args[..dashes], args.get(dashes + 1..).unwrap_or_default());
    let after = |name: &str| {
        let at = own.iter().position(|arg| arg == name)?;
        own.get(at + 1).map(String::as_str)
    };
    let package = after("-p").map(|name| {
        PACKAGES.get(name).unwrap_or_else(|| panic!("{place}: there is no package `{name}`"))
    });
    for kind in ["--bin", "--bench"] {
        let Some(name) = after(kind) else { continue };
        let targets = &package.unwrap_or_else(|| panic!("{place}: of which package?")).targets;
        assert!(targets.iter().any(|target| target.name == name), "{place}: there is no `{name}`");
    }
    match (&*own[0], package) {
        ("run" | "bench", Some(package)) => {
            options(handed, package.manifest_path.parent().expect("a folder").as_std_path(), place);
        }
        ("test" | "nextest", _) => {}
        ("install", _) => {
            let path = after("--path").map(|path| root().join(path).join("Cargo.toml"));
            assert!(path.is_none_or(|path| path.exists()), "{place}: nothing to install");
        }
        ("xtask", _) => {
            let verb = &*own[1];
            let verbs = fs::read_to_string(root().join("xtask/src/main.rs")).expect("its text");
            assert!(verbs.contains(&format!("  cargo xtask {verb} ")), "{place}: no verb `{verb}`");
            let program = PROGRAMS.iter().find(|(name, _)| *name == verb);
            if let Some((_, path)) = program {
                options(&own[2..], &root().join(path), place);
                options(handed, &root().join(path), place);
            }
        }
        (verb, _) => assert!(ELSEWHERE.contains(&verb), "{place}: is `cargo {verb}` right?"),
    }
}

/// The program knows the options: by a field of clap's, or by the word itself.
fn options(args: &[String], program: &Path, place: &str) {
    let mut sources = String::new();
    collect(&program.to_owned(), &mut sources);
    for name in args.iter().filter_map(|arg| arg.strip_prefix("--")) {
        let field = format!("{}: ", name.replace('-', "_"));
        let known = sources.contains(&format!("--{name}")) || sources.contains(&field);
        assert!(known, "{place}: {} does not know `--{name}`", program.display());
    }
}

fn collect(path: &PathBuf, sources: &mut String) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            collect(&entry.expect("an entry").path(), sources);
        }
    } else if path.extension().is_some_and(|kind| kind == "rs") {
        sources.push_str(&fs::read_to_string(path).expect("UTF-8"));
    }
}
