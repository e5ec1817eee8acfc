//! `tidings import`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tidings_codegen::editor;

use super::Outcome;
use crate::answer::{Answer, require_answer_format};
use crate::failure::Failure;
use crate::file;
use crate::folder::USUAL_NAME;
use crate::import::asyncapi::{self, View};
use crate::import::json_schema::{self, Around};
use crate::import::{Imported, Kind, Note};
use crate::output::slashed;
use crate::report::counted;
use crate::session::Session;

/// Make a catalog of what other tools describe, or add to one.
#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(subcommand)]
    source: Source,
}

/// What is imported.
#[derive(Debug, Subcommand)]
enum Source {
    Asyncapi(Asyncapi),
    JsonSchema(JsonSchema),
}

/// Where the files go.
#[derive(Debug, Args)]
struct Target {
    /// Folder of the catalog.
    #[arg(long, value_name = "FOLDER", default_value = USUAL_NAME)]
    out: PathBuf,

    /// Write over files that are there already.
    #[arg(long)]
    force: bool,
}

/// An AsyncAPI document, of version 2 or 3, in YAML or JSON.
///
/// The catalog builds. What it has no words for is said here and, where it changes a schema, in comments of the files.
#[derive(Debug, Args)]
struct Asyncapi {
    /// The document.
    file: PathBuf,

    #[command(flatten)]
    target: Target,

    /// Domain of all events; by default each has the first word of its address.
    #[arg(long, value_name = "DOMAIN", value_parser = name)]
    domain: Option<String>,

    /// Whose `publish` and `subscribe` a document of AsyncAPI 2 means.
    #[arg(long, value_enum, value_name = "WHO", default_value_t)]
    view: View,
}

/// JSON Schemas of any draft: payloads with `--event` or `--domain`, shared types without.
#[derive(Debug, Args)]
struct JsonSchema {
    /// Schemas, or folders of them; what they refer to comes with them.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The schema is the payload of this event, such as `orders.order.created`.
    #[arg(long, value_name = "TYPE", conflicts_with = "domain", value_parser = event_type)]
    event: Option<String>,

    /// Each schema is the payload of an event of this domain, named after its file.
    #[arg(long, value_name = "DOMAIN", value_parser = name)]
    domain: Option<String>,

    /// Version of the payloads.
    #[arg(id = "payload-version", long = "as", value_name = "VERSION", default_value = "1.0", value_parser = version)]
    version: String,

    #[command(flatten)]
    target: Target,
}

impl Import {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "import")?;
        match &self.source {
            Source::Asyncapi(arguments) => arguments.run(session),
            Source::JsonSchema(arguments) => arguments.run(session),
        }
    }
}

impl Asyncapi {
    fn run(&self, session: &Session) -> Outcome {
        let options = asyncapi::Options { domain: self.domain.clone(), view: self.view };
        let imported = asyncapi::import(&self.file, &options).map_err(Failure::new)?;
        self.target.write(&imported, session)
    }
}

impl JsonSchema {
    fn run(&self, session: &Session) -> Outcome {
        let options = json_schema::Options {
            event: self.event.clone(),
            domain: self.domain.clone(),
            version: self.version.clone(),
        };
        let around = self.target.around()?;
        let imported = json_schema::import(&self.files, &options, &around).map_err(Failure::new)?;
        self.target.write(&imported, session)
    }
}

impl Target {
    /// The catalog that is there already.
    fn around(&self) -> Result<Around, Failure> {
        if !self.out.join("catalog.yaml").is_file() {
            return Ok(Around::default());
        }
        let compilation = tidings_codegen::compile(&self.out)
            .map_err(|error| Failure::io("cannot read the event catalog in", &self.out, &error))?;
        let files = compilation.sources.files().iter();
        Ok(Around {
            files: files.map(|file| (file.path.clone(), file.text.clone())).collect(),
            domains: compilation.catalog.domains.keys().cloned().collect(),
        })
    }

