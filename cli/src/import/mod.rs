//! Reads what other tools write, and makes a catalog of it that builds.
//!
//! An importer turns its input into the files of a catalog as well as it can. Then [`settle`] compiles them and mends
//! what the compiler refuses, until nothing is left to refuse: what a catalog may say is known in one place only.

pub(crate) mod asyncapi;
mod documents;
pub(crate) mod json_schema;
mod names;
mod notes;
mod schema;
mod settle;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tidings_codegen::editor::FileKind;
use tidings_codegen::source::SourceMap;

use self::documents::Documents;
use self::notes::Notes;
pub(crate) use self::notes::{Kind, Note};
use self::schema::Types;
use crate::yaml::{Layout, Node, write};

/// The files of a catalog, by path relative to its folder.
type Files = BTreeMap<PathBuf, Node>;

/// What an import has so far.
struct Importer {
    documents: Documents,
    notes: Notes,
    types: Types,
}

impl Importer {
    fn new() -> Self {
        Self { documents: Documents::default(), notes: Notes::default(), types: Types::default() }
    }

    /// Settles the files and writes them down.
    fn finish(
        mut self,
        mut files: Files,
        around: &[(PathBuf, String)],
    ) -> Result<Imported, String> {
        settle::settle(&mut files, around, &mut self.notes)?;
        settle::drop_unused_types(&mut files, &self.types.kept);
        let text = |(path, node): (PathBuf, Node)| {
            let text = format!(
                "{}\n{}",
                kind(&path, &node).modeline(&path),
                write(&node, Layout::Catalog)
            );
            (path, text)
        };
        Ok(Imported {
            files: files.into_iter().map(text).collect(),
            notes: self.notes.sorted(),
            sources: self.documents.into_sources(),
        })
    }
}

/// What a file describes.
fn kind(path: &Path, node: &Node) -> FileKind {
    let is = |kind: &FileKind| node.get(kind.name()).is_some();
    match FileKind::ALL.into_iter().find(is) {
        Some(kind) if !path.starts_with("types") => kind,
        _ => FileKind::Type,
    }
}

/// What an import gave.
#[derive(Debug)]
pub(crate) struct Imported {
    /// The files of the catalog, by path relative to its folder.
    pub(crate) files: BTreeMap<PathBuf, String>,
    /// What is not as it was.
    pub(crate) notes: Vec<Note>,
    /// The files that were read.
    pub(crate) sources: SourceMap,
}
