//! Where a struct and the catalog have drifted apart.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::schema::{Object, Schema, Shape};

/// The formats that are types in Rust.
const TYPED: [&str; 3] = ["uuid", "date-time", "date"];

/// One place where a struct's payloads and those of the catalog are not the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Difference {
    /// JSON pointer into the payload; `*` stands for every item of a list.
    at: String,
    what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.at.is_empty() { "(the payload)" } else { &self.at };
        write!(f, "{at}: {}", self.what)
    }
}

/// One difference a line.
pub(super) fn list(differences: &[Difference]) -> String {
    let lines: Vec<String> = differences.iter().map(|one| format!("  {one}")).collect();
    lines.join("\n")
}

/// Whether values of one simple shape are values of another.
fn takes(taker: &Shape<'_>, giver: &Shape<'_>) -> bool {
    match (taker, giver) {
        (Shape::Any, _)
        | (Shape::Null, Shape::Null)
        | (Shape::Boolean, Shape::Boolean)
        | (Shape::Number, Shape::Number | Shape::Integer(..))
        | (Shape::Text(None), Shape::Words(_)) => true,
        (Shape::Integer(low, high), Shape::Integer(from, to)) => low <= from && to <= high,
        (Shape::Text(format), Shape::Text(given)) => {
            format == given || !format.is_some_and(|format| TYPED.contains(&format))
        }
        (Shape::Other(taker), Shape::Other(giver)) => taker == giver,
        _ => false,
    }
}

/// Which way payloads go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From the struct to readers who know the catalog.
    Written,
    /// From writers who know the catalog to the struct.
    Read,
}

/// Compares the catalog's schema with those of what a struct writes and of what it reads.
pub(super) fn differences(catalog: &Value, written: &Value, read: &Value) -> Vec<Difference> {
    let mut found = BTreeSet::new();
    for (way, own) in [(Way::Written, written), (Way::Read, read)] {
        let mut comparison = Comparison { way, visited: BTreeSet::new(), found: &mut found };
        comparison.compare("", Schema::whole(catalog), Schema::whole(own));
    }
    found.into_iter().collect()
}

struct Comparison<'f> {
    way: Way,
    /// The pairs that were compared already: recursive types end here.
    visited: BTreeSet<(usize, usize)>,
    found: &'f mut BTreeSet<Difference>,
}

impl Comparison<'_> {
    fn report(&mut self, at: &str, what: String) {
        self.found.insert(Difference { at: at.to_owned(), what });
    }

    fn compare(&mut self, at: &str, catalog: Schema<'_>, own: Schema<'_>) {
        self.compare_property(at, catalog, own, false);
    }

    /// `left_out` where the struct leaves out a property that would be `null`.
    fn compare_property(&mut self, at: &str, catalog: Schema<'_>, own: Schema<'_>, left_out: bool) {
        let pair = [catalog, own].map(|schema| std::ptr::from_ref(schema.written) as usize);
        if !self.visited.insert((pair[0], pair[1])) {
            return;
        }
        let ((theirs, their_null), (ours, our_null)) = (catalog.shape(), own.shape());
        match self.way {
            Way::Written if our_null && !their_null && !left_out => self.report(
                at,
                "the struct may write `null`, which the catalog does not allow: add `#[serde(skip_serializing_if = \"Option::is_none\")]`".to_owned(),
            ),
            Way::Read if their_null && !our_null => self.report(
                at,
                "the catalog allows `null`, which the struct does not read: make it an `Option`"
                    .to_owned(),
            ),
            _ => {}
        }
        let (taker, giver) = match self.way {
            Way::Written => (&theirs, &ours),
            Way::Read => (&ours, &theirs),
        };
        if takes(taker, giver) {
            return;
        }
        match (&theirs, &ours) {
            // What the struct writes beyond the catalog's bounds is found when it is published.
            (Shape::Integer(..), Shape::Integer(..)) if self.way == Way::Written => {}
            (Shape::Words(theirs), Shape::Words(ours)) => self.words(at, theirs, ours),
            (Shape::List(theirs), Shape::List(ours)) => {
                self.compare(&format!("{at}/*"), *theirs, *ours);
            }
            (Shape::Tuple(theirs), Shape::Tuple(ours)) if theirs.len() == ours.len() => {
                for (place, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                    self.compare(&format!("{at}/{place}"), *theirs, *ours);
                }
            }
            (Shape::Object(theirs), Shape::Object(ours)) => self.objects(at, theirs, ours),
            (Shape::Union(theirs), Shape::Union(ours)) => {
                let [known, own] =
                    [theirs, ours].map(|all| all.keys().map(String::as_str).collect());
                self.words(at, &known, &own);
                for (mark, theirs) in theirs {
                    if let Some(ours) = ours.get(mark) {
                        self.compare(&format!("{at}({mark})"), *theirs, *ours);
                    }
                }
            }
            _ => self.differ(at, &theirs, &ours),
        }
    }

    fn differ(&mut self, at: &str, theirs: &Shape<'_>, ours: &Shape<'_>) {
        self.report(at, format!("the catalog says {theirs}, the struct {ours}"));
    }

    fn words(&mut self, at: &str, theirs: &BTreeSet<&str>, ours: &BTreeSet<&str>) {
        for word in theirs.difference(ours) {
            self.report(at, format!("the catalog has `{word}`, the struct has not"));
        }
        for word in ours.difference(theirs) {
            self.report(at, format!("the struct has `{word}`, the catalog has not"));
        }
    }

    fn objects(&mut self, at: &str, theirs: &Object<'_>, ours: &Object<'_>) {
        for (name, schema) in &theirs.properties {
            let at = format!("{at}/{name}");
            let required = theirs.required.contains(name);
            let Some(own) = ours.properties.get(name) else {
                let need = if required { "requires" } else { "has" };
                let shape = schema.shape().0;
                self.report(&at, format!("the catalog {need} it ({shape}), the struct has not"));
                continue;
            };
            let always = ours.required.contains(name);
            match self.way {
                Way::Written if required && !always => self.report(
                    &at,
                    "the catalog requires it, and the struct may leave it out".to_owned(),
                ),
                Way::Read if !required && always => self.report(
                    &at,
                    "the struct cannot do without it, and the catalog does not require it: make it an `Option`"
                        .to_owned(),
                ),
                _ => {}
            }
            self.compare_property(&at, *schema, *own, !always);
        }
        for (name, schema) in &ours.properties {
            if !theirs.properties.contains_key(name) {
                let shape = schema.shape().0;
                self.report(
                    &format!("{at}/{name}"),
                    format!("the struct has it ({shape}), the catalog has not"),
                );
            }
        }
        if let (Some(theirs), Some(ours)) = (theirs.others, ours.others) {
            self.compare(&format!("{at}/*"), theirs, ours);
        } else if theirs.others.is_some() != ours.others.is_some()
            && (theirs.properties.is_empty() || ours.properties.is_empty())
        {
            self.report(
                at,
                "one of the two is a map, the other an object with named properties".to_owned(),
            );
        }
    }
}
