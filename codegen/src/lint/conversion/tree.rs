//! What is known of a payload while the steps of a conversion change it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tidings_payload::convert::{EACH, segments};

use crate::model::{Change, Schema, Scope, Shape, Step};
use crate::source::Span;
use crate::syntax::{closest, list};

/// A payload, of which each part is as a schema says, or what a step put there.
pub(super) struct Tree<'c> {
    scope: Scope<'c>,
    gaps: &'c BTreeSet<Span>,
    pub(super) root: Node<'c>,
}

/// A part of a payload.
#[derive(Clone)]
pub(super) struct Node<'c> {
    pub(super) part: Part<'c>,
    /// The step that put it there.
    pub(super) by: Option<Span>,
}

/// What a part of a payload is.
#[derive(Clone)]
pub(super) enum Part<'c> {
    /// Nothing is known of it, and anything goes.
    Anything,
    /// As the old version says.
    Written(&'c Schema),
    /// The same with other values for some.
    Translated(&'c Schema, &'c [(String, Value)]),
    /// This value.
    Literal(&'c Value),
    /// What is there, or else this value.
    Filled(Box<Node<'c>>, &'c Value),
    /// An object with these members.
    Object {
        members: BTreeMap<String, Member<'c>>,
        /// Whether it may have others.
        open: bool,
        nullable: bool,
    },
    /// A list, or a map, of such values.
    Each { item: Box<Member<'c>>, map: bool, nullable: bool },
}

/// A part that may be absent.
#[derive(Clone)]
pub(super) struct Member<'c> {
    pub(super) node: Node<'c>,
    pub(super) required: bool,
}

/// Why a step cannot be done.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Fault {
    fn new(message: String) -> Self {
        Self { message, help: None }
    }
}

impl<'c> Tree<'c> {
    pub(super) fn new(scope: Scope<'c>, gaps: &'c BTreeSet<Span>, payload: &'c Schema) -> Self {
        Self { scope, gaps, root: Node { part: Part::Written(payload), by: None } }
    }

    pub(super) fn apply(&mut self, step: &'c Step) -> Result<(), Fault> {
        let at: Vec<String> = segments(&step.at).collect();
        let walk = Walk { scope: self.scope, gaps: self.gaps, at: &step.at };
        let node = |part| Node { part, by: Some(step.span) };
        match &step.change {
            Change::Move(target) => {
                let Some(mut moved) = walk.take(&mut self.root, &at)? else { return Ok(()) };
                moved.node.by = Some(step.span);
                let to: Vec<String> = segments(target).collect();
                Walk { at: target, ..walk }.put(&mut self.root, &to, moved, false)
            }
            Change::Drop => walk.take(&mut self.root, &at).map(drop),
            Change::Map(values) => walk.translate(&mut self.root, &at, values, step.span),
            Change::Set(value) => {
                let member = Member { node: node(Part::Literal(value)), required: true };
                walk.put(&mut self.root, &at, member, true)
            }
            Change::Default(value) => {
                let there = walk.take(&mut self.root.clone(), &at).ok().flatten();
                let part = match there {
                    Some(there) => Part::Filled(Box::new(there.node), value),
                    None => Part::Literal(value),
                };
                walk.put(&mut self.root, &at, Member { node: node(part), required: true }, true)
            }
        }
    }
}

/// The members of what a schema describes, one level deep.
pub(super) fn expand<'c>(scope: Scope<'c>, gaps: &BTreeSet<Span>, written: &'c Schema) -> Part<'c> {
    let schema = scope.follow(written);
    let nullable = scope.is_nullable(written);
    if gaps.contains(&schema.span) {
        return Part::Anything;
    }
    let inner = |schema, required| Member {
        node: Node { part: Part::Written(schema), by: None },
        required,
    };
    match &schema.shape {
        Shape::Object(object) => {
            let members = object.properties.iter();
            let members =
                members.map(|one| (one.name.clone(), inner(&one.schema, one.required))).collect();
            Part::Object { members, open: object.extra.is_some(), nullable }
        }
        Shape::Array(array) => {
            Part::Each { item: Box::new(inner(&array.items, true)), map: false, nullable }
        }
        Shape::Map(map) => {
            Part::Each { item: Box::new(inner(&map.values, true)), map: true, nullable }
        }
        Shape::Any | Shape::OneOf(_) | Shape::Tuple(_) | Shape::Ref(_) => Part::Anything,
        Shape::Null
        | Shape::Boolean { .. }
        | Shape::Integer(_)
        | Shape::Number(_)
        | Shape::String(_)
        | Shape::Enum(_) => Part::Written(schema),
    }
}

/// A place as it is written: the name alone for a property of the payload.
pub(super) fn shown(at: &str) -> &str {
    match at.strip_prefix('/') {
        Some(name) if !name.contains(['/', '~']) => name,
        _ => at,
    }
}

/// On the way to a place.
#[derive(Clone, Copy)]
struct Walk<'w, 'c> {
    scope: Scope<'c>,
    gaps: &'w BTreeSet<Span>,
    /// The whole place, for messages.
    at: &'w str,
}

