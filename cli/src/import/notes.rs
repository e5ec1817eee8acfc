use tidings_codegen::source::Span;

/// Something that is not as it was in the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Note {
    /// Where it stands in the document.
    pub(crate) place: Option<Span>,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// It has another shape now.
    Changed,
    /// It is gone.
    Dropped,
}

/// What is not as it was, collected.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Note>);

impl Notes {
    pub(super) fn changed(&mut self, place: impl Into<Option<Span>>, text: impl Into<String>) {
        self.add(Kind::Changed, place.into(), text.into());
    }

    pub(super) fn dropped(&mut self, place: impl Into<Option<Span>>, text: impl Into<String>) {
        self.add(Kind::Dropped, place.into(), text.into());
    }

    /// How many there are, to [go back](Self::back_to) to.
    pub(super) fn mark(&self) -> usize {
        self.0.len()
    }

    /// Forgets what was noted since, because nothing came of it.
    pub(super) fn back_to(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    fn add(&mut self, kind: Kind, place: Option<Span>, text: String) {
        let note = Note { place, kind, text };
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// In the order of the document.
    pub(super) fn sorted(mut self) -> Vec<Note> {
        self.0.sort();
        self.0
    }
}
