//! How a file of the catalog is laid out.
//!
//! `pretty_yaml` lays out the text ([`layout`]), then keys are put into the order in which one reads them ([`order`],
//! [`reorder`]). What comes out must mean the same and keep every comment, or the file stays as it is.

mod layout;
mod order;
mod reorder;

use std::path::Path;

use tidings_codegen::source::SourceMap;
use tidings_codegen::yaml::{self, Kind, Node};

use crate::report::Finding;

/// Layout and order settle within as many rounds.
const ROUNDS: usize = 4;

/// The text of a file as it should be. `shown` is the file's path as one would write it.
///
/// # Errors
/// What is wrong with the file, which is then to be left as it is.
pub(crate) fn format(shown: &str, text: &str) -> Result<String, Vec<Finding>> {
    let tree = parse(shown, text)?;
    let Some(tree) = tree else { return Ok(text.to_owned()) };
    let refused = || vec![not_formattable(shown)];
    let mut formatted = layout::lay_out(text.trim_start_matches('\u{feff}')).ok_or_else(refused)?;
    for _ in 0..ROUNDS {
        let laid_out = parse(shown, &formatted).ok().flatten().ok_or_else(refused)?;
        let ordered = order::of_file(&laid_out).map_or_else(
            || formatted.clone(),
            |record| reorder::reorder(&formatted, &laid_out, record),
        );
        let again = layout::lay_out(&ordered).ok_or_else(refused)?;
        if again == formatted {
            return keeps_all(shown, (text, &tree), &formatted)
                .then_some(formatted)
                .ok_or_else(refused);
        }
        formatted = again;
    }
    Err(refused())
}

/// The tree of a file; none where it is empty.
fn parse(shown: &str, text: &str) -> Result<Option<Node>, Vec<Finding>> {
    let (mut sources, mut found) = (SourceMap::default(), Vec::new());
    let file = sources.add(Path::new(shown), text);
    let composed = yaml::compose(file, text, &mut found);
    if found.is_empty() {
        return Ok(composed.root);
    }
    Err(found.iter().map(|one| Finding::diagnostic(one, &sources, "")).collect())
}

/// Whether the formatted text says what the text says, and has its comments.
fn keeps_all(shown: &str, (text, tree): (&str, &Node), formatted: &str) -> bool {
    let same =
        parse(shown, formatted).is_ok_and(|found| found.is_some_and(|found| equal(&found, tree)));
    let comments = |text| {
        let mut comments = layout::comments(text)?;
        comments.sort();
        Some(comments)
    };
    same && comments(text).is_some_and(|old| comments(formatted) == Some(old))
}

/// Whether two trees hold the same; the order of keys says nothing.
fn equal(left: &Node, right: &Node) -> bool {
    match (&left.kind, &right.kind) {
        (Kind::Scalar { text: a, plain: p }, Kind::Scalar { text: b, plain: q }) => {
            a == b && p == q
        }
        (Kind::Sequence(a), Kind::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Kind::Mapping(a), Kind::Mapping(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    right.get(&key.text).is_some_and(|other| equal(value, other))
                })
        }
        _ => false,
    }
}

fn not_formattable(shown: &str) -> Finding {
    Finding::in_file(
        "not-formattable",
        format!("`{shown}` cannot be formatted without changing what it says"),
        shown,
        1,
        "it is left as it is; a `# pretty-yaml-ignore` above the part that is at fault leaves only that",
        "",
    )
}