    fn write(&self, imported: &Imported, session: &Session) -> Outcome {
        if !self.force {
            self.refuse_to_overwrite(&imported.files)?;
        }
        for (path, text) in &imported.files {
            file::write(&self.out.join(path), text)?;
        }
        // What editors know about the files; `tidings generate` keeps it up to date.
        for (path, text) in editor::files() {
            file::write(&self.out.join(path), &text)?;
        }
        let text = if session.is_quiet() { String::new() } else { self.shown(imported) };
        let notes = |kind: Kind| -> Value {
            let notes = imported.notes.iter().filter(|note| note.kind == kind);
            notes.map(|note| data(note, imported)).collect()
        };
        let written: Vec<String> =
            imported.files.keys().map(|path| slashed(&self.out.join(path))).collect();
        let data = json!({
            "written": written,
            "changed": notes(Kind::Changed),
            "dropped": notes(Kind::Dropped),
        });
        Answer::new("import", text, data).write(session)
    }

    fn refuse_to_overwrite(&self, files: &BTreeMap<PathBuf, String>) -> Result<(), Failure> {
        let there = files.keys().map(|path| self.out.join(path)).find(|path| path.exists());
        match there {
            Some(path) => Err(Failure::new(format!("`{}` is there already", slashed(&path)))
                .help("nothing was written; name another folder with `--out`")
                .help("`--force` writes over files")),
            None => Ok(()),
        }
    }

    /// What was done, for people.
    fn shown(&self, imported: &Imported) -> String {
        let mut text = String::new();
        for note in &imported.notes {
            let word = match note.kind {
                Kind::Changed => "changed",
                Kind::Dropped => "dropped",
            };
            let place = place(note, imported)
                .map(|(file, line, column)| format!("{file}:{line}:{column}: "));
            text.push_str(&format!("{}{word}: {}\n", place.unwrap_or_default(), note.text));
        }
        let kinds = ["event", "service", "domain"].map(|kind| {
            let begins = format!("{kind}: ");
            let is = |text: &&String| text.lines().any(|line| line.starts_with(&begins));
            counted(imported.files.values().filter(is).count(), kind)
        });
        let types = imported.files.keys().filter(|path| path.starts_with("types")).count();
        text.push_str(&format!(
            "wrote {} to {}: {}, {}\n",
            counted(imported.files.len(), "file"),
            slashed(&self.out),
            kinds.join(", "),
            counted(types, "shared type"),
        ));
        text
    }
}

fn data(note: &Note, imported: &Imported) -> Value {
    match place(note, imported) {
        Some((file, line, column)) => {
            json!({ "message": note.text, "file": file, "line": line, "column": column })
        }
        None => json!({ "message": note.text }),
    }
}

fn place(note: &Note, imported: &Imported) -> Option<(String, usize, usize)> {
    let span = note.place?;
    let (line, column) = imported.sources.position(span);
    Some((slashed(Path::new(imported.sources.path(span))), line, column))
}

fn name(text: &str) -> Result<String, String> {
    let fits = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fits {
        Ok(text.to_owned())
    } else {
        Err("a name is in snake_case, such as `orders`".to_owned())
    }
}

fn event_type(text: &str) -> Result<String, String> {
    let fits = text.contains('.') && text.split('.').all(|token| name(token).is_ok());
    if fits {
        Ok(text.to_owned())
    } else {
        Err("an event type is two or more names in snake_case with dots between, such as `orders.order.created`".to_owned())
    }
}

fn version(text: &str) -> Result<String, String> {
    let number = |text: &str| text.parse::<u16>().ok();
    let fits = text.split_once('.').is_some_and(|(major, minor)| {
        number(major).is_some_and(|major| major > 0) && number(minor).is_some()
    });
    if fits {
        Ok(text.to_owned())
    } else {
        Err("a version is `major.minor`, such as `1.0`".to_owned())
    }
}
