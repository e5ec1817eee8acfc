//! `tidings export`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use tidings_codegen::model::Catalog;

use super::Outcome;
use crate::answer::{Answer, Written, require_answer_format};
use crate::export::asyncapi::{ContentMode, Options};
use crate::export::{File, Notation, asyncapi, event_catalog, json_schema};
use crate::failure::Failure;
use crate::file;
use crate::output::slashed;
use crate::report::Report;
use crate::schema::draft::Draft;
use crate::session::Session;

/// Write the catalog in the formats of other tools.
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(subcommand)]
    format: Format,
}

/// The formats.
#[derive(Debug, Subcommand)]
enum Format {
    JsonSchema(JsonSchema),
    Asyncapi(Asyncapi),
    Eventcatalog(EventCatalog),
}

/// JSON Schemas of the payloads: a file for each version of each event, complete in itself.
///
/// Each has the `$id` that its events carry as `dataschema`: `urn:<catalog>:<event>:<version>`.
#[derive(Debug, Args)]
struct JsonSchema {
    /// Folder to write to; without it one document with all of them goes to stdout.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// Draft of JSON Schema.
    #[arg(long, value_enum, value_name = "DRAFT", default_value_t)]
    draft: Draft,
}

/// An AsyncAPI 3.1 document: channels, messages, operations, and the JetStream part as `x-tidings…`.
#[derive(Debug, Args)]
struct Asyncapi {
    /// File to write to instead of stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// As YAML; the default unless the file's name ends with `.json`.
    #[arg(long)]
    yaml: bool,

    /// As JSON.
    #[arg(long, conflicts_with = "yaml")]
    json: bool,

    /// Only what this service sends and receives.
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,

    /// Where the attributes of the CloudEvents stand.
    #[arg(long, value_enum, value_name = "MODE", default_value_t)]
    content_mode: ContentMode,

    /// The document's own version.
    #[arg(long, value_name = "VERSION", default_value = "1.0.0")]
    api_version: String,
}

/// The folders of EventCatalog: domains, events, channels, services and teams.
#[derive(Debug, Args)]
struct EventCatalog {
    /// Folder of the EventCatalog project.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

impl Export {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "export")?;
        let folder = session.folder()?;
        let compilation = session.compile(&folder)?;
        if compilation.has_errors() {
            let mut report = Report::new("export");
            report.compilation(&folder, &compilation);
            report.summary("a catalog with errors is not exported");
            return report.write(session);
        }
        let catalog = &compilation.catalog;
        match &self.format {
            Format::JsonSchema(arguments) => arguments.run(catalog, session),
            Format::Asyncapi(arguments) => arguments.run(catalog, session),
            Format::Eventcatalog(arguments) => {
                write_all(&arguments.out, &event_catalog::files(catalog), session)
            }
        }
    }
}

impl JsonSchema {
    fn run(&self, catalog: &Catalog, session: &Session) -> Outcome {
        match &self.out {
            Some(folder) => write_all(folder, &json_schema::files(catalog, self.draft), session),
            None => print(json_schema::bundle(catalog, self.draft), session),
        }
    }
}

impl Asyncapi {
    fn run(&self, catalog: &Catalog, session: &Session) -> Outcome {
        if let Some(service) = &self.service
            && !catalog.services.contains_key(service)
        {
            let known = catalog.services.keys().map(String::as_str);
            let failure = Failure::new(format!("the catalog has no service `{service}`"));
            return Err(match tidings_codegen::closest(service, known) {
                Some(meant) => failure.help(format!("did you mean `{meant}`?")),
                None => failure.help("services are the files that begin with `service:`"),
            });
        }
        let options = Options {
            mode: self.content_mode,
            service: self.service.clone(),
            api_version: self.api_version.clone(),
        };
        let text = asyncapi::text(catalog, &options, self.notation());
        let Some(path) = &self.out else { return print(text, session) };
        let mut written = Written::new("export");
        if file::write(path, &text)? {
            written.file(slashed(path));
        }
        written.write(session)
    }

    fn notation(&self) -> Notation {
        let named =
            self.out.as_ref().is_some_and(|path| path.extension().is_some_and(|it| it == "json"));
        if self.json || (named && !self.yaml) { Notation::Json } else { Notation::Yaml }
    }
}

fn print(text: String, session: &Session) -> Outcome {
    let data = json!({ "document": text });
    Answer::new("export", text, data).write(session)
}

fn write_all(folder: &Path, files: &[File], session: &Session) -> Outcome {
    let mut written = Written::new("export");
    for file in files {
        let path = folder.join(&file.path);
        if file::write(&path, &file.text)? {
            written.file(slashed(&path));
        }
    }
    written.write(session)
}
