//! What a build script does: the catalog beside it becomes `OUT_DIR/event_catalog.rs`, with a file for each module beside it.

use std::env::VarError;
use std::path::{Component, Path, PathBuf};
use std::{env, io};

use crate::diagnostic::{Diagnostic, Severity};
use crate::emit::rust::{self, File, Modules, Part, State};
use crate::render::{self, Style};
use crate::source::SourceMap;
use crate::{compile, write};

/// Name of the generated file in `OUT_DIR`.
const OUTPUT: &str = "event_catalog.rs";

/// Compiles the catalog in `folder`, relative to the package, from its build script.
///
/// ```no_run
/// // All that `main` of `build.rs` does:
/// tidings_codegen::build(".");
/// ```
///
/// The package's `lib.rs` includes the result:
///
/// ```ignore
/// include!(concat!(env!("OUT_DIR"), "/event_catalog.rs"));
/// ```
///
/// A mistake in the catalog is a compile error in the generated code, beside all types that could be written; so editors
/// go on completing them. Warnings are cargo's. Cargo runs the script again when something in the folder changes.
pub fn build(folder: impl AsRef<Path>) {
    report(run(folder.as_ref(), &[]));
}

/// The same for some of the catalog's services: with the types of the events that they publish and receive, those of the same
/// aggregates, and no others. The topology is as in the whole.
///
/// ```no_run
/// tidings_codegen::build_for(".", ["billing"]);
/// ```
///
/// In a repository with a crate for each service, each has a build script like this over one folder, and a service is compiled
/// as fast as if the catalog held nothing but its events. What is stored of other events is shown to nobody, as nothing is known
/// of what is personal in it.
pub fn build_for<S: Into<String>>(folder: impl AsRef<Path>, services: impl IntoIterator<Item = S>) {
    let services: Vec<String> = services.into_iter().map(Into::into).collect();
    report(match services.is_empty() {
        true => Err("`build_for` needs the name of a service".to_owned()),
        false => run(folder.as_ref(), &services),
    });
}

fn report(result: Result<(), String>) {
    if let Err(error) = result {
        println!("cargo::error={}", one_line(&error));
    }
}

