//! Joins schemas that must all hold: the branches of an `allOf`, and a `$ref` with the keywords beside it.
//!
//! What comes out is a schema as somebody could have written it, each keyword with the place that it came from.

use serde_json::Value;

use super::keywords::{Use, usage};
use crate::source::Span;
use crate::yaml::{Key, Kind, Node};

type Entry = (Key, Node);

/// Two keywords that no value, or no Rust type, can follow both.
#[derive(Debug)]
pub(super) struct Conflict {
    pub(super) message: String,
    pub(super) first: Span,
    pub(super) second: Span,
    pub(super) help: &'static str,
}

/// What to do where no value follows both.
const AGREE: &str = "no value follows both: take one of the two away, or let them agree";

/// What to do about two choices.
pub(super) const ONE_CHOICE: &str =
    "write one list of alternatives, each with all that holds of it";

/// Both schemas in one, or where they contradict each other. What the second says for people goes before the first's.
pub(super) fn merge(first: &[Entry], second: &[Entry]) -> Result<Vec<Entry>, Conflict> {
    closed_to(first, second)?;
    closed_to(second, first)?;
    let mut merged = first.to_vec();
    for (key, value) in second {
        let present = merged.iter().position(|(known, _)| known.text == key.text);
        match present {
            None => merged.push((key.clone(), value.clone())),
            // A string follows all of its patterns.
            Some(at) if key.text == "pattern" => {
                if merged[at].1.text() != value.text() {
                    merged.push((key.clone(), value.clone()));
                }
            }
            Some(at) => {
                let (known, present) = &merged[at];
                let value = keyword(&key.text, present, value).map_err(|message| Conflict {
                    message,
                    first: known.span,
                    second: key.span,
                    help: if matches!(key.text.as_str(), "oneOf" | "anyOf") {
                        ONE_CHOICE
                    } else {
                        AGREE
                    },
                })?;
                merged[at].1 = value;
            }
        }
    }
    Ok(merged)
}

/// Whether one of the two says that there are no other properties than its own, and the other requires one.
fn closed_to(closed: &[Entry], other: &[Entry]) -> Result<(), Conflict> {
    let get = |entries: &'_ [Entry], name: &str| -> Option<(Span, Node)> {
        let entry = entries.iter().find(|(key, _)| key.text == name);
        entry.map(|(key, node)| (key.span, node.clone()))
    };
    let is_closed = |(_, node): &(Span, Node)| node.boolean() == Some(false);
    let Some((place, _)) = get(closed, "additionalProperties").filter(is_closed) else {
        return Ok(());
    };
    let own = get(closed, "properties").map(|(_, properties)| properties);
    let Some((_, required)) = get(other, "required") else { return Ok(()) };
    let Kind::Sequence(required) = &required.kind else { return Ok(()) };
    let unknown = required.iter().find_map(|one| {
        let name = one.text()?;
        own.as_ref().is_none_or(|own| own.get(name).is_none()).then_some((name, one.span))
    });
    match unknown {
        Some((name, second)) => Err(Conflict {
            message: format!("`{name}` is required, and the other schema allows no such property"),
            first: place,
            second,
            help: AGREE,
        }),
        None => Ok(()),
    }
}

