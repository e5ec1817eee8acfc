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
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::Files;
use crate::yaml::Composed;
use crate::{compat, date, lint, load, parallel, resolve, yaml};

/// A catalog, and everything that was found while it was read.
///
/// ```no_run
/// use std::path::Path;
///
/// use tidings_codegen::compile;
/// use tidings_codegen::render::{Style, render};
///
/// # fn main() -> std::io::Result<()> {
/// let compilation = compile(Path::new("event-catalog"))?;
/// for error in compilation.errors() {
///     eprintln!("{}", render(error, &compilation.sources, &Style::default()));
/// }
/// println!("{} events", compilation.catalog.events.len());
/// if compilation.has_errors() {
///     std::process::exit(1);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Compilation {
    /// All that could be understood, also where there are errors.
    pub catalog: Catalog,
    /// Sorted by place, as severe as the catalog's `rules` say.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether all of the catalog could be understood, whatever the rules say about it.
    pub is_understood: bool,
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

    /// What the catalog breaks of another one, as if that were what was released.
    pub fn breaks(&self, released: &Snapshot) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        compat::judge(&self.catalog, Some(released), &date::today(), &self.levels, &mut found);
        self.levels.settle(&mut found);
        sort(&mut found);
        found
    }

    /// The diagnostics that stop the build.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|one| one.severity == Severity::Error)
    }
}

/// Compiles the catalog in a folder.
///
/// [`Compilation`] shows what is done with it.
///
/// # Errors
/// Where the folder cannot be listed. Anything that is wrong inside of it is a diagnostic.
pub fn compile(folder: &Path) -> io::Result<Compilation> {
    let files = load::load(folder)?;
    Ok(run(files.into_iter().map(|file| (file.path, file.content.map_err(|e| e.to_string())))))
}

/// Compiles a catalog from paths, relative to its folder, and texts.
///
/// ```
/// use tidings_codegen::compile_files;
///
/// let compilation = compile_files([
///     ("catalog.yaml", "catalog: shop"),
///     ("orders/domain.yaml", "domain: orders"),
///     ("orders/order-created.yaml", "event: orders.order.craeted"), // no versions
/// ]);
/// let error = compilation.errors().next().expect("something is missing");
/// println!("{}", error.message);
/// ```
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
    let mut read = Vec::new();
    for (path, bytes) in contents {
        if path == Path::new(compat::lock::FILE_NAME) {
            lock = Some(read_lock(&path, bytes, &mut sources));
            continue;
        }
        let content = Content::new(bytes);
        let file = sources.add(path.clone(), content.text.as_str());
        first.get_or_insert(Span { file, start: 0, end: 0 });
        read.push((path, file, content));
    }
    let composed = parallel::map(&read, |(_, file, content)| match content.problem(*file) {
        Some(problem) => (None, vec![problem]),
        None => {
            let mut found = Vec::new();
            (Some(yaml::compose(*file, &content.text, &mut found)), found)
        }
    });
    for ((path, file, _), (composed, problems)) in read.iter().zip(composed) {
        found.extend(problems);
        let Some(Composed { root, whole }) = composed else {
            files.read(path, None, false, &mut found);
            continue;
        };
        if root.is_none() && whole {
            found.push(
                codes::EMPTY_FILE
                    .at(Span { file: *file, start: 0, end: 0 }, "this file is empty")
                    .help("write what it describes, or remove it"),
            );
        }
        files.read(path, root.as_ref(), whole, &mut found);
    }
    let nowhere = first.unwrap_or_else(|| {
        let file = sources.add("catalog.yaml", "");
        Span { file, start: 0, end: 0 }
    });
    let resolved = resolve::resolve(files, &sources, nowhere, &mut found);
    keep_first_of_each_place(&mut found);
    // What could not be understood would look like a break.
    let is_understood = !found.iter().any(|one| one.severity == Severity::Error);
    let levels = Levels::new(&resolved.rules, &crate::all_codes(), &mut found);
    lint::lint(&resolved.catalog, &resolved.gaps, &levels, &mut found);
    let (released, problem) = match lock {
        None => (None, None),
        Some(Ok(released)) => (Some(released), None),
        Some(Err(problem)) => (None, Some(problem)),
    };
    found.extend(problem);
    if is_understood {
        compat::judge(&resolved.catalog, released.as_ref(), &date::today(), &levels, &mut found);
        levels.settle(&mut found);
    }
    sort(&mut found);
    let found = bounded(found);
    Compilation { catalog: resolved.catalog, diagnostics: found, is_understood, levels, sources }
}

fn sort(found: &mut Vec<Diagnostic>) {
    found.sort_by(|a, b| (a.span(), a.code, &a.message).cmp(&(b.span(), b.code, &b.message)));
    found.dedup();
}

/// Reads `catalog.lock`, or says what is wrong with it.
fn read_lock(
    path: &Path,
    content: Result<Vec<u8>, String>,
    sources: &mut SourceMap,
) -> Result<Snapshot, Diagnostic> {
    let text = content
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()));
    let (text, problem) = match text {
        Ok(text) => match compat::lock::read(&text) {
            Ok(snapshot) => return Ok(snapshot),
            Err(problem) => (text, problem),
        },
        Err(problem) => (String::new(), Unreadable::Broken(1, problem)),
    };
    let line = match problem {
        Unreadable::Newer(_) => 1,
        Unreadable::Broken(line, _) => line,
    };
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let end = start + text[start..].lines().next().map_or(0, str::len);
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let file = sources.add(path, text);
    let span = Span { file, start: offset(start), end: offset(end) };
    Err(match problem {
        Unreadable::Newer(format) => codes::LOCK_NEWER
            .at(
                span,
                format!(
                    "the lock has the format {format}, which is newer than this version of Tidings"
                ),
            )
            .help("update the dependency `tidings-codegen`, or the `tidings` command"),
        Unreadable::Broken(_, problem) => codes::LOCK_BROKEN
            .at(span, format!("the lock cannot be read: {problem}"))
            .help("take it from the last release; only `tidings release` writes it"),
    })
}

/// Leaves the first kind of mistake that was found at each place: what later stages say of the same place follows from it.
fn keep_first_of_each_place(found: &mut Vec<Diagnostic>) {
    let mut first = BTreeMap::new();
    found.retain(|one| *first.entry(one.span()).or_insert(one.code) == one.code);
}

/// Findings of one file that are told one by one: nobody reads more, and each is shown with its lines.
const MOST_OF_A_FILE: usize = 100;

/// Leaves the first of very many findings of a file, errors before warnings, and says how many there are.
fn bounded(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut counts: BTreeMap<FileId, [usize; 2]> = BTreeMap::new();
    for one in &found {
        counts.entry(one.span().file).or_default()[usize::from(one.severity == Severity::Error)] +=
            1;
    }
    let mut told: BTreeMap<FileId, [usize; 2]> = BTreeMap::new();
    let mut left = Vec::with_capacity(found.len());
    for mut one in found {
        let kind = usize::from(one.severity == Severity::Error);
        let all = counts.get(&one.span().file).map_or(0, |counts| counts[kind]);
        let told = &mut told.entry(one.span().file).or_default()[kind];
        *told += 1;
        if *told < MOST_OF_A_FILE || all == MOST_OF_A_FILE {
            left.push(one);
        } else if *told == MOST_OF_A_FILE {
            let more = all - MOST_OF_A_FILE;
            one.help.push(format!("{more} more findings in this file are not shown"));
            left.push(one);
        }
    }
    left
}
