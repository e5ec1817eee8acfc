//! Tokens as text that is pleasant to read.

use proc_macro2::TokenStream;

use super::distinct::keep_first;

/// Formats a file, with blank lines between items.
///
/// # Errors
/// The tokens are no Rust; with syn's words.
pub(super) fn format(code: TokenStream) -> Result<String, String> {
    let file: syn::File = syn::parse2(code).map_err(|error| error.to_string())?;
    Ok(space_out(&prettyplease::unparse(&file)))
}

/// Formats a file of a broken catalog, in which each name stands once.
///
/// # Errors
/// The text is no Rust; with syn's words.
pub(super) fn distinct(code: &str) -> Result<String, String> {
    let mut file = syn::parse_file(code).map_err(|error| error.to_string())?;
    keep_first(&mut file.items);
    Ok(space_out(&prettyplease::unparse(&file)))
}

/// Token streams know no blank lines; this sets one before each item but the first of its block.
fn space_out(code: &str) -> String {
    let mut out = String::with_capacity(code.len() + code.len() / 16);
    let mut previous = "";
    for line in code.lines() {
        if ends_item(previous) && begins_item(line) && !belong_together(previous, line) {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
        previous = line;
    }
    out
}

fn ends_item(line: &str) -> bool {
    line.ends_with(['}', ';']) && !line.trim_start().starts_with("///")
}

fn begins_item(line: &str) -> bool {
    const STARTS: [&str; 11] = [
        "///",
        "#[",
        "pub ",
        "pub(",
        "impl",
        "fn ",
        "const ",
        "type ",
        "mod ",
        "::core::compile_error",
        "::tidings::__private::codec::",
    ];
    let line = line.trim_start();
    STARTS.iter().any(|start| line.starts_with(start))
}

/// Impls without a body stand together; a long one ends in a line of its own, `for … {}`.
fn belong_together(previous: &str, line: &str) -> bool {
    let ended = previous.trim_start();
    (ended.starts_with("impl") || ended.starts_with("for "))
        && ended.ends_with("{}")
        && line.trim_start().starts_with("impl")
}

#[cfg(test)]
mod tests {
    use super::space_out;

    #[test]
    fn blank_lines_stand_between_items_and_not_inside_of_doc_comments() {
        let code = "/// ```json\n/// {}\n/// ```\n/// Ends in a semicolon;\n/// goes on.\npub struct A;\n/// B.\npub struct B;\n";
        let spaced = "/// ```json\n/// {}\n/// ```\n/// Ends in a semicolon;\n/// goes on.\npub struct A;\n\n/// B.\npub struct B;\n";
        assert_eq!(space_out(code), spaced);
    }
}
