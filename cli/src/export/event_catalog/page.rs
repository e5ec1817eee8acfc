use std::path::PathBuf;

use super::mdx;
use crate::export::File;
use crate::yaml::{Layout, Mapping, Node, write};

/// A page of EventCatalog: frontmatter in YAML, text in MDX.
pub(super) struct Page {
    pub(super) front: Mapping,
    body: String,
}

impl Page {
    pub(super) fn new(id: &str, name: &str, version: &str) -> Self {
        Self::with(Mapping::from_iter([("id", id), ("name", name), ("version", version)]))
    }

    pub(super) fn with(front: Mapping) -> Self {
        Self { front, body: String::new() }
    }

    pub(super) fn summary(&mut self, summary: Option<&str>) {
        self.front.insert_some("summary", summary);
    }

    pub(super) fn owner(&mut self, owner: Option<&str>) {
        self.list("owners", owner.map(|owner| Node::from(id(owner))).into_iter().collect());
    }

    /// A list of the frontmatter, left out where nothing is in it.
    pub(super) fn list(&mut self, key: &str, items: Vec<Node>) {
        if !items.is_empty() {
            self.front.insert(key, items);
        }
    }

    pub(super) fn heading(&mut self, heading: &str) {
        self.component(&format!("## {}", mdx::escaped(heading)));
    }

    /// Markdown of the catalog.
    pub(super) fn text(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.component(&mdx::escaped(text.trim_end()));
        }
    }

    /// JSON.
    pub(super) fn code(&mut self, code: &str) {
        self.component(&format!("```json\n{}\n```", code.trim_end()));
    }

    /// Who sends to whom, drawn by EventCatalog.
    pub(super) fn graph(&mut self) {
        self.component("<NodeGraph />");
    }

    /// A paragraph of MDX as it stands.
    pub(super) fn component(&mut self, mdx: &str) {
        self.body.push('\n');
        self.body.push_str(mdx);
        self.body.push('\n');
    }

    pub(super) fn file(self, path: PathBuf) -> File {
        let front = write(&self.front.into(), Layout::Block);
        File { path, text: format!("---\n{front}---\n{}", self.body) }
    }
}

/// A team's name as an id: in lower case, with hyphens.
pub(super) fn id(name: &str) -> String {
    let hyphened: String = name
        .chars()
        .map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    hyphened.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
