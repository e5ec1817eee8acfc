use super::bounds::Side;
use super::types::Types;
use super::view::View;
use super::walk::Walk;
use crate::compat::rules;
use crate::model::Places;

impl<'a> Walk<'a> {
    /// Compares what is said about objects.
    pub(super) fn objects(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        self.limit(before, after, "minProperties", Side::Lower, at);
        self.limit(before, after, "maxProperties", Side::Upper, at);
        let object = Object {
            declared: [before.declared(), after.declared()],
            required: [before.required(), after.required()],
            before,
            after,
            at,
        };
        let mut names: Vec<&str> =
            object.declared.iter().chain(&object.required).flatten().copied().collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            self.property(&object, name);
        }
        self.rest(&object);
        self.patterns_of_names(before, after, at);
    }

    fn property(&mut self, object: &Object<'_, 'a>, name: &str) {
        let has = |names: &[Vec<&str>; 2]| [0, 1].map(|side| names[side].contains(&name));
        let ([was_declared, is_declared], [was_required, is_required]) =
            (has(&object.declared), has(&object.required));
        let at = Places::pointer(&format!("{}/properties", object.at), name);
        match (was_declared || was_required, is_declared || is_required) {
            (true, true) => {
                if is_required && !was_required {
                    let text = format!("`{name}` must be present");
                    self.breaks(&rules::property_made_required::RULE, &at, text);
                }
                if was_required && !is_required {
                    let text = format!("`{name}` may be missing");
                    self.breaks(&rules::property_made_optional::RULE, &at, text);
                }
                let (old, new) = (object.before.member(name), object.after.member(name));
                self.schema(&old, &new, &at);
                self.default(&old, &new, name, is_required, &at);
            }
            (true, false) => self.removed(object, name, was_required, &at),
            (false, true) => self.added(object, name, is_required, &at),
            (false, false) => {}
        }
    }

    fn removed(&mut self, object: &Object<'_, 'a>, name: &str, was_required: bool, at: &str) {
        if was_required {
            let text = format!("`{name}` is gone, which was always present");
            self.breaks(&rules::required_property_removed::RULE, at, text);
        } else {
            let text = format!("`{name}` is gone");
            self.breaks(&rules::optional_property_removed::RULE, at, text);
        }
        let (old, new) = (object.before.member(name), object.after.member(name));
        if old.is_never() || !self.hurts(&old, &new).history {
            return;
        }
        if new.is_never() {
            let text =
                format!("`{name}` stands in old events, where no unknown property is allowed");
            self.breaks(&rules::closed_property_removed::RULE, at, text);
        } else {
            let text = format!("`{name}` in old events is not what other properties have to be");
            self.hurting(
                &rules::unnamed_conflict::RULE,
                crate::compat::rule::Hurts::HISTORY,
                at,
                text,
            );
        }
    }

    fn added(&mut self, object: &Object<'_, 'a>, name: &str, is_required: bool, at: &str) {
        if is_required {
            let text = format!("`{name}` is new and must be present");
            self.breaks(&rules::required_property_added::RULE, at, text);
        } else {
            self.note(at, format!("`{name}` is new"));
        }
        let (old, new) = (object.before.member(name), object.after.member(name));
        if old.is_any() || new.is_never() {
            return;
        }
        if old.is_never() {
            let text = format!("`{name}` is new where no unknown property was allowed");
            self.breaks(&rules::closed_property_added::RULE, at, text);
            return;
        }
        let hurts = self.hurts(&old, &new);
        if hurts != crate::compat::rule::Hurts::NOBODY {
            let text = format!("`{name}` is not what unnamed properties had to be");
            self.hurting(&rules::unnamed_conflict::RULE, hurts, at, text);
        }
    }

    /// A default gives a value to what is missing, so it is a part of what events mean.
    fn default(
        &mut self,
        before: &View<'a>,
        after: &View<'a>,
        name: &str,
        is_required: bool,
        at: &str,
    ) {
        match (before.annotation("default"), after.annotation("default")) {
            (Some(old), Some(new)) if old != new => {
                let text = format!("a missing `{name}` meant {old} and means {new}");
                self.breaks(&rules::default_changed::RULE, at, text);
            }
            (Some(_), None) if !is_required => {
                let text = format!("`{name}` has no default any more, so it becomes an `Option`");
                self.breaks(&rules::field_type_changed::RULE, at, text);
            }
            (None, Some(_)) if !is_required => {
                let text = format!("`{name}` has a default, so it is no `Option` any more");
                self.breaks(&rules::field_type_changed::RULE, at, text);
            }
            _ => {}
        }
    }

    /// Compares what holds for properties that are not named.
    fn rest(&mut self, object: &Object<'_, 'a>) {
        let (before, after) = (object.before, object.after);
        // An object without properties of its own is there for whatever is put in.
        let is_free = object.declared[0].is_empty() && before.types() == Types::OBJECT;
        let (old, new) = match (before.rest(), after.rest()) {
            (None, None) => return,
            (Some(old), new) => {
                let any = old.any();
                (old, new.unwrap_or(any))
            }
            (None, Some(new)) if is_free => (new.any(), new),
            (None, Some(_)) => {
                self.note(object.at, "properties that are not named are bounded");
                return;
            }
        };
        let at = format!("{}/additionalProperties", object.at);
        match (old.is_never(), new.is_never()) {
            (false, true) => {
                let text = "properties that are not named are not allowed any more";
                self.breaks(&rules::unnamed_forbidden::RULE, &at, text);
            }
            (true, false) => {
                let text = "properties that are not named are allowed";
                self.breaks(&rules::unnamed_allowed::RULE, &at, text);
            }
            _ => self.schema(&old, &new, &at),
        }
    }

    fn patterns_of_names(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        let (old, new) = (before.named("patternProperties"), after.named("patternProperties"));
        let any = before.any();
        let find =
            |list: &[(&str, View<'a>)], name: &str| list.iter().any(|(other, _)| *other == name);
        for (pattern, schema) in &old {
            if !find(&new, pattern) {
                let rest = after.rest().unwrap_or_else(|| after.any());
                self.pattern(schema, &rest, pattern, at);
            }
        }
        for (pattern, schema) in &new {
            let held = old.iter().find(|(other, _)| other == pattern).map(|(_, schema)| schema);
            match held {
                Some(held) => {
                    let at = Places::pointer(&format!("{at}/patternProperties"), pattern);
                    self.schema(held, schema, &at);
                }
                None => {
                    let rest = before.rest().unwrap_or_else(|| any.clone());
                    self.pattern(&rest, schema, pattern, at);
                }
            }
        }
    }

    /// A pattern of names that came or went: its properties were, or are, like others.
    fn pattern(&mut self, before: &View<'a>, after: &View<'a>, pattern: &str, at: &str) {
        let hurts = self.hurts(before, after);
        let at = Places::pointer(&format!("{at}/patternProperties"), pattern);
        if hurts.history {
            let text = format!("properties named like `{pattern}` are restricted");
            self.breaks(&rules::condition_added::RULE, &at, text);
        }
        if hurts.readers {
            let text = format!("properties named like `{pattern}` may be what they could not be");
            self.breaks(&rules::condition_lifted::RULE, &at, text);
        }
    }
}

/// Two objects that are compared, each pair as before and after.
struct Object<'w, 'a> {
    before: &'w View<'a>,
    after: &'w View<'a>,
    declared: [Vec<&'a str>; 2],
    required: [Vec<&'a str>; 2],
    at: &'w str,
}
