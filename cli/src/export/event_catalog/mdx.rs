/// Markdown as MDX: braces and angle brackets outside of code are escaped, and so are words that MDX takes for code at
/// the beginning of a line.
pub(super) fn escaped(markdown: &str) -> String {
    let mut written = String::with_capacity(markdown.len());
    let mut fence: Option<&str> = None;
    for line in markdown.split_inclusive('\n') {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) => {
                written.push_str(&inline(line));
                continue;
            }
            _ => {}
        }
        written.push_str(line);
    }
    written
}

/// A line outside of a code block.
fn inline(line: &str) -> String {
    let mut written = String::with_capacity(line.len());
    let mut rest = line;
    if let Some(word) = ["import ", "export "].iter().find(|word| line.starts_with(**word)) {
        written.push_str(&format!("&#{};", u32::from(word.as_bytes()[0])));
        rest = &line[1..];
    }
    while let Some(at) = rest.find(['`', '{', '}', '<', '\\']) {
        written.push_str(&rest[..at]);
        rest = &rest[at..];
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        let code = (ticks > 0).then(|| code_span(rest, ticks)).flatten();
        let taken = match rest.as_bytes()[0] {
            // What is escaped already, stays.
            b'\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            b'`' => code.unwrap_or(ticks),
            _ => {
                written.push('\\');
                1
            }
        };
        written.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    written.push_str(rest);
    written
}

/// The length of a code span that begins with so many backticks, if it ends on the line.
fn code_span(text: &str, ticks: usize) -> Option<usize> {
    let mut at = ticks;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let run = text[start..].len() - text[start..].trim_start_matches('`').len();
        at = start + run;
        if run == ticks {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn only_what_mdx_would_run_is_escaped() {
        for (markdown, mdx) in [
            ("plain *text*", "plain *text*"),
            ("a {b} <c>", "a \\{b\\} \\<c>"),
            ("`{b}` and {c}", "`{b}` and \\{c\\}"),
            ("``{`b`}`` {", "``{`b`}`` \\{"),
            ("an open ` {", "an open ` \\{"),
            ("already \\{b\\}", "already \\{b\\}"),
            ("import of goods", "&#105;mport of goods"),
            ("an import {", "an import \\{"),
            ("```\n{b}\nimport x\n```\n{c}", "```\n{b}\nimport x\n```\n\\{c\\}"),
            ("~~~\n```\n{b}\n~~~\n{c}", "~~~\n```\n{b}\n~~~\n\\{c\\}"),
            ("größer als {ü}", "größer als \\{ü\\}"),
            ("\\", "\\"),
        ] {
            assert_eq!(escaped(markdown), mdx, "{markdown}");
        }
    }
}
