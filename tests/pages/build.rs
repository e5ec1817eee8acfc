//! Compiles the catalog of the pages, and puts the Rust of each page where its context wants it.
//!
//! `contexts/outbox.rs` is what the blocks of `docs/outbox.md` stand in: what the page takes for granted, and what is to come of
//! it. A line `shown!(2);` there is the second block of Rust in that page. No block is without such a line.

#[path = "markdown.rs"]
mod markdown;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use markdown::Block;

fn main() {
    tidings_codegen::build("event-catalog");
    let out = std::env::var("OUT_DIR").expect("cargo says it");
    for path in ["contexts", "../../README.md", "../../docs", "../../examples"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let blocks = markdown::blocks();
    let shown: Vec<&Block> = blocks.iter().filter(|block| block.language == "rust").collect();
    let mut pages: Vec<&str> = shown.iter().map(|block| &*block.page).collect();
    pages.dedup();
    let mut modules = String::new();
    for page in pages {
        // Its own test holds it to a service that is built and run.
        if page == "docs/getting-started.md" {
            continue;
        }
        let name = module(page);
        let blocks: Vec<&Block> =
            shown.iter().copied().filter(|block| block.page == page).collect();
        let path = format!("contexts/{name}.rs");
        let context = fs::read_to_string(&path).unwrap_or_else(|_| {
            panic!(
                "{page} has Rust, and there is no tests/pages/{path} that says what it stands in"
            )
        });
        let text = filled(&context, page, &blocks);
        fs::write(Path::new(&out).join(format!("{name}.rs")), text).expect("a writable folder");
        let include = format!("include!(concat!(env!(\"OUT_DIR\"), \"/{name}.rs\"));");
        writeln!(modules, "mod {name} {{\n    {include}\n}}").expect("memory");
    }
    fs::write(Path::new(&out).join("contexts.rs"), modules).expect("a writable folder");
}

/// `docs/dead-letters.md` is `dead_letters`, and `examples/user-profile/README.md` `user_profile`.
fn module(page: &str) -> String {
    let page = page.trim_start_matches("docs/").trim_start_matches("examples/");
    page.trim_end_matches("/README.md").trim_end_matches(".md").to_lowercase().replace('-', "_")
}

/// The context with its blocks.
fn filled(context: &str, page: &str, blocks: &[&Block]) -> String {
    let mut text = String::new();
    let mut left: Vec<usize> = blocks.iter().map(|block| block.number).collect();
    // What is said of the file is no part of a module's beginning once it stands in another file.
    for line in context.lines().filter(|line| !line.starts_with("//!")) {
        let number = line.trim().strip_prefix("shown!(").and_then(|rest| rest.strip_suffix(");"));
        let Some(number) = number else {
            text.push_str(line);
            text.push('\n');
            continue;
        };
        let number: usize = number.parse().expect("the number of a block");
        let block = blocks.iter().find(|block| block.number == number);
        let block = block.unwrap_or_else(|| panic!("{page} has no block {number} of Rust"));
        left.retain(|other| *other != number);
        writeln!(text, "// {page}:{}\n{}", block.line + 1, block.text).expect("memory");
    }
    assert!(
        left.is_empty(),
        "tests/pages/contexts/{}.rs does not show these blocks of Rust in {page}: {left:?}",
        module(page)
    );
    text
}
