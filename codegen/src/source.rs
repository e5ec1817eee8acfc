//! The catalog's files and places in them.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// One file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A range of bytes in one file of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The range as the slicing of strings wants it.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The text of every file that was read, so that a [`Span`] can be shown.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

/// A file's name and text.
#[derive(Debug)]
pub struct SourceFile {
    /// Path relative to the catalog's folder, with `/` between its parts.
    pub path: PathBuf,
    /// The text as it was read; empty where the file could not be.
    pub text: String,
    /// Whether it lies elsewhere: its path is then from where one is.
    pub is_foreign: bool,
}

impl SourceFile {
    /// Its path behind that of the catalog's folder, with `/` between its parts.
    pub fn shown(&self, prefix: &str) -> String {
        let prefix = if self.is_foreign { "" } else { prefix };
        format!("{prefix}{}", self.path.to_string_lossy().replace('\\', "/"))
    }
}

impl SourceMap {
    /// Adds a file and returns its id.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        self.push(SourceFile { path: path.into(), text: text.into(), is_foreign: false })
    }

    /// Adds a file that is none of the catalog's and returns its id.
    pub fn add_foreign(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        self.push(SourceFile { path: path.into(), text: text.into(), is_foreign: true })
    }

    fn push(&mut self, file: SourceFile) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(file);
        id
    }

    /// The file behind an id of this map.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Every file, in the order in which they were added.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The path of the file that a span lies in.
    pub fn path(&self, span: Span) -> &Path {
        &self.file(span.file).path
    }

    /// Line and column of a span's start, both counted from 1, columns in characters.
    pub fn position(&self, span: Span) -> (usize, usize) {
        let text = &self.file(span.file).text;
        let before = text.get(..span.start as usize).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}
