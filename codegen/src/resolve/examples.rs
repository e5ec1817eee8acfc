//! Values with the places of their parts.

use serde_json::Value;

use crate::model::{Example, Places};
use crate::source::Span;
use crate::yaml::{Kind, Node};

impl Example {
    /// The value of a node.
    pub(crate) fn of(node: &Node) -> Self {
        let mut places = Places::default();
        place(node, String::new(), &mut places);
        Self { span: node.span, value: node.to_value(), places }
    }

    /// A value that is written nowhere.
    pub(crate) fn nowhere(span: Span, value: Value) -> Self {
        Self { span, value, places: Places::default() }
    }
}

/// Notes the place of each part of a tree under its JSON pointer, and that of a property's name with a `#` behind it.
fn place(node: &Node, pointer: String, places: &mut Places) {
    match &node.kind {
        Kind::Scalar { .. } => {}
        Kind::Sequence(items) => {
            for (at, item) in items.iter().enumerate() {
                place(item, format!("{pointer}/{at}"), places);
            }
        }
        Kind::Mapping(entries) => {
            for (key, value) in entries {
                let pointer = Places::pointer(&pointer, &key.text);
                places.set(format!("{pointer}#"), key.span);
                place(value, pointer, places);
            }
        }
    }
    places.set(pointer, node.span);
}
