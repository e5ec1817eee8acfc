//! Indentation, spaces, quotes and line breaks.

use pretty_yaml::config::{FormatOptions, LanguageOptions, LayoutOptions};
use yaml_parser::{SyntaxElement, SyntaxKind};

/// Long enough for most properties of a payload to be a line of their own.
const WIDTH: usize = 120;

/// The text laid out; none where it cannot be read.
pub(super) fn lay_out(text: &str) -> Option<String> {
    let layout = LayoutOptions { print_width: WIDTH, ..LayoutOptions::default() };
    let options = FormatOptions { layout, language: LanguageOptions::default() };
    // It keeps carriage returns in texts of several lines.
    let text = text.replace("\r\n", "\n");
    let laid_out = pretty_yaml::format_text(&text, &options).ok()?;
    keep_company(&text, &laid_out)
}

/// The comments of a text, in order; none where it cannot be read.
pub(super) fn comments(text: &str) -> Option<Vec<String>> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    Some(tokens(&text)?.into_iter().map(|comment| comment.text).collect())
}

/// A comment and where it begins.
struct Comment {
    line: usize,
    text: String,
}

fn tokens(text: &str) -> Option<Vec<Comment>> {
    let root = yaml_parser::parse(text).ok()?;
    let tokens = root.descendants_with_tokens().filter_map(SyntaxElement::into_token);
    let tokens = tokens.filter(|token| token.kind() == SyntaxKind::COMMENT);
    let (mut line, mut counted) = (0, 0);
    let comments = tokens.map(|token| {
        let start = usize::from(token.text_range().start());
        line += text[counted..start].matches('\n').count();
        counted = start;
        Comment { line, text: token.text().trim_end().to_owned() }
    });
    Some(comments.collect())
}

/// Gives comments on lines of their own back to the block that they stood in. Behind a list, the layout takes them for
/// a part of the list, or of the whole file.
fn keep_company(text: &str, laid_out: &str) -> Option<String> {
    let (before, after) = (tokens(text)?, tokens(laid_out)?);
    if before.len() != after.len() {
        return None;
    }
    let old: Vec<&str> = text.lines().collect();
    let mut new: Vec<String> = laid_out.lines().map(str::to_owned).collect();
    for (before, after) in before.iter().zip(&after) {
        let was = indentation(old[before.line]);
        if is_content(old[before.line]) {
            continue;
        }
        let now = match below(old[before.line..].iter().copied()) {
            Some(next) if next == was => below(new[after.line..].iter().map(String::as_str)),
            _ => {
                let open = blocks(old[..before.line].iter().copied());
                let depth = open.iter().position(|block| *block == was);
                let open = blocks(new[..after.line].iter().map(String::as_str));
                depth.and_then(|depth| open.get(depth).copied())
            }
        };
        if let Some(now) = now {
            new[after.line] = format!("{:now$}{}", "", after.text);
        }
    }
    Some(new.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect())
}

/// The indentation of the first of these lines that is no comment.
fn below<'t>(mut lines: impl Iterator<Item = &'t str>) -> Option<usize> {
    lines.find(|line| is_content(line)).map(indentation)
}

/// The indentations of the blocks that are open behind these lines, the outermost first.
fn blocks<'t>(lines: impl DoubleEndedIterator<Item = &'t str>) -> Vec<usize> {
    let mut open: Vec<usize> = Vec::new();
    for line in lines.rev().filter(|line| is_content(line)) {
        let indentation = indentation(line);
        if open.last().is_none_or(|inner| indentation < *inner) {
            open.push(indentation);
        }
        if indentation == 0 {
            break;
        }
    }
    open.reverse();
    open
}

fn is_content(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
