use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::import::documents::At;
use crate::import::{Files, Importer, names};
use tidings_codegen::naming::pascal;

/// Names of places that say nothing about what is there.
const PLACES: [&str; 12] = [
    "$defs",
    "allOf",
    "anyOf",
    "definitions",
    "items",
    "oneOf",
    "payload",
    "properties",
    "schema",
    "schemas",
    "components",
    "messages",
];

/// The schemas that others refer to: each becomes a file under `types`.
#[derive(Default)]
pub(in crate::import) struct Types {
    /// Stems of files by where the schema is.
    stems: BTreeMap<(PathBuf, String), String>,
    /// Rust names of the stems.
    taken: BTreeSet<String>,
    waiting: Vec<(String, At)>,
    /// Files that stay though nothing refers to them.
    pub(in crate::import) kept: BTreeSet<PathBuf>,
}

impl Types {
    /// The stem of the file that a schema is in from now on.
    pub(super) fn stem(&mut self, at: &At) -> String {
        let key = (at.file.clone(), at.pointer.clone());
        if let Some(stem) = self.stems.get(&key) {
            return stem.clone();
        }
        let wanted = name(at);
        let mut numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut stem = wanted.clone();
        while !self.taken.insert(pascal(&stem)) {
            stem = numbered.next().unwrap_or_default();
        }
        self.stems.insert(key, stem.clone());
        self.waiting.push((stem.clone(), at.clone()));
        stem
    }
}

impl Importer {
    /// Makes a shared type of a schema, whether or not another refers to it.
    pub(in crate::import) fn shared(&mut self, at: &At) {
        let stem = self.types.stem(at);
        self.types.kept.insert(path(&stem));
    }

    /// The files of all types that were referred to.
    pub(in crate::import) fn type_files(&mut self) -> Files {
        let mut files = Files::new();
        while let Some((stem, at)) = self.types.waiting.pop() {
            // A type may lead to further ones.
            let schema = self.schema(&at);
            files.insert(path(&stem), schema);
        }
        files
    }
}

fn path(stem: &str) -> PathBuf {
    PathBuf::from(format!("types/{stem}.yaml"))
}

/// What a schema is called: the last name on the way to it, and those before where it says nothing.
fn name(at: &At) -> String {
    let file = at.file.file_stem().unwrap_or_default().to_string_lossy();
    let parts = at.pointer.split('/').filter(|part| !part.is_empty() && !PLACES.contains(part));
    let parts: Vec<&str> = parts.collect();
    let nameless = |part: &&&str| part.chars().all(|c| !c.is_ascii_alphabetic());
    let from = parts.iter().rposition(|part| !nameless(&part)).unwrap_or(0);
    let named = parts[from..].join(" ").replace("~1", "/").replace("~0", "~");
    // `com.acme.Order` is an `Order`.
    let short = named.rsplit('.').next().and_then(names::file);
    let short = short.filter(|short| !short.starts_with('v') || named.contains(short.as_str()));
    short
        .or_else(|| names::file(&named))
        .or_else(|| names::file(&file))
        .unwrap_or_else(|| "shared".to_owned())
}
