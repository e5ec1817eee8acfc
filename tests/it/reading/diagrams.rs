//! Diagrams of `EVENTS.md` and of the pages for people, before Mermaid's own parser, which draws them on every Markdown viewer.

use std::path::{Path, PathBuf};

use fantoccini::error::CmdError;
use serde_json::Value;

use crate::browser::Browser;
use crate::corpora::corpus;

/// README, the pages of `docs/`, and those of each golden catalog.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cases = std::fs::read_dir(root.join("codegen/tests/golden")).expect("the cases");
    let cases = cases.map(|case| case.expect("a case").path().join("EVENTS.md"));
    let docs = std::fs::read_dir(root.join("docs")).expect("the pages");
    let docs = docs.map(|page| page.expect("a page").path());
    let docs = docs.filter(|page| page.extension().is_some_and(|kind| kind == "md"));
    cases.chain(docs).chain([root.join("README.md")]).collect()
}

fn diagrams(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).expect("a page");
    let blocks = text.split("```mermaid\n").skip(1);
    blocks.filter_map(|rest| rest.split_once("```")).map(|(code, _)| code.to_owned()).collect()
}

#[tokio::test]
async fn mermaid_accepts_every_diagram() {
    let home = tempfile::tempdir().expect("a folder");
    let script = corpus("mermaid-11.17.2/mermaid.min.js");
    let script = script.canonicalize().expect("a path");
    let page = home.path().join("page.html");
    let html = format!("<!doctype html><script src=\"file://{}\"></script>", script.display());
    std::fs::write(&page, html).expect("a writable file");
    let browser = Browser::start().await;
    let judged = judge(&browser, &format!("file://{}", page.display())).await;
    browser.end().await;
    let (count, refused) = judged.expect("an answer");
    assert!(count > 30, "{count} diagrams: there are some of every catalog");
    assert!(refused.is_empty(), "{}", refused.join("\n\n"));
}

async fn judge(browser: &Browser, address: &str) -> Result<(usize, Vec<String>), CmdError> {
    const PARSE: &str = "const [text, done] = arguments; \
         mermaid.parse(text).then(() => done(null), (error) => done(String(error)));";
    browser.client.goto(address).await?;
    let broken = browser.client.execute_async(PARSE, vec!["flowchart LR\n a -->".into()]).await?;
    assert!(broken.is_string(), "it refuses what is broken");
    let (mut count, mut refused) = (0, Vec::new());
    for page in pages() {
        for diagram in diagrams(&page) {
            count += 1;
            let answer = browser.client.execute_async(PARSE, vec![diagram.clone().into()]).await?;
            if let Value::String(error) = answer {
                refused.push(format!("{}: {error}\n{diagram}", page.display()));
            }
        }
    }
    Ok((count, refused))
}
