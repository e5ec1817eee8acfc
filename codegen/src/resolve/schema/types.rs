use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::Context;
use super::reader::{Position, Reader};
use crate::codes;
use crate::model::{Schema, SharedType, TypeRef};
use crate::source::Span;
use crate::syntax::TypeFile;
use crate::yaml::{Kind, Node};

/// The schemas that have names: shared ones, and for each of them where it stands.
pub(crate) struct Types<'n> {
    /// Rust names by file.
    files: BTreeMap<PathBuf, Named<'n>>,
    shared: BTreeMap<String, SharedType>,
}

/// The names in one file, or in one payload.
#[derive(Clone, Default)]
pub(super) struct Named<'n> {
    /// What the whole is; a payload is nothing that can be referred to.
    root: Option<(TypeRef, &'n Node)>,
    /// `$defs`.
    definitions: BTreeMap<String, (TypeRef, &'n Node)>,
}

/// A payload, read.
pub(crate) struct Payload {
    pub(crate) payload: Schema,
    pub(crate) definitions: Vec<SharedType>,
}

impl<'n> Types<'n> {
    /// Reads every shared type, and the `$defs` in their files, which are shared too.
    pub(crate) fn read(files: &'n [TypeFile], cx: &mut Context<'_>) -> Self {
        let mut types = Self { files: BTreeMap::new(), shared: BTreeMap::new() };
        let mut names = BTreeMap::new();
        for file in files {
            let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
            let rust_name = cx.type_name(&stem, file.schema.span);
            claim(&mut names, &rust_name, file.schema.span, cx);
            let mut named = Named {
                root: Some((TypeRef::Shared(rust_name.clone()), &file.schema)),
                definitions: BTreeMap::new(),
            };
            for (name, span, node) in definitions(&file.schema) {
                let rust_name = format!("{rust_name}{}", cx.type_name(name, span));
                claim(&mut names, &rust_name, span, cx);
                let reference = TypeRef::Shared(rust_name);
                named.definitions.insert(name.to_owned(), (reference, node));
            }
            types.files.insert(file.path.clone(), named);
        }
        for file in files {
            let named = types.files.get(&file.path).cloned().unwrap_or_default();
            let mut reader = Reader::new(&types, &named, cx);
            let mut read: Vec<(TypeRef, Span, Schema)> = Vec::new();
            if let Some((root, _)) = &named.root {
                read.push((
                    root.clone(),
                    file.schema.span,
                    reader.root(&file.schema, Position::File),
                ));
            }
            for (name, span, node) in definitions(&file.schema) {
                if let Some((definition, _)) = named.definitions.get(name) {
                    read.push((definition.clone(), span, reader.read(node)));
                }
            }
            for (reference, span, schema) in read {
                let (TypeRef::Shared(rust_name) | TypeRef::Local(rust_name)) = reference;
                let shared = SharedType { span, rust_name: rust_name.clone(), schema };
                types.shared.entry(rust_name).or_insert(shared);
            }
        }
        types
    }

    /// Reads the payload of an event.
    pub(crate) fn payload(&self, event: &str, node: &'n Node, cx: &mut Context<'_>) -> Payload {
        let mut named = Named::default();
        let mut names = BTreeMap::new();
        for (name, span, node) in definitions(node) {
            let rust_name = format!("{event}{}", cx.type_name(name, span));
            claim(&mut names, &rust_name, span, cx);
            named.definitions.insert(name.to_owned(), (TypeRef::Local(rust_name), node));
        }
        let mut reader = Reader::new(self, &named, cx);
        let payload = reader.payload(node);
        let definitions = definitions(node)
            .into_iter()
            .filter_map(|(name, span, node)| match named.definitions.get(name) {
                Some((TypeRef::Local(rust_name), _)) => Some(SharedType {
                    span,
                    rust_name: rust_name.clone(),
                    schema: reader.read(node),
                }),
                _ => None,
            })
            .collect();
        Payload { payload, definitions }
    }

    pub(super) fn shared(&self) -> &BTreeMap<String, SharedType> {
        &self.shared
    }

    /// The shared types by Rust name.
    pub(crate) fn into_shared(self) -> BTreeMap<String, SharedType> {
        self.shared
    }

    /// What a `$ref` in `from` leads to.
    pub(super) fn find(
        &self,
        named: &Named<'n>,
        from: &Path,
        reference: &str,
    ) -> Result<(TypeRef, &'n Node), Missing> {
        let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let named = if file.is_empty() {
            // What was joined from another file keeps its own names.
            self.files.get(from).unwrap_or(named)
        } else {
            let path = join(from, file).ok_or(Missing::Outside)?;
            self.files.get(&path).ok_or(Missing::File(path))?
        };
        if fragment.is_empty() {
            return named.root.clone().ok_or(Missing::Itself);
        }
        let name = fragment.strip_prefix("/$defs/").ok_or(Missing::Fragment)?;
        let name = name.replace("~1", "/").replace("~0", "~");
        named.definitions.get(&name).cloned().ok_or_else(|| Missing::Definition {
            known: named.definitions.keys().cloned().collect(),
            name,
        })
    }

    /// The files that can be referred to, as `from` would write them.
    pub(super) fn references(&self, from: &Path) -> Vec<String> {
        let up = from.parent().map_or(0, |folder| folder.iter().count());
        self.files
            .keys()
            .map(|path| format!("{}{}", "../".repeat(up), path.to_string_lossy()))
            .collect()
    }
}

/// Why a `$ref` leads nowhere.
pub(super) enum Missing {
    /// Out of the catalog's folder.
    Outside,
    File(PathBuf),
    Definition {
        name: String,
        known: Vec<String>,
    },
    /// Something else than `#/$defs/…`.
    Fragment,
    /// The payload that it stands in.
    Itself,
}

/// The `$defs` of a schema.
fn definitions(schema: &Node) -> Vec<(&str, Span, &Node)> {
    match schema.get("$defs").map(|node| &node.kind) {
        Some(Kind::Mapping(entries)) => {
            entries.iter().map(|(key, node)| (key.text.as_str(), key.span, node)).collect()
        }
        _ => Vec::new(),
    }
}

/// Takes a Rust name, or reports who has it.
fn claim(names: &mut BTreeMap<String, Span>, name: &str, span: Span, cx: &mut Context<'_>) {
    match names.get(name) {
        Some(first) => cx.found.push(
            codes::DUPLICATE_NAME
                .at(span, format!("two schemas become the Rust type `{name}`"))
                .and(*first, "the other one")
                .help("rename one of the two"),
        ),
        None => {
            names.insert(name.to_owned(), span);
        }
    }
}

/// A path relative to the folder of another, within the catalog.
fn join(from: &Path, relative: &str) -> Option<PathBuf> {
    let mut parts: Vec<&str> = from.parent()?.iter().filter_map(|part| part.to_str()).collect();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.iter().collect())
}
