//! Parts that readers open: a page of a large catalog stays one to look over.

use std::fmt::Write as _;

use super::super::reading::snippets::Snippet;

/// What `inside` writes, behind a line to open it.
pub(super) fn details(out: &mut String, summary: &str, inside: impl FnOnce(&mut String)) {
    let _ = write!(out, "<details>\n<summary>{summary}</summary>\n\n");
    inside(out);
    out.push_str("</details>\n\n");
}

/// A block of code; with a longer fence than any in it.
pub(super) fn fenced(out: &mut String, language: &str, code: &str) {
    let longest = code.lines().map(|line| line.len() - line.trim_start_matches('`').len()).max();
    let fence = "`".repeat((longest.unwrap_or_default() + 1).max(3));
    let _ = write!(out, "{fence}{language}\n{code}\n{fence}\n\n");
}

/// Snippets, each under its title.
pub(super) fn snippets(out: &mut String, snippets: &[Snippet]) {
    for snippet in snippets {
        let _ = write!(out, "{}:\n\n", snippet.title);
        fenced(out, snippet.language, &snippet.code);
    }
}
