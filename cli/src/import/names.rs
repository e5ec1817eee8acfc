//! Names of the catalog, made of those of others.

use std::collections::BTreeSet;

use tidings_codegen::naming::{is_keyword, pascal, snake};

/// Words that generated code keeps for itself, beside Rust's.
const RESERVED: [&str; 2] = ["types", "subjects"];

/// Longer than names that people give, and short enough for those of streams and durables that are made of them.
const MAX_LENGTH: usize = 80;

/// A name in `snake_case`, none where no letter is left: `Order-Created` → `order_created`, `3d` → `v3d`.
pub(super) fn name(text: &str) -> Option<String> {
    let ascii: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let words = snake(&ascii);
    let words: Vec<&str> = words.split('_').filter(|word| !word.is_empty()).collect();
    let name: String = words.join("_").chars().take(MAX_LENGTH).collect();
    let name = name.trim_end_matches('_');
    match name.chars().next()? {
        first if first.is_ascii_digit() => Some(format!("v{name}")),
        _ => Some(name.to_owned()),
    }
}

/// A name that is no word of Rust or of generated code.
pub(super) fn module(text: &str) -> Option<String> {
    let name = name(text)?;
    let version = name.strip_prefix('v').is_some_and(|rest| rest.parse::<u16>().is_ok());
    let taken = version || is_keyword(&name) || RESERVED.contains(&name.as_str());
    Some(if taken { format!("{name}_events") } else { name })
}

/// A name with hyphens, for files.
pub(super) fn file(text: &str) -> Option<String> {
    name(text).map(|name| name.replace('_', "-"))
}

/// The Rust name of a type: `light measured` → `LightMeasured`.
pub(super) fn type_name(text: &str) -> Option<String> {
    name(text).map(|name| pascal(&name)).filter(|name| !is_keyword(name))
}

/// A message's name without the version at its end: `OrderCreatedV2`, `order.created.v2` → 2.
pub(super) fn versioned(text: &str) -> (&str, Option<u16>) {
    let digits = text.len() - text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (before, number) = text.split_at(text.len() - digits);
    let base = before.strip_suffix(['v', 'V']).filter(|base| {
        let last = base.chars().next_back();
        // `conv2` is no version, `Order2` neither.
        let capital = before.ends_with('V') && last.is_some_and(|c| !c.is_uppercase());
        capital || last.is_some_and(|c| !c.is_alphanumeric())
    });
    let version = number.parse().ok().filter(|version| *version > 0);
    match (base.map(|base| base.trim_end_matches(|c: char| !c.is_alphanumeric())), version) {
        (Some(base), Some(version)) if !base.is_empty() => (base, Some(version)),
        _ => (text, None),
    }
}

/// The name, with a number where it is taken.
pub(super) fn unique(name: &str, separator: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}{separator}{number}"));
    let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
    let free = candidates.find(|candidate| !taken.contains(candidate)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_letters_and_digits() {
        for (text, expected) in [
            ("orderCreated", Some("order_created")),
            ("Order Created!", Some("order_created")),
            ("__x", Some("x")),
            ("3d-model", Some("v3d_model")),
            ("größe", Some("gr_e")),
            ("***", None),
            ("", None),
        ] {
            assert_eq!(name(text).as_deref(), expected, "{text}");
        }
        assert_eq!(name(&"long ".repeat(100)).map(|name| name.len()), Some(79));
        assert_eq!(module("type").as_deref(), Some("type_events"));
        assert_eq!(module("v1").as_deref(), Some("v1_events"));
        assert_eq!(file("Order Created").as_deref(), Some("order-created"));
    }

    #[test]
    fn versions_are_told_from_numbers() {
        for (text, expected) in [
            ("CostingRequestV1", ("CostingRequest", Some(1))),
            ("order.created.v2", ("order.created", Some(2))),
            ("order_v10", ("order", Some(10))),
            ("Order2", ("Order2", None)),
            ("conv2", ("conv2", None)),
            ("v2", ("v2", None)),
            ("OrderV0", ("OrderV0", None)),
            ("Order", ("Order", None)),
            ("HDTV4", ("HDTV4", None)),
        ] {
            assert_eq!(versioned(text), expected, "{text}");
        }
    }

    #[test]
    fn taken_names_get_a_number() {
        let mut taken = BTreeSet::new();
        let names = ["a", "a", "b", "a"].map(|name| unique(name, "_", &mut taken));
        assert_eq!(names, ["a", "a_2", "b", "a_3"]);
    }
}
