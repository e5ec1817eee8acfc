//! `allOf`, and `$ref` with keywords beside it: everything that must hold, joined into one schema.

use std::collections::BTreeSet;

use super::keywords::{Use, usage};
use super::merge::{Conflict, merge};
use super::reader::{Position, Reader};
use crate::codes;
use crate::model::TypeRef;
use crate::yaml::{Key, Kind, Node};

/// How often a schema may be put in the place of a reference within itself: more can only go on without end.
const MAX_DEPTH: usize = 2;

/// How many keywords and values may come of joining in one file or payload: far more than in any file that is written by
/// hand, and few enough for a build.
pub(super) const MAX_JOINED: usize = 10_000;

/// What a schema says of itself, which is not so of one that it is a part of.
const OWN: [&str; 5] = ["title", "description", "examples", "deprecated", "$comment"];

/// One of the schemas to join.
enum Part {
    /// The value of a `$ref`.
    Reference(Key, Node),
    Keywords(Vec<(Key, Node)>),
}

impl Part {
    /// Whether it says more than something for people.
    fn decides(&self) -> bool {
        match self {
            Self::Reference(..) => true,
            Self::Keywords(entries) => entries.iter().any(|(key, _)| decides(&key.text)),
        }
    }
}

impl Reader<'_, '_, '_> {
    /// The schema with all that it joins; none where it stands for itself.
    ///
    /// One reference with nothing but words for people beside it stays a reference, unless it is to be `replaced`.
    pub(super) fn joined(&mut self, node: &Node, replaced: bool) -> Result<Option<Node>, Conflict> {
        let mut parts = Vec::new();
        self.parts(node, &mut parts);
        self.keep_first_of_each_reference(&mut parts);
        let references = parts.iter().any(|part| matches!(part, Part::Reference(..)));
        let deciding = parts.iter().filter(|part| part.decides()).count();
        if node.get("allOf").is_none() && !(references && (replaced || deciding > 1)) {
            return Ok(None);
        }
        if self.may_join == 0 {
            self.cx.gaps.insert(node.span);
            return Ok(Some(Node { span: node.span, kind: Kind::Mapping(Vec::new()) }));
        }
        let keep_reference = deciding == 1 && !replaced;
        let mut joined = Vec::new();
        for part in parts {
            let entries = match part {
                Part::Reference(key, node) if keep_reference => vec![(key, node)],
                Part::Reference(_, node) => {
                    let mut entries = self.replacement(&node)?;
                    entries.retain(|(key, _)| deciding == 1 || !OWN.contains(&key.text.as_str()));
                    entries
                }
                Part::Keywords(entries) => entries,
            };
            joined = merge(&joined, &entries)?;
        }
        let joined = Node { span: node.span, kind: Kind::Mapping(joined) };
        self.count_joined(&joined);
        Ok(Some(joined))
    }

    /// Two references may be written differently and lead to the same.
    fn keep_first_of_each_reference(&mut self, parts: &mut Vec<Part>) {
        let mut targets = BTreeSet::new();
        let is_reference = |part: &&Part| matches!(part, Part::Reference(..));
        if parts.iter().filter(is_reference).count() > 1 {
            parts.retain(|part| match part {
                Part::Reference(_, written) => {
                    self.target(written).is_none_or(|(target, _)| targets.insert(target))
                }
                Part::Keywords(_) => true,
            });
        }
    }

    /// Counts what came of joining; reports where that is too much, once.
    fn count_joined(&mut self, joined: &Node) {
        let left = self.may_join;
        self.may_join = left.saturating_sub(size(joined));
        if left > 0 && self.may_join == 0 {
            self.cx.found.push(
                codes::TOO_LARGE
                    .at(joined.span, "what stands together here becomes too much to read")
                    .help("write alternatives into `$defs` and refer to them, instead of beside what they all have"),
            );
        }
    }

    /// The keywords of both, all of which must hold.
    pub(super) fn with(&mut self, node: &Node, common: &[(Key, Node)]) -> Result<Node, Conflict> {
        if self.may_join == 0 {
            self.cx.gaps.insert(node.span);
            return Ok(Node { span: node.span, kind: Kind::Mapping(Vec::new()) });
        }
        let own = self.joined(node, true)?;
        let Kind::Mapping(entries) = &own.as_ref().unwrap_or(node).kind else {
            return Ok(node.clone());
        };
        let kind = Kind::Mapping(merge(common, entries)?);
        let joined = Node { span: node.span, kind };
        self.count_joined(&joined);
        Ok(joined)
    }

    /// What stands in a schema, its parts first.
    fn parts(&mut self, node: &Node, parts: &mut Vec<Part>) {
        let Kind::Mapping(entries) = &node.kind else { return };
        if let Some((key, written)) = node.entry("$ref") {
            parts.push(Part::Reference(key.clone(), written.clone()));
        }
        if let Some((key, written)) = node.entry("allOf") {
            match &written.kind {
                Kind::Sequence(branches) if !branches.is_empty() => {
                    for branch in branches {
                        self.branch(branch, parts);
                    }
                }
                _ => {
                    let message =
                        format!("`allOf` takes a list of schemas, not {}", written.describe());
                    self.cx.found.push(codes::SCHEMA_VALUE.at(key.span, message));
                    self.cx.gaps.insert(node.span);
                }
            }
        }
        let own = entries.iter().filter(|(key, _)| {
            !matches!(key.text.as_str(), "$ref" | "allOf" | "$defs" | "$schema" | "$comment")
        });
        let own: Vec<(Key, Node)> = own.cloned().collect();
        if !own.is_empty() {
            parts.push(Part::Keywords(own));
        }
    }

    fn branch(&mut self, branch: &Node, parts: &mut Vec<Part>) {
        if matches!(branch.kind, Kind::Mapping(_)) {
            self.check_keywords(branch, Position::Inner);
            self.parts(branch, parts);
        } else if branch.boolean() != Some(true) {
            let message = format!("a schema is a mapping, not {}", branch.describe());
            self.cx.found.push(codes::SCHEMA_VALUE.at(branch.span, message));
        }
    }

    /// The keywords of what a `$ref` leads to, with all that it joins in turn.
    fn replacement(&mut self, reference: &Node) -> Result<Vec<(Key, Node)>, Conflict> {
        let Some((target, node)) = self.target(reference) else { return Ok(Vec::new()) };
        let depth = self.replacing.iter().filter(|known| **known == target).count();
        if depth >= MAX_DEPTH {
            self.endless(reference, &target);
            return Ok(Vec::new());
        }
        self.replacing.push(target.clone());
        let joined = self.joined(node, true);
        self.replacing.pop();
        self.replaced.insert(target);
        let joined = joined?;
        let Kind::Mapping(entries) = joined.map_or_else(|| node.kind.clone(), |joined| joined.kind)
        else {
            return Ok(Vec::new());
        };
        let entries = entries.into_iter();
        Ok(entries.filter(|(key, _)| !matches!(key.text.as_str(), "$defs" | "$schema")).collect())
    }

    fn endless(&mut self, reference: &Node, target: &TypeRef) {
        self.cx.gaps.insert(reference.span);
        self.cx.found.push(
            codes::ENDLESS_TYPE
                .at(reference.span, format!("`{}` is a part of itself, without end", target.name()))
                .help("write the `$ref` alone, without an `allOf` and without keywords beside it"),
        );
    }

    pub(super) fn conflict(&mut self, conflict: &Conflict) {
        self.cx.found.push(
            codes::ALL_OF_CONFLICT
                .at(conflict.second, conflict.message.clone())
                .and(conflict.first, "the other schema that must hold as well")
                .help(conflict.help),
        );
    }
}

/// How many keywords and values there are in a tree.
fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar { .. } => 1,
        Kind::Sequence(items) => items.iter().map(size).sum::<usize>() + 1,
        Kind::Mapping(entries) => entries.iter().map(|(_, value)| size(value)).sum::<usize>() + 1,
    }
}

/// Whether a keyword says more than something for people.
pub(super) fn decides(keyword: &str) -> bool {
    matches!(usage(keyword), Some(Use::Decides | Use::With(_)))
}