fn keyword(name: &str, first: &Node, second: &Node) -> Result<Node, String> {
    let numbers = (number(first), number(second));
    let differ =
        || Err(format!("`{name}` is {} here, and {} there", second.describe(), first.describe()));
    match name {
        "properties" | "dependentRequired" => Ok(properties(first, second)),
        "required" => Ok(Node { span: second.span, kind: Kind::Sequence(union(first, second)) }),
        "type" => types(first, second).ok_or(()).or_else(|()| differ()),
        "enum" => {
            let values: Vec<Value> = list(second).iter().map(Node::to_value).collect();
            let common = list(first).iter().filter(|one| values.contains(&one.to_value()));
            let common: Vec<Node> = common.cloned().collect();
            match common.is_empty() {
                true => Err("the two enums have no value in common".to_owned()),
                false => Ok(Node { span: second.span, kind: Kind::Sequence(common) }),
            }
        }
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
            Ok(if numbers.1 > numbers.0 { second.clone() } else { first.clone() })
        }
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
            Ok(if numbers.1 < numbers.0 { second.clone() } else { first.clone() })
        }
        "multipleOf" => match numbers {
            (Some(one), Some(other)) if one % other == 0.0 => Ok(first.clone()),
            (Some(one), Some(other)) if other % one == 0.0 => Ok(second.clone()),
            _ => differ(),
        },
        "uniqueItems" => Ok(if first.boolean() == Some(true) { first } else { second }.clone()),
        "additionalProperties" | "unevaluatedProperties" => {
            Ok(match (first.boolean(), second.boolean()) {
                (Some(false), _) | (_, Some(true)) => first.clone(),
                (_, Some(false)) | (Some(true), _) => second.clone(),
                (None, None) => both(first, second),
            })
        }
        "items" | "propertyNames" => Ok(both(first, second)),
        "prefixItems" if list(first).len() == list(second).len() => {
            let pairs = list(first).iter().zip(list(second));
            let places = pairs.map(|(first, second)| both(first, second)).collect();
            Ok(Node { span: second.span, kind: Kind::Sequence(places) })
        }
        "oneOf" | "anyOf" if first.to_value() != second.to_value() => {
            Err(format!("both have `{name}`, and two choices cannot be one"))
        }
        _ if matches!(usage(name), Some(Use::Anywhere) | None) => Ok(second.clone()),
        _ if first.to_value() == second.to_value() => Ok(first.clone()),
        _ => differ(),
    }
}

/// A schema that says that both hold; one of them where they are alike.
fn both(first: &Node, second: &Node) -> Node {
    if first.to_value() == second.to_value() || second.boolean() == Some(true) {
        return first.clone();
    }
    if first.boolean() == Some(true) {
        return second.clone();
    }
    let span = second.span;
    let all = Node { span, kind: Kind::Sequence(vec![first.clone(), second.clone()]) };
    let key = Key { span, text: "allOf".to_owned() };
    Node { span, kind: Kind::Mapping(vec![(key, all)]) }
}

/// The properties of both; one that both have must follow both.
fn properties(first: &Node, second: &Node) -> Node {
    let (Kind::Mapping(first), Kind::Mapping(others)) = (&first.kind, &second.kind) else {
        return first.clone();
    };
    let mut all = first.clone();
    for (key, value) in others {
        match all.iter_mut().find(|(known, _)| known.text == key.text) {
            Some((_, present)) => {
                *present = match (&present.kind, &value.kind) {
                    (Kind::Sequence(_), Kind::Sequence(_)) => {
                        Node { span: value.span, kind: Kind::Sequence(union(present, value)) }
                    }
                    _ => both(present, value),
                }
            }
            None => all.push((key.clone(), value.clone())),
        }
    }
    Node { span: second.span, kind: Kind::Mapping(all) }
}

fn types(first: &Node, second: &Node) -> Option<Node> {
    let common = |one: &Node, others: &[Node]| {
        let text = one.text()?;
        let has = |name: &str| others.iter().any(|other| other.text() == Some(name));
        // Every whole number is a number.
        (has(text) || (text == "integer" && has("number"))).then(|| one.clone())
    };
    let (firsts, seconds) = (words(first), words(second));
    let mut all: Vec<Node> = firsts.iter().filter_map(|one| common(one, seconds)).collect();
    for one in seconds.iter().filter_map(|one| common(one, firsts)) {
        if !all.iter().any(|known| known.text() == one.text()) {
            all.push(one);
        }
    }
    match all.len() {
        0 => None,
        1 => all.pop(),
        _ => Some(Node { span: second.span, kind: Kind::Sequence(all) }),
    }
}

fn union(first: &Node, second: &Node) -> Vec<Node> {
    let mut all = list(first).to_vec();
    for one in list(second) {
        if !all.iter().any(|known| known.text() == one.text()) {
            all.push(one.clone());
        }
    }
    all
}

fn list(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::Sequence(items) => items,
        _ => &[],
    }
}

/// The words of a `type`.
fn words(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::Sequence(items) => items,
        _ => std::slice::from_ref(node),
    }
}

fn number(node: &Node) -> Option<f64> {
    node.to_value().as_f64()
}
