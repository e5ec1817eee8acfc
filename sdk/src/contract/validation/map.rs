use super::Constrained;
use super::at::{At, Count};
use super::text::Text;

/// An object whose properties are being counted.
#[derive(Debug)]
pub struct Properties<'a> {
    pub(super) at: At<'a>,
    pub(super) present: usize,
}

impl Properties<'_> {
    /// `minProperties`.
    pub fn min(self, least: usize) -> Self {
        if self.present < least {
            self.report("minProperties", least);
        }
        self
    }

    /// `maxProperties`.
    pub fn max(self, most: usize) -> Self {
        if self.present > most {
            self.report("maxProperties", most);
        }
        self
    }

    fn report(&self, keyword: &'static str, limit: usize) {
        self.at.report(keyword, &limit, &Count(self.present, "property", "properties"));
    }
}

/// A map, or the properties of an object that its schema does not name.
#[derive(Debug)]
pub struct Entries<'a, M> {
    pub(super) at: At<'a>,
    pub(super) map: &'a M,
}

impl<'a, M, T: 'a> Entries<'a, M>
where
    &'a M: IntoIterator<Item = (&'a String, &'a T), IntoIter: ExactSizeIterator>,
{
    /// `minProperties`.
    pub fn min(self, least: usize) -> Self {
        self.properties().min(least);
        self
    }

    /// `maxProperties`.
    pub fn max(self, most: usize) -> Self {
        self.properties().max(most);
        self
    }

    fn properties(&self) -> Properties<'a> {
        self.at.properties(self.map.into_iter().len(), &[])
    }

    /// `propertyNames`.
    pub fn names(self, check: impl Fn(Text<'_>)) -> Self {
        for (key, _) in self.map {
            if self.at.is_over() {
                break;
            }
            check(Text::of_name(self.at.key(key), key));
        }
        self
    }

    /// `additionalProperties`, of a type with constraints of its own.
    pub fn parts(self)
    where
        T: Constrained,
    {
        self.each(|at, part| part.check(at));
    }

    /// `additionalProperties`.
    pub fn each(self, check: impl Fn(At<'_>, &T)) {
        for (key, value) in self.map {
            if self.at.is_over() {
                return;
            }
            check(self.at.key(key), value);
        }
    }
}

#[cfg(test)]
#[expect(clippy::drop_non_drop, reason = "calls of a chain whose end has no value")]
mod tests {
    use std::collections::BTreeMap;

    use crate::contract::validation::found;

    fn map(keys: &[&str]) -> BTreeMap<String, i64> {
        keys.iter().map(|key| ((*key).to_owned(), 0)).collect()
    }

    #[test]
    fn entries_are_counted() {
        assert!(found(|at| drop(at.entries(&map(&["a", "b"])).min(2).max(2))).is_empty());
        assert_eq!(
            found(|at| drop(at.entries(&map(&[])).min(1))),
            ["the payload: found 0 properties, where `minProperties` is 1"]
        );
        assert_eq!(
            found(|at| drop(at.properties(1, &[true, false]).max(1))),
            ["the payload: found 2 properties, where `maxProperties` is 1"]
        );
    }

    #[test]
    fn names_and_values_are_told_apart() {
        let words = found(|at| {
            at.entries(&map(&["a/b", "c"]))
                .names(|name| drop(name.max_length(2)))
                .each(|at, value| drop(at.number(value).minimum(1)));
        });
        assert_eq!(
            words,
            [
                "`/a~1b`: found 3 characters, where `propertyNames` is `maxLength` 2",
                "`/a~1b`: found 0, where `minimum` is 1",
                "`/c`: found 0, where `minimum` is 1",
            ]
        );
        assert_eq!(
            found(|at| drop(at.entries(&map(&["c"])).names(|name| drop(name.one_of(&["a", "b"]))))),
            ["`/c`: found \"c\", where `propertyNames` is `enum` \"a\", \"b\""]
        );
    }

    #[test]
    fn the_keys_of_personal_data_are_not_told() {
        let people = BTreeMap::from([("ada@example.com".to_owned(), vec![1_i64])]);
        let words = found(|at| {
            at.property("people")
                .personal()
                .entries(&people)
                .names(|name| drop(name.one_of(&[])))
                .each(|at, numbers| {
                    at.items(numbers).each(|at, number| drop(at.number(number).minimum(2)));
                });
        });
        assert_eq!(words.len(), 2);
        assert!(words.iter().all(|words| !words.contains("ada")), "{words:?}");
        assert!(words[1].starts_with("`/people/*/0`: found personal data"), "{words:?}");
        // The keys of what holds personal data are none.
        let words = found(|at| {
            at.entries(&people).each(|at, numbers| drop(at.personal().items(numbers).min(2)));
        });
        assert_eq!(words, ["`/ada@example.com`: found 1 item, where `minItems` is 2"]);
    }
}
