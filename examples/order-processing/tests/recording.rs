//! The picture in README, which `cargo xtask recording` draws, shows what the program says.

use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn the_picture_in_readme_is_of_what_the_program_says() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_order-processing"));
    for variable in ["NATS_URL", "DATABASE_URL", "RUST_LOG", "CLICOLOR_FORCE"] {
        program.env_remove(variable);
    }
    let output = program.output().expect("it runs");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{said}");
    let picture = include_str!("../../../docs/recording.svg");
    let texts =
        picture.lines().filter(|line| line.starts_with("<text") && !line.contains("anchor"));
    let drawn: Vec<String> = texts.map(text).collect();
    let (command, drawn) = drawn.split_first().expect("a command");
    assert_eq!(command, "$ cargo run -p order-processing");
    let gists = |lines: &mut dyn Iterator<Item = &str>| -> BTreeSet<String> {
        lines.filter_map(gist).collect()
    };
    let (said, drawn) = (gists(&mut said.lines()), gists(&mut drawn.iter().map(String::as_str)));
    assert!(said.len() > 30, "{said:?}");
    assert_eq!(said, drawn, "`cargo xtask recording` draws it anew");
}

/// What stands in an element.
fn text(element: &str) -> String {
    let pieces = element.split('<').filter_map(|piece| piece.split_once('>'));
    let text: String = pieces.map(|(_, text)| text).collect();
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A line without what is another in each run: numbers, ids, and how often it was tried. None where it is a matter of luck: of two
/// events that lead to one change, either may be first.
fn gist(line: &str) -> Option<String> {
    let is_id = |word: &str| word.len() > 5 && word.chars().all(|c| c.is_ascii_hexdigit());
    let other = |word: &str| word.chars().any(|c| c.is_ascii_digit()) || is_id(word);
    let words = line.split_whitespace().map(|word| if other(word) { "#" } else { word });
    let gist = words.collect::<Vec<_>>().join(" ");
    let is_luck = gist.is_empty() || gist.contains('→') || gist.contains("comes late");
    (!is_luck).then(|| gist.trim_end_matches(" attempt #").to_owned())
}
