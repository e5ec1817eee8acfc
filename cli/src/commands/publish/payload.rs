//! The payload that a user means.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use tidings_codegen::diagnostic::Diagnostic;
use tidings_codegen::model::{Catalog, Version, VersionId};
use tidings_codegen::payload;

use crate::failure::Failure;
use crate::online::known::Known;
use crate::output::slashed;
use crate::report::counted;

/// What stdin is called.
const STDIN: &str = "-";

/// Where the payload comes from.
#[derive(Debug, Args)]
pub(super) struct Given {
    /// The example of the catalog to send, counted from 1.
    #[arg(long, value_name = "N", default_value = "1", conflicts_with = "file")]
    example: usize,

    /// A file with the payload, JSON or YAML; `-` for stdin.
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,

    /// Put this value there: `status=paid`, `lines.0.quantity=2`, `/lines/0/quantity=2`.
    ///
    /// The value is JSON where the schema takes it so, and a string otherwise.
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
}

impl Given {
    /// The payload, or what is wrong with it.
    pub(super) fn read(
        &self,
        known: &mut Known,
        version: VersionId,
        event: &str,
    ) -> Result<Result<Value, Vec<Diagnostic>>, Failure> {
        let compilation = &mut known.compilation;
        let (catalog, sources) = (&compilation.catalog, &mut compilation.sources);
        let version = &catalog.events[event].versions[&version];
        let (path, text) = match &self.file {
            Some(path) if path == Path::new(STDIN) => ("stdin".to_owned(), read(path)?),
            Some(path) => (slashed(path), read(path)?),
            None => {
                let path = format!("example {} of {event}", self.example);
                (path, pretty(self.example_of(version, event)?))
            }
        };
        if self.set.is_empty() {
            return Ok(payload::read(catalog, version, path, &text, sources));
        }
        // Only what can be read can be changed; whether it fits is asked afterwards.
        let mut changed = match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(_) => match tidings_codegen::yaml::parse(&path, &text, sources) {
                Ok(node) => node.to_value(),
                Err(found) => return Ok(Err(found)),
            },
        };
        for setting in &self.set {
            changed = set(catalog, version, &changed, setting)?;
        }
        let path = format!("{path}, with --set");
        Ok(payload::read(catalog, version, path, &pretty(&changed), sources))
    }

    fn example_of<'v>(&self, version: &'v Version, event: &str) -> Result<&'v Value, Failure> {
        let examples = &version.examples;
        let example = self.example.checked_sub(1).and_then(|at| examples.get(at));
        example.map(|example| &example.value).ok_or_else(|| {
            let failure = match examples.len() {
                0 => Failure::new(format!("`{event}` {} has no example", version.id)),
                count => Failure::new(format!(
                    "`{event}` {} has {}, and no number {}",
                    version.id,
                    counted(count, "example"),
                    self.example
                )),
            };
            failure.help("`--file <FILE>` sends a payload of your own, `--file -` what stdin says")
        })
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    if path != Path::new(STDIN) {
        return fs::read_to_string(path).map_err(|error| Failure::io("cannot read", path, &error));
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map(|_| text).map_err(|error| Failure::new(format!("cannot read stdin: {error}")))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The payload with one value of its own.
fn set(
    catalog: &Catalog,
    version: &Version,
    payload: &Value,
    setting: &str,
) -> Result<Value, Failure> {
    let wrong = |why: String| {
        Failure::new(format!("`--set {setting}` cannot be done: {why}")).help(
            "write `<field>=<value>`, with dots between the fields: `--set lines.0.quantity=2`",
        )
    };
    let (place, value) =
        setting.split_once('=').ok_or_else(|| wrong("it has no `=`".to_owned()))?;
    let pointer = match place.starts_with('/') {
        true => place.to_owned(),
        false => format!("/{}", place.replace('.', "/")),
    };
    let with = |value: Value| {
        let mut payload = payload.clone();
        put(&mut payload, &pointer, value).map_err(wrong)?;
        Ok(payload)
    };
    let text = with(Value::String(value.to_owned()))?;
    let Ok(json) = serde_json::from_str(value) else { return Ok(text) };
    let json = with(json)?;
    let mistakes = |payload| payload::differences(catalog, version, payload).len();
    Ok(if mistakes(&json) <= mistakes(&text) { json } else { text })
}

/// Puts a value there, with the objects around it that are missing; behind the last item of a list it is one more.
fn put(payload: &mut Value, pointer: &str, value: Value) -> Result<(), String> {
    let mut here = payload;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        if here.is_null() {
            *here = Value::Object(serde_json::Map::new());
        }
        here = match here {
            Value::Object(members) => members.entry(name).or_insert(Value::Null),
            Value::Array(items) => {
                let count = items.len();
                let at = name.parse::<usize>().ok().filter(|at| *at <= count);
                let at = at.ok_or_else(|| {
                    format!("`{name}` is no place of a list of {}", counted(count, "item"))
                })?;
                if at == count {
                    items.push(Value::Null);
                }
                &mut items[at]
            }
            _ => return Err(format!("what should hold `{name}` is neither a mapping nor a list")),
        };
    }
    *here = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_put_where_they_belong() {
        for (pointer, expected) in [
            ("/a", Ok(json!({ "a": 7, "list": [1] }))),
            ("/new/deep", Ok(json!({ "a": 1, "list": [1], "new": { "deep": 7 } }))),
            ("/list/0", Ok(json!({ "a": 1, "list": [7] }))),
            ("/list/1", Ok(json!({ "a": 1, "list": [1, 7] }))),
            ("/x~1y", Ok(json!({ "a": 1, "list": [1], "x/y": 7 }))),
            ("/list/2", Err("`2` is no place of a list of 1 item")),
            ("/a/b", Err("what should hold `b` is neither a mapping nor a list")),
        ] {
            let mut payload = json!({ "a": 1, "list": [1] });
            let done = put(&mut payload, pointer, json!(7)).map(|()| payload);
            assert_eq!(done, expected.map_err(str::to_owned), "{pointer}");
        }
    }
}
