use std::fmt;
use std::ops::Deref;

/// An aggregate as its events have made it, up to one of them.
///
/// ```
/// use tidings::aggregate::Loaded;
///
/// #[derive(Default)]
/// struct Item {
///     stock: u32,
/// }
///
/// fn tell(item: Loaded<Item>) -> Item {
///     if item.is_new() {
///         println!("{} is not known yet", item.id());
///     }
///     println!("{} pieces, after {} events", item.stock, item.version()); // its state, by its fields and methods
///     println!("the last one is number {} of its stream", item.last_sequence());
///     assert_eq!(item.state().stock, item.stock);
///     item.into_state()
/// }
/// # let _ = tell;
/// ```
pub struct Loaded<A> {
    pub(super) id: String,
    pub(super) filter: String,
    pub(super) state: A,
    /// Events so far; copies in other versions count with theirs.
    pub(super) events: u64,
    /// The last message so far.
    pub(super) last: Option<Last>,
    /// How many events there were when it was last written down.
    pub(super) kept: u64,
    /// Whose it is, as its events say.
    pub(super) organization: Option<String>,
}

/// A message of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Last {
    pub(super) sequence: u64,
    pub(super) id: String,
}

impl<A> Loaded<A> {
    pub(super) fn new(id: String, filter: String, state: A) -> Self {
        Self { id, filter, state, events: 0, last: None, kept: 0, organization: None }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its state, which is also what this dereferences to.
    pub fn state(&self) -> &A {
        &self.state
    }

    /// Its state, and nothing else.
    pub fn into_state(self) -> A {
        self.state
    }

    /// How many events it is made of; 0 for one that is not there yet.
    pub fn version(&self) -> u64 {
        self.events
    }

    /// The last one's sequence in the stream, 0 for none: what the next append expects.
    pub fn last_sequence(&self) -> u64 {
        self.last.as_ref().map_or(0, |last| last.sequence)
    }

    /// Whether nothing has happened to it yet.
    pub fn is_new(&self) -> bool {
        self.events == 0
    }
}

impl<A> Deref for Loaded<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.state
    }
}

impl<A: fmt::Debug> fmt::Debug for Loaded<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("id", &self.id)
            .field("version", &self.events)
            .field("last_sequence", &self.last_sequence())
            .field("state", &self.state)
            .finish()
    }
}
