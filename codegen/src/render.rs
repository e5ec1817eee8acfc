//! Shows diagnostics the way rustc shows its own.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str,
};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{FileId, SourceFile, SourceMap, Span};

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
        let labels: Vec<usize> = (0..diagnostic.labels.len())
            .filter(|at| diagnostic.labels[*at].span.file == file)
            .collect();
        // Lines that do not fit are cut around their marks, which is possible for one mark only.
        let together = if labels.iter().any(|at| is_long(diagnostic.labels[*at].span, sources)) {
            1
        } else {
            labels.len()
        };
        for labels in labels.chunks(together) {
            report = report.element(snippet(diagnostic, labels, sources.file(file), style));
        }
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

/// Whether the line that a span begins in is wider than terminals are.
fn is_long(span: Span, sources: &SourceMap) -> bool {
    let text = sources.file(span.file).text.as_str();
    let (before, after) = text.split_at_checked(span.start as usize).unwrap_or((text, ""));
    let line = [before.rsplit('\n').next(), after.split('\n').next()];
    line.into_iter().flatten().map(str::len).sum::<usize>() > WIDTH
}

/// Columns of a line that is shown whole.
const WIDTH: usize = 140;

fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    labels: &[usize],
    source: &'a SourceFile,
    style: &Style,
) -> Snippet<'a, Annotation<'a>> {
    let path = source.path.to_string_lossy().replace('\\', "/");
    let mut snippet = Snippet::source(source.text.as_str()).path(format!("{}{path}", style.prefix));
    for (at, label) in labels.iter().map(|at| (*at, &diagnostic.labels[*at])) {
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
