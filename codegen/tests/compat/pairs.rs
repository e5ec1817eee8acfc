//! Pairs of schemas with the verdict that a practitioner would give, checked by values.

use jsonschema::Validator;
use serde_json::Value;
use tidings_codegen::compat::{Hurts, Part, payloads};
use tidings_codegen::fixture;

use crate::sample::Samples;

const PAIRS: &str = include_str!("pairs.txt");

/// Values that are tried for each direction of a pair.
const TRIES: usize = 400;

struct Pair {
    line: &'static str,
    hurts: Hurts,
    /// Whether no value shows whom it hurts.
    is_meaning: bool,
    before: Value,
    after: Value,
}

fn pairs() -> impl Iterator<Item = Pair> {
    PAIRS.lines().filter(|line| line.contains(" => ")).filter(|line| !line.starts_with("#")).map(
        |line| {
            let (verdict, pair) = line.split_once(' ').expect("a verdict");
            let (before, after) = pair.split_once(" => ").expect("two schemas");
            let hurts = match verdict.trim_end_matches('?') {
                "nobody" => Hurts::NOBODY,
                "readers" => Hurts::READERS,
                "history" => Hurts::HISTORY,
                "both" => Hurts::BOTH,
                other => panic!("`{other}` is no verdict"),
            };
            let (before, after) = (fixture::schema(before), fixture::schema(after));
            Pair { line, hurts, is_meaning: verdict.ends_with('?'), before, after }
        },
    )
}

#[test]
fn pairs_get_the_verdict_of_a_practitioner() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for Pair { line, hurts, before, after, .. } in pairs() {
        count += 1;
        let found = payloads(&Part::Catalog, &before, &after);
        let verdict = found.iter().fold(Hurts::NOBODY, |all, one| all.or(one.hurts));
        if verdict != hurts {
            let found: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
            wrong.push(format!("{line}\n    hurts {verdict}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 120, "{count} pairs");
}

/// Values that one side writes and the other one refuses: there is none where the law says so, and mostly one where it does
/// not.
#[test]
fn values_bear_the_verdicts_out() {
    let mut wrong = Vec::new();
    let (mut claimed, mut shown) = (0, 0);
    for Pair { line, hurts, is_meaning, before, after } in pairs() {
        let mut samples = Samples::new(&before, &after);
        for (writer, reader, is_hurt, name) in [
            (&before, &after, hurts.history, "history"),
            (&after, &before, hurts.readers, "readers"),
        ] {
            let refused = refused(&mut samples, writer, reader);
            match (is_hurt, refused) {
                (false, Some(value)) => {
                    wrong.push(format!("{line}\n    {name}: {value} is refused"));
                }
                (true, refused) if !is_meaning => {
                    claimed += 1;
                    shown += usize::from(refused.is_some());
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{shown} of {claimed} claims are shown by a value");
    assert!(shown * 100 >= claimed * 95, "{shown} of {claimed} claims are shown by a value");
}

/// A value that the writer's schema allows and the reader's does not.
fn refused(samples: &mut Samples, writer: &Value, reader: &Value) -> Option<Value> {
    let [writer_check, reader_check] = [writer, reader].map(validator);
    let mut values = (0..TRIES).map(|_| samples.value(writer));
    values.find(|value| writer_check.is_valid(value) && !reader_check.is_valid(value))
}

fn validator(schema: &Value) -> Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(schema).unwrap_or_else(|error| panic!("{schema}: {error}"))
}
