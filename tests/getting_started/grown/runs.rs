//! The service of the guide's fourth step is the one that is compiled here, and says what is shown.
#![cfg(unix)]

#[path = "../followed.rs"]
mod followed;

use followed::{of, said, shown_below_run};

#[test]
fn its_parts_are_shown_and_it_says_what_is_shown() {
    let service = include_str!("src/main.rs");
    let unindented: Vec<&str> = service.lines().map(str::trim_start).collect();
    let parts = of("rust").split_off(1);
    assert_eq!(parts.len(), 3, "{parts:?}");
    for part in parts {
        let lines: Vec<&str> = part.lines().map(str::trim_start).collect();
        let is_there = unindented.windows(lines.len()).any(|place| place == lines);
        assert!(is_there, "not in the service:\n{part}");
    }

    let mut shown = shown_below_run(1);
    let mut said = said(env!("CARGO_BIN_EXE_getting-started-grown"), shown.len());
    // Two events are handled at once, and either may be first.
    shown.sort();
    said.sort();
    assert_eq!(said, shown);
}
