//! The files that an import reads, and the references in and between them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use tidings_codegen::render::{Style, render};
use tidings_codegen::source::{SourceMap, Span};
use tidings_codegen::yaml::{self, Kind, Node};

use crate::yaml::{Mapping, Node as Written};

/// Larger than any document that people work with.
const MAX_BYTES: u64 = 16 << 20;
/// How many references in a row are followed: more can only be a ring.
const MAX_HOPS: usize = 32;

/// The files that were read.
#[derive(Default)]
pub(super) struct Documents {
    sources: SourceMap,
    files: BTreeMap<PathBuf, Node>,
}

/// A value of a file, and where it is.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) file: PathBuf,
    /// JSON pointer in the file.
    pub(super) pointer: String,
    pub(super) node: Node,
}

impl Documents {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is neither YAML nor JSON: the whole message.
    pub(super) fn open(&mut self, path: &Path) -> Result<At, String> {
        let path = normal(path);
        if !self.files.contains_key(&path) {
            let text = read(&path)?;
            let text = joined_surrogates(&text);
            let read = yaml::parse(&path, &text, &mut self.sources);
            let node = read.map_err(|found| {
                let shown = found.iter().map(|one| render(one, &self.sources, &Style::default()));
                let shown = shown.collect::<Vec<_>>().join("\n\n");
                format!("`{}` cannot be read\n\n{shown}", path.display())
            })?;
            self.files.insert(path.clone(), node);
        }
        let node = self.files[&path].clone();
        Ok(At { file: path, pointer: String::new(), node })
    }

    /// The value itself or, where it is a `$ref`, the one at the end of it.
    ///
    /// # Errors
    /// Why a reference leads nowhere.
    pub(super) fn follow(&mut self, at: &At) -> Result<At, String> {
        let mut at = at.clone();
        for _ in 0..MAX_HOPS {
            let Some(reference) = at.text("$ref").map(str::to_owned) else { return Ok(at) };
            at = self.target(&at.file, &reference)?;
        }
        Err("the reference leads to itself".to_owned())
    }

    /// What a reference in a file leads to.
    pub(super) fn target(&mut self, from: &Path, reference: &str) -> Result<At, String> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if file.contains("://") {
            return Err(format!("`{reference}` is not a file beside the document"));
        }
        let root = if file.is_empty() {
            self.open(from)?
        } else {
            let folder = from.parent().unwrap_or(Path::new(""));
            self.open(&folder.join(percent_decoded(file)))?
        };
        let found = if fragment.is_empty() || fragment.starts_with('/') {
            root.at(&percent_decoded(fragment))
        } else {
            root.anchored(fragment)
        };
        found.ok_or_else(|| format!("`{reference}` leads to nothing"))
    }

    /// `file:line:column` of a place.
    pub(super) fn place(&self, span: Span) -> String {
        let (line, column) = self.sources.position(span);
        format!("{}:{line}:{column}", self.sources.path(span).display())
    }

    pub(super) fn into_sources(self) -> SourceMap {
        self.sources
    }
}

