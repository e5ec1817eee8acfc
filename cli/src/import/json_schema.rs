//! `import json-schema`: payloads and shared types from JSON Schemas.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::documents::At;
use super::{Files, Imported, Importer, names};
use crate::yaml::{Mapping, Node};

/// What becomes of the schemas.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The one schema is the payload of this event.
    pub(crate) event: Option<String>,
    /// Each schema is the payload of an event of this domain, named after its file.
    pub(crate) domain: Option<String>,
    /// The version that the payloads are of.
    pub(crate) version: String,
}

/// The catalog that the schemas come into; empty where there is none yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    /// Its files.
    pub(crate) files: Vec<(PathBuf, String)>,
    /// Its domains.
    pub(crate) domains: BTreeSet<String>,
}

/// Reads schemas.
///
/// # Errors
/// A schema cannot be read, or does not fit into the catalog: the whole message.
pub(crate) fn import(
    paths: &[PathBuf],
    options: &Options,
    around: &Around,
) -> Result<Imported, String> {
    let mut importer = Importer::new();
    let mut schemas = Vec::new();
    for path in paths {
        for file in files(path)? {
            schemas.push(importer.documents.open(&file)?);
        }
    }
    let mut files = Files::new();
    match (&options.event, &options.domain, schemas.as_slice()) {
        (Some(event), _, [schema]) => importer.event(event, schema, options, &mut files),
        (Some(event), ..) => {
            return Err(format!(
                "`--event {event}` takes one schema, and {} were found; what it refers to comes with it",
                schemas.len()
            ));
        }
        (None, Some(domain), schemas) => {
            for schema in schemas {
                let name = names::name(&stem(schema)).unwrap_or_else(|| "message".to_owned());
                importer.event(&format!("{domain}.{name}"), schema, options, &mut files);
            }
        }
        (None, None, schemas) => {
            for schema in schemas {
                importer.shared(schema);
            }
        }
    }
    let domains: BTreeSet<String> = files.keys().filter_map(|path| domain(path)).collect();
    for domain in domains.difference(&around.domains) {
        let file = Mapping::from_iter([("domain", domain.as_str())]);
        files.insert(PathBuf::from(domain).join("domain.yaml"), file.into());
    }
    if around.files.is_empty() {
        let file = Mapping::from_iter([("catalog", "imported")]);
        files.insert("catalog.yaml".into(), file.into());
    }
    let types = importer.type_files();
    files.extend(types);
    importer.finish(files, &around.files)
}

impl Importer {
    fn event(&mut self, event: &str, schema: &At, options: &Options, files: &mut Files) {
        let payload = self.payload(schema);
        let mut version = Mapping::default();
        if payload.deprecated {
            version.insert("deprecated", Mapping::default());
        }
        let mut file = Mapping::from_iter([("event", Node::word(event))]);
        let mut payload_schema = payload.schema;
        let title = payload_schema.as_map_mut().and_then(|entries| entries.remove("title"));
        file.insert_some("summary", title);
        version.insert("payload", payload_schema);
        if !payload.examples.is_empty() {
            version.insert("examples", payload.examples);
        }
        file.insert("versions", Mapping::from_iter([(options.version.as_str(), version)]));
        let (domain, rest) = event.split_once('.').unwrap_or((event, event));
        let name = rest.replace(['.', '_'], "-");
        let path = PathBuf::from(domain).join(format!("{name}.yaml"));
        files.insert(path, Node::from(file).placed(schema.node.span));
    }
}

/// The domain that an event's file is in.
fn domain(path: &Path) -> Option<String> {
    path.iter().next()?.to_str().map(str::to_owned)
}

/// The schemas of a folder, or the one file.
fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let cannot =
        |error: &dyn std::fmt::Display| format!("cannot read `{}`: {error}", path.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| cannot(&error))? {
        let entry = entry.map_err(|error| cannot(&error))?.path();
        let is_schema =
            entry.extension().is_some_and(|kind| kind == "json" || kind == "yaml" || kind == "yml");
        if is_schema && entry.is_file() {
            found.push(entry);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(cannot(&"no `.json` and no `.yaml` file is in it"));
    }
    Ok(found)
}

/// The name of a schema's file, without the ends that such files have.
fn stem(schema: &At) -> String {
    let name = schema.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let ends = [".json", ".yaml", ".yml", ".schema"];
    ends.iter().fold(name, |name, end| name.strip_suffix(end).map(str::to_owned).unwrap_or(name))
}
