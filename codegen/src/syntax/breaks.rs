//! `breaks`: changes of what was released that are known to hurt somebody.

use super::reader::{Spanned, record};
use super::scalar::{Date, Text};

record! {
    /// A change of what was released that is known to hurt somebody, and made all the same.
    BreakEntry = "an acknowledged break" {
        required {
            /// The compatibility rule that it breaks, by name or code: `property-made-required`.
            rule: Spanned<Text>,
            /// Why it is worth it.
            because: Spanned<Text>,
            /// The last day on which it is only a warning: by then, everybody it hurts has followed.
            until: Spanned<Date>,
        }
        optional {
            /// What it is about, as the message says: a JSON pointer into the payload, or a name. Everything there by default.
            at: Spanned<Text>,
        }
    }
}
