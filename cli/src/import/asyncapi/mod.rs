//! `import asyncapi`: documents of AsyncAPI 2 and 3.
//!
//! The document is read into an [`Application`](application::Application), in which both versions look alike; the
//! [`plan`] gives its messages names and subjects of a catalog; and what the plan says is written.

mod address;
mod application;
mod event;
mod message;
#[cfg(test)]
mod mutations;
mod own;
mod parameter;
mod plan;
mod service;
mod v2;
mod v3;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use self::application::Application;
use super::documents::At;
use super::{Files, Imported, Importer, names};
use crate::yaml::{Mapping, Node};

/// How to read a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The domain of all events; by default the first word of their addresses.
    pub(crate) domain: Option<String>,
    /// Whose `publish` and `subscribe` a document of AsyncAPI 2 means.
    pub(crate) view: View,
}

/// Whose `publish` and `subscribe` a document of AsyncAPI 2 means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum View {
    /// As AsyncAPI 2 defines it: others `publish` what the application receives, and `subscribe` to what it sends.
    #[default]
    Clients,
    /// As it is often written: the application itself publishes and subscribes.
    Application,
}

/// Reads a document.
///
/// # Errors
/// It cannot be read, or is no AsyncAPI document: the whole message.
pub(crate) fn import(path: &Path, options: &Options) -> Result<Imported, String> {
    let mut importer = Importer::new();
    let root = importer.documents.open(path)?;
    let application = importer.application(&root, options)?;
    let plan = importer.plan(&application, options);
    let mut files = importer.event_files(&application, &plan);
    files.insert(PathBuf::from("catalog.yaml"), importer.catalog_file(&application));
    files.extend(importer.domain_files(&application, &plan));
    files.extend(importer.service_files(&application, &plan));
    let types = importer.type_files();
    files.extend(types);
    importer.finish(files, &[])
}

impl Importer {
    fn application(&mut self, root: &At, options: &Options) -> Result<Application, String> {
        let place = |importer: &Self, at: &At| importer.documents.place(at.node.span);
        let Some(version) = root.get("asyncapi") else {
            return Err(format!(
                "{}: this is no AsyncAPI document: it does not begin with `asyncapi: 3.1.0`",
                place(self, root)
            ));
        };
        let number = version.node.text().unwrap_or_default().to_owned();
        match number.split('.').next() {
            Some("2") => Ok(self.application_of_v2(root, &number, options.view)),
            Some("3") => Ok(self.application_of_v3(root, &number)),
            _ => Err(format!(
                "{}: AsyncAPI {} is not known: documents of 2 and 3 are",
                place(self, &version),
                version.node.describe()
            )),
        }
    }

    fn catalog_file(&self, application: &Application) -> Node {
        let info = application.root.get("info");
        let title = info.as_ref().and_then(|info| info.text("title")).unwrap_or("imported");
        let own = application.own();
        let name = own.as_ref().and_then(|own| own.text("catalog"));
        let name = name.map(str::to_owned).or_else(|| names::file(title));
        let mut catalog = Mapping::default();
        catalog.insert("catalog", name.unwrap_or_else(|| "imported".to_owned()));
        catalog.insert("title", title);
        let description = info.as_ref().and_then(|info| info.text("description"));
        catalog.insert_some("description", description);
        if let Some(own) = &own {
            catalog.insert_some(
                "tenancy",
                own.get("tenancy").map(|at| Node::from(at.node.to_value())),
            );
            let letters = own.get("deadLetters");
            catalog.insert_some("dead_letters", letters.map(|at| Node::from(at.node.to_value())));
        }
        let file = application.root.file.file_name().unwrap_or_default().to_string_lossy();
        let version = info.as_ref().and_then(|info| info.text("version")).unwrap_or("none");
        let mut node = Node::from(catalog).commented(format!(
            "Imported from `{file}`, version {version}, a document of AsyncAPI {}.",
            application.version
        ));
        for server in &application.servers {
            node = node.commented(format!("Server in the document: {server}"));
        }
        node
    }

    fn domain_files(&self, application: &Application, plan: &plan::Plan) -> Files {
        let own = application.own();
        // Those without events are domains too.
        let reserved = own.as_ref().map(|own| own.entries_of("domains")).unwrap_or_default();
        let mut domains: BTreeMap<String, Vec<String>> =
            reserved.into_iter().map(|(name, _)| (name, Vec::new())).collect();
        for (name, domain) in &plan.domains {
            domains.insert(name.clone(), domain.subjects(name));
        }
        let mut files = Files::new();
        for (name, subjects) in domains {
            let facts = own.as_ref().and_then(|own| own.get("domains")?.get(&name));
            let mut file = Mapping::from_iter([("domain", name.as_str())]);
            for key in ["summary", "description", "owner"] {
                file.insert_some(key, facts.as_ref().and_then(|facts| facts.text(key)));
            }
            let stream = facts.as_ref().and_then(|facts| facts.text("stream"));
            match stream.and_then(|stream| own::stream(own.as_ref()?, stream)) {
                Some(stream) => file.insert("stream", stream),
                None if subjects.is_empty() || subjects == [format!("{name}.>")] => {}
                None => file.insert("stream", json!({ "subjects": subjects })),
            }
            files.insert(PathBuf::from(name).join("domain.yaml"), file.into());
        }
        files
    }
}
