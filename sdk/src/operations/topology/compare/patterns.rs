//! Subjects of streams and filters of consumers: sets, of which more is not wrong.

use serde_json::json;

use super::super::words;
use super::{Class, Difference, Object};
use crate::broker::{Pattern, keep};

/// What is said of the two kinds of patterns.
pub(super) struct Words {
    pub(super) setting: &'static str,
    /// `captures`
    pub(super) does: &'static str,
    /// What happens to what is taken away.
    pub(super) loss: &'static str,
}

pub(super) const SUBJECTS: Words = Words {
    setting: "subjects",
    does: "capture",
    loss: "what is published there would be refused",
};

pub(super) const FILTERS: Words = Words {
    setting: "filters",
    does: "read",
    loss: "what is published there would be passed over",
};

/// What has to be added, and what is too much.
pub(super) fn compare(
    object: &Object,
    actual: &[String],
    wanted: &[String],
    words: &Words,
) -> Vec<Difference> {
    let added = added(actual, wanted);
    let mut all = Vec::new();
    if !same(&added, actual) {
        let new: Vec<&str> = lacking(wanted, actual);
        let text = format!("does not {} {}", words.does, words::list(new));
        let safe = Difference::new(object.clone(), Class::Safe, text);
        all.push(safe.of_setting(words.setting, json!(actual), json!(added)));
    }
    if !same(&added, wanted) {
        let extra: Vec<&str> = lacking(&added, wanted);
        let text =
            format!("also {}s {}, which the catalog does not", words.does, words::list(extra));
        let narrowing = Difference::new(object.clone(), Class::Narrowing, text);
        all.push(
            narrowing
                .of_setting(words.setting, json!(added), json!(wanted))
                .help(format!("without it, {}", words.loss)),
        );
    }
    all
}

/// All that either matches: an instance with an older catalog takes nothing away.
fn added(actual: &[String], wanted: &[String]) -> Vec<String> {
    let parse = |texts: &[String]| -> Vec<Pattern> {
        texts.iter().filter_map(|text| Pattern::parse(text)).collect()
    };
    let all = keep::patterns(&parse(actual), &parse(wanted));
    all.iter().map(|pattern| pattern.as_str().to_owned()).collect()
}

/// Those of `these` that none of `others` covers.
fn lacking<'a>(these: &'a [String], others: &[String]) -> Vec<&'a str> {
    let others: Vec<Pattern> = others.iter().filter_map(|text| Pattern::parse(text)).collect();
    let covered = |text: &str| {
        Pattern::parse(text).is_some_and(|own| others.iter().any(|other| other.covers(&own)))
    };
    these.iter().map(String::as_str).filter(|text| !covered(text)).collect()
}

fn same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().all(|text| other.contains(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_told_from_less() {
        let object = Object::stream("S");
        for (actual, wanted, expected) in [
            (&["a.>"][..], &["a.>"][..], &[][..]),
            (&["a.>"], &["a.>", "b.>"], &[(Class::Safe, "does not capture `b.>`")]),
            (
                &["a.>", "b.>"],
                &["a.>"],
                &[(Class::Narrowing, "also captures `b.>`, which the catalog does not")],
            ),
            (&["a.b"], &["a.>"], &[(Class::Safe, "does not capture `a.>`")]),
            (
                &["a.>"],
                &["a.b"],
                &[(Class::Narrowing, "also captures `a.>`, which the catalog does not")],
            ),
            (
                &["c.>"],
                &["a.b"],
                &[
                    (Class::Safe, "does not capture `a.b`"),
                    (Class::Narrowing, "also captures `c.>`, which the catalog does not"),
                ],
            ),
        ] {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            let (actual, wanted): (Vec<String>, Vec<String>) = (owned(actual), owned(wanted));
            let found = compare(&object, &actual, &wanted, &SUBJECTS);
            let found: Vec<_> = found.iter().map(|one| (one.class, one.text.as_str())).collect();
            assert_eq!(found, expected, "{actual:?} {wanted:?}");
        }
    }
}
