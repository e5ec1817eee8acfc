use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::codes;
use crate::compat::Snapshot;
use crate::compat::lock::Unreadable;
use crate::content::Content;
use crate::diagnostic::{Diagnostic, Severity};
use crate::levels::Levels;
use crate::model::Catalog;
use crate::source::{SourceMap, Span};
use crate::syntax::Files;
use crate::yaml::Composed;
use crate::{compat, date, lint, load, resolve, yaml};

/// A catalog, and everything that was found while it was read.
#[derive(Debug)]
pub struct Compilation {
    /// All that could be understood, also where there are errors.
    pub catalog: Catalog,
    /// Sorted by place, as severe as the catalog's `rules` say.
    pub diagnostics: Vec<Diagnostic>,
    /// How severe other findings about this catalog are.
    pub levels: Levels,
    /// The files, so that the diagnostics can be shown.
    pub sources: SourceMap,
}

impl Compilation {
    /// Whether a diagnostic stops the build.
    pub fn has_errors(&self) -> bool {
        self.errors().next().is_some()
    }

    /// The diagnostics that stop the build.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|one| one.severity == Severity::Error)
    }
}

/// Compiles the catalog in a folder.
///
/// # Errors
/// Where the folder cannot be listed. Anything that is wrong inside of it is a diagnostic.
pub fn compile(folder: &Path) -> io::Result<Compilation> {
    let files = load::load(folder)?;
    Ok(run(files.into_iter().map(|file| (file.path, file.content.map_err(|e| e.to_string())))))
}

/// Compiles a catalog from paths, relative to its folder, and texts.
pub fn compile_files<P, T>(files: impl IntoIterator<Item = (P, T)>) -> Compilation
where
    P: Into<PathBuf>,
    T: Into<Vec<u8>>,
{
    run(files.into_iter().map(|(path, text)| (path.into(), Ok(text.into()))))
}

fn run(contents: impl Iterator<Item = (PathBuf, Result<Vec<u8>, String>)>) -> Compilation {
    let (mut sources, mut found) = (SourceMap::default(), Vec::new());
    let mut files = Files::default();
    let mut first = None;
    let mut lock = None;
    for (path, bytes) in contents {
        if path == Path::new(compat::lock::FILE_NAME) {
            lock = read_lock(&path, bytes, &mut sources, &mut found);
            continue;
        }
        let content = Content::new(bytes);
        let file = sources.add(path.clone(), content.text.as_str());
        let start = Span { file, start: 0, end: 0 };
        first.get_or_insert(start);
        if let Some(problem) = content.problem(file) {
            found.push(problem);
            files.read(&path, None, false, &mut found);
            continue;
        }
        let Composed { root, whole } = yaml::compose(file, &content.text, &mut found);
        if root.is_none() && whole {
            found.push(
                codes::EMPTY_FILE
                    .at(start, "this file is empty")
                    .help("write what it describes, or remove it"),
            );
        }
        files.read(&path, root.as_ref(), whole, &mut found);
    }
    let nowhere = first.unwrap_or_else(|| {
        let file = sources.add("catalog.yaml", "");
        Span { file, start: 0, end: 0 }
    });
    let resolved = resolve::resolve(files, &sources, nowhere, &mut found);
    keep_first_of_each_place(&mut found);
    let levels = Levels::new(&resolved.rules, &crate::all_codes(), &mut found);
    lint::lint(&resolved.catalog, &resolved.gaps, &levels, &mut found);
    // What could not be understood would look like a break.
    if !found.iter().any(|one| one.severity == Severity::Error) {
        compat::judge(&resolved.catalog, lock.as_ref(), &date::today(), &levels, &mut found);
        levels.settle(&mut found);
    }
    found.sort_by(|a, b| (a.span(), a.code, &a.message).cmp(&(b.span(), b.code, &b.message)));
    found.dedup();
    Compilation { catalog: resolved.catalog, diagnostics: found, levels, sources }
}

/// Reads `catalog.lock`; what is wrong with it is reported.
fn read_lock(
    path: &Path,
    content: Result<Vec<u8>, String>,
    sources: &mut SourceMap,
    found: &mut Vec<Diagnostic>,
) -> Option<Snapshot> {
    let text = content
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()));
    let (text, read) = match text {
        Ok(text) => {
            let read = compat::lock::read(&text);
            (text, read)
        }
        Err(problem) => (String::new(), Err(Unreadable::Broken(1, problem))),
    };
    let begin = |line: usize| {
        let lines = text.split_inclusive('\n').take(line - 1);
        lines.map(str::len).sum::<usize>()
    };
    let problem = match read {
        Ok(snapshot) => return Some(snapshot),
        Err(problem) => problem,
    };
    let (line, message) = match &problem {
        Unreadable::Newer(format) => (
            1,
            format!(
                "the lock has the format {format}, which is newer than this version of Tidings"
            ),
        ),
        Unreadable::Broken(line, problem) => (*line, format!("the lock cannot be read: {problem}")),
    };
    let start = begin(line);
    let end = start + text[start..].lines().next().map_or(0, str::len);
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let file = sources.add(path, text);
    let span = Span { file, start: offset(start), end: offset(end) };
    found.push(match problem {
        Unreadable::Newer(_) => codes::LOCK_NEWER
            .at(span, message)
            .help("update the dependency `tidings-codegen`, or the `tidings` command"),
        Unreadable::Broken(..) => codes::LOCK_BROKEN
            .at(span, message)
            .help("take it from the last release, or remove it and run `tidings release`"),
    });
    None
}

/// Leaves the first kind of mistake that was found at each place: what later stages say of the same place follows from it.
fn keep_first_of_each_place(found: &mut Vec<Diagnostic>) {
    let mut first = BTreeMap::new();
    found.retain(|one| *first.entry(one.span()).or_insert(one.code) == one.code);
}
