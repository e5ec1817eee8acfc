//! Links between pages lead somewhere, and every page can be found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::markdown::{pages, root};

/// Pages that programs write, and that others link to.
const WRITTEN: [&str; 4] =
    ["docs/EVENTS.md", "docs/cli.md", "docs/diagnostics.md", "docs/operations/runbook.md"];

#[test]
fn links_lead_somewhere() {
    let mut anchors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in WRITTEN {
        anchors.insert(
            path.to_owned(),
            anchors_of(&fs::read_to_string(root().join(path)).expect("a page")),
        );
    }
    let pages = pages();
    for (path, text) in &pages {
        anchors.insert(path.clone(), anchors_of(text));
    }
    let mut followed = 0;
    for (page, text) in &pages {
        for target in links(text) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => page.clone(),
                file => beside(page, file),
            };
            assert!(root().join(&path).exists(), "{page}: there is no `{path}` ({target})");
            if !anchor.is_empty() && path.ends_with(".md") {
                let known = anchors.get(&path).unwrap_or_else(|| panic!("{page}: what is {path}?"));
                assert!(known.contains(anchor), "{page}: `{path}` has no `#{anchor}`");
            }
            followed += 1;
        }
    }
    assert!(followed > 200, "{followed}");
}

#[test]
fn readme_leads_to_every_page() {
    let pages = pages();
    let (_, readme) = pages.iter().find(|(path, _)| path == "README.md").expect("README");
    let linked: BTreeSet<String> = links(readme)
        .filter_map(|target| Some(beside("README.md", target.split('#').next()?)))
        .collect();
    for (path, _) in &pages {
        let folder = path.trim_end_matches("/README.md");
        assert!(
            path == "README.md" || linked.contains(path) || linked.contains(folder),
            "README does not lead to {path}"
        );
    }
}

/// Targets in the repository, of links outside of code.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    let prose = text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        is_code ^= fence;
        !is_code && !fence
    });
    let targets = prose
        .flat_map(|line| line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()));
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

/// A path from the root, for one that is relative to a page.
fn beside(page: &str, target: &str) -> String {
    let mut path = PathBuf::new();
    for part in Path::new(page).parent().unwrap_or(Path::new("")).join(target).components() {
        match part {
            Component::ParentDir => _ = path.pop(),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path.display().to_string()
}

/// What GitHub makes of headings, and what is marked by hand.
fn anchors_of(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        if is_code {
            continue;
        }
        let marked = line.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next());
        anchors.extend(marked.map(str::to_owned));
        if let Some(heading) = line.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim();
            let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            anchors.insert(kept.collect::<String>().to_lowercase().replace(' ', "-"));
        }
    }
    anchors
}