impl At {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        self.node.get(key).map(|node| self.inner(key, node))
    }

    /// The text of a key, if it says anything.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.node.get(key)?.text().filter(|text| !text.trim().is_empty())
    }

    /// The keys and values of a mapping.
    pub(super) fn entries(&self) -> Vec<(String, Self)> {
        match &self.node.kind {
            Kind::Mapping(entries) => {
                let at = |(key, node): &(yaml::Key, Node)| {
                    (key.text.clone(), self.inner(&key.text, node))
                };
                entries.iter().map(at).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The entries of a key's mapping.
    pub(super) fn entries_of(&self, key: &str) -> Vec<(String, Self)> {
        self.get(key).map(|at| at.entries()).unwrap_or_default()
    }

    /// The same mapping without some of its keys.
    pub(super) fn without(&self, keys: &[&str]) -> Self {
        let mut at = self.clone();
        if let Kind::Mapping(entries) = &mut at.node.kind {
            entries.retain(|(key, _)| !keys.contains(&key.text.as_str()));
        }
        at
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Vec<Self> {
        match &self.node.kind {
            Kind::Sequence(items) => {
                let at = |(at, node): (usize, &Node)| self.inner(&at.to_string(), node);
                items.iter().enumerate().map(at).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The items of a key's list.
    pub(super) fn items_of(&self, key: &str) -> Vec<Self> {
        self.get(key).map(|at| at.items()).unwrap_or_default()
    }

    /// The value in the order of the document, with its places.
    pub(super) fn value(&self) -> Written {
        written(&self.node)
    }

    /// The last part of the pointer; the file's name where it is empty.
    pub(super) fn name(&self) -> String {
        match self.pointer.rsplit_once('/') {
            Some((_, name)) => name.replace("~1", "/").replace("~0", "~"),
            None => self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// Whether both are the same value of the same file.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.file == other.file && self.pointer == other.pointer
    }

    fn inner(&self, key: &str, node: &Node) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self {
            file: self.file.clone(),
            pointer: format!("{}/{key}", self.pointer),
            node: node.clone(),
        }
    }

    /// What a JSON pointer leads to.
    fn at(&self, pointer: &str) -> Option<Self> {
        let mut at = self.clone();
        for part in pointer.split('/').skip(1) {
            let name = part.replace("~1", "/").replace("~0", "~");
            at = match &at.node.kind {
                Kind::Sequence(_) => at.items().into_iter().nth(name.parse().ok()?)?,
                _ => at.get(&name)?,
            };
        }
        Some(at)
    }

    /// The schema with an `$anchor` or an `$id` of its own.
    fn anchored(&self, name: &str) -> Option<Self> {
        let ids =
            [("$anchor", name.to_owned()), ("$id", format!("#{name}")), ("id", format!("#{name}"))];
        if ids.iter().any(|(key, id)| self.text(key) == Some(id)) {
            return Some(self.clone());
        }
        let inner = self.entries().into_iter().map(|(_, at)| at).chain(self.items());
        inner.into_iter().find_map(|at| at.anchored(name))
    }
}

fn written(node: &Node) -> Written {
    let value = match &node.kind {
        Kind::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.text.clone(), written(value)));
            Written::from(entries.collect::<Mapping>())
        }
        Kind::Sequence(items) => Written::from(items.iter().map(written).collect::<Vec<_>>()),
        Kind::Scalar { .. } => Written::from(node.to_value()),
    };
    value.placed(node.span)
}

fn read(path: &Path) -> Result<String, String> {
    let cannot =
        |error: &dyn std::fmt::Display| format!("cannot read `{}`: {error}", path.display());
    let size = fs::metadata(path).map_err(|error| cannot(&error))?.len();
    if size > MAX_BYTES {
        return Err(cannot(&"it is larger than 16 MiB"));
    }
    let bytes = fs::read(path).map_err(|error| cannot(&error))?;
    String::from_utf8(bytes).map_err(|_| cannot(&"it is not UTF-8"))
}

/// The path without `.` and, where that can be told, without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.iter().collect()
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.filter(|_| first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// JSON writes characters beyond U+FFFF as two escapes, which YAML does not know: here they become the characters.
fn joined_surrogates(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        joined.push_str(before);
        let unit = |from: usize| {
            let hex = escape.get(from..from + 6)?.strip_prefix("\\u")?;
            u16::from_str_radix(hex, 16).ok()
        };
        let pair = unit(0).zip(unit(6)).map(|(high, low)| [high, low]);
        let character = pair.and_then(|pair| char::decode_utf16(pair).next()?.ok());
        match character.filter(|c| u32::from(*c) > 0xffff) {
            Some(character) => {
                joined.push(character);
                rest = &escape[12..];
            }
            None => {
                let end = escape.char_indices().nth(2).map_or(escape.len(), |(at, _)| at);
                joined.push_str(&escape[..end]);
                rest = &escape[end..];
            }
        }
    }
    joined.push_str(rest);
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_become_characters() {
        for (text, joined) in [
            (r#""\ud83d\ude03!""#, "\"😃!\""),
            (r"\\ud83d\ude03", r"\\ud83d\ude03"),
            (r"\ud83d", r"\ud83d"),
            (r"\u0041\u0042", r"\u0041\u0042"),
            ("\\", "\\"),
            (r"\é", r"\é"),
        ] {
            assert_eq!(joined_surrogates(text), joined);
        }
    }

    #[test]
    fn paths_and_escapes_are_normal() {
        assert_eq!(normal(Path::new("./a/../b/./c")), Path::new("b/c"));
        assert_eq!(normal(Path::new("../a")), Path::new("../a"));
        assert_eq!(percent_decoded("/a%20b%7d%"), "/a b}%");
    }
}
