use serde::Serialize;

use super::Constrained;
use super::at::{At, Count};
use super::unique;

/// A list that is being checked.
#[derive(Debug)]
pub struct Items<'a, T> {
    pub(super) at: At<'a>,
    pub(super) items: &'a [T],
}

impl<T> Items<'_, T> {
    /// `minItems`.
    pub fn min(self, least: usize) -> Self {
        if self.items.len() < least {
            self.report_count("minItems", least);
        }
        self
    }

    /// `maxItems`.
    pub fn max(self, most: usize) -> Self {
        if self.items.len() > most {
            self.report_count("maxItems", most);
        }
        self
    }

    fn report_count(&self, keyword: &'static str, limit: usize) {
        self.at.report(keyword, &limit, &Count(self.items.len(), "item", "items"));
    }

    /// `uniqueItems`.
    pub fn unique(self) -> Self
    where
        T: PartialEq + Serialize,
    {
        if let Some((first, again)) = unique::first_repeated(self.items) {
            let found = format_args!("items {first} and {again} equal");
            self.at.report("uniqueItems", &true, &found);
        }
        self
    }

    /// `items`, of a type with constraints of its own.
    pub fn parts(self)
    where
        T: Constrained,
    {
        let Self { at, items } = self;
        at.indices(items.len(), &|at, index| items[index].check(at));
    }

    /// `items`.
    pub fn each(self, check: impl Fn(At<'_>, &T)) {
        let Self { at, items } = self;
        at.indices(items.len(), &|at, index| check(at, &items[index]));
    }
}

#[cfg(test)]
#[expect(clippy::drop_non_drop, reason = "calls of a chain whose end has no value")]
mod tests {
    use serde_json::json;

    use crate::contract::validation::found;

    #[test]
    fn items_are_counted() {
        let none: [u8; 0] = [];
        assert!(found(|at| drop(at.items(&none).min(0).max(0).unique())).is_empty());
        assert_eq!(
            found(|at| drop(at.items(&none).min(1))),
            ["the payload: found 0 items, where `minItems` is 1"]
        );
        assert_eq!(
            found(|at| drop(at.items(&["a"]).max(0))),
            ["the payload: found 1 item, where `maxItems` is 0"]
        );
    }

    #[test]
    fn equal_items_are_named_by_their_places() {
        let objects = [json!({ "a": 1, "b": 2 }), json!({ "a": 1 }), json!({ "b": 2, "a": 1 })];
        assert_eq!(
            found(|at| drop(at.property("all").items(&objects).unique())),
            ["`/all`: found items 0 and 2 equal, where `uniqueItems` is true"]
        );
        assert_eq!(found(|at| drop(at.items(&[0.0, 1.0, -0.0]).unique())).len(), 1);
        assert!(found(|at| drop(at.items(&[0.1, 0.2]).unique())).is_empty());
    }

    #[test]
    fn each_item_has_its_place() {
        let grid = [vec![1, 2], vec![3, -4]];
        let words = found(|at| {
            at.items(&grid).each(|at, row| {
                at.items(row).each(|at, cell| {
                    at.number(cell).minimum(0_i64);
                });
            });
        });
        assert_eq!(words, ["`/1/1`: found -4, where `minimum` is 0"]);
    }
}
