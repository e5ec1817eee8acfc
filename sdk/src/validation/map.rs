use super::at::{At, Count};
use super::text::Text;

/// An object whose properties are being counted.
#[derive(Clone, Copy, Debug)]
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
#[derive(Clone, Copy, Debug)]
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
