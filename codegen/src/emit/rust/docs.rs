//! Doc comments: the catalog's words, made safe for rustdoc.

use std::fmt;

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

impl Docs {
    /// What stands behind the slashes of each line.
    fn lines(&self) -> Vec<String> {
        let text = self.paragraphs.join("\n\n");
        let lines = text.lines();
        lines.map(|line| if line.is_empty() { String::new() } else { format!(" {line}") }).collect()
    }
}

impl ToTokens for Docs {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for line in self.lines() {
            tokens.append_all(quote!(#[doc = #line]));
        }
    }
}

/// As lines of a file.
impl fmt::Display for Docs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().try_for_each(|line| writeln!(f, "///{line}"))
    }
}

/// Words from the catalog that stand in a line of ours.
pub(super) fn line(text: &str) -> String {
    inline(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Markdown as rustdoc reads it without complaint: no code blocks that it would compile, no links but real ones.
fn rustdoc(markdown: &str) -> String {
    let mut lines = Vec::new();
    let mut open: Option<Fence<'_>> = None;
    let mut in_list = false;
    for line in markdown.lines().map(str::trim_end) {
        let body = line.trim_start();
        if let Some(fence) = &open {
            if fence.is_closed_by(line) {
                open = None;
            }
            lines.push(line.to_owned());
            continue;
        }
        let fence = Fence::opened_by(line);
        if fence.is_none() {
            in_list = is_list_item(body) || (in_list && (line.is_empty() || body != line));
        }
        // Indented by four it would be code, and code without a fence is compiled as a test.
        let indent = (line.len() - body.len()).min(if in_list { usize::MAX } else { 3 });
        let text = match &fence {
            Some(fence) => format!("{}{}", fence.marker, fence.language()),
            None => inline(body),
        };
        lines.push(format!("{}{text}", " ".repeat(indent)));
        open = fence;
    }
    if let Some(fence) = open {
        lines.push(fence.marker.to_owned());
    }
    lines.join("\n")
}

/// The line that begins a block of code.
struct Fence<'a> {
    /// Three or more backticks or tildes.
    marker: &'a str,
    info: &'a str,
    indent: usize,
}

impl<'a> Fence<'a> {
    fn opened_by(line: &'a str) -> Option<Self> {
        let body = line.trim_start();
        let sign = body.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
        let info = body.trim_start_matches(sign);
        let marker = &body[..body.len() - info.len()];
        // A line such as ```` ```a``` ```` is a code span.
        let is_fence = marker.len() >= 3 && !(sign == '`' && info.contains('`'));
        let indent = line.len() - body.len();
        is_fence.then_some(Self { marker, info: info.trim(), indent })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let body = line.trim_start();
        let is_marker = body.trim_start_matches(&self.marker[..1]).is_empty();
        is_marker && body.len() >= self.marker.len() && line.len() - body.len() < self.indent + 4
    }

    /// A language for which rustdoc compiles nothing.
    fn language(&self) -> &'a str {
        let is_rust = |word: &str| {
            let word = word.to_lowercase().replace(['-', '_'], "");
            let is_error = word.strip_prefix('e').is_some_and(|code| {
                code.len() == 4 && code.bytes().all(|digit| digit.is_ascii_digit())
            });
            is_error || RUST.iter().any(|start| word.starts_with(start))
        };
        let mut words =
            self.info.split([',', ' ', '\t']).filter(|word| !word.is_empty()).peekable();
        let is_named = words.peek().is_some_and(|first| {
            !is_rust(first) && first.starts_with(|c: char| c.is_ascii_alphanumeric())
        });
        if words.clone().any(|word| word.eq_ignore_ascii_case("rust")) {
            "rust,ignore"
        } else if is_named {
            self.info
        } else if words.any(is_rust) {
            "rust,ignore"
        } else {
            "text"
        }
    }
}

/// How the words begin by which rustdoc knows a block as Rust, or warns that they are misspelt.
const RUST: [&str; 10] = [
    "rust",
    "ignore",
    "norun",
    "shouldpanic",
    "compilefail",
    "testharness",
    "standalone",
    "allowfail",
    "edition",
    "custom",
];

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
    use super::{line, rustdoc};

    #[test]
    fn words_in_a_line_of_ours_stay_words() {
        assert_eq!(line("Team [a]\n <b>"), r"Team \[a\] \<b>");
    }

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
            ("```no_run\nx\n```", "```rust,ignore\nx\n```"),
            ("```should_panic\nx\n```", "```rust,ignore\nx\n```"),
            ("```edition2024\nx\n```", "```rust,ignore\nx\n```"),
            ("```rust,no_run\nx\n```", "```rust,ignore\nx\n```"),
            ("```json,rust\nx\n```", "```rust,ignore\nx\n```"),
            ("~~~ compile-fail E0308\nx\n~~~", "~~~rust,ignore\nx\n~~~"),
            ("```{.wide}\nx\n```", "```text\nx\n```"),
            ("````md\n```\n[x]\n```\n````\n[y]", "````md\n```\n[x]\n```\n````\n\\[y\\]"),
            ("```json\n``` x\n[x]\n```", "```json\n``` x\n[x]\n```"),
            ("```a``` [x]", "```a``` \\[x\\]"),
            ("Text.\n\n    ```\n    x\n    ```", "Text.\n\n   ```text\n    x\n    ```"),
            ("Text.\n\n    indented", "Text.\n\n   indented"),
            ("- item\n    - nested", "- item\n    - nested"),
        ] {
            assert_eq!(rustdoc(markdown), safe, "{markdown:?}");
        }
    }
}
