//! Shows diagnostics the way rustc shows its own.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
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
    let mut is_cut = false;
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
        let source = sources.file(file);
        let path = source.shown(&style.prefix);
        for labels in labels.chunks(together) {
            // One mark stands alone on a line without end.
            let first = diagnostic.labels[labels[0]].span;
            let Some(part) = part_of_line(first, &source.text) else {
                report =
                    report.element(snippet(diagnostic, labels, &source.text, 0).path(path.clone()));
                continue;
            };
            is_cut = true;
            let (line, column) = sources.position(first);
            let shown = snippet(diagnostic, labels, &source.text[part.clone()], part.start);
            let origin = Origin::path(path.clone()).line(line).char_column(column);
            report = report.element(origin).element(shown.line_start(line));
        }
    }
    for help in &diagnostic.help {
        report = report.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let shown = renderer.decor_style(DecorStyle::Ascii).render(&[report]);
    let shown = shown.trim_end();
    if is_cut { without_unnamed(shown) } else { shown.to_owned() }
}

/// Leaves out the lines in which the renderer would name the file of a part of a line: its place stands above.
fn without_unnamed(shown: &str) -> String {
    let is_style = |c: char| c.is_ascii_digit() || c.is_control() || "[;m ".contains(c);
    let lines = shown.lines().filter(|line| line.trim_matches(is_style) != ":::");
    lines.collect::<Vec<_>>().join("\n")
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

/// Bytes on each side of a mark that the renderer is handed of a line without end: it looks at all of them, each time.
const AROUND: usize = 2048;

/// What is shown of the line that a span begins in; none where that is the whole line.
fn part_of_line(span: Span, text: &str) -> Option<Range<usize>> {
    let at = (span.start as usize).min(text.len());
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let part = text.floor_char_boundary(at.saturating_sub(AROUND)).max(start)
        ..text.ceil_char_boundary((at + AROUND).min(text.len())).min(end);
    (part != (start..end)).then_some(part)
}

/// A part of a file, which begins at byte `start` of it, with marks.
fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    labels: &[usize],
    text: &'a str,
    start: usize,
) -> Snippet<'a, Annotation<'a>> {
    let mut snippet = Snippet::source(text);
    for (at, label) in labels.iter().map(|at| (*at, &diagnostic.labels[*at])) {
        let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(first_line(label.span, text, start));
        snippet = snippet.annotation(match label.text.as_str() {
            "" => annotation,
            text => annotation.label(text),
        });
    }
    snippet
}

/// The part of a span on its first line: marks over many lines hide more than they show.
fn first_line(span: Span, text: &str, start: usize) -> Range<usize> {
    let range = span.range();
    let range = range.start.saturating_sub(start)..range.end.saturating_sub(start);
    match text.get(range.clone()).and_then(|marked| marked.find(['\r', '\n'])) {
        Some(end) => range.start..range.start + end,
        None => range.start.min(text.len())..range.end.min(text.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Style, render};
    use crate::codes;
    use crate::source::{SourceMap, Span};

    #[test]
    fn a_mark_in_a_line_without_end_is_shown_with_what_stands_around_it() {
        let text = format!("first\n{}typ{}\nlast", "ä ".repeat(5000), " ö".repeat(5000));
        let start = u32::try_from(text.find("typ").expect("the word")).expect("a short text");
        let mut sources = SourceMap::default();
        let file = sources.add("order.json", text);
        let span = Span { file, start, end: start + 3 };
        let finding = codes::SCHEMA_KEYWORD.at(span, "no keyword").labelled("here");
        let shown = render(&finding, &sources, &Style::default());
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[1].trim(), "--> order.json:2:10001", "{shown}");
        assert!(lines[3].starts_with("2 | ...") && lines[3].contains("ä ä typ ö ö"), "{shown}");
        assert_eq!(lines[4].trim_start_matches(['|', ' ']), "^^^ here", "{shown}");
        assert!(shown.chars().count() < 1000, "{shown}");
        let colored = Style { color: true, ..Style::default() };
        assert_eq!(render(&finding, &sources, &colored).lines().count(), lines.len());
    }
}
