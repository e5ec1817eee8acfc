//! No block of a page is there that no test knows.

use std::collections::BTreeSet;
use std::fs;

use crate::markdown::{blocks, root};
use crate::texts::{EXEMPT, HELD, exempt, name};

/// Languages of which every block is compiled or run, unless [`EXEMPT`] has it. Diagrams are parsed by Mermaid itself, in
/// `tests/it/reading`.
const EXECUTED: [&str; 4] = ["console", "mermaid", "rust", "yaml"];

#[test]
fn every_block_is_covered() {
    let listed: BTreeSet<&str> =
        EXEMPT.iter().map(|(name, _)| *name).chain(HELD.iter().map(|(name, _)| *name)).collect();
    let blocks = blocks();
    let known: BTreeSet<String> = blocks.iter().map(name).collect();
    for block in &blocks {
        let place = format!("{}:{}", block.page, block.line);
        assert!(!block.language.is_empty(), "{place}: say what it is, `text` at least");
        assert!(
            EXECUTED.contains(&&*block.language) || exempt(block) || listed.contains(&*name(block)),
            "{place}: nothing holds `{}` to be true: add it to HELD with what it is compared with, or to EXEMPT with the \
             reason why nothing can",
            name(block)
        );
    }
    for name in listed {
        let is_there = known.contains(name) || blocks.iter().any(|block| block.page == name);
        assert!(is_there, "no page has the block `{name}` any more");
    }
}

/// An exemption may say that another test shows it: that one exists.
#[test]
fn tests_that_are_named_exist() {
    let mut sources = String::new();
    for folder in ["cli/tests", "codegen/tests", "examples", "tests"] {
        collect(&root().join(folder), &mut sources);
    }
    let mut named = 0;
    for (name, reason) in EXEMPT {
        for test in
            reason.split('`').skip(1).step_by(2).filter(|word| word.matches('_').count() > 2)
        {
            assert!(sources.contains(&format!("fn {test}")), "{name}: there is no test `{test}`");
            named += 1;
        }
    }
    assert!(named > 3, "{named}");
}

fn collect(folder: &std::path::Path, sources: &mut String) {
    for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
    {
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            sources.push_str(&fs::read_to_string(path).expect("UTF-8"));
        }
    }
}
