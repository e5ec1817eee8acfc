//! JSON Schemas of the catalog's files, for editors: completion, descriptions and first errors while they are written.
//!
//! They follow from the same tables as the reader, so that an editor and the compiler know the same keys. What takes
//! more than one value to judge is the compiler's: it reads the whole catalog.

mod keywords;
pub(crate) mod record;
mod scalar;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};

use crate::syntax::event::SchemaNode;
use crate::syntax::{CatalogFile, DomainFile, EventFile, FlowFile, ServiceFile};

/// Where the schemas stand in a catalog's folder; the compiler passes hidden folders by.
///
/// The version changes when files that were right would be refused.
pub const FOLDER: &str = ".editor/v1";

/// What a file of a catalog describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// `catalog.yaml`.
    Catalog,
    /// A file that begins with `domain:`.
    Domain,
    /// A file that begins with `event:`.
    Event,
    /// A file that begins with `service:`.
    Service,
    /// A file that begins with `flow:`.
    Flow,
    /// A JSON Schema in a folder named `types`.
    Type,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Catalog, Self::Domain, Self::Event, Self::Service, Self::Flow, Self::Type];

    /// Its name, which is also the first key of its files: `event`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalog",
            Self::Domain => "domain",
            Self::Event => "event",
            Self::Service => "service",
            Self::Flow => "flow",
            Self::Type => "type",
        }
    }

    /// Its schema's place in a catalog's folder: `.editor/v1/event.json`.
    pub fn schema_path(self) -> PathBuf {
        Path::new(FOLDER).join(format!("{}.json", self.name()))
    }

    /// Its JSON Schema. Draft-07, which every editor understands.
    pub fn schema(self) -> Schema {
        let mut schema = match self {
            Self::Catalog => root::<CatalogFile>(),
            Self::Domain => root::<DomainFile>(),
            Self::Event => root::<EventFile>(),
            Self::Service => root::<ServiceFile>(),
            Self::Flow => root::<FlowFile>(),
            Self::Type => root::<SchemaNode>(),
        };
        // Editors show it with every key.
        schema.remove("title");
        schema
    }

    /// The comment on a file's first line by which editors find its schema; `file` is relative to the catalog's folder.
    ///
    /// ```
    /// use tidings_codegen::editor::FileKind;
    ///
    /// assert_eq!(
    ///     FileKind::Event.modeline("orders/order-created.yaml".as_ref()),
    ///     "# yaml-language-server: $schema=../.editor/v1/event.json"
    /// );
    /// ```
    pub fn modeline(self, file: &Path) -> String {
        let folders = file.parent().map_or(0, |folder| folder.components().count());
        let up = "../".repeat(folders);
        format!("# yaml-language-server: $schema={up}{FOLDER}/{}.json", self.name())
    }
}

/// Every schema as a file of a catalog's folder: its path there, and its text.
pub fn files() -> Vec<(PathBuf, String)> {
    let file = |kind: FileKind| (kind.schema_path(), format!("{:#}\n", kind.schema().to_value()));
    FileKind::ALL.into_iter().map(file).collect()
}

/// Everything in one place, because not every editor follows references when it completes. What contains itself remains
/// a reference.
fn root<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft07()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(markdown));
    settings.into_generator().into_root_schema_for::<T>()
}

/// Says again what is Markdown: yaml-language-server shows a plain description with all its marks.
fn markdown(schema: &mut Schema) {
    if let Some(description) = schema.get("description").filter(|text| text.is_string()).cloned() {
        schema.insert("markdownDescription".to_owned(), description);
    }
}
