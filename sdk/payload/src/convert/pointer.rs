//! JSON pointers with `*`.

/// The segment that stands for each item of a list and each value of a map.
pub const EACH: &str = "*";

/// A place in a payload, segment by segment.
pub(crate) struct Place(Vec<String>);

impl Place {
    pub(crate) fn parse(pointer: &str) -> Self {
        Self(segments(pointer).collect())
    }

    pub(crate) fn segments(&self) -> &[String] {
        &self.0
    }

    /// What leads to the last `*`, and what leads on from there.
    pub(crate) fn split(&self) -> (&[String], &[String]) {
        let last = self.0.iter().rposition(|segment| segment == EACH);
        self.0.split_at(last.map_or(0, |last| last + 1))
    }
}

/// The segments of a JSON pointer, unescaped: `/a~1b/c` has `a/b` and `c`.
pub fn segments(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}