/// For all services, where none is named.
fn run(folder: &Path, services: &[String]) -> Result<(), String> {
    let package = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let catalog: PathBuf = package.join(folder).components().collect();
    let output = out_dir.join(OUTPUT);
    let unreadable = |error: io::Error| {
        format!("the event catalog in `{}` cannot be read: {error}", catalog.display())
    };
    let watched = watched(&catalog, &package, &out_dir).map_err(unreadable)?;
    for path in &watched {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    if !watched.is_empty() {
        // Whoever names anything to watch has to name everything.
        println!("cargo::rerun-if-env-changed={}", crate::date::EPOCH);
    }
    let compilation = compile(&catalog).map_err(unreadable)?;

    let state = if compilation.has_errors() { State::Broken } else { State::Whole };
    let part = match services {
        [] => Part::whole(&compilation.catalog),
        some => Part::of_services(&compilation.catalog, some)?,
    };
    let generated = rust::emit_part(&compilation.catalog, &part, state);
    let sources = &compilation.sources;
    let prefix = prefix(&package, folder);
    let style = Style { color: false, prefix: prefix.clone() };
    let mut errors = Vec::new();
    for diagnostic in compilation.diagnostics.iter().chain(&generated.diagnostics) {
        match diagnostic.severity {
            Severity::Warning => {
                println!("cargo::warning={}", warning(diagnostic, sources, &prefix));
            }
            Severity::Error => errors.push(error(&render::render(diagnostic, sources, &style))),
        }
    }
    let put = |path: PathBuf, text: &str| {
        let written = write::write(&path, text).map(drop);
        written.map_err(|error| format!("`{}` cannot be written: {error}", path.display()))
    };
    // Each text in a file of its own, because rustc shows the line that the error stands in.
    let mut names = Vec::with_capacity(errors.len());
    for (number, text) in errors.iter().enumerate() {
        let name = format!("mistake_{number}.txt");
        put(out_dir.join(&name), &format!("{text}\n"))?;
        names.push(name);
    }
    let mut files = generated.files(&output, Modules::Included);
    if let Some(root) = files.last_mut() {
        root.text.push_str(&rust::compile_errors(&names));
    }
    for File { path, text } in &files {
        put(path.clone(), text)?;
    }
    remove_others(&output.with_extension(""), &files)
        .map_err(|error| format!("what is left of other modules cannot be removed: {error}"))
}

/// Removes modules that the catalog no longer has.
fn remove_others(folder: &Path, files: &[File]) -> io::Result<()> {
    for path in write::rust_files(folder)? {
        if files.iter().all(|file| file.path != path) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| match error {
        VarError::NotPresent => format!("`{name}` is not set: call this from a build script"),
        VarError::NotUnicode(_) => format!("`{name}` is not Unicode"),
    })
}

/// What cargo is to watch: the folder with all that is in it. Where cargo's own output lies in there as well, which would
/// never come to rest, nothing is named: then cargo watches every file of the package apart from its output. A catalog outside
/// of the package is watched folder by folder.
fn watched(catalog: &Path, package: &Path, out_dir: &Path) -> io::Result<Vec<PathBuf>> {
    if !out_dir.starts_with(catalog) {
        return Ok(vec![catalog.to_owned()]);
    }
    if catalog.starts_with(package) {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(catalog)? {
        let path = entry?.path();
        if !out_dir.starts_with(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// What stands before the paths of the catalog's files in messages: the package's folder, as rustc's own messages begin
/// at the workspace, and the catalog's folder in it.
fn prefix(package: &Path, folder: &Path) -> String {
    let package = package.file_name().map(Path::new);
    let parts = package.into_iter().chain([folder]).flat_map(Path::components);
    let names = parts.filter(|part| matches!(part, Component::Normal(_)));
    names.map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}

/// `orders/order-created.yaml:18:13: nobody consumes this event [T401]`
fn warning(diagnostic: &Diagnostic, sources: &SourceMap, prefix: &str) -> String {
    let span = diagnostic.span();
    let (line, column) = sources.position(span);
    let path = sources.path(span).to_string_lossy().replace('\\', "/");
    let text =
        format!("{prefix}{path}:{line}:{column}: {} [{}]", diagnostic.message, diagnostic.code);
    one_line(&text)
}

/// A rendered error without the word that rustc puts before it: `[T205] there is no type …`.
fn error(rendered: &str) -> String {
    rendered.strip_prefix("error").unwrap_or(rendered).replacen("]: ", "] ", 1)
}

/// Cargo reads its instructions line by line.
fn one_line(text: &str) -> String {
    text.split(['\r', '\n'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_is_not_watched() -> io::Result<()> {
        let catalog = env::temp_dir().join(format!("tidings-watched-{}", std::process::id()));
        std::fs::create_dir_all(catalog.join("orders"))?;
        std::fs::create_dir_all(catalog.join("target/out"))?;
        let elsewhere = Path::new("/elsewhere");
        let outside = watched(&catalog, &catalog, elsewhere);
        let package = watched(&catalog, &catalog, &catalog.join("target/out"));
        let inside = watched(&catalog, elsewhere, &catalog.join("target/out"));
        std::fs::remove_dir_all(&catalog)?;
        assert_eq!(outside?, std::slice::from_ref(&catalog));
        assert_eq!(package?, Vec::<PathBuf>::new());
        assert_eq!(inside?, [catalog.join("orders")]);
        Ok(())
    }

    #[test]
    fn paths_begin_with_the_package() {
        let package = Path::new("/home/ann/shop/event-catalog");
        for (folder, expected) in [
            (".", "event-catalog/"),
            ("", "event-catalog/"),
            ("./events", "event-catalog/events/"),
            ("a/b/", "event-catalog/a/b/"),
        ] {
            assert_eq!(prefix(package, Path::new(folder)), expected);
        }
    }

    #[test]
    fn an_error_is_not_called_so_twice() {
        let rendered = "error[T205]: no type [x]: y\n --> a.yaml:1:1";
        assert_eq!(error(rendered), "[T205] no type [x]: y\n --> a.yaml:1:1");
    }

    #[test]
    fn a_warning_is_one_line() {
        let mut sources = SourceMap::default();
        let file = sources.add("orders/created.yaml", "event: x\nkey: y\n");
        let span = crate::source::Span { file, start: 9, end: 12 };
        let diagnostic = Diagnostic::warning("T401", "nobody\nconsumes it", span);
        assert_eq!(
            warning(&diagnostic, &sources, "events/"),
            "events/orders/created.yaml:2:1: nobody consumes it [T401]"
        );
    }
}
