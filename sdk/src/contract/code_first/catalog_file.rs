//! Finds an event's entry in a catalog's folder, and reads its payload with all that it refers to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::entry::Problem;

/// An event's entry: the payload of its newest version, self-contained.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) version: String,
    pub(super) payload: Value,
}

/// The entry of an event, where the catalog has one.
pub(super) fn find(folder: &Path, event_type: &str) -> Result<Option<Found>, Problem> {
    let mut files = Vec::new();
    if folder.exists() {
        collect(folder, &mut files)?;
    }
    files.sort();
    for path in files {
        let text = read(&path)?;
        // Only the files of this event are read as YAML: others may be half-written.
        if !text.lines().any(|line| line.starts_with("event:") && line.contains(event_type)) {
            continue;
        }
        let file = parse(&path, &text)?;
        if file["event"] != event_type {
            continue;
        }
        let versions = file["versions"].as_object().into_iter().flatten();
        let newest = versions.max_by_key(|(version, _)| number(version));
        let Some((version, entry)) = newest else {
            let message = "the event has no version".to_owned();
            return Err(Problem::Yaml { path, message });
        };
        let payload = bundle(&path, &entry["payload"])?;
        return Ok(Some(Found { version: version.clone(), payload, path }));
    }
    Ok(None)
}

/// `1.10` is newer than `1.9`.
fn number(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let failed = |error| Problem::Io { path: folder.to_owned(), error };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let is_folder = entry.file_type().map_err(failed)?.is_dir();
        if entry.file_name().to_string_lossy().starts_with('.')
            || path.join("CACHEDIR.TAG").exists()
        {
            continue;
        }
        if is_folder {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            files.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Problem> {
    fs::read_to_string(path).map_err(|error| Problem::Io { path: path.to_owned(), error })
}

fn parse(path: &Path, text: &str) -> Result<Value, Problem> {
    serde_saphyr::from_str(text)
        .map_err(|error| Problem::Yaml { path: path.to_owned(), message: error.to_string() })
}

/// The payload, with what it refers to in its own `$defs`.
fn bundle(file: &Path, payload: &Value) -> Result<Value, Problem> {
    let mut bundle =
        Bundle { names: BTreeMap::new(), definitions: Map::new(), files: BTreeMap::new() };
    let mut bundled = bundle.copied(payload, file, payload)?;
    if let Value::Object(bundled) = &mut bundled {
        bundled.insert("$defs".to_owned(), Value::Object(bundle.definitions));
    }
    Ok(bundled)
}

struct Bundle {
    /// The names that references have got.
    names: BTreeMap<(PathBuf, String), String>,
    definitions: Map<String, Value>,
    files: BTreeMap<PathBuf, Value>,
}

impl Bundle {
    /// A schema that stands in `document`, which stands in `file`.
    fn copied(&mut self, schema: &Value, file: &Path, document: &Value) -> Result<Value, Problem> {
        match schema {
            Value::Object(keywords) => {
                let mut copied = Map::new();
                for (keyword, value) in keywords.iter().filter(|(keyword, _)| *keyword != "$defs") {
                    let value = match value.as_str().filter(|_| keyword == "$ref") {
                        Some(reference) => self.reference(reference, file, document)?,
                        None => self.copied(value, file, document)?,
                    };
                    copied.insert(keyword.clone(), value);
                }
                Ok(Value::Object(copied))
            }
            Value::Array(items) => {
                items.iter().map(|item| self.copied(item, file, document)).collect()
            }
            other => Ok(other.clone()),
        }
    }

    fn reference(
        &mut self,
        reference: &str,
        file: &Path,
        document: &Value,
    ) -> Result<Value, Problem> {
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let (target, document) = if path.is_empty() {
            (file.to_owned(), document.clone())
        } else {
            let target = file.parent().unwrap_or(Path::new("")).join(path);
            let target =
                fs::canonicalize(&target).map_err(|error| Problem::Io { path: target, error })?;
            let document = match self.files.get(&target) {
                Some(document) => document.clone(),
                None => parse(&target, &read(&target)?)?,
            };
            self.files.insert(target.clone(), document.clone());
            (target, document)
        };
        let place = (target.clone(), pointer.to_owned());
        if let Some(name) = self.names.get(&place) {
            return Ok(json!(format!("#/$defs/{name}")));
        }
        let name = self.names.len().to_string();
        self.names.insert(place, name.clone());
        let Some(schema) = document.pointer(pointer) else {
            let message = format!("`{reference}` leads nowhere");
            return Err(Problem::Yaml { path: file.to_owned(), message });
        };
        let copied = self.copied(schema, &target, &document)?;
        self.definitions.insert(name.clone(), copied);
        Ok(json!(format!("#/$defs/{name}")))
    }
}
