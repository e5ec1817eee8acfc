//! A workspace with the crates that are compiled.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tidings_codegen::emit::rust::{Modules, Part, State, emit_part};
use tidings_codegen::model::Catalog;
use tidings_codegen::write::write;
use tidings_codegen::{compile_files, json_schema};

use crate::rustc::{self, Used};
use crate::{Outcome, typify};

/// Whose types are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// What this crate generates.
    Tidings,
    /// What typify generates, and serde derives.
    Typify,
}

impl Candidate {
    pub(crate) const ALL: [Self; 2] = [Self::Tidings, Self::Typify];

    /// Its crate.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tidings => "with_tidings",
            Self::Typify => "with_typify",
        }
    }
}

/// The workspace. It stays, so that what the crates depend on is compiled once.
pub(crate) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Outcome<Self> {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let folder = repository.join("target/compile");
        let scratch = Self { folder };
        // Dependencies are not measured: they are compiled as fast as can be.
        scratch.put(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"with_tidings\", \"with_typify\"]\n\n\
             [profile.dev.package.\"*\"]\ndebug = false\n\n\
             [profile.release.package.\"*\"]\nopt-level = 0\n",
        )?;
        let sdk = repository.join("sdk");
        let tidings = format!("tidings = {{ path = {sdk:?} }}\nserde_json = \"1\"\n");
        let typify = "jiff = { version = \"0.2\", default-features = false, features = [\"std\", \"serde\"] }\nregress = \"0.12\"\n\
                      serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\
                      uuid = { version = \"1\", features = [\"serde\"] }\n";
        for (candidate, dependencies) in
            [(Candidate::Tidings, tidings.as_str()), (Candidate::Typify, typify)]
        {
            let name = candidate.name();
            scratch.put(
                format!("{name}/Cargo.toml"),
                &format!(
                    "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                     [dependencies]\n{dependencies}"
                ),
            )?;
            scratch.put(format!("{name}/src/lib.rs"), "")?;
        }
        let lock = scratch.folder.join("Cargo.lock");
        if !lock.exists() {
            // The versions of the repository, which are there already.
            std::fs::copy(repository.join("Cargo.lock"), lock)?;
        }
        Ok(scratch)
    }

    /// Compiles what the crate depends on.
    pub(crate) fn prepare(&self, candidate: Candidate, phase: &str) -> Outcome {
        self.put(format!("{}/src/lib.rs", candidate.name()), "")?;
        self.cargo(candidate, phase).map(drop)
    }

    /// Writes the crate: the types of a catalog, and for each event a function that writes it and one that reads it.
    pub(crate) fn write(&self, candidate: Candidate, files: &[(String, String)]) -> Outcome {
        let compilation = compile_files(files.iter().cloned());
        self.write_part(candidate, &compilation.catalog, &Part::whole(&compilation.catalog))
    }

    /// The same for one service; how many events that are.
    pub(crate) fn write_service(&self, files: &[(String, String)], name: &str) -> Outcome<usize> {
        let catalog = compile_files(files.iter().cloned()).catalog;
        let names = [name.to_owned()];
        let part = Part::of_services(&catalog, &names)?;
        self.write_part(Candidate::Tidings, &catalog, &part)?;
        Ok(catalog.events.values().filter(|event| part.has_event(event)).count())
    }

    fn write_part(&self, candidate: Candidate, catalog: &Catalog, part: &Part<'_>) -> Outcome {
        let mut code = String::new();
        let mut events = Vec::new();
        match candidate {
            Candidate::Tidings => {
                // As a crate whose build script writes them includes them.
                let generated = emit_part(catalog, part, State::Whole);
                for file in generated.files(Path::new("event_catalog.rs"), Modules::Included) {
                    let path = Path::new(candidate.name()).join("src").join(file.path);
                    self.put(path, &file.text)?;
                }
                code.push_str("::core::include!(\"event_catalog.rs\");\n");
                for event in catalog.events.values().filter(|event| part.has_event(event)) {
                    events.push(format!("crate::{}::{}", event.domain, event.rust_name));
                }
            }
            Candidate::Typify => {
                let mut schemas = Vec::new();
                for event in catalog.events.values() {
                    let schema = json_schema::payload(catalog, event.newest());
                    schemas.push((event.rust_name.clone(), schema));
                    events.push(format!("crate::{}", event.rust_name));
                }
                code.push_str(&typify::types(schemas)?);
            }
        }
        for (number, event) in events.iter().enumerate() {
            write!(
                code,
                "\npub fn write_{number}(event: &{event}) -> Option<Vec<u8>> {{\n    \
                 ::serde_json::to_vec(event).ok()\n}}\n\n\
                 pub fn read_{number}(json: &[u8]) -> Option<{event}> {{\n    \
                 ::serde_json::from_slice(json).ok()\n}}\n"
            )?;
        }
        self.put(format!("{}/src/lib.rs", candidate.name()), &code)
    }

    /// Compiles the crate, and says what rustc used.
    pub(crate) fn compile(&self, candidate: Candidate, phase: &str) -> Outcome<Used> {
        let log = self.cargo(candidate, phase)?;
        rustc::used(&log, candidate.name())
    }

    /// Runs cargo with this program in the place of rustc; gives its log.
    fn cargo(&self, candidate: Candidate, phase: &str) -> Outcome<PathBuf> {
        let log = self.folder.join("rustc.log");
        if log.exists() {
            std::fs::remove_file(&log)?;
        }
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut cargo = Command::new(cargo);
        let status = cargo
            .args(phase.split(' '))
            .args(["--quiet", "--offline", "--package", candidate.name()])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_INCREMENTAL", if phase.contains("release") { "0" } else { "1" })
            .env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?)
            .env(rustc::LOG, &log)
            .status()?;
        match status.success() {
            true => Ok(log),
            false => Err(format!("cargo {phase} of {} failed", candidate.name()).into()),
        }
    }

    fn put(&self, path: impl AsRef<Path>, text: &str) -> Outcome {
        write(&self.folder.join(path), text)?;
        Ok(())
    }
}