impl<'c> Walk<'_, 'c> {
    fn open(self, node: &mut Node<'c>) {
        match &node.part {
            Part::Written(schema) => node.part = expand(self.scope, self.gaps, schema),
            // What a step put there as a whole is not taken apart.
            Part::Literal(_) | Part::Filled(..) | Part::Translated(..) => {
                node.part = Part::Anything;
            }
            Part::Anything | Part::Object { .. } | Part::Each { .. } => {}
        }
    }

    /// The member of this name; none where it cannot be known.
    fn member<'n>(
        self,
        node: &'n mut Node<'c>,
        name: &str,
    ) -> Result<Option<&'n mut Member<'c>>, Fault> {
        self.open(node);
        match &mut node.part {
            Part::Anything => Ok(None),
            Part::Each { item, map, .. } => match (name == EACH, map) {
                (true, _) => Ok(Some(item)),
                (false, true) => Ok(None),
                (false, false) => Err(Fault {
                    message: format!("`{}` leads through a list", self.at),
                    help: Some("write `*` for each of its items: `/lines/*/price`".to_owned()),
                }),
            },
            Part::Object { members, open, .. } => {
                if !members.contains_key(name) {
                    let known: Vec<&str> = members.keys().map(String::as_str).collect();
                    return if *open { Ok(None) } else { Err(self.missing(name, &known)) };
                }
                Ok(members.get_mut(name))
            }
            _ => Err(Fault::new(format!(
                "`{}` leads through a value that has no properties",
                self.at
            ))),
        }
    }

    fn missing(self, name: &str, known: &[&str]) -> Fault {
        let help = match closest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => "no properties are left there".to_owned(),
            None => format!("the properties there are {}", list(known)),
        };
        let inside = match shown(self.at) {
            plain if plain == name => String::new(),
            _ => format!(" in `{}`", self.at),
        };
        Fault { message: format!("there is no property `{name}`{inside}"), help: Some(help) }
    }

    /// Takes what is at a place out of the tree; none where it cannot be known. It is required where all that leads to
    /// it is.
    fn take(self, node: &mut Node<'c>, place: &[String]) -> Result<Option<Member<'c>>, Fault> {
        let Some((name, rest)) = place.split_first() else { return Ok(None) };
        if rest.is_empty() {
            let known = self.member(node, name)?.is_some();
            return Ok(match &mut node.part {
                Part::Object { members, .. } if known => members.remove(name),
                _ => None,
            });
        }
        let Some(member) = self.member(node, name)? else { return Ok(None) };
        let required = member.required;
        let taken = self.take(&mut member.node, rest)?;
        Ok(taken.map(|taken| Member { required: taken.required && required, ..taken }))
    }

    fn put(
        self,
        node: &mut Node<'c>,
        place: &[String],
        new: Member<'c>,
        over: bool,
    ) -> Result<(), Fault> {
        let Some((name, rest)) = place.split_first() else {
            *node = new.node;
            return Ok(());
        };
        self.open(node);
        let Part::Object { members, .. } = &mut node.part else {
            return match self.member(node, name)? {
                Some(member) => self.put(&mut member.node, rest, new, over),
                None => Ok(()),
            };
        };
        match members.get_mut(name) {
            Some(_) if rest.is_empty() && !over => Err(Fault {
                message: format!("there is a property `{name}` already"),
                help: Some(
                    "steps come one after the other: give one of the two another name first"
                        .to_owned(),
                ),
            }),
            Some(member) if !rest.is_empty() => {
                member.required |= new.required;
                self.put(&mut member.node, rest, new, over)
            }
            _ if rest.is_empty() => {
                members.insert(name.clone(), new);
                Ok(())
            }
            _ => {
                let part = Part::Object { members: BTreeMap::new(), open: false, nullable: false };
                let node = Node { part, by: new.node.by };
                let holder = Member { node, required: new.required };
                let holder = members.entry(name.clone()).or_insert(holder);
                self.put(&mut holder.node, rest, new, over)
            }
        }
    }

    fn translate(
        self,
        node: &mut Node<'c>,
        place: &[String],
        values: &'c [(String, Value)],
        by: Span,
    ) -> Result<(), Fault> {
        if let Some((name, rest)) = place.split_first() {
            return match self.member(node, name)? {
                Some(member) => self.translate(&mut member.node, rest, values, by),
                None => Ok(()),
            };
        }
        let Part::Written(written) = node.part else { return Ok(()) };
        let schema = self.scope.follow(written);
        if let Shape::Enum(known) = &schema.shape
            && let Some((old, _)) = values.iter().find(|(old, _)| !known.contains(old))
        {
            let help = match closest(old, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the values are {}", list(known)),
            };
            let message = format!("`{}` is never `{old}`", shown(self.at));
            return Err(Fault { message, help: Some(help) });
        }
        *node = Node { part: Part::Translated(written, values), by: Some(by) };
        Ok(())
    }
}
