//! Shows diagnostics the way rustc shows its own.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str,
};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap, Span};

/// How diagnostics look.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// Whether to use a terminal's colors.
    pub color: bool,
    /// What stands before the paths of files, such as `event-catalog/`.
    pub prefix: String,
}

/// Shows a diagnostic with the lines it is about, without a line break at its end.
pub fn render(diagnostic: &Diagnostic, sources: &SourceMap, style: &Style) -> String {
    let level = match diagnostic.severity {
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let mut report =
        Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code));
    for file in files(diagnostic) {
        report = report.element(snippet(diagnostic, file, sources, style));
    }
    for help in &diagnostic.help {
        report = report.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Ascii).render(&[report]).trim_end().to_owned()
}

/// The files of a diagnostic's labels, that of the first before the others.
fn files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let mut files = Vec::new();
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
}

fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    file: FileId,
    sources: &'a SourceMap,
    style: &Style,
) -> Snippet<'a, Annotation<'a>> {
    let source = sources.file(file);
    let path = source.path.to_string_lossy().replace('\\', "/");
    let mut snippet = Snippet::source(source.text.as_str()).path(format!("{}{path}", style.prefix));
    for (at, label) in diagnostic.labels.iter().enumerate() {
        if label.span.file != file {
            continue;
        }
        let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(first_line(label.span, &source.text));
        snippet = snippet.annotation(match label.text.as_str() {
            "" => annotation,
            text => annotation.label(text),
        });
    }
    snippet
}

/// The part of a span on its first line: marks over many lines hide more than they show.
fn first_line(span: Span, text: &str) -> Range<usize> {
    let range = span.range();
    match text.get(range.clone()).and_then(|marked| marked.find(['\r', '\n'])) {
        Some(end) => range.start..range.start + end,
        None => range.start.min(text.len())..range.end.min(text.len()),
    }
}
