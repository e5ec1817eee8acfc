//! What generated types say about their properties and words.

/// The properties of an object.
#[derive(Debug)]
pub struct Fields {
    /// What the type is called.
    pub(super) name: &'static str,
    /// Their names in JSON.
    pub(super) names: &'static [&'static str],
    /// What holds where they are absent.
    pub(super) presence: &'static [Presence],
    /// The property that tells that it is this object and no other, and what it says.
    pub(super) tag: Option<(&'static str, &'static str)>,
}

/// What holds of a field whose property is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The object is refused.
    Required,
    /// It is `None`, which is not written.
    Optional,
    /// It is empty, which is not written.
    OrEmpty,
    /// It has a default, which is written.
    OrDefault,
}

impl Fields {
    /// As many names as presences.
    pub const fn new(
        name: &'static str,
        names: &'static [&'static str],
        presence: &'static [Presence],
    ) -> Self {
        Self { name, names, presence, tag: None }
    }

    /// What is told from others by what its property says.
    #[must_use]
    pub const fn with_tag(mut self, property: &'static str, word: &'static str) -> Self {
        self.tag = Some((property, word));
        self
    }

    /// The number of a field. Properties mostly come in the order of the fields: it is looked for from `next` on.
    pub(super) fn find(&self, name: &str, next: usize) -> Option<usize> {
        let (before, behind) = self.names.split_at_checked(next).unwrap_or((self.names, &[]));
        let behind = behind.iter().position(|known| *known == name).map(|found| found + next);
        behind.or_else(|| before.iter().position(|known| *known == name))
    }

    /// Names and presences, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, Presence)> + use<> {
        self.names.iter().copied().zip(self.presence.iter().copied())
    }
}

impl Presence {
    /// Whether it is left out where there is nothing to write.
    pub(super) fn may_be_left_out(self) -> bool {
        matches!(self, Self::Optional | Self::OrEmpty)
    }
}

/// Words that stand for something, and what that is called.
#[derive(Debug)]
pub struct Words {
    pub(super) name: &'static str,
    pub(super) words: &'static [&'static str],
}

impl Words {
    /// The words of a type of this name.
    pub const fn new(name: &'static str, words: &'static [&'static str]) -> Self {
        Self { name, words }
    }
}

/// Which fields were there.
#[derive(Debug, Default)]
pub struct Seen {
    first: u64,
    /// Fields behind the 64th; few types have any.
    more: Vec<usize>,
}

impl Seen {
    /// Notes a field; whether it was not noted before.
    pub(super) fn insert(&mut self, number: usize) -> bool {
        if self.has(number) {
            return false;
        }
        match mask(number) {
            Some(mask) => self.first |= mask,
            None => self.more.push(number),
        }
        true
    }

    pub(super) fn has(&self, number: usize) -> bool {
        match mask(number) {
            Some(mask) => self.first & mask != 0,
            None => self.more.contains(&number),
        }
    }

    /// Whether the property of this name was absent.
    pub fn lacks(&self, fields: &Fields, property: &str) -> bool {
        fields.find(property, 0).is_some_and(|number| !self.has(number))
    }
}

fn mask(number: usize) -> Option<u64> {
    1u64.checked_shl(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Fields, Presence, Seen};

    #[test]
    fn fields_are_found_from_anywhere() {
        let fields = Fields::new("T", &["a", "b", "c"], &[Presence::Required; 3]);
        for next in 0..5 {
            assert_eq!(fields.find("a", next), Some(0));
            assert_eq!(fields.find("c", next), Some(2));
            assert_eq!(fields.find("d", next), None);
        }
    }

    #[test]
    fn any_number_of_fields_is_seen_once() {
        let mut seen = Seen::default();
        for number in [0, 63, 64, 65, 1000] {
            assert!(!seen.has(number));
            assert!(seen.insert(number));
            assert!(!seen.insert(number));
        }
        assert!(!seen.has(1) && !seen.has(999));
    }
}
