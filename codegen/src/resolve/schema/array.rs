//! Lists.

use super::reader::Reader;
use crate::codes;
use crate::model::{Array, Shape};
use crate::yaml::{Key, Kind, Node};

/// The longest tuple that implements what generated types do.
const LONGEST_TUPLE: usize = 12;

impl Reader<'_, '_, '_> {
    /// Reads a list: items that are alike, or one schema for each place.
    pub(super) fn array(&mut self, node: &Node) -> Shape {
        if let Some((key, places)) = node.entry("prefixItems") {
            return self.tuple(node, key, places);
        }
        let (min_items, max_items) = (self.count(node, "minItems"), self.count(node, "maxItems"));
        self.check_bounds(node, ("minItems", min_items), ("maxItems", max_items));
        let items = match node.get("items") {
            Some(Node { kind: Kind::Sequence(_), span }) => {
                self.cx.found.push(
                    codes::SCHEMA_VALUE
                        .at(*span, "`items` takes one schema since 2020-12, not a list")
                        .help("write `prefixItems` for the list, and `items: false` beside it"),
                );
                self.gap(node)
            }
            Some(items) => self.read(items),
            None => {
                let place = node.get("type").unwrap_or(node).span;
                self.cx.found.push(
                    codes::MISSING_KEY
                        .at(place, "an array needs the keyword `items`")
                        .help("write `items: { type: string }`; `items: {}` stands for any values"),
                );
                self.gap(node)
            }
        };
        let unique = self.flag(node, "uniqueItems");
        Shape::Array(Array { items: Box::new(items), min_items, max_items, unique })
    }

    fn tuple(&mut self, node: &Node, key: &Key, written: &Node) -> Shape {
        let places = match &written.kind {
            Kind::Sequence(places) if (1..=LONGEST_TUPLE).contains(&places.len()) => places,
            Kind::Sequence(_) => {
                let message = format!("a tuple has 1 to {LONGEST_TUPLE} places");
                let finding = codes::SCHEMA_VALUE.at(written.span, message);
                self.cx.found.push(finding.help("use an object with a property for each place"));
                return self.gap(node).shape;
            }
            _ => {
                let message =
                    format!("`prefixItems` takes a list of schemas, not {}", written.describe());
                self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
                return self.gap(node).shape;
            }
        };
        let length = places.len() as u64;
        let least = self.count(node, "minItems");
        let most = self.count(node, "maxItems");
        let is_closed = most == Some(length)
            || node.get("items").is_some_and(|items| items.boolean() == Some(false));
        if !is_closed || least.is_some_and(|least| least != length) {
            self.cx.found.push(
                codes::SCHEMA_UNSUPPORTED
                    .at(key.span, "a list that may be longer or shorter has no Rust shape")
                    .help(
                        "write `items: false` beside it: a tuple has all of its places and no more",
                    )
                    .help("or use an object with a property for each place"),
            );
        }
        Shape::Tuple(places.iter().map(|place| self.read(place)).collect())
    }
}
