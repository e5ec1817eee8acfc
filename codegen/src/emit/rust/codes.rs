//! The codes of what cannot be written as Rust, though every check has let it through.

use crate::codes::{Code, Fixtures, Level};

/// Both of them.
pub(crate) const ALL: [&Code; 2] = [NO_RUST_TYPE, NO_RUST_CODE];

pub(super) const NO_RUST_TYPE: &Code = &Code {
    id: "T298",
    name: "no-rust-type",
    level: Level::Error,
    configurable: false,
    explanation: "The schema passed every check, and yet no Rust type could be made of it. It is a gap in the checks: \
                  please report it. Until it is mended, write the schema in a simpler way.",
    fixtures: Fixtures::Unknown,
};

pub(super) const NO_RUST_CODE: &Code = &Code {
    id: "T299",
    name: "no-rust-code",
    level: Level::Error,
    configurable: false,
    explanation: "The catalog passed every check, and yet the code made of it is not Rust; most likely a name in it is \
                  not one in Rust. It is a gap in the checks: please report it. Until it is mended, choose another name.",
    fixtures: Fixtures::Unknown,
};
