//! The pages that somebody wrote, and the blocks in them. The build script and the tests read them alike.

use std::fs;
use std::path::{Path, PathBuf};

/// Pages of `docs/` that are written by a program; tests of their own hold them to it.
const GENERATED: [&str; 3] = ["EVENTS.md", "cli.md", "diagnostics.md"];

/// Pages outside of `docs/` and of the examples.
const AT_THE_ROOT: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];

/// A fenced block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The page, from the root of the repository.
    pub(crate) page: String,
    /// Its line in the page.
    pub(crate) line: usize,
    /// What stands behind the fence.
    pub(crate) language: String,
    /// Which one of this language it is in its page, from 1.
    pub(crate) number: usize,
    pub(crate) text: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("tests/pages is in the workspace").to_owned()
}

/// Every page, as a path from the root, and its text.
pub(crate) fn pages() -> Vec<(String, String)> {
    let mut paths: Vec<String> = AT_THE_ROOT.map(str::to_owned).into();
    for entry in fs::read_dir(root().join("docs")).expect("docs/") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        if name.ends_with(".md") && !GENERATED.contains(&&*name) {
            paths.push(format!("docs/{name}"));
        }
    }
    for entry in fs::read_dir(root().join("examples")).expect("examples/") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        let path = format!("examples/{name}/README.md");
        if root().join(&path).exists() {
            paths.push(path);
        }
    }
    paths.sort();
    let text = |path: &String| fs::read_to_string(root().join(path)).expect("a page");
    paths.into_iter().map(|path| (path.clone(), text(&path))).collect()
}

/// The blocks of all pages.
pub(crate) fn blocks() -> Vec<Block> {
    pages().iter().flat_map(|(page, text)| blocks_of(page, text)).collect()
}

fn blocks_of(page: &str, text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<(usize, Block)> = None;
    for (index, line) in text.lines().enumerate() {
        let inner = line.trim_start();
        let indent = line.len() - inner.len();
        match (inner.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take().map(|(_, block)| block)),
            (Some(language), None) => {
                let of_it = blocks.iter().filter(|block| block.language == language);
                let number = of_it.count() + 1;
                let (page, language) = (page.to_owned(), language.to_owned());
                let block = Block { page, line: index + 1, language, number, text: String::new() };
                open = Some((indent, block));
            }
            (None, Some((outer, block))) => {
                block.text.push_str(&line[indent.min(*outer)..]);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{page}: a block has no end");
    blocks
}
