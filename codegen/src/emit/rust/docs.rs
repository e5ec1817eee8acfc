//! Doc comments: the catalog's words, made safe for rustdoc.

use proc_macro2::TokenStream;
use quote::{ToTokens, TokenStreamExt as _, quote};

/// The paragraphs of a doc comment.
#[derive(Clone, Debug, Default)]
pub(super) struct Docs {
    paragraphs: Vec<String>,
}

impl Docs {
    /// Adds Markdown from the catalog, if there is any.
    pub(super) fn catalog(mut self, text: Option<&str>) -> Self {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        self.paragraphs.extend(text.map(rustdoc));
        self
    }

    /// Adds a paragraph of ours; it may hold links.
    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.paragraphs.push(text);
        }
        self
    }

    /// Adds all that `other` says.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.paragraphs.extend(other.paragraphs);
        self
    }

    /// Adds a paragraph of ours where nothing has been said yet.
    pub(super) fn or(self, text: impl Into<String>) -> Self {
        if self.paragraphs.is_empty() { self.text(text) } else { self }
    }
}

impl ToTokens for Docs {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for line in self.paragraphs.join("\n\n").lines() {
            let line = if line.is_empty() { String::new() } else { format!(" {line}") };
            tokens.append_all(quote!(#[doc = #line]));
        }
    }
}

/// Markdown as rustdoc reads it without complaint: no code blocks that it would compile, no links but real ones.
fn rustdoc(markdown: &str) -> String {
    let mut lines = Vec::new();
    let mut fence: Option<&str> = None;
    let mut in_list = false;
    for line in markdown.lines().map(str::trim_end) {
        let body = line.trim_start();
        let marker = ["```", "~~~"].into_iter().find(|marker| body.starts_with(marker));
        match (fence, marker) {
            (None, Some(marker)) => {
                fence = Some(marker);
                lines.push(opening_fence(line, body, marker));
            }
            (Some(open), Some(marker)) if open == marker => {
                fence = None;
                lines.push(line.to_owned());
            }
            (Some(_), _) => lines.push(line.to_owned()),
            (None, None) => {
                in_list = is_list_item(body) || (in_list && (line.is_empty() || body != line));
                // Indented by four it would be code, and code without a fence is compiled as a test.
                let indent = (line.len() - body.len()).min(if in_list { usize::MAX } else { 3 });
                lines.push(format!("{}{}", " ".repeat(indent), inline(body)));
            }
        }
    }
    if let Some(open) = fence {
        lines.push(open.to_owned());
    }
    lines.join("\n")
}

/// A fence that names its language, so that rustdoc does not take it for Rust to run.
fn opening_fence(line: &str, body: &str, marker: &str) -> String {
    match body.trim_start_matches(&marker[..1]).trim() {
        "" => format!("{line}text"),
        "rust" => format!("{line},ignore"),
        _ => line.to_owned(),
    }
}

fn is_list_item(body: &str) -> bool {
    let digits = body.trim_start_matches(|c: char| c.is_ascii_digit());
    ["- ", "* ", "+ "].iter().any(|bullet| body.starts_with(bullet))
        || (digits.len() < body.len() && (digits.starts_with(". ") || digits.starts_with(") ")))
}

/// One line outside of code blocks.
fn inline(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '`' => code_span(rest),
            '[' => link(rest),
            '<' => autolink(rest),
            '\\' => Some(rest.chars().take(2).map(char::len_utf8).sum()),
            _ => None,
        };
        if let Some(length) = taken {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
        } else if let Some(length) = bare_url(rest) {
            out.push_str(&format!("<{}>", &rest[..length]));
            rest = &rest[length..];
        } else {
            if matches!(first, '[' | ']' | '<') {
                out.push('\\');
            }
            // A lone backtick opens nothing, but rustdoc warns about it.
            if first == '`' {
                out.push('\\');
            }
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// Length of the code span that the text begins with.
fn code_span(text: &str) -> Option<usize> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let fence = &text[..ticks];
    text[ticks..].find(fence).map(|end| end + 2 * ticks)
}

/// Length of the inline link to a web address that the text begins with: `[text](https://…)`.
fn link(text: &str) -> Option<usize> {
    let middle = text.find("](")?;
    let is_plain = !text[1..middle].contains(['[', ']', '<', '`']);
    let target = &text[middle + 2..];
    let end = target.find(')')?;
    let is_address = is_url(target) || target.starts_with('#') || target.starts_with("mailto:");
    (is_plain && is_address).then_some(middle + 2 + end + 1)
}

/// Length of the address in angle brackets that the text begins with.
fn autolink(text: &str) -> Option<usize> {
    let end = text.find('>')?;
    (is_url(&text[1..]) && !text[..end].contains(' ')).then_some(end + 1)
}

/// Length of the bare address that the text begins with.
fn bare_url(text: &str) -> Option<usize> {
    if !is_url(text) {
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ')' | ']' | '`'));
    let address = &text[..end.unwrap_or(text.len())];
    Some(address.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '"', '\'']).len())
}

fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::rustdoc;

    #[test]
    fn markdown_that_rustdoc_would_complain_about_is_made_safe() {
        for (markdown, safe) in [
            ("Plain *words*.", "Plain *words*."),
            ("See [orders] and a[0].", r"See \[orders\] and a\[0\]."),
            ("A [page](https://a.example/x).", "A [page](https://a.example/x)."),
            ("A [type](OrderCreated).", r"A \[type\](OrderCreated)."),
            ("List<Order> of <b>", r"List\<Order> of \<b>"),
            ("At https://a.example/x.", "At <https://a.example/x>."),
            ("At <https://a.example/x>.", "At <https://a.example/x>."),
            ("In `Vec<[u8]>` and ``a`[b]``.", "In `Vec<[u8]>` and ``a`[b]``."),
            ("One ` tick [x]", r"One \` tick \[x\]"),
            (r"Kept \[escape\]", r"Kept \[escape\]"),
            ("Grüße [ä]", r"Grüße \[ä\]"),
            ("```\nlet [x] = 1;\n```", "```text\nlet [x] = 1;\n```"),
            ("```rust\nx\n```", "```rust,ignore\nx\n```"),
            ("```json\n{}\n```", "```json\n{}\n```"),
            ("```\nopen", "```text\nopen\n```"),
            ("Text.\n\n    indented", "Text.\n\n   indented"),
            ("- item\n    - nested", "- item\n    - nested"),
        ] {
            assert_eq!(rustdoc(markdown), safe, "{markdown:?}");
        }
    }
}
