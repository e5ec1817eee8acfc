use serde::Serialize;

use super::at::{At, Count};
use super::unique;

/// A list that is being checked.
#[derive(Clone, Copy, Debug)]
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

    /// `items`.
    pub fn each(self, check: impl Fn(At<'_>, &T)) {
        for (index, item) in self.items.iter().enumerate() {
            if self.at.is_over() {
                return;
            }
            check(self.at.index(index), item);
        }
    }
}
