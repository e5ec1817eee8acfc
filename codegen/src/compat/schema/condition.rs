//! Keywords that set conditions: compared as far as can be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::types::Types;
use super::view::View;
use super::walk::Walk;
use crate::compat::rule::Hurts;
use crate::compat::rules;
use crate::model::Places;

/// Keywords whose changes cannot be told apart, those that belong together as one.
const OPAQUE: [&[&str]; 4] = [
    &["if", "then", "else"],
    &["contains"],
    &["$dynamicRef"],
    &["contentMediaType", "contentSchema"],
];

impl<'a> Walk<'a> {
    /// Compares the conditions of two schemas.
    pub(super) fn conditions(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        self.not(before, after, at);
        self.names(before, after, at);
        self.dependent_required(before, after, at);
        self.dependent_schemas(before, after, at);
        for group in OPAQUE {
            let said = |view: &View<'a>| -> BTreeSet<String> {
                let of = |keyword: &&str| {
                    let keyword = *keyword;
                    let values =
                        view.keyword(keyword).map(move |value| format!("{keyword} {value}"));
                    values.collect::<Vec<_>>()
                };
                group.iter().flat_map(of).collect()
            };
            self.opaque(&said(before), &said(after), group[0], at);
        }
        let unresolved =
            |view: &View<'a>| view.unresolved().into_iter().map(str::to_owned).collect();
        self.opaque(&unresolved(before), &unresolved(after), "$ref", at);
    }

    fn opaque(&mut self, old: &BTreeSet<String>, new: &BTreeSet<String>, keyword: &str, at: &str) {
        if old == new {
            return;
        }
        if old.is_subset(new) {
            self.breaks(
                &rules::condition_added::RULE,
                at,
                format!("`{keyword}` is a new condition"),
            );
        } else if new.is_subset(old) {
            let text = format!("the condition of `{keyword}` is gone");
            self.breaks(&rules::condition_lifted::RULE, at, text);
        } else {
            let text = format!("the condition of `{keyword}` is another one");
            self.breaks(&rules::condition_changed::RULE, at, text);
        }
    }

    /// What is forbidden: the other way round.
    fn not(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        let hurts = match (before.inner("not"), after.inner("not")) {
            (None, None) => return,
            (None, Some(_)) => Hurts::HISTORY,
            (Some(_), None) => Hurts::READERS,
            (Some(old), Some(new)) => self.hurts(&old, &new).reversed(),
        };
        let (rule, text) = match (hurts.readers, hurts.history) {
            (false, false) => return,
            (false, true) => (&rules::condition_added::RULE, "`not` forbids more"),
            (true, false) => (&rules::condition_lifted::RULE, "`not` forbids less"),
            (true, true) => (&rules::condition_changed::RULE, "`not` forbids other values"),
        };
        self.breaks(rule, &format!("{at}/not"), text);
    }

    fn names(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        let (old, new) = (before.inner("propertyNames"), after.inner("propertyNames"));
        if old.is_some() || new.is_some() {
            let [old, new] = [old, new]
                .map(|names| names.unwrap_or_else(|| before.any()).limited_to(Types::STRING));
            self.schema(&old, &new, &format!("{at}/propertyNames"));
        }
    }

    fn dependent_required(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        let pairs = |view: &View<'a>| -> BTreeSet<(String, String)> {
            let maps = view.keyword("dependentRequired").chain(view.keyword("dependencies"));
            let entries = maps.filter_map(Value::as_object).flatten();
            let lists = entries.filter_map(|(name, others)| Some((name, others.as_array()?)));
            let pairs = lists.flat_map(|(name, others)| {
                let others = others.iter().filter_map(Value::as_str);
                others.map(move |other| (name.clone(), other.to_owned()))
            });
            pairs.collect()
        };
        let (old, new) = (pairs(before), pairs(after));
        let at = format!("{at}/dependentRequired");
        for (name, other) in new.difference(&old) {
            let text = format!("where `{name}` is present, `{other}` must be too");
            self.breaks(&rules::condition_added::RULE, &Places::pointer(&at, name), text);
        }
        for (name, other) in old.difference(&new) {
            let text = format!("`{name}` may be present without `{other}`");
            self.breaks(&rules::condition_lifted::RULE, &Places::pointer(&at, name), text);
        }
    }

    fn dependent_schemas(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        let (old, new) = (dependent(before), dependent(after));
        let at = format!("{at}/dependentSchemas");
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            let text = format!("the condition of `{name}` is gone");
            self.breaks(&rules::condition_lifted::RULE, &Places::pointer(&at, name), text);
        }
        for (name, schema) in &new {
            let at = Places::pointer(&at, name);
            match old.get(name) {
                Some(held) => self.schema(held, schema, &at),
                None => {
                    let text = format!("where `{name}` is present, more is asked of the rest");
                    self.breaks(&rules::condition_added::RULE, &at, text);
                }
            }
        }
    }
}

/// The schemas that hold where a property is present. Those of `dependencies` that are lists say nothing here.
fn dependent<'a>(view: &View<'a>) -> BTreeMap<&'a str, View<'a>> {
    let named = ["dependentSchemas", "dependencies"].map(|keyword| view.named(keyword));
    named.into_iter().flatten().filter(|(_, schema)| !schema.is_any()).collect()
}
